package javatext

import (
	"bytes"
	"math"
	"strconv"
	"strings"

	"github.com/streamctl/streamctl/internal/decimal"
)

// A DecimalFormat is a compiled pattern of java.text.DecimalFormat for the US locale.
type DecimalFormat struct {
	prefix, suffix                 string
	negativePrefix, negativeSuffix string
	group                          int // number of digits between commas, 0: none
	minWhole, minPlaces, maxPlaces int
	shift                          int          // 2 for percent, 3 for per mille
	exponent                       int          // number of exponent digits, 0: none
	maxWhole                       int          // with an exponent: number of digits before the point
	ties                           decimal.Mode // of digits dropped before an exponent
	point                          bool         // is written even if no decimal places follow
}

// maxPlaces is the number of decimal places of numbers other than decimals. (Java: DecimalFormat.DOUBLE_FRACTION_DIGITS.)
const maxPlaces = 340

// floatText rounds the number itself, but has at most as many digits as Java's text of the number; zeros follow.
func floatText(x float64, places, shift int) string {
	if shift > 0 {
		x *= math.Pow10(shift)
	}
	if x == 0 || math.IsNaN(x) || math.IsInf(x, 0) {
		return strconv.FormatFloat(x, 'f', places, 64)
	}
	digits, exponent := javaDigits(math.Abs(x))
	if len(digits)-exponent > places {
		return strconv.FormatFloat(x, 'f', places, 64)
	}
	text := make([]byte, 0, len(digits)+max(exponent, -exponent)+3)
	if x < 0 {
		text = append(text, '-')
	}
	if exponent <= 0 {
		text = append(append(text, "0."...), bytes.Repeat([]byte("0"), -exponent)...)
		return string(append(text, digits...))
	}
	for i := range max(exponent, len(digits)) {
		if i == exponent {
			text = append(text, '.')
		}
		if i < len(digits) {
			text = append(text, digits[i])
		} else {
			text = append(text, '0')
		}
	}
	return string(text)
}

func decimalPlaces(v decimal.Int128, scale, places int) string {
	if scale < 0 {
		v, _ = decimal.Rescale(v, scale, 0)
		scale = 0
	}
	var dst []byte
	if places < scale {
		rounded, _ := decimal.RescaleMode(v, scale, places, decimal.HalfEven)
		if rounded.IsZero() && v.Sign() < 0 {
			dst = append(dst, '-') // zero keeps the sign
		}
		v, scale = rounded, places
	}
	return string(decimal.Append(dst, v, scale))
}

// ParseDecimalFormat parses a pattern such as "#,##0.00;(#)": prefix, digits and suffix and, after a semicolon, those of negative
// numbers. Every text is a pattern.
func ParseDecimalFormat(text string) DecimalFormat {
	positive, negative, given := cutPattern(text)
	p := DecimalFormat{ties: decimal.HalfEven}
	rest := p.readAffix(positive, &p.prefix)
	rest = p.readDigits(rest)
	p.readAffix(rest, &p.suffix)
	p.negativePrefix, p.negativeSuffix = "-"+p.prefix, p.suffix
	if given {
		var other DecimalFormat
		other.readAffix(other.readDigits(other.readAffix(negative, &p.negativePrefix)), &p.negativeSuffix)
	}
	return p
}

// cutPattern splits at the first unquoted semicolon.
func cutPattern(s string) (before, after string, found bool) {
	quoted := false
	for i, c := range s {
		switch {
		case c == '\'':
			quoted = !quoted
		case c == ';' && !quoted:
			return s[:i], s[i+1:], true
		}
	}
	return s, "", false
}

// readAffix reads literal text up to the first digit place, or to the end.
func (p *DecimalFormat) readAffix(s string, affix *string) (rest string) {
	var b strings.Builder
	quoted := false
	for i, c := range s {
		switch {
		case c == '\'' && strings.HasPrefix(s[i+1:], "'"):
			b.WriteByte('\'')
		case c == '\'' && i > 0 && s[i-1] == '\'' && !quoted:
		case c == '\'':
			quoted = !quoted
		case !quoted && strings.ContainsRune("#0,.", c):
			*affix = b.String()
			return s[i:]
		default:
			if !quoted && c == '%' {
				p.shift = 2
			}
			if !quoted && c == '‰' {
				p.shift = 3
			}
			if !quoted && c == '¤' {
				b.WriteByte('$')
				continue
			}
			b.WriteRune(c)
		}
	}
	*affix = b.String()
	return ""
}

func (p *DecimalFormat) readDigits(s string) (rest string) {
	places, comma := false, -1
	i := 0
	for ; i < len(s); i++ {
		switch c := s[i]; {
		case c == '#' && places:
			p.maxPlaces++
		case c == '0' && places:
			p.minPlaces++
			p.maxPlaces++
		case c == '0' || c == '#':
			if c == '0' {
				p.minWhole++
			}
			p.maxWhole++
			if comma >= 0 {
				comma++
			}
		case c == ',':
			comma = 0
		case c == '.' && !places:
			places = true
		case c == 'E':
			for i++; i < len(s) && s[i] == '0'; i++ {
				p.exponent++
			}
			p.complete(places)
			return s[i:]
		default:
			p.group = max(comma, 0)
			p.complete(places)
			return s[i:]
		}
	}
	p.group = max(comma, 0)
	p.complete(places)
	return s[i:]
}

