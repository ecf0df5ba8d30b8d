/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Interrupts of devices, as far as no port differs: who handles which, and on which CPU.
 *
 * free -> irq_alloc(): it has a controller, and is masked -> irq_request(): it has a handler
 *
 * An interrupt goes to the first CPU that is in its affinity, on, and can be addressed; when none
 * is, to the first that is on.  On a CPU's way down those that go there are sent to others; the
 * last that have come already are handled before it dies, for it is idle with interrupts on until
 * then.
 *
 * What brackets each handler: the count that says in_hardirq(), the account of time, and on the way
 * out the switch to another task, if the handler has made one necessary and the interrupted code
 * can be preempted.  Handlers run with interrupts off, so they do not nest.
 *
 * Locks: irq_lock for the table and the controllers, interrupts off.  Dispatch takes none: it
 * counts itself into `nr_running` and then looks for the handler; irq_free() takes the handler away
 * and then waits for the count to be 0.  A handler's data is written before the handler.
 */
#include <arch/irq.h>
#include <arch/processor.h>
#include <linux/errno.h>
#include <oshit/atomic.h>
#include <oshit/big_lock.h>
#include <oshit/bug.h>
#include <oshit/cpuhp.h>
#include <oshit/init.h>
#include <oshit/irq.h>
#include <oshit/preempt.h>
#include <oshit/sched.h>
#include <oshit/spinlock.h>

struct irq_desc { /* l: irq_lock   a: atomic, read without lock */
	const struct irq_chip *chip; /* l  NULL: the number is free */
	void *chip_data; /* l */
	irq_handler_t handler; /* a */
	void *data; /* l  read by who has seen the handler */
	const char *name; /* a */
	atomic_t nr_running; /* a  dispatches under way */
	unsigned int target; /* a  the CPU that gets it */
	struct cpumask affinity; /* l */
};

static struct irq_desc descs[NR_IRQS];
static DEFINE_RAW_SPINLOCK(irq_lock);

DEFINE_PER_CPU(struct pt_regs *, irq_regs);
static DEFINE_PER_CPU(enum cpu_time, interrupted_time); /* what the CPU did before */

void irq_enter(void)
{
	hardirq_enter();
	if (IS_ENABLED(CONFIG_IRQ_TIME_ACCOUNTING))
		this_cpu_write(interrupted_time, sched_account_switch(CPU_TIME_IRQ));
}

void irq_exit(void)
{
	if (IS_ENABLED(CONFIG_IRQ_TIME_ACCOUNTING))
		sched_account_switch(this_cpu_read(interrupted_time));
	hardirq_exit();
	if (IS_ENABLED(CONFIG_PREEMPT) && need_resched() && !preempt_count())
		preempt_schedule_irq();
}

void irq_handle(unsigned int irq)
{
	struct irq_desc *desc = &descs[irq];
	irq_handler_t handler;

	atomic_inc(&desc->nr_running);
	/* Pairs with the one in irq_free(): it sees the count, or we see that there is no
	 * handler. */
	smp_mb();
	handler = smp_load_acquire(&desc->handler);
	if (handler) {
		big_kernel_lock();
		handler(irq, desc->data);
		big_kernel_unlock();
	}
	smp_mb();
	atomic_dec(&desc->nr_running);
}

static bool can_get(unsigned int cpu)
{
	return cpu_online(cpu) && arch_irq_can_target(cpu);
}

/* The best CPU for @desc but @except; the boot CPU if there is no other. */
static unsigned int choose_target(const struct irq_desc *desc, unsigned int except)
{
	unsigned int cpu;

	for_each_cpu(cpu, &desc->affinity)
		if (cpu != except && can_get(cpu))
			return cpu;
	for_each_online_cpu(cpu)
		if (cpu != except && can_get(cpu))
			return cpu;
	return 0;
}

static void set_target(unsigned int irq, unsigned int cpu)
{
	struct irq_desc *desc = &descs[irq];

	WRITE_ONCE(desc->target, cpu);
	if (desc->chip->set_target)
		desc->chip->set_target(irq, cpu, desc->chip_data);
}

int irq_alloc(const struct irq_chip *chip, void *chip_data)
{
	unsigned long flags;
	unsigned int irq;

	raw_spin_lock_irqsave(&irq_lock, flags);
	for (irq = 0; irq < NR_IRQS && (descs[irq].chip || irq == ARCH_RESERVED_IRQ); irq++)
		;
	if (irq < NR_IRQS) {
		descs[irq].chip = chip;
		descs[irq].chip_data = chip_data;
		cpumask_setall(&descs[irq].affinity);
		descs[irq].target = choose_target(&descs[irq], NR_CPUS);
	}
	raw_spin_unlock_irqrestore(&irq_lock, flags);
	return irq < NR_IRQS ? (int)irq : -ENOSPC;
}

static int request_locked(struct irq_desc *desc, unsigned int irq, irq_handler_t handler,
			  const char *name, void *data)
{
	if (!desc->chip)
		return -EINVAL;
	if (desc->handler)
		return -EBUSY;
	desc->data = data;
	WRITE_ONCE(desc->name, name);
	smp_store_release(&desc->handler, handler);
	set_target(irq, choose_target(desc, NR_CPUS));
	if (desc->chip->unmask)
		desc->chip->unmask(irq, desc->chip_data);
	return 0;
}

