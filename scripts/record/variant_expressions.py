"""Lists the expressions of the corpus about VARIANT: JSON texts, paths, types and operations.

usage: variant_expressions.py | variants.py ../../test/conformance/testdata/expressions variant
"""
import itertools
import json

out = []


def add(expr, source="one"):
    if (expr, source) not in out:
        out.append((expr, source))


def lit(text):
    """Returns an SQL string literal."""
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'").replace("\n", "\\n").replace("\t", "\\t") + "'"


def js(text):
    return f"parse_json({lit(text)})"


# JSON texts: all types, sizes of numbers, valid and invalid JSON
TEXTS = r'''
null true false 0 -0 1 -1 127 128 -128 -129 32767 32768 -32769 2147483647 2147483648 -2147483649 9223372036854775807
-9223372036854775808 9223372036854775808 -9223372036854775809 99999999999999999999999999999999999999
100000000000000000000000000000000000000 -99999999999999999999999999999999999999 1.0 1.50 0.1 -0.0 0.00 123.456 100.00 1e3 1E3 1e-3
1.5e10 1e308 1e309 -1e309 1e-400 4.9e-324 1.7976931348623157e308 123456789.5 1234567890.5 0.123456789 0.1234567891
123456789012345678.5 0.123456789012345678 0.1234567890123456789 12345678901234567890.123456789012345678
0.12345678901234567890123456789012345678 0.123456789012345678901234567890123456789 1234567890123456789012345678901234567.89 1E+2 1.0E2 10000000.0
1e7 1.0e-5 0.001 3.4028235e38 "" "a" "hello" "null" "1" "\u0041" "\u00e9" "\ud83d\ude00" "\ud83d" "\ude00x" "\n\t\r\b\f\"\\\/" "\u0000" "\u001f" "\u007f" "é日本😀"
"\u2028" "'" "a/b" "<a&b>" [] [1] [1,2,3] [1,"a",null,true,1.5] [[]] [[1],[2,[3]]] [1,1.5] [1,"a"] [null] [null,1] [1,null,2.5]
[1e3,1] [1.5,2.25,100] [{"a":1},{"a":"x"}] [{"a":1},{"b":2}] [{"b":true,"a":0}] [[1],["a"]] [[],[1]] [{},{"a":1}] [true,1] [9999999999,0.5] [0.5,1e1] {}
{"a":1} {"b":1,"a":2} {"a":{"b":{"c":[1,2,{"d":null}]}}} {"":1} {"a.b":1} {"a b":1} {"é":1,"z":2} {"😀":1,"\uffff":2} {"A":1,"a":2,"B":3}
{"a":1,"a":2} {"a":{"x":1,"x":2}} [{"a":1,"a":1}] {"a":1,"b":{"a":1}} {"\u0061":1} {"a`b":1} {"x:y":1,"1":2} {"k":"v","n":null,"t":true,"f":false,"d":1.5,"e":1e2,"l":[1],"o":{}}
nul True NULL NaN Infinity -Infinity 01 1. .5 +1 -  1e 1e+ 0x10 1_000 1a 1,2 'a' "a a" "\x" "\u12" [1,] [1 [ ] [1]] {a:1} {'a':1} {"a"} {"a":} {"a":1,} {"a":1 } tru "a"b
'''.split("\n")
for k, line in enumerate(TEXTS):
    broken = k >= len(TEXTS) - 2  # the last line is not JSON
    for text in line.split(" "):
        if text and not broken:
            add(js(text))
            add(f"schema_of_variant({js(text)})")
        elif text:
            add(f"try_parse_json({lit(text)})")
for text in ["bad", "{", "[1,", '{"a":1,"a":2}', "1a", "", '"\\ud83d"', "01"]:
    add(js(text))
for text in ["", " ", "  1  ", "[1] x", "1 2", "{} {}", '"a" "b"', "null null", '"tab\there"', '"line\nbreak"', ' { "a" : [ 1 , 2 ] , "b" : { } } ', "[1, /* c */ 2]",
             "// c\n1", "\ufeff1", '"' + "x" * 63 + '"', '"' + "x" * 64 + '"', '"' + "é" * 40 + '"', "[" + ",".join("1" for _ in range(255)) + "]",
             "[" + ",".join("1" for _ in range(256)) + "]", "[" + ",".join('"%s"' % ("y" * 60) for _ in range(5)) + "]",
             "{" + ",".join('"k%d":%d' % (i, i) for i in range(40)) + "}", "{" + ",".join('"k%d":%d' % (i, i) for i in range(300)) + "}",
             '{"' + "k" * 300 + '":1}', "[" * 50 + "]" * 50, "1" * 500, "0." + "1" * 500, "[" * 1001 + "]" * 1001, '{"a":[1,2}', '{"a":1]', "[1}"]:
    add(f"try_parse_json({lit(text)})")
