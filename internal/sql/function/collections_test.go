package function_test

import (
	"errors"
	"testing"

	"github.com/streamctl/streamctl/internal/datetime"
	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/sql/analyze"
	"github.com/streamctl/streamctl/internal/sql/eval"
	"github.com/streamctl/streamctl/internal/sql/expr"
	"github.com/streamctl/streamctl/internal/sql/parse"
	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/valuetext"
	"github.com/streamctl/streamctl/internal/vector"
)

// rowsOf evaluates an expression over a column k of 1, 2 and NULL. It returns the cells as show prints them, or the error.
func rowsOf(t *testing.T, text string) (cells []string, err error) {
	t.Helper()
	tree, perr := parse.Expression(text)
	if perr != nil {
		t.Fatalf("%s: %v", text, perr)
	}
	k := &expr.Expr{Kind: expr.Column, ID: expr.NewID(), Name: "k", Type: types.Int, Nullable: true}
	x, err := analyze.Expression(tree, analyze.Scope{Columns: []*expr.Expr{k}}, &expr.Origin{Text: text})
	if err != nil {
		return nil, err
	}
	p, err := eval.Compile([]*expr.Expr{x}, []*expr.Expr{k})
	if err != nil {
		return nil, err
	}
	v := vector.New(types.Int, 3)
	v.I32[0], v.I32[1] = 1, 2
	v.SetNull(2)
	ctx := &expr.Context{Zone: datetime.UTC, BatchTime: 1_704_067_200_000_000, Now: 1_704_067_200_000_001}
	out, err := p.Eval(ctx, &vector.Batch{N: 3, Cols: []*vector.Vector{v}}, nil)
	if err != nil {
		return nil, err
	}
	for i := range 3 {
		cells = append(cells, string(valuetext.AppendValue(nil, out[0], i, valuetext.Options{Zone: datetime.UTC, Show: true})))
	}
	return cells, nil
}

