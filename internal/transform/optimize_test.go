package transform

import (
	"context"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/streamctl/streamctl/internal/codec"
	"github.com/streamctl/streamctl/internal/codec/csv"
	"github.com/streamctl/streamctl/internal/codec/parquet"
	"github.com/streamctl/streamctl/internal/job"
	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/types"
)

// steps turns "select a, b" like lines into job steps.
func steps(t *testing.T, lines ...string) []job.Step {
	t.Helper()
	var out []job.Step
	for _, line := range lines {
		method, rest, _ := strings.Cut(line, " ")
		name, text, _ := strings.Cut(rest, "=")
		named := []job.Named{{Name: strings.TrimSpace(name), Text: job.Text{Text: strings.TrimSpace(text)}}}
		var list []job.Text
		for _, text := range strings.Split(rest, "; ") {
			list = append(list, job.Text{Text: text})
		}
		var step job.Step
		switch method {
		case "withColumn":
			step = job.WithColumn{Columns: named}
		case "withColumnRenamed":
			step = job.WithColumnRenamed{Columns: named}
		case "select":
			step = job.Select{Exprs: list}
		case "drop":
			step = job.Drop{Columns: list}
		case "repartition":
			step = job.Repartition{Keys: list}
		case "filter":
			step = job.Filter{Condition: job.Text{Text: rest}}
		case "sql":
			step = job.SQL{Query: job.Text{Text: rest}}
		case "limit":
			step = job.Limit{Rows: job.Text{Text: rest}}
		default:
			t.Fatalf("unknown step %s", method)
		}
		out = append(out, step)
	}
	return out
}

// codecs are those of the formats that the tests read.
var codecs = map[string]*codec.Codec{"csv": csv.Codec, "parquet": parquet.Codec}

func analyzed(t *testing.T, format string, lines ...string) *Query {
	t.Helper()
	schema, serr := types.ParseDDL("k STRING, a INT, b INT, f DOUBLE, t TINYINT")
	if serr != nil {
		t.Fatal(serr)
	}
	q, err := AnalyzeSteps(context.Background(), SourceInfo{Schema: schema, Format: format, Codec: codecs[format]}, steps(t, lines...), map[string]string{"spark.sql.session.timeZone": "UTC"})
	if err != nil {
		t.Fatal(err)
	}
	return q
}

