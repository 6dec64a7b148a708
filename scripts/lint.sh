#!/bin/sh
# Formatting, vet, golangci-lint (.golangci.yml). golangci-lint is built by the Go toolchain on first use.
set -eu
cd "$(dirname "$0")/.."
GOLANGCI=v2.15.0

unformatted=$(gofmt -l cmd internal)
if [ -n "$unformatted" ]; then
	printf 'not gofmt-ed:\n%s\n' "$unformatted" >&2
	exit 1
fi
go vet ./...

tools="$PWD/build/tools"
if [ ! -x "$tools/golangci-lint" ]; then
	GOBIN="$tools" go install "github.com/golangci/golangci-lint/v2/cmd/golangci-lint@$GOLANGCI"
fi
"$tools/golangci-lint" run ./...
