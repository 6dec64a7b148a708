package sources_test

import (
	"strings"
	"testing"

	"github.com/streamctl/streamctl/internal/job"
	"github.com/streamctl/streamctl/internal/sinks"
	"github.com/streamctl/streamctl/internal/sources"
)

func TestOptionsThatAreRefusedAreNamed(t *testing.T) {
	for name, tables := range map[string]job.Formats{"singleVariantColumn": sources.Formats, "explodeEmbeddedArray": sources.Formats, "retention": sinks.Formats} {
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

// Each option stands in a table once, so that nobody wonders which entry counts.
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
