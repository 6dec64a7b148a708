package job

import (
	"fmt"
	"strings"
	"testing"
)

// A key that the table has and the parser does not would be one that editors complete and streamctl refuses.
func TestTheParserKnowsEveryKeyOfTheTable(t *testing.T) {
	within := map[string]string{
		"the job file": "%s", "a stream": "streams: [%s]", "sink": "streams: [{sink: %s}]", "trigger": "streams: [{sink: {trigger: %s}}]",
		"a column": "streams: [{source: {schema: [%s]}}]", "a step": "streams: [{transform: [%s]}]",
		"withWatermark": "streams: [{transform: [withWatermark: %s]}]", "groupBy": "streams: [{transform: [groupBy: %s]}]",
		"join": "streams: [{transform: [join: %s]}]", "union": "streams: [{transform: [union: %s]}]",
		"with": "streams: [{transform: [union: {with: %s}]}]", "source": "sources: {a: %s}",
		"a test": "tests: [%s]", "a batch of a test": "tests: [{batches: [%s]}]",
	}
	for what, form := range within {
		keys := keysOf(what)
		if len(keys) == 0 {
			t.Errorf("no keys of %s", what)
		}
		for _, k := range keys {
			one := fmt.Sprintf("{%s: 1}", k.name)
			if what == "with" && k.name == "transform" {
				one = "{stream: a, transform: []}"
			}
			if what == "source" && k.name == "stream" {
				form = "streams: [{source: %s}]"
			}
			if _, err := Parse(fmt.Appendf(nil, form, one), "job.yaml"); err == nil || strings.Contains(err.Error(), "unknown key \""+k.name) {
				t.Errorf("%s in %s: %v", k.name, what, err)
			}
		}
	}
}
