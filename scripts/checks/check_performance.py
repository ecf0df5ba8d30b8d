# SPDX-License-Identifier: GPL-2.0-only
"""Documentation/performance.rst agrees with Documentation/performance.tsv.

The tables between the two marks are those that the results give, the chart is drawn from the same
run, and the section "Not ahead" has an entry, "``metric``", for every metric in which OShit is
behind or which it lacks, and for no other.
"""

import os
import re
import sys

import tree

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                "..", "..", "tools", "bench"))
import results as model  # noqa: E402  pylint: disable=wrong-import-position

DOCUMENT = "Documentation/performance.rst"
RESULTS = "Documentation/performance.tsv"
CHART = "Documentation/performance.svg"

SECTION = re.compile(r"^Not ahead\n-+\n(.*?)(?=^[^\n]+\n-+\n|\Z)", re.MULTILINE | re.DOTALL)
ENTRY = re.compile(r"^(``\w+``(?:,? ``\w+``)*)$", re.MULTILINE)


def entries(document):
    """Metrics that the section "Not ahead" explains; None without it."""
    section = SECTION.search(document)
    if not section:
        return None
    return {metric for line in ENTRY.findall(section[1]) for metric in re.findall(r"\w+", line)}


def check_entries(document, results):
    named = entries(document)
    if named is None:
        return [f"{DOCUMENT}:1: no section 'Not ahead'"]
    behind = set(results.losing())
    return [f"{DOCUMENT}:1: {metric} is not ahead, and its cause is not told"
            for metric in sorted(behind - named)] + \
           [f"{DOCUMENT}:1: {metric} is named as not ahead, and is not measured so"
            for metric in sorted(named - behind)]


def check(root, _build=None):
    if not os.path.exists(os.path.join(root, RESULTS)):
        return []
    missing = [path for path in (DOCUMENT, CHART) if not os.path.exists(os.path.join(root, path))]
    if missing:
        return [f"{path}:1: is missing, and {RESULTS} is there" for path in missing]
    document, chart = tree.read(root, DOCUMENT), tree.read(root, CHART)
    try:
        results = model.read(tree.read(root, RESULTS))
        same = model.replace_report(document, results) == document
    except model.ResultError as error:
        return [f"{RESULTS}:{error}"]
    findings = [] if same else [f"{DOCUMENT}:1: the tables are not those of {RESULTS}"]
    if model.title(results) not in chart:
        findings.append(f"{CHART}:1: is not drawn from {RESULTS}")
    return findings + check_entries(document, results)
