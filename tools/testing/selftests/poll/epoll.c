/* SPDX-License-Identifier: GPL-2.0-only */
/* epoll: control and its errors, levels and edges, one shot, nesting, closing, masks. */
#include <poll.h>
#include <pthread.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>

#include "selftest.h"

#ifndef SYS_epoll_pwait2
#define SYS_epoll_pwait2 441
#endif

#define MS 1000000LL

static int new_epoll(struct test *t)
{
	int fd = (int)kcall(SYS_epoll_create1, EPOLL_CLOEXEC);

	REQUIRE(t, fd >= 0);
	return fd;
}

static int new_eventfd(struct test *t, unsigned int count)
{
	int fd = (int)kcall(SYS_eventfd2, count, EFD_NONBLOCK);

	REQUIRE(t, fd >= 0);
	return fd;
}

static void make_pipe(struct test *t, int ends[2])
{
	REQUIRE(t, !kcall(SYS_pipe2, ends, O_NONBLOCK));
}

static long control(int epfd, int op, int fd, unsigned int events)
{
	struct epoll_event event = { .events = events,
				     .data.u64 = 0x1234567800000000UL + (unsigned int)fd };

	return kcall(SYS_epoll_ctl, epfd, op, fd, &event);
}

static long add(int epfd, int fd, unsigned int events)
{
	return control(epfd, EPOLL_CTL_ADD, fd, events);
}

/* Events of @fd, if it is the only one that is ready; 0: none; -1: something else. */
static long only(int epfd, int fd)
{
	struct epoll_event events[4];
	long nr = kcall(SYS_epoll_wait, epfd, events, 4, 0);

	if (nr == 1 && events[0].data.u64 == 0x1234567800000000UL + (unsigned int)fd)
		return events[0].events;
	return nr ? -1 : 0;
}

static long bump(int fd)
{
	uint64_t one = 1;

	return kcall(SYS_write, fd, &one, 8);
}

static long drain(int fd)
{
	uint64_t got;

	return kcall(SYS_read, fd, &got, 8);
}

static void arguments_are_checked(struct test *t)
{
	int epfd = new_epoll(t), fd = new_eventfd(t, 0), root = open("/", O_RDONLY);
	struct epoll_event event;
	struct timespec invalid = { 0, NS_PER_S }, now = { 0, 0 };
	sigset_t none;

	sigemptyset(&none);
	const struct call_row rows[] = {
		CALL(-EINVAL, epoll_create, 0),
		CALL(-EINVAL, epoll_create, -1),
		CALL(-EINVAL, epoll_create1, 1),
		CALL(-EFAULT, epoll_ctl, epfd, EPOLL_CTL_ADD, fd, 0),
		CALL(-EFAULT, epoll_ctl, 999, EPOLL_CTL_MOD, fd, 8),
		CALL(-EBADF, epoll_ctl, 999, EPOLL_CTL_ADD, fd, PTR(&event)),
		CALL(-EBADF, epoll_ctl, epfd, EPOLL_CTL_ADD, 999, PTR(&event)),
		CALL(-EBADF, epoll_ctl, epfd, EPOLL_CTL_DEL, 999, 0),
		CALL(-EPERM, epoll_ctl, epfd, EPOLL_CTL_ADD, root, PTR(&event)),
		CALL(-EINVAL, epoll_ctl, fd, EPOLL_CTL_ADD, epfd, PTR(&event)),
		CALL(-EINVAL, epoll_ctl, epfd, EPOLL_CTL_ADD, epfd, PTR(&event)),
		CALL(-EINVAL, epoll_ctl, epfd, 0, fd, PTR(&event)),
		CALL(-EINVAL, epoll_ctl, epfd, 4, fd, PTR(&event)),
		CALL(-ENOENT, epoll_ctl, epfd, EPOLL_CTL_MOD, fd, PTR(&event)),
		CALL(-ENOENT, epoll_ctl, epfd, EPOLL_CTL_DEL, fd, 0),
		CALL(0, epoll_ctl, epfd, EPOLL_CTL_ADD, fd, PTR(&event)),
		CALL(-EEXIST, epoll_ctl, epfd, EPOLL_CTL_ADD, fd, PTR(&event)),
		CALL(0, epoll_ctl, epfd, EPOLL_CTL_MOD, fd, PTR(&event)),
		CALL(0, epoll_ctl, epfd, EPOLL_CTL_DEL, fd, 0),
		CALL(-ENOENT, epoll_ctl, epfd, EPOLL_CTL_DEL, fd, 0),
		CALL(-EINVAL, epoll_wait, epfd, PTR(&event), 0, 0),
		CALL(-EINVAL, epoll_wait, epfd, PTR(&event), -1, 0),
		CALL(-EINVAL, epoll_wait, epfd, PTR(&event), INT_MAX, 0),
		CALL(-EFAULT, epoll_wait, epfd, -4096, 1, 0),
		CALL(-EBADF, epoll_wait, 999, PTR(&event), 1, 0),
		CALL(-EINVAL, epoll_wait, fd, PTR(&event), 1, 0),
		CALL(-EINVAL, epoll_pwait, epfd, PTR(&event), 1, 0, PTR(&none), 4),
		CALL(-EFAULT, epoll_pwait, epfd, PTR(&event), 1, 0, 8, 8),
		CALL(0, epoll_pwait, epfd, PTR(&event), 1, 0, 0, 4),
		CALL(-EINVAL, epoll_pwait2, epfd, PTR(&event), 1, PTR(&invalid), 0, 8),
		CALL(-EFAULT, epoll_pwait2, epfd, PTR(&event), 1, 8, 0, 8),
		CALL(-EINVAL, epoll_pwait2, epfd, PTR(&event), 1, PTR(&now), PTR(&none), 4),
		CALL(0, epoll_pwait2, epfd, PTR(&event), 1, PTR(&now), PTR(&none), 8),
		CALL(-EINVAL, read, epfd, PTR(&event), 8),
		CALL(-EINVAL, write, epfd, PTR(&event), 8),
	};

	event = (struct epoll_event){ .events = EPOLLIN };
	EXPECT_CALLS(t, rows);
	EXPECT_RET(t, kcall(SYS_fcntl, epfd, F_GETFD), FD_CLOEXEC);
	EXPECT_RET(t, kcall(SYS_fcntl, epoll_create(1), F_GETFD), 0);
}

