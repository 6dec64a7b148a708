// Package jobtest runs the tests of a job file: it gives a stream input, batch by batch, and compares what comes out.
package jobtest

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"strings"
	"time"

	"github.com/streamctl/streamctl/internal/datetime"
	"github.com/streamctl/streamctl/internal/engine"
	"github.com/streamctl/streamctl/internal/job"
	"github.com/streamctl/streamctl/internal/replay"
	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/storage"
	"github.com/streamctl/streamctl/internal/types"
)

// An Outcome is what a test found.
type Outcome struct {
	Test        *job.Test
	Took        time.Duration
	Differences []Difference // none: the test has passed

	actual []actual // by batch that ran
	schema *types.Schema
}

// Passed reports whether all was as expected.
func (o *Outcome) Passed() bool { return len(o.Differences) == 0 }

// A Difference is something in a batch that is not as the test says.
type Difference struct {
	Batch    int // from 1
	What     string
	Expected []string // what did not come
	Got      []string // what came instead
	Place    *sparkerr.Place
}

// An actual is what a batch of a test did.
type actual struct {
	rows      []replay.Row
	watermark string // "" if the stream has none
	late      int64
	rejected  []string // the texts of malformed records
	checked   bool     // late, rejected and watermark are known
}

// A Case is a test and the job that it is about.
type Case struct {
	Job    *job.Job
	Test   *job.Test
	replay *replay.Replay
}

// A ran is what a replay did.
type ran struct {
	result *replay.Result
	list   []actual
	took   time.Duration
}

// An Engine runs the replays of tests. What it returns may lack what only the embedded engine reports.
type Engine interface {
	run(ctx context.Context, cases []Case) ([]ran, error)
}

// Run runs tests on an engine. Its error means that a test itself is wrong.
func Run(ctx context.Context, cases []Case, on Engine) ([]*Outcome, error) {
	var errs []error
	for i := range cases {
		c := &cases[i]
		s, err := streamOf(c.Job, c.Test)
		if err == nil {
			c.replay, err = newReplay(c.Job, s, c.Test)
		}
		errs = append(errs, err)
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	all, err := on.run(ctx, cases)
	if err != nil {
		return nil, err
	}
	outcomes := make([]*Outcome, len(cases))
	for i := range cases {
		outcomes[i], err = judge(ctx, &cases[i], &all[i])
		errs = append(errs, err)
	}
	return outcomes, errors.Join(errs...)
}

// judge compares what a test did with what it says.
func judge(ctx context.Context, c *Case, r *ran) (*Outcome, error) {
	j, t, s, result := c.Job, c.Test, c.replay.Stream, r.result
	o := &Outcome{Test: t, Took: r.took, actual: r.list, schema: result.Schema}
	complete := strings.EqualFold(s.Sink.OutputMode, "complete")
	for i := range result.Ends {
		batches := result.Step(i)
		if complete && len(batches) > 1 {
			batches = batches[len(batches)-1:]
		}
		o.actual[i].rows = slices.Concat(batches...)
	}
	expected, err := expectations(ctx, j, t, result.Schema)
	if err != nil {
		return nil, err
	}
	for i := range t.Batches {
		if i >= len(result.Ends) {
			break
		}
		var failure error
		if i == len(result.Ends)-1 {
			failure = result.Err
		}
		if err := o.compare(j, s, i, expected[i], failure); err != nil {
			return nil, err
		}
	}
	return o, nil
}

// streamOf returns the stream that a test is about.
func streamOf(j *job.Job, t *job.Test) (*job.Stream, error) {
	var names []string
	for _, s := range j.Streams {
		if t.Stream.Text == s.Name && t.Stream.Place != nil || t.Stream.Place == nil && len(j.Streams) == 1 {
			return s, nil
		}
		names = append(names, s.Name)
	}
	if t.Stream.Place == nil {
		return nil, sparkerr.At(sparkerr.Plain("the job has %d streams, and the test does not say which of them it is about", len(names)).
			WithHint("stream: %s", strings.Join(names, ", or stream: ")), t.Place)
	}
	return nil, sparkerr.At(sparkerr.Plain("the job has no stream called %s", t.Stream.Text).WithHint("%s", job.DidYouMean(t.Stream.Text, names)), t.Stream.Place)
}

// An Embedded is the embedded engine.
type Embedded struct {
	Env engine.Env
	Say func(text string) // is called with each warning; nil: they are dropped
}

// start is the default time of the virtual clock before the first batch.
var start = time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)