for e in ["length(parse_json(concat('[\"', repeat('z', 70000), '\",1]'))::string)", "variant_get(parse_json(concat('[\"', repeat('z', 70000), '\",1]')), '$[1]')", "parse_json(concat('\"', repeat('z', 17000000), '\"')) IS NULL",
          "try_parse_json(concat('\"', repeat('z', 17000000), '\"')) IS NULL", "length(parse_json(concat('\"', repeat('z', 16000000), '\"'))::string)", "parse_json(concat('[', repeat('[', 600), repeat(']', 600), ']')) IS NULL",
          "cast(repeat('z', 17000000) as variant) IS NULL", "try_cast(repeat('z', 17000000) as variant) IS NULL"]:
    add(e)
for text in ["bad", "{", "[1,", '{"a":1,"a":2}', "1 2", "", "null", "NULL", '{"a":1}']:
    add(f"try_parse_json({lit(text)})")
for e in ["parse_json(NULL)", "try_parse_json(NULL)", "parse_json(cast(NULL as string))", "parse_json(1)", "parse_json(true)", "parse_json(1.50)", "parse_json(DATE'2024-01-02')",
          "parse_json(array(1))", "parse_json(X'7B7D')", "parse_json()", "parse_json('1', '2')", "try_parse_json()", "try_parse_json(1, 2)", "parse_json(parse_json('1'))",
          "parse_json(parse_json('\"[1]\"')::string)", "parse_json(' 1')", "parse_json(concat('[', 1, ']'))", "typeof(parse_json('1'))", "typeof(array(parse_json('1')))",
          "typeof(named_struct('v', parse_json('1')))", "typeof(try_parse_json('x'))", "typeof(cast(1 as variant))", "parse_json('bad') IS NULL", "parse_json('1') IS NOT NULL",
          "coalesce(try_parse_json('{'), parse_json('0'))", "if(true, parse_json('1'), parse_json('2'))", "CASE WHEN x = 1 THEN parse_json('1') ELSE parse_json('2') END",
          "if(false, parse_json('bad'), parse_json('2'))", "nvl(try_parse_json('{'), parse_json('[]'))", "nullif(parse_json('1'), parse_json('1'))",
          "if(true, parse_json('1'), 2)", "coalesce(parse_json('1'), 'a')", "array(parse_json('1'), 2)", "array(parse_json('1'), parse_json('\"a\"'))",
          "map('a', parse_json('1'))", "map(parse_json('1'), 1)", "named_struct('a', parse_json('[1,{\"b\":2}]'), 'b', 1)", "array(parse_json('1'))[0]", "size(array(parse_json('1')))"]:
    add(e)

# schemas
for e in ["schema_of_variant(NULL)", "schema_of_variant('1')", "schema_of_variant(1)", "schema_of_variant()", "schema_of_variant(cast(NULL as variant))", "schema_of_variant(try_parse_json('{'))",
          "schema_of_variant(parse_json('1'), 1)"]:
    add(e)

# null
for e in ["parse_json('null')", "parse_json('\"null\"')", "parse_json('13')", "parse_json(NULL)", "NULL", "cast(NULL as variant)", "1", "'null'", "parse_json('{\"a\":null}'):a", "parse_json('{\"a\":null}'):b",
          "to_variant_object(array(null, 1))", "cast(cast(null as int) as variant)"]:
    add(f"is_variant_null({e})")
    add(f"is_valid_variant({e})")
add("is_variant_null()")
add("is_variant_null(parse_json('1'), 2)")

