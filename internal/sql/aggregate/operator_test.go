package aggregate_test

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/streamctl/streamctl/internal/datetime"
	"github.com/streamctl/streamctl/internal/memory"
	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/sql/aggregate"
	"github.com/streamctl/streamctl/internal/sql/analyze"
	"github.com/streamctl/streamctl/internal/sql/ast"
	"github.com/streamctl/streamctl/internal/sql/eval"
	"github.com/streamctl/streamctl/internal/sql/expr"
	"github.com/streamctl/streamctl/internal/sql/function"
	"github.com/streamctl/streamctl/internal/sql/parse"
	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/valuetext"
	"github.com/streamctl/streamctl/internal/vector"
)

var (
	ctx   = &expr.Context{Zone: datetime.UTC}
	input = exprColumns("k", types.String, "d", types.Double, "i", types.Int)
)

func exprColumns(list ...any) []*expr.Expr {
	var out []*expr.Expr
	for k := 0; k < len(list); k += 2 {
		out = append(out, &expr.Expr{Kind: expr.Column, ID: expr.NewID(), Name: list[k].(string), Type: list[k+1].(*types.Type), Nullable: true})
	}
	return out
}

// rows returns a batch; empty keys and numbers of -1 become NULL.
func rows(keys []string, d []float64, i []int32) *vector.Batch {
	n := len(keys)
	k, x, y := vector.New(types.String, n), vector.New(types.Double, n), vector.New(types.Int, n)
	copy(x.F64, d)
	copy(y.I32, i)
	for r, key := range keys {
		k.SetString(r, key)
		if key == "" {
			k.SetNull(r)
		}
		if i[r] == -1 {
			y.SetNull(r)
		}
		if d[r] == -1 {
			x.SetNull(r)
		}
	}
	return &vector.Batch{N: n, Cols: []*vector.Vector{k, x, y}}
}

func trees(t *testing.T, texts []string) (list []ast.Expr, origins []*expr.Origin) {
	t.Helper()
	for _, text := range texts {
		tree, err := parse.Expression(text)
		if err != nil {
			t.Fatal(err)
		}
		list, origins = append(list, tree), append(origins, &expr.Origin{Text: text})
	}
	return list, origins
}

func grouping(keys, items []string) func(t *testing.T) (*analyze.Grouping, error) {
	return func(t *testing.T) (*analyze.Grouping, error) {
		t.Helper()
		scope := analyze.Scope{Columns: input}
		list, origins := trees(t, keys)
		resolved, err := analyze.GroupKeys(list, scope, origins)
		if err != nil {
			return nil, err
		}
		list, origins = trees(t, items)
		return analyze.GroupBy(resolved, list, scope, origins)
	}
}

func newOperator(t *testing.T, g *analyze.Grouping) *aggregate.Operator {
	t.Helper()
	o, err := aggregate.New(g.Keys, g.Calls, input)
	if err != nil {
		t.Fatal(err)
	}
	return o
}

func process(t *testing.T, o *aggregate.Operator, batches ...*vector.Batch) {
	t.Helper()
	for _, b := range batches {
		if err := o.Process(ctx, b); err != nil {
			t.Fatal(err)
		}
	}
}

// results formats the groups of an operator: keys, then items.
func results(t *testing.T, g *analyze.Grouping, o *aggregate.Operator) string {
	t.Helper()
	b, err := o.Finish(0, o.Len())
	if err != nil {
		t.Fatal(err)
	}
	return text(t, g, b)
}

