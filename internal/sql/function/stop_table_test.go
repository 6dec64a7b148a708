package function_test

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/streamctl/streamctl/internal/datetime"
	"github.com/streamctl/streamctl/internal/halt"
	"github.com/streamctl/streamctl/internal/sql/analyze"
	"github.com/streamctl/streamctl/internal/sql/eval"
	"github.com/streamctl/streamctl/internal/sql/expr"
	"github.com/streamctl/streamctl/internal/sql/function"
	"github.com/streamctl/streamctl/internal/sql/parse"
	"github.com/streamctl/streamctl/internal/vector"
)

const (
	// longText is the number of bytes to which the table test extends the strings of examples, longList the number of items
	// of its arrays.
	longText = 1 << 17
	longList = 1 << 15
	// fewLooks is the minimum number of times that evaluation must check the stop flag while it processes one of them.
	fewLooks = 5
)

// longCalls lists calls that cannot be derived from examples.
var longCalls = map[string][]string{
	"sequence":                 {"sequence(1, 200000)", "sequence(date'1900-01-01', date'4000-01-01', interval 1 day)"},
	"repeat":                   {"concat(repeat('a', 200000), repeat('ab', 50000), repeat('abc', 60000))"},
	"space":                    {"length(space(200000))"},
	"lpad":                     {"lpad('a', 200000, 'xy')"},
	"rpad":                     {"rpad('a', 200000, 'xy')"},
	"array_sort":               {"array_sort(sequence(1, 20000), (a, b) -> b - a)"},
	"like":                     {"repeat('ab', 50000) like '%a_c%'", "repeat('ab', 50000) like '%b_a_b_c'", "repeat('a', 200000) like repeat('_', 199999)"},
	"rlike":                    {"repeat('ab', 50000) rlike '(a|b)*c{1,100}'", "repeat('ab ', 60000) rlike '\\\\bc(?=d)'"},
	"aggregate":                {"aggregate(sequence(1, 50000), 0L, (a, x) -> a + x)"},
	"transform":                {"transform(sequence(1, 300), x -> aggregate(sequence(1, 300), 0L, (a, y) -> a + x))"},
	"lower":                    {"lower(repeat('Äö', 250000))"},
	"upper":                    {"upper(repeat('Äö', 250000))"},
	"instr":                    {"instr(repeat('a', 50000), 'a', 1, 1000)"},
	"cast":                     {"cast(transform(sequence(1, 50000), x -> 'a') as array<binary>)", "cast(array_repeat('12', 50000) as array<int>)"},
	"parse_url":                {"parse_url(concat('http://h/p?a=', repeat('a&', 50000)), 'QUERY', 'query')"},
	"array_repeat":             {"array_repeat(1, 200000)"},
	"bitmap_count":             {"bitmap_count(cast(repeat('a', 200000) as binary))"},
	"btrim":                    {"btrim(repeat('ab', 50000), 'abc')"},
	"ltrim":                    {"ltrim('abc', repeat('ab', 50000))"},
	"rtrim":                    {"rtrim('abc', repeat('ab', 50000))"},
	"trim":                     {"trim(BOTH 'abc' FROM repeat('ab', 50000))"},
	"concat_ws":                {"concat_ws(',', transform(sequence(1, 50000), x -> 'a'))"},
	"contains":                 {"contains(repeat('ab', 50000), 'c')"},
	"find_in_set":              {"find_in_set('b', repeat('a,', 50000))"},
	"from_csv":                 {"from_csv(repeat('1,0.8 ', 200000), 'a STRING, b STRING', map('mode', 'PERMISSIVE', 'maxColumns', '200000'))"},
	"from_json":                {"from_json(concat('[', repeat('1,', 80000), '1]'), 'array<int>')"},
	"get_json_object":          {"get_json_object(concat('[', repeat('1,', 80000), '1]'), '$[60000]')"},
	"json_array_length":        {"json_array_length(concat('[', repeat('1,', 80000), '1]'))"},
	"json_object_keys":         {"json_object_keys(concat('{', repeat('\"a\":1,', 200000), '\"b\":1}'))"},
	"schema_of_json":           {"schema_of_json(concat('[', repeat('1,', 80000), '1]'))"},
	"to_json":                  {"to_json(sequence(1, 50000))", "to_json(named_struct('a', repeat('\\n', 800000)))"},
	"to_csv":                   {"to_csv(named_struct('a', repeat('\"\"', 400000)))", "to_csv(named_struct('a', sequence(1, 50000)))"},
	"make_valid_utf8":          {"make_valid_utf8(cast(unhex(repeat('FF', 50000)) as string))"},
	"validate_utf8":            {"validate_utf8(cast(unhex(repeat('FF', 50000)) as string))"},
	"get_array_struct_fields":  {"transform(sequence(1, 50000), x -> named_struct('a', x)).a"},
	"map_concat":               {"map_concat(map_from_arrays(sequence(1, 60000), sequence(1, 60000)), map(0, 1))"},
	"map_contains_key":         {"map_contains_key(map_from_arrays(sequence(1, 60000), sequence(1, 60000)), 0)"},
	"map_entries":              {"map_entries(map_from_arrays(sequence(1, 60000), sequence(1, 60000)))"},
	"map_filter":               {"map_filter(map_from_arrays(sequence(1, 60000), sequence(1, 60000)), (k, v) -> k > v)"},
	"map_from_arrays":          {"map_from_arrays(sequence(1, 60000), sequence(1, 60000))"},
	"map_from_entries":         {"map_from_entries(transform(sequence(1, 60000), x -> struct(x, x)))"},
	"map_zip_with":             {"map_zip_with(map_from_arrays(sequence(1, 60000), sequence(1, 60000)), map_from_arrays(sequence(1, 60000), sequence(1, 60000)), (k, a, b) -> a)"},
	"transform_keys":           {"transform_keys(map_from_arrays(sequence(1, 60000), sequence(1, 60000)), (k, v) -> k + 1)"},
	"transform_values":         {"transform_values(map_from_arrays(sequence(1, 60000), sequence(1, 60000)), (k, v) -> k + 1)"},
	"get_map_value":            {"map_from_arrays(sequence(1, 60000), sequence(1, 60000))[0]"},
	"map_keys":                 {"map_keys(map_from_arrays(sequence(1, 60000), sequence(1, 60000)))"},
	"map_values":               {"map_values(map_from_arrays(sequence(1, 60000), sequence(1, 60000)))"},
	"regexp_extract":           {"regexp_extract(repeat('ab ', 60000), 'b(?=c)', 0)"},
	"regexp_instr":             {"regexp_instr(repeat('ab ', 60000), 'b(?=c)')"},
	"regexp_substr":            {"regexp_substr(repeat('ab ', 60000), 'b(?=c)')"},
	"str_to_map":               {"str_to_map(concat_ws(',', transform(sequence(1, 50000), x -> cast(x as string))))"},
	"randstr":                  {"randstr(200000, 0)"},
	"shuffle":                  {"shuffle(sequence(1, 50000))"},
	"sort_array":               {"sort_array(shuffle(sequence(1, 50000)))"},
	"soundex":                  {"soundex(concat('a', repeat('e', 200000)))"},
	"split_part":               {"split_part(repeat('a,', 50000), ',', 40000)"},
	"substring_index":          {"substring_index(repeat('a,', 50000), ',', 80000)"},
	"vector_cosine_similarity": {"vector_cosine_similarity(array_repeat(1F, 50000), array_repeat(1F, 50000))"},
	"vector_inner_product":     {"vector_inner_product(array_repeat(1F, 50000), array_repeat(1F, 50000))"},
	"vector_l2_distance":       {"vector_l2_distance(array_repeat(1F, 50000), array_repeat(1F, 50000))"},
	"<=":                       {"sequence(1, 50000) <= sequence(1, 50000)"},
	"=":                        {"sequence(1, 50000) = sequence(1, 50000)"},
	"in":                       {"sequence(1, 50000) in (sequence(1, 100001), sequence(1, 100002))"},
	"greatest":                 {"greatest(sequence(1, 50000), sequence(1, 50000))"},
	"reverse":                  {"reverse(sequence(1, 50000))"},
	"string":                   {"string(sequence(1, 50000))"},
	"md5":                      {"md5(repeat('a', 500000))"},
	"sha1":                     {"sha1(repeat('a', 500000))"},
	"sha2":                     {"sha2(repeat('a', 500000), 256)"},
	"crc32":                    {"crc32(repeat('a', 500000))"},
	"hmac":                     {"hmac('k', repeat('a', 500000))"},
	"to_base32":                {"to_base32(repeat('a', 500000))"},
	"hex":                      {"hex(repeat('a', 500000))"},
	"base64":                   {"base64(repeat('a', 4000000))"},
	"hash":                     {"hash(sequence(1, 50000))"},
	"xpath":                    {"xpath(concat('<a>', repeat('<b>1</b>', 30000), '</a>'), 'a/b')"},
	"xpath_boolean":            {"xpath_boolean(concat('<a>', repeat('<b>1</b>', 30000), '</a>'), 'count(//b[. = 2])')"},
	"xpath_double":             {"xpath_double(concat('<a>', repeat('<b>1</b>', 30000), '</a>'), 'count(//b[. = 2])')"},
	"xpath_float":              {"xpath_float(concat('<a>', repeat('<b>1</b>', 30000), '</a>'), 'count(//b[. = 2])')"},
	"xpath_int":                {"xpath_int(concat('<a>', repeat('<b>1</b>', 30000), '</a>'), 'count(//b[. = 2])')"},
	"xpath_long":               {"xpath_long(concat('<a>', repeat('<b>1</b>', 30000), '</a>'), 'count(//b[. = 2])')"},
	"xpath_short":              {"xpath_short(concat('<a>', repeat('<b>1</b>', 30000), '</a>'), 'count(//b[. = 2])')"},
	"xpath_string":             {"xpath_string(concat('<a>', repeat('<b>1</b>', 30000), '</a>'), 'count(//b[. = 2])')"},
	"from_xml":                 {"from_xml(concat('<a>', repeat('<b>1</b>', 30000), '</a>'), 'b ARRAY<INT>')"},
	"schema_of_xml":            {"schema_of_xml(concat('<a>', repeat('<b>1</b>', 30000), '</a>'))"},
	"to_xml":                   {"to_xml(struct(sequence(1, 50000) AS a))"},
	"parse_json":               {"parse_json(concat('[', repeat('1,', 80000), '1]'))"},
	"try_parse_json":           {"try_parse_json(concat('[', repeat('1,', 80000), '1]'))"},
	"xxhash64":                 {"xxhash64(sequence(1, 50000))"},
}

