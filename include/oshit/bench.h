/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Benchmarks inside the kernel.  A case of a test suite measures and prints notes; it fails only if
 * it cannot measure:
 *
 *	u64 plain = BENCH_CYCLES(NR_TURNS, );
 *	u64 cycles = BENCH_CYCLES(NR_TURNS, __free_page(alloc_page(GFP_KERNEL)));
 *
 *	bench_report(t, "alloc_page and __free_page", cycles, plain, NR_TURNS);
 *
 * The plain loop, measured in the same run, is the unit: absolute times depend on the machine and,
 * in an emulator, on its host.  Under QEMU's `-icount shift=0` a cycle is an instruction, and the
 * numbers are exact and the same in each run.
 */
#ifndef OSHIT_BENCH_H
#define OSHIT_BENCH_H

#include <arch/processor.h>
#include <oshit/test.h>

#define BENCH_ROUNDS 5 /* the fastest counts: an interrupt only ever adds */

/* Cycles for @nr_turns of a loop around @body. */
#define BENCH_CYCLES(nr_turns, body)                                                    \
	({                                                                              \
		u64 __bench_best = ~0UL;                                                \
                                                                                        \
		for (unsigned int __bench_round = 0; __bench_round < BENCH_ROUNDS;      \
		     __bench_round++) {                                                 \
			u64 __bench_start = cpu_cycles();                               \
			unsigned long __bench_left = (nr_turns);                        \
			u64 __bench_cycles;                                             \
                                                                                        \
			while (__bench_left--) {                                        \
				body;                                                   \
				barrier();                                              \
			}                                                               \
			__bench_cycles = cpu_cycles() - __bench_start;                  \
			if (__bench_cycles < __bench_best)                              \
				__bench_best = __bench_cycles;                          \
		}                                                                       \
		__bench_best;                                                           \
	})

/* One line: cycles that @what takes beyond the plain loop, a turn, and in turns of that loop. */
static inline void bench_report(struct test *t, const char *what, u64 cycles, u64 plain,
				unsigned long nr_turns)
{
	u64 net = cycles > plain ? cycles - plain : 0;
	u64 hundredths = net * 100 / nr_turns, ratio = net * 10 / (plain ?: 1);

	test_note(t, "%s: %lu.%02lu cycles, %lu.%lu turns of a plain loop", what, hundredths / 100,
		  hundredths % 100, ratio / 10, ratio % 10);
}

#endif
