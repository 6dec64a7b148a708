package json

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/streamctl/streamctl/internal/codec"
	"github.com/streamctl/streamctl/internal/datetime"
	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/vector"
)

func scanOf(t testing.TB, ddl string) *codec.Scan {
	t.Helper()
	schema, err := types.ParseDDL(ddl)
	if err != nil {
		t.Fatal(err)
	}
	return &codec.Scan{Schema: schema, Fields: schema.Fields}
}

func readText(t testing.TB, data string, options map[string]string, scan *codec.Scan) ([]string, error) {
	t.Helper()
	o, err := ParseOptions(options)
	if err != nil {
		t.Fatal(err)
	}
	r, err := NewReader(codec.FromBytes(nil, []byte(data)), o, scan)
	if err != nil {
		t.Fatal(err)
	}
	rows, err := readAll(r)
	return showRows(rows), err
}

func TestBadNestedValuesDoNotSpread(t *testing.T) {
	tests := []struct{ ddl, data, want string }{
		{"a ARRAY<INT>, b INT", `{"a":[1,"x",{"y":[2]}],"b":2}`, `[[NULL "2"]]`},
		{"a ARRAY<ARRAY<INT>>, b INT", `{"a":[[1],[true,[3]],[4]],"b":2}`, `[[NULL "2"]]`},
		{"a MAP<STRING,INT>, b INT", `{"a":{"x":1,"y":"z"},"b":2}`, `[[NULL "2"]]`},
		{"a MAP<STRING,STRUCT<k:INT>>", `{"a":{"x":{"k":1},"y":{"k":"z"}}}`, `[["{x -> {1}, y -> {NULL}}"]]`},
		{"a STRUCT<x:INT,y:INT>, _corrupt_record STRING", `{"a":{"y":1,"x":[]}}`, `[["{NULL, 1}" "{\"a\":{\"y\":1,\"x\":[]}}"]]`},
		{"a INT, b INT", `{"a":1,"a":"x","b":3}`, `[[NULL "3"]]`},
	}
	for _, test := range tests {
		rows, err := readText(t, test.data, nil, scanOf(t, test.ddl))
		if got := fmt.Sprint(rows); got != test.want || err != nil {
			t.Errorf("%s: %s, want %s, error %v", test.data, got, test.want, err)
		}
	}
}

func TestReaderRestarts(t *testing.T) {
	texts := []string{`{"a":1}`, "", "{\"a\":\"bad\"}\n{\"a\":2,\"b\":\"x\"}\n", "[{\"a\":1},{\"a\":2}]", "\xef\xbb\xbf{\"b\":\"y\"}", `{"a":`, strings.Repeat("{\"a\":3}\n", 3000)}
	scan := scanOf(t, "a INT, b STRING, _corrupt_record STRING")
	for _, options := range []map[string]string{nil, {"multiLine": "true"}, {"mode": "FAILFAST"}} {
		o, err := ParseOptions(options)
		if err != nil {
			t.Fatal(err)
		}
		again, err := NewReader(codec.FromBytes(nil, []byte(`[{"a":7},{"a":8}]`)), o, scan)
		if err != nil {
			t.Fatal(err)
		}
		for _, text := range append(texts, texts...) {
			want, wantErr := readText(t, text, options, scan)
			again.(codec.Restarter).Restart(codec.FromBytes(nil, []byte(text)))
			rows, err := readAll(again)
			if got := showRows(rows); !slices.Equal(got, want) || fmt.Sprint(err) != fmt.Sprint(wantErr) {
				t.Errorf("%v, %.20q: %d rows, %v; want %d, %v", options, text, len(got), err, len(want), wantErr)
			}
		}
	}
}

