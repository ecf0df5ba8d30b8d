#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Where the guest spends its time while a metric runs: samples of a machine that is stopped.

    profile.py --build DIR [--samples N] [--icount] [--cpus N] METRIC

The emulator stops the machine between two blocks of instructions, and tells the registers and what
the stack holds; the clock of the guest stands still meanwhile.  Frame pointers give the callers,
System.map the names, so the kernel must be built with FRAME_POINTER, and boots with nokaslr.
Written are a table of functions (share of the samples in the function itself, and in what it calls,
too), the folded stacks, one a line, and a flame graph, in DIR/bench.

A sample is taken at a random moment of the host's clock, so the shares are of time in the emulator:
an instruction that is slow there weighs more.
"""

import argparse
import bisect
import collections
import os
import random
import re
import struct
import sys
import time

import compare
from harness import machine as harness

PAGE = 4096
STACK_PAGES = 4         # as much as a walk may read
IDLE, USER = "(idle)", "(user)"
REGISTER = re.compile(r"\b(RIP|RSP|RBP|CPL|HLT)=([0-9a-f]+)")
PERIOD_S = 0.002        # at least, between two samples
TOP = 40                # rows of the printed table


class Symbols:
    """Names of kernel functions, from System.map."""

    def __init__(self, text):
        rows = (line.split() for line in text.splitlines())
        found = sorted((int(row[0], 16), row[2]) for row in rows
                       if len(row) == 3 and row[1] in "tT")
        self.addresses = [address for address, _ in found]
        self.names = [name for _, name in found]

    def name(self, address):
        """The function that holds @address, or None."""
        at = bisect.bisect_right(self.addresses, address) - 1
        inside = at >= 0 and (at + 1 < len(self.addresses) or address - self.addresses[at] < PAGE)
        return self.names[at] if inside else None


def registers(text):
    """{name: number} from QEMU's `info registers`."""
    return {name: int(value, 16) for name, value in REGISTER.findall(text)}


def walk(rip, rbp, rsp, stack, symbols):
    """Functions from the innermost outwards; @stack is what lies at @rsp and above."""
    names = [symbols.name(rip) or hex(rip)]
    while 0 <= rbp - rsp <= len(stack) - 16 and rbp % 8 == 0:
        above, address = struct.unpack_from("<QQ", stack, rbp - rsp)
        name = symbols.name(address - 1)
        if not name:
            break
        names.append(name)
        if above <= rbp:
            break
        rbp = above
    return names


class Sampler(compare.BenchMachine):
    """A machine that is sampled from the first line of the benchmark to its result."""

    def __init__(self, spec, build, wanted):
        super().__init__(spec, build, accel="tcg" if spec.qemu else "tcg,thread=multi")
        self.wanted = wanted
        with open(os.path.join(build, "System.map"), encoding="ascii") as file:
            self.symbols = Symbols(file.read())
        self.stacks = collections.Counter()

    def read_stack(self, rsp):
        """Bytes from @rsp on, to the end of what is mapped."""
        path = os.path.join(self.folder.name, "stack")
        data = b""
        for _ in range(STACK_PAGES):
            address = rsp + len(data)
            size = PAGE - address % PAGE
            address -= (1 << 64) if address >> 63 else 0    # the protocol's numbers have a sign
            try:
                self.qmp.command("memsave", val=address, size=size, filename=path)
            except RuntimeError:        # nothing is mapped there
                break
            with open(path, "rb") as file:
                data += file.read()
        return data

    def sample(self):
        self.qmp.command("stop")
        regs = registers(self.ask("info registers"))
        if regs["HLT"]:
            names = [IDLE]
        elif regs["CPL"]:
            names = [USER]
        else:
            names = walk(regs["RIP"], regs["RBP"], regs["RSP"], self.read_stack(regs["RSP"]),
                         self.symbols)
        self.qmp.command("cont")
        self.stacks[";".join(reversed(names))] += 1

    def run_steps(self):
        if not super().run_steps():
            return False
        start = time.monotonic()
        while self.stacks.total() < self.wanted and not compare.parse(self.console.text):
            if self.seconds_left() <= 0:
                self.problem("the metric does not come to its end")
                return False
            self.console.pump(random.uniform(PERIOD_S, 2 * PERIOD_S))
            self.sample()
            if self.stacks.total() % 500 == 0:
                print(f"  {time.monotonic() - start:5.0f} s  {self.stacks.total()} samples",
                      flush=True)
        return True


