package engine

import (
	"testing"
	"time"
)

func TestLargeStatesAreCountedRarely(t *testing.T) {
	start := time.Unix(1_700_000_000, 0)
	at := func(d time.Duration) time.Time { return start.Add(d) }
	s := holding{since: start}
	for _, c := range []struct {
		after time.Duration
		batch int64
		due   bool
		took  time.Duration // of the count, if it is due
	}{
		{after: heldAfter - time.Second, batch: 1},
		{after: heldAfter, batch: 2, due: true, took: time.Millisecond},
		{after: heldAfter + time.Second, batch: 3},
		{after: 3 * heldAfter, batch: 2},                             // nothing has happened since
		{after: 3 * heldAfter, batch: 4, due: true, took: heldAfter}, // ends at 4
		{after: 23 * heldAfter, batch: 5},                            // too early for a twentieth of the time
		{after: 24 * heldAfter, batch: 6, due: true, took: time.Millisecond},
		{after: 25*heldAfter + time.Second, batch: 7, due: true, took: time.Second}, // the state has shrunk
	} {
		if got := s.due(at(c.after), c.batch); got != c.due {
			t.Errorf("after %v: %v", c.after, got)
		}
		if c.due {
			s.counted(at(c.after), at(c.after+c.took), c.batch)
		}
	}
}
