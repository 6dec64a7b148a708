package xml

import (
	"bytes"
	"strings"
	"testing"

	"github.com/streamctl/streamctl/internal/codec"
	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/vector"
)

// The fuzzer selects one entry of each.
var (
	fuzzOptions = []map[string]string{
		nil,
		{"attributePrefix": "@", "valueTag": "v", "ignoreSurroundingSpaces": "false"},
		{"ignoreNamespace": "true", "nullValue": "1", "prefersDecimal": "true"},
		{"excludeAttribute": "true", "preferDate": "false", "indent": "", "validateName": "false"},
	}
	fuzzSchemas = []string{
		"a STRING, b INT, _x DOUBLE, _VALUE STRING, _corrupt_record STRING",
		"a ARRAY<STRING>, b STRUCT<a: INT, _x: STRING, _VALUE: ARRAY<DATE>>, v TIMESTAMP, xs_any ARRAY<STRING>",
		"a MAP<STRING, STRING>, b ARRAY<STRUCT<a: DECIMAL(5,2), c: MAP<STRING, STRUCT<d: BOOLEAN>>>>, c ARRAY<ARRAY<INT>>",
		"a VARIANT, b ARRAY<VARIANT>",
	}
)

// A meter is a budget that counts.
type meter struct {
	steps, bytes int
}

func (m *meter) budget() Budget {
	return Budget{Take: func(n int) { m.steps += n }, Hold: func(bytes int) error {
		m.bytes = max(m.bytes, bytes)
		return nil
	}}
}

// FuzzXML reads any text with all options and writes what was read. Nothing may panic, take many more steps than the length
// of the text, or hold much more memory than its size; the output must again be XML.
func FuzzXML(f *testing.F) {
	for _, seed := range []string{
		"<r x='1'><a>1</a><b>2</b>t</r>", "<r><a><b>1</b>x</a><a/><b a='2'> 3 </b></r>", "<?xml version='1.1'?><!DOCTYPE r [<!ENTITY e 'x'>]><r>&e;</r>",
		"<r><a>1</b><b>2</r>", "<r><![CDATA[x]]>y&#65;&lt;<!-- c --><?p q?></r>", "<r><a>1 & 2</a><b>]]></b></r>", "<a:b xmlns:a='u'/>", "<r><a\x00/></r>", "\ufeff<r/>      ",
		strings.Repeat("<a>", 200), strings.Repeat("<a x='1'>t", 50) + strings.Repeat("</a>", 50), "<r " + strings.Repeat("x='1' ", 20) + "/>",
	} {
		f.Add([]byte(seed), uint8(0))
		f.Add([]byte(seed), uint8(255))
	}
	f.Fuzz(func(t *testing.T, text []byte, how uint8) {
		text = bytes.ToValidUTF8(text, []byte("\ufffd"))
		text = bytes.ReplaceAll(bytes.ReplaceAll(text, []byte("\ufffe"), nil), []byte("\uffff"), nil) // Spark's output for these cannot be read back
		o, err := ParseOptions(fuzzOptions[how%4])
		if err != nil {
			t.Fatal(err)
		}
		var m meter
		schema, wrong := types.ParseDDL(fuzzSchemas[how/4%4])
		if wrong != nil {
			t.Fatal(wrong)
		}
		row := types.StructOf(schema.Fields...)
		if how&64 != 0 {
			row = types.Variant
		}
		fuzzRead(t, row, o, text, &m)
		in, err := NewInference(o, &codec.Scan{})
		if err != nil {
			t.Fatal(err)
		}
		if inferred, err := in.Of(text, m.budget()); err == nil {
			fuzzRead(t, inferred, o, text, &m)
		}
		const perByte, some = 400, 1 << 18
		if most := len(text)*perByte + some; m.steps > most || m.bytes > most {
			t.Errorf("%d bytes of text take %d steps and %d bytes", len(text), m.steps, m.bytes)
		}
	})
}

// fuzzRead reads a text and writes the resulting row.
func fuzzRead(t *testing.T, row *types.Type, o *Options, text []byte, m *meter) {
	r, err := NewTextReader(row, o, &codec.Scan{}, m.budget())
	if err != nil {
		return // the corrupt record field is not STRING
	}
	out := vector.New(row, 1)
	if err := r.Read(out, 0, bytes.Clone(text)); err != nil || out.IsNull(0) {
		return
	}
	w, err := NewTextWriter(o, nil, func(int) {}, func([]byte, int) {})
	if err != nil {
		t.Fatal(err)
	}
	written, err := w.Append(nil, out, 0)
	if err != nil || !o.validateNames {
		return // characters and names that XML does not allow
	}
	again, err := newEvents(written, m.budget())
	if err == nil {
		_, err = again.root()
	}
	if err == nil {
		err = again.skip()
	}
	if err != nil && row.Kind == types.KindStruct {
		t.Errorf("%q was written, of %q: %v", written, text, err)
	}
}
