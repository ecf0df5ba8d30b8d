# SPDX-License-Identifier: GPL-2.0-only
"""Samples of a stopped machine become names, shares and boxes."""

import collections
import os
import struct
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))
sys.path.insert(0, os.path.join(ROOT, "tools", "bench"))

import profile      # noqa: E402  pylint: disable=wrong-import-position,wrong-import-order

MAP = """ffffffff80200000 T start
ffffffff80200100 t inner
ffffffff80200200 D data
ffffffff80200300 T outer
"""
INNER, OUTER = 0xffffffff80200110, 0xffffffff80200320
STACK = 0xffffc90000001000


def symbols():
    return profile.Symbols(MAP)


def test_an_address_has_the_name_below_it():
    assert symbols().name(INNER) == "inner"
    assert symbols().name(0xffffffff80200250) == "inner"     # data is no function
    assert symbols().name(OUTER + 0x1000) is None
    assert symbols().name(0x1000) is None


def test_registers_are_read():
    text = "RBP=ffffc90000001010 RSP=ffffc90000001000\nRIP=ffffffff80200110 RFL=00000246 [---] " \
           "CPL=0 II=0 A20=1 SMM=0 HLT=1"
    assert profile.registers(text) == {"RBP": STACK + 0x10, "RSP": STACK, "RIP": INNER, "CPL": 0,
                                       "HLT": 1}


def test_a_stack_is_walked_by_its_frames():
    stack = struct.pack("<QQQQQQ", 7, 7, STACK + 0x20, OUTER, 0, 0)
    assert profile.walk(INNER, STACK + 0x10, STACK, stack, symbols()) == ["inner", "outer"]


def test_a_walk_ends_at_nonsense():
    stack = struct.pack("<QQ", STACK, OUTER)    # points to itself
    assert profile.walk(INNER, STACK, STACK, stack, symbols()) == ["inner", "outer"]
    assert profile.walk(INNER, 0, STACK, stack, symbols()) == ["inner"]
    assert profile.walk(INNER, STACK + 1, STACK, stack, symbols()) == ["inner"]
    assert profile.walk(INNER, STACK + 8, STACK, stack, symbols()) == ["inner"]
    assert profile.walk(0x10, STACK, STACK, b"", symbols()) == ["0x10"]


STACKS = collections.Counter({"outer;inner": 6, "outer": 2, "outer;inner;outer": 1, "(user)": 1})


def test_shares_of_a_function_and_of_what_it_calls():
    assert profile.table(STACKS) == [(60, 70, "inner"), (30, 90, "outer"), (10, 10, "(user)")]


def test_boxes_lie_within_their_callers():
    assert profile.frames(STACKS) == [(0, 0, 1, "(user)"), (0, 1, 9, "outer"),
                                      (1, 1, 7, "inner"), (2, 1, 1, "outer")]
