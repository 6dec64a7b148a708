package parquet

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/streamctl/streamctl/internal/codec"
	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/vector"
	"github.com/streamctl/streamctl/test/pyarrow"
)

// TestEncoderAndReaderAgree writes the contents of the fixtures with all options and reads them back.
func TestEncoderAndReaderAgree(t *testing.T) {
	files, _ := filepath.Glob("testdata/*.parquet")
	for _, path := range files {
		data := load(t, path)
		schema, err := Schema(bytes.NewReader(data), int64(len(data)))
		if err != nil {
			t.Fatal(err)
		}
		want := string(load(t, strings.TrimSuffix(path, ".parquet")+".txt"))
		for _, c := range []struct {
			compression, times string
			piece              int
		}{{"snappy", "", 1 << 20}, {"none", "INT96", 1}, {"gzip", "TIMESTAMP_MILLIS", 5}, {"zstd", "", 1000}, {"lz4_raw", "", 13}, {"lz4", "", 99}} {
			o, err := ParseWriteOptions(map[string]string{"compression": c.compression}, map[string]string{"spark.sql.parquet.outputTimestampType": c.times})
			if err != nil {
				t.Fatal(err)
			}
			file := rewrite(t, data, schema, o, c.piece)
			again, err := Schema(bytes.NewReader(file), int64(len(file)))
			if err != nil {
				t.Fatal(err)
			}
			if got, want := again.DDL(), (&types.Schema{Fields: asNullable(schema.Fields)}).DDL(); got != want {
				t.Errorf("schema %s, want %s", got, want)
			}
			got, err := rows(codec.FromBytes(nil, file), &codec.Scan{Fields: again.Fields})
			if err != nil {
				t.Fatalf("%s, %s: %v", path, c.compression, err)
			}
			if c.times == "TIMESTAMP_MILLIS" {
				got = strings.ReplaceAll(got, "00:00:00.123,", "00:00:00.123456,") // Spark's files have microseconds
			}
			compareLines(t, got, want)
		}
	}
}

// rewrite copies a file: two encoders take turns with the batches, and their output arrives in pieces.
func rewrite(t *testing.T, data []byte, schema *types.Schema, o *WriteOptions, piece int) []byte {
	t.Helper()
	j, err := NewJoiner(schema.Fields, o)
	if err != nil {
		t.Fatal(err)
	}
	var file bytes.Buffer
	write := func(b []byte) error { file.Write(b); return nil }
	r, err := NewReader(codec.FromBytes(nil, data), nil, &codec.Scan{Fields: schema.Fields}, new(Footers))
	if err != nil {
		t.Fatal(err)
	}
	for {
		b, err := r.Next(context.Background())
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		for _, sel := range halves(b.N) {
			e, err := NewEncoder(schema.Fields, o)
			if err != nil {
				t.Fatal(err)
			}
			part := *b
			part.Sel = sel
			out, err := e.AppendBatch(nil, &part)
			if err == nil {
				out, err = e.AppendEnd(out)
			}
			if err != nil {
				t.Fatal(err)
			}
			for len(out) > 0 {
				n := min(piece, len(out))
				if err := j.Join(out[:n], write); err != nil {
					t.Fatal(err)
				}
				out = out[n:]
			}
		}
	}
	if err := j.End(write); err != nil {
		t.Fatal(err)
	}
	return file.Bytes()
}

// halves selects the first and the second half of n rows; for an odd n it returns a single nil selection.
func halves(n int) []vector.Selection {
	if n%2 == 1 {
		return []vector.Selection{nil}
	}
	var first, second vector.Selection
	for i := range n {
		if i < n/2 {
			first = append(first, int32(i))
		} else {
			second = append(second, int32(i))
		}
	}
	return []vector.Selection{first, second}
}

