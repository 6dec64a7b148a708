"""Copies files with Spark: each line of standard input is a task, each line of output its error, or null."""

import json
import sys

from pyspark.sql import SparkSession

spark = SparkSession.builder.master("local[1]").config("spark.ui.enabled", "false").config("spark.sql.session.timeZone", "UTC").getOrCreate()
spark.sparkContext.setLogLevel("OFF")
for line in sys.stdin:
    task = json.loads(line)
    error = None
    try:
        for name, value in (task["conf"] or {}).items():
            spark.conf.set(name, value)
        rows = spark.read.format(task["from"]).options(**task["read"] or {}).schema(task["schema"]).load(task["path"])
        rows.coalesce(1).write.format(task["to"]).options(**task["write"] or {}).save(task["out"])
    except Exception as e:
        error = str(e)
    finally:
        for name in task["conf"] or {}:
            spark.conf.unset(name)
    print(json.dumps(error), flush=True)
