# SPDX-License-Identifier: GPL-2.0-only
"""Which tests a kernel should run: the suites linked into it, with their cases by the sources.

The kernel's own plan counts what it found, so it would not notice a suite that the link lost or a
case that a table forgot.  This count comes from elsewhere: nm(1) and the text of the test files.
"""

import fnmatch
import os
import re
import subprocess

SUITE = re.compile(r"^TEST_SUITE\((\w+), *(\w+)\);", re.MULTILINE)
TABLE = r"static const struct test_case {}\[\] *= *\{{(.*?)^\}};"
CASE = re.compile(r"\bTEST_CASE\((\w+)\)")
FUNCTION = re.compile(r"^static void (\w+)\(struct test \*\w+\)\n\{", re.MULTILINE)
SYMBOL = re.compile(r"__test_suite_ptr_(\w+?)(?:\.\d+)?$")
SKIPPED_FOLDERS = {".git", "build", "Documentation"}


def test_files(root):
    for folder, folders, files in os.walk(root):
        folders[:] = [f for f in folders
                      if f not in SKIPPED_FOLDERS and not f.startswith("build-")]
        for name in sorted(files):
            if name.endswith("_test.c"):
                yield os.path.join(folder, name)


def suites_of_file(text):
    """{suite: [case, ...]} of one source text."""
    suites = {}
    for suite, table in SUITE.findall(text):
        match = re.search(TABLE.format(table), text, re.MULTILINE | re.DOTALL)
        suites[suite] = CASE.findall(match[1]) if match else []
    return suites


def forgotten_cases(text):
    """Functions that look like tests and stand in no table."""
    listed = {case for cases in suites_of_file(text).values() for case in cases}
    called = re.findall(r"\b(\w+)\(t[,)]", text)
    return [f for f in FUNCTION.findall(text) if f not in listed and f not in called]


def suites_of_tree(root):
    suites = {}
    for path in test_files(root):
        with open(path, encoding="utf-8") as file:
            suites.update(suites_of_file(file.read()))
    return suites


def linked_suites(kernel):
    names = subprocess.run(["nm", kernel], check=True, capture_output=True, text=True).stdout
    matches = (SYMBOL.search(line) for line in names.splitlines())
    return {match[1] for match in matches if match}


def expected_tests(root, kernel, globs):
    """Names "suite.case" that `kunit=GLOB,GLOB` should run."""
    suites = suites_of_tree(root)

    def wanted(name):
        return any(fnmatch.fnmatchcase(name, glob) for glob in globs.split(","))

    return {f"{suite}.{case}"
            for suite in linked_suites(kernel)
            for case in suites.get(suite, ["(no source)"])
            if wanted(suite) or wanted(f"{suite}.{case}")}
