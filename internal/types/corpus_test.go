package types

import (
	"bytes"
	"encoding/json"
	"os"
	"testing"
)

// TestCorpusSchemasParse parses the schemas that real Spark was given with the reader cases.
func TestCorpusSchemasParse(t *testing.T) {
	for _, file := range []string{"csv/cases.jsonl", "json/cases.jsonl", "console/cases.jsonl"} {
		data, err := os.ReadFile("../../test/conformance/testdata/" + file)
		if err != nil {
			t.Fatal(err)
		}
		for line := range bytes.Lines(data) {
			var c struct {
				ID      string      `json:"id"`
				Schema  string      `json:"schema"`
				Select  []string    `json:"select"`
				Columns [][2]string `json:"columns"`
			}
			if err := json.Unmarshal(line, &c); err != nil {
				t.Fatal(file, err)
			}
			if c.Schema == "" {
				continue
			}
			s, perr := ParseDDL(c.Schema)
			if perr != nil {
				t.Errorf("%s: %q: %v", c.ID, c.Schema, perr)
				continue
			}
			if len(c.Select) > 0 || len(c.Columns) != len(s.Fields) {
				continue
			}
			for i, f := range s.Fields {
				if want := c.Columns[i]; f.Name != want[0] || f.Type.String() != want[1] && !f.Type.IsText() {
					t.Errorf("%s: column %s %s, want %v", c.ID, f.Name, f.Type, want)
				}
			}
		}
	}
}
