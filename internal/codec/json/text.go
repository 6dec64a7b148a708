package json

import (
	"bytes"
	"errors"

	"github.com/streamctl/streamctl/internal/codec"
	"github.com/streamctl/streamctl/internal/datetime"
	"github.com/streamctl/streamctl/internal/halt"
	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/vector"
)

// A TextReader reads strings that each hold a struct, array or map, for the function from_json. Unlike a file reader, it does
// not accept an array for several structs, but it accepts an object for an array of one struct.
type TextReader struct {
	parser
	mode    codec.Mode
	root    *types.Type
	corrupt int // index of the field for the text of malformed records, or -1
	whole   int // index of the VARIANT that is the whole record (singleVariantColumn), or -1
	out     *vector.Vector
}

// NewTextReader returns a reader of values of type t.
func NewTextReader(t *types.Type, o *Options, scan *codec.Scan) (*TextReader, error) {
	formats, err := codec.NewFormats(o.values, scan)
	if err != nil {
		return nil, err
	}
	r := &TextReader{mode: o.mode, root: t, corrupt: -1, whole: -1}
	r.parser = parser{scanner: scanner{syntax: o.syntax}, formats: formats, decimals: codec.NewDecimalParser(formats.Locale),
		explain: o.mode == codec.FailFast}
	for i, f := range t.Fields {
		switch {
		case f.Name == o.corruptColumn:
			r.corrupt = i
		case o.single && r.whole < 0:
			r.whole = i
		}
	}
	if o.single && t.Kind == types.KindStruct && (r.whole < 0 || t.Fields[r.whole].Type.Kind != types.KindVariant) {
		return nil, codec.InvalidSingleVariant(t.Fields)
	}
	return r, nil
}

// Mode returns the mode set by the options.
func (o *Options) Mode() codec.Mode { return o.mode }

// Begin starts reading into a vector of the reader's type.
func (r *TextReader) Begin(out *vector.Vector) {
	r.out, r.buf, r.texts = out, r.buf[:0], r.texts[:0]
	r.collect(out)
}

func (r *TextReader) collect(v *vector.Vector) {
	if v.Type.IsText() || v.Type.Kind == types.KindBinary || v.Type.Kind == types.KindVariant {
		r.texts = append(r.texts, v)
	}
	for _, c := range v.Children {
		r.collect(c)
	}
}

// End makes the strings of the vector valid until the next Begin.
func (r *TextReader) End() {
	for _, v := range r.texts {
		v.Data = r.buf
	}
}

// Read parses a text into a row of the vector. It returns an error in mode FAILFAST, or for a pattern that fails in every
// mode.
func (r *TextReader) Read(row int, text []byte) error {
	err := r.read(row, text)
	if failure := r.formats.Failure(); failure != nil {
		return failure
	}
	return err
}

func (r *TextReader) read(row int, text []byte) error {
	from := len(r.buf)
	r.buf = append(r.buf, text...)
	record := vector.View{Off: uint32(from), Len: uint32(len(text))}
	r.pos, r.end, r.depth, r.reason = from, len(r.buf), 0, nil
	first := r.peek()
	if first == 0 && r.pos >= r.end {
		r.out.SetNull(row)
		return nil
	}
	if r.root.Kind == types.KindStruct {
		return r.readStruct(row, first, record)
	}
	result := r.container(row, first)
	if result == good {
		return nil
	}
	if r.mode == codec.FailFast {
		return r.malformed(record, "[null]")
	}
	if result != partial {
		r.out.SetNull(row)
	}
	return nil
}

// container reads a map or an array.
func (r *TextReader) container(row int, first byte) outcome {
	switch {
	case r.root.Kind == types.KindVariant:
		return r.rootVariant(r.out, row, "")
	case r.root.Kind == types.KindMap && first == '{':
		return r.mapping(r.out, row)
	case r.root.Kind == types.KindArray && first == '[':
		return r.array(r.out, row, "")
	case r.root.Kind == types.KindArray && first == '{' && r.root.Elem.Kind == types.KindStruct:
		return r.single(row)
	}
	return bad
}

