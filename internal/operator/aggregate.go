package operator

import (
	"slices"

	"github.com/streamctl/streamctl/internal/sql/aggregate"
	"github.com/streamctl/streamctl/internal/sql/expr"
	"github.com/streamctl/streamctl/internal/sql/kernel"
	"github.com/streamctl/streamctl/internal/state"
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
	total *aggregate.Operator // some of those together with earlier batches
	keys  *rowCoder
	bufs  *rowCoder
	time  EventTime
	walks *Walks
	walk  *walk
	known []int32 // rows of the groups that the store has
	all   []int32 // 0, 1, 2, …

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
	changed := out
	if m.context.OutputMode != Update || m.context.Gather || m.context.Whole {
		changed = nil
	}
	if err := m.update(changed); err != nil {
		return err
	}
	switch {
	case m.context.Gather:
		return nil
	case m.context.OutputMode == Complete || m.context.Whole:
		return m.emitAll(out)
	case m.context.OutputMode == Update:
		return m.evict(nil)
	}
	w := m.writer(out)
	if err := m.evict(func(key, value []byte) error { return w.add(key, value) }); err != nil {
		return err
	}
	return w.flush()
}

// update merges the groups of the batch with their buffers in the store, puts these there, and hands the groups to changed, if any. It works on as
// many groups at a time as the store prefetches.
func (m *merged) update(changed Emit) error {
	for from := 0; from < m.batch.Len(); from += state.PrefetchRows {
		groups := m.batch.Save(from, min(from+state.PrefetchRows, m.batch.Len()))
		if m.context.OutputMode != Complete { // which keeps everything
			groups = m.notLate(groups, m.time)
		}
		if groups.N == 0 {
			continue
		}
		if err := m.merge(groups); err != nil {
			return err
		}
		if changed != nil {
			if err := m.emit(groups, changed); err != nil {
				return err
			}
		}
	}
	return nil
}

// merge replaces the buffers of groups of the batch by those together with the buffers in the store, which gets them too.
func (m *merged) merge(groups *vector.Batch) error {
	keys, bufs := groups.Cols[:len(m.keys.types)], groups.Cols[len(m.keys.types):]
	m.keys.encode(keys, groups.N)
	m.keys.prefetch(m.store)
	m.total.Number(groups.N)
	if err := m.restore(groups.N); err != nil {
		return err
	}
	if err := m.total.MergeStates(m.first(groups.N), bufs); err != nil {
		return err
	}
	copy(bufs, m.total.SaveStates(0, groups.N))
	m.arrive(keys, groups.N)
	for i := range groups.N {
		if err := m.store.Put(m.keys.encoded(i), m.bufs.row(bufs, i)); err != nil {
			return err
		}
	}
	return nil
}

// arrive notes the times of the n keys.
func (m *merged) arrive(keys []*vector.Vector, n int) {
	if !m.time.Has() {
		return
	}
	for i := range n {
		if micros, known := m.time.at(keys[m.time.Column], i); known {
			m.arrived(micros)
		}
	}
}

// restore merges the buffers in the store of the n encoded keys.
func (m *merged) restore(n int) error {
	m.known = m.known[:0]
	m.bufs.reset()
	for i := range n {
		value := m.store.Get(m.keys.encoded(i))
		if value == nil {
			continue
		}
		m.known = append(m.known, int32(i))
		if err := m.bufs.decode(value); err != nil {
			return err
		}
	}
	if len(m.known) == 0 {
		return nil
	}
	return m.total.MergeStates(m.known, m.bufs.cols)
}

// first returns the numbers of the first n groups.
func (m *merged) first(n int) []int32 {
	m.all = kernel.Identity(m.all, n)
	return m.all
}

// emit hands on groups with their buffers. As in Spark, their results come from buffers that were merged into empty ones, which can change
// the last digit of a double.
func (m *merged) emit(groups *vector.Batch, out Emit) error {
	return emitMerged(m.total, groups, len(m.keys.types), m.first(groups.N), out)
}

// emitAll hands on the whole table.
func (m *merged) emitAll(out Emit) error {
	w := m.writer(out)
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
	time := func(key, _ []byte) (int64, bool) { return m.time.in(key, len(m.keys.types)) }
	if f == nil {
		return m.passed(time, func(key, _ []byte) error {
			m.store.Remove(key)
			return nil
		})
	}
	type group struct{ key, value []byte }
	var groups []group
	var order []uint64 // of groups: the bin, then the position
	size := tableSize(m.before, m.store.Len()-m.before, m.context.ID == 0)
	err := m.passed(time, func(key, value []byte) error {
		order = append(order, uint64(spread(key)&uint32(size-1))<<32|uint64(len(groups)))
		groups = append(groups, group{key, value})
		return nil
	})
	if err != nil {
		return err
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

func (m *merged) writer(out Emit) *groupWriter {
	return &groupWriter{groups: m.total, width: len(m.keys.types), coders: []*rowCoder{m.keys, m.bufs}, out: out}
}

// A groupWriter hands on the results of groups of the store, some at a time.
type groupWriter struct {
	groups *aggregate.Operator
	width  int         // number of keys
	coders []*rowCoder // of the rows with the keys and buffers of a group, in the order of their columns
	out    Emit
	n      int
	all    []int32 // 0, 1, 2, …
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
	w.all = kernel.Identity(w.all, b.N)
	return emitMerged(w.groups, b, w.width, w.all, w.out)
}

// emitMerged hands on the results of groups: their keys, of which there are width, and the results of their buffers, the other columns. It merges these
// into empty ones of an operator. all lists the numbers of the groups.
func emitMerged(into *aggregate.Operator, groups *vector.Batch, width int, all []int32, out Emit) error {
	into.Number(groups.N)
	if err := into.MergeStates(all, groups.Cols[width:]); err != nil {
		return err
	}
	results, err := into.FinishStates(0, groups.N)
	if err != nil {
		return err
	}
	return out(&vector.Batch{N: groups.N, Cols: append(groups.Cols[:width:width], results...)})
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
