/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Huge pages are transparent: whatever a kernel does with them, each byte is what was written.
 * Ranges that may be huge are split, shared, protected, dropped and collapsed, in one program, over
 * forks and by threads, beside a model.  Whether there are huge pages these programs cannot see.
 */
#include "threads.h"

#define RW	 (PROT_READ | PROT_WRITE)
#define HUGE	 (2UL << 20)
#define PER_HUGE (HUGE / PAGE)
#define NR_HUGE	 4
#define NR_PAGES (NR_HUGE * PER_HUGE)

/* @size bytes, aligned to a huge page, with leave to use them. */
static char *map_huge(struct test *t, size_t size)
{
	char *memory = map_anon(t, size + HUGE, RW);
	size_t before = -(unsigned long)memory % HUGE;

	if (before)
		munmap(memory, before);
	munmap(memory + before + size, HUGE - before);
	madvise(memory + before, size, MADV_HUGEPAGE); /* EINVAL where there are none */
	return memory + before;
}

static unsigned int byte_of(unsigned long page)
{
	return (unsigned char)(page * 31 + 7);
}

static void fill(char *memory, unsigned long nr)
{
	for (unsigned long i = 0; i < nr; i++)
		memory[i * PAGE] = memory[i * PAGE + PAGE - 1] = (char)byte_of(i);
}

/* Whether pages [@first, @end) hold what fill() wrote. */
static bool is_filled(const char *memory, unsigned long first, unsigned long end)
{
	for (unsigned long i = first; i < end; i++)
		if ((unsigned char)memory[i * PAGE] != byte_of(i) ||
		    (unsigned char)memory[i * PAGE + PAGE - 1] != byte_of(i) ||
		    memory[i * PAGE + 5])
			return false;
	return true;
}

static void untouched_memory_is_zero(struct test *t)
{
	char *memory = map_huge(t, 2 * HUGE);
	unsigned long nr_wrong = 0;

	for (unsigned long i = 0; i < 2 * HUGE; i += 64)
		nr_wrong += memory[i] != 0;
	memory[HUGE + 12345] = 1;
	for (unsigned long i = 0; i < 2 * HUGE; i += 64)
		nr_wrong += memory[i] != 0;
	EXPECT_EQ(t, nr_wrong, 0ul);
	EXPECT_EQ(t, memory[HUGE + 12345], 1);
	munmap(memory, 2 * HUGE);
}

static void part_that_goes_leaves_the_rest(struct test *t)
{
	char *memory = map_huge(t, HUGE);

	fill(memory, PER_HUGE);
	EXPECT_RET(t, kcall(SYS_munmap, memory + 10 * PAGE, 20 * PAGE), 0);
	EXPECT_TRUE(t, is_filled(memory, 0, 10));
	EXPECT_TRUE(t, is_filled(memory, 30, PER_HUGE));
	EXPECT_EQ(t, probe_read(memory + 15 * PAGE), SIGSEGV);
	EXPECT_RET(t, kcall(SYS_madvise, memory + 40 * PAGE, PAGE, MADV_DONTNEED), 0);
	EXPECT_EQ(t, memory[40 * PAGE], 0);
	EXPECT_TRUE(t, is_filled(memory, 41, PER_HUGE));
	munmap(memory, HUGE);
}

static void rights_of_parts_and_of_all(struct test *t)
{
	char *memory = map_huge(t, HUGE);

	fill(memory, PER_HUGE);
	EXPECT_RET(t, kcall(SYS_mprotect, memory, HUGE, PROT_NONE), 0);
	EXPECT_EQ(t, probe_read(memory + HUGE / 2), SIGSEGV);
	EXPECT_RET(t, kcall(SYS_mprotect, memory + HUGE / 2, PAGE, PROT_READ), 0);
	EXPECT_EQ(t, probe_read(memory + HUGE / 2), 0);
	EXPECT_EQ(t, probe_write(memory + HUGE / 2), SIGSEGV);
	EXPECT_RET(t, kcall(SYS_mprotect, memory, HUGE, RW), 0);
	EXPECT_TRUE(t, is_filled(memory, 0, PER_HUGE));
	EXPECT_EQ(t, probe_write(memory + HUGE / 2), 0);
	munmap(memory, HUGE);
}

