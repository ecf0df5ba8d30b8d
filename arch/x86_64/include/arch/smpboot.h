/* SPDX-License-Identifier: GPL-2.0-only */
/* Between the files that start other CPUs; C and trampoline.S. */
#ifndef ARCH_SMPBOOT_H
#define ARCH_SMPBOOT_H

/* Pages of the trampoline: code and data; then the page tables that it runs on. */
#define TRAMPOLINE_PAGES 4

#ifndef __ASSEMBLY__
#include <oshit/percpu.h>
#include <oshit/types.h>

/* trampoline.S: what is copied below 1 MiB, and what is filled in there. */
extern char trampoline[], trampoline_end[];
struct trampoline_data {
	u32 gdt_address; /* within the pointer that LGDT reads */
	u32 far_32; /* address of the 32-bit code; a selector follows */
	u32 far_64;
	u32 cr3, efer;
	u64 entry; /* ap_entry */
};
extern u32 trampoline_gdt_address, trampoline_far_32, trampoline_far_64;
extern u32 trampoline_cr3, trampoline_efer;
extern u64 trampoline_entry;
extern char trampoline_32[], trampoline_64[], trampoline_gdt[];

/* trampoline.S, in the image: finds out which CPU it is, by its number in cpu_apic_id. */
void ap_entry(void);

/* By the kernel's numbers; constant after the boot code has filled them. */
extern u32 cpu_apic_id[NR_CPUS];
extern unsigned long cpu_stack_end[NR_CPUS]; /* of the idle task */
extern u64 ap_cr3; /* kernel's page table */
extern u32 ap_nr_cpus; /* entries of cpu_apic_id in use */

extern u8 *trampoline_place; /* in the direct map; NULL: no CPU can be started */

/* What the boot CPU has in its control registers goes for all. Before the first
 * arch_cpus_start(). */
void smpboot_save_control(void);

/* From ap_entry, on the CPU's own stack. */
void __noreturn ap_start(unsigned int cpu);

/* The number of the calling CPU on the bus, by CPUID. */
u32 cpuid_apic_id(void);
#endif

#endif
