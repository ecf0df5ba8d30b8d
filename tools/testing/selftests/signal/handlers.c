/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Signal handlers: when they run and on which stack, what they block, what they are told, and that
 * everything is as before when they return.
 */
#include <setjmp.h>
#include <ucontext.h>

#include "selftest.h"

#define STACK_SIZE 65536

static volatile int nr_calls, last_signal, order[8];
static volatile uintptr_t stack_seen;

static void count(int sig)
{
	int here;

	stack_seen = (uintptr_t)&here;
	last_signal = sig;
	order[nr_calls++ & 7] = sig;
}

static void catch_with(int sig, int flags, int blocked)
{
	struct sigaction action = { .sa_handler = count, .sa_flags = flags };

	sigemptyset(&action.sa_mask);
	if (blocked)
		sigaddset(&action.sa_mask, blocked);
	sigaction(sig, &action, NULL);
	nr_calls = 0;
}

static void change_mask(int how, int sig)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, sig);
	sigprocmask(how, &set, NULL);
}

static void handler_runs_before_kill_returns(struct test *t)
{
	catch_with(SIGUSR1, 0, 0);
	EXPECT_RET(t, kcall(SYS_kill, getpid(), SIGUSR1), 0);
	EXPECT_EQ(t, nr_calls, 1);
	EXPECT_EQ(t, last_signal, SIGUSR1);
}

static void blocked_signals_wait(struct test *t)
{
	sigset_t pending;

	catch_with(SIGUSR1, 0, 0);
	change_mask(SIG_BLOCK, SIGUSR1);
	kill(getpid(), SIGUSR1);
	kill(getpid(), SIGUSR1); /* standard signals do not queue */
	EXPECT_EQ(t, nr_calls, 0);
	EXPECT_RET(t, sigpending(&pending), 0);
	EXPECT_EQ(t, sigismember(&pending, SIGUSR1), 1);
	change_mask(SIG_UNBLOCK, SIGUSR1);
	EXPECT_EQ(t, nr_calls, 1);
}

static void realtime_signals_queue_in_order(struct test *t)
{
	union sigval value = { .sival_int = 0 };

	catch_with(40, 0, 0);
	catch_with(41, 0, 0);
	change_mask(SIG_BLOCK, 40);
	change_mask(SIG_BLOCK, 41);
	sigqueue(getpid(), 41, value);
	sigqueue(getpid(), 40, value);
	sigqueue(getpid(), 40, value);
	change_mask(SIG_UNBLOCK, 40);
	EXPECT_EQ(t, nr_calls, 2);
	change_mask(SIG_UNBLOCK, 41);
	EXPECT_EQ(t, nr_calls, 3);
	EXPECT_EQ(t, last_signal, 41);
}

static volatile siginfo_t told;

static void keep_info(int sig __maybe_unused, siginfo_t *info, void *context __maybe_unused)
{
	*(siginfo_t *)&told = *info;
	nr_calls++;
}

static void handler_is_told_who_sent_what(struct test *t)
{
	struct sigaction action = { .sa_sigaction = keep_info, .sa_flags = SA_SIGINFO };
	union sigval value = { .sival_int = 12345 };

	nr_calls = 0;
	sigaction(42, &action, NULL);
	sigaction(SIGUSR2, &action, NULL);
	EXPECT_RET(t, sigqueue(getpid(), 42, value), 0);
	EXPECT_EQ(t, nr_calls, 1);
	EXPECT_EQ(t, told.si_signo, 42);
	EXPECT_EQ(t, told.si_code, SI_QUEUE);
	EXPECT_EQ(t, told.si_value.sival_int, 12345);
	EXPECT_EQ(t, told.si_pid, getpid());
	kill(getpid(), SIGUSR2);
	EXPECT_EQ(t, told.si_code, SI_USER);
	EXPECT_EQ(t, told.si_uid, getuid());
	raise(SIGUSR2);
	EXPECT_EQ(t, told.si_code, SI_TKILL);
}

static volatile int depth, max_depth;

static void nest(int sig)
{
	if (++depth > max_depth)
		max_depth = depth;
	if (nr_calls++ < 3)
		raise(sig);
	depth--;
}

