package accumulate_test

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/streamctl/streamctl/internal/datetime"
	"github.com/streamctl/streamctl/internal/decimal"
	"github.com/streamctl/streamctl/internal/sql/accumulate"
	"github.com/streamctl/streamctl/internal/sql/expr"
	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/valuetext"
	"github.com/streamctl/streamctl/internal/vector"
)

// null marks a NULL in the columns below.
type null struct{}

// column returns a vector of the given values.
func column(t *types.Type, list ...any) *vector.Vector {
	v := vector.New(t, len(list))
	for i, x := range list {
		switch x := x.(type) {
		case null:
			v.SetNull(i)
		case bool:
			v.Bool[i] = x
		case int:
			setInt(v, i, int64(x))
		case float64:
			if t.Kind == types.KindDecimal {
				setInt(v, i, int64(x))
			} else if t.Kind == types.KindFloat {
				v.F32[i] = float32(x)
			} else {
				v.F64[i] = x
			}
		case string:
			v.SetString(i, x)
		case []float32:
			at := v.Children[0].Len()
			v.Children[0].Extend(at + len(x))
			copy(v.Children[0].F32[at:], x)
			v.Views[i] = vector.View{Off: uint32(at), Len: uint32(len(x))}
		}
	}
	return v
}

func setInt(v *vector.Vector, i int, x int64) {
	switch v.Type.Kind {
	case types.KindByte:
		v.I8[i] = int8(x)
	case types.KindInt, types.KindDate, types.KindYearMonth:
		v.I32[i] = int32(x)
	case types.KindDecimal:
		v.Dec[i] = decimal.FromInt64(x)
	default:
		v.I64[i] = x
	}
}

func ints(list ...any) *vector.Vector    { return column(types.Int, list...) }
func longs(list ...any) *vector.Vector   { return column(types.Long, list...) }
func doubles(list ...any) *vector.Vector { return column(types.Double, list...) }
func texts(list ...any) *vector.Vector   { return column(types.String, list...) }
func vectors(list ...any) *vector.Vector { return column(types.ArrayOf(types.Float, false), list...) }

func decimals(list ...any) *vector.Vector { return column(types.DecimalOf(5, 2), list...) }

// groups assigns rows to two groups in turn; a third one stays empty.
func groups(n int) []int32 {
	list := make([]int32, n)
	for i := range list {
		list[i] = int32(i % 2)
	}
	return list
}

// update adds rows from to to of the arguments.
func update(a expr.Aggregator, args []*vector.Vector, from, to int) error {
	a.Grow(3)
	n := args[0].Len()
	sel := vector.Selection{}
	for i := from; i < to; i++ {
		sel = append(sel, int32(i))
	}
	return a.Update(n, sel, groups(n), args)
}

// finish returns the results of the three groups.
func finish(a expr.Aggregator, t *types.Type) (string, error) {
	out := vector.New(t, 3)
	if err := a.Finish(0, 3, out); err != nil {
		return "", err
	}
	cells := make([]string, 3)
	for g := range cells {
		cells[g] = string(valuetext.AppendValue(nil, out, g, valuetext.Options{Zone: datetime.UTC, Show: true}))
	}
	return strings.Join(cells, " | "), nil
}

// merged returns the results if the first rows and the others are added to different aggregations, whose states are merged.
func merged(state func() expr.Aggregator, t *types.Type, args []*vector.Vector) (string, error) {
	n := args[0].Len()
	whole := state()
	whole.Grow(3)
	for _, part := range [][2]int{{0, n / 2}, {n / 2, n}} {
		a := state()
		if err := update(a, args, part[0], part[1]); err != nil {
			return "", err
		}
		var saved []*vector.Vector
		for _, f := range a.State() {
			saved = append(saved, vector.New(f.Type, 3))
		}
		a.Save(0, 3, saved)
		if err := whole.Merge([]int32{0, 1, 2}, saved); err != nil {
			return "", err
		}
	}
	return finish(whole, t)
}

var (
	errSum  = errors.New("the sum overflows")
	errMean = errors.New("the mean overflows")
)

func sum(t *types.Type) func() expr.Aggregator {
	return func() expr.Aggregator { return accumulate.Sum(t, func() error { return errSum }) }
}

func trySum(t *types.Type) func() expr.Aggregator {
	return func() expr.Aggregator { return accumulate.Sum(t, nil) }
}

