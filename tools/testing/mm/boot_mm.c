/* SPDX-License-Identifier: GPL-2.0-only */
/* Boots the kernel's allocators on a simulated machine, before any test runs and when one asks. */
#include <host.h>
#include <oshit/clock.h>
#include <oshit/cpumask.h>
#include <oshit/gfp.h>
#include <oshit/math.h>
#include <oshit/memblock.h>
#include <oshit/mmzone.h>
#include <oshit/sizes.h>
#include <oshit/stack_depot.h>
#include <oshit/string.h>

#include "boot_mm.h"

/* Of kernel/cpu.c: one CPU counts. */
struct cpumask cpu_possible_mask = { .bits = { 1 } };
unsigned int nr_cpu_ids = 1;

/* Each report of a failed allocation is a second after the last one, so all are made. */
u64 clock_ns(void)
{
	static u64 now_ns;

	return now_ns += NSEC_PER_SEC;
}

const struct boot_range usual_machine[] = {
	{ 0, KIB(639), BOOT_RANGE_RAM },
	{ MIB(1), MIB(20), BOOT_RANGE_RAM },
	{ MIB(23) + 100, MIB(10), BOOT_RANGE_RAM },
	{ GIB(4), MIB(34) - KIB(4), BOOT_RANGE_RAM },
	{ 0, 0, BOOT_RANGE_RAM },
};

static phys_addr_t machine_end(const struct boot_range *ranges)
{
	phys_addr_t end = 0;

	for (; ranges->size; ranges++)
		end = max(end, ranges->start + ranges->size);
	return ALIGN_UP(end, MIB(4));
}

void boot_mm(const struct boot_range *ranges)
{
	phys_addr_t end = machine_end(ranges);
	void *base = host_machine_new(end);

	host_cpus_reset();
	memblock_reset();
	memblock_set_direct_map((unsigned long)base, end);
	for (; ranges->size; ranges++)
		memblock_add(ranges->start, ranges->size);
	memblock_reserve(MIB(2), MIB(1) + 5, MEMBLOCK_KERNEL);
	for (size_t i = 0; i < NR_ZONES; i++) {
		const char *name = zones[i].name;

		memset(&zones[i], 0, sizeof(zones[i]));
		zones[i].name = name;
	}
	stack_depot_init();
	page_alloc_init();
}

static __attribute__((constructor(101))) void boot_usual_machine(void)
{
	boot_mm(usual_machine);
}
