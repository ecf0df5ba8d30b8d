/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Breakpoints and single steps.  A breakpoint is one byte of kernel code with the arch's trap
 * instruction over it.  While the monitor runs the code is as the compiler made it; on leaving the
 * traps go in.  To leave from an address that has a breakpoint, the CPU first makes one step over
 * the instruction without any trap in place, then the traps go in and it runs on.
 *
 * Left out: conditions, breakpoints in data.  One on a path that the trap entry or the console
 * drivers take stops the kernel again on its way into the monitor; do not set one there.
 */
#include <linux/errno.h>

#include <arch/monitor.h>
#include <arch/page.h>
#include <oshit/math.h>
#include <oshit/monitor.h>
#include <oshit/nofault.h>
#include <oshit/percpu.h>

#include "breakpoint.h"
#include "parse.h"

#define NR_BREAKPOINTS 16

static struct breakpoint { /* the CPU in the monitor only */
	unsigned long addr; /* 0: free */
	u8 code; /* what the trap instruction covers, while inserted */
	bool inserted;
} breakpoints[NR_BREAKPOINTS];

static unsigned long nr_steps; /* asked for and not made yet */

#define for_each_breakpoint(bp) \
	for ((bp) = breakpoints; (bp) < breakpoints + NR_BREAKPOINTS; (bp)++)

static struct breakpoint *find_breakpoint(unsigned long addr)
{
	struct breakpoint *bp;

	for_each_breakpoint(bp)
	{
		if (bp->addr == addr)
			return bp;
	}
	return NULL;
}

static void insert(struct breakpoint *bp)
{
	bp->inserted = !kernel_read_nofault(&bp->code, (void *)bp->addr, 1);
	if (bp->inserted)
		arch_write_code(bp->addr, ARCH_BREAKPOINT_CODE);
}

void breakpoints_remove(void)
{
	struct breakpoint *bp;

	for_each_breakpoint(bp)
	{
		if (bp->inserted)
			arch_write_code(bp->addr, bp->code);
		bp->inserted = false;
	}
}

static void insert_all(void)
{
	struct breakpoint *bp;

	for_each_breakpoint(bp)
	{
		if (bp->addr && !bp->inserted)
			insert(bp);
	}
}

void breakpoints_insert(struct pt_regs *regs)
{
	if (regs && (nr_steps || find_breakpoint(instruction_pointer(regs))))
		arch_step_begin(regs);
	else
		insert_all();
}

/* Another CPU in the monitor has removed the breakpoint since this one hit it. */
static bool was_taken_away(unsigned long addr)
{
	u8 code;

	return !kernel_read_nofault(&code, (void *)addr, 1) && code != ARCH_BREAKPOINT_CODE;
}

void monitor_trap_breakpoint(struct pt_regs *regs)
{
	struct breakpoint *bp = find_breakpoint(instruction_pointer(regs) - ARCH_BREAKPOINT_SIZE);

	if (bp && bp->inserted)
		arch_set_instruction_pointer(regs, bp->addr);
	else if (was_taken_away(instruction_pointer(regs) - ARCH_BREAKPOINT_SIZE)) {
		arch_set_instruction_pointer(regs,
					     instruction_pointer(regs) - ARCH_BREAKPOINT_SIZE);
		return;
	}
	monitor_enter(MONITOR_BREAKPOINT, regs);
}

void monitor_trap_step(struct pt_regs *regs)
{
	arch_step_end(regs);
	if (!nr_steps)
		insert_all();
	else if (--nr_steps)
		arch_step_begin(regs);
	else
		monitor_enter(MONITOR_STEP, regs);
}

static int step(int argc, char **argv)
{
	unsigned long nr = 1;

	if (argc > 2 || (argc == 2 && parse_number(argv[1], &nr)) || !nr)
		return -EINVAL;
	if (!monitor_regs() || monitor_viewed_cpu() != smp_processor_id()) {
		monitor_printf("there is no instruction to step: nothing was stopped here\n");
		return 0;
	}
	nr_steps = nr;
	monitor_leave();
	return 0;
}
MONITOR_COMMAND(step, "[N]",
		"run one instruction, or N, and come back\n"
		"Interrupts stay off meanwhile.  Breakpoints do not act on the way.",
		step);

static void list_breakpoints(void)
{
	struct breakpoint *bp;

	for_each_breakpoint(bp)
	{
		if (bp->addr)
			monitor_printf("0x%lx %pS\n", bp->addr, (void *)bp->addr);
	}
}

static int set_breakpoint(int argc, char **argv)
{
	struct breakpoint *bp;
	unsigned long addr;

	if (argc == 1) {
		list_breakpoints();
		return 0;
	}
	if (argc != 2 || monitor_parse_address(argv[1], &addr))
		return -EINVAL;
	if (!is_kernel_text(addr)) {
		monitor_printf("0x%lx is not in the kernel's code\n", addr);
		return 0;
	}
	bp = find_breakpoint(addr) ?: find_breakpoint(0);
	if (!bp)
		return -ENOSPC;
	bp->addr = addr;
	monitor_printf("breakpoint at 0x%lx %pS\n", addr, (void *)addr);
	return 0;
}
MONITOR_COMMAND(break, "[ADDRESS]",
		"stop when the code at ADDRESS runs, or list where that is\n"
		"ADDRESS must be the first byte of an instruction, best a function's name.\n"
		"Functions that the way into the monitor itself calls cannot have one.",
		set_breakpoint);

static int delete_breakpoint(int argc, char **argv)
{
	struct breakpoint *bp;
	unsigned long addr;

	if (argc != 2 || monitor_parse_address(argv[1], &addr) || !addr)
		return -EINVAL;
	bp = find_breakpoint(addr);
	if (bp)
		bp->addr = 0;
	else
		monitor_printf("there is no breakpoint at 0x%lx\n", addr);
	return 0;
}
MONITOR_COMMAND(delete, "ADDRESS", "remove the breakpoint at ADDRESS", delete_breakpoint);