func mean(in, sum, out *types.Type) func() expr.Aggregator {
	fail := accumulate.MeanErrors{Sum: func() error { return errSum }, Mean: func(decimal.Int128, int64) error { return errMean }}
	return func() expr.Aggregator { return accumulate.Mean(0, in, sum, out, fail) }
}

func bits(t *types.Type, start int64, combine func(a, b int64) int64) func() expr.Aggregator {
	return func() expr.Aggregator { return accumulate.Bits("bits", t, start, combine) }
}

func percentile(p accumulate.Percentile) func() expr.Aggregator {
	return func() expr.Aggregator { return p.New([]*types.Type{types.Int, types.Double, types.Long}) }
}

func TestResultsOfGroupsAndOfMergedStates(t *testing.T) {
	months := types.YearMonthOf(types.Year, types.Month)
	listOf := func(t *types.Type) *types.Type { return types.ArrayOf(t, false) }
	share := doubles(0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5)
	numbers := ints(4, 10, 1, 20, 3, 40, 2, 30)
	for _, c := range []struct {
		name  string
		state func() expr.Aggregator
		typ   *types.Type
		args  []*vector.Vector
		want  string
	}{
		{"count", accumulate.Count, types.Long, []*vector.Vector{ints(1, 2, 3)}, "2 | 1 | 0"},
		{"count of true", accumulate.CountTrue, types.Long, []*vector.Vector{column(types.Boolean, true, false, false, true, true)}, "2 | 1 | 0"},
		{"sum of longs", sum(types.Long), types.Long, []*vector.Vector{longs(1, 2, 3)}, "4 | 2 | NULL"},
		{"sum of doubles", sum(types.Double), types.Double, []*vector.Vector{doubles(0.5, 1.0, 2.0)}, "2.5 | 1.0 | NULL"},
		{"sum of decimals", sum(types.DecimalOf(15, 2)), types.DecimalOf(15, 2), []*vector.Vector{decimals(150, 5, 25)}, "1.75 | 0.05 | NULL"},
		{"try_sum that overflows", trySum(types.Long), types.Long, []*vector.Vector{longs(1<<62, 1, 1<<62, 1)}, "NULL | 2 | NULL"},
		{"mean of doubles", mean(types.Double, types.Double, types.Double), types.Double, []*vector.Vector{doubles(1.0, 5.0, 2.0)}, "1.5 | 5.0 | NULL"},
		{"mean of decimals", mean(types.DecimalOf(5, 2), types.DecimalOf(15, 2), types.DecimalOf(9, 6)), types.DecimalOf(9, 6),
			[]*vector.Vector{decimals(100, 1, 100, 2, 200, 4)}, "1.333333 | 0.023333 | NULL"},
		{"mean of months, halves away from zero", mean(months, months, months), months, []*vector.Vector{column(months, 1, -1, 2, -2)},
			"INTERVAL '0-2' YEAR TO MONTH | INTERVAL '-0-2' YEAR TO MONTH | NULL"},
		{"minimum", func() expr.Aggregator { return accumulate.Min(types.Int) }, types.Int, []*vector.Vector{ints(3, 9, 1, 7, 2)}, "1 | 7 | NULL"},
		{"maximum", func() expr.Aggregator { return accumulate.Max(types.String) }, types.String, []*vector.Vector{texts("b", "a", "c", null{})}, "c | a | NULL"},
		{"value of the last minimum", func() expr.Aggregator { return accumulate.Min(types.String, types.Int) }, types.String,
			[]*vector.Vector{texts("a", "p", "b", "q", "c", "r"), ints(1, 5, 1, 4, 2, null{})}, "b | q | NULL"},
		{"values of the greatest", func() expr.Aggregator { return accumulate.TopK(2, true, types.String, types.Int) }, listOf(types.String),
			[]*vector.Vector{texts("a", "p", "b", "q", "c", "r", null{}), ints(1, 5, 3, null{}, 2, 7, 3)}, "[NULL, b] | [r, p] | NULL"},
		{"values of the least", func() expr.Aggregator { return accumulate.TopK(3, false, types.Int, types.Int) }, listOf(types.Int),
			[]*vector.Vector{ints(1, 5, 3, 9, 2, 7, 3, 0, 8), ints(1, 5, 3, 9, 2, 7, 3, 8, 0)}, "[8, 1, 2] | [5, 7, 0] | NULL"},
		{"distinct values", func() expr.Aggregator { return accumulate.CountDistinct(9) }, types.Long, []*vector.Vector{ints(1, 2, 1, 3, 4, 3)}, "2 | 2 | 0"},
		{"first", func() expr.Aggregator { return accumulate.First(types.Int, false) }, types.Int, []*vector.Vector{ints(null{}, 2, 3, 4)}, "NULL | 2 | NULL"},
		{"first that is not NULL", func() expr.Aggregator { return accumulate.First(types.Int, true) }, types.Int, []*vector.Vector{ints(null{}, 2, 3, 4)}, "3 | 2 | NULL"},
		{"last that is not NULL", func() expr.Aggregator { return accumulate.Last(types.Int, true) }, types.Int, []*vector.Vector{ints(1, 2, 3, null{})}, "3 | 2 | NULL"},
		{"AND of bits", bits(types.Byte, -1, func(a, b int64) int64 { return a & b }), types.Byte, []*vector.Vector{column(types.Byte, -1, 6, 12, 3)}, "12 | 2 | NULL"},
		{"XOR of bits", bits(types.Long, 0, func(a, b int64) int64 { return a ^ b }), types.Long, []*vector.Vector{longs(5, 1, 3)}, "6 | 1 | NULL"},
		{"list", func() expr.Aggregator { return accumulate.List(types.Int) }, listOf(types.Int), []*vector.Vector{ints(2, 5, null{}, 5, 1, 4)}, "[2, 1] | [5, 5, 4] | []"},
		{"set", func() expr.Aggregator { return accumulate.Set(types.Int) }, listOf(types.Int), []*vector.Vector{ints(33, 5, 2, 5, 33, 5)}, "[33, 2] | [5] | []"},
		{"concatenation in reverse order", func() expr.Aggregator {
			return accumulate.Concat(types.String, "-", []*types.Type{types.Int}, []expr.Sorting{{Desc: true}})
		}, types.String, []*vector.Vector{texts("a", "p", "b", "q"), texts("-", "-", "-", "-"), ints(1, 9, 2, 8)}, "b-a | p-q | NULL"},
		{"median", percentile(accumulate.Percentile{Shares: []float64{0.5}}), types.Double, []*vector.Vector{numbers, share}, "2.5 | 25.0 | NULL"},
		{"percentile between two values", percentile(accumulate.Percentile{Shares: []float64{0.3}}), types.Double,
			[]*vector.Vector{ints(2, 7, 4, 9), doubles(0.3, 0.3, 0.3, 0.3)}, "2.6 | 7.6 | NULL"}, // 0.7 * 2 + 0.3 * 4 is less by one digit
		{"discrete percentiles from above", percentile(accumulate.Percentile{Shares: []float64{0, 0.6}, List: true, Discrete: true, Desc: true}), listOf(types.Double),
			[]*vector.Vector{numbers, share}, "[4.0, 2.0] | [40.0, 20.0] | NULL"},
		{"percentile with frequencies", percentile(accumulate.Percentile{Shares: []float64{0.5}, Frequency: 2}), types.Double,
			[]*vector.Vector{numbers, share, longs(1, 0, 1, 0, 9, 0, 1, 1)}, "3.0 | 30.0 | NULL"},
		{"mode in order", func() expr.Aggregator { return accumulate.Mode{Ordered: true, Desc: true}.New(types.Int) }, types.Int,
			[]*vector.Vector{ints(1, 7, 2, 7, 1, 8, 2)}, "2 | 7 | NULL"},
		{"approximate percentiles", func() expr.Aggregator {
			return accumulate.ApproxPercentile{Shares: []float64{0, 1}, List: true, Accuracy: 100}.New()
		}, listOf(types.Int), []*vector.Vector{numbers}, "[1, 4] | [10, 40] | NULL"},
		{"variance", accumulate.VarPop.New, types.Double, []*vector.Vector{doubles(1.0, 5.0, 3.0, 5.0)}, "1.0 | 0.0 | NULL"},
		{"variance of a sample of one", accumulate.VarSamp.New, types.Double, []*vector.Vector{doubles(1.0, 5.0, 3.0)}, "2.0 | NULL | NULL"},
		{"kurtosis", accumulate.Kurtosis.New, types.Double, []*vector.Vector{doubles(1.0, 5.0, 3.0)}, "-2.0 | NULL | NULL"},
		{"correlation", accumulate.Corr.New, types.Double, []*vector.Vector{doubles(1.0, 1.0, 2.0, 2.0), doubles(2.0, 4.0, 4.0, 2.0)}, "1.0 | -1.0 | NULL"},
		{"correlation with a constant", accumulate.Corr.New, types.Double, []*vector.Vector{doubles(math.NaN(), math.NaN(), 2.0, 2.0), doubles(2.0, 2.0, 2.0, 2.0)}, "NULL | NULL | NULL"},
		{"slope", accumulate.RegrSlope.New, types.Double, []*vector.Vector{doubles(2.0, 4.0, 4.0, 2.0), doubles(1.0, 1.0, 2.0, 2.0)}, "2.0 | -2.0 | NULL"},
		{"skewness of equal values", accumulate.Skewness.New, types.Double, []*vector.Vector{doubles(slices.Repeat([]any{2024.0}, 28)...)}, "NULL | NULL | NULL"},
		{"slope through one point that is not a number", accumulate.RegrSlope.New, types.Double, []*vector.Vector{doubles(1.0, 4.0), doubles(math.NaN(), 1.0)}, "NaN | NULL | NULL"},
		{"intercept through one point that is not a number", accumulate.RegrIntercept.New, types.Double, []*vector.Vector{doubles(1.0, 4.0), doubles(math.NaN(), 1.0)}, "NaN | NULL | NULL"},
		{"deviations of x", accumulate.RegrSXX.New, types.Double, []*vector.Vector{doubles(9.0, 9.0, 9.0, 9.0), doubles(1.0, 1.0, 3.0, 1.0)}, "2.0 | 0.0 | NULL"},
		{"sum of vectors", func() expr.Aggregator { return accumulate.VectorSum("vector_sum") }, listOf(types.Float),
			[]*vector.Vector{vectors([]float32{1, 2}, []float32{}, []float32{3, 4})}, "[4.0, 6.0] | [] | NULL"},
		{"mean of vectors", func() expr.Aggregator { return accumulate.VectorAvg("vector_avg") }, listOf(types.Float),
			[]*vector.Vector{vectors([]float32{1, 2}, []float32{5}, []float32{3, 4})}, "[2.0, 3.0] | [5.0] | NULL"},
	} {
		one := c.state()
		err := update(one, c.args, 0, c.args[0].Len())
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		if got, err := finish(one, c.typ); got != c.want || err != nil {
			t.Errorf("%s: %s, %v; want %s", c.name, got, err, c.want)
		}
		if got, err := merged(c.state, c.typ, c.args); got != c.want || err != nil {
			t.Errorf("%s, merged: %s, %v; want %s", c.name, got, err, c.want)
		}
	}
}

