package operator

import (
	"github.com/streamctl/streamctl/internal/sql/expr"
	"github.com/streamctl/streamctl/internal/sql/kernel"
	"github.com/streamctl/streamctl/internal/vector"
)

// A joinFeed joins the rows of a batch that has arrived at one side with the stored rows of the other, and stores them.
//
// It works on blocks of rows, and on blocks of pairs of a row and a stored one with the same keys. Nothing that it looks up while it collects pairs
// depends on what it does with them, apart from marks of stored rows that have matched.
type joinFeed struct {
	join  *symmetricJoin
	ctx   *expr.Context
	port  int
	batch *vector.Batch
	keys  []*vector.Vector
	out   Emit

	hashed  []byte // the keys of a block of rows, one after another; empty for a row that did not pass the filter
	ends    []int
	matched []bool // by row of the block

	pairs    joinPairs
	added    addedRows
	returned keyList // keys of left rows of a semi join that have come out
}

func (f *joinFeed) begin(ctx *expr.Context, port int, b *vector.Batch, keys []*vector.Vector, out Emit) {
	f.ctx, f.port, f.batch, f.keys, f.out = ctx, port, b, keys, out
	f.pairs.begin(f.join.sides[1-port].store.types)
}

// block joins and stores rows. passed begins with those of them that have passed the filter of their side; block returns the others.
func (f *joinFeed) block(rows, passed vector.Selection) (vector.Selection, error) {
	me, other := &f.join.sides[f.port], &f.join.sides[1-f.port]
	passed = f.encode(me, rows, passed)
	other.store.counts.Prefetch(f.hashed, f.ends)
	me.store.counts.Prefetch(f.hashed, f.ends)
	from := 0
	for k, end := range f.ends {
		if from == end {
			f.pairs.addAlone(rows[k])
			if err := f.flushFull(); err != nil {
				return nil, err
			}
			continue
		}
		key := f.hashed[from:end]
		from = end
		for i, n := int64(0), other.store.count(key); i < n && !f.done(k); i++ {
			f.pairs.add(rows[k], k, &other.store, key, i)
			if err := f.flushFull(); err != nil {
				return nil, err
			}
		}
	}
	if err := f.flush(); err != nil {
		return nil, err
	}
	f.noteMatched()
	return passed, f.storeRows(me, rows)
}

// done reports whether no pair with a row of the block is needed any more.
func (f *joinFeed) done(at int) bool {
	return f.join.kind == LeftSemi && f.port == leftSide && f.matched[at]
}

// encode encodes the keys of a block of rows and returns the rest of passed.
func (f *joinFeed) encode(me *joinSide, rows, passed vector.Selection) vector.Selection {
	f.hashed, f.ends, f.matched = f.hashed[:0], f.ends[:0], f.matched[:0]
	for _, row := range rows {
		if len(passed) > 0 && passed[0] == row {
			passed = passed[1:]
			f.hashed = me.key.enc.Append(f.hashed, f.keys, int(row))
		}
		f.ends, f.matched = append(f.ends, len(f.hashed)), append(f.matched, false)
	}
	return passed
}

// flushFull hands on the pairs if there are many.
func (f *joinFeed) flushFull() error {
	if len(f.pairs.list) < joinBlock {
		return nil
	}
	return f.flush()
}

// flush hands on the pairs that match, and marks their rows.
func (f *joinFeed) flush() error {
	p := &f.pairs
	if len(p.list) == 0 {
		return nil
	}
	defer p.reset()
	if err := f.ctx.Stop.Err(); err != nil {
		return err
	}
	other := &f.join.sides[1-f.port]
	if err := p.load(&other.store); err != nil {
		return err
	}
	b := f.columns()
	rows, err := f.matching(b)
	if err != nil {
		return err
	}
	if b.Sel, err = f.mark(&other.store, rows); err != nil || len(b.Sel) == 0 {
		return err
	}
	if f.join.kind == LeftSemi {
		b.Cols = b.Cols[:len(f.join.sides[leftSide].Input)]
	}
	return f.out(b)
}

// columns returns the pairs as rows with the columns of both sides.
func (f *joinFeed) columns() *vector.Batch {
	p := &f.pairs
	for len(p.mine) < len(f.batch.Cols) {
		p.mine = append(p.mine, &vector.Vector{})
	}
	mine := p.mine[:len(f.batch.Cols)]
	for i, c := range f.batch.Cols {
		kernel.GatherShared(mine[i], c, p.rows)
	}
	other := p.other[:len(p.other)-1] // without the mark
	p.out = vector.Batch{N: len(p.list), Cols: p.out.Cols[:0]}
	if f.port == leftSide {
		p.out.Cols = append(append(p.out.Cols, mine...), other...)
	} else {
		p.out.Cols = append(append(p.out.Cols, other...), mine...)
	}
	return &p.out
}

