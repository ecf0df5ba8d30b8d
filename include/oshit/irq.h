/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Interrupts of devices, and what brackets the handling of any interrupt.
 *
 *	irq = irq_from_isa(4);				or irq_from_gsi(), irq_alloc_msi()
 *	err = irq_request(irq, serial_interrupt, "ttyS0", port);
 *	...
 *	irq_free(irq);
 *
 * An interrupt has one handler and goes to one CPU at a time.
 */
#ifndef OSHIT_IRQ_H
#define OSHIT_IRQ_H

#include <oshit/cpumask.h>
#include <oshit/types.h>

enum irq_trigger { IRQ_EDGE_HIGH, IRQ_EDGE_LOW, IRQ_LEVEL_HIGH, IRQ_LEVEL_LOW };

/* In the handler's context interrupts are off and nothing sleeps. */
typedef void (*irq_handler_t)(unsigned int irq, void *data);

/* What a controller does for its interrupts. All are called with the lock of irq.c held, interrupts
 * off; NULL: not needed. */
struct irq_chip {
	const char *name;
	void (*mask)(unsigned int irq, void *chip_data);
	void (*unmask)(unsigned int irq, void *chip_data);
	void (*set_target)(unsigned int irq, unsigned int cpu, void *chip_data);
};

struct msi_message { /* a write that raises an interrupt */
	u64 address;
	u32 data;
};

/**
 * irq_request() - have @handler called when @irq comes; from now on it may
 * Context: any but NMI.
 * Return: 0; -EINVAL: no such interrupt; -EBUSY: somebody has it.
 */
int irq_request(unsigned int irq, irq_handler_t handler, const char *name, void *data);

/* Undoes it; the handler is not running and will not when it returns. Not from a handler. */
void irq_free(unsigned int irq);

/**
 * irq_set_affinity() - say which CPUs may get @irq
 * When none of them is on, any gets it. Context: any but NMI.
 * Return: 0; -EINVAL: no such interrupt, or none of @mask is on.
 */
int irq_set_affinity(unsigned int irq, const struct cpumask *mask);

/* The CPU that gets it now. Any context. */
unsigned int irq_target(unsigned int irq);

/**
 * irq_from_gsi() - the interrupt behind an input of the interrupt controllers
 * irq_from_isa() - that of an old device, wherever the firmware says it is connected
 * Context: any but NMI. Asking again gives the same.
 * Return: its number; -ENODEV: there is no such input; -ENOSPC: all numbers are taken.
 */
int irq_from_gsi(unsigned int gsi, enum irq_trigger trigger);
int irq_from_isa(unsigned int isa_irq);

/**
 * irq_alloc_msi() - an interrupt that a device raises by a write to memory
 * @write: tells the device what to write; called now and when the target changes, with the lock
 * of irq.c held and interrupts off
 * Return: its number; -ENODEV: this machine cannot; -ENOSPC.
 */
int irq_alloc_msi(void (*write)(void *data, const struct msi_message *message), void *data);
void irq_release_msi(unsigned int irq); /* after irq_free() */

/* For controllers: a number for one of their inputs, masked. It or -ENOSPC. */
int irq_alloc(const struct irq_chip *chip, void *chip_data);

/* From the arch's entry: the handler of @irq. */
void irq_handle(unsigned int irq);

/* For reports: name of the handler and the controller; false if nobody has it. Any context. */
bool irq_describe(unsigned int irq, const char **name, const char **chip);

/* The registers that the interrupt being handled found; NULL outside of a handler. This CPU. */
struct pt_regs;
DECLARE_PER_CPU(struct pt_regs *, irq_regs);

/* Whether the interrupt that is being handled came while a program ran. Its handler. */
bool irq_came_from_user(void);

/* First and last in the arch's entry of each interrupt; interrupts off. */
void irq_enter(void);
void irq_exit(void);

/* Brings up this machine's interrupt controllers and turns interrupts on. Boot, after mm_init(). */
void irq_init(void);

/* Takes part in hotplug. Boot. */
void irq_cpuhp_init(void);

#endif