// The estimates are those of Spark 4.3.0 for approx_count_distinct(id * 7919, deviation) over range(n).
func TestDistinctValuesAreEstimatedAsBySpark(t *testing.T) {
	counts := []int{10, 100, 300, 1000, 3000, 5000, 20000}
	for deviation, want := range map[float64][]int64{
		0.05: {10, 94, 279, 913, 2962, 5020, 19485}, 0.3: {9, 128, 323, 1615, 2709, 4752, 14114}, 0.39: {9, 128, 323, 1615, 2709, 4752, 14114},
		0.1: {10, 101, 326, 976, 3216, 5936, 18946}, 0.2: {11, 93, 295, 959, 2742, 4443, 15550}, 0.01: {10, 96, 295, 1000, 3002, 5035, 20366},
	} {
		precision, ok := accumulate.Precision(deviation)
		if !ok {
			t.Fatalf("no precision for %v", deviation)
		}
		for k, n := range counts {
			v := vector.New(types.Long, n)
			for i := range v.I64 {
				v.I64[i] = int64(i) * 7919
			}
			a := accumulate.CountDistinct(precision)
			a.Grow(1)
			if err := a.Update(n, nil, make([]int32, n), []*vector.Vector{v}); err != nil {
				t.Fatal(err)
			}
			out := vector.New(types.Long, 1)
			if err := a.Finish(0, 1, out); err != nil || out.I64[0] != want[k] {
				t.Errorf("deviation %v, %d values: %d, %v, want %d", deviation, n, out.I64[0], err, want[k])
			}
		}
	}
	for _, deviation := range []float64{0, -1, 0.4, 1e-9} {
		if p, ok := accumulate.Precision(deviation); ok {
			t.Errorf("deviation %v has precision %d", deviation, p)
		}
	}
}

