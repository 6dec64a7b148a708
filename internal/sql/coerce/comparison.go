package coerce

import (
	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/sql/expr"
	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/vector"
)

// Comparison resolves a call of = <=> < <= > >= (and == and other names for =): both operands get the same type, and the
// result is BOOLEAN. An integer compared with a decimal literal is rewritten to a comparison of integers, which shows in
// names; if the literal is out of range for BIGINT, the call becomes a literal.
func Comparison(call *expr.Expr) error {
	promoteStrings(call)
	if rewritten := compareWithDecimalLiteral(call); rewritten {
		return nil
	}
	decimalOperands(call)
	l, r := call.Args[0], call.Args[1]
	if l.Type.Kind == types.KindDecimal && r.Type.Kind == types.KindDecimal {
		t := widerDecimal(l.Type, r.Type)
		call.Args = []*expr.Expr{Cast(l, t), Cast(r, t)}
	} else {
		tightest(call, Any)
	}
	if err := checkOperator(call, Any); err != nil {
		return err
	}
	if err := CheckOrdering(call, call.Args[0].Type, call.Fn.Name); err != nil {
		return err
	}
	Returns(call, types.Boolean)
	if call.Fn.Name == "<=>" {
		call.Nullable = false
	}
	return nil
}

// CheckOrdering rejects types without an order: maps, intervals and variants.
func CheckOrdering(call *expr.Expr, t *types.Type, function string) *sparkerr.Error {
	if Orderable(t) {
		return nil
	}
	return Mismatch(call, "INVALID_ORDERING_TYPE", "functionName", "`"+function+"`", "dataType", quoteType(t))
}

// CheckSortKey rejects keys of ORDER BY whose type has no order.
func CheckSortKey(key *expr.Expr, direction expr.Sorting) *sparkerr.Error {
	if Orderable(key.Type) {
		return nil
	}
	err := sparkerr.New("DATATYPE_MISMATCH.INVALID_ORDERING_TYPE", "sqlExpr", `"`+key.SQL()+" "+direction.String()+`"`, "functionName", "`sortorder`", "dataType", quoteType(key.Type))
	err.Fragment = key.Fragment()
	return err
}

// Orderable reports whether values of the type can be compared.
func Orderable(t *types.Type) bool {
	switch t.Kind {
	case types.KindMap, types.KindInterval, types.KindVariant:
		return false
	case types.KindArray:
		return Orderable(t.Elem)
	case types.KindStruct:
		for _, f := range t.Fields {
			if !Orderable(f.Type) {
				return false
			}
		}
	}
	return true
}

// compareWithDecimalLiteral rewrites comparisons such as i > 1.5 to i > 1, so that i is compared as an integer. (Spark:
// DecimalPrecision.integralAndDecimalLiteral.)
func compareWithDecimalLiteral(call *expr.Expr) bool {
	op := call.Fn.Name
	if op != "<" && op != "<=" && op != ">" && op != ">=" {
		return false
	}
	l, r := call.Args[0], call.Args[1]
	switch {
	case l.Type.IsIntegral() && isDecimalLiteral(r):
		roundsUp := op == ">=" || op == "<"
		n, beyond, ok := roundLiteral(r, roundsUp)
		if !ok {
			below := beyond < 0
			*call = *located(expr.Bool(below == (op == ">" || op == ">=")), call)
			return true
		}
		r = located(n, r)
	case isDecimalLiteral(l) && r.Type.IsIntegral():
		roundsUp := op == ">" || op == "<="
		n, beyond, ok := roundLiteral(l, roundsUp)
		if !ok {
			above := beyond > 0
			*call = *located(expr.Bool(above == (op == ">" || op == ">=")), call)
			return true
		}
		l = located(n, l)
	default:
		return false
	}
	call.Args = []*expr.Expr{Cast(l, types.Long), Cast(r, types.Long)}
	Returns(call, types.Boolean)
	return true
}

func isDecimalLiteral(e *expr.Expr) bool {
	return e.Kind == expr.Literal && e.Type.Kind == types.KindDecimal && !e.IsNullLit()
}

// roundLiteral returns a decimal literal as BIGINT, rounded up or down. If it is out of range, beyond is the side it lies on.
func roundLiteral(e *expr.Expr, up bool) (n *expr.Expr, beyond int, ok bool) {
	floor, ceil, sign, ok := floorCeil(e)
	if !ok {
		return nil, sign, false
	}
	v := vector.NewConst(types.Long)
	v.I64[0] = floor
	if up {
		v.I64[0] = ceil
	}
	return expr.Lit(v), 0, true
}

func located(e, at *expr.Expr) *expr.Expr {
	e.Span, e.Origin = at.Span, at.Origin
	return e
}