# paths
DOC = r'''{"a":1,"b":{"c":"x","d":[10,20,{"e":null,"f":"deep"}]},"a b":2,"":3,"x.y":4,"k'q":5,"q\"q":6,"[0]":7,"é":8,"A":9,"list":[[1,2],[3,[4]]],"n":null,"0":10,"$":11,"a?b":12," s":13}'''
PATHS = ["$", "$.a", "$.b", "$.b.c", "$.b.d", "$.b.d[0]", "$.b.d[2].f", "$.b.d[2].e", "$.b.d[3]", "$.b.d[-1]", "$.b.d[01]", "$.b.d[*]", "$.*", "$.a b", "$['a b']", '$["a b"]', "$['x.y']",
         "$.x.y", "$[\"k'q\"]", "$['k\\'q']", "$['q\"q']", "$['[0]']", "$.[0]", "$.é", "$['é']", "$.A", "$.zzz", "$.a.b", "$.a[0]", "$[0]", "$.list[0]", "$.list[1][1][0]", "$.list[1][9][0]", "$.n", "$.n.x",
         "$.0", "$['0']", "$.$", "$['']", "$[\"\"]", "$.", "$..a", "", "a", ".a", "$a", " $.a", "$.a ", "$ .a", "$. a", "$.a.", "$[", "$[]", "$['a", "$['a]", "$[a]", "$['a'].b", "$['b']['c']", "$[\"b\"].d[1]", "$['b'][\"d\"][2]['f']",
         "$.b.d[ 1 ]", "$.b.d[99999999999]", "$.b.d[2147483647]", "$.b.d[2147483648]", "$['a?b']", "$.a?b", "$[' s']", "$. s", "$.s", "$[ 'a']", "$['a' ]", "$.b\n.c", "$.b .c", "$['b'] ['c']", "$.list [0]", "@.a", "$.a-b", "$.a]", "$.a']",
         "$['a\"]", "$.list[0][1]", "$.b['d'][0]", "$.b.d[1.0]", "$.b.d[+1]", "$.b.d['0']", "$.B", "$.b.C", "lax $.a", "$.b.d[٣]"]
for p in PATHS:
    add(f"variant_get({js(DOC)}, {lit(p)})")
    if p in PATHS[:20] or "[" not in p:
        add(f"try_variant_get({js(DOC)}, {lit(p)}, 'string')")
for e in ["variant_get(parse_json('[1,2]'), '$[0]', 'int')", "variant_get(parse_json('[1,2]'), '$[1]')", "variant_get(parse_json('{\"a\":1}'), NULL)", "variant_get(NULL, '$.a')", "variant_get(NULL, '$.a', 'int')",
          "variant_get(parse_json('1'), '$', NULL)", "variant_get(parse_json('1'), '$', 'nonsense')", "variant_get(parse_json('1'), '$', 1)", "variant_get(parse_json('1'), concat('$', ''), 'int')",
          "variant_get(parse_json('1'), '$', concat('in', 't'))", "variant_get(parse_json('1'), '$', cast(x as string))", "variant_get(parse_json('{\"1\":5}'), concat('$.', cast(x as string)))", "variant_get(parse_json('1'), 1)", "variant_get(1, '$')",
          "variant_get('1', '$')", "variant_get(parse_json('1'))", "variant_get()", "variant_get(parse_json('1'), '$', 'int', 1)", "variant_get(cast(NULL as variant), '$.a', 'int')", "variant_get(cast(NULL as variant), 'bad path', 'int')",
          "try_variant_get(parse_json('{\"a\":1}'), 'bad', 'int')", "try_variant_get(parse_json('{\"a\":\"x\"}'), '$.a', 'int')", "variant_get(parse_json('{\"a\":\"x\"}'), '$.a', 'int')", "try_variant_get(parse_json('1'), '$')", "try_variant_get()",
          "variant_get(parse_json('{\"a\":1}'), '$.a', 'a int')", "variant_get(parse_json('{\"a\":1}'), '$', 'a int, b string')", "variant_get(parse_json('{\"a\":1,\"b\":\"x\"}'), '$', 'struct<a:int,b:string>')",
          "variant_get(parse_json('{\"a\":1}'), '$', 'map<string,int>')", "variant_get(parse_json('{\"a\":1}'), '$', 'map<int,int>')", "variant_get(parse_json('1'), '$', 'interval day')", "variant_get(parse_json('1'), '$', 'interval')",
          "variant_get(parse_json('1'), '$', 'void')", "variant_get(parse_json('1'), '$', 'variant')", "variant_get(parse_json('1'), '$', 'INT')", "variant_get(parse_json('1'), '$', 'char(3)')", "variant_get(parse_json('\"abcdef\"'), '$', 'varchar(3)')",
          "variant_get(parse_json('1'), '$', 'timestamp_ntz')", "variant_get(parse_json('1'), '$', 'array<void>')", "variant_get(parse_json('1'), '$', 'int not null')", "variant_get(parse_json('[1]'), '$', 'array<variant>')"]:
    add(e)

# extraction with a colon
for p in ["a", "b.c", "b.d[0]", "b.d[2].f::string", "b['c']", "['a b']", "`a b`", "`x.y`", "b.`c`", "list[0][1]", "list[1][1][0]::int", "zzz", "A", "a::int", "a::double", "n", "n::int", "b::string", "b.d::array<string>", "b.d[9]",
          "a + 1", "a::int + 1", "b.c::string || 'x'", "['[0]']", "`é`", "['é']", "é", "b.zzz.y", "['0']", "b.d[-1]", "b.*", "a IS NULL", "a::int IN (1, 2)", "a = 1", "a::int = 1", "b:c", "b.d[0]:x"]:
    add(f"{js(DOC)}:{p}")
