#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Side by side with Linux: boots both kernels with the benchmark as /init, compares.

    compare.py --build DIR --linux FILE [--rounds N] [--machines "1 2 icount"] [--record] [GLOB...]

The folder has vmoshit and bench/initramfs.cpio.  Rounds alternate between the kernels, so that what
else the host does meets all of them.  On "icount" the emulator's clock counts instructions; one
round is enough there.  Written are results.tsv, table.rst and chart.svg in DIR/bench; --record
copies them to Documentation/performance.*.

A metric that a kernel lacks is n/a.  A machine that does not come to its end makes the exit
status 1, after all others have run.
"""

import argparse
import datetime
import fnmatch
import os
import re
import subprocess
import sys
import time
from dataclasses import dataclass

import results as model
from harness import machine as harness

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
DOCUMENT = os.path.join(ROOT, "Documentation", "performance")

MEMORY_MIB = 1024
SWAP_MEMORY_MIB = 160   # of the machine that has to swap; Linux boots with 70
SWAP_MIB = 256          # DISK_PAGES of swap.c
SWAP_WORDS = b"swap of the benchmark"
TIMEOUT = 120
NICE = -15
READY = r"^# metric\t"

# The processor without what this emulator does slowly: see Documentation/performance.rst.
PROCESSORS = {"": "max", "_best": "max,-erms,-fsrm,-pku"}
ICOUNT = "-icount shift=0,sleep=off"

# Metrics that are measured in boots of their own: with programs in the initramfs, which would else
# count as memory in use; with little memory and a disk.
PROGRAMS = ("shell_*", "sqlite_*")
SWAP = ("swap_*",)
FACTS = ("boot_clock", "boot_power_on", "memory_used", "memory_taken")   # of any boot


@dataclass
class Column:
    """A kernel on a processor; what differs from the other columns."""
    name: str
    kernel: str

    @property
    def is_linux(self):
        return self.name.startswith("linux")

    @property
    def best(self):
        return self.name.endswith("_best")

    def append(self):
        words = ["console=ttyS0", "quiet", "panic=-1"]
        return words + (["mitigations=off"] if self.best else [])


class BenchMachine(harness.Machine):
    """Notes when the benchmark begins, in seconds since power-on."""

    def start(self, log):
        super().start(log)
        self.powered_on = time.monotonic()
        self.ready_after = None

    def run_steps(self):
        try:
            self.console.expect(READY, self.seconds_left)
        except (harness.Timeout, harness.Closed) as error:
            self.problem(f"no benchmark: {error}")
            return False
        self.ready_after = time.monotonic() - self.powered_on
        return True

    def check_report(self):
        """There is none."""


def boot(column, machine, args, append=(), memory_mib=MEMORY_MIB, timeout=TIMEOUT,
         archive="initramfs", qemu=""):
    """Runs a machine; the BenchMachine after its end."""
    icount = machine == "icount"
    keys = dict(harness.KEYS, end="poweroff", timeout=str(timeout), memory=f"{memory_mib}M",
                cpu=PROCESSORS["_best" if column.best else ""], cpus="2" if machine == "2" else "1",
                initrd=os.path.join(args.build, "bench", archive + ".cpio"),
                append="\n".join([*column.append(), *append]),
                qemu=ICOUNT if icount else qemu, allow=".*")
    spec = harness.Spec(f"bench-{column.name}-{machine}", keys)
    run = BenchMachine(spec, args.build, kernel=column.kernel,
                       accel="tcg" if icount else "tcg,thread=multi")
    run.run()
    return run


# What the benchmark prints

ROW = re.compile(r"^(\w+)\t(-|[\d.]+)(?:\t\S+){4}(?:\t(.*))?$", re.MULTILINE)


def parse(output):
    """{metric: number, or the reason for which there is none}."""
    return {name: float(median) if median != "-" else reason
            for name, median, reason in ROW.findall(output)}


def matches(metric, globs):
    return any(fnmatch.fnmatchcase(metric, glob) for glob in globs)


def take_in(results, machine, column, run, skip):
    """Adds the figures of a run but for those of the globs in @skip."""
    for metric, value in parse(run.outcome.output).items():
        if metric == "memory_free":
            metric, value = "memory_taken", (MEMORY_MIB << 20) - value
        if matches(metric, skip):
            continue
        if isinstance(value, str):
            results.add_reason(machine, metric, column.name, value)
        else:
            results.add(machine, metric, column.name, value)


def wants(args, metric):
    return not args.globs or matches(metric, args.globs)


def listed(args):
    """Names of the metrics that are wanted, as the benchmark tells them."""
    program = os.path.join(args.build, "bench", "bench")
    lines = subprocess.run([program, "-l", *args.globs], check=False, capture_output=True,
                           text=True).stdout.splitlines()
    return [line.split("\t")[0] for line in lines]


def of_kind(metrics, globs):
    return [metric for metric in metrics if matches(metric, globs)]


def settings(machine, args, metrics):
    """For the command line of the kernel; an empty list of metrics is all."""
    # A clock that counts instructions is exact: little is enough.
    ms, samples = (2, 3) if machine == "icount" else (args.ms, args.samples)
    return [*([f'BENCH="{" ".join(metrics)}"'] if metrics else []), f"BENCH_MS={ms}",
            f"BENCH_SAMPLES={samples}"]


def measure(results, column, machine, args):
    """One boot."""
    run = boot(column, machine, args, settings(machine, args, args.globs))
    take_in(results, machine, column, run, (*PROGRAMS, *SWAP))
    if run.ready_after and machine != "icount" and wants(args, "boot_power_on"):
        results.add(machine, "boot_power_on", column.name, run.ready_after * 1e9)
    return run


def measure_programs(results, column, machine, args):
    run = boot(column, machine, args, settings(machine, args, of_kind(listed(args), PROGRAMS)),
               archive="programs")
    take_in(results, machine, column, run, ())
    return run


def make_swap_disk(column, args):
    """What attaches it: Debian's kernel has a driver for NVMe, this one for AHCI."""
    path = os.path.join(args.build, "bench", "swap.img")
    with open(path, "wb") as file:
        file.write(SWAP_WORDS)
        file.truncate(SWAP_MIB << 20)
    device = "nvme,serial=swap" if column.is_linux else "ide-hd,bus=ide.0"
    return f"-drive file={path},format=raw,if=none,id=swap -device {device},drive=swap"


