#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""What two CPUs do in the time of one, side by side with Linux: boots both kernels with scale.c as
/init, in turn.

    scale.py --build DIR --linux KERNEL [--rounds N]

Printed are the medians of all rounds, with the least first and the greatest third quartile.
"""

import argparse
import os
import re
import statistics
import subprocess
import sys

from harness import machine as harness

PROCESSOR = "max,-erms,-fsrm,-pku"      # without what the emulator does slowly
TIMEOUT = 300
ROW = re.compile(r"^(\w+)\t([\d.]+)\t([\d.]+)\t([\d.]+)\r?$", re.MULTILINE)


def make_initramfs(build):
    """An archive with scale as /init; its path."""
    out = os.path.join(build, "bench")
    list_path, path = os.path.join(out, "scale.list"), os.path.join(out, "scale.cpio")
    with open(list_path, "w", encoding="utf-8") as file:
        file.write("dir /dev 755 0 0\nnod /dev/console 600 0 0 c 5 1\n"
                   f"file /init {out}/scale 755 0 0\n")
    subprocess.run([os.path.join(build, "scripts", "mkinitramfs"), path, list_path], check=True)
    return path


def boot(build, name, kernel, initrd):
    """{work: (median, quartile, quartile)}"""
    keys = dict(harness.KEYS, end="poweroff", timeout=str(TIMEOUT), memory="512M", cpu=PROCESSOR,
                cpus="2", initrd=initrd, allow=".*",
                append="console=ttyS0 quiet panic=-1 mitigations=off")
    run = harness.Machine(harness.Spec(f"scale-{name}", keys), build, kernel=kernel,
                          accel="tcg,thread=multi").run()
    if "done" not in run.output:
        print(f"scale.py: {name}: {run.problems}: {run.output[-500:]}", file=sys.stderr)
        return {}
    return {row[0]: tuple(map(float, row[1:])) for row in ROW.findall(run.output)}


def text_of(rows):
    if not rows:
        return "n/a"
    medians, lower, upper = zip(*rows)
    return f"{statistics.median(medians):.2f} ({min(lower):.2f}-{max(upper):.2f})"


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--build", required=True, help="folder with vmoshit and bench/scale")
    parser.add_argument("--linux", required=True, help="its kernel")
    parser.add_argument("--rounds", type=int, default=3)
    args = parser.parse_args()
    build = os.path.abspath(args.build)
    initrd = make_initramfs(build)
    kernels = {"Linux": args.linux, "OShit": os.path.join(build, "vmoshit")}
    results = {name: {} for name in kernels}
    for _ in range(args.rounds):
        for name, kernel in kernels.items():
            for work, row in boot(build, name, kernel, initrd).items():
                results[name].setdefault(work, []).append(row)
    print(f"{'two CPUs over one':18} {'Linux':>20} {'OShit':>20}")
    for work in results["OShit"]:
        print(f"{work:18}", *(f"{text_of(results[name].get(work)):>20}" for name in kernels))
    return 0 if all(results.values()) else 1


if __name__ == "__main__":
    sys.exit(main())