for e in ["parse_json('[1,2]'):[1]", "parse_json('[1,[2,3]]')[1]", "parse_json('{\"a\":1}').a", "x:a", "NULL:a", "parse_json('{\"a\":{\"b\":[1,2]}}'):a.b[1]", "parse_json('{\"a b\":1}'):`a b`::int", "named_struct('v', parse_json('{\"a\":1}')).v:a",
          "array(parse_json('{\"a\":1}'))[0]:a::int", "(parse_json('{\"a\":1}')):a", "parse_json('{\"a\":1}'):a:b", "element_at(array(parse_json('[5]')), 1):[0]::int", "parse_json('{\"select\":1}'):select", "parse_json('{\"a-b\":1}'):a-b"]:
    add(e)

# casts: each value to each type
VALUES = {
    "null": "parse_json('null')", "true": "parse_json('true')", "int": "parse_json('12')", "neg": "parse_json('-300')", "long": "parse_json('3000000000')", "big": "parse_json('9223372036854775808')", "dec": "parse_json('12.50')", "deci": "parse_json('100.00')",
    "double": "parse_json('1.5e2')", "huge": "parse_json('1e300')", "text": "parse_json('\"hello\"')", "digits": "parse_json('\" 42 \"')", "textdec": "parse_json('\"1.25\"')", "textbool": "parse_json('\"Yes\"')", "textdate": "parse_json('\"2024-02-29\"')", "textts": "parse_json('\"2024-02-29 01:02:03.5\"')",
    "array": "parse_json('[1,2]')", "mixed": "parse_json('[1,\"x\",null]')", "object": "parse_json('{\"a\":1,\"b\":\"x\"}')", "date": "cast(DATE'2024-02-29' as variant)", "ts": "cast(TIMESTAMP'2024-02-29 01:02:03.456' as variant)", "ntz": "cast(TIMESTAMP_NTZ'2024-02-29 01:02:03' as variant)",
    "float": "cast(1.1F as variant)", "nan": "cast(double('NaN') as variant)", "inf": "cast(double('-Infinity') as variant)", "finf": "cast(float('Infinity') as variant)", "binary": "cast(X'68C3A9' as variant)", "badbin": "cast(X'FF00' as variant)", "dec38": "cast(12345678901234567890123456789012345.678BD as variant)",
}
TYPES = ["boolean", "tinyint", "smallint", "int", "bigint", "float", "double", "decimal(4,1)", "decimal(38,10)", "string", "binary", "date", "timestamp", "timestamp_ntz", "variant", "array<int>", "array<string>", "map<string,string>", "struct<a:int,b:string>", "struct<A:int,c:int>"]
for v, t in itertools.product(VALUES, TYPES):
    add(f"try_variant_get({VALUES[v]}, '$', '{t}')")
for v, t in [("text", t) for t in TYPES[:13]] + [("array", "int"), ("array", "map<string,int>"), ("object", "array<int>"), ("object", "string"), ("object", "date"), ("binary", "int"), ("date", "int"), ("ts", "boolean"), ("huge", "int"), ("big", "bigint"), ("dec38", "int"), ("nan", "int"), ("true", "date"),
             ("long", "tinyint"), ("dec", "date"), ("double", "binary"), ("ntz", "timestamp"), ("int", "array<int>"), ("mixed", "array<int>"), ("object", "map<string,int>"), ("neg", "tinyint"), ("text", "interval day"), ("text", "interval year"), ("int", "interval day"), ("null", "int"), ("date", "timestamp"), ("float", "decimal(4,1)"), ("dec38", "decimal(4,1)")]:
    add(f"cast({VALUES[v]} as {t})")
for t in ["interval", "void", "interval day to second", "map<int,string>", "struct<a:map<int,int>>", "char(5)", "varchar(2)", "time", "nothing"]:
    add(f"cast(parse_json('1') as {t})")
    add(f"try_cast(parse_json('1') as {t})")
