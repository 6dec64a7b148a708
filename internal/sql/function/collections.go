package function

import (
	"strconv"
	"strings"

	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/sql/coerce"
	"github.com/streamctl/streamctl/internal/sql/expr"
	"github.com/streamctl/streamctl/internal/sql/kernel"
	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/vector"
)

// constructorFunctions build arrays, maps and structs from their arguments.
func constructorFunctions() []*expr.Function {
	return []*expr.Function{
		{
			Name: "array", Group: "array_funcs", Usage: "array(expr, ...)", Doc: "An array of the values, cast to a common type.",
			Example: "array(1, 2, 3)", Result: "[1, 2, 3]", MinArgs: 0, MaxArgs: -1, Operands: seesNulls,
			Resolve: resolveArray, Compile: eachRow(makeArray),
		},
		{
			Name: "map", Group: "map_funcs", Usage: "map(key0, value0, key1, value1, ...)", Doc: "A map of the keys and values.",
			Example: "map(1.0, '2', 3.0, '4')", Result: "{1.0 -> 2, 3.0 -> 4}", MinArgs: 0, MaxArgs: -1, Operands: seesNulls,
			Resolve: resolveMap, Compile: eachRow(makeMap),
		},
		{
			Name: "struct", Group: "struct_funcs", Usage: "struct(col1, col2, col3, ...)",
			Doc:     "A struct of the values; fields are named like the columns, else col1, col2 and so on.",
			Example: "struct(1, 2, 3)", Result: "{1, 2, 3}", MinArgs: 0, MaxArgs: -1, Operands: seesNulls,
			Resolve: resolveStruct, Compile: compileStruct(0, 1), SQL: structSQL,
		},
		{
			Name: "named_struct", Group: "struct_funcs", Usage: "named_struct(name1, val1, name2, val2, ...)",
			Doc: "A struct of the names and values.", Example: `named_struct("a", 1, "b", 2, "c", 3)`, Result: "{1, 2, 3}",
			MinArgs: 0, MaxArgs: -1, Operands: seesNulls, Resolve: resolveNamedStruct, Compile: compileStruct(1, 2),
		},
	}
}

// structSQL prints a tuple with the names of its fields.
func structSQL(call *expr.Expr, args []string) string {
	if call.Name != "named_struct" {
		return call.CallName() + "(" + strings.Join(args, ", ") + ")"
	}
	pairs := make([]string, len(args))
	for i, arg := range args {
		pairs[i] = call.Type.Fields[i].Name + ", " + arg
	}
	return "named_struct(" + strings.Join(pairs, ", ") + ")"
}

func resolveArray(call *expr.Expr) error {
	t, err := coerce.SameType(call, 0)
	if err != nil {
		return err
	}
	call.Type, call.Nullable = types.ArrayOf(t, coerce.AnyNullable(call.Args)), false
	return nil
}

func makeArray(r *row) error {
	from := r.listStart()
	for _, a := range r.args {
		r.addItem(a, r.i)
	}
	r.listEnd(from)
	return nil
}

// resolveMap casts keys and values to their common types.
func resolveMap(call *expr.Expr) error {
	if len(call.Args)%2 != 0 {
		return oddArguments(call)
	}
	var keys, values []*expr.Expr
	for i := 0; i < len(call.Args); i += 2 {
		keys, values = append(keys, call.Args[i]), append(values, call.Args[i+1])
	}
	key, value := coerce.WidestOf(coerce.Types(keys)...), coerce.WidestOf(coerce.Types(values)...)
	switch {
	case key == nil:
		return coerce.Mismatch(call, "CREATE_MAP_KEY_DIFF_TYPES", "functionName", "`map`", "dataType", typeList(keys))
	case value == nil:
		return coerce.Mismatch(call, "CREATE_MAP_VALUE_DIFF_TYPES", "functionName", "`map`", "dataType", typeList(values))
	}
	if err := checkMapKey(call, key); err != nil {
		return err
	}
	args := make([]*expr.Expr, 0, len(call.Args))
	for i := range keys {
		args = append(args, castUnlessSame(keys[i], key), castUnlessSame(values[i], value))
	}
	call.Args = args
	call.Type, call.Nullable = types.MapOf(key, value, coerce.AnyNullable(values)), false
	return nil
}

