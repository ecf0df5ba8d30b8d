# SPDX-License-Identifier: GPL-2.0-only
"""Kconfig: parsed by kconfiglib too, every symbol explained, defined and used.

 - Every symbol has a help text.
 - Every CONFIG_X in the tree, every need in boot.cfg, every line of a fragment is a symbol.
 - Every symbol is used: by a source file, a Makefile, or another symbol.
 - Nothing selects what has dependencies.
"""

import os
import re

import kconfiglib
import tree

USE = re.compile(r"\bCONFIG_([A-Z0-9_]+)\b")
NEEDS = re.compile(r"^needs *=(.*)$", re.MULTILINE)
NOT_CODE = re.compile(r"^Documentation/|\.md$|^tools/testing/checks/|^scripts/checks/")
PLACEHOLDERS = {"X", "TEST_X", "FOO", "FOO_BAR"}   # in comments that explain the scheme


def parse(root):
    """The parsed tree, and what kconfiglib complained of."""
    os.environ["srctree"] = root
    os.environ["KCONFIG_WARN_UNDEF"] = "y"
    try:
        kconf = kconfiglib.Kconfig("Kconfig", warn_to_stderr=False)
    except kconfiglib.KconfigError as error:
        return None, [str(error)]
    return kconf, [warning.replace("\n", " ") for warning in kconf.warnings]


def symbols_used(root):
    """{symbol: (path, line)} of its first use outside of Kconfig files."""
    uses = {}
    for path, text in tree.sources(root, ""):
        if NOT_CODE.search(path) or os.path.basename(path).startswith("Kconfig"):
            continue
        for match in USE.finditer(text):
            uses.setdefault(match[1], (path, tree.line_of(text, match.start())))
        if path.endswith("boot.cfg"):
            for match in NEEDS.finditer(text):
                for word in match[1].split():
                    uses.setdefault(word.lstrip("!"), (path, tree.line_of(text, match.start())))
    return uses


def used_in_code(root):
    """Symbols that are more than set: outside of fragments, defconfigs and boot.cfg."""
    return {symbol for path, text in tree.sources(root, "")
            if not NOT_CODE.search(path) and "/configs/" not in path and path != "defconfig"
            and not os.path.basename(path).startswith("Kconfig") and not path.endswith("boot.cfg")
            for symbol in USE.findall(text)}


def referenced(kconf):
    """Symbols that an expression of another symbol, menu or choice mentions."""
    names = set()
    for node in kconf.node_iter():
        names |= {item.name for item in node.referenced if isinstance(item, kconfiglib.Symbol)
                  and item is not node.item}
    return names


def place(node):
    return f"{node.filename}:{node.linenr}"


def check_symbol(symbol, code, references):
    findings = []
    node = symbol.nodes[0]
    if not any(n.help and n.help.strip() for n in symbol.nodes):
        findings.append(f"{place(node)}: {symbol.name} has no help text")
    if symbol.name not in code and symbol.name not in references and not symbol.choice:
        findings.append(f"{place(node)}: {symbol.name} is used nowhere")
    for target, _ in symbol.orig_selects:
        if target.orig_selects or kconfiglib.expr_str(target.direct_dep) != "y":
            findings.append(f"{place(node)}: {symbol.name} selects {target.name}, "
                            "which has dependencies")
    return findings


def check(root, _build=None):
    kconf, findings = parse(root)
    if not kconf:
        return findings
    code, references = used_in_code(root), referenced(kconf)
    defined = {symbol.name: symbol for symbol in kconf.unique_defined_syms}
    for symbol in defined.values():
        findings += check_symbol(symbol, code, references)
    for name, (path, line) in sorted(symbols_used(root).items()):
        if name not in defined and name not in PLACEHOLDERS and not name.endswith("_"):
            findings.append(f"{path}:{line}: CONFIG_{name} is not a symbol")
    return findings