for e in ["try_cast(parse_json('\"x\"') as int)", "try_cast(parse_json('[1,\"x\"]') as array<int>)", "parse_json('\"x\"')::int", "parse_json('12')::string", "parse_json('\"x\"')::string", "parse_json('null')::string", "parse_json('{\"b\":1,\"a\":[1, 2]}')::string",
          "int(parse_json('5'))", "string(parse_json('5.50'))", "date(parse_json('\"2024-01-01\"'))", "boolean(parse_json('\"t\"'))", "double(parse_json('\"abc\"'))", "cast(parse_json('{\"a\":{\"b\":1}}') as struct<a:struct<b:string>>)", "cast(parse_json('[{\"a\":1},{\"a\":2}]') as array<struct<a:int>>)",
          "cast(parse_json('{\"a\":[1],\"b\":[]}') as map<string,array<int>>)", "cast(parse_json('{\"a\":1,\"A\":2}') as struct<a:int>)", "cast(parse_json('{\"a\":1}') as struct<a:int, a:int>)", "cast(parse_json('{\"a\":1}') as struct<>)", "cast(parse_json('99999999999999') as timestamp)",
          "cast(parse_json('9223372036854775807') as timestamp)", "cast(parse_json('1.5') as timestamp)", "cast(parse_json('1.23456789') as timestamp)", "cast(parse_json('99999999999999999999.5') as timestamp)", "cast(parse_json('1e3') as timestamp)", "cast(parse_json('true') as timestamp)",
          "cast(parse_json('1.0') as string)", "cast(parse_json('100.00') as string)", "cast(parse_json('0.0000000001') as string)", "cast(parse_json('1e20') as string)", "cast(parse_json('123e-2') as string)", "cast(parse_json('1e2') as decimal(10,2))", "cast(parse_json('0.00000000000000000001') as string)",
          "cast(parse_json('0.0') as string)", "cast(parse_json('0.0') as boolean)", "cast(parse_json('2') as boolean)", "cast(parse_json('\"1e3\"') as int)", "cast(parse_json('\"1e3\"') as double)", "cast(parse_json('1.9') as int)", "cast(parse_json('-1.9') as int)", "cast(parse_json('1.9e0') as int)",
          "cast(parse_json('0.5') as boolean)", "cast(parse_json('{}') as map<string,int>)", "cast(parse_json('[]') as array<int>)", "cast(parse_json('null') as struct<a:int>)", "cast(parse_json('[null]') as array<int>)", "cast(parse_json('{\"a\":null}') as map<string,int>)",
          "cast(parse_json('\"" + "q" * 80 + "\"') as int)", "variant_get(parse_json('{\"a\":{\"b\":[1,2]}}'), '$.a', 'struct<b:array<string>>')", "cast(array(parse_json('1'), parse_json('\"2\"')) as array<int>)", "cast(named_struct('a', parse_json('1')) as struct<a:string>)", "cast(map('a', parse_json('1')) as map<string,int>)"]:
    add(e)

# to VARIANT
for e in ["true", "1Y", "-1Y", "1S", "300S", "1", "70000", "5000000000", "1.5F", "float('NaN')", "1.5D", "double('NaN')", "double('Infinity')", "-0.0D", "1e300D", "1.50BD", "cast(1 as decimal(38,0))", "cast(1.5 as decimal(20,10))", "cast(123456789.123 as decimal(18,3))", "0.00BD", "-0.001BD",
          "12345678901234567890123456789012345678BD", "cast(100 as decimal(9,2))", "'a'", "''", "'é😀'", "'a\"b\\\\c'", "X''", "X'00FF'", "DATE'2024-01-02'", "DATE'0001-01-01'", "DATE'-0001-01-01'", "DATE'+10000-01-01'", "TIMESTAMP'2024-01-02 03:04:05'", "TIMESTAMP'2024-01-02 03:04:05.123456'", "TIMESTAMP'2024-01-02 03:04:00'",
          "TIMESTAMP'2024-01-02 03:04:05.1'", "TIMESTAMP'1900-01-01 00:00:00.000001'", "TIMESTAMP_NTZ'2024-01-02 03:04:05.5'", "TIMESTAMP_NTZ'2024-01-02 03:04:00'", "NULL", "cast(NULL as int)", "INTERVAL '1' DAY", "INTERVAL '1' YEAR", "interval 1 month 2 days", "array(1, 2)", "array('a', null)", "array(array(1), array())", "array()",
          "array(1.5, 2.25)", "map('a', 1)", "map('b', 1, 'a', 2)", "map('a', array(1))", "map(1, 2)", "map()", "named_struct('a', 1)", "named_struct('b', 1, 'a', 'x')", "struct(1, 2)", "named_struct('a', named_struct('b', array(1)))", "array(named_struct('a', 1), named_struct('a', 2))", "named_struct('a', 1, 'a', 2)",
          "named_struct('a', parse_json('{\"z\":1,\"a\":2}'), 'b', null)", "array(parse_json('1'), parse_json('{\"q\":1}'))", "named_struct('a', cast(null as int))", "map('k', parse_json('[1]'))", "named_struct('A', 1, 'a', 2)", "TIME'01:02:03'", "array(map('a', 1))", "array(interval 1 day)", "named_struct('é', 1, 'z', 2)", "parse_json('{\"a\":1}')"]:
    add(f"cast({e} as variant)")
    add(f"to_variant_object({e})")
    add(f"schema_of_variant(try_cast({e} as variant))")
