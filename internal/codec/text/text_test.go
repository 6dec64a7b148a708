package text

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/streamctl/streamctl/internal/codec"
	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/vector"
)

func read(t *testing.T, data string, options map[string]string) (lines []string) {
	t.Helper()
	o, err := ParseOptions(options)
	if err != nil {
		t.Fatal(err)
	}
	fields := []types.Field{{Name: "value", Type: types.String, Nullable: true}}
	r, err := NewReader(codec.FromBytes(nil, []byte(data)), o, &codec.Scan{Schema: &types.Schema{Fields: fields}, Fields: fields})
	if err != nil {
		t.Fatal(err)
	}
	return readAll(t, r)
}

func readAll(t *testing.T, r vector.Reader) (lines []string) {
	t.Helper()
	for {
		b, err := r.Next(context.Background())
		if errors.Is(err, io.EOF) {
			return lines
		}
		if err != nil {
			t.Fatal(err)
		}
		for i := range b.N {
			lines = append(lines, string(b.Cols[0].Bytes(i)))
		}
	}
}

func TestLines(t *testing.T) {
	tests := []struct {
		data    string
		options map[string]string
		want    string
	}{
		{"a\n\nb\r\nc\rd", nil, `["a" "" "b" "c" "d"]`},
		{"\ufeffa\n", nil, `["a"]`},
		{"a|b\nc|d|", map[string]string{"lineSep": "|"}, `["a" "b\nc" "d"]`},
		{"a\nb\n", map[string]string{"wholetext": "true"}, `["a\nb\n"]`},
		{"", nil, `[]`},
		{"\xff\n", nil, `["\xff"]`},
		// Spark's use of encoding: it applies to lineSep, not to the text
		{"a\x00|\x00b\x00", map[string]string{"lineSep": "|", "encoding": "utf-16le"}, `["a\x00" "b\x00"]`},
		{"a\x00\n\x00b\x00", map[string]string{"encoding": "UTF-16LE"}, `["a\x00" "\x00b\x00"]`},
		{"a|b\xfe\xff\x00|c", map[string]string{"lineSep": "|", "encoding": "UTF-16"}, `["a|b" "c"]`},
		{"a\xe9b", map[string]string{"lineSep": "é", "encoding": "ISO-8859-1"}, `["a" "b"]`},
		{"a\x00|\x00b", map[string]string{"lineSep": "|", "charset": "UTF-16LE"}, `["a\x00" "\x00b"]`},
		{"a\nb", map[string]string{"encoding": "none of Java's"}, `["a" "b"]`},
	}
	for _, test := range tests {
		if got := fmt.Sprintf("%q", read(t, test.data, test.options)); got != test.want {
			t.Errorf("%q %v: %s, want %s", test.data, test.options, got, test.want)
		}
	}
}

func TestReaderRestarts(t *testing.T) {
	fields := []types.Field{{Name: "value", Type: types.String, Nullable: true}}
	scan := &codec.Scan{Schema: &types.Schema{Fields: fields}, Fields: fields}
	for _, options := range []map[string]string{nil, {"wholetext": "true"}} {
		o, err := ParseOptions(options)
		if err != nil {
			t.Fatal(err)
		}
		r, err := NewReader(codec.FromBytes(nil, []byte("unread\n")), o, scan)
		if err != nil {
			t.Fatal(err)
		}
		for _, text := range []string{"a\nb", "", "\ufeffc\r\n\nd\n"} {
			r.(codec.Restarter).Restart(codec.FromBytes(nil, []byte(text)))
			if got, want := readAll(t, r), read(t, text, options); !slices.Equal(got, want) {
				t.Errorf("%v, %q: %q, want %q", options, text, got, want)
			}
		}
	}
}

func TestOnlyOneTextColumn(t *testing.T) {
	for _, ddl := range []string{"a STRING, b STRING", "a INT"} {
		schema, _ := types.ParseDDL(ddl)
		if CheckSchema(schema) == nil {
			t.Errorf("%s is accepted", ddl)
		}
	}
}

func TestLongLinesAreDropped(t *testing.T) {
	long := strings.Repeat("x", 2*codec.ChunkBytes)
	data := "a\n" + long + "\nb\n" + long[:101] + "\n" + long[:100] + "\nc"
	o, err := ParseOptions(nil)
	if err != nil {
		t.Fatal(err)
	}
	schema := &types.Schema{Fields: []types.Field{{Name: "value", Type: types.String}}}
	rejected := 0
	scan := &codec.Scan{Schema: schema, Fields: schema.Fields, MaxLineBytes: 100, OnMalformed: func(m *codec.Malformed) {
		if rejected++; !m.Dropped || m.Reason != codec.TooLong || len(m.Record) != 100 || data[m.Offset] != 'x' {
			t.Errorf("%+v", m)
		}
	}}
	r, err := NewReader(codec.Input{Length: -1, Open: func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(data)), nil }}, o, scan)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for {
		b, err := r.Next(t.Context())
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		for i := range b.N {
			got = append(got, string(b.Cols[0].Bytes(i)))
		}
	}
	if strings.Join(got, " ") != "a b "+long[:100]+" c" || rejected != 2 {
		t.Errorf("%.50q, %d rejected", got, rejected)
	}
}

func TestWritingMatchesSpark(t *testing.T) {
	for want, options := range map[string]map[string]string{
		"a\né\n\n":          {"encoding": "UTF-16LE"},
		"a|\x00é|\x00|\x00": {"encoding": "UTF-16LE", "lineSep": "|"},
		"a\xfe\xff\x00|é\xfe\xff\x00|\xfe\xff\x00|": {"encoding": "UTF-16", "lineSep": "|"},
		"a\xe9é\xe9\xe9": {"encoding": "ISO-8859-1", "lineSep": "é"},
	} {
		o, err := ParseOptions(options)
		if err != nil {
			t.Fatal(err)
		}
		e, err := NewEncoder([]types.Field{{Name: "value", Type: types.String}}, o)
		if err != nil {
			t.Fatal(err)
		}
		v := vector.New(types.String, 3)
		v.SetString(0, "a")
		v.SetString(1, "é")
		v.SetNull(2)
		got, err := e.AppendBatch(e.Header(nil), &vector.Batch{N: 3, Cols: []*vector.Vector{v}})
		if err != nil || string(got) != want {
			t.Errorf("%v: %q, want %q, error %v", options, got, want, err)
		}
	}
}

func TestUnknownCharacterSetOfLineSepIsRefused(t *testing.T) {
	if _, err := ParseOptions(map[string]string{"lineSep": "|", "encoding": "KOI8-R"}); err == nil {
		t.Error("it is accepted")
	}
}