/* Each child changes another part, and lets go of one; its own children see that. */
static void generations_see_their_own(struct test *t)
{
	char *memory = map_huge(t, HUGE);
	int status;

	fill(memory, PER_HUGE);
	for (unsigned long depth = 0; depth < 6; depth++) {
		pid_t child = fork();

		if (child) {
			EXPECT_EQ(t, waitpid(child, &status, 0), child);
			EXPECT_EXIT(t, status, 0);
			EXPECT_TRUE(t, is_filled(memory, 16 * depth, PER_HUGE));
			if (depth)
				_exit(t->nr_failures != 0);
			break;
		}
		for (unsigned long i = 16 * depth; i < 16 * depth + 8; i++)
			memory[i * PAGE] ^= 0x55;
		munmap(memory + (16 * depth + 8) * PAGE, 8 * PAGE);
		if (depth == 5)
			_exit(!is_filled(memory, 16 * 6, PER_HUGE));
	}
	EXPECT_TRUE(t, is_filled(memory, 0, PER_HUGE));
	munmap(memory, HUGE);
}

/* --- threads --- */

static char *shared;

static void *touch_all(void *arg)
{
	for (unsigned long i = 0; i < 2 * PER_HUGE; i++)
		__atomic_add_fetch((int *)(shared + i * PAGE), 1 << (8 * (long)arg),
				   __ATOMIC_SEQ_CST);
	return NULL;
}

static void simultaneous_faults_give_one_huge_page(struct test *t)
{
	for (unsigned int round = 0; round < rounds(10, 40); round++) {
		int nr_wrong = 0;

		shared = map_huge(t, 2 * HUGE);
		run_threads(t, touch_all);
		for (unsigned long i = 0; i < 2 * PER_HUGE; i++)
			nr_wrong += *(int *)(shared + i * PAGE) != 0x01010101;
		EXPECT_EQ(t, nr_wrong, 0);
		munmap(shared, 2 * HUGE);
	}
}

/* Each owns a quarter of the same huge page, and does with it what splits and drops it. */
static void *work_in_own_quarter(void *arg)
{
	char *mine = shared + (unsigned long)arg * (HUGE / NR_THREADS);
	unsigned int state = 1 + (unsigned int)(long)arg;
	unsigned long nr = PER_HUGE / NR_THREADS;
	bool bad = false;

	for (unsigned int round = 0; round < rounds(30, 100); round++) {
		unsigned long first = next_random(&state) % nr;

		fill(mine, nr);
		madvise(mine, nr * PAGE, next_random(&state) % 2 ? MADV_HUGEPAGE : MADV_NOHUGEPAGE);
		mprotect(mine + first * PAGE, PAGE, PROT_READ);
		bad |= !is_filled(mine, 0, nr);
		mprotect(mine + first * PAGE, PAGE, RW);
		bad |= !is_filled(mine, 0, nr);
		madvise(mine + first * PAGE, PAGE, MADV_DONTNEED);
		bad |= mine[first * PAGE] != 0 || !is_filled(mine, first + 1, nr);
		if (round % 8 == 0)
			madvise(mine, nr * PAGE, MADV_DONTNEED);
	}
	note_bad(bad);
	return NULL;
}

static void threads_change_parts_of_one(struct test *t)
{
	shared = map_huge(t, HUGE);
	run_threads(t, work_in_own_quarter);
	munmap(shared, HUGE);
}

/* --- a model --- */

static struct page_model {
	bool mapped, writable;
	unsigned char value; /* of the first and the last byte */
} model[NR_PAGES];

static char *window;
static unsigned int random_state;

static unsigned int below(unsigned int n)
{
	return next_random(&random_state) % n;
}

static void do_mmap(struct test *t, unsigned int first, unsigned int nr)
{
	EXPECT_RET(t,
		   kcall(SYS_mmap, window + first * PAGE, nr * PAGE, RW,
			 MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0),
		   window + first * PAGE);
	for (unsigned int i = first; i < first + nr; i++)
		model[i] = (struct page_model){ true, true, 0 };
}

static void do_munmap(struct test *t, unsigned int first, unsigned int nr)
{
	EXPECT_RET(t, kcall(SYS_munmap, window + first * PAGE, nr * PAGE), 0);
	for (unsigned int i = first; i < first + nr; i++)
		model[i].mapped = false;
}

