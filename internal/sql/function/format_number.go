package function

import (
	"bytes"
	"math"
	"strconv"
	"strings"

	"github.com/streamctl/streamctl/internal/decimal"
	"github.com/streamctl/streamctl/internal/sql/coerce"
	"github.com/streamctl/streamctl/internal/sql/expr"
	"github.com/streamctl/streamctl/internal/types"
)

// formatNumberFunctions returns format_number, which formats like java.text.DecimalFormat for the US locale.
func formatNumberFunctions() []*expr.Function {
	return []*expr.Function{{
		Name: "format_number", Group: "string_funcs", Usage: "format_number(expr1, expr2)",
		Doc:     "The number with thousands separators and expr2 decimal places, or formatted with a pattern like '#,###.##'.",
		Example: "format_number(12332.123456, 4)", Result: "12,332.1235", MinArgs: 2, MaxArgs: 2,
		Resolve: nullable(expects(types.String, coerce.Numeric, coerce.OneOf(coerce.Int, coerce.String))), Compile: compileFormatNumber,
	}}
}

// A numberPattern is a compiled pattern of java.text.DecimalFormat.
type numberPattern struct {
	prefix, suffix                 string
	negativePrefix, negativeSuffix string
	group                          int // number of digits between commas, 0: none
	minWhole, minPlaces, maxPlaces int
	shift                          int // 2 for percent, 3 for per mille
	exponent                       int // number of exponent digits, 0: none
	maxWhole                       int // with an exponent: number of digits before the point
}

// javaPlaces is the number of decimal places that java.text gives to numbers other than decimals.
const javaPlaces = 340

func compileFormatNumber(call *expr.Expr) (expr.Kernel, error) {
	digits := numberText(call.Args[0].Type)
	var cached string
	pattern := readNumberPattern("#,##0")
	return rowKernel(func(r *row) error {
		p := pattern
		if r.args[1].Type.Kind == types.KindInt {
			if r.int(1) < 0 {
				r.setNull()
				return nil
			}
			r.fits(r.out.Data, r.int(1))
			p.minPlaces, p.maxPlaces = r.int(1), r.int(1)
		} else {
			if text := r.text(1); len(text) > 0 && cached != string(text) {
				cached = string(text)
				pattern = readNumberPattern(cached)
			} else if len(text) == 0 {
				cached, pattern = "", readNumberPattern("#,##0")
			}
			p = pattern
		}
		if call.Args[0].Type.Kind != types.KindDecimal {
			p.minPlaces, p.maxPlaces = min(p.minPlaces, javaPlaces), min(p.maxPlaces, javaPlaces)
		}
		start := len(r.out.Data)
		r.out.Data = p.append(r.out.Data, r, digits)
		r.out.CloseBytes(r.i, start)
		return nil
	}), nil
}

// A digitWriter returns the digits of the row's number times 10 to the power of shift, with at most places decimals, rounded
// half to even.
type digitWriter func(r *row, places, shift int) string

func numberText(t *types.Type) digitWriter {
	switch t.Kind {
	case types.KindFloat:
		return func(r *row, places, shift int) string {
			return floatText(float64(r.args[0].F32[r.args[0].At(r.i)]), places, shift)
		}
	case types.KindDouble:
		return func(r *row, places, shift int) string { return floatText(r.double(0), places, shift) }
	case types.KindDecimal:
		return func(r *row, places, shift int) string {
			return decimalPlaces(r.args[0].Dec[r.args[0].At(r.i)], t.Scale-shift, places)
		}
	}
	return func(r *row, places, shift int) string {
		return decimalPlaces(decimal.FromInt64(r.integral(0)), -shift, places)
	}
}

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

// readNumberPattern parses prefix, digits and suffix and, after a semicolon, those of negative numbers.
func readNumberPattern(text string) numberPattern {
	positive, negative, given := cutPattern(text)
	p := numberPattern{}
	rest := p.readAffix(positive, &p.prefix)
	rest = p.readDigits(rest)
	p.readAffix(rest, &p.suffix)
	p.negativePrefix, p.negativeSuffix = "-"+p.prefix, p.suffix
	if given {
		var other numberPattern
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
func (p *numberPattern) readAffix(s string, affix *string) (rest string) {
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

func (p *numberPattern) readDigits(s string) (rest string) {
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
			return s[i:]
		default:
			p.group = max(comma, 0)
			return s[i:]
		}
	}
	p.group = max(comma, 0)
	return s[i:]
}

func (p numberPattern) append(dst []byte, r *row, digits digitWriter) []byte {
	places := p.maxPlaces
	if p.exponent > 0 {
		places = 340
	}
	text := digits(r, places, p.shift)
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

func (p numberPattern) fixed(dst []byte, text string) []byte {
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
	if fraction != "" {
		dst = append(append(dst, '.'), fraction...)
	}
	return dst
}

// scientific writes as many digits before the point as the pattern has, or multiples of them if some are optional.
func (p numberPattern) scientific(dst []byte, text string) []byte {
	whole, fraction, _ := strings.Cut(text, ".")
	all := bytes.TrimLeft([]byte(whole+fraction), "0")
	exponent := len(all) - len(fraction) // of 0.ddd
	if len(all) == 0 {
		all, exponent = []byte{'0'}, 1
	}
	step := max(p.minWhole, 1)
	if p.maxWhole > p.minWhole && p.maxWhole > 1 {
		up := int(math.Floor(float64(exponent-1)/float64(p.maxWhole))) * p.maxWhole
		step = exponent - up
	}
	keep := step + p.maxPlaces
	if drop := len(all) - keep; drop > 0 {
		if roundsAway(all, drop, decimal.HalfEven) {
			up := increment(all, drop)
			if len(up) > keep {
				up, exponent = up[:keep], exponent+1
			}
			all = up
		} else {
			all = all[:keep]
		}
	}
	for len(all) < step {
		all = append(all, '0')
	}
	exponent -= step
	plain := p
	plain.group = 0
	dst = plain.fixed(dst, string(all[:step])+"."+string(all[step:]))
	dst = append(dst, 'E')
	if exponent < 0 {
		dst, exponent = append(dst, '-'), -exponent
	}
	number := strconv.Itoa(exponent)
	return append(append(dst, strings.Repeat("0", max(p.exponent-len(number), 0))...), number...)
}
