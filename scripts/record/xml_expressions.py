"""Lists the expressions of the topic xml of the corpus: texts, schemas and options of from_xml, schema_of_xml and to_xml.

usage: xml_expressions.py > ../../test/conformance/testdata/expressions/xml.jsonl && run.sh the same file
"""
import json

seen = {}


def add(expr, source="one"):
    seen.setdefault((expr, source))


def lit(text):
    """A string literal of SQL."""
    for char, escape in (("\\", "\\\\"), ("'", "\\'"), ("\n", "\\n"), ("\t", "\\t"), ("\r", "\\r"), ("\0", "\\0"), ("\ufeff", "\\uFEFF"), ("\x01", "\\u0001"),
                         ("\x0b", "\\u000B"), ("\x85", "\\u0085"), ("\ufffe", "\\uFFFE")):
        text = text.replace(char, escape)
    return "'" + text + "'"


def options(given):
    return ", map(" + ", ".join(f"{lit(k)}, {lit(v)}" for k, v in given.items()) + ")" if given else ""


def read(text, schema, **given):
    add(f"from_xml({lit(text)}, {lit(schema)}{options(given)})")


def both(text, schema, **given):
    """In both modes."""
    read(text, schema, **given)
    read(text, schema, mode="FAILFAST", **given)


def infer(text, **given):
    add(f"schema_of_xml({lit(text)}{options(given)})")


def write(value, **given):
    add(f"to_xml({value}{options(given)})")


CORRUPT = "a STRING, b STRING, _corrupt_record STRING"

# schemas and arguments
for text in ["a INT, b DOUBLE", "STRUCT<a: INT, b: DOUBLE>", "struct<a int, b double>", "a INT NOT NULL, b DOUBLE COMMENT 'x'", "A int, B double", "b double", "c INT", "a INT, a INT",
             "a INT, A STRING", "INT", "STRING", "ARRAY<STRUCT<a: INT>>", "ARRAY<INT>", "MAP<STRING, INT>", "MAP<INT, INT>", "a MAP<INT, INT>", "a STRUCT<b: MAP<INT, STRING>>",
             "a", "", "a b c", "VARIANT", "a VARIANT", "a VOID", "a BINARY", "a INTERVAL DAY", "a CHAR(3)", "a VARCHAR(2)", "a TIME", "STRUCT<>", "a STRUCT<>"]:
    read("<p><a>1</a><b>0.8</b></p>", text)
for e in ["from_xml('<a><b>1</b></a>')", "from_xml('<a><b>1</b></a>', NULL)", "from_xml('<a><b>1</b></a>', 1)", "from_xml('<a><b>1</b></a>', 'b INT', NULL)",
          "from_xml('<a><b>1</b></a>', 'b INT', 'x')", "from_xml('<a><b>1</b></a>', 'b INT', map('mode', 1))", "from_xml('<a><b>1</b></a>', 'b INT', map())",
          "from_xml(1, 'b INT')", "from_xml(NULL, 'b INT')", "from_xml(CAST(NULL AS STRING), 'b INT')", "from_xml(X'3C', 'b INT')", "from_xml(array('<a/>'), 'b INT')",
          "from_xml(struct(1), 'b INT')", "from_xml(true, 'b INT')", "from_xml('<a><b>1</b></a>', schema_of_xml('<a><b>1</b></a>'))",
          "from_xml('<a><b>1</b></a>', schema_of_xml('<a><b>1</b><c x=\"y\">2.5</c></a>'), map('mode', 'FAILFAST'))", "from_xml('<a><b>1</b></a>', concat('b ', 'INT'))",
          "from_xml('<a><b>1</b></a>', 'b INT', map('mode', 'PERMISSIVE'), 1)", "from_xml('<a><b>1</b></a>', 'b INT').b", "from_xml('<a><b>1</b></a>', 'b INT').c",
          "schema_of_xml()", "schema_of_xml(NULL)", "schema_of_xml(CAST(NULL AS STRING))", "schema_of_xml(1)", "schema_of_xml(true)", "schema_of_xml(X'3C612F3E')",
          "schema_of_xml(upper('<a><b>1</b></a>'))", "schema_of_xml('<a/>', 1)", "schema_of_xml('<a/>', map('mode', 2))", "schema_of_xml('<a/>', NULL)",
          "to_xml()", "to_xml(NULL)", "to_xml(1)", "to_xml('a')", "to_xml(array(1))", "to_xml(map('a', 1))", "to_xml(struct(1), 1)", "to_xml(struct(1), map('a', 1))",
          "to_xml(struct(1), map('a', 'b'), 2)", "to_xml(array(struct(1)))", "to_xml(parse_json('1'))", "to_xml(CAST(NULL AS STRUCT<a: INT>))"]:
    add(e)
add("from_xml(s, 'a STRING')", "strings")
add("schema_of_xml(s)", "strings")
add("from_xml('<a><b>1</b></a>', s)", "strings")
add("from_xml(concat('<r><a>', s, '</a><n>', n, '</n></r>'), 'a STRING, n INT, _corrupt_record STRING')", "strings")
add("from_xml(concat('<r a=\"', s, '\"/>'), '_a STRING')", "strings")
add("to_xml(struct(s, t, n))", "strings")
add("to_xml(struct(s AS `_s`, t AS `_VALUE`), map('nullValue', 'none'))", "strings")
add("to_xml(named_struct('y', y, 's', s, 'i', i, 'l', l, 'f', f, 'd', d, 'c', c, 'e', e, 'b', b))", "numbers")
add("to_xml(named_struct('_y', y, '_f', f, '_d', d, '_c', c, '_e', e, '_b', b, '_VALUE', l))", "numbers")
add("to_xml(struct(fname, age, born, salary))", "people")
add("from_xml(to_xml(struct(fname, age, born, salary)), 'fname STRING, age INT, born DATE, salary DOUBLE')", "people")

