// Package analyze converts syntax trees to typed expressions: it resolves names to columns, looks up functions, and lets the
// functions type their calls. Operators are entries of the function table under the names they are written with. In addition,
// it looks up negative, positive, case, if, in, like, ilike, rlike, between, isnull, isnotnull, concat, struct, and
// get_array_item, get_map_value and get_array_struct_fields for a[i], m[k] and fields of the structs in an array.
package analyze

import (
	"errors"
	"iter"
	"slices"
	"strings"

	"github.com/streamctl/streamctl/internal/datetime"
	"github.com/streamctl/streamctl/internal/halt"
	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/sql/ast"
	"github.com/streamctl/streamctl/internal/sql/coerce"
	"github.com/streamctl/streamctl/internal/sql/expr"
	"github.com/streamctl/streamctl/internal/sql/function"
	"github.com/streamctl/streamctl/internal/types"
)

// A Scope defines what names can refer to.
type Scope struct {
	Columns    []*expr.Expr           // columns of the input
	Qualifiers []string               // parallel to Columns: the alias of the column's relation; nil if there are none
	Hidden     iter.Seq[[]*expr.Expr] // tried, level by level, if no column has the name; nil: none
	Relations  map[expr.ID]string     // the aliases of the relations of hidden columns; nil if there are none
	Zone       *datetime.Zone         // session zone for timestamp literals; nil: UTC
	Now        int64                  // microseconds since the epoch, for literals such as DATE 'today'
	Dataset    bool                   // columns without an alias are named as by Dataset.select, not as in SQL text
	Stop       halt.Stopper           // aborts the analysis by a panic with a halt.Panic
	Subquery   Subquery               // analyses queries within expressions; nil: they are refused
	Outer      Outer                  // within such a query, resolves names to columns of the query around it; nil: none
}

// A Subquery analyses a query within an expression: (SELECT …), EXISTS (SELECT …), or values [NOT] IN (SELECT …). The query calls outer for
// names that it does not know.
type Subquery func(n *ast.Subquery, origin *expr.Origin, values []*expr.Expr, outer Outer) (*expr.Expr, error)

// An Outer resolves the start of a name to a column; nil if there is none. rest holds the remaining parts of the name.
type Outer func(n *ast.Name) (x *expr.Expr, rest []string, err error)

// An analyzer analyses one text.
type analyzer struct {
	Scope
	steps   halt.Steps
	origin  *expr.Origin
	vars    []*expr.Expr // variables of the enclosing lambdas, innermost last
	lateral []*expr.Expr // aliases of the select list so far
	used    map[expr.ID]*expr.Expr
	clause  clause
	column  string // alias of the item being analysed
	quiet   bool   // mistakes are not shown: do not search for columns with similar names

	grouping *Grouping    // inAggregate: what is known about it so far; nil before the keys are known
	keys     []*expr.Expr // aliases of grouping keys, which expressions over groups may name
	sets     bool         // there are grouping sets: grouping() and grouping_id() have a meaning
	outputs  bool         // names refer to the select list before they refer to columns, as in ORDER BY
}

// A clause says where an expression occurs.
type clause uint8

const (
	inSelect clause = iota
	inWhere
	inAggregate // an expression over the rows of a group
)

// Expression resolves and types one expression. It refuses aggregates and generators.
func Expression(e ast.Expr, scope Scope, origin *expr.Origin) (*expr.Expr, error) {
	a := newAnalyzer(scope, origin, inSelect)
	x, err := a.root(e)
	if err != nil {
		return nil, err
	}
	if g := findGenerator(x); g != nil {
		return nil, located(x, sparkerr.New("UNSUPPORTED_GENERATOR.OUTSIDE_SELECT", "plan", "this step"))
	}
	return x, nil
}

// JoinCondition resolves the condition of a join over the columns of both sides.
func JoinCondition(e ast.Expr, scope Scope, origin *expr.Origin) (*expr.Expr, error) {
	a := newAnalyzer(scope, origin, inWhere)
	x, err := a.root(e)
	if err != nil {
		return nil, err
	}
	if x.Type.Kind != types.KindBoolean {
		return nil, located(x, sparkerr.New("JOIN_CONDITION_IS_NOT_BOOLEAN_TYPE", "joinCondition", quoted(x), "conditionType", `"`+x.Type.SQL()+`"`))
	}
	return x, nil
}

