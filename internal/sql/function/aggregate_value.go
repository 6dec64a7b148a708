package function

import (
	"github.com/streamctl/streamctl/internal/sql/coerce"
	"github.com/streamctl/streamctl/internal/sql/expr"
	"github.com/streamctl/streamctl/internal/sql/kernel"
	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/vector"
)

// valueFunctions return one of the values of a group.
func valueFunctions() []*expr.Function {
	return []*expr.Function{
		limitOf("min", "The minimum value.", "least", resolveExtreme(coerce.Any), false),
		limitOf("max", "The maximum value.", "greatest", resolveExtreme(coerce.Any), true),
		limitOf("bool_and", "Whether all values are true.", "", resolveExtreme(coerce.Boolean), false, "every"),
		limitOf("bool_or", "Whether any value is true.", "", resolveExtreme(coerce.Boolean), true, "some", "any"),
		extremeBy("min_by", "The value of x in the row with the minimum y.", false),
		extremeBy("max_by", "The value of x in the row with the maximum y.", true),
		place("first", "The first value of the group, which depends on the order of the rows.", false, "first_value"),
		place("last", "The last value of the group, which depends on the order of the rows.", true, "last_value"),
		place("any_value", "Any value of the group.", false),
	}
}

func limitOf(name, doc, text string, resolve resolver, greatest bool, aliases ...string) *expr.Function {
	f := &expr.Function{
		Name: name, Aliases: aliases, Group: "agg_funcs", Usage: name + "(expr)", Doc: doc, Example: name + "(true)", Result: "true",
		MinArgs: 1, MaxArgs: 1, Aggregate: true, Resolve: resolve,
		Accumulate: func(call *expr.Expr) (expr.Aggregator, error) { return newExtremum(call, greatest), nil },
	}
	if text != "" {
		f.Example, f.Result = name+"(10)", "10"
	}
	return f
}

func extremeBy(name, doc string, greatest bool) *expr.Function {
	return &expr.Function{
		Name: name, Group: "agg_funcs", Usage: name + "(x, y)", Doc: doc, Example: name + "('a', 10)", Result: "a", MinArgs: 2, MaxArgs: 2,
		Aggregate: true, SeesNulls: true, Resolve: resolveExtremeBy,
		Accumulate: func(call *expr.Expr) (expr.Aggregator, error) { return newExtremum(call, greatest), nil },
	}
}

func place(name, doc string, last bool, aliases ...string) *expr.Function {
	return &expr.Function{
		Name: name, Aliases: aliases, Group: "agg_funcs", Usage: name + "(expr[, isIgnoreNull])", Doc: doc, Example: name + "(10)", Result: "10",
		MinArgs: 1, MaxArgs: 2, Aggregate: true, SeesNulls: true, Resolve: resolvePlace,
		Accumulate: func(call *expr.Expr) (expr.Aggregator, error) {
			ignore, _ := call.Data.(bool)
			return &firstOrLast{values: newValues(call.Type), last: last, ignoreNulls: ignore}, nil
		},
	}
}

func resolveExtreme(param coerce.Param) resolver {
	return func(call *expr.Expr) error {
		if err := coerce.Params(call, param); err != nil {
			return err
		}
		call.Type, call.Nullable = call.Args[0].Type, true
		if err := coerce.CheckOrdering(call, call.Type, call.CallName()); err != nil {
			return err
		}
		return nil
	}
}

func resolveExtremeBy(call *expr.Expr) error {
	call.Type, call.Nullable = call.Args[0].Type, true
	if err := coerce.CheckOrdering(call, call.Args[1].Type, call.CallName()); err != nil {
		return err
	}
	return nil
}

// resolvePlace removes the flag that skips NULLs from the arguments; names do not show it.
func resolvePlace(call *expr.Expr) error {
	call.Type, call.Nullable = call.Args[0].Type, true
	if len(call.Args) == 1 {
		return nil
	}
	if call.Args[1].Type.Kind != types.KindBoolean {
		return coerce.UnexpectedInput(call, 1, `"BOOLEAN"`)
	}
	v, err := constantArg(call, 1)
	if err != nil {
		return err
	}
	if v == nil || v.IsNull(0) {
		return notConstant(call, 1, "`isIgnoreNull`")
	}
	call.Data, call.Args = v.Bool[0], call.Args[:1]
	return nil
}

// values holds one value per group, initially NULL. Replaced strings and lists leave garbage bytes, so it is compacted
// periodically.
type values struct {
	*vector.Vector
	replaced int
}