# scalars
NUMBERS = ["0", "1", "-1", "+1", "- 1", "--1", "+-1", "-+1", "127", "128", "-128", "-129", "32768", "2147483647", "2147483648", "-2147483648", "-2147483649",
           "9223372036854775807", "9223372036854775808", "-9223372036854775808", "1.0", "1.5", "-1.5", "+1.5", ".5", "5.", "1e3", "1E-3", "-1e3", "1,000", "1,5", "1.000,5", " 1 ", "1 2",
           "1a", "a1", "0x10", "01", "1_0", "1f", "1d", "1.5F", "NaN", "Infinity", "-Infinity", "+Infinity", "INF", "Inf", "1e400", "1e-400", "123456.789", "0.123456789", "", " ", "+", "-", "1L", "١"]
for t in ["INT", "BIGINT", "DOUBLE"]:
    for v in NUMBERS:
        read(f"<r><v>{v}</v></r>", f"v {t}")
for t in ["TINYINT", "SMALLINT", "FLOAT", "DECIMAL(10,2)"]:
    for v in NUMBERS[:16] + NUMBERS[20:]:
        read(f"<r><v>{v}</v></r>", f"v {t}")
for t in ["DECIMAL(38,0)", "DECIMAL(3,0)"]:
    for v in ["1", "999", "1000", "1.5", "2.5", "-0.5", "1e2", "1e40", "99999999999999999999999999999999999999", "999999999999999999999999999999999999999", "1,0", "+5"]:
        read(f"<r><v>{v}</v></r>", f"v {t}")
for v in ["true", "false", "TRUE", "False", "1", "0", "yes", "t", "", " true ", "tr ue", "01", "null"]:
    both(f"<r><v>{v}</v></r>", "v BOOLEAN")
for v in ["2024-02-29", "2024-2-9", "2024-02-30", "2024", "2024-02", "20240229", "24-02-29", "2024-02-29T10:00:00", "2024-02-29 10:00", " 2024-02-29 ", "12024-01-01", "-2024-01-01", "0000-01-01",
          "9999-12-31", "10000-01-01", "+10000-01-01", "1582-10-10", "x", "", "19000", "2024/02/29", "2024-02-29Z", "2024-02-29+01:00"]:
    read(f"<r><v>{v}</v></r>", "v DATE")
    read(f"<r><v>{v}</v></r>", "v DATE", preferDate="false")
    infer(f"<r><v>{v}</v></r>")
for v in ["2024-02-29T10:20:30", "2024-02-29 10:20:30", "2024-02-29T10:20:30.123456789", "2024-02-29T10:20:30Z", "2024-02-29T10:20:30+01:00", "2024-02-29T10:20", "2024-02-29", "2024", "10:20:30",
          "T10:20", "2024-02-29T24:00:00", "2024-02-29T10:20:30 Europe/Berlin", "2024-02-29 10:20:30.5", "x", "", "2024-02-30T00:00:00", "1900-01-01T00:00:00GMT+01:00", "2024-02-29T10:20:30.1234567", "2024-02-29T1:2:3"]:
    for t in ["TIMESTAMP", "TIMESTAMP_NTZ"]:
        if t != "TIMESTAMP" or v not in ("10:20:30", "T10:20"):  # these are times of the day on which they are recorded
            read(f"<r><v>{v}</v></r>", f"v {t}")
    infer(f"<r><v>{v}</v></r>")
    infer(f"<r><v>{v}</v></r>", preferDate="false")
read("<r><v>2024-02-29T10:20:30</v><w>2024-02-29T10:20:30</w></r>", "v TIMESTAMP, w TIMESTAMP_NTZ", timeZone="America/Los_Angeles")
read("<r><v>2024-03-10T02:30:00</v></r>", "v TIMESTAMP", timezone="America/Los_Angeles")
read("<r><v>2024-02-29T10:20:30</v></r>", "v TIMESTAMP", timeZone="Nowhere")
for v in ["29/02/2024", "29/02/2024 10:20", "2024-02-29", "29/2/2024", "31/02/2024"]:
    read(f"<r><d>{v}</d><t>x</t></r>", "d DATE, t STRING", dateFormat="dd/MM/yyyy")
    read(f"<r><d>{v}</d></r>", "d TIMESTAMP", timestampFormat="dd/MM/yyyy HH:mm")
    read(f"<r><d>{v}</d></r>", "d TIMESTAMP", timestampFormat="dd/MM/yyyy")
    read(f"<r><d>{v}</d></r>", "d TIMESTAMP_NTZ", timestampNTZFormat="dd/MM/yyyy HH:mm")
    infer(f"<r><d>{v}</d></r>", dateFormat="dd/MM/yyyy")
    infer(f"<r><d>{v}</d></r>", timestampFormat="dd/MM/yyyy HH:mm")
for pattern in ["yyyyyyy", "dd/MMMMM/yyyy", "GGGGG", "Y", "w", "b", "", "[", "YYYY-MM-dd", "'x"]:
    for name, t in (("dateFormat", "DATE"), ("timestampFormat", "TIMESTAMP"), ("timestampNTZFormat", "TIMESTAMP_NTZ")):
        read("<r><d>26/October/2015</d></r>", f"d {t}", **{name: pattern})
        infer("<r><d>26/October/2015</d></r>", **{name: pattern})
        write(f"named_struct('d', CAST(DATE'2015-10-26' AS {t}))", **{name: pattern})
