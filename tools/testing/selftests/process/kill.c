/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * kill, tkill, tgkill with default actions: which signals end a process, which are ignored, which
 * stop it; whom they reach; what a fault becomes.
 */
#include "selftest.h"

#define NO_SUCH_PID 0x3fffffff

static void sleep_long(void *arg __maybe_unused)
{
	sleep_ms(20000);
}

static void fatal_signals_end_the_process(struct test *t)
{
	static const int signals[] = { SIGHUP,	  SIGINT,  SIGQUIT, SIGILL,    SIGTRAP, SIGABRT,
				       SIGBUS,	  SIGFPE,  SIGKILL, SIGUSR1,   SIGSEGV, SIGUSR2,
				       SIGPIPE,	  SIGALRM, SIGTERM, SIGSTKFLT, SIGXCPU, SIGXFSZ,
				       SIGVTALRM, SIGPROF, SIGIO,   SIGPWR,    SIGSYS,	34,
				       40,	  64 };

	for (size_t i = 0; i < ARRAY_SIZE(signals); i++) {
		pid_t child = start_child(t, sleep_long, NULL);

		EXPECT_RET(t, kcall(SYS_kill, child, signals[i]), 0);
		EXPECT_KILLED(t, wait_for(t, child), signals[i]);
	}
}

static void ignored_signals_do_nothing(struct test *t)
{
	static const int signals[] = { SIGCHLD, SIGURG, SIGWINCH, SIGCONT };

	for (size_t i = 0; i < ARRAY_SIZE(signals); i++)
		EXPECT_RET(t, kcall(SYS_kill, getpid(), signals[i]), 0);
}

static void stopping_signals_stop(struct test *t)
{
	static const int signals[] = { SIGSTOP, SIGTSTP, SIGTTIN, SIGTTOU };
	int status;

	for (size_t i = 0; i < ARRAY_SIZE(signals); i++) {
		pid_t child = start_child(t, sleep_long, NULL);

		/* Not an orphaned group: that does not stop at signals of a terminal. */
		REQUIRE(t, setpgid(child, child) == 0);
		EXPECT_RET(t, kcall(SYS_kill, child, signals[i]), 0);
		EXPECT_EQ(t, waitpid(child, &status, WUNTRACED), child);
		EXPECT_TRUE(t, WIFSTOPPED(status) && WSTOPSIG(status) == signals[i]);
		kill(child, SIGKILL);
		wait_for(t, child);
	}
}

static void terminal_stops_leave_orphaned_groups_alone(struct test *t)
{
	volatile int *pid =
		mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	int status;
	pid_t leader = fork();

	if (!leader) {
		setsid(); /* no parent in this session */
		*pid = getpid();
		sleep_ms(100);
		_exit(66);
	}
	while (!*pid)
		sched_yield();
	EXPECT_RET(t, kcall(SYS_kill, leader, SIGTSTP), 0);
	EXPECT_EQ(t, waitpid(leader, &status, WUNTRACED), leader);
	EXPECT_EXIT(t, status, 66);
}

static void stopped_processes_do_not_run(struct test *t)
{
	volatile long *count =
		mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	pid_t child = fork();
	long before;

	if (!child) {
		for (;;)
			(*count)++;
	}
	while (!*count)
		sched_yield();
	kill(child, SIGSTOP);
	EXPECT_EQ(t, waitpid(child, NULL, WUNTRACED), child);
	before = *count;
	sleep_ms(50);
	EXPECT_EQ(t, *count, before);
	kill(child, SIGCONT);
	EXPECT_SOON(t, *count != before);
	kill(child, SIGKILL);
	wait_for(t, child);
}

static void endless_loops_can_be_killed(struct test *t)
{
	pid_t child = fork();

	if (!child) {
		for (;;)
			barrier();
	}
	sleep_ms(10);
	kill(child, SIGKILL);
	EXPECT_KILLED(t, wait_for(t, child), SIGKILL);
}

static void join_group(void *group)
{
	setpgid(0, (pid_t)(intptr_t)group);
	sleep_ms(20000);
}

static void groups_are_reached_as_one(struct test *t)
{
	pid_t first = start_child(t, join_group, (void *)0), second;

	setpgid(first, first);
	second = start_child(t, join_group, (void *)(intptr_t)first);
	setpgid(second, first);
	EXPECT_RET(t, kcall(SYS_kill, -first, 0), 0);
	EXPECT_RET(t, kcall(SYS_kill, -first, SIGTERM), 0);
	EXPECT_KILLED(t, wait_for(t, first), SIGTERM);
	EXPECT_KILLED(t, wait_for(t, second), SIGTERM);
	EXPECT_RET(t, kcall(SYS_kill, -first, SIGTERM), -ESRCH);
}

