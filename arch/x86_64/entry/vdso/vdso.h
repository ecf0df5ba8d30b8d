/* SPDX-License-Identifier: GPL-2.0-only */
/* Between the files of the vDSO. They run in user mode and see nothing of the kernel but data. */
#ifndef VDSO_VDSO_H
#define VDSO_VDSO_H

#include <linux/time_types.h>
#include <oshit/types.h>
#include <oshit/vdso_data.h>

struct timezone;

/* A function that programs find, and the name that a program could have without the prefix. */
#define VDSO_FUNCTION __attribute__((visibility("default")))
#define VDSO_ALIAS(name)                                 \
	extern VDSO_FUNCTION __typeof__(__vdso_##name) name \
		__attribute__((weak, alias("__vdso_" #name)))

/* The linker script says where it is; the clock's is clock_page. */
extern const struct vdso_process vdso_process;

/* A system call of up to two arguments: its result, or -errno. */
static inline long vdso_call2(long nr, long first, long second)
{
	long result;

	__asm__ __volatile__("syscall"
			     : "=a"(result)
			     : "a"(nr), "D"(first), "S"(second)
			     : "rcx", "r11", "memory");
	return result;
}

VDSO_FUNCTION int __vdso_clock_gettime(int clock, struct __kernel_timespec *to);
VDSO_FUNCTION int __vdso_clock_getres(int clock, struct __kernel_timespec *to);
VDSO_FUNCTION int __vdso_gettimeofday(struct __kernel_old_timeval *to, struct timezone *zone);
VDSO_FUNCTION __kernel_old_time_t __vdso_time(__kernel_old_time_t *to);
VDSO_FUNCTION long __vdso_getcpu(unsigned int *cpu, unsigned int *node, void *unused);
VDSO_FUNCTION int __vdso_getpid(void);

#endif
