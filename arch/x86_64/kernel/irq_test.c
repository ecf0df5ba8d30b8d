/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Interrupts of devices: who handles them, and where.  Messages are raised by the local APIC, which
 * sends what the device would have written; an input of the IOAPIC is raised by the 8254, which
 * nothing else uses after booting.
 */
#include <arch/apic.h>
#include <arch/io.h>
#include <arch/irq.h>
#include <arch/msr.h>
#include <arch/processor.h>
#include <arch/segment.h>
#include <arch/smap.h>
#include <asm/processor-flags.h>
#include <asm/ptrace.h>
#include <linux/errno.h>
#include <oshit/atomic.h>
#include <oshit/clock.h>
#include <oshit/cpuhp.h>
#include <oshit/irqflags.h>
#include <oshit/math.h>
#include <oshit/preempt.h>
#include <oshit/smp.h>
#include <oshit/stacktrace.h>
#include <oshit/test.h>

#define WAIT_NS	      (5 * NSEC_PER_SEC)
#define QUIET_US      2000
#define PIT_CHANNEL0  0x40
#define PIT_COMMAND   0x43
#define PIT_MODE0_CH0 0x30 /* low then high byte, interrupt on terminal count */
#define PIT_ISA_IRQ   0
#define PIT_COUNT     1193 /* 1 ms */

static atomic_t nr_handled;
static unsigned int handled_on, handled_irq;
static bool was_hardirq, had_ac;
static struct msi_message device; /* what the device would write */

static void handle(unsigned int irq, void *data)
{
	handled_on = smp_processor_id();
	handled_irq = irq;
	was_hardirq = in_hardirq() && irqs_disabled();
	had_ac = arch_irq_flags() & X86_EFLAGS_AC;
	*(unsigned int *)data += 1;
	atomic_inc(&nr_handled);
}

static void write_device(void *data, const struct msi_message *message)
{
	*(struct msi_message *)data = *message;
}

static void raise(void)
{
	lapic_send((u32)(device.address >> 12 & 0xff), LAPIC_ICR_ASSERT | device.data);
}

static void wait_for_handled(int value)
{
	u64 start_ns = clock_ns();

	while (atomic_read_acquire(&nr_handled) != value && clock_ns() - start_ns < WAIT_NS)
		cpu_relax();
}

/* A number with handle() on it; negative and skipped if the machine has no local APIC. */
static int new_msi(struct test *t, unsigned int *counter)
{
	int irq = irq_alloc_msi(write_device, &device);

	atomic_set(&nr_handled, 0);
	if (irq == -ENODEV)
		test_skip(t, "no local APIC");
	else if (irq < 0 || irq_request((unsigned int)irq, handle, "test", counter))
		test_fail(t, __FILE__, __LINE__, "no interrupt");
	return irq;
}

static void handler_gets_its_interrupt_and_data(struct test *t)
{
	unsigned int counter = 0;
	int irq = new_msi(t, &counter);

	if (irq < 0)
		return;
	raise();
	wait_for_handled(1);
	EXPECT_EQ(t, counter, 1);
	EXPECT_EQ(t, handled_irq, irq);
	EXPECT_TRUE(t, was_hardirq);
	EXPECT_EQ(t, handled_on, irq_target((unsigned int)irq));
	irq_free((unsigned int)irq);
	irq_release_msi((unsigned int)irq);
}

/* What copies to a program, or the program itself, has AC set, which means no SMAP. */
static void handler_runs_with_smap(struct test *t)
{
	unsigned int counter = 0;
	int irq;

	if (!(read_cr4() & X86_CR4_SMAP)) {
		test_skip(t, "no SMAP");
		return;
	}
	irq = new_msi(t, &counter);
	if (irq < 0)
		return;
	had_ac = true;
	stac();
	raise();
	wait_for_handled(1);
	clac();
	EXPECT_FALSE(t, had_ac);
	irq_free((unsigned int)irq);
	irq_release_msi((unsigned int)irq);
}

static void second_request_is_refused(struct test *t)
{
	unsigned int counter = 0;
	int irq = new_msi(t, &counter);

	if (irq < 0)
		return;
	EXPECT_EQ(t, irq_request((unsigned int)irq, handle, "test", &counter), -EBUSY);
	irq_free((unsigned int)irq);
	EXPECT_OK(t, irq_request((unsigned int)irq, handle, "test", &counter));
	irq_free((unsigned int)irq);
	irq_release_msi((unsigned int)irq);
	EXPECT_EQ(t, irq_request((unsigned int)irq, handle, "test", &counter), -EINVAL);
	EXPECT_EQ(t, irq_request(NR_IRQS, handle, "test", &counter), -EINVAL);
}

