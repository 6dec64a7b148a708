package operator_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/streamctl/streamctl/internal/datetime"
	"github.com/streamctl/streamctl/internal/memory"
	"github.com/streamctl/streamctl/internal/operator"
	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/sql/analyze"
	"github.com/streamctl/streamctl/internal/sql/expr"
	"github.com/streamctl/streamctl/internal/sql/kernel"
	"github.com/streamctl/streamctl/internal/sql/parse"
	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/vector"
)

// A side is one side of a join: its columns, and its rows in batches.
type side struct {
	columns []*expr.Expr
	batches []*vector.Batch
}

// reader returns the rows.
func (s *side) reader() vector.Reader { return &loans{s.batches} }

// loans hands batches out, each for the time until the next call.
type loans struct{ left []*vector.Batch }

func (l *loans) Next(context.Context) (*vector.Batch, error) {
	if len(l.left) == 0 {
		return nil, io.EOF
	}
	b := l.left[0]
	l.left = l.left[1:]
	return b, nil
}

func (*loans) Close() error { return nil }

// each calls f with every selected row.
func (s *side) each(f func(b *vector.Batch, i int)) {
	for _, b := range s.batches {
		for k := range b.Rows() {
			f(b, kernel.Row(b.Sel, k))
		}
	}
}

// newSide returns random rows in columns (prefix)0, (prefix)1 …, the first of which are keys of the given types; the last is an INT. Some rows are not
// selected, some columns constant.
func newSide(r *rand.Rand, prefix string, keys []*types.Type, batches, rows, different int) *side {
	s := &side{}
	list := append(slices.Clone(keys), types.Int)
	for i, t := range list {
		s.columns = append(s.columns, column(fmt.Sprint(prefix, i), t))
	}
	for range batches {
		b := &vector.Batch{N: 1 + r.IntN(rows)}
		for _, t := range list {
			v := vector.New(t, b.N)
			if r.IntN(6) == 0 {
				v = vector.NewConst(t)
			}
			for i := range v.Len() {
				random(r, v, i, different)
			}
			b.Cols = append(b.Cols, v)
		}
		if r.IntN(2) == 0 {
			b.Sel = vector.Selection{}
			for i := range b.N {
				if r.IntN(3) > 0 {
					b.Sel = append(b.Sel, int32(i))
				}
			}
		}
		s.batches = append(s.batches, b)
	}
	return s
}

// random sets a value to one of a few, NULL, NaN and zeros of both signs among them.
func random(r *rand.Rand, v *vector.Vector, i, different int) {
	x := r.IntN(different)
	if r.IntN(10) == 0 {
		v.SetNull(i)
		return
	}
	switch v.Type.Kind {
	case types.KindLong:
		v.I64[i] = int64(x)
	case types.KindInt:
		v.I32[i] = int32(x)
	case types.KindDecimal:
		v.Dec[i].Lo = uint64(x)
	case types.KindString:
		v.SetString(i, strings.Repeat("long text ", x%3)+fmt.Sprint(x))
	case types.KindDouble:
		v.F64[i] = []float64{math.NaN(), math.Copysign(0, -1), 0, float64(x)}[r.IntN(4)]
	case types.KindStruct:
		for _, c := range v.Children {
			random(r, c, i, different)
		}
	case types.KindArray:
		from, n := v.Children[0].Len(), x%3
		v.Views[i] = vector.View{Off: uint32(from), Len: uint32(n)}
		v.Children[0].Extend(from + n)
		for k := range n {
			random(r, v.Children[0], from+k, 2)
		}
	}
}

// condition resolves a condition over the columns of two sides.
func condition(t testing.TB, text string, sides ...*side) *expr.Expr {
	t.Helper()
	if text == "" {
		return nil
	}
	tree, err := parse.Expression(text)
	if err != nil {
		t.Fatal(err)
	}
	var columns []*expr.Expr
	for _, s := range sides {
		columns = append(columns, s.columns...)
	}
	e, failure := analyze.Condition(tree, analyze.Scope{Columns: columns}, &expr.Origin{Text: text})
	if failure != nil {
		t.Fatal(failure)
	}
	return e
}

// A joined is the two sides of a lookup at work.
type joined struct {
	table    *operator.Broadcast
	first    bool // the table decides on the order
	pipeline *operator.Pipeline
}

