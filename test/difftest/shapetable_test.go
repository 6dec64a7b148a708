package main

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/streamctl/streamctl/internal/job"
)

func shapes() []shape {
	return slices.Concat(randomShapes(), nestedShapes(), chainShapes(), listShapes(), stepShapes(), literalShapes(), sizedShapes())
}

// nestedShapes are nested expressions.
func nestedShapes() []shape {
	return []shape{
		nested("(", "i", ")"), nested("NOT ", "b", ""), nested("- ", "i", ""), nested("~ ", "i", ""), nested("upper(", "s", ")"),
		nested("abs(", "i", ")"), nested("CASE WHEN b THEN ", "i", " ELSE j END"), nested("CASE WHEN ", "b", " THEN b ELSE b END"),
		nested("CASE WHEN b THEN i ELSE ", "j", " END"), nested("if(b, i, ", "j", ")"), nested("if(", "b", ", b, b)"),
		nested("coalesce(i, ", "j", ")"), nested("coalesce(", "j", ", i)"), nested("nullif(", "i", ", 3)"), nested("nullif(3, ", "i", ")"),
		nested("nvl2(i, j, ", "i", ")"), nested("ifnull(", "i", ", j)"), nested("array(", "i", ")"), nested("struct(", "i", ")"),
		nested("struct(1, ", "i", ")"), nested("map(1, ", "i", ")"), nested("named_struct('a', ", "i", ")"),
		nested("CAST(", "i", " AS STRING)"), nested("CAST(CAST(", "s", " AS STRING) AS INT)"), nested("(", "i", " + 1)"),
		nested("(1 + ", "i", ")"), nested("(", "s", " || 'x')"), nested("transform(array(1), x -> ", "x", "[0])"),
		nested("transform(a, x -> x + ", "1", "[0])"), nested("aggregate(a, 0, (p, q) -> q + ", "1", ")"), nested("(b AND ", "b", ")"),
		nested("(b OR ", "b", ")"), nested("(", "b", " AND NOT b)"), nested("(i IN (1, ", "j", "))"), nested("(b IN (true, ", "b", "))"),
		nested("(", "b", " = b)"), nested("(i BETWEEN j AND ", "j", ") = b"), nested("greatest(i, ", "j", ")"),
		nested("concat(s, ", "s", ")"), nested("try_add(", "i", ", 1)"), nested("round(", "d", ", 2)"), nested("(", "c", " * 1.01)"),
		nested("(", "c", " / 3)"), nested("(", "c", " + e)"),
		newColumn("array(…)[0]…", func(_ *generator, n int) string { return nest(n, "array(", "i", ")") + strings.Repeat("[0]", n) }),
		newColumn("named_struct('a', …).a…", func(_ *generator, n int) string {
			return nest(n, "named_struct('a', ", "i", ")") + strings.Repeat(".a", n)
		}),
		newColumn("lambdas in lambdas", func(_ *generator, n int) string {
			var b strings.Builder
			for i := range n {
				fmt.Fprintf(&b, "transform(array(i), x%d -> ", i)
			}
			return b.String() + chain(n, " + ", numbered("x#")) + strings.Repeat(")", n)
		}),
	}
}

