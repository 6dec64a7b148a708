package function

import (
	"strings"

	"github.com/streamctl/streamctl/internal/decimal"
	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/sql/coerce"
	"github.com/streamctl/streamctl/internal/sql/expr"
	"github.com/streamctl/streamctl/internal/types"
)

// resolveToChar formats only decimals itself; for dates and binary data it resolves to other functions.
func resolveToChar(call *expr.Expr) error {
	switch call.Args[0].Type.Kind {
	case types.KindDate, types.KindTimestamp, types.KindTimestampNTZ, types.KindTime, types.KindBinary:
		as, err := asToChar(call)
		if err != nil {
			return err
		}
		call.Type, call.Nullable = as.Type, as.Nullable
		return nil
	}
	if err := coerce.Params(call, coerce.AnyDecimal, coerce.String); err != nil {
		return err
	}
	if _, err := constantFormat(call, "format"); err != nil {
		return err
	}
	coerce.Returns(call, types.String)
	return nil
}

// toCharSQL prints the replacement of a call. During resolution it prints the call itself, for error messages.
func toCharSQL(call *expr.Expr, args []string) string {
	if call.Type == nil {
		return callSQL("to_char", args)
	}
	if as, err := asToChar(call); err == nil && as != call {
		return as.SQL()
	}
	return callSQL("to_char", args)
}

func asToChar(call *expr.Expr) (*expr.Expr, error) {
	x, format := call.Args[0], call.Args[1]
	switch x.Type.Kind {
	case types.KindDate, types.KindTimestamp, types.KindTimestampNTZ, types.KindTime:
		return Call(call, "date_format", x, format)
	case types.KindBinary:
		return binaryToChar(call, x, format)
	}
	return call, nil
}

func binaryToChar(call, x, format *expr.Expr) (*expr.Expr, error) {
	v, err := fold(format)
	switch {
	case err != nil:
		return nil, err
	case v == nil || !format.Type.IsText():
		return nil, sparkerr.New("NON_FOLDABLE_ARGUMENT", "funcName", types.Quote(call.CallName()), "paramName", "`format`",
			"paramType", `"`+format.Type.SQL()+`"`)
	case v.IsNull(0):
		return nil, sparkerr.New("INVALID_PARAMETER_VALUE.NULL", "parameter", "`format`", "functionName", types.Quote(call.CallName()))
	}
	switch strings.ToLower(string(v.Bytes(0))) {
	case "base64":
		return Call(call, "base64", x)
	case "hex":
		return Call(call, "hex", x)
	case "utf-8":
		return Call(call, "decode", x, expr.Str("UTF-8"))
	}
	return nil, sparkerr.New("INVALID_PARAMETER_VALUE.BINARY_FORMAT", "parameter", "`format`", "functionName", "`to_char`",
		"invalidFormat", "'"+string(v.Bytes(0))+"'")
}

func compileToChar(call *expr.Expr) (expr.Kernel, error) {
	f, ok := call.Data.(*decimalFormat)
	scale := call.Args[0].Type.Scale
	return rowKernel(func(r *row) error {
		if ok {
			r.setString(f.format(r.args[0].Dec[r.args[0].At(r.i)], scale))
		} else {
			r.setNull()
		}
		return nil
	}), nil
}

// format formats a decimal; a number that does not fit becomes # signs.
func (f *decimalFormat) format(v decimal.Int128, scale int) string {
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
func (f *decimalFormat) digits(v decimal.Int128, scale int) (whole, fraction string) {
	before := f.precision - f.scale
	whole, fraction, _ = strings.Cut(string(decimal.Append(nil, v, scale)), ".")
	whole, fraction = strings.TrimLeft(whole, "-0"), strings.TrimRight(fraction, "0")
	if len(whole) > before || len(fraction) > f.scale {
		return strings.Repeat("#", before), strings.Repeat("#", f.scale)
	}
	return strings.Repeat(" ", before-len(whole)) + whole, fraction + strings.Repeat("0", f.scale-len(fraction))
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
