#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Runs goals in turn and adds up their last lines.

    tally.py [--seconds S] [--jobs N] NAME=COMMAND...

With --seconds all are run again and again, until the time is over after a round.  With --jobs N of
them run at once; what a goal says is shown when it is done then.
The last line of a goal must be `N passed, N failed`.  A goal without that line, one that tested
nothing, and one whose exit status contradicts it count as a failure: nothing passes by silence.
"""

import argparse
import re
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor

LAST_LINE = re.compile(r"^(\d+) passed, (\d+) failed$")


def run_goal(goal, show):
    """Calls @show with each line of the goal. Returns its name, what passed and failed, seconds."""
    name, _, command = goal.partition("=")
    started = time.monotonic()
    last = ""
    show(f"==== {name}\n")
    with subprocess.Popen(["sh", "-c", command], stdout=subprocess.PIPE, text=True,
                          errors="replace") as process:
        for line in process.stdout:
            show(line)
            last = line.rstrip() or last
    passed, failed, lie = verdict(LAST_LINE.match(last), process.returncode)
    if lie:
        show(f"{name}: {lie}\n")
    return name, passed, failed, time.monotonic() - started


def show_now(line):
    sys.stdout.write(line)
    sys.stdout.flush()


def run_goal_aside(goal):
    """Shows all of it at once."""
    lines = []
    row = run_goal(goal, lines.append)
    show_now("".join(lines))
    return row


def verdict(match, status):
    """What passed, what failed, and what is wrong with the report; "" if nothing."""
    if not match:
        return 0, 1, f"did not end with 'N passed, N failed' (status {status})"
    passed, failed = int(match[1]), int(match[2])
    if not failed and (status or not passed):
        return passed, 1, f"status {status} with {passed} tests passed"
    return passed, failed, ""


def run_round(goals, jobs):
    if jobs == 1:
        return [run_goal(goal, show_now) for goal in goals]
    with ThreadPoolExecutor(jobs) as pool:
        return list(pool.map(run_goal_aside, goals))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=float, default=0.0)
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("goals", nargs="+", metavar="NAME=COMMAND")
    args = parser.parse_args()
    end = time.monotonic() + args.seconds
    rows = run_round(args.goals, args.jobs)
    while time.monotonic() < end:
        rows += run_round(args.goals, args.jobs)
    print(f"==== {'goal':9} passed failed")
    for name, passed, failed, seconds in rows:
        print(f"{name:14} {passed:6} {failed:6} {seconds:7.1f} s")
    passed, failed = (sum(row[column] for row in rows) for column in (1, 2))
    print(f"{passed} passed, {failed} failed", flush=True)
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main())
