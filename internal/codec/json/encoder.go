package json

import (
	"encoding/base64"
	"math"
	"strconv"

	"github.com/streamctl/streamctl/internal/codec"
	"github.com/streamctl/streamctl/internal/datetime"
	"github.com/streamctl/streamctl/internal/halt"
	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/valuetext"
	"github.com/streamctl/streamctl/internal/vector"
)

// WriteOptions configures how values are written.
type WriteOptions struct {
	values      codec.Values
	charset     *codec.Charset
	lineSep     string
	ignoreNulls bool
	pretty      bool
	asciiOnly   bool
	sorted      bool // sort members by name
}

// ParseWriteOptions checks the options of a writer. It ignores names that are not in Table.
func ParseWriteOptions(options map[string]string) (*WriteOptions, error) {
	v := codec.NewValues(options)
	if err := codec.Check(Table, v); err != nil {
		return nil, err
	}
	o := &WriteOptions{values: v, lineSep: v.Text("lineSep", "\n")}
	for _, f := range []struct {
		name string
		def  bool
		to   *bool
	}{
		{"ignoreNullFields", true, &o.ignoreNulls},
		{"pretty", false, &o.pretty},
		{"writeNonAsciiCharacterAsCodePoint", false, &o.asciiOnly},
		{"sortKeys", false, &o.sorted},
	} {
		var err error
		if *f.to, err = v.Bool(f.name, f.def); err != nil {
			return nil, err
		}
	}
	if name, given := v.Lookup("encoding", "charset"); given {
		o.charset, _ = codec.LookupCharset(name)
	}
	return o, nil
}

type encoder struct {
	*WriteOptions
	codec.Guard
	fields  []types.Field
	names   [][]byte // "name":
	times   *codec.TimeWriter
	zone    *datetime.Zone
	scratch []byte
	order   []int                 // of the columns; nil: in the order of the columns
	orders  map[*types.Type][]int // of the fields of structs
}

// NewEncoder returns an encoder for columns.
func NewEncoder(fields []types.Field, o *WriteOptions, zone *datetime.Zone) (codec.Encoder, error) {
	times, err := codec.NewTimeWriter(o.values, zone)
	if err != nil {
		return nil, err
	}
	e := &encoder{WriteOptions: o, fields: fields, times: times, zone: zone}
	for _, f := range fields {
		e.names = append(e.names, append(e.appendString(nil, []byte(f.Name)), e.colon()...))
	}
	if o.sorted {
		e.order = sortedFields(fields)
	}
	return e, nil
}

func (e *encoder) colon() string {
	if e.pretty {
		return " : "
	}
	return ":"
}

// Header appends nothing except a byte order mark, for character sets that have one.
func (e *encoder) Header(dst []byte) []byte { return e.charset.AppendEncoded(dst, "") }

// AppendBatch appends the selected rows.
func (e *encoder) AppendBatch(dst []byte, b *vector.Batch) ([]byte, error) {
	from := len(dst)
	if b.Sel == nil {
		for row := range b.N {
			dst = e.appendRow(dst, b.Cols, row)
		}
	}
	for _, row := range b.Sel {
		dst = e.appendRow(dst, b.Cols, int(row))
	}
	return e.encoded(dst, from), nil
}

// AppendRow appends one row.
func (e *encoder) AppendRow(dst []byte, b *vector.Batch, row int) ([]byte, error) {
	from := len(dst)
	return e.encoded(e.appendRow(dst, b.Cols, row), from), nil
}

// encoded converts the text appended since from to the character set.
func (e *encoder) encoded(dst []byte, from int) []byte {
	if e.charset == nil {
		return e.Repair(dst, from)
	}
	return e.Encode(dst, from, e.charset)
}

func (e *encoder) appendRow(dst []byte, cols []*vector.Vector, row int) []byte {
	dst = append(dst, '{')
	first := true
	for n := range cols {
		c := at(e.order, n)
		v := cols[c]
		i := v.At(row)
		null := v.Valid != nil && !v.Valid.Get(i)
		if v.Type.Kind == types.KindVoid || null && e.ignoreNulls {
			continue
		}
		dst = e.separate(dst, first, 1)
		first = false
		dst = append(dst, e.names[c]...)
		if null {
			dst = append(dst, "null"...)
		} else {
			dst = e.appendValue(dst, v, i, 1)
		}
	}
	return append(e.close(dst, '}', first, 0), e.lineSep...)
}

// separate starts a member of an object at some depth.
func (e *encoder) separate(dst []byte, first bool, depth int) []byte {
	if !first {
		dst = append(dst, ',')
	}
	if e.pretty {
		dst = e.newLine(dst, depth)
	}
	return dst
}

func (e *encoder) newLine(dst []byte, depth int) []byte {
	dst = append(dst, '\n')
	for range depth {
		dst = append(dst, "  "...)
	}
	return dst
}

// close ends an object or array.
func (e *encoder) close(dst []byte, closing byte, empty bool, depth int) []byte {
	switch {
	case e.pretty && (empty || closing == ']'):
		dst = append(dst, ' ')
	case e.pretty:
		dst = e.newLine(dst, depth)
	}
	return append(dst, closing)
}

