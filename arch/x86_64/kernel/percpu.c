/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Per-CPU areas.  The linker lays out one template, .data..percpu, which nobody writes to: it is
 * read-only after boot, so that a variable reached without this_cpu_ or per_cpu() shows.  Each
 * possible CPU has a copy; GS of that CPU and percpu_offset[] hold the copy's distance from the
 * template.
 *
 * The boot CPU's copy is in the image and made before anything else runs, by percpu_boot_init().
 * It is used through the direct map, as all others are.  The other areas come from memblock,
 * by percpu_init(), once it is known which CPUs there are.  A CPU that is not possible has
 * distance 0.
 *
 * In each copy stand its own distance and its CPU's number; all is constant from then on.
 */
#include <arch/msr.h>
#include <arch/page.h>
#include <arch/start.h>
#include <oshit/cpumask.h>
#include <oshit/init.h>
#include <oshit/math.h>
#include <oshit/panic.h>
#include <oshit/percpu.h>
#include <oshit/string.h>

extern char __start_percpu[], __stop_percpu[], __boot_percpu[];

unsigned long percpu_offset[NR_CPUS] __ro_after_init;
DEFINE_PER_CPU(unsigned long, cpu_number);
unsigned long this_cpu_off __section(".data..percpu");

static __init void set_area(unsigned int cpu, char *area)
{
	memcpy(area, __start_percpu, (size_t)(__stop_percpu - __start_percpu));
	percpu_offset[cpu] = (unsigned long)area - (unsigned long)__start_percpu;
	per_cpu(cpu_number, cpu) = cpu;
	*(unsigned long *)((unsigned long)&this_cpu_off + percpu_offset[cpu]) = percpu_offset[cpu];
}

__init void percpu_boot_init(void)
{
	set_area(0, phys_to_virt(symbol_to_phys(__boot_percpu)));
	wrmsr(MSR_GS_BASE, percpu_offset[0]);
}

__init void percpu_init(void *(*alloc)(u64 size, u64 align))
{
	u64 size = (u64)(__stop_percpu - __start_percpu);
	unsigned int cpu;

	for_each_possible_cpu(cpu) {
		char *area;

		if (percpu_offset[cpu])
			continue; /* the boot CPU */
		area = alloc(ALIGN_UP(size, PAGE_SIZE), PAGE_SIZE);
		if (!area)
			panic("no memory for the variables of CPU %u", cpu);
		set_area(cpu, area);
	}
}