// text formats keys and results of calls.
func text(t *testing.T, g *analyze.Grouping, b *vector.Batch) string {
	t.Helper()
	var cols []*expr.Expr
	for _, e := range append(g.Keys[:len(g.Keys):len(g.Keys)], g.Calls...) {
		cols = append(cols, &expr.Expr{Kind: expr.Column, ID: e.ID, Name: e.Name, Type: e.Type, Nullable: e.Nullable})
	}
	p, err := eval.Compile(append(cols[:len(g.Keys):len(g.Keys)], g.Output...), cols)
	if err != nil {
		t.Fatal(err)
	}
	out, err := p.Eval(ctx, b, nil)
	if err != nil {
		t.Fatal(err)
	}
	var text strings.Builder
	for i := range b.N {
		for k, v := range out {
			if k > 0 {
				text.WriteByte('|')
			}
			text.Write(valuetext.AppendValue(nil, v, i, valuetext.Options{Zone: datetime.UTC, Show: true}))
		}
		text.WriteByte('\n')
	}
	return text.String()
}

func TestRowsAreGroupedByKeys(t *testing.T) {
	nan := math.NaN()
	in := rows([]string{"a", "", "a", "b", "", "a"}, []float64{0, nan, math.Copysign(0, -1), nan, nan, -1}, []int32{1, 2, 3, -1, 5, 6})
	for _, c := range []struct {
		keys, items []string
		want        string
	}{
		{[]string{"k"}, []string{"count(*)", "count(i)", "sum(i)"}, "a|3|3|10\nNULL|2|2|7\nb|1|0|NULL\n"},
		{[]string{"d"}, []string{"count(*)"}, "0.0|2\nNaN|3\nNULL|1\n"},
		{[]string{"upper(k) AS u", "i > 2 AS big"}, []string{"max(i) + 1"}, "A|false|2\nNULL|false|3\nA|true|7\nB|NULL|NULL\nNULL|true|6\n"},
		{nil, []string{"count(*)", "sum(i) / count(i)"}, "6|3.4\n"},
		{nil, []string{"count(DISTINCT k)", "sum(i) FILTER (WHERE i > 2)", "count(i) FILTER (WHERE k = 'a')"}, "2|14|3\n"},
		{nil, []string{"vector_sum(array(cast(i AS float), 1F))", "vector_avg(array(cast(i AS float)))"}, "[17.0, 5.0]|[3.4]\n"},
		{[]string{"k"}, []string{"concat(k, '!')", "CASE WHEN count(i) > 1 THEN min(i) END"}, "a|a!|1\nNULL|NULL|2\nb|b!|NULL\n"},
	} {
		g, err := grouping(c.keys, c.items)(t)
		if err != nil {
			t.Fatal(err)
		}
		o := newOperator(t, g)
		process(t, o, in)
		if got := results(t, g, o); got != c.want {
			t.Errorf("%v by %v:\n%swant\n%s", c.items, c.keys, got, c.want)
		}
	}
}

func TestGlobalAggregationOfNoRowsHasOneRow(t *testing.T) {
	items := []string{"count(*)", "sum(i)", "collect_list(i)", "max(k)"}
	for _, c := range []struct {
		keys []string
		want string
	}{{nil, "0|NULL|[]|NULL\n"}, {[]string{"k"}, ""}} {
		g, err := grouping(c.keys, items)(t)
		if err != nil {
			t.Fatal(err)
		}
		o := newOperator(t, g)
		process(t, o, rows(nil, nil, nil))
		if got := results(t, g, o); got != c.want {
			t.Errorf("by %v: %q, want %q", c.keys, got, c.want)
		}
	}
}

