#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Runs goals in turn and adds up their last lines.

    tally.py [--seconds S] NAME=COMMAND...

With --seconds all are run again and again, until the time is over after a round.
The last line of a goal must be `N passed, N failed`.  A goal without that line, one that tested
nothing, and one whose exit status contradicts it count as a failure: nothing passes by silence.
"""

import re
import subprocess
import sys
import time

LAST_LINE = re.compile(r"^(\d+) passed, (\d+) failed$")


def run_goal(name, command):
    """Shows the goal's output as it comes. Returns (passed, failed)."""
    last = ""
    with subprocess.Popen(["sh", "-c", command], stdout=subprocess.PIPE, text=True,
                          errors="replace") as process:
        for line in process.stdout:
            sys.stdout.write(line)
            sys.stdout.flush()
            last = line.rstrip() or last
    return verdict(name, LAST_LINE.match(last), process.returncode)


def verdict(name, match, status):
    if not match:
        print(f"{name}: did not end with 'N passed, N failed' (status {status})")
        return 0, 1
    passed, failed = int(match[1]), int(match[2])
    if not failed and (status or not passed):
        print(f"{name}: status {status} with {passed} tests passed")
        return passed, 1
    return passed, failed


def goals_to_run(arguments):
    """The goals, in as many rounds as the time allows: one at least."""
    seconds = 0.0
    if arguments[:1] == ["--seconds"]:
        seconds, arguments = float(arguments[1]), arguments[2:]
    end = time.monotonic() + seconds
    while True:
        yield from arguments
        if time.monotonic() >= end:
            return


def main():
    total_passed = total_failed = 0
    rows = []
    for goal in goals_to_run(sys.argv[1:]):
        name, _, command = goal.partition("=")
        print(f"==== {name}", flush=True)
        started = time.monotonic()
        passed, failed = run_goal(name, command)
        rows.append(f"{name:14} {passed:6} {failed:6} {time.monotonic() - started:7.1f} s")
        total_passed += passed
        total_failed += failed
    print(f"==== {'goal':9} passed failed")
    print("\n".join(rows))
    print(f"{total_passed} passed, {total_failed} failed", flush=True)
    return 1 if total_failed or not total_passed else 0


if __name__ == "__main__":
    sys.exit(main())
