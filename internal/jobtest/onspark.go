package jobtest

import (
	"context"
	"fmt"

	"github.com/streamctl/streamctl/internal/replay"
)

// An OnSpark is Apache Spark. It knows the rows and errors of tests, not their late rows, rejected records and watermarks, and it has the time of
// the machine.
type OnSpark struct {
	// Run runs replays in one application.
	Run func(ctx context.Context, replays []*replay.Replay) ([]*replay.Result, error)
}

func (e *OnSpark) run(ctx context.Context, cases []Case) ([]ran, error) {
	replays := make([]*replay.Replay, len(cases))
	for i, c := range cases {
		replays[i] = c.replay
	}
	results, err := e.Run(ctx, replays)
	if err != nil {
		return nil, err
	}
	all := make([]ran, len(cases))
	for i, r := range results {
		all[i] = ran{result: r, list: make([]actual, len(cases[i].Test.Batches))}
	}
	return all, nil
}

// Unchecked tells how many expectations of tests are not compared on Spark; "" if all are.
func (e *OnSpark) Unchecked(cases []Case) string {
	var late, rejected, watermarks, clocks int
	for _, c := range cases {
		clock := c.Test.Start.Text != ""
		for i := range c.Test.Batches {
			b := &c.Test.Batches[i]
			clock = clock || b.Advance != 0
			if b.Late != nil {
				late++
			}
			if b.Rejected != nil {
				rejected++
			}
			if b.Watermark.Text != "" {
				watermarks++
			}
		}
		if clock {
			clocks++
		}
	}
	if late+rejected+watermarks+clocks == 0 {
		return ""
	}
	return fmt.Sprintf("not checked on Spark: late (%d times), rejected (%d), watermark (%d), and the clock (start or advance in %s)",
		late, rejected, watermarks, plural(int64(clocks), "test"))
}
