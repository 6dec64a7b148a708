package sinks

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/streamctl/streamctl/internal/codec"
	"github.com/streamctl/streamctl/internal/codec/parquet"
	"github.com/streamctl/streamctl/internal/datetime"
	"github.com/streamctl/streamctl/internal/job"
	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/vector"
)

// parquetStream returns a stream with a parquet sink.
func parquetStream(dir string, by []string, options ...string) *job.Stream {
	s := fileStream(dir, by, options...)
	s.Sink.Format = "parquet"
	return s
}

// parquetFiles lists the output of a parquet sink as file=value,value.
func parquetFiles(t *testing.T, dir string) string {
	t.Helper()
	random := regexp.MustCompile(`-[0-9a-f]{8}-[0-9a-f-]{27}`)
	paths, _ := filepath.Glob(filepath.Join(dir, "*.parquet"))
	deeper, _ := filepath.Glob(filepath.Join(dir, "*", "*.parquet"))
	var out []string
	for _, path := range append(paths, deeper...) {
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		scan := &codec.Scan{Fields: []types.Field{{Name: "v", Type: types.String}}}
		r, err := parquet.NewReader(codec.FromBytes(nil, data), nil, scan, new(parquet.Footers))
		if err != nil {
			t.Fatal(err)
		}
		rel, _ := filepath.Rel(dir, path)
		out = append(out, random.ReplaceAllString(rel, "")+"="+strings.Join(firstColumn(t, r), ","))
	}
	return strings.Join(out, " ")
}

func firstColumn(t *testing.T, r vector.Reader) []string {
	t.Helper()
	var out []string
	for {
		b, err := r.Next(context.Background())
		if errors.Is(err, io.EOF) {
			return out
		}
		if err != nil {
			t.Fatal(err)
		}
		for i := range b.N {
			out = append(out, string(b.Cols[0].Bytes(i)))
		}
	}
}

func TestParquetFiles(t *testing.T) {
	first, second := textBatch(t, []any{"a", "b", "a"}, []any{"1", "2", "3"}), textBatch(t, []any{"b", "a"}, []any{"4", "5"})
	for _, c := range []struct {
		by      []string
		options []string
		want    string
	}{
		{nil, nil, "part-00000-c000.snappy.parquet=1,2,3 part-00001-c000.snappy.parquet=4,5"},
		{nil, []string{"compression", "NONE"}, "part-00000-c000.parquet=1,2,3 part-00001-c000.parquet=4,5"},
		{nil, []string{"parquet.compression", "zstd", "codec", "gzip"}, "part-00000-c000.zstd.parquet=1,2,3 part-00001-c000.zstd.parquet=4,5"},
		{nil, []string{"maxRecordsPerFile", "2"}, "part-00000-c000.snappy.parquet=1,2 part-00000-c001.snappy.parquet=3 part-00001-c000.snappy.parquet=4,5"},
		{[]string{"k"}, []string{"compression", "gzip"}, "k=a/part-00000.c000.gz.parquet=1,3 k=a/part-00001.c000.gz.parquet=5 " +
			"k=b/part-00000.c000.gz.parquet=2 k=b/part-00001.c000.gz.parquet=4"},
	} {
		dir := t.TempDir()
		sink := newFileSink(t, parquetStream(dir, c.by, c.options...))
		writeTasks(t, sink, 0, first, second)
		if got := parquetFiles(t, dir); got != c.want {
			t.Errorf("%s\nwant %s", got, c.want)
		}
	}
}

func TestParquetFileOfAnEmptyBatchHasASchema(t *testing.T) {
	dir := t.TempDir()
	sink := newFileSink(t, parquetStream(dir, nil))
	writeTasks(t, sink, 0)
	if got := parquetFiles(t, dir); got != "part-00000-c000.snappy.parquet=" {
		t.Error(got)
	}
}

func TestParquetSinkRefusesMistakesBeforeTheFirstBatch(t *testing.T) {
	nonsense := parquetStream(t.TempDir(), nil, "compression", "nonsense")
	if _, err := New(nonsense, twoTexts, Env{Job: &job.Job{}}); err == nil || !strings.Contains(err.Error(), "CODEC_NOT_AVAILABLE") {
		t.Errorf("error %v", err)
	}
}

// Spark shows an INTERVAL of months, days and seconds, but no file format can store it.
func TestFilesCannotHoldIntervals(t *testing.T) {
	interval := &types.Schema{Fields: []types.Field{{Name: "c", Type: types.Interval}}}
	for _, format := range []string{"csv", "json", "parquet"} {
		s := fileStream(t.TempDir(), nil)
		s.Sink.Format = format
		if _, err := New(s, interval, Env{Job: &job.Job{}}); err == nil || !strings.Contains(err.Error(), "UNSUPPORTED_DATA_TYPE_FOR_DATASOURCE") {
			t.Errorf("%s: error %v", format, err)
		}
	}
	for _, format := range []string{"csv", "json", "tsv", "arrow"} {
		plain := &job.Stream{Sink: job.Sink{Format: format, Path: "-"}}
		if _, err := New(plain, interval, Env{Job: &job.Job{}, Zone: datetime.UTC}); err != nil {
			t.Errorf("%s on standard output: error %v", format, err)
		}
	}
}
