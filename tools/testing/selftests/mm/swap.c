/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * swap: memory that goes out, by MADV_PAGEOUT or because there is more than fits, comes back as it
 * was, to all who have it.  Each word tells its place.  Where no swap is on, memory stays where it
 * is, and all of it must hold nevertheless.
 */
#include <sys/uio.h>

#include "pressure.h"
#include "threads.h"

#define RW	     (PROT_READ | PROT_WRITE)
#define NR_PAGES     512UL
#define SIZE	     (NR_PAGES * PAGE)
#define NR_CHILDREN  3
#define NR_ROUNDS    200
#define NR_OF_THREAD (NR_PAGES / NR_THREADS)

/* Never 0. */
static uint64_t word_of(size_t i, uint64_t whose)
{
	return (((i + 1) * 0x9e3779b97f4a7c15UL) ^ whose << 56) | 1;
}

static void fill(uint64_t *words, size_t len, uint64_t whose)
{
	for (size_t i = 0; i < len / sizeof(*words); i++)
		words[i] = word_of(i, whose);
}

static bool is_intact(const uint64_t *words, size_t len, uint64_t whose)
{
	for (size_t i = 0; i < len / sizeof(*words); i++)
		if (words[i] != word_of(i, whose))
			return false;
	return true;
}

static uint64_t *map_filled(struct test *t, size_t len, int flags)
{
	uint64_t *words = mmap(NULL, len, RW, flags | MAP_ANONYMOUS, -1, 0);

	REQUIRE(t, words != MAP_FAILED);
	fill(words, len, 0);
	return words;
}

static void page_out(struct test *t, void *addr, size_t len)
{
	EXPECT_RET(t, kcall(SYS_madvise, addr, len, MADV_PAGEOUT), 0);
}

static void private_memory_comes_back(struct test *t)
{
	uint64_t *words = map_filled(t, SIZE, MAP_PRIVATE);

	for (int round = 0; round < 3; round++) {
		page_out(t, words, SIZE);
		EXPECT_TRUE(t, is_intact(words, SIZE, 0));
	}
	page_out(t, words, SIZE);
	EXPECT_RET(t, kcall(SYS_madvise, words, SIZE, MADV_WILLNEED), 0);
	words[0] = 1;
	EXPECT_EQ(t, words[0], 1UL);
	words[0] = word_of(0, 0);
	EXPECT_TRUE(t, is_intact(words, SIZE, 0));
}

static void memory_that_is_out_moves_and_changes_its_rights(struct test *t)
{
	uint64_t *words = map_filled(t, SIZE, MAP_PRIVATE);
	uint64_t *moved;

	page_out(t, words, SIZE);
	EXPECT_RET(t, kcall(SYS_mprotect, words, SIZE, PROT_NONE), 0);
	moved = mremap(words, SIZE, 2 * SIZE, MREMAP_MAYMOVE);
	REQUIRE(t, moved != MAP_FAILED);
	EXPECT_RET(t, kcall(SYS_mprotect, moved, SIZE, PROT_READ), 0);
	EXPECT_TRUE(t, is_intact(moved, SIZE, 0));
	page_out(t, moved, SIZE);
	EXPECT_RET(t, kcall(SYS_mprotect, moved, SIZE, RW), 0);
	EXPECT_RET(t, kcall(SYS_madvise, moved, PAGE, MADV_DONTNEED), 0);
	EXPECT_EQ(t, moved[0], 0UL);
	fill(moved, PAGE, 0);
	EXPECT_TRUE(t, is_intact(moved, SIZE, 0));
}

/* Each has what the parent had, and its own from the first write on. */
static int child_of_private(uint64_t *words, uint64_t whose)
{
	size_t part = SIZE / NR_CHILDREN & -PAGE;

	if (!is_intact(words, SIZE, 0))
		return 1;
	fill(words, part, whose);
	madvise(words, SIZE, MADV_PAGEOUT);
	if (!is_intact(words, part, whose))
		return 2;
	for (size_t i = part / sizeof(*words); i < SIZE / sizeof(*words); i++)
		if (words[i] != word_of(i, 0))
			return 3;
	return 0;
}