func TestMinAndMaxOfNumbersFollowSparksOrder(t *testing.T) {
	nan, inf, zero := math.NaN(), math.Inf(1), math.Copysign(0, -1)
	in := rows([]string{"a", "b", "c", "d", "d", "b", "e", "f", "f"}, []float64{nan, zero, -inf, 1, nan, 0, -1, nan, inf},
		[]int32{math.MinInt32, math.MaxInt32, 7, -1, -1, math.MinInt32, 5, -1, 3})
	in.Cols[1].SetNull(6)
	for _, c := range []struct{ item, want string }{
		{"min(d)", "a|NaN\nb|-0.0\nc|-Infinity\nd|1.0\ne|NULL\nf|Infinity\n"},
		{"max(d)", "a|NaN\nb|-0.0\nc|-Infinity\nd|NaN\ne|NULL\nf|NaN\n"},
		{"min(cast(d AS float))", "a|NaN\nb|-0.0\nc|-Infinity\nd|1.0\ne|NULL\nf|Infinity\n"},
		{"min(i)", "a|-2147483648\nb|-2147483648\nc|7\nd|NULL\ne|5\nf|3\n"},
		{"max(i)", "a|-2147483648\nb|2147483647\nc|7\nd|NULL\ne|5\nf|3\n"},
		{"max(i * 4294967296L)", "a|-9223372036854775808\nb|9223372032559808512\nc|30064771072\nd|NULL\ne|21474836480\nf|12884901888\n"},
		{"min(cast(i AS decimal(38, 0)))", "a|-2147483648\nb|-2147483648\nc|7\nd|NULL\ne|5\nf|3\n"},
		{"max(cast(i % 100 AS tinyint))", "a|-48\nb|47\nc|7\nd|NULL\ne|5\nf|3\n"},
		{"min(date_add(DATE'2000-01-01', i % 100))", "a|1999-11-14\nb|1999-11-14\nc|2000-01-08\nd|NULL\ne|2000-01-06\nf|2000-01-04\n"},
		{"max(3)", "a|3\nb|3\nc|3\nd|3\ne|3\nf|3\n"},
		{"max(d > 0)", "a|true\nb|false\nc|false\nd|true\ne|NULL\nf|true\n"},
	} {
		g, err := grouping([]string{"k"}, []string{c.item})(t)
		if err != nil {
			t.Fatal(err)
		}
		o := newOperator(t, g)
		process(t, o, in)
		if got := results(t, g, o); got != c.want {
			t.Errorf("%s:\n%swant\n%s", c.item, got, c.want)
		}
	}
}

func TestASumThatOverflowsNamesItsRow(t *testing.T) {
	in := rows([]string{"a", "b", "a", "a", "b", "a"}, make([]float64, 6), []int32{1, -1, 1, 2, 2, 1})
	for item, want := range map[string]string{
		"sum(i * 3000000000000000000L)":                                                 "row 3",
		"sum(i * 3000000000000000000L) FILTER (WHERE i = 1)":                            "a|9000000000000000000\nb|NULL\n",
		"try_sum(i * 3000000000000000000L)":                                             "a|NULL\nb|6000000000000000000\n",
		"try_sum(i * 3000000000000000000L) FILTER (WHERE i < 3)":                        "a|NULL\nb|6000000000000000000\n",
		"try_avg(cast(i AS decimal(38, 0)) * 40000000000000000000000000000000000000BD)": "a|NULL\nb|NULL\n",
		"try_sum(cast('99999999999999999999999999999999999999' AS decimal(38, 0)))":     "a|NULL\nb|NULL\n",
	} {
		g, err := grouping([]string{"k"}, []string{item})(t)
		if err != nil {
			t.Fatal(err)
		}
		o, got := newOperator(t, g), ""
		var row *expr.RowError
		if err = o.Process(ctx, in); errors.As(err, &row) {
			got = fmt.Sprintf("row %d", row.Row)
		} else if err == nil {
			got = results(t, g, o)
		}
		if got != want {
			t.Errorf("%s: %s, %v, want %s", item, got, err, want)
		}
	}
}

