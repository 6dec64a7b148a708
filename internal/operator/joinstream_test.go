package operator_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/streamctl/streamctl/internal/operator"
	"github.com/streamctl/streamctl/internal/sql/analyze"
	"github.com/streamctl/streamctl/internal/sql/expr"
	"github.com/streamctl/streamctl/internal/sql/parse"
	"github.com/streamctl/streamctl/internal/state"
	"github.com/streamctl/streamctl/internal/storage"
	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/vector"
)

// An event is a row of a joined stream: a key (NULL if empty), a time in seconds (NULL if negative) and a value.
type event struct {
	key         string
	time, value int64

	batch   int // in which it arrived; -1: it was late
	until   int // the batch at whose end it was forgotten
	matched bool
}

// A pairing is a join to test: its condition and what the planner derives from that.
type pairing struct {
	kind        operator.JoinKind
	timeKey     bool // the time is a key, too
	byTime      bool // right rows match if they are up to 10 seconds after a left one
	filter      bool // left rows whose value is a multiple of 5 match nothing
	third       bool // the sum of both values must not be a multiple of 3
	noWatermark bool
}

const (
	noLimit = -1 << 60
	forever = 1 << 30
)

// limits returns the times, in seconds, up to which left and right rows are forgotten.
func (p *pairing) limits(watermark int64) (left, right int64) {
	switch {
	case p.noWatermark || !p.timeKey && !p.byTime:
		return noLimit, noLimit
	case p.timeKey:
		return watermark, watermark
	}
	return watermark - 11, watermark - 1
}

// pairs reports whether two rows match.
func (p *pairing) pairs(l, r *event) bool {
	switch {
	case l.key != r.key, p.timeKey && l.time != r.time:
		return false
	case p.byTime && (l.time < 0 || r.time < l.time || r.time > l.time+10):
		return false
	}
	return p.passes(l) && (!p.third || (l.value+r.value)%3 != 0)
}

// passes reports whether a left row passes the filter of its side.
func (p *pairing) passes(l *event) bool { return !p.filter || l.value%5 != 0 }

func (p *pairing) keeps(side int) bool {
	return p.kind == operator.FullOuter || p.kind == operator.LeftOuter && side == 0 || p.kind == operator.RightOuter && side == 1
}

// A joinModel keeps all rows that have ever arrived and looks at all pairs of them.
type joinModel struct {
	pairing
	sides                [2][]*event
	late, total, updated int
	removed              int
}

func (m *joinModel) batch(batch int, rows [2][]*event, previous, watermark int64) (lines []string) {
	m.late, m.updated, m.removed = 0, 0, 0
	var limits [2]int64
	limits[0], limits[1] = m.limits(watermark)
	for side := range rows {
		for _, e := range rows[side] {
			e.batch, e.until = batch, forever
			if !m.noWatermark && e.time >= 0 && e.time <= previous {
				e.batch = -1
				m.late++
			}
			m.sides[side] = append(m.sides[side], e)
		}
	}
	lines = m.matches(batch)
	for side := range m.sides {
		for _, e := range m.sides[side] {
			lines = append(lines, m.keep(e, side, batch, limits[side])...)
		}
	}
	slices.Sort(lines)
	return lines
}

// matches returns the pairs of which one row has arrived in the batch.
func (m *joinModel) matches(batch int) (lines []string) {
	for _, r := range m.sides[1] {
		for _, l := range m.sides[0] {
			if l.batch < 0 || r.batch < 0 || max(l.batch, r.batch) != batch || min(l.until, r.until) < batch || !m.pairs(l, r) {
				continue
			}
			if m.kind != operator.LeftSemi {
				lines = append(lines, line2(l, r))
			} else if !l.matched {
				lines = append(lines, line2(l, nil))
			}
			l.matched, r.matched = true, true
		}
	}
	return lines
}

