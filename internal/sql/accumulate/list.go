package accumulate

import (
	"github.com/streamctl/streamctl/internal/sql/expr"
	"github.com/streamctl/streamctl/internal/sql/kernel"
	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/unsaferow"
	"github.com/streamctl/streamctl/internal/vector"
)

// List returns the list of the values, of type t, in the order of the rows.
func List(t *types.Type) expr.Aggregator { return newList(t) }

// Set returns the list of the distinct values, of type t, in the order in which Spark's hash set returns them.
func Set(t *types.Type) expr.Aggregator {
	l := newList(t)
	l.seen = map[string]struct{}{}
	return l
}

// Union is Set for the elements of arrays, the argument, which have type t.
func Union(t *types.Type) expr.Aggregator {
	l := newList(t)
	l.seen, l.elements = map[string]struct{}{}, true
	return l
}

// A list is the state of functions that keep all values, or all distinct ones. It is saved as a row with one array.
type list struct {
	collector
	array    *types.Type         // of cols[0], or of structs of all cols
	seen     map[string]struct{} // groups and values, if duplicates are dropped
	keys     int                 // the memory of seen in bytes, about
	elements bool                // the argument is an array of values
	scratch  []*vector.Vector    // one array
	encoder  *unsaferow.Encoder
	decoder  *unsaferow.Decoder
}

func newList(args ...*types.Type) *list {
	item := args[0]
	if len(args) > 1 {
		item = &types.Type{Kind: types.KindStruct}
		for _, t := range args {
			item.Fields = append(item.Fields, field("", t))
		}
	}
	array := types.ArrayOf(item, true)
	one := []*types.Type{array}
	return &list{
		collector: newCollector(args...), array: array, scratch: []*vector.Vector{vector.New(array, 0)},
		encoder: unsaferow.NewEncoder(one), decoder: unsaferow.NewDecoder(one),
	}
}

// perKey is about how much a map needs for a string in addition to its bytes.
const perKey = 48

func (l *list) Bytes() int { return l.collector.Bytes() + l.keys }

func (l *list) Reset() {
	l.collector.Reset()
	clear(l.seen)
	l.keys = 0
}

func (l *list) Update(n int, sel vector.Selection, groups []int32, args []*vector.Vector) error {
	for k := range kernel.Count(n, sel) {
		i := kernel.Row(sel, k)
		if l.elements {
			w, items := args[0].Views[args[0].At(i)], args[0].Children[:1]
			for at := range int(w.Len) {
				l.offer(groups[i], items, int(w.Off)+at)
			}
			continue
		}
		l.offer(groups[i], args, i)
	}
	return nil
}

// offer adds row i unless its value is NULL or, for a set, known.
func (l *list) offer(group int32, args []*vector.Vector, i int) {
	switch {
	case args[0].IsNull(i):
	case l.seen == nil:
		l.add(group, args, i)
	default:
		key := l.keyOf(group, args[0], i)
		if _, known := l.seen[string(key)]; !known {
			l.seen[string(key)] = struct{}{}
			l.keys += len(key) + perKey
			l.addKey(group, key)
		}
	}
}

func (l *list) State() []types.Field { return fields(types.Binary, "buf") }

func (l *list) Save(from, to int, state []*vector.Vector) {
	buf := state[0]
	for g := range to - from {
		array := l.scratch[0]
		array.Reset(l.array, 1)
		rows := l.result(from + g)
		if len(l.cols) == 1 {
			setList(array, 0, l.cols[0], rows)
		} else {
			l.setStructs(array, rows)
		}
		at := len(buf.Data)
		buf.Data = l.encoder.Append(buf.Data, l.scratch, 0)
		buf.CloseBytes(g, at)
	}
}

// setStructs makes a list of structs of all columns the first value of out.
func (l *list) setStructs(out *vector.Vector, rows []int32) {
	items := out.Children[0]
	items.Extend(len(rows))
	for k, c := range l.cols {
		for i, r := range rows {
			kernel.Copy(items.Children[k], i, c, int(r))
		}
	}
	out.Views[0] = vector.View{Len: uint32(len(rows))}
}

// result returns the rows of a group in the order of the result.
func (l *list) result(g int) []int32 {
	rows := l.rows(g)
	if l.seen != nil {
		rows = hashSetOrder(l.cols[0], rows)
	}
	return rows
}

func (l *list) Merge(groups []int32, state []*vector.Vector) error {
	for i, g := range groups {
		array := l.scratch[0]
		array.Reset(l.array, 0)
		if err := l.decoder.Append(state[0].Bytes(i), l.scratch); err != nil {
			return damaged(err)
		}
		items := array.Children
		if len(l.cols) > 1 {
			items = items[0].Children
		}
		for k := range int(array.Views[0].Len) {
			l.offer(g, items, int(array.Views[0].Off)+k)
		}
	}
	return nil
}

func (l *list) Finish(from, to int, out *vector.Vector) error {
	for g := range to - from {
		setList(out, g, l.cols[0], l.result(from+g))
	}
	return nil
}