// chainShapes are long chains of operators.
func chainShapes() []shape {
	return []shape{
		chained("s", " || "), chained("i", " + "), chained("d", " * "), chained("b", " AND "), chained("b", " OR "),
		chained("i > #", " AND "), chained("i = #", " OR "), chained("i <> #", " AND "), chained("i", " = "), chained("c", " * "),
		chained("c", " + "), chained("(i + #)", " * "), chained("upper(s)", " || "), chained("abs(i)", " + "), chained("'a'", " || "),
		chained("1L", " + "), chained("(s = 'x#' AND i = #)", " OR "), chained("(i = # OR j = #)", " AND "),
		chained("(i > 0 AND j = #)", " OR "), chained("(b OR i = #)", " AND "), chained("s LIKE '%x#'", " OR "),
		chained("(i = #) = b", " AND "), chained("i & #", " | "), chained("dt", " = "), chained("s IS NOT NULL", " AND "),
		chained("i", " <=> "), chained("if(i > #, s, 'y')", " || "), chained("NOT (i > # AND j < #)", " OR "),
		chained("date'2020-01-01' + interval '#' day > dt", " AND "), chained("i + # > j", " AND "), chained("coalesce(i, #)", " + "),
		chained("CASE WHEN i = # THEN 1L ELSE 0L END", " + "), chained("i / #.5D", " + "), chained("s[#]", "||"),
		condition("i IN and i IN", func(_ *generator, n int) string {
			return chain(n, " AND ", func(i int) string { return "i IN (" + chain(10, ", ", numbered(strconv.Itoa(i)+"#")) + ")" })
		}),
		condition("i = # AND", func(_ *generator, n int) string { return chain(n, " AND ", numbered("i = #")) }),
		condition("s = 'x' AND …", func(_ *generator, n int) string {
			return "s = 'x' AND i = 1 AND " + chain(n, " AND ", numbered("(substr(s, #) <> '' OR i < j + #)"))
		}),
		condition("OR of ANDs with one in common", func(_ *generator, n int) string { return chain(n, " OR ", numbered("(i > 0 AND s = '#' AND j = #)")) }),
		condition("AND of ORs with one in common", func(_ *generator, n int) string { return chain(n, " AND ", numbered("(i > 0 OR s = '#' OR j = #)")) }),
		condition("AND of different nots", func(_ *generator, n int) string { return chain(n, " AND ", numbered("NOT (i > # OR NOT (j < #))")) }),
	}
}

// listShapes are calls with many operands.
func listShapes() []shape {
	return []shape{
		list("concat(", "s", ")"), list("coalesce(", "i", ")"), list("coalesce(", "nullif(i, #)", ")"), list("i IN (", "#", ")"),
		list("i IN (", "j + #", ")"), list("s IN (", "'x#'", ")"), list("NOT i IN (", "#", ", NULL)"), list("d IN (", "#", ", 'x')"),
		list("c IN (", "#.5", ")"), list("array(", "i", ")"), list("array(", "#", ")"), list("array(", "if(b, i, #)", ")"),
		list("map(", "#, s", ")"), list("map(", "'k', #", ")"), list("struct(", "i AS f#", ")"), list("struct(", "s", ")"),
		list("named_struct(", "'f#', i + #", ")"), list("greatest(", "i + #", ")"), list("least(", "s", ")"), list("hash(", "i", ")"),
		list("concat_ws(',', ", "s", ")"), list("elt(2, ", "s", ")"), list("format_string('x', ", "i", ")"),
		list("map_concat(", "map('k#', #)", ")"), list("array_union(array(", "#", "), a)"), list("concat(", "array(#)", ")"),
		list("xxhash64(", "s", ")"), list("to_json(struct(", "i AS f#", "))"), list("to_csv(struct(", "i AS f#", "))"),
		list("struct(", "i AS f#", ").f1"), list("inline(array(", "struct(#, s)", "))"), list("stack(2, ", "#", ")"),
		list("explode(array(", "#", "))"), list("json_tuple('{}', ", "'f#'", ")"),
		list("to_xml(struct(", "i AS f#", "))"),
		newColumn("from_xml with n fields", func(_ *generator, n int) string { return "from_xml(s, '" + chain(n, ", ", numbered("f# INT")) + "')" }),
		newColumn("from_xml of n elements", func(_ *generator, n int) string {
			return "from_xml('<r>" + chain(n, "", numbered("<a>#</a>")) + "</r>', 'a ARRAY<INT>')"
		}),
		newColumn("schema_of_xml of n fields", func(_ *generator, n int) string {
			return "schema_of_xml('<r>" + chain(n, "", numbered("<a x#=\"#\"/>")) + "</r>')"
		}),
		newColumn("CASE WHEN i = # THEN s …", func(_ *generator, n int) string {
			return "CASE " + chain(n, " ", numbered("WHEN i = # THEN s || '#'")) + " END"
		}),
		newColumn("CASE WHEN upper(s) = '#' …", func(_ *generator, n int) string {
			return "CASE " + chain(n, " ", numbered("WHEN upper(s) = '#' THEN i + j ")) + " ELSE i + j END"
		}),
		newColumn("CASE sharing much", func(_ *generator, n int) string {
			return "CASE WHEN b THEN " + chain(n, " || ", numbered("substr(s, #)")) + " ELSE " + chain(n, " || ", numbered("substr(s, #)")) + " || 'y' END"
		}),
		newColumn("CASE i WHEN # …", func(_ *generator, n int) string { return "CASE i " + chain(n, " ", numbered("WHEN # THEN #")) + " END" }),
		newColumn("a lambda of n operands", func(_ *generator, n int) string {
			return "transform(a, x -> " + chain(n, " + ", numbered("x * #")) + ")"
		}),
		newColumn("named_struct of n, all fields", func(_ *generator, n int) string {
			return "to_json(struct(" + chain(n, ", ", numbered("named_struct('a', #, 'b', i).a AS f#")) + "))"
		}),
	}
}

