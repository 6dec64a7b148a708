package transform

import (
	"slices"
	"strconv"
	"strings"

	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/sql/analyze"
	"github.com/streamctl/streamctl/internal/sql/ast"
	"github.com/streamctl/streamctl/internal/sql/coerce"
	"github.com/streamctl/streamctl/internal/sql/expr"
	"github.com/streamctl/streamctl/internal/types"
)

// A query within an expression is a call of one of these. Its operands are the values before IN, then the values of the columns around the
// query that it uses; its Data is a *subquery. After optimisation, it becomes a join (see subqueryjoin.go).
var (
	scalarQuery = &expr.Function{Name: "scalarsubquery", Query: true, Operands: expr.Operands{Nulls: expr.NullsSeen}}
	existsQuery = &expr.Function{Name: "existssubquery", Query: true, Operands: expr.Operands{Nulls: expr.NullsSeen}, SQL: existsSQL}
	inQuery     = &expr.Function{Name: "insubquery", Query: true, Operands: expr.Operands{Nulls: expr.NullsSeen}, SQL: inSQL}
)

// A subquery is the plan of a query within an expression, without references to the columns around it: what depends on them is evaluated
// where the plan is joined.
type subquery struct {
	decorrelated
	values   int // of IN
	fragment *sparkerr.Fragment
}

func existsSQL(_ *expr.Expr, args []string) string { return "exists(" + strings.Join(args, ", ") + ")" }

func inSQL(e *expr.Expr, args []string) string {
	n := e.Data.(*subquery).values
	value := args[0]
	if n > 1 {
		fields := make([]string, n)
		for i, v := range e.Args[:n] {
			name := v.Name
			if v.Kind != expr.Column {
				name = "col" + strconv.Itoa(i+1)
			}
			fields[i] = "'" + name + "', " + args[i]
		}
		value = "named_struct(" + strings.Join(fields, ", ") + ")"
	}
	return "(" + value + " IN (listquery(" + strings.Join(args[n:], ", ") + ")))"
}

// subqueryOf returns the plan of a query within an expression; nil for other expressions.
func subqueryOf(e *expr.Expr) *subquery {
	if e.Kind != expr.Call || !e.Fn.Query {
		return nil
	}
	return e.Data.(*subquery)
}

// subqueries calls visit for each query within the expressions of a node.
func subqueries(n node, visit func(*subquery)) {
	for _, e := range n.expressions() {
		expr.Walk(e, func(x *expr.Expr) bool {
			if s := subqueryOf(x); s != nil && s.plan != nil {
				visit(s)
			}
			return true
		})
	}
}

// everyPlan calls visit for a plan and for those of the queries within its expressions.
func everyPlan(root node, visit func(node)) {
	visit(root)
	walk(root, func(n node) {
		subqueries(n, func(s *subquery) { everyPlan(s.plan, visit) })
	})
}

// rewriteEvery is rewrite, also in the queries within expressions.
func rewriteEvery(root node, f func(node) node) node {
	return rewrite(root, func(n node) node {
		return f(mapExpressions(n, func(e *expr.Expr) *expr.Expr {
			if !hasSubquery(e) {
				return e
			}
			return expr.Transform(e, func(x *expr.Expr) *expr.Expr {
				s := subqueryOf(x)
				if s == nil || s.plan == nil {
					return x
				}
				call, inner := *x, *s
				inner.plan = rewriteEvery(s.plan, f)
				call.Data = &inner
				return &call
			})
		}))
	})
}

// hasSubquery reports whether an expression contains a query.
func hasSubquery(e *expr.Expr) (found bool) {
	expr.Walk(e, func(x *expr.Expr) bool {
		found = found || subqueryOf(x) != nil
		return !found
	})
	return found
}

// subquery analyses a query within an expression.
func (b *builder) subquery(n *ast.Subquery, origin *expr.Origin, values []*expr.Expr, outer analyze.Outer) (*expr.Expr, error) {
	if b.queries != nil {
		return b.queries(n, origin, values, outer)
	}
	s := statement{builder: b, origin: origin, stream: commonTable{view: view{b.plan, b.metadata}}}
	return s.subquery(n, origin, values, outer)
}

