package javatext

import (
	"strings"

	"github.com/streamctl/streamctl/internal/decimal"
)

// Format formats a decimal with the given scale; a number that does not fit becomes # signs.
func (f *NumberFormat) Format(v decimal.Int128, scale int) string {
	whole, fraction := f.digits(v, scale)
	w := charWriter{}
	point := false
	for _, t := range f.tokens {
		switch t.kind {
		case digitsToken:
			for _, g := range t.groups {
				switch {
				case g.count == 0:
					w.separator()
				case point:
					w.b = append(w.b, fraction[:g.count]...)
					fraction = fraction[g.count:]
				default:
					w.whole(whole[:g.count], g.exact)
					whole = whole[g.count:]
				}
			}
		case pointToken:
			if n := len(w.b); n > 0 && w.b[n-1] == ' ' {
				w.b[n-1] = '0'
			}
			w.b = append(w.b, '.')
			point = true
		case dollarToken:
			w.b = append(w.b, '$')
		default:
			w.sign(t.kind, v.Sign() < 0)
		}
	}
	w.stripPoint()
	if s := string(w.b); s != "" && s != "+" && s != "-" {
		return s
	}
	return "0"
}

// digits returns the digits before and after the point, padded with blanks and zeros to the size of the format.
func (f *NumberFormat) digits(v decimal.Int128, scale int) (whole, fraction string) {
	before := f.Precision - f.Scale
	whole, fraction, _ = strings.Cut(string(decimal.Append(nil, v, scale)), ".")
	whole, fraction = strings.TrimLeft(whole, "-0"), strings.TrimRight(fraction, "0")
	if len(whole) > before || len(fraction) > f.Scale {
		return strings.Repeat("#", before), strings.Repeat("#", f.Scale)
	}
	return strings.Repeat(" ", before-len(whole)) + whole, fraction + strings.Repeat("0", f.Scale-len(fraction))
}

// A charWriter keeps signs next to the digits by moving blanks outwards.
type charWriter struct{ b []byte }

func (w *charWriter) whole(digits string, exact bool) {
	for _, c := range []byte(digits) {
		switch {
		case c == ' ' && exact:
			w.b = append(w.b, '0')
		case c == ' ':
			w.blank()
		default:
			w.b = append(w.b, c)
		}
	}
}

func (w *charWriter) separator() {
	if n := len(w.b); n > 0 && w.b[n-1] >= '0' && w.b[n-1] <= '9' {
		w.b = append(w.b, ',')
	} else {
		w.blank()
	}
}

// blank inserts a blank before trailing signs.
func (w *charWriter) blank() {
	w.b = append(w.b, ' ')
	for i := len(w.b) - 1; i > 0 && strings.IndexByte("+-<", w.b[i-1]) >= 0; i-- {
		w.b[i], w.b[i-1] = w.b[i-1], w.b[i]
	}
}

// mark inserts a character before trailing blanks.
func (w *charWriter) mark(c byte) {
	w.b = append(w.b, c)
	for i := len(w.b) - 1; i > 0 && w.b[i-1] == ' '; i-- {
		w.b[i], w.b[i-1] = w.b[i-1], w.b[i]
	}
}

func (w *charWriter) sign(kind byte, negative bool) {
	if kind == openToken {
		if negative {
			w.b = append(w.b, '<')
		}
		return
	}
	if kind != minusToken || negative {
		w.stripPoint()
	}
	switch {
	case kind == closeToken && negative:
		w.mark('>')
	case kind == closeToken:
		w.b = append(w.b, "  "...)
	case negative:
		w.mark('-')
	case kind == signToken:
		w.mark('+')
	default:
		w.b = append(w.b, ' ')
	}
}

// stripPoint replaces a point that is not followed by a digit with a blank.
func (w *charWriter) stripPoint() {
	for i, c := range w.b {
		if c == '.' && (i == len(w.b)-1 || w.b[i+1] == ' ') {
			w.b[i] = ' '
		}
	}
}