func newJoined(t testing.TB, l operator.Lookup, keys int, stream, table *side) *joined {
	t.Helper()
	l.Keys = stream.columns[:keys]
	b, err := operator.NewBroadcast(table.columns[:keys], table.columns)
	if err != nil {
		t.Fatal(err)
	}
	op, err := operator.NewLookup(l, stream.columns, table.columns)
	if err != nil {
		t.Fatal(err)
	}
	return &joined{b, false, operator.NewPipeline(&operator.Node{Operator: op, Inputs: []*operator.Node{{}}}, datetime.UTC)}
}

func (j *joined) build(t testing.TB, table *side) {
	t.Helper()
	if err := j.table.Build(context.Background(), &expr.Context{Zone: datetime.UTC}, table.reader()); err != nil {
		t.Fatal(err)
	}
}

func (j *joined) run(stream vector.Reader, out operator.Emit) error {
	batch := &operator.BatchContext{Broadcasts: []*operator.Broadcast{j.table}, TableFirst: []bool{j.first}}
	return j.pipeline.Run(context.Background(), operator.Partition{Batch: batch}, []operator.Feed{{Rows: stream}}, out)
}

// lines returns the rows that come out.
func (j *joined) lines(stream vector.Reader) (lines []string, err error) {
	err = j.run(stream, func(b *vector.Batch) error {
		for k := range b.Rows() {
			lines = append(lines, rowText(b.Cols, kernel.Row(b.Sel, k)))
		}
		return nil
	})
	return lines, err
}

func rowText(cols []*vector.Vector, i int) string {
	var parts []string
	for _, c := range cols {
		parts = append(parts, fmt.Sprintf("%x", exactKey(c, i)))
	}
	return strings.Join(parts, " ")
}

// exactKey is the value with the sign of its zero.
func exactKey(c *vector.Vector, i int) []byte {
	key := kernel.AppendKey(nil, c, i)
	if c.Type.Kind == types.KindDouble && !c.IsNull(i) && math.Signbit(c.F64[c.At(i)]) {
		key = append(key, '-')
	}
	return key
}

// A reference joins by a nested loop over all rows.
type reference struct {
	operator.Lookup
	keys int
	cond func(v, w *int32) bool // over the last columns; nil: none
}

func (m *reference) lines(stream, table *side) (lines []string) {
	type row struct {
		b *vector.Batch
		i int
	}
	var rows []row
	anyNull := false
	table.each(func(b *vector.Batch, i int) {
		rows = append(rows, row{b, i})
		anyNull = anyNull || m.keys > 0 && b.Cols[0].IsNull(i)
	})
	if m.keys > 0 {
		slices.Reverse(rows)
	}
	nulls := make([]string, len(table.columns))
	for c := range nulls {
		nulls[c] = "00"
	}
	stream.each(func(b *vector.Batch, i int) {
		left := rowText(b.Cols, i)
		if m.NullAware && len(rows) > 0 && (anyNull || b.Cols[0].IsNull(i)) {
			return
		}
		matches := 0
		for _, r := range rows {
			if !m.matches(b, i, r.b, r.i) {
				continue
			}
			matches++
			switch {
			case m.Kind == operator.Inner || m.Kind == operator.LeftOuter:
				lines = append(lines, left+" "+rowText(r.b.Cols, r.i))
			case m.Kind == operator.LeftSemi && matches == 1:
				lines = append(lines, left)
			}
		}
		switch {
		case matches > 0:
		case m.Kind == operator.LeftOuter:
			lines = append(lines, left+" "+strings.Join(nulls, " "))
		case m.Kind == operator.LeftAnti:
			lines = append(lines, left)
		}
	})
	return lines
}

func (m *reference) matches(b *vector.Batch, i int, tb *vector.Batch, ti int) bool {
	for k := range m.keys {
		v, w := b.Cols[k], tb.Cols[k]
		if v.IsNull(i) != w.IsNull(ti) || v.IsNull(i) && (m.NullSafe == nil || !m.NullSafe[k]) {
			return false
		}
		if string(kernel.AppendKey(nil, v, i)) != string(kernel.AppendKey(nil, w, ti)) {
			return false
		}
	}
	return m.cond == nil || m.cond(intAt(b, i), intAt(tb, ti))
}

