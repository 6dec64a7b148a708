package parquet

import (
	"bytes"
	"encoding/binary"
	"slices"
	"strings"
	"sync"

	"github.com/parquet-go/parquet-go/encoding/thrift"
	"github.com/parquet-go/parquet-go/format"

	"github.com/streamctl/streamctl/internal/codec"
	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/vector"
)

const (
	groupBytes = 16 << 20 // size of the values in memory at which a row group is written
	groupRows  = 1 << 20
)

// WriteOptions holds the checked options of a writer.
type WriteOptions struct {
	compression *compression
	times       timestampForm
	spare       sync.Pool // of workspaces: each piece of the input gets a new encoder
}

// ParseWriteOptions checks the options of a writer; conf are Spark's settings.
func ParseWriteOptions(options, conf map[string]string) (*WriteOptions, error) {
	v := codec.NewValues(options)
	if err := codec.Check(Table, v); err != nil {
		return nil, err
	}
	o := &WriteOptions{}
	name, ok := v.Lookup("compression", "parquet.compression")
	if !ok {
		name = conf["spark.sql.parquet.compression.codec"]
	}
	if name == "" {
		name = "snappy"
	}
	var err error
	if o.compression, err = findCompression(name); err != nil {
		return nil, err
	}
	switch form := strings.ToUpper(conf["spark.sql.parquet.outputTimestampType"]); form {
	case "", "TIMESTAMP_MICROS":
		o.times = timestampMicros
	case "TIMESTAMP_MILLIS":
		o.times = timestampMillis
	case "INT96":
		o.times = timestampInt96
	default:
		return nil, sparkerr.Plain("spark.sql.parquet.outputTimestampType is INT96, TIMESTAMP_MICROS or TIMESTAMP_MILLIS, not %s", form)
	}
	return o, nil
}

// findCompression looks up a codec, ignoring case.
func findCompression(name string) (*compression, error) {
	i := slices.IndexFunc(compressions, func(c compression) bool { return strings.EqualFold(c.name, name) })
	if i < 0 {
		return nil, unknownCompression(name)
	}
	return &compressions[i], nil
}

// codecNames lists the names of the compressions.
func codecNames() []string {
	names := make([]string, len(compressions))
	for i := range compressions {
		names[i] = compressions[i].name
	}
	return names
}

func unknownCompression(name string) error {
	if strings.EqualFold(name, "brotli") || strings.EqualFold(name, "lzo") {
		return sparkerr.Plain("the compression %s is not in the embedded engine", name).WithHint("zstd produces the smallest files here")
	}
	return sparkerr.New("CODEC_NOT_AVAILABLE.WITH_AVAILABLE_CODECS_SUGGESTION", "codecName", name,
		"availableCodecs", "brotli, uncompressed, lzo, snappy, lz4_raw, none, zstd, lz4, gzip")
}

// Extension returns the extension of file names: .snappy.parquet.
func (o *WriteOptions) Extension() string { return o.compression.extension + ".parquet" }

// An Encoder encodes row groups. Its output is not a file: a Joiner assembles a file from the row groups of several encoders.
// Each row group is framed: the length of the description, the length of the pages, the pages, the description.
type Encoder struct {
	codec.Guard
	o       *WriteOptions
	columns []stored
	*workspace
	rows int
}

// A workspace is the memory of an encoder that holds rows.
type workspace struct {
	bufs  []*buffer
	pages pageWriter
	meta  bytes.Buffer
}

// frameHead is the length of a frame's head.
const frameHead = 12

// NewEncoder returns an encoder for rows of the given columns.
func NewEncoder(fields []types.Field, o *WriteOptions) (*Encoder, error) {
	s, err := newShape(asNullable(fields), o.times)
	if err != nil {
		return nil, err
	}
	return &Encoder{o: o, columns: s.columns}, nil
}