// keep counts a row that is stored, and forgets it, which returns it if it has not matched.
func (m *joinModel) keep(e *event, side, batch int, limit int64) (lines []string) {
	alone := func() []string {
		if !m.keeps(side) {
			return nil
		}
		if side == 0 {
			return []string{line2(e, nil)}
		}
		return []string{line2(nil, e)}
	}
	if e.batch < 0 || e.until < batch {
		return nil
	}
	expired := e.time >= 0 && e.time <= limit
	if e.batch == batch {
		if side == 0 && !m.passes(e) {
			e.until = batch - 1
			return alone()
		}
		m.updated++
		m.total++
		semi := m.kind == operator.LeftSemi
		if semi && side == 0 && e.matched || side == m.second() && expired && (!m.keeps(side) || e.matched) {
			m.updated--
			m.total--
			e.until = batch
			return nil
		}
	}
	if expired || m.kind == operator.LeftSemi && side == 0 && e.matched {
		e.until = batch
		m.total--
		m.removed++
		if !e.matched {
			return alone()
		}
	}
	return nil
}

// second is the side whose rows arrive last: they need not wait for the others of their batch.
func (m *joinModel) second() int { return 1 - operator.FirstPort(m.kind) }

func line2(l, r *event) string {
	text := func(e *event) string {
		if e == nil {
			return "-"
		}
		return fmt.Sprint(e.key, " ", e.time, " ", e.value)
	}
	return text(l) + " | " + text(r)
}

// A joiner is the operator with its state.
type joiner struct {
	t        *testing.T
	pairing  pairing
	columns  [2][]*expr.Expr
	expires  [2]operator.Expiry
	pipeline *operator.Pipeline
	dir      string
	state    *state.State
	version  int64
	tasks    int
	context  operator.BatchContext
}

func compiled(t *testing.T, text string, columns []*expr.Expr) *expr.Expr {
	t.Helper()
	tree, err := parse.Expression(text)
	if err != nil {
		t.Fatal(err)
	}
	e, failure := analyze.Condition(tree, analyze.Scope{Columns: columns}, &expr.Origin{Text: text})
	if failure != nil {
		t.Fatal(failure)
	}
	return e
}

func newJoiner(t *testing.T, p pairing, tasks int, dir string) *joiner {
	j := &joiner{t: t, pairing: p, dir: dir, tasks: tasks, context: operator.BatchContext{OutputMode: operator.Append}}
	var sides [2]operator.JoinSide
	for i, prefix := range []string{"l", "r"} {
		j.columns[i] = []*expr.Expr{column(prefix+"k", types.String), column(prefix+"t", types.Timestamp), column(prefix+"v", types.Long)}
		s := &sides[i]
		s.Input, s.Keys, s.Late = j.columns[i], j.columns[i][:1], operator.EventTime{Column: 1}
		s.Expires = operator.Expiry{Key: operator.NoEventTime, Column: operator.NoEventTime}
		if p.timeKey {
			s.Keys = j.columns[i][:2]
		}
		switch {
		case p.noWatermark:
			s.Late = operator.NoEventTime
		case p.timeKey:
			s.Expires.Key = operator.EventTime{Column: 1}
		case p.byTime:
			s.Expires.Column = operator.EventTime{Column: 1}
			s.Expires.Limit = func(watermark int64) int64 {
				left, right := p.limits(watermark / 1000)
				return []int64{left, right}[i] * 1000
			}
		}
	}
	if p.filter {
		sides[0].Filter = compiled(t, "lv % 5 != 0", j.columns[0])
	}
	var conditions []string
	if p.byTime {
		conditions = append(conditions, "rt BETWEEN lt AND lt + INTERVAL 10 SECONDS")
	}
	if p.third {
		conditions = append(conditions, "(lv + rv) % 3 != 0")
	}
	var both *expr.Expr
	if len(conditions) > 0 {
		both = compiled(t, strings.Join(conditions, " AND "), slices.Concat(j.columns[0], j.columns[1]))
	}
	j.expires = [2]operator.Expiry{sides[0].Expires, sides[1].Expires}
	op, err := operator.NewSymmetricJoin(0, p.kind, sides[0], sides[1], both)
	if err != nil {
		t.Fatal(err)
	}
	j.pipeline = operator.NewPipeline(&operator.Node{Operator: op, Inputs: []*operator.Node{{}, {Input: 1}}}, nil)
	j.load()
	return j
}

