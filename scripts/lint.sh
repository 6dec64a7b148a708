#!/bin/sh
# Checks formatting, vet, shellcheck, golangci-lint (.golangci.yml), layers (layers.sh), dead code, wording (prose.sh) and govulncheck. The Go toolchain builds the tools on first use.
set -eu
cd "$(dirname "$0")/.."
GOLANGCI=v2.15.0

unformatted=$(gofmt -l cmd internal test)
if [ -n "$unformatted" ]; then
	printf 'not gofmt-ed:\n%s\n' "$unformatted" >&2
	exit 1
fi
go vet ./...
sh scripts/prose.sh
sh scripts/layers.sh

if command -v shellcheck >/dev/null; then
	git ls-files '*.sh' .ci/run | xargs shellcheck
else
	echo "shellcheck: SKIPPED: it is not installed"
fi

tools="$PWD/build/tools"
if [ ! -x "$tools/golangci-lint" ]; then
	GOBIN="$tools" go install "github.com/golangci/golangci-lint/v2/cmd/golangci-lint@$GOLANGCI"
fi
"$tools/golangci-lint" run ./...

# Functions that nothing calls, not even a test.
DEADCODE=v0.52.0
if [ ! -x "$tools/deadcode" ]; then
	GOBIN="$tools" go install "golang.org/x/tools/cmd/deadcode@$DEADCODE"
fi
dead=$("$tools/deadcode" -test ./...)
if [ -n "$dead" ]; then
	printf '%s\n' "$dead" >&2
	exit 1
fi

# Known vulnerabilities in the linked packages, if the vulnerability database is reachable.
GOVULNCHECK=v1.1.4
if [ ! -x "$tools/govulncheck" ]; then
	GOBIN="$tools" go install "golang.org/x/vuln/cmd/govulncheck@$GOVULNCHECK"
fi
if ! found=$("$tools/govulncheck" ./... 2>&1); then
	case $found in
	*"fetching vulnerabilities"*) echo "govulncheck: SKIPPED: its database is not reachable" ;;
	*)
		printf '%s\n' "$found" >&2
		exit 1
		;;
	esac
fi
