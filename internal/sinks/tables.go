package sinks

import (
	"bytes"
	"context"
	"math"

	"github.com/streamctl/streamctl/internal/codec"
	"github.com/streamctl/streamctl/internal/job"
	"github.com/streamctl/streamctl/internal/sinks/table"
	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/valuetext"
	"github.com/streamctl/streamctl/internal/vector"
)

// Tables is the format table of standard output: all rows of each batch, between the borders of the console but without its titles and limits.
var Tables = &Format{
	Format: job.Format{
		Name: "table", Doc: "a table of all rows of each micro-batch on standard output",
		SinkRules: job.SinkRules{Stdout: true, InFiles: "--output table; for files use csv"},
	},
	CheckOptions: checkedBy(openTables), Open: openTables,
}

func openTables(_ *job.Stream, schema *types.Schema, env Env) (Sink, error) {
	s := &tables{env: env}
	for _, f := range schema.Fields {
		s.header = append(s.header, f.Name)
	}
	return s, nil
}

// tables draws a table for each batch that has rows.
type tables struct {
	header []string
	env    Env
	drawn  bool
}

// Describe returns the sink's name.
func (s *tables) Describe() string { return "Stdout[table]" }

// Begin starts a table.
func (s *tables) Begin(context.Context, int64) (BatchWriter, error) {
	text := valuetext.Options{Zone: s.env.Zone, Show: true}
	cell := func(dst []byte, v *vector.Vector, row, _ int) []byte {
		return codec.RepairTail(valuetext.AppendValue(dst, v, row, text), len(dst))
	}
	return &tableBatch{head: newHead(math.MaxInt, cell), tables: s}, nil
}

// MayRepeat returns true: printed output cannot be undone.
func (s *tables) MayRepeat() bool { return true }

// A tableBatch is a table under construction.
type tableBatch struct {
	*head
	tables *tables
}

// Commit prints the table in one write, below an empty line if it is not the first.
func (b *tableBatch) Commit(context.Context, int) error {
	defer b.memory.Release()
	s := b.tables
	if len(b.rows) == 0 {
		return s.env.Out.Check()
	}
	var out bytes.Buffer
	if s.drawn {
		out.WriteByte('\n')
	}
	if err := table.Write(&out, s.header, b.rows, 0, s.env.Out.Terminal); err != nil {
		return err
	}
	s.drawn = true
	return s.env.Out.print(out.Bytes())
}

// Abort prints nothing.
func (b *tableBatch) Abort(context.Context) error {
	b.memory.Release()
	return nil
}
