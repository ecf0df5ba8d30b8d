# SPDX-License-Identifier: GPL-2.0-only
"""Options of the harness; scripts/Makefile.check fills them in."""

import os


def pytest_addoption(parser):
    group = parser.getgroup("oshit")
    group.addoption("--build", default="build", help="folder with vmoshit and .config")
    group.addoption("--boot-cfg", default="", help="another file than tools/testing/boot.cfg")
    group.addoption("--group", default="", help="only machines of one of these groups")
    group.addoption("--machines", default="*", help="only machines whose name matches this glob")
    group.addoption("--kunit", default="", help="only in-kernel tests that match this glob")
    group.addoption("--seconds", default="", help="instead of the key of that name")
    group.addoption("--kernel", default="", help="a Linux to run selftests on, instead of vmoshit")
    group.addoption("--accel", default=os.environ.get("QEMU_ACCEL") or "tcg",
                    help="of QEMU")
