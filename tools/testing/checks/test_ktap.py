# SPDX-License-Identifier: GPL-2.0-only
"""A report that lies, or that was cut short, is not believed."""

import pytest
from harness import ktap

GOOD = """\
[    0.001000] log: a line of the log
KTAP version 1
1..2
    KTAP version 1
    # Subtest: list
    1..2
    ok 1 first
[    0.002000] log: another one
    ok 2 second # SKIP no memory
ok 1 list
    KTAP version 1
    1..1
    ok 1 third
ok 2 tree
"""


def parse(text):
    return ktap.parse(text.split("\n"))


def test_nested_report_counts_leaves():
    report = parse(GOOD)
    assert report.problems == []
    assert [(r.name, r.status) for r in report.results] == [
        ("list.first", "pass"), ("list.second", "skip"), ("tree.third", "pass")]


def test_tap_13_with_dashes_and_plan_at_the_end():
    report = parse("TAP version 13\nok 1 - opens a file\nnot ok 2 - reads it\n1..2\n")
    assert report.problems == []
    assert [r.name for r in report.results] == ["opens a file", "reads it"]
    assert report.count("fail") == 1


def test_no_report_is_no_result():
    report = parse("[    0.001] hello\n")
    assert not report.found and report.results == [] and report.problems == []


@pytest.mark.parametrize("change, problem", [
    (("1..2\n    ok 1", "1..3\n    ok 1"), "the plan of list says 3 tests, 2 were reported"),
    (("ok 2 tree\n", ""), "ends inside a suite"),
    (("1..2\n    KTAP", "    KTAP"), "has no plan"),
    (("    ok 2 second", "    ok 3 second"), "second has number 3"),
    (("    ok 1 first", "    not ok 1 first"), "list says ok, its tests say otherwise"),
    (("ok 1 list", "not ok 1 list"), "list says not ok"),
    (("ok 2 tree", "Bail out! no more"), "gave up"),
    (("    ok 1 third\n", ""), "the plan of tree says 1 tests, 0 were reported"),
])
def test_lie_is_noticed(change, problem):
    assert change[0] in GOOD
    report = parse(GOOD.replace(*change, 1))
    assert any(problem in p for p in report.problems), report.problems
