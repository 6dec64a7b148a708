package transform

import (
	"context"
	"errors"
	"os"
	"strings"
	"testing"

	"github.com/streamctl/streamctl/internal/job"
	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/types"
)

// query analyses a query over the columns ts, k, v and a.
func query(t *testing.T, text string) (*Query, error) {
	t.Helper()
	schema, err := types.ParseDDL("ts TIMESTAMP, k STRING, v INT, a ARRAY<INT>")
	if err != nil {
		t.Fatal(err)
	}
	place := &sparkerr.Place{File: "job.yaml", Line: 3}
	step := job.SQL{Query: job.Text{Text: text, Place: place}}
	return AnalyzeSteps(context.Background(), SourceInfo{Schema: schema, Format: "csv", Files: true}, []job.Step{step}, nil)
}

func TestQueriesBecomePlans(t *testing.T) {
	for _, c := range []struct{ text, plan string }{
		{"SELECT k FROM stream WHERE v > 1", "Project [k]; Filter (v > 1)"},
		{"SELECT s.k FROM stream s WHERE s.v > 1", "Project [k]; Filter (v > 1)"},
		{"SELECT S.K FROM STREAM STREAM AS s", "Project [K]"},
		{"SELECT x FROM stream AS s (w, x, y, z)", "Project [x]; Project [ts AS w, k AS x, v AS y, a AS z]"},
		{"SELECT * FROM stream WHERE _metadata.file_size > 1", "Project [ts, k, v, a]; Project [ts, k, v, a]; Filter (_metadata.file_size > 1)"},
		{"SELECT t.k FROM (SELECT k, v FROM stream) t WHERE t.v > 1", "Project [k]; Filter (v > 1); Project [k, v]"},
		{"SELECT k FROM (stream s) WHERE s.v > 1", "Project [k]; Filter (v > 1)"},
		{"WITH x AS (SELECT k AS q FROM stream), y (z) AS (SELECT q FROM x) SELECT y.z FROM y", "Project [z]; Project [q AS z]; Project [q]; Project [k AS q]"},
		{"WITH stream AS (SELECT k FROM stream) SELECT * FROM stream", "Project [k]; Project [k]"},
		{"WITH unused AS (SELECT count(*) FROM stream) TABLE stream", ""},
		{"SELECT k, t.x, u.i, y FROM stream LATERAL VIEW explode(a) t AS x LATERAL VIEW OUTER posexplode(a) u AS i, y WHERE x > 1",
			"Project [k, x, i, y]; Filter (x > 1); Generate posexplode_outer(a) [i, y]; Generate explode(a) [x]"},
		{"FROM stream |> WHERE stream.v > 0 |> EXTEND v + 1 AS w |> DROP a, ts |> AS t |> SET w = t.w * 2, v = 1 |> SELECT t.k, w, v",
			"Project [k, w, v]; Project [k, 1 AS v, w]; Project [k, v, (w * 2) AS w]; Project [k, v, w]; Project [ts, k, v, a, (v + 1) AS w]; Filter (v > 0)"},
		{"FROM stream SELECT k WHERE v > 1", "Project [k]; Filter (v > 1)"},
		{"SELECT k FROM stream LIMIT 1 + 1", "GlobalLimit 2; Project [k]"},
		{"SELECT k FROM stream TABLESAMPLE (5 ROWS) s", "Project [k]; GlobalLimit 5"},
		{"SELECT k FROM stream LIMIT ALL", "Project [k]"},
		{"SELECT DISTINCT k, v + 1 AS w FROM stream", "Aggregate [k, w] []; Project [k, (v + 1) AS w]"},
		{"SELECT k FROM stream ORDER BY v DESC, stream.k NULLS LAST", "Project [k]; Sort [v DESC NULLS LAST, k ASC NULLS LAST]; Project [k, v]"},
		{"SELECT k AS v, v AS k FROM stream ORDER BY v, 2", "Sort [v ASC NULLS FIRST, k ASC NULLS FIRST]; Project [k AS v, v AS k]"},
		{"SELECT k, v FROM stream ORDER BY ALL DESC", "Sort [k DESC NULLS LAST, v DESC NULLS LAST]; Project [k, v]"},
		{"SELECT k, count(*) AS n FROM stream GROUP BY k HAVING sum(v) > 3 ORDER BY n DESC, max(v) LIMIT 2",
			"GlobalLimit 2; Project [k, n]; Sort [n DESC NULLS LAST, max(v) ASC NULLS FIRST]; Project [k, count(1) AS n, max(v)]; Filter (sum(v) > 3); " +
				"Project [k, count(1), sum(v), max(v)]; Aggregate [k] [count(1), sum(v), max(v)]"},
		{"SELECT window.start AS s, k FROM stream GROUP BY window(ts, '5 minutes'), k",
			"Project [window.start AS s, k]; Project [window, k]; Aggregate [window, k] []; ..."},
		{"FROM stream |> AGGREGATE count(*) AS n GROUP BY upper(k)",
			"Project [upper(k), count(1) AS n]; Project [upper(k), count(1)]; Aggregate [upper(k)] [count(1)]"},
		{"SELECT k, sum(v) FROM stream GROUP BY k, v WITH ROLLUP",
			"Project [k, sum(v)]; Project [k, v, spark_grouping_id, sum(v)]; Aggregate [k, v, spark_grouping_id] [sum(v)]; " +
				"Expand [[ts, k, v, a, k, v, 0], [ts, k, v, a, k, NULL, 1], [ts, k, v, a, NULL, NULL, 3]] [ts, k, v, a, k, v, spark_grouping_id]"},
		{"SELECT k, explode(collect_list(v)) AS x FROM stream GROUP BY k ORDER BY x",
			"Sort [x ASC NULLS FIRST]; Project [k, x]; Generate explode(collect_list(v)) [x]; Project [k, collect_list(v)]; Aggregate [k] [collect_list(v)]"},
		{"SELECT s.k, t.x FROM stream AS s, LATERAL (SELECT s.v + 1 AS x) t WHERE t.x > 1", "Project [k, x]; Filter (x > 1); Project [ts, k, v, a, (v + 1) AS x]"},
		{"SELECT s.k, t.x FROM stream AS s JOIN LATERAL explode(s.a) AS t(x) ON t.x > s.v", "Project [k, x]; Filter (x > v); Generate explode(a) [x]"},
		{"SELECT t.k FROM stream WATERMARK stream.ts DELAY OF INTERVAL 5 MINUTES AS t", "Project [k]; EventTimeWatermark ts, 300000 ms"},
		{"SELECT k FROM stream WATERMARK ts + INTERVAL 1 HOUR AS t DELAY OF INTERVAL '1' MONTH",
			"Project [k]; EventTimeWatermark t, 2678400000 ms; Project [ts, k, v, a, ts + INTERVAL '01' HOUR AS t]"},
		{"FROM stream |> AGGREGATE count(*) AS n GROUP BY upper(k) AS u", "Project [u, count(1) AS n]; Project [u, count(1)]; Aggregate [upper(k) AS u] [count(1)]"},
		{"FROM stream |> SELECT sum(v)", "Project [sum(v)]; Project [sum(v)]; Aggregate [] [sum(v)]"},
		{"SELECT DISTINCT count(*) AS n FROM stream GROUP BY k ORDER BY n",
			"Sort [n ASC NULLS FIRST]; Aggregate [n] []; Project [count(1) AS n]; Project [k, count(1)]; Aggregate [k] [count(1)]"},
	} {
		q, err := query(t, c.text)
		if err != nil {
			t.Errorf("%s: %v", c.text, err)
			continue
		}
		lines := q.Explain()
		got := strings.Join(lines[:len(lines)-1], "; ")
		if start, ok := strings.CutSuffix(c.plan, "..."); ok && strings.HasPrefix(got, start) {
			got = c.plan
		}
		if got != c.plan || !strings.HasPrefix(lines[len(lines)-1], "StreamingRelation") {
			t.Errorf("%s\n got %s\nwant %s", c.text, got, c.plan)
		}
	}
}

