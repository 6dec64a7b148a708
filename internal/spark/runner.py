"""Runs a PySpark program and reports the progress of its queries to streamctl through a named pipe.

Each message is a line with the character RS and a JSON object. The standard error of the program goes through the same
pipe, because spark-submit would mix it into standard output.
"""
import json
import logging
import os
import runpy
import sys
import threading
import time

from pyspark.sql import SparkSession
from pyspark.sql.streaming import StreamingQueryListener

from failure import failure

lock = threading.Lock()
pipe = os.open(os.environ["STREAMCTL_EVENTS"], os.O_WRONLY)


def tell(**event):
    with lock:
        os.write(pipe, b"\x1e" + json.dumps(event).encode() + b"\n")


def stop_when_told(spark):
    """Waits for a command from streamctl, then stops all queries, including later ones, so that the program ends."""
    with open(os.environ["STREAMCTL_CONTROL"]) as control:
        control.readline()
    while True:
        for query in spark.streams.active:
            query.stop()
        time.sleep(0.1)


class Listener(StreamingQueryListener):
    def onQueryStarted(self, event):
        tell(event="started", name=event.name)

    def onQueryProgress(self, event):
        tell(event="progress", progress=json.loads(event.progress.json))

    def onQueryTerminated(self, event):
        pass


def main():
    os.dup2(pipe, 2)
    logging.disable(logging.CRITICAL)
    spark = SparkSession.builder.getOrCreate()
    spark.streams.addListener(Listener())
    threading.Thread(target=stop_when_told, args=(spark,), daemon=True).start()
    try:
        runpy.run_path(sys.argv[1], run_name="__main__")
    except SystemExit:
        raise
    except BaseException as error:
        tell(event="failed", **failure(error))
        sys.exit(1)
    finally:
        session = SparkSession.getActiveSession()
        if session is not None:
            session.stop()  # delivers the remaining events to the listener


main()
