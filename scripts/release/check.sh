#!/bin/sh
# Builds the packages for this machine twice, in different directories and with different permissions, and compares them. Then it installs the
# Debian package in a system that has nothing else but netcat (debootstrap), and runs the main job and all pages of the documentation there, from top to
# bottom. What the machine cannot do is skipped with a message.
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
trap 'if [ -d "$work/root/proc/1" ]; then umount "$work/root/proc"; fi; rm -rf "$work"' EXIT
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
if ! debootstrap --variant=minbase --include=netcat-openbsd stable "$root" >"$work/log" 2>&1; then
	tail -3 "$work/log" >&2
	echo "release: SKIPPED: debootstrap cannot make a system"
	exit 0
fi
cp build/release/*.deb "$root/streamctl.deb"
chroot "$root" dpkg -i /streamctl.deb >"$work/log" 2>&1 || {
	cat "$work/log" >&2
	exit 1
}
mkdir -p "$root/tree/cmd/streamctl"
cp -r README.md docs configs "$root/tree/"
CGO_ENABLED=0 go test -c -o "$root/tree/cmd/streamctl/pages.test" ./cmd/streamctl
echo "127.0.0.1 localhost" >"$root/etc/hosts"
chroot "$root" sh -euc '
	streamctl version
	test -s /usr/share/man/man1/streamctl.1.gz
	test -s /usr/share/bash-completion/completions/streamctl
	cd /tree
	streamctl file --dir configs/data/people --schema configs/schema.yaml --with-column "result=concat(fname,'\''-'\'',age)" --truncate=false --num-rows 3 --available-now
	streamctl validate configs
'
if mount -t proc proc "$root/proc"; then
	STREAMCTL=/usr/bin/streamctl STREAMCTL_REQUIRE=nc chroot "$root" sh -c 'cd /tree/cmd/streamctl && ./pages.test -test.run TestThePagesWorkFromTopToBottom'
else
	echo "release: SKIPPED: the pages need /proc, which cannot be mounted"
fi
echo "release: the package works in a system that has nothing else"