func (j *joiner) load() {
	j.t.Helper()
	if j.state != nil {
		if err := j.state.Close(); err != nil {
			j.t.Fatal(err)
		}
	}
	fields := func(cols []*expr.Expr) (list []types.Field) {
		for _, c := range cols {
			list = append(list, types.Field{Name: c.Name, Type: c.Type})
		}
		return list
	}
	keys := []*types.Type{types.String}
	if j.pairing.timeKey {
		keys = append(keys, types.Timestamp)
	}
	op := state.Operator{Name: "symmetricHashJoin", Partitions: j.tasks, Stores: operator.SymmetricStores(keys, fields(j.columns[0]), fields(j.columns[1]), j.expires)}
	s, err := state.Open(storage.OS, j.dir, []state.Operator{op}, state.Options{Version: j.version})
	if err == nil {
		err = s.Load(j.t.Context(), j.version)
	}
	if err != nil {
		j.t.Fatal(err)
	}
	j.state, j.context.State = s, s
}

// batches returns rows in batches of up to a size.
func (j *joiner) batches(rows []*event, side, size int) *batches {
	list := &batches{}
	for part := range slices.Chunk(rows, size) {
		b := &vector.Batch{N: len(part)}
		for _, c := range j.columns[side] {
			b.Cols = append(b.Cols, vector.New(c.Type, len(part)))
		}
		for i, e := range part {
			if e.key == "" {
				b.Cols[0].SetNull(i)
			} else {
				b.Cols[0].SetString(i, e.key)
			}
			if e.time < 0 {
				b.Cols[1].SetNull(i)
			} else {
				b.Cols[1].I64[i] = e.time * 1e6
			}
			b.Cols[2].I64[i] = e.value
		}
		*list = append(*list, b)
	}
	return list
}

// batch runs rows, of which each partition has those with some keys, in batches of up to a size.
func (j *joiner) batch(rows [2][]*event, size int) (lines []string) {
	j.t.Helper()
	j.context.Dropped = make([]atomic.Int64, 1)
	for task := range j.tasks {
		var feeds []operator.Feed
		for side := range rows {
			var mine []*event
			for _, e := range rows[side] {
				if len(e.key)%j.tasks == task {
					mine = append(mine, e)
				}
			}
			feeds = append(feeds, operator.Feed{Input: side, Rows: j.batches(mine, side, size)})
		}
		if operator.FirstPort(j.pairing.kind) == 1 {
			slices.Reverse(feeds)
		}
		err := j.pipeline.Run(j.t.Context(), operator.Partition{Batch: &j.context, Task: task}, feeds, func(b *vector.Batch) error {
			for k := range b.Rows() {
				i := k
				if b.Sel != nil {
					i = int(b.Sel[k])
				}
				lines = append(lines, line2(eventAt(b.Cols[:3], i), eventAt(b.Cols[3:], i)))
			}
			return nil
		})
		if err != nil {
			j.t.Fatal(err)
		}
	}
	return lines
}

// eventAt reads a row; nil if it is NULL or not there.
func eventAt(cols []*vector.Vector, i int) *event {
	if len(cols) == 0 || cols[2].IsNull(i) {
		return nil
	}
	e := &event{time: -1, value: cols[2].I64[cols[2].At(i)]}
	if !cols[0].IsNull(i) {
		e.key = string(cols[0].Bytes(i))
	}
	if !cols[1].IsNull(i) {
		e.time = cols[1].I64[cols[1].At(i)] / 1e6
	}
	return e
}

