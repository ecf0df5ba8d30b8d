# SPDX-License-Identifier: GPL-2.0-only
"""A shell script under Debian's static BusyBox, a program that nobody here wrote: an initramfs that
runs it, and other programs of this machine if it names some, and what it prints on this machine's
Linux, which must be the same."""

import os
import re
import shutil
import string
import subprocess
import tempfile

from . import busybox

BEGIN, END = "script: begins", "script: has ended"
FOLDERS = ("/bin", "/dev", "/proc", "/programs", "/sys", "/tmp")
NODES = (("console", 5, 1), ("full", 1, 7), ("null", 1, 3), ("random", 1, 8), ("tty", 5, 0),
         ("urandom", 1, 9), ("zero", 1, 5))
# What is not there in a kernel without it is not there in the script either.
INIT = """#!/bin/busybox sh
cd /tmp
/bin/busybox mount -t proc proc /proc 2>/dev/null
/bin/busybox mount -t sysfs sysfs /sys 2>/dev/null
echo '$BEGIN'
/bin/busybox env -i PATH=/programs:/bin HOME=/tmp LC_ALL=C \\
	$SHELL /script </dev/null 2>&1 | /bin/busybox cat
echo '$END'
/bin/busybox poweroff -f
"""


class ScriptError(RuntimeError):
    """This machine lacks what the script is about."""


def program_path(name):
    path = shutil.which(name, path="/usr/bin:/bin:/usr/sbin:/sbin")
    if not path:
        raise ScriptError(f"{name} is not installed (scripts/install-deps.sh check)")
    return path


def libraries(path):
    """The files that the dynamic program @path is linked with, and its loader. By ldd, which asks
    the loader."""
    done = subprocess.run(["ldd", path], check=False, capture_output=True, text=True)
    return re.findall(r"(/\S+) \(0x", done.stdout)


def parents(path):
    """All folders above @path, but for the root."""
    while (path := os.path.dirname(path)) != "/":
        yield path


def program_lines(names):
    """Entries of the programs @names with all they need, under the names that they have here; and
    a link in /programs for each."""
    files, links, folders = set(), [], set()
    for name in names:
        path = program_path(name)
        files |= {path, *libraries(path)}
        links.append(f"slink /programs/{name} {path} 777 0 0")
    for path in files:
        folders |= set(parents(path)) - set(FOLDERS)
    return [f"dir {folder} 755 0 0" for folder in sorted(folders)] + links + \
        [f"file {path} {os.path.realpath(path)} 755 0 0" for path in sorted(files)]


def shell_of(programs):
    """The command that runs the script: the first of the programs, a shell then."""
    return [programs[0]] if programs else [busybox.BUSYBOX, "sh"]


def make_initramfs(build, folder, script, programs=()):
    """Writes @folder/initramfs; its path."""
    init = string.Template(INIT).substitute(BEGIN=BEGIN, END=END,
                                            SHELL=" ".join(shell_of(programs)))
    lines = [f"dir {name} 755 0 0" for name in FOLDERS]
    lines += [f"nod /dev/{name} 666 0 0 c {major} {minor}" for name, major, minor in NODES]
    lines += ["slink /dev/fd /proc/self/fd 777 0 0", f"file /script {script} 644 0 0",
              *program_lines(programs)]
    return busybox.make_initramfs(build, folder, init, lines)


def output_here(script, programs=()):
    """The lines that the script prints on this machine, in a folder of its own."""
    with tempfile.TemporaryDirectory(prefix="oshit-script-") as folder:
        links, scratch = os.path.join(folder, "bin"), os.path.join(folder, "tmp")
        brought = os.path.join(folder, "programs")
        for path in (links, scratch, brought):
            os.mkdir(path)
        for name in ["busybox", *busybox.applets()]:
            os.symlink(busybox.BUSYBOX, os.path.join(links, name))
        for name in programs:
            os.symlink(program_path(name), os.path.join(brought, name))
        env = {"PATH": f"{brought}:{links}", "HOME": scratch, "LC_ALL": "C"}
        # Whoever runs the tests may ignore signals (nohup); nobody in a machine does.
        command = ["/usr/bin/env", "--default-signal", *shell_of(programs), os.path.abspath(script)]
        done = subprocess.run(command, cwd=scratch, env=env, stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False,
                              timeout=120)
        return done.stdout.decode("utf-8", "replace").splitlines()


def output_in(lines):
    """The same from what a machine has printed; None: it did not come to the end."""
    if BEGIN not in lines or END not in lines:
        return None
    return lines[lines.index(BEGIN) + 1:lines.index(END)]


def differences(expected, got):
    """Problems: the first line that differs."""
    if got is None:
        return ["the script has not ended"]
    for number, (want, have) in enumerate(zip(expected, got), 1):
        if want != have:
            return [f"line {number} of the script's output: {have!r}, here {want!r}"]
    if len(expected) != len(got):
        return [f"{len(got)} lines of output, here {len(expected)}"]
    return []
