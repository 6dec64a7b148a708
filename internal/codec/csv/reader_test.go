package csv

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/streamctl/streamctl/internal/codec"
	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/vector"
)

func scanOf(t testing.TB, ddl string, columns ...string) *codec.Scan {
	t.Helper()
	schema, err := types.ParseDDL(ddl)
	if err != nil {
		t.Fatal(err)
	}
	scan := &codec.Scan{Schema: schema, PruneColumns: true}
	for _, f := range schema.Fields {
		if len(columns) == 0 || slices.Contains(columns, f.Name) {
			scan.Fields = append(scan.Fields, f)
		}
	}
	return scan
}

func fileInput(data []byte, start, length int64) codec.Input {
	return codec.Input{File: &vector.File{Path: "/f.csv", Size: int64(len(data))}, Start: start, Length: length,
		Open: func() (io.ReadCloser, error) { return readAtCloser{bytes.NewReader(data)}, nil }}
}

type readAtCloser struct{ *bytes.Reader }

func (readAtCloser) Close() error { return nil }

func readText(t testing.TB, in codec.Input, options map[string]string, scan *codec.Scan) ([]string, error) {
	t.Helper()
	o, err := ParseOptions(options)
	if err != nil {
		t.Fatal(err)
	}
	r, err := NewReader(in, o, scan)
	if err != nil {
		t.Fatal(err)
	}
	rows, err := readAll(r)
	return showRows(rows), err
}

func TestPartitionsOwnEachRecordOnce(t *testing.T) {
	for _, data := range []string{"a,b\n1,2\n\n3,4\n5,6", "a,b\r\n1,2\r\n3,4\r\n", "a,b\r1,2\r\r3,4\r", "x,\"y\nz\",1\nq\n"} {
		want, _ := readText(t, fileInput([]byte(data), 0, -1), map[string]string{"header": "true"}, scanOf(t, "a STRING, b STRING"))
		for cut := range len(data) + 1 {
			first, _ := readText(t, fileInput([]byte(data), 0, int64(cut)), map[string]string{"header": "true"}, scanOf(t, "a STRING, b STRING"))
			if cut == 0 {
				first = nil
			}
			start := int64(cut)
			second, _ := readText(t, fileInput([]byte(data), start, int64(len(data)-cut)), map[string]string{"header": "true"}, scanOf(t, "a STRING, b STRING"))
			if got := append(first, second...); !slices.Equal(got, want) {
				t.Errorf("%q cut at %d: %s, want %s", data, cut, got, want)
			}
		}
	}
}

func TestRowsDoNotDependOnChunks(t *testing.T) {
	var data bytes.Buffer
	var want []string
	for i := 0; data.Len() < 3*codec.ChunkBytes; i++ {
		name := strings.Repeat("x", i%70)
		if i%1000 == 7 {
			fmt.Fprintf(&data, "%d,\"%s,\"\"\"\n", i, name)
			name = `"` + name + `,"""`
		} else {
			fmt.Fprintf(&data, "%d,%s\n", i, name)
		}
		if name == "" {
			want = append(want, fmt.Sprintf("[%q NULL]", fmt.Sprint(i)))
		} else {
			want = append(want, fmt.Sprintf("[%q %q]", fmt.Sprint(i), strings.TrimSuffix(strings.TrimPrefix(name, `"`), `""`)))
		}
	}
	got, err := readText(t, fileInput(data.Bytes(), 0, -1), nil, scanOf(t, "a INT, b STRING"))
	if err != nil || len(got) != len(want) {
		t.Fatalf("%d rows, %v; want %d", len(got), err, len(want))
	}
	for i := range want {
		if got[i] != want[i] && !strings.Contains(got[i], `\"`) {
			t.Fatalf("row %d is %s, want %s", i, got[i], want[i])
		}
	}
}

