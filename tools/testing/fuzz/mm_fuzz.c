/* SPDX-License-Identifier: GPL-2.0-only */
/* Any order of calls for pages and objects keeps them apart and loses none. */
#include <oshit/math.h>
#include <oshit/mmzone.h>
#include <oshit/shrinker.h>
#include <oshit/slab.h>
#include <oshit/string.h>

#include "fuzz.h"

#define NR_SLOTS 32
#define EDGE	 512UL /* bytes marked at both ends of what a slot holds */

static struct slot {
	u8 *memory; /* NULL: empty */
	size_t size;
	int order; /* -1: from kmalloc() */
} slots[NR_SLOTS];

static u8 mark_of(const struct slot *slot)
{
	return slot - slots + 1;
}

static void check_marks(const struct slot *slot, const u8 *memory, size_t size)
{
	FUZZ_ASSERT(!memchr_inv(memory, mark_of(slot), size));
}

static void check_slot(const struct slot *slot)
{
	size_t edge = min(slot->size, EDGE);

	check_marks(slot, slot->memory, edge);
	check_marks(slot, slot->memory + slot->size - edge, edge);
}

static void fill(struct slot *slot, void *memory, size_t size)
{
	size_t edge = min(size, EDGE);

	slot->memory = memory;
	slot->size = size;
	if (!memory)
		return;
	memset(memory, mark_of(slot), edge);
	memset(memory + size - edge, mark_of(slot), edge);
}

static void give(struct slot *slot)
{
	check_slot(slot);
	if (slot->order >= 0)
		free_pages((unsigned long)slot->memory, slot->order);
	else
		kfree(slot->memory);
	slot->memory = NULL;
}

static void resize(struct slot *slot, size_t size)
{
	size_t kept = min(size, slot->size);
	u8 *memory = krealloc(slot->memory, size, GFP_NOWAIT | __GFP_NOWARN);

	if (!memory)
		return;
	check_marks(slot, memory, min(kept, EDGE));
	fill(slot, memory, size);
}

/* One call: two bytes choose the slot and what happens, two more the size. */
static void call(const u8 *op)
{
	struct slot *slot = &slots[op[0] % NR_SLOTS];
	size_t size = 1 + (op[2] | (size_t)op[3] << 8) % (op[1] & 0x80 ? 40000 : 600);
	bool pages = op[1] & 1;

	if (slot->memory && op[1] & 2 && slot->order < 0)
		return resize(slot, size);
	if (slot->memory)
		return give(slot);
	slot->order = pages ? op[2] % 6 : -1;
	if (pages)
		fill(slot, (void *)__get_free_pages(GFP_NOWAIT | __GFP_NOWARN, slot->order),
		     PAGE_SIZE << slot->order);
	else
		fill(slot, __kmalloc(size, GFP_NOWAIT | __GFP_NOWARN), size);
	if (op[1] & 0x40 && op[2] == 0)
		shrink_caches(GFP_KERNEL, ~0UL);
}

static void check_empty(void)
{
	for (size_t i = 0; i < NR_KMALLOC_CLASSES; i++) {
		struct kmem_cache_info info;

		kmem_cache_info_get(kmalloc_caches[i], &info);
		FUZZ_ASSERT(info.nr_objects == 0 && info.nr_slabs == 0);
	}
	FUZZ_ASSERT(page_alloc_verify() == 0);
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	for (; size >= 4; data += 4, size -= 4)
		call(data);
	for (size_t i = 0; i < NR_SLOTS; i++)
		if (slots[i].memory)
			give(&slots[i]);
	shrink_caches(GFP_KERNEL, ~0UL);
	drain_local_pages();
	check_empty();
	return 0;
}
