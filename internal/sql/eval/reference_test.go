package eval_test

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"math/big"
	"math/rand/v2"
	"testing"

	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/sql/eval"
	"github.com/streamctl/streamctl/internal/sql/expr"
	"github.com/streamctl/streamctl/internal/sql/function"
	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/vector"
)

// The values of the reference: nil is NULL, integers of all widths are int64, floats are float64, strings are string.

var referenceTypes = []*types.Type{
	types.Byte, types.Short, types.Int, types.Long, types.Float, types.Double, types.String, types.Boolean,
}

// A shape describes the two operands and the selection.
type shape struct {
	nulls, constA, constB bool
	keep                  float64 // fraction of selected rows; 2: no selection at all
	wild                  float64 // fraction of extreme values
}

func shapes() []shape {
	var all []shape
	for _, nulls := range []bool{false, true} {
		for _, constants := range [][2]bool{{}, {true, false}, {false, true}, {true, true}} {
			for _, keep := range []float64{2, 0.9, 0.1, 0} {
				for _, wild := range []float64{0, 0.02} {
					all = append(all, shape{nulls, constants[0], constants[1], keep, wild})
				}
			}
		}
	}
	return all
}

func TestOperatorsAgreeWithRowAtATime(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	ops := []string{"+", "-", "*", "%", "pmod", "/", "div", "=", "<=>", "<", "<=", ">", ">=", "try_add", "try_subtract", "try_multiply", "try_mod", "and", "or"}
	for _, typ := range referenceTypes {
		for _, op := range ops {
			if !referenceHas(op, typ) {
				continue
			}
			t.Run(typ.String()+" "+op, func(t *testing.T) {
				for _, s := range shapes() {
					checkOperator(t, rng, typ, op, s)
				}
			})
		}
	}
}

// referenceHas excludes operations that do not exist for the type or are computed in another type after a cast.
func referenceHas(op string, typ *types.Type) bool {
	switch op {
	case "and", "or":
		return typ.Kind == types.KindBoolean
	case "=", "<=>", "<", "<=", ">", ">=":
		return true
	case "/":
		return typ.Kind == types.KindDouble
	case "div":
		return typ.Kind == types.KindLong
	}
	return typ.IsNumeric()
}

func checkOperator(t *testing.T, rng *rand.Rand, typ *types.Type, op string, s shape) {
	t.Helper()
	n := rng.IntN(200)
	a, va := randomColumn(rng, typ, n, s.nulls, s.constA, s.wild)
	b, vb := randomColumn(rng, typ, n, s.nulls, s.constB, s.wild)
	colA := &expr.Expr{Kind: expr.Column, ID: expr.NewID(), Name: "a", Type: typ, Nullable: true}
	colB := &expr.Expr{Kind: expr.Column, ID: expr.NewID(), Name: "b", Type: typ, Nullable: true}
	call, err := function.Call(nil, op, colA, colB)
	if err != nil {
		t.Fatal(err)
	}
	p, err := eval.Compile([]*expr.Expr{call}, []*expr.Expr{colA, colB})
	if err != nil {
		t.Fatal(err)
	}
	sel := randomSelection(rng, n, s.keep)
	out, err := p.Eval(testContext, &vector.Batch{N: n, Cols: []*vector.Vector{a, b}}, sel)
	for _, i := range rowsOf(n, sel) {
		want, condition := reference(op, typ, va[i], vb[i])
		if condition != "" {
			var at *expr.RowError
			var e *sparkerr.Error
			if !errors.As(err, &at) || !errors.As(err, &e) || at.Row != i || e.Condition != condition {
				t.Fatalf("%+v: row %d: %v %s %v: got %v, want %s", s, i, va[i], op, vb[i], err, condition)
			}
			return
		}
		if err == nil && !sameValue(valueAt(out[0], i), want) {
			t.Fatalf("%+v: row %d: %v %s %v: got %v, want %v", s, i, va[i], op, vb[i], valueAt(out[0], i), want)
		}
	}
	if err != nil {
		t.Fatalf("%+v: unexpected %v", s, err)
	}
}

