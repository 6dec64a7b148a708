package operator

import (
	"slices"

	"github.com/streamctl/streamctl/internal/sql/aggregate"
	"github.com/streamctl/streamctl/internal/sql/expr"
	"github.com/streamctl/streamctl/internal/sql/kernel"
	"github.com/streamctl/streamctl/internal/state"
	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/vector"
)

// sessions aggregates the buffers of a micro-batch by keys of which one is a session window. Sessions with equal other keys that meet
// become one, together with those in the state store, where the results are kept.
//
// The store has the other keys and the start of the session as keys, and all keys and buffers as values.
type sessions struct {
	stateful
	batch   *aggregate.Operator // the sessions of this batch, each with its rows of one time and gap
	total   *aggregate.Operator // merged sessions
	width   int                 // number of keys
	session int                 // position of the session among the keys
	time    EventTime
	key     *rowCoder // of the store
	value   *rowCoder // of the store
	merging merging
	cols    []*vector.Vector // scratch memory, like those below
	starts  []int64
	list    []byte
	prefix  []byte
}

// NewSessions returns an operator with the number of its state that takes the rows of partial aggregates, and returns the sessions that the
// output mode asks for: their keys, followed by the results of the calls. session is the position of the session among the keys, and time
// that of a key that is an event time. (Spark: SessionWindowStateStoreRestoreExec, MergingSessionsExec and SessionWindowStateStoreSaveExec.)
func NewSessions(number int, keys, calls, input []*expr.Expr, session int, time EventTime) (Operator, error) {
	s := &sessions{stateful: stateful{number: number}, width: len(keys), session: session, time: time}
	var err error
	if s.batch, err = aggregate.New(keys, calls, input); err != nil {
		return nil, err
	}
	if s.total, err = aggregate.New(keys, calls, input); err != nil {
		return nil, err
	}
	list := typesOf(keys)
	s.value = newRowCoder(append(slices.Clone(list), fieldTypes(s.total.State())...))
	s.key = newKeyCoder(append(slices.Delete(list, session, session+1), types.Timestamp))
	return s, nil
}

func (s *sessions) Process(ctx *expr.Context, _ int, b *vector.Batch, _ Emit) error {
	return s.batch.Merge(ctx, b)
}

func (s *sessions) Finish(ctx *expr.Context, out Emit) error {
	defer s.batch.Reset()
	if err := s.update(ctx); err != nil {
		return err
	}
	if s.context.Gather {
		return nil
	}
	w := &groupWriter{groups: s.total, width: s.width, coders: []*rowCoder{s.value}, out: out}
	if s.context.OutputMode == Complete {
		for _, value := range s.store.All() {
			if err := w.add(value); err != nil {
				return err
			}
		}
		return w.flush()
	}
	if !s.time.Has() {
		return nil
	}
	for key, value := range s.passed() {
		err := w.add(value)
		if err == nil {
			err = s.remove(key)
		}
		if err != nil {
			return err
		}
	}
	return w.flush()
}

// update merges the sessions of the batch with those in the store, and puts the results there.
func (s *sessions) update(ctx *expr.Context) error {
	rows := s.notLate(s.batch.Save(0, s.batch.Len()), s.time)
	s.merging.reset()
	s.value.reset()
	for from, order := 0, s.order(rows); from < len(order); {
		to := from + 1
		for to < len(order) && s.compareKeys(rows, int(order[from]), int(order[to])) == 0 {
			to++
		}
		if err := s.mergeKey(rows, order[from:to]); err != nil {
			return err
		}
		if from = to; len(s.merging.of) >= vector.BatchRows {
			if err := s.put(ctx); err != nil {
				return err
			}
		}
	}
	return s.put(ctx)
}

// A merging is the rows of some keys, of the batch and of the store, that wait to be merged: in the order of their sessions, in the columns
// of the coder of values.
type merging struct {
	next     vector.Selection // rows of the batch that are not in the columns yet
	of       []int32          // by row: its merged session
	sessions []span
	replaced []replaced
}

// A span is the start and end of a merged session, in microseconds.
type span struct{ start, end int64 }

// A replaced session of the store is part of another one, or of one with another start.
type replaced struct {
	before int32 // the first merged session of the same key
	start  int64
}

func (m *merging) reset() {
	m.next, m.of, m.sessions, m.replaced = m.next[:0], m.of[:0], m.sessions[:0], m.replaced[:0]
}

// add adds a row with a session to the last merged session if they meet, or else to a new one. The merged sessions of the row's key begin
// at first. (Spark: MergingSessionsIterator.)
func (m *merging) add(first int, row span) {
	if n := len(m.sessions); n == first || row.start > m.sessions[n-1].end && row.start != m.sessions[n-1].start {
		m.sessions = append(m.sessions, row)
	} else {
		m.sessions[n-1].end = max(m.sessions[n-1].end, row.end)
	}
	m.of = append(m.of, int32(len(m.sessions)-1))
}

