#!/bin/sh
# Hands a query over between streamctl and Apache Spark, with kills in between: see handover.py. Needs Java and Python; Spark is
# installed below build/ when it is not there.
set -eu
cd "$(dirname "$0")/../.."
PYSPARK=4.3.0
venv=build/spark-venv

if [ ! -e "$venv/pyspark-$PYSPARK" ]; then
	python3 -m venv "$venv"
	"$venv/bin/pip" install --quiet "pyspark==$PYSPARK"
	touch "$venv/pyspark-$PYSPARK"
fi
exec nice -n 10 "$venv/bin/python" scripts/handover/handover.py "$PWD/bin/streamctl"