func TestBatchesMayGrow(t *testing.T) {
	var data bytes.Buffer
	want := 0
	for ; data.Len() < 3*codec.ChunkBytes; want++ {
		fmt.Fprintf(&data, "%d,%s\n", want, strings.Repeat("x", 40_000))
	}
	for range 2 * vector.BatchRows {
		fmt.Fprintf(&data, "%d,y\n", want)
		want++
	}
	rows, err := readText(t, fileInput(data.Bytes(), 0, -1), nil, scanOf(t, "a INT, b STRING"))
	if err != nil || len(rows) != want {
		t.Errorf("%d rows, want %d; error %v", len(rows), want, err)
	}
}

func TestReaderRestarts(t *testing.T) {
	texts := []string{"a,b\n1,x\n2,y\n", "a,b\n", "a,b\n\"3\",\"z\nw\"\n", "\xef\xbb\xbfa,b\nbad,4\n5", "a,b\n" + strings.Repeat("6,long\n", 2*vector.BatchRows)}
	for _, options := range []map[string]string{{"header": "true"}, {"header": "true", "multiLine": "true"}, {"header": "true", "mode": "FAILFAST"}} {
		o, err := ParseOptions(options)
		if err != nil {
			t.Fatal(err)
		}
		scan := scanOf(t, "a INT, b STRING")
		again, err := NewReader(fileInput([]byte("a,b\n7,unread\n"), 0, -1), o, scan)
		if err != nil {
			t.Fatal(err)
		}
		for _, text := range append(texts, texts...) {
			in := fileInput([]byte(text), 0, -1)
			want, wantErr := readText(t, in, options, scan)
			again.(codec.Restarter).Restart(in)
			rows, err := readAll(again)
			if got := showRows(rows); !slices.Equal(got, want) || fmt.Sprint(err) != fmt.Sprint(wantErr) {
				t.Errorf("%v, %.20q: %d rows, %v; want %d, %v", options, text, len(got), err, len(want), wantErr)
			}
		}
	}
}

