package cli

import (
	"context"
	"fmt"
	"io"
	"strconv"

	"github.com/streamctl/streamctl/internal/formats"
	"github.com/streamctl/streamctl/internal/job"
	"github.com/streamctl/streamctl/internal/option"
	"github.com/streamctl/streamctl/internal/sources"
	"github.com/streamctl/streamctl/internal/storage"
	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/vector"
)

// This file is all there is of the source format counter: numbers up to a limit.

func init() {
	formats.Sources = append(formats.Sources, &sources.Format{
		Format: job.Format{
			Name: "counter", Doc: "numbers from 0 on", Options: []job.OptionSpec{
				{Name: "count", Doc: "how many numbers", Kind: option.Integer("a number from 1 to 1000", 1, 1000, option.NotANumber), Default: "10"},
				{Name: "order", Doc: "in which order", Kind: option.OneOf("up", "down"), Default: "up"},
			},
			NotInSpark: &job.Remark{Text: "Spark has no source counter", Hint: "write the numbers to files"},
		},
		Columns: func(storage.FS, *job.Job, *job.Source) (sources.Columns, error) {
			return sources.Columns{Schema: &types.Schema{Fields: []types.Field{{Name: "n", Type: types.Long}}}}, nil
		},
		Open: func(_ context.Context, _ *job.Job, s *job.Source, _ *sources.Env) (sources.Source, error) {
			c := &counter{count: 10}
			if n, ok := s.Options.Count("count"); ok {
				c.count = n
			}
			order, _ := s.Options.Get("order")
			c.down = order == "down"
			return c, nil
		},
	})
}

type counter struct {
	count int64
	down  bool
}

func (c *counter) Describe() string { return fmt.Sprintf("Counter[%d]", c.count) }

func (c *counter) Recover(context.Context, sources.Logged) error { return nil }

func (c *counter) LatestOffset(context.Context, sources.Offset, bool) (sources.Offset, error) {
	return sources.Offset(strconv.FormatInt(c.count, 10)), nil
}

func (c *counter) Plan(_ context.Context, _, _ sources.Offset, scan *sources.Scan) ([]sources.Partition, error) {
	return []sources.Partition{&numbers{counter: c, scan: scan}}, nil
}

// Numbers are those of the one partition, in one batch.
type numbers struct {
	*counter
	scan *sources.Scan
	read bool
}

func (n *numbers) Task() int                                   { return 0 }
func (n *numbers) Small() bool                                 { return true }
func (n *numbers) Open(context.Context) (vector.Reader, error) { return n, nil }
func (n *numbers) Close() error                                { return nil }

func (n *numbers) Next(context.Context) (*vector.Batch, error) {
	if n.read {
		return nil, io.EOF
	}
	n.read = true
	b := &vector.Batch{N: int(n.count)}
	for range n.scan.Fields {
		v := &vector.Vector{}
		v.Reset(types.Long, b.N)
		for i := range v.I64 {
			v.I64[i] = int64(i)
			if n.down {
				v.I64[i] = n.count - 1 - int64(i)
			}
		}
		b.Cols = append(b.Cols, v)
	}
	return b, nil
}
