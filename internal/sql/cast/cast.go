// Package cast holds the kernels of CAST and TRY_CAST in Spark's ANSI mode: the conversion for each pair of types, and the
// error for a value that cannot be converted. Package coerce decides which casts exist.
package cast

import (
	"errors"
	"slices"

	"github.com/streamctl/streamctl/internal/halt"
	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/sql/expr"
	"github.com/streamctl/streamctl/internal/sql/kernel"
	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/vector"
)

// Compile returns the kernel of a cast, or nil if values do not change. With try, values that cannot be converted become
// NULL.
func Compile(from, to *types.Type, try bool) (expr.Kernel, error) {
	return compile(from, to, try, false)
}

// CompileConstant is Compile for a constant string, which may be a word such as today or epoch. (Spark: the optimizer rule
// SpecialDatetimeValues.)
func CompileConstant(from, to *types.Type, try bool) (expr.Kernel, error) {
	return compile(from, to, try, true)
}

func compile(from, to *types.Type, try, words bool) (expr.Kernel, error) {
	if same(from, to) {
		return nil, nil
	}
	if from.Kind == types.KindVoid {
		return func(*expr.Context, int, vector.Selection, []*vector.Vector, *vector.Vector) error { return nil }, nil
	}
	if from.Kind == types.KindVariant {
		return FromVariant(to, try)
	}
	if to.IsText() {
		return toString(from), nil
	}
	if k := widen(from, to); k != nil {
		return k, nil
	}
	switch to.Kind {
	case types.KindVariant:
		return ToVariant(), nil
	case types.KindArray, types.KindMap, types.KindStruct:
		if from.Kind != to.Kind {
			return nil, sparkerr.Plain("a cast from %s to %s is not in the embedded engine yet", from.SQL(), to.SQL())
		}
		return nested(from, to, try)
	}
	c := converter(from, to)
	if words && from.IsText() {
		c = conversion{one: orWord(to, c.one), fail: c.fail}
	}
	if c.one == nil {
		return nil, sparkerr.Internal("no cast from %s to %s", from, to)
	}
	return c.kernel(try), nil
}

// same reports whether values of both types have the same representation.
func same(from, to *types.Type) bool {
	switch {
	case from.IsText() && to.IsText():
		return true
	case from.Kind != to.Kind:
		return false
	case from.Elem != nil:
		return (from.Key == nil || same(from.Key, to.Key)) && same(from.Elem, to.Elem)
	case from.Kind == types.KindStruct:
		for i, f := range from.Fields {
			if !same(f.Type, to.Fields[i].Type) {
				return false
			}
		}
		return true
	}
	return from.SameShape(to)
}

// A conversion converts a value at position i of v that is not NULL to position k of out.
type conversion struct {
	// one reports whether there is a result, which may be NULL.
	one func(ctx *expr.Context, v *vector.Vector, i int, out *vector.Vector, k int) bool
	// all, if not nil, applies one to the rows of a batch. It stops at the first row without a result and returns it, or -1.
	all func(n int, sel vector.Selection, v, out *vector.Vector) int
	// fail returns the error for a value without a result.
	fail func(ctx *expr.Context, v *vector.Vector, i int) error
}

func converter(from, to *types.Type) conversion {
	var c conversion
	switch {
	case from.IsText():
		c = fromText(from, to)
	case to.Kind == types.KindDecimal:
		c = toDecimal(from, to)
	case to.IsIntegral():
		c = toInteger(from, to)
	case to.IsNumeric() || to.Kind == types.KindBoolean:
		c = toFloatOrBoolean(from, to)
	default:
		c = toTemporal(from, to)
	}
	if c.fail == nil {
		c.fail = func(ctx *expr.Context, v *vector.Vector, i int) error { return overflow(ctx, v, i, to) }
	}
	return c
}

