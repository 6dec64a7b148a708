"""Groups the rows of a CSV file by its first column with Polars, once for each line on standard input."""
import sys
import time

import polars as pl

path, key = sys.argv[1:]
rows = pl.read_csv(path, has_header=False, schema={"k": pl.String if key == "STRING" else pl.Int64, "v": pl.Int64}).rechunk()
factor = pl.col("k").str.len_bytes().cast(pl.Int64) if key == "STRING" else pl.col("k")


def summary(engine):
    v = pl.col("v")
    groups = rows.lazy().group_by("k").agg(n=pl.len().cast(pl.Int64), s=v.sum(), m=v.max())
    sums = groups.select(pl.len().cast(pl.Int64), pl.col("n").sum(), pl.col("s").sum(), (pl.col("m") * (factor % 1000)).sum().alias("f"))
    return "|".join(str(x) for x in sums.collect(engine=engine).row(0))


def seconds(engine):
    begin = time.process_time()
    summary(engine)
    return time.process_time() - begin


engine = min("in-memory", "streaming", key=seconds)
for line in sys.stdin:
    print(summary(engine), flush=True)