def measure_swap(results, column, machine, args):
    run = boot(column, machine, args, settings(machine, args, of_kind(listed(args), SWAP)),
               SWAP_MEMORY_MIB, qemu=make_swap_disk(column, args))
    take_in(results, machine, column, run, ())
    return run


# What needs no benchmark

def loaded_bytes(kernel):
    """What a boot loader reads: the segments of an ELF file, all of another."""
    with open(kernel, "rb") as file:
        is_elf = file.read(4) == b"\x7fELF"
    if not is_elf:
        return os.path.getsize(kernel)
    listing = subprocess.run(["readelf", "-lW", kernel], check=True, capture_output=True,
                             text=True).stdout
    return sum(int(size, 16) for size in
               re.findall(r"^ +LOAD +\S+ +\S+ +\S+ +(\S+)", listing, re.MULTILINE))


def boots_with(column, memory_mib, args):
    run = boot(column, "1", args, ["BENCH=none"], memory_mib, timeout=30)
    return run.ready_after is not None


def least_memory(column, args):
    """The fewest MiB with which /init runs: halving, between one that fails and one that does."""
    fails, boots = 1, 256
    while boots - fails > 1:
        middle = (fails + boots) // 2
        if boots_with(column, middle, args):
            boots = middle
        else:
            fails = middle
    return boots


def measure_from_outside(results, columns, args):
    for column in columns:
        if wants(args, "image_size"):
            results.add(args.machines[0], "image_size", column.name, loaded_bytes(column.kernel))
        if wants(args, "memory_least") and column.best:
            progress(f"{model.COLUMNS[column.name]}: the least memory", end="")
            mib = least_memory(column, args)
            print(f" {mib} MiB", flush=True)
            results.add(args.machines[0], "memory_least", column.name, mib << 20)


# The run

STARTED = time.monotonic()


def progress(text, end="\n"):
    print(f"  {time.monotonic() - STARTED:5.0f} s  {text}", end=end, flush=True)


def boots(machine, args):
    """What is booted for a column on a machine: [(words, function)]."""
    metrics = listed(args)
    programs, swap = of_kind(metrics, PROGRAMS), of_kind(metrics, SWAP)
    found = []
    if len(metrics) > len(programs) + len(swap) or any(wants(args, fact) for fact in FACTS):
        found.append(("", measure))
    if programs and machine != "2":
        found.append((", programs", measure_programs))
    # The clock that counts instructions does not wait for a disk.
    if swap and machine == "1":
        found.append((", swap", measure_swap))
    return found


def plan(columns, args):
    """[(round, machine, column)]: the order of the columns turns round each time."""
    found = []
    for turn in range(args.rounds):
        for machine in args.machines:
            if machine == "icount" and turn:
                continue
            order = columns if turn % 2 == 0 else columns[::-1]
            found += [(turn, machine, column) for column in order]
    return found


