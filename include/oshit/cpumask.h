/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Sets of CPUs.  A mask has room for NR_CPUS; the numbers in use are below nr_cpu_ids.  Setting and
 * clearing one bit is atomic, all else is not: who needs a whole mask to hold still locks.
 *
 *	possible	could ever run; constant after smp_prepare()
 *	online		takes interrupts and runs what is sent to it
 *	active		the scheduler may put tasks there; a subset of online
 *
 * With one CPU (NR_CPUS is 1) loops and questions fold into constants.
 */
#ifndef OSHIT_CPUMASK_H
#define OSHIT_CPUMASK_H

#include <oshit/bitmap.h>
#include <oshit/percpu.h>

struct cpumask {
	DECLARE_BITMAP(bits, NR_CPUS);
};

extern struct cpumask cpu_possible_mask;
extern struct cpumask cpu_online_mask;
extern struct cpumask cpu_active_mask;

#if NR_CPUS > 1
extern unsigned int nr_cpu_ids; /* highest possible number + 1; constant after smp_prepare() */
#else
#define nr_cpu_ids 1U
#endif

/* Any context; no order with other memory. */
static inline void cpumask_set_cpu(unsigned int cpu, struct cpumask *mask)
{
	__atomic_fetch_or(&mask->bits[BIT_WORD(cpu)], BIT_MASK(cpu), __ATOMIC_RELAXED);
}

static inline void cpumask_clear_cpu(unsigned int cpu, struct cpumask *mask)
{
	__atomic_fetch_and(&mask->bits[BIT_WORD(cpu)], ~BIT_MASK(cpu), __ATOMIC_RELAXED);
}

/* These return what the bit was, and are full barriers. */
static inline bool cpumask_test_and_set_cpu(unsigned int cpu, struct cpumask *mask)
{
	return __atomic_fetch_or(&mask->bits[BIT_WORD(cpu)], BIT_MASK(cpu), __ATOMIC_SEQ_CST) &
	       BIT_MASK(cpu);
}

static inline bool cpumask_test_and_clear_cpu(unsigned int cpu, struct cpumask *mask)
{
	return __atomic_fetch_and(&mask->bits[BIT_WORD(cpu)], ~BIT_MASK(cpu), __ATOMIC_SEQ_CST) &
	       BIT_MASK(cpu);
}

static inline bool cpumask_test_cpu(unsigned int cpu, const struct cpumask *mask)
{
	return test_bit(cpu, mask->bits);
}

/* The lowest CPU in the mask, or one that is not below nr_cpu_ids. */
static inline unsigned int cpumask_first(const struct cpumask *mask)
{
	return find_first_bit(mask->bits, NR_CPUS);
}

/* The lowest CPU in the mask above @cpu, or one that is not below nr_cpu_ids. */
static inline unsigned int cpumask_next(unsigned int cpu, const struct cpumask *mask)
{
	return find_next_bit(mask->bits, NR_CPUS, cpu + 1);
}

static inline unsigned int cpumask_first_and(const struct cpumask *a, const struct cpumask *b)
{
	return find_next_and_bit(a->bits, b->bits, NR_CPUS, 0);
}

static inline unsigned int cpumask_next_and(unsigned int cpu, const struct cpumask *a,
					    const struct cpumask *b)
{
	return find_next_and_bit(a->bits, b->bits, NR_CPUS, cpu + 1);
}

static inline bool cpumask_empty(const struct cpumask *mask)
{
	return bitmap_empty(mask->bits, NR_CPUS);
}

static inline unsigned int cpumask_weight(const struct cpumask *mask)
{
	return bitmap_weight(mask->bits, NR_CPUS);
}

static inline void cpumask_clear(struct cpumask *mask)
{
	bitmap_zero(mask->bits, NR_CPUS);
}

/* A mask with @cpu alone. */
static inline struct cpumask cpumask_of(unsigned int cpu)
{
	struct cpumask mask = { .bits = { 0 } };

	__set_bit(cpu, mask.bits);
	return mask;
}

static inline void cpumask_setall(struct cpumask *mask)
{
	bitmap_fill(mask->bits, NR_CPUS);
}

static inline void cpumask_copy(struct cpumask *dst, const struct cpumask *src)
{
	*dst = *src;
}

static inline void cpumask_and(struct cpumask *dst, const struct cpumask *a,
			       const struct cpumask *b)
{
	bitmap_and(dst->bits, a->bits, b->bits, NR_CPUS);
}

static inline void cpumask_or(struct cpumask *dst, const struct cpumask *a,
			      const struct cpumask *b)
{
	bitmap_or(dst->bits, a->bits, b->bits, NR_CPUS);
}

/* @a without @b. */
static inline void cpumask_andnot(struct cpumask *dst, const struct cpumask *a,
				  const struct cpumask *b)
{
	bitmap_andnot(dst->bits, a->bits, b->bits, NR_CPUS);
}

static inline bool cpumask_equal(const struct cpumask *a, const struct cpumask *b)
{
	return bitmap_equal(a->bits, b->bits, NR_CPUS);
}

static inline bool cpumask_intersects(const struct cpumask *a, const struct cpumask *b)
{
	return bitmap_intersects(a->bits, b->bits, NR_CPUS);
}

/* Whether each CPU of @a is in @b. */
static inline bool cpumask_subset(const struct cpumask *a, const struct cpumask *b)
{
	return bitmap_subset(a->bits, b->bits, NR_CPUS);
}

#define for_each_cpu(cpu, mask)                                     \
	for ((cpu) = cpumask_first(mask); (cpu) < (unsigned int)NR_CPUS; \
	     (cpu) = cpumask_next(cpu, mask))

#if NR_CPUS > 1
#define for_each_possible_cpu(cpu) for_each_cpu(cpu, &cpu_possible_mask)
#define for_each_online_cpu(cpu)   for_each_cpu(cpu, &cpu_online_mask)

static inline bool cpu_possible(unsigned int cpu)
{
	return cpu < NR_CPUS && cpumask_test_cpu(cpu, &cpu_possible_mask);
}

static inline bool cpu_online(unsigned int cpu)
{
	return cpu < NR_CPUS && cpumask_test_cpu(cpu, &cpu_online_mask);
}

static inline unsigned int num_online_cpus(void)
{
	return cpumask_weight(&cpu_online_mask);
}
#else
#define for_each_possible_cpu(cpu) for ((cpu) = 0; (cpu) < 1; (cpu)++)
#define for_each_online_cpu(cpu)   for_each_possible_cpu(cpu)

static inline bool cpu_possible(unsigned int cpu)
{
	return cpu == 0;
}

static inline bool cpu_online(unsigned int cpu)
{
	return cpu == 0;
}

static inline unsigned int num_online_cpus(void)
{
	return 1;
}
#endif

#endif
