#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# Checks that the tools are there and new enough, and installs what is missing.
#
#	install-deps.sh [GROUP...]	groups: build config user llvm qemu iso check bench docs gdb; default all
#	install-deps.sh --list		the Debian packages of all groups
#
# With NO_INSTALL=1, or when nobody here may install packages, the exact command line is printed
# instead and the exit status is 1. A tool that is too old is named with the version wanted.

set -u

# Group, package, then how to see that it is there: a program, or a file. One a line.
tools='
build	gcc		gcc
build	binutils	ld.bfd
build	libc6-dev	/usr/include/stdio.h
build	linux-libc-dev	/usr/include/linux/errno.h
build	make		make
build	gawk|mawk	awk
build	diffutils	cmp
config	kconfig-frontends	kconfig-conf
user	busybox-static	/bin/busybox
user	musl-tools	musl-gcc
llvm	clang		clang
llvm	lld		ld.lld
llvm	llvm		llvm-nm
qemu	qemu-system-x86	qemu-system-x86_64
iso	grub-common	grub-mkrescue
iso	grub-pc-bin	/usr/lib/grub/i386-pc
iso	grub-efi-amd64-bin	/usr/lib/grub/x86_64-efi
iso	xorriso		xorriso
iso	mtools		mformat
iso	ovmf		/usr/share/OVMF/OVMF_CODE.fd
check	sparse		sparse
check	clang		clang
check	clang-format	clang-format
check	codespell	codespell
check	spin	spin
check	libcmocka-dev	/usr/include/cmocka.h
check	python3-kconfiglib	/usr/lib/python3/dist-packages/kconfiglib.py
check	python3-pexpect	/usr/lib/python3/dist-packages/pexpect
check	python3-pytest	/usr/lib/python3/dist-packages/pytest
check	bash		bash
check	coreutils	basenc
check	dash		dash
check	lsof		lsof
check	lua5.4		lua5.4
check	rt-tests	hackbench
check	sqlite3		sqlite3
check	stress-ng	stress-ng
check	cpio		cpio
bench	busybox-static	/bin/busybox
bench	libsqlite3-dev	/usr/lib/x86_64-linux-gnu/libsqlite3.a
bench	python3-matplotlib	/usr/lib/python3/dist-packages/matplotlib
docs	python3-sphinx	sphinx-build
docs	universal-ctags	ctags
gdb	gdb		gdb
'

# Package, least version, command that prints the version. Only of what is installed.
versions='
gcc	12	gcc -dumpfullversion
clang	14	clang -dumpversion
make	4.3	make --version
binutils	2.40	ld.bfd --version
qemu-system-x86	7.2	qemu-system-x86_64 --version
'

groups=${*:-build config user llvm qemu iso check bench docs gdb}

if [ "$groups" = --list ]; then
	echo "$tools" | awk 'NF { sub(/\|.*/, "", $2); print $2 }' | sort -u
	exit 0
fi

is_there()
{
	case $1 in
	/*)	[ -e "$1" ] ;;
	*)	command -v "$1" >/dev/null ;;
	esac
}

# The packages of the wanted groups that are not there, one a line.
missing_packages()
{
	echo "$tools" | while read -r group package probe; do
		case " $groups " in
		*" ${group:-none} "*)	is_there "$probe" || echo "${package%%|*}" ;;
		esac
	done | sort -u
}

# is_older A B: version A is below B
is_older()
{
	[ "$1" != "$2" ] && [ "$(printf '%s\n%s\n' "$1" "$2" | sort -V | head -n 1)" = "$1" ]
}

# One line for each tool that is too old; the caller counts them.
old_tools()
{
	echo "$versions" | while read -r package least command; do
		case "$(echo "$tools" | awk -v p="$package" '$2 == p { print " " $1 " " }')" in
		'')	continue ;;
		esac
		uses_package "$package" || continue
		is_there "${command%% *}" || continue
		have=$($command 2>/dev/null | sed -n '1s/^[^0-9]*\([0-9][0-9.]*\).*/\1/p')
		is_older "$have" "$least" &&
			echo "$package: version $least or newer is wanted, $have is installed"
	done
	uses_package qemu-system-x86 && is_there qemu-system-x86_64 &&
		! qemu-system-x86_64 -machine help | grep -q '^q35 ' &&
		echo "qemu-system-x86: version 7.2 or newer with the machine q35 is wanted"
}

uses_package()
{
	for group in $groups; do
		echo "$tools" | grep -q "^$group	*$1	" && return 0
	done
	return 1
}

install_packages()
{
	sudo=
	if [ "$(id -u)" != 0 ]; then
		sudo="sudo"
	fi
	command_line="apt-get install -y --no-install-recommends $*"
	if [ -n "${NO_INSTALL:-}" ] || ! is_there apt-get ||
	   { [ -n "$sudo" ] && ! sudo -n true 2>/dev/null; }; then
		echo "Missing packages. As root, run:" >&2
		echo "  $command_line" >&2
		return 1
	fi
	echo "Installing: $*" >&2
	# The list of packages may be old or, in a fresh container, empty.
	# shellcheck disable=SC2086 # a list of words
	DEBIAN_FRONTEND=noninteractive $sudo $command_line >&2 ||
		{ $sudo apt-get update >&2 &&
		  DEBIAN_FRONTEND=noninteractive $sudo $command_line >&2; }
}

missing=$(missing_packages)
if [ -n "$missing" ]; then
	# shellcheck disable=SC2086 # a list of words
	install_packages $missing || exit 1
	missing=$(missing_packages)
	if [ -n "$missing" ]; then
		echo "install-deps: still missing after installing: $missing" >&2
		exit 1
	fi
fi
old=$(old_tools)
if [ -n "$old" ]; then
	echo "$old" | sed 's/^/install-deps: /' >&2
	exit 1
fi
