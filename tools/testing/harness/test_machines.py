# SPDX-License-Identifier: GPL-2.0-only
"""Every section of boot.cfg that is asked for is one test; see Documentation/testing.rst."""

import fnmatch
import os

import pytest

from . import config as kernel_config
from . import machine, selftests, series, sources

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(os.path.dirname(HERE)))
BOOT_CFG = os.path.join(os.path.dirname(HERE), "boot.cfg")


def wanted(spec, groups, glob):
    return (not groups or set(spec.words("group")) & set(groups)) and \
        fnmatch.fnmatchcase(spec.name, glob)


def pytest_generate_tests(metafunc):
    option = metafunc.config.option
    specs = [s for s in machine.load(option.boot_cfg or BOOT_CFG)
             if wanted(s, option.group.split(), option.machines)]
    metafunc.parametrize("spec", specs, ids=[s.name for s in specs])


def report_series(problems):
    if problems:
        pytest.fail("\n".join(problems), pytrace=False)


def test_machine(spec, pytestconfig):
    build = os.path.abspath(pytestconfig.option.build)
    kernel = pytestconfig.option.kernel
    if not kernel:
        missing = kernel_config.missing(kernel_config.load(build), spec.words("needs"))
        if missing:
            pytest.skip("needs " + " ".join(missing))
    if spec.kunit:
        spec.keys["kunit"] = pytestconfig.option.kunit or spec.kunit
        spec.expected_tests = sources.expected_tests(
            ROOT, os.path.join(build, "vmoshit"), spec.kunit)
    if spec.series:
        return report_series(series.run(spec, build, pytestconfig.option.accel))
    if spec.program:
        spec.expected_tests = selftests.expected_tests(
            build, selftests.programs(build, spec.words("program")))
    outcome = machine.Machine(spec, build, accel=pytestconfig.option.accel, kernel=kernel).run()
    report = outcome.report
    pytestconfig.tally.add(report.count("pass"), report.count("fail"), report.count("skip"))
    if outcome.problems:
        last = "\n".join(outcome.output.split("\n")[-40:])
        pytest.fail("\n".join(outcome.problems) + "\n--- last lines of the console\n" + last,
                    pytrace=False)
