# SPDX-License-Identifier: GPL-2.0-only
"""Selftest programs for a machine: which there are, what they must report, and an initramfs that
holds them, with tools/testing/selftests/run.c as process 1.

Which cases a program has is asked of the program itself, on this machine: they are Linux programs.
"""

import fnmatch
import os
import subprocess

FOLDERS = ("dev", "etc", "proc", "selftests", "sys", "tmp")
NODES = (("console", 5, 1), ("full", 1, 7), ("null", 1, 3), ("zero", 1, 5))


class SelftestError(Exception):
    """Programs that are asked for and not built."""


def programs(build, wanted):
    """Names like "mm/mmap" of the built programs that match the words @wanted: "selftests/mm" is a
    folder, "selftests/mm/mmap" a program; globs may be used."""
    top = os.path.join(build, "selftests")
    built = sorted(os.path.relpath(os.path.join(folder, name), top)
                   for folder, _, names in os.walk(top) for name in names
                   if folder != top and "uapi" not in folder)
    found = []
    for word in wanted:
        pattern = word.removeprefix("selftests/")
        matches = [p for p in built if fnmatch.fnmatchcase(p, pattern)
                   or fnmatch.fnmatchcase(p, pattern + "/*")]
        if not matches:
            raise SelftestError(f"{word}: no such program in {top}")
        found += [p for p in matches if p not in found]
    return found


def expected_tests(build, names):
    """{"mm/mmap.case", ...} of all cases of the programs @names."""
    expected = set()
    for name in names:
        path = os.path.join(build, "selftests", name)
        done = subprocess.run([path, "-l"], check=True, capture_output=True, text=True)
        expected |= {f"{name}.{case}" for case in done.stdout.split()}
    return expected


def list_text(build, folder, names):
    """What scripts/mkinitramfs.c reads."""
    top = os.path.join(build, "selftests")
    lines = [f"dir /{name} 755 0 0" for name in FOLDERS]
    lines += [f"nod /dev/{name} 666 0 0 c {major} {minor}" for name, major, minor in NODES]
    lines += [f"dir /selftests/{area} 755 0 0" for area in sorted({n.split("/")[0] for n in names})]
    lines += [f"file /selftests/{name} {top}/{name} 755 0 0" for name in names]
    lines += [f"file /selftests/list {folder}/programs 644 0 0", f"file /init {top}/run 755 0 0"]
    return "".join(line + "\n" for line in lines)


def make_initramfs(build, folder, names, others=()):
    """Writes @folder/initramfs with the programs @names, which it runs, and @others, which are
    there; its path."""
    with open(os.path.join(folder, "programs"), "w", encoding="utf-8") as file:
        file.write("".join(name + "\n" for name in names))
    list_path = os.path.join(folder, "initramfs.list")
    with open(list_path, "w", encoding="utf-8") as file:
        file.write(list_text(build, folder, sorted({*names, *others})))
    path = os.path.join(folder, "initramfs")
    subprocess.run([os.path.join(build, "scripts", "mkinitramfs"), path, list_path], check=True)
    return path