// quick lists the functions that process one string, array or record without checking the flag, at a few tenths of a
// nanosecond to six nanoseconds per byte. For the longest string, of 256 MiB, this takes two seconds at most. (filter checks
// before each call within its lambda.)
var quick = words(`
	to_variant_object filter < <=> > >= array array_contains array_insert array_position array_repeat array_size assert_true between bigint bin binary
	approx_top_k_estimate bit_length boolean case coalesce collate concat contains conv convert_timezone date date_format date_part date_trunc decimal
	decode double element_at elt endswith extract float format_number format_string from_csv from_json from_unixtime
	from_utc_timestamp get get_array_item if ifnull int is_valid_utf8 isnotnull isnull least left length locate map named_struct
	hll_sketch_estimate hll_union kll_sketch_get_n_bigint kll_sketch_get_n_double kll_sketch_get_n_float kll_sketch_get_quantile_bigint
	kll_sketch_get_quantile_double kll_sketch_get_quantile_float kll_sketch_get_rank_bigint kll_sketch_get_rank_double kll_sketch_get_rank_float
	kll_sketch_merge_bigint kll_sketch_merge_double kll_sketch_merge_float next_day nullif nvl nvl2 octet_length overlay raise_error schema_of_csv size slice smallint space startswith struct
	substring theta_difference theta_intersection theta_sketch_estimate theta_union time_trunc timestamp tinyint to_char to_date to_number to_time to_timestamp to_timestamp_ltz
	to_timestamp_ntz to_unix_timestamp to_utc_timestamp trunc try_element_at try_to_date try_to_number try_to_time try_to_timestamp
	tuple_difference_double tuple_difference_integer tuple_difference_theta_double tuple_difference_theta_integer tuple_intersection_double
	tuple_intersection_integer tuple_intersection_theta_double tuple_intersection_theta_integer tuple_sketch_estimate_double
	tuple_sketch_estimate_integer tuple_sketch_summary_double tuple_sketch_summary_integer tuple_sketch_theta_double tuple_sketch_theta_integer
	tuple_union_double tuple_union_integer tuple_union_theta_double tuple_union_theta_integer
	try_validate_utf8 unix_timestamp validate_utf8 vector_norm vector_normalize
`)

