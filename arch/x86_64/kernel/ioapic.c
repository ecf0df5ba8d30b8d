/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * IOAPICs: each input ("global system interrupt") has an entry that says with which vector, to
 * which CPU and in which way it is sent (Intel 82093AA datasheet).  Registers are reached through
 * an index and a window, so an access is two steps; the lock of irq.c, which is held in all calls
 * but at boot, keeps them together.
 *
 * An input that triggers by level is masked at its source until the local APIC that took it ends
 * the interrupt.  Before the target changes the input is masked, for its entry has two halves.
 */
#define pr_fmt(fmt) "ioapic: " fmt

#include <arch/apic.h>
#include <arch/io.h>
#include <arch/ioapic.h>
#include <arch/irq.h>
#include <arch/smpboot.h>
#include <arch/vectors.h>
#include <linux/errno.h>
#include <oshit/init.h>
#include <oshit/math.h>
#include <oshit/printk.h>

#define IOAPIC_INDEX	   0x00
#define IOAPIC_WINDOW	   0x10
#define IOAPIC_VERSION	   0x01 /* bits 16-23: number of the last input */
#define IOAPIC_ENTRY(n)	   (0x10 + 2 * (n))
#define ENTRY_ACTIVE_LOW   (1u << 13)
#define ENTRY_LEVEL	   (1u << 15)
#define ENTRY_MASKED	   (1u << 16)
#define ENTRY_TARGET_SHIFT 24 /* in the upper half */
#define MSI_ADDRESS	   0xfee00000UL
#define MSI_TARGET_SHIFT   12
#define MAX_IOAPICS	   16
#define MAX_PINS	   64 /* of one; 24 and 120 are common, those above are left out */
#define NR_ISA_IRQS	   16
#define MAX_TARGET	   254

struct ioapic_pin { /* one input */
	u8 __iomem *registers; /* i */
	unsigned int index; /* i  in its IOAPIC */
	int irq; /* number + 1, once somebody wants it; 0: nobody yet */
	u32 low; /* lower half of the entry, as written last */
};

static struct ioapic {
	u8 __iomem *registers;
	unsigned int gsi_base, nr_pins;
	struct ioapic_pin pins[MAX_PINS];
} ioapics[MAX_IOAPICS];
static unsigned int nr_ioapics __ro_after_init;

static struct isa_route {
	bool is_set;
	unsigned int gsi;
	enum irq_trigger trigger;
} isa_routes[NR_ISA_IRQS] __ro_after_init;

static u32 ioapic_read(u8 __iomem *registers, u32 index)
{
	mmio_write32(index, registers + IOAPIC_INDEX);
	return mmio_read32(registers + IOAPIC_WINDOW);
}

static void ioapic_write(u8 __iomem *registers, u32 index, u32 value)
{
	mmio_write32(index, registers + IOAPIC_INDEX);
	mmio_write32(value, registers + IOAPIC_WINDOW);
}

static void write_low(struct ioapic_pin *pin)
{
	ioapic_write(pin->registers, IOAPIC_ENTRY(pin->index), pin->low);
	/* It has arrived when the read is answered. */
	ioapic_read(pin->registers, IOAPIC_ENTRY(pin->index));
}

static void pin_mask(unsigned int irq, void *chip_data)
{
	struct ioapic_pin *pin = chip_data;

	pin->low |= ENTRY_MASKED;
	write_low(pin);
}

static void pin_unmask(unsigned int irq, void *chip_data)
{
	struct ioapic_pin *pin = chip_data;

	pin->low &= ~ENTRY_MASKED;
	write_low(pin);
}

static void pin_set_target(unsigned int irq, unsigned int cpu, void *chip_data)
{
	struct ioapic_pin *pin = chip_data;
	u32 low = pin->low;

	pin_mask(irq, pin);
	ioapic_write(pin->registers, IOAPIC_ENTRY(pin->index) + 1,
		     cpu_apic_id[cpu] << ENTRY_TARGET_SHIFT);
	pin->low = low;
	write_low(pin);
}

static const struct irq_chip ioapic_chip = {
	.name = "IOAPIC",
	.mask = pin_mask,
	.unmask = pin_unmask,
	.set_target = pin_set_target,
};

