/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Walks of kernel stacks.
 *
 * With frame pointers each frame holds the caller's RBP and the return address above it; a walk
 * follows them while they rise, stay aligned and can be read.  Without, it takes every word above
 * RSP that points behind a call in kernel text: true callers and leftovers alike.
 * Of a program only the instruction is told.
 * Nothing here trusts the stack: all reads survive faults, so that a panic can use it on any ruin.
 */
#include <arch/page.h>
#include <arch/syscall.h>
#include <asm/ptrace.h>
#include <oshit/nofault.h>
#include <oshit/sched.h>
#include <oshit/stacktrace.h>

#include "thread.h"

#define MAX_ENTRIES 32
#define SCAN_WORDS  (KERNEL_STACK_SIZE / sizeof(unsigned long))

struct stack_walk {
	unsigned long *entries; /* out */
	unsigned int max; /* in   room in entries */
	unsigned int skip; /* in   addresses still to leave out */
	unsigned int nr; /* out  entries filled */
};

static void walk_add(struct stack_walk *walk, unsigned long addr)
{
	if (walk->skip)
		walk->skip--;
	else if (walk->nr < walk->max)
		walk->entries[walk->nr++] = addr;
}

static void walk_frames(struct stack_walk *walk, unsigned long frame)
{
	unsigned long words[2], limit = frame + KERNEL_STACK_SIZE;

	while (frame && frame < limit && !(frame & 7) && walk->nr < walk->max) {
		if (kernel_read_nofault(words, (void *)frame, sizeof(words)))
			break;
		if (!is_kernel_text(words[1]))
			break;
		walk_add(walk, words[1]);
		if (words[0] <= frame)
			break;
		frame = words[0];
	}
}

static void walk_scan(struct stack_walk *walk, unsigned long sp)
{
	unsigned long word;
	unsigned int i;

	for (i = 0; i < SCAN_WORDS && walk->nr < walk->max; i++, sp += sizeof(word)) {
		if (kernel_read_nofault(&word, (void *)sp, sizeof(word)))
			break;
		if (is_kernel_text(word))
			walk_add(walk, word);
	}
}

static void walk_stack(struct stack_walk *walk, unsigned long frame, unsigned long sp)
{
	if (IS_ENABLED(CONFIG_FRAME_POINTER))
		walk_frames(walk, frame);
	else
		walk_scan(walk, sp);
}

noinline unsigned int stack_trace_save(unsigned long *entries, unsigned int max, unsigned int skip)
{
	struct stack_walk walk = { .entries = entries, .max = max, .skip = skip };
	unsigned long frame = (unsigned long)__builtin_frame_address(0);

	walk_stack(&walk, frame, frame);
	return walk.nr;
}

unsigned int stack_trace_save_regs(const struct pt_regs *regs, unsigned long *entries,
				   unsigned int max)
{
	struct stack_walk walk = { .entries = entries, .max = max };
	unsigned long caller;

	walk_add(&walk, regs->rip);
	/* A program's stack may be anywhere, and reading it may fault. */
	if (regs_are_user(regs->cs))
		return walk.nr;
	/* A function that has not pushed RBP yet, and nowhere at all after a wild jump, have the
	 * caller on top of the stack; RBP is the caller's then. */
	if (!kernel_read_nofault(&caller, (void *)regs->rsp, sizeof(caller)) &&
	    is_kernel_text(caller))
		walk_add(&walk, caller);
	walk_stack(&walk, regs->rbp, regs->rsp);
	return walk.nr;
}

unsigned int stack_trace_save_task(const struct task_struct *task, unsigned long *entries,
				   unsigned int max)
{
	struct stack_walk walk = { .entries = entries, .max = max };
	unsigned long sp = task->thread.sp;
	struct switch_frame frame;

	if (kernel_read_nofault(&frame, (void *)sp, sizeof(frame)))
		return 0;
	walk_add(&walk, frame.rip);
	walk_stack(&walk, frame.rbp, sp + offsetof(struct switch_frame, end));
	return walk.nr;
}

void stack_trace_print(enum log_level level, const unsigned long *entries, unsigned int nr)
{
	const char *mark = IS_ENABLED(CONFIG_FRAME_POINTER) ? "" : "? ";
	unsigned int i;

	for (i = 0; i < nr; i++)
		printk(level, "  %s%pB", mark, (void *)entries[i]);
}

noinline void stack_trace_show(enum log_level level, const struct pt_regs *regs)
{
	unsigned long entries[MAX_ENTRIES];
	unsigned int nr, first = 0;

	if (regs)
		nr = stack_trace_save_regs(regs, entries, MAX_ENTRIES);
	else
		nr = stack_trace_save(entries, MAX_ENTRIES, 1);
	printk(level, "Backtrace:");
	/* The trapping instruction itself; all others are behind a call. */
	if (regs && nr)
		printk(level, "  %pS", (void *)entries[first++]);
	stack_trace_print(level, entries + first, nr - first);
}
