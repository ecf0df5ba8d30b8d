/* SPDX-License-Identifier: GPL-2.0-only */
/* Timers with a number, timer_create(): what signals and processes know of them.  Theory and locks:
 * kernel/time/posix_timers.c. */
#ifndef OSHIT_POSIX_TIMER_H
#define OSHIT_POSIX_TIMER_H

#include <oshit/rbtree.h>
#include <oshit/types.h>

struct posix_timer;
struct signal_struct;

struct posix_timers { /* under process_timers.lock */
	struct rb_root tree; /* struct posix_timer, by number */
	int next_id;
};

#ifdef CONFIG_POSIX_TIMERS
/* The signal of @timer has left its queue, to be delivered or not. Return: how often the timer
 * has run out meanwhile; @sent of that is known to the entry. Under siglock. */
int posix_timer_taken(struct posix_timer *timer, int sent);
/* All timers of the process are deleted, and what they have sent if @and_signals. Context: a
 * process that has ended, or the only thread; may sleep. */
void posix_timers_delete(struct signal_struct *signal, bool and_signals);
#else
static inline int posix_timer_taken(struct posix_timer *timer __maybe_unused, int sent)
{
	return sent;
}

static inline void posix_timers_delete(struct signal_struct *signal __maybe_unused,
				       bool and_signals __maybe_unused)
{
}
#endif

#endif
