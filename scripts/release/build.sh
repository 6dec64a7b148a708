#!/bin/sh
# Builds all that a release consists of in build/release: archives for each system, deb, rpm and apk packages, a list of components (SPDX) of
# each program, a Homebrew formula, and checksums. VERSION is that of the release, such as 0.2.0; by default it is made from the commit.
# Two builds of a commit are equal byte for byte, wherever they run: times are those of the commit.
set -eu
umask 022
cd "$(dirname "$0")/../.."
NFPM=v2.45.0 SYFT=v1.57.1
TARGETS=${TARGETS:-linux/amd64 linux/arm64 darwin/amd64 darwin/arm64 windows/amd64 windows/arm64}
tools=$PWD/build/tools
out=$PWD/build/release

commit=$(git rev-parse --short=10 HEAD)
date=$(TZ=UTC git show -s --format=%cd --date=format-local:%Y-%m-%dT%H:%M:%SZ HEAD)
SOURCE_DATE_EPOCH=$(git show -s --format=%ct HEAD)
export SOURCE_DATE_EPOCH TZ=UTC LC_ALL=C
: "${VERSION:=0.0.0~$(git show -s --format=%cd --date=format-local:%Y%m%d%H%M%S HEAD).$commit}"
export VERSION

install_tool() {
	[ -x "$tools/$1" ] || GOFLAGS='' GOBIN=$tools go install "$2"
}
install_tool nfpm "github.com/goreleaser/nfpm/v2/cmd/nfpm@$NFPM"
[ -n "${WITHOUT_SBOM:-}" ] || install_tool syft "github.com/anchore/syft/cmd/syft@$SYFT"

# compile SYSTEM ARCHITECTURE FILE builds the program. What Go records of the repository depends on how it was checked out, and is left out.
linked=github.com/streamctl/streamctl/internal/cli.linked
compile() {
	GOOS=$1 GOARCH=$2 CGO_ENABLED=0 GOFLAGS='' go build -trimpath -buildvcs=false \
		-ldflags "-s -w -X ${linked}Version=$VERSION -X ${linked}Commit=$(git rev-parse HEAD) -X ${linked}Date=$date" -o "$3" ./cmd/streamctl
}

# components DIR PROGRAM FILE writes the SPDX document of a program, with the time of the commit, and the program's hash instead of a random ID.
components() {
	"$tools/syft" scan -q "file:$1/$2" --source-name streamctl --source-version "$VERSION" -o spdx-json |
		sed -E -e "s|(\"documentNamespace\":\"[^\"]*/streamctl-)[0-9a-f-]*|\1$(sha256sum "$1/$2" | cut -c 1-32)|" -e "s|(\"created\":\")[^\"]*|\1$date|" >"$3"
}

rm -rf "$out"
mkdir -p "$out/common"
compile "$(go env GOHOSTOS)" "$(go env GOHOSTARCH)" "$out/host"
"$out/host" man "$out/common/man"
mkdir "$out/common/completions"
for shell in bash zsh fish powershell; do
	"$out/host" completion $shell >"$out/common/completions/streamctl.$shell"
done
gzip -9 -n -k "$out"/common/man/*
mkdir "$out/common/packed"
mv "$out"/common/man/*.gz "$out/common/packed/"
cp LICENSE NOTICE README.md CHANGELOG.md "$out/common/"
mkdir "$out/common/units"
cp scripts/release/streamctl@.* "$out/common/units/"
chmod -R u=rwX,go=rX "$out/common"
find "$out/common" -exec touch -d "@$SOURCE_DATE_EPOCH" {} +

for target in $TARGETS; do
	system=${target%/*} architecture=${target#*/}
	name=streamctl-$VERSION-$system-$architecture
	echo "$name"
	mkdir -p "$out/$name"
	program=streamctl
	[ "$system" != windows ] || program=streamctl.exe
	compile "$system" "$architecture" "$out/$name/$program"
	cp -r "$out"/common/man "$out"/common/completions "$out"/common/[A-Z]* "$out/$name/"
	[ -n "${WITHOUT_SBOM:-}" ] || components "$out/$name" "$program" "$out/$name.spdx.json"
	find "$out/$name" -exec touch -d "@$SOURCE_DATE_EPOCH" {} +
	if [ "$system" = windows ]; then
		(cd "$out" && find "$name" -type f | sort | zip -X -q -@ "$name.zip")
	else
		tar -C "$out" --sort=name --owner=0 --group=0 --numeric-owner --mode=u=rwX,go=rX -cf - "$name" | gzip -9 -n >"$out/$name.tar.gz"
	fi
	if [ "$system" = linux ]; then
		for kind in deb rpm apk; do
			ARCH=$architecture PROGRAM=$out/$name/$program COMMON=$out/common "$tools/nfpm" package --packager $kind --config scripts/release/nfpm.yaml --target "$out/" >/dev/null
		done
	fi
	rm -r "${out:?}/$name"
done
rm -r "$out/common" "$out/host"

# sum FILE prints the SHA-256 of a file of the release.
sum() { sha256sum "$out/$1" | cut -d ' ' -f 1; }
if [ -e "$out/streamctl-$VERSION-darwin-arm64.tar.gz" ] && [ -e "$out/streamctl-$VERSION-linux-arm64.tar.gz" ]; then
	sed -e "s/@VERSION@/$VERSION/g" -e "s/@DARWIN_AMD64@/$(sum "streamctl-$VERSION-darwin-amd64.tar.gz")/" -e "s/@DARWIN_ARM64@/$(sum "streamctl-$VERSION-darwin-arm64.tar.gz")/" \
		-e "s/@LINUX_AMD64@/$(sum "streamctl-$VERSION-linux-amd64.tar.gz")/" -e "s/@LINUX_ARM64@/$(sum "streamctl-$VERSION-linux-arm64.tar.gz")/" \
		scripts/release/streamctl.rb.in >"$out/streamctl.rb"
fi
cd "$out"
sums=$(find . -type f | sed 's|^\./||' | sort | xargs sha256sum)
printf '%s\n' "$sums" >SHA256SUMS
