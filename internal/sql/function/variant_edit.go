package function

import (
	"errors"
	"strings"

	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/sql/cast"
	"github.com/streamctl/streamctl/internal/sql/coerce"
	"github.com/streamctl/streamctl/internal/sql/expr"
	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/variant"
)

// variantEditFunctions change a part of a variant.
func variantEditFunctions() []*expr.Function {
	list := []*expr.Function{
		{
			Name: "variant_delete", Group: "variant_funcs", Usage: "variant_delete(v, path1, path2, ..., pathN)", Doc: "A VARIANT with the parts at the paths removed.",
			Example: `variant_delete(parse_json('{"a":1,"b":2}'), '$.a')`, Result: `{"b":2}`, MinArgs: 2, MaxArgs: -1, Operands: expr.Operands{Nulls: expr.NullsSeen, Strict: 1},
			Resolve: resolveVariantDelete, Compile: compileVariantDelete,
		},
		{
			Name: "variant_strip_nulls", Group: "variant_funcs", Usage: "variant_strip_nulls(v[, include_arrays])",
			Doc:     "A VARIANT without null members and, unless include_arrays is false, without null array items.",
			Example: `variant_strip_nulls(parse_json('{"a":null,"b":[1,null]}'))`, Result: `{"b":[1]}`, MinArgs: 1, MaxArgs: 2, Params: stripParams,
			Resolve: resolveStripNulls, Compile: compileStripNulls,
		},
	}
	for _, f := range []struct{ name, example, result, doc string }{
		{"variant_insert", `(parse_json('{"a":1}'), '$.b', 2)`, `{"a":1,"b":2}`, "A VARIANT with a new object member, or an array item inserted, at a path."},
		{"variant_set", `(parse_json('{"a":1}'), '$.a', 2)`, `{"a":2}`, "A VARIANT with the value at a path set. A missing part is created unless create_if_missing is false."},
		{"variant_array_append", `(parse_json('{"a":[1]}'), '$.a', 2)`, `{"a":[1,2]}`, "A VARIANT with an item appended to the array at a path."},
	} {
		list = append(list, variantEdit(f.name, f.name+f.example, f.result, f.doc),
			variantEdit("try_"+f.name, "try_"+f.name+f.example, f.result, "Like "+f.name+", but NULL if the path does not match the value."))
	}
	return list
}

// The argument names of functions that have an argument with a default.
var (
	stripParams = []expr.Param{{Name: "v"}, {Name: "include_arrays", Default: expr.Bool(true)}}
	setParams   = []expr.Param{{Name: "v"}, {Name: "path"}, {Name: "val"}, {Name: "create_if_missing", Default: expr.Bool(true)}}
)

func variantEdit(name, example, result, doc string) *expr.Function {
	f := &expr.Function{
		Name: name, Group: "variant_funcs", Usage: name + "(v, path, val)", Doc: doc, Example: example, Result: result,
		MinArgs: 3, MaxArgs: 3, Resolve: resolveVariantEdit, Compile: compileVariantEdit,
	}
	if strings.HasSuffix(name, "_set") {
		f.Usage, f.MaxArgs, f.Params = name+"(v, path, val[, create_if_missing])", 4, setParams
	}
	return f
}

func resolveVariantEdit(call *expr.Expr) error {
	params := []coerce.Param{coerce.Variant, coerce.String, coerce.Any, coerce.Boolean}
	if strings.HasSuffix(call.Fn.Name, "_set") && len(call.Args) == 3 {
		call.Args = append(call.Args[:3:3], expr.Bool(true))
	}
	if err := coerce.Expects(call, params...); err != nil {
		return err
	}
	if t := call.Args[2].Type; !coerce.CanCast(t, types.Variant) {
		return coerce.Mismatch(call, "CAST_WITHOUT_SUGGESTION", "srcType", `"`+t.SQL()+`"`, "targetType", `"VARIANT"`)
	}
	coerce.Returns(call, types.Variant)
	call.Nullable = call.Nullable || strings.HasPrefix(call.Fn.Name, "try_")
	return nil
}

