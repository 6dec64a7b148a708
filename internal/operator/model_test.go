package operator_test

import (
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

// References of the operators with state: they process one row after another, and keep all rows of a group.

// A row is an input row. nil is NULL.
type row struct {
	k, s *string
	d, x *float64
	w    *[2]int64 // a window, in microseconds
	ts   *int64    // microseconds
	v    *int64
}

var window = types.StructOf(types.Field{Name: "start", Type: types.Timestamp, Nullable: true}, types.Field{Name: "end", Type: types.Timestamp, Nullable: true})

func rowColumns() []*expr.Expr {
	return []*expr.Expr{
		column("k", types.String), column("d", types.Double), column("w", window), column("ts", types.Timestamp), column("v", types.Long),
		column("x", types.Double), column("s", types.String),
	}
}

// nameOf has the names of the columns.
var nameOf = []string{"k", "d", "w", "ts", "v", "x", "s"}

// text returns the value of a column; a key has only one zero.
func (r *row) text(column string, key bool) string {
	switch column {
	case "k":
		return shown(r.k)
	case "s":
		return shown(r.s)
	case "d":
		if key && r.d != nil {
			d := *r.d + 0
			return shown(&d)
		}
		return shown(r.d)
	case "x":
		return shown(r.x)
	case "w":
		if r.w == nil {
			return "-"
		}
		return fmt.Sprintf("%d..%d", r.w[0], r.w[1])
	case "ts":
		return shown(r.ts)
	}
	return shown(r.v)
}

func shown[T any](p *T) string {
	if p == nil {
		return "-"
	}
	if s, ok := any(*p).(string); ok {
		return fmt.Sprintf("%q", s)
	}
	return fmt.Sprint(*p)
}

// texts returns the values of columns.
func (r *row) texts(columns []string, key bool) string {
	var cells []string
	for _, c := range columns {
		cells = append(cells, r.text(c, key))
	}
	return strings.Join(cells, " ")
}

// passed reports whether a time, or the end of a window, is not after a watermark in milliseconds.
func (r *row) passed(column string, watermark int64) bool {
	switch {
	case column == "ts" && r.ts != nil:
		return *r.ts <= watermark*1000
	case column == "w" && r.w != nil:
		return r.w[1] <= watermark*1000
	}
	return false
}

// columnsOf returns rows as batches of random sizes, some of which also have rows that are not selected.
func columnsOf(random *rand.Rand, rows []row) (list []*vector.Batch) {
	for len(rows) > 0 {
		n := min(len(rows), 1+random.IntN(vector.BatchRows))
		list = append(list, batchOf(random, rows[:n]))
		rows = rows[n:]
	}
	return list
}

func batchOf(random *rand.Rand, rows []row) *vector.Batch {
	var sel vector.Selection
	all := rows
	if random.IntN(3) == 0 {
		all = nil
		for _, r := range rows {
			for random.IntN(4) == 0 {
				all = append(all, rows[random.IntN(len(rows))])
			}
			sel, all = append(sel, int32(len(all))), append(all, r)
		}
	}
	b := &vector.Batch{N: len(all), Sel: sel}
	for _, c := range rowColumns() {
		b.Cols = append(b.Cols, vector.New(c.Type, b.N))
	}
	for i := range all {
		r := &all[i]
		putText(b.Cols[0], i, r.k)
		put(b.Cols[1], b.Cols[1].F64, i, r.d)
		if r.w == nil {
			b.Cols[2].SetNull(i)
		} else {
			b.Cols[2].Children[0].I64[i], b.Cols[2].Children[1].I64[i] = r.w[0], r.w[1]
		}
		put(b.Cols[3], b.Cols[3].I64, i, r.ts)
		put(b.Cols[4], b.Cols[4].I64, i, r.v)
		put(b.Cols[5], b.Cols[5].F64, i, r.x)
		putText(b.Cols[6], i, r.s)
	}
	return b
}

func put[T any](v *vector.Vector, values []T, i int, p *T) {
	if p == nil {
		v.SetNull(i)
	} else {
		values[i] = *p
	}
}

func putText(v *vector.Vector, i int, p *string) {
	if p == nil {
		v.SetNull(i)
	} else {
		v.SetString(i, *p)
	}
}

// A scenario is the shape of random input.
type scenario struct {
	random              *rand.Rand
	batches, keys, size int
	now                 int64 // milliseconds
	spread              int64
}

func newScenario(seed uint64) *scenario {
	random := rand.New(rand.NewPCG(seed, 11))
	s := &scenario{random: random, batches: 8, keys: 1 + random.IntN(30), size: 1 + random.IntN(100), spread: int64(1 + random.IntN(100))}
	if random.IntN(12) == 0 { // more groups than fit into a batch of columns
		s.batches, s.keys, s.size, s.spread = 2, 3000, 4000, 10
	}
	return s
}

// rows returns the rows of several tasks.
func (s *scenario) rows() (tasks [][]row) {
	for range 1 + s.random.IntN(3) {
		rows := make([]row, s.random.IntN(s.size))
		for i := range rows {
			rows[i] = s.row()
		}
		tasks = append(tasks, rows)
	}
	return tasks
}

// maybe returns a pointer to a value, or nil for some.
func maybe[T any](random *rand.Rand, v T) *T {
	if random.IntN(12) == 0 {
		return nil
	}
	return &v
}

func (s *scenario) row() row {
	random := s.random
	ts := (s.now - random.Int64N(s.spread)) * 1000
	start := ts - ts%5000
	doubles := []float64{0, math.Copysign(0, -1), math.NaN(), math.Float64frombits(0xfff8_0000_0000_0001), 1, math.Inf(-1)}
	return row{
		k: maybe(random, fmt.Sprintf("key%d", random.IntN(s.keys))), d: maybe(random, doubles[random.IntN(len(doubles))]),
		w: maybe(random, [2]int64{start, start + 5000}), ts: maybe(random, ts), v: maybe(random, random.Int64N(100)-50),
		x: maybe(random, float64(random.IntN(1000)-500)/4), s: maybe(random, strings.Repeat("s", random.IntN(20))),
	}
}

func (s *scenario) columns(tasks [][]row) (list [][]*vector.Batch) {
	for _, rows := range tasks {
		list = append(list, columnsOf(s.random, rows))
	}
	return list
}

// A grouping is a list of keys, of which one may be an event time.
type grouping struct {
	keys []string
	time int // position; -1: none
}

var groupings = []grouping{
	{[]string{"k", "w"}, 1}, {[]string{"w", "d"}, 0}, {[]string{"k", "d"}, -1}, {[]string{"ts", "k"}, 0}, {nil, -1}, {[]string{"d"}, -1}, {[]string{"k", "w", "d"}, 1},
}

func (g *grouping) eventTime() operator.EventTime {
	if g.time < 0 {
		return operator.NoEventTime
	}
	return operator.EventTime{Column: g.time, Window: g.keys[g.time] == "w"}
}

// passed reports whether the watermark has passed the group of a row.
func (g *grouping) passed(r *row, watermark int64) bool {
	return g.time >= 0 && r.passed(g.keys[g.time], watermark)
}

var modelCalls = []string{
	"count(*)", "count(v)", "sum(v)", "min(v)", "max(v)", "avg(v)", "count(*) FILTER (WHERE v % 2 = 0)", "sum(x)", "min(x)", "max(x)", "max(s)", "min(s)",
	"first(v)", "last(v)", "first(s, true)", "last(v, true)", "collect_list(v)",
}

// splittable are the positions of the calls that do not show how the rows of a group are split, so that these need not be grouped below the exchange.
var splittable = []int{0, 1, 2, 3, 4, 6, 8, 9, 10, 11, 12, 13, 14, 15}

// pick returns the items at some positions, nil: all.
func pick(list []string, at []int) []string {
	if at == nil {
		return list
	}
	var out []string
	for _, i := range at {
		out = append(out, list[i])
	}
	return out
}

// results computes modelCalls over the rows of a group.
func results(rows []row) []string {
	var v []int64
	var x []float64
	var s []string
	for _, r := range rows {
		v, x, s = known(v, r.v), known(x, r.x), known(s, r.s)
	}
	sum, even, list := int64(0), 0, []string{}
	for _, n := range v {
		sum, list = sum+n, append(list, fmt.Sprint(n))
		if n%2 == 0 {
			even++
		}
	}
	total := 0.0
	for _, f := range x {
		total += f
	}
	cells := []string{fmt.Sprint(len(rows)), fmt.Sprint(len(v)), orNull(v, sum), orNull(v, least(v)), orNull(v, greatest(v)), orNull(v, float64(sum)/float64(len(v))),
		fmt.Sprint(even), orNull(x, total), orNull(x, least(x)), orNull(x, greatest(x)), orNull(s, greatest(s)), orNull(s, least(s))}
	if len(rows) == 0 {
		cells = append(cells, "-", "-")
	} else {
		cells = append(cells, shown(rows[0].v), shown(rows[len(rows)-1].v))
	}
	cells = append(cells, orNull(s, at(s, 0)), orNull(v, at(v, len(v)-1)), "["+strings.Join(list, " ")+"]")
	return cells
}

func known[T any](list []T, p *T) []T {
	if p == nil {
		return list
	}
	return append(list, *p)
}

func orNull[T, R any](list []T, result R) string {
	if len(list) == 0 {
		return "-"
	}
	return shown(&result)
}

func at[T any](list []T, i int) (v T) {
	if len(list) > 0 {
		v = list[i]
	}
	return v
}

func least[T int64 | float64 | string](list []T) T { return at(slices.Sorted(slices.Values(list)), 0) }
func greatest[T int64 | float64 | string](list []T) T {
	return at(slices.Sorted(slices.Values(list)), len(list)-1)
}

// An aggregateModel has the rows of each group.
type aggregateModel struct {
	grouping
	groups   map[string][]row
	calls    []int   // positions in modelCalls; nil: all
	gathered [][]row // of batches that only gather
	counts
}

// batch adds rows to the groups, and returns the rows that come out.
func (m *aggregateModel) batch(tasks [][]row, c *operator.BatchContext) (lines []string) {
	m.counts = counts{rows: len(m.groups)}
	if m.gathered = append(m.gathered, tasks...); c.Gather {
		return nil
	}
	tasks, m.gathered = m.gathered, nil
	touched, late := map[string]bool{}, map[string]bool{}
	if len(m.keys) == 0 {
		touched[""] = true // a group without rows is a group
	}
	for _, r := range slices.Concat(tasks...) {
		key := r.texts(m.keys, true)
		if c.OutputMode != operator.Complete && m.passed(&r, c.PreviousWatermark) {
			late[key] = true
			continue
		}
		m.groups[key], touched[key] = append(m.groups[key], r), true
	}
	if len(m.keys) == 0 && m.groups[""] == nil {
		m.groups[""] = []row{}
	}
	m.late, m.updated = len(late), len(touched)
	all := c.Whole || c.OutputMode == operator.Complete
	for key, rows := range m.groups {
		passed := len(rows) > 0 && m.passed(&rows[0], c.Watermark)
		if all || touched[key] && c.OutputMode == operator.Update || passed && c.OutputMode == operator.Append {
			lines = append(lines, strings.TrimSpace(key+" "+strings.Join(pick(results(rows), m.calls), " ")))
		}
		if passed && !all {
			m.removed++
			delete(m.groups, key)
		}
	}
	m.counts.rows = len(m.groups)
	slices.Sort(lines)
	return lines
}

func newAggregateRig(t *testing.T, random *rand.Rand, g grouping, mode string, of []int) *rig {
	t.Helper()
	input := rowColumns()
	var keys []*expr.Expr
	var layout state.Layout
	for _, name := range g.keys {
		k := input[slices.Index(nameOf, name)]
		keys = append(keys, k)
		layout.Key = append(layout.Key, types.Field{Name: name, Type: k.Type})
	}
	calls := grouped(t, keys, input, pick(modelCalls, of))
	groups, err := aggregate.New(keys, calls, input)
	must(t, err)
	layout.Value, layout.Time = groups.State(), g.eventTime().OfKey(len(g.keys))
	columns := slices.Clone(keys)
	for _, f := range layout.Value {
		columns = append(columns, column(f.Name, f.Type))
	}
	share := &operator.Shared{}
	return newRig(t, random, mode, g.keys, func() (operator.Operator, []*expr.Expr) {
		op, err := operator.NewPartialAggregate(keys, calls, input)
		must(t, err)
		return op, columns
	}, func() operator.Operator {
		op, err := operator.NewAggregate(0, keys, calls, input, g.eventTime(), share)
		must(t, err)
		return op
	}, layout)
}

// FuzzAggregations compares aggregations in all output modes with their reference: several tasks and partitions, rows out of order and too late, evictions,
// batches that are run again, batches that are gathered, restarts, and rows that are not grouped below the exchange.
func FuzzAggregations(f *testing.F) {
	operator.SampleRows(f, 20)
	for seed := range uint64(40) {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, seed uint64) {
		s := newScenario(seed)
		m := &aggregateModel{grouping: groupings[s.random.IntN(len(groupings))], groups: map[string][]row{}}
		if s.random.IntN(2) == 0 {
			m.calls = splittable
		}
		mode := []string{operator.Complete, operator.Update, operator.Append}[s.random.IntN(3)]
		if m.time < 0 && mode == operator.Append {
			mode = operator.Update
		}
		r := newAggregateRig(t, s.random, m.grouping, mode, m.calls)
		s.compare(t, r, m.batch, &m.counts, func() (keys []string) {
			for key := range m.groups {
				keys = append(keys, key)
			}
			return keys
		})
	})
}

