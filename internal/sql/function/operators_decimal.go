package function

import (
	"math/big"
	"strconv"
	"strings"

	"github.com/streamctl/streamctl/internal/decimal"
	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/sql/coerce"
	"github.com/streamctl/streamctl/internal/sql/expr"
	"github.com/streamctl/streamctl/internal/sql/kernel"
	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/vector"
)

// decimalKernel computes with decimals of two precisions; the result has the precision and scale of the call.
func decimalKernel(call *expr.Expr, op string, try bool) expr.Kernel {
	l, r, out := call.Args[0].Type, call.Args[1].Type, call.Type
	if op == "div" {
		return decimalQuotient(l, r, try)
	}
	if small, ok := smallDecimals(op, l, r, out); ok {
		return binaryKernel(small, vector.Decimals, nil)
	}
	one := decimalOp(op, l.Scale, r.Scale, out.Scale)
	checked := kernel.Op[decimal.Int128]{One: func(a, b decimal.Int128) (decimal.Int128, bool) {
		v, ok := one(a, b)
		return v, ok && decimal.Fits(v, out.Precision)
	}}
	return binaryKernel(checked, vector.Decimals, func(a, b decimal.Int128) error {
		switch {
		case divides(op) && b.IsZero():
			if try {
				return nil
			}
			return zeroError(op)
		case (op == "%" || op == "pmod") && impossible(a, l, b, r):
			return divisionImpossible()
		case try:
			return nil
		}
		return decimalOverflow(exactText(op, a, l.Scale, b, r.Scale), out)
	})
}

// impossible reports whether the integral quotient has too many digits; Spark then has no remainder either.
func impossible(a decimal.Int128, l *types.Type, b decimal.Int128, r *types.Type) bool {
	_, ok := decimal.RemScaled(a, l.Scale, b, r.Scale)
	return !ok
}

// divisionImpossible returns Java's error, which no try_ function catches.
func divisionImpossible() error {
	return sparkerr.Plain("Division impossible")
}

// smallDigits is the number of digits that always fit into 64 bits.
const smallDigits = 18

// smallDecimals returns an Op that computes in 64 bits if neither the operands, rescaled to a common scale, nor the result
// can have more digits; there is always a result then.
func smallDecimals(op string, l, r, out *types.Type) (kernel.Op[decimal.Int128], bool) {
	var none kernel.Op[decimal.Int128]
	if out.Precision > smallDigits {
		return none, false
	}
	a, b := smallPow10[out.Scale-min(l.Scale, out.Scale)], smallPow10[out.Scale-min(r.Scale, out.Scale)]
	switch {
	case op == "*" && out.Scale == l.Scale+r.Scale:
		return kernel.MulSmallDecimal(), true
	case op == "+" && out.Scale == max(l.Scale, r.Scale):
		return kernel.AddSmallDecimal(a, b), true
	case op == "-" && out.Scale == max(l.Scale, r.Scale):
		return kernel.AddSmallDecimal(a, -b), true
	}
	return none, false
}

var smallPow10 = func() (p [smallDigits + 1]int64) {
	p[0] = 1
	for i := 1; i < len(p); i++ {
		p[i] = 10 * p[i-1]
	}
	return p
}()

// decimalOp returns op from scales s1 and s2 to scale s, HALF_UP; ok is false if 128 bits do not suffice or the divisor is
// zero.
func decimalOp(op string, s1, s2, s int) func(a, b decimal.Int128) (decimal.Int128, bool) {
	switch op {
	case "+":
		return func(a, b decimal.Int128) (decimal.Int128, bool) { return decimal.AddScaled(a, s1, b, s2, s) }
	case "-":
		return func(a, b decimal.Int128) (decimal.Int128, bool) { return decimal.SubScaled(a, s1, b, s2, s) }
	case "*":
		return func(a, b decimal.Int128) (decimal.Int128, bool) { return decimal.Mul(a, b, s1+s2-s) }
	case "/":
		return func(a, b decimal.Int128) (decimal.Int128, bool) { return decimal.Div(a, b, s+s2-s1) }
	}
	rem := func(a, b decimal.Int128) (decimal.Int128, bool) { return decimal.RemScaled(a, s1, b, s2) }
	if op == "pmod" {
		rem = func(a, b decimal.Int128) (decimal.Int128, bool) { return decimalPosMod(a, s1, b, s2) }
	}
	return func(a, b decimal.Int128) (decimal.Int128, bool) {
		v, ok := rem(a, b)
		if !ok {
			return v, false
		}
		return decimal.Rescale(v, max(s1, s2), s)
	}
}

func decimalPosMod(a decimal.Int128, s1 int, b decimal.Int128, s2 int) (decimal.Int128, bool) {
	common := max(s1, s2)
	r, ok := decimal.RemScaled(a, s1, b, s2)
	if !ok || r.Sign() >= 0 {
		return r, ok
	}
	sum, ok := decimal.AddScaled(r, common, b, s2, common)
	if !ok {
		return sum, false
	}
	return decimal.RemScaled(sum, common, b, s2)
}

