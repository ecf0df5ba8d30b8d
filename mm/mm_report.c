/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Reports of memory misuse.  They go to the log line by line; two CPUs that report at once mix
 * their lines, which is better than waiting for each other with unknown locks held.  Any context.
 */

#define pr_fmt(fmt) "mm: " fmt

#include <oshit/mm_report.h>
#include <oshit/printk.h>
#include <oshit/stack_depot.h>
#include <oshit/stacktrace.h>

static const char *const misuse_names[NR_MM_MISUSES] = {
	[MM_DOUBLE_FREE] = "double free",
	[MM_INVALID_FREE] = "invalid free",
	[MM_USE_AFTER_FREE] = "use after free",
	[MM_OUT_OF_BOUNDS] = "out of bounds",
	[MM_WRONG_CACHE] = "free to the wrong cache",
	[MM_LEAK] = "objects left behind",
	[MM_KASAN_SLAB_BOUNDS] = "KASAN: slab-out-of-bounds",
	[MM_KASAN_SLAB_FREE] = "KASAN: slab-use-after-free",
	[MM_KASAN_PAGE_BOUNDS] = "KASAN: page-out-of-bounds",
	[MM_KASAN_PAGE_FREE] = "KASAN: page-use-after-free",
	[MM_KASAN_VMALLOC_BOUNDS] = "KASAN: vmalloc-out-of-bounds",
	[MM_KASAN_STACK_BOUNDS] = "KASAN: stack-out-of-bounds",
	[MM_KASAN_STACK_SCOPE] = "KASAN: stack-use-after-scope",
	[MM_KASAN_GLOBAL_BOUNDS] = "KASAN: global-out-of-bounds",
	[MM_KASAN_WILD] = "KASAN: wild-memory-access",
};

static struct { /* written by tests, which run one at a time */
	enum mm_misuse kind;
	unsigned int count;
	const void *object;
} expected;

bool mm_report_is_expected(enum mm_misuse kind)
{
	return kind == READ_ONCE(expected.kind);
}

bool mm_report_begin(enum mm_misuse kind, const void *object)
{
	if (mm_report_is_expected(kind)) {
		expected.count++;
		expected.object = object;
		return false;
	}
	pr_err("BUG: %s: %p\n", misuse_names[kind], object);
	return true;
}

void mm_report_stack(const char *heading, u32 handle)
{
	if (!handle)
		return;
	pr_err("%s:\n", heading);
	stack_depot_print(LOG_ERR, handle);
}

void mm_report_end(void)
{
	mm_report_end_at(NULL);
}

void mm_report_end_at(const struct pt_regs *regs)
{
	pr_err("now called by:\n");
	stack_trace_show(LOG_ERR, regs);
}

void mm_report_expect(enum mm_misuse kind)
{
	expected.count = 0;
	expected.object = NULL;
	WRITE_ONCE(expected.kind, kind);
}

unsigned int mm_report_count(void)
{
	return expected.count;
}

const void *mm_report_object(void)
{
	return expected.object;
}
