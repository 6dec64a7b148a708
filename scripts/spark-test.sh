#!/bin/sh
# Runs the tests that need a real Apache Spark. FULL=1 adds every job of the corpus, a cluster of one machine, the commands of docs/SPARK.md,
# and pipelines. Where Spark or Java cannot be had, it says so and skips. An archive of Spark's classes below build/ makes its
# many starts cheaper; it belongs to one Java.
set -eu
cd "$(dirname "$0")/.."
if ! STREAMCTL_SPARK=$(sh scripts/install-spark.sh); then
	echo "spark-test: SKIPPED: the reason stands above" >&2
	exit 0
fi
STREAMCTL_SPARK_FULL=${FULL:-}
java=${JAVA_HOME:+$JAVA_HOME/bin/}java
archive=$PWD/build/spark-$("$java" -version 2>&1 | cksum | cut -d ' ' -f 1).jsa

if [ ! -e "$archive" ]; then
	SPARK_SUBMIT_OPTS="-XX:ArchiveClassesAtExit=$archive.new" bin/streamctl multi configs/two-streams.yaml --available-now \
		--timeout 5m --master 'local[2]' --spark-home "$STREAMCTL_SPARK" >/dev/null
	mv "$archive.new" "$archive"
fi
SPARK_SUBMIT_OPTS="-XX:SharedArchiveFile=$archive -XX:TieredStopAtLevel=1 -XX:+UseSerialGC"
export STREAMCTL_SPARK STREAMCTL_SPARK_FULL SPARK_SUBMIT_OPTS
nice -n 10 go test -count=1 -timeout 1h -v ./internal/spark
nice -n 10 go test -count=1 -timeout 1h -v -run Spark ./internal/conformance ./cmd/streamctl