func TestOneBadRecordFailsItsArray(t *testing.T) {
	const ddl = "a INT, _corrupt_record STRING"
	tests := []struct{ mode, data, want string }{
		{"PERMISSIVE", `[{"a":1},{"a":2}]`, `[["1" NULL] ["2" NULL]]`},
		{"PERMISSIVE", `[{"a":1},{"a":"x"}]`, `[["1" "[{\"a\":1},{\"a\":\"x\"}]"] [NULL "[{\"a\":1},{\"a\":\"x\"}]"]]`},
		{"DROPMALFORMED", `[{"a":1},{"a":"x"}]`, `[]`},
		{"PERMISSIVE", `[{"a":1},7]`, `[[NULL "[{\"a\":1},7]"]]`},
		{"PERMISSIVE", `[{"a":1}`, `[[NULL "[{\"a\":1}"]]`},
		{"PERMISSIVE", `[]`, `[]`},
	}
	for _, test := range tests {
		rows, err := readText(t, test.data, map[string]string{"mode": test.mode}, scanOf(t, ddl))
		if got := fmt.Sprint(rows); got != test.want || err != nil {
			t.Errorf("%s %s: %s, want %s, error %v", test.mode, test.data, got, test.want, err)
		}
	}
}

func TestLongArraysOfRecordsAreSplitIntoBatches(t *testing.T) {
	data := "[" + strings.Repeat(`{"a":"x"},`, 5000) + `{"a":"y"}]`
	rows, err := readText(t, data, map[string]string{"multiLine": "true"}, scanOf(t, "a STRING"))
	if err != nil || len(rows) != 5001 || rows[5000] != `["y"]` {
		t.Errorf("%d rows, error %v", len(rows), err)
	}
}

func TestDeepNestingIsMalformed(t *testing.T) {
	for _, depth := range []int{900, 100_000} {
		data := `{"a":` + strings.Repeat("[", depth) + strings.Repeat("]", depth) + "}"
		rows, err := readText(t, data, nil, scanOf(t, "b INT, _corrupt_record STRING"))
		if err != nil || len(rows) != 1 || strings.HasSuffix(rows[0], "NULL NULL]") != (depth < maxDepth) {
			t.Errorf("depth %d: %.40s, error %v", depth, rows, err)
		}
	}
}

// even is a pushed filter: column at is even.
type even struct{ at int }

func (p even) Columns() []int { return []int{p.at} }

func (p even) Select(b *vector.Batch, sel, dst vector.Selection) (vector.Selection, error) {
	dst = dst[:0]
	for _, row := range sel {
		if v := b.Cols[p.at]; !v.IsNull(int(row)) && v.I32[row]%2 == 0 {
			dst = append(dst, row)
		}
	}
	return dst, nil
}

func TestFiltersDecideWhichRecordsAreMalformed(t *testing.T) {
	data := strings.Join([]string{
		`{"a":1,"b":"x"}`,         // rejected although b is bad
		`{"a":1,"b":{{{`,          // rejected before the text breaks
		`{"b":"x","a":1}`,         // rejected
		`{"a":2,"b":3}`,           //
		`{"b":4}`,                 // the filter is not applied
		`{"a":"x","b":5}`,         // nor here
		`{"a":4,"a":1,"b":6}{"a"`, // the last value counts
	}, "\n")
	scan := scanOf(t, "a INT, b INT")
	scan.Filters = []vector.Predicate{even{0}}
	rows, err := readText(t, data, nil, scan)
	if got, want := fmt.Sprint(rows), `[["2" "3"] [NULL "4"] [NULL "5"]]`; got != want || err != nil {
		t.Errorf("rows %s, want %s, error %v", got, want, err)
	}
	rows, err = readText(t, data, map[string]string{"mode": "FAILFAST"}, scan)
	if got, want := fmt.Sprint(rows), `[["2" "3"] [NULL "4"]]`; got != want || err == nil {
		t.Errorf("FAILFAST: rows %s, want %s, error %v", got, want, err)
	}
}

