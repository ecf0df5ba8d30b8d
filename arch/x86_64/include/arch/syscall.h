/* SPDX-License-Identifier: GPL-2.0-only */
/* Between syscall.S and C. */
#ifndef ARCH_SYSCALL_H
#define ARCH_SYSCALL_H

#include <oshit/types.h>

struct pt_regs;

extern char syscall_entry[], syscall32_entry[], int80_entry[];

#ifdef CONFIG_INT80
/* Opens the gate. Boot CPU, with the other gates. */
void int80_init(void);
#else
static inline void int80_init(void)
{
}
#endif

bool syscall_dispatch(struct pt_regs *regs);

/* Returns to user mode with @regs, which lie at the end of the kernel stack. Interrupts off. */
void __noreturn enter_user(struct pt_regs *regs);

/* Exceptions that user mode has caused. Interrupts off at entry and return. */
void user_exception(struct pt_regs *regs, unsigned int vector);

/* A page fault of kernel code at a user address: true if the access may be tried again. */
bool user_fault_from_kernel(struct pt_regs *regs, unsigned long addr);

static inline bool regs_are_user(const unsigned long cs)
{
	return cs & 3;
}

#endif
