package csv

import (
	"context"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/streamctl/streamctl/internal/codec"
	"github.com/streamctl/streamctl/internal/datetime"
	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/vector"
)

// texts returns a batch of one STRING column; "\x00" represents NULL.
func texts(values ...string) (*vector.Batch, []types.Field) {
	v := vector.New(types.String, len(values))
	for i, s := range values {
		if s == "\x00" {
			v.SetNull(i)
		} else {
			v.SetString(i, s)
		}
	}
	return &vector.Batch{N: len(values), Cols: []*vector.Vector{v}}, []types.Field{{Name: "a", Type: types.String, Nullable: true}}
}

func write(t *testing.T, o *WriteOptions, b *vector.Batch, fields []types.Field) string {
	t.Helper()
	e, err := NewEncoder(fields, o, datetime.UTC)
	if err != nil {
		t.Fatal(err)
	}
	out, err := e.AppendBatch(e.Header(nil), b)
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

func TestAppendBatchMatchesAppendRow(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	pieces := []string{"a", "Zebra", "a longer piece of text", " ", ",", `"`, "\n", "#", `\`, "é", "\xff", "\t", ""}
	fields := []types.Field{{Name: "a", Type: types.String, Nullable: true}, {Name: "n", Type: types.Int}, {Name: "b", Type: types.String}, {Name: "l", Type: types.Long}}
	some := []*WriteOptions{PlainWriteOptions(), TabWriteOptions()}
	for _, options := range []map[string]string{nil, {"sep": "||"}, {"nullValue": "-"}, {"quote": "é"}, {"sep": "1"}, {"lineSep": "x"}} {
		o, err := ParseWriteOptions(options)
		if err != nil {
			t.Fatal(err)
		}
		some = append(some, o)
	}
	for k, o := range some {
		for round := range 300 {
			b := &vector.Batch{N: 20}
			simple := round%2 == 0 // mostly clean batches
			for _, f := range fields {
				v := vector.New(f.Type, b.N)
				if random.IntN(8) == 0 {
					v = vector.NewConst(f.Type)
				}
				for i := range v.Len() {
					switch f.Type.Kind {
					case types.KindInt:
						v.I32[i] = int32(random.Uint32()) >> random.IntN(32)
					case types.KindLong:
						v.I64[i] = int64(random.Uint64()) >> random.IntN(64)
					default:
						text := pieces[random.IntN(3)]
						for !simple && random.IntN(2) == 0 {
							text += pieces[random.IntN(len(pieces))]
						}
						v.SetString(i, text)
					}
					if f.Nullable && random.IntN(10) == 0 {
						v.SetNull(i)
					}
				}
				b.Cols = append(b.Cols, v)
			}
			columns := fields
			if round%5 == 0 {
				b.Cols, columns = b.Cols[:1], fields[:1]
			}
			if round%3 == 0 {
				b.Sel = vector.Selection{0, 3, 4, 19}
			}
			e, err := NewEncoder(columns, o, datetime.UTC)
			if err != nil {
				t.Fatal(err)
			}
			got, err := e.AppendBatch([]byte("before"), b)
			if err != nil {
				t.Fatal(err)
			}
			want := []byte("before")
			for k := range b.Rows() {
				row := k
				if b.Sel != nil {
					row = int(b.Sel[k])
				}
				if want, err = e.AppendRow(want, b, row); err != nil {
					t.Fatal(err)
				}
			}
			if string(got) != string(want) {
				t.Fatalf("options %d: %q, want %q", k, got, want)
			}
		}
	}
}

func TestQuotingMatchesSpark(t *testing.T) {
	doubled := map[string]string{"escape": `"`}
	all := map[string]string{"quoteAll": "true"}
	tests := []struct {
		options map[string]string
		in, out string
	}{
		{nil, `a"b`, `"a\"b"`}, {doubled, `a"b`, `"a""b"`}, {all, `a"b`, `"a\"b"`},
		{nil, `a\"b`, `"a\\\"b"`}, {doubled, `a\"b`, `"a\""b"`},
		{nil, `back\slash`, `back\slash`}, {all, `back\slash`, `"back\\slash"`},
		{nil, `end\`, `end\`}, {all, `end\`, `"end\\"`},
		{nil, "", `""`}, {all, "", `""`}, {map[string]string{"emptyValue": "E"}, "", "E"},
		{nil, "\x00", ""}, {all, "\x00", `""`}, {map[string]string{"nullValue": "NA"}, "\x00", "NA"},
		{nil, "new\nline", "\"new\nline\""}, {map[string]string{"lineSep": "\r\n"}, "a\nb", "\"a\r\nb\""},
		{nil, " lead trail ", "lead trail"}, {nil, "  ", `""`}, {nil, "simple \n", `"simple"`},
		{map[string]string{"ignoreLeadingWhiteSpace": "false", "ignoreTrailingWhiteSpace": "false"}, " x ", " x "},
		{nil, "#x", `"#x"`}, {nil, "a,b", `"a,b"`}, {nil, `"q"`, `"\"q\""`},
		{map[string]string{"escapeQuotes": "false"}, `a"b`, `a"b`}, {map[string]string{"escapeQuotes": "false"}, `"q"`, `"\"q\""`},
		{map[string]string{"quote": ""}, "a,b", "\x00a,b\x00"}, {map[string]string{"sep": "||"}, "a|b", "a|b"}, {map[string]string{"sep": "||"}, "a||b", `"a||b"`},
	}
	for _, test := range tests {
		o, err := ParseWriteOptions(test.options)
		if err != nil {
			t.Fatal(err)
		}
		b, fields := texts(test.in, "x")
		lineSep := o.lineSep
		want := test.out + lineSep + "x" + lineSep
		if test.out == "" { // Spark does not write such rows
			want = "x" + lineSep
		}
		if test.options["quoteAll"] != "" {
			want = strings.Replace(want, "x"+lineSep, `"x"`+lineSep, 1)
		}
		if got := write(t, o, b, fields); got != want {
			t.Errorf("%v %q: %q, want %q", test.options, test.in, got, want)
		}
	}
}

func TestStandardOutputKeepsAllRowsAndBlanks(t *testing.T) {
	b, fields := texts("\x00", " x ", `a"b`, "c\td\\\n", "#")
	if got, want := write(t, PlainWriteOptions(), b, fields), "a\n\n x \n\"a\"\"b\"\n\"c\td\\\n\"\n#\n"; got != want {
		t.Errorf("csv %q, want %q", got, want)
	}
	if got, want := write(t, TabWriteOptions(), b, fields), "a\n\n x \na\"b\n"+`c\td\\\n`+"\n#\n"; got != want {
		t.Errorf("tsv %q, want %q", got, want)
	}
}

// The output of the corpus case sink-csv for its input.
func TestRewritingAFileMatchesSpark(t *testing.T) {
	const in = "plain,1,1.5,2024-02-29,2024-02-29T12:34:56.789Z,true,1.50\n\"say \"\"hi\"\"\",-3,NaN,,,,\n" +
		",5,0.00001,0001-01-01,0001-01-01T00:00:00Z,true,0\n lead and trail ,6,1e7,2024-01-01,2024-07-01T00:00:00+05:30,true,0.1\n"
	const want = "s,i,d,dt,ts,b,c\nplain,1,1.5,2024-02-29,2024-02-29T12:34:56.789Z,true,1.50\n\"say \\\"hi\\\"\",-3,NaN,,,,\n" +
		",5,1.0E-5,0001-01-01,0001-01-01T00:00:00.000Z,true,0.00\nlead and trail,6,1.0E7,2024-01-01,2024-06-30T18:30:00.000Z,true,0.10\n"
	scan := scanOf(t, "s STRING, i INT, d DOUBLE, dt DATE, ts TIMESTAMP, b BOOLEAN, c DECIMAL(10,2)")
	o, _ := ParseOptions(map[string]string{"escape": `"`})
	r, err := NewReader(codec.FromBytes(nil, []byte(in)), o, scan)
	if err != nil {
		t.Fatal(err)
	}
	b, err := r.Next(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	wo, _ := ParseWriteOptions(map[string]string{"header": "true"})
	if got := write(t, wo, b, scan.Fields); got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
}

func BenchmarkEncoder(b *testing.B) {
	o, _ := ParseOptions(nil)
	data := benchmarkData()[:1<<20]
	scan := scanOf(b, "id INT, name STRING, price DOUBLE, note STRING, day DATE")
	r, _ := NewReader(codec.FromBytes(nil, data), o, scan)
	batch, err := r.Next(context.Background())
	if err != nil {
		b.Fatal(err)
	}
	wo, _ := ParseWriteOptions(nil)
	for _, bench := range []struct {
		name   string
		wanted []int
	}{{"all", []int{0, 1, 2, 3, 4}}, {"strings", []int{1, 3}}, {"ints", []int{0}}, {"doubles", []int{2}}} {
		b.Run(bench.name, func(b *testing.B) {
			part := &vector.Batch{N: batch.N}
			var fields []types.Field
			for _, i := range bench.wanted {
				part.Cols = append(part.Cols, batch.Cols[i])
				fields = append(fields, scan.Fields[i])
			}
			e, err := NewEncoder(fields, wo, datetime.UTC)
			if err != nil {
				b.Fatal(err)
			}
			out, _ := e.AppendBatch(nil, part)
			b.SetBytes(int64(len(out)))
			b.ReportAllocs()
			for b.Loop() {
				out, _ = e.AppendBatch(out[:0], part)
			}
		})
	}
}

func TestInvalidUTF8IsReplaced(t *testing.T) {
	b, fields := texts("a\xffb", "\xe4\xb8", "ok")
	if got, want := write(t, PlainWriteOptions(), b, fields), "a\uFFFDb"; !strings.Contains(got, want) || strings.Count(got, "\uFFFD") != 2 {
		t.Errorf("got %q", got)
	}
}
