package sinks

import (
	"context"
	"sync"

	"github.com/streamctl/streamctl/internal/memory"
	"github.com/streamctl/streamctl/internal/vector"
)

// A head keeps the first rows of a batch, in order, as strings. Concurrent workers write partitions; rows that are certain
// not to be among the first are dropped immediately.
type head struct {
	limit int                                                       // number of rows to keep
	cell  func(dst []byte, v *vector.Vector, row int, n int) []byte // formats a value; n is the column

	mu     sync.Mutex
	rows   [][]string         // of the partitions before due
	due    int                // first partition that is not closed
	closed map[int][][]string // partitions closed out of order
	memory memory.Holding     // the rows
}

func newHead(limit int, cell func(dst []byte, v *vector.Vector, row, n int) []byte) *head {
	return &head{limit: limit, cell: cell, closed: map[int][][]string{}}
}

// Partition returns the writer of partition i.
func (h *head) Partition(i, _ int) (PartitionWriter, error) {
	return &headPartition{head: h, i: i}, nil
}

// room returns how many rows of partition i may still be needed.
func (h *head) room(i int) int {
	h.mu.Lock()
	defer h.mu.Unlock()
	if i >= h.due {
		return h.limit - len(h.rows)
	}
	return 0
}

// close adds the rows of partition i.
func (h *head) close(i int, rows [][]string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.closed[i] = rows
	for {
		rows, ok := h.closed[h.due]
		if !ok {
			return
		}
		delete(h.closed, h.due)
		h.due++
		taken := min(len(rows), h.limit-len(h.rows))
		h.rows = append(h.rows, rows[:taken]...)
		_ = h.hold(-bytesOf(rows[taken:]))
	}
}

// reserve accounts for rows that a partition keeps.
func (h *head) reserve(rows [][]string) error {
	if !memory.Limited() {
		return nil
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if err := h.hold(bytesOf(rows)); err != nil {
		e := tooLarge("the rows that are printed of a batch", err)
		e.Hint = "print fewer rows (--num-rows, option numRows) or narrower cells (--truncate, --max-width), choose a sink that does not collect rows (-o csv), or " + memory.Raise()
		return e
	}
	return nil
}

func (h *head) hold(n int) error { return h.memory.Hold(max(int(h.memory.Bytes())+n, 0)) }

// bytesOf returns the approximate memory of rows.
func bytesOf(rows [][]string) int {
	n := 0
	for _, row := range rows {
		n += 24 + 16*len(row)
		for _, cell := range row {
			n += 8 + len(cell)
		}
	}
	return n
}

type headPartition struct {
	head *head
	i    int
	rows [][]string
	buf  []byte
}

// Write keeps rows that may be among the first, as strings.
func (t *headPartition) Write(_ context.Context, b *vector.Batch) error {
	before := len(t.rows)
	want := min(t.head.room(t.i)-before, b.Rows())
	for k := range max(want, 0) {
		row := k
		if b.Sel != nil {
			row = int(b.Sel[k])
		}
		cells := make([]string, len(b.Cols))
		for n, v := range b.Cols {
			t.buf = t.head.cell(t.buf[:0], v, row, n)
			cells[n] = string(t.buf)
		}
		t.rows = append(t.rows, cells)
	}
	if cap(t.buf) > spareBytes {
		t.buf = nil
	}
	return t.head.reserve(t.rows[before:])
}

// Close ends the partition.
func (t *headPartition) Close(context.Context) error {
	t.head.close(t.i, t.rows)
	t.rows = nil
	return nil
}