// stepShapes are jobs with many steps and columns.
func stepShapes() []shape {
	return []shape{
		repeated(withColumn, "x#", "i + #"), repeated(withColumn, "v", "i + #"),
		after(withColumn("v", "i"), repeated(withColumn, "v", "v + 1L")),
		after(withColumn("v", "i"), repeated(withColumn, "v", "try_add(v, v)")),
		after(withColumn("v", "1L"), repeated(withColumn, "v", "try_add(v, v)")),
		after(withColumn("v", "s"), repeated(withColumn, "v", "upper(v)")),
		after(withColumn("v", "s"), repeated(withColumn, "v", "v || v")),
		after(withColumn("v", "'ab'"), repeated(withColumn, "v", "v || v")),
		after(withColumn("v", "i"), repeated(withColumn, "v", "CASE WHEN v > # THEN v ELSE - v END")),
		after(withColumn("v", "i"), repeated(withColumn, "v", "coalesce(v, v)")),
		after(withColumn("v", "i"), repeated(withColumn, "v", "nullif(v, v)")),
		after(withColumn("v", "i"), repeated(withColumn, "v", "struct(v AS a, v AS b)")),
		after(withColumn("v", "i"), repeated(withColumn, "v", "array(v)")),
		after(withColumn("v", "i"), repeated(withColumn, "v", "array(v, v)")),
		after(withColumn("v", "i"), repeated(withColumn, "v", "map(1, v)")),
		after(withColumn("v", "b"), repeated(withColumn, "v", "v AND NOT v")),
		working(after(withColumn("v", "1"), repeated(withColumn, "v", "array(v, v)"))),
		after(withColumn("x0", "i"), repeated(withColumn, "x#", "x#-1 + 1L")),
		after(withColumn("x0", "i"), repeated(withColumn, "x#", "try_add(x#-1, x#-1)")),
		after(withColumn("v", "a"), repeated(withColumn, "v", "transform(v, x -> x + 1L)")),
		after(withColumn("v", "a"), repeated(withColumn, "v", "concat(v, v)")),
		repeated(withColumn, "x#", "explode(array(1))"),
		after(withColumn("v", "i"), repeated(withColumn, "v", "v + rand(#)")), repeated(withColumn, "x#", "i + rand(#)"),
		repeated(where, "", "i > #"), repeated(where, "", "i = #"), repeated(dropped, "", "s"),
		repeated(renamed, "s", "s"), repeated(selected, "", "*"), repeated(selected, "", "*, i AS x#"),
		repeated(selected, "", "i, s, j, i + 1 AS k#"), repeated(query, "", "SELECT *, i AS x# FROM stream WHERE i > #"),
		repeated(query, "", "SELECT * FROM stream"),
		inSteps("withColumn and filter in turn", func(_ *generator, n int) []job.Step {
			var out []job.Step
			for i := range n {
				out = append(out, withColumn(fmt.Sprint("x", i), fmt.Sprint("i + ", i)), where("", fmt.Sprintf("x%d > 0", i)))
			}
			return out
		}),
		inSteps("drop and filter in turn", func(_ *generator, n int) []job.Step {
			out := []job.Step{query("", "SELECT *, "+chain(n, ", ", numbered("i + # AS x#"))+" FROM stream")}
			for i := range n {
				out = append(out, dropped("", fmt.Sprint("x", i)), where("", fmt.Sprintf("x%d > 0", i)))
			}
			return out
		}),
		inOne("SELECT of n columns", func(_ *generator, n int) []job.Step {
			return []job.Step{query("", "SELECT "+chain(n, ", ", numbered("i + # AS x#"))+" FROM stream")}
		}),
		inOne("SELECT of n stars", func(_ *generator, n int) []job.Step {
			return []job.Step{query("", "SELECT "+chain(n, ", ", numbered("*"))+" FROM stream")}
		}),
		inOne("SELECT of n equal names", func(_ *generator, n int) []job.Step {
			return []job.Step{query("", "SELECT "+chain(n, ", ", numbered("i"))+" FROM stream")}
		}),
		inOne("SELECT * EXCEPT", func(_ *generator, n int) []job.Step {
			return []job.Step{query("", "SELECT *, "+chain(n, ", ", numbered("i + # AS x#"))+" FROM stream"), query("", "SELECT * EXCEPT ("+chain(n, ", ", numbered("x#"))+") FROM stream")}
		}),
		inOne("n columns, n of them used", func(_ *generator, n int) []job.Step {
			return []job.Step{query("", "SELECT *, "+chain(n, ", ", numbered("i + # AS x#"))+" FROM stream"), withColumn("v", chain(n, " + ", numbered("x#")))}
		}),
		inOne("n columns, n wrong names", func(_ *generator, n int) []job.Step {
			return []job.Step{query("", "SELECT *, "+chain(n, ", ", numbered("i + # AS x#"))+" FROM stream"), withColumn("v", chain(n, " + ", numbered("y#")))}
		}),
		repeated(where, "", "y# > 1"), repeated(withColumn, "z#", "y# + 1"), repeated(withColumn, "z#", "z#-1 + 'y"),
	}
}

