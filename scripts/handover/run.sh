#!/bin/sh
# Hands a query over between streamctl and Apache Spark, with kills in between: see handover.py. Needs Java and Python; Spark is
# installed below build/ when it is not there.
set -eu
cd "$(dirname "$0")/../.."
venv=$(sh scripts/install-spark.sh)
exec nice -n 10 "$venv/bin/python" scripts/handover/handover.py "$PWD/bin/streamctl"
