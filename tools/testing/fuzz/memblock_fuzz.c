/* SPDX-License-Identifier: GPL-2.0-only */
/* Any sequence of calls leaves the lists sorted, disjoint and merged, and allocations are sound. */
#include <oshit/memblock.h>
#include <oshit/string.h>

#include "fuzz.h"

#define OP_SIZE 8 /* bytes of input for a call: what, owner, start, size, limit */

static void check_list(const struct memblock_list *list)
{
	FUZZ_ASSERT(list->nr <= list->capacity);
	for (size_t i = 0; i < list->nr; i++) {
		const struct memblock_region *region = &list->regions[i];

		FUZZ_ASSERT(region->start < region->end);
		if (i == 0)
			continue;
		FUZZ_ASSERT(region[-1].end <= region->start);
		FUZZ_ASSERT(region[-1].end < region->start || region[-1].owner != region->owner);
	}
}

static void check_alloc(u64 size, u64 align, u64 limit, enum memblock_direction direction)
{
	struct memblock_region range;
	bool full = !memblock_next_free(0, &range);
	u64 got = memblock_alloc_range(size, align, 0, limit, direction);

	if (!got)
		return;
	FUZZ_ASSERT(!full && got % align == 0 && got + size <= limit);
	FUZZ_ASSERT(memblock_is_memory(got) && memblock_is_memory(got + size - 1));
	FUZZ_ASSERT(memblock_is_reserved(got) && memblock_is_reserved(got + size - 1));
	FUZZ_ASSERT(!memblock_next_free(got, &range) || range.start >= got + size);
}

static void call(const u8 *op)
{
	u64 start = (op[2] | (u64)op[3] << 8) << (op[0] >> 4), size = op[4] | (u64)op[5] << 8;
	u64 limit = (op[6] | (u64)op[7] << 8) << 8;

	switch (op[0] % 8) {
	case 0:
	case 1:
		memblock_add(start, size << (op[1] % 64));
		break;
	case 2:
		memblock_remove(start, size);
		break;
	case 3:
		memblock_reserve(start, size, op[1] % MEMBLOCK_NR_OWNERS);
		break;
	case 4:
		memblock_free(start, size);
		break;
	case 5:
		memblock_limit(limit << (op[1] % 32));
		break;
	default:
		check_alloc(size, 1UL << (op[1] % 16), limit, op[0] % 2);
		break;
	}
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	struct memblock_region range;
	u64 nr_free = 0, nr_walks = 0;

	memblock_reset();
	for (; size >= OP_SIZE; data += OP_SIZE, size -= OP_SIZE)
		call(data);
	check_list(&memblock.memory);
	check_list(&memblock.reserved);
	for (u64 pos = 0; memblock_next_free(pos, &range); pos = range.end, nr_walks++)
		nr_free += range.end - range.start;
	FUZZ_ASSERT(nr_free <= memblock_memory_size());
	FUZZ_ASSERT(nr_walks <= memblock.memory.nr + memblock.reserved.nr);
	return 0;
}
