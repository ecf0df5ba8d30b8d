/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Finding the CPUs, and what they need for their start.
 *
 * They are those that the MADT calls enabled.  The boot CPU is number 0, the others follow in the
 * table's order.  The trampoline gets four pages below 1 MiB: its code, and a root, a second and a
 * third table that map the first 2 MiB one to one.
 */
#define pr_fmt(fmt) "smp: " fmt

#include <arch/apic.h>
#include <arch/layout.h>
#include <arch/msr.h>
#include <arch/page.h>
#include <arch/pgtable.h>
#include <arch/segment.h>
#include <arch/smp.h>
#include <arch/smpboot.h>
#include <arch/trap.h>
#include <linux/errno.h>
#include <oshit/acpi_tables.h>
#include <oshit/init.h>
#include <oshit/kernel_stack.h>
#include <oshit/memblock.h>
#include <oshit/printk.h>
#include <oshit/sizes.h>
#include <oshit/string.h>

#define XAPIC_MAX_ID 254 /* 255 means all */

struct cpu_search {
	unsigned int max; /* in */
	unsigned int nr_left_out; /* out  for want of room */
};

static __init bool is_known(u32 apic_id)
{
	for (u32 cpu = 0; cpu < ap_nr_cpus; cpu++)
		if (cpu_apic_id[cpu] == apic_id)
			return true;
	return false;
}

static __init void add_cpu(struct cpu_search *search, u32 apic_id)
{
	if (is_known(apic_id))
		return;
	if (apic_id > XAPIC_MAX_ID && !lapic_can_x2apic()) {
		pr_warn("the CPU with number %u cannot be reached", apic_id);
		return;
	}
	if (ap_nr_cpus == search->max) {
		search->nr_left_out++;
		return;
	}
	cpumask_set_cpu(ap_nr_cpus, &cpu_possible_mask);
	cpu_apic_id[ap_nr_cpus++] = apic_id;
}

static __init void search_madt(const struct acpi_table *madt, struct cpu_search *search)
{
	struct acpi_madt_entry entry;
	size_t pos = 0;

	while (acpi_madt_next(madt, &pos, &entry) > 0)
		if ((entry.type == ACPI_MADT_LAPIC || entry.type == ACPI_MADT_X2APIC) &&
		    entry.cpu.enabled)
			add_cpu(search, entry.cpu.apic_id);
}

/* Code and tables of the trampoline; the addresses are filled in by fill_trampoline(). */
static __init bool place_trampoline(void)
{
	phys_addr_t phys = memblock_alloc_range(TRAMPOLINE_PAGES * PAGE_SIZE, PAGE_SIZE, KIB(64),
						MIB(1), MEMBLOCK_TOP_DOWN);
	u64 *tables;

	if (!phys)
		return false;
	trampoline_place = phys_to_virt(phys);
	memset(trampoline_place, 0, TRAMPOLINE_PAGES * PAGE_SIZE);
	memcpy(trampoline_place, trampoline, (size_t)(trampoline_end - trampoline));
	tables = (u64 *)(trampoline_place + PAGE_SIZE);
	tables[0] = (phys + 2 * PAGE_SIZE) | PTE_PRESENT | PTE_WRITE;
	tables[512] = (phys + 3 * PAGE_SIZE) | PTE_PRESENT | PTE_WRITE;
	tables[1024] = PTE_PRESENT | PTE_WRITE | PTE_LARGE;
	return true;
}

/* The copy's place of a symbol in the trampoline. */
static __init void *copied(const void *symbol)
{
	return trampoline_place + ((const char *)symbol - trampoline);
}

static __init u32 copied_phys(const void *symbol)
{
	return (u32)virt_to_phys(copied(symbol));
}

/* Some are operands of instructions, and aligned to nothing. */
static __init void set_u32(const void *symbol, u32 value)
{
	memcpy(copied(symbol), &value, sizeof(value));
}

static __init void fill_trampoline(void)
{
	set_u32(&trampoline_gdt_address, copied_phys(trampoline_gdt));
	set_u32(&trampoline_far_32, copied_phys(trampoline_32));
	set_u32(&trampoline_far_64, copied_phys(trampoline_64));
	set_u32(&trampoline_cr3, (u32)virt_to_phys(trampoline_place + PAGE_SIZE));
	set_u32(&trampoline_efer, (u32)(rdmsr(MSR_EFER) & ~(u64)EFER_LMA));
	*(u64 *)copied(&trampoline_entry) = (u64)ap_entry;
	ap_cr3 = read_cr3() & PTE_ADDR_MASK;
	smpboot_save_control();
}

__init void arch_smp_find_cpus(unsigned int max)
{
	const struct acpi_table *madt = acpi_find_table("APIC", 0);
	struct cpu_search search = { .max = max };

	cpu_apic_id[0] = cpuid_apic_id();
	ap_nr_cpus = 1;
	if (!madt || !lapic_phys())
		return;
	search_madt(madt, &search);
	if (search.nr_left_out)
		pr_warn("%u more CPUs are not used: CONFIG_NR_CPUS is %u", search.nr_left_out, max);
	if (ap_nr_cpus > 1 && !place_trampoline()) {
		pr_warn("no memory below 1 MiB; one CPU is used");
		cpumask_clear(&cpu_possible_mask);
		cpumask_set_cpu(0, &cpu_possible_mask);
	}
}

__init int arch_cpu_prepare(unsigned int cpu, void *stack)
{
	if (!ap_cr3)
		fill_trampoline();
	cpu_stack_end[cpu] = (unsigned long)stack + KERNEL_STACK_SIZE;
	for (unsigned int ist = 1; ist <= NR_IST; ist++) {
		char *ist_stack = kernel_stack_alloc();

		if (!ist_stack)
			return -ENOMEM;
		cpu_tables_set_stack(cpu, ist, ist_stack + KERNEL_STACK_SIZE);
	}
	return 0;
}
