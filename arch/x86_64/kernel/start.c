// SPDX-License-Identifier: GPL-2.0-only
/*
 * From head.S to start_kernel(): the boot CPU gets its per-CPU data, descriptor tables and
 * exceptions, and boot_info is filled.  Nothing here can print yet; a fault before trap_init()
 * resets the machine.
 */
#include <arch/boot.h>
#include <arch/clock.h>
#include <arch/start.h>
#include <arch/trap.h>
#include <oshit/init.h>
#include <oshit/percpu.h>
#include <oshit/start_kernel.h>

unsigned long percpu_offset[NR_CPUS] __ro_after_init;
DEFINE_PER_CPU(unsigned int, cpu_number);
unsigned long this_cpu_off __section(".data..percpu");

__init void arch_start(void)
{
	trap_init();
	cpu_tables_init(0);
	clock_init(boot_first_cycles());
	boot_info_read();
	start_kernel();
}
