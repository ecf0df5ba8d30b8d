#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# What kconfig-conf is silent about.
#
#	check.sh unknown FILE		warns of symbols in FILE that no Kconfig file knows
#	check.sh lost FRAGMENT CONFIG	warns of settings in FRAGMENT that CONFIG does not have,
#					because a dependency or another choice forbids them
#
# Runs in the top folder of the source tree. These are warnings: the exit status is 0.

set -eu

# The names that the Kconfig files define, one a line.
known_symbols()
{
	awk '
	function read_kconfig(file,   line, word)
	{
		while ((getline line < file) > 0) {
			split(line, word)
			if (line ~ /^source[ \t]/) {
				gsub(/"/, "", word[2])
				read_kconfig(word[2])
			} else if (line ~ /^(menu)?config[ \t]/) {
				print word[2]
			}
		}
		close(file)
	}
	BEGIN { read_kconfig("Kconfig") }' </dev/null
}

# The names that FILE sets, to a value or to "not set".
set_symbols()
{
	sed -n -e 's/^CONFIG_\([A-Za-z0-9_]*\)=.*/\1/p' \
	    -e 's/^# CONFIG_\([A-Za-z0-9_]*\) is not set$/\1/p' "$1"
}

unknown()
{
	[ -f "$1" ] || return 0
	{ known_symbols; echo '==='; set_symbols "$1"; } |
	awk -v file="$1" '
	$0 == "===" { second = 1; next }
	!second { known[$0] = 1; next }
	!($0 in known) { printf "%s: warning: unknown symbol CONFIG_%s\n", file, $0 }' >&2
}

lost()
{
	awk -v file="$1" '
	function symbol(line)
	{
		sub(/^# /, "", line)
		sub(/[= ].*/, "", line)
		return line
	}
	function value(line)
	{
		return line ~ /^#/ ? "n" : substr(line, index(line, "=") + 1)
	}
	!/^(# )?CONFIG_/ { next }
	NR == FNR { wanted[symbol($0)] = value($0); next }
	{ got[symbol($0)] = value($0) }
	END {
		for (s in wanted) {
			if (!(s in got))
				got[s] = "n"
			if (got[s] != wanted[s])
				printf "%s: warning: %s=%s is not possible here, it is %s\n",
				       file, s, wanted[s], got[s]
		}
	}' "$1" "$2" | sort >&2
}

"$@"
