"""Moves a query between engines: three batches (or FILES) in streamctl, then in Spark, and again in streamctl, with the same
checkpoint and output directory. Each engine is killed in the middle of its last batch, which the other one then repeats. At the
end, every row must be in the output exactly once, and Spark must have nothing left to do.

handover.py STREAMCTL runs the test. It runs handover.py --spark DIR for the Spark part.
"""

import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import time

FILES, ROWS = int(os.environ.get("FILES", "3")), 50


def spark(base):
    """Processes the new files in base/in."""
    from pyspark.sql import SparkSession

    session = (
        SparkSession.builder.master("local[1]").config("spark.ui.enabled", "false").config("spark.sql.session.timeZone", "UTC")
        .config("spark.log.level", "ERROR").getOrCreate()
    )
    rows = (
        session.readStream.schema("name STRING, n INT").option("maxFilesPerTrigger", 1).csv(f"{base}/in")
        .selectExpr("name", "n", "concat(name, '-', n) AS both").where("n >= 0")
    )
    query = (
        rows.writeStream.format("csv").option("checkpointLocation", f"{base}/checkpoint").option("path", f"{base}/out")
        .trigger(availableNow=True).start()
    )
    query.awaitTermination()
    print("spark ran batches", [p["batchId"] for p in query.recentProgress if p["numInputRows"]])
    found = sorted(r[2] for r in session.read.csv(f"{base}/out").collect())
    pathlib.Path(base, "found").write_text("\n".join(found))


class Handover:
    def __init__(self, program, base):
        self.program, self.base, self.rows = program, base, 0
        (base / "in").mkdir()

    def drop(self):
        """Adds the next files."""
        for _ in range(FILES):
            first, self.rows = self.rows, self.rows + ROWS
            tmp = self.base / ".tmp"
            tmp.write_text("".join(f"row,{i}\n" for i in range(first, self.rows)))
            os.utime(tmp, (time.time() - 3600 + first, time.time() - 3600 + first))
            tmp.rename(self.base / "in" / f"{first:06}.csv")

    def streamctl(self):
        return [
            self.program, "file", "--dir", f"{self.base}/in", "--schema", "name STRING, n INT", "--option", "maxFilesPerTrigger=1",
            "--select", "name,n,concat(name,'-',n) AS both", "--where", "n >= 0", "--sink", "csv", "--path", f"{self.base}/out",
            "--checkpoint", f"{self.base}/checkpoint", "--available-now",
        ]

    def spark(self):
        return [sys.executable, __file__, "--spark", str(self.base)]

    def newest(self, log):
        """Returns the newest batch in offsets or commits."""
        directory = self.base / "checkpoint" / log
        names = os.listdir(directory) if directory.exists() else []
        return max((int(n) for n in names if n.isdigit()), default=-1)

    def run(self, command):
        """Runs the query until it ends."""
        subprocess.run(command, check=True)
        print(f"  ended; batches up to {self.newest('offsets')}, committed up to {self.newest('commits')}")

    def kill_in(self, batch, command):
        """Kills the run as soon as it has started a batch."""
        process = subprocess.Popen(command, start_new_session=True, stderr=subprocess.DEVNULL)
        while self.newest("offsets") < batch and process.poll() is None:
            time.sleep(0.001)
        try:
            os.killpg(process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        process.wait()
        print(f"  killed; batches up to {self.newest('offsets')}, committed up to {self.newest('commits')}")


def main(program):
    with tempfile.TemporaryDirectory() as base:
        test = Handover(program, pathlib.Path(base))
        for name, step in (
            ("streamctl, killed in its last batch", lambda: test.kill_in(FILES - 1, test.streamctl())),
            ("Spark, killed in its last batch", lambda: test.kill_in(2 * FILES - 1, test.spark())),
            ("streamctl", lambda: test.run(test.streamctl())),
        ):
            print(name, flush=True)
            test.drop()
            step()
        print("Spark, nothing new", flush=True)
        batches = test.newest("offsets")
        test.run(test.spark())
        found = pathlib.Path(base, "found").read_text().split("\n")
        expected = sorted(f"row-{i}" for i in range(test.rows))
        lost = len(set(expected) - set(found))
        print(f"{test.rows} rows: {lost} lost, {len(found) - len(set(found))} duplicates, {batches + 1} batches")
        return 0 if found == expected and test.newest("offsets") == batches else 1


if __name__ == "__main__":
    if sys.argv[1] == "--spark":
        spark(sys.argv[2])
    else:
        sys.exit(main(sys.argv[1]))
