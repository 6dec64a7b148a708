"""Runs exported programs over the steps of a comparison and records the output of each micro-batch.

The programs are not modified. When a query starts, its sink is replaced by one that writes the rows losslessly to a file,
and its trigger by availableNow. Each step adds input files and runs the program until it ends.
"""
import json
import logging
import os
import runpy
import shutil
import sys

from pyspark.sql import SparkSession
from pyspark.sql import functions as F
from pyspark.sql import types as T
from pyspark.sql.streaming import DataStreamWriter

from failure import failure

start = DataStreamWriter.start


def text(column, type):
    """Converts a column to nested strings: hexadecimal for strings and binaries, a cast to STRING for other types."""
    if isinstance(type, T.ArrayType):
        return F.transform(column, lambda item: text(item, type.elementType))
    if isinstance(type, T.MapType):
        return F.transform(F.map_entries(column), lambda entry: F.struct(
            text(entry["key"], type.keyType).alias("0"), text(entry["value"], type.valueType).alias("1")))
    if isinstance(type, T.StructType):
        fields = [text(column[f.name], f.dataType).alias(str(i)) for i, f in enumerate(type.fields)]
        return F.when(column.isNotNull(), F.struct(*fields))
    if isinstance(type, (T.StringType, T.CharType, T.VarcharType, T.BinaryType)):
        return F.hex(column)
    return column.cast("string")


class Comparison:
    def __init__(self, spark, plan):
        self.spark = spark
        self.results = open(plan["results"], "w")
        self.plan = plan
        self.stream = None
        self.failed = False
        self.query = None

    def write(self, **line):
        self.results.write(json.dumps(dict(line, stream=self.stream["name"])) + "\n")
        self.results.flush()

    def fail(self, error):
        if not self.failed:
            self.write(failure=failure(error))
        self.failed = True

    def take(self, batch, id):
        """Writes the rows of a batch, in the order of its partitions. This is the sink."""
        try:
            names = [str(i) for i in range(len(batch.columns))]
            columns = [text(F.col(n), f.dataType).alias(n) for n, f in zip(names, batch.schema.fields)]
            row = F.to_json(F.struct(*names), {"ignoreNullFields": "false"}) if names else F.lit("{}")
            lines = batch.toDF(*names).select(columns).select(row).collect() if names else batch.select(row).collect()
            self.write(batch=id, rows=[json.loads(r[0]) for r in lines])
        except Exception as error:
            self.fail(error)
            raise

    def start(self, writer):
        """Replaces DataStreamWriter.start."""
        schema = [[f.name, f.dataType.simpleString()] for f in writer._df.schema.fields]
        self.write(schema=schema)
        ours = writer._df.writeStream.outputMode(self.stream["outputMode"]).trigger(availableNow=True)
        ours = ours.option("checkpointLocation", self.stream["checkpoint"]).foreachBatch(self.take)
        self.query = start(ours)
        return self.query

    def step(self, files):
        for f in files:
            os.makedirs(os.path.dirname(f["to"]), exist_ok=True)
            shutil.copyfile(f["from"], f["to"])
            os.utime(f["to"], (f["time"], f["time"]))
        try:
            runpy.run_path(self.stream["program"], run_name="__main__")
            self.query.awaitTermination()
        except SystemExit:
            pass
        except Exception as error:
            self.fail(error)
        if self.query is not None and self.query.exception() is not None:
            self.fail(self.query.exception())

    def run(self):
        for self.stream in self.plan["streams"]:
            self.failed, self.query = False, None
            # a separate session, so that the settings of one program do not affect the others
            SparkSession._instantiatedSession = self.spark.newSession()
            for step, files in enumerate(self.stream["steps"]):
                if not self.failed:
                    self.step(files)
                    self.write(step=step)


def main():
    logging.disable(logging.CRITICAL)
    spark = SparkSession.builder.getOrCreate()
    with open(sys.argv[1]) as f:
        comparison = Comparison(spark, json.load(f))
    stop = SparkSession.stop
    SparkSession.stop = lambda session: None
    DataStreamWriter.start = lambda writer, *args, **options: comparison.start(writer)
    comparison.run()
    stop(spark)


main()
