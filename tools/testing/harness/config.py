# SPDX-License-Identifier: GPL-2.0-only
"""The configuration of a built kernel."""

import os
import re

SET = re.compile(r"^CONFIG_(\w+)=(.*)$")


def load(build):
    """{symbol: value} of what is set in build/.config."""
    with open(os.path.join(build, ".config"), encoding="utf-8") as file:
        matches = (SET.match(line.rstrip()) for line in file)
        return {match[1]: match[2].strip('"') for match in matches if match}


def missing(config, needs):
    """Which of @needs ("X", or "!X" for one that must be off) @config does not meet."""
    return [need for need in needs if (need.lstrip("!") in config) == need.startswith("!")]