// compileVariantEdit yields NULL for a try_ function if its path does not match or, for an insertion, the member exists.
func compileVariantEdit(call *expr.Expr) (expr.Kernel, error) {
	name, try := strings.CutPrefix(call.Fn.Name, "try_")
	kinds := map[string]variant.EditKind{"variant_insert": variant.Insert, "variant_set": variant.Set, "variant_array_append": variant.Add}
	path := variantPath{condition: "INVALID_VARIANT_PATH", function: call.Fn.Name, noRoot: name != "variant_array_append"}
	var b, value variant.Builder
	var stored []byte
	return rowKernel(func(r *row) error {
		steps, err := path.parse(r.text(1))
		if err != nil {
			return err
		}
		value.Reset()
		if err := cast.AppendVariant(&value, r.args[2], r.i); err != nil {
			return cast.VariantError(err, call.Fn.Name)
		}
		if stored, err = value.AppendStored(stored[:0]); err != nil {
			return cast.VariantError(err, call.Fn.Name)
		}
		edit := variant.Edit{Kind: kinds[name], Path: steps, Value: variant.Of(stored)}
		if len(r.args) == 4 && !r.bool(3) {
			edit.Kind = variant.Replace
		}
		err = r.build(&b, func() error { return edit.Apply(&b, r.variant(0)) })
		return r.orNull(try && !errors.As(err, &variant.TooLarge{}), editError(err, path, call.Fn.Name))
	}), nil
}

func editError(err error, p variantPath, function string) error {
	var mismatch *variant.Mismatch
	if errors.As(err, &mismatch) {
		return sparkerr.New("VARIANT_PATH_TYPE_MISMATCH", "path", p.text, "failedAt", variant.PathText(p.steps[:mismatch.Depth]), "functionName", "`"+function+"`")
	}
	return cast.VariantError(err, function)
}

func resolveVariantDelete(call *expr.Expr) error {
	err := coerce.Expects(call, coerce.Variant, coerce.String)
	call.Type, call.Nullable = types.Variant, call.Args[0].Nullable
	return err
}

// resolveStripNulls requires include_arrays to be constant.
func resolveStripNulls(call *expr.Expr) error {
	if len(call.Args) == 1 {
		call.Args = append(call.Args[:1:1], expr.Bool(true))
	}
	if err := coerce.Expects(call, coerce.Variant, coerce.Boolean); err != nil {
		return err
	}
	if !call.Args[1].Constant() {
		return notConstant(call, 1, "`include_arrays`")
	}
	coerce.Returns(call, types.Variant)
	return nil
}

func compileVariantDelete(call *expr.Expr) (expr.Kernel, error) {
	paths := make([]variantPath, len(call.Args)-1)
	for k := range paths {
		paths[k] = variantPath{condition: "INVALID_VARIANT_PATH", function: call.Fn.Name, noRoot: true}
	}
	var b variant.Builder
	var stored [2][]byte // alternating results of successive deletions
	return rowKernel(func(r *row) error {
		v := r.variant(0)
		for k := range paths {
			if r.isNull(k + 1) { // no effect
				continue
			}
			steps, err := paths[k].parse(r.text(k + 1))
			if err != nil {
				return err
			}
			b.Reset()
			b.Steps = r.Take
			edit := variant.Edit{Kind: variant.Delete, Path: steps}
			if err := edit.Apply(&b, v); err != nil {
				return err
			}
			if stored[k%2], err = b.AppendStored(stored[k%2][:0]); err != nil {
				return cast.VariantError(err, call.Fn.Name)
			}
			v = variant.Of(stored[k%2])
		}
		from := len(r.out.Data)
		r.out.Data = v.AppendStored(r.out.Data)
		r.out.CloseBytes(r.i, from)
		return nil
	}), nil
}

func compileStripNulls(call *expr.Expr) (expr.Kernel, error) {
	var b variant.Builder
	return rowKernel(func(r *row) error {
		return cast.VariantError(r.build(&b, func() error { return variant.StripNulls(&b, r.variant(0), r.bool(1)) }), call.Fn.Name)
	}), nil
}
