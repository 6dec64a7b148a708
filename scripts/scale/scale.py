"""Measures how the cost of a job scales on both engines: with rows, batches, files, streams and keys in the state.

For each parameter, two runs differ in this parameter only. The difference in time divided by the difference of the parameter is the
cost of one more. CPU time includes all processes of a run. A dash means that an engine does not support the job.

scale.py STREAMCTL SPARK_HOME [KIND ...] prints a table in Markdown. Without a SPARK_HOME ("") it measures streamctl only.
"""
import os
import pathlib
import subprocess
import sys
import tempfile
import time

SPARK = ["--master", "local[2]", "--conf", "spark.ui.enabled=false", "--conf", "spark.sql.shuffle.partitions=2"]
SCHEMA = "fname STRING, mname STRING, lname STRING, age INT, ssn STRING"
COLUMNS = """      - withColumn: {result: "concat(fname, '-', age)", fname: upper(fname)}
"""
COUNT = """      - groupBy: {keys: [ssn], agg: ["count(*) AS n", "max(age) AS oldest"]}
"""
KEYS_CHANGED = 10_000
FILES_SINK = "{format: csv, path: out%d, checkpointLocation: ckpt%d}"


def rows(directory, files, each):
    """Writes files with the given number of rows, which are numbered."""
    directory.mkdir()
    for f in range(files):
        start = f * each
        with open(directory / ("%06d.csv" % f), "w") as out:
            for n in range(start, start + each):
                out.write("Name%d,M,Last%d,%d,900-%08d\n" % (n % 5000, n % 700, n % 90, n))


def job(base, streams=1, steps=COLUMNS, sink=FILES_SINK, options=""):
    text = "streams:\n"
    for s in range(streams):
        text += "  - name: s%d\n    source: {format: csv, path: in%d, schema: \"%s\"%s}\n    transform:\n%s    sink: %s\n" % (
            s, s, SCHEMA, options, steps, sink.replace("%d", str(s)))
    (base / "job.yaml").write_text(text)


def of_rows(base, n):
    rows(base / "in0", 1, n)
    job(base)


def of_batches(base, n):
    rows(base / "in0", n, 10)
    job(base, options=", options: {maxFilesPerTrigger: 1}")


def of_files(base, n):
    rows(base / "in0", n, 10)
    job(base)


def of_streams(base, n):
    for s in range(n):
        rows(base / ("in%d" % s), 1, 10)
    job(base, streams=n)


def of_keys(base, n):
    rows(base / "in0", 1, n)
    job(base, steps=COUNT, sink="{format: noop, outputMode: update, checkpointLocation: ckpt%d}", options=", options: {maxFilesPerTrigger: 1}")


def more_rows(base):
    """Adds a file with one key that the state has, to be read after the others."""
    with open(base / "in0" / "999999.csv", "w") as out:
        out.write("Name0,M,Last0,0,900-%08d\n" % 0)


def of_changes(base, n):
    """Batches that each change KEYS_CHANGED of the keys."""
    of_keys(base, 10 * KEYS_CHANGED)
    for f in range(1, 1 + n // KEYS_CHANGED):
        with open(base / "in0" / ("%06d.csv" % f), "w") as out:
            for k in range(KEYS_CHANGED):
                out.write("Name%d,M,Last0,%d,900-%08d\n" % (k, k % 90, (k * 10 + f) % (10 * KEYS_CHANGED)))


KINDS = {
    "rows": (of_rows, 500_000, 4_500_000, "1,000,000 rows more", 1_000_000),
    "batches": (of_batches, 10, 60, "a batch more", 1),
    "files": (of_files, 100, 2_100, "1,000 files more in a batch", 1_000),
    "streams": (of_streams, 1, 9, "a stream more", 1),
    "keys": (of_keys, 10_000, 1_010_000, "1,000,000 keys more in a state", 1_000_000),
    "restarts": (of_keys, 10_000, 1_010_000, "1,000,000 keys more in the state that a restart reads", 1_000_000),
    "changes": (of_changes, 100_000, 500_000, "1,000,000 keys more that are changed in a state, 10,000 in each batch", 1_000_000),
}

TOTALS = {"restarts": "keys in the state of a restart", "changes": "changed keys"}


def measure(command, base, anew=True):
    """Returns wall time, CPU time and the size of the largest process in MB, or None if the run failed."""
    for made in [*base.glob("out*"), *base.glob("ckpt*")]:
        if anew:
            subprocess.run(["rm", "-rf", str(made)], check=True)
    began = time.monotonic()
    process = subprocess.Popen(command, cwd=base, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    said = process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    if status != 0:
        print(said.decode().split("\n")[0], file=sys.stderr)
        return None
    return time.monotonic() - began, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def engines(streamctl, home):
    here = [streamctl, "multi", "job.yaml", "--available-now", "--quiet"]
    return [here, here + SPARK + ["--spark-home", home]] if home else [here]


def line(what, results, render):
    print("| " + " | ".join([what] + ["–" if r is None else render(r) for r in results]) + " |", flush=True)


def made(name, make, n, command, base):
    """Measures a run over n, or the one after it."""
    subprocess.run(["rm", "-rf", *map(str, base.glob("in*"))], check=True)
    make(base, n)
    result = measure(command, base)
    if name == "restarts":
        more_rows(base)
        result = measure(command, base, anew=False)
    return result


def growth(name, commands):
    """Prints the cost of one more, and the totals of the larger run."""
    make, few, many, what, unit = KINDS[name]
    small, large = [], []
    for n, results in ((few, small), (many, large)):
        with tempfile.TemporaryDirectory() as base:
            for command in commands:
                results.append(made(name, make, n, command, pathlib.Path(base)))
    slopes = [None if a is None or b is None else [(y - x) * unit / (many - few) for x, y in zip(a, b)] for a, b in zip(small, large)]
    line(what + ": wall, CPU", slopes, lambda r: "%.3f s, %.3f s" % (r[0], r[1]))
    line("%s in total: wall, CPU, largest process" % f"{many:,} {TOTALS.get(name, name)}", large, lambda r: "%.2f s, %.2f s, %.0f MB" % tuple(r))


def main(streamctl, home, *kinds):
    commands = engines(streamctl, home)
    print("| | streamctl |" + (" Spark, local[2] |" if home else "") + "\n" + "|---" * (1 + len(commands)) + "|")
    with tempfile.TemporaryDirectory() as base:
        of_rows(pathlib.Path(base), 2)
        line("a run with 2 rows: wall, CPU, largest process", [measure(c, pathlib.Path(base)) for c in commands],
             lambda r: "%.2f s, %.2f s, %.0f MB" % tuple(r))
    for name in kinds or KINDS:
        growth(name, commands)


main(*sys.argv[1:])