func TestRowsOfNestedValues(t *testing.T) {
	for _, c := range []struct{ text, one, two, null string }{
		{"array(k, k + 1)", "[1, 2]", "[2, 3]", "[NULL, NULL]"},
		{"struct(k, k AS z, k + 1)", "{1, 1, 2}", "{2, 2, 3}", "{NULL, NULL, NULL}"},
		{"transform(array(k, 5), (x, i) -> x * 10 + i + k)", "[11, 52]", "[22, 53]", "[NULL, NULL]"},
		{"transform(array(array(1, k), array(3)), a -> transform(a, x -> x + size(a) + k))", "[[4, 4], [5]]", "[[5, 6], [6]]", "[[NULL, NULL], [NULL]]"},
		{"filter(array(k, 2, 3), (x, i) -> i > 0 AND x > k)", "[2, 3]", "[3]", "[]"},
		{"if(k = 1, transform(array(k), x -> x / (k - 2)), array(0D))", "[-1.0]", "[0.0]", "[0.0]"},
		{"aggregate(array(k, 2), k, (a, x) -> a + x)", "4", "6", "NULL"},
		{"aggregate(filter(array(k, 5), x -> x > 1), '', (a, x) -> a || x, a -> upper(a || '!'))", "5!", "25!", "5!"},
		{"exists(array(k, NULL), x -> x = 2)", "NULL", "true", "NULL"},
		{"forall(array(k, 2), x -> x < 2)", "false", "false", "false"},
		{"zip_with(array(k, 2), array(1), (x, y) -> coalesce(x, 0) + coalesce(y, 100))", "[2, 102]", "[3, 102]", "[1, 102]"},
		{"array_sort(array(3, NULL, k, 0))", "[0, 1, 3, NULL]", "[0, 2, 3, NULL]", "[0, 3, NULL, NULL]"},
		{"transform_values(map('a', k, 'b', 2), (q, v) -> v + k)", "{a -> 2, b -> 3}", "{a -> 4, b -> 4}", "{a -> NULL, b -> NULL}"},
		{"map_zip_with(map(1, k), map(2, 3, 1, 4), (q, a, b) -> coalesce(a, 0) + b)", "{1 -> 5, 2 -> 3}", "{1 -> 6, 2 -> 3}", "{1 -> 4, 2 -> 3}"},
		{"slice(array(1, 2, 3, 4), k, 2)", "[1, 2]", "[2, 3]", "NULL"},
		{"sequence(5, k)", "[5, 4, 3, 2, 1]", "[5, 4, 3, 2]", "NULL"},
		{"get(sequence(date'2024-01-31', date'2024-04-30', interval 1 month), k)", "2024-02-29", "2024-03-31", "NULL"},
		{"element_at(array(7, 8), k)", "7", "8", "8"}, // Spark's generated code treats -1 as NULL if no item can be NULL
		{"array_insert(array(1, 2), -4, k)", "[1, NULL, 1, 2]", "[2, NULL, 1, 2]", "[NULL, NULL, 1, 2]"},
		{"array_except(array(1, NULL, 1, 2), array(k))", "[NULL, 2]", "[1, NULL]", "[1, 2]"},
		{"array_union(array(k, 1), array(k))", "[1]", "[2, 1]", "[NULL, 1]"},
		{"arrays_overlap(array(k), array(1, NULL))", "true", "NULL", "NULL"},
		{"arrays_zip(array(1, 2), array(k)).`1`", "[1, NULL]", "[2, NULL]", "[NULL, NULL]"},
		{"from_json(if(k = 1, '{\"a\":[1,2],\"b\":\"\\u00e9\"}', '{\"a\":\"x\"}'), 'a ARRAY<INT>, b STRING')", "{[1, 2], é}", "{NULL, NULL}", "{NULL, NULL}"},
		{"to_json(struct(k, array(k) AS a))", `{"k":1,"a":[1]}`, `{"k":2,"a":[2]}`, `{"a":[null]}`},
		{"from_csv(if(k = 1, '\"a\\nb\",2', '3,x'), 'a STRING, b INT')", "{a\nb, 2}", "{3, NULL}", "{3, NULL}"},
		{"date_format(date'2024-01-31', if(k = 1, 'yyyy', 'MM'))", "2024", "01", "01"},
		{"make_timestamp(2024, k, 28, 5, 2, '7.5')", "2024-01-28 05:02:07.5", "2024-02-28 05:02:07.5", "NULL"},
		{"current_date() + k", "2024-01-02", "2024-01-03", "NULL"},
		{"timestampdiff(MONTH, date'2024-01-31', date_add('2024-02-28', k))", "0", "1", "NULL"},
		{"extract(HOUR FROM make_interval(0, 0, 0, 1, k, 3))", "1", "2", "NULL"},
	} {
		cells, err := rowsOf(t, c.text)
		if err != nil {
			t.Errorf("%s: %v", c.text, err)
			continue
		}
		if cells[0] != c.one || cells[1] != c.two || cells[2] != c.null {
			t.Errorf("%s: got %q, want %q", c.text, cells, []string{c.one, c.two, c.null})
		}
	}
}