int irq_request(unsigned int irq, irq_handler_t handler, const char *name, void *data)
{
	unsigned long flags;
	int err;

	if (irq >= NR_IRQS)
		return -EINVAL;
	raw_spin_lock_irqsave(&irq_lock, flags);
	err = request_locked(&descs[irq], irq, handler, name, data);
	raw_spin_unlock_irqrestore(&irq_lock, flags);
	return err;
}

void irq_free(unsigned int irq)
{
	struct irq_desc *desc = &descs[irq];
	unsigned long flags;

	if (WARN_ON(irq >= NR_IRQS || !desc->handler) || WARN_ON(in_interrupt()))
		return;
	raw_spin_lock_irqsave(&irq_lock, flags);
	if (desc->chip->mask)
		desc->chip->mask(irq, desc->chip_data);
	WRITE_ONCE(desc->handler, NULL);
	WRITE_ONCE(desc->name, NULL);
	raw_spin_unlock_irqrestore(&irq_lock, flags);
	/* Pairs with the one in irq_handle(). */
	smp_mb();
	while (atomic_read_acquire(&desc->nr_running))
		cpu_relax();
}

int irq_set_affinity(unsigned int irq, const struct cpumask *mask)
{
	unsigned long flags;
	int err = -EINVAL;

	if (irq >= NR_IRQS || !cpumask_intersects(mask, &cpu_online_mask))
		return -EINVAL;
	raw_spin_lock_irqsave(&irq_lock, flags);
	if (descs[irq].chip) {
		cpumask_copy(&descs[irq].affinity, mask);
		set_target(irq, choose_target(&descs[irq], NR_CPUS));
		err = 0;
	}
	raw_spin_unlock_irqrestore(&irq_lock, flags);
	return err;
}

unsigned int irq_target(unsigned int irq)
{
	return irq < NR_IRQS ? READ_ONCE(descs[irq].target) : 0;
}

bool irq_describe(unsigned int irq, const char **name, const char **chip)
{
	const struct irq_chip *c = READ_ONCE(descs[irq].chip);

	*name = READ_ONCE(descs[irq].name);
	*chip = c ? c->name : NULL;
	return c && *name;
}

/* --- message signalled --- */

struct msi_irq { /* i: while the number is taken */
	void (*write)(void *data, const struct msi_message *message); /* i */
	void *data; /* i */
};

static struct msi_irq msi_irqs[NR_IRQS];

static void msi_set_target(unsigned int irq, unsigned int cpu, void *chip_data)
{
	struct msi_message message = arch_msi_compose(irq, cpu);

	if (msi_irqs[irq].write)
		msi_irqs[irq].write(msi_irqs[irq].data, &message);
}

static const struct irq_chip msi_chip = { .name = "MSI", .set_target = msi_set_target };

int irq_alloc_msi(void (*write)(void *data, const struct msi_message *message), void *data)
{
	unsigned long flags;
	int irq;

	if (!arch_irq_can_target(0))
		return -ENODEV;
	irq = irq_alloc(&msi_chip, NULL);
	if (irq < 0)
		return irq;
	raw_spin_lock_irqsave(&irq_lock, flags);
	msi_irqs[irq] = (struct msi_irq){ .write = write, .data = data };
	set_target((unsigned int)irq, irq_target((unsigned int)irq));
	raw_spin_unlock_irqrestore(&irq_lock, flags);
	return irq;
}

void irq_release_msi(unsigned int irq)
{
	unsigned long flags;

	if (WARN_ON(irq >= NR_IRQS || descs[irq].chip != &msi_chip || descs[irq].handler))
		return;
	raw_spin_lock_irqsave(&irq_lock, flags);
	msi_irqs[irq] = (struct msi_irq){ 0 };
	descs[irq].chip = NULL;
	raw_spin_unlock_irqrestore(&irq_lock, flags);
}

/* --- hotplug --- */

static int irqs_leave_cpu(unsigned int cpu)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&irq_lock, flags);
	for (unsigned int irq = 0; irq < NR_IRQS; irq++)
		if (descs[irq].chip && descs[irq].target == cpu)
			set_target(irq, choose_target(&descs[irq], cpu));
	raw_spin_unlock_irqrestore(&irq_lock, flags);
	return 0;
}

/* Those whose CPUs were all off come back with the first that is on. */
static int irqs_come_to_cpu(unsigned int cpu)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&irq_lock, flags);
	for (unsigned int irq = 0; irq < NR_IRQS; irq++)
		if (descs[irq].chip && cpumask_test_cpu(cpu, &descs[irq].affinity) &&
		    !cpumask_test_cpu(descs[irq].target, &descs[irq].affinity))
			set_target(irq, cpu);
	raw_spin_unlock_irqrestore(&irq_lock, flags);
	return 0;
}

static const struct cpuhp_ops irq_cpuhp_ops = {
	.name = "interrupts",
	.startup = irqs_come_to_cpu,
	.teardown = irqs_leave_cpu,
};

__init void irq_cpuhp_init(void)
{
	cpuhp_register(CPUHP_IRQS, &irq_cpuhp_ops);
}
