/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Any order of map, unmap, protect and searches for free space leaves the areas that a model of
 * single pages has, and as few; also where the set is full, which must change nothing.
 */
#include <linux/errno.h>
#include <oshit/math.h>
#include <oshit/string.h>
#include <oshit/vma.h>

#include "fuzz.h"

#define BASE	  0x10000UL
#define NR_PAGES  256UL
#define OP_SIZE	  4 /* bytes: what, how, first page, number of pages */
#define MAX_CALLS 512
#define MAX_AREAS 24
#define FILE_OFFS 5000UL /* pages: what is mapped so does not merge with the rest */

static u8 model_flags[NR_PAGES]; /* 0: free */
static bool model_is_file[NR_PAGES];

static unsigned long page_addr(unsigned long page)
{
	return BASE + page * PAGE_SIZE;
}

static bool same_kind(unsigned long a, unsigned long b)
{
	return model_flags[a] == model_flags[b] &&
	       (!model_flags[a] || model_is_file[a] == model_is_file[b]);
}

static void compare(const struct vm_areas *areas)
{
	unsigned long nr = 0;

	for (unsigned long page = 0; page < NR_PAGES; page++) {
		struct vm_area *area = vma_lookup(areas, page_addr(page));
		unsigned long pgoff = (BASE >> PAGE_SHIFT) + page + model_is_file[page] * FILE_OFFS;

		FUZZ_ASSERT((area ? area->flags : 0) == model_flags[page]);
		FUZZ_ASSERT(!area || vma_pgoff_at(area, page_addr(page)) == pgoff);
		nr += model_flags[page] && (!page || !same_kind(page - 1, page));
	}
	FUZZ_ASSERT(areas->nr == nr && vma_verify(areas) == 0);
}

/* False: the set is too full to be split, and is as it was. */
static bool unmap(struct vm_areas *areas, unsigned long first, unsigned long end)
{
	struct vm_area *area;

	if (vma_isolate(areas, page_addr(first), page_addr(end)))
		return false;
	while ((area = vma_find_in(areas, page_addr(first), page_addr(end)))) {
		vma_remove(areas, area);
		vma_free(area);
	}
	memset(&model_flags[first], 0, end - first);
	return true;
}

static void map(struct vm_areas *areas, unsigned long first, unsigned long end, u8 how)
{
	struct vm_area *area = vma_alloc();
	bool is_file = how & 0x80;
	int err = 0;

	FUZZ_ASSERT(area);
	area->start = page_addr(first);
	area->end = page_addr(end);
	area->flags = 1 + how % 3;
	area->pgoff = (area->start >> PAGE_SHIFT) + is_file * FILE_OFFS;
	if (!unmap(areas, first, end)) {
		vma_free(area);
		return;
	}
	if (!vma_extend(areas, area)) {
		err = vma_insert(areas, area);
		FUZZ_ASSERT(err == (areas->nr == MAX_AREAS && err ? -ENOMEM : 0));
	}
	if (err || vma_lookup(areas, page_addr(first)) != area)
		vma_free(area);
	if (err)
		return;
	memset(&model_flags[first], 1 + how % 3, end - first);
	memset(&model_is_file[first], is_file, end - first);
}

static void protect(struct vm_areas *areas, unsigned long first, unsigned long end, u8 how)
{
	struct vm_area *area;

	if (vma_isolate(areas, page_addr(first), page_addr(end)))
		return;
	for_each_vma_in(area, areas, page_addr(first), page_addr(end))
		area->flags = 1 + how % 3;
	vma_merge_in(areas, page_addr(first), page_addr(end));
	for (; first < end; first++)
		if (model_flags[first])
			model_flags[first] = 1 + how % 3;
}

static bool is_free(unsigned long first, unsigned long end)
{
	while (first < end && !model_flags[first])
		first++;
	return first == end;
}

/* The highest place in the pages from @first to @end, by trying each. */
static void search(const struct vm_areas *areas, unsigned long first, unsigned long end, u8 how)
{
	struct vma_gap gap = {
		.size = (1 + how % 16) * PAGE_SIZE,
		.align = PAGE_SIZE << (how >> 4) % 6,
		.low = page_addr(first),
		.high = page_addr(end),
	};
	unsigned long nr = gap.size / PAGE_SIZE, expected = 0;

	for (unsigned long top = end; !expected && top >= first + nr; top--)
		if (IS_ALIGNED(page_addr(top - nr), gap.align) && is_free(top - nr, top))
			expected = page_addr(top - nr);
	FUZZ_ASSERT(vma_find_gap(areas, &gap) == expected);
}

static void call(struct vm_areas *areas, const u8 *op)
{
	unsigned long first = op[2] % NR_PAGES;
	unsigned long end = first + 1 + op[3] % (NR_PAGES - first);

	switch (op[0] % 4) {
	case 0:
		map(areas, first, end, op[1]);
		break;
	case 1:
		unmap(areas, first, end);
		break;
	case 2:
		protect(areas, first, end, op[1]);
		break;
	default:
		search(areas, first, end, op[1]);
		break;
	}
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	struct vm_areas areas;

	vm_areas_init(&areas, MAX_AREAS);
	memset(model_flags, 0, sizeof(model_flags));
	for (int i = 0; size >= OP_SIZE && i < MAX_CALLS; i++) {
		call(&areas, data);
		data += OP_SIZE;
		size -= OP_SIZE;
	}
	compare(&areas);
	FUZZ_ASSERT(unmap(&areas, 0, NR_PAGES) && areas.nr == 0);
	return 0;
}
