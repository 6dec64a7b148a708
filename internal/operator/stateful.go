package operator

import (
	"encoding/binary"
	"iter"

	"github.com/streamctl/streamctl/internal/sql/expr"
	"github.com/streamctl/streamctl/internal/sql/kernel"
	"github.com/streamctl/streamctl/internal/state"
	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/unsaferow"
	"github.com/streamctl/streamctl/internal/vector"
)

// The output modes of a query, in lower case.
const (
	Append   = "append"
	Update   = "update"
	Complete = "complete"
)

// stateful is embedded in operators that keep state between batches.
type stateful struct {
	number  int // of the operator in the plan
	context *BatchContext
	store   *state.Store
}

// Begin takes up the state of the partition.
func (s *stateful) Begin(p *Partition) {
	s.context, s.store = p.Batch, p.Batch.State.Store(s.number, state.DefaultStore, p.Task)
}

// dropped counts rows that came too late.
func (s *stateful) dropped(n int) { s.context.Dropped[s.number].Add(int64(n)) }

// notLate returns the rows of a batch whose event time is not late, and counts the others.
func (s *stateful) notLate(b *vector.Batch, time EventTime) *vector.Batch {
	if !time.Has() {
		return b
	}
	late := time.upTo(b.Cols[time.Column], b.N, s.context.previousWatermark(s.number))
	if len(late) == 0 {
		return b
	}
	s.dropped(len(late))
	return without(b, late)
}

// passed returns the entries of the store, which is timed, whose time the watermark has passed. The loop may remove the current one.
func (s *stateful) passed() iter.Seq2[[]byte, []byte] {
	return s.store.Passed(s.context.watermark(s.number) * 1000)
}

// An EventTime is a column whose values are compared with the watermark: a TIMESTAMP, or a time window, of which the end counts.
type EventTime struct {
	Column int // -1: none
	Window bool
}

// NoEventTime says that no column has a watermark.
var NoEventTime = EventTime{Column: -1}

// Has reports whether there is an event time.
func (t EventTime) Has() bool { return t.Column >= 0 }

// at returns the time of row i in microseconds, and whether it is known.
func (t EventTime) at(v *vector.Vector, i int) (micros int64, known bool) {
	if v.IsNull(i) {
		return 0, false
	}
	i = v.At(i)
	if t.Window {
		if v = v.Children[1]; v.IsNull(i) {
			return 0, false
		}
		i = v.At(i)
	}
	return v.I64[i], true
}

// upTo returns the rows of a vector whose time is not after a watermark in milliseconds.
func (t EventTime) upTo(v *vector.Vector, n int, watermark int64) (rows vector.Selection) {
	for i := range n {
		if micros, known := t.at(v, i); known && micros <= watermark*1000 {
			rows = append(rows, int32(i))
		}
	}
	return rows
}

// in returns the time in an UnsafeRow with a number of fields, in microseconds, and whether it is known.
func (t EventTime) in(row []byte, fields int) (micros int64, known bool) {
	slot, null := unsaferow.Slot(row, fields, t.Column)
	if t.Window && !null {
		slot, null = unsaferow.Slot(row[slot>>32:], 2, 1)
	}
	return int64(slot), !null
}

// OfKey returns the time of an entry of a store whose key has a number of fields, one of which is the event time; nil if there is none.
func (t EventTime) OfKey(fields int) state.TimeFunc {
	if !t.Has() {
		return nil
	}
	return func(key, _ []byte) (int64, bool) { return t.in(key, fields) }
}

// OfValue is OfKey for an event time in the value.
func (t EventTime) OfValue(fields int) state.TimeFunc {
	if !t.Has() {
		return nil
	}
	return func(_, value []byte) (int64, bool) { return t.in(value, fields) }
}

// passed reports whether the time in an UnsafeRow with a number of fields is not after a watermark in milliseconds.
func (t EventTime) passed(row []byte, fields int, watermark int64) bool {
	micros, known := t.in(row, fields)
	return known && micros <= watermark*1000
}

