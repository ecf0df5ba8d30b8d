# SPDX-License-Identifier: GPL-2.0-only
"""pytest plugin: the last line of a run is `N passed, N failed`, tests inside machines included.

A test that was collected and gave no verdict counts as failed.
"""

import pytest

SLOWEST_SHOWN = 10


class Tally:
    def __init__(self):
        self.passed = self.failed = self.skipped = self.collected = self.seen = 0
        self.seconds = {}

    def add(self, passed, failed, skipped):
        """Tests that ran inside of a pytest test, on a machine."""
        self.passed += passed
        self.failed += failed
        self.skipped += skipped

    def note_seconds(self, name, seconds):
        """How long one of several that run at once took; pytest does not know."""
        self.seconds[name] = seconds

    def pytest_collection_modifyitems(self, items):
        self.collected = len(items)

    def pytest_collectreport(self, report):
        if report.failed:
            self.failed += 1

    def pytest_runtest_logreport(self, report):
        if report.when == "setup" and report.skipped:
            self.seen += 1
            self.skipped += 1
        elif report.when == "setup" and report.failed:
            self.seen += 1
            self.failed += 1
        elif report.when == "call":
            self.seen += 1
            self.passed += report.passed
            self.failed += report.failed
            self.skipped += report.skipped
        elif report.failed:             # the tear-down, after a verdict
            self.failed += 1

    @pytest.hookimpl(trylast=True)
    def pytest_unconfigure(self):
        self.failed += max(0, self.collected - self.seen)
        slowest = sorted(self.seconds, key=self.seconds.get, reverse=True)[:SLOWEST_SHOWN]
        if slowest:
            print("slowest:", ", ".join(f"{name} {self.seconds[name]:.0f} s" for name in slowest))
        if self.skipped:
            print(f"{self.skipped} skipped: they need options that are off, or say why above")
        print(f"{self.passed} passed, {self.failed} failed", flush=True)


def pytest_configure(config):
    config.tally = Tally()
    config.pluginmanager.register(config.tally, "oshit-tally")
