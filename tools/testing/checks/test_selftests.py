# SPDX-License-Identifier: GPL-2.0-only
"""Selftests: a program that fails, crashes, hangs or says too little fails the run, on this machine
and on a machine of boot.cfg; the initramfs of a machine holds what was asked for."""

import os
import pathlib
import subprocess
import sys

import pytest
from harness import ktap, machine, selftest_host, selftests

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[2]
FRAME = ROOT / "tools" / "testing" / "selftests"
SOURCE = """\
#include "selftest.h"

static void passes(struct test *t)
{
	EXPECT_EQ(t, 1, 1);
}

static void misbehaves(struct test *t)
{
	%s;
}

static const struct test_case demo_cases[] = {
	TEST_CASE(passes),
	TEST_CASE(misbehaves),
};
TEST_SUITE(demo, demo_cases);
SELFTEST_NO_HELPER
"""


def compile_program(path, statement):
    path.parent.mkdir(parents=True, exist_ok=True)
    (path.parent / "source.c").write_text(SOURCE % statement)
    subprocess.run(["gcc", "-std=gnu11", "-D_GNU_SOURCE", "-O1", "-static",
                    "-include", ROOT / "include/oshit/compiler.h", "-I", ROOT / "include",
                    "-I", FRAME, "-o", path, path.parent / "source.c", FRAME / "selftest.c"],
                   check=True)
    (path.parent / "source.c").unlink()


@pytest.fixture(scope="module", name="runner")
def fixture_runner(tmp_path_factory):
    path = tmp_path_factory.mktemp("runner") / "run"
    subprocess.run(["gcc", "-O1", "-static", "-o", path, FRAME / "run.c"], check=True)
    return path


def run_on_host(folder, runner, statement, seconds="20"):
    """The outcome of one program with the case that does @statement."""
    compile_program(folder / "area" / "demo", statement)
    (folder / "run").symlink_to(runner)
    done = subprocess.run([sys.executable, "-m", "harness.selftest_host", folder, "area/demo"],
                          env=os.environ | {"PYTHONPATH": str(HERE.parent),
                                            "SELFTEST_SECONDS": seconds},
                          capture_output=True, text=True, check=False)
    return done.stdout.strip().split("\n")[-1], done.returncode, done.stdout


@pytest.mark.parametrize("statement, line", [
    ("(void)t", "2 passed, 0 failed"),
    ("test_skip(t, \"no such thing\")", "1 passed, 0 failed"),
    ("EXPECT_EQ(t, 1, 2)", "1 passed, 1 failed"),
    ("EXPECT_RET(t, kcall(SYS_close, -1), 0)", "1 passed, 1 failed"),
    ("REQUIRE(t, !t->name)", "1 passed, 1 failed"),
    ("(void)t; __builtin_trap()", "1 passed, 1 failed"),
    ("(void)t; _exit(3)", "1 passed, 1 failed"),
    ("(void)t; kill(getppid(), SIGKILL); pause()", "1 passed, 2 failed"),
])
def test_verdict_on_the_host(tmp_path, runner, statement, line):
    last, status, output = run_on_host(tmp_path, runner, statement)
    assert (last, status) == (line, 0 if line.endswith(" 0 failed") else 1), output


def test_hang_on_the_host_is_ended(tmp_path, runner):
    last, status, output = run_on_host(tmp_path, runner, "(void)t; for (;;) pause()", "1")
    assert status == 1 and "not at its end after 1 s" in output and last.startswith("1 passed, ")


def test_missing_program_fails():
    lines = "TAP version 13\n1..1\n    1..1\n    ok 1 - a\nok 1 - area/one\n".split("\n")
    report, problems = selftest_host.judge(lines, ["area/one", "area/two"])
    assert report.count("pass") == 1 and problems == ["area/two has reported no test"]


def test_result_names_what_was_expected(tmp_path, runner):
    output = run_on_host(tmp_path, runner, "EXPECT_RET(t, kcall(SYS_close, -1), -EFAULT)")[2]
    assert "kcall(SYS_close, -1): -9 (Bad file descriptor), not -14 (Bad address)" in output