func intAt(b *vector.Batch, i int) *int32 {
	v := b.Cols[len(b.Cols)-1]
	if v.IsNull(i) {
		return nil
	}
	return &v.I32[v.At(i)]
}

var lookupKeys = [][]*types.Type{
	nil, {types.Long}, {types.String}, {types.Double}, {types.DecimalOf(20, 2)}, {types.Long, types.String},
	{types.ArrayOf(types.Int, true)}, {types.StructOf(types.Field{Name: "a", Type: types.Int, Nullable: true}, types.Field{Name: "b", Type: types.String, Nullable: true})},
}

func TestALookupEqualsANestedLoop(t *testing.T) {
	for seed := range uint64(600) {
		r := rand.New(rand.NewPCG(seed, 17))
		keys := lookupKeys[r.IntN(len(lookupKeys))]
		different := 1 << r.IntN(10)
		stream := newSide(r, "s", keys, 1+r.IntN(3), 200, different)
		table := newSide(r, "t", keys, r.IntN(4), 1+r.IntN(150), different)
		m := reference{keys: len(keys), Lookup: operator.Lookup{Kind: []operator.JoinKind{operator.Inner, operator.LeftOuter, operator.LeftSemi, operator.LeftAnti}[r.IntN(4)]}}
		if r.IntN(2) == 0 {
			for range keys {
				m.NullSafe = append(m.NullSafe, r.IntN(2) == 0)
			}
		}
		last := len(keys)
		if r.IntN(2) == 0 {
			m.cond = func(v, w *int32) bool { return v != nil && w != nil && *v < *w+3 }
			m.Condition = condition(t, fmt.Sprintf("s%d < t%d + 3", last, last), stream, table)
		}
		if len(keys) == 1 && m.Kind == operator.LeftAnti && r.IntN(2) == 0 {
			m.NullAware, m.NullSafe, m.cond, m.Condition = true, nil, nil, nil
		}
		j := newJoined(t, m.Lookup, len(keys), stream, table)
		j.build(t, newSide(r, "o", keys, 2, 100, different)) // is replaced
		j.build(t, table)
		got, err := j.lines(stream.reader())
		if want := m.lines(stream, table); err != nil || !slices.Equal(got, want) {
			t.Fatalf("seed %d, %v of %v, condition %v, null-safe %v, null-aware %v:\n%d rows, want %d; %v", seed, m.Kind, keys, m.Condition, m.NullSafe, m.NullAware, len(got), len(want), err)
		}
	}
}

func TestAnInnerJoinCanComeOutInTheOrderOfTheTable(t *testing.T) {
	for seed := range uint64(100) {
		r := rand.New(rand.NewPCG(seed, 18))
		keys := lookupKeys[r.IntN(len(lookupKeys))]
		different := 1 << r.IntN(10)
		stream, table := newSide(r, "s", keys, r.IntN(4), 200, different), newSide(r, "t", keys, r.IntN(4), 150, different)
		m := reference{keys: len(keys)}
		last := len(keys)
		if r.IntN(2) == 0 {
			m.cond = func(v, w *int32) bool { return v != nil && w != nil && *w < *v+3 } // the sides are exchanged
			m.Condition = condition(t, fmt.Sprintf("s%d < t%d + 3", last, last), stream, table)
		}
		j := newJoined(t, m.Lookup, len(keys), stream, table)
		j.build(t, table)
		want := m.lines(table, stream)
		for i, line := range want {
			parts := strings.Split(line, " ")
			want[i] = strings.Join(append(parts[last+1:], parts[:last+1]...), " ")
		}
		for _, j.first = range []bool{true, true, false} {
			got, err := j.lines(stream.reader())
			if !j.first {
				slices.Sort(got)
				slices.Sort(want)
			}
			if err != nil || !slices.Equal(got, want) {
				t.Fatalf("seed %d, %v, condition %v, table first: %v: %d rows, want %d; %v", seed, keys, m.Condition, j.first, len(got), len(want), err)
			}
		}
	}
}

