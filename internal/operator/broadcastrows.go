package operator

import (
	"context"
	"io"

	"github.com/streamctl/streamctl/internal/sql/kernel"
	"github.com/streamctl/streamctl/internal/vector"
)

// A broadcastReader yields the rows of a broadcast in their order.
type broadcastReader struct {
	from *Broadcast
	next int
	rows vector.Selection
}

// Reader returns a reader of all rows, which is valid until the broadcast is built again.
func (b *Broadcast) Reader() vector.Reader { return &broadcastReader{from: b} }

func (r *broadcastReader) Next(context.Context) (*vector.Batch, error) {
	from := r.next
	if from >= r.from.Len() {
		return nil, io.EOF
	}
	r.next = min(from+vector.BatchRows, r.from.Len())
	return r.from.portion(&r.rows, from, r.next), nil
}

func (r *broadcastReader) Close() error { return nil }

// portion returns some of the rows. It uses the memory of rows.
func (b *Broadcast) portion(rows *vector.Selection, from, to int) *vector.Batch {
	*rows = (*rows)[:0]
	for i := from; i < to; i++ {
		*rows = append(*rows, int32(i))
	}
	out := &vector.Batch{N: to - from}
	for _, c := range b.rows.Cols {
		v := &vector.Vector{}
		kernel.GatherShared(v, c, *rows)
		out.Cols = append(out.Cols, v)
	}
	return out
}
