package transform

import (
	"errors"
	"slices"
	"strings"

	"github.com/streamctl/streamctl/internal/operator"
	"github.com/streamctl/streamctl/internal/sql/expr"
	"github.com/streamctl/streamctl/internal/sql/function"
)

// Physical nodes over static tables.
type (
	// broadcast is a table in which joins look rows up by keys. It is a stage, or several, that run before those of the streams. (Spark:
	// BroadcastExchangeExec.)
	broadcast struct {
		in   node
		keys []*expr.Expr
	}
	// lookup joins the rows of its input with those of a table. (Spark: BroadcastHashJoinExec, BroadcastNestedLoopJoinExec.)
	lookup struct {
		in       node
		table    *broadcast
		kind     operator.JoinKind
		keys     []*expr.Expr
		nullSafe []bool
		cond     *expr.Expr
		turned   bool       // the table is the left side of the join
		aware    bool       // the join is null-aware
		exists   *expr.Expr // Existence: the column that says whether a row has a match
	}
	// tableRows is the rows of a table next to those of a stream, in each batch.
	tableRows struct{ table *broadcast }
	// final adds the groups of all partitions of a table, without state.
	final struct{ *merged }
)

func (b *broadcast) output() []*expr.Expr { return b.in.output() }
func (b *broadcast) inputs() []node       { return []node{b.in} }
func (b *broadcast) withInputs(in []node) node {
	return &broadcast{in[0], b.keys}
}
func (b *broadcast) expressions() []*expr.Expr              { return b.keys }
func (b *broadcast) withExpressions(keys []*expr.Expr) node { return &broadcast{b.in, keys} }
func (b *broadcast) describe() string                       { return "BroadcastExchange [" + sqlTexts(b.keys) + "]" }

func (l *lookup) output() []*expr.Expr {
	in := l.in.output()
	switch l.kind {
	case operator.LeftSemi, operator.LeftAnti:
		return in
	case operator.Existence:
		return append(in[:len(in):len(in)], l.exists)
	case operator.LeftOuter, operator.LeftSingle:
		return append(in[:len(in):len(in)], nullable(l.table.output())...)
	}
	return append(in[:len(in):len(in)], l.table.output()...)
}
func (l *lookup) inputs() []node { return []node{l.in, l.table} }
func (l *lookup) withInputs(in []node) node {
	c := *l
	c.in, c.table = in[0], in[1].(*broadcast)
	return &c
}
func (l *lookup) expressions() []*expr.Expr {
	list := slices.Clone(l.keys)
	if l.cond != nil {
		list = append(list, l.cond)
	}
	return list
}
func (l *lookup) withExpressions(list []*expr.Expr) node {
	c := *l
	n := len(l.keys)
	c.keys = list[:n:n]
	if l.cond != nil {
		c.cond = list[n]
	}
	return &c
}
func (l *lookup) describe() string {
	kind := l.kind.String()
	if l.aware {
		kind += " null-aware"
	}
	text := "BroadcastHashJoin " + kind + " [" + sqlTexts(l.keys) + "]"
	if len(l.keys) == 0 {
		text = "BroadcastNestedLoopJoin " + l.kind.String()
	}
	if l.cond != nil {
		text += ", " + l.cond.SQL()
	}
	return text
}

func (t *tableRows) output() []*expr.Expr              { return t.table.output() }
func (t *tableRows) inputs() []node                    { return []node{t.table} }
func (t *tableRows) withInputs(in []node) node         { return &tableRows{in[0].(*broadcast)} }
func (t *tableRows) expressions() []*expr.Expr         { return nil }
func (t *tableRows) withExpressions([]*expr.Expr) node { return t }
func (t *tableRows) describe() string                  { return "BroadcastRows" }

// spec describes the operator.
func (l *lookup) spec(p *Plan) operator.Lookup {
	return operator.Lookup{Kind: l.kind, Broadcast: p.tables[l.table], Keys: l.keys, NullSafe: l.nullSafe, NullAware: l.aware, Condition: l.cond}
}

func (f *final) withInputs(in []node) node { return &final{f.merged.withInputs(in).(*merged)} }
func (f *final) describe() string {
	return "Aggregate [" + names(columnsOf(f.keys)) + "] [" + texts(f.calls) + "]"
}

