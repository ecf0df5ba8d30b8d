/* SPDX-License-Identifier: GPL-2.0-only */
/* Futexes, for the rest of the kernel; the theory stands at the head of kernel/futex/core.c. */
#ifndef OSHIT_FUTEX_H
#define OSHIT_FUTEX_H

#include <oshit/types.h>

#ifdef CONFIG_FUTEX
/* Boot, before the first program. */
void futex_init(void);

/* Wakes one who waits for the word at @addr in the caller's address space to change. Task. */
void futex_wake_address(int __user *addr);

/* The calling task leaves its address space: the robust futexes that it holds are given on. */
void futex_exit(void);
#else
static inline void futex_init(void) {}
static inline void futex_wake_address(int __user *addr) {}
static inline void futex_exit(void) {}
#endif

#endif