static void device_interrupt(struct pt_regs *regs, unsigned int vector)
{
	irq_handle(vector - VECTOR_FIRST_DEVICE);
}

static struct ioapic_pin *find_pin(unsigned int gsi)
{
	for (unsigned int i = 0; i < nr_ioapics; i++) {
		struct ioapic *ioapic = &ioapics[i];

		if (gsi >= ioapic->gsi_base && gsi - ioapic->gsi_base < ioapic->nr_pins)
			return &ioapic->pins[gsi - ioapic->gsi_base];
	}
	return NULL;
}

static u32 trigger_bits(enum irq_trigger trigger)
{
	u32 bits = 0;

	if (trigger == IRQ_LEVEL_HIGH || trigger == IRQ_LEVEL_LOW)
		bits |= ENTRY_LEVEL;
	if (trigger == IRQ_EDGE_LOW || trigger == IRQ_LEVEL_LOW)
		bits |= ENTRY_ACTIVE_LOW;
	return bits;
}

/* Drivers ask while booting, one after the other. */
int irq_from_gsi(unsigned int gsi, enum irq_trigger trigger)
{
	struct ioapic_pin *pin = find_pin(gsi);
	int irq;

	if (!pin)
		return -ENODEV;
	if (pin->irq)
		return pin->irq - 1;
	irq = irq_alloc(&ioapic_chip, pin);
	if (irq < 0)
		return irq;
	pin->low = ENTRY_MASKED | trigger_bits(trigger) | (u32)(VECTOR_FIRST_DEVICE + irq);
	pin->irq = irq + 1;
	return irq;
}

int irq_from_isa(unsigned int isa_irq)
{
	if (isa_irq >= NR_ISA_IRQS)
		return -ENODEV;
	if (isa_routes[isa_irq].is_set)
		return irq_from_gsi(isa_routes[isa_irq].gsi, isa_routes[isa_irq].trigger);
	return irq_from_gsi(isa_irq, IRQ_EDGE_HIGH);
}

__init void ioapic_override(unsigned int isa_irq, unsigned int gsi, enum irq_trigger trigger)
{
	if (isa_irq < NR_ISA_IRQS)
		isa_routes[isa_irq] = (struct isa_route){ true, gsi, trigger };
}

static __init void add_pins(struct ioapic *ioapic)
{
	for (unsigned int i = 0; i < ioapic->nr_pins; i++) {
		ioapic->pins[i] = (struct ioapic_pin){
			.registers = ioapic->registers,
			.index = i,
			.low = ENTRY_MASKED,
		};
		write_low(&ioapic->pins[i]);
	}
}

__init void device_vectors_init(void)
{
	for (unsigned int irq = 0; irq < NR_IRQS; irq++)
		vector_set_handler(VECTOR_FIRST_DEVICE + irq, device_interrupt);
}

__init void ioapic_add(u8 __iomem *registers, unsigned int gsi_base)
{
	struct ioapic *ioapic = &ioapics[nr_ioapics];
	unsigned int nr_pins = (ioapic_read(registers, IOAPIC_VERSION) >> 16 & 0xff) + 1;

	if (nr_ioapics == MAX_IOAPICS) {
		pr_warn("no room for that of interrupt %u", gsi_base);
		return;
	}
	nr_ioapics++;
	ioapic->registers = registers;
	ioapic->gsi_base = gsi_base;
	ioapic->nr_pins = min(nr_pins, (unsigned int)MAX_PINS);
	add_pins(ioapic);
	pr_info("interrupts %u to %u", gsi_base, gsi_base + nr_pins - 1);
}

bool arch_irq_can_target(unsigned int cpu)
{
	return lapic_present && cpu_apic_id[cpu] <= MAX_TARGET;
}

/* Intel SDM volume 3, 11.11: edge, fixed, physical. */
struct msi_message arch_msi_compose(unsigned int irq, unsigned int cpu)
{
	return (struct msi_message){
		.address = MSI_ADDRESS | (u64)cpu_apic_id[cpu] << MSI_TARGET_SHIFT,
		.data = VECTOR_FIRST_DEVICE + irq,
	};
}

unsigned int arch_irq_count(unsigned int irq, unsigned int cpu)
{
	return vector_count(VECTOR_FIRST_DEVICE + irq, cpu);
}
