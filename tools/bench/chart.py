# SPDX-License-Identifier: GPL-2.0-only
"""Pictures as SVG: of a file of results, a bar for each metric with the ratio that counts; of
samples, a flame graph."""

import io
import re
import zlib

import matplotlib
import results as model

matplotlib.use("svg")
matplotlib.rcParams["svg.hashsalt"] = "oshit"      # the same names of elements in each run
matplotlib.rcParams["svg.fonttype"] = "none"       # text stays text

# pylint: disable-next=wrong-import-position
from matplotlib import pyplot  # noqa: E402

FLAMES = ["#f6b26b", "#f9cb9c", "#e69138", "#ffd966", "#f1c232", "#ea9999", "#e06666"]
FLAME_LETTERS = 220     # as many fit across a flame graph
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


def draw_flames(frames, title):
    """A flame graph: the width of a box is its share, what it calls stands above it."""
    depth = max(frame[0] for frame in frames) + 1
    total = sum(width for level, _, width, _ in frames if not level)
    figure, axes = pyplot.subplots(figsize=(14, 0.6 + 0.24 * depth))
    for level, start, width, name in frames:
        color = FLAMES[zlib.crc32(name.encode()) % len(FLAMES)]
        axes.add_patch(pyplot.Rectangle((start, level), width, 0.95, facecolor=color,
                                        edgecolor="white", linewidth=0.3))
        fits = int(width / total * FLAME_LETTERS)
        if fits >= 3:
            shown = name if len(name) <= fits else name[:fits - 1] + "…"
            axes.text(start + width / 2, level + 0.45, shown, ha="center", va="center", fontsize=6)
    axes.set_xlim(0, total)
    axes.set_ylim(0, depth)
    axes.set_axis_off()
    axes.set_title(title, fontsize=9)
    figure.tight_layout()
    out = io.StringIO()
    figure.savefig(out, format="svg", metadata={"Date": None})
    pyplot.close(figure)
    return tidy(out.getvalue(), title)