// Rows that FILTER selects take another path than all rows of a batch.
func TestSelectedRowsAddUpLikeAllRows(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 8))
	const n = 3000
	keys, d, i := make([]string, n), make([]float64, n), make([]int32, n)
	for k := range n {
		keys[k], d[k], i[k] = string(rune('a'+r.IntN(20))), float64(r.IntN(100)), r.Int32N(50)-1
	}
	for _, call := range []string{
		"count(*)", "count(i)", "sum(i)", "sum(d)", "sum(cast(i AS decimal(9, 2)))", "avg(i)", "min(i)", "max(d)", "min(cast(i AS decimal(9, 2)))",
		"first(k)", "last(i)", "sum(2)", "count(DISTINCT i)", "count(DISTINCT i, d)",
	} {
		all, err := grouping([]string{"k"}, []string{call})(t)
		if err != nil {
			t.Fatal(err)
		}
		selected, err := grouping([]string{"k"}, []string{call + " FILTER (WHERE d >= 0)"})(t)
		if err != nil {
			t.Fatal(err)
		}
		a, s := newOperator(t, all), newOperator(t, selected)
		process(t, a, rows(keys, d, i))
		process(t, s, rows(keys, d, i))
		if got, want := results(t, selected, s), results(t, all, a); got != want {
			t.Errorf("%s: selected\n%sall\n%s", call, got, want)
		}
	}
}

// stateOf returns the columns of the state of a call.
func stateOf(t *testing.T, call string) string {
	t.Helper()
	g, err := grouping([]string{"k"}, []string{call})(t)
	if err != nil {
		t.Fatalf("%s: %v", call, err)
	}
	var list []string
	for _, f := range newOperator(t, g).State() {
		list = append(list, f.Name+" "+strings.ToLower(f.Type.SQL()))
	}
	return strings.Join(list, ", ")
}

// The columns are those of Spark 4.3.0's optimized plans.
func TestTheStateHasSparksColumns(t *testing.T) {
	for call, want := range map[string]string{
		"count(*)": "count bigint", "count_if(i > 2)": "count bigint", "regr_count(i, d)": "count bigint",
		"sum(i)": "sum bigint", "sum(d)": "sum double", "try_sum(d)": "sum double", "sum(INTERVAL 1 MONTH)": "sum interval month",
		"sum(cast(i AS decimal(8, 2)))": "sum bigint", "sum(cast(i AS decimal(9, 2)))": "sum decimal(19,2), isempty boolean",
		"sum(cast(i AS decimal(38, 2)))": "sum decimal(38,2), isempty boolean",
		"try_sum(i)":                     "sum bigint, isempty boolean", "try_sum(cast(i AS decimal(8, 2)))": "sum bigint, isempty boolean",
		"try_sum(INTERVAL 1 MONTH)": "sum interval month, isempty boolean", "try_sum(cast(i AS decimal(9, 2)))": "sum decimal(19,2), isempty boolean",
		"avg(i)": "sum double, count bigint", "avg(cast(i AS decimal(11, 2)))": "sum double, count bigint",
		"avg(cast(i AS decimal(12, 2)))": "sum decimal(22,2), count bigint", "regr_avgx(i, cast(d AS decimal(11, 2)))": "sum double, count bigint",
		"min(k)": "min string", "max(i)": "max int", "bool_and(i > 2)": "min boolean", "any(i > 2)": "max boolean",
		"first(k)": "first string, valueset boolean", "any_value(i, true)": "first int, valueset boolean", "last(i)": "last int, valueset boolean",
		"stddev(i)": "n double, avg double, m2 double", "skewness(d)": "n double, avg double, m2 double, m3 double",
		"kurtosis(d)": "n double, avg double, m2 double, m3 double, m4 double", "regr_sxx(i, d)": "n double, avg double, m2 double",
		"covar_pop(i, d)": "n double, xavg double, yavg double, ck double", "regr_sxy(i, d)": "n double, xavg double, yavg double, ck double",
		"corr(i, d)":                   "n double, xavg double, yavg double, ck double, xmk double, ymk double",
		"regr_slope(i, d)":             "n double, xavg double, yavg double, ck double, n double, avg double, m2 double",
		"bit_and(cast(i AS smallint))": "bit_and smallint", "bit_xor(i)": "bit_xor int", "bitmap_construct_agg(i)": "bitmap binary",
		"approx_count_distinct(k, 0.3)": "ms[0] bigint, ms[1] bigint", "min_by(k, i, 2)": "values array<string>, orderings array<int>, heapindices binary",
		"max_by(k, i)":          "valuewithextremumordering string, extremumordering int",
		"vector_sum(array(1F))": "acc binary, count bigint", "schema_of_variant_agg(parse_json(k))": "buf binary",
		"percentile_approx(i, 0.5)": "buf binary", "collect_list(struct(i, k))": "buf binary", "listagg(k) WITHIN GROUP (ORDER BY i)": "buf binary", "median(d)": "buf binary", "mode(k)": "buf binary", "count_min_sketch(i, 0.1D, 0.9D, 3)": "buf binary", "histogram_numeric(i, 3)": "buf binary",
	} {
		if got := strings.ReplaceAll(stateOf(t, call), "isEmpty", "isempty"); strings.ToLower(got) != want {
			t.Errorf("%s keeps %s, want %s", call, got, want)
		}
	}
}

