/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A fuzz target is a function over bytes.  libFuzzer calls it with inputs of its own (make fuzz);
 * replay.c calls it with the seeds, and with these cut and damaged (make check-host).
 */
#ifndef TESTING_FUZZ_H
#define TESTING_FUZZ_H

#include <oshit/types.h>

int LLVMFuzzerTestOneInput(const u8 *data, size_t size);

/* What must hold for any input. */
#define FUZZ_ASSERT(cond)                 \
	do {                              \
		if (!(cond))              \
			__builtin_trap(); \
	} while (0)

#endif
