# SPDX-License-Identifier: GPL-2.0-only
"""Sizes and shape of C: functions, files, lines; no #if in a function, no extern in a .c file."""

import os
import re

import tree

MAX_FUNCTION = 60       # lines from { to }
MAX_FILE = 900
MAX_COLUMNS = 100

FUNCTION = re.compile(r"^(?=[A-Za-z_])[^\n;=#]*?\b(\w+)\((?:[^;{}]|\n)*?\)[^;={}]*\n\{\n(.*?)^\}",
                      re.MULTILINE | re.DOTALL)
CONDITION = re.compile(r"^[ \t]*#[ \t]*(?:if|ifdef|ifndef|elif|else)\b", re.MULTILINE)
EXTERN = re.compile(r"^[ \t]*extern\b", re.MULTILINE)
NOTE = re.compile(r"\b(?:TODO|FIXME|XXX)\b")
COMMENT = re.compile(r"/\*.*?\*/|//[^\n]*", re.DOTALL)
STRING = re.compile(r'"(?:\\.|[^"\\\n])*"')


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
    if path.endswith(".c"):
        for match in EXTERN.finditer(code):
            findings.append(f"{path}:{tree.line_of(code, match.start())}: extern in a .c file")
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
    return findings
