/* SPDX-License-Identifier: GPL-2.0-only */
/* How a page was used: what page_referenced() knows, in full. In mm/ only. */
#ifndef MM_REFERENCED_H
#define MM_REFERENCED_H

#include <oshit/types.h>

struct page;

struct page_references { /* out: all */
	unsigned int nr; /* entries that were used */
	bool is_code; /* one of them to execute */
	bool is_locked; /* an area with VM_LOCKED maps it; then the rest is not known */
};

/* As page_referenced(). */
void page_references_get(struct page *page, struct page_references *found);

#endif
