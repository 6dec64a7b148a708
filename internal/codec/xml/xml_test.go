package xml

import (
	"encoding/xml"
	"errors"
	"fmt"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/streamctl/streamctl/internal/codec"
	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/vector"
)

// read parses a text with a schema and options, and returns the row as Spark's internal rows print.
func read(t *testing.T, text, schema string, options map[string]string, budget Budget) (string, error) {
	t.Helper()
	s, wrong := types.ParseDDL(schema)
	if wrong != nil {
		t.Fatal(wrong)
	}
	o, err := ParseOptions(options)
	if err != nil {
		t.Fatal(err)
	}
	row := types.StructOf(s.Fields...)
	r, err := NewTextReader(row, o, &codec.Scan{}, budget)
	if err != nil {
		t.Fatal(err)
	}
	out := vector.New(row, 1)
	err = r.Read(out, 0, []byte(text))
	return codec.RowText(out.Children, 0), err
}

func TestEntitiesStayOff(t *testing.T) {
	laughs := `<!DOCTYPE r [<!ENTITY a "ha"><!ENTITY b "` + strings.Repeat("&a;", 10) + `"><!ENTITY c "` + strings.Repeat("&b;", 10) + `">]>`
	for text, want := range map[string]string{
		laughs + "<r><v>&c;</v></r>": "[null]",
		laughs + "<r><v>x</v></r>":   "[x]",
		`<!DOCTYPE r [<!ENTITY f SYSTEM "file:///etc/passwd">]><r><v>&f;</v></r>`:            "[null]",
		`<!DOCTYPE r [<!ENTITY % f SYSTEM "http://localhost/x"> %f;]><r><v>x</v></r>`:        "[x]",
		`<!DOCTYPE r SYSTEM "file:///dev/zero"><r><v>&lt;&#65;&#x42;&gt;&amp;&quot;</v></r>`: `[<AB>&"]`,
	} {
		var m meter
		got, err := read(t, text, "v STRING", nil, m.budget())
		if got != want || err != nil {
			t.Errorf("%s: %s, %v", text, got, err)
		}
		if m.bytes > 1<<17 || m.steps > len(text) {
			t.Errorf("%s takes %d steps and %d bytes", text, m.steps, m.bytes)
		}
	}
}

func TestNestingOfElementsIsLimited(t *testing.T) {
	for depth, want := range map[int]string{maxDepth: "", maxDepth + 1: "elements are nested more than 1000 deep, at byte 3010"} {
		text := "<r><v>x</v>" + strings.Repeat("<a>", depth-1) + strings.Repeat("</a>", depth-1) + "</r>"
		var m meter
		_, err := read(t, text, "v STRING", map[string]string{"mode": "FAILFAST"}, m.budget())
		var syntax *syntaxError
		if errors.As(err, &syntax) != (want != "") || err != nil && !strings.HasSuffix(syntax.Error(), want) {
			t.Errorf("%d deep: %v", depth, err)
		}
	}
}

func TestMemoryLimitIsNotAMalformedRecord(t *testing.T) {
	full := errors.New("full")
	budget := Budget{Take: func(int) {}, Hold: func(int) error { return full }}
	for _, schema := range []string{"v ARRAY<STRING>", "v ARRAY<STRUCT<_VALUE: STRING>>", "w STRING"} {
		if _, err := read(t, "<r>"+strings.Repeat("<v>1&amp;</v>", 20_000)+"</r>", schema, nil, budget); !errors.Is(err, full) {
			t.Errorf("%s: %v", schema, err)
		}
	}
}

// TestNamesMatchXML compares with encoding/xml, which lists them too.
func TestNamesMatchXML(t *testing.T) {
	var s scanner
	isName := func(text string) bool {
		token, err := xml.NewDecoder(strings.NewReader(text)).RawToken()
		_, ok := token.(xml.StartElement)
		return err == nil && ok
	}
	for c := rune('a'); c <= 0xFFFF; c++ {
		if utf16.IsSurrogate(c) {
			continue
		}
		if got, want := s.isNameStart(c), isName("<"+string(c)+"/>"); got != want {
			t.Errorf("a name begins with %q: %t, want %t", c, got, want)
		}
		if got, want := s.isName(c), isName("<a"+string(c)+"/>"); got != want && c != ':' {
			t.Errorf("a name has %q: %t, want %t", c, got, want)
		}
	}
}

func TestMalformedRecordsReportThePosition(t *testing.T) {
	for text, want := range map[string]string{
		"<r><v>1</w></r>":     "the element v is closed by the end tag w, at byte 10",
		"<r><v>&nope;</v>":    "the entity nope is not known, at byte 12",
		"<r><v a='1' a='2'/>": "the element v has the attribute a twice, at byte 19",
		"<r><v>1":             "the element v is not closed, at byte 7",
		"v":                   "'v' is not expected outside of the root element, at byte 1",
	} {
		var m meter
		_, err := read(t, text, "v STRING", map[string]string{"mode": "FAILFAST"}, m.budget())
		var syntax *syntaxError
		if !errors.As(err, &syntax) || !strings.HasSuffix(syntax.Error(), want) {
			t.Errorf("%s: %v, %v", text, err, syntax)
		}
	}
}

func TestInferenceOfManyFieldsTakesStepsInProportion(t *testing.T) {
	o, err := ParseOptions(nil)
	if err != nil {
		t.Fatal(err)
	}
	in, err := NewInference(o, &codec.Scan{})
	if err != nil {
		t.Fatal(err)
	}
	var text strings.Builder
	text.WriteString("<r>")
	for i := range 5000 {
		fmt.Fprintf(&text, "<a x%d='1'>t</a><a>%d</a><b><c><d%d/></c></b>", i, i, i)
	}
	text.WriteString("</r>")
	var m meter
	inferred, err := in.Of([]byte(text.String()), m.budget())
	if err != nil || len(inferred.Fields) != 2 || len(inferred.Fields[0].Type.Elem.Fields) != 5001 {
		t.Fatalf("%.200s, %v", inferred, err)
	}
	if m.steps > text.Len() {
		t.Errorf("%d bytes of text take %d steps", text.Len(), m.steps)
	}
}
