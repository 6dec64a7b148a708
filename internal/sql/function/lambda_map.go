package function

import (
	"github.com/streamctl/streamctl/internal/halt"
	"github.com/streamctl/streamctl/internal/sql/coerce"
	"github.com/streamctl/streamctl/internal/sql/eval"
	"github.com/streamctl/streamctl/internal/sql/expr"
	"github.com/streamctl/streamctl/internal/sql/kernel"
	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/vector"
)

// mapLambdaFunctions apply a user-defined lambda to the entries of maps.
func mapLambdaFunctions() []*expr.Function {
	return []*expr.Function{
		{
			Name: "transform_keys", Group: "lambda_funcs", Usage: "transform_keys(expr, func)",
			Doc:     "The map with each key replaced by func applied to key and value.",
			Example: "transform_keys(map_from_arrays(array(1, 2, 3), array(1, 2, 3)), (k, v) -> k + 1)", Result: "{2 -> 1, 3 -> 2, 4 -> 3}",
			MinArgs: 2, MaxArgs: 2, HigherOrder: true,
			Resolve: bindEntry(func(call *expr.Expr, m *types.Type) error {
				f := call.Args[1]
				call.Type = types.MapOf(f.Type, m.Elem, m.ContainsNull)
				return checkMapKey(call, f.Type)
			}),
			Compile: compileEntries(func(r *row, e *entryRun, at, n int) error {
				for k := at; k < at+n; k++ {
					if err := r.addEntry(e.results, k, &e.values, k); err != nil {
						return err
					}
				}
				return nil
			}),
		},
		{
			Name: "transform_values", Group: "lambda_funcs", Usage: "transform_values(expr, func)",
			Doc:     "The map with each value replaced by func applied to key and value.",
			Example: "transform_values(map_from_arrays(array(1, 2, 3), array(1, 2, 3)), (k, v) -> v + 1)", Result: "{1 -> 2, 2 -> 3, 3 -> 4}",
			MinArgs: 2, MaxArgs: 2, HigherOrder: true,
			Resolve: bindEntry(func(call *expr.Expr, m *types.Type) error {
				f := call.Args[1]
				call.Type = types.MapOf(m.Key, f.Type, f.Nullable)
				return nil
			}),
			Compile: compileEntries(func(r *row, e *entryRun, at, n int) error {
				for k := at; k < at+n; k++ {
					if err := r.addEntry(&e.keys, k, e.results, k); err != nil {
						return err
					}
				}
				return nil
			}),
		},
		{
			Name: "map_filter", Group: "lambda_funcs", Usage: "map_filter(expr, func)", Doc: "The entries for which func, applied to key and value, is true.",
			Example: "map_filter(map(1, 0, 2, 2, 3, -1), (k, v) -> k > v)", Result: "{1 -> 0, 3 -> -1}", MinArgs: 2, MaxArgs: 2, HigherOrder: true,
			Resolve: bindEntry(func(call *expr.Expr, m *types.Type) error {
				call.Type = m
				return checkCondition(call, 1)
			}),
			Compile: compileEntries(func(r *row, e *entryRun, at, n int) error {
				for k := at; k < at+n; k++ {
					if e.results.IsNull(k) || !e.results.Bool[e.results.At(k)] {
						continue
					}
					if err := r.addEntry(&e.keys, k, &e.values, k); err != nil {
						return err
					}
				}
				return nil
			}),
		},
		{
			Name: "map_zip_with", Group: "lambda_funcs", Usage: "map_zip_with(map1, map2, function)",
			Doc:     "A map of all keys, with function applied to each key and its values in both maps.",
			Example: "map_zip_with(map(1, 'a', 2, 'b'), map(1, 'x', 2, 'y'), (k, v1, v2) -> concat(v1, v2))", Result: "{1 -> ax, 2 -> by}",
			MinArgs: 3, MaxArgs: 3, HigherOrder: true, Resolve: resolveMapZip, Compile: compileMapZip,
		},
	}
}

// entryMap checks that argument k is a map and returns its type.
func entryMap(call *expr.Expr, k int) (*types.Type, error) {
	if t := call.Args[k].Type; t.Kind == types.KindMap {
		return t, nil
	}
	return nil, coerce.UnexpectedInput(call, k, `"MAP"`)
}

// bindEntry binds a lambda with key and value parameters; result sets the type of the call.
func bindEntry(result func(call *expr.Expr, m *types.Type) error) resolver {
	return func(call *expr.Expr) error {
		m, err := entryMap(call, 0)
		if err != nil {
			return err
		}
		f, err := call.Args[1].Bind(expr.Var(m.Key, false), expr.Var(m.Elem, m.ContainsNull))
		if err != nil {
			return err
		}
		bindArgs(call, call.Args[0], f)
		call.Nullable = call.Args[0].Nullable
		return result(call, m)
	}
}

// An entryRun holds the entries of all rows of a batch, concatenated, and the results of the lambda.
type entryRun struct {
	lambda       *eval.Lambda
	rows, places []int32
	keys, values vector.Vector
	results      *vector.Vector
}

// compileEntries compiles a function that runs its lambda on all entries at once; add builds the map of one row from n
// entries.
func compileEntries(add func(r *row, e *entryRun, at, n int) error) compiler {
	return func(call *expr.Expr) (expr.Kernel, error) {
		lambda, err := eval.CompileLambda(call.Args[1])
		if err != nil {
			return nil, err
		}
		e := &entryRun{lambda: lambda}
		var at int
		finish := rowKernel(func(r *row) error {
			_, _, _, n := r.entries(0)
			from := r.listStart()
			if err := add(r, e, at, n); err != nil {
				return err
			}
			at += n
			return r.endMap(from)
		})
		return func(ctx *expr.Context, n int, sel vector.Selection, args []*vector.Vector, out *vector.Vector) error {
			at = 0
			if err := e.run(ctx, n, sel, args); err != nil {
				return err
			}
			return finish(ctx, n, sel, args, out)
		}, nil
	}
}

