package sinks

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"math"
	"strconv"
	"unicode/utf8"

	"github.com/streamctl/streamctl/internal/codec"
	"github.com/streamctl/streamctl/internal/job"
	"github.com/streamctl/streamctl/internal/option"
	"github.com/streamctl/streamctl/internal/sinks/table"
	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/valuetext"
	"github.com/streamctl/streamctl/internal/vector"
)

// rule frames the title of a printed batch.
const rule = "-------------------------------------------"

// defaultTruncate is the maximum cell width if the option truncate is true.
const defaultTruncate = 20

// Console is the format console. Discretized streams print in another form.
var Console = &Format{
	Format: job.Format{
		Name: "console", Doc: "prints each micro-batch as a table", Intervals: true, SinkRules: job.SinkRules{Prints: true},
		Options: []job.OptionSpec{
			{Name: "numRows", Doc: "number of rows to print", Kind: option.Text("a whole number"), Default: "20; with dstream 10", Incidental: true},
			{Name: "truncate", Doc: "true: truncate cells to 20 characters; false: do not truncate", Kind: option.Bool, Default: "true", Incidental: true},
			{
				Name: "maxWidth", Doc: "maximum cell width in characters (not in Spark)", Kind: option.Text("a whole number; 0 for no limit"), Incidental: true,
				NotInSpark: &job.Remark{Text: "Spark's console cuts cells to 20 characters or not at all", Hint: "options: {truncate: true}"},
			},
			checkpointLocation,
		},
	},
	CheckOptions: checkedBy(openConsole), Open: openConsole,
}

func openConsole(s *job.Stream, schema *types.Schema, env Env) (Sink, error) {
	if env.Job.Mode == job.DStream {
		return newPrinter(s, schema, env)
	}
	return newConsole(s, schema, env)
}

// A console prints each batch as a table.
type console struct {
	header            []string
	numRows, truncate int
	env               Env
}

func newConsole(s *job.Stream, schema *types.Schema, env Env) (Sink, error) {
	c := &console{env: env}
	var err error
	if c.numRows, err = intOption(s.Sink.Options, "numRows", 20); err != nil {
		return nil, err
	}
	c.numRows = min(max(c.numRows, 0), math.MaxInt32-16)
	if c.truncate, err = truncation(s.Sink.Options); err != nil {
		return nil, err
	}
	for _, f := range schema.Fields {
		c.header = append(c.header, f.Name)
	}
	return c, nil
}

// Describe returns the sink's name in Spark's progress.
func (c *console) Describe() string {
	return "org.apache.spark.sql.execution.streaming.ConsoleTable$@0"
}

// Begin starts a table.
func (c *console) Begin(_ context.Context, batchID int64) (BatchWriter, error) {
	text := valuetext.Options{Zone: c.env.Zone, Show: true}
	cell := func(dst []byte, v *vector.Vector, row, _ int) []byte {
		from := len(dst)
		if i := v.At(row); c.truncate > 0 && v.Type.IsText() && !v.IsNull(row) && int(v.Views[i].Len) > longCell(c.truncate) {
			dst = append(dst, v.Bytes(row)[:longCell(c.truncate)]...)
		} else {
			dst = valuetext.AppendValue(dst, v, row, text)
		}
		return shown(codec.RepairTail(dst, from), from, c.truncate)
	}
	return &consoleBatch{head: newHead(c.numRows+1, cell), console: c, id: batchID}, nil
}

// longCell returns the number of bytes of a string that suffice for a cell truncated to that many characters.
func longCell(truncate int) int { return utf8.UTFMax * (truncate + 2) }

// shown trims dst[from:] to what a cell truncated to so many characters needs, which is one character more; 0 means no limit.
func shown(dst []byte, from, truncate int) []byte {
	if truncate <= 0 || len(dst)-from <= longCell(truncate) {
		return dst
	}
	n := from
	for range truncate + 1 {
		_, size := utf8.DecodeRune(dst[n:])
		n += size
	}
	return dst[:n]
}

// MayRepeat returns true: printed output cannot be undone.
func (c *console) MayRepeat() bool { return true }

// A consoleBatch is a table under construction.
type consoleBatch struct {
	*head
	console *console
	id      int64
}

// Commit prints the table in one write.
func (b *consoleBatch) Commit(context.Context, int) error {
	defer b.memory.Release()
	var out bytes.Buffer
	fmt.Fprintf(&out, "%s\nBatch: %d\n%s\n", rule, b.id, rule)
	if err := b.draw(&out); err != nil {
		return err
	}
	return b.console.env.Out.print(out.Bytes())
}

func (b *consoleBatch) draw(w *bytes.Buffer) error {
	rows := b.rows[:min(len(b.rows), b.console.numRows)]
	if err := table.Write(w, b.console.header, rows, b.console.truncate, b.console.env.Out.Terminal); err != nil {
		return err
	}
	last := ""
	if len(b.rows) > len(rows) {
		last = table.More(b.console.numRows)
	}
	_, err := io.WriteString(w, last+"\n")
	return err
}

// Abort prints nothing.
func (b *consoleBatch) Abort(context.Context) error {
	b.memory.Release()
	return nil
}

// intOption parses an integer option as Java does.
func intOption(options job.Options, name string, def int) (int, error) {
	s, ok := options.Get(name)
	if !ok {
		return def, nil
	}
	n, err := strconv.ParseInt(s, 10, 32)
	if err != nil {
		return 0, sparkerr.OfOption(option.NotANumber(name, s), name)
	}
	return int(n), nil
}

// truncation returns the maximum cell width: the value of maxWidth, our own option, or else 20 or no limit (0) according to
// truncate, which is true or false.
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

// boolOption parses a boolean option like Spark's CaseInsensitiveStringMap.
func boolOption(options job.Options, name string, def bool) (bool, error) {
	s, ok := options.Get(name)
	if !ok {
		return def, nil
	}
	value, ok := option.ParseBoolean(s)
	if !ok {
		return false, sparkerr.OfOption(sparkerr.New("_LEGACY_ERROR_TEMP_3206", "input", s), name)
	}
	return value, nil
}
