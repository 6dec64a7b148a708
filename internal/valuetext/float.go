package valuetext

import (
	"bytes"
	"math"
	"strconv"
	"unsafe"

	"github.com/streamctl/streamctl/internal/decimal"
)

// ParseDouble casts text to a double. It accepts what ParseDoubleStrict accepts, and in any case the words nan, and inf and
// infinity with an optional sign.
func ParseDouble(b []byte) (float64, bool) {
	if f, ok := ParseDoubleStrict(b); ok {
		return f, true
	}
	return floatWord(b)
}

// ParseFloat is ParseDouble for a float.
func ParseFloat(b []byte) (float32, bool) {
	if f, ok := ParseFloatStrict(b); ok {
		return f, true
	}
	f, ok := floatWord(b)
	return float32(f), ok
}

// ParseDoubleStrict parses a double as the CSV reader does, by Java's Double.parseDouble. That ignores blanks and control
// characters around the number and accepts 1e3, .5, 5., 1d, 1f, 0x1p3, NaN and Infinity. Overflow yields infinity, underflow
// 0.
func ParseDoubleStrict(b []byte) (float64, bool) {
	if v, decimals, plain := decimal.ParsePlain(b); plain && v != 0 && v <= 1<<53 && v >= -1<<53 {
		return float64(v) / pow10[decimals], true // both operands are exact, so the quotient is correctly rounded
	}
	t, ok := scanFloat(TrimBlanks(b))
	if !ok {
		return 0, false
	}
	if t.exact && t.mantissa <= 1<<53 && t.exponent >= -22 && t.exponent <= 22 {
		f := float64(t.mantissa)
		if t.exponent < 0 {
			f /= pow10[-t.exponent]
		} else {
			f *= pow10[t.exponent]
		}
		return t.signed(f), true
	}
	return t.slow(64), true
}

// ParseFloatStrict is ParseDoubleStrict for a float. It does not round to a double first.
func ParseFloatStrict(b []byte) (float32, bool) {
	if v, decimals, plain := decimal.ParsePlain(b); plain && v != 0 && v <= 1<<24 && v >= -1<<24 && decimals <= 10 {
		return float32(v) / float32(pow10[decimals]), true
	}
	t, ok := scanFloat(TrimBlanks(b))
	if !ok {
		return 0, false
	}
	if t.exact && t.mantissa <= 1<<24 && t.exponent >= -10 && t.exponent <= 10 {
		f := float32(t.mantissa)
		if t.exponent < 0 {
			f /= float32(pow10[-t.exponent])
		} else {
			f *= float32(pow10[t.exponent])
		}
		return float32(t.signed(float64(f))), true
	}
	return float32(t.slow(32)), true
}

var pow10 = [...]float64{
	1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11,
	1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22,
}

// NaN is Java's NaN, whose bits Spark stores. Go's has others.
var NaN = math.Float64frombits(0x7FF8 << 48)

func floatWord(b []byte) (float64, bool) {
	b = TrimBlanks(b)
	if len(b) > len("+infinity") {
		return 0, false
	}
	if bytes.EqualFold(b, []byte("nan")) {
		return NaN, true
	}
	sign := 1
	if len(b) > 0 && b[0] == '-' {
		sign = -1
	}
	if len(b) > 0 && (b[0] == '+' || b[0] == '-') {
		b = b[1:]
	}
	if bytes.EqualFold(b, []byte("inf")) || bytes.EqualFold(b, []byte("infinity")) {
		return math.Inf(sign), true
	}
	return 0, false
}

// A floatText is a number in Java's grammar.
type floatText struct {
	negative bool
	exact    bool // mantissa and exponent represent the number exactly
	mantissa uint64
	exponent int    // of 10
	text     []byte // without sign and suffix
}

func (t *floatText) signed(f float64) float64 {
	if t.negative {
		return -f
	}
	return f
}

func (t *floatText) slow(bits int) float64 {
	f, _ := strconv.ParseFloat(unsafe.String(&t.text[0], len(t.text)), bits) // the text is valid; out of range yields ±Inf
	if f != f {
		return NaN
	}
	return t.signed(f)
}

func scanFloat(b []byte) (t floatText, ok bool) {
	if len(b) > 0 && (b[0] == '+' || b[0] == '-') {
		t.negative = b[0] == '-'
		b = b[1:]
	}
	if len(b) == 0 {
		return t, false
	}
	t.text = b
	switch {
	case b[0] == 'N' || b[0] == 'I':
		return t, string(b) == "NaN" || string(b) == "Infinity"
	case len(b) > 2 && b[0] == '0' && b[1]|0x20 == 'x':
		return t, t.scanHex(b[2:])
	}
	i := t.scanDecimal(b)
	return t, i > 0 && t.endsAt(i)
}

// endsAt strips the suffix that may start at i, and reports whether the text ends there or after the suffix.
func (t *floatText) endsAt(i int) bool {
	rest := t.text[i:]
	t.text = t.text[:i]
	if len(rest) == 0 {
		return true
	}
	c := rest[0] | 0x20
	return len(rest) == 1 && (c == 'd' || c == 'f')
}

// scanDecimal parses digits, point and exponent. It returns their length, or 0 if they are malformed.
func (t *floatText) scanDecimal(b []byte) int {
	digits, point := 0, -1
	i := 0
	for ; i < len(b); i++ {
		c := b[i]
		if d := c - '0'; d <= 9 {
			digits++
			t.mantissa = t.mantissa*10 + uint64(d)
		} else if c == '.' && point < 0 {
			point = i
		} else {
			break
		}
	}
	if digits == 0 {
		return 0
	}
	if point >= 0 {
		t.exponent = point + 1 - i
	}
	t.exact = digits <= 19
	if i < len(b) && b[i]|0x20 == 'e' {
		exp, n := scanExponent(b[i+1:])
		if n == 0 {
			return 0
		}
		t.exponent += exp
		i += 1 + n
	}
	return i
}

// scanExponent parses sign and digits. It returns their length, or 0 if there are none.
func scanExponent(b []byte) (exp, n int) {
	negative := len(b) > 0 && b[0] == '-'
	if negative || len(b) > 0 && b[0] == '+' {
		n = 1
	}
	first := n
	for ; n < len(b) && b[n]-'0' <= 9; n++ {
		exp = min(exp*10+int(b[n]-'0'), 1e6)
	}
	if n == first {
		return 0, 0
	}
	if negative {
		exp = -exp
	}
	return exp, n
}

// scanHex parses what follows 0x: hexadecimal digits with an optional point, p, and a mandatory binary exponent.
func (t *floatText) scanHex(b []byte) bool {
	digits, points, i := 0, 0, 0
	for ; i < len(b) && (isHex(b[i]) || b[i] == '.' && points == 0); i++ {
		if b[i] == '.' {
			points++
		} else {
			digits++
		}
	}
	if digits == 0 || i == len(b) || b[i]|0x20 != 'p' {
		return false
	}
	_, n := scanExponent(b[i+1:])
	return n > 0 && t.endsAt(2+i+1+n)
}

func isHex(c byte) bool { return c-'0' <= 9 || c|0x20 >= 'a' && c|0x20 <= 'f' }
