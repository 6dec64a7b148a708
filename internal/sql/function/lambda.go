package function

import (
	"github.com/streamctl/streamctl/internal/sql/coerce"
	"github.com/streamctl/streamctl/internal/sql/eval"
	"github.com/streamctl/streamctl/internal/sql/expr"
	"github.com/streamctl/streamctl/internal/sql/kernel"
	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/vector"
)

// lambdaFunctions apply a user-defined lambda to the items of arrays.
func lambdaFunctions() []*expr.Function {
	return []*expr.Function{
		{
			Name: "transform", Group: "lambda_funcs", Usage: "transform(expr, func)",
			Doc:     "An array with func applied to each item, or to each item and its position, counted from 0.",
			Example: "transform(array(1, 2, 3), (x, i) -> x + i)", Result: "[1, 3, 5]", MinArgs: 2, MaxArgs: 2, HigherOrder: true,
			Resolve: resolveTransform, Compile: compileItems(transformItems),
		},
		{
			Name: "filter", Group: "lambda_funcs", Usage: "filter(expr, func)",
			Doc:     "The items for which func is true, applied to the item or to the item and its position, counted from 0.",
			Example: "filter(array(1, 2, 3), x -> x % 2 == 1)", Result: "[1, 3]", MinArgs: 2, MaxArgs: 2, HigherOrder: true,
			Resolve: resolveFilter, Compile: compileItems(filterItems),
		},
		{
			Name: "exists", Group: "lambda_funcs", Usage: "exists(expr, pred)", Doc: "Whether pred is true for any item; NULL if not, but NULL for an item.",
			Example: "exists(array(1, 2, 3), x -> x % 2 == 0)", Result: "true", MinArgs: 2, MaxArgs: 2, HigherOrder: true,
			Resolve: resolvePredicate, Compile: compileQuantifier(true),
		},
		{
			Name: "forall", Group: "lambda_funcs", Usage: "forall(expr, pred)", Doc: "Whether pred is true for all items; NULL if never false, but NULL for an item.",
			Example: "forall(array(1, 2, 3), x -> x % 2 == 0)", Result: "false", MinArgs: 2, MaxArgs: 2, HigherOrder: true,
			Resolve: resolvePredicate, Compile: compileQuantifier(false),
		},
		{
			Name: "aggregate", Aliases: []string{"reduce"}, Group: "lambda_funcs", Usage: "aggregate(expr, start, merge[, finish])",
			Doc:     "The result of finish, applied to the value obtained from start by applying merge to it and each item.",
			Example: "aggregate(array(1, 2, 3), 0, (acc, x) -> acc + x, acc -> acc * 10)", Result: "60", MinArgs: 3, MaxArgs: 4, HigherOrder: true,
			Resolve: resolveAggregate, Compile: compileAggregate, Operands: expr.Operands{Nulls: expr.NullsSeen, Strict: 1},
		},
		{
			Name: "zip_with", Group: "lambda_funcs", Usage: "zip_with(left, right, func)",
			Doc:     "An array with func applied to the items at equal positions; the shorter array is padded with NULL.",
			Example: "zip_with(array(1, 2), array(3, 4), (x, y) -> x + y)", Result: "[4, 6]", MinArgs: 3, MaxArgs: 3, HigherOrder: true,
			Resolve: resolveZipWith, Compile: compileZipWith,
		},
		{
			Name: "array_sort", Group: "lambda_funcs", Usage: "array_sort(expr[, func])",
			Doc:     "The array sorted in ascending order with NULLs last, or by func, which compares two items and returns a negative number, 0 or a positive number.",
			Example: "array_sort(array(5, 6, 1), (l, r) -> r - l)", Result: "[6, 5, 1]", MinArgs: 1, MaxArgs: 2, HigherOrder: true,
			Resolve: resolveArraySort, Compile: compileArraySort, SQL: arraySortSQL, Foldable: notFoldable,
		},
	}
}

// bindArgs replaces the arguments of a call.
func bindArgs(call *expr.Expr, args ...*expr.Expr) { call.Args = args }

// itemArray checks that argument k is an array and returns its type. An untyped NULL is not accepted: lambdas are bound
// before it could get a type.
func itemArray(call *expr.Expr, k int) (*types.Type, error) {
	t := call.Args[k].Type
	if t.Kind != types.KindArray {
		return nil, coerce.UnexpectedInput(call, k, `"ARRAY"`)
	}
	return t, nil
}

