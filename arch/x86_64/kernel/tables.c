/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The tables that the processor reads: each CPU's GDT and TSS, and the IDT that all share.
 *
 * The exceptions that may strike while the stack pointer cannot be trusted (NMI, double fault,
 * machine check, debug) run on stacks of their own, one set a CPU, chosen by the interrupt stack
 * table of the TSS.  Such a stack must not be entered twice: their handlers neither fault nor
 * enable interrupts.
 * Sources: AMD64 manual volume 2, 4.8 (descriptors), 8.9 (IDT), 12.2.5 (TSS).
 */
#include <arch/boot_stacks.h>
#include <arch/segment.h>
#include <arch/msr.h>
#include <arch/layout.h>
#include <arch/trap.h>
#include <arch/tss.h>
#include <oshit/init.h>
#include <oshit/percpu.h>

struct gate {
	u16 offset_low;
	u16 selector;
	u8 ist;
	u8 type;
	u16 offset_middle;
	u32 offset_high;
	u32 reserved;
};
static_assert(sizeof(struct gate) == 16, "hardware layout");

struct table_pointer {
	u16 limit;
	u64 base;
} __packed;

#define GATE_INTERRUPT 0x8e /* present, ring 0, interrupts off */
#define GATE_DPL3      0x60 /* users may name it: INT3 */
#define DESC_TSS       0x890000000000 /* present, available 64-bit TSS */
#define DESC_NUMBER    0x0040f50000000000 /* present, ring 3, read-only data; limit in bytes */

/* clang-format off */
static const u64 gdt_template[GDT_SIZE / 8] = {
	[KERNEL_CS >> 3]   = 0x00af9b000000ffff,
	[KERNEL_DS >> 3]   = 0x00cf93000000ffff,
	[USER_DS >> 3]     = 0x00cff3000000ffff,
	[USER_CS >> 3]     = 0x00affb000000ffff,
};

static const u8 ist_of_vector[NR_EXCEPTIONS] = {
	[TRAP_DEBUG]	     = IST_DEBUG,
	[TRAP_NMI]	     = IST_NMI,
	[TRAP_DOUBLE_FAULT]  = IST_DOUBLE_FAULT,
	[TRAP_MACHINE_CHECK] = IST_MACHINE_CHECK,
};
/* clang-format on */

static struct gate idt[256] __aligned(16) __ro_after_init;

static DEFINE_PER_CPU(u64[GDT_SIZE / 8], gdt);
DEFINE_PER_CPU(struct tss, cpu_tss);

/* The ends of its stacks, by IST slot less 1; NULL: the boot CPU, which has its own. */
static DEFINE_PER_CPU(char *[NR_IST], ist_ends);

__init void idt_set_gate(unsigned int vector, const void *entry, enum gate_user user)
{
	struct gate *gate = &idt[vector];
	u64 addr = (u64)entry;

	gate->offset_low = (u16)addr;
	gate->offset_middle = (u16)(addr >> 16);
	gate->offset_high = (u32)(addr >> 32);
	gate->selector = KERNEL_CS;
	gate->ist = vector < NR_EXCEPTIONS ? ist_of_vector[vector] : 0;
	gate->type = GATE_INTERRUPT | (user == GATE_FOR_USERS ? GATE_DPL3 : 0);
}

static void load_gdt(u64 *table)
{
	struct table_pointer pointer = { GDT_SIZE - 1, (u64)table };

	__asm__ __volatile__("lgdt %0\n\t"
			     "pushq %1\n\t"
			     "leaq 1f(%%rip), %%rax\n\t"
			     "pushq %%rax\n\t"
			     "lretq\n"
			     "1: movl %2, %%ds\n\t"
			     "movl %2, %%es\n\t"
			     "movl %2, %%ss\n\t"
			     :
			     : "m"(pointer), "i"(KERNEL_CS), "r"(KERNEL_DS)
			     : "rax", "memory");
}

static void set_tss_descriptor(u64 *table, const struct tss *segment)
{
	u64 base = (u64)segment;

	table[TSS_SEL >> 3] = (sizeof(*segment) - 1) | (base & 0xffffff) << 16 | DESC_TSS |
			      (base >> 24 & 0xff) << 56;
	table[(TSS_SEL >> 3) + 1] = base >> 32;
}

void cpu_tables_set_stack(unsigned int cpu, unsigned int ist, void *end)
{
	per_cpu(ist_ends, cpu)[ist - 1] = end;
}

/* The stack that ends at @end: there entry.S finds whose it is. Return: where frames begin. */
static u64 ist_entry(unsigned int cpu, char *end)
{
	*(unsigned long *)(end - IST_END_SIZE + IST_PERCPU_OFFSET) = percpu_offset[cpu];
	return (u64)end - IST_END_SIZE;
}

void cpu_tables_init(unsigned int cpu)
{
	struct table_pointer idt_pointer = { sizeof(idt) - 1, (u64)idt };
	u64 *table = per_cpu(gdt, cpu);
	struct tss *segment = per_cpu_ptr(&cpu_tss, cpu);
	unsigned int i;

	for (i = 0; i < GDT_SIZE / 8; i++)
		table[i] = gdt_template[i];
	for (i = 0; i < NR_IST; i++)
		segment->ist[i] =
			ist_entry(cpu, per_cpu(ist_ends, cpu)[i]
					       ?: boot_stacks.ist[i].stack + IST_STACK_SIZE);
	segment->io_bitmap = sizeof(*segment);
	set_tss_descriptor(table, segment);
	/* Programs ask for it by LSL: __vdso_getcpu(). */
	if (IS_ENABLED(CONFIG_VDSO))
		table[CPU_NUMBER_SEL >> 3] = DESC_NUMBER | cpu;

	load_gdt(table);
	__asm__ __volatile__("ltr %w0" : : "r"(TSS_SEL));
	__asm__ __volatile__("lidt %0" : : "m"(idt_pointer));
}
