/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Stocks that each CPU keeps for itself, of pages (mm/page_alloc.c) and objects (mm/slab.c).
 *
 * Code on the CPU takes its stock between claim_enter() and claim_leave(), with preemption off.  An
 * interrupt handler that comes in between finds it taken and does without; it is done before the
 * interrupted code goes on.  So neither atomic instructions nor disabled interrupts are needed.
 *
 * Another CPU cannot reach in.  It may ask for the stock to be emptied: it turns FREE into DRAIN,
 * which closes the fast path as TAKEN does, and the owner empties the stock when it next wants it.
 * The one race is harmless: an owner that had seen FREE just before overwrites DRAIN, and the stock
 * stays.  A CPU that does not allocate keeps its stock, too; who must have it sends an interrupt
 * whose handler drains.
 */
#ifndef MM_CPU_CLAIM_H
#define MM_CPU_CLAIM_H

#include <oshit/types.h>

enum cpu_claim_state {
	CLAIM_FREE,
	CLAIM_TAKEN,
	CLAIM_DRAIN, /* asked for by another CPU */
};

typedef u8 cpu_claim_t; /* c: its CPU, but FREE to DRAIN */

/* Takes the stock. False: it is taken, or to be drained. */
static __always_inline bool claim_enter(cpu_claim_t *claim)
{
	if (unlikely(*claim != CLAIM_FREE)) /* a plain read: gcc loads a volatile one first */
		return false;
	WRITE_ONCE(*claim, CLAIM_TAKEN);
	barrier();
	return true;
}

/* Takes a stock that is to be drained. False: it need not, or is taken. */
static inline bool claim_enter_to_drain(cpu_claim_t *claim)
{
	if (READ_ONCE(*claim) != CLAIM_DRAIN)
		return false;
	WRITE_ONCE(*claim, CLAIM_TAKEN);
	barrier();
	return true;
}

static __always_inline void claim_leave(cpu_claim_t *claim)
{
	barrier();
	WRITE_ONCE(*claim, CLAIM_FREE);
}

/* Asks the owner, another CPU, to empty its stock. Any context. */
static inline void claim_ask_drain(cpu_claim_t *claim)
{
	cpu_claim_t free = CLAIM_FREE;

	__atomic_compare_exchange_n(claim, &free, (cpu_claim_t)CLAIM_DRAIN, false,
				    __ATOMIC_RELAXED, __ATOMIC_RELAXED);
}

#endif
