package conformance

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/streamctl/streamctl/test/evaluate"
)

// A columnCase is a recorded column without an alias over a one-row table; see scripts/difffuzz/record.py.
type columnCase struct {
	Expr, Name, Type string
	Nullable         bool
	Rows             []*string
	Error            *recordedError
}

// TestColumnsWithoutAlias compares the names, types and values of columns without an alias with Spark's.
func TestColumnsWithoutAlias(t *testing.T) {
	text, err := os.ReadFile("testdata/columns/expressions.txt")
	if err != nil {
		t.Fatal(err)
	}
	var in struct {
		Schema, CSV string
		Options     map[string]string
		Select      []string
	}
	spec, _, _ := strings.Cut(string(text), "\n")
	if err := json.Unmarshal([]byte(spec), &in); err != nil {
		t.Fatal(err)
	}
	table, err := evaluate.ReadTable(in.Schema, in.CSV, in.Options, in.Select)
	if err != nil {
		t.Fatal(err)
	}
	cases := readLines[columnCase](t, "testdata/columns/cases.jsonl")
	if len(cases) == 0 {
		t.Fatal("nothing is recorded")
	}
	for _, c := range cases {
		if d := c.difference(table); d != "" {
			t.Errorf("%s: %s", c.Expr, d)
		}
	}
}

// A zoneCase is an expression recorded in a session with a certain time zone; see scripts/difffuzz/zones.py.
type zoneCase struct {
	Zone, Expr, Name string
	Text             *string // of the value
}

// TestSessionTimeZones compares date and time functions in time zones with clock changes and unusual offsets.
func TestSessionTimeZones(t *testing.T) {
	in, err := evaluate.ReadTable("x INT", "1\n", nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range readLines[zoneCase](t, "testdata/columns/zones.jsonl") {
		q, plan, fail := evaluate.QueryInZone(c.Zone, in.Schema, []string{c.Expr, "CAST(" + c.Expr + " AS STRING)"})
		if fail != nil {
			t.Errorf("%s: %s: %v", c.Zone, c.Expr, fail.Err)
			continue
		}
		batches, err := evaluate.Collect(plan, in.Open(plan))
		if err != nil {
			t.Errorf("%s: %s: %v", c.Zone, c.Expr, err)
			continue
		}
		text := evaluate.Cells(batches)[0][1]
		if q.Output[0].Name != c.Name || c.Text == nil && text != evaluate.Null || c.Text != nil && text != *c.Text {
			t.Errorf("%s: %s: %s named %q, want %s named %q", c.Zone, c.Expr, text, q.Output[0].Name, showCell(c.Text), c.Name)
		}
	}
}

func (c *columnCase) difference(in *evaluate.Table) string {
	q, plan, fail := evaluate.Query(in.Schema, "local", nil, []string{c.Expr})
	if q != nil && c.Name != "" {
		if o := q.Output[0]; o.Name != c.Name || o.Type.String() != c.Type || o.Nullable != c.Nullable {
			return fmt.Sprintf("%q %s nullable %t, want %q %s %t", o.Name, o.Type, o.Nullable, c.Name, c.Type, c.Nullable)
		}
	}
	var rows [][]string
	if fail == nil {
		batches, err := evaluate.Collect(plan, in.Open(plan))
		if err != nil {
			fail = &evaluate.Failure{Phase: evaluate.Run, Err: err}
		}
		rows = evaluate.Cells(batches)
	}
	switch {
	case c.Error != nil:
		return differs(fail, c.Error)
	case fail != nil:
		return "failed: " + fail.Err.Error()
	case len(rows) != len(c.Rows):
		return fmt.Sprintf("%d rows, want %d", len(rows), len(c.Rows))
	}
	for i, want := range c.Rows {
		if got := rows[i][0]; want == nil && got != evaluate.Null || want != nil && got != *want {
			return fmt.Sprintf("row %d is %q, want %s", i, got, showCell(want))
		}
	}
	return ""
}

func showCell(s *string) string {
	if s == nil {
		return "NULL"
	}
	return fmt.Sprintf("%q", *s)
}
