# SPDX-License-Identifier: GPL-2.0-only
"""Results of the benchmark: a file of tab-separated values, and what is told about it in tables.

A row is one figure: what was measured, on which machine ("1" or "2" CPUs; "icount", one CPU whose
clock counts instructions), in which column, and the median, lowest and highest of all rounds.
A column is a kernel with a processor:

    linux       Linux as it comes, -cpu max
    linux_best  Linux at its best: without the string instructions and keys that this emulator is
                slow with, and without mitigations
    oshit       OShit on the processor of `linux`
    oshit_best  OShit on the processor of `linux_best`

Less is better in every metric.  A ratio is Linux / OShit on the same processor, above 1 if OShit is
ahead; the one that counts is the lower of the two.
"""

import math
import statistics
from dataclasses import dataclass, field

COLUMNS = {
    "linux": "Linux",
    "linux_best": "Linux, best",
    "oshit": "OShit",
    "oshit_best": "OShit, best",
}
PAIRS = (("linux", "oshit"), ("linux_best", "oshit_best"))

MACHINES = {
    "1": "One CPU",
    "2": "Two CPUs",
    "icount": "One CPU, counting instructions",
}

HEAD = ("machine", "metric", "column", "median", "lowest", "highest", "samples")
SPDX = "# SPDX-License-Identifier: GPL-2.0-only"

# What is not in ns.
BYTES = {"memory_used", "memory_taken", "memory_least", "image_size"}

# What tells nothing about the kernel: the machine itself, the boot loader.
NOT_JUDGED = {"user_loop", "boot_firmware"}

# Speed-up on two CPUs: metric on one, on both at once (each does all of the work).
SCALING = {kind: (f"scale_{kind}_1", f"scale_{kind}_2")
           for kind in ("calls", "faults", "forks", "files")}

BEGIN, END = ".. bench table: begin", ".. bench table: end"


class ResultError(Exception):
    """The file is not one of results; the text says where."""


@dataclass
class Figure:
    """A median with the range of what it was taken from; @reason if there is no number."""
    values: list = field(default_factory=list)
    reason: str = ""

    @property
    def median(self):
        return statistics.median(self.values)

    @property
    def noise(self):
        """The range, over the median."""
        return (max(self.values) - min(self.values)) / self.median if self.median else 0.0


@dataclass
class Results:
    """@about: date, commit and the like; @figures: {(machine, metric, column): Figure}."""
    about: dict = field(default_factory=dict)
    figures: dict = field(default_factory=dict)

    def add(self, machine, metric, column, value):
        self.figures.setdefault((machine, metric, column), Figure()).values.append(value)

    def add_reason(self, machine, metric, column, reason):
        self.figures.setdefault((machine, metric, column), Figure()).reason = reason

    def get(self, machine, metric, column):
        """The Figure, if there is a number."""
        figure = self.figures.get((machine, metric, column))
        return figure if figure and figure.values else None

    def machines(self):
        return [m for m in MACHINES if any(key[0] == m for key in self.figures)]

    def metrics(self, machine):
        """In the order in which they came."""
        return list(dict.fromkeys(key[1] for key in self.figures if key[0] == machine))

    def ratios(self, machine, metric):
        """[Linux / OShit] on either processor; None where a number is missing."""
        found = []
        for theirs, ours in PAIRS:
            a, b = self.get(machine, metric, theirs), self.get(machine, metric, ours)
            found.append(a.median / b.median if a and b and a.median and b.median else None)
        return found

    def ratio(self, machine, metric):
        """The one that counts; None if it cannot be told."""
        known = [r for r in self.ratios(machine, metric) if r is not None]
        return min(known) if known else None

    def judged(self, machine):
        """{metric: ratio that counts}."""
        found = {m: self.ratio(machine, m) for m in self.metrics(machine) if m not in NOT_JUDGED}
        return {metric: ratio for metric, ratio in found.items() if ratio is not None}

    def mean(self, machine):
        """Geometric mean of the ratios that count."""
        ratios = self.judged(machine).values()
        return statistics.geometric_mean(ratios) if ratios else math.nan

    def is_behind(self, machine, metric):
        """OShit lacks it, or all of its rounds are above all of Linux's on some processor: where
        the ranges overlap the noise decides."""
        for theirs, ours in PAIRS:
            a, b = self.get(machine, metric, theirs), self.get(machine, metric, ours)
            if a and (not b or min(b.values) > max(a.values)):
                return True
        return False

    def losing(self):
        """Metrics in which OShit is behind on some machine."""
        return list(dict.fromkeys(metric for machine in self.machines()
                                  for metric in self.metrics(machine)
                                  if metric not in NOT_JUDGED and self.is_behind(machine, metric)))

    def speed_up(self, kind, column):
        """How much two CPUs do in the time of one."""
        one, both = (self.get("2", metric, column) for metric in SCALING[kind])
        return 2 * one.median / both.median if one and both else None


