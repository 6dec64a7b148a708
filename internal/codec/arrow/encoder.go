// Package arrow writes rows as an Arrow IPC stream, with the types of Spark's toArrow. It implements only the small part of
// the format that a stream of plain record batches needs: a complete library would double the size of the program.
package arrow

import (
	"encoding/binary"
	"math"

	"github.com/streamctl/streamctl/internal/codec"
	"github.com/streamctl/streamctl/internal/datetime"
	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/valuetext"
	"github.com/streamctl/streamctl/internal/variant"
	"github.com/streamctl/streamctl/internal/vector"
)

// An Encoder writes a stream: first the schema, then a record batch for each batch. The stream ends with the last byte.
type Encoder struct {
	codec.Guard
	fields []types.Field
	zone   string
	clock  *datetime.Zone // time zone of timestamps in variants

	meta    flatbuffer
	body    []byte
	nodes   [][2]int64 // length and NULL count of each vector
	buffers [][2]int64 // offset and length in the body
	all     []int32    // 0, 1, 2, …
}

// NewEncoder returns an encoder for rows of the given columns; zone is the time zone of TIMESTAMP.
func NewEncoder(fields []types.Field, zone *datetime.Zone) *Encoder {
	return &Encoder{fields: fields, zone: zone.String(), clock: zone}
}

// Header appends the schema.
func (e *Encoder) Header(dst []byte) []byte {
	e.meta.reset()
	e.body = e.body[:0]
	return e.message(dst, headerSchema, e.meta.schema(e.fields, e.zone))
}

// AppendBatch appends the selected rows as a record batch.
func (e *Encoder) AppendBatch(dst []byte, b *vector.Batch) ([]byte, error) {
	rows := []int32(b.Sel)
	if b.Sel == nil {
		for len(e.all) < b.N {
			e.all = append(e.all, int32(len(e.all)))
		}
		rows = e.all[:b.N]
	}
	if len(rows) == 0 {
		return dst, nil
	}
	return e.append(dst, b, rows)
}

// AppendRow appends one row.
func (e *Encoder) AppendRow(dst []byte, b *vector.Batch, row int) ([]byte, error) {
	return e.append(dst, b, []int32{int32(row)})
}

func (e *Encoder) append(dst []byte, b *vector.Batch, rows []int32) ([]byte, error) {
	e.body, e.nodes, e.buffers = e.body[:0], e.nodes[:0], e.buffers[:0]
	for _, v := range b.Cols {
		e.vector(v, rows)
	}
	if len(e.body) > math.MaxInt32 {
		return dst, sparkerr.Plain("a record batch of %d bytes is too large for an Arrow stream", len(e.body))
	}
	f := &e.meta
	f.reset()
	buffers := f.pairs(e.buffers)
	nodes := f.pairs(e.nodes)
	f.begin(3)
	f.setRef(2, buffers)
	f.setRef(1, nodes)
	f.set64(0, uint64(len(rows)))
	return e.message(dst, headerRecordBatch, f.end()), nil
}

// message appends a message, with the header at position table, and the body.
func (e *Encoder) message(dst []byte, kind uint8, table int) []byte {
	f := &e.meta
	f.begin(4)
	f.set64(3, uint64(len(e.body)))
	f.setRef(2, table)
	f.set16(0, version5)
	f.set8(1, kind)
	meta := f.finish(f.end())
	padded := (len(meta) + 7) &^ 7
	dst = binary.LittleEndian.AppendUint32(dst, 0xFFFFFFFF)
	dst = binary.LittleEndian.AppendUint32(dst, uint32(padded))
	dst = append(dst, meta...)
	dst = append(dst, make([]byte, padded-len(meta))...)
	return append(dst, e.body...)
}

// close ends a buffer that began at from and pads it.
func (e *Encoder) close(from int) {
	e.buffers = append(e.buffers, [2]int64{int64(from), int64(len(e.body) - from)})
	if pad := -len(e.body) & 7; pad > 0 {
		e.body = append(e.body, make([]byte, pad)...)
	}
}

// vector appends rows of v and of its children.
func (e *Encoder) vector(v *vector.Vector, rows []int32) {
	if v.Type.Kind == types.KindVoid {
		e.nodes = append(e.nodes, [2]int64{int64(len(rows)), int64(len(rows))})
		return
	}
	e.validity(v, rows)
	from := len(e.body)
	switch v.Type.Kind {
	case types.KindStruct:
		e.children(v, rows)
		return
	case types.KindArray, types.KindMap:
		e.lists(v, rows)
		return
	case types.KindString, types.KindChar, types.KindVarchar, types.KindBinary:
		e.texts(v, rows)
		return
	case types.KindVariant:
		e.texts(e.asJSON(v, rows))
		return
	case types.KindBoolean:
		e.booleans(v, rows)
	default:
		e.fixed(v, rows)
	}
	e.close(from)
}

