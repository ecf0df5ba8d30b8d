/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The local APIC of each CPU: it takes interrupts in, has a timer, and sends commands to others.
 *
 * x2APIC (registers as MSRs, 32-bit CPU numbers) is used where the processor has it, unless
 * `nox2apic` is given and the firmware has not turned it on already: from there is no way back
 * without a reset.  All CPUs work in the same mode.  Interrupts are addressed to one CPU at a time
 * by its physical number; logical destinations are not used.
 *
 * What comes in by itself (LINT0, LINT1, thermal, performance) is masked, but for the pins that the
 * firmware says carry NMI.
 */
#define pr_fmt(fmt) "apic: " fmt

#include <arch/apic.h>
#include <arch/cpufeature.h>
#include <arch/irqflags.h>
#include <arch/processor.h>
#include <arch/smpboot.h>
#include <arch/vectors.h>
#include <oshit/boot_param.h>
#include <oshit/init.h>
#include <oshit/math.h>
#include <oshit/preempt.h>
#include <oshit/printk.h>

#define APIC_BASE_ADDRESS 0x000ffffffffff000UL
#define ISR_FIRST	  0x100 /* 8 registers, 16 bytes apart: one bit a vector in service */
#define NR_ISR_WORDS	  8
#define SEND_TRIES	  100000 /* reads of the status; a delivery takes microseconds */
#define XAPIC_ID_SHIFT	  24
#define DESTINATION_FLAT  0xffffffffu

bool lapic_present __ro_after_init;
bool lapic_is_x2apic __ro_after_init;
u8 __iomem *lapic_registers __ro_after_init;

static bool x2apic_refused __initdata;
static u32 lint_entries[2] __ro_after_init = { LAPIC_LVT_MASKED, LAPIC_LVT_MASKED };

static __init int nox2apic_param(const char *value __maybe_unused)
{
	x2apic_refused = true;
	return 0;
}
BOOT_PARAM("nox2apic", nox2apic_param);

__init u64 lapic_phys(void)
{
	if (!cpu_has(X86_FEATURE_APIC))
		return 0;
	return rdmsr(MSR_APIC_BASE) & APIC_BASE_ADDRESS;
}

__init void lapic_set_nmi_pin(unsigned int lint, u32 bits)
{
	if (lint < ARRAY_SIZE(lint_entries))
		lint_entries[lint] = LAPIC_LVT_NMI | bits;
}

__init bool lapic_can_x2apic(void)
{
	if (!cpu_has(X86_FEATURE_X2APIC))
		return false;
	return !x2apic_refused || rdmsr(MSR_APIC_BASE) & APIC_BASE_X2APIC;
}

/* Both modes need the APIC enabled first: Intel SDM volume 3, 11.12.5. */
static void set_mode(void)
{
	u64 base = rdmsr(MSR_APIC_BASE);

	if (!(base & APIC_BASE_ENABLE))
		wrmsr(MSR_APIC_BASE, base | APIC_BASE_ENABLE);
	if (lapic_is_x2apic && !(base & APIC_BASE_X2APIC))
		wrmsr(MSR_APIC_BASE, base | APIC_BASE_ENABLE | APIC_BASE_X2APIC);
}

static void set_local_sources(void)
{
	unsigned int last_lvt = lapic_read(LAPIC_VERSION) >> 16 & 0xff;

	lapic_write(LAPIC_LVT_TIMER, LAPIC_LVT_MASKED);
	if (last_lvt >= 5)
		lapic_write(LAPIC_LVT_THERMAL, LAPIC_LVT_MASKED);
	if (last_lvt >= 4)
		lapic_write(LAPIC_LVT_PERFORMANCE, LAPIC_LVT_MASKED);
	lapic_write(LAPIC_LVT_LINT0, lint_entries[0]);
	lapic_write(LAPIC_LVT_LINT1, lint_entries[1]);
	lapic_write(LAPIC_LVT_ERROR, VECTOR_ERROR);
}

