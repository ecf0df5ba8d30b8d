/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Assertions that failed.  WARN_ON() and BUG_ON() leave a trapping instruction and an entry in
 * __bug_table; the invalid-opcode exception looks the entry up here.  The table holds distances,
 * so it needs no relocation, and is searched linearly: only failures search.
 */
#include <asm/ptrace.h>
#include <oshit/bug.h>
#include <oshit/percpu.h>
#include <oshit/printk.h>
#include <oshit/regs.h>
#include <oshit/stacktrace.h>

extern struct bug_entry __start_bug_table[], __stop_bug_table[];

struct bug_entry *bug_find(unsigned long addr)
{
	struct bug_entry *bug;

	for (bug = __start_bug_table; bug < __stop_bug_table; bug++)
		if ((unsigned long)&bug->addr_rel + bug->addr_rel == addr)
			return bug;
	return NULL;
}

static const char *bug_file(const struct bug_entry *bug)
{
	return (const char *)&bug->file_rel + bug->file_rel;
}

/* True for the first report of this entry. */
static bool bug_mark_done(struct bug_entry *bug)
{
	return !(__atomic_fetch_or(&bug->flags, BUG_DONE, __ATOMIC_RELAXED) & BUG_DONE);
}

bool bug_report(struct bug_entry *bug, struct pt_regs *regs)
{
	if (!(bug->flags & BUG_WARNING)) {
		pr_emerg("BUG: %s:%u in %ps", bug_file(bug), bug->line, (void *)regs->rip);
		return false;
	}
	if (!bug_mark_done(bug) && bug->flags & BUG_ONCE)
		return true;
	pr_warn("WARNING: %s:%u in %ps, CPU %u", bug_file(bug), bug->line, (void *)regs->rip,
		smp_processor_id());
	regs_show(LOG_WARNING, regs);
	stack_trace_show(LOG_WARNING, regs);
	return true;
}
