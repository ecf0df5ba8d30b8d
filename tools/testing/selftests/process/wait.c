/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * exit, exit_group, wait4 and waitid: every way to choose children, every flag, every error, and
 * what is told about the dead.
 */
#include "selftest.h"

static void exit_with(void *code)
{
	_exit((int)(intptr_t)code);
}

static void raise_signal(void *number)
{
	kcall(SYS_kill, getpid(), number);
	pause();
}

static void exit_late(void *code)
{
	sleep_ms(50);
	_exit((int)(intptr_t)code);
}

static void sleep_long(void *arg __maybe_unused)
{
	sleep_ms(20000);
}

static void status_is_the_low_byte(struct test *t)
{
	static const int codes[] = { 0, 1, 127, 128, 255, 256, 0x1234, -1 };

	for (size_t i = 0; i < ARRAY_SIZE(codes); i++)
		EXPECT_EXIT(t, run_in_child(t, exit_with, (void *)(intptr_t)codes[i]),
			    codes[i] & 0xff);
}

static void plain_exit_ends_a_process_of_one_thread(struct test *t)
{
	int status;

	if (!fork())
		kcall(SYS_exit, 9);
	wait(&status);
	EXPECT_EXIT(t, status, 9);
}

static void death_by_signal_is_told(struct test *t)
{
	static const int signals[] = {
		SIGHUP, SIGINT, SIGKILL, SIGTERM, SIGUSR1, SIGALRM, SIGPIPE
	};

	for (size_t i = 0; i < ARRAY_SIZE(signals); i++)
		EXPECT_KILLED(t, run_in_child(t, raise_signal, (void *)(intptr_t)signals[i]),
			      signals[i]);
}

static void without_children_there_is_nothing_to_wait_for(struct test *t)
{
	siginfo_t info;

	EXPECT_RET(t, kcall(SYS_wait4, -1, NULL, 0, NULL), -ECHILD);
	EXPECT_RET(t, kcall(SYS_wait4, -1, NULL, WNOHANG, NULL), -ECHILD);
	EXPECT_RET(t, kcall(SYS_wait4, 0, NULL, 0, NULL), -ECHILD);
	EXPECT_RET(t, kcall(SYS_wait4, 1, NULL, 0, NULL), -ECHILD);
	EXPECT_RET(t, kcall(SYS_wait4, getpid(), NULL, 0, NULL), -ECHILD);
	EXPECT_RET(t, kcall(SYS_waitid, P_ALL, 0, &info, WEXITED, NULL), -ECHILD);
	EXPECT_RET(t, kcall(SYS_waitid, P_PID, 1, &info, WEXITED, NULL), -ECHILD);
}

static void others_children_are_not_ours(struct test *t)
{
	volatile pid_t *pid =
		mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	pid_t child = fork();

	if (!child) {
		*pid = start_child(t, sleep_long, NULL);
		sleep_ms(20000);
	}
	while (!*pid)
		sched_yield();
	EXPECT_RET(t, kcall(SYS_wait4, *pid, NULL, 0, NULL), -ECHILD); /* a grandchild */
	kill(*pid, SIGKILL);
	kill(child, SIGKILL);
	wait_for(t, child);
}

static void one_child_is_chosen_by_pid(struct test *t)
{
	pid_t first = start_child(t, exit_with, (void *)1);
	pid_t second = start_child(t, exit_late, (void *)2);
	int status;

	EXPECT_RET(t, kcall(SYS_wait4, second, &status, 0, NULL), second);
	EXPECT_EXIT(t, status, 2);
	EXPECT_RET(t, kcall(SYS_wait4, first, &status, 0, NULL), first);
	EXPECT_EXIT(t, status, 1);
	EXPECT_RET(t, kcall(SYS_wait4, first, &status, 0, NULL), -ECHILD);
}

static void set_group_and_sleep(void *arg __maybe_unused)
{
	setpgid(0, 0);
	exit_late((void *)4);
}

