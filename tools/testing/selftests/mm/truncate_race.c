/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A file that is cut, grown and punched while threads and a second process fault on its pages.  An
 * access then is SIGBUS or lands in the file; a page that stays mapped after it has left the file
 * shows as bytes that read() does not find.
 *
 * Each round has two parts.  In the first all hammer on the pages and one thread changes the file.
 * In the second the file stands still: each writes its mark into each page, through a mapping of
 * its own, and when all have done so each reads all marks by pread() and through the mapping.
 */
#include <pthread.h>
#include <setjmp.h>

#include "selftest.h"

#define RW		  (PROT_READ | PROT_WRITE)
#define NR_PAGES	  12
#define NR_THREADS	  4
#define FALLOC_PUNCH_HOLE 3 /* with FALLOC_FL_KEEP_SIZE */

struct shared {
	pthread_barrier_t barrier;
	volatile int nr_bad, hammering;
};

static struct shared *shared;
static int file;
static int nr_rounds;

static __thread sigjmp_buf after_bus;
static __thread char *mapping, *copy;

static void on_bus(int sig __maybe_unused)
{
	siglongjmp(after_bus, 1);
}

/* One access to the page, which may be gone. */
static void hammer(unsigned int *random)
{
	unsigned int page, kind;

	if (sigsetjmp(after_bus, 1))
		return;
	page = next_random(random) % NR_PAGES;
	kind = next_random(random) % 8;
	if (kind == 0)
		copy[page * PAGE + 9] = 1;
	else if (kind < 4)
		(void)*(volatile char *)(mapping + page * PAGE);
	else
		*(volatile char *)(mapping + page * PAGE + 100 + kind) = 1;
	if (kind == 7)
		madvise(mapping + page * PAGE, PAGE, MADV_DONTNEED);
}

static void change_file(unsigned int *random)
{
	for (int i = 0; i < 20; i++) {
		if (ftruncate(file, next_random(random) % (NR_PAGES * PAGE)) ||
		    ftruncate(file, NR_PAGES * PAGE))
			shared->nr_bad++;
		kcall(SYS_fallocate, file, FALLOC_PUNCH_HOLE,
		      next_random(random) % (NR_PAGES * PAGE), 2 * PAGE);
	}
}

static char mark_of(int id, int round, int page)
{
	return (char)(1 + (id * 31 + round * 7 + page) % 100);
}

/* How many marks of @who are not where they should be. */
static int missing_marks(int who, int round)
{
	int nr = 0;
	char byte;

	for (int page = 0; page < NR_PAGES; page++) {
		char want = mark_of(who, round, page);

		nr += pread(file, &byte, 1, page * PAGE + who) != 1 || byte != want;
		nr += mapping[page * PAGE + who] != want;
	}
	return nr;
}

static void run(int id)
{
	unsigned int random = 77 + id;

	mapping = mmap(NULL, NR_PAGES * PAGE, RW, MAP_SHARED, file, 0);
	copy = mmap(NULL, NR_PAGES * PAGE, RW, MAP_PRIVATE, file, 0);
	for (int round = 0; round < nr_rounds; round++) {
		pthread_barrier_wait(&shared->barrier);
		if (id == 0) {
			change_file(&random);
			shared->hammering = 0;
		}
		while (shared->hammering)
			hammer(&random);
		pthread_barrier_wait(&shared->barrier);
		for (int page = 0; page < NR_PAGES; page++)
			mapping[page * PAGE + id] = mark_of(id, round, page);
		shared->hammering = 1;
		pthread_barrier_wait(&shared->barrier);
		for (int who = 0; who < NR_THREADS + 1; who++)
			__atomic_add_fetch(&shared->nr_bad, missing_marks(who, round),
					   __ATOMIC_SEQ_CST);
	}
	munmap(mapping, NR_PAGES * PAGE);
	munmap(copy, NR_PAGES * PAGE);
}

static void *thread(void *arg)
{
	run((int)(long)arg);
	return NULL;
}

static void run_all(struct test *t)
{
	pthread_t threads[NR_THREADS];
	pid_t pid;

	pid = fork();
	if (!pid) {
		run(NR_THREADS);
		_exit(0);
	}
	for (long i = 0; i < NR_THREADS; i++)
		REQUIRE(t, pthread_create(&threads[i], NULL, thread, (void *)i) == 0);
	for (int i = 0; i < NR_THREADS; i++)
		REQUIRE(t, pthread_join(threads[i], NULL) == 0);
	EXPECT_EXIT(t, wait_for(t, pid), 0);
	EXPECT_EQ(t, shared->nr_bad, 0);
}

static void begin(struct test *t)
{
	pthread_barrierattr_t attr;

	signal(SIGBUS, on_bus);
	file = memfd_create("race", 0);
	REQUIRE(t, file >= 0 && ftruncate(file, NR_PAGES * PAGE) == 0);
	shared = mmap(NULL, sizeof(*shared), RW, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	REQUIRE(t, shared != MAP_FAILED);
	shared->hammering = 1;
	pthread_barrierattr_init(&attr);
	pthread_barrierattr_setpshared(&attr, PTHREAD_PROCESS_SHARED);
	REQUIRE(t, !pthread_barrier_init(&shared->barrier, &attr, NR_THREADS + 1));
}

static void no_page_stays_mapped_that_was_cut(struct test *t)
{
	begin(t);
	nr_rounds = (int)rounds(30, 60);
	run_all(t);
}

static bool reads_other_than_zero(const volatile char *addr)
{
	return !sigsetjmp(after_bus, 1) && *addr;
}

/* Waits until the file is cut, and looks for what should have gone with it. */
static int look_for_leftovers(void)
{
	char byte;

	while (pread(file, &byte, 1, 0) == 1)
		sched_yield();
	/* The cut may not be complete yet; this waits for it. */
	if (ftruncate(file, 0))
		return 1;
	for (int page = 0; page < NR_PAGES; page++)
		if (reads_other_than_zero(mapping + page * PAGE))
			return 2;
	return 0;
}

/* What a child gets of its parent's entries while the file is cut is cut, too. */
static void fork_copies_nothing_that_was_cut(struct test *t)
{
	unsigned int random = 5;

	begin(t);
	mapping = mmap(NULL, NR_PAGES * PAGE, RW, MAP_PRIVATE, file, 0);
	REQUIRE(t, mapping != MAP_FAILED);
	for (unsigned int i = 0; i < rounds(50, 100); i++) {
		pid_t cutter, child;

		for (int page = 0; page < NR_PAGES; page++)
			mapping[page * PAGE] = 1;
		cutter = fork();
		if (!cutter)
			_exit(ftruncate(file, 0) != 0);
		for (unsigned int spin = next_random(&random) % 2000; spin; spin--)
			__asm__ volatile("pause");
		child = fork();
		if (!child)
			_exit(look_for_leftovers());
		EXPECT_EXIT(t, wait_for(t, cutter), 0);
		EXPECT_EXIT(t, wait_for(t, child), 0);
		REQUIRE(t, ftruncate(file, NR_PAGES * PAGE) == 0);
	}
}

static const struct test_case truncate_race_cases[] = {
	TEST_CASE(no_page_stays_mapped_that_was_cut),
	TEST_CASE(fork_copies_nothing_that_was_cut),
};
TEST_SUITE(truncate_race, truncate_race_cases);

SELFTEST_NO_HELPER
