/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Sequence counts: a few words that are read often and written seldom.  Readers take no lock and
 * write nothing; one that met a writer reads again.  So readers get plain data only: a pointer read
 * may point at nothing any more.
 *
 *	seqcount_t	the count alone.  Writers exclude each other by a lock of the caller's, and
 *			cannot be interrupted by a reader on their CPU: a reader waits for ever.
 *	seqlock_t	a count with a spinlock for the writers.
 *	seqcount_latch_t  for readers in NMI.  The data exists twice; readers use the copy that
 *			is not being written, and never wait.
 *
 *	do {						write_seqcount_begin(&s->count);
 *		seq = read_seqcount_begin(&s->count);	s->a = ...;
 *		a = s->a;				write_seqcount_end(&s->count);
 *	} while (read_seqcount_retry(&s->count, seq));
 *
 * The data is read while it may be written: by READ_ONCE() or plain loads of whole words.
 */
#ifndef OSHIT_SEQLOCK_H
#define OSHIT_SEQLOCK_H

#include <arch/processor.h>
#include <oshit/atomic.h>
#include <oshit/lockdep.h>
#include <oshit/preempt.h>
#include <oshit/spinlock.h>
#include <oshit/types.h>

typedef struct seqcount { /* w: written by the one writer at a time */
	unsigned int sequence; /* w  odd while the data is being written */
} seqcount_t;

#define SEQCOUNT_INIT         \
	{                     \
		.sequence = 0 \
	}

static inline void seqcount_init(seqcount_t *s)
{
	WRITE_ONCE(s->sequence, 0);
}

/* Waits for a writer.  Context: any that no writer on the same CPU is in the middle under. */
static inline unsigned int read_seqcount_begin(const seqcount_t *s)
{
	unsigned int seq;

	/* Pairs with the release in write_seqcount_end(). */
	while ((seq = smp_load_acquire(&s->sequence)) & 1)
		cpu_relax();
	return seq;
}

/* True if what was read since read_seqcount_begin() is not of one piece. */
static inline bool read_seqcount_retry(const seqcount_t *s, unsigned int seq)
{
	/* Pairs with the barrier in write_seqcount_begin(): the data is read before the count. */
	smp_rmb();
	return unlikely(READ_ONCE(s->sequence) != seq);
}

/* The raw ones leave preemption to the caller. */
static inline void raw_write_seqcount_begin(seqcount_t *s)
{
	WRITE_ONCE(s->sequence, s->sequence + 1);
	/* Pairs with read_seqcount_retry(): the odd count is seen before any new data. */
	smp_wmb();
}

static inline void raw_write_seqcount_end(seqcount_t *s)
{
	/* Pairs with read_seqcount_begin(): an even count is seen after all new data. */
	smp_store_release(&s->sequence, s->sequence + 1);
}

/* A writer that is preempted would keep readers spinning. */
static inline void write_seqcount_begin(seqcount_t *s)
{
	preempt_disable();
	raw_write_seqcount_begin(s);
}

static inline void write_seqcount_end(seqcount_t *s)
{
	raw_write_seqcount_end(s);
	preempt_enable();
}

/* Makes readers that are under way read again, without a write. */
static inline void write_seqcount_invalidate(seqcount_t *s)
{
	smp_wmb();
	WRITE_ONCE(s->sequence, s->sequence + 2);
}

typedef struct seqlock {
	seqcount_t count;
	spinlock_t lock; /* writers */
} seqlock_t;

#define SEQLOCK_INIT                                          \
	{                                                     \
		.count = SEQCOUNT_INIT, .lock = SPINLOCK_INIT \
	}
#define DEFINE_SEQLOCK(name) seqlock_t name = SEQLOCK_INIT

#define seqlock_init(s)                     \
	do {                                \
		seqcount_init(&(s)->count); \
		spin_lock_init(&(s)->lock); \
	} while (0)

static inline unsigned int read_seqbegin(const seqlock_t *s)
{
	return read_seqcount_begin(&s->count);
}

static inline bool read_seqretry(const seqlock_t *s, unsigned int seq)
{
	return read_seqcount_retry(&s->count, seq);
}

static inline void write_seqlock(seqlock_t *s) __acquires(&s->lock)
{
	spin_lock(&s->lock);
	raw_write_seqcount_begin(&s->count);
}

static inline void write_sequnlock(seqlock_t *s) __releases(&s->lock)
{
	raw_write_seqcount_end(&s->count);
	spin_unlock(&s->lock);
}

/* If readers come in interrupts. */
#define write_seqlock_irqsave(s, flags)                \
	do {                                           \
		spin_lock_irqsave(&(s)->lock, flags);  \
		raw_write_seqcount_begin(&(s)->count); \
	} while (0)

#define write_sequnlock_irqrestore(s, flags)               \
	do {                                               \
		raw_write_seqcount_end(&(s)->count);       \
		spin_unlock_irqrestore(&(s)->lock, flags); \
	} while (0)

typedef struct seqcount_latch { /* w: written by the one writer at a time */
	unsigned int sequence; /* w  bit 0: which copy readers use */
} seqcount_latch_t;

#define SEQCOUNT_LATCH_INIT   \
	{                     \
		.sequence = 0 \
	}

/* Readers: `seq & 1` is the copy to read; never waits, any context. */
static inline unsigned int read_seqcount_latch(const seqcount_latch_t *s)
{
	return smp_load_acquire(&s->sequence);
}

static inline bool read_seqcount_latch_retry(const seqcount_latch_t *s, unsigned int seq)
{
	smp_rmb();
	return unlikely(READ_ONCE(s->sequence) != seq);
}

/*
 * The writer: write_seqcount_latch(), change copy 0, write_seqcount_latch(), change copy 1.  The
 * first call sends readers to copy 1, the second back to copy 0.
 */
static inline void write_seqcount_latch(seqcount_latch_t *s)
{
	smp_wmb();
	WRITE_ONCE(s->sequence, s->sequence + 1);
	smp_wmb();
}

#endif
