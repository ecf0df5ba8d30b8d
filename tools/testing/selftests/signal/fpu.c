/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The vector unit's control register across signals: what the program has set comes back whole, and
 * what it puts into the frame never harms the kernel.
 */
#include <sys/ucontext.h>

#include "selftest.h"

#define MXCSR_DEFAULT 0x1f80
#define MXCSR_DAZ     0x0040
#define MXCSR_FTZ     0x8000

static unsigned int get_mxcsr(void)
{
	unsigned int value;

	__asm__ volatile("stmxcsr %0" : "=m"(value));
	return value;
}

static void set_mxcsr(unsigned int value)
{
	__asm__ volatile("ldmxcsr %0" : : "m"(value));
}

static volatile unsigned int seen_mxcsr, seen_mask, new_mxcsr, new_mask;
static volatile int changes, calls;

static void handler(int sig __maybe_unused, siginfo_t *info __maybe_unused, void *arg)
{
	ucontext_t *context = arg;
	unsigned int *head = (unsigned int *)context->uc_mcontext.fpregs;

	seen_mxcsr = get_mxcsr();
	calls++;
	if (!head)
		return;
	seen_mask = head[7];
	if (changes) {
		head[6] = new_mxcsr;
		head[7] = new_mask;
	}
}

static void catch_signal(void)
{
	struct sigaction action = { .sa_sigaction = handler, .sa_flags = SA_SIGINFO };

	sigaction(SIGUSR1, &action, NULL);
	calls = changes = 0;
}

/* All that a program may set, one by one and together. */
static void control_bits_survive_signals(struct test *t)
{
	static const unsigned int values[] = { MXCSR_DEFAULT,
					       MXCSR_DEFAULT | MXCSR_DAZ,
					       MXCSR_DEFAULT | MXCSR_FTZ,
					       MXCSR_DEFAULT | MXCSR_DAZ | MXCSR_FTZ,
					       0x7fbf,
					       0xffff };

	catch_signal();
	for (size_t i = 0; i < ARRAY_SIZE(values); i++) {
		set_mxcsr(values[i]);
		for (int k = 0; k < 3; k++) {
			raise(SIGUSR1);
			EXPECT_EQ(t, get_mxcsr(), values[i]);
			EXPECT_EQ(t, seen_mxcsr, MXCSR_DEFAULT);
			EXPECT_TRUE(t, seen_mask & MXCSR_DAZ);
		}
	}
	EXPECT_EQ(t, calls, 18);
}

static void return_with_new_bits(void *arg __maybe_unused)
{
	catch_signal();
	set_mxcsr(MXCSR_DEFAULT);
	raise(SIGUSR1);
	changes = 1;
	raise(SIGUSR1);
	new_mxcsr = 0xffffffff;
	raise(SIGUSR1);
	kcall(SYS_sched_yield);
	_exit(0);
}

/* The mask in the frame is the processor's word, not the program's. */
static void bits_that_do_not_exist_are_sigsegv(struct test *t)
{
	static const unsigned int masks[] = { 0xffffffff, 0, 1 };

	for (size_t i = 0; i < ARRAY_SIZE(masks); i++) {
		new_mxcsr = MXCSR_DEFAULT;
		new_mask = masks[i];
		EXPECT_KILLED(t, run_in_child(t, return_with_new_bits, NULL), SIGSEGV);
	}
}

static const struct test_case fpu_cases[] = {
	TEST_CASE(control_bits_survive_signals),
	TEST_CASE(bits_that_do_not_exist_are_sigsegv),
};
TEST_SUITE(fpu, fpu_cases);
SELFTEST_NO_HELPER
