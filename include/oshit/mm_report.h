/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Reports of memory misuse, from pages, slabs and vmalloc alike: a first line with the kind, lines
 * by the finder, the stack of the caller.  A test that commits misuse on purpose expects it first:
 * the report is then counted, and not printed.
 */
#ifndef OSHIT_MM_REPORT_H
#define OSHIT_MM_REPORT_H

#include <oshit/types.h>

struct pt_regs;

enum mm_misuse {
	MM_NONE,
	MM_DOUBLE_FREE,
	MM_INVALID_FREE,
	MM_USE_AFTER_FREE,
	MM_OUT_OF_BOUNDS,
	MM_WRONG_CACHE,
	MM_LEAK, /* objects left in a cache that is destroyed */
	MM_KASAN_SLAB_BOUNDS, /* seen by KASAN at the access itself: the rest */
	MM_KASAN_SLAB_FREE,
	MM_KASAN_PAGE_BOUNDS, /* behind a kmalloc() of whole pages */
	MM_KASAN_PAGE_FREE,
	MM_KASAN_VMALLOC_BOUNDS,
	MM_KASAN_STACK_BOUNDS,
	MM_KASAN_STACK_SCOPE,
	MM_KASAN_GLOBAL_BOUNDS,
	MM_KASAN_WILD, /* none of these */
	NR_MM_MISUSES,
};

/* Opens a report about @object. False: a test expected it; print nothing and do not end it. */
bool mm_report_begin(enum mm_misuse kind, const void *object);
/* Whether a test waits for reports of @kind. */
bool mm_report_is_expected(enum mm_misuse kind);
/* A stack from the depot with a heading; nothing if @handle is 0. */
void mm_report_stack(const char *heading, u32 handle);
/* Prints the stack of the present call, or that of a trap, and closes the report. */
void mm_report_end(void);
void mm_report_end_at(const struct pt_regs *regs);

/* For tests: from now on reports of @kind are counted silently; MM_NONE: no longer. */
void mm_report_expect(enum mm_misuse kind);
/* Reports of the expected kind since mm_report_expect(), and the last object. */
unsigned int mm_report_count(void);
const void *mm_report_object(void);

#endif
