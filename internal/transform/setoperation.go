package transform

import (
	"errors"

	"github.com/streamctl/streamctl/internal/operator"
	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/sql/analyze"
	"github.com/streamctl/streamctl/internal/sql/ast"
	"github.com/streamctl/streamctl/internal/sql/coerce"
	"github.com/streamctl/streamctl/internal/sql/expr"
	"github.com/streamctl/streamctl/internal/sql/parse"
	"github.com/streamctl/streamctl/internal/types"
)

// except yields the distinct rows of left that right does not have; if all is true, each as often as left has it more often than right.
// (Spark: Except.)
type except struct {
	left, right node
	all         bool
}

func (e *except) output() []*expr.Expr              { return e.left.output() }
func (e *except) inputs() []node                    { return []node{e.left, e.right} }
func (e *except) withInputs(in []node) node         { return &except{in[0], in[1], e.all} }
func (e *except) expressions() []*expr.Expr         { return nil }
func (e *except) withExpressions([]*expr.Expr) node { return e }
func (e *except) describe() string {
	if e.all {
		return "Except All"
	}
	return "Except"
}

// compared adds INTERSECT or EXCEPT of the two inputs of u, where NULL equals NULL. (Spark: ReplaceIntersectWithSemiJoin,
// ReplaceExceptWithAntiJoin.)
func (s *statement) compared(u *union, r *ast.SetOperation) error {
	s.plan = u.in[0]
	if err := s.distinguishable(s.plan.output(), r.Pos()); err != nil {
		return err
	}
	if r.Op == "EXCEPT" {
		s.plan = &except{u.in[0], u.in[1], r.All}
		return nil
	}
	s.plan = &join{left: u.in[0], right: u.in[1], kind: operator.LeftSemi, cond: sameRows(u.in[0], u.in[1])}
	return s.unique(r.Pos())
}

// distinguishable refuses columns of rows that are to differ: maps and variants are not equal to anything. (Spark:
// CheckAnalysis.mapColumnInSetOperation, variantColumnInSetOperation.)
func distinguishable(cols []*expr.Expr) *sparkerr.Error {
	for _, refused := range []struct {
		kind      types.Kind
		condition string
	}{
		{types.KindMap, "UNSUPPORTED_FEATURE.SET_OPERATION_ON_MAP_TYPE"},
		{types.KindVariant, "UNSUPPORTED_FEATURE.SET_OPERATION_ON_VARIANT_TYPE"},
	} {
		for _, c := range cols {
			if c.Type.Has(refused.kind) {
				return sparkerr.New(refused.condition, "colName", types.Quote(c.Name), "dataType", `"`+c.Type.SQL()+`"`)
			}
		}
	}
	return nil
}

// distinguishable is the same, with the error at a place of the statement.
func (s *statement) distinguishable(cols []*expr.Expr, at ast.Span) error {
	if err := distinguishable(cols); err != nil {
		return s.refuse(at, err)
	}
	return nil
}

// sameRows is the condition that rows are equal.
func sameRows(left, right node) *expr.Expr {
	var conds []*expr.Expr
	others := right.output()
	for i, c := range left.output() {
		conds = append(conds, call("<=>", c, others[i]))
	}
	return conjunction(conds)
}

// replaceExcept makes joins and aggregations of EXCEPT. In append mode, Spark refuses the aggregation that this is when it plans the first batch.
func replaceExcept(root node, mode string) (node, error) {
	var errs []error
	root = rewrite(root, func(n node) node {
		e, ok := n.(*except)
		if !ok {
			return n
		}
		replace := (*except).distinct
		if e.all {
			replace = (*except).counted
		}
		a, out, err := replace(e)
		if err == nil && streams(e.left) && a.time.column == nil && mode == operator.Append {
			err = sparkerr.New("UNSUPPORTED_STREAMING_OPERATOR_WITHOUT_WATERMARK", "outputMode", "Append",
				"statefulOperator", "aggregations on streaming DataFrames/DataSets").WithHint("%s", e.hint())
		}
		if err != nil {
			errs = append(errs, err)
			return n
		}
		return out
	})
	return root, errors.Join(errs...)
}

// hint says what does without an aggregation of all rows.
func (e *except) hint() string {
	if e.all {
		return "EXCEPT ALL counts all rows of the stream, and takes off those of the table in every batch; WHERE … NOT IN (SELECT …), or LEFT ANTI JOIN, " +
			"drops those that the table has"
	}
	return "EXCEPT keeps all rows of the stream, to return each once; WHERE … NOT IN (SELECT …), or LEFT ANTI JOIN, only drops those that the table has"
}

