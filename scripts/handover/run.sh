#!/bin/sh
# Moves queries between streamctl and Apache Spark, with kills: see handover.py. Needs Java and Python. Spark is installed into build/ if
# necessary. Arguments are names of queries; by default, all of them move.
set -eu
cd "$(dirname "$0")/../.."
venv=$(sh scripts/install-spark.sh)
exec nice -n 10 "$venv/bin/python" scripts/handover/handover.py --full "$PWD/bin/streamctl" "$venv" "$@"
