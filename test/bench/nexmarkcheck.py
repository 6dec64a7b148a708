"""Compares the rows of a Nexmark query with those of Polars.

nexmarkcheck.py DIR QUERY reads DIR/out/QUERY/*.parquet and DIR/data, and prints "equal" or both numbers of rows.
"""
import sys

import polars as pl

base, query = sys.argv[1:]


def read(name):
    frame = pl.read_csv(f"{base}/data/{name}/*.csv")
    times = [c for c in ("dateTime", "expires") if c in frame.columns]
    return frame.with_columns(pl.col(times).str.to_datetime("%Y-%m-%dT%H:%M:%S%.3fZ", time_unit="us"))


def newest(frame):
    return frame["dateTime"].max() - pl.duration(seconds=2)


def tumbled(frame):
    return frame.with_columns(start=pl.col("dateTime").dt.truncate("10s"))


def q3():
    auction, person = read("auction").filter(pl.col("category") == 10), read("person").filter(pl.col("state").is_in(["OR", "ID", "CA"]))
    return auction.join(person, left_on="seller", right_on="id").select("name", "city", "state", "id")


def q5():
    bid = read("bid")
    slid = pl.concat([bid.select("auction", starttime=pl.col("dateTime").dt.truncate("2s") - pl.duration(seconds=2 * i)) for i in range(5)])
    closed = slid.filter(pl.col("starttime") + pl.duration(seconds=10) <= newest(bid))
    counted = closed.group_by("auction", "starttime").agg(num=pl.len().cast(pl.Int64))
    return counted.filter(pl.col("num") == pl.col("num").max().over("starttime")).select("auction", "num", "starttime")


def q7():
    bid = read("bid")
    highest = tumbled(bid).group_by("start").agg(highest=pl.col("price").max())
    highest = highest.filter(pl.col("start") + pl.duration(seconds=10) <= newest(bid))
    pairs = bid.join(highest, left_on="price", right_on="highest")
    return pairs.filter(pl.col("dateTime").is_between(pl.col("start"), pl.col("start") + pl.duration(seconds=10))).select("auction", "price", "bidder", "dateTime", "extra")


def q8():
    person, auction = read("person"), read("auction")
    sellers = tumbled(auction).select("seller", "start").unique()
    both = tumbled(person).select("id", "name", "start").unique().join(sellers, left_on=["id", "start"], right_on=["seller", "start"])
    ends = pl.col("start") + pl.duration(seconds=10)
    return both.filter((ends <= newest(person)) & (ends <= newest(auction))).select("id", "name", starttime="start")


def q20():
    auction = read("auction").filter(pl.col("category") == 10).rename({"dateTime": "auction_dateTime", "extra": "auction_extra"})
    both = read("bid").rename({"dateTime": "bid_dateTime", "extra": "bid_extra"}).join(auction, left_on="auction", right_on="id")
    return both.select("auction", "bidder", "price", "channel", "url", "bid_dateTime", "bid_extra", "itemName", "description", "initialBid", "reserve", "auction_dateTime",
                       "expires", "seller", "category", "auction_extra")


def q23():
    person, auction = read("person").select("name", person_id="id"), read("auction").select("itemName", "seller", auction_id="id")
    both = read("bid").join(person, left_on="bidder", right_on="person_id", coalesce=False).join(auction, left_on="bidder", right_on="seller")
    return both.select("bidder", "price", "channel", "url", "person_id", "name", "itemName", "auction_id")


here, there = pl.read_parquet(f"{base}/out/{query}/*.parquet"), globals()[query]()
here = here.with_columns(pl.col(pl.Datetime).cast(pl.Datetime("us")))
columns = there.columns
same = here.columns == columns and here.sort(columns).equals(there.sort(columns))
print("equal" if same else f"{here.height} rows {here.schema}; Polars {there.height} rows {there.schema}")
