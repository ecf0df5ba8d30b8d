/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Memory that has pages and no other place for them: an address space whose pages begin as zeros.
 * With a name, or a descriptor, it is a file of fs/ramfs.c or fs/memfd.c, and its host an inode;
 * here is the one without, which mmap(MAP_SHARED | MAP_ANONYMOUS) makes.  It lives as long as areas
 * map it: fork and splits add a user, the last munmap() frees it.  What of it nobody uses may be in
 * swap (mm/shmem_swap.c).
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

/* Without a name: of an object of ours. */
static int swap_in(struct address_space *mapping, struct page *page)
{
	if (mapping->ops != &shmem_aops || mapping->host)
		return -ENOENT;
	return shmem_swap_in(container_of(mapping, struct shmem_object, pages), page);
}

int shmem_read_page(struct address_space *mapping, struct page *page)
{
	int err = swap_in(mapping, page);

	if (err && err != -ENOENT)
		return err;
	page->private = PAGE_PRIVATE_SHMEM;
	if (err)
		clear_page(page_to_virt(page));
	return 0;
}

const struct address_space_operations shmem_aops = { .read_page = shmem_read_page };

static struct shmem_object *object_of(const struct vm_area *area)
{
	return container_of(area->mapping, struct shmem_object, pages);
}

static void shmem_open(struct vm_area *area)
{
	refcount_inc(&object_of(area)->users);
}

void shmem_put(struct shmem_object *object)
{
	if (!refcount_dec_and_test(&object->users))
		return;
	evict_pagecache(&object->pages);
	shmem_swap_destroy(object);
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
	shmem_punch_begin(object, offset >> PAGE_SHIFT,
			  ((offset + (end - start)) >> PAGE_SHIFT) - 1);
	punch_pagecache(&object->pages, offset, offset + (end - start));
	shmem_punch_end(object);
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

	if (!object)
		return -ENOMEM;
	if (!(area->flags & VM_NORESERVE)) {
		object->nr_promised = vma_pages(area);
		if (vm_enough_memory(area->mm, object->nr_promised)) {
			kfree(object);
			return -ENOMEM;
		}
	}
	address_space_init(&object->pages, &shmem_aops, NULL);
	shmem_swap_init(object);
	object->pages.size = area->end - area->start;
	refcount_set(&object->users, 1);
	area->mapping = &object->pages;
	area->ops = &shmem_vm_ops;
	return 0;
}