read("<r><d>26 Okt. 2015</d></r>", "d DATE", dateFormat="dd MMM yyyy", locale="de")
read("<r><d>26 Oct 2015</d></r>", "d DATE", dateFormat="dd MMM yyyy", locale="en-GB")
read("<r><d>1.000,5</d></r>", "d DECIMAL(10,2)", locale="de")
read("<r><d>1.000,5</d></r>", "d DOUBLE", locale="de")
infer("<r><d>1.000,5</d></r>", locale="de", prefersDecimal="true")
for v in ["aGVsbG8=", "hello", "", "QUJD"]:
    read(f"<r><v>{v}</v></r>", "v BINARY")
for v in ["10:20:30", "1:2", "x", "10:20:30.123"]:
    read(f"<r><v>{v}</v></r>", "v TIME")
    infer(f"<r><v>{v}</v></r>")
for v in ["1", "INTERVAL '1' DAY", "1 day"]:
    read(f"<r><v>{v}</v></r>", "v INTERVAL DAY")
    read(f"<r><v>{v}</v></r>", "v INTERVAL")
for t in ["INT", "DATE", "TIMESTAMP", "BOOLEAN", "DECIMAL(3,1)", "DOUBLE", "STRUCT<a: INT>", "ARRAY<INT>", "MAP<STRING, INT>", "TINYINT", "VARIANT"]:
    read("<r><v>bad</v><w>good</w></r>", f"v {t}, w STRING, _corrupt_record STRING")
    read("<r><w>good</w><v>bad</v><x>1</x></r>", f"v {t}, w STRING, x INT", mode="FAILFAST")
    read("<r><v></v><w>good</w></r>", f"v {t}, w STRING, _corrupt_record STRING")
    read("<r><v/><w>good</w></r>", f"v {t}, w STRING, _corrupt_record STRING")
    read("<r><v>  </v><w>good</w></r>", f"v {t}, w STRING, _corrupt_record STRING")
    read("<r><v><z>1</z></v><w>good</w></r>", f"v {t}, w STRING, _corrupt_record STRING")
    read("<r><v>1<z>2</z>3</v><w>good</w></r>", f"v {t}, w STRING, _corrupt_record STRING")
    read("<r><v> <z>2</z> </v><w>good</w></r>", f"v {t}, w STRING, _corrupt_record STRING")
    read("<r><v>1</v><v>2</v><w>good</w></r>", f"v {t}, w STRING, _corrupt_record STRING")
    read("<r v='x'><v y='1'>3</v><w>good</w></r>", f"v {t}, w STRING, _corrupt_record STRING, _v STRING")
    read("<r>7<v>1<!-- c -->2</v><w>good</w></r>", f"v {t}, w STRING, _corrupt_record STRING, _VALUE STRING")

# attributes, values, arrays, mixed content
BOOK = '<book id="7" lang="en">x<title t="1">One</title>y<price cur="EUR">12.50</price><author>A</author><author n="2">B</author>z</book>'
for schema in ["_id INT, title STRING, price DOUBLE, author ARRAY<STRING>", "_id INT, _lang STRING, _VALUE STRING", "_id INT, _VALUE ARRAY<STRING>", "title STRUCT<_t: INT, _VALUE: STRING>",
               "price STRUCT<_cur: STRING, _VALUE: DECIMAL(5,2)>", "author ARRAY<STRUCT<_n: INT, _VALUE: STRING>>", "author STRING", "author STRUCT<_VALUE: STRING>", "_ID INT, TITLE STRING",
               "id INT", "title STRUCT<a: INT>", "title MAP<STRING, STRING>", "author ARRAY<MAP<STRING, STRING>>", "author MAP<STRING, STRING>", "price STRUCT<_cur: INT, _VALUE: DOUBLE>",
               "_id BOOLEAN, title STRING", "_id ARRAY<INT>", "_id STRUCT<a: INT>", "_VALUE INT, title STRING", "xs_any STRING", "xs_any ARRAY<STRING>", "title STRING, xs_any ARRAY<STRING>", "xs_any INT",
               "xs_any ARRAY<INT>", "author ARRAY<ARRAY<STRING>>", "author ARRAY<INT>", "title ARRAY<STRING>, price ARRAY<DOUBLE>"]:
    both(BOOK, schema)
for given in [{"attributePrefix": "@"}, {"attributePrefix": ""}, {"attributePrefix": "at"}, {"valueTag": "v"}, {"valueTag": "id"}, {"excludeAttribute": "true"}, {"nullValue": "x"}, {"nullValue": "7"},
              {"nullValue": ""}, {"wildcardColName": "rest"}, {"rowTag": "zzz"}, {"ignoreSurroundingSpaces": "false"}, {"samplingRatio": "0.5"}, {"attributePrefix": "_VALUE"}, {"valueTag": ""},
              {"valueTag": "_"}, {"inferSchema": "false"}, {"prefersDecimal": "true"}, {"preferDate": "false"}, {"multiLine": "false"}, {"encoding": "latin1"}, {"charset": "x"},
              {"useLegacyXMLParser": "true"}, {"columnNameOfCorruptRecord": "bad"}, {"arrayElementName": "e"}, {"rootTag": "r"}, {"declaration": ""}, {"indent": ""}, {"validateName": "false"}]:
    read(BOOK, "_id INT, `@id` INT, id INT, atid INT, v STRING, _VALUE STRING, rest ARRAY<STRING>, bad STRING, title STRING", **given)
    infer(BOOK, **given)
    write("named_struct('_id', 7, '@x', 1, 'v', 'w', '_VALUE', 'x', 'n', CAST(NULL AS INT), 'l', array(array(1, 2), array(3)))", **given)