/* What firmware or an earlier kernel left in service would block its priority for ever. */
static void end_old_interrupts(void)
{
	for (unsigned int i = 0; i < NR_ISR_WORDS; i++) {
		u32 bits = lapic_read((enum lapic_register)(ISR_FIRST + i * 16));

		for (; bits; bits &= bits - 1)
			lapic_eoi();
	}
}

void lapic_enable_cpu(void)
{
	set_mode();
	if (!lapic_is_x2apic)
		lapic_write(LAPIC_DESTINATION_FORMAT, DESTINATION_FLAT);
	lapic_write(LAPIC_TASK_PRIORITY, 0);
	end_old_interrupts();
	lapic_write(LAPIC_SPURIOUS, LAPIC_SPURIOUS_ENABLE | VECTOR_SPURIOUS);
	set_local_sources();
	lapic_write(LAPIC_ERROR_STATUS, 0);
}

u32 lapic_id(void)
{
	u32 id = lapic_read(LAPIC_ID);

	return lapic_is_x2apic ? id : id >> XAPIC_ID_SHIFT;
}

/* Older APICs lose a command that is written while one is on its way. */
static void wait_until_sent(void)
{
	for (unsigned int i = 0; i < SEND_TRIES && lapic_read(LAPIC_ICR) & LAPIC_ICR_PENDING; i++)
		cpu_relax();
}

/* The command has two halves: an interrupt in between might send, too, and an NMI may strike even
 * so and puts back what it found. */
static void xapic_send(u32 apic_id, u32 command)
{
	unsigned long flags = arch_irq_save();
	u32 old_high = in_nmi() ? lapic_read(LAPIC_ICR_HIGH) : 0;

	wait_until_sent();
	lapic_write(LAPIC_ICR_HIGH, apic_id << XAPIC_ID_SHIFT);
	lapic_write(LAPIC_ICR, command);
	if (in_nmi())
		lapic_write(LAPIC_ICR_HIGH, old_high);
	arch_irq_restore(flags);
}

/* Unlike a write to memory that is not cached, WRMSR to these does not wait for earlier stores. */
static void x2apic_send(u32 apic_id, u32 command)
{
	__asm__ __volatile__("mfence; lfence" ::: "memory");
	wrmsr(MSR_X2APIC_BASE + (LAPIC_ICR >> 4), (u64)apic_id << 32 | command);
}

void lapic_send(u32 apic_id, u32 command)
{
	if (lapic_is_x2apic)
		x2apic_send(apic_id, command);
	else
		xapic_send(apic_id, command);
}

/* The error register shows what has come up since it was last written. */
static void error_interrupt(struct pt_regs *regs, unsigned int vector)
{
	static const char *const names[8] = {
		"send checksum",    "receive checksum", "send accept",	       "receive accept",
		"redirectable IPI", "sent bad vector",	"received bad vector", "bad register",
	};
	static unsigned int nr_told; /* told a few times; all are counted with the vector */
	u32 status;

	lapic_write(LAPIC_ERROR_STATUS, 0);
	status = lapic_read(LAPIC_ERROR_STATUS) & 0xff;
	for (unsigned int i = 0; i < ARRAY_SIZE(names); i++)
		if (status >> i & 1 &&
		    __atomic_fetch_add(&nr_told, 1, __ATOMIC_RELAXED) < ARRAY_SIZE(names))
			pr_warn("CPU %u: error: %s", smp_processor_id(), names[i]);
}

__init void lapic_init(u8 __iomem *registers)
{
	lapic_present = true;
	lapic_is_x2apic = lapic_can_x2apic();
	lapic_registers = lapic_is_x2apic ? NULL : registers;
	vector_set_handler(VECTOR_ERROR, error_interrupt);
	lapic_enable_cpu();
	cpu_apic_id[0] = lapic_id();
	pr_info("%s, boot CPU is %u", lapic_is_x2apic ? "x2APIC" : "xAPIC", lapic_id());
}
