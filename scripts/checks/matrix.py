#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Builds and boots many configurations.

    matrix.py [--build DIR] [--only GLOB] [--part K/N] [--random N] [--seed TEXT] [--seconds S]

The configurations: the default one, all options off, all on, N random ones, then each option of the
default configuration flipped alone (with what it depends on, if that is off), and each number at
both ends of its range.  The random ones and the order of the rest follow from the seed, which is
the commit, so that runs bounded in time cover different parts as the tree goes on.

All are built one after the other in one folder, DIR/matrix: what a change of configuration does
not rebuild although it should is found as well.  A configuration is booted on every machine of the
group "matrix" in boot.cfg whose needs it meets, and those that are not one option flipped alone on
those of "matrix-wide": by PVH, else by an ISO image; one without a way in or without a console is
only built.  A configuration is one test.
"""

import argparse
import fnmatch
import os
import random
import subprocess
import sys
import time

import kconfiglib

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
sys.path.insert(0, os.path.join(ROOT, "tools", "testing"))
from harness import config, machine  # noqa: E402  pylint: disable=wrong-import-position
from harness import selftests, sources  # noqa: E402  pylint: disable=wrong-import-position

DEFCONFIG = os.path.join("arch", "x86_64", "configs", "defconfig")
LINES_SHOWN = 25        # of the output of what failed


class Failure(Exception):
    """A configuration that does not build or boot; the text says why."""


def load_kconfig():
    os.environ["srctree"] = ROOT
    kconf = kconfiglib.Kconfig("Kconfig", warn=False)
    kconf.load_config(os.path.join(ROOT, DEFCONFIG))
    return kconf


def switches(kconf):
    return [s for s in kconf.unique_defined_syms
            if s.type == kconfiglib.BOOL and any(n.prompt for n in s.nodes)]


def meet_dependencies(symbol):
    """Switches on what hides the prompt of @symbol."""
    for node in symbol.nodes:
        condition = node.prompt[1] if node.prompt else symbol.direct_dep
        for item in kconfiglib.expr_items(condition) | kconfiglib.expr_items(symbol.direct_dep):
            if isinstance(item, kconfiglib.Symbol) and item is not symbol and not item.is_constant:
                if item.type == kconfiglib.BOOL and not item.tri_value:
                    meet_dependencies(item)
                    item.set_value(2)


def flipped(name):
    """Text of the default configuration with @name flipped, or None if it cannot be."""
    kconf = load_kconfig()
    symbol = kconf.syms[name]
    wanted = 0 if symbol.tri_value else 2
    if wanted not in symbol.assignable:
        meet_dependencies(symbol)
    symbol.set_value(wanted)
    return text_of(kconf) if symbol.tri_value == wanted else None


def with_number(name, value):
    kconf = load_kconfig()
    kconf.syms[name].set_value(value)
    return text_of(kconf) if kconf.syms[name].str_value == value else None


def text_of(kconf):
    return "".join(symbol.config_string for symbol in kconf.unique_defined_syms)


def variants(nr_random, seed):
    """(name, make goal or None, text of .config or None, extra arguments of make), in order."""
    found = [("defconfig", "defconfig", None, []), ("allnoconfig", "allnoconfig", None, []),
             ("allyesconfig", "allyesconfig", None, [])]
    chooser = random.Random(seed)
    for i in range(nr_random):
        number = chooser.randrange(1 << 31)
        found.append((f"random-{i}", "randconfig", None, [f"KCONFIG_SEED={number}"]))
    return found + flips(chooser)


def flips(chooser):
    kconf = load_kconfig()
    found = [(f"flip-{s.name}", None, flipped(s.name), []) for s in switches(kconf)]
    for symbol in kconf.unique_defined_syms:
        for low, high, _ in symbol.ranges:
            found += [(f"{symbol.name}={end.str_value}", None,
                       with_number(symbol.name, end.str_value), []) for end in (low, high)]
    found = [f for f in found if f[2]]
    chooser.shuffle(found)
    return found


class Matrix:
    def __init__(self, build, accel):
        self.build = os.path.join(build, "matrix")
        self.accel = accel
        self.default_size = None
        os.makedirs(self.build, exist_ok=True)

    def make(self, log, *arguments):
        done = subprocess.run([os.environ.get("MAKE", "make"), f"O={self.build}", *arguments],
                              cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                              env=make_environment(), check=False)
        log.write(done.stdout)
        if done.returncode:
            raise Failure("make " + " ".join(arguments) + "\n" + tail(done.stdout))

    def configure(self, log, goal, text, extra):
        if text is None:
            return self.make(log, goal, *extra)
        with open(os.path.join(self.build, ".config"), "w", encoding="utf-8") as file:
            file.write(text)
        return self.make(log, "olddefconfig")

    def size(self):
        """Bytes of code and data in the image."""
        text = subprocess.run(["size", os.path.join(self.build, "vmoshit")], check=True,
                              capture_output=True, text=True).stdout
        return sum(int(n) for n in text.split("\n")[1].split()[:2])

    def boot(self, log, groups):
        """Runs the machines of @groups that this configuration can run; their names."""
        loaded = config.load(self.build)
        specs = [s for s in machine.load(os.path.join(ROOT, "tools", "testing", "boot.cfg"))
                 if groups & set(s.words("group")) and not config.missing(loaded, s.words("needs"))]
        entries, consoles = {"PVH", "MULTIBOOT2"}, {"SERIAL_8250", "VGA_CONSOLE"}
        if not entries & set(loaded) or not consoles & set(loaded):
            return ["(only built)"]
        booted = [spec.name.removeprefix("matrix-") for spec in specs
                  if self.boot_machine(log, spec, "PVH" in loaded)]
        if not booted:
            raise Failure("no machine in boot.cfg fits this configuration")
        return booted

    def remove_iso(self):
        """The command line is part of the image, and make does not see it change."""
        path = os.path.join(self.build, "oshit.iso")
        if os.path.exists(path):
            os.unlink(path)

    def boot_machine(self, log, spec, has_pvh):
        """False if the machine has nothing to do: no test is compiled in."""
        if spec.kunit:
            spec.expected_tests = sources.expected_tests(
                ROOT, os.path.join(self.build, "vmoshit"), spec.kunit)
            if not spec.expected_tests:
                return False
        if spec.program:
            self.make(log, "-f", "tools/testing/selftests/Makefile", "programs",
                      "SELFTESTS=" + " ".join(w.removeprefix("selftests/")
                                              for w in spec.words("program")))
            spec.expected_tests = selftests.expected_tests(
                self.build, selftests.programs(self.build, spec.words("program")))
        run = machine.Machine(spec, self.build, accel=self.accel)
        if not has_pvh:
            spec.keys["boot"] = "iso-bios"
            self.remove_iso()
            self.make(log, "iso", "QEMU_APPEND=" + run.append())
        outcome = run.run()
        if outcome.problems:
            raise Failure(f"[{spec.name}] " + "; ".join(outcome.problems) + "\n"
                          + tail(outcome.output))
        return True

    def run(self, name, goal, text, extra):
        """True if the configuration builds and boots; prints its row."""
        started = time.monotonic()
        size, booted, failure = 0, [], None
        with open(os.path.join(self.build, f"{name}.log"), "w", encoding="utf-8") as log:
            try:
                self.configure(log, goal, text, extra)
                self.make(log, f"-j{os.cpu_count()}", "all")
                size = self.size()
                booted = self.boot(log, groups_for(name))
            except (Failure, OSError, subprocess.SubprocessError) as error:
                failure = str(error)
        if name == "defconfig":
            self.default_size = size
        delta = f"{size - self.default_size:+9}" if size and self.default_size else " " * 9
        print(f"{name:40} {size:8} {delta} {time.monotonic() - started:6.1f} s  "
              f"{'FAILED' if failure else ' '.join(booted)}", flush=True)
        if failure:
            print(f"{name} {' '.join(extra)}: {failure}", flush=True)
        return not failure


def groups_for(name):
    """A single option is looked at by fewer machines than what differs in many."""
    is_single = name.startswith("flip-") or "=" in name
    return {"matrix"} if is_single else {"matrix", "matrix-wide"}


def make_environment():
    """Without the options of the make that called us."""
    return {k: v for k, v in os.environ.items() if k not in ("MAKEFLAGS", "MFLAGS", "O")}


def tail(text):
    return "\n".join(text.rstrip().split("\n")[-LINES_SHOWN:])


def commit():
    done = subprocess.run(["git", "-C", ROOT, "rev-parse", "HEAD"], capture_output=True, text=True,
                          check=False)
    return done.stdout.strip() or "no commit"


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--build", default="build")
    parser.add_argument("--only", default="*", help="globs on the names of configurations")
    parser.add_argument("--part", default="1/1", help="the K-th of N parts")
    parser.add_argument("--random", type=int, default=8, help="number of random ones")
    parser.add_argument("--seed", default="", help="default: the commit")
    parser.add_argument("--seconds", type=float, default=0, help="begin none after that; 0: all")
    parser.add_argument("--accel", default=os.environ.get("QEMU_ACCEL") or "tcg")
    parser.add_argument("--list", action="store_true", help="print the names only")
    return parser.parse_args()


def main():
    args = parse_arguments()
    seed = args.seed or commit()
    part, nr_parts = (int(n) for n in args.part.split("/"))
    chosen = [v for v in variants(args.random, seed)
              if any(fnmatch.fnmatchcase(v[0], glob) for glob in args.only.split())]
    chosen = chosen[part - 1::nr_parts]
    if args.list:
        print("\n".join(v[0] for v in chosen))
        return 0
    print(f"seed {seed}, {len(chosen)} configurations, part {args.part}")
    print(f"{'configuration':40} {'bytes':>8} {'to default':>9}  seconds  booted")
    matrix = Matrix(os.path.abspath(args.build), args.accel)
    started = time.monotonic()
    results = []
    for variant in chosen:
        if args.seconds and time.monotonic() - started > args.seconds:
            print(f"the time is over: {len(chosen) - len(results)} configurations were not begun")
            break
        results.append(matrix.run(*variant))
    print(f"{sum(results)} passed, {len(results) - sum(results)} failed")
    return 0 if results and all(results) else 1


if __name__ == "__main__":
    sys.exit(main())