for name in ["excludeAttribute", "ignoreSurroundingSpaces", "inferSchema", "ignoreNamespace", "preferDate", "prefersDecimal", "multiLine", "validateName", "useLegacyXMLParser"]:
    for v in ["TRUE", "yes", ""]:
        read("<r><a>1</a></r>", "a INT", **{name: v})
for name, values in {"samplingRatio": ["0", "2", "x", "-1"], "rowTag": ["", "<a>", "<a", "a>", " "], "rootTag": ["<a", "a>", ""], "declaration": ["<?xml?>", "a>", "x"], "mode": ["x", "DROPMALFORMED", "failfast", ""],
                     "compression": ["gzip", "x"], "codec": ["x"], "locale": ["xx-YY", "", "!"], "timeZone": ["", "x", "+01:00"], "nonsense": ["1"], "rowValidationXSDPath": ["/nowhere.xsd", ""],
                     "singleVariantColumn": ["v", ""], "encoding": ["UTF-16", "x"], "columnNameOfCorruptRecord": ["", "a"]}.items():
    for v in values:
        read("<r><a>1</a></r>", "a INT", **{name: v})
        infer("<r><a>1</a></r>", **{name: v})
        write("struct(1 AS a)", **{name: v})
read("<r><a>1</a></r>", "v VARIANT", singleVariantColumn="v")
read("<r><a>1</a></r>", "a INT, _corrupt_record INT")
read("<r><a>1</a></r>", "a INT, bad INT", columnNameOfCorruptRecord="bad")
read("<r><a>x</a><bad>y</bad></r>", "a INT, bad STRING", columnNameOfCorruptRecord="bad")
read("<r><a>1</a><bad>y</bad></r>", "a INT, bad STRING", columnNameOfCorruptRecord="bad")
read("<r><a>x</a></r>", "_corrupt_record STRING, a INT")
read("<r><a>x</a></r>", "_CORRUPT_RECORD STRING, a INT")
for text in ["<r>  <a> x </a>\n<b>\t</b><c>  y<d/>  </c> </r>", "<r><a>\u00a0x\u00a0</a><b>\u2003</b><c>&#32;&#9;</c></r>", "<r> 1 </r>", "<r a=' 1 '> 2 </r>", "<r><a><![CDATA[ x ]]></a><b><![CDATA[]]></b><c> <![CDATA[ ]]> </c></r>"]:
    for given in [{}, {"ignoreSurroundingSpaces": "false"}, {"nullValue": ""}, {"nullValue": "x"}]:
        read(text, "a STRING, b STRING, c STRING, _VALUE STRING, _a STRING", **given)
        read(text, "a STRUCT<_VALUE: STRING>, b STRUCT<_VALUE: STRING>, c STRUCT<_VALUE: STRING, d: STRING>", **given)
        infer(text, **given)
for text in ["<r><a>1</a><a/><a></a><a> </a><a>2</a></r>", "<r><a><b>1</b><b>2</b></a><a><b>3</b></a></r>", "<r><a>1<b>2</b></a></r>", "<r><a x='1'/><a>2</a><a><b>3</b></a></r>", "<r><a>1</a><A>2</A></r>",
             "<r><a><item>1</item><item>2</item></a></r>", "<r/>", "<r></r>", "<r>text</r>", "<r a='1'/>", "<r a='1'>text</r>", "<r><a/></r>", "<r><a x='1'/></r>", "<r><a x=''/></r>"]:
    for schema in ["a STRING", "a ARRAY<STRING>", "a INT", "a ARRAY<INT>", "a STRUCT<b: INT>", "a ARRAY<STRUCT<b: INT>>", "a STRUCT<b: ARRAY<INT>, _VALUE: INT, _x: INT>", "a STRUCT<item: ARRAY<INT>>",
                   "a ARRAY<STRUCT<b: ARRAY<INT>, _VALUE: INT, _x: INT>>", "a MAP<STRING, INT>", "a MAP<STRING, STRING>", "_VALUE STRING, _a INT", "a ARRAY<STRUCT<_VALUE: ARRAY<STRING>>>"]:
        read(text, schema)
    infer(text)
for text in ["<r><m><k1>1</k1><k2>2</k2></m></r>", "<r><m x='1' y='2'><k1>3</k1>4</m></r>", "<r><m><k>1</k><k>2</k></m></r>", "<r><m><k><z>1</z></k></m></r>", "<r><m>5</m></r>", "<r><m><k x='9'>1</k></m></r>",
             "<r><m><k/><j> </j></m></r>", "<r><m><k>1</k>t<j>2</j>u</m><n>after</n></r>", "<r><m x=' 1 '/></r>", "<r><m><a:b xmlns:a='u'>1</a:b></m></r>"]:
    for schema in ["m MAP<STRING, INT>", "m MAP<STRING, STRING>", "m MAP<STRING, STRUCT<z: INT, _VALUE: INT, _x: INT>>", "m MAP<STRING, ARRAY<INT>>", "m MAP<STRING, MAP<STRING, INT>>", "m ARRAY<MAP<STRING, STRING>>, n STRING"]:
        read(text, schema)
    read(text, "m MAP<STRING, STRING>, n STRING", excludeAttribute="true", attributePrefix="@", valueTag="v", nullValue="1")
