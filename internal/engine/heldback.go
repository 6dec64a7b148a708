package engine

import (
	"slices"
	"strings"
	"time"

	"github.com/streamctl/streamctl/internal/checkpoint"
)

// heldAfter is how long an input keeps the watermark back until that is reported. Tests shorten it.
var heldAfter = 10 * time.Second

// A holding is what is known of inputs that keep the watermark back.
type holding struct {
	since    time.Time     // when the watermark stopped
	at       int64         // where
	looked   time.Time     // when the state was counted
	pause    time.Duration // until it is counted again
	lookedAt int64         // the batch after which it was
	told     bool
}

// behind returns the numbers of the watermarks that keep that of the query back, and what it would be without them; none: nothing does.
func (q *query) behind() (numbers []int, others int64) {
	if len(q.marks) < 2 || q.latest() {
		return nil, 0
	}
	first := true
	for i, m := range q.marks {
		switch {
		case m <= q.watermark:
			numbers = append(numbers, i)
		case first || m < others:
			others, first = m, false
		}
	}
	if first {
		return nil, 0
	}
	return numbers, others
}

// heldBack says which inputs keep the watermark back, without what they hold; nil: none does.
func (q *query) heldBack() *checkpoint.HeldBack {
	numbers, others := q.behind()
	if len(numbers) == 0 {
		return nil
	}
	h := &checkpoint.HeldBack{Batch: q.next - 1, Others: isoMillis(others)}
	if q.watermark != 0 {
		h.Watermark = isoMillis(q.watermark)
	}
	for _, i := range numbers {
		for _, source := range q.plan.WatermarkSources[i] {
			if name := q.nameOf(q.inputs[source]); !slices.Contains(h.Inputs, name) {
				h.Inputs = append(h.Inputs, name)
			}
		}
	}
	return h
}

// lookHeld counts what inputs hold back that keep the watermark back; nil: nothing. It looks at all of the state.
func (q *query) lookHeld() *checkpoint.HeldBack {
	h := q.heldBack()
	if h == nil || q.state == nil {
		return nil
	}
	_, others := q.behind()
	h.Held = checkpoint.Held(q.plan.Held(q.state, others))
	if !h.Any() {
		return nil
	}
	return h
}

// watchHeld looks for inputs that keep the watermark back for a while, and reports the first time that they hold something.
func (q *query) watchHeld() {
	now, s := q.env.Now(), &q.holding
	if numbers, _ := q.behind(); len(numbers) == 0 || q.watermark != s.at || s.since.IsZero() {
		s.since, s.at = now, q.watermark
		q.held.Store(nil)
		return
	}
	if !s.due(now, q.next) {
		return
	}
	h := q.lookHeld()
	s.counted(now, q.env.Now(), q.next)
	q.held.Store(h)
	if h != nil && !s.told {
		s.told = true
		q.notify(heldNotice(h))
	}
}

// lookShare is how many times longer than a count of the state the pause after it is, so that large states are not counted most of the time.
const lookShare = 20

// due reports whether the state is to be counted, after a batch.
func (s *holding) due(now time.Time, batch int64) bool {
	return now.Sub(s.since) >= heldAfter && now.Sub(s.looked) >= s.pause && s.lookedAt != batch
}

// counted notes a count of the state.
func (s *holding) counted(from, to time.Time, batch int64) {
	s.looked, s.lookedAt, s.pause = to, batch, max(heldAfter, lookShare*to.Sub(from))
}

func heldNotice(h *checkpoint.HeldBack) *notice {
	return &notice{
		text: h.Text(),
		hint: "the others have come to " + h.Others + "; rows of " + strings.Join(h.Inputs, " and ") +
			" with later times move the watermark, or -c spark.sql.streaming.multipleWatermarkPolicy=max, with which rows of an input that is behind are late",
	}
}

// recordHeld counts at the end of a run what inputs hold back, for the summary and for checkpoint show.
func (q *query) recordHeld() {
	q.held.Store(nil)
	if q.plan == nil {
		return
	}
	h := q.lookHeld()
	if h == nil {
		return
	}
	q.held.Store(h)
	if err := q.log.SetHeldBack(h); err != nil {
		q.env.Log.Warn("what the watermark holds back was not recorded", "stream", q.stream.Name, "reason", err)
	}
}

// aheadHint names the inputs whose watermark is that of the query by the policy max, so that rows of the others are late.
func (q *query) aheadHint() string {
	if len(q.marks) < 2 || !q.latest() {
		return ""
	}
	newest, behind := slices.Max(q.marks), false
	var names []string
	for i, m := range q.marks {
		if behind = behind || m < newest; m < newest {
			continue
		}
		for _, source := range q.plan.WatermarkSources[i] {
			names = append(names, q.nameOf(q.inputs[source]))
		}
	}
	if !behind {
		return ""
	}
	return "; multipleWatermarkPolicy=max takes the watermark of " + strings.Join(names, " and ") + ", and other inputs are behind it"
}
