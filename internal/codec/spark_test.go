package codec_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/streamctl/streamctl/internal/codec"
	"github.com/streamctl/streamctl/internal/codec/compress"
	"github.com/streamctl/streamctl/internal/codec/parquet"
	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/vector"
	"github.com/streamctl/streamctl/test/codectest"
)

// A copied file is read by Spark, which writes its rows in another format. trips.py receives the exported fields.
type copied struct {
	From  string            `json:"from"`
	To    string            `json:"to"`
	Path  string            `json:"path"`
	Out   string            `json:"out"`
	DDL   string            `json:"schema"`
	Read  map[string]string `json:"read"`
	Write map[string]string `json:"write"`
	Conf  map[string]string `json:"conf"`

	name   string
	schema *types.Schema
	want   []string
	failed bool
}

// A filled schema has random rows.
type filled struct {
	schema  *types.Schema
	batches []*vector.Batch
}

func newFilled(t *testing.T, ddl string, seed uint64, pieces []string) *filled {
	t.Helper()
	schema, err := types.ParseDDL(ddl)
	if err != nil {
		t.Fatal(err)
	}
	f := &filled{schema: schema}
	values := &codectest.Values{Rand: rand.New(rand.NewPCG(seed, 1)), Texts: pieces}
	for range 3 {
		f.batches = append(f.batches, values.Batch(schema.Fields, 1+values.IntN(20)))
	}
	return f
}

func (f *filled) rows(loss *codectest.Loss) (rows []string) {
	for _, b := range f.batches {
		rows = append(rows, loss.Rows(b)...)
	}
	return rows
}

// write writes a text file.
func (f *filled) write(t *testing.T, path string, e codec.Encoder, method *compress.Codec) {
	t.Helper()
	file := &packed{codec: method}
	file.write(t, e.Header(nil))
	for _, b := range f.batches {
		out, err := e.AppendBatch(nil, b)
		if err != nil {
			t.Fatal(err)
		}
		file.write(t, out)
	}
	put(t, path, file.file.Bytes())
}

// writeParquet writes a Parquet file with one row group per batch.
func (f *filled) writeParquet(t *testing.T, path string, options, conf map[string]string) {
	t.Helper()
	o, err := parquet.ParseWriteOptions(options, conf)
	if err != nil {
		t.Fatal(err)
	}
	j, err := parquet.NewJoiner(f.schema.Fields, o)
	if err != nil {
		t.Fatal(err)
	}
	var file bytes.Buffer
	write := func(b []byte) error { file.Write(b); return nil }
	for _, b := range f.batches {
		e, err := parquet.NewEncoder(f.schema.Fields, o)
		if err != nil {
			t.Fatal(err)
		}
		out, err := e.AppendBatch(nil, b)
		if err == nil {
			out, err = e.AppendEnd(out)
		}
		if err == nil {
			err = j.Join(out, write)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := j.End(write); err != nil {
		t.Fatal(err)
	}
	put(t, path, file.Bytes())
}

func put(t *testing.T, path string, data []byte) {
	t.Helper()
	if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, data, 0o644)); err != nil {
		t.Fatal(err)
	}
}

// sparkTrips has Spark read what we write, and write what we read. Parquet transports the rows in the other direction.
func (c *trip) sparkTrips(t *testing.T, format, ddl string, seed uint64, encoder func([]types.Field, map[string]string) (codec.Encoder, error)) []*copied {
	t.Helper()
	f := newFilled(t, ddl, seed, c.pieces)
	e, err := encoder(f.schema.Fields, c.write)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	method := methods[seed%uint64(len(methods))]
	here, carrier := filepath.Join(dir, "part."+format+method.Extension), filepath.Join(dir, "carrier.parquet")
	f.write(t, here, e, method)
	f.writeParquet(t, carrier, nil, nil)
	read, write := map[string]string{}, maps.Clone(c.write)
	maps.Copy(read, c.write)
	maps.Copy(read, c.read)
	if write == nil {
		write = map[string]string{}
	}
	write["compression"] = method.Name
	name, rows := fmt.Sprintf("%s, %s, %s", format, c.name, method.Name), f.rows(&c.loss)
	return []*copied{
		{From: format, Path: here, To: "parquet", Out: filepath.Join(dir, "read"), DDL: ddl, Read: read, name: name + ": Spark reads", schema: f.schema, want: rows},
		{From: "parquet", Path: carrier, To: format, Out: filepath.Join(dir, "written"), DDL: ddl, Write: write, Read: read, name: name + ": Spark writes", schema: f.schema, want: rows},
	}
}

// parquetTypes lists the types that Parquet can hold.
const parquetTypes = flat + ", bin BINARY, d19 DECIMAL(19,0), a ARRAY<INT>, aa ARRAY<ARRAY<STRING>>, m MAP<INT, DECIMAL(20,3)>, st STRUCT<x: INT, y: STRUCT<z: STRING, ts: TIMESTAMP>>, " +
	"ast ARRAY<STRUCT<k: STRING, v: DOUBLE>>, mm MAP<STRING, MAP<DATE, ARRAY<BINARY>>>"