NS = "<x:r xmlns:x='u' xmlns='v' x:at='1' at='2'><x:a>1</x:a><a y:z='3'>2</a><p:q:a>3</p:q:a><:b>4</:b><c:>5</c:></x:r>"
for text in [NS, "<r xmlns:x='u' x:at='1'><x:a>1</x:a><b x:at='2'>3</b></r>", "<r xmlns='u'><a>1</a></r>", "<r><x:a>1</x:a></r>", "<r><x:a>1</y:a></r>", "<r xmlns:x=''><a/></r>", "<r x:a='1' y:a='2'/>"]:
    for given in [{}, {"ignoreNamespace": "true"}, {"ignoreNamespace": "true", "mode": "FAILFAST"}]:
        read(text, "a ARRAY<STRING>, `x:a` STRING, `p:q:a` STRING, b STRING, `c:` STRING, _at STRING, `_x:at` STRING, `_xmlns:x` STRING, _xmlns STRING, _x STRING, _a STRING, _corrupt_record STRING", **given)
        infer(text, **given)

# what is XML
for text in ["", " ", "x", "<", "<a", "<a>", "<a/>", "<a></a>", "<r><a>1</a>", "<r><a>1</a></x>", "<r><a>1</b></r>", "<r><a>1</b><b>2</b></r>", "<r><a>1</a><b>2</r>", "<r><a>1</a></r>x", "x<r><a>1</a></r>",
             " <r><a>1</a></r> ", "<r><a>1</a></r><r><a>2</a></r>", "<r><a>1</a></r>\n<!-- c -->", "<!-- c --><r><a>1</a></r>", "<?xml version='1.0'?><r><a>1</a></r>", " <?xml version='1.0'?><r><a>1</a></r>",
             "<?xml version='1.0' encoding='UTF-8' standalone='yes'?><r><a>1</a></r>", "<?xml version='1.0' encoding='nonsense'?><r><a>1</a></r>", "<?xml version='1.0' encoding='UTF-16'?><r><a>1</a></r>",
             "<?xml version='1.1'?><r><a>1</a></r>", "<?xml version='1.2'?><r><a>1</a></r>", "<?xml?><r><a>1</a></r>", "<?xml version=1.0?><r/>", "<?xml encoding='UTF-8'?><r/>", "<?xml version='1.0' x='y'?><r/>",
             "<?xml version='1.0' standalone='maybe'?><r/>", "<?xml version='1.0' standalone='yes' encoding='UTF-8'?><r/>", "<?xml  version = \"1.0\" ?><r><a>1</a></r>", "\ufeff<r><a>1</a></r>",
             "<?pi?><r><a>1</a></r>", "<?pi x y?><r><a>1<?pi?>2</a></r>", "<r><?xml version='1.0'?><a>1</a></r>", "<r><?XML?><a>1</a></r>", "<r><a>1<!-- c -->2</a></r>", "<r><a>1<!-- -- -->2</a></r>",
             "<r><a>1<!--->2</a></r>", "<r><a>1<!---->2</a></r>", "<r><a>1<!-- c ->2</a></r>", "<r><a>1<!-- c --->2</a></r>", "<r><a>1<!- c -->2</a></r>", "<r><a><![CDATA[1]]>2</a></r>", "<r><a><![CDATA[<b>&amp;]]></a></r>", "<r><a><![CDATA[1]]2</a></r>",
             "<r><a><![cdata[1]]></a></r>", "<r><a>1]]>2</a></r>", "<r><a>1]]2</a></r>", "<![CDATA[x]]><r/>", "<r><a>&lt;&gt;&amp;&quot;&apos;</a></r>", "<r><a>&#65;&#x42;&#x1F600;</a></r>", "<r><a>&#0;</a></r>", "<r><a>&#x1F;</a></r>",
             "<r><a>&#xD800;</a></r>", "<r><a>&#xFFFE;</a></r>", "<r><a>&#x110000;</a></r>", "<r><a>&#;</a></r>", "<r><a>&#x;</a></r>", "<r><a>&#X41;</a></r>", "<r><a>&#99999999999;</a></r>", "<r><a>&foo;</a></r>", "<r><a>x&foo;y</a><b>2</b></r>", "<r><a>&</a></r>", "<r><a>& x</a></r>",
             "<r><a>&lt</a></r>", "<r><a>&AMP;</a></r>", "<r a='&foo;'/>", "<r a='&lt;&#10;&#9;'/>", "<r><a>1\r\n2\r3\n4</a></r>", "<r><a>&#13;&#10;</a></r>", "<r a='1\r\n2\r3\n4\t5'/>", "<r><a>1\x012</a></r>", "<r><a>1\x0b2</a></r>", "<r><a>1\x002</a></r>",
             "<r><a>1\x852</a></r>", "<r><a>1\ufffe2</a></r>", "<r><a>1\x7f2</a></r>", "<r a='<'/>", "<r a='>'/>", "<r a=1/>", "<r a/>", "<r a='1' a='2'/>", "<r a='1'b='2'/>", "<r a='1\"/>", "<r a = '1' />", "<r a='1'/ >", "< r/>", "<r ></r >", "<r></ r>",
             "<r\n><a\n>1</a\n></r\n>", "<1r/>", "<-r/>", "<.r/>", "<_r/>", "<:r/>", "<r.1-2_3/>", "<é><a>1</a></é>", "<r><日本>1</日本></r>", "<😀/>", "<r><a😀>1</a😀></r>", "<r><a·b>1</a·b></r>", "<r><a$>1</a$></r>", "<r$/>", "<r><a>1</A></r>", "</r>", "<r/></r>", "<r></r></r>", "<!r/>", "<r><!x></r>",
             "<!DOCTYPE r><r><a>1</a></r>", "<!DOCTYPE r SYSTEM 'x.dtd'><r><a>1</a></r>", "<!DOCTYPE r PUBLIC 'p' 'x.dtd'><r><a>1</a></r>", "<!DOCTYPE r [<!ENTITY e 'v'>]><r><a>1</a></r>", "<!DOCTYPE r [<!ENTITY e 'v'>]><r><a>&e;</a></r>",
             "<!DOCTYPE r [<!ENTITY e SYSTEM 'file:///etc/passwd'>]><r><a>&e;</a></r>", "<!DOCTYPE r [<!ENTITY e 'v'>]><r a='&e;'/>", "<!DOCTYPE r [<!ENTITY % p 'x'> %p;]><r><a>1</a></r>", "<!DOCTYPE r [<!ATTLIST r a CDATA 'd'>]><r><a>1</a></r>", "<!DOCTYPE r [ <!-- ]> --> ]><r><a>1</a></r>", "<!DOCTYPE r [ <!ENTITY e ']>'> ]><r><a>1</a></r>",
             "<!DOCTYPE r", "<!DOCTYPE r [", "<!DOCTYPE><r/>", "<!doctype r><r/>", "<r><!DOCTYPE r></r>", "<!DOCTYPE x><r><a>1</a></r>", "<!DOCTYPE r><!DOCTYPE r><r/>", "<!DOCTYPE r><r><a>&e;</a></r>",
             "<r><a>1</a><b>2</b>", "<r><b>2</b><a>1</a", "<r><b>2</b><a>1<", "<r><b>2</b><a", "<r><b>2</b><a x=", "<r><b>2</b><!-- ", "<r><b>2</b><![CDATA[", "<r><b>2</b>&#", "<r><b>2</b><?p", "<r><b>2</b>text", "<r><b>2</b>&foo;<a>1</a></r>",
             "<r><a><b>1</c></a><b>2</b></r>", "<r><a><b>1</a></b><b>2</b></r>", "<r><c><d></c></d><b>2</b></r>", "<r><c>&foo;</c><b>2</b></r>", "<r><c>1</d><b>2</b></r>", "<r><a>1</a><c x=1/><b>2</b></r>", "<r><a x=1>1</a><b>2</b></r>", "<r><a>1</a><1/><b>2</b></r>",
             "<r><a>&#0;</a><b>2</b></r>", "<r><a>1]]>2</a><b>2</b></r>", "<r><a>1<!-- -- --></a><b>2</b></r>", "<r><a>1 & 2</a><b>2</b></r>", "<r><b>2</b><a>1 < 2</a></r>", "<r><b>2</b><a>1 & 2</a><a>3</a></r>", "<r><a>x\x01</a><b>2</b></r>", "<r><b a='1' a='2'>2</b><a>1</a></r>"]:
    read(text, CORRUPT + ", _VALUE STRING, _a STRING")
    infer(text)
    if text not in ("", " "):
        read(text, "a STRING, b STRING", mode="FAILFAST")
    infer(text, mode="FAILFAST")