// longs is a side of BIGINT keys, -1 for NULL, and an INT column with the numbers of the rows.
func longs(prefix string, keys ...int64) *side {
	k, n := vector.New(types.Long, len(keys)), vector.New(types.Int, len(keys))
	for i, key := range keys {
		if k.I64[i], n.I32[i] = key, int32(i); key < 0 {
			k.SetNull(i)
		}
	}
	s := &side{columns: []*expr.Expr{column(prefix+"0", types.Long), column(prefix+"1", types.Int)}}
	if len(keys) > 0 {
		s.batches = []*vector.Batch{{N: len(keys), Cols: []*vector.Vector{k, n}}}
	}
	return s
}

func TestNotInRejectsByNulls(t *testing.T) {
	for _, c := range []struct {
		name          string
		stream, table []int64
		want          int // rows
	}{
		{"an empty table", []int64{1, -1}, nil, 2},
		{"a NULL in the table", []int64{1, 2, -1}, []int64{1, -1}, 0},
		{"only NULL in the table", []int64{1, -1}, []int64{-1}, 0},
		{"no NULL in the table", []int64{1, 2, 3, -1}, []int64{2, 7, 7}, 2},
	} {
		stream, table := longs("s", c.stream...), longs("t", c.table...)
		j := newJoined(t, operator.Lookup{Kind: operator.LeftAnti, NullAware: true}, 1, stream, table)
		j.build(t, table)
		if got, err := j.lines(stream.reader()); err != nil || len(got) != c.want {
			t.Errorf("%s: %d rows, want %d; %v", c.name, len(got), c.want, err)
		}
	}
}

func TestAScalarSubqueryHasOneRow(t *testing.T) {
	for _, keys := range []int{0, 1} {
		stream := longs("s", 1, 2, 3)
		j := newJoined(t, operator.Lookup{Kind: operator.LeftSingle}, keys, stream, longs("t"))
		for _, c := range []struct {
			table []int64
			fails bool
		}{{nil, false}, {[]int64{2}, false}, {[]int64{2, 2}, true}, {[]int64{8, 9, 9}, keys == 0}} {
			j.build(t, longs("t", c.table...))
			got, err := j.lines(stream.reader())
			if e := sparkerr.Root(err); c.fails != (e != nil && e.Condition == "SCALAR_SUBQUERY_TOO_MANY_ROWS") || !c.fails && len(got) != 3 {
				t.Errorf("%d keys, table %v: %d rows, %v", keys, c.table, len(got), err)
			}
		}
	}
}

func TestAConditionThatFailsIsPlacedAtTheRowOfTheStream(t *testing.T) {
	for _, c := range []struct {
		kind   operator.JoinKind
		table  []int64
		cond   string
		offset int64 // -1: it does not fail
	}{
		{operator.Inner, []int64{1, 2, 3}, "1 / (t0 - 2) > -5", 20},          // unique keys
		{operator.LeftOuter, []int64{1, 2, 2, 3}, "1 / (t0 - 2) > -5", 20},   // several candidates
		{operator.LeftOuter, []int64{1, 3}, "1 / (t0 - 2) > -5", -1},         // row 2 has no candidate
		{operator.LeftAnti, []int64{3, 3, 2, 1}, "1 / (s0 - 3) > -5", 30},    // each candidate of row 3 fails
		{operator.LeftSemi, []int64{3, 3, 3}, "1 / (t1 - 1) > -5", -1},       // the first match, the last row of the table, decides
		{operator.LeftSemi, []int64{3, 3, 3}, "1 / (t1 - 1) > 5", 30},        // no match before the failure
		{operator.LeftAnti, []int64{3, 3, 3, 2}, "1 / (t1 - 1) > -5", -1},    // as with semi
		{operator.LeftAnti, []int64{3, 3, 3, 2, 2}, "1 / (t1 - 3) > -5", -1}, // row 2 matches the row behind
		{operator.Inner, []int64{3, 3, 3}, "1 / (t1 - 1) > -5", 30},
	} {
		stream := longs("s", 0, 1, 2, 3)
		stream.batches[0].Origin = &vector.Origin{File: &vector.File{Path: "f"}, Starts: []uint32{0, 10, 20, 30}}
		table := longs("t", c.table...)
		l := operator.Lookup{Kind: c.kind, Condition: condition(t, c.cond, stream, table)}
		j := newJoined(t, l, 1, stream, table)
		j.build(t, table)
		_, err := j.lines(stream.reader())
		var at *vector.RecordError
		if failed := errors.As(err, &at); failed != (c.offset >= 0) || failed && at.Offset != c.offset || !failed && err != nil {
			t.Errorf("%v with %v ON %s: %v, %+v", c.kind, c.table, c.cond, err, at)
		}
	}
}

