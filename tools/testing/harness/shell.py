# SPDX-License-Identifier: GPL-2.0-only
"""A shell to be typed at: an initramfs with Debian's static BusyBox that starts one, with job
control, on a terminal, and powers the machine off when it ends."""

import os
import subprocess

BUSYBOX = "/bin/busybox"
PROMPT = "shell> "
INIT = f"""#!/bin/busybox sh
export PATH=/bin HOME=/tmp PS1='{PROMPT}' TERM=vt100
cd /tmp
mount -t devtmpfs none /dev
mkdir /dev/pts
mount -t devpts none /dev/pts
setsid sh -c 'exec sh -i <>/dev/%s >&0 2>&1'
poweroff -f
"""


def list_text(folder):
    """What scripts/mkinitramfs.c reads."""
    done = subprocess.run([BUSYBOX, "--list"], check=True, capture_output=True, text=True)
    lines = [f"dir /{name} 755 0 0" for name in ("bin", "dev", "tmp")]
    lines += [f"slink /bin/{name} busybox 777 0 0" for name in done.stdout.split()
              if name != "busybox"]
    lines += ["nod /dev/console 600 0 0 c 5 1", f"file /bin/busybox {BUSYBOX} 755 0 0",
              f"file /init {folder}/init 755 0 0"]
    return "".join(line + "\n" for line in lines)


def make_initramfs(build, folder, terminal):
    """Writes @folder/initramfs; its path. @terminal: below /dev."""
    list_path, path = os.path.join(folder, "initramfs.list"), os.path.join(folder, "initramfs")
    with open(os.path.join(folder, "init"), "w", encoding="utf-8") as file:
        file.write(INIT % terminal)
    with open(list_path, "w", encoding="utf-8") as file:
        file.write(list_text(folder))
    subprocess.run([os.path.join(build, "scripts", "mkinitramfs"), path, list_path], check=True)
    return path
