/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef OSHIT_CRASH_TEST_H
#define OSHIT_CRASH_TEST_H

#ifdef CONFIG_CRASH_TEST
/* Commits the crime that `crash=KIND` names, if any. Task, or boot. */
void crash_test_if_asked(void);
#else
static inline void crash_test_if_asked(void)
{
}
#endif

#endif
