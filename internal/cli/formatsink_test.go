package cli

import (
	"context"
	"strings"
	"sync"

	"github.com/streamctl/streamctl/internal/formats"
	"github.com/streamctl/streamctl/internal/job"
	"github.com/streamctl/streamctl/internal/option"
	"github.com/streamctl/streamctl/internal/sinks"
	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/valuetext"
	"github.com/streamctl/streamctl/internal/vector"
)

// This file is all there is of the sink format collect, which keeps the first column of each batch in memory.

func init() {
	formats.Sinks = append(formats.Sinks, &sinks.Format{
		Format: job.Format{
			Name: "collect", Doc: "keeps rows in memory", Options: []job.OptionSpec{
				{Name: "letters", Doc: "how to write letters", Kind: option.OneOf("upper", "lower"), Default: "lower"},
			},
		},
		Open: func(s *job.Stream, _ *types.Schema, _ sinks.Env) (sinks.Sink, error) {
			letters, _ := s.Sink.Options.Get("letters")
			return &collector{upper: letters == "upper"}, nil
		},
	})
}

// collected are the rows of all batches that were committed.
var collected struct {
	sync.Mutex
	rows []string
}

type collector struct{ upper bool }

func (c *collector) Describe() string { return "Collect" }

func (c *collector) Begin(context.Context, int64) (sinks.BatchWriter, error) {
	return &collection{collector: c}, nil
}

type collection struct {
	*collector
	rows []string
}

func (c *collection) Partition(int, int) (sinks.PartitionWriter, error) { return c, nil }
func (c *collection) Close(context.Context) error                       { return nil }
func (c *collection) Abort(context.Context) error                       { return nil }

func (c *collection) Write(_ context.Context, b *vector.Batch) error {
	for k := range b.Rows() {
		row := k
		if b.Sel != nil {
			row = int(b.Sel[k])
		}
		text := string(valuetext.AppendValue(nil, b.Cols[0], row, valuetext.Options{}))
		if c.upper {
			text = strings.ToUpper(text)
		}
		c.rows = append(c.rows, text)
	}
	return nil
}

func (c *collection) Commit(context.Context, int) error {
	collected.Lock()
	defer collected.Unlock()
	collected.rows = append(collected.rows, c.rows...)
	return nil
}