static void do_mprotect(struct test *t __maybe_unused, unsigned int first, unsigned int nr)
{
	bool writable = below(2);

	kcall(SYS_mprotect, window + first * PAGE, nr * PAGE, writable ? RW : PROT_READ);
	for (unsigned int i = first; i < first + nr && model[i].mapped; i++)
		model[i].writable = writable;
}

static void do_dontneed(struct test *t __maybe_unused, unsigned int first, unsigned int nr)
{
	kcall(SYS_madvise, window + first * PAGE, nr * PAGE, MADV_DONTNEED);
	for (unsigned int i = first; i < first + nr; i++)
		model[i].value = 0;
}

static void do_advice(struct test *t __maybe_unused, unsigned int first, unsigned int nr)
{
	kcall(SYS_madvise, window + first * PAGE, nr * PAGE,
	      below(3) ? MADV_HUGEPAGE : MADV_NOHUGEPAGE);
}

static void do_write(struct test *t __maybe_unused, unsigned int first, unsigned int nr)
{
	unsigned int step = 1 + below(64);

	for (unsigned int i = first; i < first + nr; i += step) {
		if (!model[i].mapped || !model[i].writable)
			continue;
		model[i].value = (unsigned char)below(256);
		window[i * PAGE] = window[(i + 1) * PAGE - 1] = (char)model[i].value;
	}
}

static bool page_agrees(unsigned int i)
{
	const unsigned char *at = (const unsigned char *)window + i * PAGE;

	return !model[i].mapped || (at[0] == model[i].value && at[PAGE - 1] == model[i].value);
}

static unsigned int nr_differences(void)
{
	unsigned int nr = 0;

	for (unsigned int i = 0; i < NR_PAGES; i++)
		nr += !page_agrees(i);
	return nr;
}

static void do_random(struct test *t);

/* The child works on, and neither sees what the other does. */
static void do_fork(struct test *t, unsigned int first __maybe_unused,
		    unsigned int nr __maybe_unused)
{
	pid_t child = fork();
	int status = 0;

	if (!child) {
		for (unsigned int i = 0; i < 10; i++)
			do_random(t);
		_exit(nr_differences() != 0);
	}
	do_write(t, 0, NR_PAGES);
	EXPECT_EQ(t, waitpid(child, &status, 0), child);
	EXPECT_EXIT(t, status, 0);
}

static void do_random(struct test *t)
{
	static void (*const operations[])(struct test *, unsigned int, unsigned int) = {
		do_write,    do_write,	do_write,  do_mprotect,
		do_dontneed, do_advice, do_munmap, do_mmap,
	};
	unsigned int first = below(NR_PAGES), nr = 1 + below(NR_PAGES - first);

	if (below(3) == 0) {
		first = below(NR_HUGE) * PER_HUGE;
		nr = PER_HUGE;
	} else if (below(2) && nr > 16) {
		nr = 16;
	}
	operations[below(ARRAY_SIZE(operations))](t, first, nr);
}

static void run_model(struct test *t, unsigned int seed)
{
	random_state = seed;
	window = map_huge(t, NR_PAGES * PAGE);
	for (unsigned int i = 0; i < NR_PAGES; i++)
		model[i] = (struct page_model){ true, true, 0 };
	for (unsigned int step = 0; step < 150 && !t->nr_failures; step++) {
		if (below(10) == 0)
			do_fork(t, 0, 0);
		else
			do_random(t);
		EXPECT_TRUE(t, page_agrees(below(NR_PAGES)));
	}
	EXPECT_EQ(t, nr_differences(), 0u);
	if (t->nr_failures)
		test_note(t, "seed %u", seed);
	munmap(window, NR_PAGES * PAGE);
}

static void random_operations_agree_with_a_model(struct test *t)
{
	for (unsigned int seed = 1; seed <= rounds(6, 12) && !t->nr_failures; seed++)
		run_model(t, seed * 2654435761U);
}

static const struct test_case thp_cases[] = {
	TEST_CASE(untouched_memory_is_zero),
	TEST_CASE(part_that_goes_leaves_the_rest),
	TEST_CASE(rights_of_parts_and_of_all),
	TEST_CASE(generations_see_their_own),
	TEST_CASE(simultaneous_faults_give_one_huge_page),
	TEST_CASE(threads_change_parts_of_one),
	TEST_CASE(random_operations_agree_with_a_model),
};
TEST_SUITE(thp, thp_cases);
SELFTEST_NO_HELPER
