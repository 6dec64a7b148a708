package function

import (
	"strconv"

	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/sql/coerce"
	"github.com/streamctl/streamctl/internal/sql/expr"
	"github.com/streamctl/streamctl/internal/sql/kernel"
	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/vector"
)

// elementFunctions implement x[i] and x.name; their names cannot be written in SQL.
func elementFunctions() []*expr.Function {
	return []*expr.Function{
		{
			Name: "get_array_item", Usage: "array[index]", Doc: "The element at a 0-based index.", MinArgs: 2, MaxArgs: 2,
			Resolve: resolveArrayItem, SQL: subscriptSQL, Nullability: knownIndex(1), Replace: withoutNullIndex,
			Compile: func(*expr.Expr) (expr.Kernel, error) { return arrayItem, nil },
		},
		{
			Name: "get_map_value", Usage: "map[key]", Doc: "The value of a key, or NULL.", MinArgs: 2, MaxArgs: 2,
			Resolve: resolveMapValue, SQL: subscriptSQL,
			Compile: func(*expr.Expr) (expr.Kernel, error) { return mapValue, nil },
		},
		{
			Name: "get_array_struct_fields", Usage: "array.field", Doc: "The array of one member of the structs in an array.",
			MinArgs: 1, MaxArgs: 1, Resolve: resolveStructFields, Compile: compileStructFields,
			SQL: func(call *expr.Expr, args []string) string { return args[0] + "." + fieldOf(call).Name },
		},
	}
}

func subscriptSQL(_ *expr.Expr, args []string) string { return args[0] + "[" + args[1] + "]" }

func resolveArrayItem(call *expr.Expr) error {
	if err := coerce.Params(call, coerce.AnyArray, coerce.Integral); err != nil {
		return err
	}
	array, index := call.Args[0], call.Args[1]
	call.Type, call.Nullable = array.Type.Elem, itemNullable(array, index)
	return nil
}

// itemNullable reports whether an item may be NULL. In an array constructor the element decides, and an index out of range is
// an error. A constant index into another array may always hit a NULL. Other indexes have no effect. (Spark: GetArrayItem.)
func itemNullable(array, index *expr.Expr) bool {
	v, err := fold(index)
	if err != nil || v == nil || index.Nullable {
		return array.Type.ContainsNull || array.Nullable
	}
	if !array.Is("array") {
		return true
	}
	i := itemIndex(v, 0)
	return i >= 0 && i < len(array.Args) && array.Args[i].Nullable
}

// itemIndex keeps the low 32 bits of an index, as Spark does.
func itemIndex(v *vector.Vector, i int) int { return int(int32(kernel.Int64At(v, i))) }

// knownIndex evaluates a constant, non-nullable index, argument k, as Spark does to determine whether the item may be NULL.
func knownIndex(k int) func(call *expr.Expr) error {
	return func(call *expr.Expr) error {
		if index := call.Args[k]; !index.Nullable && index.Type.IsIntegral() {
			_, err := fold(index)
			return err
		}
		return nil
	}
}

// withoutNullIndex replaces a NULL index by -1 if the items of the array cannot be NULL: Spark's generated code then ignores
// that the index is NULL and uses its default, -1.
func withoutNullIndex(call *expr.Expr) *expr.Expr {
	array, index := call.Args[0], call.Args[1]
	if call.Nullable || !index.Nullable || index.Constant() || array.Type.Kind != types.KindArray {
		return call
	}
	known, err := Call(index, "coalesce", index, expr.Int(-1))
	if err != nil {
		return call
	}
	return call.WithArgs([]*expr.Expr{array, known})
}

func arrayItem(_ *expr.Context, n int, sel vector.Selection, args []*vector.Vector, out *vector.Vector) error {
	array, index := args[0], args[1]
	for k := range kernel.Count(n, sel) {
		i := kernel.Row(sel, k)
		view, at := array.Views[array.At(i)], itemIndex(index, index.At(i))
		if at < 0 || at >= int(view.Len) {
			return expr.AtRow(i, sparkerr.New("INVALID_ARRAY_INDEX", "indexValue", strconv.Itoa(at),
				"arraySize", strconv.Itoa(int(view.Len)), "ansiConfig", ansiConfig).WithHint("get() returns NULL instead"))
		}
		kernel.Copy(out, i, array.Children[0], int(view.Off)+at)
	}
	return nil
}

func resolveMapValue(call *expr.Expr) error {
	if err := coerce.Params(call, coerce.AnyMap, coerce.Exactly(call.Args[0].Type.Key)); err != nil {
		return err
	}
	call.Type, call.Nullable = call.Args[0].Type.Elem, true
	return nil
}

func mapValue(_ *expr.Context, n int, sel vector.Selection, args []*vector.Vector, out *vector.Vector) error {
	m, key := args[0], args[1]
	for k := range kernel.Count(n, sel) {
		i := kernel.Row(sel, k)
		view := m.Views[m.At(i)]
		at, end := int(view.Off), int(view.Off+view.Len)
		for at < end && kernel.Compare(m.Children[0], at, key, i) != 0 {
			at++
		}
		if at == end {
			out.SetNull(i)
		} else {
			kernel.Copy(out, i, m.Children[1], at)
		}
	}
	return nil
}

// fieldOf returns the field that get_array_struct_fields extracts; Data is its position in the struct.
func fieldOf(call *expr.Expr) types.Field {
	at, _ := call.Data.(int)
	return call.Args[0].Type.Elem.Fields[at]
}

func resolveStructFields(call *expr.Expr) error {
	f := fieldOf(call)
	coerce.Returns(call, types.ArrayOf(f.Type, call.Args[0].Type.ContainsNull || f.Nullable))
	return nil
}

func compileStructFields(call *expr.Expr) (expr.Kernel, error) {
	at, _ := call.Data.(int)
	return func(_ *expr.Context, n int, sel vector.Selection, args []*vector.Vector, out *vector.Vector) error {
		array, items := args[0], out.Children[0]
		structs := array.Children[0]
		for k := range kernel.Count(n, sel) {
			i := kernel.Row(sel, k)
			view := array.Views[array.At(i)]
			from := items.Len()
			items.Extend(from + int(view.Len))
			for e := range int(view.Len) {
				if s := int(view.Off) + e; structs.IsNull(s) {
					items.SetNull(from + e)
				} else {
					kernel.Copy(items, from+e, structs.Children[at], s)
				}
			}
			out.Views[out.At(i)] = vector.View{Off: uint32(from), Len: view.Len}
		}
		return nil
	}, nil
}
