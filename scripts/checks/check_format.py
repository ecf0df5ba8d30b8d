# SPDX-License-Identifier: GPL-2.0-only
"""clang-format has nothing to change in any .c file.

Headers are tables for the reader, aligned by hand, and stay out.  The version of clang-format is
fixed, since each formats otherwise.
"""

import re
import shutil
import subprocess

import tree

VERSION = 14


def program():
    """clang-format of the wanted version, or None."""
    for name in (f"clang-format-{VERSION}", "clang-format"):
        path = shutil.which(name)
        if not path:
            continue
        text = subprocess.run([path, "--version"], capture_output=True, text=True,
                              check=False).stdout
        if re.search(rf"version {VERSION}\.", text):
            return path
    return None


def check(root, _build=None):
    paths = [path for path in tree.files(root) if path.endswith(".c")]
    if not paths:
        return []
    clang_format = program()
    if not clang_format:
        return [f"clang-format {VERSION} is not installed (Debian package clang-format-{VERSION})"]
    done = subprocess.run([clang_format, "--dry-run", "-Werror", "--style=file", *paths],
                          cwd=root, capture_output=True, text=True, check=False)
    errors = re.findall(r"^(\S+?:\d+):\d+: error:", done.stderr, re.MULTILINE)
    findings = [f"{place}: clang-format would change this line" for place in dict.fromkeys(errors)]
    if done.returncode and not findings:
        findings = [f"clang-format: {done.stderr.strip()}"]
    return findings
