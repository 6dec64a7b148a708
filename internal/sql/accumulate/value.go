package accumulate

import (
	"github.com/streamctl/streamctl/internal/sql/expr"
	"github.com/streamctl/streamctl/internal/sql/kernel"
	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/vector"
)

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

// copyTo copies the values of the groups from a number on to out.
func (v *values) copyTo(out *vector.Vector, from int) {
	if from == 0 {
		kernel.CopyRows(out, v.Vector, out.Len(), nil)
		return
	}
	for i := range out.Len() {
		kernel.Copy(out, i, v.Vector, from+i)
	}
}

func (v *values) reset() {
	v.Reset(v.Type, 0)
	v.replaced = 0
}

// An extremum keeps the minimum or maximum of the last argument and, with two arguments, the corresponding value of the first.
type extremum struct {
	by       *values
	with     *values // nil for one argument
	greatest bool
}

// Min returns the minimum of the last argument or, with two arguments of the given types, the value of the first in the row with the
// minimum. Of equal values, it takes the first with one argument and the last with two.
func Min(args ...*types.Type) expr.Aggregator { return newExtremum(args, false) }

// Max is Min for the maximum.
func Max(args ...*types.Type) expr.Aggregator { return newExtremum(args, true) }

func newExtremum(args []*types.Type, greatest bool) expr.Aggregator {
	if len(args) == 1 {
		if l := numberLimit(args[0], greatest); l != nil {
			return l
		}
	}
	b := &extremum{by: newValues(args[len(args)-1]), greatest: greatest}
	if len(args) == 2 {
		b.with = newValues(args[0])
	}
	return b
}

func (b *extremum) Grow(n int) {
	b.by.grow(n)
	if b.with != nil {
		b.with.grow(n)
	}
}

func (b *extremum) Bytes() int {
	if b.with != nil {
		return b.by.Capacity() + b.with.Capacity()
	}
	return b.by.Capacity()
}

// Associative is true: of equal values, min and max keep the earlier, min_by and max_by the later.
func (b *extremum) Associative() bool { return true }

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

func (b *extremum) Reset() {
	b.by.reset()
	if b.with != nil {
		b.with.reset()
	}
}

func (b *extremum) State() []types.Field {
	if b.with != nil {
		return []types.Field{field("valueWithExtremumOrdering", b.with.Type), field("extremumOrdering", b.by.Type)}
	}
	return []types.Field{limitColumn(b.by.Type, b.greatest)}
}

func (b *extremum) Save(from, _ int, state []*vector.Vector) {
	b.by.copyTo(state[len(state)-1], from)
	if b.with != nil {
		b.with.copyTo(state[0], from)
	}
}

func (b *extremum) Merge(groups []int32, state []*vector.Vector) error {
	for i, g := range groups {
		b.offer(int(g), state, i)
	}
	return nil
}

func (b *extremum) Finish(from, _ int, out *vector.Vector) error {
	if b.with != nil {
		b.with.copyTo(out, from)
	} else {
		b.by.copyTo(out, from)
	}
	return nil
}

// First returns the first value, of type t, or the first that is not NULL.
func First(t *types.Type, ignoreNulls bool) expr.Aggregator {
	return &firstOrLast{values: newValues(t), ignoreNulls: ignoreNulls}
}

// Last returns the last value, of type t, or the last that is not NULL.
func Last(t *types.Type, ignoreNulls bool) expr.Aggregator {
	return &firstOrLast{values: newValues(t), last: true, ignoreNulls: ignoreNulls}
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

func (p *firstOrLast) Bytes() int { return p.values.Capacity() + cap(p.seen) }

// Associative is true.
func (p *firstOrLast) Associative() bool { return true }

func (p *firstOrLast) Update(n int, sel vector.Selection, groups []int32, args []*vector.Vector) error {
	v := args[0]
	for k := range kernel.Count(n, sel) {
		i := kernel.Row(sel, k)
		if g := groups[i]; (p.last || !p.seen[g]) && !(p.ignoreNulls && v.IsNull(i)) {
			p.offer(int(g), v, i)
		}
	}
	return nil
}

func (p *firstOrLast) offer(g int, v *vector.Vector, i int) {
	if p.last || !p.seen[g] {
		p.values.set(g, v, i)
		p.seen[g] = true
	}
}

func (p *firstOrLast) Reset() {
	p.values.reset()
	p.seen = p.seen[:0]
}

func (p *firstOrLast) State() []types.Field {
	name := "first"
	if p.last {
		name = "last"
	}
	return []types.Field{field(name, p.values.Type), field("valueSet", types.Boolean)}
}

func (p *firstOrLast) Save(from, to int, state []*vector.Vector) {
	p.values.copyTo(state[0], from)
	copy(state[1].Bool, p.seen[from:to])
}

func (p *firstOrLast) Merge(groups []int32, state []*vector.Vector) error {
	for i, g := range groups {
		if state[1].Bool[i] {
			p.offer(int(g), state[0], i)
		}
	}
	return nil
}

func (p *firstOrLast) Finish(from, _ int, out *vector.Vector) error {
	p.values.copyTo(out, from)
	return nil
}
