#!/bin/sh
# Builds the packages for this machine twice, in different directories and with different permissions, and compares them. Then it installs the
# Debian package in a system that has nothing else (debootstrap), and runs the main job there. What the machine cannot do is skipped with a message.
set -eu
cd "$(dirname "$0")/../.."
TARGETS=linux/$(go env GOHOSTARCH) WITHOUT_SBOM=yes
export TARGETS WITHOUT_SBOM

if [ -n "$(git status --porcelain)" ]; then
	echo "release: commit or remove what has changed: two builds of a commit are compared" >&2
	exit 1
fi
sh scripts/release/build.sh
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
(
	umask 077
	git clone -q . "$work/again"
	mkdir -p "$work/again/build/tools"
	cp build/tools/nfpm "$work/again/build/tools/"
	cd "$work/again"
	sh scripts/release/build.sh >/dev/null
)
diff build/release/SHA256SUMS "$work/again/build/release/SHA256SUMS"
echo "release: two builds are equal"

if ! command -v debootstrap >/dev/null || [ "$(id -u)" != 0 ]; then
	echo "release: SKIPPED: the package is installed by root, with debootstrap"
	exit 0
fi
root=$work/root
if ! debootstrap --variant=minbase stable "$root" >"$work/log" 2>&1; then
	tail -3 "$work/log" >&2
	echo "release: SKIPPED: debootstrap cannot make a system"
	exit 0
fi
cp build/release/*.deb "$root/streamctl.deb"
chroot "$root" dpkg -i /streamctl.deb >"$work/log" 2>&1 || {
	cat "$work/log" >&2
	exit 1
}
cp -r configs "$root/configs"
chroot "$root" sh -euc '
	streamctl version
	test -s /usr/share/man/man1/streamctl.1.gz
	test -s /usr/share/bash-completion/completions/streamctl
	streamctl file --dir configs/data/people --schema configs/schema.yaml --with-column "result=concat(fname,'\''-'\'',age)" --truncate=false --num-rows 3 --available-now
	streamctl validate configs
'
echo "release: the package works in a system that has nothing else"