static void a_level_is_told_again(struct test *t)
{
	int epfd = new_epoll(t), fd = new_eventfd(t, 0);

	EXPECT_RET(t, add(epfd, fd, EPOLLIN), 0);
	EXPECT_EQ(t, only(epfd, fd), 0);
	bump(fd);
	EXPECT_EQ(t, only(epfd, fd), EPOLLIN);
	EXPECT_EQ(t, only(epfd, fd), EPOLLIN);
	drain(fd);
	EXPECT_EQ(t, only(epfd, fd), 0);
	/* What holds when it is added is told, too. */
	EXPECT_RET(t, control(epfd, EPOLL_CTL_MOD, fd, EPOLLIN | EPOLLOUT), 0);
	EXPECT_EQ(t, only(epfd, fd), EPOLLOUT);
}

static void an_edge_is_told_once(struct test *t)
{
	int epfd = new_epoll(t), fd = new_eventfd(t, 1), ends[2];
	char c;

	EXPECT_RET(t, add(epfd, fd, EPOLLIN | EPOLLET), 0);
	EXPECT_EQ(t, only(epfd, fd), EPOLLIN);
	EXPECT_EQ(t, only(epfd, fd), 0);
	bump(fd);
	EXPECT_EQ(t, only(epfd, fd), EPOLLIN);
	EXPECT_EQ(t, only(epfd, fd), 0);
	EXPECT_RET(t, control(epfd, EPOLL_CTL_MOD, fd, EPOLLIN | EPOLLET), 0);
	EXPECT_EQ(t, only(epfd, fd), EPOLLIN);
	EXPECT_RET(t, control(epfd, EPOLL_CTL_DEL, fd, 0), 0);
	/* Each write into a pipe is one, whatever was in it. */
	make_pipe(t, ends);
	EXPECT_RET(t, add(epfd, ends[0], EPOLLIN | EPOLLET), 0);
	for (int i = 0; i < 3; i++) {
		EXPECT_EQ(t, write(ends[1], "ab", 2), 2);
		EXPECT_EQ(t, only(epfd, ends[0]), EPOLLIN);
		EXPECT_EQ(t, only(epfd, ends[0]), 0);
	}
	EXPECT_EQ(t, read(ends[0], &c, 1), 1);
	EXPECT_EQ(t, only(epfd, ends[0]), 0);
	close(ends[1]);
	EXPECT_EQ(t, only(epfd, ends[0]), EPOLLIN | EPOLLHUP);
}

