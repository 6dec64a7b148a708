package operator_test

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/streamctl/streamctl/internal/operator"
	"github.com/streamctl/streamctl/internal/state"
	"github.com/streamctl/streamctl/internal/storage"
	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/vector"
)

const recordedJoins = "../../test/conformance/testdata/checkpoints"

// A recorded batch has the steps whose files it reads, and its watermark.
type recordedBatch struct {
	step      string
	watermark int64
}

// TestStateOfJoinsIsSparks runs the batches of checkpoints that Spark has written, and compares the state after each of them with Spark's: the schemas,
// and the bytes of keys and values.
func TestStateOfJoinsIsSparks(t *testing.T) {
	batches := []recordedBatch{{"00", 0}, {"", 1704066360000}, {"01", 1704066360000}, {"", 1704067800000}, {"02", 1704067800000}}
	for name, c := range map[string]struct {
		kind    operator.JoinKind
		tasks   int
		batches []recordedBatch
	}{
		"ck-join-leftouter":         {operator.LeftOuter, 1, batches[:4]},
		"ck-join-full-partitions-3": {operator.FullOuter, 3, batches},
	} {
		dir := filepath.Join(recordedJoins, name)
		r := newRecordedJoin(t, c.kind, c.tasks)
		for i, b := range c.batches {
			r.context.ID, r.context.PreviousWatermark, r.context.Watermark = int64(i), r.context.Watermark, b.watermark
			r.batch(t, dir, b.step)
			if got, want := dump(r.state, c.tasks), r.recorded(t, dir, int64(i+1)); got != want {
				t.Errorf("%s: after batch %d:\n%s\nwant\n%s", name, i, got, want)
			}
		}
		schemas, _ := filepath.Glob(filepath.Join(dir, "ckpt/state/0/0/*/_metadata/schema"))
		for _, path := range append(schemas, filepath.Join(dir, "ckpt/state/0/_metadata/metadata")) {
			rel, _ := filepath.Rel(filepath.Join(dir, "ckpt/state"), path)
			want, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if got, _ := os.ReadFile(filepath.Join(r.dir, rel)); !bytes.Equal(got, want) {
				t.Errorf("%s: %s is %q, want %q", name, rel, got, want)
			}
		}
	}
}

type recordedJoin struct {
	dir      string
	kind     operator.JoinKind
	ops      []state.Operator
	state    *state.State
	pipeline *operator.Pipeline
	context  operator.BatchContext
}

func newRecordedJoin(t *testing.T, kind operator.JoinKind, tasks int) *recordedJoin {
	r := &recordedJoin{dir: t.TempDir(), kind: kind, context: operator.BatchContext{OutputMode: operator.Append}}
	var sides [2]operator.JoinSide
	var fields [2][]types.Field
	for i, names := range [][]string{{"id", "ts", "ad"}, {"id", "ts", "user"}} {
		s := &sides[i]
		for k, typ := range []*types.Type{types.Int, types.Timestamp, types.String} {
			s.Input = append(s.Input, column([]string{"l", "r"}[i]+names[k], typ))
			fields[i] = append(fields[i], types.Field{Name: names[k], Type: typ})
		}
		fields[i][1].Metadata = fmt.Sprintf(`{"spark.watermarkDelayMs":%d}`, 600000*(i+1))
		s.Keys, s.Late = s.Input[:1], operator.EventTime{Column: 1}
		s.Expires = operator.Expiry{Key: operator.NoEventTime, Column: operator.EventTime{Column: 1}, Limit: func(watermark int64) int64 {
			return watermark - []int64{3600001, 1}[i]
		}}
	}
	both := compiled(t, "rts BETWEEN lts AND lts + INTERVAL 1 HOUR", append(slices.Clone(sides[0].Input), sides[1].Input...))
	op, err := operator.NewSymmetricJoin(0, kind, sides[0], sides[1], both)
	if err != nil {
		t.Fatal(err)
	}
	r.pipeline = operator.NewPipeline(&operator.Node{Operator: op, Inputs: []*operator.Node{{}, {Input: 1}}}, nil)
	r.ops = []state.Operator{{Name: "symmetricHashJoin", Partitions: tasks, Stores: operator.SymmetricStores([]*types.Type{types.Int}, fields[0], fields[1], [2]operator.Expiry{sides[0].Expires, sides[1].Expires})}}
	if r.state, err = state.Open(storage.OS, r.dir, r.ops, state.Options{}); err == nil {
		err = r.state.Load(t.Context(), 0)
	}
	if err != nil {
		t.Fatal(err)
	}
	r.context.State = r.state
	return r
}

