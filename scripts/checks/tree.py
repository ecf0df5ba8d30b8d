# SPDX-License-Identifier: GPL-2.0-only
"""The source tree as the checks see it."""

import os
import subprocess

KERNEL_FOLDERS = ("arch", "drivers", "fs", "include", "init", "kernel", "lib", "mm")
SKIPPED_FOLDERS = {".git", "build", "__pycache__", ".pytest_cache"}


def files(root):
    """Paths below @root of all files that git has or would take; without git, of all files."""
    if os.path.exists(os.path.join(root, ".git")):
        listing = subprocess.run(
            ["git", "-C", root, "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
            check=True, capture_output=True, text=True).stdout
        names = {name for name in listing.split("\0") if name}
        return sorted(n for n in names if os.path.isfile(os.path.join(root, n)))
    found = []
    for folder, folders, names in os.walk(root):
        folders[:] = [f for f in folders if f not in SKIPPED_FOLDERS]
        found += [os.path.relpath(os.path.join(folder, name), root) for name in names]
    return sorted(found)


def read(root, path):
    """Text of a file, or None if it is binary."""
    with open(os.path.join(root, path), "rb") as file:
        data = file.read()
    if b"\0" in data:
        return None
    return data.decode("utf-8", "replace")


def sources(root, *suffixes):
    """(path, text) of the files that end in one of @suffixes."""
    for path in files(root):
        if path.endswith(suffixes):
            text = read(root, path)
            if text is not None:
                yield path, text


def in_kernel(path):
    return path.split("/")[0] in KERNEL_FOLDERS


def line_of(text, offset):
    return text.count("\n", 0, offset) + 1


def blank(text, pattern):
    """@text with what @pattern matches turned into spaces; line numbers stay."""
    return pattern.sub(lambda m: "".join(c if c == "\n" else " " for c in m[0]), text)
