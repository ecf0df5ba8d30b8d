#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# Links the kernel; called by scripts/Makefile.link, which sets the variables.
#
#	link-vmoshit.sh OUTPUT OBJECT...
#
# The symbol table is part of the image that it describes. So the kernel is linked with an empty
# table, then with one of the right size but old addresses, then with the final one; that this
# last link has moved nothing is checked.

set -eu

out=$1
shift
tmp=$(dirname "$out")/.link
mkdir -p "$tmp"

# link TABLE OUTPUT OBJECT...
link()
{
	table=$1 to=$2
	shift 2
	# shellcheck disable=SC2086 # lists of words
	$LD $LD_FLAGS -T "$LDS" -o "$to" "$@" $table
}

# make_table IMAGE NUMBER: the table that describes IMAGE
make_table()
{
	$NM "$1" | "$KALLSYMS_PROGRAM" > "$tmp/kallsyms$2.S"
	$CC -m64 -c -o "$tmp/kallsyms$2.o" "$tmp/kallsyms$2.S"
}

# hide_relocations IMAGE: GRUB refuses a Multiboot2 kernel with a section of type SHT_RELA, though
# the kernel applies the relocations itself. Call it SHT_PROGBITS: the byte at offset 4 of its header.
hide_relocations()
{
	headers=$(readelf -hW "$1" | sed -n 's/.*Start of section headers: *\([0-9]*\).*/\1/p')
	readelf -SW "$1" 2>/dev/null | sed -n 's/^ *\[ *\([0-9]*\)\] [^ ]* *RELA* .*/\1/p' |
	while read -r index; do
		printf '\001' | dd of="$1" bs=1 seek=$((headers + 64 * index + 4)) conv=notrunc status=none
	done
}

"$INITCHECK" "$@"

if [ "${KALLSYMS:-n}" = y ]; then
	make_table /dev/null 0 2>/dev/null
	link "$tmp/kallsyms0.o" "$tmp/vmoshit1" "$@"
	make_table "$tmp/vmoshit1" 1
	link "$tmp/kallsyms1.o" "$tmp/vmoshit2" "$@"
	make_table "$tmp/vmoshit2" 2
	link "$tmp/kallsyms2.o" "$tmp/vmoshit3" "$@"
	$NM -n "$tmp/vmoshit2" > "$tmp/map2"
	$NM -n "$tmp/vmoshit3" > "$tmp/map3"
	if ! cmp -s "$tmp/map2" "$tmp/map3"; then
		echo "$out: symbols still moved in the last link; see $tmp/map2 and map3" >&2
		exit 1
	fi
	mv "$tmp/vmoshit3" "$out"
else
	link "" "$out" "$@"
fi
hide_relocations "$out"
$NM -n "$out" | grep -v ' [aUN] ' > "$(dirname "$out")/System.map"