static void children_are_chosen_by_group(struct test *t)
{
	pid_t own = start_child(t, exit_with, (void *)3);
	pid_t other = start_child(t, set_group_and_sleep, NULL);
	int status;

	setpgid(other, other); /* whoever comes first */
	EXPECT_RET(t, kcall(SYS_wait4, -other, &status, 0, NULL), other);
	EXPECT_EXIT(t, status, 4);
	EXPECT_RET(t, kcall(SYS_wait4, 0, &status, 0, NULL), own);
	EXPECT_RET(t, kcall(SYS_wait4, -other, &status, 0, NULL), -ECHILD);
	EXPECT_RET(t, kcall(SYS_wait4, INT_MIN, &status, 0, NULL), -ESRCH);
}

static void nohang_does_not_wait(struct test *t)
{
	pid_t child = start_child(t, sleep_long, NULL);
	siginfo_t info;

	EXPECT_RET(t, kcall(SYS_wait4, -1, NULL, WNOHANG, NULL), 0);
	memset(&info, 0xff, sizeof(info));
	EXPECT_RET(t, kcall(SYS_waitid, P_ALL, 0, &info, WEXITED | WNOHANG, NULL), 0);
	EXPECT_EQ(t, info.si_pid, 0);
	EXPECT_EQ(t, info.si_signo, 0);
	kill(child, SIGKILL);
	EXPECT_KILLED(t, wait_for(t, child), SIGKILL);
}

static void nowait_leaves_the_child_waitable(struct test *t)
{
	pid_t child = start_child(t, exit_with, (void *)6);
	siginfo_t info;

	for (int i = 0; i < 3; i++) {
		memset(&info, 0, sizeof(info));
		EXPECT_RET(t, kcall(SYS_waitid, P_PID, child, &info, WEXITED | WNOWAIT, NULL), 0);
		EXPECT_EQ(t, info.si_pid, child);
		EXPECT_EQ(t, info.si_status, 6);
	}
	EXPECT_EXIT(t, wait_for(t, child), 6);
	EXPECT_RET(t, kcall(SYS_waitid, P_PID, child, &info, WEXITED | WNOWAIT, NULL), -ECHILD);
}

/* Six fields are written, the other bytes stay, and need not be there. */
static void waitid_writes_no_more_than_it_tells(struct test *t)
{
	char *page = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	size_t used = offsetof(siginfo_t, si_status) + sizeof(int);
	siginfo_t info;
	pid_t child;

	REQUIRE(t, page != MAP_FAILED && munmap(page + 4096, 4096) == 0);
	memset(&info, 0x5a, sizeof(info));
	child = start_child(t, exit_with, (void *)7);
	EXPECT_RET(t, kcall(SYS_waitid, P_PID, child, &info, WEXITED, NULL), 0);
	EXPECT_EQ(t, info.si_status, 7);
	for (size_t i = used; i < sizeof(info); i++)
		EXPECT_EQ(t, ((char *)&info)[i], 0x5a);
	child = start_child(t, exit_with, (void *)8);
	EXPECT_RET(t, kcall(SYS_waitid, P_PID, child, page + 4096 - used, WEXITED, NULL), 0);
	EXPECT_EQ(t, ((siginfo_t *)(page + 4096 - used))->si_status, 8);
	munmap(page, 4096);
}

static void waitid_tells_how_a_child_ended(struct test *t)
{
	siginfo_t info = { 0 };
	pid_t child = start_child(t, exit_with, (void *)0x1ff);

	EXPECT_RET(t, kcall(SYS_waitid, P_PID, child, &info, WEXITED, NULL), 0);
	EXPECT_EQ(t, info.si_signo, SIGCHLD);
	EXPECT_EQ(t, info.si_errno, 0);
	EXPECT_EQ(t, info.si_code, CLD_EXITED);
	EXPECT_EQ(t, info.si_pid, child);
	EXPECT_EQ(t, info.si_uid, getuid());
	EXPECT_EQ(t, info.si_status, 0xff);
	child = start_child(t, raise_signal, (void *)SIGTERM);
	EXPECT_RET(t, kcall(SYS_waitid, P_PID, child, &info, WEXITED, NULL), 0);
	EXPECT_EQ(t, info.si_code, CLD_KILLED);
	EXPECT_EQ(t, info.si_status, SIGTERM);
}

