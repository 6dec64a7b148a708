from pyspark.sql import SparkSession

spark = (
    SparkSession.builder
    .appName("inputs")
    .getOrCreate()
)

# stream sold
sold_rows = (
    spark.readStream.format("csv")
    .schema("id BIGINT,category INT,at TIMESTAMP")
    .load("/jobs/auction")
    .withWatermark("at", "2 seconds")
)
sold_rows.createOrReplaceTempView("stream")
bid_input = (
    spark.readStream.format("csv")
    .schema("auction BIGINT,price BIGINT,at TIMESTAMP")
    .load("/jobs/bid")
    .withWatermark("at", "2 seconds")
)
bid_input.createOrReplaceTempView("bid")
category_input = (
    spark.read.format("json")
    .schema("id INT,name STRING")
    .load("/jobs/category.json")
)
category_input.createOrReplaceTempView("category")
sold_rows = spark.sql("SELECT c.name, B.price FROM `stream` A JOIN bid B ON A.id = B.auction AND A.at = B.at JOIN category c ON c.id = A.category")
sold_query = (
    sold_rows.writeStream
    .format("noop")
    .queryName("sold")
    .option("checkpointLocation", "/jobs/checkpoint")
    .start()
)

sold_query.awaitTermination()
