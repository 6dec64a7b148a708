package cli

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"github.com/streamctl/streamctl/internal/checkpoint"
	"github.com/streamctl/streamctl/internal/state"
	"github.com/streamctl/streamctl/internal/status"
	"github.com/streamctl/streamctl/internal/storage"
	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/vector"
)

// A stateReport describes the state of a stateful step after the last committed batch.
type stateReport struct {
	Operator   int        `json:"operator"`
	Name       string     `json:"name"` // Spark's operatorName
	Meaning    string     `json:"meaning,omitempty"`
	Partitions int        `json:"partitions"`
	Version    int64      `json:"version"`
	Rows       int        `json:"rows"`  // of all stores
	Bytes      int64      `json:"bytes"` // of the keys and values
	Stores     []string   `json:"stores"`
	Times      *stateTime `json:"times,omitempty"`
}

// A stateTime is the range of the times of a state's entries, which the watermark removes when it has passed their ends.
type stateTime struct {
	Column      string    `json:"column"`
	Oldest      time.Time `json:"oldest"`      // start of the oldest window, or the oldest time
	FirstEnd    time.Time `json:"firstEnd"`    // the watermark at which the first entry leaves the state
	NewestStart time.Time `json:"newestStart"` // start of the newest window, or the newest time
	LastEnd     time.Time `json:"lastEnd"`
}

// stateReports measures the state of all steps. A checkpoint of a stateless query has none.
func stateReports(ctx context.Context, r *checkpoint.Report) ([]stateReport, error) {
	archive, err := state.OpenArchive(storage.OS, filepath.Join(r.Dir, stateDir))
	if err != nil || len(archive.Operators) == 0 {
		return nil, err
	}
	oldest, newest, err := archive.Versions()
	if err != nil {
		return nil, err
	}
	version := r.Commits.Last + 1
	if err := checkVersion(version, oldest, newest, "the last committed batch"); err != nil {
		return nil, err
	}
	var reports []stateReport
	for id := range archive.Operators {
		one, err := reportOperator(ctx, archive, id, version)
		if err != nil {
			return reports, err
		}
		if r.Query != nil && len(r.Query.State) == len(archive.Operators) {
			one.Meaning = r.Query.State[id]
		}
		reports = append(reports, one)
	}
	return reports, nil
}

func reportOperator(ctx context.Context, archive *state.Archive, id int, version int64) (stateReport, error) {
	op := &archive.Operators[id]
	r := stateReport{Operator: id, Name: op.Name, Partitions: op.Partitions, Version: version}
	for i := range op.Stores {
		l := &op.Stores[i]
		r.Stores = append(r.Stores, l.Name)
		rows, bytes, err := archive.Measure(ctx, id, l.Name, version)
		if err != nil {
			return r, err
		}
		r.Rows, r.Bytes = r.Rows+rows, r.Bytes+bytes
		if r.Times == nil {
			if r.Times, err = timesOf(ctx, archive, id, l, version); err != nil {
				return r, err
			}
		}
	}
	return r, nil
}

// A timeColumn is the column of a store that says when the watermark removes an entry.
type timeColumn struct {
	index  int
	window bool // a struct of start and end; otherwise microseconds
}

// findTime looks for a time window among the columns of a store, an event time among its keys, or an expiry.
func findTime(l *state.Layout) (timeColumn, bool) {
	fields := l.Columns()
	for i, f := range fields {
		if t := f.Type; t.Kind == types.KindStruct && len(t.Fields) == 2 && t.Fields[0].Name == "start" && t.Fields[1].Name == "end" &&
			t.Fields[0].Type.Kind == types.KindTimestamp {
			return timeColumn{i, true}, true
		}
	}
	for i, f := range fields {
		if f.Name == "expiresAtMicros" || i < len(l.Key) && strings.Contains(f.Metadata, "spark.watermarkDelayMs") {
			return timeColumn{i, false}, true
		}
	}
	return timeColumn{}, false
}

// timesOf reads the range of times of a store; nil if it has none.
func timesOf(ctx context.Context, archive *state.Archive, id int, l *state.Layout, version int64) (*stateTime, error) {
	column, ok := findTime(l)
	if !ok {
		return nil, nil
	}
	var starts, ends span
	err := archive.Each(ctx, id, l.Name, version, func(_ int, b *vector.Batch) error {
		v := b.Cols[column.index]
		first, last := v, v
		if column.window {
			first, last = v.Children[0], v.Children[1]
		}
		for i := range b.N {
			if v.IsNull(i) || first.IsNull(i) || last.IsNull(i) {
				continue
			}
			starts.add(first.I64[first.At(i)])
			ends.add(last.I64[last.At(i)])
		}
		return nil
	})
	if err != nil || !starts.any {
		return nil, err
	}
	return &stateTime{
		Column: l.Columns()[column.index].Name, Oldest: micros(starts.low), FirstEnd: micros(ends.low),
		NewestStart: micros(starts.high), LastEnd: micros(ends.high),
	}, nil
}

// A span is the range of some values.
type span struct {
	low, high int64
	any       bool
}

func (s *span) add(v int64) {
	if !s.any {
		*s = span{v, v, true}
	}
	s.low, s.high = min(s.low, v), max(s.high, v)
}

func micros(us int64) time.Time { return time.UnixMicro(us).UTC() }

// text formats the report for people, one line each. watermark is that of the next batch.
func (r *stateReport) text(watermark time.Time) []string {
	what := r.Name
	if r.Meaning != "" {
		what = r.Meaning
	}
	lines := []string{fmt.Sprintf("%s: %s, %s, version %d, %s", what, count(int64(r.Rows), "row", "rows"), status.Bytes(r.Bytes), r.Version,
		count(int64(r.Partitions), "partition", "partitions"))}
	t := r.Times
	if t == nil {
		return lines
	}
	switch {
	case t.Oldest == t.FirstEnd:
		lines = append(lines, fmt.Sprintf("%s from %s to %s", t.Column, instant(t.Oldest), instant(t.NewestStart)))
	case t.Oldest == t.NewestStart:
		lines = append(lines, fmt.Sprintf("%s %s to %s", t.Column, instant(t.Oldest), instant(t.FirstEnd)))
	default:
		lines = append(lines, fmt.Sprintf("oldest %s %s to %s, newest %s to %s", t.Column, instant(t.Oldest), instant(t.FirstEnd), instant(t.NewestStart), instant(t.LastEnd)))
	}
	return append(lines, t.leaves(watermark))
}

// leaves says when the first entry leaves the state.
func (t *stateTime) leaves(watermark time.Time) string {
	first := "the first of them is forgotten"
	if t.Oldest != t.FirstEnd {
		first = "the oldest " + t.Column + " closes"
	}
	switch {
	case watermark.UnixMilli() == 0:
		return first + " once there is a watermark: none has been set by the rows so far, or the query has none"
	case watermark.Before(t.FirstEnd):
		return fmt.Sprintf("%s when the watermark reaches %s: %s to go, so a row must come that is this much newer than the newest one so far",
			first, instant(t.FirstEnd), t.FirstEnd.Sub(watermark))
	}
	return first + " in the next batch"
}

func instant(t time.Time) string { return t.Format(time.RFC3339Nano) }
