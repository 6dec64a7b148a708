package job

import (
	"slices"
	"strings"
	"testing"
)

const jobWithInputs = `
sources:
  clicks: {format: csv, path: clicks, schema: "id INT", transform: [{join: {with: {table: users}, on: [id]}}]}
tables:
  users: {format: csv, path: users, schema: "id INT"}
  other: {format: csv, path: other, schema: "id INT"}
streams:
- source: {stream: clicks}
  transform:
  - sql: SELECT * FROM stream
`

func TestAStreamUsesTheInputsThatItsStepsName(t *testing.T) {
	j, err := Parse([]byte(jobWithInputs), "job.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, r := range j.Uses(j.Streams[0]) {
		names = append(names, r.Name)
	}
	if want := []string{"clicks", "users"}; !slices.Equal(names, want) {
		t.Errorf("uses %v, want %v", names, want)
	}
	if s := j.Streams[0].Source; s.Path != "clicks" {
		t.Errorf("the stream reads %q", s.Path)
	}
}

func TestMistakesInNamesOfInputs(t *testing.T) {
	for text, want := range map[string]string{
		strings.Replace(jobWithInputs, "stream: clicks}", "stream: klicks}", 1):                       "the job has no source called klicks",
		strings.Replace(jobWithInputs, "table: users", "table: clicks", 1):                            "the job has no table called clicks",
		strings.Replace(jobWithInputs, "  other:", "  clicks:", 1):                                    "the name clicks is that of a source and of a table",
		strings.Replace(jobWithInputs, "{with: {table: users}, on", "{with: {stream: clicks}, on", 1): "the steps of clicks need clicks itself",
		strings.Replace(jobWithInputs, "  other:", "  stream:", 1):                                    "an input cannot be called stream",
	} {
		if _, err := Parse([]byte(text), "job.yaml"); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %s", err, want)
		}
	}
}
