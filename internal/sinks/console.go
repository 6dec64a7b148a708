package sinks

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"

	"github.com/streamctl/streamctl/internal/codec"
	"github.com/streamctl/streamctl/internal/job"
	"github.com/streamctl/streamctl/internal/sinks/table"
	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/valuetext"
	"github.com/streamctl/streamctl/internal/vector"
)

// rule frames the title of a printed batch.
const rule = "-------------------------------------------"

// defaultTruncate is the longest cell when the option truncate is true.
const defaultTruncate = 20

// A console prints each batch as a table.
type console struct {
	header  []string
	options job.Options
	env     Env
}

func newConsole(s *job.Stream, schema *types.Schema, env Env) *console {
	c := &console{options: s.Sink.Options, env: env}
	for _, f := range schema.Fields {
		c.header = append(c.header, f.Name)
	}
	return c
}

// Describe names the sink as Spark's progress does.
func (c *console) Describe() string {
	return "org.apache.spark.sql.execution.streaming.ConsoleTable$@0"
}

// Begin reads the options, as Spark does: mistakes in them show when the first batch is written.
func (c *console) Begin(_ context.Context, batchID int64) (Batch, error) {
	numRows, err := intOption(c.options, "numRows", 20)
	if err != nil {
		return nil, err
	}
	truncate, err := truncation(c.options)
	if err != nil {
		return nil, err
	}
	numRows = min(max(numRows, 0), math.MaxInt32-16)
	text := valuetext.Options{Zone: c.env.Zone, Show: true}
	cell := func(dst []byte, v *vector.Vector, row, _ int) []byte {
		return codec.RepairTail(valuetext.AppendValue(dst, v, row, text), len(dst))
	}
	return &consoleBatch{head: newHead(numRows+1, cell), console: c, id: batchID, numRows: numRows, truncate: truncate}, nil
}

// Close has nothing to do.
func (c *console) Close() error { return nil }

// MayRepeat is true: what was printed cannot be taken back.
func (c *console) MayRepeat() bool { return true }

// A consoleBatch is one table in the making.
type consoleBatch struct {
	*head
	console           *console
	id                int64
	numRows, truncate int
}

// Commit prints the table in one piece.
func (b *consoleBatch) Commit(context.Context, int) error {
	var out bytes.Buffer
	fmt.Fprintf(&out, "%s\nBatch: %d\n%s\n", rule, b.id, rule)
	if err := b.draw(&out); err != nil {
		return err
	}
	return b.console.env.Out.print(out.Bytes())
}

func (b *consoleBatch) draw(w io.Writer) error {
	shown := b.rows[:min(len(b.rows), b.numRows)]
	if err := table.Write(w, b.console.header, shown, b.truncate, b.console.env.Out.Terminal); err != nil {
		return err
	}
	last := ""
	if len(b.rows) > len(shown) {
		last = table.More(b.numRows)
	}
	_, err := io.WriteString(w, last+"\n")
	return err
}

// Abort prints nothing.
func (b *consoleBatch) Abort(context.Context) error { return nil }

// intOption reads an integer option as Java does.
func intOption(options job.Options, name string, def int) (int, error) {
	s, ok := options.Get(name)
	if !ok {
		return def, nil
	}
	n, err := strconv.ParseInt(s, 10, 32)
	if err != nil {
		return 0, at(options, name, sparkerr.Plain("For input string: %q", s).WithHint("%s takes a whole number", name))
	}
	return int(n), nil
}

// truncation gives the longest cell: of maxWidth, which is ours, else of truncate, which is true or false; 0 is no limit.
func truncation(options job.Options) (int, error) {
	truncate, err := boolOption(options, "truncate", true)
	if err != nil {
		return 0, err
	}
	if _, given := options.Get("maxWidth"); given {
		return intOption(options, "maxWidth", defaultTruncate)
	}
	if truncate {
		return defaultTruncate, nil
	}
	return 0, nil
}

// boolOption reads a boolean option as Spark's CaseInsensitiveStringMap does.
func boolOption(options job.Options, name string, def bool) (bool, error) {
	s, ok := options.Get(name)
	if !ok {
		return def, nil
	}
	switch strings.ToLower(s) {
	case "true":
		return true, nil
	case "false":
		return false, nil
	}
	hint := "%s is true or false"
	if name == "truncate" {
		hint = "%s is true or false; maxWidth: 30 (or --max-width 30) sets the longest cell"
	}
	return false, at(options, name, sparkerr.New("_LEGACY_ERROR_TEMP_3206", "input", s).WithHint(hint, name))
}

// at gives an error the place of the option.
func at(options job.Options, name string, e *sparkerr.Error) error {
	for _, o := range options {
		if strings.EqualFold(o.Name, name) {
			e.Place = o.Place
		}
	}
	return e
}