// batch runs the files of a step.
func (r *recordedJoin) batch(t *testing.T, dir, step string) {
	t.Helper()
	r.context.Dropped = make([]atomic.Int64, 1)
	for task := range r.ops[0].Partitions {
		var feeds []operator.Feed
		for side, name := range []string{"imps", "clicks"} {
			files, _ := filepath.Glob(filepath.Join(dir, "batches", step, name, "*"))
			rows := &batches{}
			for _, file := range files {
				if step != "" {
					nulls := side == 0 || r.kind == operator.FullOuter // others are filtered before the join
					*rows = append(*rows, readEvents(t, file, r.ops[0].Partitions, task, nulls))
				}
			}
			feeds = append(feeds, operator.Feed{Input: side, Rows: rows})
		}
		if err := r.pipeline.Run(t.Context(), operator.Partition{Batch: &r.context, Task: task}, feeds, func(*vector.Batch) error { return nil }); err != nil {
			t.Fatal(err)
		}
	}
	if err := r.state.Commit(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// readEvents returns the rows of a CSV file that belong to a task: of three, id 1 belongs to the second and the others to the first. nulls says
// whether rows without an id count.
func readEvents(t *testing.T, file string, tasks, task int, nulls bool) *vector.Batch {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var lines [][]string
	for line := range strings.Lines(string(data)) {
		cells := strings.Split(strings.TrimSpace(line), ",")
		if (nulls || cells[0] != "") && (tasks == 1 || task == 1 == (cells[0] == "1") && task < 2) {
			lines = append(lines, cells)
		}
	}
	b := &vector.Batch{N: len(lines), Cols: []*vector.Vector{vector.New(types.Int, len(lines)), vector.New(types.Timestamp, len(lines)), vector.New(types.String, len(lines))}}
	for i, cells := range lines {
		if id, err := strconv.Atoi(cells[0]); err != nil {
			b.Cols[0].SetNull(i)
		} else {
			b.Cols[0].I32[i] = int32(id)
		}
		if ts, err := time.Parse("2006-01-02 15:04:05", cells[1]); err != nil {
			b.Cols[1].SetNull(i)
		} else {
			b.Cols[1].I64[i] = ts.UnixMicro()
		}
		b.Cols[2].SetString(i, cells[2])
	}
	return b
}

// recorded returns Spark's state of a version.
func (r *recordedJoin) recorded(t *testing.T, dir string, version int64) string {
	t.Helper()
	path := t.TempDir()
	if err := os.CopyFS(path, os.DirFS(filepath.Join(dir, "ckpt/state"))); err != nil {
		t.Fatal(err)
	}
	s, err := state.Open(storage.OS, path, r.ops, state.Options{Version: version})
	if err == nil {
		err = s.Load(t.Context(), version)
	}
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	return dump(s, r.ops[0].Partitions)
}

// dump returns the entries of all stores, sorted.
func dump(s *state.State, tasks int) string {
	var lines []string
	for _, store := range []string{"left-keyToNumValues", "left-keyWithIndexToValue", "right-keyToNumValues", "right-keyWithIndexToValue"} {
		for task := range tasks {
			for key, value := range s.Store(0, store, task).All() {
				lines = append(lines, fmt.Sprint(store, " ", task, " ", hex.EncodeToString(key), " ", hex.EncodeToString(value)))
			}
		}
	}
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}
