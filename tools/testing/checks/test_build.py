# SPDX-License-Identifier: GPL-2.0-only
"""The build keeps its promises: the goals run the right programs, a symbol that nobody knows is
named, equal sources give equal bytes, and a toggled symbol rebuilds its users alone."""

import os
import pathlib
import shutil
import subprocess

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[3]


def make(out, *words, env=None, check=True):
    run = subprocess.run(["make", "-C", str(ROOT), f"O={out}", *words], check=False, text=True,
                         env=clean_environment() | (env or {}), stdin=subprocess.DEVNULL,
                         stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    assert not check or run.returncode == 0, run.stdout
    return run.stdout


def clean_environment():
    """Without what the make around this test has set."""
    return {k: v for k, v in os.environ.items()
            if not k.startswith(("MAKE", "MFLAGS")) and k not in ("V", "C", "O", "LLVM")}


def tweak(out, *words):
    subprocess.run(["kconfig-tweak", "--file", str(out / ".config"), *words], check=True)
    make(out, "olddefconfig")


@pytest.fixture(scope="module", name="built")
def fixture_built(tmp_path_factory):
    out = tmp_path_factory.mktemp("build")
    make(out, "defconfig")
    make(out, "-j2")
    return out


@pytest.mark.parametrize("goal, program", [("menuconfig", "kconfig-mconf"),
                                           ("nconfig", "kconfig-nconf"),
                                           ("config", "kconfig-conf --oldaskconfig")])
def test_goal_opens_its_program(built, goal, program):
    assert program in make(built, "-n", goal)


def test_unknown_symbol_is_named(tmp_path):
    make(tmp_path, "defconfig")
    with open(tmp_path / ".config", "a", encoding="utf-8") as config:
        config.write("CONFIG_NO_SUCH_SYMBOL=y\n")
    assert "CONFIG_NO_SUCH_SYMBOL" in make(tmp_path, "olddefconfig")


def test_nothing_to_do_compiles_nothing(built):
    assert "CC" not in make(built)


def test_other_folder_gives_the_same_bytes(built, tmp_path):
    make(tmp_path, "defconfig")
    make(tmp_path, "-j2")
    assert (built / "vmoshit").read_bytes() == (tmp_path / "vmoshit").read_bytes()


def test_toggled_symbol_rebuilds_its_users_and_comes_back(built):
    before = (built / "vmoshit").read_bytes()
    tweak(built, "--disable", "CRASH_TEST")
    said = make(built)
    compiled = [line.split()[1] for line in said.split("\n") if line.startswith("  CC ")]
    assert compiled == ["init/main.o"]
    assert (built / "vmoshit").read_bytes() != before
    tweak(built, "--enable", "CRASH_TEST")
    make(built)
    assert (built / "vmoshit").read_bytes() == before


def test_missing_package_is_named_and_not_installed(tmp_path):
    for tool in ("sh", "awk", "sed", "grep", "sort", "head", "id", "cat"):
        (tmp_path / tool).symlink_to(shutil.which(tool))
    run = subprocess.run([str(ROOT / "scripts" / "install-deps.sh"), "qemu"], check=False,
                         env={"PATH": str(tmp_path), "NO_INSTALL": "1"}, text=True,
                         stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    assert run.returncode == 1
    assert "apt-get install -y --no-install-recommends" in run.stdout
    assert "qemu-system-x86" in run.stdout
