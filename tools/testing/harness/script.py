# SPDX-License-Identifier: GPL-2.0-only
"""A shell script under Debian's static BusyBox, a program that nobody here wrote: an initramfs that
runs it as process 1, and what it prints on this machine's Linux, which must be the same."""

import os
import subprocess
import tempfile

BUSYBOX = "/bin/busybox"
BEGIN, END = "script: begins", "script: has ended"
FOLDERS = ("bin", "dev", "proc", "sys", "tmp")
NODES = (("console", 5, 1), ("null", 1, 3), ("tty", 5, 0), ("zero", 1, 5))
INIT = f"""#!/bin/busybox sh
cd /tmp
echo '{BEGIN}'
/bin/busybox env -i PATH=/bin HOME=/tmp /bin/busybox sh /script </dev/null 2>&1 | /bin/busybox cat
echo '{END}'
/bin/busybox poweroff -f
"""


def applets():
    done = subprocess.run([BUSYBOX, "--list"], check=True, capture_output=True, text=True)
    return [name for name in done.stdout.split() if name != "busybox"]


def list_text(folder, script):
    """What scripts/mkinitramfs.c reads."""
    lines = [f"dir /{name} 755 0 0" for name in FOLDERS]
    lines += [f"nod /dev/{name} 666 0 0 c {major} {minor}" for name, major, minor in NODES]
    lines += [f"slink /bin/{name} busybox 777 0 0" for name in applets()]
    lines += [f"file /bin/busybox {BUSYBOX} 755 0 0", f"file /script {script} 644 0 0",
              f"file /init {folder}/init 755 0 0"]
    return "".join(line + "\n" for line in lines)


def make_initramfs(build, folder, script):
    """Writes @folder/initramfs; its path."""
    list_path, path = os.path.join(folder, "initramfs.list"), os.path.join(folder, "initramfs")
    with open(os.path.join(folder, "init"), "w", encoding="utf-8") as file:
        file.write(INIT)
    with open(list_path, "w", encoding="utf-8") as file:
        file.write(list_text(folder, script))
    subprocess.run([os.path.join(build, "scripts", "mkinitramfs"), path, list_path], check=True)
    return path


def output_here(script):
    """The lines that the script prints on this machine, in a folder of its own."""
    with tempfile.TemporaryDirectory(prefix="oshit-script-") as folder:
        links, scratch = os.path.join(folder, "bin"), os.path.join(folder, "tmp")
        os.mkdir(links)
        os.mkdir(scratch)
        for name in ["busybox", *applets()]:
            os.symlink(BUSYBOX, os.path.join(links, name))
        done = subprocess.run([BUSYBOX, "sh", os.path.abspath(script)], cwd=scratch, check=False,
                              env={"PATH": links, "HOME": scratch}, stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=60)
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
