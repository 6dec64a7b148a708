package sinks

import (
	"bytes"
	"context"
	"fmt"
	"math"

	"github.com/streamctl/streamctl/internal/job"
	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/valuetext"
	"github.com/streamctl/streamctl/internal/vector"
)

// printElements is the number of elements that a discretized stream prints unless numRows is set.
const printElements = 10

// A printer prints batches like the JVM's DStream.print. The id of a batch is its time in milliseconds.
type printer struct {
	columns, num int
	env          Env
}

func newPrinter(s *job.Stream, schema *types.Schema, env Env) (Sink, error) {
	num, err := intOption(s.Sink.Options, "numRows", printElements)
	if err != nil {
		return nil, err
	}
	return &printer{columns: len(schema.Fields), num: min(max(num, 0), math.MaxInt32-16), env: env}, nil
}

// Describe returns the sink's name.
func (p *printer) Describe() string { return "DStream.print" }

// Begin starts the batch of the given time.
func (p *printer) Begin(_ context.Context, millis int64) (BatchWriter, error) {
	text := valuetext.Options{Zone: p.env.Zone}
	cell := func(dst []byte, v *vector.Vector, row, _ int) []byte {
		if v.IsNull(row) {
			return append(dst, "null"...)
		}
		return valuetext.AppendValue(dst, v, row, text)
	}
	return &printedBatch{head: newHead(p.num+1, cell), printer: p, millis: millis}, nil
}

type printedBatch struct {
	*head
	printer *printer
	millis  int64
}

// Commit prints the elements in one write: the value of a single column, otherwise [a,b].
func (b *printedBatch) Commit(context.Context, int) error {
	defer b.memory.Release()
	var out bytes.Buffer
	fmt.Fprintf(&out, "%s\nTime: %d ms\n%s\n", rule, b.millis, rule)
	for _, row := range b.rows[:min(len(b.rows), b.printer.num)] {
		b.element(&out, row)
	}
	if len(b.rows) > b.printer.num {
		out.WriteString("...\n")
	}
	out.WriteByte('\n')
	return b.printer.env.Out.print(out.Bytes())
}

func (b *printedBatch) element(out *bytes.Buffer, row []string) {
	single := b.printer.columns == 1
	if !single {
		out.WriteByte('[')
	}
	for i, cell := range row {
		if i > 0 {
			out.WriteByte(',')
		}
		out.WriteString(cell)
	}
	if !single {
		out.WriteByte(']')
	}
	out.WriteByte('\n')
}

// Abort prints nothing.
func (b *printedBatch) Abort(context.Context) error {
	b.memory.Release()
	return nil
}
