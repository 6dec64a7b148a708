package conformance

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"testing"

	"github.com/streamctl/streamctl/internal/codec"
	"github.com/streamctl/streamctl/internal/evaluate"
	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/vector"
)

// A readerCase is a file as one of Spark's readers read it.
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

// openReader makes a reader of a format over the bytes of a case.
type openReader func(in codec.Input, options map[string]string, scan *codec.Scan) (vector.Reader, error)

func runReaderCases(t *testing.T, format string, open openReader) {
	for _, c := range readLines[readerCase](t, "testdata/"+format+"/cases.jsonl") {
		report.verdict(t, format, c.ID, runReaderCase(&c, format, open))
	}
}

// runReaderCase gives what differs from the recording.
func runReaderCase(c *readerCase, format string, open openReader) (difference string) {
	defer func() {
		if r := recover(); r != nil {
			difference = fmt.Sprintf("panic: %v", r)
		}
	}()
	rows, fail := readRows(c, format, open)
	if c.Error != nil {
		c.Error.Phase = "" // the recording does not tell
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

func readRows(c *readerCase, format string, open openReader) ([][]string, *evaluate.Failure) {
	schema, err := types.ParseDDL(c.Schema)
	if err != nil {
		return nil, &evaluate.Failure{Phase: evaluate.Analysis, Err: err}
	}
	if err := codec.CheckNames(schema); err != nil {
		return nil, &evaluate.Failure{Phase: evaluate.Analysis, Err: err}
	}
	items := make([]string, len(c.Select))
	for i, name := range c.Select {
		items[i] = types.Quote(name)
	}
	_, plan, fail := evaluate.Query(schema, format, c.Options, items)
	if fail != nil {
		return nil, fail
	}
	text := []byte(c.Text)
	if c.Base64 != "" {
		text, _ = base64.StdEncoding.DecodeString(c.Base64)
	}
	r, rerr := open(codec.FromBytes(nil, text), c.Options, &codec.Scan{Fields: plan.Fields, Schema: schema, PruneColumns: true})
	if rerr != nil {
		return nil, &evaluate.Failure{Phase: evaluate.Run, Err: rerr}
	}
	defer r.Close()
	batches, rerr := evaluate.Collect(plan, r)
	if rerr != nil {
		return nil, &evaluate.Failure{Phase: evaluate.Run, Err: rerr}
	}
	return evaluate.Cells(batches), nil
}
