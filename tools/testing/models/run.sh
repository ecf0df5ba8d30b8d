#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Checks protocols in all interleavings with spin(1): run.sh OUT [NAME...], models NAME.pml here.
#
# The head of a model says what is checked, a line each:
#	run: OPTIONS	with these -D options no interleaving fails an assertion or gets stuck
#	wrong: OPTIONS	with these, which make a mistake, one does: the model would notice it
# "liveness" among the options looks for an endless run without progress instead (its labels
# `progress`), under weak fairness.  A search that was cut short has failed.  The last line is
# `N passed, N failed`.

out=$1
shift
models=$(dirname "$0")
passed=0 failed=0

# check MODEL OPTIONS: 0 no error, 1 an error in the model, 2 the check itself did not work
check()
{
	dir=$out/$(basename "$1" .pml)
	spin=$2 cc='-DSAFETY' pan=
	case $spin in
	*liveness*)	spin=$(echo "$spin" | sed 's/liveness//') cc='-DNP -DNFAIR=3' pan='-l -f' ;;
	esac
	rm -rf "$dir" && mkdir -p "$dir" && cp "$1" "$dir/model.pml" || return 2
	# shellcheck disable=SC2086 # lists of options
	(cd "$dir" && spin $spin -a model.pml && gcc -O1 -w $cc -DMEMLIM=1024 -DVECTORSZ=2048 -o pan pan.c &&
		timeout "${MODEL_TIMEOUT:-120}" ./pan $pan -m200000) >"$dir/log" 2>&1 || return 2
	! grep -q -e 'Search not completed' -e 'max search depth too small' "$dir/log" ||
		grep -q 'errors: [1-9]' "$dir/log" || return 2
	grep -q 'errors: 0' "$dir/log" && return 0
	grep -q 'errors: [1-9]' "$dir/log" && return 1
	return 2
}

# note NAME KIND OPTIONS STATUS WANTED
note()
{
	if [ "$4" -eq "$5" ]; then
		passed=$((passed + 1))
		states=$(sed -n 's/^ *\([0-9][0-9]*\) states, stored.*/\1/p' "$out/$1/log")
		printf '  %-7s %-12s %-5s %s (%s states)\n' MODEL "$1" "$2" "$3" "$states"
	else
		failed=$((failed + 1))
		printf '  %-7s %-12s %-5s %s: ' MODEL "$1" "$2" "$3"
		[ "$4" -ne 0 ] || echo 'the mistake was not noticed'
		[ "$4" -ne 1 ] || echo 'an interleaving fails'
		[ "$4" -ne 2 ] || echo 'not checked'
		tail -n 20 "$out/$1/log"
	fi
}

for model in "$models"/*.pml; do
	name=$(basename "$model" .pml)
	case " ${*:-$name} " in
	*" $name "*) ;;
	*) continue ;;
	esac
	while read -r kind options; do
		check "$model" "$options"
		status=$?
		case $kind in
		run:)	note "$name" run "$options" $status 0 ;;
		wrong:)	note "$name" wrong "$options" $status 1 ;;
		esac
	done <<-END
	$(sed -n 's/^ \* \(run\|wrong\): */\1: /p' "$model")
	END
done

echo "$passed passed, $failed failed"
[ $failed -eq 0 ] && [ $passed -gt 0 ]
