from pyspark.sql import SparkSession
from pyspark.sql import functions as F

spark = (
    SparkSession.builder
    .appName("stateful")
    .config("spark.sql.shuffle.partitions", "2")
    .config("spark.sql.streaming.stateStore.providerClass", "org.apache.spark.sql.execution.streaming.state.RocksDBStateStoreProvider")
    .getOrCreate()
)

# stream windows
windows_rows = (
    spark.readStream.format("csv")
    .schema("ts TIMESTAMP,k STRING,v INT")
    .load("/jobs/in")
    .withWatermark("ts", "10 minutes")
    .groupBy(F.expr("window(ts, '5 minutes') AS w"), F.expr("k"))
    .agg(F.expr("count(*) AS n"), F.expr("sum(v) AS total"))
    .filter("n > 1")
)
windows_query = (
    windows_rows.writeStream
    .format("json")
    .queryName("windows")
    .option("checkpointLocation", "/jobs/ck")
    .start("/jobs/out")
)

# stream top
top_rows = (
    spark.readStream.format("csv")
    .schema("ts TIMESTAMP,k STRING,v INT")
    .load("/jobs/in")
    .groupBy(F.expr("k"))
    .count()
    .orderBy(F.expr("count").desc(), F.expr("k").asc_nulls_last(), F.expr("(k) || (k)").desc_nulls_first())
    .limit(10)
)
top_query = (
    top_rows.writeStream
    .format("console")
    .queryName("top")
    .outputMode("complete")
    .start()
)

# stream all
all_rows = (
    spark.readStream.format("csv")
    .schema("ts TIMESTAMP,k STRING,v INT")
    .load("/jobs/in")
    .groupBy()
    .agg(F.expr("max(v)"))
)
all_query = (
    all_rows.writeStream
    .format("console")
    .queryName("all")
    .outputMode("update")
    .start()
)

# stream unique
unique_rows = (
    spark.readStream.format("csv")
    .schema("ts TIMESTAMP,k STRING,v INT")
    .load("/jobs/in")
    .withWatermark("ts", "1 hour")
    .dropDuplicatesWithinWatermark(["k"])
    .dropDuplicates(["k", "v"])
    .dropDuplicates()
    .distinct()
)
unique_query = (
    unique_rows.writeStream
    .format("console")
    .queryName("unique")
    .start()
)

# stream query
query_rows = (
    spark.readStream.format("csv")
    .schema("ts TIMESTAMP,k STRING,v INT")
    .load("/jobs/in")
)
query_rows.createOrReplaceTempView("stream")
query_rows = spark.sql("SELECT k, count(*) AS n FROM `stream` GROUP BY k HAVING n > 1")
query_query = (
    query_rows.writeStream
    .format("console")
    .queryName("query")
    .outputMode("complete")
    .start()
)

queries = [windows_query, top_query, all_query, unique_query, query_query]
while any(query.isActive for query in queries):
    spark.streams.awaitAnyTermination()
    spark.streams.resetTerminated()
for query in queries:
    query.stop()
    if query.exception():
        raise query.exception()