// literalShapes have long literals, patterns and types.
func literalShapes() []shape {
	return []shape{
		literal("'", "x", "'"), literal("", "9", ""), literal("0.", "9", ""), literal("1", "0", "D"), literal("1e", "9", ""),
		literal("-1e-", "9", ""), literal("CAST('", "9", "' AS INT)"), literal("CAST('0.", "9", "' AS DECIMAL(38,10))"),
		literal("CAST('1", "0", "' AS DOUBLE)"), literal("CAST('1e", "9", "' AS DECIMAL(38,0))"), literal("CAST('1e-", "9", "' AS DOUBLE)"),
		literal("interval '1' day + interval ", "1 day ", ""), literal("CAST('", "1 day ", "' AS INTERVAL)"), literal("x'", "ab", "'"),
		literal("`", "x", "`"), literal("", "x", ""), literal("", "x.", "x"), literal("f", "f", "(i)"),
		literal("date_format(t, '", "y", "')"), literal("date_format(t, '", "yyyy-", "')"), literal("date_format(t, '", "[", "y')"),
		literal("to_timestamp(s, '", "[yyyy]", "')"), literal("date_format(t, '", "S", "')"), literal("date_format(t, '", "''", "')"),
		literal("format_string('", "%s", "', s)"), literal("format_string('", "%1$s", "', s)"), literal("format_string('%", "9", "d', i)"),
		literal("format_string('%.", "9", "f', d)"), literal("format_number(i, '", "#", "')"), literal("to_number(s, '", "9", "')"),
		literal("to_char(c, '", "9", "')"), literal("to_char(c, '", "9,", "')"), literal("to_number('", "9", "', '999')"),
		literal("s LIKE '", "%a", "'"), literal("s LIKE '", "_", "'"), literal("repeat('a', 5000) LIKE '", "%a", "b'"),
		literal("repeat('a', 5000) ILIKE '", "a%", "b'"), literal("s RLIKE '", "a*", "b'"), literal("s RLIKE '", "a?", "b'"),
		literal("s RLIKE '", "(", "'"), literal("s RLIKE '", "(a|", "b'"), literal("repeat('a', 100) RLIKE '", "(a|b)*", "(?=c)'"),
		literal("s RLIKE '", "a|", "b'"), literal("s RLIKE '", "[a-", "z]'"), literal("s RLIKE '", "(?i)", "b'"),
		literal("s RLIKE '", "[", "a'"), literal("s RLIKE '", "[a&&", "b]'"),
		newColumn("nested groups", func(_ *generator, n int) string { return "s RLIKE '" + nest(n, "(", "a", ")*") + "'" }),
		newColumn("nested look-ahead", func(_ *generator, n int) string { return "s RLIKE '" + nest(n, "(?=", "a", ")") + "'" }),
		newColumn("counted repetition", func(_ *generator, n int) string { return "s RLIKE '" + nest(n, "(", "a", "{9}){9}") + "'" }),
		literal("regexp_replace(s, '", "(a)", "', '$1')"), literal("regexp_replace(s, 'a', '", "$0", "')"),
		literal("get_json_object(s, '$", ".a", "')"), literal("get_json_object(s, '$", "[*]", "')"),
		newColumn("get_json_object of [[[…", func(_ *generator, n int) string {
			return "get_json_object('" + nest(n, "[", "1", "]") + "', '$" + strings.Repeat("[*]", n) + "')"
		}),
		newColumn("get_json_object of wide arrays", func(_ *generator, n int) string {
			return "get_json_object('[" + chain(n, ",", numbered("[#]")) + "]', '$[*][*]')"
		}),
		newColumn("from_json nested", func(_ *generator, n int) string {
			return "from_json('" + nest(n, "[", "1", "]") + "', '" + nest(n, "array<", "int", ">") + "')"
		}),
		newColumn("from_json wide", func(_ *generator, n int) string {
			return "from_json('{}', '" + chain(n, ", ", numbered("f# int")) + "')"
		}),
		newColumn("schema_of_json nested", func(_ *generator, n int) string { return "schema_of_json('" + nest(n, "[", "1", "]") + "')" }),
		newColumn("schema_of_json wide", func(_ *generator, n int) string {
			return "schema_of_json('{" + chain(n, ",", numbered(`"f#":#`)) + "}')"
		}),
		newColumn("from_csv wide", func(_ *generator, n int) string { return "from_csv('1', '" + chain(n, ", ", numbered("f# int")) + "')" }),
		newColumn("parse_json nested", func(_ *generator, n int) string { return "to_json(parse_json('" + nest(n, "[", "1", "]") + "'))" }),
		newColumn("CAST AS nested", func(_ *generator, n int) string { return "CAST(NULL AS " + nest(n, "ARRAY<", "INT", ">") + ")" }),
		newColumn("CAST AS wide", func(_ *generator, n int) string {
			return "CAST(NULL AS STRUCT<" + chain(n, ", ", numbered("f#: INT")) + ">)"
		}),
		newColumn("CAST wide AS wide", func(_ *generator, n int) string {
			return "CAST(struct(" + chain(n, ", ", numbered("i AS g#")) + ") AS STRUCT<" + chain(n, ", ", numbered("f#: STRING")) + ">)"
		}),
	}
}

