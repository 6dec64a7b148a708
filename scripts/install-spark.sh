#!/bin/sh
# Installs Apache Spark from PyPI into build/spark-venv, unless it exists, and prints that directory. If there is no Java, it installs
# it with apt-get. It fails with a message if something cannot be installed.
set -eu
cd "$(dirname "$0")/.."
PYSPARK=4.3.0
venv=$PWD/build/spark-venv

fail() {
	echo "Apache Spark: $1" >&2
	exit 1
}

# java_version prints the major version of Java, or 0 if there is none.
java_version() {
	"${JAVA_HOME:+$JAVA_HOME/bin/}java" -version 2>&1 | sed -n 's/.* version "\([0-9]*\).*/\1/p' | grep . || echo 0
}

# from_apt installs packages if that is possible without asking.
from_apt() {
	command -v apt-get >/dev/null && [ "$(id -u)" = 0 ] || return 1
	DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >/dev/null 2>&1
}

# An existing Java is never replaced: others may depend on it.
if [ -z "${JAVA_HOME:-}" ] && ! command -v java >/dev/null; then
	from_apt openjdk-17-jre-headless || fail "Java 17 or later is needed and cannot be installed"
fi
[ "$(java_version)" -ge 17 ] || fail "Java 17 or later is needed; JAVA_HOME or PATH refers to an older one"
if [ ! -e "$venv/pyspark-$PYSPARK" ]; then
	python3 -c 'import ensurepip' 2>/dev/null || from_apt python3-venv || fail "Python 3 with its module venv is needed"
	rm -rf "$venv"
	python3 -m venv "$venv"
	"$venv/bin/pip" install --quiet --retries 2 "pyspark==$PYSPARK" >&2 || fail "pip install pyspark==$PYSPARK failed"
	touch "$venv/pyspark-$PYSPARK"
fi
echo "$venv"
