/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * From head.S to start_kernel(): the one-to-one map of low memory goes, the boot CPU gets its
 * descriptor tables, exceptions and clock, and boot_info is filled.  Nothing here can print yet;
 * a fault before trap_init() resets the machine.
 */
#include <arch/boot.h>
#include <arch/clock.h>
#include <arch/cpufeature.h>
#include <arch/fpu.h>
#include <arch/mm.h>
#include <arch/msr.h>
#include <arch/page.h>
#include <arch/start.h>
#include <arch/trap.h>
#include <oshit/init.h>
#include <oshit/start_kernel.h>

extern u64 early_pml4[512];
extern u64 early_pdpt[512]; /* of the one-to-one map */

/* From here on a null pointer faults. */
static __init void unmap_low_memory(void)
{
	early_pml4[0] = 0;
	write_cr3(read_cr3());
	arch_free_boot_table(phys_to_virt(symbol_to_phys(early_pdpt)));
}

__init void arch_start(void)
{
	unmap_low_memory();
	percpu_boot_init();
	cpu_features_init();
	trap_init();
	cpu_tables_init(0);
	fpu_init();
	arch_clock_start(boot_first_cycles());
	boot_info_read();
	start_kernel();
}