// A vector keeps the slices of the types that it had before.
func TestSketchesOfIntegersInVectorsOfStringsCountIntegers(t *testing.T) {
	reused := vector.New(types.String, 2)
	reused.Reset(types.Int, 2)
	reused.I32[0], reused.I32[1] = 5, 6
	var sketches []string
	for _, v := range []*vector.Vector{reused, ints(5, 6)} {
		a := accumulate.NewCountMin(0.5, 0.9, 1).New()
		if err := update(a, []*vector.Vector{v}, 0, 2); err != nil {
			t.Fatal(err)
		}
		got, err := finish(a, types.Binary)
		if err != nil {
			t.Fatal(err)
		}
		sketches = append(sketches, got)
	}
	if sketches[0] != sketches[1] {
		t.Errorf("%s, want %s", sketches[0], sketches[1])
	}
}

func TestFailuresNameTheRow(t *testing.T) {
	for _, c := range []struct {
		state expr.Aggregator
		args  []*vector.Vector
		row   int
		want  string
	}{
		{sum(types.Long)(), []*vector.Vector{longs(1<<62, 0, 1<<62)}, 2, errSum.Error()},
		{accumulate.SetBits(), []*vector.Vector{longs(0, accumulate.BitmapBits)}, 1, "INVALID_BITMAP_POSITION"},
		{accumulate.VectorSum("vector_sum"), []*vector.Vector{vectors([]float32{1}, []float32{1}, []float32{1, 2})}, 2, "VECTOR_DIMENSION_MISMATCH"},
		{percentile(accumulate.Percentile{Shares: []float64{0.5}, Frequency: 2})(), []*vector.Vector{ints(1, 2), doubles(0.5, 0.5), longs(1, -1)}, 1, "NEGATIVE_VALUES_IN_FREQUENCY_EXPRESSION"},
	} {
		err := update(c.state, c.args, 0, c.args[0].Len())
		var row *expr.RowError
		if !errors.As(err, &row) || row.Row != c.row || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%v, want %s in row %d", err, c.want, c.row)
		}
	}
}

