"""Moves queries between engines: three batches (or FILES) in streamctl, then in Spark, and again in streamctl, with the same checkpoint and
output directory. Each engine is killed in the middle of its last batch, which the other one then repeats. At the end, the output must be
that of one run of streamctl without interruption. With --full, Spark must also find nothing left to do, its own uninterrupted run must
have the same output, and each stateful query moves once more, with kills after the batch has written state.

handover.py [--full] STREAMCTL SPARK_HOME [QUERY ...]
"""

import collections
import json
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import time
import urllib.parse

FILES, ROWS = int(os.environ.get("FILES", "3")), 50
FIRST = 1_704_067_200  # the first event time, 2024-01-01 UTC

# A query: its flags, its output mode, the sink that shows its output, a job file for what has no flags, and the directory of the state that its batches write
# last. The console is for modes that file sinks do not take.
Query = collections.namedtuple("Query", "flags mode sink job state", defaults=[None, "state/0/0"])

WATERMARK = ["--watermark", "ts=5 minutes"]
# Sketches of few nominal entries, so that they estimate; and sets of the sketches of 5 and 6.
FIVE, SIX = "X'01030300003ACC93BD3273724691CC14'", "X'01030300003ACC93FE162113FB98BC10'"
PAIR = "X'01030901000ACC93BD3273724691CC14000000000000084000'"
SKETCHES = ", ".join(f"hex({call}) AS s{i}" for i, call in enumerate([
    "theta_sketch_agg(n, 4)", "tuple_sketch_agg_double(n, CAST(n AS DOUBLE), 4, 'max')", "tuple_sketch_agg_integer(k, n)",
    f"theta_union_agg(if(n % 2 = 0, {FIVE}, {SIX}), 4)", f"theta_intersection_agg(if(n % 50 = 0, {SIX}, {FIVE}))",
    f"theta_intersection_agg(if(n > 400, {SIX}, NULL))", f"tuple_union_agg_double({PAIR}, 4)", f"tuple_intersection_agg_double({PAIR})",
    "hll_sketch_agg(n, 4)",
]))
AGG = ["--agg", "count(*) AS c, sum(n) AS s, min(n) AS least, max(k) AS most, avg(n) AS mean, collect_list(n) AS all"]

# Both inputs have the same rows, in files of other sizes. A row matches some of those with its key, and comes out without a match when the time has passed.
JOIN = """
sources:
  other:
    format: csv
    path: {base}/other
    schema: k STRING, n INT, ts TIMESTAMP
    options: {{maxFilesPerTrigger: 1}}
    transform: [{{withWatermark: {{eventTime: ts, delayThreshold: 5 minutes}}}}, {{filter: n % 4 > 0}}]
streams:
- source: {{format: csv, path: "{base}/in", schema: "k STRING, n INT, ts TIMESTAMP"}}
  transform:
  - withWatermark: {{eventTime: ts, delayThreshold: 5 minutes}}
  - join:
      with: {{stream: other}}
      on: l.k = r.k AND r.ts BETWEEN l.ts - INTERVAL 1 MINUTE AND l.ts + INTERVAL 1 MINUTE AND l.n % 3 = r.n % 3
      how: fullOuter
  - select: [l.k, l.n, l.ts, r.n AS other, r.ts AS other_ts]
"""

