package conformance

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/streamctl/streamctl/internal/sql/ast"
	"github.com/streamctl/streamctl/internal/sql/parse"
	"github.com/streamctl/streamctl/internal/variant"
	"github.com/streamctl/streamctl/internal/vector"
	"github.com/streamctl/streamctl/test/evaluate"
)

// An exprCase is a recorded expression.
type exprCase struct {
	ID       string
	Expr     string
	Input    string
	Name     string // of the expression without an alias, if recorded
	GroupBy  *[]string
	Type     string
	Nullable bool
	Rows     []json.RawMessage
	Error    *recordedError
	Bytes    []*string // value and metadata of variants, in hexadecimal
}

// TestExpressions evaluates every recorded expression with a plan and a pipeline.
func TestExpressions(t *testing.T) {
	text, err := os.ReadFile("testdata/expressions/inputs.json")
	if err != nil {
		t.Fatal(err)
	}
	var inputs map[string]struct {
		Schema, CSV string
		Options     map[string]string
		Select      []string
	}
	if err := json.Unmarshal(text, &inputs); err != nil {
		t.Fatal(err)
	}
	tables := map[string]*evaluate.Table{}
	for name, in := range inputs {
		if tables[name], err = evaluate.ReadTable(in.Schema, in.CSV, in.Options, in.Select); err != nil {
			t.Errorf("input %s: %v", name, err)
		}
	}
	files, err := filepath.Glob("testdata/expressions/*.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		topic := strings.TrimSuffix(filepath.Base(file), ".jsonl")
		t.Run(topic, func(t *testing.T) {
			for _, c := range readLines[exprCase](t, file) {
				report.verdict(t, "expressions/"+topic, c.ID, runExpression(&c, tables[c.Input]))
			}
		})
	}
}

// runExpression returns the difference from the recording, or "".
func runExpression(c *exprCase, in *evaluate.Table) (difference string) {
	if in == nil {
		return c.Expr + ": its input cannot be read"
	}
	defer func() {
		if r := recover(); r != nil {
			difference = fmt.Sprintf("%s: panic: %v", c.Expr, r)
		}
	}()
	compare := compareExpression
	if c.GroupBy != nil || evaluate.IsAggregation([]string{c.Expr}) {
		compare = compareGroups
	}
	if d := compare(c, in); d != "" {
		return c.Expr + ": " + d
	}
	return ""
}

// item returns the expression as it was recorded: with the alias v unless its own name was recorded. The alias
// matters for * and for generators with several columns.
func (c *exprCase) item() string {
	if c.Name != "" {
		return c.Expr
	}
	if tree, err := parse.Expression(c.Expr); err == nil {
		switch tree.(type) {
		case *ast.Call, *ast.Star:
			return c.Expr + " AS v"
		}
	}
	return c.Expr
}

func compareExpression(c *exprCase, in *evaluate.Table) string {
	q, plan, fail := evaluate.Query(in.Schema, "local", nil, []string{c.item()})
	if q != nil && c.Type != "" {
		last := q.Output[len(q.Output)-1]
		if last.Type.String() != c.Type || last.Nullable != c.Nullable {
			return fmt.Sprintf("type %s nullable %t, want %s %t", last.Type, last.Nullable, c.Type, c.Nullable)
		}
		if c.Name != "" && last.Name != c.Name {
			return fmt.Sprintf("name %s, want %s", last.Name, c.Name)
		}
	}
	var rows [][]string
	var batches []*vector.Batch
	if fail == nil {
		var err error
		if batches, err = evaluate.Collect(plan, in.Open(plan)); err != nil {
			fail = &evaluate.Failure{Phase: evaluate.Run, Err: err}
		}
		rows = evaluate.Cells(batches)
	}
	if c.Error != nil {
		return differs(fail, c.Error)
	}
	if fail != nil {
		return "failed: " + fail.Err.Error()
	}
	if d := compareRows(rows, c.Rows); d != "" {
		return d
	}
	return c.compareBytes(batches)
}

// compareBytes compares the binary encoding of variants.
func (c *exprCase) compareBytes(batches []*vector.Batch) string {
	if c.Bytes == nil {
		return ""
	}
	var got []string
	for _, b := range batches {
		for i := range b.N {
			col, text := b.Cols[len(b.Cols)-1], ""
			if !col.IsNull(i) {
				v := variant.Of(col.Bytes(i))
				text = fmt.Sprintf("%x %x", v.Bytes(), v.Metadata())
			}
			got = append(got, text)
		}
	}
	for i, want := range c.Bytes {
		if want == nil {
			want = new(string)
		}
		if got[i] != *want {
			return fmt.Sprintf("row %d has the bytes %s, want %s", i, got[i], *want)
		}
	}
	return ""
}

// compareGroups is like compareExpression, for aggregations. Several aggregations were recorded per query. If
// another one was DISTINCT over a column, Spark first grouped by that column, so either result is accepted.
func compareGroups(c *exprCase, in *evaluate.Table) string {
	difference := compareGroupsBeside("", c, in)
	if difference == "" || c.Rows == nil || strings.Contains(c.Expr, "DISTINCT") {
		return difference
	}
	for _, f := range in.Schema.Fields {
		if compareGroupsBeside(f.Name, c, in) == "" {
			return ""
		}
	}
	return difference
}

func compareGroupsBeside(distinct string, c *exprCase, in *evaluate.Table) string {
	var keys []string
	if c.GroupBy != nil {
		keys = *c.GroupBy
	}
	fields, batches, fail := evaluate.Aggregate(in, keys, []string{c.Expr}, distinct)
	if fields != nil && c.Type != "" {
		last := fields[len(fields)-1]
		if last.Type.String() != c.Type || last.Nullable != c.Nullable {
			return fmt.Sprintf("type %s nullable %t, want %s %t", last.Type, last.Nullable, c.Type, c.Nullable)
		}
	}
	if c.Error != nil {
		return differs(fail, c.Error)
	}
	if fail != nil {
		return "failed: " + fail.Err.Error()
	}
	return compareRows(evaluate.Cells(batches), c.Rows)
}

// compareRows compares rows of cells with the recording, in which a row with one column is just its cell.
func compareRows(got [][]string, want []json.RawMessage) string {
	if len(got) != len(want) {
		return fmt.Sprintf("%d rows, want %d", len(got), len(want))
	}
	for i, raw := range want {
		var row []*string
		if len(raw) == 0 || raw[0] != '[' {
			var one *string
			if err := json.Unmarshal(raw, &one); err != nil {
				return err.Error()
			}
			row = []*string{one}
		} else if err := json.Unmarshal(raw, &row); err != nil {
			return err.Error()
		}
		if len(row) != len(got[i]) {
			return fmt.Sprintf("row %d has %d columns, want %d", i, len(got[i]), len(row))
		}
		for k, w := range row {
			text := evaluate.Null
			if w != nil {
				text = *w
			}
			if !sameText(got[i][k], text) {
				return fmt.Sprintf("row %d: %q, want %q", i, got[i][k], text)
			}
		}
	}
	return ""
}