// appendValue appends the value at position i, which must not be NULL.
func (e *encoder) appendValue(dst []byte, v *vector.Vector, i, depth int) []byte {
	switch v.Type.Kind {
	case types.KindString, types.KindChar, types.KindVarchar:
		w := v.Views[i]
		return e.appendString(dst, v.Data[w.Off:w.Off+w.Len])
	case types.KindInt:
		return strconv.AppendInt(dst, int64(v.I32[i]), 10)
	case types.KindLong:
		return strconv.AppendInt(dst, v.I64[i], 10)
	case types.KindFloat:
		return valuetext.AppendJSONNumber(dst, float64(v.F32[i]), valuetext.AppendFloat(nil, v.F32[i]))
	case types.KindDouble:
		if x := v.F64[i]; !math.IsNaN(x) && !math.IsInf(x, 0) {
			return valuetext.AppendDouble(dst, x)
		}
		return valuetext.AppendJSONNumber(dst, v.F64[i], valuetext.AppendDouble(nil, v.F64[i]))
	case types.KindDecimal:
		return codec.AppendDecimal(dst, v.Dec[i], v.Type.Scale)
	case types.KindBinary:
		return append(e.appendBase64(append(dst, '"'), v.Bytes(i)), '"')
	case types.KindStruct:
		return e.appendStruct(dst, v, i, depth)
	case types.KindArray:
		return e.appendArray(dst, v, i, depth)
	case types.KindMap:
		return e.appendMap(dst, v, i, depth)
	}
	if codec.IsTime(v.Type) {
		e.scratch = e.times.Append(e.scratch[:0], v, i)
		return e.appendString(dst, e.scratch)
	}
	return valuetext.AppendValue(dst, v, i, valuetext.Options{Zone: e.zone})
}

func (e *encoder) appendStruct(dst []byte, v *vector.Vector, i, depth int) []byte {
	dst = append(dst, '{')
	first := true
	order := e.orderOf(v.Type)
	for n := range v.Children {
		c := at(order, n)
		child := v.Children[c]
		null := child.IsNull(i)
		if child.Type.Kind == types.KindVoid || null && e.ignoreNulls {
			continue
		}
		dst = e.separate(dst, first, depth+1)
		first = false
		dst = append(e.appendString(dst, []byte(v.Type.Fields[c].Name)), e.colon()...)
		dst = e.appendMember(dst, child, i, depth+1)
	}
	return e.close(dst, '}', first, depth)
}

// appendMember appends a value that may be NULL.
func (e *encoder) appendMember(dst []byte, v *vector.Vector, i, depth int) []byte {
	if v.IsNull(i) || v.Type.Kind == types.KindVoid {
		return append(dst, "null"...)
	}
	return e.appendValue(dst, v, v.At(i), depth)
}

func (e *encoder) appendArray(dst []byte, v *vector.Vector, i, depth int) []byte {
	dst = append(dst, '[')
	w := v.Views[i]
	for k := range int(w.Len) {
		if k > 0 {
			dst = append(dst, ',')
		}
		if e.pretty {
			dst = append(dst, ' ')
		}
		if k%codec.RoomEvery == codec.RoomEvery-1 {
			dst = e.Room(dst, halt.Chunk)
		}
		dst = e.appendMember(dst, v.Children[0], int(w.Off)+k, depth)
	}
	return e.close(dst, ']', w.Len == 0, depth)
}

func (e *encoder) appendMap(dst []byte, v *vector.Vector, i, depth int) []byte {
	dst = append(dst, '{')
	keys, values := v.Children[0], v.Children[1]
	w := v.Views[i]
	var order []int
	if e.sorted {
		order = e.sortedKeys(keys, w)
	}
	for k := range int(w.Len) {
		entry := int(w.Off) + at(order, k)
		if k%codec.RoomEvery == codec.RoomEvery-1 {
			dst = e.Room(dst, halt.Chunk)
		}
		dst = e.separate(dst, k == 0, depth+1)
		e.scratch = e.appendKey(e.scratch[:0], keys, entry)
		dst = append(e.appendString(dst, e.scratch), e.colon()...)
		dst = e.appendMember(dst, values, entry, depth+1)
	}
	return e.close(dst, '}', w.Len == 0, depth)
}

func (e *encoder) appendString(dst, s []byte) []byte {
	if len(s) <= halt.Chunk {
		return valuetext.AppendJSONText(dst, s, e.asciiOnly)
	}
	dst = e.Rewrite(append(dst, '"'), s, len(`\u0000`), func(dst, piece []byte) []byte {
		return valuetext.AppendJSONEscaped(dst, piece, e.asciiOnly)
	})
	return append(dst, '"')
}

// appendBase64 appends the text of a binary value.
func (e *encoder) appendBase64(dst, b []byte) []byte {
	for piece := range e.Chunks(b, 3) {
		dst = base64.StdEncoding.AppendEncode(dst, piece)
	}
	return dst
}
