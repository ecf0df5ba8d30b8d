# SPDX-License-Identifier: GPL-2.0-only
"""Results of the benchmark: file, tables and document agree; a check finds where they do not."""

import os
import sys

import pytest

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))
sys.path.insert(0, os.path.join(ROOT, "tools", "bench"))

import check_performance    # noqa: E402  pylint: disable=wrong-import-position
import compare              # noqa: E402  pylint: disable=wrong-import-position
import results as model     # noqa: E402  pylint: disable=wrong-import-position

FIGURES = {
    ("1", "null_call"): (600, 580, 400, 390),
    ("1", "cow"): (27500, 10600, 3800, 21200),
    ("1", "memory_used"): (34 << 20, 34 << 20, 640 << 10, 640 << 10),
    ("1", "user_loop"): (1, 1, 2, 2),
    ("2", "scale_forks_1"): (1000, 800, 200, 200),
    ("2", "scale_forks_2"): (1100, 900, 200, 400),
}
OUTPUT = """# Linux 6.1.0, 1 CPUs
# metric\tmedian_ns\tlowest_ns\thighest_ns\tcount\tsamples
memory_free\t1000.0\t1000.0\t1000.0\t1\t1
null_call\t468.3\t465.4\t469.8\t32768\t5
scale_calls_2\t-\t-\t-\t-\t-\tsecond CPU: No error information
[    3.1] reboot: Power down
"""


@pytest.fixture(name="results")
def fixture_results():
    results = model.Results(about={"date": "today", "commit": "abc"})
    for (machine, metric), values in FIGURES.items():
        for column, value in zip(model.COLUMNS, values):
            for factor in (0.9, 1.0, 1.2):
                results.add(machine, metric, column, value * factor)
    results.add("1", "poll_10", "linux", 5)
    results.add_reason("1", "poll_10", "oshit", "poll: Function not implemented")
    return results


def test_the_lower_ratio_counts(results):
    assert results.ratios("1", "cow") == [pytest.approx(7.237, rel=1e-3), pytest.approx(0.5)]
    assert results.ratio("1", "cow") == pytest.approx(0.5)
    assert results.ratio("1", "poll_10") is None
    assert "user_loop" not in results.judged("1")
    assert results.mean("1") == pytest.approx((580 / 390 * 0.5 * 54.4) ** (1 / 3), rel=1e-3)


def test_behind_and_lacking_are_losing(results):
    assert set(results.losing()) == {"cow", "poll_10"}


def test_what_noise_decides_is_no_loss(results):
    for value in (100, 130):
        results.add("1", "near", "linux", value)
        results.add("1", "near", "oshit", value + 20)
    assert results.ratio("1", "near") < 1 and "near" not in results.losing()
    results.add("icount", "far", "linux", 100)
    results.add("icount", "far", "oshit", 101)
    assert "far" in results.losing()


def test_two_cpus_are_compared_by_work(results):
    assert results.speed_up("forks", "oshit") == pytest.approx(2)
    assert results.speed_up("forks", "oshit_best") == pytest.approx(1)
    assert results.speed_up("files", "oshit") is None


def test_a_file_gives_the_same_tables(results):
    again = model.read(model.write(results))
    assert model.report(again) == model.report(results)
    assert again.about == results.about and list(again.figures) == list(results.figures)


@pytest.mark.parametrize("line", ["1\tcow\tlinux\t5\t6\t7\t3", "1\tcow\tplan9\t5\t5\t5\t3",
                                  "3\tcow\tlinux\t5\t5\t5\t3", "1\tcow\tlinux\tx\t5\t5\t3",
                                  "1\tcow\tlinux\t5"])
def test_a_bad_row_is_refused(line):
    with pytest.raises(model.ResultError):
        model.read(line)


@pytest.mark.parametrize("metric,number,machine,text", [
    ("null_call", 467.6, "1", "468 ns"), ("null_call", 0.5, "1", "0.50 ns"),
    ("fork_exit", 199140, "1", "199 us"), ("null_call", 420, "icount", "420 i"),
    ("memory_used", 640 << 10, "1", "640 KiB"), ("memory_least", 8 << 20, "1", "8.00 MiB")])
def test_numbers_have_units(metric, number, machine, text):
    assert model.show(metric, number, machine) == text


def test_output_of_the_benchmark_is_understood():
    assert compare.parse(OUTPUT) == {"memory_free": 1000.0, "null_call": 468.3,
                                     "scale_calls_2": "second CPU: No error information"}


def test_rounds_alternate():
    args = type("Args", (), {"rounds": 2, "machines": ["1", "icount"]})
    got = [(turn, machine, column) for turn, machine, column in compare.plan(["a", "b"], args)]
    assert got == [(0, "1", "a"), (0, "1", "b"), (0, "icount", "a"), (0, "icount", "b"),
                   (1, "1", "b"), (1, "1", "a")]


def test_programs_and_swap_are_booted_apart(monkeypatch):
    def words(machine, *globs):
        metrics = [m for m in ("null_call", "shell_loop", "swap_in")
                   if not globs or compare.matches(m, globs)]
        monkeypatch.setattr(compare, "listed", lambda args: metrics)
        return [w for w, _ in compare.boots(machine, type("Args", (), {"globs": globs}))]

    assert words("1") == ["", ", programs", ", swap"]
    assert words("icount") == ["", ", programs"] and words("2") == [""]
    assert words("1", "shell*") == [", programs"] and words("1", "boot_clock") == [""]


def document(results, behind):
    text = f"Performance\n===========\n\n{model.BEGIN}\n{model.END}\n\nNot ahead\n---------\n\n"
    text += "".join(f"``{metric}``\n  because\n" for metric in behind) + "\nMore\n----\n\n``x``\n"
    return model.replace_report(text, results)


@pytest.fixture(name="tree_with")
def fixture_tree_with(tmp_path, results):
    """tree_with(behind, old, new): a tree whose document has one text changed."""
    def make(behind=("cow", "poll_10"), old="", new=""):
        folder = tmp_path / "Documentation"
        folder.mkdir()
        text = document(model.read(model.write(results)), behind)
        assert old in text
        (folder / "performance.rst").write_text(text.replace(old, new, 1))
        (folder / "performance.tsv").write_text(model.write(results))
        (folder / "performance.svg").write_text(f"<svg>{model.title(results)}</svg>")
        return tmp_path
    return make


def test_a_true_document_passes(tree_with):
    assert check_performance.check(str(tree_with())) == []


def test_no_results_is_no_finding(tmp_path):
    assert check_performance.check(str(tmp_path)) == []


def test_a_changed_number_is_found(tree_with):
    findings = check_performance.check(str(tree_with(old="600 ns", new="900 ns")))
    assert [f for f in findings if "the tables are not those" in f]


def test_a_loss_without_a_cause_is_found(tree_with):
    finding, = check_performance.check(str(tree_with(behind=("poll_10",))))
    assert "cow is not ahead" in finding


def test_a_cause_without_a_loss_is_found(tree_with):
    finding, = check_performance.check(str(tree_with(behind=("cow", "poll_10", "null_call"))))
    assert "null_call is named" in finding


def test_a_chart_of_another_run_is_found(tree_with):
    root = tree_with()
    (root / "Documentation" / "performance.svg").write_text("<svg></svg>")
    finding, = check_performance.check(str(root))
    assert "is not drawn from" in finding


def test_marks_must_be_there(results):
    with pytest.raises(model.ResultError):
        model.replace_report("no marks", results)
