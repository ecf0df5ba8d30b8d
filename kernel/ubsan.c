/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Reports of undefined behaviour: one line that says what and where, and the call stack.  The
 * checks are explained in lib/ubsan.c.
 *
 * A report within a report (printk itself is instrumented) or at the same time on another CPU is
 * dropped.  Context: any.
 */
#define pr_fmt(fmt) "UBSAN: " fmt

#include <oshit/atomic.h>
#include <oshit/init.h>
#include <oshit/panic.h>
#include <oshit/printk.h>
#include <oshit/stacktrace.h>
#include <oshit/ubsan.h>

static atomic_t reporting;

static void show(const struct ubsan_report *report)
{
	if (report->kind == UBSAN_UNREACHABLE)
		panic("UBSAN: %s at %s:%u:%u", report->text, report->file, report->line,
		      report->column);
	if (atomic_xchg(&reporting, 1))
		return;
	pr_err("%s, at %s:%u:%u", report->text, report->file, report->line, report->column);
	stack_trace_show(LOG_ERR, NULL);
	atomic_set(&reporting, 0);
}

__init void ubsan_init(void)
{
	ubsan_report_hook = show;
}
