import os

from pyspark import pipelines as dp

dp.create_sink("grown_ups", format="json", options={"compression": "gzip", "path": "/jobs/out"})


@dp.append_flow(target="grown_ups")
def grown_ups_flow():
    grown_ups_rows = (
        spark.readStream.format("csv")
        .schema("id INT,name STRING")
        .option("sep", os.environ["STREAMCTL_TEST_SEP"])
        .load("/jobs/in")
    )
    grown_ups_rows_table = (
        spark.read.format("csv")
        .schema("id INT,age INT")
        .load("/jobs/static")
    )
    grown_ups_rows = (
        grown_ups_rows
        .alias("l")
        .join(grown_ups_rows_table.alias("r"), ["id"], "inner")
        .filter("age > 18")
    )
    return grown_ups_rows