def measure_all(results, columns, args):
    """Machines that failed."""
    failed = []
    runs = plan(columns, args)
    for number, (turn, machine, column) in enumerate(runs, 1):
        for words, function in boots(machine, args):
            progress(f"{number}/{len(runs)}: {model.COLUMNS[column.name]}, "
                     f"{model.MACHINES[machine]}, round {turn + 1}{words}", end="")
            run = function(results, column, machine, args)
            print(f": {run.outcome.seconds:.1f} s", flush=True)
            for problem in run.outcome.problems:
                failed.append(f"{run.spec.name}, round {turn + 1}{words}: {problem}")
                progress(f"FAILED: {problem}")
    return failed


def be_important():
    """Other load on the host disturbs less at a higher priority, where that is allowed; the nice
    value that this process and its machines have then."""
    try:
        os.setpriority(os.PRIO_PROCESS, 0, NICE)
    except PermissionError:
        pass
    return os.getpriority(os.PRIO_PROCESS, 0)


def output_of(*command):
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)
    return done.stdout.strip()


def facts(args):
    """What a reader must know to repeat the run."""
    version = output_of("qemu-system-x86_64", "--version").splitlines()[0]
    linux = os.path.basename(args.linux).removeprefix("vmlinuz-")
    return {
        "date": datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%d %H:%M UTC"),
        "commit": output_of("git", "describe", "--always", "--dirty", "--abbrev=12") or "unknown",
        "QEMU": re.sub(r"^.*version (\S+).*$", r"\1", version) + ", -accel tcg, -machine q35, "
                f"{MEMORY_MIB} MiB",
        "processors": f"-cpu {PROCESSORS['']}; best: -cpu {PROCESSORS['_best']}, mitigations=off",
        "Linux": linux,
        "OShit": "defconfig and bench.config",
        "rounds": f"{args.rounds}, each the median of {args.samples} samples of {args.ms} ms; "
                  "one, of 3 of 2 ms, where instructions are counted",
        "host": f"{len(os.sched_getaffinity(0))} CPUs, load {os.getloadavg()[0]:.1f} at the start, "
                f"nice {be_important()}",
    }


def write_file(path, text):
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)


def save(results, args):
    import chart  # pylint: disable=import-outside-toplevel
    out = os.path.join(args.build, "bench")
    svg = chart.draw(results)
    write_file(os.path.join(out, "results.tsv"), model.write(results))
    write_file(os.path.join(out, "table.rst"), "\n".join(model.report(results)) + "\n")
    write_file(os.path.join(out, "chart.svg"), svg)
    print(f"Written: {out}/results.tsv, table.rst, chart.svg")
    if args.record:
        # From the file, not from what is in memory: the check reads the file.
        write_file(DOCUMENT + ".tsv", model.write(results))
        write_file(DOCUMENT + ".svg", svg)
        with open(DOCUMENT + ".rst", encoding="utf-8") as file:
            document = file.read()
        recorded = model.read(model.write(results))
        write_file(DOCUMENT + ".rst", model.replace_report(document, recorded))
        print("Written: Documentation/performance.tsv, .svg, and the tables in .rst")


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--build", required=True, help="folder with vmoshit and bench/")
    parser.add_argument("--linux", required=True, help="the other kernel")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--samples", type=int, default=5)
    parser.add_argument("--ms", type=int, default=5, help="least length of a sample")
    parser.add_argument("--machines", default=" ".join(model.MACHINES))
    parser.add_argument("--record", action="store_true", help="write Documentation/performance.*")
    parser.add_argument("globs", nargs="*", metavar="GLOB", help="only metrics that match")
    args = parser.parse_args()
    args.machines = args.machines.split()
    unknown = set(args.machines) - set(model.MACHINES)
    if unknown or args.rounds < 1:
        parser.error(f"machines are {' '.join(model.MACHINES)}, rounds at least 1")
    if args.record and args.globs:
        parser.error("a part is not to be recorded")
    args.build = os.path.abspath(args.build)
    args.linux = os.path.abspath(args.linux)
    return args


def main():
    args = arguments()
    vmoshit = os.path.join(args.build, "vmoshit")
    columns = [Column(name, args.linux if name.startswith("linux") else vmoshit)
               for name in model.COLUMNS]
    results = model.Results(about=facts(args))
    measure_from_outside(results, columns, args)
    failed = measure_all(results, columns, args)
    if not results.figures:
        print("compare.py: nothing was measured", file=sys.stderr)
        return 1
    print("\n".join(model.report(results)))
    save(results, args)
    for text in failed:
        print(f"compare.py: {text}", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