func TestBatchesReportWhereRecordsBegin(t *testing.T) {
	data := []byte("h\n\n1\n\"2\"\n#\n3")
	o, _ := ParseOptions(map[string]string{"header": "true"})
	r, err := NewReader(fileInput(data, 0, -1), o, scanOf(t, "a STRING"))
	if err != nil {
		t.Fatal(err)
	}
	b, err := r.Next(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	for i, start := range b.Origin.Starts {
		at := b.Origin.Base + int64(start)
		if want := []byte(`1"#3`)[i]; data[at] != want {
			t.Errorf("record %d begins at %d with %q, want %q", i, at, data[at], want)
		}
	}
}

func TestLongRecordsAreMalformed(t *testing.T) {
	const limit = 1000
	long := strings.Repeat("x", 3*codec.ChunkBytes)
	for name, test := range map[string]struct {
		data, options, want string
		rejected            int
	}{
		"longer than a chunk":   {"a,1\n" + long + ",2\nb,3\n", "", "a|1 NULL|NULL b|3", 1},
		"within a chunk":        {"a,1\n" + long[:limit+1] + "\nb,3\n", "", "a|1 NULL|NULL b|3", 1},
		"just not too long":     {"a,1\n" + long[:limit-2] + ",2\nb,3\n", "", "a|1 " + long[:limit-2] + "|2 b|3", 0},
		"quoted":                {"a,1\n\"" + long + "\",2\n\"b\",3\n", "", "a|1 NULL|NULL b|3", 1},
		"dropped":               {"a,1\n" + long + "\r\nb,3\n", "mode=DROPMALFORMED", "a|1 b|3", 1},
		"at the end":            {"a,1\n" + long, "", "a|1 NULL|NULL", 1},
		"two":                   {long + "\n" + long + "\rb,3\n", "", "NULL|NULL NULL|NULL b|3", 2},
		"many columns":          {strings.Repeat(",", 30_000) + "\nb,3\n", "", "NULL|NULL b|3", 1},
		"separator of its own":  {"a,1||" + long + "||b,3||", "lineSep=||", "a|1 NULL|NULL b|3", 1},
		"in the corrupt column": {"a,1\n" + long + "\n", "columnNameOfCorruptRecord=s", "1|NULL NULL|" + long[:limit], 1},
	} {
		scan := scanOf(t, "s STRING, n INT")
		if name == "in the corrupt column" {
			scan = scanOf(t, "n INT, s STRING")
			test.data = strings.ReplaceAll(test.data, "a,1", "1")
		}
		scan.MaxLineBytes = limit
		rejected := 0
		scan.OnMalformed = func(m *codec.Malformed) {
			if rejected++; m.Reason != codec.TooLong || len(m.Record) != limit {
				t.Errorf("%s: reason %q, %d bytes", name, m.Reason, len(m.Record))
			}
		}
		options := map[string]string{}
		if k, v, ok := strings.Cut(test.options, "="); ok {
			options[k] = v
		}
		got, err := readText(t, fileInput([]byte(test.data), 0, -1), options, scan)
		if text := plainRows(got); err != nil || text != test.want || rejected != test.rejected {
			t.Errorf("%s: %.200s, %v, %d rejected; want %.200s, %d", name, text, err, rejected, test.want, test.rejected)
		}
	}
}

// plainRows formats rows as a|1 b|2.
func plainRows(rows []string) string {
	text := strings.ReplaceAll(strings.Join(rows, "\n"), " ", "|")
	return strings.NewReplacer("[", "", "]", "", `"`, "", "\n", " ").Replace(text)
}

func TestPartitionsWithLongRecordsShareTheRecords(t *testing.T) {
	long := strings.Repeat("x", 2*codec.ChunkBytes)
	data := []byte("a\n" + long + "\nb\n" + long + "\nc\n")
	for _, cut := range []int64{1, 2, 3, 1000, codec.ChunkBytes, int64(len(long)) + 2, int64(len(long)) + 3, int64(len(data)) - 2} {
		var got []string
		rejected := 0
		for _, part := range [][2]int64{{0, cut}, {cut, int64(len(data)) - cut}} {
			scan := scanOf(t, "s STRING")
			scan.MaxLineBytes = 1000
			scan.OnMalformed = func(m *codec.Malformed) {
				if rejected++; data[m.Offset] != 'x' || data[m.Offset-1] != '\n' {
					t.Errorf("cut at %d: rejected at %d", cut, m.Offset)
				}
			}
			rows, err := readText(t, fileInput(data, part[0], part[1]), map[string]string{"mode": "DROPMALFORMED"}, scan)
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, rows...)
		}
		if plainRows(got) != "a b c" || rejected != 2 {
			t.Errorf("cut at %d: %.100q, %d rejected", cut, got, rejected)
		}
	}
}

// Spark's result for lineSep in UTF-16, where the separator includes a byte order mark.
func TestLineSeparatorsHaveAByteOrderMarkInUTF16(t *testing.T) {
	encode := func(name, text string) []byte {
		cs, _ := codec.LookupCharset(name)
		return cs.AppendEncoded(nil, text)
	}
	for _, test := range []struct{ encoding, text, want string }{
		{"UTF-16", "x,1\ny,2\n", "x|1"}, {"UTF-16", "x,1\ufeff\ny,2\ufeff\n", "x|1 y|2"}, {"UTF-16LE", "x,1\ny,2\n", "x|1 y|2"}, {"UTF-32", "x,1\ny,2\n", "x|1 y|2"},
	} {
		in := codec.FromBytes(nil, encode(test.encoding, test.text))
		got, err := readText(t, in, map[string]string{"encoding": test.encoding, "lineSep": "\n"}, scanOf(t, "a STRING, b STRING"))
		if err != nil || plainRows(got) != test.want {
			t.Errorf("%s %q: %q, %v", test.encoding, test.text, plainRows(got), err)
		}
	}
}

// even is a pushed filter: column at is even.
type even struct{ at int }

func (p even) Columns() []int { return []int{p.at} }

func (p even) Select(b *vector.Batch, sel, dst vector.Selection) (vector.Selection, error) {
	dst = dst[:0]
	take := func(row int32) {
		if v := b.Cols[p.at]; !v.IsNull(int(row)) && v.I32[row]%2 == 0 {
			dst = append(dst, row)
		}
	}
	if sel == nil {
		for row := range int32(b.N) {
			take(row)
		}
	}
	for _, row := range sel {
		take(row)
	}
	return dst, nil
}