// distinct returns the aggregation of an anti join. (Spark: ReplaceExceptWithAntiJoin, ReplaceDistinctWithAggregate.)
func (e *except) distinct() (*aggregation, node, error) {
	a := newAggregate(&join{left: e.left, right: e.right, kind: operator.LeftAnti, cond: sameRows(e.left, e.right)}, e.output(), nil)
	return a, a, nil
}

// counted returns the groups of equal rows of both sides, those of the right one counted as -1, and what comes out of them: each as often
// as its sum says. The rows of a table next to a stream count in each batch. (Spark: RewriteExceptAll.)
func (e *except) counted() (*aggregation, node, error) {
	times := &expr.Expr{Kind: expr.Column, ID: expr.NewID(), Name: "vcol", Type: types.Long}
	u := &union{}
	for i, in := range e.inputs() {
		sign := coerce.Cast(expr.Int([]int32{1, -1}[i]), types.Long)
		u.in = append(u.in, &project{in, append([]*expr.Expr{alias(sign, times.Name)}, in.output()...)})
	}
	u.cols = []*expr.Expr{times}
	right := e.right.output()
	for i, c := range e.output() {
		u.cols = append(u.cols, &expr.Expr{Kind: expr.Column, ID: expr.NewID(), Name: c.Name, Type: c.Type, Nullable: c.Nullable || right[i].Nullable})
	}
	sum, err := resolved("sum", times)
	if err != nil {
		return nil, nil, err
	}
	a := newAggregate(u, u.cols[1:], []*expr.Expr{alias(sum, "sum")})
	count := columnOf(a.calls[0])
	repeated, err := resolved("array_repeat", expr.Bool(true), coerce.Cast(count, types.Int))
	if err != nil {
		return nil, nil, err
	}
	explode, err := resolved("explode", repeated)
	if err != nil {
		return nil, nil, err
	}
	some := &filter{a, call(">", count, coerce.Cast(expr.Int(0), types.Long))}
	row := &expr.Expr{Kind: expr.Column, ID: expr.NewID(), Name: "row", Type: types.Boolean}
	out := &project{in: &generate{some, explode, []*expr.Expr{row}}}
	for i, c := range e.output() {
		out.list = append(out.list, &expr.Expr{Kind: expr.Alias, Args: []*expr.Expr{u.cols[i+1]}, Name: c.Name, ID: c.ID, Type: c.Type, Nullable: c.Nullable})
	}
	return a, out, nil
}

// resolved is a call of a function whose type depends on its arguments.
func resolved(name string, args ...*expr.Expr) (*expr.Expr, error) {
	e := call(name, args...)
	return e, e.Fn.Resolve(e)
}

// intersectAll adds INTERSECT ALL of the two inputs of u: equal rows of both are counted, and come out as often as they have to.
// (Spark: RewriteIntersectAll.)
func (s *statement) intersectAll(u *union, r *ast.SetOperation) error {
	cols := u.cols
	if err := s.distinguishable(s.plan.output(), r.Pos()); err != nil {
		return err
	}
	side := &expr.Expr{Kind: expr.Column, ID: expr.NewID(), Name: "side()", Type: types.Int}
	in := make([]node, len(u.in))
	for i, n := range u.in {
		in[i] = &project{n, append(n.output(), alias(expr.Int(int32(i+1)), side.Name))}
	}
	s.plan = &union{in, append(cols[:len(cols):len(cols)], side)}
	count, err := s.builtIn("explode(array_repeat(true, cast(least(count_if(`side()` = 1), count_if(`side()` = 2)) AS INT)))", cols)
	if err != nil {
		return err
	}
	s.generate(count, nil)
	s.plan = &project{s.plan, cols}
	return nil
}

// builtIn groups the rows by columns, and analyses an expression over the groups.
func (s *statement) builtIn(text string, cols []*expr.Expr) (*expr.Expr, error) {
	tree, perr := parse.Expression(text)
	if perr != nil {
		return nil, perr
	}
	g, err := analyze.GroupBy(cols, []ast.Expr{tree}, s.builder.scope(), []*expr.Origin{{Text: text, Place: s.origin.Place}})
	if err != nil {
		return nil, err
	}
	s.plan = newAggregate(s.plan, g.Keys, g.Calls)
	return unalias(g.Output[0]), nil
}
