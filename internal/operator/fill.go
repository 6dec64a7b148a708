package operator

import (
	"github.com/streamctl/streamctl/internal/sql/kernel"
	"github.com/streamctl/streamctl/internal/vector"
)

// The first batch of an aggregation, or the only one, has nothing to merge its groups with.

const (
	// most groups of a partition, and bytes of its state, whose results are computed together
	firstGroups = 1 << 18
	firstBytes  = 64 << 20
)

// fill puts groups of the batch into the store, which was empty.
func (m *merged) fill(groups *vector.Batch) error {
	keys, bufs := groups.Cols[:len(m.keys.types)], groups.Cols[len(m.keys.types):]
	m.keys.encode(keys, groups.N)
	m.keys.prefetch(m.store)
	for i := range groups.N {
		key := m.keys.encoded(i)
		if _, err := m.store.Add(key, m.bufs.row(bufs, i)); err != nil {
			return err
		}
		if m.walk != nil {
			m.walk.add(key)
		}
	}
	return nil
}

// first reports whether the groups of the batch are all that the store has, and few enough for emitFirst.
func (m *merged) first() bool {
	return m.exact && m.before == 0 && m.batch.Len() == m.store.Len() && m.batch.Len() <= firstGroups && m.store.Bytes() <= firstBytes
}

// emitFirst is emitAll for a store that has the groups of the batch, in their order.
func (m *merged) emitFirst(out Emit) error {
	if m.walk == nil {
		return emitGroups(m.batch, out)
	}
	all, err := m.batch.Finish(0, m.batch.Len())
	if err != nil {
		return err
	}
	order := m.walk.next(&m.table)
	b := &vector.Batch{}
	for range all.Cols {
		b.Cols = append(b.Cols, &vector.Vector{})
	}
	return inPortions(all.N, func(from, to int) error {
		b.N = to - from
		for i, c := range all.Cols {
			kernel.Gather(b.Cols[i], c, order[from:to])
		}
		return out(b)
	})
}