func TestOptimizerFollowsSpark(t *testing.T) {
	const rel = "StreamingRelation csv "
	for _, c := range []struct {
		name string
		in   []string
		want []string
	}{
		{"unused column is never computed", []string{"withColumn x = 1 / 0", "drop x; a; b; f; t"}, []string{rel + "[k]"}},
		{"filter moves below a column that it does not use", []string{"withColumn q = a / b", "filter b <> 0", "select q"}, []string{
			"Project [(a / b) AS q]", "Filter ((b IS NOT NULL) AND (NOT (b = 0)))", rel + "[a, b] PushedFilters: [(b IS NOT NULL), (NOT (b = 0))]",
		}},
		{"filter on a computed column is pushed as what computes it", []string{"withColumn q = a / b", "filter q > 1", "select k"}, []string{
			"Project [k]", "Filter (((a IS NOT NULL) AND (b IS NOT NULL)) AND ((a / b) > 1.0))", rel + "[k, a, b] PushedFilters: [(a IS NOT NULL), (b IS NOT NULL)]",
		}},
		{"filters merge in written order", []string{"filter 10 / b > 1", "filter b <> 0", "select k"}, []string{
			"Project [k]", "Filter (((b IS NOT NULL) AND ((10.0 / b) > 1.0)) AND (NOT (b = 0)))", rel + "[k, b] PushedFilters: [(b IS NOT NULL), (NOT (b = 0))]",
		}},
		{"an expensive column that is used twice is computed once", []string{"withColumn q = a / b", "select q + q AS r"}, []string{
			"Project [(q + q) AS r]", "Project [(a / b) AS q]", rel + "[a, b]",
		}},
		{"a part of a constructor is taken directly", []string{"withColumn s = named_struct('x', 1 / b, 'y', k)", "select s.y AS y"}, []string{
			"Project [k AS y]", rel + "[k]",
		}},
		{"condition that is never true opens nothing", []string{"filter a = 1 AND false"}, []string{"Empty [k, a, b, f, t]"}},
		{"NULL in NOT IN leaves no row", []string{"filter a NOT IN (1, NULL)", "select k"}, []string{"Empty [k]"}},
		{"neutral elements of integers go", []string{"select a + 0 AS p; 1 * a AS q; f + 0 AS r"}, []string{
			"Project [a AS p, a AS q, (f + 0.0) AS r]", rel + "[a, f]",
		}},
		{"constants of integer chains come together", []string{"select a + 1 + 2 AS p"}, []string{"Project [(a + 3) AS p]", rel + "[a]"}},
		{"literal out of the column's range", []string{"filter t < 300", "select k"}, []string{
			"Project [k]", "Filter (t IS NOT NULL)", rel + "[k, t] PushedFilters: [(t IS NOT NULL)]",
		}},
		{"a list of one value is a comparison", []string{"filter a IN (1, 1)", "select k"}, []string{
			"Project [k]", "Filter ((a IS NOT NULL) AND (a = 1))", rel + "[k, a] PushedFilters: [(a IS NOT NULL), (a = 1)]",
		}},
		{"common conjuncts come out of OR", []string{"filter (a = 1 AND b = 2) OR (a = 1 AND b = 3)", "select k"}, []string{
			"Project [k]", "Filter (((a IS NOT NULL) AND (a = 1)) AND ((b = 2) OR (b = 3)))", rel + "[k, a, b] PushedFilters: [(a IS NOT NULL), (a = 1), ((b = 2) OR (b = 3))]",
		}},
		{"equality with a constant is used elsewhere", []string{"filter a = 1 AND b = a", "select k"}, []string{
			"Project [k]", "Filter ((((a IS NOT NULL) AND (b IS NOT NULL)) AND (a = 1)) AND (b = 1))", rel + "[k, a, b] PushedFilters: [(a IS NOT NULL), (b IS NOT NULL), (a = 1), (b = 1)]",
		}},
		{"case with equal results", []string{"select CASE WHEN a > 1 THEN k ELSE k END AS x"}, []string{"Project [k AS x]", rel + "[k]"}},
		{"if to a truth value", []string{"select if(a > 1, true, false) AS x"}, []string{"Project [((a > 1) <=> true) AS x]", rel + "[a]"}},
		{"change of case collapses", []string{"select upper(lower(k)) AS x"}, []string{"Project [upper(k) AS x]", rel + "[k]"}},
		{"rand keeps a filter above it, other columns go above the filter", []string{
			"withColumn q = a / b", "withColumn r = rand(1)", "filter b <> 0", "select q; r + 1 AS r",
		}, []string{
			"Project [q, (r + 1.0) AS r]", "Project [b, (a / b) AS q, r]", "Filter ((b IS NOT NULL) AND (NOT (b = 0)))", "Project [b, rand(1) AS r, a]", rel + "[a, b]",
		}},
		{"rand against a bound it cannot reach", []string{"filter rand() < 2", "select k"}, []string{rel + "[k]"}},
		{"filter on a dropped column", []string{"drop b; f; t", "filter b > 1"}, []string{
			"Project [k, a]", "Filter ((b IS NOT NULL) AND (b > 1))", rel + "[k, a, b] PushedFilters: [(b IS NOT NULL), (b > 1)]",
		}},
		{"an aggregation runs below a condition that is never true", []string{"sql SELECT k, count(*) AS n FROM stream GROUP BY k", "filter n IS NULL"}, []string{
			"Project [k, count(1) AS n]", "Filter false",
			"StateStoreSave [k] [count(1)], state 0: (k STRING) -> (count BIGINT), groups that change come out, and all are kept",
			"Exchange hashpartitioning(k, 200)", "PartialAggregate [k] [count(1)]", rel + "[k]",
		}},
		{"a condition on keys that is never true moves below", []string{"sql SELECT k IS NULL AS k, count(*) AS n FROM stream GROUP BY 1", "filter k IS NULL"}, []string{
			"Project [k, count(1) AS n]",
			"StateStoreSave [k] [count(1)], state 0: (_groupingexpression BOOLEAN) -> (count BIGINT), groups that change come out, and all are kept",
			"Exchange hashpartitioning(k, 200)", "PartialAggregate [(k IS NULL) AS k] [count(1)]", "Empty [k]",
		}},
		{"a limit of no rows has no state", []string{"filter a = 1 AND false", "limit 2", "select k"}, []string{"Empty [k]"}},
		{"limit 0 opens nothing", []string{"limit 0", "select k"}, []string{"Empty [k]"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			p, err := analyzed(t, "csv", c.in...).Optimize(context.Background())
			if err != nil {
				t.Fatal(err)
			}
			if got, want := strings.Join(p.Explain(), "\n"), strings.Join(c.want, "\n"); got != want {
				t.Errorf("got\n%s\nwant\n%s", got, want)
			}
		})
	}
}