static int depth_with(int flags)
{
	struct sigaction action = { .sa_handler = nest, .sa_flags = flags };

	sigaction(SIGUSR1, &action, NULL);
	nr_calls = depth = max_depth = 0;
	raise(SIGUSR1);
	return max_depth;
}

static void a_handler_is_not_interrupted_by_its_own_signal(struct test *t)
{
	EXPECT_EQ(t, depth_with(0), 1);
	EXPECT_EQ(t, depth_with(SA_NODEFER), 4);
}

static void raise_other(int sig __maybe_unused)
{
	raise(SIGUSR2);
	order[7] = nr_calls; /* before SIGUSR2's handler, if that is blocked */
}

static void mask_of_the_action_is_blocked_meanwhile(struct test *t)
{
	struct sigaction action = { .sa_handler = raise_other };
	sigset_t now;

	catch_with(SIGUSR2, 0, 0);
	sigaddset(&action.sa_mask, SIGUSR2);
	sigaction(SIGUSR1, &action, NULL);
	raise(SIGUSR1);
	EXPECT_EQ(t, nr_calls, 1);
	EXPECT_EQ(t, order[7], 0);
	sigprocmask(SIG_BLOCK, NULL, &now);
	EXPECT_EQ(t, sigismember(&now, SIGUSR2), 0);
	EXPECT_EQ(t, sigismember(&now, SIGUSR1), 0);
}

static void resethand_works_once(struct test *t)
{
	struct sigaction now;

	catch_with(SIGUSR1, SA_RESETHAND, 0);
	raise(SIGUSR1);
	EXPECT_EQ(t, nr_calls, 1);
	sigaction(SIGUSR1, NULL, &now);
	EXPECT_TRUE(t, now.sa_handler == SIG_DFL);
}

static void ignoring_forgets_what_is_pending(struct test *t)
{
	change_mask(SIG_BLOCK, SIGUSR1);
	raise(SIGUSR1);
	signal(SIGUSR1, SIG_IGN);
	catch_with(SIGUSR1, 0, 0);
	change_mask(SIG_UNBLOCK, SIGUSR1);
	EXPECT_EQ(t, nr_calls, 0);
}

/* --- the alternative stack */

static char other_stack[STACK_SIZE];

static bool was_on_other_stack(void)
{
	return stack_seen - (uintptr_t)other_stack < sizeof(other_stack);
}

static void handler_runs_on_the_alternative_stack(struct test *t)
{
	stack_t stack = { .ss_sp = other_stack, .ss_size = sizeof(other_stack) }, old;

	EXPECT_RET(t, kcall(SYS_sigaltstack, &stack, NULL), 0);
	catch_with(SIGUSR1, SA_ONSTACK, 0);
	catch_with(SIGUSR2, 0, 0);
	raise(SIGUSR2);
	EXPECT_FALSE(t, was_on_other_stack());
	raise(SIGUSR1);
	EXPECT_TRUE(t, was_on_other_stack());
	EXPECT_RET(t, kcall(SYS_sigaltstack, NULL, &old), 0);
	EXPECT_EQ(t, (void *)old.ss_sp, (void *)other_stack);
	EXPECT_EQ(t, old.ss_flags, 0);
	stack.ss_size = 100;
	EXPECT_RET(t, kcall(SYS_sigaltstack, &stack, NULL), -ENOMEM);
	stack.ss_flags = 77;
	EXPECT_RET(t, kcall(SYS_sigaltstack, &stack, NULL), -EINVAL);
	stack.ss_flags = SS_DISABLE;
	EXPECT_RET(t, kcall(SYS_sigaltstack, &stack, NULL), 0);
	EXPECT_RET(t, kcall(SYS_sigaltstack, NULL, &old), 0);
	EXPECT_EQ(t, old.ss_flags, SS_DISABLE);
}

static volatile long changed;

static void change_stack(int sig __maybe_unused)
{
	stack_t stack = { .ss_sp = other_stack, .ss_size = sizeof(other_stack) };

	changed = kcall(SYS_sigaltstack, &stack, NULL);
}

