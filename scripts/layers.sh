#!/bin/sh
# Checks that every package of internal belongs to a layer: that a rule of depguard in .golangci.yml names its directory or one above it.
set -eu
cd "$(dirname "$0")/.."
missing=0
for dir in $(go list -f '{{.Dir}}' ./internal/... | sed "s|^$PWD/||"); do
	layer=$dir
	while ! grep -qF "\"**/$layer/" .golangci.yml; do
		layer=$(dirname "$layer")
		if [ "$layer" = internal ]; then
			echo "$dir is in no layer: add it to a rule of depguard in .golangci.yml" >&2
			missing=1
			break
		fi
	done
done
exit $missing