static void zero_is_the_own_group(struct test *t)
{
	int status;
	pid_t leader = fork();

	if (!leader) {
		setpgid(0, 0);
		start_child(t, sleep_long, NULL);
		kill(0, SIGUSR1);
		sleep_ms(20000);
	}
	waitpid(leader, &status, 0);
	EXPECT_KILLED(t, status, SIGUSR1);
}

static void bad_targets_and_signals_are_refused(struct test *t)
{
	EXPECT_RET(t, kcall(SYS_kill, NO_SUCH_PID, 0), -ESRCH);
	EXPECT_RET(t, kcall(SYS_kill, -NO_SUCH_PID, 0), -ESRCH);
	EXPECT_RET(t, kcall(SYS_kill, INT_MIN, 0), -ESRCH);
	EXPECT_RET(t, kcall(SYS_kill, getpid(), 65), -EINVAL);
	EXPECT_RET(t, kcall(SYS_kill, getpid(), -1), -EINVAL);
	EXPECT_RET(t, kcall(SYS_kill, getpid(), 0), 0);
	EXPECT_RET(t, kcall(SYS_kill, -1, 0), 0); /* somebody is there */
	EXPECT_RET(t, kcall(SYS_tkill, 0, 0), -EINVAL);
	EXPECT_RET(t, kcall(SYS_tkill, -1, 0), -EINVAL);
	EXPECT_RET(t, kcall(SYS_tkill, NO_SUCH_PID, 0), -ESRCH);
	EXPECT_RET(t, kcall(SYS_tgkill, getpid(), getpid(), 65), -EINVAL);
	EXPECT_RET(t, kcall(SYS_tgkill, 0, getpid(), 0), -EINVAL);
	EXPECT_RET(t, kcall(SYS_tgkill, getppid(), getpid(), 0), -ESRCH); /* not in that process */
	EXPECT_RET(t, kcall(SYS_tgkill, getpid(), getpid(), 0), 0);
}

static void tgkill_reaches_a_process(struct test *t)
{
	pid_t child = start_child(t, sleep_long, NULL);

	EXPECT_RET(t, kcall(SYS_tgkill, child, child, SIGTERM), 0);
	EXPECT_KILLED(t, wait_for(t, child), SIGTERM);
}

/* --- faults */

static void divide(void *zero)
{
	volatile long one = 1, result;

	result = one / (long)zero;
	(void)result;
}

static void overflow(void *arg __maybe_unused)
{
	/* INT_MIN / -1 does not fit. */
	__asm__ volatile("mov $0x80000000, %%eax\n\tcltd\n\tmov $-1, %%ecx\n\tidiv %%ecx" ::
				 : "eax", "ecx", "edx");
}

static void illegal(void *arg __maybe_unused)
{
	__asm__ volatile("ud2");
}

static void breakpoint(void *arg __maybe_unused)
{
	__asm__ volatile("int3");
}

static void single_step(void *arg __maybe_unused)
{
	__asm__ volatile("pushfq\n\torl $0x100, (%%rsp)\n\tpopfq\n\tnop\n\tnop" ::: "memory");
}

static void privileged(void *arg __maybe_unused)
{
	__asm__ volatile("cli");
}

static void port_access(void *arg __maybe_unused)
{
	__asm__ volatile("outb %%al, $0x80" ::"a"(0));
}

static void read_msr(void *arg __maybe_unused)
{
	__asm__ volatile("rdmsr" ::"c"(0x1b) : "eax", "edx");
}

static void bad_segment(void *arg __maybe_unused)
{
	__asm__ volatile("mov %0, %%ds" ::"r"(0x1234));
}

static void jump_to_kernel_segment(void *arg __maybe_unused)
{
	static const struct {
		unsigned int offset;
		unsigned short selector;
	} target = { 0x401000, 0x10 };

	__asm__ volatile("ljmp *%0" ::"m"(target));
}

static void return_to_kernel_segment(void *arg __maybe_unused)
{
	__asm__ volatile("pushq $0x10\n\tlea 1f(%%rip), %%rax\n\tpushq %%rax\n\tlretq\n1:" ::
				 : "rax", "memory");
}

static void non_canonical(void *arg __maybe_unused)
{
	(void)*(volatile char *)0x0a00000000000000UL;
}

static void non_canonical_jump(void *arg __maybe_unused)
{
	__asm__ volatile("mov $0x0a00000000000000, %%rax\n\tjmp *%%rax" ::: "rax");
}

static void non_canonical_stack(void *arg __maybe_unused)
{
	__asm__ volatile("mov $0x0a00000000000000, %%rsp\n\tpush %%rax" ::: "memory");
}

