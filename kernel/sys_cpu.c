/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * System calls that Linux has not: CPUs out of service and back.  Linux has them as files below
 * /sys/devices/system/cpu, which only root may write: here CAP_SYS_ADMIN is asked for.
 *
 * Callers take turns, so that of two who want the same CPU off one is told that it is so already.
 * The mutex is held while the CPU's tasks leave it; those that wait for the mutex sleep, and so do
 * not keep it.
 */
#include <linux/capability.h>
#include <linux/errno.h>
#include <oshit/cpuhp.h>
#include <oshit/cpumask.h>
#include <oshit/cred.h>
#include <oshit/mutex.h>
#include <oshit/syscalls.h>

static DEFINE_MUTEX(turns);

/* 0 or -errno; @same: it is so already. */
static int take_turn(unsigned int cpu, bool to_on, int same)
{
	int err = same;

	mutex_lock(&turns);
	if (cpu_online(cpu) != to_on)
		err = to_on ? cpu_up(cpu) : cpu_down(cpu);
	mutex_unlock(&turns);
	return err;
}

int cpu_switch(unsigned int cpu, bool to_on)
{
	return take_turn(cpu, to_on, 0);
}

static long change(unsigned int cpu, bool to_on)
{
	if (!IS_ENABLED(CONFIG_HOTPLUG_CPU))
		return -ENOSYS;
	if (!capable(CAP_SYS_ADMIN))
		return -EPERM;
	return cpu_possible(cpu) ? take_turn(cpu, to_on, -EINVAL) : -EINVAL;
}

long sys_core_disable(unsigned int cpu)
{
	return change(cpu, false);
}

long sys_core_enable(unsigned int cpu)
{
	return change(cpu, true);
}
