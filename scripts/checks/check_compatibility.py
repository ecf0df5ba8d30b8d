# SPDX-License-Identifier: GPL-2.0-only
"""Documentation/compatibility.rst agrees with the kernel's list of calls.

Every call of Linux, as linux-libc-dev numbers them, has a row, in their order. What the kernel has,
with any options, is full or partial there, and what it has not is absent. Whoever says that
something is missing says what. A call that is full is made by a selftest, by its number or by the C
library. The totals above the table are right.
"""

import glob
import os
import re

TABLE = os.path.join("Documentation", "compatibility.rst")
CALLS = os.path.join("arch", "x86_64", "entry", "syscall_list.inc")
SELFTESTS = os.path.join("tools", "testing", "selftests")
NUMBERS = "/usr/include/x86_64-linux-gnu/asm/unistd_64.h"
ROW = re.compile(r"^(\d+) +(\w+) +(\w+) *(.*)$")
TOTALS = re.compile(r"^(\d+) full, (\d+) partial, (\d+) absent\.$", re.MULTILINE)
STATES = ("full", "partial", "absent")


def linux_calls():
    with open(NUMBERS, encoding="utf-8") as file:
        return {name: int(number)
                for name, number in re.findall(r"#define __NR_(\w+) (\d+)", file.read())}


def own_calls(root):
    with open(os.path.join(root, CALLS), encoding="utf-8") as file:
        return set(re.findall(r"^CALL\((\w+)\)", file.read(), re.MULTILINE))


def tested_calls(root):
    """Names that the selftests call, and all other words with a bracket behind."""
    text = ""
    for path in glob.glob(os.path.join(root, SELFTESTS, "*", "*.[ch]")):
        with open(path, encoding="utf-8") as file:
            text += file.read()
    return set(re.findall(r"SYS_(\w+)", text)) | set(re.findall(r"\b(\w+)\(", text)) | \
        set(re.findall(r"\bCALL\([^,]+, (\w+)", text)) | set(re.findall(r"PATH_CALL\((\w+)", text))


def rows(text):
    """(line, number, name, state, what is missing) of each row."""
    return [(line, int(match[1]), match[2], match[3], match[4])
            for line, match in enumerate(map(ROW.match, text.split("\n")), 1) if match]


def check_row(row, linux, own, tested):
    line, number, name, state, missing = row
    where = f"{TABLE}:{line}: {name}"
    if linux.get(name) != number:
        return [f"{where} is not number {number} of Linux"]
    if state not in STATES:
        return [f"{where}: {state} is none of {', '.join(STATES)}"]
    if (state == "absent") == (name in own):
        return [f"{where} is {state}, but {'' if name in own else 'not '}in {CALLS}"]
    if state == "full" and name not in tested:
        return [f"{where} is full, but no selftest calls it"]
    if (state == "full") == bool(missing):
        return [f"{where} is {state}, and the last column {'not empty' if missing else 'empty'}"]
    return []


def check_totals(text, table):
    match = TOTALS.search(text)
    counts = [sum(row[3] == state for row in table) for state in STATES]
    if match and [int(number) for number in match.groups()] == counts:
        return []
    return [f"{TABLE}:1: the totals are not {counts[0]} full, {counts[1]} partial, "
            f"{counts[2]} absent"]


def check(root, _build=None):
    path = os.path.join(root, TABLE)
    if not os.path.exists(path):
        return [f"{TABLE}:1: the table is missing"]
    with open(path, encoding="utf-8") as file:
        text = file.read()
    table, linux = rows(text), linux_calls()
    own, tested = own_calls(root), tested_calls(root)
    findings = [finding for row in table for finding in check_row(row, linux, own, tested)]
    names = [row[2] for row in table]
    findings += [f"{TABLE}:1: {name} has no row" for name in linux if name not in names]
    numbers = [row[1] for row in table]
    if numbers != sorted(set(numbers)):
        findings.append(f"{TABLE}:1: the rows are not in the order of their numbers")
    return findings + check_totals(text, table)
