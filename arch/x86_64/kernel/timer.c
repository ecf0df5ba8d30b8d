/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The event source of each CPU.  There is none yet: what is set is never told.
 */
#include <arch/timer.h>

void arch_timer_set(u64 deadline_ns __maybe_unused)
{
}

void arch_timer_stop(void)
{
}
