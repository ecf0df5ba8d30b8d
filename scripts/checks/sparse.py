#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Runs sparse over every C file of the present configuration.

    sparse.py COMPILE_COMMANDS

Takes each file's options from compile_commands.json, so that sparse sees what the compiler saw.
A file passes if sparse has nothing to say: address spaces (__user, __iomem, __percpu), lock
contexts (__acquires, __releases, __must_hold), plain 0 as a pointer, undeclared globals.
"""

import argparse
import json
import os
import shlex
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

WARNINGS = ["-Wsparse-error", "-Waddress-space", "-Wcontext", "-Wdecl", "-Wnon-pointer-null",
            "-Wone-bit-signed-bitfield", "-Wundef", "-Wcast-from-as", "-Wbitwise",
            "-Wno-declaration-after-statement"]
DEFINES = ["-m64"]
KEPT = ("-D", "-U", "-I", "-std=", "-nostdinc")
KEPT_WITH_VALUE = ("-include", "-isystem", "-I", "-D", "-idirafter")


def options(command):
    """What of a compiler's command line concerns sparse."""
    kept = []
    words = iter(command[1:])
    for word in words:
        if word in KEPT_WITH_VALUE:
            kept += [word, next(words)]
        elif word.startswith(KEPT):
            kept.append(word)
    return kept


def arguments(entry):
    command = entry.get("arguments") or shlex.split(entry["command"])
    return ["sparse", *WARNINGS, *DEFINES, *options(command), entry["file"]]


def run(entry):
    """What sparse says of a file; None if nothing."""
    done = subprocess.run(arguments(entry), cwd=entry["directory"], capture_output=True, text=True,
                          check=False)
    said = (done.stdout + done.stderr).strip()
    return said or (f"{entry['file']}: sparse ended with {done.returncode}"
                    if done.returncode else None)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("compile_commands")
    args = parser.parse_args()
    if not shutil.which("sparse"):
        print("sparse is not installed (Debian package sparse)\n0 passed, 1 failed")
        return 1
    with open(args.compile_commands, encoding="utf-8") as file:
        entries = [e for e in json.load(file) if e["file"].endswith(".c")]
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        results = list(pool.map(run, entries))
    failures = [said for said in results if said]
    print("\n".join(failures + [f"{len(entries) - len(failures)} passed, {len(failures)} failed"]))
    return 1 if failures or not entries else 0


if __name__ == "__main__":
    sys.exit(main())