// sizedShapes are short texts that ask for much work.
func sizedShapes() []shape {
	return []shape{
		sized("s RLIKE 'a{#}'"), sized("s RLIKE '(a{#}){#}'"), sized("s RLIKE '(a{#}(?=c)){#}'"), sized("s RLIKE '(?:a?){#}(?:a){#}'"),
		sized("sequence(1, #00000)"), sized("sequence(1, 9223372036854775807)"),
		sized("sequence(-9223372036854775808, 9223372036854775807, #)"),
		sized("sequence(date'0001-01-01', date'9999-12-31', interval 1 day)"),
		sized("sequence(timestamp'0001-01-01', timestamp'9999-12-31', interval 1 second)"), sized("repeat(s, #0000)"),
		sized("repeat(repeat('x', #0000), #0000)"), sized("array_repeat(s, #0000)"), sized("array_repeat(array_repeat(s, #000), #000)"),
		sized("lpad(s, #00000, 'ab')"), sized("rpad(s, #000000, s)"), sized("space(#000000)"), sized("format_string('%#0000d', i)"),
		sized("format_string('%.#0000f', d)"), sized("format_string('%,#00000d', i)"), sized("format_number(d, #)"), sized("round(d, #)"),
		sized("round(c, -#)"), sized("round(e, #)"), sized("conv(repeat('9', #000), 10, 36)"), sized("conv(s, #, 10)"),
		sized("factorial(#)"), sized("pow(10, #)"), sized("shiftleft(1, #)"), sized("CAST(s AS DECIMAL(38, #))"),
		sized("CAST(1 AS DECIMAL(#, 2))"), sized("bround(c, #)"), sized("levenshtein(repeat('a', #0), repeat('b', #0))"),
		sized("soundex(repeat('a', #000))"), sized("sentences(repeat('a. ', #000))"), sized("str_to_map(repeat('a:1,', #00))"),
		sized("split(repeat('a,', #000), ',')"), sized("array_sort(sequence(1, #00), (p, q) -> q - p)"),
		sized("aggregate(sequence(1, #00), 0L, (p, q) -> p + q)"), sized("aggregate(sequence(1, #), 'a', (p, q) -> p || p)"),
		sized("transform(sequence(1, #0), x -> transform(sequence(1, #), y -> x * y))"), sized("array_distinct(sequence(1, #00))"),
		sized("array_except(sequence(1, #00), sequence(#, #00))"), sized("flatten(array_repeat(sequence(1, #0), #0))"),
		sized("arrays_zip(sequence(1, #000), sequence(1, #00))"), sized("map_from_arrays(sequence(1, #000), sequence(1, #000))"),
		sized("shuffle(sequence(1, #000), 1)"), sized("reverse(repeat('äb', #000))"), sized("translate(repeat('a', #000), 'abc', 'x')"),
		sized("replace(repeat('a', #000), 'a', repeat('b', 50))"), sized("substring_index(repeat('a.', #000), '.', -#)"),
		sized("instr(repeat('a', #000), repeat('a', #00) || 'b')"), sized("locate(repeat('a', #00) || 'b', repeat('a', #000))"),
		sized("sha2(repeat('a', #000), 256)"), sized("base64(repeat('a', #000))"), sized("hex(repeat('a', #000))"),
		sized("explode(sequence(1, #00))"), sized("explode(array_repeat(s, #00))"), sized("initcap(repeat('a b ', #000))"),
		sized("url_encode(repeat(' ', #000))"), sized("to_json(array_repeat(array_repeat(i, #0), #0))"),
		sized("concat_ws(',', array_repeat(s, #00))"), sized("array_join(array_repeat(s, #00), ',')"),
		sized("regexp_replace(repeat('ab', #00), '(a)(b)', '$2$1')"), sized("repeat('a', #) RLIKE '^(a+)+(?=c)$'"),
		sized("repeat('a', #00) RLIKE '(a*)*b'"), sized("regexp_extract_all(repeat('a', #00), '(a)')"),
		sized("regexp_count(repeat('a', #00), 'a*?b')"), sized("date_add(dt, #00000)"), sized("add_months(dt, #00000)"),
		sized("make_interval(#00000)"), sized("t + make_dt_interval(#00000)"), sized("window(t, '# seconds')"),
		sized("window(t, '# seconds', '1 second')"), sized("window(t, '#00 days', '1 microsecond')"), sized("randstr(#0, 1)"),
		sized("bin(i) || lpad('', #00, '01')"), sized("array_insert(a, #000, 1)"), sized("array_insert(a, -#000, 1)"),
		sized("slice(sequence(1, #00), -#, #)"), sized("elt(#, s, u)"), sized("histogram_numeric(i, #)"),
		sized("overlay(s PLACING repeat('x', #000) FROM #)"), sized("format_string('%-#000s', s)"), sized("mask(repeat('aB1', #000))"),
		sized("luhn_check(repeat('1', #000))"), sized("octet_length(repeat(s, #000))"), sized("find_in_set('x', repeat('a,', #000))"),
		sized("jaro_winkler_similarity(repeat('a', #0), repeat('b', #0))"), sized("parse_url(repeat('http://a/', #00), 'QUERY')"),
		sized("from_json(repeat('[', #00), 'array<int>')"), sized("schema_of_csv(repeat('a,', #00))"), sized("unhex(repeat('f', #000))"),
		sized("ascii(repeat('f', #000))"), sized("crc32(repeat('f', #000))"), sized("aes_encrypt(repeat('f', #000), '0000111122223333')"),
		sized("zip_with(sequence(1, #00), sequence(1, #00), (p, q) -> p * q)"),
		sized("map_zip_with(map_from_arrays(sequence(1, #0), sequence(1, #0)), map(1, 2), (k, p, q) -> p)"),
		sized("map_concat(map_from_arrays(sequence(1, #00), sequence(1, #00)), m)"), sized("cardinality(sequence(1, #000))"),
		sized("sort_array(sequence(#000, 1))"), sized("array_position(sequence(1, #000), #000)"),
		sized("array_remove(sequence(1, #000), 3)"), sized("array_min(sequence(1, #000))"),
		sized("array_intersect(sequence(1, #00), sequence(1, #00))"), sized("arrays_overlap(sequence(1, #00), sequence(-#00, 0))"),
		sized("exists(sequence(1, #000), x -> x < 0)"), sized("array_append(sequence(1, #000), 1)"),
		sized("get_json_object(repeat('[', #00), '$[0]')"), sized("json_array_length(repeat('[', #00))"),
		sized("json_object_keys('{' || repeat('\"a\":1,', #00) || '\"b\":2}')"),
	}
}