// decimalQuotient computes div, whose result is a BIGINT.
func decimalQuotient(l, r *types.Type, try bool) expr.Kernel {
	p, s := coerce.DecimalResult("div", l.Precision, l.Scale, r.Precision, r.Scale)
	return func(_ *expr.Context, n int, sel vector.Selection, args []*vector.Vector, out *vector.Vector) error {
		a, b := args[0], args[1]
		for k := range kernel.Count(n, sel) {
			i := kernel.Row(sel, k)
			x, y := a.Dec[a.At(i)], b.Dec[b.At(i)]
			q, ok := decimal.QuoScaled(x, l.Scale, y, r.Scale)
			ok = ok && decimal.Fits(q, p)
			switch {
			case ok:
				out.I64[out.At(i)] = int64(q.Lo) // Spark keeps the low 64 bits
			case y.IsZero() && !try:
				return expr.AtRow(i, divideByZero())
			case !y.IsZero() && impossible(x, l, y, r):
				return expr.AtRow(i, divisionImpossible())
			case try:
				out.SetNull(i)
			default:
				return expr.AtRow(i, decimalOverflow(exactText("div", x, l.Scale, y, r.Scale), types.DecimalOf(p, s)))
			}
		}
		return nil
	}
}

func decimalOverflow(value string, t *types.Type) *sparkerr.Error {
	return sparkerr.New("NUMERIC_VALUE_OUT_OF_RANGE.WITH_SUGGESTION", "value", value, "precision", strconv.Itoa(t.Precision),
		"scale", strconv.Itoa(t.Scale), "config", ansiConfig)
}

// negateDecimals changes the sign or, with abs, makes values non-negative. Spark rounds when it negates.
func negateDecimals(t *types.Type, abs bool) expr.Kernel {
	return func(_ *expr.Context, n int, sel vector.Selection, args []*vector.Vector, out *vector.Vector) error {
		for k := range kernel.Count(n, sel) {
			i := kernel.Row(sel, k)
			v := args[0].Dec[args[0].At(i)]
			if !abs || v.Sign() < 0 {
				negated, ok := kernel.RoundDecimal(v.Neg())
				if !ok || !decimal.Fits(negated, t.Precision) {
					return expr.AtRow(i, negateOverflow(negated, t))
				}
				v = negated
			}
			out.Dec[out.At(i)] = v
		}
		return nil
	}
}

func negateOverflow(rounded decimal.Int128, t *types.Type) *sparkerr.Error {
	text := string(decimal.Append(nil, rounded, t.Scale))
	return sparkerr.New("NUMERIC_VALUE_OUT_OF_RANGE.WITHOUT_SUGGESTION", "roundedValue", text, "originalValue", text,
		"precision", strconv.Itoa(t.Precision), "scale", strconv.Itoa(t.Scale))
}

// exactDigits is the number of digits that Spark computes with before it rounds to the result's scale.
const exactDigits = 39

// exactText returns the result of op as Spark shows it in overflow errors. It is slow, which is acceptable for errors.
func exactText(op string, a decimal.Int128, s1 int, b decimal.Int128, s2 int) string {
	x, y := bigOf(a), bigOf(b)
	switch op {
	case "+", "-":
		if s1 < s2 {
			x, s1 = x.Mul(x, pow10(s2-s1)), s2
		}
		y.Mul(y, pow10(s1-s2))
		if op == "-" {
			y.Neg(y)
		}
		return plainText(x.Add(x, y), s1)
	case "*":
		return plainText(roundDigits(x.Mul(x, y), s1+s2))
	}
	const extra = 2 * exactDigits
	x.Mul(x, pow10(extra+s2))
	v, scale := roundDigits(x.Quo(x, y), extra+s1)
	for ten := big.NewInt(10); scale > 0; scale-- {
		q, rest := new(big.Int).QuoRem(v, ten, new(big.Int))
		if rest.Sign() != 0 {
			break
		}
		v = q
	}
	return plainText(v, scale)
}

// roundDigits rounds v / 10^scale to exactDigits digits, HALF_UP.
func roundDigits(v *big.Int, scale int) (*big.Int, int) {
	drop := len(new(big.Int).Abs(v).String()) - exactDigits
	if drop <= 0 {
		return v, scale
	}
	half := new(big.Int).Rsh(pow10(drop), 1)
	if v.Sign() < 0 {
		half.Neg(half)
	}
	return v.Add(v, half).Quo(v, pow10(drop)), scale - drop
}

func plainText(v *big.Int, scale int) string {
	if scale <= 0 {
		return v.Mul(v, pow10(-scale)).String()
	}
	digits := new(big.Int).Abs(v).String()
	if len(digits) <= scale {
		digits = strings.Repeat("0", scale-len(digits)+1) + digits
	}
	sign := ""
	if v.Sign() < 0 {
		sign = "-"
	}
	return sign + digits[:len(digits)-scale] + "." + digits[len(digits)-scale:]
}

func pow10(n int) *big.Int { return new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(n)), nil) }

func bigOf(d decimal.Int128) *big.Int {
	v := new(big.Int).Lsh(big.NewInt(d.Hi), 64)
	return v.Add(v, new(big.Int).SetUint64(d.Lo))
}
