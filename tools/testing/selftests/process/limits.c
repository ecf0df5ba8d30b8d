/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Resource limits and usage: getrlimit, setrlimit, prlimit64, getrusage, times.
 */
#include <pthread.h>
#include <setjmp.h>
#include <sys/times.h>

#include "selftest.h"

static void limits_are_kept(struct test *t)
{
	struct rlimit limit = { 100, 200 }, got;

	for (int i = 0; i < 16; i++) {
		EXPECT_RET(t, kcall(SYS_getrlimit, i, &got), 0);
		EXPECT_LE(t, got.rlim_cur, got.rlim_max);
	}
	EXPECT_RET(t, kcall(SYS_setrlimit, RLIMIT_NOFILE, &limit), 0);
	EXPECT_RET(t, kcall(SYS_getrlimit, RLIMIT_NOFILE, &got), 0);
	EXPECT_EQ(t, got.rlim_cur, 100);
	EXPECT_EQ(t, got.rlim_max, 200);
}

static void bad_limits_are_refused(struct test *t)
{
	struct rlimit limit = { 200, 100 };

	EXPECT_RET(t, kcall(SYS_setrlimit, RLIMIT_NOFILE, &limit), -EINVAL);
	EXPECT_RET(t, kcall(SYS_getrlimit, 16, &limit), -EINVAL);
	EXPECT_RET(t, kcall(SYS_getrlimit, -1, &limit), -EINVAL);
	limit = (struct rlimit){ 1, 1 };
	EXPECT_RET(t, kcall(SYS_setrlimit, 16, &limit), -EINVAL);
	EXPECT_RET(t, kcall(SYS_prlimit64, 0x3fffffff, RLIMIT_CPU, NULL, &limit), -ESRCH);
	EXPECT_RET(t, kcall(SYS_prlimit64, -1, RLIMIT_CPU, NULL, &limit), -ESRCH);
}

static void hard_limits_can_only_be_lowered(struct test *t)
{
	struct rlimit limit = { 10, 100 };

	SKIP_UNLESS_ROOT(t);
	REQUIRE(t, setrlimit(RLIMIT_CORE, &limit) == 0);
	REQUIRE(t, setresuid(1234, 1234, 1234) == 0);
	limit = (struct rlimit){ 100, 100 };
	EXPECT_RET(t, kcall(SYS_setrlimit, RLIMIT_CORE, &limit), 0); /* soft up to hard */
	limit = (struct rlimit){ 100, 101 };
	EXPECT_RET(t, kcall(SYS_setrlimit, RLIMIT_CORE, &limit), -EPERM);
	limit = (struct rlimit){ 5, 50 };
	EXPECT_RET(t, kcall(SYS_setrlimit, RLIMIT_CORE, &limit), 0);
	limit = (struct rlimit){ 5, 100 };
	EXPECT_RET(t, kcall(SYS_setrlimit, RLIMIT_CORE, &limit), -EPERM);
}

static void prlimit_gets_and_sets_at_once(struct test *t)
{
	struct rlimit first = { 11, 22 }, second = { 10, 20 }, old;

	EXPECT_RET(t, kcall(SYS_prlimit64, 0, RLIMIT_CORE, &first, NULL), 0);
	EXPECT_RET(t, kcall(SYS_prlimit64, 0, RLIMIT_CORE, &second, &old), 0);
	EXPECT_EQ(t, old.rlim_cur, 11);
	EXPECT_EQ(t, old.rlim_max, 22);
	EXPECT_RET(t, kcall(SYS_prlimit64, getpid(), RLIMIT_CORE, NULL, &old), 0);
	EXPECT_EQ(t, old.rlim_cur, 10);
}

static void sleep_long(void *arg __maybe_unused)
{
	sleep_ms(20000);
}

