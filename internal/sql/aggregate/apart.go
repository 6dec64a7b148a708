package aggregate

import (
	"slices"

	"github.com/streamctl/streamctl/internal/sql/expr"
	"github.com/streamctl/streamctl/internal/sql/kernel"
	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/vector"
)

// Associative reports whether states merge to the same result however the rows of a group, in their order, were divided among them. A state is also the same
// after it was merged into an empty one.
func (o *Operator) Associative() bool {
	return !slices.ContainsFunc(o.calls, func(c *call) bool {
		a, ok := c.state.(expr.Associative)
		return !ok || !a.Associative() || c.seen != nil
	})
}

// Separable reports whether Apart can replace Process. Keys that a table normalizes are not kept apart.
func (o *Operator) Separable() bool {
	for _, t := range o.types {
		if t.Has(types.KindFloat) || t.Has(types.KindDouble) {
			return false
		}
	}
	return o.width > 0 && o.Associative()
}

// Apart makes a group of each row of a batch, without looking for equal keys. Between two calls of Reset, either Apart or Process may be called.
func (o *Operator) Apart(ctx *expr.Context, b *vector.Batch) error {
	keys, err := o.keys.Eval(ctx, b, b.Sel)
	if err != nil {
		return err
	}
	o.groups = sized(o.groups, b.N)
	rows := b.Sel
	if rows == nil {
		o.all = kernel.Identity(o.all, b.N)
		rows = o.all
	}
	for k, i := range rows {
		o.groups[i] = int32(o.loose + k)
	}
	if o.loose == 0 {
		o.clearApart()
	}
	for i, k := range keys {
		kernel.AppendRows(o.apart.Cols[i], k, rows)
	}
	o.loose += len(rows)
	o.grow()
	return o.update(ctx, b)
}

// clearApart forgets the keys of the rows of Apart.
func (o *Operator) clearApart() {
	if o.apart.Cols == nil {
		for range o.width + len(o.state) {
			o.apart.Cols = append(o.apart.Cols, &vector.Vector{})
		}
	}
	for i, t := range o.types {
		o.apart.Cols[i].Reset(t, 0)
	}
}

// SaveApart is Save for all groups of Apart. The batch is valid until the next call.
func (o *Operator) SaveApart() *vector.Batch {
	states := o.apart.Cols[o.width:]
	for i, f := range o.state {
		states[i].Reset(f.Type, o.loose)
	}
	o.saveStates(0, o.loose, states)
	o.apart.N = o.loose
	return &o.apart
}

// ApartBytes estimates the bytes of text in the keys of Apart. Counting stops beyond most.
func (o *Operator) ApartBytes(most int) int {
	return (&vector.Batch{N: o.loose, Cols: o.apart.Cols[:o.width]}).TextBytes(most)
}