// joined returns the physical node of a join. The rows of a stream are looked up in a table, wherever it was written.
func (q *Query) joined(j *join) (node, error) {
	left, right := streams(j.left), streams(j.right)
	switch {
	case left && right:
		return q.symmetric(j)
	case right || !left && j.kind == operator.RightOuter:
		return turned(j), nil
	}
	return newLookup(j), nil
}

// turned looks the rows of the right side up in the left one.
func turned(j *join) node {
	kind := j.kind
	if kind == operator.RightOuter {
		kind = operator.LeftOuter
	}
	l := newLookup(&join{left: j.right, right: j.left, kind: kind, cond: j.cond})
	l.turned = true
	return &project{l, j.output()}
}

func newLookup(j *join) *lookup {
	e, aware := nullAware(j)
	if !aware {
		e = equalitiesOf(j)
	}
	return &lookup{
		in: j.left, kind: j.kind, table: &broadcast{j.right, e.right}, keys: e.left, nullSafe: e.nullSafe, aware: aware, cond: conjunction(e.others), exists: j.exists,
	}
}

// equalities are the conjuncts of a join's condition that compare an expression over each side, and the others. (Spark:
// ExtractEquiJoinKeys.)
type equalities struct {
	left, right []*expr.Expr
	nullSafe    []bool
	others      []*expr.Expr
}

// nullAware returns the equality of a join for x NOT IN (SELECT …): x = y OR (x = y) IS NULL. (Spark: ExtractSingleColumnNullAwareAntiJoin.)
func nullAware(j *join) (e equalities, ok bool) {
	if j.kind != operator.LeftAnti || j.cond == nil || !j.cond.Is("or") || !j.cond.Args[1].Is("isnull") {
		return e, false
	}
	equal := j.cond.Args[0]
	l, r, ok := equated(equal, j.left.output(), j.right.output())
	if !ok || !equal.Is("=") || !expr.Equal(equal, j.cond.Args[1].Args[0]) {
		return e, false
	}
	return equalities{left: []*expr.Expr{l}, right: []*expr.Expr{r}, nullSafe: []bool{false}}, true
}

func equalitiesOf(j *join) (e equalities) {
	if j.cond == nil {
		return e
	}
	left, right := j.left.output(), j.right.output()
	for _, c := range conjuncts(j.cond) {
		l, r, ok := equated(c, left, right)
		if !ok {
			e.others = append(e.others, c)
			continue
		}
		e.left, e.right, e.nullSafe = append(e.left, l), append(e.right, r), append(e.nullSafe, c.Is("<=>"))
	}
	return e
}

// united puts an exchange between a union and each input that has one, since the tasks of the inputs differ. A table next to streams is
// computed before them.
func (q *Query) united(u *union) node {
	stream := streams(u)
	return overInputs(u, func(in node) node {
		switch {
		case stream && !streams(in):
			return &tableRows{&broadcast{in: in}}
		case hasExchange(in):
			return q.exchange(in, nil)
		}
		return in
	})
}

func hasExchange(n node) (found bool) {
	walk(n, func(n node) {
		_, ok := n.(*repartition)
		found = found || ok
	})
	return found
}

// firstOf keeps the first row for each combination of values of the keys of a table. (Spark: ReplaceDeduplicateWithAggregate.)
func (q *Query) firstOf(d *dedup) (node, error) {
	first, ok := function.Lookup("first")
	if !ok {
		return nil, errors.New("no function first")
	}
	cols := d.in.output()
	var keys, calls []*expr.Expr
	for _, c := range cols {
		if position(d.keys, c) >= 0 {
			keys = append(keys, c)
			continue
		}
		call := &expr.Expr{Kind: expr.Call, Fn: first, Args: []*expr.Expr{c}, Type: c.Type, Nullable: c.Nullable}
		if first.Resolve != nil {
			if err := first.Resolve(call); err != nil {
				return nil, err
			}
		}
		calls = append(calls, &expr.Expr{Kind: expr.Alias, Args: []*expr.Expr{call}, Name: c.Name, ID: c.ID, Type: c.Type, Nullable: c.Nullable})
	}
	n, err := q.split(newAggregate(d.in, keys, calls))
	return &project{n, cols}, err
}

// sqlTexts renders expressions.
func sqlTexts(list []*expr.Expr) string {
	out := make([]string, len(list))
	for i, e := range list {
		out[i] = e.SQL()
	}
	return strings.Join(out, ", ")
}
