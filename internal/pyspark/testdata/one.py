import os

from pyspark.sql import SparkSession
from pyspark.sql import functions as F

spark = (
    SparkSession.builder
    .appName("one \"stream\"")
    .config("spark.sql.session.timeZone", "UTC")
    .getOrCreate()
)

# stream people
people_rows = (
    spark.readStream.format("csv")
    .schema("fname STRING,age INT")
    .option("maxFilesPerTrigger", "1")
    .option("sep", os.environ["STREAMCTL_TEST_SEP"])
    .load("/jobs/in")
    .withColumn("result", F.expr("concat(fname, '-', age)"))
    .withColumn("twice", F.expr("age * 2"))
    .withColumnRenamed("age", "years")
    .filter("years > 18")
)
people_rows.createOrReplaceTempView("stream")
people_rows = spark.sql("SELECT result, twice FROM `stream`")
people_rows = people_rows.drop("twice")
people_query = (
    people_rows.writeStream
    .format("json")
    .queryName("people")
    .outputMode("append")
    .partitionBy("result")
    .option("checkpointLocation", "hdfs:///ckpt")
    .trigger(processingTime="5000 milliseconds")
    .start("/jobs/out")
)

people_query.awaitTermination(60)
people_query.stop()
