/* SPDX-License-Identifier: GPL-2.0-only */
/* What is allocated now, once all caches are empty. */
#ifndef OSHIT_MM_USAGE_H
#define OSHIT_MM_USAGE_H

struct mm_usage {
	unsigned long nr_pages; /* with users */
	unsigned long nr_objects; /* of all caches, with users */
};

/* Empties what can be emptied, then counts. Exact while nobody else allocates. Context: task. */
void mm_usage_get(struct mm_usage *usage);

#endif