// short lists the functions whose arguments have a fixed size.
var short = words(`
	is_variant_null % & * + - / << >> >>> ^ abs acos acosh add_months and ascii asin asinh atan atan2 atanh bit_count bit_get bitmap_bit_position
	bitmap_bucket_number bround cbrt ceil chr collation cos cosh cot csc current_catalog current_date current_path current_schema
	current_time current_timestamp current_timezone current_user date_add date_from_unix_date date_sub datediff dayname dayofmonth
	dayofweek dayofyear degrees div e exp expm1 factorial floor hour hypot input_file_block_length input_file_block_start
	input_file_name isnan last_day ln localtime localtimestamp log log10 log1p log2 make_date make_dt_interval make_interval make_time
	make_timestamp make_timestamp_ltz make_timestamp_ntz make_ym_interval minute mod monotonically_increasing_id month monthname
	months_between nanvl negative not now nullifzero or pi pmod positive power quarter radians rand randn rint round sec second session_window signum
	sin sinh spark_partition_id sqrt tan tanh time time_bucket time_diff time_from_micros time_from_millis time_from_seconds
	time_to_micros time_to_millis time_to_seconds timestamp_micros timestamp_millis timestamp_seconds timestampadd timestampdiff
	try_add try_divide try_make_interval try_make_timestamp try_make_timestamp_ltz try_make_timestamp_ntz try_mod try_multiply
	try_subtract typeof uniform unix_date unix_micros unix_millis unix_nanos unix_seconds uuid version weekday weekofyear width_bucket
	window window_time year zeroifnull | ~
`)

