package operator_test

import (
	"cmp"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/streamctl/streamctl/internal/operator"
	"github.com/streamctl/streamctl/internal/sql/aggregate"
	"github.com/streamctl/streamctl/internal/sql/expr"
	"github.com/streamctl/streamctl/internal/state"
	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/vector"
)

// A visit is an input row: the keys k (NULL if empty) and d, its session, and a value.
type visit struct {
	k          string
	d          float64
	start, end int64
	v          int64
}

// key is the same for rows with equal keys. Zeros are equal, and so are all NaN.
func (r *visit) key() string {
	k := "-"
	if r.k != "" {
		k = fmt.Sprintf("%q", r.k)
	}
	return fmt.Sprint(k, "|", r.d+0)
}

// A sitting is a session of the reference: the values of its rows, in the order of Spark.
type sitting struct {
	start, end int64
	values     []int64
}

// A model is the reference of sessions, which it computes row by row.
type model struct {
	sessions map[string][]*sitting // of each key, ascending
	counts
}

// A unit is part of a session: one of an earlier batch, or the rows of this batch with one time and gap.
type unit struct {
	sitting
	stored bool
	first  int // row of the batch
}

// batch adds rows to the sessions, unless they end at or before the watermark late, in milliseconds.
func (m *model) batch(rows []visit, late int64) {
	m.counts = counts{}
	dropped := map[string]bool{}
	fresh := map[string][]*unit{}
	for i, r := range rows {
		if r.end <= late*1000 {
			dropped[fmt.Sprint(r.key(), r.start, r.end)] = true
			continue
		}
		units := fresh[r.key()]
		at := slices.IndexFunc(units, func(u *unit) bool { return u.start == r.start && u.end == r.end })
		if at < 0 {
			at, units = len(units), append(units, &unit{sitting: sitting{start: r.start, end: r.end}, first: i})
		}
		units[at].values = append(units[at].values, r.v)
		fresh[r.key()] = units
	}
	m.late = len(dropped)
	for key, units := range fresh {
		old := m.sessions[key]
		for _, s := range old {
			units = append(units, &unit{sitting: *s, stored: true})
		}
		merged := join(units)
		m.sessions[key] = merged
		m.updated += len(merged)
		for _, s := range old {
			if !slices.ContainsFunc(merged, func(n *sitting) bool { return n.start == s.start }) {
				m.removed++
			}
		}
	}
}

// join makes sessions of units: it joins two that overlap or touch until there are none.
func join(units []*unit) []*sitting {
	slices.SortStableFunc(units, func(a, b *unit) int {
		if c := cmp.Compare(a.start, b.start); c != 0 || a.stored == b.stored {
			return cmp.Or(c, cmp.Compare(a.end, b.end))
		} else if a.stored {
			return -1
		}
		return 1
	})
	groups := make([][]*unit, len(units))
	for i, u := range units {
		groups[i] = []*unit{u}
	}
	bounds := func(g []*unit) (start, end int64) {
		start, end = math.MaxInt64, math.MinInt64
		for _, u := range g {
			start, end = min(start, u.start), max(end, u.end)
		}
		return start, end
	}
	for i := 0; i < len(groups); i++ {
		for k := i + 1; k < len(groups); k++ {
			a, b := bounds(groups[i])
			c, d := bounds(groups[k])
			if a <= d && c <= b {
				groups[i] = append(groups[i], groups[k]...)
				groups = slices.Delete(groups, k, k+1)
				k = i
			}
		}
	}
	var out []*sitting
	for _, g := range groups {
		s := &sitting{}
		s.start, s.end = bounds(g)
		for _, u := range g {
			s.values = append(s.values, u.values...)
		}
		out = append(out, s)
	}
	return out
}

// output returns the sessions that a batch emits, and removes those that have ended unless the mode is complete.
func (m *model) output(mode string, watermark int64) (lines []string) {
	for key, list := range m.sessions {
		m.sessions[key] = slices.DeleteFunc(list, func(s *sitting) bool {
			ended := mode != operator.Complete && s.end <= watermark*1000
			if ended {
				m.removed++
			}
			if ended || mode == operator.Complete {
				lines = append(lines, s.line(key))
			}
			return ended
		})
	}
	slices.Sort(lines)
	return lines
}

func (m *model) len() (n int) {
	for _, list := range m.sessions {
		n += len(list)
	}
	return n
}

func (s *sitting) line(key string) string {
	sum, even := int64(0), 0
	for _, v := range s.values {
		sum += v
		if v%2 == 0 {
			even++
		}
	}
	k, d, _ := strings.Cut(key, "|")
	return fmt.Sprintf("%s %d..%d %s %d %d %d %d %d %v", k, s.start, s.end, d, len(s.values), sum, even, s.values[0], s.values[len(s.values)-1], s.values)
}