// calls are calls of all kinds of functions.
var calls = []string{
	"count(*)", "count_if(i > 2)", "sum(i)", "try_sum(i)", "sum(d)", "sum(cast(i AS decimal(5, 1)))", "sum(cast(i AS decimal(20, 1)))",
	"avg(i)", "avg(cast(i AS decimal(5, 1)))", "avg(cast(i AS decimal(20, 1)))", "try_sum(cast(i AS decimal(38, 0)) * 10000000000000000000000000000000000000BD)",
	"min(k)", "max(i)", "bool_and(i > 2)", "bool_or(i > 2)", "min_by(k, i)", "max_by(i, d)", "first(i)", "last(i, true)",
	"any_value(k)", "round(variance(i), 9)", "round(skewness(d), 9)", "round(kurtosis(d), 9)", "round(corr(i, d), 9)", "round(regr_slope(i, d), 9)", "round(covar_samp(i, d), 9)", "collect_list(k)",
	"sort_array(collect_set(i))", "listagg(k, ',') WITHIN GROUP (ORDER BY d DESC)", "percentile(i, 0.3)", "percentile(d, 0.5, i)", "median(d)",
	"mode(i)", "percentile_disc(0.5) WITHIN GROUP (ORDER BY i)", "bit_and(i)", "bit_xor(i)", "bitmap_count(bitmap_construct_agg(i))",
	"percentile_approx(i, array(0.2, 0.9))", "histogram_numeric(d, 2)", "approx_count_distinct(i)", "hex(count_min_sketch(k, 0.1D, 0.9D, 3))", "collect_union(array(i, 1, i))", "max_by(k, i, 2)", "min_by(i, d, 2)",
	"vector_sum(array(cast(i AS float), 1F))", "vector_avg(array(cast(d AS float)))", "schema_of_variant_agg(parse_json('{\"a\":1}'))",
}

// save returns the state of all groups, saved in ranges of two.
func save(o *aggregate.Operator) []*vector.Batch {
	var list []*vector.Batch
	for from := 0; from < o.Len(); from += 2 {
		list = append(list, o.Save(from, min(from+2, o.Len())))
	}
	return list
}

func TestAnOperatorThatIsResetStartsAnew(t *testing.T) {
	first := rows([]string{"a", "b", "a", ""}, []float64{1, 2, 4, -1}, []int32{3, -1, 1, 4})
	second := rows([]string{"c", "a", "", "c", "b"}, []float64{8, 0.5, 3, 7, 1}, []int32{-1, 9, 4, 2, -1})
	for _, call := range calls {
		for _, keys := range [][]string{{"k"}, {"i"}, {"struct(i, d)"}, nil} {
			g, err := grouping(keys, []string{call})(t)
			if err != nil {
				t.Fatalf("%s: %v", call, err)
			}
			again, anew := newOperator(t, g), newOperator(t, g)
			process(t, again, first)
			again.Reset()
			process(t, again, second)
			process(t, anew, second)
			if got, want := results(t, g, again), results(t, g, anew); got != want {
				t.Errorf("%s by %s: after a reset\n%swant\n%s", call, keys, got, want)
			}
		}
	}
}