// validity appends the node and the bitmap, which is empty if nothing is NULL.
func (e *Encoder) validity(v *vector.Vector, rows []int32) {
	from, nulls := len(e.body), 0
	if v.Valid != nil {
		e.body = append(e.body, make([]byte, (len(rows)+7)/8)...)
		bits := e.body[from:]
		for i, row := range rows {
			if v.IsNull(int(row)) {
				nulls++
			} else {
				bits[i>>3] |= 1 << (i & 7)
			}
		}
		if nulls == 0 {
			e.body = e.body[:from]
		}
	}
	e.nodes = append(e.nodes, [2]int64{int64(len(rows)), int64(nulls)})
	e.close(from)
}

func (e *Encoder) booleans(v *vector.Vector, rows []int32) {
	from := len(e.body)
	e.body = append(e.body, make([]byte, (len(rows)+7)/8)...)
	bits := e.body[from:]
	for i, row := range rows {
		if at := v.At(int(row)); v.Bool[at] && !v.IsNull(int(row)) {
			bits[i>>3] |= 1 << (i & 7)
		}
	}
}

// fixed appends fixed-width values.
func (e *Encoder) fixed(v *vector.Vector, rows []int32) {
	b := e.body
	for _, row := range rows {
		i := v.At(int(row))
		switch v.Type.Kind {
		case types.KindByte:
			b = append(b, byte(v.I8[i]))
		case types.KindShort:
			b = binary.LittleEndian.AppendUint16(b, uint16(v.I16[i]))
		case types.KindInt, types.KindDate, types.KindYearMonth:
			b = binary.LittleEndian.AppendUint32(b, uint32(v.I32[i]))
		case types.KindFloat:
			b = binary.LittleEndian.AppendUint32(b, math.Float32bits(v.F32[i]))
		case types.KindDouble:
			b = binary.LittleEndian.AppendUint64(b, math.Float64bits(v.F64[i]))
		case types.KindDecimal:
			b = binary.LittleEndian.AppendUint64(b, v.Dec[i].Lo)
			b = binary.LittleEndian.AppendUint64(b, uint64(v.Dec[i].Hi))
		case types.KindInterval:
			b = binary.LittleEndian.AppendUint32(b, uint32(v.Cal[i].Months))
			b = binary.LittleEndian.AppendUint32(b, uint32(v.Cal[i].Days))
			b = binary.LittleEndian.AppendUint64(b, uint64(v.Cal[i].Micros*1000))
		default:
			b = binary.LittleEndian.AppendUint64(b, uint64(v.I64[i]))
		}
	}
	e.body = b
}

// texts appends offsets and bytes.
func (e *Encoder) texts(v *vector.Vector, rows []int32) {
	from, end := len(e.body), uint32(0)
	e.body = binary.LittleEndian.AppendUint32(e.body, 0)
	for _, row := range rows {
		if !v.IsNull(int(row)) {
			end += v.Views[v.At(int(row))].Len
		}
		e.body = binary.LittleEndian.AppendUint32(e.body, end)
	}
	e.close(from)
	from = len(e.body)
	for _, row := range rows {
		if !v.IsNull(int(row)) {
			e.body = append(e.body, v.Bytes(int(row))...)
		}
	}
	e.close(from)
}

// asJSON returns the variants of the rows as JSON strings.
func (e *Encoder) asJSON(v *vector.Vector, rows []int32) (texts *vector.Vector, all []int32) {
	texts, all = vector.New(types.String, len(rows)), make([]int32, len(rows))
	for k, row := range rows {
		all[k] = int32(k)
		if v.IsNull(int(row)) {
			texts.SetNull(k)
			continue
		}
		from := len(texts.Data)
		texts.Data = valuetext.AppendVariant(texts.Data, variant.Of(v.Bytes(int(row))), e.clock)
		texts.CloseBytes(k, from)
	}
	return texts, all
}

// children appends the fields of a struct, which have the same positions as the struct.
func (e *Encoder) children(v *vector.Vector, rows []int32) {
	if v.IsConst() {
		rows = make([]int32, len(rows)) // repeat the one value
	}
	for _, c := range v.Children {
		e.vector(c, rows)
	}
}

// lists appends offsets and elements; the elements of a map are structs of key and value.
func (e *Encoder) lists(v *vector.Vector, rows []int32) {
	from := len(e.body)
	e.body = binary.LittleEndian.AppendUint32(e.body, 0)
	var elements []int32
	for _, row := range rows {
		if !v.IsNull(int(row)) {
			w := v.Views[v.At(int(row))]
			for i := range w.Len {
				elements = append(elements, int32(w.Off+i))
			}
		}
		e.body = binary.LittleEndian.AppendUint32(e.body, uint32(len(elements)))
	}
	e.close(from)
	if v.Type.Kind == types.KindMap {
		e.nodes = append(e.nodes, [2]int64{int64(len(elements)), 0})
		e.close(len(e.body))
	}
	for _, c := range v.Children {
		e.vector(c, elements)
	}
}
