#!/bin/sh
# Records the results of Apache Spark for the expressions in FILE, a file in test/conformance/testdata/expressions; see expressions.py.
set -eu
cd "$(dirname "$0")/../.."
[ $# -eq 1 ] || { echo "usage: $0 FILE.jsonl" >&2; exit 2; }
venv=$(sh scripts/install-spark.sh)
exec nice -n 10 "$venv/bin/python" scripts/record/expressions.py "$1"