# --- on a machine

@pytest.fixture(name="build")
def fixture_build(tmp_path):
    """A build folder with two programs of one area and what makes an initramfs."""
    (tmp_path / "scripts").mkdir()
    subprocess.run(["gcc", "-o", tmp_path / "scripts" / "mkinitramfs",
                    ROOT / "scripts" / "mkinitramfs.c"], check=True)
    compile_program(tmp_path / "selftests" / "area" / "demo", "(void)t")
    compile_program(tmp_path / "selftests" / "area" / "other", "(void)t")
    (tmp_path / "selftests" / "run").write_text("the runner")
    return tmp_path


def test_programs_are_found_by_folder_and_glob(build):
    def found(*words):
        return selftests.programs(build, words)
    assert found("selftests/area") == ["area/demo", "area/other"]
    assert found("selftests/area/other") == ["area/other"]
    assert found("selftests/*/d*", "selftests/area") == ["area/demo", "area/other"]
    with pytest.raises(selftests.SelftestError):
        found("selftests/none")


def test_programs_tell_what_they_must_report(build):
    assert selftests.expected_tests(build, ["area/demo"]) == {
        "area/demo.passes", "area/demo.misbehaves"}


def test_initramfs_holds_the_programs(build, tmp_path):
    path = selftests.make_initramfs(build, tmp_path, ["area/demo"])
    data = pathlib.Path(path).read_bytes()
    assert b"selftests/area/demo\0" in data and b"area/other" not in data
    assert b"area/demo\n" in data                       # the list
    assert b"init\0" in data and b"the runner" in data and b"dev/console\0" in data


def test_initramfs_holds_programs_that_others_run(build, tmp_path):
    path = selftests.make_initramfs(build, tmp_path, ["area/demo"], ["area/other"])
    data = pathlib.Path(path).read_bytes()
    assert b"selftests/area/other\0" in data and b"area/demo\n" in data
    assert b"area/other\n" not in data


REPORT = "TAP version 13\n1..1\n    1..2\n    ok 1 - passes\n{}    ok 2 - misbehaves\n" \
         "ok 1 - area/demo\n"


def boot(build, output, ending="POWEROFF"):
    """A guest that only prints @output, in place of a kernel that runs the program area/demo."""
    (build / "output").write_text(output)
    subprocess.run(["gcc", "-m32", "-nostdlib", "-static", "-Wl,-Ttext=0x100000",
                    "-Wl,--build-id=none", f"-DEND={ending}", f'-DOUTPUT="{build}/output"',
                    HERE / "guest.S", "-o", build / "vmoshit"], check=True)
    (build / "boot.cfg").write_text("[guest]\nprogram = selftests/area/demo\ntimeout = 20\n")
    spec, = machine.load(build / "boot.cfg")
    spec.expected_tests = selftests.expected_tests(build, ["area/demo"])
    return machine.Machine(spec, str(build)).run()


def test_complete_report_and_power_off_pass(build):
    outcome = boot(build, REPORT.format("[    1.5] clock: a line of the log\n"))
    assert outcome.problems == [] and outcome.report.count("pass") == 2


def test_other_end_fails(build):
    assert "reason guest-reset" in boot(build, REPORT.format(""), "RESET").problems[0]


def test_missing_case_fails(build):
    text = REPORT.format("").replace("1..2", "1..1").replace("    ok 2 - misbehaves\n", "")
    assert boot(build, text).problems == ["area/demo.misbehaves has not run"]


def test_failed_case_fails(build):
    text = REPORT.format("# why\n").replace("ok 2", "not ok 2").replace("ok 1 - a", "not ok 1 - a")
    assert "area/demo.misbehaves failed" in boot(build, text).problems


def test_report_of_linux_style_is_read():
    report = ktap.parse(REPORT.format("").split("\n"))
    assert [r.name for r in report.results] == ["area/demo.passes", "area/demo.misbehaves"]
