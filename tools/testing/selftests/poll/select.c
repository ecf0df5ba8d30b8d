/* SPDX-License-Identifier: GPL-2.0-only */
/* select() and pselect6(): maps, errors, times, signals and masks. */
#include <poll.h>
#include <sys/select.h>
#include <sys/time.h>

#include "selftest.h"

#define MS 1000000LL

static void make_pipe(struct test *t, int ends[2])
{
	REQUIRE(t, !kcall(SYS_pipe2, ends, O_NONBLOCK));
}

static fd_set map_of(int fd)
{
	fd_set map;

	FD_ZERO(&map);
	FD_SET(fd, &map);
	return map;
}

static long select_now(int nr, fd_set *in, fd_set *out, fd_set *ex)
{
	struct timeval now = { 0, 0 };

	return kcall(SYS_select, nr, in, out, ex, &now);
}

static void maps_tell_what_is_ready(struct test *t)
{
	fd_set in, out, ex;
	int ends[2];

	make_pipe(t, ends);
	in = map_of(ends[0]);
	FD_SET(ends[1], &in);
	out = in;
	ex = in;
	EXPECT_RET(t, select_now(ends[1] + 1, &in, &out, &ex), 1);
	EXPECT_FALSE(t, FD_ISSET(ends[0], &in) || FD_ISSET(ends[1], &in));
	EXPECT_TRUE(t, FD_ISSET(ends[1], &out) && !FD_ISSET(ends[0], &out));
	EXPECT_FALSE(t, FD_ISSET(ends[0], &ex) || FD_ISSET(ends[1], &ex));
	EXPECT_EQ(t, write(ends[1], "x", 1), 1);
	in = map_of(ends[0]);
	out = map_of(ends[1]);
	EXPECT_RET(t, select_now(ends[1] + 1, &in, &out, NULL), 2);
	/* Hanging up is readable, an error both. */
	close(ends[1]);
	in = map_of(ends[0]);
	EXPECT_RET(t, select_now(ends[0] + 1, &in, NULL, NULL), 1);
	make_pipe(t, ends);
	close(ends[0]);
	in = map_of(ends[1]);
	out = in;
	EXPECT_RET(t, select_now(ends[1] + 1, &in, &out, NULL), 2);
}

static void only_the_first_are_looked_at(struct test *t)
{
	fd_set in;
	int ends[2];

	make_pipe(t, ends);
	EXPECT_EQ(t, write(ends[1], "x", 1), 1);
	in = map_of(ends[0]);
	FD_SET(ends[0] + 20, &in); /* not open, and beyond */
	EXPECT_RET(t, select_now(ends[0] + 1, &in, NULL, NULL), 1);
	EXPECT_FALSE(t, FD_ISSET(ends[0] + 20, &in)); /* the word is written as a whole */
	in = map_of(ends[0]);
	EXPECT_RET(t, select_now(ends[0], &in, NULL, NULL), 0);
}

static void descriptors_that_are_not_open(struct test *t)
{
	fd_set in = map_of(50), all;
	int ends[2];

	EXPECT_RET(t, select_now(51, &in, NULL, NULL), -EBADF);
	EXPECT_RET(t, select_now(51, NULL, NULL, &in), -EBADF);
	EXPECT_TRUE(t, FD_ISSET(50, &in)); /* an error leaves the maps alone */
	EXPECT_RET(t, select_now(50, &in, NULL, NULL), 0);
	/* Far beyond any table: not looked at, not written. */
	make_pipe(t, ends);
	memset(&all, 0, sizeof(all));
	FD_SET(ends[1], &all);
	FD_SET(1000, &all);
	EXPECT_RET(t, select_now(1024, NULL, &all, NULL), 1);
	EXPECT_TRUE(t, FD_ISSET(ends[1], &all) && FD_ISSET(1000, &all));
	EXPECT_RET(t, select_now(INT_MAX, NULL, NULL, NULL), 0);
}

static void arguments_are_checked(struct test *t)
{
	const struct bad_pointer *bad = bad_pointers(t, 16);
	struct timeval invalid[] = { { 0, -1 }, { -1, 0 } };
	struct timespec invalid_spec = { 0, NS_PER_S }, none = { 0, 0 };
	sigset_t mask;
	struct {
		void *mask;
		size_t size;
	} set = { &mask, 4 };
	fd_set in;

	sigemptyset(&mask);
	EXPECT_RET(t, select_now(-1, NULL, NULL, NULL), -EINVAL);
	for (size_t i = 0; i < ARRAY_SIZE(invalid); i++)
		EXPECT_RET(t, kcall(SYS_select, 0, NULL, NULL, NULL, &invalid[i]), -EINVAL);
	EXPECT_RET(t, kcall(SYS_pselect6, 0, NULL, NULL, NULL, &invalid_spec, NULL), -EINVAL);
	EXPECT_RET(t, kcall(SYS_pselect6, 0, NULL, NULL, NULL, &none, &set), -EINVAL);
	set.mask = NULL;
	EXPECT_RET(t, kcall(SYS_pselect6, 0, NULL, NULL, NULL, &none, &set), 0);
	for (int i = 0; i < NR_BAD_POINTERS; i++) {
		if (!bad[i].addr)
			continue;
		EXPECT_RET_ROW(t, bad[i].name, kcall(SYS_select, 0, NULL, NULL, NULL, bad[i].addr),
			       -EFAULT);
		EXPECT_RET_ROW(t, bad[i].name,
			       kcall(SYS_pselect6, 0, NULL, NULL, NULL, &none, bad[i].addr),
			       -EFAULT);
	}
	bad = bad_pointers(t, 8);
	for (int i = 0; i < NR_BAD_POINTERS; i++)
		if (bad[i].addr)
			EXPECT_RET_ROW(t, bad[i].name, select_now(64, bad[i].addr, NULL, NULL),
				       -EFAULT);
	FD_ZERO(&in);
	EXPECT_RET(t, select_now(64, &in, NULL, NULL), 0);
}