static void stack_in_use_cannot_be_changed(struct test *t)
{
	struct sigaction action = { .sa_handler = change_stack, .sa_flags = SA_ONSTACK };
	stack_t stack = { .ss_sp = other_stack, .ss_size = sizeof(other_stack) };

	REQUIRE(t, sigaltstack(&stack, NULL) == 0);
	sigaction(SIGUSR1, &action, NULL);
	raise(SIGUSR1);
	EXPECT_RET(t, changed, -EPERM);
}

static int recurse(int n)
{
	volatile char room[512];

	room[0] = (char)n;
	return n < INT_MAX ? recurse(n + 1) + room[0] : 0;
}

static void exit_now(int sig __maybe_unused)
{
	_exit(21);
}

static void overflow_stack(void *arg __maybe_unused)
{
	struct sigaction action = { .sa_handler = exit_now, .sa_flags = SA_ONSTACK };
	stack_t stack = { .ss_sp = other_stack, .ss_size = sizeof(other_stack) };

	sigaltstack(&stack, NULL);
	sigaction(SIGSEGV, &action, NULL);
	recurse(0);
}

static void overflow_of_the_stack_can_be_caught(struct test *t)
{
	EXPECT_EXIT(t, run_in_child(t, overflow_stack, NULL), 21);
}

static void no_room_for_a_frame(void *arg __maybe_unused)
{
	catch_with(SIGUSR1, 0, 0);
	__asm__ volatile("mov $8, %%rsp\n\tsyscall"
			 :
			 : "a"(SYS_kill), "D"(getpid()), "S"(SIGUSR1)
			 : "rcx", "r11", "memory");
}

static void no_stack_for_a_frame_is_sigsegv(struct test *t)
{
	EXPECT_KILLED(t, run_in_child(t, no_room_for_a_frame, NULL), SIGSEGV);
}

/* --- what a handler changes */

static void use_vectors(int sig __maybe_unused)
{
	__asm__ volatile("pcmpeqd %%xmm6, %%xmm6\n\tpcmpeqd %%xmm7, %%xmm7" ::: "xmm6", "xmm7");
	nr_calls++;
}

static void vector_registers_survive_a_handler(struct test *t)
{
	unsigned long in = 0x1122334455667788, out = 0;
	long pid = getpid();

	signal(SIGUSR1, use_vectors);
	nr_calls = 0;
	__asm__ volatile("movq %3, %%xmm6\n\tsyscall\n\tmovq %%xmm6, %0"
			 : "=&r"(out), "+a"((long){ SYS_kill })
			 : "D"(pid), "r"(in), "S"((long)SIGUSR1)
			 : "rcx", "r11", "xmm6", "xmm7", "memory");
	EXPECT_EQ(t, nr_calls, 1);
	EXPECT_EQ(t, out, in);
}

static void become_privileged(int sig __maybe_unused, siginfo_t *info __maybe_unused, void *context)
{
	ucontext_t *uc = context;

	uc->uc_mcontext.gregs[REG_EFL] |= 0x3000; /* IOPL */
	uc->uc_mcontext.gregs[REG_EFL] &= ~0x200L; /* IF */
	nr_calls++;
}

static void a_return_gives_no_privileges(struct test *t)
{
	struct sigaction action = { .sa_sigaction = become_privileged, .sa_flags = SA_SIGINFO };
	unsigned long flags;

	sigaction(SIGUSR1, &action, NULL);
	raise(SIGUSR1);
	__asm__ volatile("pushfq\n\tpop %0" : "=r"(flags));
	EXPECT_EQ(t, flags & 0x3200, 0x200);
}

static void jump_to(int sig __maybe_unused, siginfo_t *info __maybe_unused, void *context)
{
	ucontext_t *uc = context;

	uc->uc_mcontext.gregs[REG_RIP] = (long long)0xffffffff80000000UL;
}

static void return_to_kernel(void *arg __maybe_unused)
{
	struct sigaction action = { .sa_sigaction = jump_to, .sa_flags = SA_SIGINFO };

	sigaction(SIGUSR1, &action, NULL);
	raise(SIGUSR1);
}

static void bad_frame(void *arg __maybe_unused)
{
	__asm__ volatile("mov $0x123450, %%rsp\n\tsyscall" ::"a"(SYS_rt_sigreturn)
			 : "rcx", "r11", "memory");
}

