// Package text reads and writes Spark's text format: one STRING column, a row per line or per file.
package text

import (
	"bytes"
	"context"
	"errors"
	"io"
	"strconv"
	"strings"

	"github.com/streamctl/streamctl/internal/codec"
	"github.com/streamctl/streamctl/internal/option"
	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/vector"
)

// Table lists the options of the format.
var Table = []codec.Option{
	{Name: "lineSep", Doc: "line separator, of any length", Kind: codec.LineSep(0), Effect: codec.Read | codec.Write},
	{Name: "wholetext", Doc: "one row per file", Kind: option.Bool, Default: "false", Effect: codec.Read},
	{Name: "encoding", Doc: "character set of lineSep; the rest is always UTF-8", Kind: option.Text("one of the character sets of csv"), Default: "UTF-8", Effect: codec.Read | codec.Write},
	{Name: "charset", Doc: "without effect", Kind: option.Text("any text"), Effect: codec.NoEffect},
	{Name: "compression", Doc: "compression of written files", Kind: codec.Compression, Default: "none", Effect: codec.Write},
	{Name: "codec", Doc: "no effect: use compression", Kind: option.Text("any text"), Effect: codec.NoEffect},
}

// Options holds the checked options of a reader or writer.
type Options struct {
	lineSep   []byte // nil: \n, \r and \r\n when reading, \n when writing
	wholeText bool
}

// ParseOptions checks options. It ignores names that are not in Table.
func ParseOptions(options map[string]string) (*Options, error) {
	v := codec.NewValues(options)
	if err := codec.Check(Table, v); err != nil {
		return nil, err
	}
	o := &Options{}
	if sep, ok := v.Lookup("lineSep"); ok {
		cs, known := codec.LookupCharset(v.Text("encoding", "UTF-8"))
		if !known {
			e := sparkerr.Plain("the character set %s of lineSep is not one of %s", v.Text("encoding", ""), strings.Join(codec.Charsets, ", "))
			return nil, sparkerr.OfOption(e, "encoding")
		}
		o.lineSep = cs.LineSep(sep)
	}
	var err error
	o.wholeText, err = v.Bool("wholetext", false)
	return o, err
}

// WholeText reports whether a file is a single row, so that it cannot be split.
func (o *Options) WholeText() bool { return o.wholeText }

// LineSep returns the line separator of files; nil means \n, \r and \r\n.
func (o *Options) LineSep() []byte { return o.lineSep }

// CheckSchema rejects everything but a single STRING column.
func CheckSchema(s *types.Schema) error {
	for _, f := range s.Fields {
		if !f.Type.IsText() {
			return codec.UnsupportedType("Text", f)
		}
	}
	if n := len(s.Fields); n != 1 {
		return sparkerr.New("_LEGACY_ERROR_TEMP_1290", "size", strconv.Itoa(n))
	}
	return nil
}

type reader struct {
	o        *Options
	in       codec.Input
	scan     *codec.Scan
	chunks   *codec.Chunks
	pos, end int
	from     int
	offset   int64
	crs      bool
	done     bool
	col      vector.Vector
	starts   []uint32
	batch    vector.Batch
	origin   vector.Origin
	kept     vector.Selection
	spare    vector.Selection
}

// NewReader returns a reader of the lines in in. As in Spark, invalid UTF-8 is kept unchanged.
func NewReader(in codec.Input, o *Options, scan *codec.Scan) (vector.Reader, error) {
	if err := CheckSchema(scan.Schema); err != nil {
		return nil, err
	}
	r := &reader{o: o, scan: scan, starts: make([]uint32, vector.BatchRows)}
	if o.wholeText {
		r.chunks = codec.NewWhole(in, scan.LineLimit())
	} else {
		r.chunks = codec.NewChunks(in, o.lineSep, scan.LineLimit())
	}
	r.col.Type = types.String
	r.begin(in)
	return r, nil
}

func (r *reader) begin(in codec.Input) {
	r.in, r.pos, r.end, r.done = in, 0, 0, false
	r.origin = vector.Origin{File: in.File, Block: in.Block()}
}