func TestNumberedGroups(t *testing.T) {
	first := rows([]string{"a", "b", "a", ""}, []float64{1, 2, 4, -1}, []int32{3, -1, 1, 4})
	second := rows([]string{"b", "c"}, []float64{8, 0.5}, []int32{7, 9})
	for call, want := range map[string]string{
		"first(i)": "b|NULL\nc|9\n|4\na|3\n", "collect_list(d)": "b|[2.0, 8.0]\nc|[0.5]\n|[]\na|[1.0, 4.0]\n",
		"min(k)": "b|b\nc|c\n|NULL\na|a\n", "sum(i)": "b|7\nc|9\n|4\na|4\n",
	} {
		g, err := grouping([]string{"k"}, []string{call})(t)
		if err != nil {
			t.Fatal(err)
		}
		older, newer, merged := newOperator(t, g), newOperator(t, g), newOperator(t, g)
		process(t, older, first)
		process(t, newer, second)
		process(t, merged, second) // which Number forgets
		merged.Number(4)
		for _, part := range []struct {
			groups []int32
			of     *aggregate.Operator
		}{{[]int32{3, 0, 2}, older}, {[]int32{0, 1}, newer}} {
			if err := merged.MergeStates(part.groups, part.of.SaveStates(0, len(part.groups))); err != nil {
				t.Fatal(err)
			}
		}
		out, err := merged.FinishStates(0, 4)
		if err != nil {
			t.Fatal(err)
		}
		keys := vector.New(types.String, 4)
		for i, k := range []string{"b", "c", "", "a"} {
			keys.SetBytes(i, []byte(k))
		}
		if got := text(t, g, &vector.Batch{N: 4, Cols: append([]*vector.Vector{keys}, out...)}); got != want {
			t.Errorf("%s:\n%swant\n%s", call, got, want)
		}
		merged.Reset()
		process(t, merged, second)
		if got, want := results(t, g, merged), results(t, g, newer); got != want {
			t.Errorf("%s after numbered groups:\n%swant\n%s", call, got, want)
		}
	}
}

func TestASumThatOverflowsInOneStateStaysSo(t *testing.T) {
	in := rows([]string{"a", "a", "a"}, make([]float64, 3), []int32{3, 1, -1})
	back := rows([]string{"a"}, make([]float64, 1), []int32{-3})
	for _, item := range []string{"try_sum(i * 3000000000000000000L)", "try_avg(cast(i AS decimal(38, 0)) * 30000000000000000000000000000000000000BD)",
		"try_sum(cast(i AS decimal(38, 0)) * 30000000000000000000000000000000000000BD)"} {
		g, err := grouping([]string{"k"}, []string{item})(t)
		if err != nil {
			t.Fatal(err)
		}
		one, two, merged := newOperator(t, g), newOperator(t, g), newOperator(t, g)
		process(t, one, in)
		process(t, two, back)
		for _, part := range append(save(one), save(two)...) {
			if err := merged.Merge(ctx, part); err != nil {
				t.Fatal(err)
			}
		}
		if got := results(t, g, merged); got != "a|NULL\n" {
			t.Errorf("%s: %s", item, got)
		}
	}
}

func TestMergedStatesGiveTheSameResults(t *testing.T) {
	first := rows([]string{"a", "b", "a", ""}, []float64{1, 2, 4, -1}, []int32{3, -1, 1, 4})
	second := rows([]string{"c", "a", "", "c"}, []float64{8, 0.5, 3, 7}, []int32{-1, 9, 4, 2})
	for _, call := range calls {
		g, err := grouping([]string{"k"}, []string{call})(t)
		if err != nil {
			t.Errorf("%s: %v", call, err)
			continue
		}
		whole, one, two, merged := newOperator(t, g), newOperator(t, g), newOperator(t, g), newOperator(t, g)
		process(t, whole, first, second)
		process(t, one, first)
		process(t, two, second)
		for _, part := range []*aggregate.Operator{one, two} {
			for _, state := range save(part) {
				if err := merged.Merge(ctx, state); err != nil {
					t.Fatal(err)
				}
			}
		}
		if got, want := results(t, g, merged), results(t, g, whole); got != want {
			t.Errorf("%s: merged\n%swhole\n%s", call, got, want)
		}
	}
}