func (c conversion) kernel(try bool) expr.Kernel {
	if c.all != nil && !try {
		return func(ctx *expr.Context, n int, sel vector.Selection, args []*vector.Vector, out *vector.Vector) error {
			if i := c.all(n, sel, args[0], out); i >= 0 {
				return expr.AtRow(i, c.fail(ctx, args[0], args[0].At(i)))
			}
			return nil
		}
	}
	return func(ctx *expr.Context, n int, sel vector.Selection, args []*vector.Vector, out *vector.Vector) error {
		v := args[0]
		for k := range kernel.Count(n, sel) {
			i := kernel.Row(sel, k)
			if c.one(ctx, v, v.At(i), out, out.At(i)) {
				continue
			}
			if !try {
				return expr.AtRow(i, c.fail(ctx, v, v.At(i)))
			}
			out.SetNull(i)
		}
		return nil
	}
}

// nested casts the parts of arrays, maps and structs.
func nested(from, to *types.Type, try bool) (expr.Kernel, error) {
	parts, targets := partsOf(from), partsOf(to)
	kernels := make([]expr.Kernel, len(parts))
	for i := range parts {
		k, err := Compile(parts[i], targets[i], try)
		if err != nil {
			return nil, err
		}
		kernels[i] = k
	}
	if to.Kind == types.KindStruct {
		return structKernel(kernels), nil
	}
	return listKernel(kernels), nil
}

func partsOf(t *types.Type) []*types.Type {
	switch t.Kind {
	case types.KindArray:
		return []*types.Type{t.Elem}
	case types.KindMap:
		return []*types.Type{t.Key, t.Elem}
	}
	parts := make([]*types.Type, len(t.Fields))
	for i, f := range t.Fields {
		parts[i] = f.Type
	}
	return parts
}

func structKernel(fields []expr.Kernel) expr.Kernel {
	return func(ctx *expr.Context, n int, sel vector.Selection, args []*vector.Vector, out *vector.Vector) error {
		for f, k := range fields {
			if err := castPart(ctx, k, n, sel, args[0].Children[f], out.Children[f]); err != nil {
				return err
			}
		}
		return nil
	}
}

// listKernel does not move elements, so the result has the same views as the argument.
func listKernel(parts []expr.Kernel) expr.Kernel {
	var rows vector.Selection
	return func(ctx *expr.Context, n int, sel vector.Selection, args []*vector.Vector, out *vector.Vector) error {
		v := args[0]
		rows = rows[:0]
		for k := range kernel.Count(n, sel) {
			i := kernel.Row(sel, k)
			view := v.Views[v.At(i)]
			out.Views[out.At(i)] = view
			for e := range view.Len {
				rows = append(rows, int32(view.Off+e))
			}
		}
		for p, k := range parts {
			child := v.Children[p]
			out.Children[p].Extend(child.Len())
			if err := castPart(ctx, k, child.Len(), nonNil(rows), child, out.Children[p]); err != nil {
				return atList(err, n, sel, v)
			}
		}
		return nil
	}
}

func nonNil(rows vector.Selection) vector.Selection {
	if rows == nil {
		return vector.Selection{}
	}
	return rows
}

// castPart runs k, or copies if k is nil, on the rows of a child and propagates its NULLs.
func castPart(ctx *expr.Context, k expr.Kernel, n int, rows vector.Selection, child, out *vector.Vector) error {
	if k == nil {
		kernel.CopyRows(out, child, n, rows)
		return nil
	}
	if child.Valid != nil {
		all := rows
		rows = kernel.NotNull(child.Valid, n, all, nil)
		for j := range kernel.Count(n, all) {
			if i := kernel.Row(all, j); child.IsNull(i) {
				out.SetNull(i)
			}
		}
	}
	if len(rows) <= halt.Pace {
		return k(ctx, n, rows, []*vector.Vector{child}, out)
	}
	for part := range slices.Chunk(rows, halt.Pace) {
		if err := ctx.Stop.Err(); err != nil {
			return err
		}
		if err := k(ctx, n, part, []*vector.Vector{child}, out); err != nil {
			return err
		}
	}
	return nil
}

// atList assigns the error of an element to the row whose list contains it.
func atList(err error, n int, sel vector.Selection, v *vector.Vector) error {
	var at *expr.RowError
	if !errors.As(err, &at) {
		return err
	}
	for k := range kernel.Count(n, sel) {
		i := kernel.Row(sel, k)
		if view := v.Views[v.At(i)]; at.Row >= int(view.Off) && at.Row < int(view.Off+view.Len) {
			return expr.AtRow(i, at.Err)
		}
	}
	return err
}