// matching returns the pairs for which the condition is true.
func (f *joinFeed) matching(b *vector.Batch) (vector.Selection, error) {
	rows := f.candidates()
	if f.join.both == nil || len(rows) == 0 {
		return rows, nil
	}
	f.join.both.Context = f.ctx
	rows, err := f.join.both.Select(b, rows, f.pairs.selected)
	if err == nil {
		f.pairs.selected = rows
	}
	return rows, err
}

// candidates returns the pairs for which the condition decides.
func (f *joinFeed) candidates() vector.Selection {
	p := &f.pairs
	p.candidates = p.candidates[:0]
	for i := range p.list {
		if c := &p.list[i]; !c.alone && !f.redundant(c) {
			p.candidates = append(p.candidates, int32(i))
		}
	}
	return p.candidates
}

// redundant reports whether a semi join has returned the left row of a pair already.
func (f *joinFeed) redundant(c *joinPair) bool {
	return f.done(int(c.at)) || f.join.kind == LeftSemi && f.port == rightSide && c.matched
}

// mark notes that the rows of matching pairs have matched, and returns the pairs that come out.
func (f *joinFeed) mark(other *joinStore, matching vector.Selection) (vector.Selection, error) {
	p := &f.pairs
	p.results = p.results[:0]
	for i := range p.list {
		c := &p.list[i]
		if c.alone {
			p.results = append(p.results, int32(i))
			continue
		}
		if len(matching) == 0 || matching[0] != int32(i) {
			continue
		}
		matching = matching[1:]
		if f.redundant(c) { // since an earlier pair has matched
			continue
		}
		first := false
		if !c.matched {
			var err error
			if first, err = other.mark(p.key(i)); err != nil {
				return nil, err
			}
		}
		if f.join.kind == LeftSemi && f.port == rightSide && !first {
			continue
		}
		f.matched[c.at] = true
		p.results = append(p.results, int32(i))
	}
	return p.results, nil
}

// storeRows stores the rows of a block that have passed the filter, if a row that is still to come can match them or if they have not come out yet.
func (f *joinFeed) storeRows(me *joinSide, rows vector.Selection) error {
	a := &f.added
	a.reset()
	from := 0
	for k, end := range f.ends {
		key := f.hashed[from:end]
		from = end
		if len(key) == 0 || !f.needed(me, key, rows[k], f.matched[k]) {
			continue
		}
		n, err := me.store.increment(key)
		if err != nil {
			return err
		}
		a.keys = me.store.extend.Append(a.keys, key, n)
		a.end()
		a.rows = append(a.rows, int32(k))
	}
	me.store.rows.Prefetch(a.keys, a.ends)
	from = 0
	for i, end := range a.ends {
		k := a.rows[i]
		if err := me.store.add(a.keys[from:end], f.batch.Cols, int(rows[k]), f.matched[k]); err != nil {
			return err
		}
		from = end
	}
	return nil
}

// A keyList is keys, one after another.
type keyList struct {
	keys []byte
	ends []int
}

func (l *keyList) add(key []byte) {
	l.keys = append(l.keys, key...)
	l.end()
}

// end ends a key.
func (l *keyList) end() { l.ends = append(l.ends, len(l.keys)) }

func (l *keyList) reset() { l.keys, l.ends = l.keys[:0], l.ends[:0] }

// addedRows are rows of a block to store: their keys in the store, and their positions in the block.
type addedRows struct {
	keyList
	rows []int32
}

func (a *addedRows) reset() {
	a.keyList.reset()
	a.rows = a.rows[:0]
}

// needed reports whether a row is to be stored. Those that arrive first are stored even if the watermark has passed them, for the others of
// the batch.
func (f *joinFeed) needed(me *joinSide, key []byte, row int32, matched bool) bool {
	switch {
	case f.port == f.join.first:
		return true
	case f.join.kind == LeftSemi && matched:
		return false
	}
	return f.join.keeps(f.port) && !matched || !me.expired(key, f.batch.Cols, int(row), f.join.context.watermark(f.join.number))
}

// noteMatched notes the keys of left rows of a semi join that have matched rows of the block, and so have come out.
func (f *joinFeed) noteMatched() {
	if f.join.kind != LeftSemi || f.port == leftSide {
		return
	}
	from := 0
	for k, end := range f.ends {
		if f.matched[k] {
			f.returned.add(f.hashed[from:end])
		}
		from = end
	}
}

// forgetReturned removes the left rows of a semi join that have come out, once no more right rows arrive.
func (f *joinFeed) forgetReturned() error {
	left := &f.join.sides[leftSide].store
	defer f.returned.reset()
	from := 0
	for _, end := range f.returned.ends {
		if err := left.prune(f.returned.keys[from:end], left.matched, func([]byte) error { return nil }); err != nil {
			return err
		}
		from = end
	}
	return nil
}
