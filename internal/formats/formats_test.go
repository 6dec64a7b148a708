package formats_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/streamctl/streamctl/internal/formats"
	"github.com/streamctl/streamctl/internal/job"
	"github.com/streamctl/streamctl/internal/types"
)

func TestOptionsThatAreRefusedAreNamed(t *testing.T) {
	for name, tables := range map[string]job.Formats{"explodeEmbeddedArray": formats.Sources, "retention": formats.Sinks} {
		found := false
		for _, f := range tables.All() {
			if spec, ok := f.Find(strings.ToUpper(name)); ok {
				found = true
				if spec.Effect != job.Refused {
					t.Errorf("%s: the option %s has effect %d", f.Name, name, spec.Effect)
				}
			}
		}
		if !found {
			t.Errorf("no format has the option %s", name)
		}
	}
}

// Each option is in a table once; it would be unclear which of two entries counts.
func TestOptionsStandInTheirTableOnce(t *testing.T) {
	for _, f := range append(formats.Sources.All(), formats.Sinks.All()...) {
		seen := map[string]bool{}
		for _, o := range f.Options {
			if name := strings.ToLower(o.Name); seen[name] {
				t.Errorf("%s: %s", f.Name, o.Name)
			} else {
				seen[name] = true
			}
		}
	}
}

// Spark: INTERVAL is a type of expressions; the other intervals are those of files.
func TestNoFileHasIntervals(t *testing.T) {
	interval := &types.Schema{Fields: []types.Field{{Name: "c", Type: types.Interval}}}
	for _, format := range []string{"csv", "json", "parquet"} {
		f, _ := formats.Sources.Find(format)
		if _, err := f.Codec.NewDecoder(nil, interval); err == nil || !strings.Contains(err.Error(), "UNSUPPORTED_DATA_TYPE_FOR_DATASOURCE") {
			t.Errorf("%s: error %v", format, err)
		}
	}
}

// comparison finds comparisons with the name of a format. The names json and text are also those of outputs, and socket is that of a
// command: they are looked for next to the word Format.
var comparison = regexp.MustCompile(`([!=]=|case|EqualFold\(.*,) *"(csv|parquet|rate|rate-micro-batch|console|noop|tsv|arrow|kafka)"|Format\)? *[!=]= *"[a-z]|EqualFold\(.*Format, *"`)

func TestNoCodeComparesTheNamesOfFormats(t *testing.T) {
	for _, dir := range []string{"cli", "engine", "job", "pyspark", "sinks", "sources", "spark", "transform"} {
		err := filepath.WalkDir(filepath.Join("..", dir), func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
				return err
			}
			text, err := os.ReadFile(path)
			for i, line := range strings.Split(string(text), "\n") {
				if comparison.MatchString(line) {
					t.Errorf("%s:%d: %s", path, i+1, strings.TrimSpace(line))
				}
			}
			return err
		})
		if err != nil {
			t.Error(err)
		}
	}
}

// A description says what a format can do to those who cannot see the functions.
func TestDescriptionsAgreeWithFunctions(t *testing.T) {
	for _, f := range formats.Sources {
		if f.Intervals != (f.OpenInterval != nil) || f.Missing != (f.Open == nil) || f.Missing != (f.Columns == nil) {
			t.Errorf("source %s: %+v", f.Name, f)
		}
	}
	for _, f := range formats.Sinks {
		if f.Missing != (f.Open == nil) {
			t.Errorf("sink %s: %+v", f.Name, f)
		}
	}
}

func TestTheExtensionOfAPathImpliesItsFormat(t *testing.T) {
	for path, want := range map[string]string{
		"a.csv": "csv", "dir/A.CSV.GZ": "csv", "x.json": "json", "x.jsonl.zst": "json", "x.ndjson": "json", "x.parquet": "parquet", "x.txt.bz2": "text",
		"x": "", "x.gz": "", "x.csv/": "", "x.orc": "orc",
	} {
		if got := formats.OfPath(path); got != want {
			t.Errorf("%s: %q, want %q", path, got, want)
		}
	}
}