for text in ["<r><a>1</b></r>", "<r><b>2</b><a>x & y</a></r>", "<r><c>1<d>2</r>", "<r><a>1</a", "<r><a><b>1</c></a><b>2</b></r>", "<r><a>1<!-- -- --></a><b>2</b></r>", "<r><a>&#0;</a><b>2</b></r>"]:
    for schema in ["a INT, b INT", "a STRUCT<b: STRING, _VALUE: STRING>, b STRING", "a ARRAY<STRING>, b ARRAY<STRING>", "a MAP<STRING, STRING>, b STRING", "b STRING", "xs_any ARRAY<STRING>, b STRING", "c STRUCT<d: STRING>"]:
        read(text, schema)
read("<a>" * 300 + "</a>" * 300, "a STRING")
infer("<a>" * 50 + "</a>" * 50)
for e in ["from_xml(concat(repeat('<a>', 2000), 'x', repeat('</a>', 2000)), 'b INT')", "length(from_xml(concat('<r>', repeat('<a>', 900), 'x', repeat('</a>', 900), '</r>'), 'a STRING').a)",
          "length(from_xml(concat('<r><a>', repeat('x', 100000), '</a></r>'), 'a STRING').a)", "size(from_xml(concat('<r>', repeat('<a>1</a>', 2000), '</r>'), 'a ARRAY<INT>').a)",
          "from_xml(concat('<r ', repeat('x', 3000), '=\"1\"/>'), 'a INT')", "from_xml(concat('<r><a>', repeat('x', 300000), '&lt;', repeat('y', 300000), '</a></r>'), 'a INT')"]:
    add(e)

# inference
VALUES = ["1", "-1", "+1", "01", "2147483648", "9223372036854775808", "99999999999999999999999999999999999999999", "1.5", "-1.5", "+.5", ".5", "5.", "1e3", "1E3", "1d", "1F", "1.5f", "NaN", "Infinity", "INF", "0x1F", "1,000", "1_000",
          "true", "True", "FALSE", "yes", "null", "NULL", "", " ", "abc", "1 2", " 1 ", "-", "+", ".", "--1", "-.5", "1.", "12:30", "P1D", "1.5.2", "1e400", "١", "2024-01-01", "2024-01-01T00:00:00", "0.1e-2", "12345678901234567890.5"]
for v in VALUES:
    infer(f"<r><v>{v}</v></r>")
    infer(f"<r><v>{v}</v></r>", prefersDecimal="true")
    infer(f"<r v='{v}'/>")
