#!/bin/sh
# Runs every fuzz target of the module for FUZZTIME (10s by default).
set -eu
: "${FUZZTIME:=10s}"
grep -rl --include='*_test.go' '^func Fuzz' internal | while read -r file; do
	sed -n 's/^func \(Fuzz[A-Za-z0-9_]*\).*/\1/p' "$file" | while read -r name; do
		echo "== $name in $(dirname "$file")"
		go test -run '^$' -fuzz "^$name\$" -fuzztime "$FUZZTIME" "./$(dirname "$file")"
	done
done
