package operator

import (
	"slices"

	"github.com/streamctl/streamctl/internal/sql/aggregate"
	"github.com/streamctl/streamctl/internal/sql/expr"
	"github.com/streamctl/streamctl/internal/vector"
)

// A micro-batch is aggregated in two steps, as in Spark: each partition of the input on its own, and then the buffers of all partitions
// together with those that the state store keeps of earlier batches.

// partial aggregates the rows of one partition. It returns the keys and the buffers of its groups.
type partial struct{ groups *aggregate.Operator }

// NewPartialAggregate returns an operator that aggregates rows with the given columns. Its rows are the keys, followed by the buffers of
// the calls.
func NewPartialAggregate(keys, calls, input []*expr.Expr) (Operator, error) {
	groups, err := aggregate.New(keys, calls, input)
	return &partial{groups}, err
}

func (p *partial) Process(ctx *expr.Context, _ int, b *vector.Batch, _ Emit) error {
	return p.groups.Process(ctx, b)
}

func (p *partial) Finish(_ *expr.Context, out Emit) error {
	err := inPortions(p.groups.Len(), func(from, to int) error { return out(p.groups.Save(from, to)) })
	p.groups.Reset()
	return err
}

// inPortions calls f for ranges of up to vector.BatchRows of n rows.
func inPortions(n int, f func(from, to int) error) error {
	for from := 0; from < n; from += vector.BatchRows {
		if err := f(from, min(from+vector.BatchRows, n)); err != nil {
			return err
		}
	}
	return nil
}

// merged aggregates the buffers of a micro-batch with those in the state store, and keeps them there.
type merged struct {
	stateful
	batch *aggregate.Operator // the groups of this batch
	total *aggregate.Operator // those together with earlier batches
	keys  *rowCoder
	bufs  *rowCoder
	time  EventTime
	walks *Walks
	walk  *walk

	before int // how many groups there were before the batch
}

// NewAggregate returns an operator with the number of its state that takes the rows of partial aggregates, and returns the groups
// that the output mode asks for: their keys, followed by the results of the calls. time is the position of a key that is an event time. walks belongs to the
// operators with that number of all pipelines.
// (Spark: StateStoreRestoreExec and StateStoreSaveExec.)
func NewAggregate(number int, keys, calls, input []*expr.Expr, time EventTime, walks *Walks) (Operator, error) {
	m := &merged{stateful: stateful{number: number}, time: time, walks: walks}
	var err error
	if m.batch, err = aggregate.New(keys, calls, input); err != nil {
		return nil, err
	}
	if m.total, err = aggregate.New(keys, calls, input); err != nil {
		return nil, err
	}
	m.keys, m.bufs = newKeyCoder(typesOf(keys)), newRowCoder(fieldTypes(m.total.State()))
	return m, nil
}

func (m *merged) Begin(p *Partition) {
	m.stateful.Begin(p)
	m.before = m.store.Len()
	if m.context.OutputMode == Complete {
		m.walk = m.walks.of(p.Task, m.store.Len())
	}
}

func (m *merged) Process(ctx *expr.Context, _ int, b *vector.Batch, _ Emit) error {
	return m.batch.Merge(ctx, b)
}

func (m *merged) Finish(ctx *expr.Context, out Emit) error {
	defer m.batch.Reset()
	if err := m.update(ctx); err != nil {
		return err
	}
	switch {
	case m.context.Gather:
		return nil
	case m.context.OutputMode == Complete || m.context.Whole:
		return m.emitAll(ctx, out)
	case m.context.OutputMode == Update:
		if err := m.emitChanged(ctx, out); err != nil {
			return err
		}
		return m.evict(nil)
	}
	m.total.Reset()
	w := m.writer(ctx, out)
	if err := m.evict(func(key, value []byte) error { return w.add(key, value) }); err != nil {
		return err
	}
	return w.flush()
}

// update merges the groups of the batch with their buffers in the store, and puts the results there.
func (m *merged) update(ctx *expr.Context) error {
	m.total.Reset()
	groups := m.batch.Save(0, m.batch.Len())
	if m.context.OutputMode != Complete { // which keeps everything
		groups = m.notLate(groups, m.time)
	}
	n := len(m.keys.types)
	if err := m.total.Reserve(ctx, groups.Cols[:n], groups.N); err != nil {
		return err
	}
	old, err := m.restore(groups)
	if err != nil {
		return err
	}
	if old.N > 0 {
		if err := m.total.Merge(ctx, old); err != nil {
			return err
		}
	}
	if err := m.total.Merge(ctx, groups); err != nil {
		return err
	}
	return inPortions(m.total.Len(), func(from, to int) error {
		b := m.total.Save(from, to)
		for i := range b.N {
			if err := m.store.Put(m.keys.row(b.Cols[:n], i), m.bufs.row(b.Cols[n:], i)); err != nil {
				return err
			}
		}
		return nil
	})
}