static void stops_and_continues_are_told(struct test *t)
{
	pid_t child = start_child(t, sleep_long, NULL);
	siginfo_t info = { 0 };
	int status;

	kill(child, SIGSTOP);
	EXPECT_RET(t, kcall(SYS_wait4, child, &status, WUNTRACED, NULL), child);
	EXPECT_TRUE(t, WIFSTOPPED(status) && WSTOPSIG(status) == SIGSTOP);
	EXPECT_RET(t, kcall(SYS_wait4, child, &status, WUNTRACED | WNOHANG, NULL),
		   0); /* told once */
	kill(child, SIGCONT);
	EXPECT_RET(t, kcall(SYS_wait4, child, &status, WCONTINUED, NULL), child);
	EXPECT_TRUE(t, WIFCONTINUED(status));
	kill(child, SIGSTOP);
	EXPECT_RET(t, kcall(SYS_waitid, P_PID, child, &info, WSTOPPED, NULL), 0);
	EXPECT_EQ(t, info.si_code, CLD_STOPPED);
	EXPECT_EQ(t, info.si_status, SIGSTOP);
	kill(child, SIGCONT);
	EXPECT_RET(t, kcall(SYS_waitid, P_PID, child, &info, WCONTINUED, NULL), 0);
	EXPECT_EQ(t, info.si_code, CLD_CONTINUED);
	EXPECT_EQ(t, info.si_status, SIGCONT);
	kill(child, SIGKILL);
	EXPECT_KILLED(t, wait_for(t, child), SIGKILL);
}

static void stopped_child_dies_of_sigkill(struct test *t)
{
	pid_t child = start_child(t, sleep_long, NULL);
	int status;

	kill(child, SIGSTOP);
	EXPECT_RET(t, kcall(SYS_wait4, child, &status, WUNTRACED, NULL), child);
	kill(child, SIGKILL);
	EXPECT_KILLED(t, wait_for(t, child), SIGKILL);
}

static void bad_flags_are_refused(struct test *t)
{
	siginfo_t info;

	EXPECT_RET(t, kcall(SYS_wait4, -1, NULL, 0x100, NULL), -EINVAL);
	EXPECT_RET(t, kcall(SYS_wait4, -1, NULL, WEXITED, NULL), -EINVAL);
	EXPECT_RET(t, kcall(SYS_wait4, -1, NULL, WNOWAIT, NULL), -EINVAL);
	EXPECT_RET(t, kcall(SYS_waitid, P_ALL, 0, &info, 0, NULL), -EINVAL);
	EXPECT_RET(t, kcall(SYS_waitid, P_ALL, 0, &info, WNOHANG, NULL), -EINVAL);
	EXPECT_RET(t, kcall(SYS_waitid, P_ALL, 0, &info, WEXITED | 0x100, NULL), -EINVAL);
	EXPECT_RET(t, kcall(SYS_waitid, 99, 0, &info, WEXITED, NULL), -EINVAL);
	EXPECT_RET(t, kcall(SYS_waitid, P_PID, 0, &info, WEXITED, NULL), -EINVAL);
	EXPECT_RET(t, kcall(SYS_waitid, P_PID, -1, &info, WEXITED, NULL), -EINVAL);
	EXPECT_RET(t, kcall(SYS_waitid, P_PGID, -1, &info, WEXITED, NULL), -EINVAL);
	EXPECT_RET(t, kcall(SYS_waitid, 3, 1000, &info, WEXITED, NULL), -EBADF); /* P_PIDFD */
	EXPECT_RET(t, kcall(SYS_waitid, 3, -1, &info, WEXITED, NULL), -EINVAL);
}

