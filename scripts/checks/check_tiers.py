# SPDX-License-Identifier: GPL-2.0-only
"""Tiers: an undefined symbol of an object is defined in the same tier or below.

scripts/layers gives each source file its tier, lowest tier first.  The objects are those that were
linked into vmoshit; nm(1) tells what they define and need.  There is no list of exceptions.
Symbols that no object defines come from the linker script and belong to all.
"""

import fnmatch
import os
import subprocess

LAYERS = os.path.join("scripts", "layers")
OBJECT_LIST = "vmoshit.objects"         # written by the link: one object a line


class LayersError(Exception):
    """scripts/layers is wrong."""


class Layers:
    """The tiers in order, and the pattern that decides for a file: an exact path before a glob, a
    glob on the end of the name ("*_test.c") before one on the folder, a longer one before a shorter
    one."""

    def __init__(self, text):
        self.tiers = []
        self.patterns = {}
        for number, line in enumerate(text.split("\n"), 1):
            line = line.split("#")[0].rstrip()
            if not line:
                continue
            name, colon, rest = line.partition(":")
            if colon and not line[0].isspace():
                self.tiers.append(name)
                line = rest
            if not self.tiers:
                raise LayersError(f"{LAYERS}:{number}: a pattern before the first tier")
            for pattern in line.split():
                if pattern in self.patterns:
                    raise LayersError(f"{LAYERS}:{number}: {pattern} stands twice")
                self.patterns[pattern] = len(self.tiers) - 1

    def tier(self, source):
        """Number of the tier, or None."""
        if source in self.patterns:
            return self.patterns[source]
        matches = [p for p in self.patterns if fnmatch.fnmatchcase(source, p)]
        if not matches:
            return None
        return max((p.startswith("*"), len(p), self.patterns[p]) for p in matches)[2]


def objects(build):
    """Objects of the kernel, relative to @build."""
    path = os.path.join(build, OBJECT_LIST)
    if os.path.exists(path):
        with open(path, encoding="utf-8") as file:
            return sorted(os.path.relpath(os.path.join(build, line.strip()), build)
                          for line in file if line.strip())
    return []


def source_of(root, name):
    """The source file of an object, or its path with .c if it was generated."""
    stem = name[:-2]
    for suffix in (".c", ".S"):
        if os.path.exists(os.path.join(root, stem + suffix)):
            return stem + suffix
    return stem + ".c"


def symbols(build, name):
    """(defined, undefined) global symbols of an object."""
    text = subprocess.run(["nm", "-g", "--format=posix", os.path.join(build, name)], check=True,
                          capture_output=True, text=True).stdout
    defined, undefined = set(), set()
    for line in text.splitlines():
        symbol, kind = line.split()[:2]
        (undefined if kind in "Uvw" else defined).add(symbol)
    return defined, undefined


def upward_needs(layers, files):
    """@files: {source: (tier, defined, undefined)}."""
    home = {symbol: source for source, (_, defined, _) in files.items() for symbol in defined}
    for source, (tier, _, undefined) in sorted(files.items()):
        for symbol in sorted(undefined):
            other = home.get(symbol)
            if other and files[other][0] > tier:
                yield (f"{source}:1: {layers.tiers[tier]} needs {symbol}() of "
                       f"{layers.tiers[files[other][0]]} ({other})")


def check(root, build):
    try:
        with open(os.path.join(root, LAYERS), encoding="utf-8") as file:
            layers = Layers(file.read())
    except LayersError as error:
        return [str(error)]
    names = objects(build)
    if not names:
        return [f"{build}: no kernel was built ({OBJECT_LIST} is missing)"]
    findings = [f"{LAYERS}:1: {pattern} does not exist" for pattern in layers.patterns
                if "*" not in pattern and not os.path.exists(os.path.join(root, pattern))]
    files = {}
    for name in names:
        source = source_of(root, name)
        tier = layers.tier(source)
        if tier is None:
            findings.append(f"{source}:1: has no tier in {LAYERS}")
        else:
            files[source] = (tier, *symbols(build, name))
    return findings + list(upward_needs(layers, files))
