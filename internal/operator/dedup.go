package operator

import (
	"github.com/streamctl/streamctl/internal/sql/expr"
	"github.com/streamctl/streamctl/internal/sql/kernel"
	"github.com/streamctl/streamctl/internal/state"
	"github.com/streamctl/streamctl/internal/vector"
)

// A Dedup says what dropDuplicates compares.
type Dedup struct {
	Keys   []int     // columns
	Time   EventTime // the event time among the columns: late rows are dropped
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

	inTime vector.Selection // rows that are not late, of those whose keys are encoded
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
	for from := 0; from < b.Rows(); from += state.PrefetchRows {
		d.encode(b, from, min(from+state.PrefetchRows, b.Rows()))
		d.coder.prefetch(d.store)
		for k, row := range d.inTime {
			fresh, err := d.add(b, d.coder.encoded(k), int(row))
			if err != nil {
				return err
			}
			if fresh {
				d.rows = append(d.rows, row)
			}
		}
	}
	if len(d.rows) == 0 {
		return nil
	}
	d.out = *b
	d.out.Sel = d.rows
	return out(&d.out)
}

// encode encodes the keys of some rows of a batch that are not late, and lists these.
func (d *dedup) encode(b *vector.Batch, from, to int) {
	d.inTime = d.inTime[:0]
	d.coder.clear()
	for k := from; k < to; k++ {
		i := kernel.Row(b.Sel, k)
		if d.Time.Has() {
			if time, known := d.Time.at(b.Cols[d.Time.Column], i); known && time <= d.context.previousWatermark(d.number)*1000 {
				d.dropped(1)
				continue
			}
		}
		d.inTime = append(d.inTime, int32(i))
		d.coder.add(d.keys, i)
	}
}

// add reports whether row i is the first of its key.
func (d *dedup) add(b *vector.Batch, key []byte, i int) (bool, error) {
	if d.Within {
		expires := d.Delay * 1000
		if d.Time.Has() {
			seen, _ := d.Time.at(b.Cols[d.Time.Column], i)
			expires += seen
		}
		d.value = longRow(d.value, expires)
	}
	return d.store.Add(key, d.value)
}

func (d *dedup) Finish(*expr.Context, Emit) error {
	for key := range d.passed() {
		d.store.Remove(key)
	}
	return nil
}