// Condition resolves the condition of a filter, which must be BOOLEAN.
func Condition(e ast.Expr, scope Scope, origin *expr.Origin) (*expr.Expr, error) {
	a := newAnalyzer(scope, origin, inWhere)
	x, err := a.root(e)
	if err != nil {
		return nil, err
	}
	for x.Kind == expr.Alias {
		x = x.Args[0]
	}
	if findGenerator(x) != nil {
		return nil, located(x, sparkerr.New("UNSUPPORTED_GENERATOR.OUTSIDE_SELECT", "plan", "filter"))
	}
	if x.Type.Kind != types.KindBoolean {
		return nil, coerce.Mismatch(x, "FILTER_NOT_BOOLEAN", "filter", quoted(x), "type", `"`+x.Type.SQL()+`"`)
	}
	return x, nil
}

func newAnalyzer(scope Scope, origin *expr.Origin, where clause) *analyzer {
	if scope.Zone == nil {
		scope.Zone = datetime.UTC
	}
	return &analyzer{Scope: scope, steps: halt.Steps{Stop: scope.Stop}, origin: origin, clause: where}
}

// root analyses a whole text. It reports unknown functions first, because Spark looks functions up first.
func (a *analyzer) root(e ast.Expr) (*expr.Expr, error) {
	if err := a.checkRoutines(e); err != nil {
		return nil, err
	}
	x, err := a.maybeNamed(e)
	if err == nil {
		if err := CheckNullability(x); err != nil {
			return nil, err
		}
		return x, nil
	}
	err = a.earliest(e, err)
	if a.clause == inSelect && nestsGenerator(e) {
		return nil, a.fail(e, "UNSUPPORTED_GENERATOR.NESTED_IN_EXPRESSIONS", "expression", `"`+a.text(e)+`"`)
	}
	return nil, err
}

func (a *analyzer) maybeNamed(e ast.Expr) (*expr.Expr, error) {
	if alias, ok := e.(*ast.Alias); ok {
		return a.alias(alias)
	}
	return a.expr(e)
}

func (a *analyzer) alias(n *ast.Alias) (*expr.Expr, error) {
	if star, ok := n.X.(*ast.Star); ok {
		return nil, a.fail(star, "INVALID_USAGE_OF_STAR_OR_REGEX", "elem", "'*'", "prettyName", "expression `alias`")
	}
	a.column = n.Names[0]
	x, err := a.expr(n.X)
	a.column = ""
	if err != nil {
		return nil, err
	}
	if x.Kind == expr.Alias { // (x AS a) AS b
		x = x.Args[0]
	}
	if n.List && (x.Kind != expr.Call || !x.Fn.Generator) {
		return nil, a.fail(n, "MULTI_ALIAS_WITHOUT_GENERATOR", "names", strings.Join(n.Names, ", "), "expr", `"`+x.SQL()+`"`)
	}
	named := aliasOf(x, n.Names[0])
	named.Span, named.Origin = n.Span, a.origin
	if len(n.Names) > 1 {
		named.Data = n.Names
	}
	return named, nil
}

// aliasOf returns an alias of an expression.
func aliasOf(x *expr.Expr, name string) *expr.Expr {
	return &expr.Expr{
		Kind: expr.Alias, ID: expr.NewID(), Name: name, Type: x.Type, Nullable: x.Nullable, Args: []*expr.Expr{x},
		Span: x.Span, Origin: x.Origin,
	}
}

