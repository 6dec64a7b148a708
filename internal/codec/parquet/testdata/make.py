"""Makes the fixtures of this directory with pyarrow: NAME.parquet and NAME.txt, the rows as CAST(struct(*) AS STRING) prints them."""
import datetime as dt
import decimal
import os

import pyarrow as pa
import pyarrow.parquet as pq

D = decimal.Decimal
here = os.path.dirname(os.path.abspath(__file__))


def text(v, t):
    if v is None:
        return "null"
    if pa.types.is_boolean(t):
        return "true" if v else "false"
    if pa.types.is_struct(t):
        return "{" + ", ".join(text(v[t.field(i).name], t.field(i).type) for i in range(t.num_fields)) + "}"
    if pa.types.is_map(t):
        return "{" + ", ".join(text(k, t.key_type) + " -> " + text(x, t.item_type) for k, x in v) + "}"
    if pa.types.is_list(t):
        return "[" + ", ".join(text(x, t.value_type) for x in v) + "]"
    if pa.types.is_timestamp(t):
        s = v.strftime("%Y-%m-%d %H:%M:%S")
        return s + (".%06d" % v.microsecond).rstrip("0") if v.microsecond else s
    if pa.types.is_binary(t) or pa.types.is_fixed_size_binary(t):
        return v.decode("latin-1")
    if pa.types.is_decimal(t):
        return format(v, "f")
    return str(v)


def write(name, table, **kw):
    pq.write_table(table, os.path.join(here, name + ".parquet"), **kw)
    with open(os.path.join(here, name + ".txt"), "w") as out:
        for row in table.to_pylist(maps_as_pydicts=None):
            out.write("{" + ", ".join(text(row[f.name], f.type) for f in table.schema) + "}\n")


def flat(n):
    utc = dt.timezone.utc
    null = lambda i, k, v: None if i % k == 0 else v
    when = lambda i: dt.datetime(2024, 1, 2, 3, 4, 5, 1000 * (i % 7)) + dt.timedelta(hours=i)
    cols = {
        "b": (pa.bool_(), [null(i, 5, i % 2 == 0) for i in range(n)]),
        "i8": (pa.int8(), [null(i, 7, i % 100 - 50) for i in range(n)]),
        "i16": (pa.int16(), [i - 300 for i in range(n)]),
        "i32": (pa.int32(), [null(i, 3, i * 1000003 % 2**31 - 2**30) for i in range(n)]),
        "i64": (pa.int64(), [null(i, 4, i * 10**12 - 5) for i in range(n)]),
        "u8": (pa.uint8(), [i % 256 for i in range(n)]),
        "u32": (pa.uint32(), [2**32 - 1 - i for i in range(n)]),
        "u64": (pa.uint64(), [2**64 - 1 - i for i in range(n)]),
        "f": (pa.float32(), [null(i, 6, i + 0.5) for i in range(n)]),
        "d": (pa.float64(), [null(i, 9, i - 0.25) for i in range(n)]),
        "s": (pa.string(), [null(i, 8, "word%d" % (i % 11)) for i in range(n)]),
        "long": (pa.string(), ["unique ünicode %d" % i for i in range(n)]),
        "bin": (pa.binary(), [null(i, 10, b"x%d" % i) for i in range(n)]),
        "fix": (pa.binary(4), [b"%04d" % (i % 10000) for i in range(n)]),
        "date": (pa.date32(), [null(i, 11, dt.date(1969, 12, 25) + dt.timedelta(days=i)) for i in range(n)]),
        "tsu": (pa.timestamp("us", "UTC"), [null(i, 12, when(i).replace(tzinfo=utc)) for i in range(n)]),
        "tsm": (pa.timestamp("ms", "UTC"), [when(i).replace(tzinfo=utc) for i in range(n)]),
        "ntz": (pa.timestamp("us"), [when(i) for i in range(n)]),
        "dec5": (pa.decimal128(5, 2), [null(i, 3, D(i * 7 - 400) / 100) for i in range(n)]),
        "dec15": (pa.decimal128(15, 3), [D(i * 10**9 + 1).scaleb(-3) for i in range(n)]),
        "dec38": (pa.decimal128(38, 10), [null(i, 4, D(-i * 10**30 - 1).scaleb(-10)) for i in range(n)]),
        "nothing": (pa.int32(), [None] * n),
    }
    decimal.getcontext().prec = 60
    return pa.table({k: pa.array(v, t) for k, (t, v) in cols.items()})


def nested(n):
    point = pa.struct([("x", pa.int32()), ("name", pa.string())])
    deep = pa.list_(pa.struct([("k", pa.string()), ("v", pa.list_(pa.int64()))]))
    rows = {
        "li": (pa.list_(pa.int32()), [None if i % 5 == 0 else [None if j == 1 else i * 10 + j for j in range(i % 4)] for i in range(n)]),
        "ls": (pa.list_(pa.string()), [["s%d" % (i % 3)] * (i % 3) for i in range(n)]),
        "lli": (pa.list_(pa.list_(pa.int32())), [[None if j == 2 else list(range(j)) for j in range(i % 4)] for i in range(n)]),
        "p": (point, [None if i % 4 == 0 else {"x": None if i % 3 == 0 else i, "name": "n%d" % i} for i in range(n)]),
        "m": (pa.map_(pa.string(), pa.int32()), [None if i % 7 == 0 else [("k%d" % j, None if j == 1 else j) for j in range(i % 3)] for i in range(n)]),
        "mp": (pa.map_(pa.int32(), point), [[(j, {"x": j, "name": None}) for j in range(i % 3)] for i in range(n)]),
        "deep": (deep, [None if i % 6 == 0 else [{"k": "a%d" % j, "v": None if j == 0 else [i] * j} for j in range(i % 3)] for i in range(n)]),
        "pp": (pa.struct([("q", point), ("l", pa.list_(point))]),
               [None if i % 5 == 1 else {"q": None if i % 2 else {"x": i, "name": "z"}, "l": [{"x": i, "name": None}, None][: i % 3]} for i in range(n)]),
    }
    return pa.table({k: pa.array(v, t) for k, (t, v) in rows.items()})


if __name__ == "__main__":
    write("flat-snappy-v1", flat(60), compression="snappy", store_decimal_as_integer=True)
    write("flat-zstd-v2", flat(60), compression="zstd", data_page_version="2.0", row_group_size=25)
    write("flat-gzip-plain", flat(50), compression="gzip", use_dictionary=False, data_page_size=128)
    write("flat-lz4-int96", flat(40), compression="lz4", use_deprecated_int96_timestamps=True)
    write("nested-v1", nested(60), compression="snappy", data_page_size=64, use_dictionary=False)
    write("nested-v2", nested(60), compression="none", data_page_version="2.0", row_group_size=31)
    t = flat(40).select(["i16", "tsm", "long", "fix", "u8"])
    write("delta", t, compression="none", use_dictionary=False, column_encoding={
        "i16": "DELTA_BINARY_PACKED", "tsm": "DELTA_BINARY_PACKED", "long": "DELTA_BYTE_ARRAY", "fix": "DELTA_BYTE_ARRAY",
        "u8": "BYTE_STREAM_SPLIT"})
    t = flat(40).select(["f", "d", "s"])
    write("split", t, compression="none", use_dictionary=False, column_encoding={
        "f": "BYTE_STREAM_SPLIT", "d": "BYTE_STREAM_SPLIT", "s": "DELTA_LENGTH_BYTE_ARRAY"})
    for name in os.listdir(here):
        if name.endswith(".parquet"):
            print(name, os.path.getsize(os.path.join(here, name)))
