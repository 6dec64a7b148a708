"""Run streaming jobs with Spark. Input and output are JSON lines.

Each line is a list of jobs {"schema": DDL, "options": {...}, "steps": [...], "outputMode": text, "conf": {...}, "runs": [[[text of a file, text of the other
input], ...], ...], "other": null or {"schema", "steps", "static"}}, with the steps of job files. Each run adds its files and processes them, one per batch, until the input is used up; the checkpoint stays. The
answer is a list, in order, of {"batches": [[number, table], ...], "progress": [...], "error": null or {"phase", "condition", "sqlState", "message", "class"}}:
tables as Dataset.show prints them, and progress events. A job ends with its first error.

Several jobs run at a time, each in a session that has only its settings.
"""
import concurrent.futures
import json
import os
import shutil
import sys
import tempfile

import driver
import steps

AT_A_TIME = int(os.environ.get("AT_A_TIME", "4"))
FIRST = 1704067200  # file k has the time of k minutes after the start of 2024

CONF = {
    # Tiny jobs cost less without code that is generated for each of them.
    "spark.sql.codegen.wholeStage": "false", "spark.sql.codegen.factoryMode": "NO_CODEGEN",
    "spark.sql.streaming.pollingDelay": "2ms", "spark.sql.limit.initialNumPartitions": "1000",
    # Writing a file costs no process (chmod, readlink) and no file of its checksum.
    "spark.sql.streaming.checkpointFileManagerClass": "org.apache.spark.sql.execution.streaming.checkpointing.FileSystemBasedCheckpointFileManager",
    "spark.hadoop.fs.file.impl": "org.apache.hadoop.fs.RawLocalFileSystem", "spark.sql.streaming.checkpoint.fileChecksum.enabled": "false",
    # Keep nothing of jobs that have ended.
    "spark.ui.retainedJobs": "5", "spark.ui.retainedStages": "5", "spark.ui.retainedTasks": "20", "spark.sql.ui.retainedExecutions": "5",
    "spark.sql.streaming.ui.enabled": "false", "spark.sql.streaming.stateStore.maintenanceInterval": "20s",
}


class Job:
    def __init__(self, spark, spec, base):
        self.spark, self.spec, self.base = spark.newSession(), spec, base
        self.batches, self.progress, self.error, self.files = [], [], None, 0
        for name, value in spec["conf"].items():
            self.spark.conf.set(name, value)

    def run_all(self):
        for name in ("in", "other"):
            os.mkdir(f"{self.base}/{name}")
        other = self.spec.get("other")
        if other and other["static"]:
            for n, (_, text) in enumerate(file for files in self.spec["runs"] for file in files):
                self.write("other", n, text)
        for files in self.spec["runs"]:
            self.drop(files)
            try:
                self.run()
            except Exception as e:
                self.error = self.error or driver.describe(e, "start")
            if self.error:
                break
        return {"batches": self.batches, "progress": self.progress, "error": self.error}

    def drop(self, files):
        other = self.spec.get("other")
        for text, more in files:
            self.write("in", self.files, text)
            if other and not other["static"]:
                self.write("other", self.files, more)
            self.files += 1

    def write(self, name, number, text):
        hidden = f"{self.base}/.file"
        with open(hidden, "w", encoding="utf-8", newline="") as f:
            f.write(text)
        os.utime(hidden, (FIRST + 60 * number,) * 2)
        os.rename(hidden, f"{self.base}/{name}/f{number:02}.csv")

    def frame(self):
        """The frame of the steps, over the first input and the other one."""
        reader = self.spark.readStream.options(**self.spec["options"], maxFilesPerTrigger=1)
        frame, more, other = reader.schema(self.spec["schema"]).csv(f"{self.base}/in"), None, self.spec.get("other")
        if other:
            reader = self.spark.read.options(**self.spec["options"]) if other["static"] else self.spark.readStream.options(**self.spec["options"], maxFilesPerTrigger=1)
            more = steps.apply_all(self.spark, reader.schema(other["schema"]).csv(f"{self.base}/other"), other["steps"])
        return steps.apply_all(self.spark, frame, self.spec["steps"], more)

    def run(self):
        self.spark._jvm.org.apache.spark.sql.classic.SparkSession.setActiveSession(self.spark._jsparkSession)
        writer = self.frame().writeStream.foreachBatch(self.take).outputMode(self.spec["outputMode"])
        query = writer.option("checkpointLocation", f"{self.base}/checkpoint").trigger(availableNow=True).start()
        try:
            query.awaitTermination()
        except Exception as e:
            self.error = self.error or driver.describe(e, "run")
        for event in query.recentProgress:
            event = json.loads(event.json)
            if "addBatch" in event["durationMs"]:
                self.progress.append({name: event.get(name) for name in ("batchId", "eventTime", "stateOperators")})

    def take(self, frame, number):
        """Stores the table of a batch. Printing reads all partitions at once (spark.sql.limit.initialNumPartitions), as a sink must."""
        try:
            self.batches.append([number, frame._jdf.showString(1000, 0, False)])
        except Exception as e:
            self.error = driver.describe(e, "run")
            raise


def run(spark, spec):
    base = tempfile.mkdtemp(prefix="streams-")
    try:
        return Job(spark, spec, base).run_all()
    finally:
        shutil.rmtree(base, ignore_errors=True)


def main():
    out = driver.open_answers()
    spark = driver.start_session("local[2]", CONF)
    with concurrent.futures.ThreadPoolExecutor(AT_A_TIME) as pool:
        for line in sys.stdin:
            out.write(json.dumps(list(pool.map(lambda spec: run(spark, spec), json.loads(line)))) + "\n")
            out.flush()
    spark.stop()


if __name__ == "__main__":
    main()