// bindItem binds a lambda with an item parameter, or with item and position parameters.
func bindItem(call *expr.Expr) error {
	t, err := itemArray(call, 0)
	if err != nil {
		return err
	}
	vars := []*expr.Expr{expr.Var(t.Elem, t.ContainsNull)}
	if call.Args[1].Arity() == 2 {
		vars = append(vars, expr.Var(types.Int, false))
	}
	f, err := call.Args[1].Bind(vars...)
	if err != nil {
		return err
	}
	bindArgs(call, call.Args[0], f)
	return nil
}

func resolveTransform(call *expr.Expr) error {
	if err := bindItem(call); err != nil {
		return err
	}
	call.Type, call.Nullable = types.ArrayOf(call.Args[1].Type, call.Args[1].Nullable), call.Args[0].Nullable
	return nil
}

func resolveFilter(call *expr.Expr) error {
	if err := bindItem(call); err != nil {
		return err
	}
	call.Type, call.Nullable = call.Args[0].Type, call.Args[0].Nullable
	return checkCondition(call, 1)
}

// checkCondition requires argument k to be a lambda that returns BOOLEAN or an untyped NULL.
func checkCondition(call *expr.Expr, k int) error {
	if f := call.Args[k]; f.Type.Kind == types.KindVoid && f.Kind == expr.Lambda {
		call.Args = append([]*expr.Expr(nil), call.Args...)
		call.Args[k] = castBody(f, types.Boolean)
	}
	if call.Args[k].Type.Kind != types.KindBoolean {
		return coerce.UnexpectedInput(call, k, `"BOOLEAN"`)
	}
	return nil
}

func resolvePredicate(call *expr.Expr) error {
	t, err := itemArray(call, 0)
	if err != nil {
		return err
	}
	f, err := call.Args[1].Bind(expr.Var(t.Elem, t.ContainsNull))
	if err != nil {
		return err
	}
	bindArgs(call, call.Args[0], f)
	call.Type, call.Nullable = types.Boolean, call.Args[0].Nullable || f.Nullable
	return checkCondition(call, 1)
}

// An itemRun holds the items of all rows of a batch, concatenated, as parameters of a lambda.
type itemRun struct {
	lambda *eval.Lambda
	rows   []int32 // row of each item
	places []int32 // each item's row in the array's child
	items  vector.Vector
	index  vector.Vector
	two    bool
}

// compileItems compiles a function that runs its lambda, Args[1], on all items at once and passes the results to finish.
func compileItems(finish func(r *itemRun, array, results, out *vector.Vector, n int, sel vector.Selection)) compiler {
	return func(call *expr.Expr) (expr.Kernel, error) {
		lambda, err := eval.CompileLambda(call.Args[1])
		if err != nil {
			return nil, err
		}
		run := &itemRun{lambda: lambda, two: len(call.Args[1].Params) == 2}
		return func(ctx *expr.Context, n int, sel vector.Selection, args []*vector.Vector, out *vector.Vector) error {
			run.gather(args[0], n, sel)
			results := &vector.Vector{Type: call.Args[1].Type}
			if len(run.rows) > 0 {
				params := []*vector.Vector{&run.items, &run.index}
				if !run.two {
					params = params[:1]
				}
				if results, err = run.lambda.Eval(ctx, args[1], run.rows, params...); err != nil {
					return err
				}
			}
			finish(run, args[0], results, out, n, sel)
			return nil
		}, nil
	}
}

// gather concatenates the items of the selected rows, with their positions.
func (run *itemRun) gather(array *vector.Vector, n int, sel vector.Selection) {
	run.rows, run.places = run.rows[:0], run.places[:0]
	for k := range kernel.Count(n, sel) {
		i := kernel.Row(sel, k)
		w := array.Views[array.At(i)]
		for j := range w.Len {
			run.rows, run.places = append(run.rows, int32(i)), append(run.places, int32(w.Off+j))
		}
	}
	kernel.GatherShared(&run.items, array.Children[0], run.places)
	if !run.two {
		return
	}
	run.index.Reset(types.Int, len(run.rows))
	for k := range run.rows {
		run.index.I32[k] = 0
		if k > 0 && run.rows[k] == run.rows[k-1] {
			run.index.I32[k] = run.index.I32[k-1] + 1
		}
	}
}

func transformItems(_ *itemRun, array, results, out *vector.Vector, n int, sel vector.Selection) {
	at := 0
	for k := range kernel.Count(n, sel) {
		i := kernel.Row(sel, k)
		count := int(array.Views[array.At(i)].Len)
		out.Views[out.At(i)] = vector.View{Off: uint32(out.Children[0].Len()), Len: uint32(count)}
		kernel.AppendRange(out.Children[0], results, at, count)
		at += count
	}
}

