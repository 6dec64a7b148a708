"""Read files with Spark's readers. Input and output are JSON lines.

Each line is a list of questions {"format", "schema", "options", "select", "base64"}; its answer is a list, in order, of
{"columns": [[name, type]], "rows": [[cell text or null]], "error": null or {"phase", "condition", "sqlState", "message", "class"}}.
"""
import base64
import json
import os
import sys
import tempfile

import driver


def read(spark, question, path):
    answer = {"columns": None, "rows": None, "error": None}
    with open(path, "wb") as f:
        f.write(base64.b64decode(question["base64"]))
    phase = "analysis"
    try:
        df = spark.read.format(question["format"]).schema(question["schema"]).options(**question["options"]).load(path)
        if question["select"]:
            df = df.select(*question["select"])
        answer["columns"] = [[f.name, f.dataType.simpleString()] for f in df.schema.fields]
        phase = "run"
        answer["rows"] = driver.cells(df)
    except Exception as e:
        answer["error"] = driver.describe(e, phase)
    os.unlink(path)
    return answer


def main():
    out = driver.open_answers()
    spark = driver.start_session()
    with tempfile.TemporaryDirectory() as d:
        for line in sys.stdin:
            answers = [read(spark, q, os.path.join(d, "f")) for q in json.loads(line)]
            out.write(json.dumps(answers) + "\n")
            out.flush()
    spark.stop()


if __name__ == "__main__":
    main()