// castUnlessSame casts an argument unless its type differs only in the nullability of nested parts.
func castUnlessSame(e *expr.Expr, t *types.Type) *expr.Expr {
	if e.Type.SameShape(t) {
		return e
	}
	return coerce.Cast(e, t)
}

func oddArguments(call *expr.Expr) error {
	return sparkerr.New("WRONG_NUM_ARGS.WITHOUT_SUGGESTION", "functionName", types.Quote(call.CallName()), "expectedNum", "2n (n > 0)",
		"actualNum", strconv.Itoa(len(call.Args)), "docroot", "https://spark.apache.org/docs/latest")
}

func typeList(es []*expr.Expr) string {
	list := "["
	for i, e := range es {
		if i > 0 {
			list += ", "
		}
		list += `"` + e.Type.SQL() + `"`
	}
	return list + "]"
}

// checkMapKey rejects keys that contain maps or variants.
func checkMapKey(call *expr.Expr, key *types.Type) error {
	if key.Has(types.KindMap, types.KindVariant) {
		return coerce.Mismatch(call, "INVALID_MAP_KEY_TYPE", "keyType", `"`+key.SQL()+`"`)
	}
	return nil
}

// holdsKind reports whether a type, or a type nested in it, is of the given kind.
func holdsKind(t *types.Type, kind types.Kind) bool {
	if t == nil {
		return false
	}
	for _, f := range t.Fields {
		if holdsKind(f.Type, kind) {
			return true
		}
	}
	return t.Kind == kind || holdsKind(t.Key, kind) || holdsKind(t.Elem, kind)
}

func makeMap(r *row) error {
	from := r.listStart()
	for k := 0; k < len(r.args); k += 2 {
		if err := r.addEntry(r.args[k], r.i, r.args[k+1], r.i); err != nil {
			return err
		}
	}
	return r.endMap(from)
}

// resolveStruct names the fields after the values.
func resolveStruct(call *expr.Expr) error {
	fields := make([]types.Field, len(call.Args))
	for i, a := range call.Args {
		fields[i] = types.Field{Name: fieldName(a, "col"+strconv.Itoa(i+1)), Type: a.Type, Nullable: a.Nullable}
	}
	call.Type, call.Nullable = types.StructOf(fields...), false
	return nil
}

// fieldName returns the name of a value, or other if it has none.
func fieldName(e *expr.Expr, other string) string {
	switch e.Kind {
	case expr.Alias, expr.Column, expr.LambdaVar, expr.Field:
		return e.Name
	}
	return other
}

func resolveNamedStruct(call *expr.Expr) error {
	if len(call.Args)%2 != 0 {
		return oddArguments(call)
	}
	fields := make([]types.Field, 0, len(call.Args)/2)
	for i := 0; i < len(call.Args); i += 2 {
		name, err := fold(call.Args[i])
		switch {
		case err != nil:
			return err
		case name == nil || !call.Args[i].Type.IsText():
			return notConstantNames(call)
		case name.IsNull(0):
			return coerce.Mismatch(call, "UNEXPECTED_NULL", "exprName", "[NULL]")
		}
		v := call.Args[i+1]
		fields = append(fields, types.Field{Name: string(name.Bytes(0)), Type: v.Type, Nullable: v.Nullable})
	}
	call.Type, call.Nullable = types.StructOf(fields...), false
	return nil
}

func notConstantNames(call *expr.Expr) error {
	list := "["
	for i := 0; i < len(call.Args); i += 2 {
		if v, err := fold(call.Args[i]); err == nil && v != nil && call.Args[i].Type.IsText() {
			continue
		}
		if list != "[" {
			list += ", "
		}
		list += `"` + call.Args[i].SQL() + `"`
	}
	return coerce.Mismatch(call, "CREATE_NAMED_STRUCT_WITHOUT_FOLDABLE_STRING", "inputExprs", list+"]")
}

