package parquet

import (
	"bytes"
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/streamctl/streamctl/internal/codec"
	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/valuetext"
	"github.com/streamctl/streamctl/internal/vector"
)

// TestReaderReadsFilesOfOtherWriters compares with what testdata/make.py recorded about the files it created with pyarrow.
func TestReaderReadsFilesOfOtherWriters(t *testing.T) {
	files, _ := filepath.Glob("testdata/*.parquet")
	if len(files) == 0 {
		t.Fatal("no fixtures")
	}
	for _, path := range files {
		t.Run(filepath.Base(path), func(t *testing.T) {
			data := load(t, path)
			want := string(load(t, strings.TrimSuffix(path, ".parquet")+".txt"))
			schema, err := Schema(bytes.NewReader(data), int64(len(data)))
			if err != nil {
				t.Fatal(err)
			}
			got, err := rows(codec.FromBytes(nil, data), &codec.Scan{Fields: schema.Fields})
			if err != nil {
				t.Fatal(err)
			}
			compareLines(t, got, want)
		})
	}
}

// TestReaderReadsEachRowGroupInOnePartition splits files anywhere.
func TestReaderReadsEachRowGroupInOnePartition(t *testing.T) {
	for _, name := range []string{"flat-zstd-v2", "nested-v2"} {
		data := load(t, "testdata/"+name+".parquet")
		schema, _ := Schema(bytes.NewReader(data), int64(len(data)))
		want := string(load(t, "testdata/"+name+".txt"))
		for _, step := range []int64{100, 777, 5000, 1 << 20} {
			got := ""
			for at := int64(0); at < int64(len(data)); at += step {
				in := codec.FromBytes(nil, data)
				in.Start, in.Length = at, step
				part, err := rows(in, &codec.Scan{Fields: schema.Fields})
				if err != nil {
					t.Fatal(err)
				}
				got += part
			}
			compareLines(t, got, want)
		}
	}
}

func TestReaderTakesColumnsByNameInAnyOrder(t *testing.T) {
	data := load(t, "testdata/flat-snappy-v1.parquet")
	fields := []types.Field{{Name: "S", Type: types.String}, {Name: "absent", Type: types.Int}, {Name: "i8", Type: types.Double}}
	got, err := rows(codec.FromBytes(nil, data), &codec.Scan{Fields: fields})
	if err != nil {
		t.Fatal(err)
	}
	if want := "{null, null, null}\n{word1, null, -49.0}\n"; !strings.HasPrefix(got, want) {
		t.Errorf("got %.60q, want %q", got, want)
	}
}

func TestReaderCountsRowsWithoutColumns(t *testing.T) {
	got, err := rows(codec.FromBytes(nil, load(t, "testdata/nested-v2.parquet")), &codec.Scan{})
	if err != nil || got != strings.Repeat("{}\n", 60) {
		t.Errorf("got %d rows, %v", strings.Count(got, "\n"), err)
	}
}

func TestReaderReadsParts(t *testing.T) {
	data := load(t, "testdata/nested-v1.parquet")
	schema, err := types.ParseDDL("pp STRUCT<l: ARRAY<STRUCT<NAME: STRING, more: INT>>, none: INT>, p STRUCT<none: BIGINT>")
	if err != nil {
		t.Fatal(err)
	}
	got, readErr := rows(codec.FromBytes(nil, data), &codec.Scan{Fields: schema.Fields})
	if readErr != nil {
		t.Fatal(readErr)
	}
	if want := "{{[], null}, null}\n{null, {null}}\n{{[{null, null}, null], null}, {null}}\n"; !strings.HasPrefix(got, want) {
		t.Errorf("got %.120q, want %q", got, want)
	}
}