// expr resolves and types a node.
func (a *analyzer) expr(e ast.Expr) (*expr.Expr, error) {
	a.steps.Take(1)
	switch n := e.(type) {
	case *ast.Literal:
		return a.literal(n)
	case *ast.IntervalLit:
		return a.interval(n)
	case *ast.Name:
		return a.name(n)
	case *ast.Field:
		return a.field(n)
	case *ast.Extract:
		return a.variantPart(n)
	case *ast.Subscript:
		return a.subscript(n)
	case *ast.Call:
		return a.call(n)
	case *ast.Lambda:
		return a.lambda(n)
	case *ast.Cast:
		return a.cast(n)
	case *ast.Case:
		return a.caseWhen(n)
	case *ast.Alias:
		return a.alias(n)
	case *ast.Subquery:
		return a.subquery(n)
	case *ast.Star:
		return nil, a.fail(n, "INVALID_USAGE_OF_STAR_OR_REGEX", "elem", "'*'", "prettyName", "expression")
	case *ast.Parameter:
		return nil, a.fail(n, "UNBOUND_SQL_PARAMETER", "name", n.Name)
	}
	return a.operator(e)
}

// exprs resolves a list.
func (a *analyzer) exprs(list []ast.Expr) ([]*expr.Expr, error) {
	out := make([]*expr.Expr, len(list))
	for i, e := range list {
		x, err := a.expr(e)
		if err != nil {
			return nil, err
		}
		out[i] = x
	}
	return out, nil
}

// make returns a call of an entry of the function table with resolved arguments.
func (a *analyzer) make(at ast.Expr, name string, args ...*expr.Expr) (*expr.Expr, error) {
	f, ok := function.Lookup(name)
	if !ok {
		return nil, a.notBuilt(at, name)
	}
	return a.resolve(a.locate(&expr.Expr{Kind: expr.Call, Fn: f, Args: args}, at))
}

// castsToTime reports whether a call casts one of its arguments to a type with TIME. Spark refuses such casts, explicit ones too, and
// takes the values that literals, current_time and texts make.
func castsToTime(before []*expr.Expr, call *expr.Expr) bool {
	for i, x := range call.Args {
		if call.Type.Kind == types.KindTime && i < len(before) && before[i].Type.Kind == types.KindVoid {
			return true
		}
		if x.Type.Has(types.KindTime) && i < len(before) && !x.Type.SameShape(before[i].Type) {
			return true
		}
	}
	return false
}

// resolve lets the function of a call type the call.
func (a *analyzer) resolve(call *expr.Expr) (*expr.Expr, error) {
	written := slices.Clone(call.Args)
	if err := call.Fn.Resolve(call); err != nil {
		return nil, located(call, err)
	}
	switch {
	case castsToTime(written, call):
		return nil, located(call, sparkerr.New("UNSUPPORTED_TIME_TYPE"))
	case call.Type.Parts() > types.MaxParts:
		return nil, located(call, sparkerr.Plain("the type of this expression has more than %d parts", types.MaxParts).
			WithHint("a struct that contains a column twice contains its type twice"))
	}
	return call, nil
}

// locate sets the position of an expression in the text.
func (a *analyzer) locate(x *expr.Expr, at ast.Expr) *expr.Expr {
	x.Span, x.Origin = at.Pos(), a.origin
	return x
}

// fail returns an error located at a node.
func (a *analyzer) fail(at ast.Expr, condition string, params ...string) *sparkerr.Error {
	return a.place(at, sparkerr.New(condition, params...))
}

func (a *analyzer) place(at ast.Expr, err *sparkerr.Error) *sparkerr.Error {
	return a.placeSpan(at.Pos(), err)
}

func (a *analyzer) placeSpan(span ast.Span, err *sparkerr.Error) *sparkerr.Error {
	if err.Fragment == nil && a.origin != nil {
		err.Fragment = &sparkerr.Fragment{Text: a.origin.Text, Start: span.Start, End: span.End, Place: a.origin.Place}
	}
	return err
}

// located adds the position of an expression to an error that has none.
func located(x *expr.Expr, err error) error {
	var e *sparkerr.Error
	if errors.As(err, &e) && e.Fragment == nil {
		e.Fragment = x.Fragment()
	}
	return err
}

func quoted(x *expr.Expr) string { return `"` + x.SQL() + `"` }

// findGenerator returns the first generator in an expression, or nil if there is none.
func findGenerator(x *expr.Expr) *expr.Expr {
	var found *expr.Expr
	expr.Walk(x, func(e *expr.Expr) bool {
		if found == nil && e.Kind == expr.Call && e.Fn.Generator {
			found = e
		}
		return found == nil
	})
	return found
}