// A failure above the join is placed, too, although the rows there are made by the join.
func TestJoinedRowsKeepTheirOrigin(t *testing.T) {
	stream, table := longs("s", 7, 8, 9), longs("t", 9, 8, 9)
	stream.batches[0].Origin = &vector.Origin{File: &vector.File{Path: "f"}, Starts: []uint32{0, 10, 20}}
	j := newJoined(t, operator.Lookup{}, 1, stream, table)
	j.build(t, table)
	var offsets []int64
	if err := j.run(stream.reader(), func(b *vector.Batch) error {
		for i := range b.N {
			offsets = append(offsets, b.Origin.Offset(i))
		}
		return nil
	}); err != nil || !slices.Equal(offsets, []int64{10, 20, 20}) {
		t.Errorf("%v, %v", offsets, err)
	}
}

func TestATableThatDoesNotFitIntoMemoryIsRefused(t *testing.T) {
	memory.Limit(1 << 20)
	defer memory.Limit(0)
	table := longs("t", make([]int64, 2000)...)
	for range 9 {
		table.batches = append(table.batches, table.batches...)
	}
	for _, keys := range []int{0, 1} {
		j := newJoined(t, operator.Lookup{}, keys, longs("s"), table)
		err := j.table.Build(context.Background(), &expr.Context{Zone: datetime.UTC}, table.reader())
		if e := sparkerr.Root(err); e == nil || !strings.HasPrefix(e.Text, "the rows of the table to join with do not fit into memory: ") || !strings.Contains(e.Hint, "--memory") {
			t.Errorf("%d keys: %v", keys, err)
		}
		if room := (&memory.Holding{}).Room(); room != 1<<20 || j.table.Len() != 0 {
			t.Errorf("%d bytes of room and %d rows are left", room, j.table.Len())
		}
	}
}

// BenchmarkLookup joins a stream with tables of different sizes.
func BenchmarkLookup(b *testing.B) {
	for _, rows := range []int{1000, 1_000_000} {
		for _, key := range []*types.Type{types.Long, types.String} {
			b.Run(fmt.Sprintf("%s/%d", key.SQL(), rows), func(b *testing.B) {
				r := rand.New(rand.NewPCG(1, 2))
				table, stream := keyed(key, "t", rows, func(i int) int { return i }), keyed(key, "s", 1<<18, func(int) int { return r.IntN(rows + rows/10) })
				j := newJoined(b, operator.Lookup{}, 1, stream, table)
				j.build(b, table)
				for b.Loop() {
					if err := j.run(stream.reader(), func(*vector.Batch) error { return nil }); err != nil {
						b.Fatal(err)
					}
				}
				b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/(1<<18), "ns/row")
			})
		}
	}
}

// BenchmarkBroadcast builds tables.
func BenchmarkBroadcast(b *testing.B) {
	for _, key := range []*types.Type{types.Long, types.String} {
		b.Run(key.SQL(), func(b *testing.B) {
			const rows = 1_000_000
			table := keyed(key, "t", rows, func(i int) int { return i })
			j := newJoined(b, operator.Lookup{}, 1, table, table)
			for b.Loop() {
				j.build(b, table)
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/rows, "ns/row")
		})
	}
}

// keyed is a side with a key for each row and a text.
func keyed(key *types.Type, prefix string, rows int, number func(i int) int) *side {
	s := &side{columns: []*expr.Expr{column(prefix+"0", key), column(prefix+"1", types.String)}}
	for from := 0; from < rows; from += vector.BatchRows {
		n := min(vector.BatchRows, rows-from)
		k, v := vector.New(key, n), vector.New(types.String, n)
		for i := range n {
			x := number(from + i)
			if key.Kind == types.KindLong {
				k.I64[i] = int64(x) * 7919
			} else {
				k.SetString(i, fmt.Sprintf("customer-%d", x))
			}
			v.SetString(i, fmt.Sprintf("name of %d", x))
		}
		s.batches = append(s.batches, &vector.Batch{N: n, Cols: []*vector.Vector{k, v}})
	}
	return s
}
