"""Measures Nexmark queries with Apache Spark: the programs that streamctl exports.

nexmark.py DIR PROVIDER RUNS QUERY ... runs DIR/QUERY.py RUNS times, all in one session, with a state store, and prints for each run: the query, the seconds from the
start of the query to its end, and the CPU seconds of Spark meanwhile.
"""
import os
import shutil
import sys
import time

from pyspark.sql import SparkSession


def main(base, provider, runs, *queries):
    spark = (
        SparkSession.builder.master("local[2]").config("spark.ui.enabled", "false").config("spark.log.level", "OFF").config("spark.driver.memory", "6g")
        .config("spark.sql.streaming.stateStore.providerClass", "org.apache.spark.sql.execution.streaming.state." + provider)
        .config("spark.sql.shuffle.partitions", "2").getOrCreate()
    )
    pid = spark._jvm.java.lang.ProcessHandle.current().pid()
    for query in queries:
        with open(f"{base}/{query}.py", encoding="utf-8") as source:
            program = compile(source.read(), query, "exec")
        for _ in range(int(runs)):
            for made in ("checkpoint", "out"):
                shutil.rmtree(f"{base}/{made}", ignore_errors=True)
            wall, cpu = time.monotonic(), cpu_time(pid)
            try:
                exec(program, {})
            except Exception as e:
                print(query, "failed:", str(e).split("\n")[0], file=sys.stderr, flush=True)
                break
            print(query, time.monotonic() - wall, cpu_time(pid) - cpu, flush=True)
    spark.stop()


def cpu_time(pid):
    with open(f"/proc/{pid}/stat") as f:
        fields = f.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


main(*sys.argv[1:])