KINDS = ["1", "1.5", "true", "2024-01-01", "2024-01-01T00:00:00", "abc", "", "9223372036854775808", "123.45"]
for x in KINDS:
    for y in KINDS:
        infer(f"<r><v>{x}</v><v>{y}</v></r>")
    for given in [{"prefersDecimal": "true"}, {"preferDate": "false"}, {"inferSchema": "false"}, {"nullValue": "1"}, {"timestampFormat": "yyyy-MM-dd"}]:
        infer(f"<r><v>{x}</v><v>2.25</v><w>{x}</w><w x='{x}'/><z>{x}</z><z>1</z></r>", **given)
for text in ["<r><v>1</v><v a='2'>3</v></r>", "<r><v a='2'>3</v><v>x</v></r>", "<r><v a='2'/><v>x</v></r>", "<r><v><w>1</w></v><v>2</v></r>", "<r><v>2</v><v><w>1</w></v></r>", "<r><v a='1'/><v a='x'/></r>", "<r><v a='1'/><v b='x'/></r>",
             "<r><v><w>1</w></v><v><w>1</w><w>2</w></v></r>", "<r><v><w/></v></r>", "<r><v></v><w/></r>", "<r>1<v/>2<v/>x</r>", "<r>1<v/>2</r>", "<r a='1'>1</r>", "<r a='1' b='x'><c/>text</r>", "<r><v a='1' c='2' b='3'>x</v></r>", "<r><z/><Y/><x/><a/><B/></r>",
             "<r><v A='1' a='2'/></r>", "<r><_VALUE>1</_VALUE>2</r>", "<r _VALUE='1'>2</r>", "<r a='1'><_a>2</_a></r>", "<r><v a='1'><_a>x</_a></v></r>", "<r><é>1</é><a.b>2</a.b><a-b>3</a-b><a:b>4</a:b></r>", "<r><v>1<w>2</w></v><v>3</v></r>",
             "<r><v>a<w>2</w>b</v></r>", "<r><v><![CDATA[1]]></v><w>1<![CDATA[2]]></w></r>", "<r><v>1<!-- c -->2</v></r>", "<r><v><a>1</a><a>x</a></v><v/></r>", "<r><v><a><b><c>1</c></b></a></v></r>", "<r><v><a x='1'>y</a></v><v><a>2</a></v></r>",
             "<r><v a=''/><w a=' '/></r>", "<r><v>true</v><v>1</v></r>", "<r><v>1</v><v>2024-01-01</v></r>", "<p><a attr=\"2\">1</a><a>3</a></p>", "<a>1</a>", "<r> </r>", "<r><v> </v><v/></r>", "<r><v a='1'> </v></r>", "<r><V>1</V><v>2</v><W>1</W><w x='1'>a</w></r>", "<r><v><_VALUE>1</_VALUE></v><v>2</v></r>"]:
    for given in [{}, {"excludeAttribute": "true"}, {"attributePrefix": "@", "valueTag": "#"}, {"valueTag": "_value"}]:
        infer(text, **given)

# writing
TEXTS = ["a", "", " ", "<>&\"'", "]]>", "a\nb\tc\rd", "é日本😀", "\x01", "\x00", "\x0b", "\x7f", "\x85", "\ufffe", "null", " x "]
for t in TEXTS:
    write(f"named_struct('a', {lit(t)})")
    write(f"named_struct('_a', {lit(t)})")
    write(f"named_struct('a', named_struct('_VALUE', {lit(t)}, '_x', {lit(t)}))")
for v in ["1", "1Y", "1S", "1L", "1.5", "1.0F", "1e10", "1e-5D", "1.5BD", "100.00BD", "1e20BD", "true", "DATE'2024-02-29'", "TIMESTAMP'2024-02-29 10:20:30'", "TIMESTAMP'2024-02-29 10:20:30.123456'", "TIMESTAMP_NTZ'2024-02-29 10:20:30.5'",
          "X'616263'", "INTERVAL '1' DAY", "INTERVAL '1-2' YEAR TO MONTH", "make_interval(1)", "NULL", "CAST(NULL AS INT)", "CAST('NaN' AS DOUBLE)", "CAST('Infinity' AS FLOAT)", "-0.0D", "TIME'10:20:30'", "parse_json('{\"a\":1}')", "parse_json('[1,2]')", "parse_json('1')",
          "parse_json('null')", "array(1, 2)", "array(1, NULL)", "array()", "array('a', 'b')", "array(array(1, 2), array(3))", "array(struct(1), struct(2))", "array(map('k', 1))", "map('k', 1, 'l', 2)", "map('_k', 1, 'l', 2)", "map('l', 2, '_k', 1, '_VALUE', 3)", "map(1, 2)", "map()",
          "map('a', array(1, 2))", "map('a', struct(1 AS b))", "map('a', NULL)", "map('a', map('b', 1))", "map('a b', 1)", "map(struct(1), 1)", "struct()", "struct(1)", "struct(1 AS a, 'x' AS `_b`)", "struct(struct(NULL AS a) AS b)", "struct(array(array(1)) AS a)", "named_struct('a', NULL)", "DATE'0001-01-01'", "TIMESTAMP'1890-01-01 00:00:00'"]:
    for name in ["a", "_a", "_VALUE"]:
        write(f"named_struct('{name}', {v})")
    write(f"named_struct('a', {v}, 'b', 2)", nullValue="none")
    write(f"named_struct('_a', {v}, 'b', 2)", nullValue="none", indent="")
    write(f"named_struct('x', array({v}), 'y', named_struct('z', {v}))")