// subquery analyses a query within an expression.
func (s *statement) subquery(n *ast.Subquery, origin *expr.Origin, values []*expr.Expr, outer analyze.Outer) (*expr.Expr, error) {
	around := &surroundings{find: outer}
	q, err := s.within(n.Query, origin, around)
	if err != nil {
		return nil, err
	}
	if streams(q.plan) {
		return nil, s.refuse(n.Span, sparkerr.New("INVALID_SUBQUERY_EXPRESSION.STREAMING_QUERY").
			WithHint("a query within an expression reads tables; JOIN … ON, or LEFT SEMI JOIN, compares the rows of two streams"))
	}
	e := &expr.Expr{Kind: expr.Call, Fn: scalarQuery, Nullable: true}
	cols := q.plan.output()
	switch {
	case n.Exists:
		e.Fn, e.Type, e.Nullable = existsQuery, types.Boolean, false
	case n.X != nil:
		e.Fn, e.Type = inQuery, types.Boolean
		if values, err = q.matched(values, around); err != nil {
			return nil, err
		}
	case len(cols) != 1:
		return nil, sparkerr.New("INVALID_SUBQUERY_EXPRESSION.SCALAR_SUBQUERY_RETURN_MORE_THAN_ONE_OUTPUT_COLUMN", "number", strconv.Itoa(len(cols)))
	default:
		e.Type = cols[0].Type
	}
	if l, ok := q.plan.(*limit); ok && n.Exists && l.rows > 0 {
		q.plan = l.in
	}
	plan, err := decorrelate(q.plan, around.columns)
	if err != nil {
		return nil, err
	}
	plan.domain = plan.domain || plan.group && (e.Fn != scalarQuery || len(plan.having) > 0) || plan.ofRow && e.Fn != scalarQuery
	fragment := &sparkerr.Fragment{Text: origin.Text, Start: n.Span.Start, End: n.Span.End, Place: origin.Place}
	e.Args, e.Data = slices.Concat(values, around.values), &subquery{decorrelated: plan, values: len(values), fragment: fragment}
	return e, nil
}

// within analyses a query that can use columns of the surroundings.
func (s *statement) within(n *ast.Query, origin *expr.Origin, around *surroundings) (*statement, error) {
	inner := s.nested(origin, around)
	return inner, inner.query(n)
}

// nested returns a statement for a query that can use columns of the surroundings.
func (s *statement) nested(origin *expr.Origin, around *surroundings) *statement {
	inner := &statement{
		builder: &builder{inputs: s.inputs, zone: s.zone, steps: s.steps, relations: map[expr.ID]string{}, outer: around.column},
		origin:  origin, stream: s.stream, tables: slices.Clone(s.tables),
	}
	inner.queries = inner.subquery
	return inner
}

// matched casts the values before IN and the columns of the query to common types.
func (s *statement) matched(values []*expr.Expr, around *surroundings) ([]*expr.Expr, error) {
	cols := s.plan.output()
	if len(values) != len(cols) {
		return nil, sparkerr.New("DATATYPE_MISMATCH.IN_SUBQUERY_LENGTH_MISMATCH", "sqlExpr", around.text(values), "leftLength", strconv.Itoa(len(values)),
			"leftColumns", quotedList(values), "rightLength", strconv.Itoa(len(cols)), "rightColumns", quotedList(cols))
	}
	values, list := slices.Clone(values), slices.Clone(cols)
	for i, v := range values {
		t := coerce.Widest(v.Type, cols[i].Type)
		if t == nil {
			return nil, sparkerr.New("DATATYPE_MISMATCH.IN_SUBQUERY_DATA_TYPE_MISMATCH", "sqlExpr", around.text(values), "mismatchedColumns",
				"("+v.SQL()+":"+v.Type.String()+", "+cols[i].Name+":"+cols[i].Type.String()+")", "leftType", typeList(values), "rightType", typeList(cols))
		}
		values[i] = coerce.Cast(v, t)
		if !cols[i].Type.Equal(t) {
			list[i] = alias(coerce.Cast(cols[i], t), cols[i].Name)
		}
	}
	s.plan = &project{s.plan, list}
	return values, nil
}

// Surroundings are the query around one within an expression. Each of its columns that the inner query uses gets a column there.
type surroundings struct {
	find            analyze.Outer
	columns, values []*expr.Expr
}

// column resolves the start of a name.
func (a *surroundings) column(n *ast.Name) (*expr.Expr, []string, error) {
	x, rest, err := a.find(n)
	if x == nil || err != nil {
		return nil, nil, err
	}
	i := slices.IndexFunc(a.values, func(v *expr.Expr) bool { return v.ID == x.ID })
	if i < 0 {
		i = len(a.values)
		a.values = append(a.values, x)
		a.columns = append(a.columns, &expr.Expr{Kind: expr.Column, ID: expr.NewID(), Name: x.Name, Type: x.Type, Nullable: x.Nullable})
	}
	c := *a.columns[i]
	return &c, rest, nil
}

// text is the SQL of IN over values.
func (a *surroundings) text(values []*expr.Expr) string {
	e := &expr.Expr{Kind: expr.Call, Fn: inQuery, Args: slices.Concat(values, a.values), Data: &subquery{values: len(values)}}
	return `"` + e.SQL() + `"`
}

func quotedList(list []*expr.Expr) string {
	texts := make([]string, len(list))
	for i, e := range list {
		texts[i] = `"` + e.SQL() + `"`
	}
	return strings.Join(texts, ", ")
}

func typeList(list []*expr.Expr) string {
	texts := make([]string, len(list))
	for i, e := range list {
		texts[i] = `"` + e.Type.SQL() + `"`
	}
	return strings.Join(texts, ", ")
}
