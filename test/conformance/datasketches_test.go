package conformance

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/streamctl/streamctl/internal/sql/kernel"
	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/vector"
	"github.com/streamctl/streamctl/test/evaluate"
)

// A sketchCase is what Spark 4.3.0 answered to an expression over sketches.
type sketchCase struct {
	Expr    string   `json:"e"` // {{agg|5}} is the sketch that agg makes of the column id with the numbers below 5
	Rows    int      `json:"n"` // the expression is over a column id with the numbers below it
	Sources []string `json:"s"` // or over a column s of these values
	Parts   int      `json:"p"` // the rows were in that many partitions, whose results were merged; 0: in one, without merging
	Type    string
	Null    bool
	Name    string
	Want    json.RawMessage // bytes as X and hexadecimal digits; long ones as the first of them, their number, and a hash
	Error   string          // the condition; java: an exception of Java's without one
}

func sketchCases(t *testing.T) []sketchCase {
	t.Helper()
	text, err := os.ReadFile("testdata/datasketches.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	var cases []sketchCase
	for line := range bytes.Lines(text) {
		var c sketchCase
		if err := json.Unmarshal(line, &c); err != nil {
			t.Fatalf("%v: %s", err, line)
		}
		cases = append(cases, c)
	}
	return cases
}

func TestSketchesAreThoseOfSpark(t *testing.T) {
	made := map[string]string{}
	for _, c := range sketchCases(t) {
		if d := c.compare(made); d != "" {
			t.Errorf("%s over %d %q: %s", c.Expr, c.Rows, c.Sources, d)
		}
	}
}

func (c *sketchCase) compare(made map[string]string) string {
	text, err := withSketches(c.Expr, made)
	if err != nil {
		return err.Error()
	}
	fields, batches, fail := c.run(text, made)
	if c.Error != "" {
		if fail == nil {
			return "no error, want " + c.Error
		}
		if got := cmp.Or(fail.Condition(), "java"); got != c.Error {
			return fmt.Sprintf("error %s, want %s", fail.Err, c.Error)
		}
		return ""
	}
	if fail != nil {
		return fail.Err.Error()
	}
	last := fields[len(fields)-1]
	if !strings.Contains(c.Expr, "{{") && (last.Type.String() != c.Type || last.Nullable != c.Null || last.Name != c.Name) {
		return fmt.Sprintf("%s %s nullable %t, want %s %s %t", last.Name, last.Type, last.Nullable, c.Name, c.Type, c.Null)
	}
	got, err := json.Marshal(sketchValue(batches[0].Cols[len(batches[0].Cols)-1], 0))
	var want bytes.Buffer
	if err == nil {
		err = json.Compact(&want, c.Want)
	}
	if err != nil || string(got) != want.String() {
		return fmt.Sprintf("%s, want %s %v", got, want.String(), err)
	}
	return ""
}

func (c *sketchCase) run(text string, made map[string]string) ([]types.Field, []*vector.Batch, *evaluate.Failure) {
	in, sizes := numbers(c.Rows), []int(nil)
	if c.Sources != nil {
		table, fail := c.sourceTable(made)
		if fail != nil {
			return nil, nil, fail
		}
		in = table
	}
	for i := range c.Parts {
		sizes = append(sizes, in.Batch.N*(i+1)/c.Parts-in.Batch.N*i/c.Parts)
	}
	switch {
	case !evaluate.IsAggregation([]string{text}):
		if c.Sources == nil {
			in = numbers(1)
		}
		q, plan, fail := evaluate.Query(in.Schema, "local", nil, []string{text})
		if fail != nil {
			return nil, nil, fail
		}
		batches, err := evaluate.Collect(plan, in.Open(plan))
		if err != nil {
			return nil, nil, &evaluate.Failure{Phase: evaluate.Run, Err: err}
		}
		return q.Output, batches, nil
	case sizes != nil:
		return evaluate.AggregateParts(in, []string{text}, sizes)
	}
	return evaluate.Aggregate(in, nil, []string{text}, "")
}

// numbers returns a table with a column id of n numbers.
func numbers(n int) *evaluate.Table {
	v := vector.New(types.Long, n)
	for i := range n {
		v.I64[i] = int64(i)
	}
	return &evaluate.Table{Schema: &types.Schema{Fields: []types.Field{{Name: "id", Type: types.Long}}}, Batch: &vector.Batch{N: n, Cols: []*vector.Vector{v}}}
}

// sourceTable returns a table with the sources in a column s, and a column id of 1.
func (c *sketchCase) sourceTable(made map[string]string) (*evaluate.Table, *evaluate.Failure) {
	one := numbers(1)
	var table *evaluate.Table
	for i, source := range c.Sources {
		text, err := withSketches(source, made)
		if err != nil {
			return nil, &evaluate.Failure{Phase: evaluate.Run, Err: err}
		}
		q, plan, fail := evaluate.Query(one.Schema, "local", nil, []string{"1 AS id", text + " AS s"})
		if fail != nil {
			return nil, fail
		}
		batches, err := evaluate.Collect(plan, one.Open(plan))
		if err != nil {
			return nil, &evaluate.Failure{Phase: evaluate.Run, Err: err}
		}
		row := &evaluate.Table{Schema: &types.Schema{Fields: q.Output}, Batch: batches[0]}
		if i == 0 {
			table = row
			continue
		}
		table = appended(table, row)
	}
	return table, nil
}

// appended returns a table with one more row.
func appended(t, row *evaluate.Table) *evaluate.Table {
	out := &evaluate.Table{Schema: t.Schema, Batch: &vector.Batch{N: t.Batch.N + 1}}
	for c := range t.Batch.Cols {
		to := vector.New(t.Schema.Fields[c].Type, 0)
		kernel.AppendRows(to, t.Batch.Cols[c], kernel.Identity(nil, t.Batch.N))
		kernel.AppendRows(to, row.Batch.Cols[c], kernel.Identity(nil, 1))
		out.Batch.Cols = append(out.Batch.Cols, to)
	}
	return out
}

// withSketches replaces {{agg|5}} by the literal of a sketch.
func withSketches(text string, made map[string]string) (string, error) {
	for {
		from := strings.Index(text, "{{")
		if from < 0 {
			return text, nil
		}
		to := from + strings.Index(text[from:], "}}")
		key := text[from+2 : to]
		if _, ok := made[key]; !ok {
			literal, err := sketchOf(key)
			if err != nil {
				return "", err
			}
			made[key] = literal
		}
		text = text[:from] + made[key] + text[to+2:]
	}
}

func sketchOf(key string) (string, error) {
	aggregate, count, _ := strings.Cut(key, "|")
	n := 0
	if _, err := fmt.Sscan(count, &n); err != nil {
		return "", err
	}
	_, batches, fail := evaluate.Aggregate(numbers(n), nil, []string{aggregate}, "")
	if fail != nil {
		return "", fail.Err
	}
	return fmt.Sprintf("X'%X'", batches[0].Cols[0].Bytes(0)), nil
}

// sketchValue returns a value as the recording has it.
func sketchValue(v *vector.Vector, i int) any {
	if v.IsNull(i) {
		return nil
	}
	i = v.At(i)
	switch v.Type.Kind {
	case types.KindBinary:
		return shortened("X" + hex.EncodeToString(v.Bytes(i)))
	case types.KindArray:
		list := []any{}
		for k := range int(v.Views[i].Len) {
			list = append(list, sketchValue(v.Children[0], int(v.Views[i].Off)+k))
		}
		return list
	case types.KindStruct:
		list := []any{}
		for _, field := range v.Children {
			list = append(list, sketchValue(field, i))
		}
		return list
	case types.KindBoolean:
		return v.Bool[i]
	case types.KindByte:
		return v.I8[i]
	case types.KindShort:
		return v.I16[i]
	case types.KindInt:
		return v.I32[i]
	case types.KindLong:
		return v.I64[i]
	}
	cells := evaluate.Cells([]*vector.Batch{{N: i + 1, Cols: []*vector.Vector{v}}})
	return cells[i][0]
}

func shortened(text string) string {
	if len(text) <= 200 {
		return text
	}
	b, _ := hex.DecodeString(text[1:])
	sum := sha256.Sum256(b)
	return fmt.Sprintf("%s…%d %s", text[:81], len(b), hex.EncodeToString(sum[:])[:32])
}
