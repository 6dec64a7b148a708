package function

import (
	"strconv"

	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/sql/coerce"
	"github.com/streamctl/streamctl/internal/sql/expr"
	"github.com/streamctl/streamctl/internal/sql/kernel"
	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/valuetext"
)

// arrayFunctions build arrays from other arrays, and extract items.
func arrayFunctions() []*expr.Function {
	return []*expr.Function{
		{
			Name: "array_append", Group: "array_funcs", Usage: "array_append(array, element)", Doc: "The array with the element appended.",
			Example: "array_append(array('b', 'd', 'c', 'a'), 'd')", Result: "[b, d, c, a, d]", MinArgs: 2, MaxArgs: 2, Operands: expr.Operands{Nulls: expr.NullsSeen, Strict: 1},
			Resolve: resolveExtended(1), Compile: eachRow(arrayAppend),
		},
		{
			Name: "array_prepend", Group: "array_funcs", Usage: "array_prepend(array, element)", Doc: "The array with the element prepended.",
			Example: "array_prepend(array('b', 'd', 'c', 'a'), 'd')", Result: "[d, b, d, c, a]", MinArgs: 2, MaxArgs: 2, Operands: expr.Operands{Nulls: expr.NullsSeen, Strict: 1},
			Resolve: resolveExtended(1), Compile: eachRow(arrayPrepend),
		},
		{
			Name: "array_insert", Group: "array_funcs", Usage: "array_insert(x, pos, val)",
			Doc:     "The array with val inserted at position pos, counted from 1, or from the end if negative; gaps are filled with NULL.",
			Example: "array_insert(array(1, 2, 3, 4), 5, 5)", Result: "[1, 2, 3, 4, 5]", MinArgs: 3, MaxArgs: 3, Operands: expr.Operands{Nulls: expr.NullsSeen, Strict: 2},
			Resolve: resolveInsert, Compile: eachRow(arrayInsert),
		},
		{
			Name: "array_compact", Group: "array_funcs", Usage: "array_compact(array)", Doc: "The array without NULLs.",
			Example: "array_compact(array(1, 2, 3, null))", Result: "[1, 2, 3]", MinArgs: 1, MaxArgs: 1,
			Resolve: func(call *expr.Expr) error {
				err := coerce.Params(call, coerce.AnyArray)
				if err == nil {
					coerce.Returns(call, types.ArrayOf(call.Args[0].Type.Elem, false))
				}
				return err
			},
			Compile: eachRow(arrayCompact),
		},
		{
			Name: "array_join", Group: "array_funcs", Usage: "array_join(array, delimiter[, nullReplacement])",
			Doc:     "The items joined into a string with the delimiter; NULLs are skipped or replaced.",
			Example: "array_join(array('hello', null ,'world'), ' ', ',')", Result: "hello , world", MinArgs: 2, MaxArgs: 3,
			Resolve: resolveJoin, Compile: eachText(arrayJoin), Operands: stopsAtNull,
		},
		{
			Name: "array_repeat", Group: "array_funcs", Usage: "array_repeat(element, count)", Doc: "An array with the element repeated count times.",
			Example: "array_repeat('123', 2)", Result: "[123, 123]", MinArgs: 2, MaxArgs: 2, Operands: seesNulls,
			Resolve: resolveRepeat, Compile: eachRow(arrayRepeat),
		},
		{
			Name: "element_at", Group: "collection_funcs", Usage: "element_at(array, index) or element_at(map, key)",
			Doc:     "The array item at an index, counted from 1, or from the end if negative; or the map value of a key, NULL if missing.",
			Example: "element_at(array(1, 2, 3), 2)", Result: "2", MinArgs: 2, MaxArgs: 2, Resolve: resolveElementAt, Compile: compileElementAt(false),
			Nullability: knownIndex(1), Replace: withoutNullIndex,
		},
		{
			Name: "try_element_at", Group: "collection_funcs", Usage: "try_element_at(array, index) or try_element_at(map, key)",
			Doc:     "Like element_at, but NULL for an index out of range.",
			Example: "try_element_at(array(1, 2, 3), 2)", Result: "2", MinArgs: 2, MaxArgs: 2, Resolve: resolveElementAt, Compile: compileElementAt(true),
			Nullability: knownIndex(1),
		},
		{
			Name: "get", Group: "array_funcs", Usage: "get(array, index)",
			Doc:     "The item at an index, counted from 0; NULL if out of range.",
			Example: "get(array(1, 2, 3), 0)", Result: "1", MinArgs: 2, MaxArgs: 2, Resolve: resolveGet, Compile: eachRow(get), Nullability: knownIndex(1),
		},
		{
			Name: "sort_array", Group: "array_funcs", Usage: "sort_array(array[, ascendingOrder])",
			Doc:     "The array sorted in ascending order with NULLs first, or descending with NULLs last.",
			Example: "sort_array(array('b', 'd', null, 'c', 'a'), true)", Result: "[NULL, a, b, c, d]", MinArgs: 1, MaxArgs: 2,
			Resolve: defaults(resolveSort, 1, expr.Bool(true)), Compile: eachRow(sortArray),
		},
		{
			Name: "flatten", Group: "array_funcs", Usage: "flatten(arrayOfArrays)", Doc: "The items of all nested arrays in one array.",
			Example: "flatten(array(array(1, 2), array(3, 4)))", Result: "[1, 2, 3, 4]", MinArgs: 1, MaxArgs: 1,
			Resolve: resolveFlatten, Compile: eachRow(flatten),
		},
		{
			Name: "slice", Group: "array_funcs", Usage: "slice(x, start, length)",
			Doc:     "length items from position start, counted from 1, or from the end if negative.",
			Example: "slice(array(1, 2, 3, 4), -2, 2)", Result: "[3, 4]", MinArgs: 3, MaxArgs: 3,
			Resolve: func(call *expr.Expr) error {
				err := coerce.Params(call, coerce.AnyArray, coerce.Int, coerce.Int)
				coerce.Returns(call, call.Args[0].Type)
				return err
			},
			Compile: eachRow(arraySlice),
		},
		{
			Name: "arrays_zip", Group: "array_funcs", Usage: "arrays_zip(a1, a2, ...)",
			Doc:     "An array of structs of the items at equal positions; shorter arrays are padded with NULL.",
			Example: "arrays_zip(array(1, 2, 3), array(2, 3, 4))", Result: "[{1, 2}, {2, 3}, {3, 4}]", MinArgs: 0, MaxArgs: -1,
			Resolve: resolveZip, Compile: eachRow(arraysZip), Operands: expr.Operands{Nulls: expr.NullsInterpret}, Foldable: notFoldable,
		},
	}
}