def table(stacks):
    """[(self %, total %, function)], the greatest first."""
    own, total = collections.Counter(), collections.Counter()
    for stack, number in stacks.items():
        names = stack.split(";")
        own[names[-1]] += number
        for name in set(names):
            total[name] += number
    share = 100 / stacks.total()
    return [(own[name] * share, total[name] * share, name)
            for name in sorted(total, key=lambda n: (-own[n], -total[n], n))]


def text_of(rows):
    lines = [" self %  total %  function"]
    return lines + [f"{own:7.1f}  {total:7.1f}  {name}" for own, total, name in rows]


def frames(stacks):
    """Rectangles of a flame graph: [(depth, start, width, name)] in samples."""
    found = []

    def split(stacks, depth, start):
        groups = collections.defaultdict(collections.Counter)
        for stack, number in stacks.items():
            name, _, rest = stack.partition(";")
            groups[name][rest] += number
        for name, rests in sorted(groups.items()):
            found.append((depth, start, rests.total(), name))
            rests_below = {rest: number for rest, number in rests.items() if rest}
            if rests_below:
                split(rests_below, depth + 1, start)
            start += rests.total()

    split(stacks, 0, 0)
    return found


def boot(build, metric, samples, icount=False, cpus=1):
    keys = dict(harness.KEYS, end="quit", timeout="300", memory=f"{compare.MEMORY_MIB}M",
                cpu=compare.PROCESSORS["_best"], cpus=str(cpus), allow=".*",
                qemu=compare.ICOUNT if icount else "",
                initrd=os.path.join(build, "bench", "initramfs.cpio"),
                append="\n".join(["console=ttyS0", "quiet", "nokaslr", "BENCH_MS=60000",
                                  "BENCH_SAMPLES=1", f"BENCH={metric}"]))
    run = Sampler(harness.Spec(f"profile-{metric}", keys), build, samples)
    run.run()
    return run


def save(run, build, metric):
    import chart  # pylint: disable=import-outside-toplevel
    start = os.path.join(build, "bench", f"profile-{metric}")
    rows = table(run.stacks)
    compare.write_file(start + ".txt", "\n".join(text_of(rows)) + "\n")
    compare.write_file(start + ".folded", "".join(f"{stack} {number}\n" for stack, number
                                                  in sorted(run.stacks.items())))
    title = f"{metric}: {run.stacks.total()} samples"
    compare.write_file(start + ".svg", chart.draw_flames(frames(run.stacks), title))
    print("\n".join(text_of(rows[:TOP])))
    print(f"Written: {start}.txt, .folded, .svg")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--build", required=True, help="folder with vmoshit and bench/")
    parser.add_argument("--samples", type=int, default=2000)
    parser.add_argument("--icount", action="store_true", help="on a clock that counts instructions")
    parser.add_argument("--cpus", type=int, default=1, help="the first of them is sampled")
    parser.add_argument("metric")
    args = parser.parse_args()
    build = os.path.abspath(args.build)
    run = boot(build, args.metric, args.samples, args.icount, args.cpus)
    for problem in run.outcome.problems:
        print(f"profile.py: {problem}", file=sys.stderr)
    if run.stacks:
        save(run, build, args.metric)
    return 1 if run.outcome.problems or not run.stacks else 0


if __name__ == "__main__":
    sys.exit(main())
