# SPDX-License-Identifier: GPL-2.0-only
"""The harness on real QEMU with a guest made for it: each wrong behaviour fails its machine."""

import json
import os
import subprocess
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from harness import config, machine, sources

HERE = os.path.dirname(os.path.abspath(__file__))
PASSING = "[    0.000100] boot: up\nKTAP version 1\n1..1\n    KTAP version 1\n    1..1\n" \
          "    ok 1 one\nok 1 demo\n"


@pytest.fixture(name="boot")
def fixture_boot(tmp_path):
    """boot(output, ending, **keys): a guest that prints @output and ends by the macro @ending."""
    def boot(output, ending, **keys):
        (tmp_path / "output").write_text(output)
        subprocess.run(["gcc", "-m32", "-nostdlib", "-static", "-Wl,-Ttext=0x100000",
                        "-Wl,--build-id=none", f"-DEND={ending}",
                        f'-DOUTPUT="{tmp_path}/output"', f"{HERE}/guest.S",
                        "-o", f"{tmp_path}/vmoshit"], check=True)
        text = "[guest]\n" + "".join(f"{k} = {v}\n" for k, v in ({"timeout": "20"} | keys).items())
        (tmp_path / "boot.cfg").write_text(text)
        spec, = machine.load(tmp_path / "boot.cfg")
        spec.expected_tests = {"demo.one"} if spec.kunit else set()
        return machine.Machine(spec, str(tmp_path)).run()
    return boot


def test_passing_machine_passes(boot):
    outcome = boot(PASSING, "EXIT(0x10)", kunit="*")
    assert outcome.problems == [] and outcome.report.count("pass") == 1


def test_power_off_and_reset_are_told_apart(boot):
    assert boot("up\n", "POWEROFF", end="poweroff").problems == []
    assert boot("up\n", "RESET", end="reset").problems == []
    assert "reason guest-reset" in boot("up\n", "RESET", end="poweroff").problems[0]
    assert "reason guest-shutdown" in boot("up\n", "POWEROFF", end="reset").problems[0]


@pytest.mark.parametrize("code", ["0x11", "0x12"])
def test_exit_status_counts_more_than_text(boot, code):
    outcome = boot(PASSING, f"EXIT({code})", kunit="*")
    assert "end: expected pass" in outcome.problems[0]


def test_no_more_machines_run_at_once_than_there_are_slots(monkeypatch):
    running, most = [], []
    two = threading.Barrier(2, timeout=20)

    def run_now(self):
        running.append(self)
        most.append(len(running))
        if len(most) <= 2:
            two.wait()
        time.sleep(0.05)
        running.remove(self)

    monkeypatch.setattr(machine, "SLOTS", threading.BoundedSemaphore(2))
    monkeypatch.setattr(machine.Machine, "run_now", run_now)
    spec = machine.Spec("demo", dict(machine.KEYS))
    with ThreadPoolExecutor(5) as pool:
        list(pool.map(lambda _: machine.Machine(spec, "build").run(), range(5)))
    assert max(most) == 2


def test_hang_is_noticed(boot):
    outcome = boot(PASSING, "HANG", kunit="*", timeout="2")
    assert "hang" in outcome.problems[0] and "after 2 s" in outcome.problems[0]


def test_time_without_a_processor_does_not_count(tmp_path):
    """Two programs share a processor, so one of them waits for half of the time."""
    busy = [subprocess.Popen(["taskset", "-c", "0", "sh", "-c", "while :; do :; done"])
            for _ in range(2)]
    run = machine.Machine(machine.Spec("demo", dict(machine.KEYS, timeout="20")), str(tmp_path))
    run.process, run.started = busy[0], time.monotonic()
    try:
        while run.kept_waiting() < 0.2:
            assert time.monotonic() < run.started + 60
        before = time.monotonic()
        left, waited = run.seconds_left(), run.kept_waiting()
    finally:
        for process in busy:
            process.kill()
            process.wait()
    assert left >= 20.2 - (time.monotonic() - run.started)
    assert left <= 20 + waited - (before - run.started)


@pytest.mark.parametrize("line", [
    "BUG: list.c:3", "[    1.0] WARNING: slab.c:7", "UBSAN: shift-out-of-bounds in a.c:1",
    "KASAN: use-after-free in f+0x1/0x9", "lockdep: BUG: sleeping in an interrupt",
    "panic: no init"])
def test_report_of_a_bug_fails_the_machine(boot, line):
    outcome = boot(f"{PASSING}{line}\n", "EXIT(0x10)", kunit="*")
    assert outcome.problems == [f"a bug is reported: {line}"]


