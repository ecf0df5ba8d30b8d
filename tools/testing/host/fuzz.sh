#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Runs libFuzzer targets one after the other: fuzz.sh OUT SECONDS NAME...

out=$1
seconds=$2
shift 2
passed=0 failed=0

for name in "$@"; do
	dir=$out/fuzz/$name
	if timeout $((seconds + 60)) "$dir/fuzz" -max_total_time="$seconds" -timeout=5 \
		-max_len=4096 -artifact_prefix="$dir/" -print_final_stats=1 \
		"$dir/corpus" "$out/seeds/$name" >"$dir/log" 2>&1; then
		runs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$dir/log")
		printf '  %-7s %-16s %s runs\n' FUZZ "$name" "$runs"
		passed=$((passed + 1))
	else
		tail -n 40 "$dir/log"
		printf '  %-7s %-16s failed\n' FUZZ "$name"
		failed=$((failed + 1))
	fi
done

echo "$passed passed, $failed failed"
[ $failed -eq 0 ] && [ $passed -gt 0 ]
