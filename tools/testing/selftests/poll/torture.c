/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Many threads through pipes and eventfds: every byte and count arrives, no wake-up is lost.  Who
 * waits has no timeout of his own, but a long one that fails the case.
 */
#include <poll.h>
#include <pthread.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/time.h>

#include "selftest.h"

#define NR_WRITERS 4
#define LATE_MS	   60000

struct source {
	int to, from; /* ends of a pipe; or the same, an eventfd */
	bool is_counter;
	long nr; /* bytes, or counts, to write */
	long taken;
};

static struct source sources[2 * NR_WRITERS];
static int epfd, stop_fd;
static bool failed;

static void *write_all(void *arg)
{
	struct source *source = arg;
	unsigned int seed = 1 + (unsigned int)(source - sources);
	char bytes[256] = { 0 };
	uint64_t one = 1;
	long left = source->nr, done;

	while (left > 0) {
		if (source->is_counter)
			done = kcall(SYS_write, source->to, &one, 8) == 8 ? 1 : -1;
		else
			done = kcall(SYS_write, source->to, bytes,
				     1 + next_random(&seed) %
						     (unsigned int)(left < 256 ? left : 256));
		if (done <= 0)
			return (void *)1;
		left -= done;
		if (next_random(&seed) % 16 == 0)
			sched_yield();
	}
	return NULL;
}

static void make_sources(struct test *t, long nr)
{
	int ends[2];

	for (int i = 0; i < 2 * NR_WRITERS; i++) {
		struct source *source = &sources[i];

		*source = (struct source){ .nr = nr, .is_counter = i % 2 };
		if (source->is_counter) {
			source->to = source->from = (int)kcall(SYS_eventfd2, 0, EFD_NONBLOCK);
			REQUIRE(t, source->to >= 0);
			continue;
		}
		REQUIRE(t, !pipe(ends));
		source->from = ends[0];
		source->to = ends[1];
		fcntl(ends[0], F_SETFL, O_NONBLOCK);
	}
}

/* Takes what there is, at most once. */
static long take(struct source *source)
{
	char bytes[100];
	uint64_t got;
	long ret;

	if (source->is_counter) {
		ret = kcall(SYS_read, source->from, &got, 8) == 8 ? (long)got : 0;
	} else {
		ret = kcall(SYS_read, source->from, bytes, sizeof(bytes));
		ret = ret > 0 ? ret : 0;
	}
	__atomic_add_fetch(&source->taken, ret, __ATOMIC_RELAXED);
	return ret;
}

static void drain(struct source *source)
{
	while (take(source))
		;
}

static bool all_taken(void)
{
	for (int i = 0; i < 2 * NR_WRITERS; i++)
		if (__atomic_load_n(&sources[i].taken, __ATOMIC_RELAXED) != sources[i].nr)
			return false;
	return true;
}

static void start_writers(pthread_t *writers)
{
	for (int i = 0; i < 2 * NR_WRITERS; i++)
		pthread_create(&writers[i], NULL, write_all, &sources[i]);
}

static void end_writers(struct test *t, pthread_t *writers)
{
	void *result;

	for (int i = 0; i < 2 * NR_WRITERS; i++) {
		pthread_join(writers[i], &result);
		EXPECT_FALSE(t, result);
		EXPECT_EQ(t, sources[i].taken, sources[i].nr);
	}
}

static void watch_all(struct test *t, unsigned int events)
{
	for (int i = 0; i < 2 * NR_WRITERS; i++) {
		struct epoll_event event = { .events = events, .data.ptr = &sources[i] };

		EXPECT_RET(t, kcall(SYS_epoll_ctl, epfd, EPOLL_CTL_ADD, sources[i].from, &event),
			   0);
	}
}

static void *collect_until_all(void *arg)
{
	unsigned int mode = (unsigned int)(long)arg;
	struct epoll_event events[3], stop = { .events = EPOLLIN };
	uint64_t one = 1;

	while (!all_taken()) {
		long nr = kcall(SYS_epoll_wait, epfd, events, 3, LATE_MS);

		if (nr <= 0) {
			failed = true;
			return NULL;
		}
		for (long i = 0; i < nr; i++) {
			struct source *source = events[i].data.ptr;

			if (!source)
				continue;
			if (mode & EPOLLET || mode & EPOLLONESHOT)
				drain(source);
			else
				take(source);
			stop = (struct epoll_event){ .events = mode, .data.ptr = source };
			if (mode & EPOLLONESHOT)
				kcall(SYS_epoll_ctl, epfd, EPOLL_CTL_MOD, source->from, &stop);
		}
	}
	kcall(SYS_write, stop_fd, &one, 8); /* stays: wakes all others */
	return NULL;
}

static void run(struct test *t, unsigned int mode, int nr_collectors)
{
	pthread_t writers[2 * NR_WRITERS], collectors[4];
	struct epoll_event stop = { .events = EPOLLIN };

	epfd = (int)kcall(SYS_epoll_create1, 0);
	stop_fd = (int)kcall(SYS_eventfd2, 0, 0);
	REQUIRE(t, epfd >= 0 && stop_fd >= 0);
	make_sources(t, rounds(20000, 4000));
	EXPECT_RET(t, kcall(SYS_epoll_ctl, epfd, EPOLL_CTL_ADD, stop_fd, &stop), 0);
	watch_all(t, mode);
	for (int i = 0; i < nr_collectors; i++)
		pthread_create(&collectors[i], NULL, collect_until_all, (void *)(long)mode);
	start_writers(writers);
	for (int i = 0; i < nr_collectors; i++)
		pthread_join(collectors[i], NULL);
	REQUIRE(t, !failed);
	end_writers(t, writers);
}