static void prlimit_reaches_other_processes(struct test *t)
{
	struct rlimit limit = { 7, 8 }, got;
	pid_t child = start_child(t, sleep_long, NULL);

	EXPECT_RET(t, kcall(SYS_prlimit64, child, RLIMIT_CORE, &limit, NULL), 0);
	EXPECT_RET(t, kcall(SYS_prlimit64, child, RLIMIT_CORE, NULL, &got), 0);
	EXPECT_EQ(t, got.rlim_cur, 7);
	getrlimit(RLIMIT_CORE, &got);
	EXPECT_TRUE(t, got.rlim_cur != 7 || got.rlim_max != 8); /* ours is untouched */
	kill(child, SIGKILL);
	wait_for(t, child);
}

static void limits_are_inherited_and_survive_exec(struct test *t)
{
	struct rlimit limit = { 33, 44 };
	int status;

	REQUIRE(t, setrlimit(RLIMIT_CORE, &limit) == 0);
	if (!fork()) {
		execl(self_path(), self_path(), "--helper", "core", NULL);
		_exit(1);
	}
	wait(&status);
	EXPECT_EXIT(t, status, 33);
}

static void number_of_descriptors_is_limited(struct test *t)
{
	struct rlimit limit = { 10, 10 };
	long last = 0;

	REQUIRE(t, setrlimit(RLIMIT_NOFILE, &limit) == 0);
	for (int i = 0; i < 20 && last >= 0; i++)
		last = kcall(SYS_dup, 1);
	EXPECT_RET(t, last, -EMFILE);
}

/* As a user that has no other processes; @nr of them. */
static void become_user_with_limit(struct test *t, uid_t uid, rlim_t nr)
{
	struct rlimit limit = { nr, nr };

	REQUIRE(t, setrlimit(RLIMIT_NPROC, &limit) == 0);
	REQUIRE(t, setresuid(uid, uid, uid) == 0);
}

static void number_of_processes_is_limited(struct test *t)
{
	pid_t first, second;
	siginfo_t info;

	SKIP_UNLESS_ROOT(t);
	become_user_with_limit(t, 54321, 3);
	first = start_child(t, sleep_long, NULL);
	second = start_child(t, sleep_long, NULL);
	EXPECT_RET(t, kcall(SYS_fork), -EAGAIN);
	EXPECT_RET(t, kcall(SYS_fork), -EAGAIN);
	kill(first, SIGKILL);
	waitid(P_PID, (id_t)first, &info, WEXITED | WNOWAIT);
	EXPECT_RET(t, kcall(SYS_fork), -EAGAIN); /* a zombie counts */
	wait_for(t, first);
	first = start_child(t, sleep_long, NULL);
	EXPECT_RET(t, kcall(SYS_fork), -EAGAIN);
	kill(first, SIGKILL);
	kill(second, SIGKILL);
	wait_for(t, first);
	wait_for(t, second);
}

static void *do_nothing(void *arg)
{
	return arg;
}

static void threads_count_as_processes(struct test *t)
{
	pthread_t thread;
	pid_t child;

	SKIP_UNLESS_ROOT(t);
	become_user_with_limit(t, 54322, 2);
	child = start_child(t, sleep_long, NULL);
	EXPECT_EQ(t, pthread_create(&thread, NULL, do_nothing, NULL), EAGAIN);
	kill(child, SIGKILL);
	wait_for(t, child);
	EXPECT_EQ(t, pthread_create(&thread, NULL, do_nothing, NULL), 0);
	pthread_join(thread, NULL);
}

static void root_has_no_limit_of_processes(struct test *t)
{
	struct rlimit limit = { 0, 0 };
	pid_t child;

	SKIP_UNLESS_ROOT(t);
	REQUIRE(t, setrlimit(RLIMIT_NPROC, &limit) == 0);
	child = start_child(t, sleep_long, NULL);
	kill(child, SIGKILL);
	EXPECT_KILLED(t, wait_for(t, child), SIGKILL);
}

static void as_user(void *nr_users)
{
	if (setresuid(54323, 54323, 54323))
		_exit(1);
	__atomic_fetch_add((volatile int *)nr_users, 1, __ATOMIC_SEQ_CST);
	sleep_ms(20000);
}

