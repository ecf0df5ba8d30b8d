# SPDX-License-Identifier: GPL-2.0-only
"""Runs selftest programs on this machine's Linux: selftest_host.py FOLDER PROGRAM...

Prints what failed, with its diagnostics, and ends with `N passed, N failed`.  A program that did
not report, or not completely, counts as a failure more.
"""

import os
import subprocess
import sys
import tempfile
import time

from . import ktap


def run(folder, programs):
    """The lines of the report."""
    with tempfile.TemporaryDirectory(prefix="oshit-selftest-") as scratch:
        done = subprocess.run([os.path.join(folder, "run"), folder, *programs], check=False,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                              errors="replace", stdin=subprocess.DEVNULL,
                              env=os.environ | {"TMPDIR": scratch})
    return done.stdout.split("\n")


def shown(lines):
    """Diagnostics, and what is no line of a report or one of a failure."""
    return [line for line in lines
            if line.strip() and (not ktap.is_report_line(line) or line.lstrip()[0] == "#"
                                 or line.lstrip().startswith("not ok"))]


def judge(lines, programs):
    """The report, and what is wrong with it beside tests that failed."""
    report = ktap.parse(lines)
    seen = {result.name.split(".")[0] for result in report.results}
    return report, report.problems + [f"{p} has reported no test" for p in programs
                                      if p not in seen]


def main():
    folder, programs = sys.argv[1], sys.argv[2:]
    started = time.monotonic()
    lines = run(folder, programs)
    report, problems = judge(lines, programs)
    failed = report.count("fail") + len(problems)
    print("\n".join((shown(lines) if failed or os.environ.get("V") == "1" else []) + problems))
    print(f"{len(programs)} programs in {time.monotonic() - started:.1f} s, "
          f"{report.count('skip')} skipped")
    print(f"{report.count('pass')} passed, {failed} failed")
    return 1 if failed or not report.count("pass") else 0


if __name__ == "__main__":
    sys.exit(main())
