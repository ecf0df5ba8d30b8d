# SPDX-License-Identifier: GPL-2.0-only
"""A shell to be typed at: an initramfs with Debian's static BusyBox that starts one, with job
control, on a terminal, and powers the machine off when it ends."""

from . import busybox

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


def make_initramfs(build, folder, terminal):
    """Writes @folder/initramfs; its path. @terminal: below /dev."""
    lines = [f"dir /{name} 755 0 0" for name in ("bin", "dev", "tmp")]
    lines.append("nod /dev/console 600 0 0 c 5 1")
    return busybox.make_initramfs(build, folder, INIT % terminal, lines)
