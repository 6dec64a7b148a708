package operator_test

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/streamctl/streamctl/internal/operator"
	"github.com/streamctl/streamctl/internal/sql/analyze"
	"github.com/streamctl/streamctl/internal/sql/ast"
	"github.com/streamctl/streamctl/internal/sql/expr"
	"github.com/streamctl/streamctl/internal/sql/parse"
	"github.com/streamctl/streamctl/internal/state"
	"github.com/streamctl/streamctl/internal/storage"
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
func (r *visit) key() string { return fmt.Sprintf("%s|%g", r.k, r.d+0) }

// A sitting is a session of the reference: the values of its rows, in the order of Spark.
type sitting struct {
	start, end int64
	values     []int64
}

// A model computes sessions row by row.
type model struct {
	sessions               map[string][]*sitting // of each key, ascending
	late, updated, removed int
}

// A unit is part of a session: one of an earlier batch, or the rows of this batch with one time and gap.
type unit struct {
	sitting
	stored bool
	first  int // row of the batch
}

// batch adds rows to the sessions, unless they end at or before the watermark late, in milliseconds.
func (m *model) batch(rows []visit, late int64) {
	m.late, m.updated, m.removed = 0, 0, 0
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

func (s *sitting) line(key string) string {
	sum, even := int64(0), 0
	for _, v := range s.values {
		sum += v
		if v%2 == 0 {
			even++
		}
	}
	return fmt.Sprintf("%s %d..%d %d %d %d %d %d %v", key, s.start, s.end, len(s.values), sum, even, s.values[0], s.values[len(s.values)-1], s.values)
}

func column(name string, t *types.Type) *expr.Expr {
	return &expr.Expr{Kind: expr.Column, ID: expr.NewID(), Name: name, Type: t, Nullable: true}
}

// A fast is the operator with its state.
type fast struct {
	t       *testing.T
	input   []*expr.Expr
	partial *operator.Pipeline
	final   *operator.Pipeline
	dir     string
	state   *state.State
	version int64
	context operator.BatchContext
}

var visits = types.StructOf(types.Field{Name: "start", Type: types.Timestamp, Nullable: true}, types.Field{Name: "end", Type: types.Timestamp, Nullable: true})

func newFast(t *testing.T, mode string) *fast {
	f := &fast{t: t, dir: t.TempDir(), context: operator.BatchContext{OutputMode: mode}}
	k, d, w, v := column("k", types.String), column("d", types.Double), column("w", visits), column("v", types.Long)
	f.input = []*expr.Expr{k, d, w, v}
	keys := []*expr.Expr{k, w, d}
	var items []ast.Expr
	var origins []*expr.Origin
	for _, text := range []string{"count(*)", "sum(v)", "count(*) FILTER (WHERE v % 2 = 0)", "first(v)", "last(v)", "collect_list(v)"} {
		tree, err := parse.Expression(text)
		if err != nil {
			t.Fatal(err)
		}
		items, origins = append(items, tree), append(origins, &expr.Origin{Text: text})
	}
	g, err := analyze.GroupBy(keys, items, analyze.Scope{Columns: f.input}, origins)
	if err != nil {
		t.Fatal(err)
	}
	partial, err := operator.NewPartialAggregate(keys, g.Calls, f.input)
	if err != nil {
		t.Fatal(err)
	}
	f.partial = operator.NewPipeline(&operator.Node{Operator: partial, Inputs: []*operator.Node{{}}}, nil)
	final, err := operator.NewSessions(0, keys, g.Calls, f.input, 1, operator.EventTime{Column: 1, Window: true})
	if err != nil {
		t.Fatal(err)
	}
	f.final = operator.NewPipeline(&operator.Node{Operator: final, Inputs: []*operator.Node{{}}}, nil)
	f.load()
	return f
}

// load reads the state again from its files.
func (f *fast) load() {
	f.t.Helper()
	if f.state != nil {
		if err := f.state.Close(); err != nil {
			f.t.Fatal(err)
		}
	}
	keys := []types.Field{{Name: "k", Type: types.String}, {Name: "d", Type: types.Double}, {Name: "sessionStartTime", Type: types.Timestamp}}
	values := []types.Field{
		{Name: "k", Type: types.String}, {Name: "w", Type: visits}, {Name: "d", Type: types.Double}, {Name: "count", Type: types.Long}, {Name: "sum", Type: types.Long},
		{Name: "count", Type: types.Long}, {Name: "first", Type: types.Long}, {Name: "valueSet", Type: types.Boolean}, {Name: "last", Type: types.Long},
		{Name: "valueSet", Type: types.Boolean}, {Name: "buf", Type: types.Binary},
	}
	op := state.Operator{Name: "sessionWindowStateStoreSaveExec", Partitions: 1, Stores: []state.Layout{{Name: state.DefaultStore, PrefixKeys: 2, Key: keys, Value: values}}}
	s, err := state.Open(storage.OS, f.dir, []state.Operator{op}, state.Options{Version: f.version})
	if err == nil {
		err = s.Load(f.t.Context(), f.version)
	}
	if err != nil {
		f.t.Fatal(err)
	}
	f.state, f.context.State = s, s
}

// columns returns rows as a batch.
func (f *fast) columns(rows []visit) *vector.Batch {
	b := &vector.Batch{N: len(rows)}
	for _, c := range f.input {
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
	return b
}

// A batches is a reader.
type batches []*vector.Batch

func (l *batches) Next(context.Context) (*vector.Batch, error) {
	if len(*l) == 0 {
		return nil, io.EOF
	}
	b := (*l)[0]
	*l = (*l)[1:]
	return b, nil
}

func (*batches) Close() error { return nil }

// batch runs the rows of several partitions, and returns what comes out.
func (f *fast) batch(partitions ...[]visit) (lines []string) {
	f.t.Helper()
	f.context.Dropped = make([]atomic.Int64, 1)
	var between batches
	run := func(p *operator.Pipeline, in *batches, out func(*vector.Batch) error) {
		if err := p.Run(f.t.Context(), operator.Partition{Batch: &f.context}, []operator.Feed{{Rows: in}}, out); err != nil {
			f.t.Fatal(err)
		}
	}
	for _, rows := range partitions {
		run(f.partial, &batches{f.columns(rows)}, func(b *vector.Batch) error {
			between = append(between, b) // which belongs to its receiver
			return nil
		})
	}
	run(f.final, &between, func(b *vector.Batch) error {
		for i := range b.N {
			lines = append(lines, line(b, i))
		}
		return nil
	})
	slices.Sort(lines)
	return lines
}

func line(b *vector.Batch, i int) string {
	k := ""
	if !b.Cols[0].IsNull(i) {
		k = string(b.Cols[0].Bytes(i))
	}
	w, list := b.Cols[1], b.Cols[8]
	v := list.Views[i]
	key := visit{k: k, d: b.Cols[2].F64[i]}
	return fmt.Sprintf("%s %d..%d %d %d %d %d %d %v", key.key(), w.Children[0].I64[i], w.Children[1].I64[i], b.Cols[3].I64[i], b.Cols[4].I64[i],
		b.Cols[5].I64[i], b.Cols[6].I64[i], b.Cols[7].I64[i], list.Children[0].I64[v.Off:v.Off+v.Len])
}

// TestSessionsEqualTheirReference runs random batches through the operator and through a model that works row by row: rows out of order and too
// late, sessions that a row joins together, evictions, batches that are run again, and restarts.
func TestSessionsEqualTheirReference(t *testing.T) {
	for seed := range uint64(16) {
		random := rand.New(rand.NewPCG(seed, 1))
		mode := []string{operator.Append, operator.Complete}[seed%2]
		f, m := newFast(t, mode), &model{sessions: map[string][]*sitting{}}
		keys, spread := 1+random.IntN(30), int64(1+random.IntN(100))
		now := int64(0)
		for range 40 {
			rows := randomVisits(random, random.IntN(120), keys, now, spread)
			half := random.IntN(len(rows) + 1)
			if random.IntN(5) == 0 {
				f.batch(rows[half:], rows[:half])
				f.state.Abort()
			}
			if random.IntN(8) == 0 {
				f.load()
			}
			got := f.batch(rows[:half], rows[half:])
			m.batch(rows, f.context.PreviousWatermark)
			want := m.output(mode, f.context.Watermark)
			if !slices.Equal(got, want) {
				t.Fatalf("seed %d: got\n%s\nwant\n%s", seed, strings.Join(got, "\n"), strings.Join(want, "\n"))
			}
			store := f.state.Store(0, state.DefaultStore, 0)
			counts := []int{int(f.context.Dropped[0].Load()), store.Updated(), store.Removed()}
			if !slices.Equal(counts, []int{m.late, m.updated, m.removed}) {
				t.Fatalf("seed %d: late, updated, removed: %d, want %d %d %d", seed, counts, m.late, m.updated, m.removed)
			}
			if err := f.state.Commit(t.Context()); err != nil {
				t.Fatal(err)
			}
			f.version++
			now += random.Int64N(30)
			f.context.PreviousWatermark = f.context.Watermark
			f.context.Watermark = max(f.context.Watermark, now-random.Int64N(40))
		}
	}
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
