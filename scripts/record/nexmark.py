"""Runs the programs of the Nexmark queries, exported by streamctl, with Apache Spark, and keeps the rows of every batch as JSON.

nexmark.py PROGRAM ... runs each DIR/QUERY.py and writes DIR/spark/QUERY/BATCH/part-*.json, unless DIR/spark/QUERY exists already. See test/nexmark.
"""
import os
import pathlib
import shutil
import sys
import time

from pyspark.sql import SparkSession
from pyspark.sql.streaming import DataStreamWriter, StreamingQuery

AT_A_TIME = int(os.environ.get("AT_A_TIME", "5"))
start, wait = DataStreamWriter.start, StreamingQuery.awaitTermination


class Recording:
    """A query that runs, whose rows go to a hidden directory until it has ended."""

    def __init__(self, program):
        self.program, self.query = program, None
        self.out = program.parent / "spark" / program.stem
        self.hidden = self.out.with_name("." + program.stem)

    def start(self):
        for made in (self.hidden, self.program.parent / "checkpoint" / self.program.stem):
            shutil.rmtree(made, ignore_errors=True)

        def start_writer(writer, path=None):
            self.query = start(writer.foreachBatch(lambda frame, number: frame.write.json(f"{self.hidden}/{number}")))
            return self.query

        DataStreamWriter.start, DataStreamWriter.partitionBy = start_writer, lambda writer, *columns: writer
        StreamingQuery.awaitTermination = lambda query: None
        exec(compile(self.program.read_text(), self.program.name, "exec"), {})

    def end(self):
        wait(self.query)
        self.hidden.rename(self.out)
        print(time.strftime("%T"), self.out, flush=True)


def main(programs):
    spark = (
        SparkSession.builder.master("local[4]").config("spark.ui.enabled", "false").config("spark.log.level", "OFF").config("spark.driver.memory", "4g")
        .config("spark.ui.showConsoleProgress", "false").config("spark.sql.shuffle.partitions", "2")
        # Small batches cost less without code that is generated and optimized for them.
        .config("spark.sql.codegen.wholeStage", "false").config("spark.sql.codegen.factoryMode", "NO_CODEGEN")
        .config("spark.driver.extraJavaOptions", "-XX:TieredStopAtLevel=1").getOrCreate()
    )
    running = []
    for recording in map(Recording, map(pathlib.Path, programs)):
        if recording.out.exists():
            continue
        recording.start()
        running.append(recording)
        if len(running) == AT_A_TIME:
            running.pop(0).end()
    for recording in running:
        recording.end()
    spark.stop()


main(sys.argv[1:])
