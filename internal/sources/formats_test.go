package sources_test

import (
	"strings"
	"testing"

	"github.com/streamctl/streamctl/internal/job"
	"github.com/streamctl/streamctl/internal/sinks"
	"github.com/streamctl/streamctl/internal/sources"
	"github.com/streamctl/streamctl/internal/types"
)

func TestOptionsThatAreRefusedAreNamed(t *testing.T) {
	for name, tables := range map[string]job.Formats{"explodeEmbeddedArray": sources.Formats, "retention": sinks.Formats} {
		found := false
		for _, f := range tables {
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
	for _, f := range append(append(job.Formats{}, sources.Formats...), sinks.Formats...) {
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
		if _, err := sources.Codec(format).NewDecoder(nil, interval); err == nil || !strings.Contains(err.Error(), "UNSUPPORTED_DATA_TYPE_FOR_DATASOURCE") {
			t.Errorf("%s: error %v", format, err)
		}
	}
}
