/* SPDX-License-Identifier: GPL-2.0-only */
/* Timers with a descriptor: settings, ticks, waiting, dates, errors. */
#include <poll.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>

#include "selftest.h"

#define BAD_PTR 8L
#define MS	1000000LL

static int new_timer(struct test *t, int clock, int flags)
{
	int fd = (int)kcall(SYS_timerfd_create, clock, flags);

	REQUIRE(t, fd >= 0);
	return fd;
}

static long set_timer(int fd, int flags, long long value_ns, long long interval_ns)
{
	struct itimerspec setting = { from_ns(interval_ns), from_ns(value_ns) };

	return kcall(SYS_timerfd_settime, fd, flags, &setting, NULL);
}

static long long left_ns(struct test *t, int fd, long long *interval_ns)
{
	struct itimerspec setting;

	EXPECT_RET(t, kcall(SYS_timerfd_gettime, fd, &setting), 0);
	if (interval_ns)
		*interval_ns = to_ns(&setting.it_interval);
	return to_ns(&setting.it_value);
}

/* Ticks, or -errno. */
static long take(int fd)
{
	uint64_t nr = 0;
	long result = kcall(SYS_read, fd, &nr, 8);

	return result == 8 ? (long)nr : result;
}

static int ready(int fd, int ms)
{
	struct pollfd polled = { .fd = fd, .events = POLLIN | POLLOUT };

	return kcall(SYS_poll, &polled, 1, ms) < 0 ? -1 : polled.revents;
}

static void one_shot(struct test *t)
{
	static const int clocks[] = { CLOCK_MONOTONIC, CLOCK_REALTIME, CLOCK_BOOTTIME };

	for (size_t i = 0; i < ARRAY_SIZE(clocks); i++) {
		int fd = new_timer(t, clocks[i], 0);
		long long begin = now_ns(CLOCK_MONOTONIC);

		EXPECT_EQ(t, ready(fd, 0), 0);
		EXPECT_EQ(t, left_ns(t, fd, NULL), 0);
		EXPECT_RET(t, set_timer(fd, 0, 1000 * NS_PER_S, 0), 0);
		EXPECT_GT(t, left_ns(t, fd, NULL), 0);
		EXPECT_LE(t, left_ns(t, fd, NULL), 1000 * NS_PER_S);
		EXPECT_RET(t, set_timer(fd, 0, 20 * MS, 0), 0);
		EXPECT_LE(t, left_ns(t, fd, NULL), 20 * MS);
		EXPECT_RET(t, take(fd), 1);
		EXPECT_GE(t, now_ns(CLOCK_MONOTONIC) - begin, 20 * MS);
		EXPECT_EQ(t, ready(fd, 20), 0);
		EXPECT_EQ(t, left_ns(t, fd, NULL), 0);
		EXPECT_RET(t, set_timer(fd, TFD_TIMER_ABSTIME, now_ns(clocks[i]) + 10 * MS, 0), 0);
		EXPECT_EQ(t, ready(fd, 5000), POLLIN);
		EXPECT_RET(t, set_timer(fd, TFD_TIMER_ABSTIME, 1, 0), 0);
		EXPECT_RET(t, take(fd), 1);
	}
}

static void intervals(struct test *t)
{
	int fd = new_timer(t, CLOCK_MONOTONIC, TFD_NONBLOCK);
	long long begin = now_ns(CLOCK_MONOTONIC), interval;
	long nr = 0;

	EXPECT_RET(t, set_timer(fd, TFD_TIMER_ABSTIME, begin + MS, MS), 0);
	for (int i = 0; i < 3; i++) {
		sleep_ms(20);
		EXPECT_EQ(t, ready(fd, 5000), POLLIN);
		nr += take(fd);
		EXPECT_GT(t, left_ns(t, fd, &interval), -1);
		EXPECT_EQ(t, interval, MS);
	}
	EXPECT_GE(t, nr, 59);
	EXPECT_LE(t, nr, (now_ns(CLOCK_MONOTONIC) - begin) / MS);
	/* Asking what is left forgets no tick. */
	sleep_ms(20);
	EXPECT_LE(t, left_ns(t, fd, NULL), MS);
	EXPECT_GE(t, take(fd), 19);
	/* Setting it anew does. */
	sleep_ms(5);
	EXPECT_RET(t, set_timer(fd, 0, 3600 * 1000 * MS, 0), 0);
	EXPECT_RET(t, take(fd), -EAGAIN);
	EXPECT_RET(t, set_timer(fd, 0, 0, MS), 0);
	EXPECT_EQ(t, left_ns(t, fd, &interval), 0);
	EXPECT_EQ(t, interval, MS);
	EXPECT_EQ(t, ready(fd, 10), 0);
}

