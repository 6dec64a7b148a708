package function

import (
	"strings"

	"github.com/streamctl/streamctl/internal/javatext"
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
	f, ok := call.Data.(*javatext.NumberFormat)
	scale := call.Args[0].Type.Scale
	return rowKernel(func(r *row) error {
		if ok {
			r.setString(f.Format(r.args[0].Dec[r.args[0].At(r.i)], scale))
		} else {
			r.setNull()
		}
		return nil
	}), nil
}
