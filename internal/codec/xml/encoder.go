package xml

import (
	"strconv"
	"strings"

	"github.com/streamctl/streamctl/internal/codec"
	"github.com/streamctl/streamctl/internal/datetime"
	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/valuetext"
	"github.com/streamctl/streamctl/internal/vector"
)

// A TextWriter writes structs and VARIANTs, for the function to_xml. (Spark: StaxXmlGenerator.)
type TextWriter struct {
	o       *Options
	out     markup
	times   *codec.TimeWriter
	zone    *datetime.Zone
	take    func(int)
	scratch []byte
}

// NewTextWriter returns a writer. It counts steps with take and calls fits before it appends to a text; both may panic to end
// it.
func NewTextWriter(o *Options, zone *datetime.Zone, take func(steps int), fits func(dst []byte, more int)) (*TextWriter, error) {
	if err := required(o.attributePrefix != "", "'attributePrefix' option should not be empty string."); err != nil {
		return nil, err
	}
	times, err := codec.NewTimeWriter(o.values, zone)
	if err != nil {
		return nil, err
	}
	return &TextWriter{o: o, out: markup{indent: o.indent, check: o.validateNames, fits: fits}, times: times, zone: zone, take: take}, nil
}

// Append appends the value of a row of v, which must not be NULL.
func (w *TextWriter) Append(dst []byte, v *vector.Vector, row int) ([]byte, error) {
	from := len(dst)
	w.out.dst, w.out.open, w.out.started = dst, w.out.open[:0], false
	err := w.record(v, row)
	return codec.RepairTail(w.out.dst, from), err
}

func (w *TextWriter) record(v *vector.Vector, row int) error {
	t := v.Type
	if t.Kind == types.KindVariant {
		return w.variant(w.o.rowTag, variantAt(v, row))
	}
	if len(t.Fields) == 0 {
		return sparkerr.Plain("to_xml of a struct without fields fails in Spark").WithHint("add a field to the struct")
	}
	var err error
	if i := v.At(row); len(t.Fields) == 1 && w.o.oneVariant && t.Fields[0].Name == w.o.variantColumn && t.Fields[0].Type.Kind == types.KindVariant {
		if !v.Children[0].IsNull(i) {
			err = w.variant(w.o.rowTag, variantAt(v.Children[0], i))
		}
	} else {
		err = w.element(w.o.rowTag, v, row)
	}
	if err == nil && w.o.indent == "" {
		w.out.raw("\n")
	}
	return err
}

// element writes a value as an element or, if its name says so, as text. It omits NULL unless there is a text for NULL.
// (Spark: writeChildElement.)
func (w *TextWriter) element(name string, v *vector.Vector, row int) error {
	w.take(1)
	null := v.IsNull(row) || v.Type.Kind == types.KindVoid
	switch {
	case null && !w.o.nullGiven:
		return nil
	case name == w.o.valueTag:
		return w.content(v, row)
	case v.Type.Kind == types.KindVariant && !null:
		return w.variant(name, variantAt(v, row))
	}
	if err := w.out.start(name); err != nil {
		return err
	}
	if err := w.content(v, row); err != nil {
		return err
	}
	w.out.end()
	return nil
}

// child writes a field, or an entry of a map, as an attribute or as elements. (Spark: writeChild.)
func (w *TextWriter) child(name string, v *vector.Vector, row int) error {
	null := v.IsNull(row) || v.Type.Kind == types.KindVoid
	switch {
	case w.o.isAttribute(name) && null:
		if !w.o.nullGiven {
			return nil
		}
		return w.out.attribute(strings.TrimPrefix(name, w.o.attributePrefix), w.o.nullValue)
	case w.o.isAttribute(name):
		return w.attribute(strings.TrimPrefix(name, w.o.attributePrefix), v, row)
	case v.Type.Kind == types.KindArray && !null:
		return w.items(v, row, func(items *vector.Vector, i int) error { return w.element(name, items, i) })
	}
	return w.element(name, v, row)
}

// attribute writes the text of Spark's internal value.
func (w *TextWriter) attribute(name string, v *vector.Vector, row int) error {
	if v.Type.Has(types.KindBinary) {
		return sparkerr.Plain("A BINARY value cannot be the attribute %s: Spark writes its memory address.", types.Quote(name)).
			WithHint("cast it to STRING, or use hex or base64")
	}
	w.take(v.TextBytes(row) / 64)
	w.scratch = codec.AppendInternal(w.scratch[:0], v, row)
	return w.out.attribute(name, w.scratch)
}

func (w *TextWriter) items(v *vector.Vector, row int, each func(items *vector.Vector, i int) error) error {
	view := v.Views[v.At(row)]
	for i := int(view.Off); i < int(view.Off+view.Len); i++ {
		if err := each(v.Children[0], i); err != nil {
			return err
		}
	}
	return nil
}

// content writes the content between the tags of an element. (Spark: writeElement.)
func (w *TextWriter) content(v *vector.Vector, row int) error {
	if v.IsNull(row) || v.Type.Kind == types.KindVoid {
		return w.out.text(w.o.nullValue)
	}
	i := v.At(row)
	switch v.Type.Kind {
	case types.KindArray:
		return w.items(v, row, func(items *vector.Vector, i int) error { return w.child(w.o.arrayElement, items, i) })
	case types.KindMap:
		return w.mapping(v, i)
	case types.KindStruct:
		return w.fields(v, i)
	case types.KindVariant, types.KindInterval, types.KindDayTime, types.KindYearMonth:
		return sparkerr.New("_LEGACY_ERROR_TEMP_3238", "v", string(codec.AppendInternal(nil, v, row)), "dt", v.Type.SQL())
	}
	w.scratch = w.appendScalar(w.scratch[:0], v, i)
	w.take(len(w.scratch) / 64)
	return w.out.text(w.scratch)
}

func (w *TextWriter) appendScalar(dst []byte, v *vector.Vector, i int) []byte {
	switch v.Type.Kind {
	case types.KindDecimal:
		return codec.AppendDecimal(dst, v.Dec[i], v.Type.Scale)
	case types.KindBinary:
		return valuetext.AppendHexBytes(dst, v.Bytes(i))
	case types.KindInt:
		return strconv.AppendInt(dst, int64(v.I32[i]), 10)
	case types.KindDate, types.KindTimestamp, types.KindTimestampNTZ, types.KindTime:
		return w.times.Append(dst, v, i)
	}
	return valuetext.AppendValue(dst, v, i, valuetext.Options{Zone: w.zone})
}

// fields writes the fields of a struct, attributes first.
func (w *TextWriter) fields(v *vector.Vector, i int) error {
	for _, attributes := range []bool{true, false} {
		for k, f := range v.Type.Fields {
			if w.o.isAttribute(f.Name) != attributes {
				continue
			}
			if err := w.child(f.Name, v.Children[k], i); err != nil {
				return err
			}
		}
	}
	return nil
}

// mapping writes the entries of a map, attributes first.
func (w *TextWriter) mapping(v *vector.Vector, i int) error {
	view := v.Views[i]
	for _, attributes := range []bool{true, false} {
		for k := int(view.Off); k < int(view.Off+view.Len); k++ {
			w.take(1)
			key := string(codec.AppendInternal(nil, v.Children[0], k))
			if w.o.isAttribute(key) != attributes {
				continue
			}
			if err := w.child(key, v.Children[1], k); err != nil {
				return err
			}
		}
	}
	return nil
}
