/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A format of any bytes: the text ends inside the buffer, and what a small buffer gets is the start
 * of what a large one gets.  All arguments are one pointer to a string, which is also a number.
 */
#include <oshit/printf.h>
#include <oshit/string.h>

#include "fuzz.h"

#define FORMAT_MAX 48
#define SMALL	   7

/* At most so many arguments can be asked for by a format of FORMAT_MAX bytes. */
#define ARGS	   s, s, s, s, s, s, s, s, s, s, s, s, s, s, s, s, s, s, s, s, s, s, s, s
#define ALL_ARGS   ARGS, ARGS

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	static char large[16384], small[SMALL + 1];
	const char *s = "string";
	char fmt[FORMAT_MAX];
	int large_len, small_len;

	if (size >= FORMAT_MAX)
		return 0;
	memcpy(fmt, data, size);
	fmt[size] = '\0';
	small[SMALL] = '~';
	large_len = snprintf(large, sizeof(large), fmt, ALL_ARGS);
	small_len = snprintf(small, SMALL, fmt, ALL_ARGS);
	FUZZ_ASSERT(large_len == small_len && large_len >= 0);
	FUZZ_ASSERT(small[SMALL] == '~');
	FUZZ_ASSERT(strnlen(small, SMALL) < SMALL);
	FUZZ_ASSERT(!strncmp(large, small, strlen(small)));
	return 0;
}
