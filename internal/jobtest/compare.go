package jobtest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/streamctl/streamctl/internal/engine"
	"github.com/streamctl/streamctl/internal/job"
	"github.com/streamctl/streamctl/internal/replay"
	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/types"
)

// An expectation is the output that a batch should have.
type expectation struct {
	columns []int // that are compared, by their positions in the result
	rows    []replay.Row
}

// expectations reads the expected rows of a test as values of the result's types, as a json source does. An element is nil for a batch
// without an expectation.
func expectations(ctx context.Context, j *job.Job, t *job.Test, schema *types.Schema) ([]*expectation, error) {
	list := make([]*expectation, len(t.Batches))
	if schema == nil {
		return list, nil // the stream was refused
	}
	names := make([]string, len(schema.Fields)) // columns may share their names
	fields := make([]types.Field, len(schema.Fields))
	for i, f := range schema.Fields {
		names[i] = "c" + strconv.Itoa(i)
		fields[i] = types.Field{Name: names[i], Type: f.Type, Nullable: true}
	}
	var text bytes.Buffer
	var places []*sparkerr.Place
	for i := range t.Batches {
		b := &t.Batches[i]
		if b.Expect == nil {
			continue
		}
		e := &expectation{}
		for _, row := range b.Expect.Rows {
			at, err := positions(row, fieldNames(schema.Fields))
			if err != nil {
				return nil, err
			}
			var here []string
			for _, c := range at {
				if here = append(here, names[c]); !slices.Contains(e.columns, c) {
					e.columns = append(e.columns, c)
				}
			}
			writeObject(&text, here, row.Values)
			places = append(places, row.Place)
		}
		slices.Sort(e.columns)
		list[i] = e
	}
	rows, err := typed(ctx, j, &types.Schema{Fields: fields}, text.Bytes(), places)
	if err != nil {
		return nil, err
	}
	for i, e := range list {
		if e != nil {
			n := len(t.Batches[i].Expect.Rows)
			e.rows, rows = rows[:n], rows[n:]
		}
	}
	return list, nil
}

// positions returns the columns of the values of an expected row.
func positions(row job.TestRow, columns []string) (list []int, err error) {
	if row.Names == nil {
		if len(row.Values) > len(columns) {
			return nil, sparkerr.At(sparkerr.Plain("the row has %d values, and the result %d columns", len(row.Values), len(columns)), row.Place)
		}
		for i := range row.Values {
			list = append(list, i)
		}
		return list, nil
	}
	if err := checkNames(row.Names, columns, row.Place); err != nil {
		return nil, err
	}
	for _, n := range row.Names {
		list = append(list, slices.IndexFunc(columns, func(c string) bool { return strings.EqualFold(c, n) }))
	}
	return list, nil
}

// typed reads lines of JSON as rows with a schema. places are those of the lines.
func typed(ctx context.Context, j *job.Job, schema *types.Schema, text []byte, places []*sparkerr.Place) ([]replay.Row, error) {
	if len(places) == 0 {
		return nil, nil
	}
	disk, err := replay.NewDisk()
	if err != nil {
		return nil, err
	}
	if err := disk.Put(filepath.Join(disk.Root, "in", "expected.json"), text, start); err != nil {
		return nil, err
	}
	read := &job.Job{Conf: j.Conf, BaseDir: disk.Root, Streams: []*job.Stream{{
		Source: job.Source{Format: "json", Path: filepath.Join(disk.Root, "in"), Schema: job.Schema{Text: schema.DDL(), Given: true}, Options: job.Options{{Name: "mode", Value: "FAILFAST"}}},
		Sink:   job.Sink{Format: job.DefaultSink, Trigger: job.Trigger{Kind: job.AvailableNow}},
	}}}
	result := &replay.Result{}
	env := engine.Env{FS: disk.Memory, NewSink: result.NewSink, Workers: 1, Log: slog.New(slog.DiscardHandler), Notify: func(string, string, string) {}, Now: func() time.Time { return start }}
	if _, err := engine.Run(ctx, read, env); err != nil {
		return nil, unreadable(err, places)
	}
	return result.Batches[0], nil
}

