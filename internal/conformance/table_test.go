package conformance

import (
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/streamctl/streamctl/internal/codec"
	"github.com/streamctl/streamctl/internal/codec/csv"
	"github.com/streamctl/streamctl/internal/datetime"
	"github.com/streamctl/streamctl/internal/job"
	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/sql/kernel"
	"github.com/streamctl/streamctl/internal/transform"
	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/valuetext"
	"github.com/streamctl/streamctl/internal/vector"
)

var sparkConf = map[string]string{"spark.sql.session.timeZone": "UTC"}

// A failure is an error with its phase, "analysis" or "run".
type failure struct {
	phase string
	err   error
}

// condition is the condition of the innermost cause, "" when it has none.
func (f *failure) condition() string {
	if e := sparkerr.Root(f.err); e != nil {
		return e.Condition
	}
	return ""
}

func (f *failure) sqlState() string {
	if e := sparkerr.Root(f.err); e != nil {
		return e.SQLState()
	}
	return ""
}

// differs compares a failure with a recorded error.
func (f *failure) differs(want *recordedError) string {
	switch {
	case f == nil:
		return fmt.Sprintf("no error, want [%s] %s", want.Condition, oneLine(want.Message))
	case want.Phase != "" && f.phase != want.Phase:
		return fmt.Sprintf("error in phase %s, want %s: %v", f.phase, want.Phase, f.err)
	case want.named() && (f.condition() != want.Condition || f.sqlState() != want.SQLState):
		return fmt.Sprintf("error [%s] %s, want [%s] %s: %v", f.condition(), f.sqlState(), want.Condition, want.SQLState, f.err)
	}
	return ""
}

// A table is rows in memory, a batch of them.
type table struct {
	schema *types.Schema
	batch  *vector.Batch
}

// open gives the rows as a reader that yields only the wanted columns.
func (t *table) open(plan *transform.Plan) vector.Reader {
	b := &vector.Batch{N: t.batch.N}
	for _, f := range plan.Fields {
		for i, g := range t.schema.Fields {
			if g.Name == f.Name {
				b.Cols = append(b.Cols, t.batch.Cols[i])
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

// collect runs a plan over a reader and keeps a copy of its rows.
func collect(plan *transform.Plan, in vector.Reader) ([]*vector.Batch, error) {
	if plan.Empty {
		return nil, nil
	}
	p, err := plan.NewPipeline()
	if err != nil {
		return nil, err
	}
	var out []*vector.Batch
	// 2024-01-01T00:00:00Z: expressions that depend on the time are not recorded
	bc := &transform.BatchContext{Timestamp: 1704067200000}
	err = p.Run(context.Background(), bc, 0, in, func(b *vector.Batch) error {
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
	c := &vector.Batch{N: len(rows)}
	for _, col := range b.Cols {
		v := &vector.Vector{}
		kernel.Gather(v, col, rows)
		c.Cols = append(c.Cols, v)
	}
	return c
}

// query analyses and plans a select list over a schema.
func query(schema *types.Schema, format string, options map[string]string, items []string) (*transform.Query, *transform.Plan, *failure) {
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
	q, err := transform.Analyze(src, steps, sparkConf)
	if err != nil {
		return nil, nil, &failure{"analysis", err}
	}
	plan, err := q.Optimize()
	if err != nil {
		return q, nil, &failure{"run", err}
	}
	return q, plan, nil
}

// cells renders rows as the corpus does: null as "\x00", text exactly, all else as show prints it. Each row is a list.
func cells(batches []*vector.Batch) [][]string {
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

const null = "\x00"

func cell(c *vector.Vector, i int, o valuetext.Options) string {
	switch {
	case c.IsNull(i):
		return null
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

// readTable reads CSV text with Spark's reader and a select list over it.
func readTable(ddl, text string, options map[string]string, items []string) (*table, error) {
	schema, serr := types.ParseDDL(ddl)
	if serr != nil {
		return nil, serr
	}
	q, plan, fail := query(schema, "csv", options, items)
	if fail != nil {
		return nil, fail.err
	}
	r, err := csvReader(schema, plan, []byte(text), options)
	if err != nil {
		return nil, err
	}
	batches, err := collect(plan, r)
	if err != nil {
		return nil, err
	}
	if len(batches) != 1 {
		return nil, fmt.Errorf("%d batches", len(batches))
	}
	return &table{&types.Schema{Fields: q.Output}, batches[0]}, nil
}

func csvReader(schema *types.Schema, plan *transform.Plan, text []byte, options map[string]string) (vector.Reader, error) {
	o, err := csv.ParseOptions(options)
	if err != nil {
		return nil, err
	}
	filters, err := plan.NewFilters()
	if err != nil {
		return nil, err
	}
	return csv.NewReader(codec.FromBytes(nil, text), o, &codec.Scan{
		Fields: plan.Fields, Schema: schema, Filters: filters, PruneColumns: true, Zone: datetime.UTC,
	})
}
