package transform

import (
	"github.com/streamctl/streamctl/internal/operator"
	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/sql/analyze"
	"github.com/streamctl/streamctl/internal/sql/ast"
	"github.com/streamctl/streamctl/internal/sql/expr"
	"github.com/streamctl/streamctl/internal/sql/parse"
	"github.com/streamctl/streamctl/internal/types"
)

// except yields the distinct rows of left that right does not have. (Spark: Except.)
type except struct{ left, right node }

func (e *except) output() []*expr.Expr              { return e.left.output() }
func (e *except) inputs() []node                    { return []node{e.left, e.right} }
func (e *except) withInputs(in []node) node         { return &except{in[0], in[1]} }
func (e *except) expressions() []*expr.Expr         { return nil }
func (e *except) withExpressions([]*expr.Expr) node { return e }
func (e *except) describe() string                  { return "Except" }

// compared adds INTERSECT or EXCEPT of the two inputs of u, where NULL equals NULL. (Spark: ReplaceIntersectWithSemiJoin,
// ReplaceExceptWithAntiJoin.)
func (s *statement) compared(u *union, r *ast.SetOperation) error {
	s.plan = u.in[0]
	if err := s.distinguishable(s.plan.output(), r.Pos()); err != nil {
		return err
	}
	if r.Op == "EXCEPT" {
		s.plan = &except{u.in[0], u.in[1]}
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

// replaceExcept makes anti joins of EXCEPT. In append mode, Spark refuses the aggregation that this is when it plans the first batch.
func replaceExcept(root node, mode string) (node, error) {
	var err error
	root = rewrite(root, func(n node) node {
		e, ok := n.(*except)
		if !ok {
			return n
		}
		a := newAggregate(&join{left: e.left, right: e.right, kind: operator.LeftAnti, cond: sameRows(e.left, e.right)}, e.output(), nil)
		if streams(e.left) && a.time.column == nil && mode == operator.Append {
			err = sparkerr.New("UNSUPPORTED_STREAMING_OPERATOR_WITHOUT_WATERMARK", "outputMode", "Append",
				"statefulOperator", "aggregations on streaming DataFrames/DataSets").
				WithHint("EXCEPT keeps all rows of the stream, to return each once; WHERE … NOT IN (SELECT …), or LEFT ANTI JOIN, only drops those that the table has")
		}
		return a
	})
	return root, err
}

// counted adds INTERSECT ALL or EXCEPT ALL of the two inputs of u: equal rows of both are counted, and come out as often as they have to.
// (Spark: RewriteExceptAll, RewriteIntersectAll.)
func (s *statement) counted(u *union, r *ast.SetOperation) error {
	if streams(u) {
		return s.clause(r.Op+" ALL of a stream", r.OpSpan)
	}
	cols := u.cols
	if err := s.distinguishable(s.plan.output(), r.Pos()); err != nil {
		return err
	}
	const leftRows, rightRows = "count_if(`side()` = 1)", "count_if(`side()` = 2)"
	times := leftRows + " - " + rightRows
	if r.Op == "INTERSECT" {
		times = "least(" + leftRows + ", " + rightRows + ")"
	}
	side := &expr.Expr{Kind: expr.Column, ID: expr.NewID(), Name: "side()", Type: types.Int}
	in := make([]node, len(u.in))
	for i, n := range u.in {
		in[i] = &project{n, append(n.output(), alias(expr.Int(int32(i+1)), side.Name))}
	}
	s.plan = &union{in, append(cols[:len(cols):len(cols)], side)}
	count, err := s.builtIn("explode(array_repeat(true, cast(greatest("+times+", 0) AS INT)))", cols)
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
