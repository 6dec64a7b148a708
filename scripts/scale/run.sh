#!/bin/sh
# Measures how the cost of both engines scales: see scale.py. Needs Java and Python. Spark is installed into build/.
set -eu
cd "$(dirname "$0")/../.."
venv=$(sh scripts/install-spark.sh)
exec "$venv/bin/python" scripts/scale/scale.py "$PWD/bin/streamctl" "$venv" "$@"
