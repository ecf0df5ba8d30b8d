#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# vdso-check.sh FILE: whether the vDSO can be mapped as it is, wherever, by any program.
#
# Nobody relocates it: no relocations, nothing undefined, no library that it needs.  One segment
# that cannot be written, as long in memory as in the file.  Both kinds of hash tables, and a
# version, as C libraries look for one or the other.

set -eu

fail()
{
	echo "$1: $2" >&2
	exit 1
}

file=$1
dynamic=$(readelf -dW "$file")
for tag in HASH GNU_HASH SYMTAB STRTAB VERSYM VERDEF SONAME; do
	echo "$dynamic" | grep -q "($tag)" || fail "$file" "DT_$tag is missing"
done
! echo "$dynamic" | grep -qE '\((REL|RELA|RELR|JMPREL|TEXTREL|NEEDED|INIT|FINI)\)' ||
	fail "$file" "there is work for a dynamic linker"
! readelf -rW "$file" | grep -q R_X86_64 || fail "$file" "relocations"
! readelf -W --dyn-syms "$file" | awk '$7 == "UND" && $8 != ""' | grep -q . ||
	fail "$file" "undefined symbols"
loads=$(readelf -lW "$file" | awk '$1 == "LOAD"')
[ "$(echo "$loads" | wc -l)" = 1 ] || fail "$file" "more than one segment"
echo "$loads" | awk '$2 + 0 != 0 || $3 + 0 != 0 || $5 != $6 || $7 != "R" || $8 != "E" { exit 1 }' ||
	fail "$file" "its segment is not the file as it is, read and execute: $loads"
