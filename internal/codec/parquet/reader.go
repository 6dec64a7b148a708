package parquet

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/parquet-go/parquet-go/format"

	"github.com/streamctl/streamctl/internal/codec"
	"github.com/streamctl/streamctl/internal/memory"
	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/vector"
)

// A reader reads the row groups of a file whose midpoint lies in its partition. (Spark: ParquetInputFormat, splits.)
type reader struct {
	in      codec.Input
	scan    *codec.Scan
	footers *Footers

	closer  io.Closer
	src     io.ReaderAt
	size    int64
	footer  *footer
	groups  []group // not read yet
	left    int64   // remaining rows of the row group
	next    int64   // number in the file of the next row
	leaves  []*leaf
	columns []*column // parallel to Fields; nil if not in the file
	started bool
	batch   vector.Batch
	origin  vector.Origin
	nulls   []*vector.Vector
	ledger  ledger
	most    int              // maximum rows per batch
	rows    vector.Selection // of a batch that is returned in portions
	rest    vector.Selection // those rows that remain
	part    vector.Batch
}

// A group is a row group.
type group struct {
	*format.RowGroup
	number int
	first  int64 // number in the file of its first row
}

// NewReader returns a reader of one partition of a file. footers may be shared; it avoids reading the footer again for each
// piece of a file.
func NewReader(in codec.Input, _ *Options, scan *codec.Scan, footers *Footers) (vector.Reader, error) {
	return &reader{in: in, scan: scan, footers: footers}, nil
}

// Next returns the next batch.
func (r *reader) Next(ctx context.Context) (b *vector.Batch, err error) {
	defer recovered(&err)
	if !r.started {
		r.started = true
		if err := r.open(); err != nil {
			return nil, r.failed(err)
		}
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if len(r.rest) > 0 {
		return r.portion(), nil
	}
	for r.left == 0 {
		if len(r.groups) == 0 {
			return nil, io.EOF
		}
		if err := r.openGroup(r.groups[0]); err != nil {
			return nil, r.failed(err)
		}
		r.groups = r.groups[1:]
	}
	n := int(min(r.left, int64(r.most)))
	if err := r.fill(n); err != nil {
		return nil, r.failed(err)
	}
	r.origin.FirstRow = r.next
	r.next += int64(n)
	r.left -= int64(n)
	if r.cutUp() {
		return r.portion(), nil
	}
	return &r.batch, nil
}

// failed adds the file's name to an error that has no condition.
func (r *reader) failed(err error) error {
	if _, ok := errors.AsType[*sparkerr.Error](err); ok {
		return err
	}
	return codec.ReadFailed(r.in.File, err)
}

func (r *reader) open() error {
	if err := r.openFile(); err != nil {
		return err
	}
	var err error
	if r.footer, err = r.footers.read(r.in.File, r.src, r.size); err != nil {
		return err
	}
	r.origin = vector.Origin{File: r.in.File, Block: r.in.Block()}
	r.batch = vector.Batch{Origin: &r.origin}
	if err := r.bind(); err != nil {
		return err
	}
	first := int64(0)
	for i := range r.footer.meta.RowGroups {
		g := &r.footer.meta.RowGroups[i]
		if r.owns(g) && !r.pruned(g) {
			r.groups = append(r.groups, group{g, i, first})
		}
		first += g.NumRows
	}
	return nil
}

func (r *reader) openFile() error {
	if r.in.InMemory() {
		data := r.in.Bytes()
		r.src, r.size = bytes.NewReader(data), int64(len(data))
		return nil
	}
	f, err := r.in.Open()
	if err != nil {
		return err
	}
	r.closer = f
	if at, ok := f.(interface {
		io.ReaderAt
		Size() int64
	}); ok {
		r.src, r.size = at, at.Size()
		return nil
	}
	most := memory.Share(maxInMemory, 3) // because the buffer grows by copying
	data, err := io.ReadAll(io.LimitReader(f, int64(most)))
	if err == nil && len(data) == most {
		err = fmt.Errorf("a compressed Parquet file is read into memory, where the limit is %d bytes: compress its pages instead (option compression)", most)
	}
	if err == nil {
		var counted int
		err = r.ledger.set(&counted, len(data))
	}
	r.src, r.size = bytes.NewReader(data), int64(len(data))
	return err
}

// maxInMemory limits the size of files that do not support random access.
const maxInMemory = 1 << 30

// bind looks up the wanted columns in the file.
func (r *reader) bind() error {
	b := &binder{file: r.in.File, src: r.src, ledger: &r.ledger}
	for _, f := range r.scan.Fields {
		n, err := r.footer.root.child(f.Name)
		if err != nil {
			return err
		}
		t := f.Type.TextAsString()
		var c *column
		if n == nil {
			r.scan.Lose(codec.Loss{
				Key:  "column " + f.Name,
				Text: "the column " + f.Name + " is not in " + codec.NameOf(r.in.File) + ": it is NULL in the rows of such files",
				Hint: "streamctl schema infer FILE --format parquet shows the columns of a file",
			})
			r.nulls = append(r.nulls, vector.NewNull(t))
		} else {
			r.nulls = append(r.nulls, nil)
			if c, err = b.bind(n, t, 0, 0); err != nil {
				return err
			}
		}
		r.columns = append(r.columns, c)
	}
	r.leaves = b.leaves
	r.batch.Cols = make([]*vector.Vector, len(r.columns))
	return nil
}

// owns reports whether the midpoint of a row group lies in the partition.
func (r *reader) owns(g *format.RowGroup) bool {
	if r.in.Length < 0 {
		return true
	}
	if len(g.Columns) == 0 {
		return r.in.Start == 0
	}
	first := &g.Columns[0].MetaData
	start := first.DataPageOffset
	if d := first.DictionaryPageOffset; d > 0 && d < start {
		start = d
	}
	size := g.TotalCompressedSize
	if size == 0 {
		for i := range g.Columns {
			size += g.Columns[i].MetaData.TotalCompressedSize
		}
	}
	middle := start + size/2
	return middle >= r.in.Start && middle < r.in.Start+r.in.Length
}

func (r *reader) openGroup(g group) error {
	if g.NumRows < 0 {
		return errShortPage
	}
	r.ledger.group = g.number
	for _, l := range r.leaves {
		if err := l.open(g.RowGroup, r.size); err != nil {
			return err
		}
	}
	r.left, r.next, r.most = g.NumRows, g.first, r.batchRows(g.RowGroup)
	return nil
}

// fill reads n rows into the batch.
func (r *reader) fill(n int) error {
	for _, l := range r.leaves {
		if err := l.read(n); err != nil {
			return err
		}
		if !memory.Limited() {
			continue
		}
		if err := l.hold(0); err != nil {
			return err
		}
	}
	for i, c := range r.columns {
		if c == nil {
			r.batch.Cols[i] = r.nulls[i]
			continue
		}
		v, err := c.build()
		if err == nil && v.Len() != n {
			err = errShortPage
		}
		if err != nil {
			return err
		}
		r.batch.Cols[i] = v
	}
	r.batch.N = n
	return nil
}

// Close releases the file.
func (r *reader) Close() error {
	r.groups, r.left, r.rest, r.started = nil, 0, nil, true
	r.ledger.Release()
	for _, l := range r.leaves {
		l.pages.codec.close()
	}
	if r.closer == nil {
		return nil
	}
	c := r.closer
	r.closer = nil
	return c.Close()
}
