/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Undefined behaviour that the compiler's checks found at run time; see lib/ubsan.c.  A test that
 * behaves badly on purpose expects it first: the report is then counted, and not printed.
 */
#ifndef OSHIT_UBSAN_H
#define OSHIT_UBSAN_H

#include <oshit/types.h>

enum ubsan_kind {
	UBSAN_NONE,
	UBSAN_SHIFT,
	UBSAN_DIVISION,
	UBSAN_BOUNDS,
	UBSAN_VALUE, /* of a bool */
	UBSAN_ALIGNMENT,
	UBSAN_NULL,
	UBSAN_OBJECT_SIZE,
	UBSAN_BUILTIN,
	UBSAN_UNREACHABLE,
};

struct ubsan_report {
	enum ubsan_kind kind;
	const char *file;
	u32 line, column;
	const char *text; /* what happened */
};

#ifdef CONFIG_UBSAN
/* Set once by kernel/ubsan.c. It returns, but for UBSAN_UNREACHABLE. Any context. */
extern void (*ubsan_report_hook)(const struct ubsan_report *report);

/* Boot, as early as possible: what is found before is lost. */
void ubsan_init(void);

/* For tests: from now on reports of @kind are counted silently; UBSAN_NONE: no longer. */
void ubsan_expect(enum ubsan_kind kind);
/* Reports of the expected kind since ubsan_expect(). */
unsigned int ubsan_count(void);
#else
static inline void ubsan_init(void)
{
}
#endif

#endif