for given in [{"rowTag": "r"}, {"rowTag": "a b"}, {"rowTag": "1"}, {"rowTag": " r "}, {"rootTag": "r"}, {"indent": ""}, {"indent": "\t"}, {"indent": "x"}, {"indent": "  ", "rowTag": "q"}, {"attributePrefix": "@"}, {"attributePrefix": ""}, {"valueTag": "b"}, {"valueTag": "_id"},
              {"arrayElementName": "el"}, {"arrayElementName": "a b"}, {"declaration": "version='1.0'"}, {"nullValue": "-"}, {"nullValue": ""}, {"validateName": "false"}, {"validateName": "true"}, {"timeZone": "Asia/Kolkata"}, {"timestampFormat": "dd/MM/yyyy HH:mm"},
              {"dateFormat": "dd.MM.yy"}, {"timestampNTZFormat": "yyyy"}, {"locale": "de", "dateFormat": "d MMMM yyyy"}, {"ignoreNamespace": "true"}, {"compression": "gzip"}, {"mode": "FAILFAST"}, {"mode": "DROPMALFORMED"}, {"singleVariantColumn": "b"}]:
    write("named_struct('_id', 1, 'b', 'x', 'l', array(array(1, 2), array(3)), 't', TIMESTAMP'2024-02-29 10:20:30', 'n', TIMESTAMP_NTZ'2024-02-29 10:20:30', 'd', DATE'2024-02-29', 'z', CAST(NULL AS INT), 's', named_struct('_x', 1, '_VALUE', 'v'))", **given)
for name in ["a b", "1a", "", "a:b", "é", "a.b", "-a", "_", "__", "a$", "a<b", "日本", "xml", "_1a", "_ ", "_a b", "_VALUE", "a😀", "·a"]:
    for given in [{}, {"validateName": "false"}]:
        write(f"named_struct({lit(name)}, 1)", **given)
for e in ["to_xml(struct())", "to_xml(struct(1, 2))", "to_xml(named_struct('a', 1, 'a', 2))", "to_xml(named_struct('a', 1, '_b', 2, 'c', 3))", "to_xml(named_struct('_VALUE', 'x', 'a', 1, '_VALUE', 'y'))", "to_xml(struct(struct(struct(1))))",
          "to_xml(named_struct('a', named_struct()))", "to_xml(named_struct('a', named_struct('b', NULL)))", "to_xml(named_struct('a', named_struct('_b', NULL)))", "to_xml(named_struct('a', 'x', '_VALUE', 'y', 'b', 'z'))",
          "to_xml(named_struct('a', array('x', NULL, ''), '_VALUE', array(1, 2)))", "to_xml(named_struct('_a', array(1, 2)))", "to_xml(named_struct('_a', struct(1, 2)))", "to_xml(named_struct('_a', map('k', 'v')))", "to_xml(named_struct('_a', 'x', 'a', 'y'), map('excludeAttribute', 'true'))",
          "to_xml(from_xml('<r a=\"1\"><b>2</b>t</r>', '_a INT, b INT, _VALUE STRING'))", "to_xml(named_struct('time', to_timestamp('2015-08-26', 'yyyy-MM-dd')), map('timestampFormat', 'dd/MM/yyyy'))", "to_xml(named_struct('a', 1, 'b', 2))", "TO_XML(named_struct('a', 1))",
          "from_xml('<p><time>26/08/2015</time></p>', 'time Timestamp', map('timestampFormat', 'dd/MM/yyyy'))", "From_XML('<p><a>1</a></p>', 'a INT')", "Schema_Of_Xml('<p><a>1</a></p>')",
          "from_xml('<p><teacher>Alice</teacher><student><name>Bob</name><rank>1</rank></student><student><name>Charlie</name><rank>2</rank></student></p>', 'STRUCT<teacher: STRING, student: ARRAY<STRUCT<name: STRING, rank: INT>>>')"]:
    add(e)

# VARIANT
for text in ["<r><a>1</a><b>x</b></r>", "<r a='1'>t</r>", "<r/>", "<r>1</r>", "<r><a>1</a><a>2.50</a><a>true</a></r>", "<r><A>1</A><a>2</a></r>", "<r><a x='1'>t<b/>u</a></r>", "<r><a> 1 </a><b></b><c> </c></r>", "<r><a>1e3</a><b>1E-2</b><c>99999999999999999999</c><d>+1</d></r>", "<r><a>1</b></r>", "x"]:
    for schema in ["VARIANT", "v VARIANT, a VARIANT", "a ARRAY<VARIANT>", "a MAP<STRING, VARIANT>", "_a VARIANT, _VALUE VARIANT"]:
        read(text, schema)
    read(text, "VARIANT", attributePrefix="@", valueTag="#", nullValue="1", excludeAttribute="true", mode="FAILFAST")
    read(text, "v VARIANT", singleVariantColumn="v")
for v in ["{\"a\":1}", "{\"_a\":1,\"b\":[1,2],\"_VALUE\":\"x\"}", "[1,[2,3]]", "1", "null", "\"x<y\"", "{\"a\":{\"b\":null}}", "[]", "{}"]:
    add(f"to_xml(parse_json({lit(v)}))")
    add(f"to_xml(parse_json({lit(v)}), map('nullValue', 'n', 'rowTag', 'r', 'indent', ''))")
    add(f"to_xml(named_struct('v', parse_json({lit(v)})))")
    add(f"to_xml(named_struct('v', parse_json({lit(v)})), map('singleVariantColumn', 'v'))")

if __name__ == "__main__":
    for e, source in seen:
        print(json.dumps({"expr": e, "input": source}, ensure_ascii=False))
