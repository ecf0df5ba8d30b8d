#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Runs host test programs and adds up their results: run.sh OUT NAME...
# A program ends with `result: N passed, N failed, N skipped of N`; one that does not, or whose
# numbers do not add up, has crashed: that counts as one failure more.  HOST_TIMEOUT is in seconds.

out=$1
shift
passed=0 failed=0 skipped=0

for name in "$@"; do
	log=$out/$name/log
	REPLAY_SEEDS=$out/seeds/${name#fuzz_} timeout "${HOST_TIMEOUT:-120}" "$out/$name/test" >"$log" 2>&1
	status=$?
	set -- $(sed -n 's/^result: \([0-9]*\) passed, \([0-9]*\) failed, \([0-9]*\) skipped of \([0-9]*\)$/\1 \2 \3 \4/p' "$log")
	bad=${2:-0}
	if [ $# -ne 4 ] || [ $(($1 + $2 + $3)) -ne "$4" ] || { [ $status -ne 0 ] && [ "$2" -eq 0 ]; }; then
		echo "$name: did not end as it should, status $status"
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
