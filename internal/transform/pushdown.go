package transform

import (
	"strings"

	"github.com/streamctl/streamctl/internal/sql/expr"
)

// pushedFilters returns the conjuncts of the filter next to a source that its reader checks while it parses: those that compare plain
// columns with constants. corrupt names the column of malformed records. (Spark: DataSourceStrategy.translateFilter.)
func (q *Query) pushedFilters(f *filter, corrupt string) []*expr.Expr {
	var pushed []*expr.Expr
	for _, c := range conjuncts(f.cond) {
		if some, _ := q.readsPartitions(c); some || !c.Deterministic() || readsColumn(c, corrupt) {
			continue
		}
		if pushable(c) || isInfixLike(c) {
			pushed = append(pushed, c)
		}
	}
	return pushed
}

// fileFilters returns the conjuncts that can be decided for whole files: those on partition columns alone. Files that they reject
// are not opened. (Spark: FileSourceStrategy, partitionKeyFilters.)
func (q *Query) fileFilters(f *filter) []*expr.Expr {
	var out []*expr.Expr
	for _, c := range conjuncts(f.cond) {
		if _, only := q.readsPartitions(c); only && c.Deterministic() && !readsClock(c) {
			out = append(out, c)
		}
	}
	return out
}

// readsPartitions reports whether e reads some partition column, and whether it reads nothing else.
func (q *Query) readsPartitions(e *expr.Expr) (some, only bool) {
	only = true
	expr.Walk(e, func(x *expr.Expr) bool {
		if x.Kind == expr.Column {
			some = some || q.partitions[x.ID]
			only = only && q.partitions[x.ID]
		}
		return true
	})
	return some, some && only
}

// readsClock reports a call of a function without arguments, such as now(): its value belongs to a batch, which is not known
// where files are selected.
func readsClock(e *expr.Expr) bool {
	found := false
	expr.Walk(e, func(x *expr.Expr) bool {
		found = found || x.Kind == expr.Call && len(x.Args) == 0
		return true
	})
	return found
}

func readsColumn(e *expr.Expr, name string) bool {
	found := false
	expr.Walk(e, func(x *expr.Expr) bool {
		found = found || x.Kind == expr.Column && x.Name == name
		return true
	})
	return found
}

// pushable reports a condition made only of comparisons of plain columns with constants.
func pushable(e *expr.Expr) bool {
	if e.Kind == expr.Literal {
		return true
	}
	if e.Kind != expr.Call {
		return false
	}
	switch e.Fn.Name {
	case "and", "or":
		return pushable(e.Args[0]) && pushable(e.Args[1])
	case "not":
		return pushable(e.Args[0])
	case "isnull", "isnotnull":
		return e.Args[0].Kind == expr.Column
	case "=", "<=>", "<", "<=", ">", ">=":
		return columnAndConstants(e.Args) || columnAndConstants([]*expr.Expr{e.Args[1], e.Args[0]})
	case "in", "startswith", "endswith", "contains":
		return columnAndConstants(e.Args)
	case "like":
		return columnAndConstants(e.Args) && isPlainLike(e)
	}
	return false
}

// columnAndConstants reports a column followed by literals.
func columnAndConstants(args []*expr.Expr) bool {
	if args[0].Kind != expr.Column {
		return false
	}
	for _, a := range args[1:] {
		if a.Kind != expr.Literal {
			return false
		}
	}
	return true
}

// isPlainLike reports a pattern that asks for equality, a beginning, an end or a part ('x', 'x%', '%x', '%x%').
func isPlainLike(e *expr.Expr) bool {
	p, ok := likePattern(e)
	return ok && strings.Trim(p, "%") != "" && !strings.Contains(strings.TrimSuffix(strings.TrimPrefix(p, "%"), "%"), "%")
}

// isInfixLike reports a pattern that fixes both ends ('x%y').
func isInfixLike(e *expr.Expr) bool {
	if !e.Is("like") || !columnAndConstants(e.Args) {
		return false
	}
	p, ok := likePattern(e)
	return ok && strings.Count(p, "%") == 1 && !strings.HasPrefix(p, "%") && !strings.HasSuffix(p, "%")
}

// likePattern is the constant pattern of a LIKE that uses no wildcard but %.
func likePattern(e *expr.Expr) (string, bool) {
	if e.Args[1].IsNullLit() {
		return "", false
	}
	p := string(e.Args[1].Value.Bytes(0))
	return p, !strings.ContainsAny(p, `\_`)
}

// rejectsNull adds to cols the columns that cannot be NULL when e is true: those below strict calls and casts.
func rejectsNull(e *expr.Expr, cols []*expr.Expr) []*expr.Expr {
	switch {
	case e.Kind == expr.Column:
		return append(cols, e)
	case isStrict(e):
		for _, a := range e.Args {
			cols = rejectsNull(a, cols)
		}
	}
	return cols
}

// isStrict reports an expression that is NULL if one of its operands is. (Spark: NullIntolerant.)
func isStrict(e *expr.Expr) bool {
	switch e.Kind {
	case expr.Cast:
		return !e.Try
	case expr.Field:
		return true
	case expr.Call:
		return e.Fn.Operands.Lazy == expr.Strict && e.Fn.Operands.Nulls == expr.NullsPropagate && !e.Fn.Nondeterministic && !e.Fn.HigherOrder
	}
	return false
}
