/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Memory that has pages and no other place for them: an address space whose pages begin as zeros.
 * With a name, or a descriptor, it is a file of fs/ramfs.c or fs/memfd.c, and its host an inode;
 * here is the one without, which mmap(MAP_SHARED | MAP_ANONYMOUS) makes.  It lives as long as areas
 * map it: fork and splits add a user, the last munmap() frees it.  What of either nobody uses may
 * be in swap (mm/shmem_swap.c).
 *
 * Promised memory (mm/overcommit.c): a mapping without a file promises all of its pages when it is
 * made; files, and MAP_NORESERVE, each page when it comes, and as long as they have it, in memory
 * or in swap.
 *
 * Context: ops are called with the mmap_lock of some address space.
 */
#include <arch/page_ops.h>
#include <linux/errno.h>
#include <oshit/init.h>
#include <oshit/mm.h>
#include <oshit/overcommit.h>
#include <oshit/pagecache.h>
#include <oshit/refcount.h>
#include <oshit/shmem.h>
#include <oshit/slab.h>
#include <oshit/string.h>

#include "shmem.h"

struct shmem_object {
	struct address_space pages;
	struct shmem_swap swap;
	refcount_t users; /* areas, and who works on the pages */
	unsigned long nr_promised; /* pages; constant */
};

int shmem_read_page(struct address_space *mapping, struct page *page)
{
	int err = shmem_swap_in(mapping, page);

	if (err && err != -ENOENT)
		return err;
	page->private = PAGE_PRIVATE_SHMEM;
	if (err)
		clear_page(page_to_virt(page));
	return 0;
}

static const struct address_space_operations shmem_aops = { .read_page = shmem_read_page };

/* --- memory that was promised to nobody before: page by page --- */

int shmem_charge_page(struct address_space *mapping __maybe_unused)
{
	return vm_enough_memory(NULL, 1) ? -ENOSPC : 0;
}

void shmem_uncharge_page(struct address_space *mapping __maybe_unused)
{
	vm_unacct_memory(1);
}

const struct address_space_operations shmem_file_aops = {
	.read_page = shmem_read_page,
	.charge_page = shmem_charge_page,
	.uncharge_page = shmem_uncharge_page,
};

/* --- mappings without a file --- */

static struct shmem_object *object_of(const struct vm_area *area)
{
	return container_of(area->mapping, struct shmem_object, pages);
}

static void shmem_open(struct vm_area *area)
{
	refcount_inc(&object_of(area)->users);
}

static void shmem_put(struct shmem_object *object)
{
	if (!refcount_dec_and_test(&object->users))
		return;
	evict_pagecache(&object->pages);
	vm_unacct_memory(object->nr_promised);
	kfree(object);
}

static void shmem_close(struct vm_area *area)
{
	shmem_put(object_of(area));
}

static int shmem_punch_hole(struct vm_area *area, unsigned long start, unsigned long end)
{
	u64 offset = (u64)vma_pgoff_at(area, start) << PAGE_SHIFT;
	struct shmem_object *object = object_of(area);

	refcount_inc(&object->users);
	up_read(&area->mm->mmap_lock);
	punch_pagecache(&object->pages, offset, offset + (end - start));
	shmem_put(object);
	return 0;
}

static const char *shmem_name(struct vm_area *area __maybe_unused)
{
	return "/dev/zero (deleted)"; /* as Linux calls it */
}

static const struct vm_operations shmem_vm_ops = {
	.open = shmem_open,
	.close = shmem_close,
	.fault = filemap_fault,
	.fault_around = filemap_fault_around,
	.punch_hole = shmem_punch_hole,
	.name = shmem_name,
};

int shmem_mmap(struct vm_area *area)
{
	struct shmem_object *object = kzalloc(sizeof(*object), GFP_KERNEL);
	bool is_promised = !(area->flags & VM_NORESERVE);

	if (!object)
		return -ENOMEM;
	if (is_promised) {
		object->nr_promised = vma_pages(area);
		if (vm_enough_memory(area->mm, object->nr_promised)) {
			kfree(object);
			return -ENOMEM;
		}
	}
	address_space_init(&object->pages, is_promised ? &shmem_aops : &shmem_file_aops, NULL);
	shmem_swap_init(&object->pages, &object->swap);
	object->pages.size = area->end - area->start;
	refcount_set(&object->users, 1);
	area->mapping = &object->pages;
	area->ops = &shmem_vm_ops;
	return 0;
}