for e in ["schema_of_variant(to_variant_object(named_struct('b', 1, 'a', array(1.5, 2))))", "to_variant_object(named_struct('v', try_parse_json('{')))", "to_variant_object()", "to_json(to_variant_object(named_struct('b', 1, 'a', DATE'2024-01-02')))", "cast(1 as variant)::string", "cast(X'6869' as variant)::string",
          "cast(cast(DATE'2024-01-02' as variant) as string)", "cast(TIMESTAMP'2024-01-02 03:04:05' as variant)::string", "cast(TIMESTAMP'2024-01-02 03:04:05' as variant)::date", "cast(TIMESTAMP_NTZ'2024-01-02 03:04:05' as variant)::timestamp", "to_variant_object(named_struct('a', 1)):a::int", "try_cast(named_struct('a', 1) as variant)",
          "cast(1.10BD as variant)::string", "cast(1e16D as variant)", "cast(1.0D as variant)", "cast(1e7D as variant)", "cast(1e-5D as variant)", "cast(123456.7F as variant)"]:
    add(e)

# JSON text
for e in ["parse_json('{\"b\":1,\"a\":[1, 2]}')", "parse_json('null')", "parse_json('\"x\"')", "cast(NULL as variant)", "named_struct('v', parse_json('{\"b\":1}'))", "named_struct('v', parse_json('null'))", "named_struct('v', try_parse_json('{'))", "named_struct('v', parse_json('\"q\\\\\"q\"'), 'n', 1)",
          "array(parse_json('1'), parse_json('null'), try_parse_json('{'))", "map('k', parse_json('{\"z\":[]}'))", "map('k', try_parse_json('{'))", "array(named_struct('v', parse_json('1.50')))", "named_struct('t', cast(TIMESTAMP'2024-01-02 03:04:05' as variant), 'd', cast(DATE'2024-01-02' as variant), 'b', cast(X'FF' as variant))",
          "cast(double('NaN') as variant)", "cast(float('Infinity') as variant)", "named_struct('d', cast(double('NaN') as variant))", "parse_json('\"\\\\u2028/é<\"')", "parse_json('\"\\\\u0001\\\\u007f\\\\u0080\"')"]:
    add(f"to_json({e})")
for e in ["to_json(parse_json('{\"a\":null}'), map('ignoreNullFields', 'false'))", "to_json(named_struct('v', parse_json('{\"a\":null}'), 'n', null), map('ignoreNullFields', 'false'))", "to_json(parse_json('[1,{\"a\":2}]'), map('pretty', 'true'))", "to_json(named_struct('t', cast(TIMESTAMP'2024-01-02 03:04:05' as variant)), map('timestampFormat', 'yyyy'))",
          "from_json('{\"a\":1}', 'variant')", "from_json('{\"v\":{\"b\":[1, 2.50]},\"w\":\"x\"}', 'v variant, w string')", "from_json('[1,\"a\",null]', 'array<variant>')", "from_json('{\"a\":1,\"b\":null}', 'map<string,variant>')", "from_json('{\"v\":', 'v variant')", "from_json('{\"v\":1e5}', 'v variant')", "from_json('{\"v\":{\"a\":1,\"a\":2}}', 'v variant')",
          "from_json('bad', 'variant')", "from_json('1', 'variant')", "from_json('null', 'variant')", "from_csv('1,a', 'v variant, w string')", "to_csv(named_struct('v', parse_json('1')))", "concat(parse_json('1'), 'a')", "concat_ws(',', parse_json('1'))", "length(parse_json('1'))", "upper(parse_json('\"a\"'))", "string(parse_json('[1,2]'))",
          "get_json_object(parse_json('{\"a\":1}'), '$.a')", "md5(parse_json('1'))", "parse_json('1') || 'x'", "format_string('%s', parse_json('1'))", "to_json(1)"]:
    add(e)