var sessionCalls = []string{"count(*)", "sum(v)", "count(*) FILTER (WHERE v % 2 = 0)", "first(v)", "last(v)", "collect_list(v)"}

func sessionColumns() []*expr.Expr {
	return []*expr.Expr{column("k", types.String), column("d", types.Double), column("w", window), column("v", types.Long)}
}

func newSessionRig(t *testing.T, random *rand.Rand, mode string) *rig {
	t.Helper()
	input := sessionColumns()
	k, d, w := input[0], input[1], input[2]
	keys := []*expr.Expr{k, w, d}
	calls := grouped(t, keys, input, sessionCalls)
	groups, err := aggregate.New(keys, calls, input)
	must(t, err)
	layout := state.Layout{PrefixKeys: 2, Key: []types.Field{{Name: "k", Type: types.String}, {Name: "d", Type: types.Double}, {Name: "sessionStartTime", Type: types.Timestamp}}}
	columns := slices.Clone(keys)
	for _, key := range keys {
		layout.Value = append(layout.Value, types.Field{Name: key.Name, Type: key.Type})
	}
	for _, f := range groups.State() {
		layout.Value = append(layout.Value, f)
		columns = append(columns, column(f.Name, f.Type))
	}
	time := operator.EventTime{Column: 1, Window: true}
	layout.Time = time.OfValue(len(layout.Value))
	return newRig(t, random, mode, []string{"k", "d"}, func() (operator.Operator, []*expr.Expr) {
		op, err := operator.NewPartialAggregate(keys, calls, input)
		must(t, err)
		return op, columns
	}, func() operator.Operator {
		op, err := operator.NewSessions(0, keys, calls, input, 1, time)
		must(t, err)
		return op
	}, layout)
}

// visitColumns returns rows as a batch.
func visitColumns(rows []visit) []*vector.Batch {
	b := &vector.Batch{N: len(rows)}
	for _, c := range sessionColumns() {
		b.Cols = append(b.Cols, vector.New(c.Type, len(rows)))
	}
	for i, r := range rows {
		if r.k == "" {
			b.Cols[0].SetNull(i)
		} else {
			b.Cols[0].SetString(i, r.k)
		}
		b.Cols[1].F64[i], b.Cols[3].I64[i] = r.d, r.v
		b.Cols[2].Children[0].I64[i], b.Cols[2].Children[1].I64[i] = r.start, r.end
	}
	return []*vector.Batch{b}
}

// FuzzSessions compares sessions with their reference: rows out of order and too late, sessions that a row joins together, evictions, batches that are run
// again, and restarts.
func FuzzSessions(f *testing.F) {
	for seed := range uint64(30) {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, seed uint64) {
		random := rand.New(rand.NewPCG(seed, 1))
		mode := []string{operator.Append, operator.Complete}[seed%2]
		r, m := newSessionRig(t, random, mode), &model{sessions: map[string][]*sitting{}}
		keys, spread := 1+random.IntN(30), int64(1+random.IntN(100))
		now := int64(0)
		for range 12 {
			rows := randomVisits(random, random.IntN(100), keys, now, spread)
			half := random.IntN(len(rows) + 1)
			if random.IntN(5) == 0 {
				r.batch(visitColumns(rows[half:]), visitColumns(rows[:half]))
				r.state.Abort()
			}
			if random.IntN(8) == 0 {
				r.load()
			}
			got := r.batch(visitColumns(rows[:half]), visitColumns(rows[half:]))
			what := fmt.Sprintf("batch %d in %s mode", r.context.ID, mode)
			m.batch(rows, r.context.PreviousWatermark)
			same(t, what, got, m.output(mode, r.context.Watermark))
			m.counts.rows = m.len()
			if c := r.counts(); c != m.counts {
				t.Fatalf("%s: %+v, want %+v", what, c, m.counts)
			}
			now += random.Int64N(30)
			r.commit(now - random.Int64N(40))
		}
	})
}

// randomVisits returns rows around a time in milliseconds.
func randomVisits(random *rand.Rand, n, keys int, now, spread int64) []visit {
	zeros := []float64{0, math.Copysign(0, -1), math.NaN(), 1}
	rows := make([]visit, n)
	for i := range rows {
		start := (now - random.Int64N(spread)) * 1000
		rows[i] = visit{
			k: strings.Repeat("k", random.IntN(keys)), d: zeros[random.IntN(len(zeros))],
			start: start, end: start + 1000*(1+random.Int64N(6)), v: random.Int64N(100),
		}
	}
	return rows
}
