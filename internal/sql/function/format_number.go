package function

import (
	"github.com/streamctl/streamctl/internal/javatext"
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

func compileFormatNumber(call *expr.Expr) (expr.Kernel, error) {
	const standard = "#,##0"
	number := numberAppender(call.Args[0].Type)
	pattern, cached := javatext.ParseDecimalFormat(standard), standard
	return rowKernel(func(r *row) error {
		p := pattern
		if r.args[1].Type.Kind == types.KindInt {
			if r.int(1) < 0 {
				r.setNull()
				return nil
			}
			r.fits(r.out.Data, r.int(1))
			p = p.WithPlaces(r.int(1))
		} else {
			text := r.text(1)
			if len(text) == 0 {
				text = []byte(standard)
			}
			if cached != string(text) {
				cached = string(text)
				pattern = javatext.ParseDecimalFormat(cached)
			}
			p = pattern
		}
		start := len(r.out.Data)
		r.out.Data = number(p, r, r.out.Data)
		r.out.CloseBytes(r.i, start)
		return nil
	}), nil
}

// numberAppender returns a function that appends the first argument, of type t, in a format.
func numberAppender(t *types.Type) func(p javatext.DecimalFormat, r *row, dst []byte) []byte {
	switch t.Kind {
	case types.KindFloat:
		return func(p javatext.DecimalFormat, r *row, dst []byte) []byte {
			return p.AppendDouble(dst, float64(r.args[0].F32[r.args[0].At(r.i)]))
		}
	case types.KindDouble:
		return func(p javatext.DecimalFormat, r *row, dst []byte) []byte { return p.AppendDouble(dst, r.double(0)) }
	case types.KindDecimal:
		return func(p javatext.DecimalFormat, r *row, dst []byte) []byte {
			return p.AppendDecimal(dst, r.args[0].Dec[r.args[0].At(r.i)], t.Scale)
		}
	}
	return func(p javatext.DecimalFormat, r *row, dst []byte) []byte { return p.AppendInteger(dst, r.integral(0)) }
}