# unsupported operations
for e in ["parse_json('1') = parse_json('1')", "parse_json('1') = 1", "parse_json('1') = '1'", "parse_json('1') < parse_json('2')", "parse_json('1') <=> parse_json('1')", "parse_json('1') <> 1", "parse_json('1') IN (parse_json('1'))", "parse_json('1') IN (1, 2)", "1 IN (parse_json('1'))", "parse_json('1') BETWEEN 0 AND 2", "parse_json('1') + 1", "-parse_json('1')", "NOT parse_json('true')",
          "parse_json('true') AND true", "parse_json('\"a\"') LIKE 'a'", "hash(parse_json('1'))", "xxhash64(parse_json('1'))", "hash(array(parse_json('1')))", "hash(named_struct('v', parse_json('1')))", "greatest(parse_json('1'), parse_json('2'))", "least(parse_json('1'), 1)", "array_sort(array(parse_json('1')))", "sort_array(array(parse_json('1')))", "array_contains(array(parse_json('1')), parse_json('1'))",
          "array_distinct(array(parse_json('1')))", "array_position(array(parse_json('1')), parse_json('1'))", "array_max(array(parse_json('1')))", "array_union(array(parse_json('1')), array(parse_json('2')))", "array_remove(array(parse_json('1')), parse_json('1'))", "array_join(array(parse_json('1')), ',')", "sequence(parse_json('1'), parse_json('2'))", "CASE parse_json('1') WHEN parse_json('1') THEN 1 END",
          "nullif(parse_json('1'), 1)", "abs(parse_json('-1'))", "round(parse_json('1.5'))", "sum(parse_json('1'))", "max(parse_json('1'))", "count(parse_json('1'))", "count(DISTINCT parse_json('1'))", "first(parse_json('1'))", "last(parse_json('1'))", "any_value(parse_json('1'))", "collect_list(parse_json('1'))", "collect_set(parse_json('1'))", "mode(parse_json('1'))",
          "max_by(parse_json('1'), 1)", "max_by(1, parse_json('1'))", "schema_of_variant_agg(parse_json('1'))", "schema_of_variant_agg(1)", "array_agg(parse_json('1'))", "transform(array(parse_json('{\"a\":1}'), parse_json('{\"a\":2}')), v -> v:a::int)", "filter(array(parse_json('1'), parse_json('2')), v -> v::int > 1)", "reverse(array(parse_json('1'), parse_json('2')))", "element_at(array(parse_json('7')), 1)", "flatten(array(array(parse_json('1'))))", "slice(array(parse_json('1'), parse_json('2')), 1, 1)",
          "array_repeat(parse_json('1'), 2)", "arrays_zip(array(parse_json('1')), array(2))", "map_values(map('a', parse_json('1')))", "explode(array(parse_json('1'), parse_json('[2]')))", "inline(array(named_struct('a', parse_json('1'))))", "stack(2, parse_json('1'), parse_json('2'))", "variant_explode(parse_json('[1]'))", "variant_explode_outer(parse_json('[1]'))", "assert_true(parse_json('true'))",
          "isnull(parse_json('null'))", "isnotnull(parse_json('1'))", "nvl2(parse_json('null'), 1, 2)", "uniform(parse_json('1'), 2)", "struct(parse_json('1'))", "zip_with(array(parse_json('1')), array(1), (a, b) -> a)", "aggregate(array(parse_json('1'), parse_json('2')), 0, (acc, v) -> acc + v::int)", "array_compact(array(parse_json('1'), try_parse_json('{')))", "map_from_arrays(array('a'), array(parse_json('1')))", "to_binary(parse_json('\"a\"'))", "equal_null(parse_json('1'), parse_json('1'))"]:
    add(e)

# changing
for f in ["try_variant_insert", "try_variant_set", "try_variant_array_append", "variant_insert", "variant_set", "variant_array_append"]:
    PLACES = ["$.a", "$.z", "$.b.d", "$.b.d[0]", "$.b.d[1]", "$.b.d[3]", "$.b.d[7]", "$.b.c.x", "$.b.new.deep", "$.b.new[2]", "$[0]", "$.n", "$.n.x", "$['a b']", "$.list[0]", "$.list[1][1]", "$.list[5][2]", "$.a[0]"]
    for p in PLACES if f.startswith("try") else ["$", "$.a", "$.z", "$.b.c.x", "$[0]", "$.*", "$.b.d[-1]", "$['x.y'].z", "$.list[0]", "$['k\\'q'].z"]:
        add(f"{f}({js(DOC)}, {lit(p)}, 99)")
    if f == "try_variant_array_append":
        continue
    for v in ["parse_json('{\"q\":[1]}')", "'text'", "NULL", "cast(NULL as int)", "array(1,2)", "named_struct('a',1)", "map(1,2)", "1.50", "DATE'2024-01-02'", "map('x', 1)", "interval 1 day"]:
        add(f"{f}({js('{}')}, '$.k', {v})")
        add(f"{f}({js('[1,2]')}, '$[0]', {v})")
    for e in [f"{f}()", f"{f}(parse_json('1'))", f"{f}(parse_json('[1]'), '$[0]')", f"{f}(NULL, '$.a', 1)", f"{f}(parse_json('[1]'), NULL, 1)", f"{f}('[1]', '$[0]', 1)", f"{f}(parse_json('[1]'), 1, 1)", f"{f}(parse_json('[1]'), concat('$[', x, ']'), 1)", f"{f}(parse_json('[1]'), '$[1]', x)", f"{f}(parse_json('5'), '$.a', 1)", f"{f}(parse_json('[]'), '$', 1)", f"{f}(parse_json('[]'), '$[0]', 1, 1)",
              f"{f}(parse_json('[]'), '$[0]', 1, true)", f"{f}(parse_json('{{}}'), '$.a', 1, false)", f"{f}(parse_json('{{\"a\":1}}'), '$.a', 1, false)", f"{f}(parse_json('{{\"a\":1}}'), '$.b', 1, NULL)", f"{f}(parse_json('{{\"l\":[1]}}'), '$.l', 2)", f"{f}(parse_json('{{\"l\":[1]}}'), '$.m', 2)", f"{f}(parse_json('null'), '$.m', 2)", f"{f}(parse_json('[1,2,3]'), '$[300]', 2)"]:
        add(e)