# The file

def write(results):
    """Text of the file."""
    lines = [SPDX] + [f"# {key}: {value}" for key, value in results.about.items()]
    lines.append("\t".join(HEAD))
    for key, figure in results.figures.items():
        if figure.values:
            numbers = [f"{n:.1f}" for n in (figure.median, min(figure.values), max(figure.values))]
            lines.append("\t".join([*key, *numbers, str(len(figure.values))]))
        else:
            lines.append("\t".join([*key, "-", "-", "-", figure.reason or "n/a"]))
    return "\n".join(lines) + "\n"


def read_row(words):
    if len(words) != len(HEAD) or words[0] not in MACHINES or words[2] not in COLUMNS:
        raise ValueError("not a row of results")
    if words[3] == "-":
        return Figure(reason=words[6] if words[6] != "n/a" else "")
    median, lowest, highest = (float(word) for word in words[3:6])
    if not lowest <= median <= highest:
        raise ValueError("the median is outside of the range")
    return Figure(values=[lowest, median, highest])


def read(text):
    """Results from the text of a file; of the samples only the range is known."""
    results = Results()
    for number, line in enumerate(text.splitlines(), 1):
        words = line.split("\t")
        if line.startswith("#"):
            key, colon, value = line[1:].strip().partition(": ")
            if colon and line != SPDX:
                results.about[key] = value
        elif words != list(HEAD):
            try:
                results.figures[tuple(words[:3])] = read_row(words)
            except ValueError as error:
                raise ResultError(f"{number}: {error}") from None
    return results


# The tables

def show_number(number, units):
    """Three digits and a unit: [(size, unit), ...], ascending."""
    size, unit = [u for u in units if number >= u[0] or u == units[0]][-1]
    number /= size
    digits = 0 if number >= 100 else 1 if number >= 10 else 2
    return f"{number:.{digits}f} {unit}"


def show(metric, number, machine="1"):
    if metric in BYTES:
        return show_number(number, [(1, "B"), (1 << 10, "KiB"), (1 << 20, "MiB")])
    if machine == "icount":
        return show_number(number, [(1, "i"), (1e3, "ki"), (1e6, "Mi")])
    return show_number(number, [(1, "ns"), (1e3, "us"), (1e6, "ms"), (1e9, "s")])


def show_ratio(ratio):
    return "n/a" if ratio is None else f"{ratio:.2f}" if ratio < 10 else f"{ratio:.1f}"


def table(rows):
    """A simple table of reStructuredText; the first row is the head."""
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    rule = "  ".join("=" * width for width in widths)
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip()
             for row in rows]
    return [rule, lines[0], rule, *lines[1:], rule]


def machine_table(results, machine):
    head = ["metric", *COLUMNS.values(), "ratio", "best", "noise"]
    rows = [head]
    for metric in results.metrics(machine):
        figures = [results.get(machine, metric, column) for column in COLUMNS]
        noise = max((f.noise for f in figures if f), default=0.0)
        rows.append([f"``{metric}``",
                     *(show(metric, f.median, machine) if f else "n/a" for f in figures),
                     *(show_ratio(r) for r in results.ratios(machine, metric)),
                     f"{noise:.0%}"])
    return table(rows)


def scaling_table(results):
    rows = [["two CPUs over one", *COLUMNS.values()]]
    for kind in SCALING:
        ups = [results.speed_up(kind, column) for column in COLUMNS]
        if any(ups):
            rows.append([kind, *(show_ratio(up) for up in ups)])
    return table(rows) if len(rows) > 1 else []


def machine_summary(results, machine):
    judged = results.judged(machine)
    behind = sum(results.is_behind(machine, metric) for metric in judged)
    if not judged:
        return ["Nothing to compare."]
    return [f"{len(judged)} compared, {behind} behind by more than the noise; "
            f"geometric mean of the lower ratios {results.mean(machine):.2f}."]


def title(results):
    """What the chart says of itself."""
    about = results.about
    return f"Linux / OShit, the lower of two; {about.get('commit', '?')}, {about.get('date', '?')}"


def heading(text):
    return [text, "~" * len(text)]


def report(results):
    """All tables as reStructuredText, a list of lines."""
    lines = [f":{key}: {value}" for key, value in results.about.items()]
    for machine in results.machines():
        lines += ["", *heading(MACHINES[machine]), "", *machine_summary(results, machine), "",
                  *machine_table(results, machine)]
        scaling = scaling_table(results) if machine == "2" else []
        if scaling:
            lines += ["", *scaling]
    return lines


def replace_report(document, results):
    """@document with what stands between the two marks made anew."""
    before, begin, rest = document.partition(BEGIN + "\n")
    _, end, after = rest.partition(END + "\n")
    if not begin or not end:
        raise ResultError(f"no lines '{BEGIN}' and '{END}'")
    return before + begin + "\n" + "\n".join(report(results)) + "\n\n" + end + after
