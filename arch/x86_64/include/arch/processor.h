/* SPDX-License-Identifier: GPL-2.0-only */
/* What every port says about its CPU: how to wait, how to stop, where it stands. */
#ifndef ARCH_PROCESSOR_H
#define ARCH_PROCESSOR_H

#include <oshit/types.h>

/* In a loop that waits for another CPU or a device. */
static inline void cpu_relax(void)
{
	__asm__ __volatile__("pause" ::: "memory");
}

/* Sleeps until the next interrupt; interrupts are turned on in the same instant. */
static inline void cpu_wait_for_interrupt(void)
{
	__asm__ __volatile__("sti; hlt" ::: "memory");
}

/* Stops this CPU for good. */
static inline __noreturn void cpu_stop(void)
{
	for (;;)
		__asm__ __volatile__("cli; hlt" ::: "memory");
}

/* Enters the monitor, if there is one; prints the registers otherwise. */
static inline void cpu_breakpoint(void)
{
	__asm__ __volatile__("int3" ::: "memory");
}

/* Points the stack at nothing and uses it: the next exception cannot be delivered. */
static inline void cpu_lose_stack(void)
{
	__asm__ __volatile__("xorl %%esp, %%esp; push $0" ::: "memory");
}

/* A counter that rises with time at clock_hz(); no order with the code around it. */
static inline u64 cpu_cycles(void)
{
	u32 low, high;

	__asm__ __volatile__("rdtsc" : "=a"(low), "=d"(high));
	return low | (u64)high << 32;
}

/* The same, read after all that stands before it: it is not behind what another CPU has read and
 * passed on here. */
static inline u64 cpu_cycles_ordered(void)
{
	u32 low, high;

	__asm__ __volatile__("lfence; rdtsc" : "=a"(low), "=d"(high) : : "memory");
	return low | (u64)high << 32;
}

/* A random number from the processor in *@value; false: it has none, or none to give now. */
bool cpu_random(u64 *value);

#endif
