package function

import (
	"github.com/streamctl/streamctl/internal/sql/coerce"
	"github.com/streamctl/streamctl/internal/sql/eval"
	"github.com/streamctl/streamctl/internal/sql/expr"
	"github.com/streamctl/streamctl/internal/sql/kernel"
	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/vector"
)

func resolveAggregate(call *expr.Expr) error {
	t, err := itemArray(call, 0)
	if err != nil {
		return err
	}
	zero := call.Args[1]
	merge, err := call.Args[2].Bind(expr.Var(zero.Type, true), expr.Var(t.Elem, t.ContainsNull))
	if err != nil {
		return err
	}
	var finish *expr.Expr
	if len(call.Args) == 4 {
		finish, err = call.Args[3].Bind(expr.Var(zero.Type, true))
		if err != nil {
			return err
		}
	} else {
		v := expr.Var(zero.Type, true)
		finish = &expr.Expr{Kind: expr.Lambda, Type: v.Type, Nullable: true, Args: []*expr.Expr{v}, Params: []*expr.Expr{v}}
	}
	if merge.Type.Kind == types.KindVoid && zero.Type.Kind != types.KindVoid {
		merge = castBody(merge, zero.Type)
	}
	sameButNames := merge.Type.SameButNames(zero.Type)
	if sameButNames && !merge.Type.SameShape(zero.Type) { // the value keeps its initial field names
		merge = castBody(merge, zero.Type)
	}
	bindArgs(call, call.Args[0], zero, merge, finish)
	call.Type, call.Nullable = finish.Type, call.Args[0].Nullable || finish.Nullable
	if !sameButNames {
		return coerce.UnexpectedInput(call, 2, `"`+zero.Type.SQL()+`"`)
	}
	return nil
}

// castBody returns the lambda with a result of type t.
func castBody(lambda *expr.Expr, t *types.Type) *expr.Expr {
	typed := *lambda.WithArgs(append([]*expr.Expr{coerce.Cast(lambda.Args[0], t)}, lambda.Args[1:]...))
	typed.Type = t
	return &typed
}

// A foldRun keeps the values of the rows whose arrays have more items, in row order.
type foldRun struct {
	merge, finish *eval.Lambda
	rows, places  []int32
	values        [2]vector.Vector // the current values, and space for the next ones
	items         vector.Vector
	ended         vector.Vector // by row, the final values of arrays that have ended
}

func compileAggregate(call *expr.Expr) (expr.Kernel, error) {
	merge, err := eval.CompileLambda(call.Args[2])
	if err != nil {
		return nil, err
	}
	finish, err := eval.CompileLambda(call.Args[3])
	if err != nil {
		return nil, err
	}
	f := &foldRun{merge: merge, finish: finish}
	return f.run, nil
}

func (f *foldRun) run(ctx *expr.Context, n int, sel vector.Selection, args []*vector.Vector, out *vector.Vector) error {
	array, zero := args[0], args[1]
	f.rows = f.rows[:0]
	for k := range kernel.Count(n, sel) {
		if i := kernel.Row(sel, k); array.IsNull(i) {
			out.SetNull(i)
		} else {
			f.rows = append(f.rows, int32(i))
		}
	}
	all := append([]int32(nil), f.rows...)
	if len(all) == 0 {
		return nil
	}
	f.ended.Reset(zero.Type, n)
	kernel.Gather(&f.values[0], zero, f.rows)
	if err := f.mergeItems(ctx, args); err != nil {
		return err
	}
	kernel.Gather(&f.values[0], &f.ended, all)
	results, err := f.finish.Eval(ctx, args[3], all, &f.values[0])
	if err != nil {
		return err
	}
	for k, i := range all {
		kernel.Copy(out, int(i), results, k)
	}
	return nil
}

// mergeItems merges the items into the values of their rows, one position after another.
func (f *foldRun) mergeItems(ctx *expr.Context, args []*vector.Vector) error {
	array := args[0]
	for step := uint32(0); len(f.rows) > 0; step++ {
		if err := ctx.Stop.Err(); err != nil {
			return err
		}
		f.split(array, step)
		if len(f.rows) == 0 {
			return nil
		}
		kernel.GatherShared(&f.items, array.Children[0], f.places)
		results, err := f.merge.Eval(ctx, args[2], f.rows, &f.values[0], &f.items)
		if err != nil {
			return err
		}
		next := &f.values[1]
		next.Reset(f.ended.Type, len(f.rows))
		for k := range f.rows {
			kernel.Copy(next, k, results, k)
		}
		f.values[0], f.values[1] = f.values[1], f.values[0]
	}
	return nil
}

// split moves the values of the rows without an item at the position to ended and keeps the others.
func (f *foldRun) split(array *vector.Vector, position uint32) {
	next := &f.values[1]
	next.Reset(f.ended.Type, 0)
	remaining := f.rows[:0]
	f.places = f.places[:0]
	for k, i := range f.rows {
		w := array.Views[array.At(int(i))]
		if position >= w.Len {
			kernel.Copy(&f.ended, int(i), &f.values[0], k)
			continue
		}
		kernel.Append(next, &f.values[0], k)
		remaining, f.places = append(remaining, i), append(f.places, int32(w.Off+position))
	}
	f.rows = remaining
	f.values[0], f.values[1] = f.values[1], f.values[0]
}
