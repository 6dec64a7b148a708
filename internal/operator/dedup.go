package operator

import (
	"github.com/streamctl/streamctl/internal/sql/expr"
	"github.com/streamctl/streamctl/internal/sql/kernel"
	"github.com/streamctl/streamctl/internal/unsaferow"
	"github.com/streamctl/streamctl/internal/vector"
)

// A Dedup says what dropDuplicates compares.
type Dedup struct {
	Keys   []int     // columns
	Time   EventTime // the event time among the columns: late rows are dropped
	Forget EventTime // the event time among the keys, whose keys are forgotten when the watermark passes it
	Within bool      // keys are forgotten when the watermark passes the time of their first row plus Delay
	Delay  int64     // milliseconds
}

// dedup keeps the first row for each key of the whole stream.
type dedup struct {
	stateful
	Dedup
	coder *rowCoder
	keys  []*vector.Vector
	value []byte
	rows  vector.Selection
	out   vector.Batch
}

// NewDedup returns an operator with the number of its state over rows with the given columns. (Spark: StreamingDeduplicateExec,
// StreamingDeduplicateWithinWatermarkExec.)
func NewDedup(number int, d Dedup, input []*expr.Expr) Operator {
	op := &dedup{stateful: stateful{number: number}, Dedup: d, value: nullRow()}
	all := typesOf(input)
	list := all[:0:0]
	for _, k := range d.Keys {
		list = append(list, all[k])
	}
	op.coder = newKeyCoder(list)
	return op
}

// nullRow is the UnsafeRow of one NULL.
func nullRow() []byte { return append([]byte{1}, make([]byte, 15)...) }

func (d *dedup) Process(_ *expr.Context, _ int, b *vector.Batch, out Emit) error {
	d.keys = d.keys[:0]
	for _, k := range d.Keys {
		d.keys = append(d.keys, b.Cols[k])
	}
	d.rows = d.rows[:0]
	for k := range b.Rows() {
		i := kernel.Row(b.Sel, k)
		fresh, err := d.add(b, i)
		if err != nil {
			return err
		}
		if fresh {
			d.rows = append(d.rows, int32(i))
		}
	}
	if len(d.rows) == 0 {
		return nil
	}
	d.out = *b
	d.out.Sel = d.rows
	return out(&d.out)
}

// add reports whether row i is the first of its key, and not late.
func (d *dedup) add(b *vector.Batch, i int) (bool, error) {
	time, known := int64(0), false
	if d.Time.Has() {
		time, known = d.Time.at(b.Cols[d.Time.Column], i)
		if known && time <= d.context.previousWatermark(d.number)*1000 {
			d.dropped(1)
			return false, nil
		}
	}
	key := d.coder.row(d.keys, i)
	if d.store.Get(key) != nil {
		return false, nil
	}
	if d.Within {
		d.value = longRow(d.value, time+d.Delay*1000)
	}
	return true, d.store.Put(key, d.value)
}

func (d *dedup) Finish(*expr.Context, Emit) error {
	if !d.Within && !d.Forget.Has() {
		return nil
	}
	for key, value := range d.store.All() {
		if d.forgotten(key, value) {
			d.store.Remove(key)
		}
	}
	return nil
}

func (d *dedup) forgotten(key, value []byte) bool {
	if d.Within {
		expires, _ := unsaferow.Slot(value, 1, 0)
		return int64(expires) <= d.context.watermark(d.number)*1000
	}
	return d.Forget.passed(key, len(d.Keys), d.context.watermark(d.number))
}
