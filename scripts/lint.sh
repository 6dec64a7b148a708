#!/bin/sh
# Formatting, vet, golangci-lint (.golangci.yml), govulncheck. The tools are built by the Go toolchain on first use.
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

# Known vulnerabilities of what is linked in, where the database of them can be reached.
GOVULNCHECK=v1.1.4
if [ ! -x "$tools/govulncheck" ]; then
	GOBIN="$tools" go install "golang.org/x/vuln/cmd/govulncheck@$GOVULNCHECK"
fi
if ! found=$("$tools/govulncheck" ./... 2>&1); then
	case $found in
	*"fetching vulnerabilities"*) echo "govulncheck: SKIPPED: its database cannot be reached" ;;
	*)
		printf '%s\n' "$found" >&2
		exit 1
		;;
	esac
fi
