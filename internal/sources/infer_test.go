package sources

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/streamctl/streamctl/internal/codec"
	"github.com/streamctl/streamctl/internal/codec/csv"
	jsoncodec "github.com/streamctl/streamctl/internal/codec/json"
	"github.com/streamctl/streamctl/internal/codec/parquet"
	"github.com/streamctl/streamctl/internal/codec/text"
	"github.com/streamctl/streamctl/internal/datetime"
	"github.com/streamctl/streamctl/internal/job"
	"github.com/streamctl/streamctl/internal/storage"
	"github.com/streamctl/streamctl/internal/types"
)

// codecNamed returns the codec of a format.
func codecNamed(format string) *codec.Codec {
	return map[string]*codec.Codec{"csv": csv.Codec, "json": jsoncodec.Codec, "text": text.Codec, "parquet": parquet.Codec}[format]
}

// TestSchemasAreInferredAsSparkDoes compares with what Spark 4.3 inferred.
func TestSchemasAreInferredAsSparkDoes(t *testing.T) {
	data, err := os.ReadFile("testdata/infer.json")
	if err != nil {
		t.Fatal(err)
	}
	var cases []struct {
		Format, Name, Text, Schema, Error string
		Options                           map[string]string
	}
	if err := json.Unmarshal(data, &cases); err != nil {
		t.Fatal(err)
	}
	for _, c := range cases {
		path := filepath.Join(t.TempDir(), "data")
		if err := os.WriteFile(path, []byte(c.Text), 0o644); err != nil {
			t.Fatal(err)
		}
		var options job.Options
		for name, value := range c.Options {
			options = append(options, job.Option{Name: name, Value: value})
		}
		s, err := InferSchema(storage.OS, codecNamed(c.Format), options, datetime.UTC, []string{path})
		switch {
		case c.Error != "":
			condition, _, _ := strings.Cut(strings.TrimPrefix(c.Error, "["), "]")
			if err == nil || strings.HasPrefix(c.Error, "[") && !strings.Contains(err.Error(), condition) {
				t.Errorf("%s, %s: %v, want %s", c.Format, c.Name, err, c.Error)
			}
		case err != nil:
			t.Errorf("%s, %s: %v", c.Format, c.Name, err)
		default:
			if got := types.StructOf(s.Fields...).String(); got != c.Schema {
				t.Errorf("%s, %s: %s, want %s", c.Format, c.Name, got, c.Schema)
			}
		}
	}
}

func TestSchemasAreInferredFromAllFilesOrASample(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		return path
	}
	a, b := write("a", "n,x\n1,2\n"), write("b", "n,x\n1.5,y\n")
	header := job.Options{{Name: "header", Value: "true"}}
	for _, c := range []struct {
		options job.Options
		paths   []string
		want    string
	}{
		{header, []string{a, b}, "n DOUBLE,x STRING"},
		{header, []string{a}, "n INT,x INT"},
		{append(header, job.Option{Name: "samplingRatio", Value: "0.5"}), []string{a, b}, "n INT,x INT"},
		{nil, []string{a}, "_c0 STRING,_c1 STRING"},
		{append(header, job.Option{Name: "inferSchema", Value: "false"}), []string{a, b}, "n STRING,x STRING"},
	} {
		s, err := InferSchema(storage.OS, codecNamed("csv"), c.options, datetime.UTC, c.paths)
		if err != nil || s.DDL() != c.want {
			t.Errorf("%v: %v %v, want %s", c.options, s, err, c.want)
		}
	}
	if _, err := InferSchema(storage.OS, codecNamed("csv"), job.Options{{Name: "samplingRatio", Value: "0"}}, datetime.UTC, []string{a}); err == nil {
		t.Error("a sample of nothing is accepted")
	}
	s, err := InferSchema(storage.OS, codecNamed("parquet"), nil, datetime.UTC, []string{"../codec/parquet/testdata/split.parquet"})
	if err != nil || s.DDL() != "f FLOAT,d DOUBLE,s STRING" {
		t.Errorf("%v %v", s, err)
	}
}

func TestInferenceSaysWhyAFileCannotBeRead(t *testing.T) {
	dir := t.TempDir()
	write := func(name string, data []byte) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, data, 0o644); err != nil {
			t.Fatal(err)
		}
		return path
	}
	var packed bytes.Buffer
	w := gzip.NewWriter(&packed)
	_, _ = w.Write([]byte(strings.Repeat("{\"a\":1}\n", 10)))
	_ = w.Close()
	loop := filepath.Join(dir, "loop.csv")
	if err := os.Symlink(loop, loop); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		format, path, want string
		options            job.Options
	}{
		{"csv", write("cut.csv.gz", packed.Bytes()[:20]), "the data ends too early", nil},
		{"json", write("cut.json.gz", packed.Bytes()[:20]), "the data ends too early", nil},
		{"json", filepath.Join(dir, "gone.json"), "no such file or directory", nil},
		{"csv", loop, "too many levels of symbolic links", nil},
		{"parquet", filepath.Join(dir, "gone.parquet"), "no such file or directory", nil},
		{"parquet", write("short.parquet", []byte("PAR1")), "it is not a Parquet file: 4 bytes are too few", nil},
		{"csv", write("wide.csv", []byte("a,b,c\n1,2,3\n")), "more than 2 columns, which is what the option maxColumns allows", job.Options{{Name: "maxColumns", Value: "2"}}},
		{"csv", write("long.csv", []byte("abc\n")), "more than 2 characters, which is what the option maxCharsPerColumn allows", job.Options{{Name: "maxCharsPerColumn", Value: "2"}}},
		{"csv", write("wider.csv", []byte("a,b,c\n1,2,3\n")), "maxColumns", job.Options{{Name: "maxColumns", Value: "2"}, {Name: "multiLine", Value: "true"}}},
	} {
		_, err := InferSchema(storage.OS, codecNamed(c.format), c.options, datetime.UTC, []string{c.path})
		if err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), filepath.Base(c.path)) {
			t.Errorf("%s: %v, want %s", filepath.Base(c.path), err, c.want)
		}
	}
}

// TestKeysThatDifferOnlyInCaseAreRefused holds what Spark 4.3 does: COLUMN_ALREADY_EXISTS, also within structs.
func TestKeysThatDifferOnlyInCaseAreRefused(t *testing.T) {
	for i, text := range []string{
		"{\"a\":1}\n{\"A\":\"x\"}\n", "{\"a\":1,\"A\":2}\n", "{\"s\":{\"a\":1}}\n{\"s\":{\"A\":\"x\"}}\n", "{\"a\":1,\"a\":\"x\"}\n", "{\"l\":[{\"a\":1,\"A\":1}]}\n",
	} {
		path := filepath.Join(t.TempDir(), "a.json")
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		if _, err := InferSchema(storage.OS, codecNamed("json"), nil, datetime.UTC, []string{path}); err == nil || !strings.Contains(err.Error(), "COLUMN_ALREADY_EXISTS") {
			t.Errorf("case %d: %v", i, err)
		}
	}
}
