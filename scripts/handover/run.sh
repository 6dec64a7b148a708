#!/bin/sh
# Moves a query between streamctl and Apache Spark, with kills: see handover.py. Needs Java and Python. Spark is installed into build/ if
# necessary.
set -eu
cd "$(dirname "$0")/../.."
venv=$(sh scripts/install-spark.sh)
exec nice -n 10 "$venv/bin/python" scripts/handover/handover.py "$PWD/bin/streamctl"
