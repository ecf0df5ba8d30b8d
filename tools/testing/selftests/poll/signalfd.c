/* SPDX-License-Identifier: GPL-2.0-only */
/* Signals by a descriptor: what is told of them, whose they are, waiting, errors. */
#include <poll.h>
#include <pthread.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>

#include "selftest.h"

#define BAD_PTR 8L

static sigset_t block(int a, int b)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, a);
	sigaddset(&set, b);
	sigprocmask(SIG_BLOCK, &set, NULL);
	return set;
}

static int new_signalfd(struct test *t, const sigset_t *set, int flags)
{
	int fd = (int)kcall(SYS_signalfd4, -1, set, 8, flags);

	REQUIRE(t, fd >= 0);
	return fd;
}

static int ready(int fd, int ms)
{
	struct pollfd polled = { .fd = fd, .events = POLLIN | POLLOUT };

	return kcall(SYS_poll, &polled, 1, ms) < 0 ? -1 : polled.revents;
}

static void kill_tells_who(struct test *t)
{
	sigset_t set = block(SIGUSR1, SIGUSR2);
	int fd = new_signalfd(t, &set, SFD_NONBLOCK);
	struct signalfd_siginfo info[3];

	EXPECT_EQ(t, sizeof(info[0]), 128U);
	EXPECT_EQ(t, ready(fd, 0), 0);
	EXPECT_RET(t, kcall(SYS_read, fd, info, sizeof(info)), -EAGAIN);
	kill(getpid(), SIGUSR2);
	kill(getpid(), SIGUSR1);
	kill(getpid(), SIGUSR1);
	EXPECT_EQ(t, ready(fd, 0), POLLIN);
	memset(info, 0xff, sizeof(info));
	EXPECT_RET(t, kcall(SYS_read, fd, info, sizeof(info)), 256);
	EXPECT_EQ(t, info[0].ssi_signo, (unsigned int)SIGUSR1);
	EXPECT_EQ(t, info[1].ssi_signo, (unsigned int)SIGUSR2);
	EXPECT_EQ(t, info[0].ssi_code, SI_USER);
	EXPECT_EQ(t, info[0].ssi_pid, (unsigned int)getpid());
	EXPECT_EQ(t, info[0].ssi_uid, getuid());
	EXPECT_EQ(t, info[0].ssi_fd, 0);
	EXPECT_EQ(t, info[0].ssi_ptr, 0UL);
	EXPECT_EQ(t, ready(fd, 0), 0);
}

static void values_are_told(struct test *t)
{
	sigset_t set = block(SIGRTMIN, SIGUSR1);
	int fd = new_signalfd(t, &set, SFD_NONBLOCK);
	union sigval value = { .sival_ptr = (void *)0x123456789aUL };
	struct signalfd_siginfo info;

	for (int i = 0; i < 3; i++)
		EXPECT_FALSE(t, sigqueue(getpid(), SIGRTMIN, value));
	for (int i = 0; i < 3; i++) {
		EXPECT_RET(t, kcall(SYS_read, fd, &info, sizeof(info)), 128);
		EXPECT_EQ(t, info.ssi_code, SI_QUEUE);
		EXPECT_EQ(t, info.ssi_ptr, 0x123456789aUL);
		EXPECT_EQ(t, info.ssi_int, 0x3456789a);
		EXPECT_EQ(t, info.ssi_pid, (unsigned int)getpid());
	}
	EXPECT_RET(t, kcall(SYS_read, fd, &info, sizeof(info)), -EAGAIN);
}

static void exit_with_9(void *arg __maybe_unused)
{
	_exit(9);
}

static void children_are_told_of(struct test *t)
{
	sigset_t set = block(SIGCHLD, SIGUSR1);
	int fd = new_signalfd(t, &set, 0);
	struct signalfd_siginfo info;
	pid_t pid = start_child(t, exit_with_9, NULL);

	EXPECT_RET(t, kcall(SYS_read, fd, &info, sizeof(info)), 128);
	EXPECT_EQ(t, info.ssi_signo, (unsigned int)SIGCHLD);
	EXPECT_EQ(t, info.ssi_code, CLD_EXITED);
	EXPECT_EQ(t, info.ssi_pid, (unsigned int)pid);
	EXPECT_EQ(t, info.ssi_status, 9);
	EXPECT_EXIT(t, wait_for(t, pid), 9);
}

