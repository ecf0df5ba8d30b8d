/* SPDX-License-Identifier: GPL-2.0-only */
/* Signals by a descriptor: what who sends signals knows of it.  Theory: fs/signalfd.c. */
#ifndef OSHIT_SIGNALFD_H
#define OSHIT_SIGNALFD_H

struct sighand_struct;

#ifdef CONFIG_SIGNALFD
/* A signal is pending for a task with @sighand. Any context but NMI, siglock held. */
void signalfd_notify(const struct sighand_struct *sighand);
/* Boot, before the first program. */
void signalfd_init(void);
#else
static inline void signalfd_notify(const struct sighand_struct *sighand __maybe_unused)
{
}

static inline void signalfd_init(void)
{
}
#endif

#endif