func TestFailuresMatchSparksConditions(t *testing.T) {
	for text, condition := range map[string]string{
		"map(k, 1, 2, 3)":                                      "DUPLICATED_MAP_KEY",
		"transform_keys(map('a', k), (q, v) -> v)":             "NULL_MAP_KEY",
		"element_at(array(1, 2), k + 1)":                       "INVALID_ARRAY_INDEX_IN_ELEMENT_AT",
		"element_at(array(1, 2), k - 1)":                       "INVALID_INDEX_OF_ZERO",
		"array_repeat(k, 2147483647)":                          "COLLECTION_SIZE_LIMIT_EXCEEDED.PARAMETER",
		"array_repeat(k, 100000000)":                           "COLLECTION_SIZE_LIMIT_EXCEEDED.PARAMETER",
		"array_insert(array(k), 2147483647, 1)":                "COLLECTION_SIZE_LIMIT_EXCEEDED.FUNCTION",
		"sequence(1, k * 10000000000000)":                      "COLLECTION_SIZE_LIMIT_EXCEEDED.PARAMETER",
		"array_sort(array(k, 5), (l, r) -> NULL + 1)":          "COMPARATOR_RETURNS_NULL",
		"array_sort(array(k, 5), (l, r) -> 'x')":               "DATATYPE_MISMATCH.UNEXPECTED_RETURN_TYPE",
		"transform(array(k), (x, y, z) -> x)":                  "INVALID_LAMBDA_FUNCTION_CALL.NUM_ARGS_MISMATCH",
		"aggregate(array(k), 0, (a, x) -> 'x')":                "DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE",
		"array_append(array(1), 'x')":                          "DATATYPE_MISMATCH.ARRAY_FUNCTION_DIFF_TYPES",
		"array_union(array(1), array('x'))":                    "DATATYPE_MISMATCH.BINARY_ARRAY_DIFF_TYPES",
		"map(map(1, 2), 3)":                                    "DATATYPE_MISMATCH.INVALID_MAP_KEY_TYPE",
		"array_min(array(map(1, 2)))":                          "DATATYPE_MISMATCH.INVALID_ORDERING_TYPE",
		"from_json('{}', 'int')":                               "DATATYPE_MISMATCH.INVALID_JSON_SCHEMA",
		"from_json('{}', string(k))":                           "INVALID_SCHEMA.NON_STRING_LITERAL",
		"from_json('{}', 'a INT', map('mode', k))":             "INVALID_OPTIONS.NON_STRING_TYPE",
		"from_json('[]', 'a INT', map('mode','failfast'))":     "MALFORMED_RECORD_IN_PARSING.CANNOT_PARSE_JSON_ARRAYS_AS_STRUCTS",
		"make_date(2023, k, 30)":                               "DATETIME_FIELD_OUT_OF_BOUNDS.WITHOUT_SUGGESTION",
		"date_add(date'2024-01-01', 1.5F)":                     "DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE",
		"timestampadd(YEAR, 400000 * k, timestamp_seconds(0))": "DATETIME_OVERFLOW",
		"make_interval(2147483647, k)":                         "ARITHMETIC_OVERFLOW",
		"make_time(1, 2, 3)":                                   "UNSUPPORTED_TIME_TYPE",
	} {
		_, err := rowsOf(t, text)
		var e *sparkerr.Error
		if !errors.As(err, &e) || e.Condition != condition {
			t.Errorf("%s: got %v, want %s", text, err, condition)
		}
	}
}

func TestTypesFollowSpark(t *testing.T) {
	for text, want := range map[string]string{
		"map_keys(map(1, 2))":                          "array<int>",
		"array(1, 2.5BD, NULL)":                        "array<decimal(11,1)>",
		"struct(k, 1, k AS z)":                         "struct<k:int,col2:int,z:int>",
		"map_entries(map('a', k))":                     "array<struct<key:string,value:int>>",
		"from_json('1', 'a INT, b MAP<STRING, DATE>')": "struct<a:int,b:map<string,date>>",
		"extract(SECOND FROM current_timestamp())":     "decimal(8,6)",
		"extract(HOUR FROM interval '1' day)":          "",
		"sequence('1', 3)":                             "array<bigint>",
		"zip_with(array(1), array('a'), (x, y) -> named_struct('p', y, 'q', x))": "array<struct<p:string,q:int>>",
	} {
		tree, perr := parse.Expression(text)
		if perr != nil {
			t.Fatal(perr)
		}
		k := &expr.Expr{Kind: expr.Column, ID: expr.NewID(), Name: "k", Type: types.Int, Nullable: true}
		x, err := analyze.Expression(tree, analyze.Scope{Columns: []*expr.Expr{k}}, &expr.Origin{Text: text})
		switch {
		case want == "" && err == nil:
			t.Errorf("%s has type %s, want an error", text, x.Type)
		case want != "" && err != nil:
			t.Errorf("%s: %v", text, err)
		case want != "" && x.Type.String() != want:
			t.Errorf("%s has type %s, want %s", text, x.Type, want)
		}
	}
}