// unreadable turns the error of reading expected rows into one about the place of the row.
func unreadable(err error, places []*sparkerr.Place) error {
	e, ok := errors.AsType[*sparkerr.Error](err)
	if !ok || e.Row == nil || e.Row.Line < 1 || int(e.Row.Line) > len(places) {
		return err
	}
	return sparkerr.At(sparkerr.Plain("a value of the expected row does not have the type of its column: %s", e.Sentence()), places[e.Row.Line-1])
}

// compare compares a batch with what the test says. failure is the error that ended it.
func (o *Outcome) compare(j *job.Job, s *job.Stream, i int, e *expectation, failure error) error {
	b, a := &o.Test.Batches[i], &o.actual[i]
	differ := func(what string, expected, got []string, at *sparkerr.Place) {
		o.Differences = append(o.Differences, Difference{Batch: i + 1, What: what, Expected: expected, Got: got, Place: at})
	}
	switch {
	case failure != nil && b.Error.Text == "":
		differ("error", []string{"no error"}, []string{failure.Error()}, b.Place)
		return nil
	case failure == nil && b.Error.Text != "":
		differ("error", []string{b.Error.Text}, []string{"no error"}, b.Error.Place)
	case failure != nil && !expectedError(failure, b.Error.Text):
		differ("error", []string{b.Error.Text}, []string{failure.Error()}, b.Error.Place)
	}
	if e != nil {
		columns := e.columns
		if len(e.rows) == 0 {
			columns = all(len(o.schema.Fields))
		}
		missing, more := replay.Unequal(picked(e.rows, columns), picked(a.rows, columns), b.Ordered || replay.Sorts(s))
		if len(missing) > 0 || len(more) > 0 {
			differ("rows", o.shown(missing, columns), o.shown(more, columns), b.Expect.Place)
		}
	}
	if !a.checked {
		return nil
	}
	if b.Late != nil && *b.Late != a.late {
		differ("late rows", []string{plural(*b.Late, "row")}, []string{plural(a.late, "row")}, b.Place)
	}
	if r := b.Rejected; r != nil && r.Listed {
		missing, more := replay.WithoutCommon(r.Records, a.rejected, func(record string) string { return record })
		if len(missing) > 0 || len(more) > 0 {
			differ("rejected records", quoted(missing), quoted(more), b.Place)
		}
	} else if r != nil && r.Count != int64(len(a.rejected)) {
		differ("rejected records", []string{plural(r.Count, "record")}, []string{plural(int64(len(a.rejected)), "record")}, b.Place)
	}
	return o.compareWatermark(j, b, a, differ)
}

func (o *Outcome) compareWatermark(j *job.Job, b *job.TestBatch, a *actual, differ func(string, []string, []string, *sparkerr.Place)) error {
	if b.Watermark.Text == "" {
		return nil
	}
	want, err := timestamp(j, b.Watermark)
	if err != nil {
		return err
	}
	if text := time.UnixMicro(want).UTC().Format("2006-01-02T15:04:05.000Z"); a.watermark != text {
		got := a.watermark
		if got == "" {
			got = "no watermark"
		}
		differ("watermark", []string{text}, []string{got}, b.Watermark.Place)
	}
	return nil
}

// picked returns rows with only some columns.
func picked(rows []replay.Row, columns []int) []replay.Row {
	out := make([]replay.Row, len(rows))
	for i, r := range rows {
		for _, c := range columns {
			out[i] = append(out[i], r[c])
		}
	}
	return out
}

func all(n int) []int {
	list := make([]int, n)
	for i := range list {
		list[i] = i
	}
	return list
}

// shown formats rows of some columns for people, as {column: value}.
func (o *Outcome) shown(rows []replay.Row, columns []int) []string {
	out := make([]string, len(rows))
	for i, r := range rows {
		parts := make([]string, len(r))
		for n, v := range r {
			f := o.schema.Fields[columns[n]]
			parts[n] = f.Name + ": " + replay.Shown(f.Type, v)
		}
		out[i] = "{" + strings.Join(parts, ", ") + "}"
	}
	return out
}

func quoted(list []string) []string {
	out := make([]string, len(list))
	for i, s := range list {
		out[i] = fmt.Sprintf("%q", s)
	}
	return out
}
