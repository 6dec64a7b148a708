from pyspark import pipelines as dp
from pyspark.sql import functions as F

dp.create_sink("stream_1", format="console", options={})


@dp.append_flow(target="stream_1")
def stream_1_flow():
    stream_1_rows = (
        spark.readStream.format("text")
        .load("/jobs/lines")
        .withColumn("n", F.expr("length(value)"))
    )
    return stream_1_rows
