package conformance

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"path/filepath"
	"testing"

	"github.com/streamctl/streamctl/test/evaluate"
)

// A readerCase is a file as read by one of Spark's readers.
type readerCase struct {
	ID      string
	Schema  string
	Options map[string]string
	Text    string
	Base64  string
	Select  []string
	Columns [][2]string
	Rows    []json.RawMessage
	Error   *recordedError
}

// TestReaders reads every recorded CSV and JSON text.
func TestReaders(t *testing.T) {
	for _, format := range []string{"csv", "json"} {
		files, err := filepath.Glob("testdata/" + format + "/*.jsonl")
		if err != nil || len(files) == 0 {
			t.Fatalf("no cases of %s: %v", format, err)
		}
		for _, file := range files {
			for _, c := range readLines[readerCase](t, file) {
				report.verdict(t, format, c.ID, runReaderCase(&c, format))
			}
		}
	}
}

// runReaderCase returns the difference from the recording, or "".
func runReaderCase(c *readerCase, format string) (difference string) {
	file := evaluate.File{Format: format, Schema: c.Schema, Options: c.Options, Select: c.Select, Data: []byte(c.Text)}
	if c.Base64 != "" {
		file.Data, _ = base64.StdEncoding.DecodeString(c.Base64)
	}
	rows, fail := file.Read()
	if c.Error != nil {
		c.Error.Phase = "" // not recorded
		return differs(fail, c.Error)
	}
	if fail != nil {
		return "failed: " + fail.Err.Error()
	}
	for i, raw := range c.Rows {
		if len(raw) > 0 && raw[0] != '[' {
			return fmt.Sprintf("row %d is not a list", i)
		}
	}
	return compareRows(rows, c.Rows)
}
