package operator

import (
	"cmp"
	"context"
	"io"
	"slices"
	"sync"

	"github.com/streamctl/streamctl/internal/memory"
	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/sql/kernel"
	"github.com/streamctl/streamctl/internal/vector"
)

// An Exchange moves rows between two stages: it takes those of all tasks of the lower one and returns them by partition. The rows of a
// partition come in the order of the partitions of the lower stage that they are from, and in their order there, so that the result does not depend on the number
// of workers. The rows are held in memory, which counts against --memory. (Spark: ShuffleExchangeExec.)
type Exchange struct {
	mu         sync.Mutex
	partitions [][]block
	bytes      int // of the blocks
	expected   int // rows of a block, as far as writers that are closed tell
	held       []*memory.Holding
	spare      []*vector.Batch
}

// A block is some rows of one partition that are from the same partition of the lower stage.
type block struct {
	from int // partition of the lower stage
	rows *vector.Batch
}

// NewExchange returns an exchange between stages of which the upper one has the given number of tasks.
func NewExchange(partitions int) *Exchange { return &Exchange{partitions: make([][]block, partitions)} }

// Partitions returns the number of partitions.
func (x *Exchange) Partitions() int { return len(x.partitions) }

// Bytes returns the memory of the rows of the writers that are closed.
func (x *Exchange) Bytes() int { return x.bytes }

// Empty reports whether a partition has no rows.
func (x *Exchange) Empty(partition int) bool { return len(x.partitions[partition]) == 0 }

// Close drops all rows.
func (x *Exchange) Close() {
	x.partitions = nil
	for _, h := range x.held {
		h.Release()
	}
}

// Clear drops all rows. Others take their memory.
func (x *Exchange) Clear() {
	blocks := x.partitions
	n := len(blocks)
	if x.Close(); !memory.Limited() {
		for _, list := range blocks {
			for _, b := range list {
				x.spare = append(x.spare, b.rows)
			}
		}
	}
	x.partitions, x.held, x.bytes = make([][]block, n), nil, 0
}

// empty returns a block without rows for columns, with room for some rows.
func (x *Exchange) empty(columns []*vector.Vector, rows int) *vector.Batch {
	b := x.reused()
	if b == nil {
		b = &vector.Batch{Cols: make([]*vector.Vector, len(columns))}
		for i, c := range columns {
			b.Cols[i] = vector.New(c.Type, rows)
		}
	}
	for i, c := range columns {
		b.Cols[i].Reset(c.Type, 0)
	}
	b.N = 0
	return b
}

func (x *Exchange) reused() *vector.Batch {
	x.mu.Lock()
	defer x.mu.Unlock()
	n := len(x.spare)
	if n == 0 {
		return nil
	}
	b := x.spare[n-1]
	x.spare = x.spare[:n-1]
	return b
}

// Writer returns what takes the rows of a partition of the lower stage. Writers work at the same time, each in one goroutine.
func (x *Exchange) Writer(from int) *ExchangeWriter {
	w := &ExchangeWriter{exchange: x, from: from, open: make([]*vector.Batch, len(x.partitions)), rows: make([]vector.Selection, len(x.partitions)), sealed: make([][]block, len(x.partitions))}
	x.mu.Lock()
	defer x.mu.Unlock()
	w.expected = x.expected
	x.held = append(x.held, &w.held)
	return w
}

// An ExchangeWriter takes the rows of one partition of the lower stage.
type ExchangeWriter struct {
	exchange *Exchange
	from     int
	open     []*vector.Batch    // by partition: the block that is being filled
	rows     []vector.Selection // by partition: rows of the current batch
	sealed   [][]block
	bytes    int // of the sealed blocks
	count    int // rows
	expected int // rows of a block
	held     memory.Holding
}

// Write copies the selected rows of b, whose last column is the number of their partition.
func (w *ExchangeWriter) Write(_ context.Context, b *vector.Batch) error {
	columns, number := b.Cols[:len(b.Cols)-1], b.Cols[len(b.Cols)-1]
	w.count += b.Rows()
	for k := range b.Rows() {
		row := kernel.Row(b.Sel, k)
		p := number.I32[number.At(row)]
		w.rows[p] = append(w.rows[p], int32(row))
	}
	for p, rows := range w.rows {
		if len(rows) > 0 {
			w.append(p, columns, rows)
			w.rows[p] = rows[:0]
		}
	}
	if !memory.Limited() {
		return nil
	}
	bytes := w.bytes
	for _, b := range w.open {
		if b != nil {
			bytes += capacity(b)
		}
	}
	if err := w.held.Hold(bytes); err != nil {
		e := sparkerr.Plain("the rows that wait for the exchange between tasks do not fit into memory: %s", err).WithHint("%s", memory.Remedy())
		e.Cause = err
		return e
	}
	return nil
}

// append copies rows to a partition's open block, and seals the block when it is large.
func (w *ExchangeWriter) append(p int, columns []*vector.Vector, rows vector.Selection) {
	b := w.open[p]
	if b == nil {
		b = w.exchange.empty(columns, w.expected)
		w.open[p] = b
	}
	for i, c := range columns {
		kernel.AppendRows(b.Cols[i], c, rows)
	}
	b.N += len(rows)
	if b.N >= vector.BatchRows || b.TextBytes(portionBytes) > portionBytes {
		w.seal(p)
	}
}

func (w *ExchangeWriter) seal(p int) {
	w.bytes += capacity(w.open[p])
	w.sealed[p] = append(w.sealed[p], block{w.from, w.open[p]})
	w.open[p] = nil
}

// capacity is how many bytes a batch owns.
func capacity(b *vector.Batch) (bytes int) {
	for _, c := range b.Cols {
		bytes += c.Capacity()
	}
	return bytes
}

// Close hands the rows over to the exchange. A partition whose writer is not closed has no rows.
func (w *ExchangeWriter) Close(context.Context) error {
	w.exchange.mu.Lock()
	defer w.exchange.mu.Unlock()
	for p := range w.open {
		if w.open[p] != nil {
			w.seal(p)
		}
		w.exchange.partitions[p] = append(w.exchange.partitions[p], w.sealed[p]...)
	}
	w.exchange.bytes += w.bytes
	w.exchange.expected = min(w.count/len(w.open)*9/8, vector.BatchRows)
	return nil
}

// Reader returns the rows of a partition, once all writers are closed.
func (x *Exchange) Reader(partition int) vector.Reader {
	blocks := x.partitions[partition]
	slices.SortStableFunc(blocks, func(a, b block) int { return cmp.Compare(a.from, b.from) })
	return &exchangeReader{blocks}
}

type exchangeReader struct{ blocks []block }

func (r *exchangeReader) Next(context.Context) (*vector.Batch, error) {
	if len(r.blocks) == 0 {
		return nil, io.EOF
	}
	b := r.blocks[0].rows
	r.blocks = r.blocks[1:]
	return b, nil
}

func (r *exchangeReader) Close() error { return nil }
