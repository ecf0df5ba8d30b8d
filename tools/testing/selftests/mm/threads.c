/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Several threads in one address space while it changes under them: faults, maps, unmaps and
 * changes of rights on all CPUs at once.  A translation that a CPU keeps too long shows as a write
 * that lands in somebody else's page.
 */
#include "threads.h"

#define RW   (PROT_READ | PROT_WRITE)
#define ANON (MAP_PRIVATE | MAP_ANONYMOUS)

static volatile bool stop;

static char *shared_area;
#define AREA_PAGES 256

static void *touch_all(void *arg)
{
	long id = (long)arg;

	for (int i = 0; i < AREA_PAGES; i++)
		__atomic_add_fetch((int *)(shared_area + i * PAGE), 1 << (8 * id),
				   __ATOMIC_SEQ_CST);
	return NULL;
}

static void simultaneous_faults_give_one_page(struct test *t)
{
	for (unsigned int round = 0; round < rounds(20, 200); round++) {
		shared_area = map_anon(t, AREA_PAGES * PAGE, RW);
		run_threads(t, touch_all);
		for (int i = 0; i < AREA_PAGES; i++)
			EXPECT_EQ(t, *(int *)(shared_area + i * PAGE), 0x01010101);
		munmap(shared_area, AREA_PAGES * PAGE);
	}
}

static void *map_and_unmap(void *arg)
{
	unsigned int random = 77 + (unsigned int)(long)arg;
	char mark = (char)(1 + (long)arg);

	for (unsigned int round = 0; round < rounds(500, 1500); round++) {
		size_t nr = 1 + next_random(&random) % 16;
		char *addr = mmap(NULL, nr * PAGE, RW, ANON, -1, 0);

		if (addr == MAP_FAILED) {
			note_bad(true);
			break;
		}
		for (size_t i = 0; i < nr; i++) {
			note_bad(addr[i * PAGE] != 0); /* somebody else's translation */
			addr[i * PAGE] = mark;
		}
		for (size_t i = 0; i < nr; i++)
			note_bad(addr[i * PAGE] != mark);
		munmap(addr, nr * PAGE);
	}
	return NULL;
}

static void mappings_of_threads_do_not_mix(struct test *t)
{
	run_threads(t, map_and_unmap);
}

static void *protect_own_page(void *arg)
{
	char *page = shared_area + (long)arg * PAGE;

	for (unsigned int round = 0; round < rounds(1000, 4000); round++) {
		*(volatile char *)page = (char)round;
		mprotect(page, PAGE, PROT_READ);
		note_bad(*(volatile char *)page != (char)round);
		mprotect(page, PAGE, RW);
	}
	return NULL;
}

static void rights_of_neighbours_do_not_mix(struct test *t)
{
	shared_area = map_anon(t, NR_THREADS * PAGE, RW);
	run_threads(t, protect_own_page);
}

static void *write_until_stopped(void *arg __maybe_unused)
{
	while (!stop)
		*(volatile char *)shared_area = 1;
	return NULL;
}

static void write_while_unmapped(void *t)
{
	pthread_t thread;

	shared_area = map_anon(t, PAGE, RW);
	if (pthread_create(&thread, NULL, write_until_stopped, NULL))
		_exit(9);
	sleep_ms(5);
	munmap(shared_area, PAGE);
	sleep_ms(20000);
	_exit(8); /* the other thread has gone on writing */
}

static void unmapped_page_is_gone_on_every_cpu(struct test *t)
{
	for (unsigned int i = 0; i < rounds(5, 50); i++)
		EXPECT_KILLED(t, run_in_child(t, write_while_unmapped, t), SIGSEGV);
}

static void *fork_often(void *arg __maybe_unused)
{
	for (unsigned int round = 0; round < rounds(30, 300); round++) {
		int status;
		pid_t pid = fork();

		if (!pid)
			_exit(0);
		note_bad(pid < 0 || waitpid(pid, &status, 0) != pid || status != 0);
	}
	return NULL;
}

static void *write_and_check(void *arg __maybe_unused)
{
	for (unsigned int value = 1; !stop; value++) {
		for (int i = 0; i < 16; i++)
			*(volatile unsigned int *)(shared_area + i * PAGE) = value;
		for (int i = 0; i < 16; i++)
			note_bad(*(volatile unsigned int *)(shared_area + i * PAGE) != value);
	}
	return NULL;
}

static void fork_under_a_writing_thread_loses_no_write(struct test *t)
{
	pthread_t writer;

	shared_area = map_anon(t, 16 * PAGE, RW);
	stop = false;
	REQUIRE(t, pthread_create(&writer, NULL, write_and_check, NULL) == 0);
	run_threads(t, fork_often);
	stop = true;
	REQUIRE(t, pthread_join(writer, NULL) == 0);
	EXPECT_EQ(t, nr_bad, 0);
}

static void *drop_pages(void *arg __maybe_unused)
{
	for (unsigned int round = 0; round < rounds(2000, 4000); round++) {
		char value = *(volatile char *)shared_area;

		note_bad(value != 0 && value != 1);
		*(volatile char *)shared_area = 1;
		madvise(shared_area, PAGE, MADV_DONTNEED);
	}
	return NULL;
}

static void dropping_races_with_faults(struct test *t)
{
	shared_area = map_anon(t, PAGE, RW);
	run_threads(t, drop_pages);
}

static const struct test_case threads_cases[] = {
	TEST_CASE(simultaneous_faults_give_one_page),
	TEST_CASE(mappings_of_threads_do_not_mix),
	TEST_CASE(rights_of_neighbours_do_not_mix),
	TEST_CASE(unmapped_page_is_gone_on_every_cpu),
	TEST_CASE(fork_under_a_writing_thread_loses_no_write),
	TEST_CASE(dropping_races_with_faults),
};
TEST_SUITE(threads, threads_cases);
SELFTEST_NO_HELPER
