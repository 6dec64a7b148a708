package json

import (
	"bufio"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/streamctl/streamctl/internal/codec"
	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/valuetext"
	"github.com/streamctl/streamctl/internal/vector"
)

// A recorded is a case of the corpus: input for Spark's JSON reader and its result.
type recorded struct {
	ID      string
	Schema  string
	Options map[string]string
	Select  []string
	Text    string
	Base64  string
	Rows    [][]*string
	Error   *struct{ Condition, Message string }
}

func TestRecordedCasesOfSpark(t *testing.T) {
	open := openCases(t, "testdata/open.txt")
	failed := 0
	for _, c := range recordedCases(t) {
		problem := c.check()
		switch {
		case problem == "" && open[c.ID]:
			t.Errorf("%s passes now: take it out of testdata/open.txt", c.ID)
		case problem != "" && !open[c.ID]:
			failed++
			t.Errorf("%s: schema %s, options %v, input %q\n%s", c.ID, c.Schema, c.Options, c.data(), problem)
		}
	}
	if failed > 0 {
		t.Logf("%d of %d differ", failed, len(recordedCases(t)))
	}
}

func recordedCases(t testing.TB) (cases []recorded) {
	f, err := os.Open("../../../test/conformance/testdata/json/cases.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var c recorded
		if err := json.Unmarshal(lines.Bytes(), &c); err != nil {
			t.Fatal(err)
		}
		cases = append(cases, c)
	}
	return cases
}

func openCases(t testing.TB, path string) map[string]bool {
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	open := map[string]bool{}
	for line := range strings.Lines(string(text)) {
		if id, _, _ := strings.Cut(strings.TrimSpace(line), " "); id != "" && id[0] != '#' {
			open[id] = true
		}
	}
	return open
}

func (c *recorded) data() []byte {
	if c.Base64 != "" {
		b, _ := base64.StdEncoding.DecodeString(c.Base64)
		return b
	}
	return []byte(c.Text)
}

// check compares the reader's result with the recording and describes any difference.
func (c *recorded) check() string {
	rows, err := c.read()
	if c.Error != nil {
		return compareError(err, c.Error.Condition, c.Error.Message)
	}
	if err != nil {
		return "error: " + err.Error()
	}
	if want := showRows(c.Rows); !slices.Equal(showRows(rows), want) {
		return fmt.Sprintf("got  %s\nwant %s", showRows(rows), want)
	}
	return ""
}

func (c *recorded) read() ([][]*string, error) {
	schema, perr := types.ParseDDL(c.Schema)
	if perr != nil {
		return nil, perr
	}
	o, err := ParseOptions(c.Options)
	if err != nil {
		return nil, err
	}
	if err := CheckSchema(schema); err != nil {
		return nil, err
	}
	scan := &codec.Scan{Schema: schema, PruneColumns: true}
	for _, f := range schema.Fields {
		if c.Select == nil || slices.Contains(c.Select, f.Name) {
			scan.Fields = append(scan.Fields, f)
		}
	}
	data := c.data()
	file := &vector.File{Path: "/f.json", Size: int64(len(data))}
	in := codec.Input{File: file, Length: -1, Open: func() (io.ReadCloser, error) {
		return io.NopCloser(strings.NewReader(string(data))), nil
	}}
	r, err := NewReader(in, o, scan)
	if err != nil {
		return nil, err
	}
	return readAll(r)
}

// readAll returns the cells of all rows as Dataset.show prints them.
func readAll(r vector.Reader) (rows [][]*string, err error) {
	defer r.Close()
	for {
		b, err := r.Next(context.Background())
		if errors.Is(err, io.EOF) {
			return rows, nil
		}
		if err != nil {
			return rows, err
		}
		for i := range b.Rows() {
			row := i
			if b.Sel != nil {
				row = int(b.Sel[i])
			}
			var cells []*string
			for _, v := range b.Cols {
				if v.IsNull(row) {
					cells = append(cells, nil)
					continue
				}
				s := showBytes(valuetext.AppendValue(nil, v, row, valuetext.Options{Show: true}))
				cells = append(cells, &s)
			}
			rows = append(rows, cells)
		}
	}
}

// showBytes formats invalid UTF-8 as the corpus does.
func showBytes(b []byte) string {
	var out []byte
	for len(b) > 0 {
		r, n := utf8.DecodeRune(b)
		if r == utf8.RuneError && n == 1 {
			out = fmt.Appendf(out, "\\x%02x", b[0])
		} else {
			out = append(out, b[:n]...)
		}
		b = b[n:]
	}
	return string(out)
}

func showRows(rows [][]*string) (out []string) {
	for _, cells := range rows {
		var texts []string
		for _, c := range cells {
			if c == nil {
				texts = append(texts, "NULL")
			} else {
				texts = append(texts, fmt.Sprintf("%q", *c))
			}
		}
		out = append(out, "["+strings.Join(texts, " ")+"]")
	}
	return out
}

// compareError compares the innermost error that has a condition with a recorded error.
func compareError(err error, condition, message string) string {
	if err == nil {
		return "no error; want " + message
	}
	got := ""
	for e := err; e != nil; e = errors.Unwrap(e) {
		var se *sparkerr.Error
		if !errors.As(e, &se) {
			break
		}
		if se.Condition != "" {
			got = se.Condition
		}
		e = se
	}
	if got != condition {
		return fmt.Sprintf("got error %v\nwant %s", err, message)
	}
	if bad, ok := badRecord(err); ok && strings.HasPrefix(condition, "MALFORMED") && !strings.Contains(columnNumber.ReplaceAllString(message, "#N"), columnNumber.ReplaceAllString(bad, "#N")) {
		return fmt.Sprintf("bad record %q\nwant %s", bad, message)
	}
	return ""
}

// columnNumber matches what the corpus stores as #N.
var columnNumber = regexp.MustCompile("#[0-9]+")

// badRecord returns the record of the innermost error that names one.
func badRecord(err error) (record string, ok bool) {
	var se *sparkerr.Error
	for errors.As(err, &se) {
		if r, has := se.Params["badRecord"]; has {
			record, ok = r, true
		}
		err = se.Cause
	}
	return record, ok
}
