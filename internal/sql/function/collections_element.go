package function

import (
	"strconv"

	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/sql/coerce"
	"github.com/streamctl/streamctl/internal/sql/expr"
	"github.com/streamctl/streamctl/internal/sql/kernel"
	"github.com/streamctl/streamctl/internal/types"
)

func resolveElementAt(call *expr.Expr) error {
	from, at := call.Args[0], call.Args[1]
	switch from.Type.Kind {
	case types.KindArray:
		if !at.Type.IsIntegral() || at.Type.Kind == types.KindLong {
			return coerce.UnexpectedInput(call, 1, `"INT"`)
		}
		call.Args = []*expr.Expr{from, coerce.Cast(at, types.Int)}
		call.Type, call.Nullable = from.Type.Elem, elementNullable(call)
		return nil
	case types.KindMap:
		key := coerce.PlainTightest(from.Type.Key, at.Type)
		if key == nil {
			return coerce.Mismatch(call, "MAP_FUNCTION_DIFF_TYPES", "functionName", types.Quote(call.Fn.Name), "dataType", `"MAP"`,
				"leftType", `"`+from.Type.SQL()+`"`, "rightType", `"`+at.Type.SQL()+`"`)
		}
		call.Args = []*expr.Expr{
			castUnlessSame(from, types.MapOf(key, from.Type.Elem, from.Type.ContainsNull)), castUnlessSame(at, key),
		}
		call.Type, call.Nullable = from.Type.Elem, true
		return nil
	}
	return coerce.UnexpectedInput(call, 0, `("ARRAY" or "MAP")`)
}

// elementNullable reports whether the result may be NULL. For an array constructor and a constant index, the element decides.
// (Spark: ElementAt.)
func elementNullable(call *expr.Expr) bool {
	array, index := call.Args[0], call.Args[1]
	strict := call.Fn.Name == "element_at"
	v, err := fold(index)
	if err != nil || v == nil || index.Nullable {
		return !strict || array.Type.ContainsNull || array.Nullable
	}
	at := int(v.I32[0])
	switch n := len(array.Args); {
	case !array.Is("array"):
		return true
	case at == 0:
		return false
	case at > n || -at > n:
		return !strict
	case at < 0:
		return array.Args[n+at].Nullable
	}
	return array.Args[at-1].Nullable
}

func compileElementAt(try bool) compiler {
	return func(call *expr.Expr) (expr.Kernel, error) {
		if call.Args[0].Type.Kind == types.KindMap {
			return mapValue, nil
		}
		return rowKernel(func(r *row) error { return elementAt(r, try) }), nil
	}
}

func elementAt(r *row, try bool) error {
	items, off, n := r.list(0)
	at := r.int(1)
	switch {
	case at == 0:
		return indexOfZero()
	case at > 0 && at <= n:
		kernel.Copy(r.out, r.i, items, off+at-1)
	case at < 0 && -at <= n:
		kernel.Copy(r.out, r.i, items, off+n+at)
	case try:
		r.setNull()
	default:
		return sparkerr.New("INVALID_ARRAY_INDEX_IN_ELEMENT_AT", "indexValue", strconv.Itoa(at), "arraySize", strconv.Itoa(n),
			"ansiConfig", ansiConfig).WithHint("try_element_at returns NULL instead")
	}
	return nil
}

func resolveGet(call *expr.Expr) error {
	if call.Args[0].Type.Kind == types.KindVoid {
		return coerce.UnexpectedInput(call, 0, `"ARRAY"`)
	}
	if err := coerce.Params(call, coerce.AnyArray, coerce.Int); err != nil {
		return err
	}
	array, index := call.Args[0], call.Args[1]
	call.Type, call.Nullable = array.Type.Elem, true
	if v, err := fold(index); err == nil && v != nil && !v.IsNull(0) && array.Is("array") {
		if at := int(v.I32[0]); at >= 0 && at < len(array.Args) {
			call.Nullable = array.Args[at].Nullable
		}
	}
	return nil
}

func get(r *row) error {
	items, off, n := r.list(0)
	if at := r.int(1); at >= 0 && at < n {
		kernel.Copy(r.out, r.i, items, off+at)
	} else {
		r.setNull()
	}
	return nil
}
