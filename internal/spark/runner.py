"""Runs a PySpark program and tells streamctl, line by line through a named pipe, what becomes of its queries.

Each message is a line: the character RS and a JSON object. What the program writes to standard error goes through the same
pipe, because spark-submit would mix it into standard output.
"""
import json
import logging
import os
import runpy
import sys
import threading

from pyspark.sql import SparkSession
from pyspark.sql.streaming import StreamingQueryListener

lock = threading.Lock()
pipe = os.open(os.environ["STREAMCTL_EVENTS"], os.O_WRONLY)


def tell(**event):
    with lock:
        os.write(pipe, b"\x1e" + json.dumps(event).encode() + b"\n")


class Listener(StreamingQueryListener):
    def onQueryStarted(self, event):
        tell(event="started", name=event.name)

    def onQueryProgress(self, event):
        tell(event="progress", progress=json.loads(event.progress.json))

    def onQueryTerminated(self, event):
        pass


def causes(error):
    """The Java exceptions behind a Python one, outermost first."""
    found = []
    java = getattr(error, "_origin", None) or getattr(error, "java_exception", None)
    while java is not None and len(found) < 16:
        found.append(java)
        java = java.getCause()
    return found


def described(java):
    """Condition, SQLSTATE and text of a Java exception; those of Spark have a condition."""
    try:
        return java.getCondition(), java.getSqlState(), java.getMessage()
    except Exception:
        return None, None, java.getMessage() or java.getClass().getName()


def failure(error):
    """What streamctl reports: the innermost exception with a condition says why, those around it only where."""
    chain = [described(java) for java in causes(error)]
    if not chain:
        ours = getattr(error, "getCondition", lambda: None)()
        chain = [(ours, error.getSqlState() if ours else None, "%s: %s" % (type(error).__name__, error))]
    condition, state, message = ([c for c in chain if c[0]] or chain)[-1]
    if condition == "STREAM_FAILED":
        message = chain[-1][2]
    ran = type(error).__name__ in ("StreamingQueryException", "Py4JJavaError")
    return {"condition": condition, "sqlState": state, "message": message or "", "phase": "run" if ran else "start"}


def main():
    os.dup2(pipe, 2)
    logging.disable(logging.CRITICAL)
    spark = SparkSession.builder.getOrCreate()
    spark.streams.addListener(Listener())
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
            session.stop()  # delivers what the listener has not heard yet


main()
