/* SPDX-License-Identifier: GPL-2.0-only */
/* poll() and ppoll(): readiness of pipes, errors, times, signals and masks. */
#include <poll.h>
#include <sys/stat.h>

#include "selftest.h"

#define MS  1000000LL
#define ALL (POLLIN | POLLPRI | POLLOUT | POLLRDNORM | POLLRDBAND | POLLWRNORM | POLLWRBAND)

static void make_pipe(struct test *t, int ends[2])
{
	REQUIRE(t, !kcall(SYS_pipe2, ends, O_NONBLOCK));
}

static short ready(int fd, int events)
{
	struct pollfd polled = { .fd = fd, .events = (short)events, .revents = 0x7fff };
	long ret = kcall(SYS_poll, &polled, 1, 0);

	return ret < 0 || ret != !!polled.revents ? -1 : polled.revents;
}

static void pipes_tell_what_they_are_ready_for(struct test *t)
{
	char page[4096] = { 0 };
	int ends[2];

	make_pipe(t, ends);
	EXPECT_EQ(t, ready(ends[0], ALL), 0);
	EXPECT_EQ(t, ready(ends[1], ALL), POLLOUT | POLLWRNORM);
	EXPECT_EQ(t, ready(ends[1], POLLIN), 0);
	while (write(ends[1], page, sizeof(page)) > 0)
		;
	EXPECT_EQ(t, ready(ends[0], ALL), POLLIN | POLLRDNORM);
	EXPECT_EQ(t, ready(ends[0], POLLIN), POLLIN);
	EXPECT_EQ(t, ready(ends[1], ALL), 0);
	EXPECT_EQ(t, read(ends[0], page, sizeof(page)), 4096);
	EXPECT_EQ(t, ready(ends[1], POLLOUT), POLLOUT);
}

static void closed_ends_are_told_unasked(struct test *t)
{
	int ends[2];

	make_pipe(t, ends);
	EXPECT_EQ(t, write(ends[1], "x", 1), 1);
	close(ends[1]);
	EXPECT_EQ(t, ready(ends[0], ALL), POLLIN | POLLRDNORM | POLLHUP);
	EXPECT_EQ(t, ready(ends[0], 0), POLLHUP);
	make_pipe(t, ends);
	close(ends[0]);
	EXPECT_EQ(t, ready(ends[1], ALL), POLLOUT | POLLWRNORM | POLLERR);
	EXPECT_EQ(t, ready(ends[1], 0), POLLERR);
}

static void a_fifo_hangs_up_after_its_first_writer(struct test *t)
{
	char path[PATH_MAX];
	int reader, writer;

	snprintf(path, sizeof(path), "%s/fifo", scratch_folder(t));
	REQUIRE(t, !mkfifo(path, 0600));
	reader = open(path, O_RDONLY | O_NONBLOCK);
	EXPECT_EQ(t, ready(reader, ALL), 0);
	writer = open(path, O_WRONLY);
	EXPECT_EQ(t, ready(reader, ALL), 0);
	close(writer);
	EXPECT_EQ(t, ready(reader, ALL), POLLHUP);
}

static void other_files_never_wait(struct test *t)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/file", scratch_folder(t));
	EXPECT_EQ(t, ready(open(path, O_CREAT | O_RDONLY, 0600), ALL),
		  POLLIN | POLLOUT | POLLRDNORM | POLLWRNORM);
	EXPECT_EQ(t, ready(open("/", O_RDONLY), POLLIN | POLLPRI), POLLIN);
	EXPECT_EQ(t, ready(open("/", O_PATH), ALL), POLLNVAL);
}

static void descriptors_that_are_not_open(struct test *t)
{
	struct pollfd polled[3] = {
		{ .fd = -1, .events = POLLIN, .revents = 0x7f },
		{ .fd = 999, .events = 0, .revents = 0x7f },
		{ .fd = -999, .events = POLLOUT, .revents = 0x7f },
	};

	EXPECT_RET(t, kcall(SYS_poll, polled, 3, -1), 1);
	EXPECT_EQ(t, polled[0].revents, 0);
	EXPECT_EQ(t, polled[1].revents, POLLNVAL);
	EXPECT_EQ(t, polled[2].revents, 0);
}