// As recorded with Spark 4.3.0: which conditions become false while planning, and which are left to the reader.
func TestContradictionsReadNothing(t *testing.T) {
	for _, c := range []struct {
		steps []string
		empty bool
	}{
		{[]string{"filter a = 1 AND a = 2"}, true},
		{[]string{"filter 2 = a AND 1 = a"}, true},
		{[]string{"filter a = 1 AND a = 1"}, false},
		{[]string{"filter a > 5 AND a < 2"}, false},
		{[]string{"filter a = 1 AND a > 2"}, true},
		{[]string{"filter a = 1 AND NOT (a = 1)"}, true},
		{[]string{"filter a = 1 AND b = 2 AND a = 3"}, true},
		{[]string{"filter a IN (1, 2) AND a = 3"}, false},
		{[]string{"filter a IN (1) AND a = 3"}, true},
		{[]string{"filter a IN (NULL)"}, true},
		{[]string{"filter a = 1 AND a IN (2, 3)"}, false},
		{[]string{"filter a IS NULL AND a = 2"}, false},
		{[]string{"filter a <=> NULL AND a = 1"}, false},
		{[]string{"filter a <=> 1 AND a <=> 2"}, true},
		{[]string{"filter a IS NULL AND a IS NOT NULL"}, false},
		{[]string{"filter a > 5 AND NOT (a > 5)"}, true},
		{[]string{"filter a > 5 AND a <= 5"}, true},
		{[]string{"filter a = b AND a = 1 AND b = 2"}, true},
		{[]string{"filter a < a"}, true},
		{[]string{"filter a != a"}, true},
		{[]string{"filter a = a AND a IS NULL"}, false},
		{[]string{"filter a = 1.5D"}, true},
		{[]string{"filter a > 99999999999L"}, true},
		{[]string{"filter a BETWEEN 5 AND 2"}, false},
		{[]string{"filter a = 1 AND a BETWEEN 3 AND 5"}, true},
		{[]string{"filter (a = 1 OR a = 2) AND a = 3"}, true},
		{[]string{"filter a = 1 OR (a = 2 AND a = 3)"}, false},
		{[]string{"filter a = 1 AND CASE WHEN a = 1 THEN false ELSE true END"}, true},
		{[]string{"filter abs(a) = 1 AND abs(a) = 2"}, false},
		{[]string{"filter rand() > 2 AND a = 1 AND a = 2"}, true},
		{[]string{"filter a = 1", "filter a = 2"}, true},
		{[]string{"filter a = 1", "select a AS y; explode(array(1)) AS z", "filter y = 5"}, true},
		{[]string{"select a; a AS y", "filter a = 5 AND y = 6"}, true},
	} {
		p, err := analyzed(t, "csv", c.steps...).Optimize(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		if got := len(p.Inputs) == 0; got != c.empty {
			t.Errorf("%v: reads nothing is %v:\n%s", c.steps, got, strings.Join(p.Explain(), "\n"))
		}
	}
}

func TestLiteralsAreCutToTheColumnsType(t *testing.T) {
	for in, want := range map[string]string{
		"a > 1.5D": "a > 1", "a >= 1.5D": "a > 1", "a < 1.5D": "a <= 1", "a <= 1.5D": "a <= 1",
		"a > -1.5D": "a >= -1", "a >= -1.5D": "a >= -1", "a < -1.5D": "a < -1", "a <= -1.5D": "a < -1",
		"a = 2.0D": "a = 2", "a < double('NaN')": "a IS NOT NULL", "a <= 2147483647L": "a IS NOT NULL", "a < 2147483647L": "a < 2147483647",
		"a >= -2147483648D": "a IS NOT NULL", "t > 100.5F": "t > 100",
	} {
		p, err := analyzed(t, "csv", "filter "+in, "select k").Optimize(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		if column := in[:1]; !strings.HasSuffix(want, " IS NOT NULL") {
			want = "(" + column + " IS NOT NULL) AND (" + want + ")"
		}
		if got := p.Explain()[1]; got != "Filter ("+want+")" {
			t.Errorf("%s: %s, want %s", in, got, want)
		}
	}
}

func TestConstantsThatFailDoSoWhilePlanning(t *testing.T) {
	for _, c := range []struct {
		name      string
		in        []string
		condition string // "" for none
	}{
		{"used", []string{"select 1 / 0 AS x"}, "DIVIDE_BY_ZERO"},
		{"unused", []string{"withColumn x = 1 / 0", "select k"}, ""},
		{"in a branch", []string{"select if(a = 99, 1 / 0, 5) AS x"}, ""},
		{"behind false", []string{"filter false AND 1 / 0 > 1"}, ""},
		{"before false", []string{"filter 1 / 0 > 1 AND false"}, "DIVIDE_BY_ZERO"},
		{"behind a condition on a column", []string{"filter b = 99 AND 1 / 0 > 1"}, "DIVIDE_BY_ZERO"},
		{"by a known column", []string{"filter b = 0 AND 10 / b > 1"}, "DIVIDE_BY_ZERO"},
		{"brought together", []string{"select a + 2147483647 + 1 AS p"}, "ARITHMETIC_OVERFLOW"},
		{"in a list", []string{"filter a IN (1, 1 div 0)"}, "DIVIDE_BY_ZERO"},
		{"in a branch that is all that is left", []string{"select a + if(false, b, 1 div 0) AS x"}, ""},
		{"around a branch that is all that is left", []string{"select a + abs(if(false, b, 1 div 0)) AS x"}, "DIVIDE_BY_ZERO"},
		{"behind the first operand of coalesce that counts", []string{"select substring(k, int(nvl('x', k)), 1 div 0) AS x"}, "CAST_INVALID_INPUT"},
		{"as a text for a date", []string{"select if(a = 99, date(string(1 / 0)), NULL) AS x"}, "DIVIDE_BY_ZERO"},
		{"beside NULL", []string{"select int('x') + int(NULL) AS x"}, ""},
		{"as a text for a date beside NULL", []string{"select datediff(date(string(1 / 0)), NULL) AS x"}, "DIVIDE_BY_ZERO"},
		{"in a call that catches it", []string{"select try_add(timestamp'2020-01-01 00:00:00', interval 1 day * int('x')) AS x"}, ""},
		{"in a call that catches it, beside a column", []string{"select try_add(a, int('x')) AS x"}, "CAST_INVALID_INPUT"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := analyzed(t, "csv", c.in...).Optimize(context.Background())
			got := ""
			if e := sparkerr.Root(err); e != nil {
				got = e.Condition
			}
			if got != c.condition {
				t.Errorf("condition %q, want %q (%v)", got, c.condition, err)
			}
		})
	}
}

func TestWordsForTimesAreTheBatchs(t *testing.T) {
	q := analyzed(t, "csv", "select date('today') AS a; cast('Yester' || 'day UTC' AS timestamp) AS b; cast('epoch' AS timestamp_ntz) AS c; DATE'tomorrow' AS d; cast('now' AS date) AS e")
	p, err := q.Optimize(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	const want = "Project [current_date() AS a, date_add(current_date(), -1) AS b, TIMESTAMP_NTZ '1970-01-01 00:00:00' AS c, " +
		"date_add(current_date(), 1) AS d, current_date() AS e]"
	if got := p.Explain()[0]; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestReadersThatTakeNoFilters(t *testing.T) {
	p, err := analyzed(t, "text", "filter a > 1").Optimize(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	if f, _ := p.Inputs[0].NewFilters(); f != nil {
		t.Errorf("pushed %v into the text reader", p.Explain())
	}
}

// Each of these took quadratic or exponential time, so that the larger ones never ended.
func TestLargeJobsArePlanned(t *testing.T) {
	repeat := func(n int, line string) []string { return slices.Repeat([]string{line}, n) }
	chain := func(n int, operand, separator string) string {
		return strings.Join(slices.Repeat([]string{operand}, n), separator)
	}
	numbers := make([]string, 50_000)
	for i := range numbers {
		numbers[i] = strconv.Itoa(i)
	}
	for name, lines := range map[string][]string{
		"IN of 50,000 values":      {"filter a IN (" + strings.Join(numbers, ",") + ")"},
		"IN of 5,000 columns":      {"filter a IN (" + chain(5_000, "b + 1", ",") + ")"},
		"5,000 operands of ||":     {"withColumn c=" + chain(5_000, "k", "||")},
		"5,000 operands of +":      {"withColumn c=" + chain(5_000, "a + 1", " + ")},
		"5,000 conditions":         {"filter " + chain(5_000, "a > 1", " AND ")},
		"2,000 columns":            {"select " + chain(2_000, "a + 1 AS c", "; ")},
		"60 doublings of a number": append([]string{"withColumn c=1L"}, repeat(60, "withColumn c=c + c")...),
		"60 doublings, a filter":   append(append([]string{"withColumn c=a"}, repeat(60, "withColumn c=c + c")...), "filter c = 0"),
		"60 doublings of a column": append([]string{"withColumn c=a + 0"}, repeat(60, "withColumn c=c + c")...),
	} {
		q := analyzed(t, "csv", lines...)
		p, err := q.Optimize(context.Background())
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if _, err := p.Stages[0].NewPipeline(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestAnExpressionThatDoublesWithoutEndIsRefused(t *testing.T) {
	q := analyzed(t, "csv", "filter "+strings.Repeat("nullif(", 60)+"a"+strings.Repeat(", 1)", 60)+" > 0")
	if _, err := q.Optimize(context.Background()); err == nil || !strings.Contains(err.Error(), "an expression is too large") {
		t.Errorf("error %v", err)
	}
}

// TestManyStepsAreNotPlannedAgainAndAgain counts what planning allocates: each step lists the columns it hands on, so four times the
// steps may take some sixteen times as much. Filters that look through all steps below, one step a round, took sixty times as much.
func TestManyStepsAreNotPlannedAgainAndAgain(t *testing.T) {
	for name, text := range map[string]string{
		"filters": "filter a > #", "columns and filters": "withColumn x#=a + #\nfilter x# > 0", "dropped columns": "withColumn x#=a + #\ndrop x#\nfilter x# > 0",
	} {
		plan := func(n int) float64 {
			var lines []string
			for i := range n {
				lines = append(lines, strings.Split(strings.ReplaceAll(text, "#", strconv.Itoa(i)), "\n")...)
			}
			return testing.AllocsPerRun(1, func() {
				if _, err := analyzed(t, "csv", lines...).Optimize(context.Background()); err != nil {
					t.Fatal(err)
				}
			})
		}
		if few, many := plan(50), plan(200); many > 20*few {
			t.Errorf("%s: %.0f allocations for 50 steps, %.0f for 200", name, few, many)
		}
	}
}

func TestLargeConstantsAreLeftToTheRun(t *testing.T) {
	lines := []string{"withColumn c='ab'"}
	for range 60 {
		lines = append(lines, "withColumn c=c || c")
	}
	before := allocated()
	plan, err := analyzed(t, "csv", append(lines, "select length(repeat('a', 20000000)) AS n; c")...).Optimize(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	if took := allocated() - before; took > 300<<20 {
		t.Errorf("planning allocates %d bytes", took)
	}
	if text := strings.Join(plan.Explain(), "\n"); !strings.Contains(text, "length(repeat(a, 20000000))") {
		t.Errorf("%.1000s", text)
	}
}

func allocated() uint64 {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.TotalAlloc
}
