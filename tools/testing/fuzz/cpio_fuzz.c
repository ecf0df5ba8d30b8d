/* SPDX-License-Identifier: GPL-2.0-only */
/* An entry lies inside the archive, its name ends, and the reader always moves on. */
#include <oshit/cpio.h>
#include <oshit/string.h>

#include "fuzz.h"

static volatile u8 sink;

static void touch(const void *mem, size_t len)
{
	for (const u8 *p = mem; len--; p++)
		sink ^= *p;
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	struct cpio_reader reader;
	struct cpio_entry entry;
	size_t last = 0;
	int ret;

	cpio_open(&reader, data, size);
	while ((ret = cpio_next(&reader, &entry)) == 1) {
		FUZZ_ASSERT(reader.pos > last && reader.pos <= size);
		FUZZ_ASSERT(strlen(entry.name) == entry.name_len);
		touch(entry.data, entry.size);
		last = reader.pos;
	}
	FUZZ_ASSERT(ret == 0 || reader.error);
	FUZZ_ASSERT(cpio_next(&reader, &entry) == ret);
	return 0;
}
