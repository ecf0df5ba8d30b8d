# SPDX-License-Identifier: GPL-2.0-only
"""No test is forgotten: each function that looks like one stands in a table, each suite has its
own name, and each test file is in the Makefile of its folder."""

import os
import re
import sys

import tree

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                "..", "..", "tools", "testing"))
from harness import sources  # noqa: E402  pylint: disable=wrong-import-position


HOST_PROGRAMS = os.path.join("tools", "testing", "host", "programs.mk")


def listed_for_host(root, path):
    """Some tests make sense only on the host."""
    programs = os.path.join(root, HOST_PROGRAMS)
    if not os.path.exists(programs):
        return False
    with open(programs, encoding="utf-8") as file:
        return path in file.read().split()


def listed_in_makefile(root, path):
    makefile = os.path.join(root, os.path.dirname(path), "Makefile")
    if not os.path.exists(makefile):
        return False
    with open(makefile, encoding="utf-8") as file:
        return re.search(rf"\b{re.escape(os.path.basename(path)[:-2])}\.o\b", file.read())


def check(root, _build=None):
    findings = []
    owner = {}
    for path, text in tree.sources(root, "_test.c"):
        if not tree.in_kernel(path) or "<oshit/test.h>" not in text:
            continue
        suites = sources.suites_of_file(text)
        if not suites:
            findings.append(f"{path}:1: no TEST_SUITE")
        for suite, cases in suites.items():
            if suite in owner:
                findings.append(f"{path}:1: suite {suite} is also in {owner[suite]}")
            owner[suite] = path
            if not cases:
                findings.append(f"{path}:1: suite {suite} has no case")
        findings += [f"{path}:1: {name}() stands in no table"
                     for name in sources.forgotten_cases(text)]
        if not listed_in_makefile(root, path) and not listed_for_host(root, path):
            findings.append(f"{path}:1: not in the Makefile of its folder, nor run on the host")
    return findings