/* Who becomes a user with too many processes does; but executes nothing until there are fewer. */
static void too_many_processes_keep_exec_from_other_users(struct test *t)
{
	char *const argv[] = { (char *)self_path(), NULL };
	volatile int *nr_users =
		mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	struct rlimit limit = { 1, 1 };
	pid_t children[2];

	SKIP_UNLESS_ROOT(t);
	for (int i = 0; i < 2; i++)
		children[i] = start_child(t, as_user, (void *)nr_users);
	EXPECT_SOON(t, *nr_users == 2);
	REQUIRE(t, setrlimit(RLIMIT_NPROC, &limit) == 0);
	EXPECT_RET(t, kcall(SYS_setresuid, 54323, 54323, 54323), 0);
	EXPECT_RET(t, kcall(SYS_execve, self_path(), argv, NULL), -EAGAIN);
	EXPECT_RET(t, kcall(SYS_fork), -EAGAIN);
	for (int i = 0; i < 2; i++) {
		kill(children[i], SIGKILL);
		wait_for(t, children[i]);
	}
	EXPECT_RET(t, kcall(SYS_execve, self_path(), NULL, (void *)1), -EFAULT);
}

static void spin_for_ever(void *arg __maybe_unused)
{
	for (;;)
		barrier();
}

static void cpu_time_is_limited(struct test *t)
{
	struct rlimit limit = { 1, 1 };
	long long before;

	SKIP_UNLESS_GUEST(t); /* it takes a second of CPU time */
	before = now_ns(CLOCK_MONOTONIC);
	REQUIRE(t, setrlimit(RLIMIT_CPU, &limit) == 0);
	EXPECT_KILLED(t, run_in_child(t, spin_for_ever, NULL), SIGKILL);
	EXPECT_GE(t, now_ns(CLOCK_MONOTONIC) - before, NS_PER_S / 2);
}

/* --- usage */

