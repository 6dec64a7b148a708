"""Evaluate the expressions of a recorded file with Spark and write the answers back.

usage: expressions.py FILE.jsonl

FILE is in the same directory as inputs.json, whose tables its lines refer to: {"expr": SQL, "input": table}. The script adds an id, the
name of the expression without an alias, its type and nullability, and its rows (one value per row of the table, as Dataset.show prints
it) or the error. To add a case, add a line with these two members. Lines that have an answer keep it. run.sh runs this script.
"""
import hashlib
import json
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "difffuzz"))
import driver  # noqa: E402


def answer_table(spark, spec, cases):
    spec = {"options": {}, "select": ["*"], **spec}
    tables = driver.Tables(spark, spec)
    rows = list(range(len(tables.rows)))
    questions = [{"expr": c["expr"], "rows": rows, "alone": False, "generated": False} for c in cases]
    for case, answer in zip(cases, driver.answer_all(tables, questions)):
        case["name"] = name_of(tables.get(rows, False), case["expr"])
        case.update(answer)


def name_of(frame, expression):
    try:
        return frame.selectExpr(expression).schema.fields[0].name
    except Exception:
        return None


def line(topic, case):
    """Orders the members as in the other recorded files."""
    digest = hashlib.sha256((case["input"] + "\n" + case["expr"]).encode()).hexdigest()[:10]
    members = {"id": f"{topic}-{digest}", **{k: case[k] for k in ("expr", "input", "name", "type", "nullable", "rows", "error")}}
    if case["error"]:
        members.update(rows=None, type=case["type"] or None, nullable=case["nullable"] if case["type"] else None)
        members["error"] = {k: v for k, v in case["error"].items() if k != "class" or not case["error"]["condition"]}
    return json.dumps(members, ensure_ascii=False)


def main():
    path = sys.argv[1]
    topic = os.path.basename(path)[: -len(".jsonl")]
    with open(os.path.join(os.path.dirname(path), "inputs.json"), encoding="utf-8") as f:
        inputs = json.load(f)
    with open(path, encoding="utf-8") as f:
        cases = [json.loads(x) for x in f if x.strip()]
    spark = driver.start_session()
    asked = [c for c in cases if "id" not in c]
    for name in dict.fromkeys(c["input"] for c in asked):
        answer_table(spark, inputs[name], [c for c in asked if c["input"] == name])
    with open(path, "w", encoding="utf-8") as f:
        f.writelines((json.dumps(c, ensure_ascii=False) if "id" in c else line(topic, c)) + "\n" for c in cases)
    print(f"{topic}: {len(asked)} expressions asked, {sum(1 for c in asked if c['error'])} errors")
    spark.stop()


if __name__ == "__main__":
    main()