// Restart continues with another input.
func (r *reader) Restart(in codec.Input) {
	_ = r.Close()
	r.chunks.Restart(in)
	r.begin(in)
}

// Next returns the next non-empty batch.
func (r *reader) Next(ctx context.Context) (*vector.Batch, error) {
	for !r.done {
		if r.pos == r.end {
			if err := r.nextChunk(ctx); err != nil {
				r.done = true
				return nil, err
			}
		}
		n := r.index()
		r.origin.Base, r.origin.Starts = r.offset, r.starts[:n]
		r.batch = vector.Batch{N: n, Origin: &r.origin}
		if len(r.scan.Fields) > 0 {
			r.batch.Cols = []*vector.Vector{&r.col}
		}
		if err := r.filter(); err != nil {
			return nil, err
		}
		if r.batch.Rows() > 0 {
			return &r.batch, nil
		}
	}
	return nil, io.EOF
}

// Close releases the input.
func (r *reader) Close() error {
	r.done = true
	return r.chunks.Close()
}

func (r *reader) nextChunk(ctx context.Context) error {
	from, to, offset, err := r.chunks.Next(ctx)
	if err != nil {
		if errors.Is(err, io.EOF) || ctx.Err() != nil {
			return err
		}
		return codec.ReadFailed(r.in.File, err)
	}
	r.from, r.pos, r.end, r.offset = from, from, to, offset
	buf := r.chunks.Buf()
	if offset == 0 && !r.in.Continues && !r.o.wholeText {
		r.pos += codec.SkipBOM(buf[from:to])
	}
	r.crs = r.o.lineSep == nil && bytes.IndexByte(buf[from:to], '\r') >= 0
	r.col.Data = buf
	return nil
}

// index returns the number of lines it has made views of.
func (r *reader) index() (n int) {
	buf := r.chunks.Buf()
	r.col.Reset(types.String, vector.BatchRows)
	r.col.Data = buf
	for r.pos < r.end && n < vector.BatchRows {
		from, to := r.pos, r.end
		if r.o.wholeText {
			r.pos = r.end
		} else {
			to, r.pos = r.lineEnd(buf[:r.end], from)
			if limit := r.scan.LineLimit(); to-from > limit {
				r.longLine(from, from+limit)
				continue
			}
		}
		r.col.Views[n] = vector.View{Off: uint32(from), Len: uint32(to - from)}
		r.starts[n] = uint32(from - r.from)
		n++
	}
	return n
}

// longLine drops a line that is too long, the only way in which a line of text can be malformed.
func (r *reader) longLine(from, to int) {
	if r.scan.OnMalformed != nil {
		r.scan.OnMalformed(&codec.Malformed{File: r.in.File, Offset: r.offset + int64(from-r.from), Record: r.col.Data[from:to],
			Reason: codec.TooLong, Dropped: true})
	}
}

// lineEnd returns the end of the line that begins at from, and the start of the next line.
func (r *reader) lineEnd(buf []byte, from int) (to, next int) {
	line := buf[from:]
	if sep := r.o.lineSep; sep != nil {
		if i := bytes.Index(line, sep); i >= 0 {
			return from + i, from + i + len(sep)
		}
		return len(buf), len(buf)
	}
	to, next = len(buf), len(buf)
	if i := bytes.IndexByte(line, '\n'); i >= 0 {
		to, next = from+i, from+i+1
	}
	if r.crs {
		if i := bytes.IndexByte(buf[from:to], '\r'); i >= 0 {
			if from+i+1 < to {
				next = from + i + 1
			}
			to = from + i
		}
	}
	return to, next
}

// filter applies pushed conditions. Spark does not push filters into text, but that does not change the rows.
func (r *reader) filter() error {
	for _, p := range r.scan.Filters {
		out, err := p.Select(&r.batch, r.batch.Sel, r.spare[:0])
		if err != nil {
			return err
		}
		if out == nil {
			out = vector.Selection{}
		}
		r.spare, r.kept = r.kept, out
		r.batch.Sel = out
	}
	return nil
}