// compare runs random batches through the operator and its reference.
func (s *scenario) compare(t *testing.T, r *rig, model func([][]row, *operator.BatchContext) []string, want *counts, keys func() []string) {
	t.Helper()
	for range s.batches {
		rows := s.rows()
		if s.random.IntN(5) == 0 && !r.context.Gather { // an attempt that fails, with other rows
			r.batch(s.columns(s.rows())...)
			r.state.Abort()
		}
		if s.random.IntN(6) == 0 {
			r.load()
		}
		r.context.Gather, r.context.Whole = s.random.IntN(10) == 0, s.random.IntN(10) == 0
		got := r.batch(s.columns(rows)...)
		what := fmt.Sprintf("batch %d in %s mode, gather %t, whole %t, watermark %d", r.context.ID, r.context.OutputMode, r.context.Gather, r.context.Whole, r.context.Watermark)
		same(t, what, got, model(rows, &r.context))
		if c := r.counts(); c != *want {
			t.Fatalf("%s: %+v, want %+v", what, c, *want)
		}
		same(t, what+": keys in the state", r.keys(), slices.Sorted(slices.Values(keys())))
		s.now += s.random.Int64N(30)
		r.commit(s.now - s.random.Int64N(40))
	}
}

func same(t *testing.T, what string, got, want []string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Fatalf("%s:\n%s\nwant\n%s", what, strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}