func words(text string) map[string]bool {
	m := map[string]bool{}
	for w := range strings.FieldsSeq(text) {
		m[w] = true
	}
	return m
}

var exampleArgument = regexp.MustCompile(`'(?:[^'\\]|\\.)*'|array\((?:[^()]|\([^()]*\))*\)`)

// A longCall is a call with a long argument, which is itself a call.
type longCall struct{ text, argument string }

// longArguments returns the example's calls with one string or array at a time made long.
func longArguments(f *expr.Function) (calls []longCall) {
	for _, at := range exampleArgument.FindAllStringIndex(f.Example, -1) {
		arg := f.Example[at[0]:at[1]]
		long := fmt.Sprintf("flatten(array_repeat(%s, %d))", arg, longList/(strings.Count(arg, ",")+1))
		if arg[0] == '\'' {
			long = fmt.Sprintf("repeat(%s, %d)", arg, longText/max(len(arg)-2, 1))
		}
		calls = append(calls, longCall{f.Example[:at[0]] + long + f.Example[at[1]:], long})
	}
	for _, text := range longCalls[f.Name] {
		calls = append(calls, longCall{text: text})
	}
	return calls
}

// TestEveryFunctionOfTheTableCanBeStopped runs every function on long arguments. A function that neither checks the flag nor
// is listed as quick or short fails: loops whose length depends on data must be stoppable.
func TestEveryFunctionOfTheTableCanBeStopped(t *testing.T) {
	if testing.Short() {
		t.Skip("one goroutine works on huge values: minutes with the race detector, which would find nothing")
	}
	for _, f := range function.All() {
		if f.Aggregate || f.Generator { // these work on a batch of rows at a time
			continue
		}
		looked := false
		for _, call := range longArguments(f) {
			looked = looked || stops(t, f.Name, call)
		}
		switch known := quick[f.Name] || short[f.Name]; {
		case !looked && !known:
			t.Errorf("%s has no call that looks at the flag: make its loops count their steps, or list it as quick or short", f.Name)
		case looked && known:
			t.Errorf("%s looks at the flag, and is listed as quick or short", f.Name)
		}
	}
}

// stops reports whether a call checks the flag often enough for its long argument. The call must end when told to stop.
func stops(t *testing.T, name string, call longCall) (looked bool) {
	t.Helper()
	looks, err := looksOf(call.text)
	others := 0
	if call.argument != "" {
		others, _ = looksOf(call.argument)
	}
	if err != nil || looks-others < fewLooks {
		return false // or the argument must have another form
	}
	left := looks - 2
	_, err = evaluate(call.text, func() error {
		if left--; left < 0 {
			return context.Canceled
		}
		return nil
	})
	if !errors.Is(err, context.Canceled) || left < -2 {
		t.Errorf("%s goes on after it was told to stop (%v, %d looks later): %s", name, err, -left, call.text)
	}
	return true
}

// looksOf counts how often a complete evaluation checks the flag.
func looksOf(text string) (looks int, err error) {
	_, err = evaluate(text, func() error { looks++; return nil })
	return looks, err
}

func evaluate(text string, look func() error) (*vector.Vector, error) {
	tree, perr := parse.Expression(text)
	if perr != nil {
		return nil, perr
	}
	x, err := analyze.Expression(tree, analyze.Scope{}, &expr.Origin{Text: text})
	if err != nil {
		return nil, err
	}
	return eval.Constant(x, &expr.Context{Zone: datetime.UTC, Stop: halt.When(look)})
}
