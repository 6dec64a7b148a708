package operator_test

import (
	"math/rand/v2"
	"testing"

	"github.com/streamctl/streamctl/internal/operator"
)

// TestAJoinThatForgetsNothingLooksAtNothing has each side know when it can forget its next row: after a batch without rows, after an older row has come, and
// not after an attempt that is undone.
func TestAJoinThatForgetsNothingLooksAtNothing(t *testing.T) {
	for _, p := range []pairing{{kind: operator.LeftOuter, byTime: true}, {kind: operator.FullOuter, timeKey: true}} {
		j := newJoiner(t, p, 1, "")
		store := "right-keyWithIndexToValue"
		if p.timeKey {
			store = "right-keyToNumValues"
		}
		run := func(id, watermark int64, times ...int64) int64 {
			rows := [2][]*event{}
			for _, at := range times {
				rows[1] = append(rows[1], &event{key: "k", time: at, value: rand.Int64N(100)})
			}
			j.context.ID, j.context.Watermark = id, watermark*1000
			j.batch(rows, 10)
			floor, known := j.state.Store(0, store, 0).Floor()
			if !known {
				t.Fatalf("%+v, batch %d: nothing is known", p, id)
			}
			return floor / 1e6
		}
		commit := func() {
			if err := j.state.Commit(t.Context()); err != nil {
				t.Fatal(err)
			}
			j.version++
		}
		for i, step := range []struct {
			watermark int64
			times     []int64
			want      int64
		}{{1, []int64{500, 400}, 400}, {2, []int64{300, 600}, 300}, {3, nil, 300}, {450, nil, 500}} {
			id := int64(2 * i)
			run(id, step.watermark, append(step.times, 200)...)
			j.state.Abort()
			run(id, step.watermark, step.times...)
			commit()
			if got := run(id+1, step.watermark); got != step.want {
				t.Errorf("%+v, step %d: the next row to forget is of %d, want %d", p, i, got, step.want)
			}
			commit()
		}
	}
}