func (e *entryRun) run(ctx *expr.Context, n int, sel vector.Selection, args []*vector.Vector) (err error) {
	m := args[0]
	e.rows, e.places = e.rows[:0], e.places[:0]
	for k := range kernel.Count(n, sel) {
		i := kernel.Row(sel, k)
		w := m.Views[m.At(i)]
		for j := range w.Len {
			e.rows, e.places = append(e.rows, int32(i)), append(e.places, int32(w.Off+j))
		}
	}
	if len(e.rows) == 0 {
		return nil
	}
	kernel.GatherShared(&e.keys, m.Children[0], e.places)
	kernel.GatherShared(&e.values, m.Children[1], e.places)
	e.results, err = e.lambda.Eval(ctx, args[1], e.rows, &e.keys, &e.values)
	return err
}

// resolveMapZip casts both maps to a common key type.
func resolveMapZip(call *expr.Expr) error {
	left, err := entryMap(call, 0)
	if err != nil {
		return err
	}
	right, err := entryMap(call, 1)
	if err != nil {
		return err
	}
	key := coerce.WidestWithoutStrings(left.Key, right.Key)
	if key == nil {
		return coerce.Mismatch(call, "MAP_ZIP_WITH_DIFF_TYPES", "functionName", "`map_zip_with`",
			"leftType", `"`+left.Key.SQL()+`"`, "rightType", `"`+right.Key.SQL()+`"`)
	}
	if err := coerce.CheckOrdering(call, key, call.Fn.Name); err != nil {
		return err
	}
	f, err := call.Args[2].Bind(expr.Var(key, false), expr.Var(left.Elem, true), expr.Var(right.Elem, true))
	if err != nil {
		return err
	}
	bindArgs(call, castUnlessSame(call.Args[0], types.MapOf(key, left.Elem, left.ContainsNull)),
		castUnlessSame(call.Args[1], types.MapOf(key, right.Elem, right.ContainsNull)), f)
	call.Type, call.Nullable = types.MapOf(key, f.Type, f.Nullable), call.Args[0].Nullable || call.Args[1].Nullable
	return nil
}

// A mapZip pairs the entries of two maps: first the keys of the left one, then those that only the right one has.
type mapZip struct {
	lambda      *eval.Lambda
	rows        []int32
	left, right []int32 // rows of the maps' children, or -1
	keys, x, y  vector.Vector
	steps       halt.Steps
}

func compileMapZip(call *expr.Expr) (expr.Kernel, error) {
	lambda, err := eval.CompileLambda(call.Args[2])
	if err != nil {
		return nil, err
	}
	z := &mapZip{lambda: lambda}
	return z.run, nil
}

func (z *mapZip) run(ctx *expr.Context, n int, sel vector.Selection, args []*vector.Vector, out *vector.Vector) error {
	z.rows, z.left, z.right = z.rows[:0], z.left[:0], z.right[:0]
	z.steps.Stop = ctx.Stop
	for k := range kernel.Count(n, sel) {
		i := kernel.Row(sel, k)
		from := len(z.rows)
		z.pair(args[0], args[1], i)
		out.Views[out.At(i)] = vector.View{Off: uint32(from), Len: uint32(len(z.rows) - from)}
	}
	if len(z.rows) == 0 {
		return nil
	}
	z.gatherKeys(args[0].Children[0], args[1].Children[0])
	kernel.GatherShared(&z.x, args[0].Children[1], z.left)
	kernel.GatherShared(&z.y, args[1].Children[1], z.right)
	results, err := z.lambda.Eval(ctx, args[2], z.rows, &z.keys, &z.x, &z.y)
	if err != nil {
		return err
	}
	kernel.AppendRange(out.Children[0], &z.keys, 0, len(z.rows))
	kernel.AppendRange(out.Children[1], results, 0, len(z.rows))
	return nil
}

// pair records the entries of row i of both maps.
func (z *mapZip) pair(a, b *vector.Vector, i int) {
	v, w := a.Views[a.At(i)], b.Views[b.At(i)]
	for j := range v.Len {
		z.steps.Take(int(w.Len))
		z.note(i, int32(v.Off+j), findKey(b.Children[0], w, a.Children[0], int(v.Off+j)))
	}
	for j := range w.Len {
		z.steps.Take(int(v.Len))
		if findKey(a.Children[0], v, b.Children[0], int(w.Off+j)) < 0 {
			z.note(i, -1, int32(w.Off+j))
		}
	}
}

func (z *mapZip) note(i int, left, right int32) {
	z.rows, z.left, z.right = append(z.rows, int32(i)), append(z.left, left), append(z.right, right)
}

// findKey returns the position of row j of other among the keys of a map, or -1.
func findKey(keys *vector.Vector, w vector.View, other *vector.Vector, j int) int32 {
	for k := w.Off; k < w.Off+w.Len; k++ {
		if kernel.Compare(keys, int(k), other, j) == 0 {
			return int32(k)
		}
	}
	return -1
}

func (z *mapZip) gatherKeys(left, right *vector.Vector) {
	z.keys.Reset(left.Type, len(z.rows))
	for k := range z.rows {
		if at := z.left[k]; at >= 0 {
			kernel.Copy(&z.keys, k, left, int(at))
		} else {
			kernel.Copy(&z.keys, k, right, int(z.right[k]))
		}
	}
}
