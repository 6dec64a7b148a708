package sinks

import (
	"errors"
	"strings"
	"testing"

	"github.com/streamctl/streamctl/internal/halt"
	"github.com/streamctl/streamctl/internal/job"
	"github.com/streamctl/streamctl/internal/memory"
	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/vector"
)

func texts(n, length int) *vector.Batch { return repeated("x", n, length) }

// repeated is n rows of a character so many times.
func repeated(char string, n, length int) *vector.Batch {
	v := vector.New(types.String, n)
	for i := range n {
		v.SetString(i, strings.Repeat(char, length))
	}
	return &vector.Batch{N: n, Cols: []*vector.Vector{v}}
}

// write writes batches of one partition to a sink.
func write(t *testing.T, s Sink, batches ...*vector.Batch) error {
	t.Helper()
	b, err := s.Begin(t.Context(), 0)
	if err != nil {
		t.Fatal(err)
	}
	w, err := b.Partition(0, 0)
	if err != nil {
		t.Fatal(err)
	}
	for _, rows := range batches {
		if err := halt.Catch(func() error { return w.Write(t.Context(), rows) }); err != nil {
			return errors.Join(err, b.Abort(t.Context()))
		}
	}
	if err := w.Close(t.Context()); err != nil {
		return errors.Join(err, b.Abort(t.Context()))
	}
	if err := b.Commit(t.Context(), 1); err != nil {
		return errors.Join(err, b.Abort(t.Context()))
	}
	return nil
}

func TestSinksStayWithinTheMemoryLimit(t *testing.T) {
	const limit = 1_000_000
	schema := &types.Schema{Fields: []types.Field{{Name: "a", Type: types.String}}}
	for name, c := range map[string]struct {
		stream  *job.Stream
		batches []*vector.Batch
		want    string // "": the batch is written
	}{
		"many rows of a console":        {consoleStream("numRows", "100000"), []*vector.Batch{texts(2000, 100), texts(2000, 100), texts(2000, 100), texts(2000, 100)}, "the rows that are printed of a batch: "},
		"wide cells of a console":       {consoleStream("truncate", "false", "numRows", "1000"), []*vector.Batch{texts(5, 100_000)}, "a table of 5 rows and 100002 characters in a row has "},
		"wide cells that are cut":       {consoleStream("numRows", "1000"), []*vector.Batch{texts(5, 100_000), texts(100, 100_000)}, ""},
		"few rows of a console":         {consoleStream(), []*vector.Batch{texts(2000, 100), texts(2000, 100), texts(2000, 100), texts(2000, 100)}, ""},
		"a batch that is encoded whole": {&job.Stream{Sink: job.Sink{Format: "json", Path: "-"}}, []*vector.Batch{texts(5, 300_000)}, "rows that wait to be written: "},
		"a value that escapes lengthen": {&job.Stream{Sink: job.Sink{Format: "json", Path: "-"}}, []*vector.Batch{repeated("\x01", 1, 250_000)}, "rows that wait to be written: "},
		"a value in many quotes":        {&job.Stream{Sink: job.Sink{Format: "csv", Path: "-"}}, []*vector.Batch{repeated(`"`, 1, 450_000)}, "rows that wait to be written: "},
		"a short value with escapes":    {&job.Stream{Sink: job.Sink{Format: "json", Path: "-"}}, []*vector.Batch{repeated("\x01", 1, 50_000)}, ""},
		"batches one after the other":   {&job.Stream{Sink: job.Sink{Format: "json", Path: "-"}}, []*vector.Batch{texts(1, 300_000), texts(1, 300_000), texts(1, 300_000)}, ""},
	} {
		memory.Limit(limit)
		s, _ := newSink(t, c.stream, schema, 0)
		err := write(t, s, c.batches...)
		var large *memory.Exceeded
		switch {
		case c.want == "" && err != nil:
			t.Errorf("%s: %v", name, err)
		case c.want != "" && (err == nil || !errors.As(err, &large) || !strings.Contains(err.Error(), c.want)):
			t.Errorf("%s: %v", name, err)
		}
		if room := new(memory.Holding).Room(); room != limit {
			t.Errorf("%s: at the end the room is %d", name, room)
		}
		memory.Limit(0)
	}
}