static void times_are_kept(struct test *t)
{
	struct timeval time = { 0, 30000 }, whole = { 0, 1000000 };
	struct timespec spec = from_ns(30 * MS);
	long long start = now_ns(CLOCK_MONOTONIC);
	int ends[2];
	fd_set out;

	EXPECT_RET(t, kcall(SYS_select, 0, NULL, NULL, NULL, &time), 0);
	EXPECT_GE(t, now_ns(CLOCK_MONOTONIC) - start, 30 * MS);
	EXPECT_EQ(t, time.tv_sec, 0);
	EXPECT_EQ(t, time.tv_usec, 0);
	start = now_ns(CLOCK_MONOTONIC);
	EXPECT_RET(t, kcall(SYS_pselect6, 0, NULL, NULL, NULL, &spec, NULL), 0);
	EXPECT_GE(t, now_ns(CLOCK_MONOTONIC) - start, 30 * MS);
	EXPECT_EQ(t, to_ns(&spec), 0);
	make_pipe(t, ends);
	out = map_of(ends[1]);
	/* Microseconds may be a second and more. */
	EXPECT_RET(t, kcall(SYS_select, ends[1] + 1, NULL, &out, NULL, &whole), 1);
	EXPECT_TRUE(t, whole.tv_sec < 1 || (whole.tv_sec == 1 && !whole.tv_usec));
	EXPECT_LT(t, whole.tv_usec, 1000000);
}

static volatile int nr_calls;

static void count(int sig __maybe_unused)
{
	nr_calls++;
}

static void catch_alarms(unsigned int ms)
{
	struct sigaction action = { .sa_handler = count, .sa_flags = SA_RESTART };

	sigaction(SIGALRM, &action, NULL);
	nr_calls = 0;
	alarm_on(ms);
}

static void handlers_end_the_wait(struct test *t)
{
	struct timeval time = { 100, 0 };
	fd_set in;
	int ends[2];

	make_pipe(t, ends);
	in = map_of(ends[0]);
	catch_alarms(20);
	EXPECT_RET(t, kcall(SYS_select, ends[0] + 1, &in, NULL, NULL, &time), -EINTR);
	alarm_off();
	EXPECT_GT(t, nr_calls, 0);
	EXPECT_TRUE(t, FD_ISSET(ends[0], &in));
	EXPECT_LT(t, time.tv_sec, 100);
}

static void pselect_has_a_mask_of_its_own(struct test *t)
{
	sigset_t none, alarm_only, now;
	struct {
		void *mask;
		size_t size;
	} set = { &none, 8 };

	sigemptyset(&none);
	sigemptyset(&alarm_only);
	sigaddset(&alarm_only, SIGALRM);
	catch_alarms(0);
	sigprocmask(SIG_BLOCK, &alarm_only, NULL);
	raise(SIGALRM);
	EXPECT_RET(t, kcall(SYS_pselect6, 0, NULL, NULL, NULL, NULL, &set), -EINTR);
	EXPECT_EQ(t, nr_calls, 1);
	sigprocmask(SIG_BLOCK, NULL, &now);
	EXPECT_EQ(t, sigismember(&now, SIGALRM), 1);
}

static void write_later(void *arg)
{
	sleep_ms(20);
	if (write(*(int *)arg, "x", 1) != 1)
		_exit(1);
}

/* More words than fit on the stack. */
static void high_descriptors(struct test *t)
{
	struct rlimit limit = { .rlim_cur = 1024, .rlim_max = 1024 };
	int ends[2], high;
	fd_set in, out;
	pid_t pid;

	setrlimit(RLIMIT_NOFILE, &limit);
	make_pipe(t, ends);
	high = fcntl(ends[0], F_DUPFD, 900);
	REQUIRE(t, high >= 900);
	in = map_of(high);
	FD_SET(ends[0], &in);
	FD_ZERO(&out);
	pid = start_child(t, write_later, &ends[1]);
	EXPECT_RET(t, kcall(SYS_select, high + 1, &in, &out, NULL, NULL), 2);
	EXPECT_TRUE(t, FD_ISSET(high, &in) && FD_ISSET(ends[0], &in));
	EXPECT_EXIT(t, wait_for(t, pid), 0);
}

static const struct test_case cases[] = {
	TEST_CASE(maps_tell_what_is_ready),
	TEST_CASE(only_the_first_are_looked_at),
	TEST_CASE(descriptors_that_are_not_open),
	TEST_CASE(arguments_are_checked),
	TEST_CASE(times_are_kept),
	TEST_CASE(handlers_end_the_wait),
	TEST_CASE(pselect_has_a_mask_of_its_own),
	TEST_CASE(high_descriptors),
};
TEST_SUITE(select, cases);
SELFTEST_NO_HELPER