/* A read from a counter is no edge for who wants to read. */
static void edges_of_the_other_kind_do_not_count(struct test *t)
{
	int epfd = new_epoll(t), fd = (int)kcall(SYS_eventfd2, 5, EFD_SEMAPHORE);

	EXPECT_RET(t, add(epfd, fd, EPOLLIN | EPOLLET), 0);
	EXPECT_EQ(t, only(epfd, fd), EPOLLIN);
	drain(fd);
	EXPECT_EQ(t, only(epfd, fd), 0);
}

static void one_shot_wants_to_be_armed(struct test *t)
{
	int epfd = new_epoll(t), fd = new_eventfd(t, 1);

	EXPECT_RET(t, add(epfd, fd, EPOLLIN | EPOLLONESHOT), 0);
	EXPECT_EQ(t, only(epfd, fd), EPOLLIN);
	bump(fd);
	EXPECT_EQ(t, only(epfd, fd), 0);
	EXPECT_RET(t, control(epfd, EPOLL_CTL_MOD, fd, EPOLLIN | EPOLLONESHOT), 0);
	EXPECT_EQ(t, only(epfd, fd), EPOLLIN);
	EXPECT_EQ(t, only(epfd, fd), 0);
}

static void errors_are_told_unasked(struct test *t)
{
	int epfd = new_epoll(t), ends[2];

	make_pipe(t, ends);
	EXPECT_RET(t, add(epfd, ends[1], 0), 0);
	EXPECT_EQ(t, only(epfd, ends[1]), 0);
	close(ends[0]);
	EXPECT_EQ(t, only(epfd, ends[1]), EPOLLERR);
}

static void exclusive_has_rules(struct test *t)
{
	int epfd = new_epoll(t), other = new_epoll(t), fd = new_eventfd(t, 1);

	EXPECT_RET(t, add(epfd, other, EPOLLIN | EPOLLEXCLUSIVE), -EINVAL);
	EXPECT_RET(t, add(epfd, fd, EPOLLIN | EPOLLPRI | EPOLLEXCLUSIVE), -EINVAL);
	EXPECT_RET(t, add(epfd, fd, EPOLLIN | EPOLLONESHOT | EPOLLEXCLUSIVE), -EINVAL);
	EXPECT_RET(t, add(epfd, fd, EPOLLIN | EPOLLET | EPOLLWAKEUP | EPOLLEXCLUSIVE), 0);
	EXPECT_EQ(t, only(epfd, fd), EPOLLIN);
	EXPECT_RET(t, control(epfd, EPOLL_CTL_MOD, fd, EPOLLIN), -EINVAL);
	EXPECT_RET(t, control(epfd, EPOLL_CTL_MOD, fd, EPOLLIN | EPOLLEXCLUSIVE), -EINVAL);
	EXPECT_RET(t, control(epfd, EPOLL_CTL_DEL, fd, 0), 0);
}

static void closing_a_file_removes_it(struct test *t)
{
	int epfd = new_epoll(t), fd = new_eventfd(t, 1), copy = dup(fd);

	EXPECT_RET(t, add(epfd, fd, EPOLLIN), 0);
	EXPECT_RET(t, add(epfd, copy, EPOLLIN), 0); /* another name, another item */
	EXPECT_RET(t, control(epfd, EPOLL_CTL_DEL, copy, 0), 0);
	close(fd);
	EXPECT_EQ(t, only(epfd, fd), EPOLLIN); /* the file is open under another name */
	EXPECT_RET(t, control(epfd, EPOLL_CTL_DEL, fd, 0), -EBADF);
	close(copy);
	EXPECT_EQ(t, only(epfd, fd), 0);
	/* The same number, another file. */
	fd = new_eventfd(t, 1);
	EXPECT_RET(t, add(epfd, fd, EPOLLIN), 0);
	EXPECT_EQ(t, only(epfd, fd), EPOLLIN);
	close(epfd);
	EXPECT_RET(t, drain(fd), 8);
}