// mergeKey merges sessions of the batch, whose other keys are equal, with those of the store. They are sorted.
func (s *sessions) mergeKey(batch *vector.Batch, rows vector.Selection) error {
	index, err := s.index()
	if err != nil {
		return err
	}
	m, first := &s.merging, len(s.merging.sessions)
	key := s.keyOf(batch.Cols, int(rows[0]))
	s.starts = decodeStarts(s.starts[:0], index.Get(s.at(key, 0)))
	old := s.starts
	for _, row := range rows {
		now := s.span(batch.Cols, int(row))
		for len(old) > 0 && old[0] <= now.start {
			if err := s.mergeStored(batch, key, first, old[0]); err != nil {
				return err
			}
			old = old[1:]
		}
		m.next = append(m.next, row)
		m.add(first, now)
	}
	for _, start := range old {
		if err := s.mergeStored(batch, key, first, start); err != nil {
			return err
		}
	}
	s.append(batch)
	return s.replace(index, key, first)
}

// mergeStored adds a session of the store to the merging.
func (s *sessions) mergeStored(batch *vector.Batch, key []byte, first int, start int64) error {
	s.append(batch)
	if err := s.value.decode(s.store.Get(s.at(key, start))); err != nil {
		return err
	}
	s.merging.add(first, s.span(s.value.cols, len(s.merging.of)))
	return nil
}

// append moves the waiting rows of the batch to the columns.
func (s *sessions) append(batch *vector.Batch) {
	for i, c := range batch.Cols {
		kernel.AppendRows(s.value.cols[i], c, s.merging.next)
	}
	s.merging.next = s.merging.next[:0]
}

// span returns the session of a row.
func (s *sessions) span(cols []*vector.Vector, row int) span {
	session := cols[s.session]
	row = session.At(row)
	start, end := session.Children[0], session.Children[1]
	return span{start.I64[start.At(row)], end.I64[end.At(row)]}
}

// replace notes which sessions of the store, whose starts are in s.starts, the merged sessions of their key replace, and puts the starts of
// these into the index.
func (s *sessions) replace(index *state.Store, key []byte, first int) error {
	m, old := &s.merging, s.starts
	s.list = s.list[:0]
	for _, merged := range m.sessions[first:] {
		s.list = appendStart(s.list, merged.start)
		for ; len(old) > 0 && old[0] <= merged.start; old = old[1:] {
			if old[0] < merged.start {
				m.replaced = append(m.replaced, replaced{int32(first), old[0]})
			}
		}
	}
	for _, start := range old {
		m.replaced = append(m.replaced, replaced{int32(first), start})
	}
	return index.Put(s.at(key, 0), s.list)
}

// put merges the waiting rows and puts the results into the store.
func (s *sessions) put(ctx *expr.Context) error {
	m := &s.merging
	starts, ends := s.value.cols[s.session].Children[0], s.value.cols[s.session].Children[1]
	for row, k := range m.of {
		starts.I64[row], ends.I64[row] = m.sessions[k].start, m.sessions[k].end
	}
	s.total.Reset()
	if err := s.total.Merge(ctx, &vector.Batch{N: len(m.of), Cols: s.value.cols}); err != nil {
		return err
	}
	replaced := m.replaced
	err := inPortions(s.total.Len(), func(from, to int) error {
		b := s.total.Save(from, to)
		for i := range b.N {
			key := s.keyOf(b.Cols, i)
			for ; len(replaced) > 0 && int(replaced[0].before) == from+i; replaced = replaced[1:] {
				s.store.Remove(s.at(key, replaced[0].start))
			}
			if err := s.store.Put(s.at(key, m.sessions[from+i].start), s.value.row(b.Cols, i)); err != nil {
				return err
			}
		}
		return nil
	})
	m.reset()
	s.value.reset()
	return err
}

// order returns the rows of a batch, sorted by their other keys and by their sessions.
func (s *sessions) order(rows *vector.Batch) vector.Selection {
	order := kernel.Identity(nil, rows.N)
	session := rows.Cols[s.session]
	slices.SortFunc(order, func(i, j int32) int {
		if c := s.compareKeys(rows, int(i), int(j)); c != 0 {
			return c
		}
		return kernel.Compare(session, int(i), session, int(j))
	})
	return order
}

// compareKeys orders two rows by the keys besides the session.
func (s *sessions) compareKeys(rows *vector.Batch, i, j int) int {
	for k, v := range rows.Cols[:s.width] {
		if k == s.session {
			continue
		}
		if c := kernel.Compare(v, i, v, j); c != 0 {
			return c
		}
	}
	return 0
}

// keyOf returns the key of the store for a row whose keys are in columns. It is valid until the next call.
func (s *sessions) keyOf(cols []*vector.Vector, row int) []byte {
	s.cols = append(append(s.cols[:0], cols[:s.session]...), cols[s.session+1:s.width]...)
	s.cols = append(s.cols, cols[s.session].Children[0])
	return s.key.row(s.cols, row)
}