func TestDecimalsFailAtTheEnd(t *testing.T) {
	narrow := types.DecimalOf(19, 2)
	a := sum(narrow)()
	args := []*vector.Vector{column(narrow, 9e18, 1, 9e18)}
	if err := update(a, args, 0, 3); err != nil {
		t.Fatal(err)
	}
	if _, err := finish(a, narrow); !errors.Is(err, errSum) {
		t.Errorf("%v, want %v", err, errSum)
	}
	narrow = types.DecimalOf(3, 2)
	a = mean(types.DecimalOf(12, 2), types.DecimalOf(22, 2), narrow)()
	if err := update(a, []*vector.Vector{column(types.DecimalOf(22, 2), 9999)}, 0, 1); err != nil {
		t.Fatal(err)
	}
	if _, err := finish(a, narrow); !errors.Is(err, errMean) {
		t.Errorf("%v, want %v", err, errMean)
	}
}

func TestBitmapsAreCombined(t *testing.T) {
	positions := accumulate.SetBits()
	if err := update(positions, []*vector.Vector{longs(0, 1, 9)}, 0, 3); err != nil {
		t.Fatal(err)
	}
	set := vector.New(types.Binary, 3)
	if err := positions.Finish(0, 3, set); err != nil {
		t.Fatal(err)
	}
	for g, want := range []string{"0102", "0200", "0000"} {
		if got := fmt.Sprintf("%x", set.Bytes(g)[:2]); got != want || len(set.Bytes(g)) != accumulate.BitmapBits/8 {
			t.Errorf("group %d is %s… of %d bytes, want %s…", g, got, len(set.Bytes(g)), want)
		}
	}
	for _, c := range []struct {
		state expr.Aggregator
		want  string
	}{{accumulate.OrBitmaps(), "0302"}, {accumulate.AndBitmaps(), "0002"}} {
		one := column(types.Binary, "\x01\x02", "", "\x02\x02", "")
		if err := update(c.state, []*vector.Vector{one}, 0, 4); err != nil {
			t.Fatal(err)
		}
		out := vector.New(types.Binary, 3)
		if err := c.state.Finish(0, 3, out); err != nil {
			t.Fatal(err)
		}
		if got := fmt.Sprintf("%x", out.Bytes(0)[:2]); got != c.want {
			t.Errorf("%s, want %s", got, c.want)
		}
	}
}
