package accumulate

import (
	"encoding/binary"

	"github.com/streamctl/streamctl/internal/sql/expr"
	"github.com/streamctl/streamctl/internal/sql/kernel"
	"github.com/streamctl/streamctl/internal/sql/sketch"
	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/vector"
)

// MostFrequent returns the k most frequent values of type t with their numbers, as structs, and NULL among them. It tracks a number of values.
// (Spark: ApproxTopK, ApproxTopKAggregateBuffer.)
func MostFrequent(t *types.Type, k, tracked int) expr.Aggregator {
	f := frequentItem{t}
	return &frequents{frequentItem: f, tracked: tracked, finish: func(g *frequentGroup, i int, out *vector.Vector) { f.setMost(g, k, i, out) }}
}

type frequents struct {
	frequentItem
	tracked int
	finish  func(g *frequentGroup, i int, out *vector.Vector) // makes the result of a group value i of out
	groups  []frequentGroup
	bytes   int // of the sketches
	key     []byte
}

type frequentGroup struct {
	items *sketch.Frequent
	nulls int64
}

// append appends the sketch and, big-endian, the number of NULLs.
func (g *frequentGroup) append(dst []byte, f frequentItem) []byte {
	return binary.BigEndian.AppendUint64(g.items.Append(dst, f.encode), uint64(g.nulls))
}

// readGroup is the inverse of append.
func (f frequentItem) readGroup(b []byte) (*frequentGroup, error) {
	if len(b) < 8 {
		return nil, errShort
	}
	items, err := sketch.ReadFrequent(b[:len(b)-8], f.decode, f.hash)
	return &frequentGroup{items, int64(binary.BigEndian.Uint64(b[len(b)-8:]))}, err
}

func (g *frequentGroup) merge(o *frequentGroup) {
	g.items.Merge(o.items)
	g.nulls += o.nulls
}

func (f *frequents) Grow(n int) {
	for len(f.groups) < n {
		one := sketch.NewFrequent(f.tracked)
		f.bytes += one.Bytes()
		f.groups = append(f.groups, frequentGroup{items: one})
	}
}

func (f *frequents) Bytes() int { return f.bytes + capacity(f.groups) }

func (f *frequents) Reset() {
	clear(f.groups)
	f.groups, f.bytes = f.groups[:0], 0
}

func (f *frequents) Update(n int, sel vector.Selection, groups []int32, args []*vector.Vector) error {
	v := args[0]
	for k := range kernel.Count(n, sel) {
		i := kernel.Row(sel, k)
		g := &f.groups[groups[i]]
		if v.IsNull(i) {
			g.nulls++
			continue
		}
		f.key = f.appendKey(f.key[:0], v, v.At(i))
		before := g.items.Bytes()
		g.items.Add(f.key, f.hash(f.key), 1)
		f.bytes += g.items.Bytes() - before
	}
	return nil
}

func (f *frequents) State() []types.Field { return fields(types.Binary, "buf") }

func (f *frequents) Save(from, to int, state []*vector.Vector) {
	buf := state[0]
	for i := range f.groups[from:to] {
		at := len(buf.Data)
		buf.Data = f.groups[from+i].append(buf.Data, f.frequentItem)
		buf.CloseBytes(i, at)
	}
}

func (f *frequents) Merge(groups []int32, state []*vector.Vector) error {
	for i, g := range groups {
		other, err := f.readGroup(state[0].Bytes(i))
		if err != nil {
			return damaged(err)
		}
		one := &f.groups[g]
		before := one.items.Bytes()
		one.merge(other)
		f.bytes += one.items.Bytes() - before
	}
	return nil
}

func (f *frequents) Finish(from, to int, out *vector.Vector) error {
	for i := range to - from {
		f.finish(&f.groups[from+i], i, out)
	}
	return nil
}

// setMost makes the k most frequent values of a group value i of an array of structs.
func (f frequentItem) setMost(g *frequentGroup, k, i int, out *vector.Vector) {
	list := out.Children[0]
	rows := g.rows()
	rows = rows[:min(len(rows), k)]
	at := list.Len()
	list.Extend(at + len(rows))
	for r, row := range rows {
		if row.null {
			list.Children[0].SetNull(at + r)
		} else {
			f.set(list.Children[0], at+r, row.item)
		}
		list.Children[1].I64[at+r] = row.count
	}
	out.Views[i] = vector.View{Off: uint32(at), Len: uint32(len(rows))}
}

// A frequentRow is a value and how often it occurs.
type frequentRow struct {
	item  string
	count int64
	null  bool
}

// rows returns the values by their numbers. NULL comes after others that are as frequent.
func (g *frequentGroup) rows() []frequentRow {
	var rows []frequentRow
	pending := g.nulls > 0
	null := frequentRow{count: g.nulls, null: true}
	for _, c := range g.items.Most() {
		if pending && g.nulls > c.Count {
			rows, pending = append(rows, null), false
		}
		rows = append(rows, frequentRow{item: c.Item, count: c.Count})
	}
	if pending {
		rows = append(rows, null)
	}
	return rows
}