// single reads an object as an array of one struct.
func (r *TextReader) single(row int) outcome {
	items := r.out.Children[0]
	at := items.Len()
	items.Extend(at + 1)
	result := r.object(items, at)
	r.out.Views[row] = vector.View{Off: uint32(at), Len: 1}
	return result
}

func (r *TextReader) readStruct(row int, first byte, record vector.View) error {
	r.clear(row)
	result := broken
	switch {
	case r.whole >= 0:
		result = r.rootVariant(r.out.Children[r.whole], row, r.root.Fields[r.whole].Name)
	case first == '{':
		result = r.fields(row)
	}
	if result == good {
		return nil
	}
	if result == broken {
		r.clear(row)
	}
	if r.mode == codec.FailFast {
		if first == '[' {
			return sparkerr.New("MALFORMED_RECORD_IN_PARSING.CANNOT_PARSE_JSON_ARRAYS_AS_STRUCTS",
				"badRecord", string(r.bytes(record)), "failFastMode", "FAILFAST")
		}
		r.End()
		return r.malformed(record, codec.RowText(r.out.Children, row))
	}
	if r.corrupt >= 0 {
		v := r.out.Children[r.corrupt]
		v.Views[row] = record
		v.Valid.Set(row)
	}
	return nil
}

// clear sets all fields of a row to NULL.
func (r *TextReader) clear(row int) {
	for _, v := range r.out.Children {
		v.SetNull(row)
	}
}

// fields reads an object into the fields of a row.
func (r *TextReader) fields(row int) outcome {
	more, ok := r.open('}')
	result := good
	hint := 0
	for more && ok {
		var view vector.View
		if view, ok = r.name(); !ok {
			break
		}
		i := fieldAt(r.root.Fields, hint, r.bytes(view))
		if i < 0 || i == r.corrupt {
			ok = r.skip()
		} else {
			hint = i + 1
			switch r.value(r.out.Children[i], row, r.root.Fields[i].Name) {
			case broken:
				return broken
			case partial, bad:
				result = partial
			}
		}
		if ok {
			more, ok = r.next('}')
		}
	}
	if !ok {
		return broken
	}
	return result
}

func (r *TextReader) malformed(record vector.View, row string) error {
	var number *stringAsType
	if errors.As(r.reason, &number) {
		return sparkerr.New("MALFORMED_RECORD_IN_PARSING.CANNOT_PARSE_STRING_AS_DATATYPE",
			"badRecord", string(r.bytes(record)), "failFastMode", "FAILFAST", "fieldName", "`"+number.name+"`",
			"fieldValue", "'"+number.value+"'", "inputType", "StringType", "targetType", typeName(number.t))
	}
	e := sparkerr.New("MALFORMED_RECORD_IN_PARSING.WITHOUT_SUGGESTION", "badRecord", row, "failFastMode", "FAILFAST")
	e.Cause = rootReason(r.reason, r.bytes(record))
	return e
}

// rootReason returns the reason why a record is malformed: the reason found in its values, or that it is null.
func rootReason(reason error, record []byte) error {
	if reason == nil && string(bytes.TrimSpace(record)) == "null" {
		return sparkerr.New("INVALID_JSON_ROOT_FIELD")
	}
	return reason
}

// A TextWriter writes values of any type, for the function to_json.
type TextWriter struct{ encoder encoder }

// NewTextWriter returns a writer.
func NewTextWriter(o *WriteOptions, zone *datetime.Zone) (*TextWriter, error) {
	times, err := codec.NewTimeWriter(o.values, zone)
	if err != nil {
		return nil, err
	}
	return &TextWriter{encoder{WriteOptions: o, times: times, zone: zone}}, nil
}

// Append appends the value at a row of v, which must not be NULL.
func (w *TextWriter) Append(dst []byte, v *vector.Vector, row int) []byte {
	from := len(dst)
	return w.encoder.Repair(w.encoder.appendValue(dst, v, v.At(row), 0), from)
}

// Watch is that of a codec.Encoder.
func (w *TextWriter) Watch(stop halt.Stopper, b codec.Buffer) { w.encoder.Watch(stop, b) }