for p in ["$", "$.a", "$.z", "$.b.d", "$.b.d[0]", "$.b.d[7]", "$.b.c.x", "$[0]", "$.n", "bad", "$.list[1][1]", "$['a b']"]:
    add(f"variant_delete({js(DOC)}, {lit(p)})")
for e in ["variant_delete(parse_json('[1,2,3]'), '$[1]')", "variant_delete(parse_json('{\"a\":1,\"b\":2}'), '$.a', '$.b')", "variant_delete(parse_json('[1,2,3]'), '$[0]', '$[0]')", "variant_delete(parse_json('{\"a\":1}'), NULL)", "variant_delete(NULL, '$.a')", "variant_delete(parse_json('1'), '$.a')", "variant_delete(parse_json('1'))", "variant_delete()", "variant_delete('{}', '$.a')", "variant_delete(parse_json('{\"a\":1}'), 1)",
          "variant_delete(parse_json('{\"1\":1}'), concat('$.', x))", "variant_strip_nulls(parse_json('{\"a\":null,\"b\":[1,null,{\"c\":null}]}'))", "variant_strip_nulls(parse_json('{\"a\":null,\"b\":[1,null,{\"c\":null}]}'), true)", "variant_strip_nulls(parse_json('{\"a\":null,\"b\":[1,null,{\"c\":null}]}'), false)", "variant_strip_nulls(parse_json('null'))", "variant_strip_nulls(NULL)", "variant_strip_nulls('1')", "variant_strip_nulls(parse_json('[null,[null]]'))",
          "variant_strip_nulls(parse_json('[null,[null]]'), false)", "variant_strip_nulls(parse_json('1'), NULL)", "variant_strip_nulls(parse_json('[null]'), x = 1)", "variant_strip_nulls(parse_json('1'), 2)", "variant_strip_nulls()", "variant_strip_nulls(parse_json('{\"z\":null,\"y\":{\"x\":null}}'))"]:
    add(e)

# columns
for e in ["try_parse_json(j)", "schema_of_variant(try_parse_json(j))", "is_variant_null(try_parse_json(j))", "try_variant_get(try_parse_json(j), '$.a', 'int')", "try_variant_get(try_parse_json(j), '$.a', 'string')", "try_parse_json(j):a", "try_parse_json(j):[0]", "try_parse_json(j)::string", "try_cast(try_parse_json(j) as int)", "try_cast(try_parse_json(j) as array<string>)", "try_cast(try_parse_json(j) as map<string,string>)",
          "variant_get(try_parse_json(j), p)", "variant_get(try_parse_json(j), if(p = 'bad', NULL, p), 'string')", "try_variant_get(try_parse_json(j), p, 'string')", "to_variant_object(named_struct('k', k, 'j', j, 'v', try_parse_json(j)))", "to_json(named_struct('v', try_parse_json(j)))", "parse_json(j)", "variant_get(try_parse_json(j), '$.a', 'int')", "named_struct('v', try_parse_json(j))", "array(try_parse_json(j))",
          "map('v', try_parse_json(j))", "if(k > 3, try_parse_json(j), parse_json('0'))", "coalesce(try_parse_json(j), parse_json('0'))", "explode(try_cast(try_parse_json(j) as array<variant>))", "cast(named_struct('k', k) as variant)", "variant_strip_nulls(try_parse_json(j))", "try_variant_set(try_parse_json(j), '$.a', k)", "try_variant_set(try_parse_json(j), p, k)", "variant_delete(try_parse_json(j), '$.a')"]:
    add(e, "variants")

for expr, source in out:
    print(json.dumps({"expr": expr, "input": source}, ensure_ascii=False))
