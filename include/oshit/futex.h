/* SPDX-License-Identifier: GPL-2.0-only */
/* Futexes, for the rest of the kernel; the theory stands at the head of kernel/futex.c. */
#ifndef OSHIT_FUTEX_H
#define OSHIT_FUTEX_H

#include <oshit/types.h>

/* Boot, before the first program. */
void futex_init(void);

/* Wakes one who waits for the word at @addr in the caller's address space to change. Task. */
void futex_wake_address(int __user *addr);

#endif
