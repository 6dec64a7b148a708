package function

import (
	"github.com/streamctl/streamctl/internal/sql/coerce"
	"github.com/streamctl/streamctl/internal/sql/expr"
	"github.com/streamctl/streamctl/internal/sql/kernel"
	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/vector"
)

var arrayOrMap = coerce.OneOf(coerce.AnyArray, coerce.AnyMap)

// arraySearchFunctions return the size of arrays and search for items.
func arraySearchFunctions() []*expr.Function {
	return []*expr.Function{
		{
			Name: "size", Aliases: []string{"cardinality"}, Group: "collection_funcs", Usage: "size(expr)",
			Doc: "The number of items in an array, or of entries in a map.", Example: "size(array('b', 'd', 'c', 'a'))", Result: "4",
			MinArgs: 1, MaxArgs: 1, Resolve: expects(types.Int, arrayOrMap), Compile: eachInt(length),
		},
		{
			Name: "array_size", Group: "array_funcs", Usage: "array_size(expr)", Doc: "The number of items in an array.",
			Example: "array_size(array('b', 'd', 'c', 'a'))", Result: "4", MinArgs: 1, MaxArgs: 1,
			Resolve: returns(types.Int, coerce.AnyArray), Compile: eachInt(length),
		},
		{
			Name: "array_contains", Group: "array_funcs", Usage: "array_contains(array, value)",
			Doc:     "Whether the array contains the value; NULL if it does not but contains a NULL.",
			Example: "array_contains(array(1, 2, 3), 2)", Result: "true", MinArgs: 2, MaxArgs: 2,
			Resolve: func(call *expr.Expr) error {
				err := resolveItem(call, types.Boolean)
				call.Nullable = call.Nullable || err == nil && call.Args[0].Type.ContainsNull
				return err
			},
			Compile: eachRow(arrayContains),
		},
		{
			Name: "array_position", Group: "array_funcs", Usage: "array_position(array, element)",
			Doc:     "The position of the first matching item, counted from 1; 0 if there is none.",
			Example: "array_position(array(312, 773, 708, 708), 708)", Result: "3", MinArgs: 2, MaxArgs: 2,
			Resolve: func(call *expr.Expr) error { return resolveItem(call, types.Long) }, Compile: eachLong(arrayPosition),
		},
		{
			Name: "array_remove", Group: "array_funcs", Usage: "array_remove(array, element)", Doc: "The array without matching items.",
			Example: "array_remove(array(1, 2, 3, null, 3), 3)", Result: "[1, 2, NULL]", MinArgs: 2, MaxArgs: 2,
			Resolve: func(call *expr.Expr) error {
				err := resolveItem(call, nil)
				call.Type = call.Args[0].Type
				return err
			},
			Compile: eachRow(arrayRemove),
		},
		{
			Name: "arrays_overlap", Group: "array_funcs", Usage: "arrays_overlap(a1, a2)",
			Doc:     "Whether the arrays have a common item; NULL if not, but one contains a NULL and neither is empty.",
			Example: "arrays_overlap(array(1, 2, 3), array(3, 4, 5))", Result: "true", MinArgs: 2, MaxArgs: 2,
			Resolve: resolveOverlap, Compile: compileOverlap,
		},
		arrayExtreme("array_max", "The maximum item, ignoring NULLs.", "array_max(array(1, 20, null, 3))", "20", 1),
		arrayExtreme("array_min", "The minimum item, ignoring NULLs.", "array_min(array(1, 20, null, 3))", "1", -1),
	}
}

func length(r *row) int {
	v := r.args[0]
	return int(v.Views[v.At(r.i)].Len)
}

// resolveItem casts an array and a value to a common item type. (Spark: ArrayContains and similar.)
func resolveItem(call *expr.Expr, t *types.Type) error {
	common := coerce.PlainTightest
	switch {
	case call.Fn.Name == "array_contains":
		common = coerce.PlainWidest
	case call.Fn.Name == "array_remove":
		if call.Args[0].Type.Kind != types.KindArray {
			return itemsDiffer(call, 1)
		}
		if call.Args[1].Type.Kind == types.KindVoid {
			call.Args = []*expr.Expr{call.Args[0], coerce.Cast(call.Args[1], call.Args[0].Type.Elem)}
		}
	}
	if err := itemType(call, 1, common); err != nil {
		return err
	}
	if err := coerce.CheckOrdering(call, call.Args[1].Type, call.Fn.Name); err != nil {
		return err
	}
	coerce.Returns(call, t)
	return nil
}

// itemType casts the array Args[0] and the value Args[k] to their common type, so that the value can be an item.
func itemType(call *expr.Expr, k int, common func(a, b *types.Type) *types.Type) error {
	array, value := call.Args[0], call.Args[k]
	if array.Type.Kind == types.KindVoid || value.Type.Kind == types.KindVoid {
		return coerce.Mismatch(call, "NULL_TYPE", "functionName", types.Quote(call.Fn.Name))
	}
	if array.Type.Kind != types.KindArray {
		return coerce.UnexpectedInput(call, 0, `"ARRAY"`)
	}
	t := common(array.Type.Elem, value.Type)
	if t == nil {
		return itemsDiffer(call, k)
	}
	args := append([]*expr.Expr(nil), call.Args...)
	args[0], args[k] = castUnlessSame(array, types.ArrayOf(t, array.Type.ContainsNull)), castUnlessSame(value, t)
	call.Args = args
	return nil
}