// parquetTrips lists ways to write Parquet, from both sides.
func parquetTrips(t *testing.T, seed uint64) (all []*copied) {
	t.Helper()
	for _, w := range []struct {
		name               string
		here, there, confs map[string]string
	}{
		{name: "defaults"},
		{name: "INT96", confs: map[string]string{"spark.sql.parquet.outputTimestampType": "INT96"}, here: map[string]string{"compression": "none"}},
		{name: "pages of version 2", here: map[string]string{"compression": "gzip"}, there: map[string]string{"parquet.writer.version": "PARQUET_2_0", "compression": "zstd"}},
		{name: "legacy", here: map[string]string{"compression": "zstd"}, there: map[string]string{"compression": "gzip"}, confs: map[string]string{"spark.sql.parquet.writeLegacyFormat": "true"}},
		{name: "no dictionaries", here: map[string]string{"compression": "lz4_raw"}, there: map[string]string{"parquet.enable.dictionary": "false", "compression": "lz4_raw"}},
		{name: "small pages", there: map[string]string{"parquet.page.size": "64", "parquet.page.row.count.limit": "3", "parquet.block.size": "1000"}},
	} {
		f := newFilled(t, parquetTypes, seed, breaks)
		dir := t.TempDir()
		path := filepath.Join(dir, "part.parquet")
		f.writeParquet(t, path, w.here, w.confs)
		all = append(all, &copied{From: "parquet", Path: path, To: "parquet", Out: filepath.Join(dir, "written"), DDL: parquetTypes, Write: w.there, Conf: w.confs,
			name: "parquet, " + w.name, schema: f.schema, want: f.rows(&codectest.Loss{})})
	}
	return all
}

// rows reads the part file that Spark has written.
func (c *copied) rows() ([]string, error) {
	parts, err := filepath.Glob(filepath.Join(c.Out, "part-*"))
	if err != nil {
		return nil, err
	}
	if len(parts) != 1 {
		return nil, fmt.Errorf("%d part files", len(parts))
	}
	file, err := os.Open(parts[0])
	if err != nil {
		return nil, err
	}
	r, err := compress.ByPath(parts[0]).NewReader(file)
	if err != nil {
		return nil, err
	}
	data, err := io.ReadAll(r)
	if err = errors.Join(err, r.Close()); err != nil {
		return nil, err
	}
	in, scan := codec.FromBytes(&vector.File{Path: parts[0]}, data), &codec.Scan{Schema: c.schema, Fields: c.schema.Fields}
	read := map[string]func(codec.Input, map[string]string, *codec.Scan) (vector.Reader, error){"csv": csvReader, "json": jsonReader, "text": textReader, "parquet": parquetReader}
	reader, err := read[c.To](in, c.Read, scan)
	if err != nil {
		return nil, err
	}
	return rowsOf(reader)
}

func parquetReader(in codec.Input, options map[string]string, scan *codec.Scan) (vector.Reader, error) {
	o, err := parquet.ParseOptions(options)
	if err != nil {
		return nil, err
	}
	return parquet.NewReader(in, o, scan, new(parquet.Footers))
}

// copyOnSpark runs the tasks in one Spark application and reports the errors of each.
func copyOnSpark(t *testing.T, tasks []*copied) {
	t.Helper()
	var in, log bytes.Buffer
	for _, c := range tasks {
		if err := json.NewEncoder(&in).Encode(c); err != nil {
			t.Fatal(err)
		}
	}
	python := filepath.Join(os.Getenv("STREAMCTL_SPARK"), "bin/python3")
	cmd := exec.CommandContext(t.Context(), python, "testdata/trips.py")
	cmd.Env = append(os.Environ(), "TZ=UTC", "PYSPARK_PYTHON="+python)
	cmd.Stdin, cmd.Stderr = &in, &log
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v\n%s", err, &log)
	}
	results := json.NewDecoder(bytes.NewReader(out))
	for _, c := range tasks {
		var failure *string
		if err := results.Decode(&failure); err != nil {
			t.Fatal(err)
		}
		if failure != nil {
			t.Errorf("%s: %s", c.name, *failure)
			c.failed = true
		}
	}
}

// TestSparkReadsWhatIsWrittenAndWritesWhatIsRead sends random rows through both engines, for all formats and options.
func TestSparkReadsWhatIsWrittenAndWritesWhatIsRead(t *testing.T) {
	if os.Getenv("STREAMCTL_SPARK") == "" {
		t.Skip("STREAMCTL_SPARK is not set: make spark-test runs this test")
	}
	seeds := uint64(1)
	if os.Getenv("STREAMCTL_SPARK_FULL") != "" {
		seeds = 20
	}
	var tasks []*copied
	for seed := range seeds {
		for i := range csvTrips {
			tasks = append(tasks, csvTrips[i].sparkTrips(t, "csv", flat, seed+uint64(i), csvEncoder)...)
		}
		for i := range jsonTrips {
			tasks = append(tasks, jsonTrips[i].sparkTrips(t, "json", flat+nestedInFiles, seed+uint64(i), jsonEncoder)...)
		}
		for i := range textTrips {
			tasks = append(tasks, textTrips[i].sparkTrips(t, "text", "value STRING", seed+uint64(i), textEncoder)...)
		}
		tasks = append(tasks, parquetTrips(t, seed)...)
	}
	copyOnSpark(t, tasks)
	for _, c := range tasks {
		if !c.failed {
			c.check(t)
		}
	}
	t.Logf("%d files", len(tasks))
}

func (c *copied) check(t *testing.T) {
	got, err := c.rows()
	if err != nil || len(got) != len(c.want) {
		t.Errorf("%s: %d rows, want %d; error %v", c.name, len(got), len(c.want), err)
	}
	for i := range min(len(got), len(c.want)) {
		if got[i] != c.want[i] {
			t.Errorf("%s:\n got %s\nwant %s", c.name, got[i], c.want[i])
			return
		}
	}
}
