/* SPDX-License-Identifier: GPL-2.0-only */
/* What a new program finds at its stack pointer: lib/exec_stack.c. */
#ifndef OSHIT_EXEC_STACK_H
#define OSHIT_EXEC_STACK_H

#include <oshit/types.h>

struct exec_stack { /* addresses are the program's */
	unsigned long arg_start, env_start; /* in   the strings, each list without gaps */
	unsigned long argc, envc; /* in   how many */
	const unsigned long (*aux)[2]; /* in   pairs of type and value, AT_NULL included */
	unsigned long nr_aux; /* in */
	unsigned long sp; /* in   everything below is free; out: the stack pointer */
	/* Bytes of a string with its 0; 0: it cannot be read, or does not end. */
	size_t (*string_size)(const struct exec_stack *stack, unsigned long addr);
	/* 0 or -EFAULT. */
	int (*put_word)(const struct exec_stack *stack, unsigned long addr, unsigned long word);
};

/* Writes argc, the pointers and the vector below ->sp, which it moves. 0 or -EFAULT. */
int exec_stack_write(struct exec_stack *stack);

/* Bytes that strings may take beside @nr_pointers pointers to them; 0: not even these fit.
 * @stack_limit: RLIMIT_STACK. */
unsigned long exec_stack_room(unsigned long nr_pointers, unsigned long stack_limit);

#endif
