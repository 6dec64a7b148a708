package transform

import (
	"slices"
	"strings"

	"github.com/streamctl/streamctl/internal/sql/expr"
	"github.com/streamctl/streamctl/internal/sql/function"
	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/vector"
)

// countRows makes a count of values that are never NULL a count of rows, which computes none of them. (Spark: NullPropagation.)
func countRows(e *expr.Expr) *expr.Expr {
	args, order, _ := e.Parts()
	if e.Aggregation != nil && e.Aggregation.Distinct || len(order) > 0 || len(args) == 1 && args[0].Kind == expr.Literal {
		return e
	}
	for _, a := range args {
		if a.Nullable {
			return e
		}
	}
	return e.WithArgs(append([]*expr.Expr{expr.Int(1)}, e.Args[len(args):]...))
}

// call makes a call of a boolean function of the table.
func call(name string, args ...*expr.Expr) *expr.Expr {
	fn, _ := function.Lookup(name)
	e := &expr.Expr{Kind: expr.Call, Fn: fn, Args: args, Type: types.Boolean}
	if name != "isnull" && name != "isnotnull" && name != "<=>" {
		for _, a := range args {
			e.Nullable = e.Nullable || a.Nullable
		}
	}
	return e
}

// literalInt is the value of an integral literal.
func literalInt(e *expr.Expr) (int64, bool) {
	if e.Kind != expr.Literal || e.IsNullLit() {
		return 0, false
	}
	switch e.Type.Kind {
	case types.KindByte:
		return int64(e.Value.I8[0]), true
	case types.KindShort:
		return int64(e.Value.I16[0]), true
	case types.KindInt:
		return int64(e.Value.I32[0]), true
	case types.KindLong:
		return e.Value.I64[0], true
	}
	return 0, false
}

// intLiteral makes a literal of an integral type that holds v.
func intLiteral(t *types.Type, v int64) *expr.Expr {
	c := vector.NewConst(t)
	switch t.Kind {
	case types.KindByte:
		c.I8[0] = int8(v)
	case types.KindShort:
		c.I16[0] = int16(v)
	case types.KindInt:
		c.I32[0] = int32(v)
	case types.KindLong:
		c.I64[0] = v
	}
	return expr.Lit(c)
}

// flipped maps a comparison to the one with its operands exchanged.
var flipped = map[string]string{"=": "=", "<=>": "<=>", "<": ">", "<=": ">=", ">": "<", ">=": "<="}

// simplifyComparison decides comparisons of an expression with itself, of rand() with a constant, and takes widening casts
// off a column that is compared with a constant (Spark: SimplifyBinaryComparison, OptimizeRand, UnwrapCastInBinaryComparison).
func simplifyComparison(e *expr.Expr) *expr.Expr {
	l, r := e.Args[0], e.Args[1]
	if same(l, r) && (e.Is("<=>") || !l.Nullable) {
		return expr.Bool(e.Is("<=>") || strings.Contains(e.Fn.Name, "="))
	}
	if e.Is("<=>") {
		switch {
		case l.IsNullLit():
			return call("isnull", r)
		case r.IsNullLit():
			return call("isnull", l)
		}
	}
	op := e.Fn.Name
	if l.Kind == expr.Literal && r.Kind != expr.Literal {
		l, r, op = r, l, flipped[op]
	}
	if l.Is("rand") || l.Is("random") {
		if decided := compareRand(op, r); decided != nil {
			return decided
		}
	}
	if unwrapped := unwrapCast(op, l, r); unwrapped != nil {
		return unwrapped
	}
	return e
}

// compareRand decides rand() op constant where [0, 1) lies on one side of it.
func compareRand(op string, lit *expr.Expr) *expr.Expr {
	var v float64
	switch {
	case lit.Kind != expr.Literal || lit.IsNullLit():
		return nil
	case lit.Type.Kind == types.KindDouble:
		v = lit.Value.F64[0]
	default:
		return nil
	}
	switch {
	case op == ">" && v < 0, op == ">=" && v <= 0, op == "<" && v >= 1, op == "<=" && v >= 1:
		return expr.Bool(true)
	case op == ">" && v >= 1, op == ">=" && v >= 1, op == "<" && v <= 0, op == "<=" && v < 0:
		return expr.Bool(false)
	}
	return nil
}

// simplifyIn turns a list of one value into a comparison and drops repeated values (Spark: OptimizeIn).
func simplifyIn(e *expr.Expr) *expr.Expr {
	list := e.Args[:1:1]
	met := make(map[uint64][]*expr.Expr, len(e.Args))
	for _, x := range e.Args[1:] {
		h := expr.Hash(x)
		if slices.ContainsFunc(met[h], func(y *expr.Expr) bool { return same(x, y) }) {
			continue
		}
		met[h] = append(met[h], x)
		list = append(list, x)
	}
	if len(list) == 2 && list[1].IsNullLit() {
		return expr.Null(e.Type)
	}
	if len(list) == 2 && list[1].Kind == expr.Literal {
		return simplifyComparison(call("=", list...))
	}
	if len(list) == len(e.Args) {
		return e
	}
	return e.WithArgs(list)
}

// simplifyLetterCase drops an inner change of case (Spark: SimplifyCaseConversionExpressions).
func simplifyLetterCase(e *expr.Expr) *expr.Expr {
	if x := e.Args[0]; x.Is("upper") || x.Is("lower") {
		return e.WithArgs(x.Args)
	}
	return e
}

// simplifySize counts the items of an array constructor that cannot raise.
func simplifySize(e *expr.Expr) *expr.Expr {
	a := e.Args[0]
	if !a.Is("array") {
		return e
	}
	for _, x := range a.Args {
		if x.Kind != expr.Column && x.Kind != expr.Literal {
			return e
		}
	}
	return expr.Int(int32(len(a.Args)))
}

// simplifyField takes a field straight from a struct constructor: the other fields are never computed.
func simplifyField(e *expr.Expr) *expr.Expr {
	s := e.Args[0]
	switch {
	case s.Is("named_struct") && 2*e.Index+1 < len(s.Args):
		return s.Args[2*e.Index+1]
	case (s.Is("struct") || s.Is("session_window")) && e.Index < len(s.Args):
		x := s.Args[e.Index]
		if x.Kind == expr.Alias {
			x = x.Args[0]
		}
		return x
	}
	return e
}

// simplifyItem takes an item straight from an array constructor. (Spark: SimplifyExtractValueOps, which knows indexes of INT.)
func simplifyItem(e *expr.Expr) *expr.Expr {
	i, ok := literalInt(e.Args[1])
	if a := e.Args[0]; ok && e.Args[1].Type.Kind == types.KindInt && a.Is("array") && i >= 0 && i < int64(len(a.Args)) {
		return a.Args[i]
	}
	return e
}

// simplifyMapValue takes a value straight from a map constructor whose keys are constants.
func simplifyMapValue(e *expr.Expr) *expr.Expr {
	m, key := e.Args[0], e.Args[1]
	if !m.Is("map") || key.Kind != expr.Literal {
		return e
	}
	for i := 0; i+1 < len(m.Args); i += 2 {
		if m.Args[i].Kind != expr.Literal {
			return e
		}
	}
	for i := 0; i+1 < len(m.Args); i += 2 {
		if expr.Equal(m.Args[i], key) {
			return m.Args[i+1]
		}
	}
	return expr.Null(e.Type)
}
