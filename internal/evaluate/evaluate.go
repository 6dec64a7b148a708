// Package evaluate runs a select list over rows in memory, through the analysis, plan and pipeline of a job, and renders
// the result as the conformance corpus records it. It serves the tools and tests that compare streamctl with Spark.
package evaluate

import (
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/streamctl/streamctl/internal/datetime"
	"github.com/streamctl/streamctl/internal/job"
	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/sql/kernel"
	"github.com/streamctl/streamctl/internal/transform"
	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/valuetext"
	"github.com/streamctl/streamctl/internal/vector"
)

var sparkConf = map[string]string{zoneSetting: "UTC"}

const zoneSetting = "spark.sql.session.timeZone"

// The phases of a failure.
const (
	Analysis = "analysis" // rejected with no data read
	Run      = "run"      // failed on data, or while folding constants
	Panic    = "panic"    // a bug
)

// A Failure is an error with its phase.
type Failure struct {
	Phase string
	Err   error
}

// Condition is the condition of the innermost cause, "" when it has none.
func (f *Failure) Condition() string {
	if e := sparkerr.Root(f.Err); e != nil {
		return e.Condition
	}
	return ""
}

// SQLState is the SQLSTATE of that condition.
func (f *Failure) SQLState() string {
	if e := sparkerr.Root(f.Err); e != nil {
		return e.SQLState()
	}
	return ""
}

// Query analyses and plans a select list over a schema, as over a source of the given format. An empty list takes all
// columns. The query is given whenever analysis succeeded.
func Query(schema *types.Schema, format string, options map[string]string, items []string) (*transform.Query, *transform.Plan, *Failure) {
	return query(sparkConf, schema, format, options, items)
}

// QueryInZone is Query over rows in memory, in a session with another time zone.
func QueryInZone(zone string, schema *types.Schema, items []string) (*transform.Query, *transform.Plan, *Failure) {
	return query(map[string]string{zoneSetting: zone}, schema, "local", nil, items)
}

func query(conf map[string]string, schema *types.Schema, format string, options map[string]string, items []string) (*transform.Query, *transform.Plan, *Failure) {
	src := transform.SourceInfo{Schema: schema, Format: format}
	for name, value := range options {
		src.Options = append(src.Options, job.Option{Name: name, Value: value})
	}
	var steps []job.Step
	if len(items) > 0 {
		s := job.Step{Kind: job.Select}
		for _, text := range items {
			s.Items = append(s.Items, job.Item{Text: text})
		}
		steps = append(steps, s)
	}
	q, err := transform.Analyze(context.Background(), []transform.SourceInfo{src}, steps, conf)
	if err != nil {
		return nil, nil, &Failure{Analysis, err}
	}
	plan, err := q.Optimize(context.Background())
	if err != nil {
		return q, nil, &Failure{Run, err}
	}
	return q, plan, nil
}

// batchMillis is 2024-01-01T00:00:00Z: expressions that depend on the time are not compared.
const batchMillis = 1704067200000

// Collect runs a plan over a reader and keeps a copy of its rows.
func Collect(plan *transform.Plan, in vector.Reader) ([]*vector.Batch, error) {
	if plan.Inputs[0].Empty {
		return nil, nil
	}
	p, err := plan.NewPipeline()
	if err != nil {
		return nil, err
	}
	var out []*vector.Batch
	bc := &transform.BatchContext{Timestamp: batchMillis}
	err = p.Run(context.Background(), bc, 0, 0, in, func(b *vector.Batch) error {
		out = append(out, owned(b))
		return nil
	})
	return out, err
}

// owned copies the selected rows of a batch on loan.
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

// A Table is rows in memory, a batch of them.
type Table struct {
	Schema *types.Schema
	Batch  *vector.Batch
}

// Take is the table of some of the rows.
func (t *Table) Take(rows ...int32) *Table {
	return &Table{t.Schema, gather(t.Batch, rows)}
}

// Open gives the rows as a reader that yields only the columns a plan wants.
func (t *Table) Open(plan *transform.Plan) vector.Reader {
	b := &vector.Batch{N: t.Batch.N}
	for _, f := range plan.Inputs[0].Fields {
		for i, g := range t.Schema.Fields {
			if g.Name == f.Name {
				b.Cols = append(b.Cols, t.Batch.Cols[i])
			}
		}
	}
	return &oneBatch{batch: b}
}

// oneBatch is a reader of one batch.
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

// Null stands for NULL among cells.
const Null = "\x00NULL"

// Cells renders rows as the corpus does: NULL as Null, text exactly, all else as show prints it. Each row is a list.
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

// escapeInvalid writes bytes that are not UTF-8 as \xNN.
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
