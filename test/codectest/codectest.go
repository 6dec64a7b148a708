// Package codectest checks the properties that the readers of all formats share.
package codectest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/streamctl/streamctl/internal/codec"
	"github.com/streamctl/streamctl/internal/valuetext"
	"github.com/streamctl/streamctl/internal/vector"
)

// A Format returns readers with the same options. If mode is "", the mode is that of the options. Each reader needs its own
// filters.
type Format func(in codec.Input, mode string, report func(*codec.Malformed)) (vector.Reader, error)

// A Result is the outcome of reading: the rows, each with the position of its record, the malformed records that were
// reported, and the error that ended reading.
type Result struct {
	Rows, Malformed []string
	Err             error
}

func (r *Result) String() string {
	return fmt.Sprintf("rows %s\nmalformed %s\nerror %v", strings.Join(r.Rows, "\n     "), r.Malformed, r.Err)
}

// equal compares results, ignoring the order of malformed records within a batch.
func (r *Result) equal(o *Result) bool {
	slices.Sort(r.Malformed)
	slices.Sort(o.Malformed)
	return slices.Equal(r.Rows, o.Rows) && slices.Equal(r.Malformed, o.Malformed) && fmt.Sprint(r.Err) == fmt.Sprint(o.Err)
}

// File returns an input of data that is read chunk bytes at a time, or all at once if chunk is 0.
func File(data []byte, start, length int64, chunk int) codec.Input {
	if chunk == 0 {
		chunk = len(data) + 1
	}
	return codec.Input{File: &vector.File{Path: "/f", Size: int64(len(data))}, Start: start, Length: length, Chunk: chunk,
		Open: func() (io.ReadCloser, error) { return readAtCloser{bytes.NewReader(data)}, nil }}
}

type readAtCloser struct{ *bytes.Reader }

func (readAtCloser) Close() error { return nil }

// Read reads all of in.
func (f Format) Read(t testing.TB, in codec.Input, mode string) *Result {
	t.Helper()
	result := &Result{}
	r, err := f(in, mode, result.report)
	if err != nil {
		t.Fatal(err)
	}
	result.take(r)
	return result
}

func (r *Result) report(m *codec.Malformed) {
	r.Malformed = append(r.Malformed, fmt.Sprintf("%q at %d: %s %s", m.Record, m.Offset, m.Column, m.Reason))
}

// take reads to the end.
func (r *Result) take(in vector.Reader) {
	for {
		b, err := in.Next(context.Background())
		if err != nil {
			if !errors.Is(err, io.EOF) {
				r.Err = err
			}
			_ = in.Close()
			return
		}
		for i := range b.Rows() {
			row := i
			if b.Sel != nil {
				row = int(b.Sel[i])
			}
			r.Rows = append(r.Rows, rowText(b, row))
		}
	}
}

func rowText(b *vector.Batch, row int) string {
	text := fmt.Appendf(nil, "at %d:", b.Origin.Offset(row))
	for _, v := range b.Cols {
		if v.IsNull(row) {
			text = append(text, " NULL"...)
		} else {
			text = fmt.Appendf(text, " %q", valuetext.AppendValue(nil, v, row, valuetext.Options{Show: true}))
		}
	}
	return string(text)
}

