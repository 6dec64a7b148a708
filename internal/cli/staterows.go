package cli

import (
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/streamctl/streamctl/internal/formats"
	"github.com/streamctl/streamctl/internal/job"
	"github.com/streamctl/streamctl/internal/operator"
	"github.com/streamctl/streamctl/internal/sinks"
	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/state"
	"github.com/streamctl/streamctl/internal/transform"
	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/vector"
)

// stateColumns returns the columns of a store with unique names: those of the key, then those of the value.
func stateColumns(l *state.Layout) []types.Field { return unique(l.Columns()) }

// diffColumns returns the columns of a difference: its kind, the key, and the value before and after it.
func diffColumns(l *state.Layout) []types.Field {
	fields := l.DiffColumns()
	first := len(fields) - 2*len(l.Value)
	for i := range l.Value {
		fields[first+i].Name = "old_" + fields[first+i].Name
		fields[first+len(l.Value)+i].Name = "new_" + fields[first+len(l.Value)+i].Name
	}
	return unique(fields)
}

// unique numbers the columns whose name has occurred before: sum, sum_2. Two aggregates of a query may have buffers of the same name.
func unique(fields []types.Field) []types.Field {
	seen := map[string]bool{}
	for i := range fields {
		name := fields[i].Name
		for n := 2; seen[strings.ToLower(name)]; n++ {
			name = fmt.Sprintf("%s_%d", fields[i].Name, n)
		}
		seen[strings.ToLower(name)] = true
		fields[i].Name = name
	}
	return fields
}

// A rowWriter prints batches of rows, filtered by an expression.
type rowWriter struct {
	ctx      context.Context
	columns  []int // of the batches, without those of type VOID, which hold nothing
	pipeline *operator.Pipeline
	inputs   []int // columns that enter the pipeline
	empty    bool  // the filter lets no row pass
	out      sinks.PartitionWriter
}

// writeRows prints the rows that each passes on.
func (a *app) writeRows(ctx context.Context, f *stateFlags, fields []types.Field, each func(state.BatchFunc) error) error {
	w := &rowWriter{ctx: ctx}
	var shown []types.Field
	for i, field := range fields {
		if field.Type.Kind != types.KindVoid {
			w.columns, shown = append(w.columns, i), append(shown, field)
		}
	}
	if err := w.filter(f.where, &types.Schema{Fields: shown}); err != nil {
		return refused(err)
	}
	sink, err := a.stateSink(f.output, &types.Schema{Fields: shown})
	if err != nil {
		return err
	}
	batch, err := sink.Begin(ctx, 0)
	if err != nil {
		return err
	}
	if w.out, err = batch.Partition(0, 0); err != nil {
		return err
	}
	if err := each(w.write); err != nil {
		return err
	}
	if err := w.out.Close(ctx); err != nil {
		return err
	}
	err = batch.Commit(ctx, 1)
	if c, ok := sink.(io.Closer); ok && err == nil {
		err = c.Close()
	}
	return err
}

// stateSink opens the sink that prints the rows.
func (a *app) stateSink(format string, schema *types.Schema) (sinks.Sink, error) {
	f, ok := formats.Sinks.Find(format)
	if !ok || !job.OnStdout(&f.Format) || f.Name == "text" {
		return nil, refused(sparkerr.Plain("-o is %s, not %q", job.Choices(stateFormats(), "csv"), format))
	}
	out := sinks.NewOutput(a.Out, a.OutTerminal)
	if err := checkRowOutput(&f.Format, out); err != nil {
		return nil, err
	}
	zone, err := (&job.Job{}).Zone()
	if err != nil {
		return nil, err
	}
	stream := &job.Stream{Sink: job.Sink{Format: f.Name, Path: "-"}}
	sink, err := f.New(stream, schema, sinks.Env{Job: &job.Job{Streams: []*job.Stream{stream}}, Out: out, Zone: zone, Warn: func(string) {}})
	if err != nil {
		return nil, refused(err)
	}
	return sink, nil
}

// filter compiles the expression of --where.
func (w *rowWriter) filter(where string, schema *types.Schema) error {
	var steps []job.Step
	if where != "" {
		at := &sparkerr.Place{Flag: "--where", Col: 1, LineText: where, Exact: true}
		steps = []job.Step{job.Filter{Position: job.Position{Place: at}, Condition: job.Text{Text: where, Place: at}}}
	}
	q, err := transform.AnalyzeSteps(w.ctx, transform.SourceInfo{Schema: schema, Format: stateDir}, steps, nil)
	if err != nil {
		return err
	}
	q.OutputMode = operator.Append
	if err := q.CheckStreaming(nil); err != nil {
		return err
	}
	plan, err := q.Optimize(w.ctx)
	if err != nil {
		return err
	}
	if w.empty = len(plan.Inputs) == 0; w.empty {
		return nil
	}
	for _, f := range plan.Inputs[0].Fields {
		for i, g := range schema.Fields {
			if f.Name == g.Name {
				w.inputs = append(w.inputs, w.columns[i])
			}
		}
	}
	w.pipeline, err = plan.Stages[0].NewPipeline()
	return err
}

// write prints the rows of a batch that pass the filter.
func (w *rowWriter) write(_ int, b *vector.Batch) error {
	if w.empty {
		return nil
	}
	in := &vector.Batch{N: b.N}
	for _, i := range w.inputs {
		in.Cols = append(in.Cols, b.Cols[i])
	}
	t := operator.Partition{Batch: &operator.BatchContext{}}
	return w.pipeline.Run(w.ctx, t, []operator.Feed{{Rows: &oneBatch{in}}}, func(b *vector.Batch) error { return w.out.Write(w.ctx, b) })
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