static void forks_share_what_is_out_until_they_write(struct test *t)
{
	uint64_t *words = map_filled(t, SIZE, MAP_PRIVATE);
	pid_t children[NR_CHILDREN];
	int status;

	page_out(t, words, SIZE);
	for (int i = 0; i < NR_CHILDREN; i++) {
		children[i] = fork();
		REQUIRE(t, children[i] >= 0);
		if (!children[i])
			_exit(child_of_private(words, (uint64_t)i + 1));
	}
	page_out(t, words, SIZE);
	EXPECT_TRUE(t, is_intact(words, SIZE, 0));
	for (int i = 0; i < NR_CHILDREN; i++) {
		EXPECT_EQ(t, waitpid(children[i], &status, 0), children[i]);
		EXPECT_EXIT(t, status, 0);
	}
	EXPECT_TRUE(t, is_intact(words, SIZE, 0));
}

static void sharers_see_one_memory(struct test *t)
{
	uint64_t *words = map_filled(t, SIZE, MAP_SHARED);
	int status;

	page_out(t, words, SIZE);
	if (!fork()) {
		bool is_good = is_intact(words, SIZE, 0);

		fill(words, SIZE, 9);
		madvise(words, SIZE, MADV_PAGEOUT);
		_exit(!is_good);
	}
	wait(&status);
	EXPECT_EXIT(t, status, 0);
	EXPECT_TRUE(t, is_intact(words, SIZE, 9));
	page_out(t, words, SIZE);
	EXPECT_RET(t, kcall(SYS_madvise, words, PAGE, MADV_REMOVE), 0);
	EXPECT_EQ(t, words[0], 0UL);
	fill(words, PAGE, 9);
	EXPECT_TRUE(t, is_intact(words, SIZE, 9));
}

static void writes_from_outside_are_not_lost(struct test *t)
{
	uint64_t *words = map_filled(t, SIZE, MAP_PRIVATE);
	uint64_t word = 5;
	struct iovec local = { &word, sizeof(word) };

	for (size_t i = 0; i < NR_PAGES; i++) {
		struct iovec remote = { words + i * PAGE / sizeof(*words), sizeof(word) };

		if (i % 64 == 0)
			page_out(t, words, SIZE);
		EXPECT_RET(t, kcall(SYS_process_vm_writev, getpid(), &local, 1, &remote, 1, 0),
			   sizeof(word));
	}
	page_out(t, words, SIZE);
	for (size_t page = 0; page < NR_PAGES; page++) {
		uint64_t *first = words + page * PAGE / sizeof(*words);

		EXPECT_EQ(t, *first, 5UL);
		*first = word_of((size_t)(first - words), 0);
	}
	EXPECT_TRUE(t, is_intact(words, SIZE, 0));
}

static uint64_t *shared_by_threads;

/* Its own pages, while others say that all may go. */
static void *write_and_page_out(void *number)
{
	uint64_t *words =
		shared_by_threads + (unsigned long)number * NR_OF_THREAD * PAGE / sizeof(*words);
	uint64_t values[NR_OF_THREAD] = { 0 };

	for (uint64_t round = 1; round <= NR_ROUNDS; round++) {
		for (size_t page = round % 3; page < NR_OF_THREAD; page += 3) {
			uint64_t *word = words + page * PAGE / sizeof(*words);

			note_bad(*word != values[page]);
			*word = values[page] = round;
		}
		if (round % 8 == (unsigned long)number)
			madvise(shared_by_threads, SIZE, MADV_PAGEOUT);
	}
	return NULL;
}

static void threads_write_what_others_send_out(struct test *t)
{
	shared_by_threads = (uint64_t *)map_anon(t, SIZE, RW);
	run_threads(t, write_and_page_out);
}

/* --- what is done with memory that is just going out, counts at once for all processors --- */

#define NR_FEW 8UL /* pages that all use all the time */

static volatile int is_over, is_protected;
static volatile uint64_t generation;

static volatile uint64_t *word_in(size_t page)
{
	return shared_by_threads + page * PAGE / sizeof(*shared_by_threads);
}

static void *keep_paging_out(void)
{
	while (!is_over)
		madvise(shared_by_threads, NR_FEW * PAGE, MADV_PAGEOUT);
	return NULL;
}

static void wait_for_rights(int sig)
{
	(void)sig;
	while (is_protected)
		sched_yield();
}

static void *keep_writing(void)
{
	while (!is_over)
		for (size_t page = 0; page < NR_FEW; page++)
			++*word_in(page);
	return NULL;
}

static bool changes_while_protected(void)
{
	uint64_t before[NR_FEW];

	for (size_t page = 0; page < NR_FEW; page++)
		before[page] = *word_in(page);
	for (int look = 0; look < 100; look++)
		for (size_t page = 0; page < NR_FEW; page++)
			if (*word_in(page) != before[page])
				return true;
	return false;
}