func TestEncodings(t *testing.T) {
	const record = "{\"a\":\"é日\"}"
	for name, options := range map[string]map[string]string{
		"UTF-16LE":   {"encoding": "UTF-16LE", "lineSep": "\n"},
		"UTF-16BE":   {"encoding": "UTF-16BE", "multiLine": "true"},
		"ISO-8859-1": {"encoding": "ISO-8859-1", "lineSep": "\n"},
	} {
		cs, _ := codec.LookupCharset(name)
		rows, err := readText(t, string((&codec.Guard{}).Encode([]byte(record+"\n"+record), 0, cs)), options, scanOf(t, "a STRING"))
		want := []string{`["é日"]`, `["é日"]`}
		if name == "ISO-8859-1" {
			want = []string{`["é?"]`, `["é?"]`}
		}
		if options["multiLine"] != "" {
			want = want[:1]
		}
		if !slices.Equal(rows, want) || err != nil {
			t.Errorf("%s: %s, error %v", name, rows, err)
		}
	}
}

func write(t *testing.T, options map[string]string, ddl, data string) string {
	t.Helper()
	scan := scanOf(t, ddl)
	o, _ := ParseOptions(nil)
	r, err := NewReader(codec.FromBytes(nil, []byte(data)), o, scan)
	if err != nil {
		t.Fatal(err)
	}
	b, err := r.Next(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	wo, err := ParseWriteOptions(options)
	if err != nil {
		t.Fatal(err)
	}
	e, err := NewEncoder(scan.Fields, wo, datetime.UTC)
	if err != nil {
		t.Fatal(err)
	}
	out, err := e.AppendBatch(e.Header(nil), b)
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

func TestWritingMatchesSpark(t *testing.T) {
	const ddl = "a ARRAY<INT>, s STRUCT<x: INT, y: STRING>, m MAP<STRING, DOUBLE>, bin BINARY, f FLOAT, txt STRING, t TIMESTAMP, c DECIMAL(20,8)"
	const in = `{"a":[1,null],"s":{"x":1},"m":{"b":2.5,"a":null},"bin":"AAEC","f":1.1,"txt":"q\"uote \\ / \n \u0001 \u00e9 \u2028 \ud83d\ude00 <&>","t":"1900-01-01","c":0.00000001}
{}
{"a":[],"s":{},"m":{},"f":"NaN","c":-1.5}
`
	tests := []struct {
		options map[string]string
		want    string
	}{
		{nil, "{\"a\":[1,null],\"s\":{\"x\":1},\"m\":{\"b\":2.5,\"a\":null},\"bin\":\"AAEC\",\"f\":1.1,\"txt\":\"q\\\"uote \\\\ / \\n \\u0001 é \u2028 😀 <&>\",\"t\":\"1900-01-01T00:00:00.000Z\",\"c\":1E-8}\n" +
			"{}\n{\"a\":[],\"s\":{},\"m\":{},\"f\":\"NaN\",\"c\":-1.50000000}\n"},
	}
	for _, test := range tests {
		if got := write(t, test.options, ddl, in); got != test.want {
			t.Errorf("%v: got\n%swant\n%s", test.options, got, test.want)
		}
	}
	small := []struct {
		options       map[string]string
		ddl, in, want string
	}{
		{map[string]string{"ignoreNullFields": "false"}, "a INT, s STRUCT<x: INT>", `{"s":{}}`, `{"a":null,"s":{"x":null}}` + "\n"},
		{map[string]string{"writeNonAsciiCharacterAsCodePoint": "true"}, "a STRING", `{"a":"é😀<"}`, `{"a":"\u00E9\uD83D\uDE00<"}` + "\n"},
		{map[string]string{"pretty": "true"}, "a ARRAY<INT>, b STRUCT<x: INT>", `{"a":[1,2],"b":{"x":1}}`, "{\n  \"a\" : [ 1, 2 ],\n  \"b\" : {\n    \"x\" : 1\n  }\n}\n"},
		{map[string]string{"sortKeys": "true"}, "m MAP<STRING, STRUCT<z: INT, a: INT>>, a ARRAY<STRUCT<b: INT, B: INT, _: INT>>, Z INT",
			`{"m":{"b":{"z":1,"a":2},"a":null,"C":{},"\uffee":null,"😀":null},"a":[{"b":1,"B":2,"_":3}],"Z":4}`,
			`{"Z":4,"a":[{"B":2,"_":3,"b":1}],"m":{"C":{},"a":null,"b":{"a":2,"z":1},"😀":null,"` + "\uffee" + `":null}}` + "\n"},
		{map[string]string{"timestampFormat": "yyyy"}, "t TIMESTAMP", `{"t":"2024-02-29"}`, `{"t":"2024"}` + "\n"},
	}
	for _, test := range small {
		if got := write(t, test.options, test.ddl, test.in); got != test.want {
			t.Errorf("%v: %q, want %q", test.options, got, test.want)
		}
	}
}

func BenchmarkReader(b *testing.B) {
	var data bytes.Buffer
	for i := 0; data.Len() < 4<<20; i++ {
		fmt.Fprintf(&data, `{"id":%d,"name":"name%d","price":%d.25,"tags":["a","b"],"note":"x y z"}`+"\n", i, i%1000, i%100)
	}
	for name, ddl := range map[string]string{"flat": "id INT, name STRING, price DOUBLE, note STRING", "nested": "id INT, tags ARRAY<STRING>", "one": "name STRING"} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(data.Len()))
			b.ReportAllocs()
			o, _ := ParseOptions(nil)
			for b.Loop() {
				r, err := NewReader(codec.Input{Length: -1, Open: func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(data.Bytes())), nil }}, o, scanOf(b, ddl))
				if err != nil {
					b.Fatal(err)
				}
				for {
					if _, err := r.Next(context.Background()); errors.Is(err, io.EOF) {
						break
					} else if err != nil {
						b.Fatal(err)
					}
				}
			}
		})
	}
}