// Modes checks that no record is lost: PERMISSIVE returns the rows of DROPMALFORMED plus one row per malformed record, and
// FAILFAST fails at the first malformed record, after the rows before it. Errors of the file itself occur in every mode.
func (f Format) Modes(t testing.TB, data []byte) {
	t.Helper()
	in := File(data, 0, -1, 0)
	all, good, fast := f.Read(t, in, "PERMISSIVE"), f.Read(t, in, "DROPMALFORMED"), f.Read(t, in, "FAILFAST")
	rejected := 0
	for _, m := range good.Malformed {
		if !strings.HasSuffix(m, codec.LineFeed) {
			rejected++
		}
	}
	switch {
	case fmt.Sprint(all.Err) != fmt.Sprint(good.Err):
		t.Errorf("PERMISSIVE ends with %v, DROPMALFORMED with %v", all.Err, good.Err)
	case len(all.Rows) != len(good.Rows)+rejected || !slices.Equal(toBlame(all.Malformed), toBlame(good.Malformed)):
		t.Errorf("PERMISSIVE: %s\nDROPMALFORMED: %s", all, good)
	case (fast.Err != nil) != (all.Err != nil || rejected > 0):
		t.Errorf("FAILFAST: %s\nPERMISSIVE: %s", fast, all)
	case !isPrefix(fast.Rows, good.Rows) || !isSubsequence(good.Rows, all.Rows):
		t.Errorf("FAILFAST: %s\nDROPMALFORMED: %s\nPERMISSIVE: %s", fast, good, all)
	case len(toBlame(fast.Malformed)) > 0:
		t.Errorf("FAILFAST reports %s", fast.Malformed)
	}
}

// toBlame drops the records that are malformed only because of others, and text after a record within its line.
func toBlame(malformed []string) []string {
	return slices.DeleteFunc(malformed, func(m string) bool {
		return strings.HasSuffix(m, codec.InBadArray) || strings.HasSuffix(m, codec.LineFeed)
	})
}

func isPrefix(some, all []string) bool {
	return len(some) <= len(all) && slices.Equal(some, all[:len(some)])
}

func isSubsequence(some, all []string) bool {
	for _, row := range all {
		if len(some) > 0 && some[0] == row {
			some = some[1:]
		}
	}
	return len(some) == 0
}

// Cuts checks that a file yields the same rows however it is split into partitions, at the given positions, and chunks.
func (f Format) Cuts(t testing.TB, data []byte, chunk int, cuts ...int64) {
	t.Helper()
	whole := f.Read(t, File(data, 0, -1, 0), "")
	if got := f.Read(t, File(data, 0, -1, chunk), ""); !got.equal(whole) {
		t.Errorf("chunks of %d: %s\nwhole: %s", chunk, got, whole)
	}
	got := &Result{}
	slices.Sort(cuts)
	start := int64(0)
	for _, end := range append(cuts, int64(len(data))) {
		if end == 0 { // a partition without bytes does not exist
			continue
		}
		part := f.Read(t, File(data, start, end-start, chunk), "")
		got.Rows, got.Malformed, got.Err = append(got.Rows, part.Rows...), append(got.Malformed, part.Malformed...), part.Err
		if got.Err != nil {
			break
		}
		start = end
	}
	if !got.equal(whole) {
		t.Errorf("%q cut at %d, chunks of %d: %s\nwhole: %s", data, cuts, chunk, got, whole)
	}
}

// Restarts checks that a reader that has read, or begun to read, another file returns the same as a new one.
func (f Format) Restarts(t testing.TB, before, data []byte, batches, chunk int) {
	t.Helper()
	want := f.Read(t, File(data, 0, -1, chunk), "")
	got := &Result{}
	r, err := f(File(before, 0, -1, chunk), "", got.report)
	if err != nil {
		t.Fatal(err)
	}
	for range batches {
		if _, err := r.Next(context.Background()); err != nil {
			break
		}
	}
	got.Malformed = nil
	r.(codec.Restarter).Restart(File(data, 0, -1, chunk))
	got.take(r)
	if !got.equal(want) {
		t.Errorf("%q after %d batches of %q: %s\nnew: %s", data, batches, before, got, want)
	}
}

// Random runs check with rounds texts made of pieces; the texts are the same each time.
func Random(rounds int, pieces []string, check func(random *rand.Rand, text func() []byte)) {
	for round := range rounds {
		random := rand.New(rand.NewPCG(uint64(round), 0))
		check(random, func() (b []byte) {
			for range random.IntN(40) {
				b = append(b, pieces[random.IntN(len(pieces))]...)
			}
			return b
		})
	}
}