static void short_intervals_leave_time(struct test *t)
{
	int fd = new_timer(t, CLOCK_MONOTONIC, 0);

	EXPECT_RET(t, set_timer(fd, 0, 1, 1), 0);
	sleep_ms(20);
	EXPECT_GE(t, take(fd), 20 * MS - 1);
	EXPECT_GT(t, take(fd), 0);
}

static void the_old_setting_is_told(struct test *t)
{
	int fd = new_timer(t, CLOCK_MONOTONIC, 0);
	struct itimerspec setting = { from_ns(2 * MS), from_ns(1000 * NS_PER_S) }, old;

	EXPECT_RET(t, kcall(SYS_timerfd_settime, fd, 0, &setting, &old), 0);
	EXPECT_EQ(t, to_ns(&old.it_value), 0);
	EXPECT_EQ(t, to_ns(&old.it_interval), 0);
	EXPECT_RET(t, kcall(SYS_timerfd_settime, fd, 0, &setting, &old), 0);
	EXPECT_GT(t, to_ns(&old.it_value), 0);
	EXPECT_LE(t, to_ns(&old.it_value), 1000 * NS_PER_S);
	EXPECT_EQ(t, to_ns(&old.it_interval), 2 * MS);
}

static void epoll_waits_for_it(struct test *t)
{
	int fd = new_timer(t, CLOCK_MONOTONIC, 0), set = epoll_create1(0);
	struct epoll_event event = { .events = EPOLLIN | EPOLLET, .data.fd = fd };

	REQUIRE(t, !epoll_ctl(set, EPOLL_CTL_ADD, fd, &event));
	EXPECT_RET(t, epoll_wait(set, &event, 1, 0), 0);
	EXPECT_RET(t, set_timer(fd, 0, 10 * MS, 10 * MS), 0);
	for (int i = 0; i < 3; i++) {
		EXPECT_RET(t, epoll_wait(set, &event, 1, 5000), 1);
		EXPECT_EQ(t, event.data.fd, fd);
		EXPECT_GT(t, take(fd), 0);
	}
	close(fd); /* while it is armed */
	sleep_ms(20);
	EXPECT_RET(t, epoll_wait(set, &event, 1, 0), 0);
}

static void nothing(int sig __maybe_unused)
{
}

static void signals_interrupt(struct test *t)
{
	struct sigaction action = { .sa_handler = nothing };
	int fd = new_timer(t, CLOCK_MONOTONIC, 0);

	sigaction(SIGALRM, &action, NULL);
	alarm_on(20);
	EXPECT_RET(t, take(fd), -EINTR);
	alarm_off();
}

static void read_one(void *arg)
{
	if (take(*(int *)arg) != 1)
		_exit(1);
}

static void children_share_it(struct test *t)
{
	int fd = new_timer(t, CLOCK_MONOTONIC, 0);
	pid_t pid = start_child(t, read_one, &fd);

	EXPECT_RET(t, set_timer(fd, 0, 20 * MS, 0), 0);
	EXPECT_EXIT(t, wait_for(t, pid), 0);
	EXPECT_EQ(t, ready(fd, 0), 0);
}

static void flags_of_descriptors(struct test *t)
{
	int fd = new_timer(t, CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);

	EXPECT_RET(t, kcall(SYS_fcntl, fd, F_GETFD), FD_CLOEXEC);
	EXPECT_RET(t, kcall(SYS_fcntl, fd, F_GETFL) & (O_ACCMODE | O_NONBLOCK),
		   O_RDWR | O_NONBLOCK);
	EXPECT_RET(t, take(fd), -EAGAIN);
	EXPECT_RET(t, kcall(SYS_fcntl, new_timer(t, CLOCK_MONOTONIC, 0), F_GETFD), 0);
	EXPECT_RET(t, kcall(SYS_lseek, fd, 5, SEEK_SET), 0);
}

