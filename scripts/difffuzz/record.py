"""Record the names, types and cells that Spark returns for the expressions in FILE, one per line, over the rows described by its first line.

Usage: record.py FILE > cases.jsonl. The first line of FILE is a description for driver.py. Empty lines and lines that begin with # are
ignored. Each line of the output is an answer of driver.py, with the expression added as "expr".
"""
import json
import sys

import driver


def main():
    out = driver.open_answers()
    with open(sys.argv[1], encoding="utf-8") as f:
        spec, *lines = [line.rstrip("\n") for line in f if line.strip() and not line.startswith("#")]
    spark = driver.start_session()
    tables = driver.Tables(spark, json.loads(spec))
    questions = [{"expr": e, "rows": [0], "alone": False, "generated": False} for e in lines]
    for question, answer in zip(questions, driver.answer_all(tables, questions)):
        error = answer["error"]
        if error:
            answer["error"] = {"phase": error["phase"], "condition": error["condition"], "sqlState": error["sqlState"], "class": error["class"]}
        out.write(json.dumps({"expr": question["expr"], **answer}, ensure_ascii=False) + "\n")
    spark.stop()


if __name__ == "__main__":
    main()