func newValues(t *types.Type) *values { return &values{Vector: vector.New(t, 0)} }

func (v *values) grow(n int) {
	old := v.Len()
	v.Extend(n)
	for g := old; g < n; g++ {
		v.SetNull(g)
	}
}

func (v *values) set(g int, from *vector.Vector, i int) {
	kernel.Replace(v.Vector, g, from, i)
	if v.replaced++; v.replaced > 4096+2*v.Len() {
		packed := &vector.Vector{}
		kernel.Gather(packed, v.Vector, kernel.Identity(nil, v.Len()))
		v.Vector, v.replaced = packed, 0
	}
}

func (v *values) copyTo(out *vector.Vector) { kernel.CopyRows(out, v.Vector, v.Len(), nil) }

// An extremum keeps the minimum or maximum of the last argument and, with two arguments, the corresponding value of the first.
type extremum struct {
	by       *values
	with     *values // nil for one argument
	greatest bool
}

func newExtremum(call *expr.Expr, greatest bool) *extremum {
	b := &extremum{by: newValues(call.Args[len(call.Args)-1].Type), greatest: greatest}
	if len(call.Args) == 2 {
		b.with = newValues(call.Args[0].Type)
	}
	return b
}

func (b *extremum) Grow(n int) {
	b.by.grow(n)
	if b.with != nil {
		b.with.grow(n)
	}
}

func (b *extremum) Update(n int, sel vector.Selection, groups []int32, args []*vector.Vector) error {
	for k := range kernel.Count(n, sel) {
		i := kernel.Row(sel, k)
		b.offer(int(groups[i]), args, i)
	}
	return nil
}

// offer takes row i if it is better; of equal values min and max keep the earlier, min_by and max_by the later.
func (b *extremum) offer(g int, args []*vector.Vector, i int) {
	by := args[len(args)-1]
	if by.IsNull(i) {
		return
	}
	if !b.by.IsNull(g) {
		c := kernel.Compare(by, i, b.by.Vector, g)
		if !b.greatest {
			c = -c
		}
		if c < 0 || c == 0 && b.with == nil {
			return
		}
	}
	b.by.set(g, by, i)
	if b.with != nil {
		b.with.set(g, args[0], i)
	}
}

func (b *extremum) State() []*types.Type {
	if b.with != nil {
		return []*types.Type{b.with.Type, b.by.Type}
	}
	return []*types.Type{b.by.Type}
}

func (b *extremum) Save(state []*vector.Vector) {
	b.by.copyTo(state[len(state)-1])
	if b.with != nil {
		b.with.copyTo(state[0])
	}
}

func (b *extremum) Merge(groups []int32, state []*vector.Vector) error {
	for i, g := range groups {
		b.offer(int(g), state, i)
	}
	return nil
}

func (b *extremum) Finish(out *vector.Vector) error {
	if b.with != nil {
		b.with.copyTo(out)
	} else {
		b.by.copyTo(out)
	}
	return nil
}

// A firstOrLast keeps the first or the last value of each group.
type firstOrLast struct {
	values      *values
	seen        []bool
	last        bool
	ignoreNulls bool
}

func (p *firstOrLast) Grow(n int) {
	p.values.grow(n)
	p.seen = grown(p.seen, n)
}

func (p *firstOrLast) Update(n int, sel vector.Selection, groups []int32, args []*vector.Vector) error {
	v := args[0]
	for k := range kernel.Count(n, sel) {
		i := kernel.Row(sel, k)
		if p.ignoreNulls && v.IsNull(i) {
			continue
		}
		p.offer(int(groups[i]), v, i)
	}
	return nil
}

func (p *firstOrLast) offer(g int, v *vector.Vector, i int) {
	if p.last || !p.seen[g] {
		p.values.set(g, v, i)
		p.seen[g] = true
	}
}

func (p *firstOrLast) State() []*types.Type { return []*types.Type{p.values.Type, types.Boolean} }

func (p *firstOrLast) Save(state []*vector.Vector) {
	p.values.copyTo(state[0])
	copy(state[1].Bool, p.seen)
}

func (p *firstOrLast) Merge(groups []int32, state []*vector.Vector) error {
	for i, g := range groups {
		if state[1].Bool[i] {
			p.offer(int(g), state[0], i)
		}
	}
	return nil
}

func (p *firstOrLast) Finish(out *vector.Vector) error {
	p.values.copyTo(out)
	return nil
}