// resolveJoin casts the items to strings, but not the delimiter.
func resolveJoin(call *expr.Expr) error {
	if err := coerce.Params(call, coerce.ArrayOf(coerce.String), coerce.Any); err != nil {
		return err
	}
	return expects(types.String, coerce.ArrayOf(coerce.String), coerce.String)(call)
}

// resolveExtended resolves a call that adds Args[k] to the array Args[0]. All nested parts of the result are nullable.
// (Spark: ArrayInsert.)
func resolveExtended(k int) resolver {
	return func(call *expr.Expr) error {
		array, value := call.Args[0].Type, call.Args[k].Type
		if array.Kind != types.KindArray {
			return coerce.UnexpectedInput(call, 0, `"ARRAY"`)
		}
		if value.Kind == types.KindVoid {
			args := append([]*expr.Expr(nil), call.Args...)
			args[k] = coerce.Cast(args[k], array.Elem)
			call.Args = args
		} else if err := itemType(call, k, coerce.PlainTightest); err != nil {
			return err
		}
		call.Type, call.Nullable = withNulls(call.Args[0].Type), call.Args[0].Nullable
		return nil
	}
}

func resolveInsert(call *expr.Expr) error {
	position := coerce.Cast(call.Args[1], types.Int)
	if call.Args[0].Type.Kind != types.KindArray {
		return itemsDiffer(call, 2)
	}
	if !call.Args[1].Type.IsIntegral() {
		return coerce.UnexpectedInput(call, 1, `"INT"`)
	}
	call.Args = []*expr.Expr{call.Args[0], position, call.Args[2]}
	if err := resolveExtended(2)(call); err != nil {
		return err
	}
	call.Nullable = call.Nullable || position.Nullable
	return nil
}

