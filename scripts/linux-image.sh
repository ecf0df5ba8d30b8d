#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# Prints the path of Debian's Linux kernel, the one that tests and measurements compare with.
#
#	linux-image.sh FOLDER	fetches and unpacks it below FOLDER, unless it is there
#
# LINUX_IMAGE=FILE is taken instead. Nothing is installed.

set -eu

folder=$1

if [ -n "${LINUX_IMAGE:-}" ]; then
	[ -r "$LINUX_IMAGE" ] || { echo "linux-image.sh: cannot read $LINUX_IMAGE" >&2; exit 1; }
	echo "$LINUX_IMAGE"
	exit 0
fi

unpacked()
{
	find "$folder/boot" -name 'vmlinuz-*' 2>/dev/null | sort -V | tail -n 1
}

fetch()
{
	package=$(apt-cache depends linux-image-cloud-amd64 |
		sed -n 's/^ *Depends: \(linux-image-[0-9].*\)/\1/p' | head -n 1)
	[ -n "$package" ] || { echo "linux-image.sh: apt-cache knows no linux-image-cloud-amd64" >&2
			       return 1; }
	mkdir -p "$folder"
	( cd "$folder" && apt-get download -q "$package" && dpkg-deb -x "$package"_*.deb . &&
	  rm -f "$package"_*.deb ) >&2
}

[ -n "$(unpacked)" ] || fetch
unpacked
