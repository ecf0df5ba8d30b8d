/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Copy on write under threads on several CPUs: one makes the copy, another writes to it and says
 * so, and a third, whose CPU knows the old page, must see what it was told of.
 */
#include <pthread.h>

#include "selftest.h"

#define AREA_PAGES 256

static char *shared_area;
static int nr_bad;

static volatile int page_wanted, page_written;

/* The first writer of a page makes the copy, the second may find it made and tells of its write. */
static void *write_first(void *arg __maybe_unused)
{
	for (int i = 0; i < AREA_PAGES; i++) {
		while (page_wanted <= i)
			sched_yield();
		*(volatile int *)(shared_area + i * PAGE + 64) = 1;
	}
	return NULL;
}

static void *write_and_tell(void *arg __maybe_unused)
{
	for (int i = 0; i < AREA_PAGES; i++) {
		while (page_wanted <= i)
			sched_yield();
		*(volatile int *)(shared_area + i * PAGE) = 1;
		page_written = i + 1;
	}
	return NULL;
}

static void look_at_pages(void)
{
	for (int i = 0; i < AREA_PAGES; i++) {
		volatile int *page = (volatile int *)(shared_area + i * PAGE);
		int written, seen;

		page_wanted = i + 1;
		do {
			for (int k = 0; k < 1000; k++) {
				written = page_written;
				seen = *page;
				if (written > i)
					break;
			}
			if (written <= i)
				sched_yield();
		} while (written <= i);
		nr_bad += seen != 1;
	}
}

static void a_write_that_was_told_of_is_seen(struct test *t)
{
	pthread_t first, second;

	nr_bad = 0;
	for (unsigned int round = 0; round < rounds(5, 2); round++) {
		shared_area = map_anon(t, AREA_PAGES * PAGE, PROT_READ | PROT_WRITE);
		page_wanted = page_written = 0;
		for (int i = 0; i < AREA_PAGES; i++)
			nr_bad += shared_area[i * PAGE] != 0; /* the zero page, remembered */
		REQUIRE(t, pthread_create(&first, NULL, write_first, NULL) == 0);
		REQUIRE(t, pthread_create(&second, NULL, write_and_tell, NULL) == 0);
		look_at_pages();
		REQUIRE(t, pthread_join(first, NULL) == 0);
		REQUIRE(t, pthread_join(second, NULL) == 0);
		munmap(shared_area, AREA_PAGES * PAGE);
	}
	EXPECT_EQ(t, nr_bad, 0);
}

static const struct test_case cow_order_cases[] = {
	TEST_CASE(a_write_that_was_told_of_is_seen),
};
TEST_SUITE(cow_order, cow_order_cases);
SELFTEST_NO_HELPER
