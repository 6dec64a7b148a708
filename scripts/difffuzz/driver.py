"""Evaluate expressions over rows with Spark. Input and output are JSON lines.

The first line describes the rows: {"schema": DDL, "csv": text, "options": {...}, "select": [...]}. Each further line is a
list of questions {"expr", "rows": [row numbers], "alone", "generated"}; its answer is a list, in order, of
{"name", "type", "nullable", "rows": [cell texts or null], "error": null or {"phase", "condition", "sqlState", "message", "class"}}.

Questions over the same rows share one query, which is bisected to find failing ones. "alone" marks a question that is
expected to fail. "generated" evaluates it over an RDD with generated code, like a streaming job; otherwise Spark's
interpreter evaluates it over a local relation, which is faster.
"""
import json
import logging
import os
import sys
import tempfile

CHUNK = 40


def open_answers():
    """Reserve standard output for answers, and redirect the output of Java and Python to standard error."""
    out = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    return out


def start_session(master="local[1]", more=None):
    """Start Spark with settings for many small queries, and more settings."""
    from pyspark.errors.exceptions import captured
    from pyspark.sql import SparkSession
    conf = {
        "spark.ui.enabled": "false", "spark.ui.showConsoleProgress": "false",
        "spark.driver.bindAddress": "127.0.0.1", "spark.driver.memory": "2g",
        "spark.driver.extraJavaOptions": "-XX:+UseSerialGC -XX:TieredStopAtLevel=1 "
        "-Duser.timezone=UTC -Dfile.encoding=UTF-8 -Duser.language=en -Duser.country=US",
        "spark.sql.session.timeZone": "UTC", "spark.sql.shuffle.partitions": "1",
        "spark.sql.warehouse.dir": tempfile.mkdtemp(prefix="spark-warehouse-"),
    }
    builder = SparkSession.builder.master(master).appName("difffuzz")
    for name, value in {**conf, **(more or {})}.items():
        builder = builder.config(name, value)
    spark = builder.getOrCreate()
    spark.sparkContext.setLogLevel("OFF")
    logging.disable(logging.CRITICAL)
    captured.CapturedException._log_exception = lambda self: None
    return spark


class Tables:
    """Views of some of the rows, created on demand."""

    def __init__(self, spark, spec):
        from pyspark.sql import DataFrame
        self.spark, self.frame, self.made = spark, DataFrame, {}
        with tempfile.NamedTemporaryFile("w", suffix=".csv", delete=False, encoding="utf-8", newline="") as f:
            f.write(spec["csv"])
        jdf = spark.read.schema(spec["schema"]).options(**spec["options"]).csv(f.name).selectExpr(*spec["select"])._jdf
        self.schema, self.rows = jdf.schema(), jdf.collectAsList()
        os.unlink(f.name)

    def get(self, rows, generated):
        key = (tuple(rows), generated)
        if key not in self.made:
            some = self.spark._jvm.java.util.ArrayList()
            for i in rows:
                some.add(self.rows.get(i))
            jdf = self.spark._jsparkSession.createDataFrame(some, self.schema)
            if generated:
                jdf = jdf.localCheckpoint(True)
            self.made[key] = self.frame(jdf, self.spark)
        return self.made[key]


def cells(df):
    """Return the cells as Dataset.show would print them, untruncated. Strings are unchanged, and NULL is None."""
    from pyspark.serializers import BatchedSerializer, CPickleSerializer
    from pyspark.sql import functions as F
    from pyspark.util import _load_from_socket
    text = [f.dataType.simpleString().startswith("string") for f in df.schema.fields]
    names = [f"c{i}" for i in range(len(text))]
    df = df.toDF(*names)
    df = df.select(*[F.hex(F.col(n).cast("binary")) if t else F.col(n) for n, t in zip(names, text)])
    with _load_from_socket(df._jdf.getRowsToPython(1000, 0), BatchedSerializer(CPickleSerializer())) as stream:
        rows = list(stream)[1:]
    decode = lambda c, t: None if c == "NULL" else bytes.fromhex(c).decode("utf-8", "backslashreplace") if t else c
    return [[decode(c, t) for c, t in zip(r, text)] for r in rows]


def describe(exc, phase):
    """Return the innermost error with a condition, or else the innermost error."""
    java = getattr(exc, "_origin", None) or getattr(exc, "java_exception", None)
    chain = []
    while java is not None and len(chain) < 12:
        found = {"class": java.getClass().getName(), "message": (java.getMessage() or "")[:2000]}
        for key, method in (("condition", "getCondition"), ("sqlState", "getSqlState")):
            try:
                found[key] = getattr(java, method)()
            except Exception:
                found[key] = None
        chain.append(found)
        java = java.getCause()
    if not chain:
        chain = [{"class": type(exc).__name__, "message": str(exc)[:2000], "condition": None, "sqlState": None}]
    named = [c for c in chain if c["condition"]]
    return dict((named or chain)[-1], phase=phase)


def analyse(tables, question):
    from pyspark.sql import functions as F
    answer = {"name": "", "type": "", "nullable": False, "rows": None, "error": None}
    try:
        df = tables.get(question["rows"], question["generated"])
        answer["name"] = df.selectExpr(question["expr"]).columns[0]
        field = df.select(F.expr(question["expr"]).alias("v")).schema.fields[0]
        answer["type"], answer["nullable"] = field.dataType.simpleString(), field.nullable
    except Exception as e:
        answer["error"] = describe(e, "analysis")
    return answer


def run(tables, group):
    """Evaluate questions over the same rows in one query, and bisect the list if one of them fails."""
    from pyspark.sql import functions as F
    first = group[0][0]
    try:
        df = tables.get(first["rows"], first["generated"])
        rows = cells(df.select(*[F.expr(q["expr"]).alias(f"v{i}") for i, (q, _) in enumerate(group)]))
        for i, (_, answer) in enumerate(group):
            answer["rows"] = [r[i] for r in rows]
    except Exception as e:
        if len(group) == 1:
            group[0][1]["error"] = describe(e, "run")
            return
        half = (len(group) + 1) // 2
        run(tables, group[:half])
        run(tables, group[half:])


def answer_all(tables, questions):
    answers = [analyse(tables, q) for q in questions]
    groups = {}
    for q, a in zip(questions, answers):
        if a["error"]:
            continue
        if q["alone"]:
            run(tables, [(q, a)])
            continue
        group = groups.setdefault((tuple(q["rows"]), q["generated"]), [])
        group.append((q, a))
        if len(group) == CHUNK:
            run(tables, group)
            group.clear()
    for group in groups.values():
        if group:
            run(tables, group)
    return answers


def main():
    out = open_answers()
    spark = start_session()
    tables = Tables(spark, json.loads(sys.stdin.readline()))
    for line in sys.stdin:
        out.write(json.dumps(answer_all(tables, json.loads(line))) + "\n")
        out.flush()
    spark.stop()


if __name__ == "__main__":
    main()
