#!/bin/sh
# Puts Apache Spark from PyPI into build/spark-venv when it is not there, and prints that directory.
set -eu
cd "$(dirname "$0")/.."
PYSPARK=4.3.0
venv=$PWD/build/spark-venv

if [ ! -e "$venv/pyspark-$PYSPARK" ]; then
	python3 -m venv "$venv"
	"$venv/bin/pip" install --quiet "pyspark==$PYSPARK" >&2
	touch "$venv/pyspark-$PYSPARK"
fi
echo "$venv"
