package analyze_test

import (
	"strings"
	"testing"

	"github.com/streamctl/streamctl/internal/sql/analyze"
	"github.com/streamctl/streamctl/internal/sql/ast"
	"github.com/streamctl/streamctl/internal/sql/expr"
	"github.com/streamctl/streamctl/internal/sql/parse"
	"github.com/streamctl/streamctl/internal/types"
)

// groups analyses a SELECT over the columns ts, k and v of a relation t.
func groups(text string) (*analyze.Groups, error) {
	scope := scopeOf([]types.Field{
		{Name: "ts", Type: types.Timestamp, Nullable: true}, {Name: "k", Type: types.String, Nullable: true}, {Name: "v", Type: types.Int, Nullable: true},
	}, "t")
	q, perr := parse.Query(text)
	if perr != nil {
		return nil, perr
	}
	s := q.Body.(*ast.Select)
	b := analyze.Block{Items: s.Items, GroupBy: s.GroupBy, Having: s.Having, OrderBy: q.OrderBy, KeysFirst: s.Pipe == "AGGREGATE"}
	return b.Select(scope, &expr.Origin{Text: text})
}

// shown prints named expressions as name=expression.
func shown(list []*expr.Expr) string {
	texts := make([]string, len(list))
	for i, x := range list {
		texts[i] = x.Name
		if x.Kind == expr.Alias {
			texts[i] += "=" + x.Args[0].SQL()
		}
	}
	return strings.Join(texts, ", ")
}