static void arguments_are_checked(struct test *t)
{
	struct rlimit limit = { .rlim_cur = 10, .rlim_max = 10 };
	const struct bad_pointer *bad = bad_pointers(t, sizeof(struct pollfd));
	struct timespec invalid[] = { { 0, NS_PER_S }, { 0, -1 }, { -1, 0 } }, soon = { 0, 1 };
	struct pollfd polled[11];
	sigset_t none;

	sigemptyset(&none);
	for (int i = 0; i < 11; i++)
		polled[i] = (struct pollfd){ .fd = -1 };
	for (int i = 0; i < NR_BAD_POINTERS; i++) {
		EXPECT_RET_ROW(t, bad[i].name, kcall(SYS_poll, bad[i].addr, 1, 0), -EFAULT);
		if (bad[i].addr)
			EXPECT_RET_ROW(t, bad[i].name,
				       kcall(SYS_ppoll, polled, 1, bad[i].addr, NULL, 8), -EFAULT);
		if (bad[i].addr)
			EXPECT_RET_ROW(t, bad[i].name,
				       kcall(SYS_ppoll, polled, 1, &soon, bad[i].addr, 8), -EFAULT);
	}
	EXPECT_RET(t, kcall(SYS_poll, NULL, 0, 0), 0);
	for (size_t i = 0; i < ARRAY_SIZE(invalid); i++)
		EXPECT_RET(t, kcall(SYS_ppoll, polled, 1, &invalid[i], NULL, 8), -EINVAL);
	EXPECT_RET(t, kcall(SYS_ppoll, polled, 1, &soon, &none, 4), -EINVAL);
	EXPECT_RET(t, kcall(SYS_ppoll, polled, 1, &soon, NULL, 4), 0);
	setrlimit(RLIMIT_NOFILE, &limit);
	EXPECT_RET(t, kcall(SYS_poll, polled, 10, 0), 0);
	EXPECT_RET(t, kcall(SYS_poll, polled, 11, 0), -EINVAL);
}

#define MANY 600

/* More than fit on any stack, and the last of all is the one that wakes. */
static void write_later(void *arg)
{
	sleep_ms(30);
	if (write(*(int *)arg, "x", 1) != 1)
		_exit(1);
}

static void many_descriptors(struct test *t)
{
	struct pollfd polled[MANY];
	int ends[2], quiet[2];
	pid_t pid;

	make_pipe(t, ends);
	make_pipe(t, quiet);
	for (int i = 0; i < MANY; i++)
		polled[i] = (struct pollfd){ .fd = quiet[0], .events = POLLIN };
	polled[MANY - 1].fd = ends[0];
	pid = start_child(t, write_later, &ends[1]);
	EXPECT_RET(t, kcall(SYS_poll, polled, MANY, -1), 1);
	EXPECT_EQ(t, polled[MANY - 1].revents, POLLIN);
	EXPECT_EQ(t, polled[0].revents, 0);
	EXPECT_EXIT(t, wait_for(t, pid), 0);
}

static void times_are_kept(struct test *t)
{
	struct timespec time = from_ns(30 * MS), none = { 0, 0 };
	struct pollfd polled = { .fd = -1 };
	long long start = now_ns(CLOCK_MONOTONIC);
	int ends[2];

	EXPECT_RET(t, kcall(SYS_poll, &polled, 1, 30), 0);
	EXPECT_GE(t, now_ns(CLOCK_MONOTONIC) - start, 30 * MS);
	start = now_ns(CLOCK_MONOTONIC);
	EXPECT_RET(t, kcall(SYS_ppoll, &polled, 1, &time, NULL, 8), 0);
	EXPECT_GE(t, now_ns(CLOCK_MONOTONIC) - start, 30 * MS);
	EXPECT_EQ(t, to_ns(&time), 0);
	make_pipe(t, ends);
	polled = (struct pollfd){ .fd = ends[1], .events = POLLOUT };
	time = from_ns(100 * NS_PER_S);
	EXPECT_RET(t, kcall(SYS_ppoll, &polled, 1, &time, NULL, 8), 1);
	EXPECT_LT(t, to_ns(&time), 100 * NS_PER_S);
	EXPECT_GT(t, to_ns(&time), 50 * NS_PER_S);
	EXPECT_RET(t, kcall(SYS_ppoll, &polled, 1, &none, NULL, 8), 1);
}

/* A time that cannot be written back does not matter, if there is a result. */
static void time_in_constant_memory(struct test *t)
{
	char *page = map_anon(t, PAGE, PROT_READ | PROT_WRITE);
	struct pollfd polled = { .fd = -1 };

	*(struct timespec *)page = from_ns(5 * MS);
	mprotect(page, PAGE, PROT_READ);
	EXPECT_RET(t, kcall(SYS_ppoll, &polled, 1, page, NULL, 8), 0);
}

