# SPDX-License-Identifier: GPL-2.0-only
"""The checks' own tests feed bad input to each check and each part of the harness."""

import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(os.path.dirname(HERE)))
sys.path.insert(0, os.path.dirname(HERE))                       # package harness
sys.path.insert(0, os.path.join(ROOT, "scripts", "checks"))     # the checks
