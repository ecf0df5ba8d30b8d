# SPDX-License-Identifier: GPL-2.0-only
"""One machine of boot.cfg: what it is made of, and one run of it from power-on to its end.

A run passes only if the machine came to the end that was expected (the exit status of the emulator
or the reason that it gives for a shutdown; never a line of text), printed what it should, printed
no report of a bug, and, if it reported tests, reported them completely.
"""

import configparser
import glob
import json
import os
import random
import re
import subprocess
import tempfile
import threading
import time
from dataclasses import dataclass, field

from . import ktap, script, selftests, shell
from .console import Closed, Console, Timeout
from .qmp import Qmp

DEBUG_EXIT_PORT = 0xf4
KEYBOARD_STATUS = 0x64
OUTPUT_FULL = 1         # there is a byte that nobody has read

# So many run at once, whoever starts them: more would only take the host's time from each other.
SLOTS = threading.BoundedSemaphore(os.cpu_count())

NAMES_SHOWN = 5         # of tests that are missing: after a hang all are

# How a machine may end: the emulator's status, and the reason in its SHUTDOWN event.
ENDS = {
    "pass": (33, None),                 # debug-exit codes of <oshit/debug_exit.h>
    "fail": (35, None),
    "panic": (37, None),
    "poweroff": (0, "guest-shutdown"),
    "reset": (0, "guest-reset"),
    "quit": (0, "host-qmp-quit"),       # the harness ends it after the last step
}

# What no healthy machine prints, outside of a report of tests.
BAD_OUTPUT = [
    r"\bBUG\b", r"\bWARNING\b", r"\bWARN\b", r"\bOops\b", r"[Kk]ernel panic", r"\bpanic: ",
    r"\bKASAN\b.*:", r"\bUBSAN\b.*:", r"\blockdep: BUG: ",
    r"[Dd]ouble fault", r"general protection fault", r"unhandled (fault|exception)",
]

KEYS = {
    "machine": "q35", "cpu": "max", "cpus": "1", "memory": "512M", "timeout": "", "seconds": "",
    "append": "", "initrd": "", "disks": "", "qemu": "", "boot": "pvh", "group": "boot",
    "needs": "", "series": "", "kunit": "", "program": "", "beside": "", "script": "",
    "answers": "", "brings": "", "shell": "",
    "steps": "", "expect": "", "reject": "", "allow": "", "end": "",
}


class ConfigError(Exception):
    """boot.cfg is wrong; the text says where."""


@dataclass
class Spec:
    """A section of boot.cfg; the keys are explained at its head."""
    name: str
    keys: dict
    expected_tests: set = field(default_factory=set)

    def __getattr__(self, key):
        try:
            return self.__dict__["keys"][key]
        except KeyError:
            raise AttributeError(key) from None

    def lines(self, key):
        return [line.strip() for line in self.keys[key].splitlines() if line.strip()]

    def words(self, key):
        return self.keys[key].split()


def load(path):
    """All sections, in order. An unknown key is an error: a mistyped one would test nothing."""
    parser = configparser.ConfigParser(interpolation=None, inline_comment_prefixes=None)
    with open(path, encoding="utf-8") as file:
        parser.read_file(file)
    unknown_defaults = set(parser.defaults()) - set(KEYS)
    if unknown_defaults:
        raise ConfigError(f"{path}: unknown keys {sorted(unknown_defaults)}")
    specs = []
    for name in parser.sections():
        keys = dict(KEYS)
        keys.update(parser[name])
        check_keys(name, keys)
        specs.append(Spec(name, keys))
    return specs


def check_keys(name, keys):
    unknown = set(keys) - set(KEYS)
    if unknown:
        raise ConfigError(f"[{name}]: unknown keys {sorted(unknown)}")
    keys["kunit"] = "".join(keys["kunit"].split())
    if not keys["end"]:
        keys["end"] = "pass" if keys["kunit"] else "poweroff"
    if not keys["timeout"]:
        keys["timeout"] = "180" if keys["kunit"] else "30"
    if keys["end"] not in ENDS:
        raise ConfigError(f"[{name}]: end = {keys['end']}, not one of {' '.join(ENDS)}")


@dataclass
class Outcome:
    """What a run gave: `problems` is empty if it passed."""
    problems: list = field(default_factory=list)
    report: ktap.Report = field(default_factory=ktap.Report)
    output: str = ""
    seconds: float = 0.0


