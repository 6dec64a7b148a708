#!/bin/sh
# Gets the tools that the benchmarks compare with: DuckDB, Polars and chdb from PyPI into build/peers, Miller and mawk by apt-get. What cannot
# be had is said, and left out by the benchmarks.
set -u
cd "$(dirname "$0")/.."
peers=build/peers

missing() { echo "install-peers: $1 cannot be had" >&2; }

[ -x $peers/bin/pip ] || python3 -m venv $peers || missing "a Python environment"
for package in duckdb-cli polars chdb; do
	[ -e "$peers/$package" ] && continue
	if $peers/bin/pip install --quiet "$package"; then touch "$peers/$package"; else missing "$package"; fi
done
for package in miller:mlr mawk:mawk; do
	command -v "${package#*:}" >/dev/null && continue
	[ "$(id -u)" = 0 ] && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${package%:*}" >/dev/null 2>&1 || missing "${package%:*}"
done
