# SPDX-License-Identifier: GPL-2.0-only
"""What a single boot cannot show: a machine switched on several times, and all outputs judged.

`series = NAME ARGUMENT...` in boot.cfg names a function of SERIES, which gets the outputs of the
boots that the arguments ask for and returns what is wrong.  Each boot must also pass by itself.
"""

import copy
import itertools
import os
import re
from concurrent.futures import ThreadPoolExecutor

from . import machine

SLIDES = re.compile(r"KASLR: image \+ (0x[0-9a-f]+|0), (.*)$", re.MULTILINE)
BASE = re.compile(r"([\w ]+?) at (0x[0-9a-f]+)")
STAMP = re.compile(r"^\[ *(\d+\.\d+)\]", re.MULTILINE)
IMAGE_STEP = 2 << 20
BASE_STEP = 1 << 30
NR_BITS = 8             # every base has at least 2**9 places, the vmalloc area and the image too
MIN_ONES = 8            # of 64 boots; less: 4e-11 for a fair bit
MIN_DISTINCT = 48       # of 64 boots; less: 7e-9 with 513 places, the fewest


def boot_all(specs, build, accel):
    """Boots the machines, as many at a time as there are SLOTS: (outputs, problems)."""
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        outcomes = list(pool.map(lambda spec: machine.Machine(spec, build, accel).run(), specs))
    problems = [f"{spec.name}: {problem}" for spec, outcome in zip(specs, outcomes)
                for problem in outcome.problems]
    return [outcome.output for outcome in outcomes], problems


def variant(spec, suffix, **keys):
    other = copy.deepcopy(spec)
    other.name = f"{spec.name}-{suffix}"
    other.keys.update(keys)
    return other


def slides_of(output):
    """{what: number of the place that was chosen} as a panic prints it; None if it did not."""
    match = SLIDES.search(output)
    if not match:
        return None
    places = {name.strip(): int(base, 16) // BASE_STEP for name, base in BASE.findall(match[2])}
    return places | {"image": int(match[1], 16) // IMAGE_STEP}


def judge_values(name, values):
    """Are these 64 numbers spread over at least 2**NR_BITS?"""
    for bit in range(NR_BITS):
        ones = sum(value >> bit & 1 for value in values)
        if not MIN_ONES <= ones <= len(values) - MIN_ONES:
            yield f"{name}: bit {bit} of the slide is set in {ones} of {len(values)} boots"


def judge_slides(outputs):
    """A sound kernel fails this once in 10 million runs.

    64 fair coins fall on one side less than 8 times with probability 4e-11 for either side.  With
    four bases and their six pairs that is 8 * (4 + 6) * 8e-11 = 6e-9; and fewer than 48 distinct
    places out of 513 have 7e-9, four times.  The bits of a pair are xored: bases must not move
    together.
    """
    slides = [slides_of(output) for output in outputs]
    if None in slides:
        return [f"{slides.count(None)} boots do not say where things are"]
    problems = []
    columns = {name: [s[name] for s in slides] for name in slides[0]}
    for name, values in columns.items():
        problems += judge_values(name, values)
        if len(set(values)) < MIN_DISTINCT:
            problems.append(f"{name}: {len(set(values))} places in {len(values)} boots")
    for (one, ones), (other, others) in itertools.combinations(columns.items(), 2):
        problems += judge_values(f"{one} xor {other}", [a ^ b for a, b in zip(ones, others)])
    return problems


def slides(spec, build, accel, _):
    specs = [variant(spec, i) for i in range(64)]
    outputs, problems = boot_all(specs, build, accel)
    return problems or judge_slides(outputs)


def judge_times(outputs, limit_ms):
    """The log's last stamp of the first output is at most @limit_ms above that of the second."""
    last = [float((STAMP.findall(output) or ["nan"])[-1]) * 1000 for output in outputs]
    if last[0] - last[1] <= limit_ms:
        return []
    return [f"{last[0]:.1f} ms, more than {limit_ms} ms above {last[1]:.1f} ms"]


def extra_time(spec, build, accel, arguments):
    memory, limit_ms = arguments
    plain = variant(spec, memory, memory=memory, machine="q35", qemu="-icount shift=0,sleep=off")
    outputs, problems = boot_all([spec, plain], build, accel)
    return problems or judge_times(outputs, float(limit_ms))


SERIES = {"slides": slides, "extra-time": extra_time}


def run(spec, build, accel):
    """Problems of the series that @spec asks for."""
    name, *arguments = spec.words("series")
    if name not in SERIES:
        raise machine.ConfigError(f"[{spec.name}]: series = {name}, not one of {list(SERIES)}")
    return SERIES[name](spec, build, accel, arguments)
