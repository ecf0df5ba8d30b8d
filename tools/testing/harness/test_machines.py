# SPDX-License-Identifier: GPL-2.0-only
"""Every section of boot.cfg that is asked for is one test; see Documentation/testing.rst."""

import fnmatch
import os
from concurrent.futures import ThreadPoolExecutor

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


def prepare(spec, option):
    """Fills in what depends on the build."""
    build = os.path.abspath(option.build)
    if spec.seconds and option.seconds:
        spec.keys["seconds"] = option.seconds
    if spec.kunit:
        spec.keys["kunit"] = option.kunit or spec.kunit
        spec.expected_tests = sources.expected_tests(
            ROOT, os.path.join(build, "vmoshit"), spec.kunit)
    if spec.program:
        spec.expected_tests = selftests.expected_tests(
            build, selftests.programs(build, spec.words("program")))


def run(spec, option):
    """Problems of a series, or the Outcome of a single machine."""
    build = os.path.abspath(option.build)
    if spec.series:
        return series.run(spec, build, option.accel)
    prepare(spec, option)
    return machine.Machine(spec, build, accel=option.accel, kernel=option.kernel).run()


def missing(spec, option):
    """Symbols that the machine needs and the kernel lacks; nothing is known of another kernel."""
    if option.kernel:
        return []
    return kernel_config.missing(kernel_config.load(os.path.abspath(option.build)),
                                 spec.words("needs"))


@pytest.fixture(scope="session", name="runs")
def fixture_runs(request):
    """{name: future} of all machines that were chosen: they run ahead of the tests that judge them,
    one for each processor of the host, first those that may take long."""
    option = request.config.option
    specs = [item.callspec.params["spec"] for item in request.session.items]
    specs.sort(key=lambda spec: -float(spec.timeout))
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        yield {spec.name: pool.submit(run, spec, option)
               for spec in specs if not missing(spec, option)}
        pool.shutdown(cancel_futures=True)


def said_before_failures(lines):
    """What tests told before their "not ok", which may be far from the end."""
    said = []
    for i, line in enumerate(lines):
        if line.lstrip().startswith("not ok"):
            first = i
            while first and lines[first - 1].lstrip().startswith("#"):
                first -= 1
            said += lines[first:i + 1]
    return ["--- failures"] + said[:100] if said else []


def test_machine(spec, runs, pytestconfig):
    if spec.name not in runs:
        pytest.skip("needs " + " ".join(missing(spec, pytestconfig.option)))
    outcome = runs[spec.name].result()
    if spec.series:
        if outcome:
            pytest.fail("\n".join(outcome), pytrace=False)
        return
    report = outcome.report
    pytestconfig.tally.note_seconds(spec.name, outcome.seconds)
    pytestconfig.tally.add(report.count("pass"), report.count("fail"), report.count("skip"))
    if outcome.problems:
        lines = outcome.output.split("\n")
        pytest.fail("\n".join(outcome.problems + said_before_failures(lines) +
                              ["--- last lines of the console"] + lines[-40:]),
                    pytrace=False)
