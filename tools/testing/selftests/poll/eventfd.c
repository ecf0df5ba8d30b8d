/* SPDX-License-Identifier: GPL-2.0-only */
/* Counters with a descriptor: values, flags, waiting, readiness. */
#include <poll.h>
#include <pthread.h>
#include <sys/eventfd.h>
#include <sys/stat.h>

#include "selftest.h"

#define COUNT_MAX (UINT64_MAX - 1)

static int new_eventfd(struct test *t, unsigned int count, int flags)
{
	int fd = (int)kcall(SYS_eventfd2, count, flags);

	REQUIRE(t, fd >= 0);
	return fd;
}

static long add(int fd, uint64_t nr)
{
	return kcall(SYS_write, fd, &nr, 8);
}

static void expect_count(struct test *t, int fd, uint64_t want)
{
	uint64_t got = 0;

	EXPECT_RET(t, kcall(SYS_read, fd, &got, 8), 8);
	EXPECT_EQ(t, got, want);
}

static short ready(int fd)
{
	struct pollfd polled = { .fd = fd, .events = POLLIN | POLLOUT | POLLRDNORM | POLLWRNORM };

	return kcall(SYS_poll, &polled, 1, 0) < 0 ? -1 : polled.revents;
}

static void reading_takes_the_sum(struct test *t)
{
	int fd = new_eventfd(t, 3, EFD_NONBLOCK);
	uint64_t got;

	EXPECT_RET(t, add(fd, 4), 8);
	EXPECT_RET(t, add(fd, 0), 8);
	expect_count(t, fd, 7);
	EXPECT_RET(t, kcall(SYS_read, fd, &got, 8), -EAGAIN);
	EXPECT_RET(t, add(fd, 0), 8);
	EXPECT_RET(t, kcall(SYS_read, fd, &got, 8), -EAGAIN);
	fd = (int)kcall(SYS_eventfd, 0xffffffff);
	expect_count(t, fd, 0xffffffff);
}

static void semaphore_gives_one_each(struct test *t)
{
	int fd = new_eventfd(t, 2, EFD_NONBLOCK | EFD_SEMAPHORE);
	uint64_t got;

	expect_count(t, fd, 1);
	expect_count(t, fd, 1);
	EXPECT_RET(t, kcall(SYS_read, fd, &got, 8), -EAGAIN);
}

static void flags_and_sizes_are_checked(struct test *t)
{
	int fd = new_eventfd(t, 1, EFD_NONBLOCK | EFD_CLOEXEC);
	char buf[16];

	EXPECT_RET(t, kcall(SYS_eventfd2, 0, 2), -EINVAL);
	EXPECT_RET(t, kcall(SYS_eventfd2, 0, ~0), -EINVAL);
	EXPECT_RET(t, kcall(SYS_fcntl, fd, F_GETFD), FD_CLOEXEC);
	EXPECT_RET(t, kcall(SYS_fcntl, new_eventfd(t, 0, 0), F_GETFD), 0);
	EXPECT_RET(t, kcall(SYS_fcntl, fd, F_GETFL) & (O_ACCMODE | O_NONBLOCK),
		   O_RDWR | O_NONBLOCK);
	EXPECT_RET(t, kcall(SYS_read, fd, buf, 7), -EINVAL);
	EXPECT_RET(t, kcall(SYS_write, fd, buf, 7), -EINVAL);
	EXPECT_RET(t, kcall(SYS_read, fd, buf, 16), 8);
	EXPECT_RET(t, kcall(SYS_lseek, fd, 5, SEEK_SET), 0);
	EXPECT_RET(t, kcall(SYS_ftruncate, fd, 5), -EINVAL);
}

static void bad_pointers_are_faults(struct test *t)
{
	const struct bad_pointer *bad = bad_pointers(t, 8);
	int fd = new_eventfd(t, 0, EFD_NONBLOCK);

	for (int i = 0; i < NR_BAD_POINTERS; i++) {
		EXPECT_RET_ROW(t, bad[i].name, kcall(SYS_write, fd, bad[i].addr, 8), -EFAULT);
		add(fd, 1);
		EXPECT_RET_ROW(t, bad[i].name, kcall(SYS_read, fd, bad[i].addr, 8), -EFAULT);
	}
}