func TestLongRecordsAreMalformed(t *testing.T) {
	schema, err := types.ParseDDL("a STRING, b INT, _corrupt_record STRING")
	if err != nil {
		t.Fatal(err)
	}
	o, perr := ParseOptions(nil)
	if perr != nil {
		t.Fatal(perr)
	}
	long := `{"a":"` + strings.Repeat("x", 3*codec.ChunkBytes) + `"}`
	data := `{"a":"1"}` + "\n" + long + "\n" + long[:200] + "\n" + `{"b":"x"}` + "\n[\n" + `{"a":"2"}`
	var rejects []string
	scan := &codec.Scan{Schema: schema, Fields: schema.Fields, MaxLineBytes: 100, OnMalformed: func(m *codec.Malformed) {
		rejects = append(rejects, fmt.Sprintf("%s at %d, %d bytes: %s", m.Column, m.Offset, len(m.Record), m.Reason))
	}}
	in := codec.Input{Length: -1, Open: func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(data)), nil }}
	r, err2 := NewReader(in, o, scan)
	if err2 != nil {
		t.Fatal(err2)
	}
	rows, nulls := 0, 0
	for {
		b, err := r.Next(t.Context())
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		for i := range b.N {
			rows++
			if b.Cols[0].IsNull(i) {
				nulls++
			}
		}
	}
	slices.Sort(rejects)
	want := []string{
		fmt.Sprintf(" at 10, 100 bytes: %s", codec.TooLong),
		fmt.Sprintf(" at %d, 100 bytes: %s", 11+len(long), codec.TooLong),
		fmt.Sprintf(" at %d, 1 bytes: the text is not a JSON record", 11+len(long)+201+10),
		fmt.Sprintf("b at %d, 9 bytes: the value cannot be read as INT", 11+len(long)+201),
	}
	slices.Sort(want)
	if rows != 6 || nulls != 4 || !slices.Equal(rejects, want) {
		t.Errorf("%d rows, %d nulls, rejected %q\nwant %q", rows, nulls, rejects, want)
	}
}
