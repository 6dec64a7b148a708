"""Runs exported programs on Spark as the corpus was recorded, and writes down what each query printed and how it failed.

The programs run as they are. Where a query starts, the driver waits until it has taken in what is there; where the program
waits for its queries, the driver puts the files of the next steps in place, or sends the next lines.
"""
import base64
import json
import os
import runpy
import shutil
import socket
import time

from pyspark.sql import SparkSession
from pyspark.sql.streaming import DataStreamWriter
from pyspark.sql.streaming.query import StreamingQuery, StreamingQueryManager

from failure import failure

FIRST = 1704067200  # 2024-01-01: file number k of step n has the time of k seconds and n minutes later
TICK = 1  # seconds between the batches of a socket; lines are sent in the middle of two

start, awaited = DataStreamWriter.start, StreamingQuery.awaitTermination


class Lines:
    """Sends lines to the client that connected last: Spark may connect once only to see whether anybody is there."""

    def __init__(self, port):
        self.server = socket.create_server(("127.0.0.1", port))
        self.server.setblocking(False)
        self.client = None

    def send(self, text):
        time.sleep(TICK - time.time() % TICK + TICK / 2)
        while self.accept() or self.client is None:
            pass
        self.client.sendall(text)

    def accept(self):
        try:
            self.client, _ = self.server.accept()
            return True
        except BlockingIOError:
            time.sleep(0.05 if self.client is None else 0)
            return False

    def close(self):
        for s in (self.client, self.server):
            if s is not None:
                s.close()


class Stream:
    """What a query of the program gave."""

    def __init__(self):
        self.query, self.out, self.failure, self.progress = None, b"", None, []

    def fail(self, error):
        self.failure = self.failure or failure(error)

    def result(self):
        return {"out": base64.b64encode(self.out).decode(), "failure": self.failure, "progress": self.progress}


class Case:
    def __init__(self, spark, plan, case):
        self.spark, self.java, self.printed, self.case = spark, spark._jvm.java.lang.System, plan["printed"], case
        self.streams, self.begun, self.step = [Stream() for _ in case["streams"]], 0, case["from"]
        self.lines = Lines(case["port"]) if case["port"] else None

    def drop(self):
        """Puts the files of the step in place."""
        root = os.path.join(self.case["batches"], "%02d" % self.step)
        names = [os.path.relpath(os.path.join(d, f), root) for d, _, files in os.walk(root) for f in files if f != ".keep"]
        for k, name in enumerate(sorted(names)):
            to, hidden = os.path.join(self.case["base"], name), os.path.join(self.case["base"], ".dropping")
            os.makedirs(os.path.dirname(to), exist_ok=True)
            shutil.copyfile(os.path.join(root, name), hidden)
            os.utime(hidden, (FIRST + 60 * self.step + k,) * 2)
            os.rename(hidden, to)
        self.step += 1

    def follow(self, stream, act):
        """Runs a part of a stream; what is printed meanwhile is its output."""
        self.java.out.flush()
        before = os.path.getsize(self.printed)
        try:
            act()
        except Exception as error:
            stream.fail(error)
        self.java.out.flush()
        with open(self.printed, "rb") as f:
            f.seek(before)
            stream.out += f.read()

    def start(self, writer, *args, **options):
        """What DataStreamWriter.start does here."""
        stream = self.streams[self.begun]
        if self.lines:
            writer = writer.trigger(processingTime="%d seconds" % TICK)

        def act():
            stream.query = start(writer, *args, **options)
            if self.case["oneShot"]:
                awaited(stream.query)
            elif not self.lines:
                stream.query.processAllAvailable()

        stream.query = None
        self.follow(stream, act)
        self.begun += 1
        if stream.query is None:
            raise RuntimeError("the query was refused")
        stream.progress += batches(stream.query) if self.case["oneShot"] else []
        return stream.query

    def wait(self):
        """What the program's wait for its queries does here."""
        if self.case["oneShot"]:
            return
        for part in self.parts():
            for stream in self.streams:
                if stream.query is not None and stream.failure is None:
                    self.follow(stream, lambda: part(stream))
        for stream in self.streams:
            if stream.query is not None:
                stream.progress = batches(stream.query)
                stream.query.stop()

    def parts(self):
        """What happens step by step after the start."""
        if self.lines:
            with open(self.case["lines"], "rb") as f:
                for text in f.read().split(b"----\n"):
                    yield lambda stream: self.say(stream, text)
        while self.step < self.case["steps"]:
            self.drop()
            yield lambda stream: stream.query.processAllAvailable()

    def say(self, stream, text):
        self.lines.send(text)
        time.sleep(0.1)
        stream.query.processAllAvailable()

    def run(self):
        while True:
            self.begun = 0
            self.drop()
            try:
                runpy.run_path(self.case["program"], run_name="__main__")
            except Exception as error:
                if not any(s.failure for s in self.streams):
                    self.streams[min(self.begun, len(self.streams) - 1)].fail(error)
            if not self.case["oneShot"] or self.step >= self.case["steps"] or any(s.failure for s in self.streams):
                break
        for query in self.spark.streams.active:
            query.stop()
        if self.lines:
            self.lines.close()
        return {"case": self.case["name"], "streams": [s.result() for s in self.streams]}


def batches(query):
    """The batches that ran; one that is told of again without rows is one."""
    out = {}
    for p in query.recentProgress:
        p = json.loads(p.json)
        if "addBatch" in p["durationMs"] and (p["numInputRows"] or p["batchId"] not in out):
            out[p["batchId"]] = p
    return list(out.values())


def main():
    with open(os.environ["CORPUS_PLAN"]) as f:
        plan = json.load(f)
    first = SparkSession.builder.getOrCreate()
    with open(plan["results"], "w") as results:
        for one in plan["cases"]:
            # a session of its own: the settings of a program hold for no other one
            SparkSession._instantiatedSession = first.newSession()
            case = Case(SparkSession._instantiatedSession, plan, one)
            DataStreamWriter.start = lambda writer, *args, **options: case.start(writer, *args, **options)
            StreamingQuery.awaitTermination = lambda query, timeout=None: case.wait()
            StreamingQueryManager.awaitAnyTermination = lambda manager, timeout=None: case.wait()
            began = time.time()
            result = case.run()
            results.write(json.dumps(dict(result, seconds=time.time() - began)) + "\n")
            results.flush()
    SparkSession._instantiatedSession = first


main()