func itemsDiffer(call *expr.Expr, k int) error {
	return coerce.Mismatch(call, "ARRAY_FUNCTION_DIFF_TYPES", "functionName", types.Quote(call.Fn.Name), "dataType", `"ARRAY"`,
		"leftType", `"`+call.Args[0].Type.SQL()+`"`, "rightType", `"`+call.Args[k].Type.SQL()+`"`)
}

func arrayContains(r *row) error {
	items, off, n := r.list(0)
	missing := false
	for k := off; k < off+n; k++ {
		r.Take(1)
		switch {
		case items.IsNull(k):
			missing = true
		case kernel.Compare(items, k, r.args[1], r.i) == 0:
			r.setBool(true)
			return nil
		}
	}
	if missing {
		r.setNull()
		return nil
	}
	r.setBool(false)
	return nil
}

func (r *row) setBool(b bool) { r.out.Bool[r.out.At(r.i)] = b }

func arrayPosition(r *row) int64 {
	items, off, n := r.list(0)
	for k := range n {
		r.Take(1)
		if !items.IsNull(off+k) && kernel.Compare(items, off+k, r.args[1], r.i) == 0 {
			return int64(k + 1)
		}
	}
	return 0
}

func arrayRemove(r *row) error {
	items, off, n := r.list(0)
	from := r.listStart()
	for k := off; k < off+n; k++ {
		r.Take(1)
		if items.IsNull(k) || kernel.Compare(items, k, r.args[1], r.i) != 0 {
			r.addItem(items, k)
		}
	}
	r.listEnd(from)
	return nil
}

// resolveArrays casts two arrays to a common item type. (Spark: BinaryArrayExpressionWithImplicitCast.)
func resolveArrays(call *expr.Expr) error {
	a, b := call.Args[0], call.Args[1]
	if a.Type.Kind == types.KindArray && b.Type.Kind == types.KindArray {
		if t := coerce.PlainTightest(a.Type.Elem, b.Type.Elem); t != nil {
			call.Args = []*expr.Expr{
				castUnlessSame(a, types.ArrayOf(t, a.Type.ContainsNull)), castUnlessSame(b, types.ArrayOf(t, b.Type.ContainsNull)),
			}
			if err := coerce.CheckOrdering(call, t, call.Fn.Name); err != nil {
				return err
			}
			return nil
		}
	}
	return coerce.Mismatch(call, "BINARY_ARRAY_DIFF_TYPES", "functionName", types.Quote(call.Fn.Name), "arrayType", `"ARRAY"`,
		"leftType", `"`+a.Type.SQL()+`"`, "rightType", `"`+b.Type.SQL()+`"`)
}

func resolveOverlap(call *expr.Expr) error {
	if err := resolveArrays(call); err != nil {
		return err
	}
	coerce.Returns(call, types.Boolean)
	call.Nullable = call.Nullable || call.Args[0].Type.ContainsNull || call.Args[1].Type.ContainsNull
	return nil
}

func compileOverlap(*expr.Expr) (expr.Kernel, error) {
	var set itemSet
	return rowKernel(func(r *row) error {
		left, leftOff, leftLen := r.list(0)
		right, rightOff, rightLen := r.list(1)
		set.reset(&r.Steps)
		missing := addAll(&set, left, leftOff, leftLen)
		for k := rightOff; k < rightOff+rightLen; k++ {
			if right.IsNull(k) {
				missing = true
			} else if _, ok := set.find(right, k); ok {
				r.setBool(true)
				return nil
			}
		}
		r.setBool(false)
		if missing && leftLen > 0 && rightLen > 0 {
			r.setNull()
		}
		return nil
	}), nil
}

// addAll adds the non-NULL items and reports whether any item is NULL.
func addAll(set *itemSet, items *vector.Vector, off, n int) (missing bool) {
	for k := off; k < off+n; k++ {
		if items.IsNull(k) {
			missing = true
		} else {
			set.add(items, k)
		}
	}
	return missing
}

// arrayExtreme returns the entry of array_max (sign 1) or array_min (sign -1).
func arrayExtreme(name, doc, example, result string, sign int) *expr.Function {
	return &expr.Function{
		Name: name, Group: "array_funcs", Usage: name + "(array)", Doc: doc, Example: example, Result: result, MinArgs: 1, MaxArgs: 1,
		Resolve: func(call *expr.Expr) error {
			if err := coerce.Params(call, coerce.AnyArray); err != nil {
				return err
			}
			if err := coerce.CheckOrdering(call, call.Args[0].Type.Elem, name); err != nil {
				return err
			}
			call.Type, call.Nullable = call.Args[0].Type.Elem, true
			return nil
		},
		Compile: eachRow(func(r *row) error {
			items, off, n := r.list(0)
			best := -1
			for k := off; k < off+n; k++ {
				r.Take(1)
				if !items.IsNull(k) && (best < 0 || kernel.Compare(items, k, items, best)*sign > 0) {
					best = k
				}
			}
			if best < 0 {
				r.setNull()
			} else {
				kernel.Copy(r.out, r.i, items, best)
			}
			return nil
		}),
	}
}