// A rowCoder turns rows of columns into UnsafeRows, and back into its own columns.
type rowCoder struct {
	types []*types.Type
	enc   *unsaferow.Encoder
	dec   *unsaferow.Decoder
	bytes []byte
	ends  []int // of the rows in bytes, after encode
	cols  []*vector.Vector
}

func newRowCoder(list []*types.Type) *rowCoder {
	c := &rowCoder{types: list, enc: unsaferow.NewEncoder(list), dec: unsaferow.NewDecoder(list)}
	for range list {
		c.cols = append(c.cols, &vector.Vector{})
	}
	return c
}

// newKeyCoder returns a coder for keys: all NaN are one key, and so are the zeros.
func newKeyCoder(list []*types.Type) *rowCoder {
	c := newRowCoder(list)
	c.enc = unsaferow.NewKeyEncoder(list)
	return c
}

// row encodes row i of the columns. The bytes are valid until the next call of row, encode or clear.
func (c *rowCoder) row(cols []*vector.Vector, i int) []byte {
	c.bytes = c.enc.Append(c.bytes[:0], cols, i)
	return c.bytes
}

// encode encodes the first n rows of the columns. They are valid until the next call of clear or row.
func (c *rowCoder) encode(cols []*vector.Vector, n int) {
	c.clear()
	for i := range n {
		c.add(cols, i)
	}
}

// clear forgets the encoded rows.
func (c *rowCoder) clear() { c.bytes, c.ends = c.bytes[:0], c.ends[:0] }

// add encodes row i of the columns.
func (c *rowCoder) add(cols []*vector.Vector, i int) {
	c.bytes = c.enc.Append(c.bytes, cols, i)
	c.ends = append(c.ends, len(c.bytes))
}

// encoded returns encoded row i.
func (c *rowCoder) encoded(i int) []byte {
	from := 0
	if i > 0 {
		from = c.ends[i-1]
	}
	return c.bytes[from:c.ends[i]:c.ends[i]]
}

// prefetch prepares a store for the encoded rows, which are keys.
func (c *rowCoder) prefetch(s *state.Store) { s.Prefetch(c.bytes, c.ends) }

// reset forgets the decoded rows.
func (c *rowCoder) reset() {
	for i, v := range c.cols {
		v.Reset(c.types[i], 0)
	}
}

// decode adds a row to the columns.
func (c *rowCoder) decode(row []byte) error { return c.dec.Append(row, c.cols) }

func typesOf(list []*expr.Expr) []*types.Type {
	out := make([]*types.Type, len(list))
	for i, e := range list {
		out[i] = e.Type
	}
	return out
}

func fieldTypes(fields []types.Field) []*types.Type {
	out := make([]*types.Type, len(fields))
	for i, f := range fields {
		out[i] = f.Type
	}
	return out
}

// gathered returns copies of some rows of a batch.
func gathered(b *vector.Batch, rows vector.Selection) *vector.Batch {
	out := &vector.Batch{N: len(rows), Cols: make([]*vector.Vector, len(b.Cols))}
	for i, c := range b.Cols {
		out.Cols[i] = vector.New(c.Type, 0)
		kernel.AppendRows(out.Cols[i], c, rows)
	}
	return out
}

// without returns copies of the rows of a batch that are not in the list, which is ascending.
func without(b *vector.Batch, rows vector.Selection) *vector.Batch {
	var kept vector.Selection
	for i := range b.N {
		if len(rows) > 0 && int(rows[0]) == i {
			rows = rows[1:]
			continue
		}
		kept = append(kept, int32(i))
	}
	return gathered(b, kept)
}

// longRow is the UnsafeRow of one BIGINT.
func longRow(dst []byte, n int64) []byte {
	return binary.LittleEndian.AppendUint64(append(dst[:0], 0, 0, 0, 0, 0, 0, 0, 0), uint64(n))
}
