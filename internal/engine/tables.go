package engine

import (
	"context"
	"io"
	"strconv"
	"strings"

	"github.com/streamctl/streamctl/internal/datetime"
	"github.com/streamctl/streamctl/internal/operator"
	"github.com/streamctl/streamctl/internal/sinks"
	"github.com/streamctl/streamctl/internal/sources"
	"github.com/streamctl/streamctl/internal/vector"
)

// Tables are computed before the stages of the streams, and kept until their files or the day change. Those that depend on the time of the batch or
// on chance are computed in every batch, as all are in Spark.

// A builtTable is a table of the plan as it is in memory.
type builtTable struct {
	rows    *operator.Broadcast
	version string // the day, and the versions of the files it is computed from
	built   bool
}

// openTables prepares the tables of the plan.
func (q *query) openTables() (err error) {
	for _, in := range q.tables {
		for _, name := range in.format.Tables.Ignored(in.spec.Options) {
			q.env.Log.Warn("the option "+name+" has no effect on a table, which is read as a whole", "path", in.spec.Path)
		}
		if in.table, err = in.format.Tables.Open(q.job, in.spec, in.env(q)); err != nil {
			return err
		}
	}
	q.built = make([]builtTable, len(q.plan.Tables))
	for i, t := range q.plan.Tables {
		if q.built[i].rows, err = t.New(); err != nil {
			return err
		}
	}
	return nil
}

// closeTables releases the memory of tables.
func (q *query) closeTables() error {
	for _, t := range q.built {
		if t.rows != nil {
			t.rows.Release()
		}
	}
	return nil
}

// buildTables computes the tables whose files are not those they were computed from, and hands all of them to the batch.
func (q *query) buildTables(ctx context.Context, b *batch, out sinks.BatchWriter) error {
	for _, t := range q.built {
		b.context.Broadcasts = append(b.context.Broadcasts, t.rows)
	}
	versions := map[*input]string{}
	for _, in := range q.tables {
		version, err := in.table.Version(ctx)
		if err != nil {
			return err
		}
		versions[in] = version
	}
	if len(q.built) == 0 {
		return nil
	}
	day := q.analysed.Zone.ToLocal(b.context.Timestamp*1000) / datetime.MicrosPerDay
	for i, t := range q.plan.Tables {
		list := []string{strconv.FormatInt(day, 10)}
		for _, number := range t.Inputs {
			list = append(list, versions[q.leaves[number].input])
		}
		now := strings.Join(list, "\n")
		if q.built[i].built && q.built[i].version == now && !t.Volatile {
			continue
		}
		q.built[i].version, q.built[i].built = now, false
	}
	for stage, s := range q.plan.Stages {
		if s.Table == nil || q.built[s.Table.Number].built {
			continue
		}
		if err := q.buildStage(ctx, b, stage, out); err != nil {
			return err
		}
	}
	b.context.TableFirst = q.plan.TableFirst(q.job.Conf, q.bytesOf)
	return nil
}

// bytesOf returns the size of the files that the batch reads of a source of the plan, by its number; -1 if it does not read files.
func (q *query) bytesOf(source int) int64 {
	in := q.everyInput()[source]
	if !in.info().Files {
		return -1
	}
	return in.stats.BatchBytes.Load()
}

// buildStage runs a stage of a table.
func (q *query) buildStage(ctx context.Context, b *batch, stage int, out sinks.BatchWriter) error {
	s := q.plan.Stages[stage]
	for _, number := range s.Inputs {
		if number >= len(q.leaves) {
			continue
		}
		if err := q.readTable(ctx, b, number, out); err != nil {
			return err
		}
	}
	if below := q.below(b, stage); len(below) > 0 {
		if err := q.runStage(ctx, b, stage, below, out); err != nil {
			return err
		}
	}
	if !s.Last {
		return nil
	}
	t := &q.built[s.Table.Number]
	err := t.rows.Build(ctx, b.context.Expr(q.analysed.Zone), b.exchanges[stage].Reader(0))
	t.built = err == nil
	return err
}

// readTable reads the rows of a leaf that is a table.
func (q *query) readTable(ctx context.Context, b *batch, number int, out sinks.BatchWriter) error {
	l := q.leaves[number]
	if l.input == nil {
		return q.process(ctx, b, out, []partition{{Partition: oneRow{}, leaf: number}})
	}
	parts, err := l.input.table.Plan(ctx, l.scan)
	list := make([]partition, len(parts))
	for i, p := range parts {
		list[i] = partition{p, number, p.Task()}
	}
	if err == nil {
		err = q.process(ctx, b, out, list)
	}
	if err == nil {
		err = l.input.table.Recheck(ctx)
	}
	return err
}

// addTableRows runs the rows of tables that enter a stage next to those of streams through it.
func (q *query) addTableRows(ctx context.Context, b *batch, stage int, out sinks.BatchWriter) error {
	if len(q.built) == 0 {
		return nil
	}
	for _, number := range q.plan.Stages[stage].Inputs {
		if number >= len(q.leaves) || q.leaves[number].plan.Table < 0 {
			continue
		}
		rows := builtRows{q.built[q.leaves[number].plan.Table].rows}
		if err := q.process(ctx, b, out, q.numbered(b, number, []sources.Partition{rows})); err != nil {
			return err
		}
	}
	return nil
}

// builtRows are the rows of a table as one partition.
type builtRows struct{ table *operator.Broadcast }

func (builtRows) Task() int                                     { return 0 }
func (r builtRows) Small() bool                                 { return r.table.Len() <= vector.BatchRows }
func (r builtRows) Open(context.Context) (vector.Reader, error) { return r.table.Reader(), nil }

// oneRow is one row without columns, as VALUES and SELECT without FROM read it.
type oneRow struct{ done bool }

func (oneRow) Task() int                                   { return 0 }
func (oneRow) Small() bool                                 { return true }
func (oneRow) Open(context.Context) (vector.Reader, error) { return &oneRow{}, nil }
func (*oneRow) Close() error                               { return nil }

func (r *oneRow) Next(context.Context) (*vector.Batch, error) {
	if r.done {
		return nil, io.EOF
	}
	r.done = true
	return &vector.Batch{N: 1}, nil
}