static void bad_returns_are_sigsegv(struct test *t)
{
	EXPECT_KILLED(t, run_in_child(t, return_to_kernel, NULL), SIGSEGV);
	EXPECT_KILLED(t, run_in_child(t, bad_frame, NULL), SIGSEGV);
}

static void bad_calls_are_refused(struct test *t)
{
	unsigned long set = 0;
	char action[64] = { 0 };

	EXPECT_RET(t, kcall(SYS_rt_sigaction, 0, NULL, action, 8), -EINVAL);
	EXPECT_RET(t, kcall(SYS_rt_sigaction, 65, NULL, action, 8), -EINVAL);
	EXPECT_RET(t, kcall(SYS_rt_sigaction, SIGKILL, action, NULL, 8), -EINVAL);
	EXPECT_RET(t, kcall(SYS_rt_sigaction, SIGKILL, NULL, action, 8), 0);
	EXPECT_RET(t, kcall(SYS_rt_sigaction, SIGUSR1, NULL, action, 4), -EINVAL);
	EXPECT_RET(t, kcall(SYS_rt_sigaction, SIGUSR1, 8, NULL, 8), -EFAULT);
	EXPECT_RET(t, kcall(SYS_rt_sigprocmask, 3, &set, NULL, 8), -EINVAL);
	EXPECT_RET(t, kcall(SYS_rt_sigprocmask, 3, NULL, &set, 8), 0);
	EXPECT_RET(t, kcall(SYS_rt_sigprocmask, SIG_BLOCK, &set, NULL, 16), -EINVAL);
	set = ~0UL;
	EXPECT_RET(t, kcall(SYS_rt_sigprocmask, SIG_SETMASK, &set, NULL, 8), 0);
	EXPECT_RET(t, kcall(SYS_rt_sigprocmask, SIG_SETMASK, NULL, &set, 8), 0);
	EXPECT_EQ(t, set & (1UL << (SIGKILL - 1) | 1UL << (SIGSTOP - 1)), 0);
}

/* Flags that nobody knows are not kept: so a program finds out which there are. */
static void unknown_flags_are_forgotten(struct test *t)
{
	static const struct {
		unsigned long set, want;
	} rows[] = {
		{ 0x400, 0 }, /* SA_UNSUPPORTED */
		{ 0x800, 0x800 }, /* SA_EXPOSE_TAGBITS */
		{ 0xffffffff, 0xdc000807 },
		{ 0x10000000, 0x10000000 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		/* As the kernel has it: handler, flags, restorer, mask. */
		unsigned long action[4] = { (unsigned long)SIG_IGN, rows[i].set }, back[4];

		EXPECT_RET(t, kcall(SYS_rt_sigaction, SIGUSR1, action, NULL, 8), 0);
		EXPECT_RET(t, kcall(SYS_rt_sigaction, SIGUSR1, NULL, back, 8), 0);
		EXPECT_EQ(t, back[1], rows[i].want);
	}
}

static const struct test_case handlers_cases[] = {
	TEST_CASE(handler_runs_before_kill_returns),
	TEST_CASE(blocked_signals_wait),
	TEST_CASE(realtime_signals_queue_in_order),
	TEST_CASE(handler_is_told_who_sent_what),
	TEST_CASE(a_handler_is_not_interrupted_by_its_own_signal),
	TEST_CASE(mask_of_the_action_is_blocked_meanwhile),
	TEST_CASE(resethand_works_once),
	TEST_CASE(ignoring_forgets_what_is_pending),
	TEST_CASE(handler_runs_on_the_alternative_stack),
	TEST_CASE(stack_in_use_cannot_be_changed),
	TEST_CASE(overflow_of_the_stack_can_be_caught),
	TEST_CASE(no_stack_for_a_frame_is_sigsegv),
	TEST_CASE(vector_registers_survive_a_handler),
	TEST_CASE(a_return_gives_no_privileges),
	TEST_CASE(bad_returns_are_sigsegv),
	TEST_CASE(bad_calls_are_refused),
	TEST_CASE(unknown_flags_are_forgotten),
};
TEST_SUITE(handlers, handlers_cases);
SELFTEST_NO_HELPER
