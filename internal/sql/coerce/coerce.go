// Package coerce implements the type rules of Spark's ANSI mode: which casts exist, the common type of several types, and how
// operators and functions convert their operands.
package coerce

import (
	"github.com/streamctl/streamctl/internal/sql/expr"
	"github.com/streamctl/streamctl/internal/types"
)

// Cast converts e to a type by an implicit cast, which names do not show. It returns e itself if it has the type.
func Cast(e *expr.Expr, to *types.Type) *expr.Expr {
	if e.Type.Equal(to) {
		return e
	}
	c := Explicit(e, to, false)
	c.Implicit = true
	return c
}

// Explicit returns CAST(e AS to) or TRY_CAST(e AS to), even if e already has the type.
func Explicit(e *expr.Expr, to *types.Type, try bool) *expr.Expr {
	return &expr.Expr{
		Kind: expr.Cast, Type: to, Nullable: castNullable(e, to, try), Args: []*expr.Expr{e},
		Try: try, Span: e.Span, Origin: e.Origin,
	}
}

// castNullable reports whether a cast is nullable. A decimal is never considered certain to fit an integral type. (Spark:
// Cast.nullable.)
func castNullable(e *expr.Expr, to *types.Type, try bool) bool {
	switch {
	case !try:
		return e.Nullable || ForceNullable(e.Type, to)
	case e.Type.IsText() && to.Kind == types.KindBinary:
		return e.Nullable
	}
	return e.Nullable || e.Type.Kind == types.KindDecimal && to.IsIntegral() || !canUpCast(e.Type, to)
}

// Returns sets the type of a call, which is nullable if one of its arguments is.
func Returns(call *expr.Expr, t *types.Type) {
	call.Type, call.Nullable = t, AnyNullable(call.Args)
}

// AnyNullable reports whether one of the expressions can be NULL.
func AnyNullable(es []*expr.Expr) bool {
	for _, e := range es {
		if e.Nullable {
			return true
		}
	}
	return false
}

// Types returns the types of the expressions.
func Types(es []*expr.Expr) []*types.Type {
	ts := make([]*types.Type, len(es))
	for i, e := range es {
		ts[i] = e.Type
	}
	return ts
}