func TestSelectOverGroups(t *testing.T) {
	for _, c := range []struct{ text, keys, calls, output, rest string }{
		{"SELECT k, count(*) AS n, sum(v) + 1 AS s FROM t GROUP BY k", "k", "count(1)=count(1), sum(v)=sum(v)", "k, n=count(1), s=(sum(v) + 1)", ""},
		{"SELECT K, max(t.v) FROM t GROUP BY t.k", "k", "max(v)=max(v)", "K, max(v)=max(v)", ""},
		{"SELECT upper(k) AS u, count(*) FROM t GROUP BY u", "u=upper(k)", "count(1)=count(1)", "u=u, count(1)=count(1)", ""},
		{"SELECT upper(k) || 'x' AS u, v FROM t GROUP BY upper(k), 2", "upper(k)=upper(k), v", "", "u=concat(upper(k), x), v", ""},
		{"SELECT k AS v, count(*) FROM t GROUP BY v", "v", "", "", "MISSING_AGGREGATION"}, // a column comes before an alias
		{"SELECT k AS v, count(*) FROM t GROUP BY k, v", "k, v", "count(1)=count(1)", "v=k, count(1)=count(1)", ""},
		{"SELECT k, v + 1 AS w, sum(v) FROM t GROUP BY ALL", "k, w=(v + 1)", "sum(v)=sum(v)", "k, w=w, sum(v)=sum(v)", ""},
		{"SELECT *, 1 AS one FROM t GROUP BY ALL", "ts, k, v, one=1", "", "ts, k, v, one=1", ""},
		{"SELECT count(*) FROM t HAVING count(*) > 2", "", "count(1)=count(1)", "count(1)=count(1)", "having (count(1) > 2)"},
		{"SELECT k, count(*) AS n FROM t GROUP BY k HAVING n > 2 AND sum(v) > 1 AND k = 'a'", "k", "count(1)=count(1), sum(v)=sum(v)", "k, n=count(1)",
			"having (((count(1) > 2) AND (sum(v) > 1)) AND (k = a))"},
		{"SELECT k, sum(v) AS v FROM t GROUP BY k HAVING v > 2", "k", "sum(v)=sum(v)", "k, v=sum(v)", "having (sum(v) > 2)"},
		{"SELECT v, sum(v) AS k FROM t GROUP BY v HAVING v > 2", "v", "sum(v)=sum(v)", "v, k=sum(v)", "having (v > 2)"},
		{"SELECT k, sum(v) AS v FROM t GROUP BY k ORDER BY v + 1, sum(v), max(ts), k, 2", "k", "sum(v)=sum(v), max(ts)=max(ts)", "k, v=sum(v)",
			"order (v + 1), sum(v), max(ts), k, v"},
		{"SELECT k, count(*) AS n FROM t GROUP BY k ORDER BY ALL", "k", "count(1)=count(1)", "k, n=count(1)", "order k, n"},
		{"SELECT upper(k) AS u FROM t GROUP BY upper(k) ORDER BY upper(k), u", "upper(k)=upper(k)", "", "u=upper(k)", "order upper(k), u"},
		{"SELECT window.start, window, window.end AS e, count(*) FROM t GROUP BY window(ts, '5 minutes') ORDER BY window.end", "window=window", "count(1)=count(1)",
			"start=window.start, window=window, e=window.end, count(1)=count(1)", "order window.end"},
		{"SELECT window(ts, '5 minutes').start AS s FROM t GROUP BY window(ts, '5 minutes')", "window=window", "", "s=window.start", ""},
		{"SELECT k, count(*) AS n, n + 1 AS m FROM t GROUP BY k", "k", "count(1)=count(1)", "k, n=count(1), m=(count(1) + 1)", ""},
		{"SELECT k FROM t GROUP BY k, upper(k), K, t.k", "k, upper(k)=upper(k)", "", "k", ""},
		{"FROM t |> AGGREGATE count(*) AS n GROUP BY 2, v", "k, v", "count(1)=count(1)", "k, v, n=count(1)", ""},
		{"SELECT k, count(*) FROM t", "", "", "", "MISSING_GROUP_BY"},
		{"SELECT v FROM t GROUP BY k", "", "", "", "MISSING_AGGREGATION"},
		{"SELECT k FROM t GROUP BY k HAVING v > 1", "", "", "", "UNRESOLVED_COLUMN.WITH_SUGGESTION"},
		{"SELECT k FROM t GROUP BY k HAVING k", "", "", "", "DATATYPE_MISMATCH.FILTER_NOT_BOOLEAN"},
		{"SELECT k FROM t GROUP BY k ORDER BY v", "", "", "", "UNRESOLVED_COLUMN.WITH_SUGGESTION"},
		{"SELECT k, k FROM t GROUP BY k ORDER BY k", "k", "", "k, k", "order k"},
		{"SELECT k, count(*) AS k FROM t GROUP BY k ORDER BY k", "k", "count(1)=count(1)", "k, k=count(1)", "order k"},
		{"SELECT max(v) AS n, min(v) AS n FROM t ORDER BY n", "", "", "", "AMBIGUOUS_REFERENCE"},
		{"SELECT avg(v) AS m, m * 2 FROM t", "", "avg(v)=avg(v)", "m=avg(v), (lateralAliasReference(m) * 2)=(avg(v) * 2)", ""},
		{"SELECT window_time(window) FROM t GROUP BY window(ts, '5 minutes')", "", "", "", "MISSING_AGGREGATION"},
		{"SELECT k FROM t GROUP BY count(v)", "", "", "", "GROUP_BY_AGGREGATE"},
		{"SELECT count(v) AS n FROM t GROUP BY n", "", "", "", "GROUP_BY_AGGREGATE"},
		{"SELECT count(v) FROM t GROUP BY 1", "", "", "", "GROUP_BY_POS_AGGREGATE"},
		{"SELECT k FROM t GROUP BY 2", "", "", "", "GROUP_BY_POS_OUT_OF_RANGE"},
		{"SELECT k FROM t GROUP BY -1", "", "", "", "GROUP_BY_POS_OUT_OF_RANGE"},
		{"SELECT * FROM t GROUP BY 1", "", "", "", "STAR_GROUP_BY_POS"},
		{"SELECT k FROM t GROUP BY k ORDER BY 2", "", "", "", "ORDER_BY_POS_OUT_OF_RANGE"},
		{"SELECT k, v + sum(v) FROM t GROUP BY ALL", "", "", "", "MISSING_AGGREGATION"},
		{"SELECT max(count(v)) FROM t", "", "", "", "NESTED_AGGREGATE_FUNCTION"},
		{"SELECT count(*) AS n, sum(n) FROM t", "", "", "", "UNSUPPORTED_FEATURE.LATERAL_COLUMN_ALIAS_IN_AGGREGATE_FUNC"},
		{"SELECT count(*) AS n FROM t ORDER BY sum(n)", "", "", "", "NESTED_AGGREGATE_FUNCTION"},
		{"SELECT k FROM t GROUP BY nope", "", "", "", "UNRESOLVED_COLUMN.WITH_SUGGESTION"},
		{"SELECT k FROM t GROUP BY explode(array(v))", "", "", "", "UNSUPPORTED_GENERATOR.OUTSIDE_SELECT"},
		{"SELECT grouping(k) FROM t GROUP BY k", "", "", "", "UNSUPPORTED_GROUPING_EXPRESSION"},
		{"SELECT grouping(ts) FROM t GROUP BY k WITH ROLLUP", "", "", "", "GROUPING_COLUMN_MISMATCH"},
		{"SELECT grouping_id(v) FROM t GROUP BY ROLLUP(k, v)", "", "", "", "GROUPING_ID_COLUMN_MISMATCH"},
		{"FROM t |> AGGREGATE k, count(*) GROUP BY k", "", "", "", "PIPE_OPERATOR_AGGREGATE_EXPRESSION_CONTAINS_NO_AGGREGATE_FUNCTION"},
		{"SELECT row_number() OVER (ORDER BY k) FROM t GROUP BY k", "", "", "", "NON_TIME_WINDOW_NOT_SUPPORTED_IN_STREAMING"},
	} {
		g, err := groups(c.text)
		if err != nil {
			if e := asError(err); e == nil || e.Condition != c.rest || e.Fragment == nil {
				t.Errorf("%s: %v, want %q with its place", c.text, err, c.rest)
			}
			continue
		}
		rest := ""
		if g.Having != nil {
			rest = "having " + g.Having.SQL()
		}
		for i, x := range g.OrderBy {
			rest += []string{"order ", ", "}[min(i, 1)] + x.SQL()
		}
		if shown(g.Keys) != c.keys || shown(g.Calls) != c.calls || shown(g.Output) != c.output || rest != c.rest {
			t.Errorf("%s\n keys %q, want %q\n calls %q, want %q\n output %q, want %q\n rest %q, want %q",
				c.text, shown(g.Keys), c.keys, shown(g.Calls), c.calls, shown(g.Output), c.output, rest, c.rest)
		}
	}
}