QUERIES = {
    "rows": Query(["--select", "k, n, concat(k,'-',n) AS both", "--where", "n >= 0"], "append", "csv"),
    "windows": Query([*WATERMARK, "--group-by", "window(ts,'5 minutes') AS w, k", *AGG], "append", "json"),
    "updates": Query(["--group-by", "k", *AGG], "update", "console"),
    "sketches": Query(["--group-by", "k", "--agg", SKETCHES], "update", "console"),
    "ids": Query([*WATERMARK, "--drop-duplicates", "n,ts"], "append", "csv"),
    "ids-within-watermark": Query([*WATERMARK, "--drop-duplicates-within-watermark", "n"], "append", "csv"),
    "sessions": Query([*WATERMARK, "--group-by", "session_window(ts,'20 seconds') AS w, k", *AGG], "append", "json"),
    "join": Query([], "append", "csv", JOIN, "state/0/0/right-keyWithIndexToValue"),
    "limit": Query(["--limit", str(ROWS * FILES * 3 // 2 + 5)], "append", "csv"),  # reached in the middle, in Spark
}


def row(i):
    """Row number i: times go up with some disorder, every fifth row repeats an earlier one, and far into the input, some are very late."""
    if i % 5 == 4:
        return row(i - 3)
    at = FIRST + 9 * i - i * 37 % 120
    if i > 4 * ROWS and i % 40 == 0:
        at -= 7200
    when = time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(at))
    return f"k{i * 31 % 7},{i},{when}\n"


class Run:
    """A query with its input, output and checkpoint in the directory base."""

    def __init__(self, program, home, query, base):
        self.program, self.home, self.query, self.base = program, home, query, base
        self.rows, self.printed = 0, base / "printed"
        for name in ("in", "other"):
            (base / name).mkdir(parents=True)
        if query.job:
            (base / "job.yaml").write_text(query.job.format(base=base))

    def drop(self, files=FILES):
        """Adds the next files: to both inputs, of which a query without a job file reads the first."""
        for _ in range(files):
            first, self.rows = self.rows, self.rows + ROWS
            for name, late in (("in", 0), ("other", 5)):
                tmp = self.base / ".tmp"
                tmp.write_text("".join(row(i) for i in range(max(first - late, 0), self.rows - late)))
                os.utime(tmp, (time.time() - 3600 + first, time.time() - 3600 + first))
                tmp.rename(self.base / name / f"{first:06}.csv")

    def streamctl(self):
        sink = ["--sink", self.query.sink, "--output-mode", self.query.mode]
        sink += ["--truncate=false", "--num-rows", "1000"] if self.query.sink == "console" else ["--path", f"{self.base}/out"]
        return [
            self.program, "file", "--dir", f"{self.base}/in", "--schema", "k STRING, n INT, ts TIMESTAMP", "--option", "maxFilesPerTrigger=1",
            *self.query.flags, *(["--job", f"{self.base}/job.yaml"] if self.query.job else []), *sink, "--checkpoint", f"{self.base}/checkpoint", "--available-now", "-q",
            "-c", "spark.sql.session.timeZone=UTC", "-c", "spark.sql.shuffle.partitions=2",
        ]

    def spark(self):
        """The same command on Spark."""
        return [*self.streamctl(), "--master", "local[1]", "--spark-home", self.home, "-c", "spark.ui.enabled=false"]

    def newest(self, log):
        """Returns the newest batch in offsets or commits, or the newest version of the state less one, which is the batch that wrote it."""
        directory = self.base / "checkpoint" / log
        names = [name.removesuffix(".delta") for name in os.listdir(directory)] if directory.exists() else []
        return max((int(n) for n in names if n.isdigit()), default=int(log.startswith("state")) - 1) - int(log.startswith("state"))

    def run(self, command):
        """Runs the query until it ends."""
        with open(self.printed, "ab") as printed:
            subprocess.run(command, check=True, stdout=printed)
        print(f"    ended; batches up to {self.newest('offsets')}, committed up to {self.newest('commits')}")

    def kill(self, command, log):
        """Kills the run as soon as its last batch appears in a log or in the state."""
        last = self.newest("offsets") + FILES
        with open(self.printed, "ab") as printed:
            process = subprocess.Popen(command, start_new_session=True, stdout=printed, stderr=subprocess.DEVNULL)
        while self.newest(log) < last and process.poll() is None:
            time.sleep(0.0005)
        ended = process.poll() is not None
        try:
            os.killpg(process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        process.wait()
        print(f"    {'ended' if ended else 'killed'}; batches up to {self.newest('offsets')}, committed up to {self.newest('commits')}")

    def output(self):
        """Returns the rows of the output, sorted; those of the console with the number of their batch."""
        return sorted(self.tables() if self.query.sink == "console" else self.lines())

    def tables(self):
        """Returns the rows that the console printed. A batch that was printed again counts once."""
        batches, batch = {}, None
        for line in self.printed.read_text().splitlines():
            if line.startswith("Batch: "):
                batch = int(line.removeprefix("Batch: "))
                batches[batch] = []
            elif line.startswith("|"):
                batches[batch].append(line)
        return [f"{batch} {line}" for batch, lines in batches.items() for line in lines]

    def lines(self):
        """Returns the lines of the files that the sink's log names."""
        log, names = self.base / "out/_spark_metadata", {}
        for entry in sorted(log.iterdir(), key=lambda p: int(p.name.split(".")[0]) if p.name[0].isdigit() else -1):
            if entry.name[0].isdigit():
                for line in entry.read_text().splitlines()[1:]:
                    names[urllib.parse.unquote(urllib.parse.urlparse(json.loads(line)["path"]).path)] = True
        return [line for name in names for line in pathlib.Path(name).read_text().splitlines()]


def move(program, home, query, base, log, full):
    """Moves a query between the engines, and returns what is wrong with its output."""
    run, whole = Run(program, home, query, base / "moved"), Run(program, home, query, base / "whole")
    for name, step in (
        ("streamctl, killed in its last batch", lambda: run.kill(run.streamctl(), log)),
        ("Spark, killed in its last batch", lambda: run.kill(run.spark(), log)),
        ("streamctl", lambda: run.run(run.streamctl())),
    ):
        print(" ", name, flush=True)
        run.drop()
        step()
    whole.drop(3 * FILES)
    whole.run(whole.streamctl())
    problems = different("the run without interruption", run.output(), whole.output())
    if full:
        print("  Spark, nothing new", flush=True)
        batches = run.newest("offsets")
        run.run(run.spark())
        if run.newest("offsets") != batches:
            problems.append("Spark ran another batch")
        spark = Run(program, home, query, base / "spark")
        spark.drop(3 * FILES)
        print("  Spark without interruption", flush=True)
        spark.run(spark.spark())
        problems += different("Spark's run without interruption", run.output(), spark.output())
    print(f"  {run.rows} rows in, {len(whole.output())} rows out")
    return problems


def different(name, got, want):
    lost, more = (collections.Counter(a) - collections.Counter(b) for a, b in ((want, got), (got, want)))
    return [f"compared with {name}, {lost.total()} rows are lost, {more.total()} are too many: {[*lost][:3]} {[*more][:3]}"] if lost or more else []


def main(args):
    full = "--full" in args
    program, home, *names = [a for a in args if a != "--full"]
    failed = 0
    for name in names or QUERIES:
        for log in ("offsets", QUERIES[name].state) if full and name != "rows" else ("offsets",):
            print(f"{name}, killed when its last batch appears in {log}", flush=True)
            with tempfile.TemporaryDirectory() as base:
                problems = move(program, home, QUERIES[name], pathlib.Path(base), log, full and log == "offsets")
            failed += bool(problems)
            print("  same" if not problems else "  DIFFERENT: " + "; ".join(problems), flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
