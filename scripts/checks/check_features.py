# SPDX-License-Identifier: GPL-2.0-only
"""Documentation/features.rst agrees with Kconfig, the tree and the tests.

The table is a list-table with the columns feature, symbol, file, test, cost and gain.  Every switch
that a user can set has a row (the tests' own, TEST_*, have not).  Files exist.  A test is
``kunit:SUITE``, ``boot:MACHINE``, ``host:FILE`` or ``matrix``, and exists.
"""

import configparser
import os
import re

import check_kconfig
import kconfiglib
import tree

TABLE = os.path.join("Documentation", "features.rst")
COLUMNS = ["feature", "symbol", "file", "test", "cost and gain"]
LITERAL = re.compile(r"``([^`]+)``")
SUITE = re.compile(r"^TEST_SUITE\((\w+),", re.MULTILINE)


def rows(text):
    """(line, [cell, ...]) of each row after the head."""
    found = []
    for number, line in enumerate(text.split("\n"), 1):
        if re.match(r"^ +\* - ", line):
            found.append((number, [line.split("- ", 1)[1].strip()]))
        elif found and re.match(r"^ +-( |$)", line):
            found[-1][1].append(line.strip()[1:].strip())
        elif found and re.match(r"^ +\S", line):
            found[-1][1][-1] += " " + line.strip()
    return found[1:]


def switches(kconf):
    """Names of the options of type bool that have a prompt."""
    return {s.name for s in kconf.unique_defined_syms
            if s.type == kconfiglib.BOOL and any(n.prompt for n in s.nodes)
            and not s.name.startswith("TEST_")}


def known_tests(root):
    suites = {name for _, text in tree.sources(root, "_test.c") for name in SUITE.findall(text)}
    tests = {"matrix"} | {f"kunit:{suite}" for suite in suites}
    path = os.path.join(root, "tools", "testing", "boot.cfg")
    if os.path.exists(path):
        parser = configparser.ConfigParser(interpolation=None)
        parser.read(path, encoding="utf-8")
        tests |= {f"boot:{name}" for name in parser.sections()}
    return tests


def test_exists(root, name, tests):
    kind, _, rest = name.partition(":")
    return name in tests or (kind == "host" and os.path.exists(os.path.join(root, rest)))


def check_row(root, line, cells, tests):
    where = f"{TABLE}:{line}"
    if len(cells) != len(COLUMNS):
        return [f"{where}: {len(cells)} cells, not {len(COLUMNS)} ({', '.join(COLUMNS)})"]
    findings = [f"{where}: {path} does not exist" for path in LITERAL.findall(cells[2])
                if not os.path.exists(os.path.join(root, path))]
    findings += [f"{where}: there is no test {test}" for test in LITERAL.findall(cells[3])
                 if not test_exists(root, test, tests)]
    for number, name in enumerate(COLUMNS):
        if not cells[number] or (number in (1, 2, 3) and not LITERAL.search(cells[number])):
            findings.append(f"{where}: no {name}")
    return findings


def check(root, _build=None):
    kconf, errors = check_kconfig.parse(root)
    if not kconf:
        return errors
    path = os.path.join(root, TABLE)
    if not os.path.exists(path):
        return [f"{TABLE}:1: the table is missing"]
    with open(path, encoding="utf-8") as file:
        table = rows(file.read())
    tests = known_tests(root)
    findings = [f for line, cells in table for f in check_row(root, line, cells, tests)]
    documented = {}
    for line, cells in table:
        for symbol in LITERAL.findall(cells[1]) if len(cells) > 1 else []:
            documented[symbol] = line
    defined = {s.name for s in kconf.unique_defined_syms}
    findings += [f"{TABLE}:{line}: {symbol} is not a symbol"
                 for symbol, line in documented.items() if symbol not in defined]
    findings += [f"{TABLE}:1: {symbol} has no row"
                 for symbol in sorted(switches(kconf) - set(documented))]
    return findings