// restore returns the groups that the store knows, with their buffers there.
func (m *merged) restore(groups *vector.Batch) (*vector.Batch, error) {
	n := len(m.keys.types)
	var known vector.Selection
	m.bufs.reset()
	for i := range groups.N {
		value := m.store.Get(m.keys.row(groups.Cols[:n], i))
		if value == nil {
			continue
		}
		known = append(known, int32(i))
		if err := m.bufs.decode(value); err != nil {
			return nil, err
		}
	}
	b := gathered(&vector.Batch{N: groups.N, Cols: groups.Cols[:n]}, known)
	b.Cols = append(b.Cols, m.bufs.cols...)
	return b, nil
}

// emitChanged hands on the groups of the batch. As in Spark, their results come from buffers that were merged into empty ones, which can change
// the last digit of a double.
func (m *merged) emitChanged(ctx *expr.Context, out Emit) error {
	return inPortions(m.total.Len(), func(from, to int) error {
		m.batch.Reset()
		if err := m.batch.Merge(ctx, m.total.Save(from, to)); err != nil {
			return err
		}
		return emitGroups(m.batch, out)
	})
}

// emitAll hands on the whole table.
func (m *merged) emitAll(ctx *expr.Context, out Emit) error {
	w := m.writer(ctx, out)
	m.total.Reset()
	entries := m.store.All()
	if m.walk != nil {
		entries = m.walk.entries(m.store)
	}
	for key, value := range entries {
		if err := w.add(key, value); err != nil {
			return err
		}
	}
	return w.flush()
}

// evict removes the groups whose event time the watermark has passed, each after a call of f, if any. They come in the order in which Spark
// walks through its state, but for groups in one bin of the table, which stay in the order of insertion.
func (m *merged) evict(f func(key, value []byte) error) error {
	if !m.time.Has() {
		return nil
	}
	if f == nil {
		for key := range m.store.All() {
			if m.time.passed(key, len(m.keys.types), m.context.watermark(m.number)) {
				m.store.Remove(key)
			}
		}
		return nil
	}
	type group struct{ key, value []byte }
	var groups []group
	var order []uint64 // of groups: the bin, then the position
	size := tableSize(m.before, m.store.Len()-m.before, m.context.ID == 0)
	for key, value := range m.store.All() {
		if m.time.passed(key, len(m.keys.types), m.context.watermark(m.number)) {
			order = append(order, uint64(spread(key)&uint32(size-1))<<32|uint64(len(groups)))
			groups = append(groups, group{key, value})
		}
	}
	slices.Sort(order)
	for _, o := range order {
		g := &groups[uint32(o)]
		if err := f(g.key, g.value); err != nil {
			return err
		}
	}
	for _, g := range groups {
		m.store.Remove(g.key)
	}
	return nil
}

func (m *merged) writer(ctx *expr.Context, out Emit) *groupWriter {
	return &groupWriter{groups: m.total, coders: []*rowCoder{m.keys, m.bufs}, ctx: ctx, out: out}
}

// A groupWriter hands on the results of groups of the store, some at a time.
type groupWriter struct {
	groups *aggregate.Operator
	coders []*rowCoder // of the rows with the keys and buffers of a group, in the order of their columns
	ctx    *expr.Context
	out    Emit
	n      int
}

// add adds a group, whose rows are one for each coder.
func (w *groupWriter) add(rows ...[]byte) error {
	for i, c := range w.coders {
		if w.n == 0 {
			c.reset()
		}
		if err := c.decode(rows[i]); err != nil {
			return err
		}
	}
	if w.n++; w.n == vector.BatchRows {
		return w.flush()
	}
	return nil
}

func (w *groupWriter) flush() error {
	if w.n == 0 {
		return nil
	}
	b := &vector.Batch{N: w.n}
	for _, c := range w.coders {
		b.Cols = append(b.Cols, c.cols...)
	}
	w.n = 0
	w.groups.Reset()
	if err := w.groups.Merge(w.ctx, b); err != nil {
		return err
	}
	return emitGroups(w.groups, w.out)
}

// emitGroups hands on the results of all groups.
func emitGroups(groups *aggregate.Operator, out Emit) error {
	return inPortions(groups.Len(), func(from, to int) error {
		b, err := groups.Finish(from, to)
		if err != nil {
			return err
		}
		return out(b)
	})
}
