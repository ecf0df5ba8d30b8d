/* SPDX-License-Identifier: GPL-2.0-only */
/* Nice values as weights: 1024 * 1.25^-nice, computed in fixed point with 20 bits of fraction. */
#include <oshit/math.h>
#include <oshit/sched_entity.h>

#define FRACTION_BITS 20

u32 sched_weight(int nice)
{
	u64 weight = (u64)NICE_0_WEIGHT << FRACTION_BITS;
	int steps = clamp(nice, NICE_MIN, NICE_MAX);

	for (; steps < 0; steps++)
		weight += weight / 4;
	for (; steps > 0; steps--)
		weight -= weight / 5;
	return (weight + (1UL << (FRACTION_BITS - 1))) >> FRACTION_BITS;
}

void sched_entity_set_nice(struct sched_entity *se, int nice)
{
	u32 weight = sched_weight(nice);

	se->nice = (s8)nice;
	se->lag = se->lag * (s64)se->weight / weight;
	se->weight = weight;
	se->inverse = ((u64)NICE_0_WEIGHT << 32) / se->weight;
}
