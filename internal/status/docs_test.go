package status

import (
	"os"
	"strings"
	"testing"
)

// TestTheDocumentationListsEveryMetric compares the table of docs/STATUS.md with that of the program.
func TestTheDocumentationListsEveryMetric(t *testing.T) {
	text, err := os.ReadFile("../../docs/STATUS.md")
	if err != nil {
		t.Fatal(err)
	}
	var want []string
	for _, m := range metrics() {
		want = append(want, "| `"+m.name+"` | "+m.kind+" | "+m.labels+" | "+m.help+" |")
	}
	var got []string
	for line := range strings.Lines(string(text)) {
		if strings.HasPrefix(line, "| `streamctl_") || strings.HasPrefix(line, "| `process_") {
			got = append(got, strings.TrimSuffix(line, "\n"))
		}
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("docs/STATUS.md has\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// TestTheLabelsAreThoseOfTheTable checks the names of the labels of each sample, so that none is added unnoticed.
func TestTheLabelsAreThoseOfTheTable(t *testing.T) {
	r := busyModel(t, nil).Report()
	for _, m := range metrics() {
		m.write(r, func(suffix string, _ float64, labels ...label) {
			var names []string
			for _, l := range labels {
				if l.name != "le" || suffix != "_bucket" {
					names = append(names, l.name)
				}
			}
			if got := strings.Join(names, ", "); got != m.labels {
				t.Errorf("%s has the labels %s, not %s", m.name, got, m.labels)
			}
		})
	}
}