// checkOneMore rejects an array that would be too long with one more item.
func (r *row) checkOneMore(function string) error {
	_, _, n := r.list(0)
	return r.checkLength("FUNCTION", function, int64(n)+1)
}

func arrayAppend(r *row) error {
	if err := r.checkOneMore("array_append"); err != nil {
		return err
	}
	from := r.listStart()
	r.addAll(0)
	r.addItem(r.args[1], r.i)
	r.listEnd(from)
	return nil
}

func arrayPrepend(r *row) error {
	if err := r.checkOneMore("array_prepend"); err != nil {
		return err
	}
	from := r.listStart()
	r.addItem(r.args[1], r.i)
	r.addAll(0)
	r.listEnd(from)
	return nil
}

// addAll appends the items of argument k to the array under construction.
func (r *row) addAll(k int) {
	items, off, n := r.list(k)
	kernel.AppendRange(r.out.Children[0], items, off, n)
}

func arrayInsert(r *row) error {
	items, off, n := r.list(0)
	position := r.int(1)
	before, gapBefore, gapAfter := 0, 0, 0 // items before the new one; NULLs before and after it
	switch {
	case position == 0:
		return indexOfZero()
	case position > 0:
		before, gapBefore = min(position-1, n), max(position-1-n, 0)
	default:
		before, gapAfter = max(n+1+position, 0), max(-position-n-1, 0)
	}
	if err := r.checkLength("FUNCTION", "array_insert", int64(n)+1+int64(gapBefore)+int64(gapAfter)); err != nil {
		return err
	}
	from := r.listStart()
	kernel.AppendRange(r.out.Children[0], items, off, before)
	for range gapBefore {
		r.addNull()
	}
	r.addItem(r.args[2], r.i)
	for range gapAfter {
		r.addNull()
	}
	kernel.AppendRange(r.out.Children[0], items, off+before, n-before)
	r.listEnd(from)
	return nil
}

func indexOfZero() error { return sparkerr.New("INVALID_INDEX_OF_ZERO") }

func arrayCompact(r *row) error {
	items, off, n := r.list(0)
	from := r.listStart()
	for k := off; k < off+n; k++ {
		if !items.IsNull(k) {
			r.addItem(items, k)
		}
	}
	r.listEnd(from)
	return nil
}

func arrayJoin(r *row, dst []byte) []byte {
	items, off, n := r.list(0)
	first := true
	for k := off; k < off+n; k++ {
		if items.IsNull(k) && len(r.args) < 3 {
			continue
		}
		if !first {
			dst = append(dst, r.text(1)...)
		}
		r.Take(1)
		r.fits(dst, items.TextBytes(k))
		first = false
		if items.IsNull(k) {
			dst = append(dst, r.text(2)...)
		} else {
			dst = valuetext.AppendValue(dst, items, k, valuetext.Options{Zone: r.ctx.Zone})
		}
	}
	return dst
}

func resolveRepeat(call *expr.Expr) error {
	if err := coerce.Expects(call, coerce.Any, coerce.Int); err != nil {
		return err
	}
	call.Type, call.Nullable = types.ArrayOf(call.Args[0].Type, call.Args[0].Nullable), call.Args[1].Nullable
	return nil
}

func arrayRepeat(r *row) error {
	if r.isNull(1) {
		r.setNull()
		return nil
	}
	count := max(r.int(1), 0)
	if err := r.checkLength("PARAMETER", "array_repeat", int64(count)); err != nil {
		return err
	}
	from := r.listStart()
	kernel.AppendRepeated(r.out.Children[0], r.args[0], r.i, count)
	r.listEnd(from)
	return nil
}

