# SPDX-License-Identifier: GPL-2.0-only
"""The oracle of shell scripts: harness/script.py."""

import pytest

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


def test_programs_come_with_their_libraries():
    lines = script.program_lines(["bash"])
    assert "slink /programs/bash /usr/bin/bash 777 0 0" in lines
    names = [line.split()[1] for line in lines if line.startswith("file")]
    assert any("libc.so" in name for name in names)
    assert any("ld-linux" in name for name in names)
    assert all(f"dir {folder} 755 0 0" in lines for name in names
               for folder in script.parents(name) if folder not in script.FOLDERS)


def test_program_that_is_missing_is_named():
    with pytest.raises(script.ScriptError, match="no-such-program"):
        script.program_lines(["no-such-program"])


def test_first_program_runs_the_script(tmp_path):
    path = tmp_path / "script.sh"
    path.write_text("echo ${BASH_VERSION:+bash}; sort --version | head -n 1 | cut -c1-4\n")
    assert script.output_here(path, ["bash", "sort"]) == ["bash", "sort"]