func (e *Embedded) run(ctx context.Context, cases []Case) ([]ran, error) {
	all := make([]ran, len(cases))
	for i := range cases {
		started := time.Now()
		result, list, err := e.one(ctx, cases[i].replay, cases[i].Test)
		if err != nil {
			return nil, err
		}
		all[i] = ran{result, list, time.Since(started)}
	}
	return all, nil
}

// one runs the steps of a replay with a virtual clock.
func (e *Embedded) one(ctx context.Context, r *replay.Replay, t *job.Test) (*replay.Result, []actual, error) {
	disk, err := replay.NewDisk()
	if err != nil {
		return nil, nil, err
	}
	now := start
	if t.Start.Text != "" {
		micros, err := timestamp(r.Job(disk.Root), t.Start)
		if err != nil {
			return nil, nil, err
		}
		now = time.UnixMicro(micros)
	}
	rejects := map[string]*collected{}
	for name, source := range r.Read {
		if !slices.ContainsFunc(r.Static, func(s string) bool { return s == name }) {
			path := r.Dir(disk.Root, name) + "-rejects.jsonl"
			source.Options = append(without(source.Options, job.RejectsPath), job.Option{Name: job.RejectsPath, Value: path})
			rejects[name] = &collected{path: path}
		}
	}
	list := make([]actual, len(t.Batches))
	step := 0
	env := e.Env
	env.Now = func() time.Time { return now }
	env.Log, env.Notify = slog.New(slog.DiscardHandler), func(_, text, _ string) {
		if e.Say != nil {
			e.Say(text)
		}
	}
	env.OnProgress = func(p *engine.Progress) {
		a := &list[step]
		if p.EventTime != nil {
			a.watermark = p.EventTime.Watermark
		}
		if !p.Idle {
			for _, s := range p.StateOperators {
				a.late += s.NumRowsDroppedByWatermark
			}
		}
	}
	result, err := r.Run(ctx, env, disk, func(i int) {
		if i > 0 {
			list[i-1].rejected = take(disk, rejects)
		}
		step, now = i, now.Add(t.Batches[i].Advance)
		list[i].checked = true
	})
	if err != nil {
		return nil, nil, err
	}
	list[step].rejected = take(disk, rejects)
	return result, list, nil
}

// A collected is a list of rejects that was read up to an offset.
type collected struct {
	path string
	read int
}

// take returns the texts of malformed records that were listed since the last call.
func take(fsys storage.FS, lists map[string]*collected) (records []string) {
	for _, c := range lists {
		f, err := fsys.Open(c.path)
		if err != nil {
			continue // no record was malformed
		}
		data, _ := io.ReadAll(f)
		_ = f.Close()
		for line := range bytes.Lines(data[c.read:]) {
			var r struct {
				Reason string
				Record string
			}
			if json.Unmarshal(line, &r) == nil && !strings.HasPrefix(r.Reason, "late:") {
				records = append(records, r.Record)
			}
		}
		c.read = len(data)
	}
	return records
}

// timestamp parses a text of a test in the time zone of the session.
func timestamp(j *job.Job, text job.Text) (micros int64, err error) {
	zone, err := j.Zone()
	if err != nil {
		return 0, err
	}
	micros, ok := datetime.ParseTimestamp([]byte(text.Text), zone, start.UnixMicro())
	if !ok {
		return 0, sparkerr.At(sparkerr.Plain("%q is not a timestamp", text.Text).WithHint("2024-01-01 00:00:00"), text.Place)
	}
	return micros, nil
}

// expectedError reports whether an error is the one that a test names: by its condition, or a part of its text.
func expectedError(err error, want string) bool {
	e, ok := errors.AsType[*sparkerr.Error](err)
	return ok && e.Condition == want || strings.Contains(err.Error(), want)
}

func plural(n int64, one string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %ss", n, one)
}