static void freed_interrupt_is_not_handled(struct test *t)
{
	unsigned int counter = 0;
	int irq = new_msi(t, &counter);

	if (irq < 0)
		return;
	irq_free((unsigned int)irq);
	raise();
	delay_us(QUIET_US);
	EXPECT_EQ(t, counter, 0);
	irq_release_msi((unsigned int)irq);
}

static void affinity_moves_the_interrupt(struct test *t)
{
	struct cpumask mask, nowhere = { .bits = { 0 } };
	unsigned int counter = 0, cpu;
	int irq = new_msi(t, &counter), nr = 0;

	if (irq < 0)
		return;
	for_each_online_cpu(cpu) {
		mask = cpumask_of(cpu);
		EXPECT_OK(t, irq_set_affinity((unsigned int)irq, &mask));
		raise();
		wait_for_handled(++nr);
		EXPECT_EQ(t, handled_on, cpu);
	}
	EXPECT_EQ(t, irq_set_affinity((unsigned int)irq, &nowhere), -EINVAL);
	irq_free((unsigned int)irq);
	irq_release_msi((unsigned int)irq);
}

static void interrupt_leaves_a_cpu_and_comes_back(struct test *t)
{
	unsigned int counter = 0, cpu = cpumask_next(0, &cpu_online_mask);
	struct cpumask mask;
	int irq;

	if (!IS_ENABLED(CONFIG_HOTPLUG_CPU) || cpu >= nr_cpu_ids) {
		test_skip(t, "no CPU can go off");
		return;
	}
	mask = cpumask_of(cpu);
	irq = new_msi(t, &counter);
	if (irq < 0)
		return;
	EXPECT_OK(t, irq_set_affinity((unsigned int)irq, &mask));
	EXPECT_EQ(t, irq_target((unsigned int)irq), cpu);
	EXPECT_OK(t, cpu_down(cpu));
	EXPECT_NE(t, irq_target((unsigned int)irq), cpu);
	raise();
	wait_for_handled(1);
	EXPECT_EQ(t, handled_on, irq_target((unsigned int)irq));
	EXPECT_OK(t, cpu_up(cpu));
	raise();
	wait_for_handled(2);
	EXPECT_EQ(t, handled_on, cpu);
	irq_free((unsigned int)irq);
	irq_release_msi((unsigned int)irq);
}

static void ioapic_delivers_the_old_timer(struct test *t)
{
	unsigned int counter = 0, cpu;
	int irq = irq_from_isa(PIT_ISA_IRQ), nr = 0;
	struct cpumask mask;

	if (irq < 0) {
		test_skip(t, "no IOAPIC");
		return;
	}
	EXPECT_EQ(t, irq_from_isa(PIT_ISA_IRQ), irq);
	atomic_set(&nr_handled, 0);
	ASSERT_OK(t, irq_request((unsigned int)irq, handle, "test", &counter));
	for_each_online_cpu(cpu) {
		mask = cpumask_of(cpu);
		EXPECT_OK(t, irq_set_affinity((unsigned int)irq, &mask));
		outb(PIT_MODE0_CH0, PIT_COMMAND);
		outb(PIT_COUNT & 0xff, PIT_CHANNEL0);
		outb(PIT_COUNT >> 8, PIT_CHANNEL0);
		wait_for_handled(++nr);
		EXPECT_EQ(t, atomic_read(&nr_handled), nr);
		EXPECT_EQ(t, handled_on, cpu);
	}
	irq_free((unsigned int)irq);
}

/* The stack of what was interrupted looks like one of the kernel. */
static void backtrace_of_a_program_reads_no_stack(struct test *t)
{
	unsigned long words[2] = { 0, (unsigned long)irq_request }, entries[4];
	struct pt_regs regs = {
		.rip = 0x401000,
		.rbp = (unsigned long)words,
		.rsp = (unsigned long)words,
		.cs = USER_CS,
	};

	EXPECT_EQ(t, stack_trace_save_regs(&regs, entries, ARRAY_SIZE(entries)), 1);
	EXPECT_EQ(t, entries[0], regs.rip);
}

static const struct test_case irq_cases[] = {
	TEST_CASE(handler_gets_its_interrupt_and_data),
	TEST_CASE(handler_runs_with_smap),
	TEST_CASE(second_request_is_refused),
	TEST_CASE(freed_interrupt_is_not_handled),
	TEST_CASE(affinity_moves_the_interrupt),
	TEST_CASE(backtrace_of_a_program_reads_no_stack),
	TEST_CASE(interrupt_leaves_a_cpu_and_comes_back),
	TEST_CASE(ioapic_delivers_the_old_timer),
};
TEST_SUITE(irq, irq_cases);
