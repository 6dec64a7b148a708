"""Lists random expressions of the topic xml-random of the corpus: XML texts, most of them broken in some place, schemas that fit them in
part, and options.

usage: xml_random.py 14 1500 | head -600 > ../../test/conformance/testdata/expressions/xml-random.jsonl && run.sh the same file
"""
import json
import random
import sys

from xml_expressions import lit, options

NAMES = ["a", "b", "c", "d", "A", "x:a", "id"]
VALUES = ["1", "-2", "3.5", "+4", "x", "", " ", " y ", "true", "FALSE", "2024-02-29", "2024-02-29T10:20:30", "12345678901", "1e3", "&lt;z&gt;", "&#65;", "<![CDATA[<q>]]>", "1<!-- c -->2", "nil", "0", "NaN", "1,5"]
BREAKS = ["<", ">", "&", "&foo;", "]]>", "</a>", "</b>", "<a>", "<b ", "'", '"', "\x01", "<!--", "-->", "<![CDATA[", "]]", "<?p", "?>", "<!x>", "/", "=", " ", "\r\n", "<a/>", "x", "&#0;", "<1>"]
SCALARS = ["INT", "BIGINT", "DOUBLE", "STRING", "STRING", "STRING", "BOOLEAN", "DATE", "TIMESTAMP", "DECIMAL(6,2)", "FLOAT", "SMALLINT", "TINYINT", "TIMESTAMP_NTZ", "VARIANT"]


def element(r, name, depth):
    attrs = "".join(f" {n}={q}{r.choice(VALUES[:16])}{q}" for n in r.sample(NAMES, r.choice([0, 0, 0, 1, 2])) for q in r.choice("'\""))
    kind = r.random()
    if kind < 0.08:
        return f"<{name}{attrs}/>"
    if depth == 0 or kind < 0.4:
        return f"<{name}{attrs}>{r.choice(VALUES)}</{name}>"
    parts = []
    for _ in range(r.randint(1, 4)):
        if r.random() < 0.25:
            parts.append(r.choice(VALUES))
        if r.random() < 0.1:
            parts.append(r.choice(["<!-- c -->", "<?pi x?>", "\n  ", "<![CDATA[t]]>"]))
        parts.append(element(r, r.choice(NAMES), depth - 1))
    if r.random() < 0.2:
        parts.append(r.choice(VALUES))
    return f"<{name}{attrs}>{''.join(parts)}</{name}>"


def document(r):
    text = r.choice(["", "", "", "", "<?xml version='1.0'?>", "<!-- h -->", "<!DOCTYPE r [<!ENTITY foo 'v'>]>"]) + element(r, "r", r.randint(1, 3))
    kind = r.random()
    if kind < 0.15:
        return text[: r.randrange(len(text))]
    if kind < 0.45:
        at = r.randrange(len(text))
        return text[:at] + r.choice(BREAKS) + text[at + r.choice([0, 0, 1, 2, 4]):]
    return text


def type_of(r, depth, prefix, tag):
    kind = r.random()
    if depth > 0 and kind < 0.3:
        return f"STRUCT<{fields(r, depth - 1, prefix, tag, ': ')}>"
    if depth > 0 and kind < 0.55:
        return f"ARRAY<{type_of(r, depth - 1 if r.random() < 0.9 else 0, prefix, tag)}>"
    if depth > 0 and kind < 0.65:
        return f"MAP<STRING, {type_of(r, depth - 1, prefix, tag)}>"
    return r.choice(SCALARS)


def fields(r, depth, prefix, tag, sep=" "):
    names = r.sample(["a", "b", "c", "d", "`x:a`", "id"], r.randint(1, 4)) + [f"`{prefix}{n}`" for n in r.sample(["a", "b", "id"], r.choice([0, 0, 1, 2]))]
    if r.random() < 0.4:
        names.append(f"`{tag}`")
    if r.random() < 0.1:
        names.append("xs_any")
    r.shuffle(names)
    return ", ".join(n + sep + ("ARRAY<STRING>" if n == "xs_any" else type_of(r, depth, prefix, tag)) for n in dict.fromkeys(names))


def given(r):
    out = {}
    for name, values, share in [("mode", ["FAILFAST", "PERMISSIVE"], 0.15), ("attributePrefix", ["@", "at_"], 0.1), ("valueTag", ["v", "a"], 0.1), ("excludeAttribute", ["true"], 0.08),
                                ("ignoreSurroundingSpaces", ["false"], 0.15), ("ignoreNamespace", ["true"], 0.1), ("nullValue", ["", "1", "nil", "x"], 0.15), ("preferDate", ["false"], 0.05),
                                ("prefersDecimal", ["true"], 0.08), ("inferSchema", ["false"], 0.04), ("dateFormat", ["dd/MM/yyyy"], 0.03), ("wildcardColName", ["c"], 0.03), ("indent", ["", " "], 0.1),
                                ("rowTag", ["row"], 0.05), ("arrayElementName", ["e"], 0.05)]:
        if r.random() < share:
            out[name] = r.choice(values)
    return out


def expression(r):
    text, opts, kind = document(r), given(r), r.random()
    if kind < 0.25:
        return f"schema_of_xml({lit(text)}{options(opts)})"
    schema = fields(r, 2, opts.get("attributePrefix", "_"), opts.get("valueTag", "_VALUE"))
    if r.random() < 0.5:
        schema += ", _corrupt_record STRING"
    call = f"from_xml({lit(text)}, {lit(schema)}{options(opts)})"
    if kind < 0.85:
        return call
    opts = given(r)
    opts.pop("mode", None)
    return f"to_xml({call}{options(opts)})"


def main():
    r = random.Random(int(sys.argv[1]))
    cases = dict.fromkeys(expression(r) for _ in range(int(sys.argv[2])))
    for e in cases:
        print(json.dumps({"expr": e, "input": "one"}, ensure_ascii=False))


main()
