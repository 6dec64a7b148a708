"""Evaluates Polars expressions on the sample rows, one request a line: summary or take EXPRESSION."""
import sys
import time

import polars as pl

path, repeats = sys.argv[1], int(sys.argv[2])
names = "a b m x y p q s mail phone padded digits price day instant d t j".split()
typed = {"a": pl.Int32, "b": pl.Int32, "m": pl.Int32, "x": pl.Float64, "y": pl.Float64}
block = pl.read_csv(path, separator="\t", quote_char=None, has_header=False, schema={n: typed.get(n, pl.String) for n in names})
block = block.with_columns(
    pl.col("p").cast(pl.Decimal(10, 2)), pl.col("q").cast(pl.Decimal(6, 3)),
    pl.col("d").str.to_date(), pl.col("t").str.to_datetime("%Y-%m-%d %H:%M:%S", time_unit="us"))
samples = pl.concat([block] * repeats, rechunk=True)
scope = {"pl": pl, **{n: pl.col(n) for n in names}}
engines = {}


def summary(e):
    x = samples.select(x=e)["x"]
    size = x.str.len_bytes().sum() if x.dtype == pl.String else 0
    return "|".join(str(v) for v in (x.count(), x.min(), x.max(), size))


def seconds(f, *args):
    begin = time.process_time()
    f(*args)
    return time.process_time() - begin


def in_memory(e):
    return samples.select(e)


def streaming(e):
    return samples.lazy().select(e.null_count()).collect(engine="streaming")


def choose(text, e):
    engines[text] = min((in_memory, streaming), key=lambda f: seconds(f, e))


for line in sys.stdin:
    what, text = line.rstrip("\n").split(" ", 1)
    e = eval(text, scope)
    if what == "summary":
        choose(text, e)
        print(summary(e), flush=True)
    else:
        engines[text](e)
        print(flush=True)
