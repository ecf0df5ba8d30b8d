# SPDX-License-Identifier: GPL-2.0-only
"""Reads TAP and KTAP, nested or not, from a console that also carries other lines.

A report is believed only if it is complete: every level has a plan, the numbers count from one,
the plan agrees with the results, and a parent says "ok" exactly if no child failed.  What is wrong
with a report goes to `problems`; a report with problems has failed, whatever its lines say.
"""

import re
from dataclasses import dataclass, field

INDENT = 4      # spaces a level, KTAP version 1

VERSION = re.compile(r"^( *)(?:KTAP|TAP) version \d+$")
PLAN = re.compile(r"^( *)1\.\.(\d+)(?: *# *(?:SKIP|skip)\b.*)?$")
RESULT = re.compile(r"^( *)(not ok|ok) (\d+)(?: -)?(?: ([^#]*?))? *(?:# *(SKIP|TODO)\b *(.*))?$",
                    re.IGNORECASE)
BAIL = re.compile(r"^ *Bail out!(.*)$")
DIAGNOSTIC = re.compile(r"^ *#")


@dataclass
class Result:
    """One leaf of the report: a test that has no tests below it."""
    name: str                   # path, parts joined by "."
    status: str                 # "pass", "fail" or "skip"
    reason: str = ""


@dataclass
class Level:
    """The tests seen so far at one depth, below one parent."""
    plan: int | None = None
    count: int = 0
    failed: bool = False
    results: list = field(default_factory=list)


@dataclass
class Report:
    results: list = field(default_factory=list)
    problems: list = field(default_factory=list)
    found: bool = False         # any line of a report at all

    def count(self, status):
        return sum(r.status == status for r in self.results)


def is_report_line(line):
    return any(p.match(line) for p in (VERSION, PLAN, RESULT, BAIL, DIAGNOSTIC))


class Parser:
    def __init__(self):
        self.report = Report()
        self.levels = [Level()]

    def problem(self, text):
        self.report.problems.append(text)

    def enter(self, depth):
        while len(self.levels) <= depth:
            self.levels.append(Level())
        return self.levels[depth]

    def close_level(self, level, name):
        where = f" of {name}" if name else ""
        if level.plan is None:
            self.problem(f"the report{where} has no plan")
        elif level.plan != level.count:
            self.problem(f"the plan{where} says {level.plan} tests, {level.count} were reported")

    def line_plan(self, match):
        self.report.found = True
        level = self.enter(len(match[1]) // INDENT)
        if level.plan is not None:
            self.problem(f"a second plan: {match[0].strip()}")
        level.plan = int(match[2])

    def line_result(self, match):
        self.report.found = True
        depth = len(match[1]) // INDENT
        ok = match[2].lower() == "ok"
        name = (match[4] or "").strip() or f"test {match[3]}"
        children = self.take_children(depth, name)
        level = self.enter(depth)
        level.count += 1
        if int(match[3]) != level.count:
            self.problem(f"{name} has number {match[3]}, expected {level.count}")
        if not ok:
            level.failed = True
        if children is None:
            level.results.append(Result(name, *self.leaf_status(ok, match)))
            return
        if ok == children.failed:
            self.problem(f"{name} says {match[2]}, its tests say otherwise")
        for r in children.results:
            level.results.append(Result(f"{name}.{r.name}", r.status, r.reason))

    def leaf_status(self, ok, match):
        if (match[5] or "").upper() == "SKIP":
            return "skip", match[6] or ""
        return ("pass" if ok else "fail"), ""

    def take_children(self, depth, name):
        if len(self.levels) <= depth + 1:
            return None
        if len(self.levels) > depth + 2:
            self.problem(f"{name}: tests two levels below it have no parent")
        children = self.levels[depth + 1]
        del self.levels[depth + 1:]
        self.close_level(children, name)
        return children

    def feed(self, line):
        match = PLAN.match(line)
        if match:
            return self.line_plan(match)
        match = RESULT.match(line)
        if match:
            return self.line_result(match)
        match = BAIL.match(line)
        if match:
            self.report.found = True
            return self.problem("the tests gave up:" + match[1])
        if VERSION.match(line):
            self.report.found = True
        return None

    def finish(self):
        if not self.report.found:
            return self.report
        for level in self.levels[1:]:
            self.problem("the report ends inside a suite")
            self.levels[0].results += level.results
        self.close_level(self.levels[0], "")
        self.report.results = self.levels[0].results
        return self.report


def parse(lines):
    parser = Parser()
    for line in lines:
        parser.feed(line.rstrip())
    return parser.finish()
