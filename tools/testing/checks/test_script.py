# SPDX-License-Identifier: GPL-2.0-only
"""The oracle of shell scripts: harness/script.py."""

from harness import script


def test_output_is_that_of_the_script(tmp_path):
    path = tmp_path / "script.sh"
    path.write_text("echo one\nls\necho two >&2\nbasename /a/b\n")
    assert script.output_here(path) == ["one", "two", "b"]


def test_output_of_a_machine_is_between_its_marks():
    lines = ["log", script.BEGIN, "a", "b", script.END, "log"]
    assert script.output_in(lines) == ["a", "b"]
    assert script.output_in(lines[:3]) is None


def test_differences_are_told():
    assert script.differences(["a", "b"], ["a", "b"]) == []
    assert "'c', here 'b'" in script.differences(["a", "b"], ["a", "c"])[0]
    assert script.differences(["a"], ["a", "b"]) == ["2 lines of output, here 1"]
    assert script.differences(["a"], None) == ["the script has not ended"]
