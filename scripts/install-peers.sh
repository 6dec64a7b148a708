#!/bin/sh
# Installs the tools that the benchmarks compare with: DuckDB, Polars and chdb from PyPI into build/peers, Miller and mawk with apt-get.
# It reports tools that cannot be installed, and the benchmarks skip them.
set -u
cd "$(dirname "$0")/.." || exit
peers=build/peers

missing() { echo "install-peers: $1 cannot be installed" >&2; }

[ -x $peers/bin/pip ] || python3 -m venv $peers || missing "a Python environment"
for package in duckdb-cli polars chdb; do
	[ -e "$peers/$package" ] && continue
	if $peers/bin/pip install --quiet "$package"; then touch "$peers/$package"; else missing "$package"; fi
done
for package in miller:mlr mawk:mawk; do
	command -v "${package#*:}" >/dev/null && continue
	if [ "$(id -u)" != 0 ] || ! DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${package%:*}" >/dev/null 2>&1; then
		missing "${package%:*}"
	fi
done
