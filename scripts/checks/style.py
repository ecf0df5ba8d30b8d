#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Runs the static checks.

    style.py [--build DIR] [--root DIR] [NAME...]

Each check is a module check_NAME.py here, with a function check(root, build) that returns a list of
findings, "file:line: text".  A check passes if it finds nothing.
"""

import argparse
import importlib
import os
import sys
import time

CHECKS = ["tiers", "headers", "shape", "format", "spelling", "kconfig", "features", "performance",
          "compatibility", "tests"]
HERE = os.path.dirname(os.path.abspath(__file__))


def run_check(name, root, build):
    started = time.monotonic()
    try:
        findings = importlib.import_module(f"check_{name}").check(root, build)
    except Exception as error:  # a check that breaks has not passed, and the others still run
        findings = [f"check_{name}: {error!r}"]
    for finding in findings:
        print(finding)
    verdict = f"{len(findings)} findings" if findings else "ok"
    print(f"  STYLE   {name:10} {verdict:14} {time.monotonic() - started:5.1f} s", flush=True)
    return not findings


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--build", default="build")
    parser.add_argument("--root", default=os.path.dirname(os.path.dirname(HERE)))
    parser.add_argument("checks", nargs="*", metavar="NAME", help=" ".join(CHECKS))
    args = parser.parse_args()
    results = [run_check(name, os.path.abspath(args.root), os.path.abspath(args.build))
               for name in args.checks or CHECKS]
    print(f"{sum(results)} passed, {len(results) - sum(results)} failed")
    return 0 if all(results) else 1


if __name__ == "__main__":
    sys.exit(main())