func TestGroupsThatExceedTheMemoryLimitAreRefused(t *testing.T) {
	memory.Limit(1 << 20)
	defer memory.Limit(0)
	for _, c := range []struct {
		keys  string
		items []string
	}{
		{"i", []string{"count(*)"}}, {"i > 0", []string{"count(DISTINCT i)"}}, {"i % 3000", []string{"max(repeat(k, i))"}}, {"1", []string{"collect_list(i)"}},
		{"1", []string{"collect_set(i)"}}, {"1", []string{"percentile(i, 0.5)"}}, {"i % 3000", []string{"histogram_numeric(i, 20)"}},
		{"i % 3000", []string{"vector_sum(array_repeat(1F, 200))"}}, {"i % 3000", []string{"approx_percentile(i, 0.5)"}},
		{"i % 1500", []string{"variance(i)", "sum(i)", "avg(i)", "kurtosis(i)", "first(i)", "bit_or(i)", "bitmap_construct_agg(1)", "min(i)"}},
	} {
		g, err := grouping([]string{c.keys}, c.items)(t)
		if err != nil {
			t.Fatal(err)
		}
		o := newOperator(t, g)
		var held []*expr.Holding
		ctx := &expr.Context{Zone: datetime.UTC, Held: &held}
		for i := 0; i < 100 && err == nil; i++ {
			ints := make([]int32, 1000)
			for k := range ints {
				ints[k] = int32(i*1000 + k)
			}
			err = o.Process(ctx, rows(slices.Repeat([]string{"k"}, 1000), make([]float64, 1000), ints))
		}
		e := sparkerr.Root(err)
		if e == nil || !strings.HasPrefix(e.Error(), "the groups of the aggregation do not fit into memory: ") || !strings.HasPrefix(e.Hint, "raise --memory") {
			t.Errorf("%s by %s: %v", c.items, c.keys, err)
		}
		o.Release()
		expr.Release(held)
		if room := (&memory.Holding{}).Room(); room != 1<<20 {
			t.Errorf("%s by %s: %d bytes of room afterwards", c.items, c.keys, room)
		}
	}
}

func TestExamplesHaveTheirResults(t *testing.T) {
	for _, f := range function.All() {
		if !f.Aggregate {
			continue
		}
		filtered := f.Example + " FILTER (WHERE i = 1)"
		// The result of some aggregates can only be shown through another function.
		if outer, inner, _ := strings.Cut(f.Example, "("); outer != f.Name && strings.Contains(inner, f.Name+"(") {
			filtered = outer + "(" + strings.TrimSuffix(inner, ")") + " FILTER (WHERE i = 1))"
		}
		for _, example := range []string{f.Example, filtered} {
			g, err := grouping(nil, []string{example})(t)
			if err != nil {
				t.Errorf("%s: %v", example, err)
				continue
			}
			o := newOperator(t, g)
			process(t, o, rows([]string{"a"}, []float64{1}, []int32{1}))
			if got := results(t, g, o); got != f.Result+"\n" {
				t.Errorf("%s: got %swant %s", example, got, f.Result)
			}
		}
	}
}

