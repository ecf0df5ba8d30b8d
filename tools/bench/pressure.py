#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Memory under pressure, side by side with Linux: boots both kernels with pressure.c as /init.

    pressure.py --build DIR --linux DIR [--rounds N] [--memory MIB]

Both have the same memory and the same disk, AHCI's.  --linux is a folder with an unpacked package
of Debian's kernel (linux-image-amd64), whose modules for that disk go into its initramfs.  Rounds
alternate between the kernels.  Printed are the medians with the lowest and highest; of the worst
figures ("_worst_") the worst of all rounds stands first.
"""

import argparse
import glob
import os
import re
import statistics
import subprocess
import sys

from harness import machine as harness

FIRST_MODULES = ("ahci", "sd_mod")
PROCESSOR = "max,-erms,-fsrm,-pku"      # without what the emulator does slowly
DISK_TIMES = 4                          # as large as so many times the memory
TIMEOUT = 600
ROW = re.compile(r"^(\w+)\t([\d.]+)\r?$", re.MULTILINE)


def modules_by_name(folder):
    """{name: path} of all modules below @folder."""
    paths = glob.glob(os.path.join(folder, "lib", "modules", "*", "kernel", "**", "*.ko"),
                      recursive=True)
    return {os.path.basename(path)[:-3].replace("-", "_"): path for path in paths}


def needs_of(path):
    """What the module says that it depends on."""
    with open(path, "rb") as file:
        match = re.search(rb"\0depends=([^\0]*)\0", file.read())
    return [name.replace("-", "_") for name in match[1].decode().split(",") if name]


def in_order(modules, names, found=None):
    """Paths of the modules @names and of all that they need, those first."""
    found = [] if found is None else found
    for name in names:
        if name in modules and modules[name] not in found:
            in_order(modules, needs_of(modules[name]), found)
            found.append(modules[name])
    return found


def make_initramfs(args, name, modules):
    """An archive with pressure as /init; its path."""
    out = os.path.join(args.build, "bench")
    lines = ["dir /dev 755 0 0", "dir /proc 755 0 0", "dir /modules 755 0 0",
             "nod /dev/console 600 0 0 c 5 1", f"file /init {out}/pressure 755 0 0"]
    lines += [f"file /modules/{i:02}.ko {path} 644 0 0" for i, path in enumerate(modules)]
    list_path = os.path.join(out, f"pressure-{name}.list")
    with open(list_path, "w", encoding="utf-8") as file:
        file.write("\n".join(lines) + "\n")
    path = os.path.join(out, f"pressure-{name}.cpio")
    subprocess.run([os.path.join(args.build, "scripts", "mkinitramfs"), path, list_path],
                   check=True)
    return path


def boot(args, name, kernel, initrd, cpus):
    """{figure: number}, and problems."""
    keys = dict(harness.KEYS, end="poweroff", timeout=str(TIMEOUT), memory=f"{args.memory}M",
                cpu=PROCESSOR, cpus=str(cpus), disks=f"{DISK_TIMES * args.memory}M", initrd=initrd,
                append="console=ttyS0 quiet panic=-1 mitigations=off", allow=".*")
    spec = harness.Spec(f"pressure-{name}-{cpus}", keys)
    run = harness.Machine(spec, args.build, kernel=kernel, accel="tcg,thread=multi").run()
    figures = {figure: float(value) for figure, value in ROW.findall(run.output)}
    problems = list(run.problems)
    if "done" not in run.output:
        problems.append("did not come to its end: " + run.output[-500:])
    if figures.get("wrong_pages"):
        problems.append("pages were not what was written")
    return figures, problems


def text_of(figure, values):
    if not values:
        return "n/a"
    if "_worst_" in figure:
        return f"{max(values):.1f}"
    return f"{statistics.median(values):.1f} ({min(values):.1f}-{max(values):.1f})"


def print_table(cpus, results):
    print(f"\n{cpus} CPUs" if cpus > 1 else "\nOne CPU")
    print(f"{'':18} {'Linux':>28} {'OShit':>28}  ratio")
    for figure in results["OShit"]:
        values = {name: results[name].get(figure, []) for name in results}
        cells = {name: text_of(figure, values[name]) for name in results}
        pick = max if "_worst_" in figure else statistics.median
        ratio = (f"{pick(values['OShit']) / pick(values['Linux']):.2f}"
                 if values["Linux"] and pick(values["Linux"]) else "")
        print(f"{figure:18} {cells['Linux']:>28} {cells['OShit']:>28}  {ratio}")


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--build", required=True, help="folder with vmoshit and bench/pressure")
    parser.add_argument("--linux", required=True, help="folder of the unpacked package")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--memory", type=int, default=256, help="MiB of each machine")
    parser.add_argument("--cpus", default="1 2")
    args = parser.parse_args()
    args.build = os.path.abspath(args.build)
    return args


def main():
    args = arguments()
    kernels = sorted(glob.glob(os.path.join(args.linux, "boot", "vmlinuz-*")))
    modules = in_order(modules_by_name(args.linux), FIRST_MODULES)
    if not kernels or not modules:
        print(f"pressure.py: {args.linux} has no kernel with modules", file=sys.stderr)
        return 1
    setups = [("Linux", kernels[-1], make_initramfs(args, "linux", modules)),
              ("OShit", os.path.join(args.build, "vmoshit"), make_initramfs(args, "oshit", []))]
    failed = False
    for cpus in map(int, args.cpus.split()):
        results = {name: {} for name, _, _ in setups}
        for number in range(args.rounds):
            for name, kernel, initrd in setups if number % 2 == 0 else setups[::-1]:
                figures, problems = boot(args, name.lower(), kernel, initrd, cpus)
                for figure, value in figures.items():
                    results[name].setdefault(figure, []).append(value)
                for problem in problems:
                    failed = True
                    print(f"pressure.py: {name}, {cpus} CPUs: {problem}", file=sys.stderr)
        print_table(cpus, results)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
