/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * KASAN's start.  See mm/kasan.c.  Not instrumented.
 * Context: boot, one CPU.
 */
#define pr_fmt(fmt) "kasan: " fmt

#include <arch/kasan.h>
#include <oshit/init.h>
#include <oshit/kasan.h>
#include <oshit/memblock.h>
#include <oshit/printk.h>

typedef void (*constructor_t)(void);

extern const constructor_t __start_constructors[], __stop_constructors[];

/* The compiler's: each registers the global variables of a file. */
static __init void run_constructors(void)
{
	for (const constructor_t *c = __start_constructors; c < __stop_constructors; c++)
		(*c)();
}

__init void kasan_init(void)
{
	u64 before = memblock_reserved_size();

	kasan_report_init();
	arch_kasan_map();
	run_constructors();
	pr_info("%lu KiB of shadow", (memblock_reserved_size() - before) >> 10);
}
