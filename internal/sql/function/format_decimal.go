package function

import (
	"strings"

	"github.com/streamctl/streamctl/internal/javatext"
	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/sql/coerce"
	"github.com/streamctl/streamctl/internal/sql/expr"
	"github.com/streamctl/streamctl/internal/types"
)

// decimalFormatFunctions parse and format decimals with formats like '$99,999.99S'.
func decimalFormatFunctions() []*expr.Function {
	return []*expr.Function{
		toNumber("to_number", "an error if the string does not match.", "to_number('$78.12', '$99.99')", "78.12"),
		toNumber("try_to_number", "NULL if the string does not match.", "try_to_number('abc', '999')", "NULL"),
		{
			Name: "to_char", Aliases: []string{"to_varchar"}, Group: "string_funcs", Usage: "to_char(expr, format)",
			Doc:     "A number formatted like '999.99', a date or timestamp formatted with a pattern, or binary data as base64, hex or utf-8.",
			Example: "to_char(78.12, '$99.99')", Result: "$78.12", MinArgs: 2, MaxArgs: 2,
			Resolve: resolveToChar, Replace: replaceWith(asToChar), Compile: compileToChar, SQL: toCharSQL,
		},
	}
}

func toNumber(name, doc, example, result string) *expr.Function {
	return &expr.Function{
		Name: name, Group: "string_funcs", Usage: name + "(expr, fmt)",
		Doc:     "The decimal parsed from a string with a format of 0 9 . , $ S MI PR; " + doc,
		Example: example, Result: result, MinArgs: 2, MaxArgs: 2, Resolve: resolveToNumber,
		Compile: func(call *expr.Expr) (expr.Kernel, error) { return compileToNumber(call, name != "to_number") },
	}
}

// constantFormat parses the constant format argument. It returns nil for NULL.
func constantFormat(call *expr.Expr, param string) (*javatext.NumberFormat, error) {
	v, err := fold(call.Args[1])
	switch {
	case err != nil:
		return nil, err
	case v == nil:
		return nil, coerce.Mismatch(call, "NON_FOLDABLE_INPUT", "inputName", "`"+param+"`", "inputType", `"STRING"`,
			"inputExpr", `"`+call.Args[1].SQL()+`"`)
	case v.IsNull(0):
		return nil, nil
	}
	f, err := javatext.ParseNumberFormat(strings.ToUpper(string(v.Bytes(0))))
	call.Data = f
	return f, err
}

func resolveToNumber(call *expr.Expr) error {
	if err := coerce.Params(call, coerce.String); err != nil {
		return err
	}
	f, err := constantFormat(call, "fmt")
	if err != nil {
		return err
	}
	t := types.DecimalOf(10, 0) // without a format
	if f != nil {
		t = types.DecimalOf(min(f.Precision, 38), f.Scale)
	}
	coerce.Returns(call, t)
	call.Nullable = call.Nullable || call.Fn.Name != "to_number"
	return nil
}

func compileToNumber(call *expr.Expr, try bool) (expr.Kernel, error) {
	f, ok := call.Data.(*javatext.NumberFormat)
	return rowKernel(func(r *row) error {
		if !ok {
			r.setNull()
			return nil
		}
		v, matches := f.Parse(r.text(0))
		switch {
		case matches:
			r.out.Dec[r.out.At(r.i)] = v
		case try:
			r.setNull()
		default:
			return sparkerr.New("INVALID_FORMAT.MISMATCH_INPUT", "inputType", `"STRING"`, "input", string(r.text(0)), "format", f.Text).
				WithHint("try_to_number returns NULL instead")
		}
		return nil
	}), nil
}