static volatile int nr_calls;

static void count(int sig __maybe_unused)
{
	nr_calls++;
}

static void catch_alarms(unsigned int ms, int flags)
{
	struct sigaction action = { .sa_handler = count, .sa_flags = flags };

	sigaction(SIGALRM, &action, NULL);
	nr_calls = 0;
	alarm_on(ms);
}

static void handlers_end_the_wait(struct test *t)
{
	struct timespec time = from_ns(100 * NS_PER_S);
	struct pollfd polled = { .fd = -1, .revents = 0x7f };

	catch_alarms(20, SA_RESTART);
	EXPECT_RET(t, kcall(SYS_poll, &polled, 1, 10000), -EINTR);
	EXPECT_GT(t, nr_calls, 0);
	EXPECT_EQ(t, polled.revents, 0);
	catch_alarms(20, SA_RESTART);
	EXPECT_RET(t, kcall(SYS_ppoll, &polled, 1, &time, NULL, 8), -EINTR);
	alarm_off();
	EXPECT_GT(t, nr_calls, 0);
	EXPECT_LT(t, to_ns(&time), 100 * NS_PER_S);
}

static void stop_and_go_on(void *arg)
{
	sleep_ms(30);
	kill(*(pid_t *)arg, SIGSTOP);
	sleep_ms(30);
	kill(*(pid_t *)arg, SIGCONT);
}

/* Stopped and continued, no handler: goes on until the same deadline. */
static void stopping_does_not_make_it_longer(struct test *t)
{
	struct pollfd polled = { .fd = -1 };
	struct timespec time = from_ns(150 * MS);
	long long start;
	pid_t self = getpid(), pid;

	pid = start_child(t, stop_and_go_on, &self);
	start = now_ns(CLOCK_MONOTONIC);
	EXPECT_RET(t, kcall(SYS_poll, &polled, 1, 150), 0);
	EXPECT_GE(t, now_ns(CLOCK_MONOTONIC) - start, 150 * MS);
	wait_for(t, pid);
	pid = start_child(t, stop_and_go_on, &self);
	start = now_ns(CLOCK_MONOTONIC);
	EXPECT_RET(t, kcall(SYS_ppoll, &polled, 1, &time, NULL, 8), 0);
	EXPECT_GE(t, now_ns(CLOCK_MONOTONIC) - start, 150 * MS);
	wait_for(t, pid);
}

static void ppoll_has_a_mask_of_its_own(struct test *t)
{
	struct pollfd polled = { .fd = -1 };
	struct timespec time = from_ns(20 * MS);
	sigset_t none, alarm_only, now;

	sigemptyset(&none);
	sigemptyset(&alarm_only);
	sigaddset(&alarm_only, SIGALRM);
	catch_alarms(0, 0);
	sigprocmask(SIG_BLOCK, &alarm_only, NULL);
	raise(SIGALRM);
	EXPECT_EQ(t, nr_calls, 0);
	EXPECT_RET(t, kcall(SYS_ppoll, &polled, 1, NULL, &none, 8), -EINTR);
	EXPECT_EQ(t, nr_calls, 1);
	sigprocmask(SIG_BLOCK, NULL, &now);
	EXPECT_EQ(t, sigismember(&now, SIGALRM), 1);
	/* Held off by the mask, it comes when the old one is back. */
	sigprocmask(SIG_SETMASK, &none, NULL);
	ualarm(5000, 0);
	EXPECT_RET(t, kcall(SYS_ppoll, &polled, 1, &time, &alarm_only, 8), 0);
	EXPECT_SOON(t, nr_calls == 2);
}

static const struct test_case cases[] = {
	TEST_CASE(pipes_tell_what_they_are_ready_for),
	TEST_CASE(closed_ends_are_told_unasked),
	TEST_CASE(a_fifo_hangs_up_after_its_first_writer),
	TEST_CASE(other_files_never_wait),
	TEST_CASE(descriptors_that_are_not_open),
	TEST_CASE(arguments_are_checked),
	TEST_CASE(many_descriptors),
	TEST_CASE(times_are_kept),
	TEST_CASE(time_in_constant_memory),
	TEST_CASE(handlers_end_the_wait),
	TEST_CASE(stopping_does_not_make_it_longer),
	TEST_CASE(ppoll_has_a_mask_of_its_own),
};
TEST_SUITE(poll, cases);
SELFTEST_NO_HELPER