func filterItems(run *itemRun, array, results, out *vector.Vector, n int, sel vector.Selection) {
	at, items := 0, out.Children[0]
	for k := range kernel.Count(n, sel) {
		i := kernel.Row(sel, k)
		from := items.Len()
		for range array.Views[array.At(i)].Len {
			if !results.IsNull(at) && results.Bool[results.At(at)] {
				kernel.Append(items, &run.items, at)
			}
			at++
		}
		out.Views[out.At(i)] = vector.View{Off: uint32(from), Len: uint32(items.Len() - from)}
	}
}

// compileQuantifier compiles exists (decisive is true) or forall (false): items are evaluated one by one until one decides.
func compileQuantifier(decisive bool) compiler {
	return func(call *expr.Expr) (expr.Kernel, error) {
		lambda, err := eval.CompileLambda(call.Args[1])
		if err != nil {
			return nil, err
		}
		var active, places []int32
		var items vector.Vector
		return func(ctx *expr.Context, n int, sel vector.Selection, args []*vector.Vector, out *vector.Vector) error {
			array := args[0]
			active = active[:0]
			for k := range kernel.Count(n, sel) {
				i := kernel.Row(sel, k)
				out.Bool[out.At(i)] = !decisive
				active = append(active, int32(i))
			}
			for step := uint32(0); ; step++ {
				if err := ctx.Stop.Err(); err != nil {
					return err
				}
				active, places = rowsWithItem(array, step, active, places[:0])
				if len(active) == 0 {
					return nil
				}
				kernel.GatherShared(&items, array.Children[0], places)
				results, err := lambda.Eval(ctx, args[1], active, &items)
				if err != nil {
					return err
				}
				active = decide(results, out, active, decisive)
			}
		}, nil
	}
}

// rowsWithItem returns the rows whose array has an item at the position, and where these items are.
func rowsWithItem(array *vector.Vector, position uint32, rows, places []int32) (matching, at []int32) {
	matching = rows[:0]
	for _, i := range rows {
		if w := array.Views[array.At(int(i))]; position < w.Len {
			matching, places = append(matching, i), append(places, int32(w.Off+position))
		}
	}
	return matching, places
}

// decide settles the rows whose result is decisive and returns the others. A NULL makes the row NULL unless a later item
// decides.
func decide(results, out *vector.Vector, rows []int32, decisive bool) []int32 {
	undecided := rows[:0]
	for k, i := range rows {
		switch {
		case results.IsNull(k):
			out.SetNull(int(i))
		case results.Bool[results.At(k)] == decisive:
			out.Bool[out.At(int(i))] = decisive
			if out.Valid != nil {
				out.Valid.Set(out.At(int(i)))
			}
			continue
		}
		undecided = append(undecided, i)
	}
	return undecided
}

func resolveZipWith(call *expr.Expr) error {
	left, err := itemArray(call, 0)
	if err != nil {
		return err
	}
	right, err := itemArray(call, 1)
	if err != nil {
		return err
	}
	f, err := call.Args[2].Bind(expr.Var(left.Elem, true), expr.Var(right.Elem, true))
	if err != nil {
		return err
	}
	bindArgs(call, call.Args[0], call.Args[1], f)
	call.Type, call.Nullable = types.ArrayOf(f.Type, f.Nullable), call.Args[0].Nullable || call.Args[1].Nullable
	return nil
}

func compileZipWith(call *expr.Expr) (expr.Kernel, error) {
	lambda, err := eval.CompileLambda(call.Args[2])
	if err != nil {
		return nil, err
	}
	var rows, left, right []int32
	var x, y vector.Vector
	return func(ctx *expr.Context, n int, sel vector.Selection, args []*vector.Vector, out *vector.Vector) error {
		rows, left, right = rows[:0], left[:0], right[:0]
		for k := range kernel.Count(n, sel) {
			i := kernel.Row(sel, k)
			v, w := args[0].Views[args[0].At(i)], args[1].Views[args[1].At(i)]
			out.Views[out.At(i)] = vector.View{Off: uint32(len(rows)), Len: max(v.Len, w.Len)}
			for j := range max(v.Len, w.Len) {
				rows = append(rows, int32(i))
				left, right = append(left, placeIn(v, j)), append(right, placeIn(w, j))
			}
		}
		if len(rows) == 0 {
			return nil
		}
		kernel.GatherShared(&x, args[0].Children[0], left)
		kernel.GatherShared(&y, args[1].Children[0], right)
		results, err := lambda.Eval(ctx, args[2], rows, &x, &y)
		if err != nil {
			return err
		}
		kernel.AppendRange(out.Children[0], results, 0, len(rows))
		return nil
	}, nil
}

// placeIn returns the row of the child that holds item j of an array, or -1 if the array is shorter.
func placeIn(w vector.View, j uint32) int32 {
	if j < w.Len {
		return int32(w.Off + j)
	}
	return -1
}
