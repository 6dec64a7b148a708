package jobtest

import (
	"context"

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
