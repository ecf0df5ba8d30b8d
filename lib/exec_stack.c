/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The words at the stack pointer of a program that begins (System V ABI, AMD64 supplement, 3.4.1):
 *
 *	sp		argc			sp is a multiple of 16
 *	sp + 8		argc pointers, 0
 *			envc pointers, 0
 *			pairs of the auxiliary vector, the last one AT_NULL
 *
 * The strings are there already.  They lie one behind the other, so where one begins is known when
 * the one before has been measured.  Nobody keeps the program's other threads from changing them
 * meanwhile, but there are none; and whatever they hold, only the pointers would be wrong.
 */
#include <linux/errno.h>
#include <oshit/exec_stack.h>
#include <oshit/math.h>

#define MIN_ROOM (128 * 1024UL) /* allowed whatever RLIMIT_STACK says */
#define MAX_ROOM (8UL * 1024 * 1024 / 4 * 3)

/* Strings and pointers together take at most a quarter of the stack, and not more than Linux
 * lets. */
unsigned long exec_stack_room(unsigned long nr_pointers, unsigned long stack_limit)
{
	unsigned long room = max(min(MAX_ROOM, stack_limit / 4), MIN_ROOM);

	if (nr_pointers >= room / sizeof(long))
		return 0;
	return room - nr_pointers * sizeof(long);
}

static int put_next(const struct exec_stack *stack, unsigned long *to, unsigned long word)
{
	int err = stack->put_word(stack, *to, word);

	*to += sizeof(word);
	return err;
}

/* Pointers to @nr strings from @at on, and a 0. */
static int put_pointers(const struct exec_stack *stack, unsigned long *to, unsigned long at,
			unsigned long nr)
{
	while (nr--) {
		size_t size = stack->string_size(stack, at);

		if (!size || put_next(stack, to, at))
			return -EFAULT;
		at += size;
	}
	return put_next(stack, to, 0);
}

int exec_stack_write(struct exec_stack *stack)
{
	unsigned long nr_words = 1 + stack->argc + 1 + stack->envc + 1 + 2 * stack->nr_aux, to;

	stack->sp = ALIGN_DOWN(stack->sp - nr_words * sizeof(long), 16);
	to = stack->sp;
	if (put_next(stack, &to, stack->argc) ||
	    put_pointers(stack, &to, stack->arg_start, stack->argc) ||
	    put_pointers(stack, &to, stack->env_start, stack->envc))
		return -EFAULT;
	for (unsigned long i = 0; i < stack->nr_aux; i++)
		if (put_next(stack, &to, stack->aux[i][0]) ||
		    put_next(stack, &to, stack->aux[i][1]))
			return -EFAULT;
	return 0;
}
