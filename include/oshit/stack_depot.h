/* SPDX-License-Identifier: GPL-2.0-only */
/* Call stacks kept for good, each once, and named by a number that fits into an object's header. */
#ifndef OSHIT_STACK_DEPOT_H
#define OSHIT_STACK_DEPOT_H

#include <oshit/printk.h>
#include <oshit/types.h>

#ifdef CONFIG_STACK_DEPOT
/* Takes its memory from memblock. Boot. */
void stack_depot_init(void);
/**
 * stack_depot_save() - the handle of the present call stack
 * @skip: callers to leave out, counted from the caller of this function
 *
 * Context: any. Return: a handle, or 0 if the depot is full or not there yet.
 */
u32 stack_depot_save(unsigned int skip);
/* Logs the stack, innermost first; 0 is allowed and prints nothing. */
void stack_depot_print(enum log_level level, u32 handle);
#else
static inline void stack_depot_init(void)
{
}
static inline u32 stack_depot_save(unsigned int skip __maybe_unused)
{
	return 0;
}
static inline void stack_depot_print(enum log_level level __maybe_unused, u32 handle __maybe_unused)
{
}
#endif

#endif
