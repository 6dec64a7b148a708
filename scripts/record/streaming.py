"""Start streaming queries with Spark and write down which ones it refuses, and how.

usage: streaming.py FILE.jsonl

A line is {"steps": [...]} and optionally "outputMode". The steps are those of a job file (sql, select, filter, withColumn, drop, orderBy,
limit) over files of CSV with the columns a INT, s STRING, ts TIMESTAMP. The script adds an id and "error", which is null if the query
starts: nothing is read. To add a case, add a line with these members. Lines that have an answer keep it.
"""
import hashlib
import json
import os
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "difffuzz"))
import driver  # noqa: E402
from steps import apply_all  # noqa: E402

SCHEMA = "a INT, s STRING, ts TIMESTAMP"


def ask(spark, case, directory):
    case["error"], phase, query = None, "analysis", None
    try:
        frame = spark.readStream.schema(SCHEMA).csv(directory)
        frame = apply_all(spark, frame, case["steps"])
        phase = "start"
        writer = frame.writeStream.format("noop").option("checkpointLocation", tempfile.mkdtemp())
        query = writer.outputMode(case.get("outputMode", "append")).trigger(availableNow=True).start()
        query.awaitTermination()
    except Exception as e:
        error = driver.describe(e, phase)
        message = error["message"].split("\n")[0] if not error["condition"] else error["message"].split(";\n")[0]
        case["error"] = {"condition": error["condition"], "sqlState": error["sqlState"], "message": message, "phase": phase}


def main():
    path = sys.argv[1]
    with open(path, encoding="utf-8") as f:
        cases = [json.loads(x) for x in f if x.strip()]
    asked = [c for c in cases if "id" not in c]
    spark = driver.start_session()
    with tempfile.TemporaryDirectory() as d:
        for case in asked:
            key = hashlib.sha256(json.dumps(case, sort_keys=True).encode()).hexdigest()[:10]
            ask(spark, case, d)
            case["id"] = "streaming-" + key
    with open(path, "w", encoding="utf-8") as f:
        f.writelines(json.dumps({"id": c["id"], **c}, ensure_ascii=False) + "\n" for c in cases)
    print(f"{len(asked)} queries asked, {sum(1 for c in asked if c['error'])} errors")
    spark.stop()


if __name__ == "__main__":
    main()
