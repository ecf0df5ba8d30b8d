/* SPDX-License-Identifier: GPL-2.0-only */
/* Interrupts of a controller of this machine, while CPUs come and go. The first disk is read. */
#include <oshit/completion.h>
#include <oshit/cpuhp.h>
#include <oshit/cpumask.h>
#include <oshit/disk.h>
#include <oshit/err.h>
#include <oshit/irq.h>
#include <oshit/kthread.h>
#include <oshit/pci.h>
#include <oshit/slab.h>
#include <oshit/string.h>
#include <oshit/test.h>

#define NR_ROUNDS 12
#define NR_READS  50

/* Of the disk's controller; NULL: there is none, or no disk. */
static const struct pci_device *controller(void)
{
	const struct pci_device *dev;

	if (!disk_first() || strcmp(disk_first()->driver, "ahci"))
		return NULL;
	for_each_pci_device(dev) if (dev->driver && dev->irq_kind != PCI_IRQ_NONE) return dev;
	return NULL;
}

static bool alone(struct test *t)
{
	if (!controller())
		test_skip(t, "no disk at an AHCI controller");
	else if (!IS_ENABLED(CONFIG_HOTPLUG_CPU) || cpumask_weight(&cpu_online_mask) < 2)
		test_skip(t, "one CPU");
	else
		return false;
	return true;
}

static void read_some(struct test *t)
{
	void *buffer = kmalloc(SECTOR_SIZE, GFP_KERNEL);

	ASSERT_TRUE(t, buffer);
	for (unsigned int i = 0; i < NR_READS; i++)
		EXPECT_OK(t, disk_rw(disk_first(), IO_READ, i * 8, buffer, SECTOR_SIZE));
	kfree(buffer);
}

static void interrupts_leave_a_cpu_that_goes_off(struct test *t)
{
	const struct pci_device *dev = controller();
	struct disk_stats before, after;
	struct cpumask mask;

	if (alone(t))
		return;
	disk_stats_get(disk_first(), &before);
	for (unsigned int round = 0; round < NR_ROUNDS; round++) {
		mask = cpumask_of(1);
		EXPECT_OK(t, irq_set_affinity(dev->irq, &mask));
		read_some(t);
		EXPECT_OK(t, cpu_down(1));
		EXPECT_EQ(t, irq_target(dev->irq), 0);
		read_some(t);
		EXPECT_OK(t, cpu_up(1));
		EXPECT_EQ(t, irq_target(dev->irq), 1);
		read_some(t);
	}
	irq_set_affinity(dev->irq, &cpu_online_mask);
	disk_stats_get(disk_first(), &after);
	EXPECT_EQ(t, after.nr_timeouts, before.nr_timeouts);
	EXPECT_EQ(t, after.nr_errors, before.nr_errors);
}

struct mover {
	unsigned int irq;
	struct completion ended;
};

static int move(void *data)
{
	struct mover *mover = data;

	for (unsigned int round = 0; round < NR_ROUNDS; round++) {
		struct cpumask mask = cpumask_of(1);

		irq_set_affinity(mover->irq, &mask);
		cpu_down(1);
		cpu_up(1);
	}
	complete(&mover->ended);
	return 0;
}

static void no_interrupt_is_lost_while_they_move(struct test *t)
{
	const struct pci_device *dev = controller();
	struct disk_stats before, after;
	struct mover mover;

	if (alone(t))
		return;
	mover.irq = dev->irq;
	init_completion(&mover.ended);
	disk_stats_get(disk_first(), &before);
	ASSERT_FALSE(t, IS_ERR(kthread_run(move, &mover, "irq_mover")));
	while (!completion_done(&mover.ended))
		read_some(t);
	wait_for_completion(&mover.ended);
	irq_set_affinity(dev->irq, &cpu_online_mask);
	disk_stats_get(disk_first(), &after);
	EXPECT_EQ(t, after.nr_timeouts, before.nr_timeouts);
	EXPECT_EQ(t, after.nr_errors, before.nr_errors);
}

static const struct test_case ahci_cases[] = {
	TEST_CASE(interrupts_leave_a_cpu_that_goes_off),
	TEST_CASE(no_interrupt_is_lost_while_they_move),
};
TEST_SUITE(ahci, ahci_cases);
