/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The vDSO's answers to "where" and "who".  The number of the CPU is the limit of a descriptor that
 * is no segment: LSL reads it in any mode.  By the time that the caller looks it may run elsewhere,
 * as with the call.  The process id is what the process page says (mm/vdso.c), if it does.
 */
#include <arch/segment.h>
#include <asm/unistd.h>
#include <oshit/types.h>
#include <oshit/vdso_data.h>

#include "vdso.h"

long __vdso_getcpu(unsigned int *cpu, unsigned int *node, void *unused)
{
	unsigned int number;

	__asm__ __volatile__("lsl %1, %0" : "=r"(number) : "r"(CPU_NUMBER_SEL) : "cc");
	if (cpu)
		*cpu = number;
	if (node)
		*node = 0;
	return 0;
}

int __vdso_getpid(void)
{
	int tgid = READ_ONCE(vdso_process.tgid);

	return likely(tgid) ? tgid : (int)vdso_call2(__NR_getpid, 0, 0);
}

VDSO_ALIAS(getcpu);