static void *protect_and_look(void)
{
	for (int round = 0; round < NR_ROUNDS; round++) {
		is_protected = 1;
		note_bad(mprotect(shared_by_threads, NR_FEW * PAGE, PROT_READ));
		note_bad(changes_while_protected());
		note_bad(mprotect(shared_by_threads, NR_FEW * PAGE, RW));
		is_protected = 0;
		sched_yield();
	}
	is_over = 1;
	return NULL;
}

static void *write_what_may_be_protected(void *number)
{
	switch ((long)number) {
	case 0:
		return protect_and_look();
	case 1:
		return keep_paging_out();
	default:
		return keep_writing();
	}
}

static void nobody_writes_to_what_is_protected_on_its_way_out(struct test *t)
{
	struct sigaction action = { .sa_handler = wait_for_rights };

	REQUIRE(t, !sigaction(SIGSEGV, &action, NULL));
	is_over = is_protected = 0;
	shared_by_threads = (uint64_t *)map_anon(t, NR_FEW * PAGE, RW);
	run_threads(t, write_what_may_be_protected);
	REQUIRE(t, signal(SIGSEGV, SIG_DFL) == wait_for_rights);
}

/* The generation is odd while the pages are replaced; each holds it otherwise. */
static void *map_anew(void)
{
	for (int round = 0; round < NR_ROUNDS; round++) {
		generation++;
		note_bad(mmap(shared_by_threads, NR_FEW * PAGE, RW,
			      MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) != shared_by_threads);
		for (size_t page = 0; page < NR_FEW; page++)
			*word_in(page) = generation + 1;
		generation++;
		sched_yield();
	}
	is_over = 1;
	return NULL;
}

static void *look_for_old_pages(void)
{
	while (!is_over) {
		uint64_t before = generation, words[NR_FEW];

		if (before & 1)
			continue;
		for (size_t page = 0; page < NR_FEW; page++)
			words[page] = *word_in(page);
		for (size_t page = 0; generation == before && page < NR_FEW; page++)
			note_bad(words[page] != before);
	}
	return NULL;
}

static void *use_what_is_replaced(void *number)
{
	switch ((long)number) {
	case 0:
		return map_anew();
	case 1:
		return keep_paging_out();
	default:
		return look_for_old_pages();
	}
}

static void nobody_sees_what_was_replaced_on_its_way_out(struct test *t)
{
	is_over = 0;
	generation = 0;
	shared_by_threads = (uint64_t *)map_anon(t, NR_FEW * PAGE, RW);
	run_threads(t, use_what_is_replaced);
}

/* --- more than fits --- */

static void more_private_memory_than_fits(struct test *t)
{
	size_t len = more_than_free();
	unsigned long before = free_swap();
	uint64_t *words;
	int status;

	SKIP_UNLESS_GUEST(t);
	SKIP_IF(t, !len, "no swap, or too little");
	words = map_filled(t, len, MAP_PRIVATE);
	EXPECT_LT(t, free_swap(), before);
	if (!fork())
		_exit(!is_intact(words, len, 0));
	EXPECT_TRUE(t, is_intact(words, len, 0));
	wait(&status);
	EXPECT_EXIT(t, status, 0);
}

static void more_shared_memory_than_fits(struct test *t)
{
	size_t len = more_than_free();
	uint64_t *words;
	int status;

	SKIP_UNLESS_GUEST(t);
	SKIP_IF(t, !len, "no swap, or too little");
	words = map_filled(t, len, MAP_SHARED);
	if (!fork()) {
		bool is_good = is_intact(words, len, 0);

		fill(words, len / 2 & -PAGE, 4);
		_exit(!is_good);
	}
	wait(&status);
	EXPECT_EXIT(t, status, 0);
	EXPECT_TRUE(t, is_intact(words, len / 2 & -PAGE, 4));
	munmap(words, len);
	EXPECT_GT(t, free_swap(), total_swap() / 2);
}

static const struct test_case swap_cases[] = {
	TEST_CASE(private_memory_comes_back),
	TEST_CASE(memory_that_is_out_moves_and_changes_its_rights),
	TEST_CASE(forks_share_what_is_out_until_they_write),
	TEST_CASE(sharers_see_one_memory),
	TEST_CASE(writes_from_outside_are_not_lost),
	TEST_CASE(threads_write_what_others_send_out),
	TEST_CASE(nobody_writes_to_what_is_protected_on_its_way_out),
	TEST_CASE(nobody_sees_what_was_replaced_on_its_way_out),
	TEST_CASE(more_private_memory_than_fits),
	TEST_CASE(more_shared_memory_than_fits),
};
TEST_SUITE(swap, swap_cases);
SELFTEST_NO_HELPER
