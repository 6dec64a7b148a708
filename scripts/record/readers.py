"""Read the texts of a recorded file with Spark's batch readers and write the answers back.

usage: readers.py FORMAT/FILE.jsonl

The directory of FILE names the format, csv or json. A line is {"schema": DDL, "options": {...}, "text": file} and optionally "select",
a list of expressions. The script adds an id, the columns, and the rows (one list per row, cells as Dataset.show prints them) or the
error. To add a case, add a line with these members. Lines that have an answer keep it.
"""
import hashlib
import json
import os
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "difffuzz"))
import driver  # noqa: E402


def read(spark, form, case, path):
    with open(path, "w", encoding="utf-8", newline="") as f:
        f.write(case["text"])
    case.update(columns=None, rows=None, error=None)
    try:
        df = spark.read.format(form).schema(case["schema"]).options(**case["options"]).load(path)
        if case.get("select"):
            df = df.selectExpr(*case["select"])
        case["columns"] = [[f.name, f.dataType.simpleString()] for f in df.schema.fields]
        case["rows"] = driver.cells(df)
    except Exception as e:
        error = driver.describe(e, None)
        error["message"] = error["message"].replace(os.path.dirname(path), "$DIR")
        case["error"] = {k: error[k] for k in ("condition", "sqlState", "message", "class")}


def main():
    path = sys.argv[1]
    topic = os.path.basename(path)[: -len(".jsonl")]
    form = os.path.basename(os.path.dirname(os.path.abspath(path)))
    with open(path, encoding="utf-8") as f:
        cases = [json.loads(x) for x in f if x.strip()]
    asked = [c for c in cases if "id" not in c]
    spark = driver.start_session()
    with tempfile.TemporaryDirectory() as d:
        for case in asked:
            key = hashlib.sha256(json.dumps(case, sort_keys=True).encode()).hexdigest()[:10]
            read(spark, form, case, os.path.join(d, "f." + form))
            case["id"] = f"{form}-{topic}-{key}"
    with open(path, "w", encoding="utf-8") as f:
        f.writelines(json.dumps({"id": c["id"], **c}, ensure_ascii=False) + "\n" for c in cases)
    print(f"{form}/{topic}: {len(asked)} texts asked, {sum(1 for c in asked if c['error'])} errors")
    spark.stop()


if __name__ == "__main__":
    main()
