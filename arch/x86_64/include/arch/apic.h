/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The local APIC, by registers in memory (xAPIC) or by MSRs (x2APIC).
 * Sources: Intel SDM volume 3, chapter 11; AMD64 manual volume 2, chapter 16.
 */
#ifndef ARCH_APIC_H
#define ARCH_APIC_H

#include <arch/io.h>
#include <arch/msr.h>
#include <oshit/types.h>

enum lapic_register {
	LAPIC_ID = 0x020,
	LAPIC_VERSION = 0x030,
	LAPIC_TASK_PRIORITY = 0x080,
	LAPIC_EOI = 0x0b0,
	LAPIC_LOGICAL_DESTINATION = 0x0d0, /* xAPIC writes it */
	LAPIC_DESTINATION_FORMAT = 0x0e0, /* xAPIC only */
	LAPIC_SPURIOUS = 0x0f0,
	LAPIC_ERROR_STATUS = 0x280,
	LAPIC_ICR = 0x300,
	LAPIC_ICR_HIGH = 0x310, /* xAPIC only */
	LAPIC_LVT_TIMER = 0x320,
	LAPIC_LVT_THERMAL = 0x330,
	LAPIC_LVT_PERFORMANCE = 0x340,
	LAPIC_LVT_LINT0 = 0x350,
	LAPIC_LVT_LINT1 = 0x360,
	LAPIC_LVT_ERROR = 0x370,
	LAPIC_TIMER_INITIAL = 0x380,
	LAPIC_TIMER_CURRENT = 0x390,
	LAPIC_TIMER_DIVIDE = 0x3e0,
};

#define LAPIC_PRIORITY_STOPPED	 0xe0 /* as task priority: vectors from 0xf0 up alone */
#define LAPIC_SPURIOUS_ENABLE	 (1u << 8)
#define LAPIC_LVT_NMI		 (4u << 8)
#define LAPIC_LVT_ACTIVE_LOW	 (1u << 13)
#define LAPIC_LVT_LEVEL		 (1u << 15)
#define LAPIC_LVT_MASKED	 (1u << 16)
#define LAPIC_TIMER_ONESHOT	 (0u << 17)
#define LAPIC_TIMER_PERIODIC	 (1u << 17)
#define LAPIC_TIMER_TSC_DEADLINE (2u << 17)
#define LAPIC_TIMER_DIVIDE_1	 0x0b
#define LAPIC_TIMER_DIVIDE_16	 0x03

#define LAPIC_ICR_FIXED		 (0u << 8)
#define LAPIC_ICR_NMI		 (4u << 8)
#define LAPIC_ICR_INIT		 (5u << 8)
#define LAPIC_ICR_STARTUP	 (6u << 8)
#define LAPIC_ICR_PENDING	 (1u << 12) /* xAPIC only */
#define LAPIC_ICR_ASSERT	 (1u << 14)
#define LAPIC_ICR_LEVEL		 (1u << 15)

#define MSR_X2APIC_BASE		 0x800
#define APIC_BASE_BSP		 (1u << 8)
#define APIC_BASE_X2APIC	 (1u << 10)
#define APIC_BASE_ENABLE	 (1u << 11)

/* Constant once lapic_init() is done. */
extern bool lapic_present;
extern bool lapic_is_x2apic;
extern u8 __iomem *lapic_registers; /* NULL with x2APIC */

static inline u32 lapic_read(enum lapic_register reg)
{
	if (lapic_is_x2apic)
		return (u32)rdmsr(MSR_X2APIC_BASE + (reg >> 4));
	return mmio_read32(lapic_registers + reg);
}

static inline void lapic_write(enum lapic_register reg, u32 value)
{
	if (lapic_is_x2apic)
		wrmsr(MSR_X2APIC_BASE + (reg >> 4), value);
	else
		mmio_write32(value, lapic_registers + reg);
}

/* The present interrupt is done with: the next of its priority or below may come. */
static inline void lapic_eoi(void)
{
	lapic_write(LAPIC_EOI, 0);
}

/* Chooses xAPIC or x2APIC and enables the boot CPU's. @registers: its page, mapped uncached.
 * Boot. */
void lapic_init(u8 __iomem *registers);

/* The firmware says that this pin, 0 or 1, carries NMI; @bits: LAPIC_LVT_ polarity and trigger.
 * Boot, before lapic_init(). */
void lapic_set_nmi_pin(unsigned int lint, u32 bits);

/* Whether x2APIC will be, or is, used. Boot. */
bool lapic_can_x2apic(void);

/* Physical address of the registers, 0: the processor has no local APIC. Boot. */
u64 lapic_phys(void);

/* Enables the calling CPU's, with all its own sources but errors masked. Interrupts off. */
void lapic_enable_cpu(void);

/* This CPU's number on the bus. */
u32 lapic_id(void);

/* Sends a command to the CPU with that bus number: LAPIC_ICR_ bits and a vector. Any context. */
void lapic_send(u32 apic_id, u32 command);

/* The two 8259s deliver nothing, on any vector but 0x20 and up. Boot. */
void legacy_pic_mask(void);

#endif
