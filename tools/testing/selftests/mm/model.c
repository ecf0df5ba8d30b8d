/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Random mmap, munmap, mprotect and madvise on a window of addresses, beside a model of it: an
 * array that holds, for each page, its rights and the byte that was written.  After each step a
 * sample of the pages is compared, at the end all are.
 */
#include "selftest.h"

#define WINDOW	256 /* pages */
#define MAX_RUN 24 /* pages an operation covers */
#define RW	(PROT_READ | PROT_WRITE)

static struct page_model {
	bool mapped;
	int prot;
	unsigned char value; /* of each byte that was written; 0 after mapping */
} model[WINDOW];

static char *window;
static unsigned int random_state;

static unsigned int below(unsigned int n)
{
	return next_random(&random_state) % n;
}

static int random_prot(void)
{
	static const int prots[] = { RW, RW, PROT_READ, PROT_NONE };

	return prots[below(ARRAY_SIZE(prots))];
}

static void do_mmap(struct test *t, unsigned int first, unsigned int nr)
{
	int prot = random_prot();

	EXPECT_RET(t,
		   kcall(SYS_mmap, window + first * PAGE, nr * PAGE, prot,
			 MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0),
		   window + first * PAGE);
	for (unsigned int i = first; i < first + nr; i++)
		model[i] = (struct page_model){ true, prot, 0 };
}

static void do_munmap(struct test *t, unsigned int first, unsigned int nr)
{
	EXPECT_RET(t, kcall(SYS_munmap, window + first * PAGE, nr * PAGE), 0);
	for (unsigned int i = first; i < first + nr; i++)
		model[i].mapped = false;
}

/* Changes up to the first hole, as Linux does. */
static void do_mprotect(struct test *t, unsigned int first, unsigned int nr)
{
	int prot = random_prot();
	long want = 0;

	for (unsigned int i = first; i < first + nr && !want; i++) {
		if (!model[i].mapped)
			want = -ENOMEM;
		else
			model[i].prot = prot;
	}
	EXPECT_RET(t, kcall(SYS_mprotect, window + first * PAGE, nr * PAGE, prot), want);
}

/* Drops all pages, those behind holes too. */
static void do_dontneed(struct test *t, unsigned int first, unsigned int nr)
{
	long want = 0;

	for (unsigned int i = first; i < first + nr; i++) {
		if (!model[i].mapped)
			want = -ENOMEM;
		model[i].value = 0;
	}
	EXPECT_RET(t, kcall(SYS_madvise, window + first * PAGE, nr * PAGE, MADV_DONTNEED), want);
}

static void do_write(struct test *t __maybe_unused, unsigned int first, unsigned int nr)
{
	for (unsigned int i = first; i < first + nr; i++) {
		if (model[i].mapped && model[i].prot == RW) {
			model[i].value = (unsigned char)below(256);
			window[i * PAGE + 1] = window[(i + 1) * PAGE - 1] = (char)model[i].value;
		}
	}
}

static void (*const operations[])(struct test *, unsigned int, unsigned int) = {
	do_mmap, do_munmap, do_mprotect, do_dontneed, do_write, do_write,
};

/*
 * Asks the kernel whether the page can be read or written, without a fault: by a call that reads
 * or writes there.
 */
static void check_page(struct test *t, unsigned int i)
{
	const struct page_model *m = &model[i];
	unsigned char *at = (unsigned char *)window + i * PAGE;
	bool readable = m->mapped && m->prot != PROT_NONE;
	bool writable = m->mapped && m->prot == RW;
	struct timespec *scratch = (struct timespec *)(at + 64);

	EXPECT_RET(t, kcall(SYS_clock_gettime, CLOCK_MONOTONIC, scratch), writable ? 0 : -EFAULT);
	EXPECT_RET(t, kcall(SYS_rt_sigprocmask, SIG_BLOCK, at + 128, NULL, 8),
		   readable ? 0 : -EFAULT);
	if (readable) {
		EXPECT_EQ(t, at[1], m->value);
		EXPECT_EQ(t, at[PAGE - 1], m->value);
	}
}

static void run_model(struct test *t, unsigned int seed, unsigned int steps)
{
	random_state = seed;
	memset(model, 0, sizeof(model));
	window = map_anon(t, (WINDOW + 2) * PAGE, PROT_NONE) + PAGE; /* a page of room around */
	REQUIRE(t, munmap(window, WINDOW * PAGE) == 0);
	for (unsigned int step = 0; step < steps && !t->nr_failures; step++) {
		unsigned int first = below(WINDOW), nr = 1 + below(MAX_RUN);

		if (nr > WINDOW - first)
			nr = WINDOW - first;
		operations[below(ARRAY_SIZE(operations))](t, first, nr);
		check_page(t, first);
		check_page(t, below(WINDOW));
	}
	for (unsigned int i = 0; i < WINDOW; i++)
		check_page(t, i);
	if (t->nr_failures)
		test_note(t, "seed %u", seed);
}

static void random_operations_agree_with_a_model(struct test *t)
{
	for (unsigned int seed = 1; seed <= rounds(10, 20) && !t->nr_failures; seed++)
		run_model(t, seed * 2654435761U, rounds(2000, 5000));
}

/* The child works on while the parent's pages must not change. */
static void fork_takes_a_picture(struct test *t)
{
	run_model(t, 12345, 1000);
	for (int i = 0; i < 5; i++) {
		int status;

		if (!fork()) {
			for (unsigned int k = 0; k < 300; k++)
				operations[below(ARRAY_SIZE(operations))](
					t, below(WINDOW - MAX_RUN), 1 + below(MAX_RUN));
			for (unsigned int k = 0; k < WINDOW; k++)
				check_page(t, k);
			_exit(t->nr_failures != 0);
		}
		wait(&status);
		EXPECT_EXIT(t, status, 0);
		for (unsigned int k = 0; k < WINDOW; k++)
			check_page(t, k);
		do_write(t, 0, WINDOW);
	}
}

static const struct test_case model_cases[] = {
	TEST_CASE(random_operations_agree_with_a_model),
	TEST_CASE(fork_takes_a_picture),
};
TEST_SUITE(model, model_cases);
SELFTEST_NO_HELPER
