# SPDX-License-Identifier: GPL-2.0-only
"""The last line of a run tells the truth, and the exit status agrees with it."""

import os
import subprocess
import sys
import time

import pytest

HERE = os.path.dirname(os.path.abspath(__file__))
TESTING = os.path.dirname(HERE)
TALLY = os.path.join(os.path.dirname(os.path.dirname(TESTING)), "scripts", "checks", "tally.py")


def run_pytest(folder, text):
    (folder / "test_it.py").write_text(text)
    done = subprocess.run([sys.executable, "-m", "pytest", "-q", "-p", "harness.tally",
                           "-p", "no:cacheprovider", str(folder)],
                          env={**os.environ, "PYTHONPATH": TESTING},
                          capture_output=True, text=True, check=False)
    return done.stdout.strip().split("\n")[-1], done.returncode


def test_pytest_run_is_counted(tmp_path):
    text = "import pytest\ndef test_a(): pass\ndef test_b(): assert 0\n" \
           "def test_c(): pytest.skip('x')\n" \
           "def test_d(pytestconfig): pytestconfig.tally.add(10, 5, 0)\n"
    assert run_pytest(tmp_path, text) == ("12 passed, 6 failed", 1)


def test_file_that_does_not_load_is_a_failure(tmp_path):
    line, status = run_pytest(tmp_path, "import no_such_module\n")
    assert line == "0 passed, 1 failed" and status != 0


def test_rounds_go_on_until_the_time_is_over(tmp_path):
    assert run_tally("--seconds", "0", "a=echo '1 passed, 0 failed'") == ("1 passed, 0 failed", 0)
    rounds, started = tmp_path / "rounds", time.monotonic()
    line, status = run_tally("--seconds", "1.0",
                             f"a=sleep 0.3; echo >>{rounds}; echo '1 passed, 0 failed'",
                             "b=echo '0 passed, 1 failed'; false")
    assert time.monotonic() - started >= 1.0
    number = len(rounds.read_text())
    assert line == f"{number} passed, {number} failed" and status == 1


def test_goals_that_run_at_once_are_shown_one_after_the_other(tmp_path):
    goals = [f"{me}=touch {tmp_path}/{me}; until [ -e {tmp_path}/{other} ]; do sleep 0.01; done; "
             f"echo '{nr} passed, 0 failed'" for me, other, nr in (("a", "b", 1), ("b", "a", 2))]
    done = subprocess.run([sys.executable, TALLY, "--jobs", "2", *goals], capture_output=True,
                          text=True, check=False)
    lines = done.stdout.split("\n")
    assert lines[lines.index("==== a") + 1] == "1 passed, 0 failed"
    assert lines[lines.index("==== b") + 1] == "2 passed, 0 failed"
    assert lines[-2] == "3 passed, 0 failed" and done.returncode == 0


def run_tally(*goals):
    done = subprocess.run([sys.executable, TALLY, *goals], capture_output=True, text=True,
                          check=False)
    return done.stdout.strip().split("\n")[-1], done.returncode


def test_goals_are_added_up():
    assert run_tally("a=echo 3 passed, 0 failed", "b=echo 4 passed, 0 failed") == (
        "7 passed, 0 failed", 0)


@pytest.mark.parametrize("command, line", [
    ("echo 3 passed, 2 failed; exit 1", "8 passed, 2 failed"),
    ("echo 3 passed, 2 failed", "8 passed, 2 failed"),          # the status lies
    ("echo 3 passed, 0 failed; exit 1", "8 passed, 1 failed"),  # the line lies
    ("echo all is well", "5 passed, 1 failed"),                 # no line
    ("echo 0 passed, 0 failed", "5 passed, 1 failed"),          # nothing was tested
    ("echo 3 passed, 0 failed; echo more", "5 passed, 1 failed"),
    ("kill -9 $$", "5 passed, 1 failed"),
])
def test_goal_that_fails_or_lies_fails_the_whole(command, line):
    assert run_tally("good=echo 5 passed, 0 failed", f"bad={command}") == (line, 1)