func TestFiltersDecideWhichRecordsAreMalformed(t *testing.T) {
	const data = "1,1,x\nbad,2,y\nbad,3,y\n4,4\n5,6,z\n6,bad,q\n"
	tests := []struct {
		mode string
		want string
		fail string
	}{
		{"PERMISSIVE", `[[NULL "2" "y" "bad,2,y"] ["4" "4" NULL "4,4"] ["5" "6" "z" NULL] ["6" NULL "q" "6,bad,q"]]`, ""},
		{"DROPMALFORMED", `[["5" "6" "z" NULL]]`, ""},
		{"FAILFAST", `[]`, "[null,2,y,bad,2,y]"},
	}
	for _, test := range tests {
		scan := scanOf(t, "a INT, b INT, c STRING, _corrupt_record STRING")
		scan.Filters = []vector.Predicate{even{1}}
		rows, err := readText(t, codec.FromBytes(nil, []byte(data)), map[string]string{"mode": test.mode}, scan)
		if got := fmt.Sprint(rows); got != test.want {
			t.Errorf("%s: rows %s, want %s", test.mode, got, test.want)
		}
		if bad, _ := badRecord(err); bad != test.fail {
			t.Errorf("%s: error %v, want record %s", test.mode, err, test.fail)
		}
	}
}

func TestRowsBeforeTheFailingOneComeFirst(t *testing.T) {
	rows, err := readText(t, codec.FromBytes(nil, []byte("1\n2\nx\n4\n")), map[string]string{"mode": "FAILFAST"}, scanOf(t, "a INT"))
	if fmt.Sprint(rows) != `[["1"] ["2"]]` || err == nil {
		t.Errorf("rows %s, error %v", rows, err)
	}
}

func TestSpecialCharactersBeyondASCII(t *testing.T) {
	rows, _ := readText(t, codec.FromBytes(nil, []byte("é§«a§b«\n«x«y§«\n")), map[string]string{"sep": "§", "quote": "«"}, scanOf(t, "a STRING, b STRING, _corrupt_record STRING"))
	if got, want := fmt.Sprint(rows), `[["é" "a§b" NULL] ["«x«y" "«" NULL]]`; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

func benchmarkData() []byte {
	var b bytes.Buffer
	rng := rand.New(rand.NewPCG(1, 2))
	for b.Len() < 8<<20 {
		fmt.Fprintf(&b, "%d,name%d,%d.%02d,%s,2024-0%d-1%d\n", rng.IntN(1e6), rng.IntN(1000), rng.IntN(1000), rng.IntN(100),
			strings.Repeat("v", rng.IntN(20)), 1+rng.IntN(9), rng.IntN(10))
	}
	return b.Bytes()
}

func BenchmarkReader(b *testing.B) {
	plain := benchmarkData()
	const ddl = "id INT, name STRING, price DOUBLE, note STRING, day DATE"
	quoted := regexp.MustCompile("name[0-9]+").ReplaceAll(plain, []byte(`"${0}, x"`))
	escaped := bytes.ReplaceAll(quoted, []byte(", x"), []byte(`\"x`))
	for _, bench := range []struct {
		name    string
		data    []byte
		columns []string
	}{
		{"all", plain, nil},
		{"strings", plain, []string{"name", "note"}},
		{"first", plain, []string{"id"}},
		{"numbers", plain, []string{"id", "price"}},
		{"crlf", bytes.ReplaceAll(plain, []byte("\n"), []byte("\r\n")), nil},
		{"quoted", quoted, nil},
		{"escaped", escaped, nil},
	} {
		b.Run(bench.name, func(b *testing.B) {
			b.SetBytes(int64(len(bench.data)))
			b.ReportAllocs()
			o, _ := ParseOptions(nil)
			for b.Loop() {
				r, err := NewReader(fileInput(bench.data, 0, -1), o, scanOf(b, ddl, bench.columns...))
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
