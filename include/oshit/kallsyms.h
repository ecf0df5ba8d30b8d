/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The kernel's own symbols, for backtraces and the monitor.  Without CONFIG_KALLSYMS every look-up
 * fails and addresses print as numbers.
 */
#ifndef OSHIT_KALLSYMS_H
#define OSHIT_KALLSYMS_H

#include <oshit/types.h>

#define KSYM_NAME_LEN 128 /* with the terminating 0; longer names are cut by the build */

struct kallsym {
	char name[KSYM_NAME_LEN];
	unsigned long start; /* address of its first byte */
	unsigned long size; /* bytes up to the next symbol */
	char type; /* as nm(1) prints it */
};

#ifdef CONFIG_KALLSYMS
/* The symbol that covers @addr. Any context; touches only constant data. */
bool kallsyms_lookup(unsigned long addr, struct kallsym *sym);
/* Address of a symbol, or 0. */
unsigned long kallsyms_lookup_name(const char *name);
/* Symbol number @index in order of address; false past the last. For listing and completion. */
bool kallsyms_get(unsigned int index, struct kallsym *sym);
#else
static inline bool kallsyms_lookup(unsigned long addr __maybe_unused,
				   struct kallsym *sym __maybe_unused)
{
	return false;
}
static inline unsigned long kallsyms_lookup_name(const char *name __maybe_unused)
{
	return 0;
}
static inline bool kallsyms_get(unsigned int index __maybe_unused,
				struct kallsym *sym __maybe_unused)
{
	return false;
}
#endif

#endif