func TestEncoderUsesDictionaries(t *testing.T) {
	o, err := ParseWriteOptions(nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	fields := []types.Field{{Name: "few", Type: types.String}, {Name: "many", Type: types.Long}, {Name: "n", Type: types.Int}}
	e, err := NewEncoder(fields, o)
	if err != nil {
		t.Fatal(err)
	}
	j, err := NewJoiner(fields, o)
	if err != nil {
		t.Fatal(err)
	}
	const total = 50_000
	var want strings.Builder
	b := &vector.Batch{N: vector.BatchRows}
	var file bytes.Buffer
	write := func(p []byte) error { file.Write(p); return nil }
	word := []string{"alpha", "beta", "", "delta"}
	for at := 0; at < total; at += b.N {
		few, many, n := vector.New(types.String, b.N), vector.New(types.Long, b.N), vector.New(types.Int, b.N)
		for i := range b.N {
			few.SetString(i, word[(at+i)%4])
			many.I64[i], n.I32[i] = int64(at+i)*1e9, int32((at+i)%300)
			if (at+i)%7 == 0 {
				n.SetNull(i)
			}
		}
		b.Cols = []*vector.Vector{few, many, n}
		want.Write(appendRows(nil, b))
		part, err := e.AppendBatch(nil, b)
		if err != nil {
			t.Fatal(err)
		}
		if err := j.Join(part, write); err != nil {
			t.Fatal(err)
		}
	}
	part, err := e.AppendEnd(nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(j.Join(part, write), j.End(write)); err != nil {
		t.Fatal(err)
	}
	got, err := rows(codec.FromBytes(nil, file.Bytes()), &codec.Scan{Fields: fields})
	if err != nil {
		t.Fatal(err)
	}
	compareLines(t, got, want.String())
	f, err := readFooter(bytes.NewReader(file.Bytes()), int64(file.Len()))
	if err != nil {
		t.Fatal(err)
	}
	for i, dict := range []bool{true, false, true} {
		if got := f.meta.RowGroups[0].Columns[i].MetaData.DictionaryPageOffset > 0; got != dict {
			t.Errorf("column %d has a dictionary: %v", i, got)
		}
	}
}

func TestEncoderRefusesUnsupportedTypes(t *testing.T) {
	o, err := ParseWriteOptions(nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]*types.Type{
		"EMPTY_SCHEMA_NOT_SUPPORTED_FOR_DATASOURCE": types.ArrayOf(types.StructOf(), true),
		"UNSUPPORTED_DATA_TYPE_FOR_DATASOURCE":      types.StructOf(types.Field{Name: "i", Type: types.Interval}),
	} {
		if _, err := NewEncoder([]types.Field{{Name: "c", Type: c}}, o); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: %v, want %s", c, err, name)
		}
	}
}

func TestWriteOptionsRefuseUnknownWords(t *testing.T) {
	for _, c := range []struct{ options, conf map[string]string }{
		{map[string]string{"compression": "nonsense"}, nil},
		{nil, map[string]string{"spark.sql.parquet.outputTimestampType": "NANOS"}},
	} {
		if _, err := ParseWriteOptions(c.options, c.conf); err == nil {
			t.Errorf("%v is accepted", c)
		}
	}
}

const script = `
import sys, pyarrow.parquet as pq
f = pq.ParquetFile(sys.argv[1])
for b in f.iter_batches():
    b.validate(full=True)
t = f.read()
t.validate(full=True)
print(f.metadata.num_rows, t.num_rows, t.equals(pq.read_table(sys.argv[2]).cast(t.schema)))
`

// TestPyarrowReadsWhatWeWrite has pyarrow compare our copies of files with the originals.
func TestPyarrowReadsWhatWeWrite(t *testing.T) {
	o, err := ParseWriteOptions(nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"flat-snappy-v1", "nested-v2"} {
		original := "testdata/" + name + ".parquet"
		data := load(t, original)
		schema, err := Schema(bytes.NewReader(data), int64(len(data)))
		if err != nil {
			t.Fatal(err)
		}
		copied := filepath.Join(t.TempDir(), "copy.parquet")
		if err := os.WriteFile(copied, rewrite(t, data, schema, o, 1<<20), 0o644); err != nil {
			t.Fatal(err)
		}
		if out := pyarrow.Run(t, script, nil, copied, original); out != "60 60 True\n" {
			t.Errorf("%s: %s", name, out)
		}
	}
}