static void timers_are_told_of(struct test *t)
{
	sigset_t set = block(SIGUSR1, SIGUSR2);
	struct sigevent event = { .sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR1 };
	struct itimerspec setting = { { 0, 1000000 }, { 0, 1000000 } };
	struct signalfd_siginfo info;
	int fd = new_signalfd(t, &set, 0), id;
	long result;

	event.sigev_value.sival_int = 55;
	result = kcall(SYS_timer_create, CLOCK_MONOTONIC, &event, &id);
	SKIP_IF(t, result == -ENOSYS, "no timers");
	EXPECT_RET(t, result, 0);
	EXPECT_RET(t, kcall(SYS_timer_settime, id, 0, &setting, NULL), 0);
	sleep_ms(20);
	for (int i = 0; i < 2; i++) {
		EXPECT_RET(t, kcall(SYS_read, fd, &info, sizeof(info)), 128);
		EXPECT_EQ(t, info.ssi_code, SI_TIMER);
		EXPECT_EQ(t, info.ssi_tid, (unsigned int)id);
		EXPECT_EQ(t, info.ssi_int, 55);
		EXPECT_TRUE(t, i || info.ssi_overrun >= 18);
	}
}

static void kill_later(void *arg)
{
	sleep_ms(20);
	kill(*(pid_t *)arg, SIGUSR1);
}

static void who_waits_is_woken(struct test *t)
{
	sigset_t set = block(SIGUSR1, SIGUSR2);
	int fd = new_signalfd(t, &set, 0), epoll = epoll_create1(0);
	struct epoll_event event = { .events = EPOLLIN };
	struct signalfd_siginfo info;
	pid_t self = getpid(), pid;

	REQUIRE(t, !epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event));
	pid = start_child(t, kill_later, &self);
	EXPECT_RET(t, kcall(SYS_read, fd, &info, sizeof(info)), 128);
	EXPECT_EXIT(t, wait_for(t, pid), 0);
	pid = start_child(t, kill_later, &self);
	EXPECT_EQ(t, ready(fd, 5000), POLLIN);
	EXPECT_EXIT(t, wait_for(t, pid), 0);
	EXPECT_RET(t, kcall(SYS_read, fd, &info, sizeof(info)), 128);
	pid = start_child(t, kill_later, &self);
	EXPECT_RET(t, epoll_wait(epoll, &event, 1, 5000), 1);
	EXPECT_EXIT(t, wait_for(t, pid), 0);
}

static void read_own(void *arg)
{
	struct signalfd_siginfo info;

	if (ready(*(int *)arg, 0)) /* what is the parent's is not ours */
		_exit(1);
	kill(getpid(), SIGUSR2);
	if (kcall(SYS_read, *(int *)arg, &info, sizeof(info)) != 128 || info.ssi_signo != SIGUSR2)
		_exit(2);
}

static void a_child_reads_its_own(struct test *t)
{
	sigset_t set = block(SIGUSR1, SIGUSR2);
	int fd = new_signalfd(t, &set, 0);
	struct signalfd_siginfo info;

	kill(getpid(), SIGUSR1);
	EXPECT_EXIT(t, run_in_child(t, read_own, &fd), 0);
	EXPECT_RET(t, kcall(SYS_read, fd, &info, sizeof(info)), 128);
	EXPECT_EQ(t, info.ssi_signo, (unsigned int)SIGUSR1);
}

static void watch_and_end(void *arg)
{
	struct epoll_event event = { .events = EPOLLIN };
	const int *fds = arg;

	if (epoll_ctl(fds[0], EPOLL_CTL_ADD, fds[1], &event))
		_exit(1);
}

/* The epoll of a process that has ended, its actions gone. */
static void the_watcher_may_end(struct test *t)
{
	sigset_t set = block(SIGUSR1, SIGUSR2);
	int fds[2] = { epoll_create1(0), new_signalfd(t, &set, SFD_NONBLOCK) };
	struct epoll_event event;

	for (int i = 0; i < 20; i++) {
		EXPECT_EXIT(t, run_in_child(t, watch_and_end, fds), 0);
		epoll_wait(fds[0], &event, 1, 0);
		EXPECT_FALSE(t, epoll_ctl(fds[0], EPOLL_CTL_DEL, fds[1], NULL));
	}
	kill(getpid(), SIGUSR1);
}

static void *read_one(void *arg)
{
	struct signalfd_siginfo info;
	long result = kcall(SYS_read, *(int *)arg, &info, sizeof(info));

	return (void *)(result == 128 ? (long)info.ssi_signo : result);
}

