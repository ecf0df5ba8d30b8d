#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Runs host test programs, as many at once as there are processors, and adds up their results:
# run.sh OUT NAME...
# A program ends with `result: N passed, N failed, N skipped of N`; one that does not, or whose
# numbers do not add up, has crashed: that counts as one failure more.  HOST_TIMEOUT is in seconds.

if [ "$1" = --one ]; then
	REPLAY_SEEDS=$2/seeds/${3#fuzz_} timeout "${HOST_TIMEOUT:-120}" "$2/$3/test" >"$2/$3/log" 2>&1
	echo $? >"$2/$3/status"
	exit 0
fi

out=$1
shift
passed=0 failed=0 skipped=0

for name in "$@"; do
	rm -f "$out/$name/log" "$out/$name/status"
done
printf '%s\n' "$@" | xargs -P "$(nproc)" -n 1 "$0" --one "$out"

for name in "$@"; do
	log=$out/$name/log
	status=$(cat "$out/$name/status")
	set -- $(sed -n 's/^result: \([0-9]*\) passed, \([0-9]*\) failed, \([0-9]*\) skipped of \([0-9]*\)$/\1 \2 \3 \4/p' "$log")
	bad=${2:-0}
	if [ $# -ne 4 ] || [ $(($1 + $2 + $3)) -ne "$4" ] || { [ "${status:-1}" -ne 0 ] && [ "$2" -eq 0 ]; }; then
		echo "$name: did not end as it should, status ${status:-none}"
		bad=$((bad + 1))
	fi
	if [ "$bad" -ne 0 ] || [ "$V" = 1 ]; then
		cat "$log"
	fi
	printf '  %-7s %-16s %4d passed' TEST "$name" "${1:-0}"
	[ "$bad" -eq 0 ] || printf ', %d failed' "$bad"
	[ "${3:-0}" -eq 0 ] || printf ', %d skipped' "$3"
	echo
	passed=$((passed + ${1:-0}))
	failed=$((failed + bad))
	skipped=$((skipped + ${3:-0}))
done

[ $skipped -eq 0 ] || echo "$skipped skipped"
echo "$passed passed, $failed failed"
[ $failed -eq 0 ] && [ $passed -gt 0 ]
