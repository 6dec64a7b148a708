package analyze

import (
	"slices"

	"github.com/streamctl/streamctl/internal/sql/ast"
	"github.com/streamctl/streamctl/internal/sql/coerce"
	"github.com/streamctl/streamctl/internal/sql/expr"
	"github.com/streamctl/streamctl/internal/types"
)

// A moment is the time at which Spark's analyzer has resolved an expression. The analyzer applies its rules to the text in
// passes; the last rule of a pass inserts casts.
type moment struct {
	pass int
	cast bool // resolved only after the cast rule of the pass
}

// later returns the later of two moments.
func later(m, n moment) moment {
	if m.pass < n.pass || m.pass == n.pass && n.cast {
		return n
	}
	return m
}

// moment returns the time at which an expression is resolved. Functions and extracted parts are resolved in the pass after
// the one that cast one of their operands; operators exist from the start.
func (a *analyzer) moment(e ast.Expr) moment {
	done := moment{pass: 1}
	for _, x := range operands(e) {
		if _, ok := x.(*ast.Lambda); !ok && x != nil {
			done = later(done, a.moment(x))
		}
	}
	switch e.(type) {
	case *ast.Subscript, *ast.Field:
		return moment{pass: done.pass + 1}
	case *ast.Call:
		if done.cast {
			done = moment{pass: done.pass + 1}
		}
	}
	if x, err := a.expr(e); err == nil && castsOperands(x, x.Span) {
		done.cast = true
	}
	return done
}

// castsOperands reports whether one of the expressions that a node of the text expands to has an operand with a cast.
func castsOperands(x *expr.Expr, node ast.Span) bool {
	if x.Kind == expr.Call && x.Fn.Replace != nil {
		x = x.Fn.Replace(x)
	}
	return slices.ContainsFunc(x.Args, func(arg *expr.Expr) bool {
		return arg.Kind == expr.Cast && arg.Implicit || arg.Span == node && castsOperands(arg, node)
	})
}

// plusCalendarInterval returns the operands of NULL ± interval, which is undefined in Spark: the rule for dates and times
// treats NULL as a timestamp and cannot cast the sum back. But if an operand was still waiting for casts at that time, NULL
// gets the type of the interval.
func (a *analyzer) plusCalendarInterval(n *ast.Binary, l, r *expr.Expr) (*expr.Expr, *expr.Expr) {
	waited := func() bool { return later(a.moment(n.L), a.moment(n.R)).cast }
	switch {
	case n.Op != "+" && n.Op != "-":
	case l.Type.Kind == types.KindVoid && r.Type.Kind == types.KindInterval && waited():
		l = coerce.Cast(l, r.Type)
	case l.Type.Kind == types.KindInterval && r.Type.Kind == types.KindVoid && waited():
		r = coerce.Cast(r, l.Type)
	}
	return l, r
}
