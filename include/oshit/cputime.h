/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Time that was run, split into that in user mode and that in the kernel: of a task, or of all
 * tasks of a CPU.  The theory is at the heads of kernel/sched/cputime.c and cputime_split.c.
 *
 * Charging and sampling: one CPU at a time, interrupts off.  Reading: anybody.
 */
#ifndef OSHIT_CPUTIME_H
#define OSHIT_CPUTIME_H

#include <oshit/atomic.h>
#include <oshit/spinlock.h>
#include <oshit/types.h>

/* What a CPU spends its time with. */
enum cpu_time { CPU_TIME_USER, CPU_TIME_SYSTEM, CPU_TIME_IDLE, CPU_TIME_IRQ, NR_CPU_TIMES };

#ifdef CONFIG_TICK_CPU_ACCOUNTING

struct cputime { /* o: who charges; read by others   l: ->lock */
	u64 sum_ns; /* o */
	u64 sampled_ns[2]; /* o  of that, up to the last sample: in user mode, in the kernel */
	raw_spinlock_t lock;
	u64 told_ns[2]; /* l  to who read last */
};

#define CPUTIME_INIT { .lock = RAW_SPINLOCK_INIT }

/* Of one that is all zero. */
#define cputime_init(time) raw_spin_lock_init(&(time)->lock)

/* A tick finds out how much of it was spent in user mode. */
static inline void cputime_charge(struct cputime *time, u64 delta_ns, u64 user_ns __maybe_unused)
{
	WRITE_ONCE(time->sum_ns, time->sum_ns + delta_ns);
}

/* What has been charged since the last sample was spent in user mode, or in the kernel. */
void cputime_sample(struct cputime *time, enum cpu_time what);

/* Both together are all that has been charged, and neither ever gets less. Any context but NMI. */
void cputime_read(struct cputime *time, u64 *user_ns, u64 *system_ns);

static inline u64 cputime_sum_ns(const struct cputime *time)
{
	return READ_ONCE(time->sum_ns);
}

#else /* !CONFIG_TICK_CPU_ACCOUNTING */

struct cputime { /* o: who charges; read by others */
	u64 user_ns; /* o */
	u64 system_ns; /* o */
};

#define CPUTIME_INIT { .user_ns = 0 }

static inline void cputime_init(struct cputime *time __maybe_unused)
{
}

static inline void cputime_charge(struct cputime *time, u64 delta_ns, u64 user_ns)
{
	WRITE_ONCE(time->user_ns, time->user_ns + user_ns);
	WRITE_ONCE(time->system_ns, time->system_ns + delta_ns - user_ns);
}

static inline void cputime_read(const struct cputime *time, u64 *user_ns, u64 *system_ns)
{
	*user_ns = READ_ONCE(time->user_ns);
	*system_ns = READ_ONCE(time->system_ns);
}

static inline u64 cputime_sum_ns(const struct cputime *time)
{
	return READ_ONCE(time->user_ns) + READ_ONCE(time->system_ns);
}

#endif /* !CONFIG_TICK_CPU_ACCOUNTING */

#endif
