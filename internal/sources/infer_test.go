package sources

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/streamctl/streamctl/internal/datetime"
	"github.com/streamctl/streamctl/internal/job"
	"github.com/streamctl/streamctl/internal/types"
)

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
		s, err := InferSchema(c.Format, options, datetime.UTC, []string{path})
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
		s, err := InferSchema("csv", c.options, datetime.UTC, c.paths)
		if err != nil || s.DDL() != c.want {
			t.Errorf("%v: %v %v, want %s", c.options, s, err, c.want)
		}
	}
	if _, err := InferSchema("csv", job.Options{{Name: "samplingRatio", Value: "0"}}, datetime.UTC, []string{a}); err == nil {
		t.Error("a sample of nothing is accepted")
	}
	s, err := InferSchema("parquet", nil, datetime.UTC, []string{"../codec/parquet/testdata/split.parquet"})
	if err != nil || s.DDL() != "f FLOAT,d DOUBLE,s STRING" {
		t.Errorf("%v %v", s, err)
	}
}
