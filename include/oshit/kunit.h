/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Running the tests that are built into the kernel; what a test looks like is in <oshit/test.h>.
 */
#ifndef OSHIT_KUNIT_H
#define OSHIT_KUNIT_H

#include <oshit/test.h>

/* The suites of all test files, gathered by the linker in link order. */
extern const struct test_suite *const __start_test_suites[];
extern const struct test_suite *const __stop_test_suites[];

#ifdef CONFIG_KUNIT
/*
 * If the command line says `kunit` or `kunit=GLOB`: runs what the glob matches, reports in KTAP on
 * the consoles and ends the machine.  Context: the boot CPU when all else is set up, may sleep.
 */
void kunit_run_if_asked(void);
#else
static inline void kunit_run_if_asked(void)
{
}
#endif

#endif
