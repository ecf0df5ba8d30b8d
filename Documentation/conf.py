# SPDX-License-Identifier: GPL-2.0-only
"""Sphinx's settings for `make htmldocs`."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent / "ext"))

project = "OShit"
extensions = ["kerneldoc"]
exclude_patterns = ["ext"]
html_theme = "alabaster"
html_show_copyright = False
html_show_sourcelink = False
html_sidebars = {"**": ["globaltoc.html", "searchbox.html"]}
highlight_language = "none"