def test_report_of_a_bug_can_be_allowed(boot):
    assert boot("panic: on purpose\n", "EXIT(0x12)", end="panic", allow="on purpose").problems == []


def test_number_of_tests_must_be_the_expected(boot):
    more = PASSING.replace("1..1\n    ok 1 one", "1..2\n    ok 1 one\n    ok 2 two")
    assert boot(more, "EXIT(0x10)", kunit="*").problems == [
        "demo.two has run, but no source file has it"]
    fewer = PASSING.replace("ok 1 one", "ok 1 other")
    assert "demo.one has not run" in boot(fewer, "EXIT(0x10)", kunit="*").problems
    assert "no test has run" in boot("up\n", "EXIT(0x10)", kunit="*").problems


def test_failed_test_fails_the_machine(boot):
    failing = PASSING.replace("ok 1", "not ok 1")
    assert "demo.one failed" in boot(failing, "EXIT(0x10)", kunit="*").problems


def test_typing_and_waiting(boot):
    steps = "\n\texpect sure\\?\n\tsend y"
    assert boot("sure?", "ASK", end="pass", steps=steps).problems == []
    outcome = boot("what?", "ASK", end="pass", steps=steps, timeout="2")
    assert "did not appear" in outcome.problems[0]
    outcome = boot("what?", "EXIT(0x10)", end="pass", steps=steps)
    assert "the machine ended while waiting" in outcome.problems[0]


def test_missing_and_unwanted_output(boot):
    outcome = boot("one two\n", "EXIT(0x10)", end="pass", expect="three", reject="two")
    assert len(outcome.problems) == 2


def test_clock_over_its_limit(boot):
    steps = "\n\texpect late\n\twithin 150"
    assert boot("[    0.149000] late\n", "EXIT(0x10)", end="pass", steps=steps).problems == []
    assert boot("[    0.151000] late\n", "EXIT(0x10)", end="pass", steps=steps).problems != []


def test_emulator_that_does_not_start_fails(boot):
    outcome = boot("up\n", "EXIT(0x10)", end="pass", qemu="-no-such-option")
    assert outcome.problems and "no-such-option" in " ".join(outcome.problems)


@pytest.mark.parametrize("text", ["[a]\nmemmory = 8M\n", "[a]\nend = maybe\n",
                                  "[DEFAULT]\ncpu5 = 4\n[a]\ncpus = 1\n"])
def test_mistyped_key_is_an_error(tmp_path, text):
    (tmp_path / "boot.cfg").write_text(text)
    with pytest.raises(machine.ConfigError):
        machine.load(tmp_path / "boot.cfg")


def test_needs_of_a_machine(tmp_path):
    (tmp_path / ".config").write_text('CONFIG_A=y\n# CONFIG_B is not set\nCONFIG_C="text"\n')
    loaded = config.load(tmp_path)
    assert config.missing(loaded, ["A", "C", "!B"]) == []
    assert config.missing(loaded, ["B", "!A"]) == ["B", "!A"]


SOURCE = """\
static void one(struct test *t)
{
}

static void two(struct test *t)
{
}

static const struct test_case demo_cases[] = {
	TEST_CASE(one),
};
TEST_SUITE(demo, demo_cases);
"""


def test_cases_are_found_in_sources():
    assert sources.suites_of_file(SOURCE) == {"demo": ["one"]}


def test_forgotten_case_is_found():
    assert sources.forgotten_cases(SOURCE) == ["two"]


def test_faults_of_a_disk_are_told_to_the_emulator():
    option, text = machine.faulty_disk("disk0", "/x", "read@8+write@16")
    node = json.loads(text)
    assert option == "-blockdev" and node["node-name"] == "disk0"
    assert node["file"]["inject-error"] == [
        {"event": "none", "iotype": "read", "sector": 8},
        {"event": "none", "iotype": "write", "sector": 16}]
    slow = machine.faulty_disk("disk0", "/x", "slow@300")
    assert json.loads(slow[-1])["node-name"] == "disk0" and "x-iops-total=300" in slow[3]
    assert "inject-error" not in slow[1]


def test_time_of_a_load_comes_on_top_of_the_limit(tmp_path):
    (tmp_path / "boot.cfg").write_text("[load]\nprogram = x\ntimeout = 20\nseconds = 8\n")
    spec, = machine.load(tmp_path / "boot.cfg")
    run = machine.Machine(spec, str(tmp_path))
    assert run.limit() == 28
    assert "SOAK_SECONDS=8" in run.append() and "SELFTEST_SECONDS=28" in run.append()
