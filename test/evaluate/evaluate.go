// Package evaluate runs a select list over rows in memory, using the analysis, plan and pipeline of a job, and
// formats the result like the conformance corpus. Tools and tests that compare streamctl with Spark use it.
package evaluate

import (
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/streamctl/streamctl/internal/datetime"
	"github.com/streamctl/streamctl/internal/formats"
	"github.com/streamctl/streamctl/internal/job"
	"github.com/streamctl/streamctl/internal/operator"
	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/sql/kernel"
	"github.com/streamctl/streamctl/internal/transform"
	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/valuetext"
	"github.com/streamctl/streamctl/internal/vector"
)

var sparkConf = map[string]string{zoneSetting: "UTC"}

const zoneSetting = "spark.sql.session.timeZone"

// Phases of a failure.
const (
	Analysis = "analysis" // refused before any data was read
	Run      = "run"      // failed on data or during constant folding
	Panic    = "panic"    // a bug
)

// A Failure is an error and the phase in which it occurred.
type Failure struct {
	Phase string
	Err   error
}

// Condition returns the condition of the innermost cause, or "".
func (f *Failure) Condition() string {
	if e := sparkerr.Root(f.Err); e != nil {
		return e.Condition
	}
	return ""
}

// SQLState returns the SQLSTATE of that condition.
func (f *Failure) SQLState() string {
	if e := sparkerr.Root(f.Err); e != nil {
		return e.SQLState()
	}
	return ""
}

// Query analyzes and plans a select list over a source with the given schema and format. An empty list selects
// all columns. The query is returned if analysis succeeded.
func Query(schema *types.Schema, format string, options map[string]string, items []string) (*transform.Query, *transform.Plan, *Failure) {
	return query(sparkConf, schema, format, options, items)
}

// QueryInZone is like Query, over rows in memory and in a session with the given time zone.
func QueryInZone(zone string, schema *types.Schema, items []string) (*transform.Query, *transform.Plan, *Failure) {
	return query(map[string]string{zoneSetting: zone}, schema, "local", nil, items)
}

func query(conf map[string]string, schema *types.Schema, format string, options map[string]string, items []string) (*transform.Query, *transform.Plan, *Failure) {
	src := transform.SourceInfo{Schema: schema, Format: format}
	if f, ok := formats.Sources.Find(format); ok {
		src.Codec = f.Codec
	}
	for name, value := range options {
		src.Options = append(src.Options, job.Option{Name: name, Value: value})
	}
	var steps []job.Step
	if len(items) > 0 {
		var s job.Select
		for _, text := range items {
			s.Exprs = append(s.Exprs, job.Text{Text: text})
		}
		steps = append(steps, s)
	}
	q, err := transform.AnalyzeSteps(context.Background(), src, steps, conf)
	if err != nil {
		return nil, nil, &Failure{Analysis, err}
	}
	plan, err := q.Optimize(context.Background())
	if err != nil {
		return q, nil, &Failure{Run, err}
	}
	return q, plan, nil
}

// batchMillis is 2024-01-01T00:00:00Z. Expressions that depend on the time are not compared.
const batchMillis = 1704067200000

// Collect runs a plan over a reader and returns a copy of the rows.
func Collect(plan *transform.Plan, in vector.Reader) ([]*vector.Batch, error) {
	if len(plan.Inputs) == 0 {
		return nil, nil
	}
	p, err := plan.Stages[0].NewPipeline()
	if err != nil {
		return nil, err
	}
	var out []*vector.Batch
	t := operator.Partition{Batch: &operator.BatchContext{Timestamp: batchMillis}}
	err = p.Run(context.Background(), t, []operator.Feed{{Rows: in}}, func(b *vector.Batch) error {
		out = append(out, owned(b))
		return nil
	})
	return out, err
}

// owned copies the selected rows of a borrowed batch.
func owned(b *vector.Batch) *vector.Batch {
	rows := b.Sel
	if rows == nil {
		rows = make(vector.Selection, b.N)
		for i := range rows {
			rows[i] = int32(i)
		}
	}
	return gather(b, rows)
}

func gather(b *vector.Batch, rows vector.Selection) *vector.Batch {
	c := &vector.Batch{N: len(rows)}
	for _, col := range b.Cols {
		v := &vector.Vector{}
		kernel.Gather(v, col, rows)
		c.Cols = append(c.Cols, v)
	}
	return c
}

// A Table is a batch of rows in memory.
type Table struct {
	Schema *types.Schema
	Batch  *vector.Batch
}

// Take returns a table with the given rows.
func (t *Table) Take(rows ...int32) *Table {
	return &Table{t.Schema, gather(t.Batch, rows)}
}

// inputOf returns what a plan reads: nothing if it needs no row.
func inputOf(plan *transform.Plan) *transform.Input {
	if len(plan.Inputs) == 0 {
		return &transform.Input{}
	}
	return plan.Inputs[0]
}

// Open returns a reader of the rows, with only the columns that the plan uses.
func (t *Table) Open(plan *transform.Plan) vector.Reader {
	b := &vector.Batch{N: t.Batch.N}
	for _, f := range inputOf(plan).Fields {
		for i, g := range t.Schema.Fields {
			if g.Name == f.Name {
				b.Cols = append(b.Cols, t.Batch.Cols[i])
			}
		}
	}
	return &oneBatch{batch: b}
}

// oneBatch is a reader that returns one batch.
type oneBatch struct{ batch *vector.Batch }

func (r *oneBatch) Next(context.Context) (*vector.Batch, error) {
	if r.batch == nil {
		return nil, io.EOF
	}
	b := r.batch
	r.batch = nil
	return b, nil
}

func (r *oneBatch) Close() error { return nil }

// Null represents NULL in cells.
const Null = "\x00NULL"

// Cells formats rows like the corpus: NULL as Null, text unchanged, and other values as Spark's show does.
func Cells(batches []*vector.Batch) [][]string {
	var out [][]string
	o := valuetext.Options{Zone: datetime.UTC, Show: true}
	for _, b := range batches {
		for i := range b.N {
			row := make([]string, len(b.Cols))
			for k, c := range b.Cols {
				row[k] = cell(c, i, o)
			}
			out = append(out, row)
		}
	}
	return out
}

func cell(c *vector.Vector, i int, o valuetext.Options) string {
	switch {
	case c.IsNull(i):
		return Null
	case c.Type.IsText():
		return escapeInvalid(c.Bytes(i))
	}
	return escapeControls.Replace(string(valuetext.AppendValue(nil, c, i, o)))
}

var escapeControls = strings.NewReplacer("\n", `\n`, "\r", `\r`, "\t", `\t`, "\f", `\f`, "\b", `\b`, "\v", `\v`, "\a", `\a`)

// escapeInvalid replaces invalid UTF-8 bytes with \xNN.
func escapeInvalid(b []byte) string {
	var s strings.Builder
	for i, r := range string(b) {
		if r == '\uFFFD' && b[i] != 0xEF {
			fmt.Fprintf(&s, `\x%02x`, b[i])
			continue
		}
		s.WriteRune(r)
	}
	return s.String()
}
