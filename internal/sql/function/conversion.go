package function

import (
	"github.com/streamctl/streamctl/internal/codec"
	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/sql/coerce"
	"github.com/streamctl/streamctl/internal/sql/expr"
	"github.com/streamctl/streamctl/internal/types"
)

// A conversion holds the constant arguments of from_json, to_json and similar functions.
type conversion struct {
	schema  *types.Type
	options map[string]string
}

// constantOptions reads argument k, a map of constants, if present.
func constantOptions(call *expr.Expr, k int) (map[string]string, error) {
	if k >= len(call.Args) {
		return nil, nil
	}
	arg := call.Args[k]
	switch {
	case !arg.Is("map"):
		return nil, sparkerr.New("INVALID_OPTIONS.NON_MAP_FUNCTION")
	case arg.Type.Key.Kind != types.KindString || arg.Type.Elem.Kind != types.KindString:
		return nil, sparkerr.New("INVALID_OPTIONS.NON_STRING_TYPE", "mapType", `"`+arg.Type.SQL()+`"`)
	case !arg.Constant():
		return nil, sparkerr.New("INVALID_OPTIONS.NON_MAP_FUNCTION") // Spark: an internal error
	}
	m, err := valueOf(arg)
	if err != nil {
		return nil, err
	}
	options := map[string]string{}
	for i := range int(m.Views[0].Len) {
		at := int(m.Views[0].Off) + i
		options[string(m.Children[0].Bytes(at))] = string(m.Children[1].Bytes(at))
	}
	return options, nil
}

// constantSchema parses argument k, which must be the text of a type or of columns. If it is neither, the error is Spark's
// for an invalid type.
func constantSchema(call *expr.Expr, k int) (*types.Type, error) {
	arg := call.Args[k]
	v, err := fold(arg)
	if err != nil {
		return nil, err
	}
	if v == nil || v.IsNull(0) || !arg.Type.IsText() {
		return nil, sparkerr.New("INVALID_SCHEMA.NON_STRING_LITERAL", "inputSchema", `"`+arg.SQL()+`"`)
	}
	text := string(v.Bytes(0))
	t, noType := types.ParseType(text)
	if noType == nil {
		return withNulls(t), nil
	}
	s, noColumns := types.ParseDDL(text)
	if noColumns != nil {
		return nil, noType
	}
	return withNulls(types.StructOf(s.Fields...)), nil
}

// withNulls makes every nested part of a type nullable.
func withNulls(t *types.Type) *types.Type {
	switch t.Kind {
	case types.KindArray:
		return types.ArrayOf(withNulls(t.Elem), true)
	case types.KindMap:
		return types.MapOf(withNulls(t.Key), withNulls(t.Elem), true)
	case types.KindStruct:
		fields := make([]types.Field, len(t.Fields))
		for i, f := range t.Fields {
			fields[i] = types.Field{Name: f.Name, Type: withNulls(f.Type), Nullable: true, Comment: f.Comment}
		}
		return types.StructOf(fields...)
	}
	return t
}

// firstArgument prints a call without its schema and options, which Spark does not show.
func firstArgument(call *expr.Expr, args []string) string { return callSQL(call.CallName(), args[:1]) }

// resolveFrom returns a resolver for calls that parse a text with a constant schema and constant options, which become the Data of
// the call. check refuses schemas.
func resolveFrom(check func(call *expr.Expr, schema *types.Type) error) resolver {
	return func(call *expr.Expr) error {
		schema, err := constantSchema(call, 1)
		if err != nil {
			return err
		}
		options, err := constantOptions(call, 2)
		if err != nil {
			return err
		}
		if err := check(call, schema); err != nil {
			return err
		}
		call.Args = call.Args[:1]
		if err := coerce.Expects(call, coerce.String); err != nil {
			return err
		}
		call.Data = conversion{schema, options}
		call.Type, call.Nullable = schema, true
		return nil
	}
}

// resolveTo returns a resolver for calls that print a value with constant options, which become the Data of the call. check refuses
// values of a type.
func resolveTo(check func(call *expr.Expr, t *types.Type) error) resolver {
	return func(call *expr.Expr) error {
		options, err := constantOptions(call, 1)
		if err != nil {
			return err
		}
		if err := check(call, call.Args[0].Type); err != nil {
			return err
		}
		call.Args = call.Args[:1]
		call.Data = conversion{options: options}
		call.Type, call.Nullable = types.String, true
		return nil
	}
}

// checkMode refuses the mode that drops malformed records: a function has one result per row.
func checkMode(function string, mode codec.Mode) error {
	if mode == codec.DropMalformed {
		return sparkerr.New("PARSE_MODE_UNSUPPORTED", "funcName", types.Quote(function), "mode", "DROPMALFORMED")
	}
	return nil
}

// A printer appends the first argument of the row to dst.
type printer func(r *row, dst []byte) ([]byte, error)

// printKernel returns a kernel that prints rows with the printer that open returns at the first row.
func printKernel(open func(r *row) (printer, error)) expr.Kernel {
	var print printer
	return rowKernel(func(r *row) error {
		if print == nil {
			opened, err := open(r)
			if err != nil {
				return err
			}
			print = opened
		}
		from := len(r.out.Data)
		r.fits(r.out.Data, r.args[0].TextBytes(r.i))
		dst, err := print(r, r.out.Data)
		if err != nil {
			return err
		}
		r.out.Data = dst
		r.out.CloseBytes(r.i, from)
		return nil
	})
}