// compileStruct uses every step-th argument, starting with number first, as a field.
func compileStruct(first, step int) compiler {
	return plain(func(_ *expr.Context, n int, sel vector.Selection, args []*vector.Vector, out *vector.Vector) error {
		for f, child := range out.Children {
			kernel.CopyRows(child, args[first+f*step], n, sel)
		}
		return nil
	})
}

// list returns the array of argument k: rows [off, off+n) of items.
func (r *row) list(k int) (items *vector.Vector, off, n int) {
	v := r.args[k]
	w := v.Views[v.At(r.i)]
	return v.Children[0], int(w.Off), int(w.Len)
}

// entries returns the map of argument k: rows [off, off+n) of keys and values.
func (r *row) entries(k int) (keys, values *vector.Vector, off, n int) {
	v := r.args[k]
	w := v.Views[v.At(r.i)]
	return v.Children[0], v.Children[1], int(w.Off), int(w.Len)
}

// addItem appends row j of a vector to the array under construction.
func (r *row) addItem(v *vector.Vector, j int) {
	r.Take(1)
	kernel.Append(r.out.Children[0], v, j)
}

// addNull appends NULL to the array under construction.
func (r *row) addNull() {
	items := r.out.Children[0]
	n := items.Len()
	items.Extend(n + 1)
	items.SetNull(n)
}

// maxArrayLength is Spark's limit for the length of an array.
const maxArrayLength = 2147483632

// maxItems and maxBatchItems limit the length of an array, and of all arrays in a batch, so that no argument can demand
// excessive memory.
const (
	maxItems      = 1 << 26
	maxBatchItems = 1 << 28
)

// checkLength rejects arrays beyond Spark's limit or our memory limits. what is FUNCTION or PARAMETER.
func (r *row) checkLength(what, function string, length int64) error {
	limit := int64(maxArrayLength)
	switch {
	case length > limit:
	case length > maxItems:
		limit = maxItems
	case length+int64(r.out.Children[0].Len()) > maxBatchItems:
		limit = maxBatchItems
	default:
		return nil
	}
	return sparkerr.New("COLLECTION_SIZE_LIMIT_EXCEEDED."+what, "numberOfElements", strconv.FormatInt(length, 10),
		"maxRoundedArrayLength", strconv.FormatInt(limit, 10), "functionName", "`"+function+"`", "parameter", "`count`")
}

// addEntry appends a key and a value to the map under construction.
func (r *row) addEntry(keys *vector.Vector, j int, values *vector.Vector, k int) error {
	if keys.IsNull(j) {
		return sparkerr.New("NULL_MAP_KEY")
	}
	r.Take(1)
	kernel.Append(r.out.Children[0], keys, j)
	kernel.Append(r.out.Children[1], values, k)
	return nil
}

// endMap completes the map whose entries begin at from: float keys lose the sign of zero, and duplicate keys are an error.
func (r *row) endMap(from int) error {
	r.listEnd(from)
	keys := r.out.Children[0]
	dropZeroSigns(keys, from)
	if at, ok := repeated(&r.Steps, keys, from, keys.Len()); ok {
		return sparkerr.New("DUPLICATED_MAP_KEY", "key", text(keys, at), "mapKeyDedupPolicy", `"spark.sql.mapKeyDedupPolicy"`)
	}
	return nil
}

func dropZeroSigns(keys *vector.Vector, from int) {
	switch keys.Type.Kind {
	case types.KindFloat:
		for i, f := range keys.F32[from:keys.Len()] {
			if f == 0 {
				keys.F32[from+i] = 0
			}
		}
	case types.KindDouble:
		for i, f := range keys.F64[from:keys.Len()] {
			if f == 0 {
				keys.F64[from+i] = 0
			}
		}
	}
}
