package parquet

import (
	"fmt"

	"github.com/parquet-go/parquet-go/format"

	"github.com/streamctl/streamctl/internal/memory"
	"github.com/streamctl/streamctl/internal/vector"
)

// maxHeld limits the memory for pages and dictionaries of a row group if no memory limit is set: page headers and
// dictionaries of a small file can claim any size.
const maxHeld = 4 << 30

// A ledger accounts for the memory of a reader: pages, dictionaries and values of its columns.
type ledger struct {
	memory.Holding
	group int // number of the row group, counting from 0
	bytes int
}

// set records that an item now takes n bytes instead of counted.
func (l *ledger) set(counted *int, n int) error {
	l.bytes += n - *counted
	*counted = n
	if l.bytes > maxHeld {
		return fmt.Errorf("its pages need %d bytes of memory at a time; the limit is %d", l.bytes, maxHeld)
	}
	return l.Hold(l.bytes)
}

// entryBytes is the approximate size of a page entry: levels, and the number of a value or the value itself.
const entryBytes = 10

// reserve accounts for the page that a header describes.
func (l *leaf) reserve(h *format.PageHeader) error {
	raw, entries := cap(l.raw), 0
	if d, ok := h.DictionaryPageHeader.Get(); ok {
		raw, entries = cap(l.dictRaw), int(d.NumValues)
	}
	if d, ok := h.DataPageHeader.Get(); ok {
		entries = int(d.NumValues)
	}
	if d, ok := h.DataPageHeaderV2.Get(); ok {
		entries = int(d.NumValues)
	}
	more := max(int(h.CompressedPageSize)-cap(l.pages.store), 0) + max(int(h.UncompressedPageSize)-raw, 0) + entryBytes*max(entries, 0)
	return l.hold(more)
}

// hold accounts for the column's memory plus the given number of bytes.
func (l *leaf) hold(more int) error {
	if err := l.ledger.set(&l.counted, l.size()+more); err != nil {
		return fmt.Errorf("row group %d, column %s: %w", l.ledger.group, l.node.Name, err)
	}
	return nil
}

// size returns the memory of the column in bytes.
func (l *leaf) size() int {
	p, v := &l.page, &l.page.vals
	n := cap(l.pages.store) + cap(l.raw) + cap(l.dictRaw) + cap(l.arena) + cap(l.defs) + cap(l.reps) + cap(p.defStore) + cap(p.repStore) +
		4*cap(p.indexStore) + cap(v.bools) + 4*cap(v.i32) + 8*cap(v.i64) + 12*cap(v.i96) + 4*cap(v.f32) + 8*cap(v.f64) + 8*cap(v.views) +
		4*cap(v.offsets) + cap(v.owned) + l.out.Slots()
	if l.dict != nil {
		n += l.dict.Slots()
	}
	return n
}

// batchBytes is the approximate limit for the text in a batch of more than one row.
const batchBytes = 16 << 20

// batchRows returns how many rows of a group fit into a batch, given the average size of the group's columns.
func (r *reader) batchRows(g *format.RowGroup) int {
	size := int64(0)
	for _, l := range r.leaves {
		size += max(g.Columns[l.node.leaf].MetaData.TotalUncompressedSize, 0)
	}
	row := size/max(g.NumRows, 1) + 1
	return int(min(max(int64(memory.Share(batchBytes, 16))/row, 1), vector.BatchRows))
}

// portion returns the next rows of the batch whose text is within batchBytes. Values may share bytes, namely those of the
// dictionary.
func (r *reader) portion() *vector.Batch {
	n := r.batch.Portion(r.rest, memory.Share(batchBytes, 16))
	r.part = r.batch
	r.part.Sel, r.rest = r.rest[:n:n], r.rest[n:]
	return &r.part
}

// cutUp reports whether the batch has so much text that it is returned in portions.
func (r *reader) cutUp() bool {
	most := memory.Share(batchBytes, 16)
	if r.batch.TextBytes(most) <= most {
		return false
	}
	r.rows = r.rows[:0]
	for i := range r.batch.N {
		r.rows = append(r.rows, int32(i))
	}
	r.rest = r.rows
	return true
}