func rowsOf(n int, sel vector.Selection) []int {
	rows := []int{}
	if sel == nil {
		for i := range n {
			rows = append(rows, i)
		}
	}
	for _, i := range sel {
		rows = append(rows, int(i))
	}
	return rows
}

func randomSelection(rng *rand.Rand, n int, keep float64) vector.Selection {
	if keep > 1 {
		return nil
	}
	sel := vector.Selection{}
	for i := range n {
		if rng.Float64() < keep {
			sel = append(sel, int32(i))
		}
	}
	return sel
}

func randomColumn(rng *rand.Rand, typ *types.Type, n int, nulls, constant bool, wild float64) (*vector.Vector, []any) {
	v, size := vector.New(typ, n), n
	if constant {
		v, size = vector.NewConst(typ), 1
	}
	values := make([]any, n)
	for i := range size {
		x := randomValue(rng, typ, wild)
		if nulls && rng.IntN(4) == 0 {
			x = nil
		}
		setValue(v, i, x)
		if n > 0 {
			values[i] = x
		}
	}
	for i := range n {
		if constant {
			values[i] = values[0]
		}
	}
	return v, values
}

func randomValue(rng *rand.Rand, typ *types.Type, wild float64) any {
	extreme := rng.Float64() < wild
	switch typ.Kind {
	case types.KindBoolean:
		return rng.IntN(2) == 0
	case types.KindString:
		return []string{"", "a", "ab", "b", "é", "😀", "\x00"}[rng.IntN(7)]
	case types.KindFloat, types.KindDouble:
		if extreme {
			return []float64{0, math.Copysign(0, -1), math.NaN(), math.Inf(1), math.Inf(-1)}[rng.IntN(5)]
		}
		return float64(float32(rng.IntN(9)+1)) / 2
	}
	bits := map[types.Kind]uint{types.KindByte: 8, types.KindShort: 16, types.KindInt: 32, types.KindLong: 64}[typ.Kind]
	if extreme {
		return []int64{0, -1, -1 << (bits - 1), 1<<(bits-1) - 1}[rng.IntN(4)]
	}
	return int64(rng.IntN(10) + 1)
}

func setValue(v *vector.Vector, i int, x any) {
	switch x := x.(type) {
	case nil:
		v.SetNull(i)
	case bool:
		v.Bool[i] = x
	case string:
		v.SetString(i, x)
	case float64:
		if v.Type.Kind == types.KindFloat {
			v.F32[i] = float32(x)
		} else {
			v.F64[i] = x
		}
	case int64:
		switch v.Type.Kind {
		case types.KindByte:
			v.I8[i] = int8(x)
		case types.KindShort:
			v.I16[i] = int16(x)
		case types.KindInt:
			v.I32[i] = int32(x)
		default:
			v.I64[i] = x
		}
	}
}

func valueAt(v *vector.Vector, row int) any {
	if v.IsNull(row) {
		return nil
	}
	i := v.At(row)
	switch v.Type.Kind {
	case types.KindBoolean:
		return v.Bool[i]
	case types.KindByte:
		return int64(v.I8[i])
	case types.KindShort:
		return int64(v.I16[i])
	case types.KindInt:
		return int64(v.I32[i])
	case types.KindLong:
		return v.I64[i]
	case types.KindFloat:
		return float64(v.F32[i])
	case types.KindDouble:
		return v.F64[i]
	}
	return string(v.Bytes(row))
}

func sameValue(a, b any) bool {
	x, ok1 := a.(float64)
	y, ok2 := b.(float64)
	if ok1 && ok2 {
		return x == y || x != x && y != y
	}
	return a == b
}

