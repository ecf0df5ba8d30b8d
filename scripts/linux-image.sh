#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# Prints the path of Debian's Linux kernel, the one that tests and measurements compare with.
#
#	linux-image.sh FOLDER [FLAVOUR]	fetches and unpacks it below FOLDER, unless it is there
#
# The flavour is cloud-amd64; amd64 has modules for more devices.
#
# LINUX_IMAGE=FILE is taken instead. Nothing is installed.

set -eu

folder=$1
meta=linux-image-${2:-cloud-amd64}

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
	package=$(apt-cache depends "$meta" |
		sed -n 's/^ *Depends: \(linux-image-[0-9].*\)/\1/p' | head -n 1)
	[ -n "$package" ] || { echo "linux-image.sh: apt-cache knows no $meta" >&2
			       return 1; }
	mkdir -p "$folder"
	( cd "$folder" && apt-get download -q "$package" && dpkg-deb -x "$package"_*.deb . &&
	  rm -f "$package"_*.deb ) >&2
}

[ -n "$(unpacked)" ] || fetch
unpacked