func resolveSort(call *expr.Expr) error {
	if ascending := call.Args[1]; !ascending.Constant() {
		return coerce.Mismatch(call, "NON_FOLDABLE_INPUT", "inputName", "`ascendingOrder`", "inputType", `"`+ascending.Type.SQL()+`"`,
			"inputExpr", `"`+ascending.SQL()+`"`)
	}
	if err := coerce.Params(call, coerce.AnyArray, coerce.Any); err != nil {
		return err
	}
	if err := coerce.Expects(call, coerce.AnyArray, coerce.Boolean); err != nil {
		return err
	}
	if err := coerce.CheckOrdering(call, call.Args[0].Type.Elem, call.Fn.Name); err != nil {
		return err
	}
	coerce.Returns(call, call.Args[0].Type)
	return nil
}

func sortArray(r *row) error {
	items, off, n := r.list(0)
	rows := sortedRows(&r.Steps, items, off, off+n)
	from := r.listStart()
	for k := range rows {
		if !r.bool(1) {
			k = len(rows) - 1 - k
		}
		r.addItem(items, int(rows[k]))
	}
	r.listEnd(from)
	return nil
}

func resolveFlatten(call *expr.Expr) error {
	t := call.Args[0].Type
	if t.Kind != types.KindArray || t.Elem.Kind != types.KindArray {
		return coerce.UnexpectedInput(call, 0, `"ARRAY" of "ARRAY"`)
	}
	call.Type, call.Nullable = t.Elem, call.Args[0].Nullable || t.ContainsNull
	return nil
}

func flatten(r *row) error {
	lists, off, n := r.list(0)
	from, total := r.listStart(), int64(0)
	for k := off; k < off+n; k++ {
		if !lists.IsNull(k) {
			total += int64(lists.Views[k].Len)
		}
	}
	if err := r.checkLength("FUNCTION", "flatten", total); err != nil {
		return err
	}
	for k := off; k < off+n; k++ {
		if lists.IsNull(k) {
			r.setNull()
			return nil
		}
		w := lists.Views[k]
		r.Take(1 + int(w.Len))
		kernel.AppendRange(r.out.Children[0], lists.Children[0], int(w.Off), int(w.Len))
	}
	r.listEnd(from)
	return nil
}

func arraySlice(r *row) error {
	items, off, n := r.list(0)
	start, count := r.int(1), r.int(2)
	switch {
	case start == 0:
		return sparkerr.New("INVALID_PARAMETER_VALUE.START", "parameter", "`start`", "functionName", "`slice`", "start", "0")
	case count < 0:
		return sparkerr.New("INVALID_PARAMETER_VALUE.LENGTH", "parameter", "`length`", "functionName", "`slice`", "length", strconv.Itoa(count))
	case start > 0:
		start--
	default:
		start += n
	}
	from := r.listStart()
	if start >= 0 && start < n {
		kernel.AppendRange(r.out.Children[0], items, off+start, min(count, n-start))
	}
	r.listEnd(from)
	return nil
}

func resolveZip(call *expr.Expr) error {
	if err := coerce.Expects(call, coerce.AnyArray); err != nil {
		return err
	}
	fields := make([]types.Field, len(call.Args))
	for i, a := range call.Args {
		fields[i] = types.Field{Name: fieldName(a, strconv.Itoa(i)), Type: a.Type.Elem, Nullable: true}
	}
	coerce.Returns(call, types.ArrayOf(types.StructOf(fields...), false))
	return nil
}

func arraysZip(r *row) error {
	longest := 0
	for k := range r.args {
		_, _, n := r.list(k)
		longest = max(longest, n)
	}
	structs, from := r.out.Children[0], r.listStart()
	structs.Extend(from + longest)
	for k := range r.args {
		items, off, n := r.list(k)
		for j := range longest {
			r.Take(1)
			if j < n {
				kernel.Copy(structs.Children[k], from+j, items, off+j)
			} else {
				structs.Children[k].SetNull(from + j)
			}
		}
	}
	r.listEnd(from)
	return nil
}
