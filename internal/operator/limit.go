package operator

import (
	"github.com/streamctl/streamctl/internal/sql/expr"
	"github.com/streamctl/streamctl/internal/sql/kernel"
	"github.com/streamctl/streamctl/internal/unsaferow"
	"github.com/streamctl/streamctl/internal/vector"
)

// limit passes on the first rows of the whole stream.
type limit struct {
	stateful
	most           int64
	before, passed int64 // rows that passed before this batch, and with it
	value          []byte
	take           taker
}

// NewLimit returns an operator with the number of its state that passes on the first rows of the stream. (Spark:
// StreamingGlobalLimitExec.)
func NewLimit(number int, rows int64) Operator {
	return &limit{stateful: stateful{number: number}, most: rows}
}

func (l *limit) Begin(p *Partition) {
	l.stateful.Begin(p)
	l.before = 0
	if value := l.store.Get(nullRow()); value != nil {
		n, _ := unsaferow.Slot(value, 1, 0)
		l.before = int64(n)
	}
	l.passed = l.before
}

func (l *limit) Process(_ *expr.Context, _ int, b *vector.Batch, out Emit) error {
	n := min(int64(b.Rows()), l.most-l.passed)
	if n <= 0 {
		l.context.Exceeded.Store(l.most)
		return nil
	}
	l.passed += n
	return out(l.take.first(b, int(n)))
}

func (l *limit) Finish(*expr.Context, Emit) error {
	if l.passed == l.before {
		return nil
	}
	l.value = longRow(l.value, l.passed)
	return l.store.Put(nullRow(), l.value)
}

// take passes on the first rows of each batch.
type take struct {
	most, passed int64
	take         taker
}

// NewTake returns an operator that passes on the first rows of each micro-batch. (Spark: GlobalLimitExec.)
func NewTake(rows int64) Operator { return &take{most: rows} }

func (t *take) Process(_ *expr.Context, _ int, b *vector.Batch, out Emit) error {
	n := min(int64(b.Rows()), t.most-t.passed)
	if n <= 0 {
		return nil
	}
	t.passed += n
	return out(t.take.first(b, int(n)))
}

func (t *take) Finish(*expr.Context, Emit) error {
	t.passed = 0
	return nil
}

// localLimit passes on the first rows of a partition, and then ends it: the rows above would only be dropped by the limit over all
// partitions. (Spark: LocalLimitExec.)
type localLimit struct {
	most, passed int64
	take         taker
}

// NewLocalLimit returns an operator that passes on the first rows of a partition and then returns an *Enough.
func NewLocalLimit(rows int64) Operator { return &localLimit{most: rows} }

func (l *localLimit) Process(_ *expr.Context, _ int, b *vector.Batch, out Emit) error {
	n := min(int64(b.Rows()), l.most-l.passed)
	if n > 0 {
		l.passed += n
		if err := out(l.take.first(b, int(n))); err != nil {
			return err
		}
	}
	if l.passed < l.most {
		return nil
	}
	return &Enough{batch: b, row: kernel.Row(b.Sel, max(int(n)-1, 0))}
}

func (l *localLimit) Finish(*expr.Context, Emit) error {
	l.passed = 0
	return nil
}

// Enough ends a feed whose further rows are not needed.
type Enough struct {
	batch *vector.Batch
	row   int // the last one of batch that was needed
}

func (*Enough) Error() string { return "no more rows are needed" }

// unread returns how many rows of a batch of the feed come after the last one that was needed, if its rows can be told apart.
func (e *Enough) unread(fed *vector.Batch) int {
	if e.batch.N != fed.N {
		return 0
	}
	n := 0
	for k := range fed.Rows() {
		if kernel.Row(fed.Sel, k) > e.row {
			n++
		}
	}
	return n
}

// An Unreader takes back rows of its last batch that were not needed.
type Unreader interface{ Unread(rows int) }

// A taker selects the first rows of batches.
type taker struct {
	rows vector.Selection
	out  vector.Batch
}

func (t *taker) first(b *vector.Batch, n int) *vector.Batch {
	if n == b.Rows() {
		return b
	}
	t.rows = t.rows[:0]
	for k := range n {
		t.rows = append(t.rows, int32(kernel.Row(b.Sel, k)))
	}
	t.out = *b
	t.out.Sel = t.rows
	return &t.out
}
