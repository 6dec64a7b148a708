"""Apply the steps of a job file to a frame of PySpark."""


def apply_all(spark, frame, steps, other=None):
    for step in steps:
        (kind, value), = step.items()
        frame = apply(spark, frame, kind, value, other)
    return frame


def apply(spark, frame, kind, value, other=None):
    from pyspark.sql import functions as F
    if kind == "sql":
        frame.createOrReplaceTempView("stream")
        return spark.sql(value)
    if kind == "join":
        return frame.alias("l").join(other.alias("r"), F.expr(value["on"]), value.get("how", "inner"))
    if kind == "union":
        return frame.unionByName(other) if value["byName"] else frame.union(other)
    if kind == "select":
        return frame.selectExpr(*value)
    if kind == "filter":
        return frame.filter(value)
    if kind == "withColumn":
        for name, text in value.items():
            frame = frame.withColumn(name, F.expr(text))
        return frame
    if kind == "drop":
        return frame.drop(*value)
    if kind == "withWatermark":
        return frame.withWatermark(value["eventTime"], value["delayThreshold"])
    if kind == "groupBy":
        return frame.groupBy(*[F.expr(k) for k in value["keys"]]).agg(*[F.expr(a) for a in value["agg"]])
    if kind == "dropDuplicates":
        return frame.dropDuplicates(value) if value else frame.dropDuplicates()
    if kind == "dropDuplicatesWithinWatermark":
        return frame.dropDuplicatesWithinWatermark(value)
    if kind == "distinct":
        return frame.distinct()
    if kind == "orderBy":
        return frame.orderBy(*[order(F, text) for text in value])
    return frame.limit(value)


def order(F, text):
    name, _, direction = text.rpartition(" ")
    return F.expr(name).desc() if direction == "DESC" else F.expr(name).asc() if direction == "ASC" else F.expr(text)