// randomShapes put random expressions into chains, calls, nesting and steps.
func randomShapes() []shape {
	random := func(class string) func(g *generator) func(int) string {
		return func(g *generator) func(int) string {
			return func(int) string { return g.value(class, 3).sql() }
		}
	}
	chainOf := func(class, separator string) shape {
		return newColumn("random "+class+separator+"…", func(g *generator, n int) string { return chain(n/8+1, separator, random(class)(g)) })
	}
	return []shape{
		chainOf("boolean", " AND "), chainOf("boolean", " OR "), chainOf("string", " || "), chainOf("int", " + "), chainOf("double", " * "), chainOf("decimal", " + "),
		newColumn("random in CASE", func(g *generator, n int) string {
			return "CASE " + chain(n/16+1, " ", func(i int) string {
				return "WHEN " + random("boolean")(g)(i) + " THEN " + random("string")(g)(i)
			}) + " END"
		}),
		newColumn("random in a list", func(g *generator, n int) string { return "array(" + chain(n/8+1, ", ", random("array<int>")(g)) + ")" }),
		newColumn("random and deep", func(g *generator, n int) string { return g.root(2 + n%7).sql() }),
		inSteps("random columns", func(g *generator, n int) []job.Step {
			var steps []job.Step
			for i := range n/4 + 1 {
				steps = append(steps, withColumn(numbered("x#")(i), g.root(3).sql()), where("", g.value("boolean", 3).sql()))
			}
			return steps
		}),
		inSteps("random replaced columns", func(g *generator, n int) []job.Step {
			var steps []job.Step
			for range n {
				c := pick(g.Rand, columns)
				steps = append(steps, withColumn(c.name, g.value(c.class, 2).sql()))
			}
			return steps
		}),
	}
}