func TestReaderRefusesOtherTypes(t *testing.T) {
	data := load(t, "testdata/flat-snappy-v1.parquet")
	for _, c := range []struct {
		name string
		typ  *types.Type
	}{
		{"i64", types.Int}, {"s", types.Int}, {"i32", types.String}, {"d", types.Float}, {"dec15", types.DecimalOf(14, 3)},
		{"i32", types.ArrayOf(types.Int, true)}, {"i64", types.Timestamp}, {"b", types.StructOf()}, {"dec5", types.DecimalOf(6, 1)},
	} {
		_, err := rows(codec.FromBytes(nil, data), &codec.Scan{Fields: []types.Field{{Name: c.name, Type: c.typ}}})
		if err == nil || !strings.Contains(err.Error(), "PARQUET_COLUMN_DATA_TYPE_MISMATCH") {
			t.Errorf("%s as %s: %v", c.name, c.typ, err)
		}
	}
	for _, c := range []struct {
		name string
		typ  *types.Type
	}{
		{"i32", types.Long}, {"i32", types.Short}, {"f", types.Double}, {"dec5", types.DecimalOf(10, 4)}, {"i64", types.DecimalOf(20, 0)},
		{"date", types.TimestampNTZ}, {"i32", types.DecimalOf(12, 2)}, {"s", types.Binary}, {"s", &types.Type{Kind: types.KindVarchar, Precision: 3}},
	} {
		if _, err := rows(codec.FromBytes(nil, data), &codec.Scan{Fields: []types.Field{{Name: c.name, Type: c.typ}}}); err != nil {
			t.Errorf("%s as %s: %v", c.name, c.typ, err)
		}
	}
}

func TestReaderSkipsRowGroups(t *testing.T) {
	data := load(t, "testdata/flat-zstd-v2.parquet") // row groups of 25, 25 and 10 rows
	is := func(op codec.ConditionOp, column int, v *vector.Vector) *codec.Condition {
		return &codec.Condition{Op: op, Column: column, Values: []*vector.Vector{v}}
	}
	i16 := func(x int16) *vector.Vector { v := vector.NewConst(types.Short); v.I16[0] = x; return v }
	str := func(s string) *vector.Vector { v := vector.NewConst(types.String); v.SetString(0, s); return v }
	fields := []types.Field{{Name: "i16", Type: types.Short}, {Name: "s", Type: types.String}, {Name: "nothing", Type: types.Int}, {Name: "x", Type: types.Int}}
	for name, c := range map[string]struct {
		cond *codec.Condition
		rows int
	}{
		"equal":         {is(codec.OneOf, 0, i16(-300)), 25},
		"none equal":    {is(codec.OneOf, 0, i16(5)), 0},
		"less":          {is(codec.Less, 0, i16(-275)), 25},
		"less or equal": {is(codec.LessOrEqual, 0, i16(-275)), 50},
		"greater":       {is(codec.Greater, 0, i16(-251)), 10},
		"at least":      {is(codec.GreaterOrEqual, 0, i16(-251)), 35},
		"prefix":        {is(codec.StartsWith, 1, str("word")), 60},
		"no prefix":     {is(codec.StartsWith, 1, str("x")), 0},
		"all NULL":      {&codec.Condition{Op: codec.IsNotNull, Column: 2}, 0},
		"not there":     {&codec.Condition{Op: codec.IsNotNull, Column: 3}, 0},
		"or":            {&codec.Condition{Op: codec.AnyOf, Args: []*codec.Condition{is(codec.Less, 0, i16(-290)), is(codec.Greater, 0, i16(-245))}}, 35},
		"and":           {&codec.Condition{Op: codec.AllOf, Args: []*codec.Condition{is(codec.Less, 0, i16(-290)), is(codec.Greater, 0, i16(-245))}}, 0},
	} {
		got, err := rows(codec.FromBytes(nil, data), &codec.Scan{Fields: fields, Conditions: []*codec.Condition{c.cond}})
		if err != nil || strings.Count(got, "\n") != c.rows {
			t.Errorf("%s: %d rows, want %d (%v)", name, strings.Count(got, "\n"), c.rows, err)
		}
	}
}

func TestBatchesKnowTheirPositionInTheFile(t *testing.T) {
	least := vector.NewConst(types.Short)
	least.I16[0] = -275
	r, err := NewReader(codec.FromBytes(nil, load(t, "testdata/flat-zstd-v2.parquet")), nil, &codec.Scan{
		Fields:     []types.Field{{Name: "i16", Type: types.Short}},
		Conditions: []*codec.Condition{{Op: codec.GreaterOrEqual, Values: []*vector.Vector{least}}},
	}, new(Footers))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = r.Close() }()
	for _, want := range []int64{25, 50} { // the first row group of 25 rows is skipped
		b, err := r.Next(context.Background())
		if err != nil || b.Origin.FirstRow != want {
			t.Fatalf("row %d, want %d (%v)", b.Origin.FirstRow, want, err)
		}
	}
}

