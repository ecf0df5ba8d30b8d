/* SPDX-License-Identifier: GPL-2.0-only */
/* How a page was used. In mm/ only. */
#ifndef MM_REFERENCED_H
#define MM_REFERENCED_H

#include <oshit/types.h>

struct page;

struct page_references { /* out: all */
	unsigned int nr; /* entries that were used */
	bool is_code; /* one of them to execute */
	bool is_locked; /* an area with VM_LOCKED maps it; then the rest is not known */
};

/**
 * page_references_get() - whether programs have used a page lately
 * The accessed bits of all entries that map it are cleared and counted, by its anon_vma or its
 * file's i_mmap; locks that are not free at once are not waited for, which counts as one use.
 * @page: with a reference; one of a file is locked
 * Context: task, no spinlock.
 */
void page_references_get(struct page *page, struct page_references *found);

#endif