func (j *joiner) counts() []int {
	sums := []int{int(j.context.Dropped[0].Load()), 0, 0, 0}
	for _, store := range []string{"left-keyToNumValues", "left-keyWithIndexToValue", "right-keyToNumValues", "right-keyWithIndexToValue"} {
		for task := range j.tasks {
			total, updated, removed := j.state.Store(0, store, task).Rows()
			sums[1], sums[2], sums[3] = sums[1]+total, sums[2]+updated, sums[3]+removed
		}
	}
	return sums
}

// FuzzJoinsOfStreams runs random batches of two streams through the operator and through a model that looks at all pairs of rows
// and applies the rules of the watermark to each: kinds of joins, NULL keys and times, filters, late rows, evictions by key and by time, several
// partitions, batches that are run again, and restarts. How the rows are divided into batches of columns must not matter, not even to their order.
func FuzzJoinsOfStreams(f *testing.F) {
	for seed := range uint64(80) {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, seed uint64) { equalsModel(t, seed) })
}

func equalsModel(t *testing.T, seed uint64) {
	kinds := []operator.JoinKind{operator.Inner, operator.LeftOuter, operator.RightOuter, operator.FullOuter, operator.LeftSemi}
	random := rand.New(rand.NewPCG(seed, 2))
	flip := func() bool { return random.IntN(2) == 0 }
	p := pairing{kind: kinds[seed%5], timeKey: seed%3 == 0, byTime: seed%3 == 1, filter: flip(), third: flip(), noWatermark: seed%11 == 10}
	dir := "" // in memory, which is faster
	if seed == 3 {
		dir = t.TempDir()
	}
	j, m := newJoiner(t, p, 1+random.IntN(3), dir), &joinModel{pairing: p}
	keys, spread, now := 1+random.IntN(20), 1+random.Int64N(40), int64(40)
	previous, watermark := int64(0), int64(0)
	for batch := range 25 {
		rows := [2][]*event{randomEvents(random, keys, now, spread), randomEvents(random, keys, now, spread)}
		j.context.ID, j.context.PreviousWatermark, j.context.Watermark = int64(batch), previous*1000, watermark*1000
		if seed%2 == 1 { // which counts for this operator
			j.context.PreviousWatermarks, j.context.Watermarks = []int64{previous * 1000}, []int64{watermark * 1000}
			j.context.PreviousWatermark, j.context.Watermark = 1<<50, 1<<50
		}
		first := j.batch(rows, 1+random.IntN(40))
		j.state.Abort()
		if dir != "" && random.IntN(8) == 0 {
			j.load()
		}
		got := j.batch(rows, 1000)
		if !slices.Equal(first, got) {
			t.Fatalf("seed %d: in small batches\n%s\nin large ones\n%s", seed, strings.Join(first, "\n"), strings.Join(got, "\n"))
		}
		slices.Sort(got)
		if want := m.batch(batch, rows, previous, watermark); !slices.Equal(got, want) {
			t.Fatalf("seed %d %+v: got\n%s\nwant\n%s", seed, p, strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
		if counts, want := j.counts(), []int{m.late, m.total, m.updated, m.removed}; !slices.Equal(counts, want) {
			t.Fatalf("seed %d %+v, batch %d: late, total, updated, removed: %d, want %d", seed, p, batch, counts, want)
		}
		if err := j.state.Commit(t.Context()); err != nil {
			t.Fatal(err)
		}
		j.version++
		now += random.Int64N(12)
		previous, watermark = watermark, max(watermark, now-random.Int64N(30))
	}
}

func randomEvents(random *rand.Rand, keys int, now, spread int64) []*event {
	list := make([]*event, random.IntN(60))
	for i := range list {
		list[i] = &event{key: strings.Repeat("k", random.IntN(keys)), time: now - random.Int64N(spread), value: random.Int64N(1000)}
		if random.IntN(10) == 0 {
			list[i].time = -1
		}
	}
	return list
}
