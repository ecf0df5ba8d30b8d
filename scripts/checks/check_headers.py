# SPDX-License-Identifier: GPL-2.0-only
"""SPDX lines, the three kinds of include, guard names, the arch contract.

 - <oshit/x.h> is the kernel's own, <arch/x.h> the arch contract, <linux/x.h> and <asm/x.h> are
   headers of the package linux-libc-dev; the compiler's own freestanding headers may be used too.
 - "x.h" is a header in the same folder.
 - Code outside arch/ uses only those <arch/x.h> that Documentation/architecture.rst lists.
"""

import functools
import os
import re
import subprocess

import tree

SPDX = "SPDX-License-Identifier: GPL-2.0-only"
C_SPDX = f"/* {SPDX} */"
NO_SPDX = re.compile(r"^COPYING$|/corpus/|\.txt$")
INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]+([<"])([^>"]+)[>"]', re.MULTILINE)
GUARD = re.compile(r"^#ifndef (\w+)\n#define (\w+)\n", re.MULTILINE)
CONTRACT = re.compile(r"``<arch/([\w/.-]+\.h)>``")
GENERATED = {"oshit/version.h"}
COMPILER_HEADERS = {"stdarg.h", "stdbool.h", "stddef.h", "stdint.h", "cpuid.h"}
ABI_FOLDERS = ("linux", "asm", "asm-generic")


@functools.cache
def abi_headers():
    """What linux-libc-dev holds, as in an include line."""
    done = subprocess.run(["dpkg", "-L", "linux-libc-dev"], capture_output=True, text=True,
                          check=False)
    pattern = re.compile(r"^/usr/include/(?:[\w-]+-linux-gnu/)?((?:linux|asm|asm-generic)/.*\.h)$")
    matches = (pattern.match(line) for line in done.stdout.splitlines())
    return {match[1] for match in matches if match}


def check_spdx(path, text):
    lines = text.split("\n")[:2]
    if path.endswith((".c", ".h", ".S")):
        ok = lines[0] == C_SPDX
    else:
        ok = any(SPDX in line for line in lines[:2 if lines[0].startswith("#!") else 1])
    return [] if ok else [f"{path}:1: the first line is not the SPDX line"]


def check_include(root, path, kind, name, contract):
    folder, _, rest = name.partition("/")
    if kind == '"':
        local = "/" not in name and os.path.exists(os.path.join(root, os.path.dirname(path), name))
        return None if local else f'"{name}" is not in the same folder'
    if folder in ABI_FOLDERS:
        return None if name in abi_headers() else f"<{name}> is not in linux-libc-dev"
    if folder == "arch":
        if path.startswith("arch/") or rest in contract:
            return None
        return f"<{name}> is not in the contract list of Documentation/architecture.rst"
    if folder == "oshit":
        exists = name in GENERATED or os.path.exists(os.path.join(root, "include", name))
        return None if exists else f"<{name}> does not exist"
    return None if name in COMPILER_HEADERS else f"<{name}> is none of the three kinds of header"


def check_includes(root, path, text, contract):
    findings = []
    for match in INCLUDE.finditer(text):
        finding = check_include(root, path, match[1], match[2], contract)
        if finding:
            findings.append(f"{path}:{tree.line_of(text, match.start())}: {finding}")
    return findings


def guard_name(path):
    """OSHIT_LIST_H for include/oshit/list.h, ARCH_IO_H; any name for a local header."""
    for prefix in ("include/oshit/", "arch/x86_64/include/arch/"):
        if path.startswith(prefix):
            name = os.path.basename(os.path.dirname(prefix)) + "/" + path[len(prefix):]
            return re.sub(r"\W", "_", name).upper()
    return None


def check_guard(path, text):
    match = GUARD.search(text)
    wanted = guard_name(path)
    if not match or match[1] != match[2]:
        return [f"{path}:1: no include guard"]
    if wanted and match[1] != wanted:
        return [f"{path}:{tree.line_of(text, match.start())}: guard {match[1]}, not {wanted}"]
    return []


def contract_list(root):
    path = os.path.join(root, "Documentation", "architecture.rst")
    if not os.path.exists(path):
        return set()
    with open(path, encoding="utf-8") as file:
        return set(CONTRACT.findall(file.read()))


def check(root, _build=None):
    findings = []
    contract = contract_list(root)
    for path, text in tree.sources(root, ""):
        if text and not NO_SPDX.search(path):
            findings += check_spdx(path, text)
        if not tree.in_kernel(path) or not path.endswith((".c", ".h", ".S")):
            continue
        findings += check_includes(root, path, text, contract)
        if path.endswith(".h"):
            findings += check_guard(path, text)
    return findings
