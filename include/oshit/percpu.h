/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Per-CPU variables: one copy for each CPU, reached without a lock.
 *
 *	DEFINE_PER_CPU(unsigned long, nr_faults);
 *	this_cpu_inc(nr_faults);			one instruction, safe in any context
 *	sum += per_cpu(nr_faults, cpu);			another CPU's copy
 *
 * A pointer from this_cpu_ptr() stays this CPU's only while the task cannot migrate (interrupts
 * or preemption off).  What stands in the template is what each CPU starts with, so an initialiser
 * may hold no pointer to another per-CPU object.
 */
#ifndef OSHIT_PERCPU_H
#define OSHIT_PERCPU_H

#include <arch/percpu.h>
#include <oshit/types.h>

#ifdef CONFIG_NR_CPUS
#define NR_CPUS CONFIG_NR_CPUS
#else
#define NR_CPUS 1
#endif

#define DEFINE_PER_CPU(type, name)  __section(ARCH_PERCPU_SECTION) __percpu __typeof__(type) name
#define DECLARE_PER_CPU(type, name) extern DEFINE_PER_CPU(type, name)

extern unsigned long percpu_offset[NR_CPUS]; /* constant once the CPU's area is set up */

/* sparse knows the variable as __percpu; the object behind it is an ordinary lvalue. */
#define __percpu_object(name)		   (*(__typeof__(name) __force *)&(name))

#define this_cpu_read(name)		   arch_this_cpu_read(__percpu_object(name))
/* Whether @name, a bool, is set: less than reading it. */
#define this_cpu_test(name)		   arch_this_cpu_test(__percpu_object(name))
#define this_cpu_write(name, value)	   arch_this_cpu_write(__percpu_object(name), value)
#define this_cpu_add(name, value)	   arch_this_cpu_add(__percpu_object(name), value)
#define this_cpu_sub(name, value)	   arch_this_cpu_add(__percpu_object(name), -(value))
#define this_cpu_inc(name)		   this_cpu_add(name, 1)
#define this_cpu_dec(name)		   this_cpu_sub(name, 1)
#define this_cpu_or(name, value)	   arch_this_cpu_or(__percpu_object(name), value)
#define this_cpu_and(name, value)	   arch_this_cpu_and(__percpu_object(name), value)
#define this_cpu_add_return(name, value)   arch_this_cpu_add_return(__percpu_object(name), value)
/* Of an unsigned int: whether any of @bits is set; whether 0 is left when @value is subtracted. */
#define this_cpu_test_bits(name, bits)	   arch_this_cpu_test_bits(__percpu_object(name), bits)
#define this_cpu_sub_and_test(name, value) arch_this_cpu_sub_and_test(__percpu_object(name), value)

/**
 * percpu_init() - give each possible CPU its area
 * @alloc: memory in the direct map, or NULL
 * The boot CPU has one already. Boot, after smp_prepare(); panics without memory.
 */
void percpu_init(void *(*alloc)(u64 size, u64 align));

#define __percpu_at(ptr, offset) \
	((__typeof__(*(ptr)) __force *)((unsigned long)(__force void *)(ptr) + (offset)))

#define this_cpu_ptr(ptr)     __percpu_at(ptr, arch_this_cpu_offset())
#define per_cpu_ptr(ptr, cpu) __percpu_at(ptr, percpu_offset[cpu])
#define per_cpu(name, cpu)    (*per_cpu_ptr(&(name), cpu))

/* Whether @cpu has an area: possible CPUs do, once percpu_init() has run. */
static inline bool percpu_exists(unsigned int cpu)
{
	return percpu_offset[cpu] != 0;
}

DECLARE_PER_CPU(unsigned long, cpu_number); /* a word, so that it can be an index as it is */

/* Number of this CPU; stable only while the task cannot migrate. */
#define smp_processor_id() ((unsigned int)this_cpu_read(cpu_number))

#endif