/* Those that did not fit come first the next time. */
static void few_are_told_in_turn(struct test *t)
{
	int epfd = new_epoll(t), fds[6], seen = 0;
	struct epoll_event events[8];

	for (int i = 0; i < 6; i++) {
		fds[i] = new_eventfd(t, 1);
		EXPECT_RET(t, add(epfd, fds[i], EPOLLIN), 0);
	}
	for (int i = 0; i < 3; i++) {
		EXPECT_RET(t, kcall(SYS_epoll_wait, epfd, events, 2, 0), 2);
		for (int k = 0; k < 2; k++)
			seen |= 1 << ((int)(events[k].data.u64 & 0xffffffff) - fds[0]);
	}
	EXPECT_EQ(t, seen, 0x3f);
	EXPECT_RET(t, kcall(SYS_epoll_wait, epfd, events, 8, 0), 6);
}

static void what_cannot_be_written_is_kept(struct test *t)
{
	int epfd = new_epoll(t), fd = new_eventfd(t, 1);
	char *pages = map_anon(t, 2 * PAGE, PROT_READ | PROT_WRITE);

	munmap(pages + PAGE, PAGE);
	EXPECT_RET(t, add(epfd, fd, EPOLLIN | EPOLLET), 0);
	EXPECT_RET(t, kcall(SYS_epoll_wait, epfd, pages + PAGE - 4, 1, 0), -EFAULT);
	EXPECT_EQ(t, only(epfd, fd), EPOLLIN);
}

static void an_epoll_is_a_file_to_poll(struct test *t)
{
	int epfd = new_epoll(t), fd = new_eventfd(t, 0);
	struct pollfd polled = { .fd = epfd, .events = POLLIN | POLLOUT | POLLRDNORM };

	EXPECT_RET(t, add(epfd, fd, EPOLLIN), 0);
	EXPECT_RET(t, kcall(SYS_poll, &polled, 1, 0), 0);
	bump(fd);
	EXPECT_RET(t, kcall(SYS_poll, &polled, 1, -1), 1);
	EXPECT_EQ(t, polled.revents, POLLIN | POLLRDNORM);
	EXPECT_EQ(t, only(epfd, fd), EPOLLIN);
	drain(fd);
	EXPECT_RET(t, kcall(SYS_poll, &polled, 1, 0), 0);
}

static void bump_later(void *arg)
{
	sleep_ms(20);
	if (bump(*(int *)arg) != 8)
		_exit(1);
}

/* Four levels: the event of the lowest wakes who waits at the top. */
static void events_climb_up(struct test *t)
{
	int fd = new_eventfd(t, 0), epfds[4];
	struct epoll_event event;
	pid_t pid;

	for (int i = 0; i < 4; i++) {
		epfds[i] = new_epoll(t);
		EXPECT_RET(t, add(epfds[i], i ? epfds[i - 1] : fd, EPOLLIN), 0);
	}
	for (int round = 0; round < 3; round++) {
		pid = start_child(t, bump_later, &fd);
		EXPECT_RET(t, kcall(SYS_epoll_wait, epfds[3], &event, 1, -1), 1);
		EXPECT_EQ(t, (int)(event.data.u64 & 0xffffffff), epfds[2]);
		EXPECT_EXIT(t, wait_for(t, pid), 0);
		EXPECT_EQ(t, only(epfds[0], fd), EPOLLIN);
		drain(fd);
		EXPECT_EQ(t, only(epfds[3], epfds[2]), 0);
	}
	close(epfds[2]);
	bump(fd);
	EXPECT_EQ(t, only(epfds[3], epfds[2]), 0);
	EXPECT_EQ(t, only(epfds[1], epfds[0]), EPOLLIN);
}

static void circles_and_towers_are_refused(struct test *t)
{
	int epfds[12], err = 0, fd = new_eventfd(t, 0);

	for (int i = 0; i < 12; i++)
		epfds[i] = new_epoll(t);
	EXPECT_RET(t, add(epfds[0], epfds[1], EPOLLIN), 0);
	EXPECT_RET(t, add(epfds[1], epfds[0], EPOLLIN), -ELOOP);
	EXPECT_RET(t, add(epfds[1], epfds[2], EPOLLIN), 0);
	EXPECT_RET(t, add(epfds[2], epfds[0], EPOLLIN), -ELOOP);
	EXPECT_RET(t, control(epfds[0], EPOLL_CTL_DEL, epfds[1], 0), 0);
	EXPECT_RET(t, add(epfds[2], epfds[0], EPOLLIN), 0);
	EXPECT_RET(t, add(epfds[3], fd, EPOLLIN), 0);
	for (int i = 4; i < 12 && !err; i++)
		err = (int)add(epfds[i], epfds[i - 1], EPOLLIN);
	EXPECT_TRUE(t, err == -ELOOP || err == -EINVAL);
}

