# SPDX-License-Identifier: GPL-2.0-only
"""The chart of a file of results: a bar for each metric, the ratio that counts, as SVG."""

import io
import re

import matplotlib
import results as model

matplotlib.use("svg")
matplotlib.rcParams["svg.hashsalt"] = "oshit"      # the same names of elements in each run
matplotlib.rcParams["svg.fonttype"] = "none"       # text stays text

# pylint: disable-next=wrong-import-position
from matplotlib import pyplot  # noqa: E402

AHEAD, BEHIND = "#2a7f62", "#b3432b"
SPDX = "<!-- SPDX-License-Identifier: GPL-2.0-only -->"


def tidy(svg, title):
    """Without the date, the declaration and spaces at line ends; with the licence in line 1."""
    svg = re.sub(r"<\?xml.*?\?>\s*|<!DOCTYPE.*?>\s*", "", svg, flags=re.DOTALL)
    lines = [line.rstrip() for line in svg.splitlines()]
    return "\n".join([SPDX, f"<!-- {title} -->", *lines]) + "\n"


def draw_machine(axes, results, machine):
    ratios = results.judged(machine)
    names = list(ratios)[::-1]
    values = [ratios[name] for name in names]
    axes.barh(names, values, color=[AHEAD if v >= 1 else BEHIND for v in values], height=0.7)
    axes.axvline(1, color="black", linewidth=0.8)
    axes.set_xscale("log")
    axes.set_ylim(-0.7, len(names) - 0.3)
    axes.tick_params(labelsize=7)
    axes.set_title(f"{model.MACHINES[machine]}: mean {results.mean(machine):.2f}", fontsize=9)
    for name, value in zip(names, values):
        axes.annotate(f" {value:.2f}", (value, name), va="center", fontsize=6,
                      ha="left" if value >= 1 else "right")


def draw(results):
    """The chart as text."""
    machines = results.machines()
    longest = max(len(results.judged(machine)) for machine in machines)
    figure, axes = pyplot.subplots(1, len(machines), figsize=(4.5 * len(machines),
                                                              1 + 0.17 * longest), squeeze=False)
    for place, machine in zip(axes[0], machines):
        draw_machine(place, results, machine)
    figure.suptitle(model.title(results), fontsize=10)
    figure.tight_layout()
    out = io.StringIO()
    figure.savefig(out, format="svg", metadata={"Date": None})
    pyplot.close(figure)
    return tidy(out.getvalue(), model.title(results))