// begin acquires a workspace.
func (e *Encoder) begin() {
	if e.workspace != nil {
		return
	}
	if w, ok := e.o.spare.Get().(*workspace); ok && w.fits(e.columns) {
		e.workspace = w
	} else {
		e.makeWorkspace()
	}
	e.pages.steps = &e.Steps
	for _, b := range e.bufs {
		b.steps = &e.Steps
	}
}

func (e *Encoder) makeWorkspace() {
	e.workspace = &workspace{}
	e.pages.compress.codec = e.o.compression.codec
	for _, c := range e.columns {
		b := &buffer{stored: c}
		b.reset()
		e.bufs = append(e.bufs, b)
	}
}

func (w *workspace) fits(columns []stored) bool {
	return slices.EqualFunc(w.bufs, columns, func(b *buffer, c stored) bool {
		return b.typ.Equal(c.typ) && b.physical == c.physical && b.maxDef == c.maxDef && b.maxRep == c.maxRep && slices.Equal(b.path, c.path)
	})
}

// Header appends nothing: the Joiner writes the beginning of the file.
func (e *Encoder) Header(dst []byte) []byte { return dst }

// AppendBatch adds rows and appends row groups that are full.
func (e *Encoder) AppendBatch(dst []byte, b *vector.Batch) ([]byte, error) {
	if b.Rows() == 0 {
		return dst, nil
	}
	e.begin()
	bufs := e.bufs
	for _, v := range b.Cols {
		if c := bufs[0]; c.maxRep == 0 && len(c.path) == 1 {
			c.addRows(v, b.N, b.Sel)
			bufs = bufs[1:]
			continue
		}
		rest := bufs
		for i := range b.Rows() {
			row := i
			if b.Sel != nil {
				row = int(b.Sel[i])
			}
			rest = shred(bufs, v, row, true, 0, 0, 0)
		}
		bufs = rest
	}
	e.rows += b.Rows()
	return e.flushFull(dst)
}

// AppendRow adds one row.
func (e *Encoder) AppendRow(dst []byte, b *vector.Batch, row int) ([]byte, error) {
	e.begin()
	bufs := e.bufs
	for _, v := range b.Cols {
		bufs = shred(bufs, v, row, true, 0, 0, 0)
	}
	e.rows++
	return e.flushFull(dst)
}

// Held returns the approximate memory of rows that have not been appended yet.
func (e *Encoder) Held() int {
	size := 0
	if e.workspace == nil {
		return 0
	}
	for _, b := range e.bufs {
		size += b.bytes()
	}
	return size
}

func (e *Encoder) flushFull(dst []byte) ([]byte, error) {
	if e.Held() < groupBytes && e.rows < groupRows {
		return dst, nil
	}
	return e.flush(dst)
}

// AppendEnd appends the remaining rows as a row group.
func (e *Encoder) AppendEnd(dst []byte) (_ []byte, err error) {
	if e.rows > 0 {
		dst, err = e.flush(dst)
	}
	if e.workspace != nil && err == nil {
		e.o.spare.Put(e.workspace)
		e.workspace = nil
	}
	return dst, err
}

// flush appends all rows as a row group.
func (e *Encoder) flush(dst []byte) ([]byte, error) {
	g := format.RowGroup{NumRows: int64(e.rows), Columns: make([]format.ColumnChunk, len(e.bufs))}
	e.pages.out = e.pages.out[:0]
	for i, b := range e.bufs {
		c := &g.Columns[i]
		if err := e.pages.column(b, &c.MetaData); err != nil {
			return dst, err
		}
		g.TotalByteSize += c.MetaData.TotalUncompressedSize
		g.TotalCompressedSize += c.MetaData.TotalCompressedSize
		b.reset()
	}
	e.rows = 0
	e.meta.Reset()
	if err := thrift.NewEncoder(new(thrift.CompactProtocol).NewWriter(&e.meta)).Encode(&g); err != nil {
		return dst, err
	}
	dst = binary.LittleEndian.AppendUint32(dst, uint32(e.meta.Len()))
	dst = binary.LittleEndian.AppendUint64(dst, uint64(len(e.pages.out)))
	return append(append(dst, e.pages.out...), e.meta.Bytes()...), nil
}
