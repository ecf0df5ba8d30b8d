/* SPDX-License-Identifier: GPL-2.0-only */
/* Any order of vmalloc(), vmap(), ioremap(), stacks and their ends keeps areas apart. */
#include <oshit/gfp.h>
#include <oshit/mmzone.h>
#include <oshit/shrinker.h>
#include <oshit/string.h>
#include <oshit/vmalloc.h>
#include <vmalloc_machine.h>

#include "fuzz.h"

#define MAX_CALLS 256

static struct vmalloc_load load;

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	unsigned long nr_tables = vmalloc_machine_tables();
	struct vmalloc_counts counts;
	u32 op;

	for (int i = 0; size >= sizeof(op) && i < MAX_CALLS; i++) {
		memcpy(&op, data, sizeof(op));
		vmalloc_load_step(&load, op);
		data += sizeof(op);
		size -= sizeof(op);
	}
	vmalloc_load_end(&load);
	FUZZ_ASSERT(!load.error);
	vmalloc_counts_get(&counts);
	FUZZ_ASSERT(counts.nr_areas == 0 && counts.nr_pages == 0);
	FUZZ_ASSERT(vmalloc_machine_tables() == nr_tables);
	return 0;
}
