import time

from pyspark.sql import SparkSession
from pyspark.sql import functions as F

spark = SparkSession.builder.getOrCreate()

# stream the-counts
the_counts_rows = (
    spark.readStream.format("rate")
    .option("rowsPerSecond", "5")
    .load()
    .withWatermark("timestamp", "10 minutes")
    .groupBy(F.expr("window(timestamp, '5 minutes') AS w"))
    .agg(F.expr("count(*) AS n"))
    .orderBy(F.expr("n").desc(), F.expr("w").asc())
    .limit(3)
)
the_counts_query = (
    the_counts_rows.writeStream
    .format("console")
    .queryName("the-counts")
    .outputMode("complete")
    .start()
)

# stream
stream_1_rows = (
    spark.readStream.format("socket")
    .option("host", "localhost")
    .option("port", "9999")
    .load()
    .dropDuplicates(["value"])
    .distinct()
)
stream_1_rows_table = (
    spark.read.format("csv")
    .schema("value STRING,v INT")
    .load("/jobs/static")
    .filter("v > 0")
    .withColumn("v", F.expr("v + 1"))
)
stream_1_rows = (
    stream_1_rows
    .alias("l")
    .join(stream_1_rows_table.alias("r"), ["value"], "left_outer")
    .groupBy(F.expr("value"))
    .count()
)
stream_1_query = (
    stream_1_rows.writeStream
    .format("noop")
    .trigger(availableNow=True)
    .start()
)

queries = [the_counts_query, stream_1_query]
end = time.monotonic() + 1.500
while time.monotonic() < end and any(query.isActive for query in queries):
    spark.streams.awaitAnyTermination(max(end - time.monotonic(), 0.001))
    spark.streams.resetTerminated()
for query in queries:
    query.stop()
    if query.exception():
        raise query.exception()
