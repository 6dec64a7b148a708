#!/bin/sh
# Compares streamctl with Apache Spark on COUNT random expressions or, with the argument "readers", on random CSV and JSON files, or, with
# "streams", on random stateful jobs. SEED repeats a run; Spark's answers to stateful jobs are kept in build/. See test/difftest and the packages below it. Spark is installed from PyPI into build/spark-venv. Java 19 or
# later is preferred if installed, because it prints floating-point numbers without superfluous digits. FLAGS are additional flags for the
# program.
set -eu
cd "$(dirname "$0")/../.."
: "${SEED:=1}" "${FLAGS:=}"
case ${1:-expressions} in
readers) tool=readers package=./test/difftest/readers COUNT=${COUNT:-2000} ;;
streams)
	tool=streams package=./test/difftest/streams COUNT=${COUNT:-500}
	[ -z "${TMPDIR:-}" ] && [ -w /dev/shm ] && export TMPDIR=/dev/shm # checkpoints cost less in memory
	FLAGS="-answers build/streams-answers.jsonl $FLAGS"
	;;
*) tool=difftest package=./test/difftest COUNT=${COUNT:-20000} ;;
esac
venv=$(sh scripts/install-spark.sh)

# version prints the major version of a Java home, or nothing.
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
go build -o "build/tools/$tool" "$package"
# shellcheck disable=SC2086 # FLAGS is a list
exec nice -n 10 "build/tools/$tool" -python "$venv/bin/python" -count "$COUNT" -seed "$SEED" $FLAGS