static void threads_read_those_of_the_process(struct test *t)
{
	sigset_t set = block(SIGUSR1, SIGUSR2);
	int fd = new_signalfd(t, &set, 0);
	pthread_t threads[3];
	void *result;

	for (size_t i = 0; i < ARRAY_SIZE(threads); i++)
		pthread_create(&threads[i], NULL, read_one, &fd);
	for (size_t i = 0; i < ARRAY_SIZE(threads); i++) {
		kill(getpid(), SIGUSR1);
		while (ready(fd, 0) == POLLIN)
			sleep_ms(1);
	}
	for (size_t i = 0; i < ARRAY_SIZE(threads); i++) {
		pthread_join(threads[i], &result);
		EXPECT_EQ(t, (long)result, (long)SIGUSR1);
	}
}

static void the_set_can_be_changed(struct test *t)
{
	sigset_t set = block(SIGUSR1, SIGUSR2), other;
	int fd = new_signalfd(t, &set, SFD_NONBLOCK);
	struct signalfd_siginfo info;

	sigemptyset(&other);
	sigaddset(&other, SIGUSR2);
	sigaddset(&other, SIGKILL); /* no effect */
	kill(getpid(), SIGUSR1);
	EXPECT_RET(t, kcall(SYS_signalfd4, fd, &other, 8, 0), fd);
	EXPECT_EQ(t, ready(fd, 0), 0);
	EXPECT_RET(t, kcall(SYS_signalfd, fd, &set, 8), fd);
	EXPECT_RET(t, kcall(SYS_read, fd, &info, sizeof(info)), 128);
}

static void nothing(int sig __maybe_unused)
{
}

static void other_signals_interrupt(struct test *t)
{
	struct sigaction action = { .sa_handler = nothing };
	sigset_t set = block(SIGUSR1, SIGUSR2);
	struct signalfd_siginfo info;
	int fd = new_signalfd(t, &set, 0);

	sigaction(SIGALRM, &action, NULL);
	alarm_on(20);
	EXPECT_RET(t, kcall(SYS_read, fd, &info, sizeof(info)), -EINTR);
	alarm_off();
}

static void errors(struct test *t)
{
	static struct signalfd_siginfo info;
	static sigset_t set;
	int fd, other = dup(0);

	set = block(SIGUSR1, SIGUSR2);
	fd = new_signalfd(t, &set, SFD_NONBLOCK | SFD_CLOEXEC);
	const struct call_row rows[] = {
		CALL(-EINVAL, signalfd4, -1, BAD_PTR, 7, 0),
		CALL(-EINVAL, signalfd4, -1, PTR(&set), 128, 0),
		CALL(-EFAULT, signalfd4, -1, BAD_PTR, 8, 0),
		CALL(-EFAULT, signalfd4, -1, 0, 8, 0),
		CALL(-EINVAL, signalfd4, -1, PTR(&set), 8, 1),
		CALL(-EINVAL, signalfd4, -77, PTR(&set), 8, ~0),
		CALL(-EBADF, signalfd4, -77, PTR(&set), 8, 0),
		CALL(-EBADF, signalfd4, 9999, PTR(&set), 8, 0),
		CALL(-EINVAL, signalfd4, other, PTR(&set), 8, 0),
		CALL(-EINVAL, signalfd, -1, PTR(&set), 4),
		CALL(-EINVAL, read, fd, PTR(&info), 127),
		CALL(-EINVAL, write, fd, PTR(&info), 128),
		CALL(FD_CLOEXEC, fcntl, fd, F_GETFD),
	};

	EXPECT_CALLS(t, rows);
	EXPECT_RET(t, kcall(SYS_fcntl, fd, F_GETFL) & (O_ACCMODE | O_NONBLOCK),
		   O_RDWR | O_NONBLOCK);
	kill(getpid(), SIGUSR1);
	EXPECT_RET(t, kcall(SYS_read, fd, BAD_PTR, 128), -EFAULT);
	EXPECT_EQ(t, ready(fd, 0), 0); /* it is lost */
}

SELFTEST_NO_HELPER

static const struct test_case cases[] = {
	TEST_CASE(kill_tells_who),
	TEST_CASE(values_are_told),
	TEST_CASE(children_are_told_of),
	TEST_CASE(timers_are_told_of),
	TEST_CASE(who_waits_is_woken),
	TEST_CASE(a_child_reads_its_own),
	TEST_CASE(the_watcher_may_end),
	TEST_CASE(threads_read_those_of_the_process),
	TEST_CASE(the_set_can_be_changed),
	TEST_CASE(other_signals_interrupt),
	TEST_CASE(errors),
};
TEST_SUITE(signalfd, cases);