func TestGroupingSets(t *testing.T) {
	for text, want := range map[string]string{
		"ROLLUP(k, v)":                       "k, v: 00 01 11",
		"k, v WITH ROLLUP":                   "k, v: 00 01 11",
		"CUBE(k, v)":                         "k, v: 00 01 10 11",
		"ROLLUP((k, v), ts)":                 "k, v, ts: 000 001 111",
		"GROUPING SETS ((k), (v), ())":       "k, v: 01 10 11",
		"k, v GROUPING SETS (v, (v, k))":     "k, v: 10 00",
		"k, ROLLUP(v)":                       "k, v: 00 01",
		"CUBE(k), CUBE(v)":                   "k, v: 00 01 10 11",
		"GROUPING SETS (k, ROLLUP(v), k)":    "k, v: 01 10 11 01 numbered",
		"GROUPING SETS ((k, k), upper(t.k))": "k, upper(k): 01 10",
	} {
		g, err := groups("SELECT count(*), sum(v) FROM t GROUP BY " + text)
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		got := strings.Join(namesOf(g.Keys), ", ") + ":"
		for _, mask := range g.Sets.Masks {
			got += " "
			for k := range g.Keys {
				got += string(rune('0' + mask>>(len(g.Keys)-1-k)&1))
			}
		}
		if g.Sets.Position != nil {
			got += " numbered"
		}
		if got != want {
			t.Errorf("%s: %s, want %s", text, got, want)
		}
	}
}

func namesOf(list []*expr.Expr) (names []string) {
	for _, x := range list {
		names = append(names, x.Name)
	}
	return names
}

// TestKeysOfGroupingSetsAreTheCopies: outside of aggregates a key is that of the copy for a set, which may be NULL, inside it is the value
// of the row.
func TestKeysOfGroupingSetsAreTheCopies(t *testing.T) {
	g, err := groups("SELECT v, sum(v), grouping(v), grouping_id(k, v), v + 1 FROM t GROUP BY k, v WITH CUBE HAVING grouping(k) = 0 ORDER BY grouping_id()")
	if err != nil {
		t.Fatal(err)
	}
	if v := g.Output[0]; v.ID != g.Sets.Columns[1].ID || !v.Nullable {
		t.Errorf("the key is %+v", v)
	}
	if arg := g.Calls[0].Args[0].Args[0]; bare(arg).ID != g.Keys[1].ID {
		t.Errorf("the aggregate is over %+v", arg)
	}
	if got := shown(g.Output[2:4]); got != "grouping(v)=((spark_grouping_id >> 0) & 1), grouping_id(k, v)=spark_grouping_id" {
		t.Error(got)
	}
	if g.Output[2].Type.Kind != types.KindByte || g.Output[3].Type.Kind != types.KindLong {
		t.Errorf("types %s, %s", g.Output[2].Type, g.Output[3].Type)
	}
	if got := g.Having.SQL() + " " + g.OrderBy[0].SQL(); got != "(((spark_grouping_id >> 1) & 1) = 0) spark_grouping_id" {
		t.Error(got)
	}
}

func bare(x *expr.Expr) *expr.Expr {
	for x.Kind == expr.Cast || x.Kind == expr.Alias {
		x = x.Args[0]
	}
	return x
}

func TestTooManyGroupingSetsAreRefused(t *testing.T) {
	keys := make([]string, 40)
	for i := range keys {
		keys[i] = "v + " + strings.Repeat("1", i/9+1) + string(rune('1'+i%9))
	}
	list := strings.Join(keys, ", ")
	for _, by := range []string{"CUBE(" + list + ")", "GROUPING SETS (CUBE(" + list + "))", "CUBE(" + list + "), CUBE(" + list + ")", strings.Repeat("ROLLUP("+list+"), ", 9) + "k"} {
		_, err := groups("SELECT count(*) FROM t GROUP BY " + by)
		if err == nil || !strings.Contains(err.Error(), "more than 4096 grouping sets") {
			t.Errorf("%.30s: %v", by, err)
		}
	}
	wide := strings.Repeat(list+", ", 1)
	for i := range 30 {
		wide += "v * 1" + string(rune('0'+i/10)) + string(rune('0'+i%10)) + ", "
	}
	_, err := groups("SELECT count(*) FROM t GROUP BY ROLLUP(" + wide + "k)")
	if e := asError(err); e == nil || e.Condition != "GROUPING_SIZE_LIMIT_EXCEEDED" {
		t.Error(err)
	}
}