func TestNoRowsAtAllNeedNoStream(t *testing.T) {
	q, err := query(t, "SELECT k FROM stream LIMIT 0")
	if err != nil {
		t.Fatal(err)
	}
	if got := q.Explain(); len(got) != 1 || got[0] != "Empty [k]" {
		t.Error(got)
	}
}

// TestQueriesThatAreRefused: the error names what is refused, and marks it in the text.
func TestQueriesThatAreRefused(t *testing.T) {
	for _, c := range []struct{ text, message, marked string }{
		{"SELECT k FROM stream INTERSECT SELECT k FROM stream", "Intersect of streaming DataFrames/Datasets is not supported", "INTERSECT"},
		{"SELECT k FROM stream MINUS SELECT k FROM stream", "Except on a streaming DataFrame/Dataset on the right is not supported", "MINUS"},
		{"SELECT 'a' EXCEPT ALL SELECT k FROM stream", "Except on a streaming DataFrame/Dataset on the right is not supported", "EXCEPT ALL"},
		{"SELECT k FROM stream INTERSECT ALL SELECT 'a'", "Intersect of streaming DataFrames/Datasets is not supported", "INTERSECT ALL"},
		{"SELECT 'a' INTERSECT ALL SELECT k FROM stream", "Intersect of streaming DataFrames/Datasets is not supported", "INTERSECT ALL"},
		{"SELECT 'a' EXCEPT SELECT k FROM stream", "Except on a streaming DataFrame/Dataset on the right is not supported", "EXCEPT"},
		{"SELECT * FROM stream PIVOT (sum(v) FOR k IN ('a'))", "PIVOT is not in", "PIVOT (sum(v) FOR k IN ('a'))"},
		{"SELECT k FROM stream DISTRIBUTE BY k", "DISTRIBUTE BY is not in", "DISTRIBUTE BY k"},
		{"SELECT k FROM stream SORT BY k", "Sorting is not supported on streaming", "SORT BY k"},
		{"SELECT k FROM stream OFFSET 3", "Offset is not supported on streaming", "3"},
		{"SELECT k FROM stream TABLESAMPLE (50 PERCENT)", "Sampling is not supported on streaming", "TABLESAMPLE (50 PERCENT)"},
		{"SELECT k FROM stream WATERMARK k DELAY OF INTERVAL 5 MINUTES", "[EVENT_TIME_IS_NOT_ON_TIMESTAMP_TYPE]", "k"},
		{"SELECT k FROM stream WATERMARK ts DELAY OF INTERVAL -5 MINUTES", "should not be negative", ""},
		{"SELECT k FROM stream WATERMARK ts DELAY OF 5", "DELAY OF needs an interval", "5"},
		{"SELECT k FROM stream VERSION AS OF 3", "VERSION AS OF is not in", "VERSION AS OF 3"},
		{"SELECT /*+ COALESCE(1) */ k FROM stream", "The hint /*+ COALESCE(1) */ is not in", "/*+ COALESCE(1) */"},
		{"WITH RECURSIVE r AS (SELECT 1) SELECT * FROM r", "WITH RECURSIVE is not in", "r AS (SELECT 1)"},
		{"SELECT k FROM stream QUALIFY row_number() OVER (ORDER BY k) = 1", "[NON_TIME_WINDOW_NOT_SUPPORTED_IN_STREAMING]", "row_number() OVER (ORDER BY k)"},
		{"SELECT k FROM stream QUALIFY k = 'a'", "[QUALIFY_REQUIRES_WINDOW_FUNCTION]", "k = 'a'"},
		{"SELECT 1", "[WRITE_STREAM_NOT_ALLOWED]", "SELECT 1"},
		{"SELECT * FROM VALUES (1), (2) AS t(x)", "[WRITE_STREAM_NOT_ALLOWED]", "SELECT * FROM VALUES (1), (2) AS t(x)"},
		{"SELECT * FROM range(10)", "[WRITE_STREAM_NOT_ALLOWED]", "SELECT * FROM range(10)"},
		{"WITH x AS (SELECT 1) SELECT * FROM x", "[WRITE_STREAM_NOT_ALLOWED]", "WITH x AS (SELECT 1) SELECT * FROM x"},
		{"SELECT * FROM a.b", "[TABLE_OR_VIEW_NOT_FOUND] There is no stream or table `a`.`b`", "a.b"},
		{"WITH x AS (SELECT * FROM y) SELECT * FROM stream", "[TABLE_OR_VIEW_NOT_FOUND] There is no stream or table `y`", "y"},
		{"WITH x AS (SELECT k FROM stream), X AS (SELECT 2) SELECT * FROM x", "[DUPLICATED_CTE_NAMES]", "X AS (SELECT 2)"},
		{"SELECT * FROM stream AS s (x, y)", "[ASSIGNMENT_ARITY_MISMATCH] 2 names are given to 4 columns", "stream"},
		{"SELECT (SELECT max(v) FROM stream) FROM stream", "[INVALID_SUBQUERY_EXPRESSION.STREAMING_QUERY]", "(SELECT max(v) FROM stream)"},
		{"SELECT k FROM stream WHERE EXISTS (SELECT 1 FROM stream)", "[INVALID_SUBQUERY_EXPRESSION.STREAMING_QUERY]", "EXISTS (SELECT 1 FROM stream)"},
		{"SELECT k FROM stream WHERE k IN (SELECT x FROM nope)", "[TABLE_OR_VIEW_NOT_FOUND]", "nope"},
		{"SELECT k FROM stream WHERE k IN (SELECT 'a', 'b')", "[DATATYPE_MISMATCH.IN_SUBQUERY_LENGTH_MISMATCH]", "IN (SELECT 'a', 'b')"},
		{"SELECT k FROM stream WHERE v IN (SELECT array(1))", "[DATATYPE_MISMATCH.IN_SUBQUERY_DATA_TYPE_MISMATCH]", "IN (SELECT array(1))"},
		{"SELECT (SELECT 1, 2) FROM stream", "[INVALID_SUBQUERY_EXPRESSION.SCALAR_SUBQUERY_RETURN_MORE_THAN_ONE_OUTPUT_COLUMN]", "(SELECT 1, 2)"},
		{"SELECT transform(a, x -> (SELECT 1)) FROM stream", "[UNSUPPORTED_SUBQUERY_EXPRESSION_CATEGORY.HIGHER_ORDER_FUNCTION]", "(SELECT 1)"},
		{"SELECT k, (SELECT max(col1) FROM VALUES (1) WHERE col1 = v), count(*) FROM stream GROUP BY k", "[SCALAR_SUBQUERY_IS_IN_GROUP_BY_OR_AGGREGATE_FUNCTION]",
			"(SELECT max(col1) FROM VALUES (1) WHERE col1 = v)"},
		{"SELECT (SELECT max(v) FROM VALUES (1)) FROM stream", "[UNSUPPORTED_SUBQUERY_EXPRESSION_CATEGORY.CORRELATED_REFERENCE]", "(SELECT max(v) FROM VALUES (1))"},
		{"SELECT (SELECT max(v + col1) FROM VALUES (1)) FROM stream", "[UNSUPPORTED_SUBQUERY_EXPRESSION_CATEGORY.AGGREGATE_FUNCTION_MIXED_OUTER_LOCAL_REFERENCES]",
			"(SELECT max(v + col1) FROM VALUES (1))"},
		{"SELECT k FROM stream JOIN VALUES (1) ON v = (SELECT max(col1) FROM VALUES (2) WHERE col1 = v)",
			"[UNSUPPORTED_SUBQUERY_EXPRESSION_CATEGORY.UNSUPPORTED_CORRELATED_SCALAR_SUBQUERY]", "(SELECT max(col1) FROM VALUES (2) WHERE col1 = v)"},
		{"SELECT k FROM stream WHERE EXISTS (SELECT 1 FROM VALUES (1) WHERE EXISTS (SELECT 1 FROM VALUES (2) t WHERE t.col1 = v))", "[UNRESOLVED_COLUMN", "v"},
		{"SELECT stream.k FROM stream s", "[UNRESOLVED_COLUMN.WITH_SUGGESTION] There is no column `stream`.`k`", "stream.k"},
		{"SELECT stream.k FROM (SELECT k FROM stream)", "[UNRESOLVED_COLUMN.WITH_SUGGESTION]", "stream.k"},
		{"SELECT k FROM (SELECT k FROM stream) WHERE v > 1", "There is no column `v`", "v"},
		{"SELECT DISTINCT k FROM stream ORDER BY v", "There is no column `v`", "v"},
		{"SELECT DISTINCT map(k, v) AS m FROM stream", "[UNSUPPORTED_FEATURE.SET_OPERATION_ON_MAP_TYPE]", "SELECT DISTINCT map(k, v) AS m FROM stream"},
		{"SELECT DISTINCT parse_json(k) AS j, map(k, v) AS m FROM stream", "[UNSUPPORTED_FEATURE.SET_OPERATION_ON_MAP_TYPE]", "SELECT DISTINCT parse_json(k) AS j, map(k, v) AS m FROM stream"},
		{"SELECT DISTINCT array(parse_json(k)) AS j FROM stream", "[UNSUPPORTED_FEATURE.SET_OPERATION_ON_VARIANT_TYPE]", "SELECT DISTINCT array(parse_json(k)) AS j FROM stream"},
		{"SELECT k FROM stream JOIN (SELECT map(1, 2) EXCEPT SELECT map(1, 2)) ON true", "[UNSUPPORTED_FEATURE.SET_OPERATION_ON_MAP_TYPE]", "SELECT map(1, 2) EXCEPT SELECT map(1, 2)"},
		{"SELECT k FROM stream JOIN (SELECT parse_json('1') INTERSECT ALL SELECT parse_json('1')) ON true", "[UNSUPPORTED_FEATURE.SET_OPERATION_ON_VARIANT_TYPE]",
			"SELECT parse_json('1') INTERSECT ALL SELECT parse_json('1')"},
		{"SELECT k FROM stream JOIN (SELECT parse_json('1') UNION SELECT parse_json('1')) ON true", "[UNSUPPORTED_FEATURE.SET_OPERATION_ON_VARIANT_TYPE]",
			"SELECT parse_json('1') UNION SELECT parse_json('1')"},
		{"SELECT struct(parse_json(k)) AS j, count(*) FROM stream GROUP BY 1", "[GROUP_EXPRESSION_TYPE_IS_NOT_ORDERABLE]", "struct(parse_json(k)) AS j"},
		{"SELECT count(*) FROM stream GROUP BY ROLLUP(k, parse_json(k))", "[GROUP_EXPRESSION_TYPE_IS_NOT_ORDERABLE]", "parse_json(k)"},
		{"SELECT k FROM stream WHERE count(*) > 1", "[INVALID_WHERE_CONDITION]", "count(*)"},
		{"SELECT v FROM stream LIMIT v", "[INVALID_LIMIT_LIKE_EXPRESSION.IS_UNFOLDABLE]", "v"},
		{"SELECT k FROM stream LIMIT -1", "[INVALID_LIMIT_LIKE_EXPRESSION.IS_NEGATIVE]", "-1"},
		{"SELECT k FROM stream LIMIT CAST(NULL AS INT)", "[INVALID_LIMIT_LIKE_EXPRESSION.IS_NULL]", "CAST(NULL AS INT)"},
		{"SELECT k FROM stream LIMIT 1.5", "[INVALID_LIMIT_LIKE_EXPRESSION.DATA_TYPE]", "1.5"},
		{"SELECT k FROM stream LATERAL VIEW upper(k) t AS x", "[UNSUPPORTED_GENERATOR.NOT_GENERATOR]", "upper"},
		{"SELECT * FROM stream s, LATERAL (SELECT k FROM stream) t", "[INVALID_SUBQUERY_EXPRESSION.STREAMING_QUERY]", ","},
		{"SELECT * FROM stream s, LATERAL (SELECT s.v) AS t(x, y)", "[ASSIGNMENT_ARITY_MISMATCH]", "(SELECT s.v) AS t(x, y)"},
		{"FROM stream |> EXTEND sum(v)", "[PIPE_OPERATOR_CONTAINS_AGGREGATE_FUNCTION]", "sum(v)"},
		{"FROM stream |> AGGREGATE count(*) GROUP BY CUBE(k)", "[UNSUPPORTED_FEATURE.PIPE_OPERATOR_AGGREGATE_UNSUPPORTED_CASE]", "CUBE(k)"},
		{"FROM stream |> ORDER BY k LIMIT 3", "[MULTIPLE_QUERY_RESULT_CLAUSES_WITH_PIPE_OPERATORS]", "ORDER BY k LIMIT 3"},
		{"FROM stream |> SET nope = 1", "There is no column `nope`", "nope = 1"},
	} {
		_, err := query(t, c.text)
		var e *sparkerr.Error
		if !errors.As(err, &e) || !strings.Contains(e.Error(), c.message) {
			t.Errorf("%s: %v, want %s", c.text, err, c.message)
			continue
		}
		f := e.Fragment
		if c.marked != "" && (f == nil || f.Place == nil || f.Text[f.Start:f.End] != c.marked) {
			t.Errorf("%s: marks %+v, want %q", c.text, f, c.marked)
		}
	}
}