def faulty_disk(name, path, faults):
    """What makes the file @path the disk @name, with "read@SECTOR+write@SECTOR+slow@REQUESTS": that
    fail each time, and so many requests a second."""
    source = {"driver": "file", "filename": path}
    errors = [fault.split("@") for fault in faults.split("+") if fault]
    slow = [number for operation, number in errors if operation == "slow"]
    errors = [error for error in errors if error[0] != "slow"]
    if errors:
        source = {"driver": "blkdebug", "image": source, "inject-error": [
            {"event": "none", "iotype": operation, "sector": int(sector)}
            for operation, sector in errors]}
    source = {"driver": "raw", "node-name": name, "file": source}
    if not slow:
        return ["-blockdev", json.dumps(source)]
    source["node-name"] = name + "-fast"
    limited = {"driver": "throttle", "node-name": name, "throttle-group": name + "-limit",
               "file": name + "-fast"}
    return ["-blockdev", json.dumps(source),
            "-object", f"throttle-group,id={name}-limit,x-iops-total={slow[0]}",
            "-blockdev", json.dumps(limited)]


class Machine:
    """A run of a Spec. @build is the folder with vmoshit; logs go to its folder `test`. @kernel is
    another kernel to start, one that QEMU can load, with Linux's command line."""

    def __init__(self, spec, build, accel="tcg", qemu="qemu-system-x86_64", kernel=""):
        self.spec = spec
        self.build = build
        self.kernel = kernel or os.path.join(build, "vmoshit")
        self.accel = accel
        self.qemu = qemu
        self.outcome = Outcome()
        self.folder = tempfile.TemporaryDirectory(prefix="oshit-machine-")
        self.process = None
        self.console = None
        self.qmp = None
        self.match = None                # of the last step that expected a group
        self.started = 0.0

    def limit(self):
        """Seconds after which it hangs, if the host has a processor for it all the time."""
        return float(self.spec.timeout) + float(self.spec.seconds or 0)

    def kept_waiting(self):
        """Seconds in which a thread of the emulator was ready to run and others had the processors:
        of the thread that has waited longest."""
        longest = 0
        for path in glob.glob(f"/proc/{self.process.pid}/task/*/schedstat"):
            try:
                with open(path, encoding="ascii") as file:
                    longest = max(longest, int(file.read().split()[1]))
            except OSError:
                pass                    # it has ended
        return longest / 1e9

    def seconds_left(self):
        """How long it may still take; what others take from it does not count."""
        return self.started + self.limit() + self.kept_waiting() - time.monotonic()

    # The command line

    def append(self):
        words = [f"debug_exit={DEBUG_EXIT_PORT:#x}"]
        if self.spec.kunit:
            words.append(f"kunit={self.spec.kunit}")
        if self.spec.program:       # the machine is ours: tests need not be careful
            words += ["console=ttyS0", "quiet", "SELFTEST_GUEST=1",
                      f"SELFTEST_SECONDS={self.limit():.0f}"]
        if self.spec.seconds:
            words.append(f"SOAK_SECONDS={self.spec.seconds}")
        if self.spec.script:
            words += ["console=ttyS0", "quiet"]
        return " ".join(words + self.spec.lines("append"))

    def script_answers(self):
        """The lines that the script must print."""
        if self.spec.answers:
            path = os.path.join(os.path.dirname(self.script_path()), self.spec.answers)
            with open(path, encoding="utf-8") as file:
                return file.read().splitlines()
        return script.output_here(self.script_path(), self.spec.words("brings"))

    def script_path(self):
        return os.path.join(os.path.dirname(os.path.dirname(__file__)), self.spec.script)

    def initrd(self):
        """The file for -initrd; "junk:N" and "cut:FILE:N" make broken ones."""
        if self.spec.program:
            names = selftests.programs(self.build, self.spec.words("program"))
            others = selftests.programs(self.build, self.spec.words("beside"))
            return selftests.make_initramfs(self.build, self.folder.name, names, others)
        if self.spec.script:
            return script.make_initramfs(self.build, self.folder.name, self.script_path(),
                                         self.spec.words("brings"))
        if self.spec.shell:
            return shell.make_initramfs(self.build, self.folder.name, self.spec.shell)
        kind, _, rest = self.spec.initrd.partition(":")
        path = os.path.join(self.folder.name, "initrd")
        if kind == "junk":
            data = random.Random(self.spec.name).randbytes(int(rest))
        elif kind == "cut":
            source, _, size = rest.rpartition(":")
            with open(source.replace("$O", self.build), "rb") as file:
                data = file.read(int(size))
        else:
            return self.spec.initrd.replace("$O", self.build)
        with open(path, "wb") as file:
            file.write(data)
        return path

    def disk_arguments(self):
        arguments = []
        for i, disk in enumerate(self.spec.words("disks")):
            size, text, fault = (disk.split(":") + ["", ""])[:3]
            path = os.path.join(self.folder.name, f"disk{i}")
            with open(path, "wb") as file:
                file.write(text.encode())
                file.truncate(int(size.rstrip("M")) << 20)
            arguments += faulty_disk(f"disk{i}", path, fault)
            arguments += ["-device", f"ide-hd,drive=disk{i},bus=ide.{i}"]
        return arguments

    def boot_arguments(self):
        boot = self.spec.boot
        if boot == "pvh":
            arguments = ["-kernel", self.kernel, "-append", self.append()]
            has_initrd = (self.spec.initrd or self.spec.program or self.spec.script or
                          self.spec.shell)
            return arguments + (["-initrd", self.initrd()] if has_initrd else [])
        iso = os.path.join(self.build, "oshit.iso")
        arguments = ["-cdrom", iso, "-boot", "d"]
        if boot == "iso-uefi":
            arguments += ["-bios", "/usr/share/ovmf/OVMF.fd"]
        return arguments

    def arguments(self):
        spec = self.spec
        return [self.qemu, "-machine", spec.machine, "-accel", self.accel, "-cpu", spec.cpu,
                "-smp", spec.cpus, "-m", spec.memory, "-display", "none", "-nodefaults",
                "-vga", "std", "-serial", "stdio", "-monitor", "none", "-no-reboot",
                "-device", f"isa-debug-exit,iobase={DEBUG_EXIT_PORT:#x},iosize=0x04",
                *self.boot_arguments(), *self.disk_arguments(), *self.qmp.arguments(),
                *spec.words("qemu")]

    # The run

    def problem(self, text):
        self.outcome.problems.append(text)

    def start(self, log):
        self.qmp = Qmp()
        self.process = subprocess.Popen(self.arguments(), stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.console = Console(self.process.stdout.fileno(), self.process.stdin.fileno(), log)
        self.qmp.accept(self.process, 20)
        self.started = time.monotonic()
        self.qmp.command("cont")

    def stop(self):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()

    def ask(self, command):
        """What QEMU's own monitor says to @command."""
        return self.qmp.command("human-monitor-command", **{"command-line": command})

    def port(self, command):
        """Runs "o /b PORT VALUE" or "i /b PORT"; what was read."""
        said = self.ask(command)
        return int(said.split("=")[-1], 0) if "=" in said else None

    def vga_start(self):
        """Where in the video memory the screen begins, in characters. The machine is stopped
        meanwhile, and finds the number of the CRTC's register as it has left it."""
        self.qmp.command("stop")
        register = self.port("i /b 0x3d4")
        start = 0
        for half in (0x0c, 0x0d):
            self.port(f"o /b 0x3d4 {half}")
            start = start << 8 | self.port("i /b 0x3d5")
        self.port(f"o /b 0x3d4 {register}")
        self.qmp.command("cont")
        return start

    def vga_text(self):
        """The 80x25 text screen, as it is shown."""
        path = os.path.join(self.folder.name, "vga")
        self.qmp.command("pmemsave", val=0xb8000 + 2 * self.vga_start(), size=4000, filename=path)
        with open(path, "rb") as file:
            cells = file.read()[::2].decode("latin-1")
        return "\n".join(cells[i:i + 80].rstrip("\0 ") for i in range(0, 2000, 80))

    def step_vga(self, pattern):
        while not re.search(pattern, self.vga_text(), re.MULTILINE):
            if self.seconds_left() <= 0:
                raise Timeout(f"/{pattern}/ did not appear on the screen:\n{self.vga_text()}")
            time.sleep(0.05)

    def step_halted(self):
        """The kernel's monitor looks for input all the time; CPU 0 halts when it is left."""
        while "HLT=1" not in self.ask("info registers"):
            if self.seconds_left() <= 0:
                raise Timeout("CPU 0 does not halt")
            time.sleep(0.05)

    def step_keys(self, names):
        """Presses and releases keys of the PS/2 keyboard, by QEMU's names for them. The controller
        holds some bytes and loses what comes when it is full, so each is waited for."""
        for name in names.split():
            keys = [{"type": "qcode", "data": key} for key in name.split("-")]
            while self.port(f"i /b {KEYBOARD_STATUS:#x}") & OUTPUT_FULL:
                if self.seconds_left() <= 0:
                    raise Timeout(f"nobody reads the key before {name}")
                time.sleep(0.01)
            self.qmp.command("send-key", keys=keys)
            time.sleep(0.15)    # send-key holds a key for 100 ms

    def step_within(self, limit_ms):
        """The log's clock has not passed the limit yet."""
        stamps = re.findall(r"^\[ *(\d+\.\d+)\]", self.console.text, re.MULTILINE)
        if not stamps or float(stamps[-1]) * 1000 > float(limit_ms):
            self.problem(f"the clock is at {stamps[-1:]} s, over {limit_ms} ms")

    def step_nmis(self, number):
        """NMIs that nobody asked for, to all CPUs; a CPU takes one at a time."""
        for _ in range(number):
            self.qmp.command("inject-nmi")
            time.sleep(0.005)

    def step(self, text):
        verb, _, argument = text.partition(" ")
        if verb == "expect":
            match = self.console.expect(argument, self.seconds_left)
            if match.re.groups:
                self.match = match
        elif verb == "send":
            if "$1" in argument:
                argument = argument.replace("$1", self.match.group(1))
            self.console.send(argument.encode().decode("unicode_escape") + "\r")
        elif verb == "type":
            self.console.send(argument.encode().decode("unicode_escape"))
        elif verb == "keys":
            self.step_keys(argument)
        elif verb == "halted":
            self.step_halted()
        elif verb == "vga":
            self.step_vga(argument)
        elif verb == "within":
            self.step_within(argument)
        elif verb == "qmp":
            self.qmp.command(argument)
        elif verb == "nmis":
            self.step_nmis(int(argument))
        else:
            raise ConfigError(f"[{self.spec.name}]: unknown step {text}")

    def run_steps(self):
        """False if one failed: what comes after it has no meaning then."""
        for text in self.spec.lines("steps"):
            try:
                self.step(text)
            except (Timeout, Closed) as error:
                self.problem(f"step '{text}': {error}")
                return False
        return True

    def wait_for_end(self):
        if self.spec.end == "quit":
            self.qmp.command("quit")
        if not self.console.drain(self.seconds_left):
            self.problem(f"hang: halted, or not at its end after {self.limit():.0f} s")

    # The verdict

    def check_end(self):
        status, reason = ENDS[self.spec.end]
        if self.process.poll() is None:
            return              # the hang is noted already
        got_reason = self.qmp.shutdown_reason()
        if self.process.returncode != status or (reason and got_reason != reason):
            self.problem(f"end: expected {self.spec.end}, got status "
                         f"{self.process.returncode}, reason {got_reason}")

    def check_output(self):
        text = self.console.text
        for pattern in self.spec.lines("expect"):
            if not re.search(pattern, text, re.MULTILINE):
                self.problem(f"/{pattern}/ is not in the output")
        for pattern in self.spec.lines("reject"):
            match = re.search(pattern, text, re.MULTILINE)
            if match:
                self.problem(f"/{pattern}/ is in the output: {match[0]}")
        for line in text.split("\n"):
            if is_bad_line(line, self.spec.lines("allow")):
                self.problem(f"a bug is reported: {line}")

    def check_report(self):
        if self.spec.script:
            here = self.script_answers()
            self.outcome.problems += script.differences(here,
                                                        script.output_in(self.console.lines()))
        report = ktap.parse(self.console.lines())
        self.outcome.report = report
        self.outcome.problems += report.problems
        if self.spec.kunit or self.spec.program:
            self.check_tests({r.name for r in report.results})
        self.outcome.problems += [f"{r.name} failed" for r in report.results if r.status == "fail"]

    def check_tests(self, got):
        if not got:
            self.problem("no test has run")
        expected = self.spec.expected_tests
        for names, what in ((expected - got, "has not run"),
                            (got - expected, "has run, but no source file has it")):
            for name in sorted(names)[:NAMES_SHOWN]:
                self.problem(f"{name} {what}")
            if len(names) > NAMES_SHOWN:
                self.problem(f"... and {len(names) - NAMES_SHOWN} more: {what}")

    def run(self):
        with SLOTS:
            return self.run_now()

    def run_now(self):
        os.makedirs(os.path.join(self.build, "test"), exist_ok=True)
        path = os.path.join(self.build, "test", f"{self.spec.name}.log")
        started = time.monotonic()
        with open(path, "wb") as log:
            try:
                self.start(log)
                if self.run_steps():
                    self.wait_for_end()
                    self.finish()
                else:
                    self.check_output()
            except (OSError, RuntimeError, selftests.SelftestError) as error:
                self.problem(f"the emulator: {error!r} {self.errors()}")
            finally:
                self.clean_up()
        self.outcome.output = self.console.text if self.console else ""
        self.outcome.seconds = time.monotonic() - started
        return self.outcome

    def finish(self):
        hung = not self.console.closed
        if not hung:
            self.process.wait(10)
            self.qmp.drain()
        self.check_end()
        self.stop()
        self.check_output()
        self.check_report()
        if not hung and self.outcome.problems and self.process.returncode == 1:
            self.problem(self.errors())

    def errors(self):
        if not self.process:
            return ""
        self.stop()
        return self.process.stderr.read().decode("utf-8", "replace").strip()

    def clean_up(self):
        if self.process:
            self.stop()
            for stream in (self.process.stdin, self.process.stdout, self.process.stderr):
                stream.close()
        if self.qmp:
            self.qmp.close()
        self.folder.cleanup()


def is_bad_line(line, allowed):
    """@line reports a bug, and no pattern in @allowed excuses it."""
    if ktap.is_report_line(line):
        return False
    return (any(re.search(p, line) for p in BAD_OUTPUT)
            and not any(re.search(p, line) for p in allowed))
