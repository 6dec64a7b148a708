package engine

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/streamctl/streamctl/internal/datetime"
	"github.com/streamctl/streamctl/internal/job"
	"github.com/streamctl/streamctl/internal/operator"
	"github.com/streamctl/streamctl/internal/storage"
	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/vector"
)

// lateRow is a row of one STRING column that is late for a step.
func lateRow(text string) *operator.LateRow {
	v := vector.New(types.String, 1)
	v.SetString(0, text)
	step := &operator.LateStep{Name: "dropDuplicates [k]", Time: "ts", Fields: []types.Field{{Name: "k", Type: types.String}}}
	origin := &vector.Origin{File: &vector.File{Path: "/in/a"}, Base: 7, Starts: []uint32{5}, Line: func(int) int64 { return 3 }}
	return &operator.LateRow{Step: step, Batch: &vector.Batch{N: 1, Cols: []*vector.Vector{v}, Origin: origin.Made(vector.Selection{0})}, Time: 1_500, Watermark: 2}
}

func TestABatchThatIsReadAgainListsItsLateRowsOnce(t *testing.T) {
	path := filepath.Join(t.TempDir(), "r")
	r := &rejects{fsys: storage.OS, path: path, limit: 0, source: &job.Source{}}
	for _, text := range []string{"x", "<y>"} {
		if err := r.begin(4); err != nil {
			t.Fatal(err)
		}
		r.addLate(lateRow(text), datetime.UTC, nil)
		if err := r.check(); err != nil { // late rows are not malformed
			t.Fatal(err)
		}
		if text == "x" {
			r.forget()
		}
	}
	if err := r.close(); err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	want := `{"batch":4,"file":"/in/a","line":3,"offset":12,"reason":"late: ts is not after the watermark","step":"dropDuplicates [k]",` +
		`"eventTime":"1970-01-01T00:00:00.001500Z","watermark":"1970-01-01T00:00:00.002Z","row":{"k":"<y>"}}` + "\n"
	if string(got) != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestTheListOfLateRowsIsBounded(t *testing.T) {
	defer func(n int64) { mostListed = n }(mostListed)
	mostListed = 100
	path := filepath.Join(t.TempDir(), "r")
	r := &rejects{fsys: storage.OS, path: path, limit: -1, source: &job.Source{}}
	if err := r.begin(0); err != nil {
		t.Fatal(err)
	}
	r.addLate(lateRow(strings.Repeat("z", 2*longestReject)), datetime.UTC, nil)
	if n := r.lateMessage(); n != nil {
		t.Error(n)
	}
	r.addLate(lateRow("a"), datetime.UTC, nil)
	if err := r.close(); err != nil {
		t.Fatal(err)
	}
	if n := r.lateMessage(); n == nil || !strings.Contains(n.text, "is as long as it may be: 1 late row not in it") {
		t.Error(n)
	}
	got, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if line := string(got); len(line) > longestReject+1000 || !strings.Contains(line, `"record":"{\"k\":\"zzz`) || !strings.HasSuffix(line, `"recordBytes":32776}`+"\n") {
		t.Errorf("%d bytes: …%s", len(line), line[max(0, len(line)-100):])
	}
}