static void usage_of_the_child_is_told(struct test *t)
{
	struct rusage usage = { 0 };
	volatile unsigned int sum = 0;
	pid_t child = fork();

	if (!child) {
		long long start = now_ns(CLOCK_PROCESS_CPUTIME_ID);

		while (now_ns(CLOCK_PROCESS_CPUTIME_ID) - start < 50 * 1000000LL)
			sum++;
		memset(map_anon(t, 8 << 20, PROT_READ | PROT_WRITE), 1, 8 << 20);
		_exit(0);
	}
	EXPECT_RET(t, kcall(SYS_wait4, child, NULL, 0, &usage), child);
	EXPECT_GE(t,
		  (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1000000 +
			  usage.ru_utime.tv_usec + usage.ru_stime.tv_usec,
		  40000);
	EXPECT_GT(t, usage.ru_minflt, 0);
	EXPECT_GT(t, usage.ru_maxrss, 4096); /* KiB */
}

static void waitid_tells_usage_as_well(struct test *t)
{
	struct rusage usage = { 0 };
	siginfo_t info;

	start_child(t, exit_with, NULL);
	EXPECT_RET(t, kcall(SYS_waitid, P_ALL, 0, &info, WEXITED, &usage), 0);
	EXPECT_GT(t, usage.ru_minflt, 0);
	start_child(t, exit_with, NULL);
	EXPECT_RET(t, kcall(SYS_waitid, P_ALL, 0, NULL, WEXITED, NULL), 0);
}

static void clone_flag_children_are_waited_for_with_wclone(struct test *t)
{
	long child = kcall(SYS_clone, 0, 0, 0, 0, 0); /* no signal at its end */
	int status;

	if (!child)
		_exit(11);
	EXPECT_RET(t, kcall(SYS_wait4, child, &status, 0, NULL), -ECHILD);
	EXPECT_RET(t, kcall(SYS_wait4, child, &status, __WCLONE, NULL), child);
	EXPECT_EXIT(t, status, 11);
	child = kcall(SYS_clone, 0, 0, 0, 0, 0);
	if (!child)
		_exit(12);
	EXPECT_RET(t, kcall(SYS_wait4, child, &status, __WALL, NULL), child);
	EXPECT_EXIT(t, status, 12);
}

static void child_that_died_long_ago_is_still_there(struct test *t)
{
	pid_t child = start_child(t, exit_with, (void *)2);

	EXPECT_RET(t, waitid(P_PID, (id_t)child, NULL, WEXITED | WNOWAIT), 0);
	EXPECT_RET(t, kcall(SYS_kill, child, 0), 0); /* a zombie has its pid */
	EXPECT_RET(t, kcall(SYS_kill, child, SIGKILL), 0);
	EXPECT_EXIT(t, wait_for(t, child), 2);
	EXPECT_RET(t, kcall(SYS_kill, child, 0), -ESRCH);
}

static void exit_when_told(void *told)
{
	while (!*(volatile int *)told)
		sleep_ms(1);
}

static void children_come_in_the_order_of_their_end(struct test *t)
{
	static const int order[] = { 1, 2, 0 };
	volatile int *told =
		mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	pid_t children[3];

	for (int i = 0; i < 3; i++)
		children[i] = start_child(t, exit_when_told, (void *)&told[i]);
	for (int i = 0; i < 3; i++) {
		told[order[i]] = 1;
		EXPECT_EQ(t, wait(NULL), children[order[i]]);
	}
}

static const struct test_case wait_cases[] = {
	TEST_CASE(status_is_the_low_byte),
	TEST_CASE(plain_exit_ends_a_process_of_one_thread),
	TEST_CASE(death_by_signal_is_told),
	TEST_CASE(without_children_there_is_nothing_to_wait_for),
	TEST_CASE(others_children_are_not_ours),
	TEST_CASE(one_child_is_chosen_by_pid),
	TEST_CASE(children_are_chosen_by_group),
	TEST_CASE(nohang_does_not_wait),
	TEST_CASE(nowait_leaves_the_child_waitable),
	TEST_CASE(waitid_writes_no_more_than_it_tells),
	TEST_CASE(waitid_tells_how_a_child_ended),
	TEST_CASE(stops_and_continues_are_told),
	TEST_CASE(stopped_child_dies_of_sigkill),
	TEST_CASE(bad_flags_are_refused),
	TEST_CASE(usage_of_the_child_is_told),
	TEST_CASE(waitid_tells_usage_as_well),
	TEST_CASE(clone_flag_children_are_waited_for_with_wclone),
	TEST_CASE(child_that_died_long_ago_is_still_there),
	TEST_CASE(children_come_in_the_order_of_their_end),
};
TEST_SUITE(wait, wait_cases);
SELFTEST_NO_HELPER
