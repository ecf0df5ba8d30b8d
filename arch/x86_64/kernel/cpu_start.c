/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Starting and parking CPUs (Intel SDM volume 3, 8.4.4).
 *
 * INIT puts a CPU into a state in which it waits for a start-up interrupt, which names the page
 * where it begins; a second one is for those that have missed the first, and ignored by a CPU that
 * runs.  Every CPU finds out who it is and takes its own stack, so all are started at once.  A
 * CPU that is parked halts with interrupts off and is started again in the same way.
 *
 * Control registers and EFER of all CPUs are those that the boot CPU had when the first was
 * started.
 */
#include <arch/apic.h>
#include <arch/msr.h>
#include <arch/page.h>
#include <arch/percpu.h>
#include <arch/smp.h>
#include <arch/smpboot.h>
#include <arch/processor.h>
#include <arch/trap.h>
#include <arch/vectors.h>
#include <oshit/atomic.h>
#include <oshit/clock.h>
#include <oshit/cpuhp.h>
#include <oshit/init.h>
#include <oshit/smp.h>
#include <oshit/string.h>

#define OLD_INIT_WAIT_US 10000 /* the manual's figure; only the Pentium 4 and older need it */
#define STARTUP_WAIT_US	 300 /* until the second start-up interrupt; the manual says 200 */
#define INTEL_FAMILY_P4	 0xf

unsigned long cpu_stack_end[NR_CPUS] __ro_after_init;
u8 *trampoline_place __ro_after_init;
u64 ap_cr3 __ro_after_init;
u32 ap_nr_cpus __ro_after_init;

static unsigned long saved_cr0 __ro_after_init, saved_cr4 __ro_after_init;
static u64 saved_efer __ro_after_init;

__init void smpboot_save_control(void)
{
	saved_cr0 = read_cr0();
	saved_cr4 = read_cr4();
	saved_efer = rdmsr(MSR_EFER);
}

void ap_start(unsigned int cpu)
{
	wrmsr(MSR_GS_BASE, percpu_offset[cpu]);
	write_cr4(saved_cr4);
	write_cr0(saved_cr0);
	wrmsr(MSR_EFER, saved_efer);
	cpu_tables_init(cpu);
	lapic_enable_cpu();
	cpu_bringup();
}

/* The kernel's half as it is now, for a table may have got a new root entry since the last
 * start. */
static void update_trampoline_tables(void)
{
	u64 *root = (u64 *)(trampoline_place + PAGE_SIZE);
	const u64 *kernel_root = phys_to_virt(ap_cr3);

	memcpy(root + 256, kernel_root + 256, 256 * sizeof(*root));
}

static bool needs_long_wait(void)
{
	struct cpuid_result vendor = cpuid(0, 0);

	return vendor.ebx == 0x756e6547 /* "Genu" */ &&
	       (cpuid(1, 0).eax >> 8 & 0xf) == INTEL_FAMILY_P4;
}

static void send_startup(unsigned int cpu)
{
	u32 page = (u32)(virt_to_phys(trampoline_place) >> PAGE_SHIFT);

	lapic_send(cpu_apic_id[cpu], LAPIC_ICR_STARTUP | LAPIC_ICR_ASSERT | page);
}

void arch_cpus_start(const struct cpumask *cpus)
{
	unsigned int cpu;

	update_trampoline_tables();
	for_each_cpu(cpu, cpus)
		arch_cpu_hold(cpu);
	if (needs_long_wait())
		delay_us(OLD_INIT_WAIT_US);
	for_each_cpu(cpu, cpus)
		send_startup(cpu);
	delay_us(STARTUP_WAIT_US);
	for_each_cpu(cpu, cpus)
		send_startup(cpu);
}

void arch_cpu_hold(unsigned int cpu)
{
	lapic_send(cpu_apic_id[cpu], LAPIC_ICR_INIT | LAPIC_ICR_ASSERT);
}

/*
 * After @parked nobody keeps this CPU's memory from being used otherwise but its stack and per-CPU
 * area, which stay.  An NMI wakes it for its handler alone.
 */
void arch_cpu_park(void (*parked)(void))
{
	lapic_write(LAPIC_SPURIOUS,
		    VECTOR_SPURIOUS); /* the APIC is off: INIT, NMI and start-up get through */
	parked();
	cpu_stop();
}