// complete determines what depends on all digits of a pattern. In a pattern with a point but without 0, the last # before the point, or
// the first one after it if there is none before, counts as 0. (Java: DecimalFormat.applyPattern.)
func (p *DecimalFormat) complete(point bool) {
	p.point = point && (p.maxWhole == 0 || p.maxPlaces == 0)
	switch {
	case !point || p.minWhole > 0 || p.minPlaces > 0:
	case p.maxWhole > 0:
		p.minWhole = 1
	case p.maxPlaces > 0:
		p.minPlaces = 1
	}
}

// WithPlaces returns the format with exactly n decimal places.
func (p DecimalFormat) WithPlaces(n int) DecimalFormat {
	p.minPlaces, p.maxPlaces = n, n
	return p
}

// AppendDouble appends x, rounded half to even, to dst.
func (p DecimalFormat) AppendDouble(dst []byte, x float64) []byte {
	p = p.limited()
	if p.exponent > 0 && x == math.Trunc(x) && math.Abs(x) < 1<<63 {
		p.ties = decimal.HalfUp // Java does not know that it has all digits of a whole number (FloatingDecimal.decimalDigitsExact)
	}
	return p.append(dst, floatText(x, p.places(), p.shift))
}

// AppendInteger appends n to dst.
func (p DecimalFormat) AppendInteger(dst []byte, n int64) []byte {
	p = p.limited()
	return p.append(dst, decimalPlaces(decimal.FromInt64(n), -p.shift, p.places()))
}

// AppendDecimal appends a decimal with the given scale, rounded half to even, to dst.
func (p DecimalFormat) AppendDecimal(dst []byte, unscaled decimal.Int128, scale int) []byte {
	return p.append(dst, decimalPlaces(unscaled, scale-p.shift, p.places()))
}

// limited returns the format for numbers other than decimals.
func (p DecimalFormat) limited() DecimalFormat {
	p.minPlaces, p.maxPlaces = min(p.minPlaces, maxPlaces), min(p.maxPlaces, maxPlaces)
	return p
}

// places returns the number of decimal places that are needed of a number.
func (p DecimalFormat) places() int {
	if p.exponent > 0 {
		return maxPlaces
	}
	return p.maxPlaces
}

// append appends a number, whose digits text holds in the usual notation.
func (p DecimalFormat) append(dst []byte, text string) []byte {
	negative := strings.HasPrefix(text, "-")
	text = strings.TrimPrefix(text, "-")
	if text == "NaN" {
		return append(dst, "NaN"...)
	}
	prefix, suffix := p.prefix, p.suffix
	if negative {
		prefix, suffix = p.negativePrefix, p.negativeSuffix
	}
	dst = append(dst, prefix...)
	switch {
	case strings.HasSuffix(text, "Inf"):
		dst = append(dst, "∞"...)
	case p.exponent > 0:
		dst = p.scientific(dst, text)
	default:
		dst = p.fixed(dst, text)
	}
	return append(dst, suffix...)
}

func (p DecimalFormat) fixed(dst []byte, text string) []byte {
	whole, fraction, _ := strings.Cut(text, ".")
	whole = strings.TrimLeft(whole, "0")
	if missing := p.minWhole - len(whole); missing > 0 {
		whole = strings.Repeat("0", missing) + whole
	}
	if missing := p.minPlaces - len(fraction); missing > 0 {
		fraction += strings.Repeat("0", missing)
	}
	for len(fraction) > p.minPlaces && fraction[len(fraction)-1] == '0' {
		fraction = fraction[:len(fraction)-1]
	}
	if whole == "" && fraction == "" {
		whole = "0"
	}
	dst = group(dst, whole, p.group)
	if fraction != "" || p.point {
		dst = append(append(dst, '.'), fraction...)
	}
	return dst
}

// scientific writes as many digits before the point as the pattern requires, or a multiple of its digits there if some are optional.
// (Java: DecimalFormat.subformat.)
func (p DecimalFormat) scientific(dst []byte, text string) []byte {
	whole, fraction, _ := strings.Cut(text, ".")
	all := bytes.TrimLeft([]byte(whole+fraction), "0")
	at := len(all) - len(fraction) // the value is 0.ddd × 10^at
	if keep := p.maxWhole + p.maxPlaces; len(all) > keep {
		drop := len(all) - keep
		if decimal.RoundsAway(all, drop, p.ties) {
			up := decimal.Increment(all, drop)
			if len(up) > keep {
				up, at = up[:keep], at+1
			}
			all = up
		} else {
			all = all[:keep]
		}
	}
	all = bytes.TrimRight(all, "0")
	exponent, before := at-p.minWhole, p.minWhole // before is the number of digits before the point
	if p.maxWhole > 1 && p.maxWhole > p.minWhole {
		exponent = int(math.Floor(float64(at-1)/float64(p.maxWhole))) * p.maxWhole
		before = 1
	}
	if len(all) == 0 {
		exponent = 0
	} else {
		before = at - exponent
	}
	total := max(len(all), p.minWhole+p.minPlaces, before)
	for i := range total {
		if i == before {
			dst = append(dst, '.')
		}
		if i < len(all) {
			dst = append(dst, all[i])
		} else {
			dst = append(dst, '0')
		}
	}
	if p.point && total == before {
		dst = append(dst, '.')
	}
	dst = append(dst, 'E')
	if exponent < 0 {
		dst, exponent = append(dst, '-'), -exponent
	}
	number := strconv.Itoa(exponent)
	return append(append(dst, strings.Repeat("0", max(p.exponent-len(number), 0))...), number...)
}