static void times_are_kept(struct test *t)
{
	struct timespec time = from_ns(30 * MS);
	struct epoll_event event;
	int epfd = new_epoll(t);
	long long start = now_ns(CLOCK_MONOTONIC);

	EXPECT_RET(t, kcall(SYS_epoll_wait, epfd, &event, 1, 30), 0);
	EXPECT_GE(t, now_ns(CLOCK_MONOTONIC) - start, 30 * MS);
	start = now_ns(CLOCK_MONOTONIC);
	EXPECT_RET(t, kcall(SYS_epoll_pwait2, epfd, &event, 1, &time, NULL, 8), 0);
	EXPECT_GE(t, now_ns(CLOCK_MONOTONIC) - start, 30 * MS);
	EXPECT_EQ(t, to_ns(&time), 30 * MS);
}

static volatile int nr_calls;

static void count(int sig __maybe_unused)
{
	nr_calls++;
}

static void signals_end_the_wait(struct test *t)
{
	struct sigaction action = { .sa_handler = count, .sa_flags = SA_RESTART };
	struct epoll_event event;
	sigset_t none, alarm_only, now;
	int epfd = new_epoll(t);

	sigaction(SIGALRM, &action, NULL);
	alarm_on(20);
	EXPECT_RET(t, kcall(SYS_epoll_wait, epfd, &event, 1, -1), -EINTR);
	alarm_off();
	EXPECT_GT(t, nr_calls, 0);
	nr_calls = 1;
	sigemptyset(&none);
	sigemptyset(&alarm_only);
	sigaddset(&alarm_only, SIGALRM);
	sigprocmask(SIG_BLOCK, &alarm_only, NULL);
	raise(SIGALRM);
	EXPECT_RET(t, kcall(SYS_epoll_wait, epfd, &event, 1, 5), 0);
	EXPECT_RET(t, kcall(SYS_epoll_pwait, epfd, &event, 1, -1, &none, 8), -EINTR);
	EXPECT_EQ(t, nr_calls, 2);
	raise(SIGALRM);
	EXPECT_RET(t, kcall(SYS_epoll_pwait2, epfd, &event, 1, NULL, &none, 8), -EINTR);
	EXPECT_EQ(t, nr_calls, 3);
	sigprocmask(SIG_BLOCK, NULL, &now);
	EXPECT_EQ(t, sigismember(&now, SIGALRM), 1);
}

static int shared_epfd;

static void *wait_once(void *arg __maybe_unused)
{
	struct epoll_event event;

	return (void *)kcall(SYS_epoll_wait, shared_epfd, &event, 1, 5000);
}

/* Each of several who wait for one epoll gets an event of his own. */
static void edges_wake_one_each(struct test *t)
{
	int fds[4];
	pthread_t threads[4];
	void *result;

	shared_epfd = new_epoll(t);
	for (int i = 0; i < 4; i++) {
		fds[i] = new_eventfd(t, 0);
		EXPECT_RET(t, add(shared_epfd, fds[i], EPOLLIN | EPOLLET), 0);
		pthread_create(&threads[i], NULL, wait_once, NULL);
	}
	sleep_ms(20);
	for (int i = 0; i < 4; i++)
		bump(fds[i]);
	for (int i = 0; i < 4; i++) {
		pthread_join(threads[i], &result);
		EXPECT_EQ(t, (long)result, 1);
	}
}

static const struct test_case cases[] = {
	TEST_CASE(arguments_are_checked),
	TEST_CASE(a_level_is_told_again),
	TEST_CASE(an_edge_is_told_once),
	TEST_CASE(edges_of_the_other_kind_do_not_count),
	TEST_CASE(one_shot_wants_to_be_armed),
	TEST_CASE(errors_are_told_unasked),
	TEST_CASE(exclusive_has_rules),
	TEST_CASE(closing_a_file_removes_it),
	TEST_CASE(few_are_told_in_turn),
	TEST_CASE(what_cannot_be_written_is_kept),
	TEST_CASE(an_epoll_is_a_file_to_poll),
	TEST_CASE(events_climb_up),
	TEST_CASE(circles_and_towers_are_refused),
	TEST_CASE(times_are_kept),
	TEST_CASE(signals_end_the_wait),
	TEST_CASE(edges_wake_one_each),
};
TEST_SUITE(epoll, cases);
SELFTEST_NO_HELPER