static long long usage_ns(int who)
{
	struct rusage usage = { 0 };

	kcall(SYS_getrusage, who, &usage);
	return (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * NS_PER_S +
	       (usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) * 1000LL;
}

static void burn(long long ns)
{
	long long until = now_ns(CLOCK_PROCESS_CPUTIME_ID) + ns;

	while (now_ns(CLOCK_PROCESS_CPUTIME_ID) < until)
		;
}

static void usage_grows_by_what_was_used(struct test *t)
{
	long long before = usage_ns(RUSAGE_SELF), used = LLONG_MAX;

	burn(50 * 1000000LL);
	EXPECT_GE(t, usage_ns(RUSAGE_SELF) - before, 45 * 1000000LL);
	EXPECT_GE(t, usage_ns(1 /* RUSAGE_THREAD */) + 1000000, 45 * 1000000LL);
	/* Sleeping uses none, but a virtual processor that is kept waiting is charged for it. */
	for (int i = 0; i < 100 && used >= 50 * 1000000LL; i++) {
		before = usage_ns(RUSAGE_SELF);
		sleep_ms(100);
		used = usage_ns(RUSAGE_SELF) - before;
	}
	EXPECT_LT(t, used, 50 * 1000000LL);
}

static void childrens_usage_counts_when_they_are_reaped(struct test *t)
{
	pid_t child;

	EXPECT_EQ(t, usage_ns(RUSAGE_CHILDREN), 0);
	child = fork();
	if (!child) {
		burn(40 * 1000000LL);
		_exit(0);
	}
	sleep_ms(20);
	EXPECT_EQ(t, usage_ns(RUSAGE_CHILDREN), 0);
	wait_for(t, child);
	EXPECT_GE(t, usage_ns(RUSAGE_CHILDREN), 35 * 1000000LL);
}

static void faults_and_size_are_counted(struct test *t)
{
	struct rusage before, after;
	char *addr;

	SKIP_IF(t, maps_at_once(), "no demand paging");
	addr = map_anon(t, 8UL << 20, PROT_READ | PROT_WRITE);
	madvise(addr, 8UL << 20, MADV_NOHUGEPAGE);
	REQUIRE(t, getrusage(RUSAGE_SELF, &before) == 0);
	memset(addr, 1, 8UL << 20);
	REQUIRE(t, getrusage(RUSAGE_SELF, &after) == 0);
	EXPECT_GE(t, after.ru_minflt - before.ru_minflt,
		  100); /* some kernels map several at once */
	EXPECT_GE(t, after.ru_maxrss, 8 * 1024);
	EXPECT_EQ(t, after.ru_majflt, before.ru_majflt);
	REQUIRE(t, munmap(addr, 8UL << 20) == 0);
	REQUIRE(t, getrusage(RUSAGE_SELF, &after) == 0);
	EXPECT_GE(t, after.ru_maxrss, 8 * 1024); /* the most that there ever was */
}

static sigjmp_buf back;

static void jump_back(int sig __maybe_unused)
{
	siglongjmp(back, 1);
}

static void faults_that_end_in_a_signal_are_not_counted(struct test *t)
{
	enum { NR = 200 };
	struct rusage before, after;
	volatile char *addr = map_anon(t, PAGE, PROT_READ);

	signal(SIGSEGV, jump_back);
	REQUIRE(t, getrusage(RUSAGE_SELF, &before) == 0);
	for (volatile int i = 0; i < NR; i++)
		if (!sigsetjmp(back, 1))
			*addr = 1;
	REQUIRE(t, getrusage(RUSAGE_SELF, &after) == 0);
	EXPECT_LT(t, after.ru_minflt - before.ru_minflt, NR / 2);
}

static void voluntary_switches_are_counted(struct test *t)
{
	struct rusage before, after;

	getrusage(RUSAGE_SELF, &before);
	for (int i = 0; i < 10; i++)
		sleep_ms(1);
	getrusage(RUSAGE_SELF, &after);
	EXPECT_GE(t, after.ru_nvcsw - before.ru_nvcsw, 10);
}

static void getrusage_of_nobody_is_refused(struct test *t)
{
	struct rusage usage;

	EXPECT_RET(t, kcall(SYS_getrusage, 2, &usage), -EINVAL);
	EXPECT_RET(t, kcall(SYS_getrusage, -2, &usage), -EINVAL);
}

static void times_agree_with_getrusage(struct test *t)
{
	struct tms tms = { 0 };
	long hz = (long)getauxval(AT_CLKTCK), first, second;

	EXPECT_EQ(t, hz, 100);
	first = kcall(SYS_times, &tms);
	burn(50 * 1000000LL);
	second = kcall(SYS_times, &tms);
	EXPECT_GE(t, second - first, 4);
	EXPECT_GE(t, tms.tms_utime + tms.tms_stime, 3);
	EXPECT_EQ(t, tms.tms_cutime + tms.tms_cstime, 0);
	EXPECT_GT(t, kcall(SYS_times, NULL), 0);
}

/* "core": the soft limit of core files */
int selftest_helper(int argc __maybe_unused, char **argv __maybe_unused)
{
	struct rlimit limit = { 0, 0 };

	getrlimit(RLIMIT_CORE, &limit);
	return limit.rlim_max == 44 ? (int)limit.rlim_cur : 1;
}

static const struct test_case limits_cases[] = {
	TEST_CASE(limits_are_kept),
	TEST_CASE(bad_limits_are_refused),
	TEST_CASE(hard_limits_can_only_be_lowered),
	TEST_CASE(prlimit_gets_and_sets_at_once),
	TEST_CASE(prlimit_reaches_other_processes),
	TEST_CASE(limits_are_inherited_and_survive_exec),
	TEST_CASE(number_of_descriptors_is_limited),
	TEST_CASE(number_of_processes_is_limited),
	TEST_CASE(threads_count_as_processes),
	TEST_CASE(root_has_no_limit_of_processes),
	TEST_CASE(too_many_processes_keep_exec_from_other_users),
	TEST_CASE(cpu_time_is_limited),
	TEST_CASE(usage_grows_by_what_was_used),
	TEST_CASE(childrens_usage_counts_when_they_are_reaped),
	TEST_CASE(faults_and_size_are_counted),
	TEST_CASE(faults_that_end_in_a_signal_are_not_counted),
	TEST_CASE(voluntary_switches_are_counted),
	TEST_CASE(getrusage_of_nobody_is_refused),
	TEST_CASE(times_agree_with_getrusage),
};
TEST_SUITE(limits, limits_cases);
