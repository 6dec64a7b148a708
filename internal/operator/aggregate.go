package operator

import (
	"slices"

	"github.com/streamctl/streamctl/internal/sql/aggregate"
	"github.com/streamctl/streamctl/internal/sql/expr"
	"github.com/streamctl/streamctl/internal/sql/kernel"
	"github.com/streamctl/streamctl/internal/state"
	"github.com/streamctl/streamctl/internal/vector"
)

// merged aggregates the buffers of a micro-batch with those in the state store, and keeps them there.
type merged struct {
	stateful
	batch *aggregate.Operator // the groups of this batch, and of those before that have only gathered groups
	total *aggregate.Operator // some of those together with earlier batches
	keys  *rowCoder
	bufs  *rowCoder
	time  EventTime
	own   func() (*aggregate.Operator, error) // makes an empty one
	share *Shared
	task  int
	walk  *walk
	table javaTable // memory for walk
	exact bool      // see aggregate.Operator.Associative
	known []int32   // rows of the groups that the store has
	all   []int32   // 0, 1, 2, …

	before int // how many groups there were before the batch
}

// NewAggregate returns an operator with the number of its state that takes the rows of partial aggregates, and returns the groups
// that the output mode asks for: their keys, followed by the results of the calls. time is the position of a key that is an event time. share belongs to the
// operators with that number of all pipelines.
// (Spark: StateStoreRestoreExec and StateStoreSaveExec.)
func NewAggregate(number int, keys, calls, input []*expr.Expr, time EventTime, share *Shared) (Operator, error) {
	m := &merged{stateful: stateful{number: number}, time: time, share: share}
	m.own = func() (*aggregate.Operator, error) { return aggregate.New(keys, calls, input) }
	var err error
	if m.batch, err = m.own(); err != nil {
		return nil, err
	}
	if m.total, err = m.own(); err != nil {
		return nil, err
	}
	m.exact = m.total.Associative()
	m.keys, m.bufs = newKeyCoder(typesOf(keys)), newRowCoder(fieldTypes(m.total.State()))
	return m, nil
}

func (m *merged) Begin(p *Partition) {
	m.stateful.Begin(p)
	m.before, m.task = m.store.Len(), p.Task
	if m.context.OutputMode == Complete {
		m.walk = m.share.walk(p.Task, m.store.Len())
	}
	if groups := m.share.take(p.Task); groups != nil {
		m.batch.Release()
		m.batch = groups
	}
}

func (m *merged) Process(ctx *expr.Context, _ int, b *vector.Batch, _ Emit) error {
	return m.batch.Merge(ctx, b)
}

func (m *merged) Finish(ctx *expr.Context, out Emit) error {
	if m.context.Gather {
		return m.gather()
	}
	defer m.batch.Reset()
	changed := out
	if m.context.OutputMode != Update || m.context.Whole {
		changed = nil
	}
	if err := m.update(changed); err != nil {
		return err
	}
	switch {
	case m.context.OutputMode == Complete || m.context.Whole:
		if m.first() {
			return m.emitFirst(out)
		}
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

// gather keeps the groups of the batch for the next one. They will come into the store, whose limit they count against at once.
func (m *merged) gather() (err error) {
	if m.before == 0 {
		if err := m.store.Expect(m.batch.Len(), m.keys.enc.Least(), m.bufs.enc.Least(), m.batch.KeyBytes()); err != nil {
			return err
		}
	}
	m.share.gather(m.task, m.batch)
	m.batch, err = m.own()
	return err
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
		merge := m.merge
		if m.exact && m.before == 0 {
			merge = m.fill
		}
		if err := merge(groups); err != nil {
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
	if err := m.total.MergeStates(m.numbers(groups.N), bufs); err != nil {
		return err
	}
	copy(bufs, m.total.SaveStates(0, groups.N))
	for i := range groups.N {
		if err := m.store.Put(m.keys.encoded(i), m.bufs.row(bufs, i)); err != nil {
			return err
		}
	}
	return nil
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

// numbers returns the numbers of the first n groups.
func (m *merged) numbers(n int) []int32 {
	m.all = kernel.Identity(m.all, n)
	return m.all
}

// emit hands on groups with their buffers. As in Spark, their results come from buffers that were merged into empty ones, which can change
// the last digit of a double.
func (m *merged) emit(groups *vector.Batch, out Emit) error {
	return emitMerged(m.total, groups, len(m.keys.types), m.numbers(groups.N), out)
}

// emitAll hands on the whole table.
func (m *merged) emitAll(out Emit) error {
	w := m.writer(out)
	entries := m.store.All()
	if m.walk != nil {
		entries = m.walk.entries(&m.table, m.store)
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
		for key := range m.passed() {
			m.store.Remove(key)
		}
		return nil
	}
	type group struct{ key, value []byte }
	var groups []group
	var order []uint64 // of groups: the bin, then the position
	size := tableSize(m.before, m.store.Len()-m.before, m.context.ID == 0)
	for key, value := range m.passed() {
		order = append(order, uint64(spread(key)&uint32(size-1))<<32|uint64(len(groups)))
		groups = append(groups, group{key, value})
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
