# SPDX-License-Identifier: GPL-2.0-only
"""Debian's static BusyBox, a program that nobody here wrote, in an initramfs."""

import os
import subprocess

BUSYBOX = "/bin/busybox"


def applets():
    done = subprocess.run([BUSYBOX, "--list"], check=True, capture_output=True, text=True)
    return [name for name in done.stdout.split() if name != "busybox"]


def make_initramfs(build, folder, init, lines):
    """Writes @folder/initramfs; its path. @init: the text of /init, a script. @lines: what there is
    beside it and BusyBox, as scripts/mkinitramfs.c reads it; a program of an applet's name takes
    its place."""
    list_path, path = os.path.join(folder, "initramfs.list"), os.path.join(folder, "initramfs")
    taken = {line.split()[1] for line in lines}
    links = [f"slink /bin/{name} busybox 777 0 0" for name in applets()
             if f"/bin/{name}" not in taken]
    own = [f"file /bin/busybox {BUSYBOX} 755 0 0", f"file /init {folder}/init 755 0 0"]
    with open(os.path.join(folder, "init"), "w", encoding="utf-8") as file:
        file.write(init)
    with open(list_path, "w", encoding="utf-8") as file:
        file.write("".join(line + "\n" for line in [*lines, *links, *own]))
    subprocess.run([os.path.join(build, "scripts", "mkinitramfs"), path, list_path], check=True)
    return path
