/* SPDX-License-Identifier: GPL-2.0-only */
/* The numbers that CPUs have on the bus, by the kernel's. */
#include <arch/msr.h>
#include <arch/smpboot.h>
#include <oshit/init.h>

u32 cpu_apic_id[NR_CPUS] __ro_after_init;

u32 cpuid_apic_id(void)
{
	struct cpuid_result leaf;

	if (cpuid(0, 0).eax >= 0xb) {
		leaf = cpuid(0xb, 0);
		if (leaf.ebx)
			return leaf.edx;
	}
	return cpuid(1, 0).ebx >> 24;
}
