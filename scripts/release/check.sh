#!/bin/sh
# Builds the packages for this machine twice, in different directories and with different permissions, and compares them. Then it runs the main job in an image that
# has nothing but the program, and with the Debian package, in a system that has nothing else but netcat (debootstrap), the main job and all pages of the documentation,
# from top to bottom. What the machine cannot do is skipped with a message.
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

# The image, with storage and mounts that a build within a container can have.
if command -v buildah >/dev/null; then
	image() { buildah --storage-driver vfs --root "$work/images" --runroot "$work/run" "$@"; }
	mkdir "$work/context" "$work/context/bin"
	tar -xzf build/release/streamctl-*-linux-*.tar.gz -C "$work/context" --strip-components 1
	mv "$work/context/streamctl" "$work/context/bin/"
	if image bud --isolation chroot -q -t streamctl -f scripts/release/Containerfile "$work/context" >"$work/log" 2>&1 &&
		container=$(image from streamctl 2>"$work/log") && image run --isolation chroot "$container" -- /streamctl version 2>"$work/log"; then
		image run --isolation chroot -v "$PWD/configs:/job/configs" "$container" -- \
			/streamctl file configs/data/people --schema configs/schema.yaml --num-rows 3 --available-now
		image rm "$container" >/dev/null
		echo "release: the image works"
	else
		tail -3 "$work/log" >&2
		echo "release: SKIPPED: buildah cannot run a container here"
	fi
else
	echo "release: SKIPPED: the image needs buildah"
fi

# install_rpm ROOT installs the rpm package in a system that dpkg manages, without its dependencies, and removes it.
install_rpm() {
	rpm --root "$1" --initdb
	rpm --root "$1" --install --nodeps build/release/*.rpm
	chroot "$1" streamctl version
	rpm --root "$1" --erase --nodeps streamctl
	[ ! -e "$1/usr/bin/streamctl" ]
	echo "release: the rpm package can be installed and removed"
}

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
if command -v rpm >/dev/null; then
	install_rpm "$root"
else
	echo "release: SKIPPED: the rpm package needs rpm"
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