func TestInvalidGroupingsAreRefused(t *testing.T) {
	for _, c := range []struct {
		keys      []string
		item      string
		condition string
	}{
		{[]string{"k"}, "i", "MISSING_AGGREGATION"},
		{nil, "i", "MISSING_GROUP_BY"},
		{[]string{"k"}, "sum(count(i))", "NESTED_AGGREGATE_FUNCTION"},
		{[]string{"sum(i)"}, "k", "GROUP_BY_AGGREGATE"},
		{nil, "count()", "WRONG_NUM_ARGS.WITH_SUGGESTION"},
		{nil, "sum(rand())", "AGGREGATE_FUNCTION_WITH_NONDETERMINISTIC_EXPRESSION"},
		{nil, "sum(i) FILTER (WHERE i)", "INVALID_AGGREGATE_FILTER.NOT_BOOLEAN"},
		{nil, "sum(i) FILTER (WHERE max(i) > 1)", "INVALID_AGGREGATE_FILTER.CONTAINS_AGGREGATE"},
		{nil, "sum(i) IGNORE NULLS", "INVALID_SQL_SYNTAX.FUNCTION_WITH_UNSUPPORTED_SYNTAX"},
		{nil, "percentile_cont(0.5)", "INVALID_WITHIN_GROUP_EXPRESSION.WITHIN_GROUP_MISSING"},
		{nil, "listagg(DISTINCT k) WITHIN GROUP (ORDER BY i)", "INVALID_WITHIN_GROUP_EXPRESSION.MISMATCH_WITH_DISTINCT_INPUT"},
	} {
		_, err := grouping(c.keys, []string{c.item})(t)
		if e := sparkerr.Root(err); e == nil || e.Condition != c.condition {
			t.Errorf("%s by %v: %v, want %s", c.item, c.keys, err, c.condition)
		}
	}
}

func TestNamesOfCallsMatchSpark(t *testing.T) {
	for text, want := range map[string]string{
		"count(*)":                                      "count(1)",
		"count(DISTINCT k, i)":                          "count(DISTINCT k, i)",
		"sum(i) FILTER (WHERE i > 2)":                   "sum(i) FILTER (WHERE (i > 2))",
		"mean(i) + 1":                                   "(mean(i) + 1)",
		"first(i, true)":                                "first(i)",
		"approx_percentile(i, 0.5)":                     "approx_percentile(i, 0.5, 10000)",
		"percentile(i, 0.5)":                            "percentile(i, 0.5, 1)",
		"listagg(k)":                                    "listagg(k, NULL)",
		"mode() WITHIN GROUP (ORDER BY i DESC)":         "mode() WITHIN GROUP (ORDER BY i DESC)",
		"percentile_cont(.5) WITHIN GROUP (ORDER BY i)": "percentile_cont(0.5) WITHIN GROUP (ORDER BY i)",
	} {
		g, err := grouping(nil, []string{text})(t)
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		if got := g.Output[0].Name; got != want {
			t.Errorf("%s is named %s, want %s", text, got, want)
		}
	}
}

func BenchmarkGroupBy(b *testing.B) {
	const n = vector.BatchRows
	keys, d, i := make([]string, n), make([]float64, n), make([]int32, n)
	for r := range n {
		keys[r], d[r], i[r] = string(rune('a'+r%26)), float64(r), int32(r)
	}
	in := rows(keys, d, i)
	tree := func(text string) ast.Expr { x, _ := parse.Expression(text); return x }
	scope := analyze.Scope{Columns: input}
	for _, key := range []string{"k", "i"} {
		b.Run(key, func(b *testing.B) {
			list, err := analyze.GroupKeys([]ast.Expr{tree(key)}, scope, []*expr.Origin{{Text: key}})
			if err != nil {
				b.Fatal(err)
			}
			g, err := analyze.GroupBy(list, []ast.Expr{tree("count(*)"), tree("sum(i)"), tree("max(d)")}, scope, make([]*expr.Origin, 3))
			if err != nil {
				b.Fatal(err)
			}
			o, err := aggregate.New(g.Keys, g.Calls, input)
			if err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			for b.Loop() {
				if err := o.Process(ctx, in); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(n)*float64(b.N)/b.Elapsed().Seconds()/1e6, "Mrows/s")
		})
	}
}
