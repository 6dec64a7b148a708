package decimal

import (
	"errors"
	"math"
	"math/bits"
	"strconv"
	"unicode"
	"unicode/utf8"
)

// Errors of Parse.
var (
	ErrSyntax = errors.New("not a decimal number")
	ErrRange  = errors.New("more than 38 digits")
)

// Append appends v / 10^scale in plain notation with scale decimals, as java.math.BigDecimal.toPlainString does.
func Append(dst []byte, v Int128, scale int) []byte {
	m, negative := v.magnitude()
	if negative {
		dst = append(dst, '-')
	}
	if scale <= 0 {
		dst = appendMagnitude(dst, m)
		for ; scale < 0 && !m.isZero(); scale++ {
			dst = append(dst, '0')
		}
		return dst
	}
	var buf [40]byte
	digits := appendMagnitude(buf[:0], m)
	if pad := scale - len(digits); pad >= 0 {
		dst = append(dst, '0', '.')
		for ; pad > 0; pad-- {
			dst = append(dst, '0')
		}
		return append(dst, digits...)
	}
	point := len(digits) - scale
	dst = append(dst, digits[:point]...)
	dst = append(dst, '.')
	return append(dst, digits[point:]...)
}

// AppendScientific appends v / 10^scale, with an exponent if it is small, as java.math.BigDecimal.toString does.
func AppendScientific(dst []byte, v Int128, scale int) []byte {
	m, negative := v.magnitude()
	var buf [40]byte
	digits := appendMagnitude(buf[:0], m)
	exponent := len(digits) - 1 - scale
	if exponent >= -6 {
		return Append(dst, v, scale)
	}
	if negative {
		dst = append(dst, '-')
	}
	dst = append(dst, digits[0])
	if len(digits) > 1 {
		dst = append(append(dst, '.'), digits[1:]...)
	}
	return strconv.AppendInt(append(dst, 'E'), int64(exponent), 10)
}

func appendMagnitude(dst []byte, m magnitude) []byte {
	if m.hi == 0 {
		return strconv.AppendUint(dst, m.lo, 10)
	}
	const chunk = 1e19
	high, low := bits.Div64(m.hi, m.lo, chunk) // m.hi ≤ 2^63 < chunk
	dst = strconv.AppendUint(dst, high, 10)
	var buf [20]byte
	digits := strconv.AppendUint(buf[:0], low, 10)
	for i := len(digits); i < 19; i++ {
		dst = append(dst, '0')
	}
	return append(dst, digits...)
}

// A number is a parsed text: its first 38 significant digits, information about the rest, and its scale.
type number struct {
	negative bool
	coef     magnitude
	digits   int  // significant digits in coef
	extra    int  // number of further significant digits, which coef lacks
	roundUp  bool // the first of those further digits is 5 or more
	scale    int64
}

// Parse parses a number as java.math.BigDecimal does: sign, digits with an optional point, exponent; no blanks. The error is
// ErrRange for a number of more than 38 significant digits and ErrSyntax for anything malformed. The scale may be negative.
func Parse(b []byte) (unscaled Int128, scale int, err error) {
	n, ok := scan(b)
	if !ok {
		return Int128{}, 0, ErrSyntax
	}
	if n.extra > 0 {
		return Int128{}, 0, ErrRange
	}
	v, _ := n.coef.signed(n.negative)
	return v, int(n.scale), nil
}

// ParseAs parses a number of any length as Parse does and rounds it HALF_UP to the given scale. If the number does not fit
// DECIMAL(precision, scale), overflow is set; if neither ok nor overflow is set, b is not a number.
func ParseAs(b []byte, precision, scale int) (v Int128, ok, overflow bool) {
	if m, decimals, plain := ParsePlain(b); plain {
		v, ok = Rescale(FromInt64(m), decimals, scale)
	} else if n, valid := scan(b); valid {
		v, ok = n.as(scale)
	} else {
		return Int128{}, false, false
	}
	if !ok || !Fits(v, precision) {
		return Int128{}, false, true
	}
	return v, true, false
}

// ParsePlain is a fast path for the most frequent form: a sign, ASCII digits and a point, at most 18 characters. The number
// is v / 10^decimals. If plain is false, b may still be a valid number.
func ParsePlain(b []byte) (v int64, decimals int, plain bool) {
	if len(b) == 0 || len(b) > 18 {
		return 0, 0, false
	}
	digits := b
	if b[0] == '-' || b[0] == '+' {
		digits = b[1:]
	}
	if n := len(digits); n > 0 && n <= 8 {
		if v, decimals, plain = shortPlain(digits); b[0] == '-' {
			v = -v
		}
		return v, decimals, plain
	}
	point := -1
	for i, c := range digits {
		d := c - '0'
		if d > 9 {
			if c != '.' || point >= 0 {
				return 0, 0, false
			}
			point = i
			continue
		}
		v = v*10 + int64(d)
	}
	if b[0] == '-' {
		v = -v
	}
	if point < 0 {
		return v, 0, len(digits) > 0
	}
	return v, len(digits) - 1 - point, len(digits) > 1
}

// as returns the number at the given scale. HALF_UP depends on the first discarded digit only.
func (n *number) as(scale int) (Int128, bool) {
	v, _ := n.coef.signed(n.negative)
	if n.coef.isZero() {
		return v, true
	}
	from := n.scale - int64(n.extra)
	switch diff := int64(scale) - from; {
	case diff > MaxPrecision || diff > 0 && n.extra > 0:
		return Int128{}, false
	case diff < -MaxPrecision-1:
		return Int128{}, true
	case diff == 0 && n.roundUp:
		one := FromInt64(1)
		if n.negative {
			one = one.Neg()
		}
		return v.Add(one), true
	default:
		return Rescale(v, 0, int(diff))
	}
}

