# SPDX-License-Identifier: GPL-2.0-only
"""The judges of series of boots accept what is sound and nothing else."""

import random

from harness import machine, series


def panics(draw):
    """64 outputs; @draw(n) chooses a place among n."""
    for _ in range(64):
        bases = ", ".join(f"{name} at {0xffff888000000000 + draw(513) * series.BASE_STEP:#x}"
                          for name in ("direct map", "vmalloc", "page array"))
        yield f"[ 0.1] KASLR: image + {draw(1021) * series.IMAGE_STEP:#x}, {bases}\n"


def judge(draw):
    return series.judge_slides(list(panics(draw)))


def test_random_slides_pass():
    assert judge(random.Random(1).randrange) == []


def test_no_slides_fail():
    assert any("direct map: 1 places" in problem for problem in judge(lambda n: 0))


def test_slides_of_few_bits_fail():
    chance = random.Random(2)
    assert any("bit 7" in problem for problem in judge(lambda n: chance.randrange(n // 4)))
    assert any("bit 0" in problem for problem in judge(lambda n: chance.randrange(n // 2) * 2))


def test_slides_that_move_together_fail():
    outputs = []
    for _, place in zip(range(64), iter(random.Random(3).random, None)):
        outputs += [next(panics(lambda n, place=place: int(place * 500)))]
    problems = series.judge_slides(outputs)
    assert problems and all(" xor " in problem for problem in problems)


def test_silent_boot_fails():
    outputs = list(panics(random.Random(4).randrange))
    assert series.judge_slides(outputs[:-1] + ["[ 0.1] panic: early\n"]) == [
        "1 boots do not say where things are"]


def test_extra_time_is_the_difference_of_the_last_stamps():
    assert series.judge_times(["[    0.100000] a\n[    0.350000] b\n", "[    0.251000] c\n"],
                              100) == []
    assert series.judge_times(["[    0.352000] b\n", "[    0.251000] c\n"], 100)
    assert series.judge_times(["", "[    0.251000] c\n"], 100)


def test_unknown_series_is_an_error():
    spec = machine.Spec("one", dict(machine.KEYS, series="tides"))
    try:
        series.run(spec, "build", "tcg")
    except machine.ConfigError as error:
        assert "tides" in str(error)
    else:
        assert False
