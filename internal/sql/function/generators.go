package function

import (
	"strconv"
	"strings"

	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/sql/coerce"
	"github.com/streamctl/streamctl/internal/sql/expr"
	"github.com/streamctl/streamctl/internal/sql/kernel"
	"github.com/streamctl/streamctl/internal/types"
)

// generatorFunctions return any number of rows for one row. The type of a call is an array of rows. The plan executes
// generators without a kernel itself, from the array or map that is their argument.
func generatorFunctions() []*expr.Function {
	return []*expr.Function{
		explode("explode", "A row per array item, or per key and value of a map.", "explode(array(10, 20))"),
		explode("explode_outer", "Like explode, but one row of NULL if there are no items.", "explode_outer(array(10, 20))"),
		explode("posexplode", "A row per item or entry with its position, counted from 0.", "posexplode(array(10, 20))"),
		explode("posexplode_outer", "Like posexplode, but one row of NULLs if there are no items.", "posexplode_outer(array(10, 20))"),
		inline("inline", "A row per struct in an array, with a column per field.", "inline(array(struct(1, 'a'), struct(2, 'b')))"),
		inline("inline_outer", "Like inline, but one row of NULLs if there are no structs.", "inline_outer(array(struct(1, 'a'), struct(2, 'b')))"),
		{
			Name: "stack", Group: "generator_funcs", Usage: "stack(n, expr1, ..., exprk)", Doc: "The expressions as n rows, padded with NULL.",
			Example: "stack(2, 1, 2, 3)", Result: "1 2, 3 NULL", MinArgs: 2, MaxArgs: -1, Operands: seesNulls, Generator: true,
			Resolve: resolveStack, Compile: eachRow(stack),
		},
	}
}

func isOuter(call *expr.Expr) bool { return strings.HasSuffix(call.Fn.Name, "_outer") }

// rows sets the type of a generator that returns rows with the given fields.
func rows(call *expr.Expr, fields []types.Field) {
	if isOuter(call) {
		fields = nullableFields(fields)
	}
	call.Type, call.Nullable = types.ArrayOf(types.StructOf(fields...), false), false
}

func nullableFields(fields []types.Field) []types.Field {
	all := append([]types.Field(nil), fields...)
	for i := range all {
		all[i].Nullable = true
	}
	return all
}

func explode(name, doc, example string) *expr.Function {
	return &expr.Function{
		Name: name, Group: "generator_funcs", Usage: name + "(expr)", Doc: doc, Example: example, Result: "10, 20",
		MinArgs: 1, MaxArgs: 1, Generator: true, Params: []expr.Param{{Name: "collection"}},
		Resolve: func(call *expr.Expr) error {
			var fields []types.Field
			if strings.HasPrefix(name, "pos") {
				fields = append(fields, types.Field{Name: "pos", Type: types.Int})
			}
			switch t := call.Args[0].Type; t.Kind {
			case types.KindArray:
				fields = append(fields, types.Field{Name: "col", Type: t.Elem, Nullable: t.ContainsNull})
			case types.KindMap:
				fields = append(fields, types.Field{Name: "key", Type: t.Key}, types.Field{Name: "value", Type: t.Elem, Nullable: t.ContainsNull})
			default:
				return coerce.UnexpectedInput(call, 0, `("ARRAY" or "MAP")`)
			}
			rows(call, fields)
			return nil
		},
	}
}

func inline(name, doc, example string) *expr.Function {
	return &expr.Function{
		Name: name, Group: "generator_funcs", Usage: name + "(expr)", Doc: doc, Example: example, Result: "1 a, 2 b",
		MinArgs: 1, MaxArgs: 1, Generator: true, Params: []expr.Param{{Name: "input"}},
		Resolve: func(call *expr.Expr) error {
			t := call.Args[0].Type
			if t.Kind != types.KindArray || t.Elem.Kind != types.KindStruct {
				return coerce.UnexpectedInput(call, 0, `"ARRAY<STRUCT>"`)
			}
			fields := t.Elem.Fields
			if t.ContainsNull {
				fields = nullableFields(fields)
			}
			rows(call, fields)
			return nil
		},
	}
}

// resolveStack requires a constant number of rows and one type per column.
func resolveStack(call *expr.Expr) error {
	count, err := fold(call.Args[0])
	switch {
	case err != nil:
		return err
	case call.Args[0].Type.Kind != types.KindInt:
		return coerce.UnexpectedInput(call, 0, `"INT"`)
	case count == nil || count.IsNull(0):
		return coerce.Mismatch(call, "NON_FOLDABLE_INPUT", "inputName", "`n`", "inputType", `"INT"`, "inputExpr", `"`+call.Args[0].SQL()+`"`)
	case count.I32[0] < 1:
		return coerce.Mismatch(call, "VALUE_OUT_OF_RANGE", "exprName", "`n`", "valueRange", "(0, 2147483647]",
			"currentValue", strconv.Itoa(int(count.I32[0])))
	}
	values := append([]*expr.Expr(nil), call.Args[1:]...)
	numRows := int(count.I32[0])
	width := (len(values) + numRows - 1) / numRows
	fields := make([]types.Field, width)
	for c := range fields {
		t, err := columnType(call, values, c, width)
		if err != nil {
			return err
		}
		fields[c] = types.Field{Name: "col" + strconv.Itoa(c), Type: t, Nullable: true}
	}
	call.Args = append([]*expr.Expr{call.Args[0]}, values...)
	rows(call, fields)
	return nil
}

// columnType casts the values of a column to the type of the first one that is not an untyped NULL.
func columnType(call *expr.Expr, values []*expr.Expr, column, width int) (*types.Type, error) {
	t, first := types.Void, column
	for i := column; i < len(values); i += width {
		if values[i].Type.Kind != types.KindVoid {
			t, first = values[i].Type, i
			break
		}
	}
	for i := column; i < len(values); i += width {
		if values[i].Type.Kind == types.KindVoid {
			values[i] = coerce.Cast(values[i], t)
		}
		if !values[i].Type.SameShape(t) {
			return nil, coerce.Mismatch(call, "STACK_COLUMN_DIFF_TYPES", "columnIndex", strconv.Itoa(column),
				"leftParamIndex", strconv.Itoa(first+1), "leftType", `"`+t.SQL()+`"`,
				"rightParamIndex", strconv.Itoa(i+1), "rightType", `"`+values[i].Type.SQL()+`"`)
		}
	}
	return t, nil
}

// stack returns Args[0] rows.
func stack(r *row) error {
	structs, from := r.out.Children[0], r.listStart()
	values, width, count := r.args[1:], len(structs.Children), r.int(0)
	if err := r.checkLength("PARAMETER", "stack", int64(count)); err != nil {
		return err
	}
	structs.Extend(from + count)
	for k := range count * width {
		at, column := from+k/width, structs.Children[k%width]
		if k < len(values) {
			kernel.Copy(column, at, values[k], r.i)
		} else {
			column.SetNull(at)
		}
	}
	r.listEnd(from)
	return nil
}

// notStrings returns the error for a function whose arguments must all be strings.
func notStrings(call *expr.Expr) *sparkerr.Error {
	return coerce.Mismatch(call, "NON_STRING_TYPE", "funcName", types.Quote(call.Fn.Name))
}