static void errors(struct test *t)
{
	static struct itimerspec off, bad = { .it_value = { 0, NS_PER_S } };
	static struct itimerspec bad_interval = { .it_interval = { -1, 0 } };
	static char buf[8];
	int fd = new_timer(t, CLOCK_MONOTONIC, 0), other = dup(0);
	const struct call_row rows[] = {
		CALL(-EINVAL, timerfd_create, CLOCK_MONOTONIC, 1),
		CALL(-EINVAL, timerfd_create, CLOCK_MONOTONIC, ~0),
		CALL(-EINVAL, timerfd_create, CLOCK_TAI, 0),
		CALL(-EINVAL, timerfd_create, CLOCK_PROCESS_CPUTIME_ID, 0),
		CALL(-EINVAL, timerfd_create, CLOCK_MONOTONIC_RAW, 0),
		CALL(-EINVAL, timerfd_create, 77, 0),
		CALL(-EINVAL, timerfd_create, -1, 0),
		CALL(-EFAULT, timerfd_settime, -1, 77, 0, 0),
		CALL(-EFAULT, timerfd_settime, fd, 0, BAD_PTR, 0),
		CALL(-EINVAL, timerfd_settime, -1, 4, PTR(&off), 0),
		CALL(-EINVAL, timerfd_settime, -1, 0, PTR(&bad), 0),
		CALL(-EINVAL, timerfd_settime, fd, 0, PTR(&bad_interval), 0),
		CALL(-EBADF, timerfd_settime, -1, 0, PTR(&off), 0),
		CALL(-EINVAL, timerfd_settime, other, 0, PTR(&off), 0),
		CALL(-EFAULT, timerfd_settime, fd, 0, PTR(&off), BAD_PTR),
		CALL(-EBADF, timerfd_gettime, -1, BAD_PTR),
		CALL(-EINVAL, timerfd_gettime, other, BAD_PTR),
		CALL(-EFAULT, timerfd_gettime, fd, BAD_PTR),
		CALL(-EFAULT, timerfd_gettime, fd, 0),
		CALL(-EINVAL, read, fd, PTR(buf), 7),
		CALL(-EINVAL, write, fd, PTR(buf), 8),
	};

	EXPECT_CALLS(t, rows);
	EXPECT_RET(t, set_timer(fd, 0, 1, 0), 0);
	EXPECT_EQ(t, ready(fd, 5000), POLLIN);
	EXPECT_RET(t, kcall(SYS_read, fd, BAD_PTR, 8), -EFAULT);
}

static void alarm_clocks_need_a_right(struct test *t)
{
	SKIP_UNLESS_ROOT(t);
	become_nobody(t);
	EXPECT_RET(t, kcall(SYS_timerfd_create, CLOCK_REALTIME_ALARM, 0), -EPERM);
	EXPECT_RET(t, kcall(SYS_timerfd_create, CLOCK_BOOTTIME_ALARM, 0), -EPERM);
}

static void set_date_later(void *arg)
{
	struct timespec date;

	sleep_ms(30);
	date = from_ns(now_ns(CLOCK_REALTIME) + *(long long *)arg);
	if (kcall(SYS_clock_settime, CLOCK_REALTIME, &date))
		_exit(1);
}

static void a_date_that_is_set_is_seen(struct test *t)
{
	long long hour = 3600 * 1000 * MS, back = -3 * hour;
	int at, on_set, fd;
	pid_t pid;

	SKIP_UNLESS_GUEST(t);
	at = new_timer(t, CLOCK_REALTIME, TFD_NONBLOCK);
	on_set = new_timer(t, CLOCK_REALTIME, 0);
	fd = new_timer(t, CLOCK_REALTIME, TFD_NONBLOCK);
	EXPECT_RET(t, set_timer(at, TFD_TIMER_ABSTIME, now_ns(CLOCK_REALTIME) + hour / 2, 0), 0);
	EXPECT_RET(t,
		   set_timer(on_set, TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET,
			     now_ns(CLOCK_REALTIME) + 2 * hour, 0),
		   0);
	/* No date: no effect. */
	EXPECT_RET(t, set_timer(fd, TFD_TIMER_CANCEL_ON_SET, hour / 2, 0), 0);
	pid = start_child(t, set_date_later, &hour);
	EXPECT_RET(t, take(on_set), -ECANCELED);
	EXPECT_EXIT(t, wait_for(t, pid), 0);
	EXPECT_EQ(t, ready(on_set, 0), 0);
	EXPECT_EQ(t, ready(at, 5000), POLLIN);
	EXPECT_RET(t, take(at), 1);
	EXPECT_RET(t, take(fd), -EAGAIN);
	/* It is still set: the date is reached, or set once more. */
	EXPECT_GT(t, left_ns(t, on_set, NULL), hour / 2);
	pid = start_child(t, set_date_later, &hour);
	EXPECT_EQ(t, ready(on_set, 5000), POLLIN);
	EXPECT_EXIT(t, wait_for(t, pid), 0);
	EXPECT_RET(t, take(on_set), -ECANCELED);
	set_date_later(&back);
}

SELFTEST_NO_HELPER

static const struct test_case cases[] = {
	TEST_CASE(one_shot),
	TEST_CASE(intervals),
	TEST_CASE(short_intervals_leave_time),
	TEST_CASE(the_old_setting_is_told),
	TEST_CASE(epoll_waits_for_it),
	TEST_CASE(signals_interrupt),
	TEST_CASE(children_share_it),
	TEST_CASE(flags_of_descriptors),
	TEST_CASE(errors),
	TEST_CASE(alarm_clocks_need_a_right),
	TEST_CASE(a_date_that_is_set_is_seen),
};
TEST_SUITE(timerfd, cases);
