package parquet

import (
	"bytes"
	"encoding/binary"

	"github.com/parquet-go/parquet-go/encoding/thrift"
	"github.com/parquet-go/parquet-go/format"

	"github.com/streamctl/streamctl/internal/types"
)

// A Joiner assembles a file from the row groups that encoders append.
type Joiner struct {
	meta   format.FileMetaData
	offset int64  // of the next byte in the file
	left   int64  // bytes of pages still to come
	held   []byte // incomplete head or description
	want   int    // length of the description after the pages; 0 between frames
}

// NewJoiner returns the joiner for one file.
func NewJoiner(fields []types.Field, o *WriteOptions) (*Joiner, error) {
	out := asNullable(fields)
	s, err := newShape(out, o.times)
	if err != nil {
		return nil, err
	}
	schema := types.Schema{Fields: out}
	j := &Joiner{meta: format.FileMetaData{Version: 1, Schema: s.elements, CreatedBy: "streamctl version 1.0.0 (build streamctl)",
		KeyValueMetadata: []format.KeyValue{{Key: "org.apache.spark.version", Value: "4.3.0"}, {Key: rowMetadata, Value: schema.JSON()}}}}
	for range s.columns {
		j.meta.ColumnOrders = append(j.meta.ColumnOrders, format.ColumnOrder{Value: &format.TypeDefinedOrder{}})
	}
	return j, nil
}

// begin writes the beginning of a file.
func (j *Joiner) begin(write func([]byte) error) error {
	if j.offset > 0 {
		return nil
	}
	j.offset = int64(len(magic))
	return write([]byte(magic))
}

// Join consumes the next bytes of the encoders' output.
func (j *Joiner) Join(piece []byte, write func([]byte) error) error {
	if err := j.begin(write); err != nil {
		return err
	}
	for len(piece) > 0 {
		switch {
		case j.left > 0:
			n := int(min(j.left, int64(len(piece))))
			if err := write(piece[:n]); err != nil {
				return err
			}
			piece, j.left, j.offset = piece[n:], j.left-int64(n), j.offset+int64(n)
		case j.want > 0:
			n := min(j.want-len(j.held), len(piece))
			j.held, piece = append(j.held, piece[:n]...), piece[n:]
			if len(j.held) == j.want {
				if err := j.describe(); err != nil {
					return err
				}
			}
		default:
			n := min(frameHead-len(j.held), len(piece))
			j.held, piece = append(j.held, piece[:n]...), piece[n:]
			if len(j.held) == frameHead {
				j.want = int(binary.LittleEndian.Uint32(j.held))
				j.left = int64(binary.LittleEndian.Uint64(j.held[4:]))
				j.held = j.held[:0]
			}
		}
	}
	return nil
}

// describe decodes the description of the row group whose pages were written last.
func (j *Joiner) describe() error {
	var g format.RowGroup
	if err := thrift.Unmarshal(new(thrift.CompactProtocol), j.held, &g); err != nil {
		return err
	}
	j.held, j.want = j.held[:0], 0
	size := int64(0)
	for i := range g.Columns {
		size += g.Columns[i].MetaData.TotalCompressedSize
	}
	base := j.offset - size
	for i := range g.Columns {
		m := &g.Columns[i].MetaData
		if len(m.Encoding) > 2 { // it has a dictionary, whose offset may be 0
			m.DictionaryPageOffset += base
		}
		m.DataPageOffset += base
	}
	g.FileOffset, g.Ordinal = base, int16(len(j.meta.RowGroups))
	j.meta.NumRows += g.NumRows
	j.meta.RowGroups = append(j.meta.RowGroups, g)
	return nil
}

// End writes the footer.
func (j *Joiner) End(write func([]byte) error) error {
	if err := j.begin(write); err != nil {
		return err
	}
	var b bytes.Buffer
	if err := thrift.NewEncoder(new(thrift.CompactProtocol).NewWriter(&b)).Encode(&j.meta); err != nil {
		return err
	}
	tail := binary.LittleEndian.AppendUint32(b.Bytes(), uint32(b.Len()))
	return write(append(tail, magic...))
}
