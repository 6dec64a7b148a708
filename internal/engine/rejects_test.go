package engine

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/streamctl/streamctl/internal/codec"
	"github.com/streamctl/streamctl/internal/job"
	"github.com/streamctl/streamctl/internal/storage"
)

// listed reads a rejects file.
func listed(t *testing.T, path string) []reject {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var out []reject
	for line := range bytes.Lines(text) {
		var r reject
		if err := json.Unmarshal(line, &r); err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		out = append(out, r)
	}
	return out
}

func malformed(record string) *codec.Malformed {
	return &codec.Malformed{Offset: -1, Record: []byte(record), Reason: "bad"}
}

// withBadRows returns lines, some of them malformed.
func withBadRows(lines int, end string) (text string, bad int) {
	var b strings.Builder
	padding := strings.Repeat(".", 100)
	for i := range lines {
		switch {
		case i%997 == 17:
			fmt.Fprintf(&b, "row %d,bad%s", i, end)
			bad++
		case i%1009 == 13:
			fmt.Fprintf(&b, "row %d%s", i, end)
			bad++
		default:
			fmt.Fprintf(&b, "row %d%s,%d%s", i, padding, i, end)
		}
	}
	return b.String(), bad
}

func TestRejectsHaveTheirPlaces(t *testing.T) {
	for name, end := range map[string]string{"lf": "\n", "crlf": "\r\n", "cr": "\r", "gz": "\n"} {
		const lines = 60_000 // several pieces
		text, bad := withBadRows(lines, end)
		dir, rejected := t.TempDir(), filepath.Join(t.TempDir(), "deep", "rejects.jsonl")
		if name == "gz" {
			var b bytes.Buffer
			z := gzip.NewWriter(&b)
			_, _ = z.Write([]byte(text))
			_ = z.Close()
			drop(t, dir, "a.csv.gz", b.String())
		} else {
			drop(t, dir, "a.csv", text)
		}
		j := fileJob(dir, job.AvailableNow)
		j.Streams[0].Source.Options = job.Options{{Name: "mode", Value: "DROPMALFORMED"}, {Name: job.RejectsPath, Value: rejected}}
		j.Streams[0].Sink = job.Sink{Format: "noop", Trigger: j.Streams[0].Sink.Trigger}
		_, s, err := runJob(t, j)
		if err != nil {
			t.Fatal(err)
		}
		list := listed(t, rejected)
		if total := s.Total(); len(list) != bad || total.RowsMalformed != int64(bad) || total.RowsOut+total.RowsMalformed != lines {
			t.Errorf("%s: %d listed, %d rejected, %d out; want %d of %d lines", name, len(list), total.RowsMalformed, total.RowsOut, bad, lines)
		}
		for _, r := range list {
			want := fmt.Sprintf("row %d", r.Line-1)
			if got, _, _ := strings.Cut(r.Record, ","); got != want || !strings.HasPrefix(text[*r.Offset:], r.Record+end) {
				t.Errorf("%s: line %d, offset %d: %s", name, r.Line, *r.Offset, r.Record)
				break
			}
		}
	}
}

func TestABatchThatIsReadAgainListsItsRejectsOnce(t *testing.T) {
	path := filepath.Join(t.TempDir(), "r")
	r := &rejects{fsys: storage.OS, path: path, limit: -1, source: &job.Source{}}
	for batch := range int64(2) {
		for range 3 {
			if err := r.begin(batch); err != nil {
				t.Fatal(err)
			}
			r.add(malformed("x"))
			if err := r.check(); err != nil {
				t.Fatal(err)
			}
			r.forget()
		}
		if err := r.begin(batch); err != nil {
			t.Fatal(err)
		}
		r.add(malformed("y"))
		if err := r.check(); err != nil {
			t.Fatal(err)
		}
	}
	if err := r.close(); err != nil {
		t.Fatal(err)
	}
	if list := listed(t, path); len(list) != 2 || list[1].Batch != 1 || list[0].Record != "y" || r.count != 2 {
		t.Errorf("%v, %d", list, r.count)
	}
}

func TestARejectsFileThatCannotBeWrittenIsAnError(t *testing.T) {
	dir := t.TempDir()
	drop(t, dir, "a.csv", "x,y\n")
	j := fileJob(dir, job.AvailableNow)
	j.Streams[0].Source.Options = job.Options{{Name: job.RejectsPath, Value: "/dev/full"}}
	if _, _, err := runJob(t, j); err == nil || !strings.Contains(err.Error(), "/dev/full cannot be written") {
		t.Errorf("error %v", err)
	}
}
