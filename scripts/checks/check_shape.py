# SPDX-License-Identifier: GPL-2.0-only
"""Sizes and shape of C: functions, files, lines; no #if in a function, no extern in a .c file
but of what only assembly or the linker script defines."""

import os
import re

import tree

MAX_FUNCTION = 60       # lines from { to }
MAX_FILE = 900
MAX_COLUMNS = 100

FUNCTION = re.compile(r"^(?=[A-Za-z_])[^\n;=#]*?\b(\w+)\([^;{}]*?\)[^;={}]*\n\{\n(.*?)^\}",
                      re.MULTILINE | re.DOTALL)
CONDITION = re.compile(r"^[ \t]*#[ \t]*(?:if|ifdef|ifndef|elif|else)\b", re.MULTILINE)
EXTERN = re.compile(r"^[ \t]*extern\b([^;{]*);", re.MULTILINE)
DECLARED = re.compile(r"(\w+)\s*(?:\[[^,]*|\(.*)?(?:,|$)", re.DOTALL)
LINKER_MADE = re.compile(r"__(?:start|stop)_\w+$")     # the bounds of a section
NOTE = re.compile(r"\b(?:TODO|FIXME|XXX)\b")
COMMENT = re.compile(r"/\*.*?\*/|//[^\n]*", re.DOTALL)
STRING = re.compile(r'"(?:\\.|[^"\\\n])*"')


def check_externs(path, code, assembly):
    """What C defines is declared in a header; only what no C file defines may stand in a .c."""
    return [f"{path}:{tree.line_of(code, match.start(1))}: extern of {name} in a .c file"
            for match in EXTERN.finditer(code)
            for name in DECLARED.findall(match[1])
            if not LINKER_MADE.match(name) and not re.search(rf"\b{name}\b", assembly)]


def check_functions(path, text):
    findings = []
    code = tree.blank(tree.blank(text, COMMENT), STRING)
    for match in FUNCTION.finditer(code):
        line = tree.line_of(code, match.start(2)) - 1
        length = match[2].count("\n")
        if length > MAX_FUNCTION:
            findings.append(f"{path}:{line}: {match[1]}() has {length} lines, over {MAX_FUNCTION}")
        for condition in CONDITION.finditer(match[2]):
            at = tree.line_of(code, match.start(2) + condition.start())
            findings.append(f"{path}:{at}: #if inside {match[1]}()")
    return findings


def check_lines(path, text):
    findings = []
    lines = text.split("\n")
    if lines[-1]:
        findings.append(f"{path}:{len(lines)}: no newline at the end of the file")
    elif len(lines) > 1 and not lines[-2]:
        findings.append(f"{path}:{len(lines) - 1}: empty line at the end of the file")
    for number, line in enumerate(lines, 1):
        if line != line.rstrip():
            findings.append(f"{path}:{number}: space at the end of the line")
        if path.endswith((".c", ".h", ".S", ".py")) and len(line.expandtabs(8)) > MAX_COLUMNS:
            findings.append(f"{path}:{number}: over {MAX_COLUMNS} columns")
    return findings


def check_notes(path, text):
    return [f"{path}:{tree.line_of(text, m.start())}: {m[0]} without an issue"
            for m in NOTE.finditer(text)]


def is_text(path):
    name = os.path.basename(path)
    return name != "COPYING" and "/corpus/" not in path and not path.endswith((".md", ".txt"))


def check(root, _build=None):
    findings = []
    # Assembly, linker scripts, and the generators of assembly.
    assembly = "\n".join(text for path, text in tree.sources(root, ".S", ".c")
                         if path.endswith(".S") or path.startswith("scripts/"))
    for path, text in tree.sources(root, ""):
        if not is_text(path):
            continue
        findings += check_lines(path, text)
        if path.endswith((".c", ".h", ".S")):
            findings += check_notes(path, text)
            if text.count("\n") > MAX_FILE:
                findings.append(f"{path}:{MAX_FILE}: over {MAX_FILE} lines")
        if path.endswith((".c", ".h")):
            findings += check_functions(path, text)
        if path.endswith(".c"):
            code = tree.blank(tree.blank(text, COMMENT), STRING)
            findings += check_externs(path, code, assembly)
    return findings