// Supported reports whether a number has at most 38 digits before the point, including those that a positive exponent adds.
// (Spark rejects other numbers with NUMERIC_OUT_OF_SUPPORTED_RANGE before it considers the target type.)
func Supported(b []byte) bool {
	n, ok := scan(b)
	return ok && int64(max(n.digits, 1)+n.extra)-n.scale <= MaxPrecision
}

// AppendPlain appends the number in text b in plain notation with all its digits, for error messages.
func AppendPlain(dst, b []byte) []byte {
	n, ok := scan(b)
	if !ok || !Supported(b) || n.scale > math.MaxInt16 {
		return append(dst, b...)
	}
	if n.negative && !n.coef.isZero() {
		dst = append(dst, '-')
	}
	digits := significantDigits(b)
	for s := n.scale; s < 0 && !n.coef.isZero(); s++ {
		digits = append(digits, '0')
	}
	scale := int(max(n.scale, 0))
	for len(digits) <= scale {
		digits = append([]byte{'0'}, digits...)
	}
	dst = append(dst, digits[:len(digits)-scale]...)
	if scale > 0 {
		dst = append(dst, '.')
	}
	return append(dst, digits[len(digits)-scale:]...)
}

// significantDigits returns the digits of a valid number without point, exponent and leading zeros.
func significantDigits(b []byte) (digits []byte) {
	for len(b) > 0 && b[0]|0x20 != 'e' {
		d, size, ok := digit(b)
		if ok && (d > 0 || len(digits) > 0) {
			digits = append(digits, '0'+byte(d))
		}
		b = b[size:]
	}
	return digits
}

func scan(b []byte) (n number, ok bool) {
	if len(b) > 0 && (b[0] == '-' || b[0] == '+') {
		n.negative = b[0] == '-'
		b = b[1:]
	}
	any, point := false, false
	for len(b) > 0 {
		c := b[0]
		if c == '.' && !point {
			point = true
			b = b[1:]
			continue
		}
		if c|0x20 == 'e' {
			break
		}
		d, size, isDigit := digit(b)
		if !isDigit {
			return n, false
		}
		any = true
		if n.extra > 0 {
			size = digitRun(b, size)
			n.extra += size - 1
		}
		n.push(d)
		if point {
			n.scale += int64(size)
		}
		b = b[size:]
	}
	if !any {
		return n, false
	}
	if len(b) == 0 {
		return n, true
	}
	exp, ok := exponent(b[1:])
	n.scale -= exp
	return n, ok && n.scale == int64(int32(n.scale))
}

// digitRun counts the ASCII digits at the start of b. first is the size of the first digit; if that is not ASCII, the run
// ends after it.
func digitRun(b []byte, first int) int {
	n := first
	for first == 1 && n < len(b) && b[n]-'0' <= 9 {
		n++
	}
	return n
}

// push appends a digit to the coefficient.
func (n *number) push(d uint64) {
	switch {
	case n.digits == MaxPrecision:
		if n.extra == 0 {
			n.roundUp = d >= 5
		}
		n.extra++
	case n.digits < 19:
		n.coef.lo = n.coef.lo*10 + d
		if n.coef.lo != 0 {
			n.digits++
		}
	default:
		hi, lo := bits.Mul64(n.coef.lo, 10)
		var c uint64
		n.coef.lo, c = bits.Add64(lo, d, 0)
		n.coef.hi = n.coef.hi*10 + hi + c
		n.digits++
	}
}

// exponent parses the digits after the e. (Java: at most 10 digits after leading zeros.)
func exponent(b []byte) (int64, bool) {
	negative := len(b) > 0 && b[0] == '-'
	if negative || len(b) > 0 && b[0] == '+' {
		b = b[1:]
	}
	if len(b) == 0 {
		return 0, false
	}
	var exp int64
	for len(b) > 0 {
		d, size, ok := digit(b)
		if !ok || exp > 1e9 {
			return 0, false
		}
		exp = exp*10 + int64(d)
		b = b[size:]
	}
	if negative {
		exp = -exp
	}
	return exp, true
}

func digit(b []byte) (value uint64, size int, ok bool) {
	if c := b[0]; c < utf8.RuneSelf {
		return uint64(c - '0'), 1, c-'0' <= 9
	}
	r, size := utf8.DecodeRune(b)
	d, ok := DigitValue(r)
	return uint64(d), size, ok
}

// DigitValue returns the value of a decimal digit in any script. (Java calls Character.digit for a UTF-16 unit, so digits
// beyond U+FFFF do not count.)
func DigitValue(r rune) (int, bool) {
	if r < utf8.RuneSelf {
		return int(r - '0'), r >= '0' && r <= '9'
	}
	for _, t := range unicode.Nd.R16 {
		if rune(t.Lo) <= r && r <= rune(t.Hi) {
			return int(r-rune(t.Lo)) % 10, true
		}
	}
	return 0, false
}

// FromFloat64 returns the decimal of the shortest text that reads back as f, since Spark converts doubles to decimals by way
// of their text. ok is false if f is NaN, infinite, or has more than 38 digits before the point. The scale is not negative.
func FromFloat64(f float64) (v Int128, scale int, ok bool) {
	if math.IsNaN(f) || math.Abs(f) >= 1e38 {
		return Int128{}, 0, false
	}
	var buf [32]byte
	v, scale, err := Parse(strconv.AppendFloat(buf[:0], f, 'e', -1, 64))
	if scale < 0 {
		v, ok = Rescale(v, scale, 0)
		return v, 0, ok && err == nil
	}
	return v, scale, err == nil
}
