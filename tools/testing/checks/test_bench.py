# SPDX-License-Identifier: GPL-2.0-only
"""The benchmark gives numbers that make sense for every metric that it lists."""

import os
import pathlib
import subprocess

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[3]


@pytest.fixture(scope="module", name="bench")
def fixture_bench(tmp_path_factory):
    out = tmp_path_factory.mktemp("bench")
    (out / "scripts").mkdir()
    subprocess.run(["gcc", "-o", out / "scripts" / "mkinitramfs",
                    ROOT / "scripts" / "mkinitramfs.c"], check=True)
    subprocess.run(["make", "-C", ROOT, "-f", "tools/bench/Makefile", f"O={out}",
                    out / "bench" / "bench"], check=True,
                   env={k: v for k, v in os.environ.items() if not k.startswith("MAKE")})
    return out / "bench" / "bench"


def rows(bench, *globs, **settings):
    done = subprocess.run([bench, *globs], check=True, capture_output=True, text=True,
                          env=os.environ | settings, timeout=120)
    return [line.split("\t") for line in done.stdout.split("\n") if line and line[0] != "#"]


def listed(bench):
    done = subprocess.run([bench, "-l"], check=True, capture_output=True, text=True)
    return [line.split("\t")[0] for line in done.stdout.split("\n") if line]


def test_every_metric_gives_numbers(bench):
    names = listed(bench)
    assert len(set(names)) == len(names) > 55
    got = rows(bench, BENCH_MS="1", BENCH_SAMPLES="3")
    assert [row[0] for row in got] == names
    for row in got:
        if row[1] == "-":
            few_cpus = "_2" in row[0] and len(os.sched_getaffinity(0)) < 2
            # A disk for swap is only a machine's; the program for SQLite is not built here.
            assert few_cpus or row[0].startswith(("swap_", "sqlite_")), row
            continue
        median, lowest, highest = (float(word) for word in row[1:4])
        assert 0 < lowest <= median <= highest and row[5] == "3"


def test_globs_choose(bench):
    assert [row[0] for row in rows(bench, "null_c*", "brk*", BENCH_MS="1")] == [
        "null_call", "brk_up_down"]


def test_no_sleep_ends_early(bench):
    row, = rows(bench, "sleep_late", BENCH_MS="5")
    assert 0 < float(row[2]) < 1e9