// reference computes one row, or returns the condition of its error.
func reference(op string, typ *types.Type, a, b any) (any, string) {
	switch op {
	case "and":
		return threeValued(a, b, false), ""
	case "or":
		return threeValued(a, b, true), ""
	case "<=>":
		return a == nil && b == nil || a != nil && b != nil && order(a, b) == 0, ""
	}
	if a == nil || b == nil {
		return nil, ""
	}
	switch op {
	case "=":
		return order(a, b) == 0, ""
	case "<":
		return order(a, b) < 0, ""
	case "<=":
		return order(a, b) <= 0, ""
	case ">":
		return order(a, b) > 0, ""
	case ">=":
		return order(a, b) >= 0, ""
	}
	try := map[string]string{"try_add": "+", "try_subtract": "-", "try_multiply": "*", "try_mod": "%"}[op]
	plain := op
	if try != "" {
		plain = try
	}
	var value any
	var condition string
	if x, ok := a.(float64); ok {
		value, condition = floatReference(plain, typ, x, b.(float64))
	} else {
		value, condition = intReference(plain, typ, a.(int64), b.(int64))
	}
	if condition != "" && try != "" {
		return nil, ""
	}
	return value, condition
}

func threeValued(a, b any, stop bool) any {
	switch {
	case a == stop || b == stop:
		return stop
	case a == nil || b == nil:
		return nil
	}
	return !stop
}

func order(a, b any) int {
	switch x := a.(type) {
	case bool:
		return boolInt(x) - boolInt(b.(bool))
	case string:
		return bytes.Compare([]byte(x), []byte(b.(string)))
	case int64:
		return big.NewInt(x).Cmp(big.NewInt(b.(int64)))
	}
	x, y := a.(float64), b.(float64)
	switch {
	case x == y || math.IsNaN(x) && math.IsNaN(y):
		return 0
	case math.IsNaN(y) || x < y:
		return -1
	}
	return 1
}

func boolInt(b bool) int {
	if b {
		return 1
	}
	return 0
}

func floatReference(op string, typ *types.Type, x, y float64) (any, string) {
	var r float64
	switch op {
	case "+":
		r = x + y
	case "-":
		r = x - y
	case "*":
		r = x * y
	case "/":
		r = x / y
	default:
		r = math.Mod(x, y)
		if op == "pmod" && r < 0 {
			r = math.Mod(r+y, y)
		}
	}
	switch {
	case y == 0 && op == "/":
		return nil, "DIVIDE_BY_ZERO"
	case y == 0 && (op == "%" || op == "pmod"):
		return nil, "REMAINDER_BY_ZERO"
	case typ.Kind == types.KindFloat:
		r = float64(float32(r))
	}
	return r, ""
}

func intReference(op string, typ *types.Type, x, y int64) (any, string) {
	a, b, r := big.NewInt(x), big.NewInt(y), new(big.Int)
	if y == 0 {
		switch op {
		case "div":
			return nil, "DIVIDE_BY_ZERO"
		case "%", "pmod":
			return nil, "REMAINDER_BY_ZERO"
		}
	}
	switch op {
	case "+":
		r.Add(a, b)
	case "-":
		r.Sub(a, b)
	case "*":
		r.Mul(a, b)
	case "div":
		r.Quo(a, b)
	case "%":
		r.Rem(a, b)
	case "pmod":
		if r.Rem(a, b); r.Sign() < 0 {
			r.Rem(r.Add(r, b), b)
		}
	default:
		panic(fmt.Sprint("no reference for ", op))
	}
	limit := map[types.Kind]int64{types.KindByte: math.MaxInt8, types.KindShort: math.MaxInt16, types.KindInt: math.MaxInt32}[typ.Kind]
	switch {
	case limit != 0 && (r.Int64() > limit || r.Int64() < -limit-1) && typ.Kind != types.KindInt:
		return nil, "BINARY_ARITHMETIC_OVERFLOW"
	case limit != 0 && (r.Int64() > limit || r.Int64() < -limit-1), !r.IsInt64():
		return nil, "ARITHMETIC_OVERFLOW"
	}
	return r.Int64(), ""
}
