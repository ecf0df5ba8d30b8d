/* SPDX-License-Identifier: GPL-2.0-only */
/* RDRAND. It may fail under load; a few tries are enough (Intel SDM volume 1, 7.3.17). */
#include <arch/msr.h>
#include <arch/processor.h>

#define CPUID_1_ECX_RDRAND (1u << 30)
#define NR_TRIES	   10

bool cpu_random(u64 *value)
{
	bool ok = false;

	if (!(cpuid(1, 0).ecx & CPUID_1_ECX_RDRAND))
		return false;
	for (unsigned int i = 0; i < NR_TRIES && !ok; i++)
		__asm__ __volatile__("rdrand %0; setc %1" : "=r"(*value), "=qm"(ok) : : "cc");
	return ok;
}