static void by_levels(struct test *t)
{
	run(t, EPOLLIN, 1);
}

static void by_levels_with_four_collectors(struct test *t)
{
	run(t, EPOLLIN, 4);
}

static void by_edges(struct test *t)
{
	run(t, EPOLLIN | EPOLLET, 1);
}

static void by_edges_with_four_collectors(struct test *t)
{
	run(t, EPOLLIN | EPOLLET, 4);
}

static void one_shot_with_four_collectors(struct test *t)
{
	run(t, EPOLLIN | EPOLLONESHOT, 4);
}

static void exclusively(struct test *t)
{
	run(t, EPOLLIN | EPOLLEXCLUSIVE, 2);
}

static void by_poll(struct test *t)
{
	pthread_t writers[2 * NR_WRITERS];
	struct pollfd polled[2 * NR_WRITERS];

	make_sources(t, rounds(20000, 4000));
	start_writers(writers);
	while (!all_taken()) {
		for (int i = 0; i < 2 * NR_WRITERS; i++)
			polled[i] = (struct pollfd){ .fd = sources[i].from, .events = POLLIN };
		REQUIRE(t, kcall(SYS_poll, polled, 2 * NR_WRITERS, LATE_MS) > 0);
		for (int i = 0; i < 2 * NR_WRITERS; i++)
			if (polled[i].revents)
				take(&sources[i]);
	}
	end_writers(t, writers);
}

static volatile bool is_over;

static void *add_and_remove(void *arg __maybe_unused)
{
	struct epoll_event event = { .events = EPOLLIN };
	uint64_t one = 1;

	while (!is_over) {
		int fd = (int)kcall(SYS_eventfd2, 0, 0), copy = dup(fd);

		kcall(SYS_epoll_ctl, epfd, EPOLL_CTL_ADD, fd, &event);
		kcall(SYS_epoll_ctl, epfd, EPOLL_CTL_ADD, copy, &event);
		kcall(SYS_write, fd, &one, 8);
		kcall(SYS_epoll_ctl, epfd, EPOLL_CTL_DEL, fd);
		close(copy);
		close(fd);
	}
	return NULL;
}

static void *nest_and_close(void *arg __maybe_unused)
{
	struct epoll_event event = { .events = EPOLLIN };

	while (!is_over) {
		int outer = (int)kcall(SYS_epoll_create1, 0);
		int inner = (int)kcall(SYS_epoll_create1, 0);

		kcall(SYS_epoll_ctl, outer, EPOLL_CTL_ADD, epfd, &event);
		kcall(SYS_epoll_ctl, outer, EPOLL_CTL_ADD, inner, &event);
		kcall(SYS_epoll_ctl, inner, EPOLL_CTL_ADD, stop_fd, &event);
		kcall(SYS_epoll_wait, outer, &event, 1, 0);
		event.events = EPOLLIN;
		close(inner);
		close(outer);
	}
	return NULL;
}

static void *wait_all_the_time(void *arg __maybe_unused)
{
	struct epoll_event events[4];

	while (!is_over)
		kcall(SYS_epoll_wait, epfd, events, 4, 1);
	return NULL;
}

/* Files are closed while epolls watch them, and epolls while they are watched. */
static void closing_meets_waking(struct test *t)
{
	void *(*const work[])(void *) = { add_and_remove, add_and_remove, nest_and_close,
					  nest_and_close, wait_all_the_time };
	pthread_t threads[ARRAY_SIZE(work)];

	epfd = (int)kcall(SYS_epoll_create1, 0);
	stop_fd = (int)kcall(SYS_eventfd2, 1, 0);
	for (size_t i = 0; i < ARRAY_SIZE(work); i++)
		pthread_create(&threads[i], NULL, work[i], NULL);
	sleep_ms(rounds(200, 2000));
	is_over = true;
	for (size_t i = 0; i < ARRAY_SIZE(work); i++)
		EXPECT_FALSE(t, pthread_join(threads[i], NULL));
}

static volatile bool table_is_large;

static void *select_until_large(void *arg __maybe_unused)
{
	while (!table_is_large) {
		struct timeval now = { 0, 0 };

		kcall(SYS_select, INT_MAX, NULL, NULL, NULL, &now);
	}
	return NULL;
}

/* In a process of its own, whose table begins small. */
static void grow_table(void *arg __maybe_unused)
{
	pthread_t thread;

	pthread_create(&thread, NULL, select_until_large, NULL);
	for (int fd = 64; fd < 1024; fd *= 2) {
		sched_yield();
		if (dup2(0, fd) != fd)
			_exit(1);
	}
	table_is_large = true;
	pthread_join(thread, NULL);
}

/* The old table is freed while another thread asks for its size: KASAN would tell. */
static void select_meets_a_table_that_grows(struct test *t)
{
	for (unsigned int i = 0; i < rounds(100, 300); i++)
		EXPECT_EXIT(t, run_in_child(t, grow_table, NULL), 0);
}

static const struct test_case cases[] = {
	TEST_CASE(by_levels),
	TEST_CASE(by_levels_with_four_collectors),
	TEST_CASE(by_edges),
	TEST_CASE(by_edges_with_four_collectors),
	TEST_CASE(one_shot_with_four_collectors),
	TEST_CASE(exclusively),
	TEST_CASE(by_poll),
	TEST_CASE(closing_meets_waking),
	TEST_CASE(select_meets_a_table_that_grows),
};
TEST_SUITE(torture, cases);
SELFTEST_NO_HELPER
