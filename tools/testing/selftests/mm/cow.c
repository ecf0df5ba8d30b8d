/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Copy on write: after fork each process sees its own values, over any number of generations, in
 * every kind of private memory, and the copies are made for writers only.
 */
#include "selftest.h"

#define RW	 (PROT_READ | PROT_WRITE)
#define NR_PAGES 64

static int data_variable = 1;
static int bss_variable;

static void stamp(char *pages, int value)
{
	for (int i = 0; i < NR_PAGES; i++)
		*(int *)(pages + i * PAGE) = value + i;
}

static bool has_stamp(const char *pages, int value)
{
	for (int i = 0; i < NR_PAGES; i++) {
		if (*(const int *)(pages + i * PAGE) != value + i)
			return false;
	}
	return true;
}

static void child_does_not_change_its_parent(struct test *t)
{
	char *pages = map_anon(t, NR_PAGES * PAGE, RW);
	int status;

	stamp(pages, 100);
	if (!fork()) {
		bool ok = has_stamp(pages, 100);

		stamp(pages, 200);
		_exit(!(ok && has_stamp(pages, 200)));
	}
	wait(&status);
	EXPECT_EXIT(t, status, 0);
	EXPECT_TRUE(t, has_stamp(pages, 100));
}

static void parent_does_not_change_its_child(struct test *t)
{
	char *pages = map_anon(t, NR_PAGES * PAGE, RW);
	volatile int *go = mmap(NULL, PAGE, RW, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	int status;

	stamp(pages, 100);
	if (!fork()) {
		while (!*go)
			sched_yield();
		_exit(!has_stamp(pages, 100));
	}
	stamp(pages, 200);
	*go = 1;
	wait(&status);
	EXPECT_EXIT(t, status, 0);
	EXPECT_TRUE(t, has_stamp(pages, 200));
}

static void data_bss_stack_and_heap_are_private(struct test *t)
{
	volatile int on_stack = 1;
	char *heap = (char *)kcall(SYS_brk, 0);
	int status;

	kcall(SYS_brk, heap + PAGE);
	*heap = 1;
	if (!fork()) {
		data_variable = bss_variable = on_stack = *heap = 2;
		_exit(0);
	}
	wait(&status);
	EXPECT_EQ(t, data_variable, 1);
	EXPECT_EQ(t, bss_variable, 0);
	EXPECT_EQ(t, on_stack, 1);
	EXPECT_EQ(t, *heap, 1);
}

/* Each generation checks its ancestor's value, writes its own, forks, and checks again. */
static int generation(char *pages, int depth)
{
	int status;

	if (!has_stamp(pages, 1000 * depth))
		return 1;
	if (!depth)
		return 0;
	if (!fork()) {
		stamp(pages, 1000 * (depth - 1));
		_exit(generation(pages, depth - 1));
	}
	wait(&status);
	return !has_stamp(pages, 1000 * depth) || status != 0;
}

static void values_stay_apart_over_generations(struct test *t)
{
	int depth = (int)rounds(20, 100);
	char *pages = map_anon(t, NR_PAGES * PAGE, RW);

	stamp(pages, 1000 * depth);
	EXPECT_EQ(t, generation(pages, depth), 0);
}

static void siblings_stay_apart(struct test *t)
{
	char *pages = map_anon(t, NR_PAGES * PAGE, RW);
	int status, nr = (int)rounds(16, 64);

	stamp(pages, 7);
	for (int i = 0; i < nr; i++) {
		if (!fork()) {
			stamp(pages, i * 100);
			sched_yield();
			_exit(!has_stamp(pages, i * 100));
		}
	}
	while (wait(&status) > 0)
		EXPECT_EXIT(t, status, 0);
	EXPECT_TRUE(t, has_stamp(pages, 7));
}

static void last_owner_writes_without_a_copy(struct test *t)
{
	char *pages = map_anon(t, NR_PAGES * PAGE, RW);

	stamp(pages, 1);
	for (int i = 0; i < 10; i++) {
		if (!fork())
			_exit(0);
		wait(NULL);
		stamp(pages, i);
		EXPECT_TRUE(t, has_stamp(pages, i));
	}
}

static void reading_copies_nothing(struct test *t)
{
	char *pages = map_anon(t, NR_PAGES * PAGE, RW);
	int status;

	madvise(pages, NR_PAGES * PAGE, MADV_NOHUGEPAGE);
	stamp(pages, 1);
	if (!fork()) {
		struct rusage before, after;

		getrusage(RUSAGE_SELF, &before);
		if (!has_stamp(pages, 1))
			_exit(100);
		getrusage(RUSAGE_SELF, &after);
		_exit(after.ru_minflt - before.ru_minflt > 4); /* stack and code at most */
	}
	wait(&status);
	EXPECT_EXIT(t, status, 0);
}

static void kernel_writes_copy_as_well(struct test *t)
{
	char *page = map_anon(t, PAGE, RW);
	struct timespec *ts = (struct timespec *)page;
	int status;

	ts->tv_sec = -1;
	if (!fork())
		_exit((int)kcall(SYS_clock_gettime, CLOCK_MONOTONIC, ts) || ts->tv_sec == -1);
	wait(&status);
	EXPECT_EXIT(t, status, 0);
	EXPECT_EQ(t, ts->tv_sec, -1);
}

static void read_pages_are_zero_until_written(struct test *t)
{
	char *a = map_anon(t, NR_PAGES * PAGE, RW), *b = map_anon(t, NR_PAGES * PAGE, RW);

	for (int i = 0; i < NR_PAGES; i++)
		EXPECT_EQ(t, a[i * PAGE] + b[i * PAGE], 0); /* may all be one page */
	stamp(a, 5);
	for (int i = 0; i < NR_PAGES; i++)
		EXPECT_EQ(t, b[i * PAGE], 0);
	EXPECT_TRUE(t, has_stamp(a, 5));
}

static void zero_page_survives_fork(struct test *t)
{
	volatile char *page = map_anon(t, PAGE, RW);
	int status;

	EXPECT_EQ(t, *page, 0);
	if (!fork()) {
		*page = 1;
		_exit(*page != 1);
	}
	wait(&status);
	EXPECT_EXIT(t, status, 0);
	EXPECT_EQ(t, *page, 0);
}

static const struct test_case cow_cases[] = {
	TEST_CASE(child_does_not_change_its_parent),
	TEST_CASE(parent_does_not_change_its_child),
	TEST_CASE(data_bss_stack_and_heap_are_private),
	TEST_CASE(values_stay_apart_over_generations),
	TEST_CASE(siblings_stay_apart),
	TEST_CASE(last_owner_writes_without_a_copy),
	TEST_CASE(reading_copies_nothing),
	TEST_CASE(kernel_writes_copy_as_well),
	TEST_CASE(read_pages_are_zero_until_written),
	TEST_CASE(zero_page_survives_fork),
};
TEST_SUITE(cow, cow_cases);
SELFTEST_NO_HELPER
