#!/bin/sh
# Runs the tests that need a real Apache Spark, and moves a query with state to Spark and back. FULL=1 adds all jobs of the corpus, a
# single-machine cluster, the commands of docs/SPARK.md, and pipelines. If Spark or Java cannot be installed, it prints a message and
# skips the tests. A class data archive in build/, one per Java version, makes the many starts of Spark faster.
set -eu
cd "$(dirname "$0")/.."
if ! STREAMCTL_SPARK=$(sh scripts/install-spark.sh); then
	echo "spark-test: SKIPPED: see the reason above" >&2
	exit 0
fi
STREAMCTL_SPARK_FULL=${FULL:-}
java=${JAVA_HOME:+$JAVA_HOME/bin/}java
archive=$PWD/build/spark-$("$java" -version 2>&1 | cksum | cut -d ' ' -f 1).jsa

quick="-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"
export STREAMCTL_SPARK STREAMCTL_SPARK_FULL

# spark-pipelines needs the packages of Spark Connect, which are kept out of the environment of the other tests.
pipelines=$PWD/build/pipelines-venv
if [ -n "${FULL:-}" ] && [ ! -e "$pipelines/installed" ]; then
	rm -rf "$pipelines"
	python3 -m venv "$pipelines"
	"$pipelines/bin/pip" install --quiet grpcio grpcio-status googleapis-common-protos 'zstandard>=0.25' 'pandas<3' pyarrow pyyaml
	"$STREAMCTL_SPARK/bin/python3" -c 'import sysconfig; print(sysconfig.get_path("purelib"))' \
		>"$("$pipelines/bin/python3" -c 'import sysconfig; print(sysconfig.get_path("purelib"))')/spark.pth"
	touch "$pipelines/installed"
fi
if [ -n "${FULL:-}" ]; then
	export STREAMCTL_PIPELINES="$pipelines"
fi

limit=${FULL:+1h} # do not let a hanging Spark block everything
spark_tests() {
	go test -count=1 -timeout "${limit:-15m}" -v -p 1 -run Spark "$@"
}
# the first test is one application that uses most of Spark; if there is no archive, it writes one when it ends
if [ -e "$archive" ]; then
	export SPARK_SUBMIT_OPTS="-XX:SharedArchiveFile=$archive $quick"
else
	export SPARK_SUBMIT_OPTS="-XX:ArchiveClassesAtExit=$archive.new $quick"
fi
spark_tests ./test/conformance
if [ -e "$archive.new" ]; then
	mv "$archive.new" "$archive"
	export SPARK_SUBMIT_OPTS="-XX:SharedArchiveFile=$archive $quick"
fi
spark_tests ./internal/codec ./internal/spark ./cmd/streamctl
if [ -z "${FULL:-}" ]; then # the whole test follows in make spark-test-full
	"$STREAMCTL_SPARK/bin/python" scripts/handover/handover.py "$PWD/bin/streamctl" "$STREAMCTL_SPARK" windows
fi
