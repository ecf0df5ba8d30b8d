# SPDX-License-Identifier: GPL-2.0-only
"""codespell finds nothing, where it is installed."""

import shutil
import subprocess

import tree

IGNORED_WORDS = "inout,fo,te,ot,hist,crypted,oshit,clos,siz,ptd,ue,nd,ba,ist,hel,iput"


def check(root, _build=None):
    codespell = shutil.which("codespell")
    if not codespell:
        return []
    paths = [p for p in tree.files(root)
             if p != "COPYING" and "/corpus/" not in p and tree.read(root, p) is not None]
    if not paths:
        return []
    done = subprocess.run([codespell, f"--ignore-words-list={IGNORED_WORDS}", *paths], cwd=root,
                          capture_output=True, text=True, check=False)
    return [line for line in done.stdout.splitlines() if line]