static void the_counter_does_not_overflow(struct test *t)
{
	int fd = new_eventfd(t, 0, EFD_NONBLOCK);

	EXPECT_RET(t, add(fd, UINT64_MAX), -EINVAL);
	EXPECT_EQ(t, ready(fd), POLLOUT);
	EXPECT_RET(t, add(fd, COUNT_MAX - 1), 8);
	EXPECT_EQ(t, ready(fd), POLLIN | POLLOUT);
	EXPECT_RET(t, add(fd, 2), -EAGAIN);
	EXPECT_RET(t, add(fd, 1), 8);
	EXPECT_EQ(t, ready(fd), POLLIN);
	EXPECT_RET(t, add(fd, 1), -EAGAIN);
	EXPECT_RET(t, add(fd, 0), 8);
	expect_count(t, fd, COUNT_MAX);
	EXPECT_EQ(t, ready(fd), POLLOUT);
}

static void add_later(void *arg)
{
	sleep_ms(20);
	if (add(*(int *)arg, 9) != 8)
		_exit(1);
}

static void take_later(void *arg)
{
	uint64_t got;

	sleep_ms(20);
	if (kcall(SYS_read, *(int *)arg, &got, 8) != 8)
		_exit(1);
}

static void readers_and_writers_wait(struct test *t)
{
	int fd = new_eventfd(t, 0, 0);
	pid_t pid = start_child(t, add_later, &fd);

	expect_count(t, fd, 9);
	EXPECT_EXIT(t, wait_for(t, pid), 0);
	EXPECT_RET(t, add(fd, COUNT_MAX), 8);
	pid = start_child(t, take_later, &fd);
	EXPECT_RET(t, add(fd, 17), 8);
	EXPECT_EXIT(t, wait_for(t, pid), 0);
	expect_count(t, fd, 17);
}

static void nothing(int sig __maybe_unused)
{
}

static void signals_interrupt(struct test *t)
{
	struct sigaction action = { .sa_handler = nothing };
	int fd = new_eventfd(t, 0, 0);
	uint64_t got;

	sigaction(SIGALRM, &action, NULL);
	alarm_on(20);
	EXPECT_RET(t, kcall(SYS_read, fd, &got, 8), -EINTR);
	add(fd, COUNT_MAX);
	EXPECT_RET(t, add(fd, 1), -EINTR);
	alarm_off();
}

#define NR_THREADS 4

static int shared_fd;

static void *add_ones(void *arg)
{
	for (long i = 0; i < (long)arg; i++)
		if (add(shared_fd, 1) != 8)
			return (void *)1;
	return NULL;
}

/* Every 1 that several threads write is read once. */
static void every_count_arrives(struct test *t)
{
	long nr_each = rounds(20000, 5000);
	pthread_t threads[NR_THREADS];
	uint64_t total = 0, got;
	void *result;

	shared_fd = new_eventfd(t, 0, 0);
	for (int i = 0; i < NR_THREADS; i++)
		pthread_create(&threads[i], NULL, add_ones, (void *)nr_each);
	while (total < (uint64_t)(nr_each * NR_THREADS)) {
		REQUIRE(t, kcall(SYS_read, shared_fd, &got, 8) == 8);
		total += got;
	}
	for (int i = 0; i < NR_THREADS; i++) {
		pthread_join(threads[i], &result);
		EXPECT_FALSE(t, result);
	}
	EXPECT_EQ(t, total, (uint64_t)(nr_each * NR_THREADS));
}

static const struct test_case cases[] = {
	TEST_CASE(reading_takes_the_sum),
	TEST_CASE(semaphore_gives_one_each),
	TEST_CASE(flags_and_sizes_are_checked),
	TEST_CASE(bad_pointers_are_faults),
	TEST_CASE(the_counter_does_not_overflow),
	TEST_CASE(readers_and_writers_wait),
	TEST_CASE(signals_interrupt),
	TEST_CASE(every_count_arrives),
};
TEST_SUITE(eventfd, cases);
SELFTEST_NO_HELPER
