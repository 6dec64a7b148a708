#!/bin/sh
# Runs every fuzz target of the module for FUZZTIME (default 10s). A target that ran fewer than FUZZFLOOR inputs (default 200)
# tested nothing and fails. Without -fuzzminimizetime 1x, the engine would spend all the time on minimizing inputs.
set -eu
: "${FUZZTIME:=10s}" "${FUZZFLOOR:=200}"
log=$(mktemp)
trap 'rm -f "$log"' EXIT
targets=$(grep -r --include='*_test.go' -o '^func Fuzz[A-Za-z0-9_]*' internal test | sed 's/:func /:/')

# fuzz runs the target $2 in directory $1 for the time $3. If the time is up while a worker is running an input, the engine may report
# its own deadline as a failure, although no input has failed.
fuzz() {
	if ! go test -run '^$' -fuzz "^$2\$" -fuzztime "$3" -fuzzminimizetime 1x "./$1" >"$log" 2>&1 &&
		{ ! grep -q '^ *context deadline exceeded$' "$log" || grep -q 'Failing input\|panic:\|fatal error:' "$log"; }; then
		cat "$log"
		exit 1
	fi
	count=$(sed -n 's/.*execs: \([0-9]*\).*/\1/p' "$log" | tail -n 1)
}

for target in $targets; do
	dir=$(dirname "${target%%:*}") name=${target##*:}
	fuzz "$dir" "$name" "$FUZZTIME"
	if [ "${count:-0}" -lt "$FUZZFLOOR" ]; then # its seeds took the time
		fuzz "$dir" "$name" 90s
	fi
	echo "$dir $name: ${count:-0} executions"
	if [ "${count:-0}" -lt "$FUZZFLOOR" ]; then
		echo "$dir $name: fewer than $FUZZFLOOR executions" >&2
		exit 1
	fi
done