// unlikeSpark are queries whose analysis differs from Spark's, with the reason.
var unlikeSpark = map[string]string{
	"SELECT k, sum(v) AS v FROM stream GROUP BY k ORDER BY v + 1, sum(v), max(ts), k, 2": "Spark takes v in sum(v) for the alias, and fails",
	"SELECT k FROM stream GROUP BY k HAVING k":                                           "Spark does not check the type",
	"SELECT count(*) AS n FROM stream ORDER BY sum(n)":                                   "nested aggregates",
	"SELECT count(*) AS n FROM stream HAVING sum(n) > 1":                                 "nested aggregates",
	"SELECT k FROM stream GROUP BY explode(array(v))":                                    "the generator is named",
	"SELECT k FROM stream GROUP BY (k, v)":                                               "stream is not a keyword",
	"SELECT (k, v) FROM stream GROUP BY (k, v)":                                          "stream is not a keyword",
	"SELECT k FROM stream LIMIT v":                                                       "stream is not a keyword",
	"SELECT k FROM stream LIMIT k":                                                       "stream is not a keyword",
	"SELECT k FROM stream LIMIT ALL":                                                     "stream is not a keyword",
	"SELECT k FROM stream where":                                                         "stream is not a keyword",
	"SELECT k FROM stream limit":                                                         "stream is not a keyword",
	"SELECT DISTINCT k, count(*) FROM stream GROUP BY k ORDER BY count(*)":               "only the condition",
	"FROM stream |> LIMIT 3 OFFSET 1":                                                    "Spark refuses it when the query starts",
	"SELECT k FROM stream TABLESAMPLE (50 PERCENT)":                                      "Spark refuses it when the query starts",
	"SELECT sum(v) OVER w FROM stream WINDOW w AS (ORDER BY k)":                          "Spark refuses it when the query starts",
	"SELECT k, rank() OVER (ORDER BY count(*)) FROM stream GROUP BY k":                   "Spark refuses it when the query starts",
	"SELECT 1":                                "Spark refuses it when the query starts",
	"SELECT k FROM stream TABLESAMPLE (0.5)":  "samples are refused",
	"SELECT /*+ COALESCE(1) */ k FROM stream": "hints are refused",
	"SELECT /*+ NOPE(1) */ k FROM stream":     "hints are refused",
	"SELECT window(ts, '5 minutes'), window(ts, '6 minutes') FROM stream GROUP BY 1, 2": "only the name of the condition",
	"SELECT _metadata.file_name, count(*) FROM stream GROUP BY _metadata.file_name":     "the hidden column is visible",
	"SELECT _metadata.file_name FROM (SELECT * FROM stream)":                            "the hidden column is visible",
}

// TestQueriesAreAnalysedAsBySpark compares names and types of the columns, or the condition of the error, with what Spark 4.3.0 recorded.
func TestQueriesAreAnalysedAsBySpark(t *testing.T) {
	data, err := os.ReadFile("testdata/queries.tsv")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(data)) {
		text, want, _ := strings.Cut(strings.TrimSuffix(line, "\n"), "\t")
		got := outcome(t, text)
		switch _, known := unlikeSpark[text]; {
		case got != want && !known:
			t.Errorf("%s\n got %s\nwant %s", text, got, want)
		case got == want && known:
			t.Errorf("%s is as in Spark: take it off the list", text)
		}
	}
}

// outcome returns names and types of the columns of a query, or the condition of its error.
func outcome(t *testing.T, text string) string {
	q, err := query(t, text)
	var e *sparkerr.Error
	switch {
	case err == nil:
	case !errors.As(err, &e) || e.Fragment == nil:
		return "an error without its place: " + err.Error()
	case e.Condition == "":
		return e.Error()
	default:
		return e.Condition
	}
	columns := make([]string, len(q.Output))
	for i, f := range q.Output {
		columns[i] = f.Name + ":" + f.Type.String()
	}
	return strings.Join(columns, ", ")
}