func TestReaderNamesDamage(t *testing.T) {
	good := load(t, "testdata/flat-snappy-v1.parquet")
	for name, data := range map[string][]byte{
		"empty": nil, "short": []byte("PAR1PAR1"), "text": []byte("a,b,c,d,e,f\n1,2,3,4\n"), "cut": good[:len(good)-100],
		"no footer": append(bytes.Repeat([]byte{0xff}, 100), "PAR1"...),
	} {
		_, err := rows(codec.FromBytes(nil, data), &codec.Scan{Fields: []types.Field{{Name: "i32", Type: types.Int}}})
		if err == nil || !strings.Contains(err.Error(), "FAILED_READ_FILE") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestReaderSurvivesDamage flips bits anywhere, mostly in the footer: the reader may return an error or other rows, but must
// not panic.
func TestReaderSurvivesDamage(t *testing.T) {
	files, _ := filepath.Glob("testdata/*.parquet")
	random := rand.New(rand.NewPCG(1, 2))
	for i := range 600 {
		data := load(t, files[i%len(files)])
		for range 1 + random.IntN(3) {
			at := random.IntN(len(data))
			if random.IntN(2) == 0 {
				at = len(data) - 1 - random.IntN(min(len(data), 3000))
			}
			data[at] ^= 1 << random.IntN(8)
		}
		schema, err := Schema(bytes.NewReader(data), int64(len(data)))
		if err != nil || len(schema.Fields) > 50 {
			continue
		}
		_, _ = limited(codec.FromBytes(nil, data), &codec.Scan{Fields: schema.Fields}, 50)
	}
}

// FuzzReader looks for panics, endless loops and large allocations in damaged files.
func FuzzReader(f *testing.F) {
	for _, name := range []string{"split", "delta"} { // small ones: the engine minimises what it finds
		data, err := os.ReadFile("testdata/" + name + ".parquet")
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		schema, err := Schema(bytes.NewReader(data), int64(len(data)))
		if err != nil || len(schema.Fields) > 50 {
			return
		}
		_, _ = limited(codec.FromBytes(nil, data), &codec.Scan{Fields: schema.Fields}, 50)
	})
}

func load(t *testing.T, path string) []byte {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// rows reads everything and returns one line of text per row.
func rows(in codec.Input, scan *codec.Scan) (string, error) { return limited(in, scan, 1<<30) }

func limited(in codec.Input, scan *codec.Scan, batches int) (string, error) {
	r, err := NewReader(in, nil, scan, new(Footers))
	if err != nil {
		return "", err
	}
	defer func() { _ = r.Close() }()
	var b []byte
	for range batches {
		batch, err := r.Next(context.Background())
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return string(b), err
		}
		b = appendRows(b, batch)
	}
	return string(b), nil
}

func appendRows(b []byte, batch *vector.Batch) []byte {
	for row := range batch.N {
		b = append(b, '{')
		for i, v := range batch.Cols {
			if i > 0 {
				b = append(b, ", "...)
			}
			if v.IsNull(row) {
				b = append(b, "null"...)
			}
			b = valuetext.AppendValue(b, v, row, valuetext.Options{})
		}
		b = append(b, "}\n"...)
	}
	return b
}

func compareLines(t *testing.T, got, want string) {
	t.Helper()
	g, w := strings.Split(got, "\n"), strings.Split(want, "\n")
	if len(g) != len(w) {
		t.Errorf("%d rows, want %d", len(g)-1, len(w)-1)
	}
	for i := range min(len(g), len(w)) {
		if g[i] != w[i] {
			t.Fatalf("row %d\n got %s\nwant %s", i, g[i], w[i])
		}
	}
}

// TestAlwaysNullColumnHasItsPhysicalType checks what Spark 4.3 infers for the logical type UNKNOWN over INT32.
func TestAlwaysNullColumnHasItsPhysicalType(t *testing.T) {
	data := load(t, "testdata/null-type.parquet")
	s, err := Schema(bytes.NewReader(data), int64(len(data)))
	if err != nil || s.DDL() != "a BIGINT,n INT" {
		t.Errorf("%v, %v", s.DDL(), err)
	}
}
