"""Evaluates expressions of VARIANT with Spark, like expressions.py, and also records the bytes: names, types, nullability, rows or errors.

usage: variants.py EXPRESSIONS_DIR TOPIC < lines of {"expr": ..., "input": ...}

A row is recorded as Dataset.show prints it, with NULL as JSON null and strings unchanged. For a VARIANT, value and metadata are also
recorded, in hexadecimal.
"""
import hashlib
import json
import logging
import os
import re
import sys
import tempfile
import time

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

CHUNK = 40


def session():
    java = "-Duser.timezone=UTC -Dfile.encoding=UTF-8"
    spark = (SparkSession.builder.master("local[1]").config("spark.ui.enabled", "false").config("spark.ui.showConsoleProgress", "false")
             .config("spark.sql.shuffle.partitions", "1").config("spark.sql.session.timeZone", "UTC")
             .config("spark.driver.memory", "2g").config("spark.driver.extraJavaOptions", java).getOrCreate())
    spark.sparkContext.setLogLevel("OFF")
    logging.disable(logging.CRITICAL)
    return spark


def load_inputs(spark, path):
    with open(path, encoding="utf-8") as f:
        inputs = json.load(f)
    for name, table in inputs.items():
        with tempfile.NamedTemporaryFile("w", suffix=".csv", delete=False, encoding="utf-8", newline="") as f:
            f.write(table["csv"])
        df = spark.read.schema(table["schema"]).options(**table.get("options", {})).csv(f.name)
        if table.get("select"):
            df = df.selectExpr(*table["select"])
        local = spark._jsparkSession.createDataFrame(df._jdf.collectAsList(), df._jdf.schema())
        DataFrame(local, spark).createOrReplaceTempView(name)
        os.unlink(f.name)


def cells(df):
    """Returns the rows as Dataset.show prints them."""
    from pyspark.serializers import BatchedSerializer, CPickleSerializer
    from pyspark.util import _load_from_socket
    text = [f.dataType.simpleString().startswith("string") for f in df.schema.fields]
    names = ["c%d" % i for i in range(len(text))]
    df = df.toDF(*names)
    df = df.select(*[F.hex(F.col(n).cast("binary")) if t else F.col(n) for n, t in zip(names, text)])
    with _load_from_socket(df._jdf.getRowsToPython(10000, 0), BatchedSerializer(CPickleSerializer())) as stream:
        rows = list(stream)[1:]
    return [[None if c == "NULL" else bytes.fromhex(c).decode("utf-8", "backslashreplace") if t else c for c, t in zip(r, text)] for r in rows]


def failure(error, phase):
    """Returns the innermost error with a condition, in the form of the corpus."""
    j, chain = getattr(error, "_origin", None) or getattr(error, "java_exception", None), []
    while j is not None and len(chain) < 12:
        one = {"class": j.getClass().getName(), "condition": None, "sqlState": None, "message": j.getMessage()}
        for key, method in (("condition", "getCondition"), ("sqlState", "getSqlState")):
            try:
                one[key] = getattr(j, method)()
            except Exception:
                pass
        chain.append(one)
        j = j.getCause()
    named = [c for c in chain if c["condition"]] or chain or [{"class": type(error).__name__, "condition": None, "sqlState": None, "message": str(error)}]
    last = named[-1]
    out = {"condition": last["condition"], "sqlState": last["sqlState"], "message": re.sub(r"#\d+L?", "#N", last["message"] or "")[:600], "phase": phase}
    if last["condition"] is None:
        out["class"] = last["class"]
    return out


def analyse(spark, group):
    """Records name, type and nullability of cases over one input, and returns the valid ones."""
    try:
        fields = spark.table(group[0]["input"]).select(*[F.expr(c["expr"]) for c in group]).schema.fields
        if len(group) > 1 and len(fields) != len(group):
            raise ValueError("a generator among them")
        for c, field in zip(group, fields[-len(group):]):
            c["name"], c["type"], c["nullable"] = field.name, field.dataType.simpleString(), field.nullable
        return group
    except Exception as e:
        if len(group) > 1:
            return [c for one in group for c in analyse(spark, [one])]
        group[0]["error"] = failure(e, "analysis")
        return []


def folded(df):
    """Returns the VARIANT columns of a query computed by the optimizer: strings and bytes."""
    plan = df._jdf.queryExecution().optimizedPlan()
    rows, output = plan.data(), plan.output()
    values = [[None if r.isNullAt(i) else r.get(i, output.apply(i).dataType()) for i in range(output.size())] for r in (rows.apply(k) for k in range(rows.size()))]
    return [[None if v is None else (v.toString(), bytes(v.getValue()).hex() + " " + bytes(v.getMetadata()).hex()) for v in row] for row in values]


def evaluate(spark, group, variants):
    df = spark.table(group[0]["input"]).select(*[F.expr(c["expr"]).alias("v%d" % i) for i, c in enumerate(group)])
    if variants and df._jdf.queryExecution().optimizedPlan().nodeName() == "LocalRelation":
        rows = folded(df)
        for i, c in enumerate(group):
            c["rows"] = [r[i] and r[i][0] for r in rows]
            c["bytes"] = [r[i] and r[i][1] for r in rows]
        return
    rows = cells(df)
    if len(group) > 1 and (len(df.columns) != len(group) or len(rows) != spark.table(group[0]["input"]).count()):
        raise ValueError("a generator or an aggregate among them")
    for i, c in enumerate(group):
        c["rows"] = [r[i] for r in rows] if len(df.columns) == len(group) else rows


def run(spark, group, variants):
    """Evaluates cases over one input in one query, or each in a separate query if one of them fails."""
    try:
        evaluate(spark, group, variants)
    except Exception as e:
        if len(group) == 1:
            group[0]["error"] = failure(e, "run")
            return
        for c in group:
            run(spark, [c], variants)


def main():
    root, topic = sys.argv[1:]
    spark, began, cases, todo = session(), time.time(), [], {}
    load_inputs(spark, os.path.join(root, "inputs.json"))
    for line in sys.stdin:
        case = json.loads(line)
        key = hashlib.sha1((case["input"] + "|" + case["expr"]).encode()).hexdigest()[:10]
        cases.append({"id": topic + "-" + key, "expr": case["expr"], "input": case["input"], "name": None, "type": None, "nullable": None, "rows": None, "error": None})
        todo.setdefault(case["input"], []).append(cases[-1])
    out = open(os.path.join(root, topic + ".jsonl"), "w", encoding="utf-8")
    for group in todo.values():
        for i in range(0, len(group), CHUNK):
            valid = analyse(spark, group[i:i + CHUNK])
            for variants in (True, False):
                part = [c for c in valid if (c["type"] == "variant") == variants]
                if part:
                    run(spark, part, variants)
            for c in group[i:i + CHUNK]:
                out.write(json.dumps(c, ensure_ascii=False) + "\n")
            out.flush()
            print("%d of %d, %.0f s" % (i + len(group[i:i + CHUNK]), len(group), time.time() - began), flush=True)
    print("%d expressions, %d errors, %.0f s" % (len(cases), sum(1 for c in cases if c["error"]), time.time() - began))
    spark.stop()


main()
