/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * System calls that only OShit has, as a C library would offer them: -1 and errno on failure.
 * Other kernels answer ENOSYS.  Build with -Iusr/include -Iinclude.
 */
#ifndef OSHIT_H
#define OSHIT_H

#include <oshit/own_calls.h>
#include <unistd.h>

/**
 * core_disable() - take a CPU out of service; its tasks, timers and interrupts move first
 * @cpu: number of the CPU
 * Return: 0; -1 and EPERM without privilege, EINVAL if there is no such CPU or it is off already,
 * EBUSY if it must stay: CPU 0, and the last one.
 */
static inline int core_disable(unsigned int cpu)
{
	return (int)syscall(__NR_core_disable, cpu);
}

/**
 * core_enable() - put a CPU back into service
 * @cpu: number of the CPU
 * Return: 0; -1 and EPERM without privilege, EINVAL if there is no such CPU or it is on already,
 * EIO if it does not start.
 */
static inline int core_enable(unsigned int cpu)
{
	return (int)syscall(__NR_core_enable, cpu);
}

/**
 * enter_monitor() - stop all programs and open the kernel's monitor, until somebody continues
 * Return: 0; -1 and EPERM without privilege, ENOSYS in a kernel without the monitor.
 */
static inline int enter_monitor(void)
{
	return (int)syscall(__NR_enter_monitor);
}

#endif
