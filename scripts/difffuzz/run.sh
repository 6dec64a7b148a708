#!/bin/sh
# Compares streamctl with Apache Spark on COUNT random expressions (SEED repeats a run); see internal/difftest. Spark comes
# from PyPI into build/spark-venv; of the Java runtimes found, one of version 19 or later is preferred, whose text of
# floating-point numbers has no needless digits. FLAGS are further flags of internal/difftest.
set -eu
cd "$(dirname "$0")/../.."
: "${COUNT:=20000}" "${SEED:=1}" "${FLAGS:=}"
venv=$(sh scripts/install-spark.sh)

# version prints the major version of a Java home, nothing when it has none.
version() {
	"$1/bin/java" -version 2>&1 | sed -n 's/.*version "\([0-9]*\).*/\1/p'
}

if [ -z "${JAVA_HOME:-}" ]; then
	for home in /usr/lib/jvm/* /opt/java/* /Library/Java/JavaVirtualMachines/*/Contents/Home; do
		[ -x "$home/bin/java" ] || continue
		v=$(version "$home")
		[ "${v:-0}" -ge 17 ] || continue
		if [ -z "${JAVA_HOME:-}" ] || [ "$v" -ge 19 ]; then
			JAVA_HOME=$home
		fi
	done
	[ -z "${JAVA_HOME:-}" ] || export JAVA_HOME
fi

mkdir -p build/tools
go build -o build/tools/difftest ./internal/difftest
# shellcheck disable=SC2086 # FLAGS is a list
exec nice -n 10 build/tools/difftest -python "$venv/bin/python" -count "$COUNT" -seed "$SEED" $FLAGS