static void kernel_read(void *arg __maybe_unused)
{
	(void)*(volatile char *)0xffffffff80200000UL;
}

static void kernel_jump(void *arg __maybe_unused)
{
	__asm__ volatile("mov $0xffffffff80200000, %%rax\n\tjmp *%%rax" ::: "rax");
}

static void software_page_fault(void *arg __maybe_unused)
{
	__asm__ volatile("int $14");
}

static void alignment_check(void *arg)
{
	volatile char buf[16] = { 0 };

	/* With AC set in the flags a misaligned access faults. */
	__asm__ volatile("pushfq\n\torl $0x40000, (%%rsp)\n\tpopfq\n\tmov 1(%0), %%eax" ::"r"(buf)
			 : "eax", "memory");
	(void)arg;
}

static void faults_become_signals(struct test *t)
{
	static const struct {
		const char *name;
		void (*fn)(void *);
		int signal;
	} rows[] = {
		{ "division by zero", divide, SIGFPE },
		{ "overflow of a division", overflow, SIGFPE },
		{ "illegal instruction", illegal, SIGILL },
		{ "breakpoint", breakpoint, SIGTRAP },
		{ "single step", single_step, SIGTRAP },
		{ "privileged instruction", privileged, SIGSEGV },
		{ "port access", port_access, SIGSEGV },
		{ "rdmsr", read_msr, SIGSEGV },
		{ "bad segment", bad_segment, SIGSEGV },
		{ "jump to a kernel segment", jump_to_kernel_segment, SIGSEGV },
		{ "non-canonical read", non_canonical, SIGSEGV },
		{ "non-canonical jump", non_canonical_jump, SIGSEGV },
		{ "read of the kernel", kernel_read, SIGSEGV },
		{ "jump into the kernel", kernel_jump, SIGSEGV },
		{ "int $14", software_page_fault, SIGSEGV },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		int status = run_in_child(t, rows[i].fn, NULL);

		EXPECT_RET_ROW(t, rows[i].name, WIFSIGNALED(status) ? WTERMSIG(status) : 0,
			       rows[i].signal);
	}
}

/*
 * QEMU's emulator reads the stack of a far return with the kernel's rights: with SMAP the kernel
 * gets a page fault that claims to be its own, at an address of the program. Linux takes it for a
 * bug; it must end the program alone.
 */
static void far_return_to_the_kernel_ends_the_program(struct test *t)
{
	SKIP_IF(t, in_guest() && !is_oshit(), "Linux has an oops of it in the emulator");
	EXPECT_TRUE(t, WIFSIGNALED(run_in_child(t, return_to_kernel_segment, NULL)));
}

/* The processor has an exception of its own for it, which not every emulator raises. */
static void non_canonical_stack_is_sigbus_or_sigsegv(struct test *t)
{
	int status = run_in_child(t, non_canonical_stack, NULL);

	EXPECT_TRUE(t, WIFSIGNALED(status));
	EXPECT_TRUE(t, WTERMSIG(status) == SIGBUS || WTERMSIG(status) == SIGSEGV);
}

static void misaligned_access_with_ac_is_sigbus(struct test *t)
{
	SKIP_IF(t, run_in_child(t, alignment_check, NULL) == 0, "the emulator does not check");
	EXPECT_KILLED(t, run_in_child(t, alignment_check, NULL), SIGBUS);
}

static void thousand_faults_leave_nothing(struct test *t)
{
	for (unsigned int i = 0; i < rounds(100, 1000); i++)
		EXPECT_KILLED(t, run_in_child(t, non_canonical, NULL), SIGSEGV);
}

static const struct test_case kill_cases[] = {
	TEST_CASE(fatal_signals_end_the_process),
	TEST_CASE(ignored_signals_do_nothing),
	TEST_CASE(stopping_signals_stop),
	TEST_CASE(terminal_stops_leave_orphaned_groups_alone),
	TEST_CASE(stopped_processes_do_not_run),
	TEST_CASE(endless_loops_can_be_killed),
	TEST_CASE(groups_are_reached_as_one),
	TEST_CASE(zero_is_the_own_group),
	TEST_CASE(bad_targets_and_signals_are_refused),
	TEST_CASE(tgkill_reaches_a_process),
	TEST_CASE(faults_become_signals),
	TEST_CASE(far_return_to_the_kernel_ends_the_program),
	TEST_CASE(non_canonical_stack_is_sigbus_or_sigsegv),
	TEST_CASE(misaligned_access_with_ac_is_sigbus),
	TEST_CASE(thousand_faults_leave_nothing),
};
TEST_SUITE(kill, kill_cases);
SELFTEST_NO_HELPER
