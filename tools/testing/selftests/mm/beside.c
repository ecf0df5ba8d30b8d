/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Threads that use their memory while the memory beside it is mapped, unmapped, protected and
 * dropped: the kernel splits, joins and moves the edges of the very areas that they fault in.  What
 * a thread reads is compared, byte for byte, with what it wrote.
 *
 *	| worker 0 | changer | worker 1 | changer | ... one mapping, RUN pages each
 */
#include "threads.h"

#define NR_WORKERS 3
#define RUN	   16 /* pages */
#define RW	   (PROT_READ | PROT_WRITE)
#define ANON	   (MAP_PRIVATE | MAP_ANONYMOUS)

static char *memory; /* 2 * NR_WORKERS runs and one more at the end */
static volatile bool stop;

static char *worker_run(long id)
{
	return memory + 2 * id * RUN * PAGE;
}

static char *changer_run(long id)
{
	return memory + (2 * id + 1) * RUN * PAGE;
}

/* One step of a worker: writes, reads or drops a page of its own. @model is what it holds. */
static void use_page(char *page, unsigned char *model, unsigned int random)
{
	size_t at = random / 16 % PAGE;

	switch (random % 8) {
	case 0:
		madvise(page, PAGE, MADV_DONTNEED);
		memset(model, 0, PAGE);
		break;
	case 1:
	case 2:
	case 3:
		page[at] = (char)random;
		model[at] = (unsigned char)random;
		break;
	case 4:
		note_bad(memcmp(page, model, PAGE) != 0);
		break;
	default:
		note_bad(((volatile unsigned char *)page)[at] != model[at]);
	}
}

static void *work(void *arg)
{
	static unsigned char models[NR_WORKERS][RUN][PAGE];
	unsigned int random = 1000 + (unsigned int)(long)arg;
	long id = (long)arg;

	memset(models[id], 0, sizeof(models[id]));
	while (!stop) {
		unsigned int nr = next_random(&random) % RUN;

		use_page(worker_run(id) + nr * PAGE, models[id][nr], next_random(&random));
	}
	for (int i = 0; i < RUN; i++)
		note_bad(memcmp(worker_run(id) + i * PAGE, models[id][i], PAGE) != 0);
	return NULL;
}

/* Changes part of the run behind a worker's, up to its very end and to the next one's beginning. */
static void change(unsigned int *random)
{
	unsigned int first = next_random(random) % RUN;
	size_t len = (1 + next_random(random) % (RUN - first)) * PAGE;
	char *addr = changer_run(next_random(random) % NR_WORKERS) + first * PAGE;
	static const int rights[] = { PROT_NONE, PROT_READ, RW, RW };

	switch (next_random(random) % 5) {
	case 0:
		munmap(addr, len);
		break;
	case 1:
	case 2:
		note_bad(mmap(addr, len, RW, ANON | MAP_FIXED, -1, 0) != addr);
		memset(addr, 1, len);
		break;
	case 3:
		mprotect(addr, len, rights[next_random(random) % 4]);
		break;
	default:
		madvise(addr, len, MADV_DONTNEED);
	}
}

static void map_all(struct test *t)
{
	memory = map_anon(t, (2 * NR_WORKERS + 1) * RUN * PAGE, RW);
}

static void run_beside(struct test *t, unsigned int nr_rounds, void (*step)(unsigned int *random))
{
	pthread_t workers[NR_WORKERS];
	unsigned int random = 5;

	map_all(t);
	nr_bad = 0;
	stop = false;
	for (long i = 0; i < NR_WORKERS; i++)
		REQUIRE(t, pthread_create(&workers[i], NULL, work, (void *)i) == 0);
	for (unsigned int round = 0; round < nr_rounds; round++)
		step(&random);
	stop = true;
	for (int i = 0; i < NR_WORKERS; i++)
		REQUIRE(t, pthread_join(workers[i], NULL) == 0);
	EXPECT_EQ(t, nr_bad, 0);
	munmap(memory, (2 * NR_WORKERS + 1) * RUN * PAGE);
}

static void changes_beside_lose_no_byte(struct test *t)
{
	run_beside(t, rounds(1000, 4000), change);
}

/* The pages of all become read-only, and each writer gets a copy of its own. */
static void fork_once(unsigned int *random __attribute__((unused)))
{
	int status;
	pid_t pid = fork();

	if (!pid) {
		for (long i = 0; i < NR_WORKERS; i++)
			*(volatile char *)worker_run(i) = 1;
		_exit(0);
	}
	note_bad(pid < 0 || waitpid(pid, &status, 0) != pid || status != 0);
}

static void forks_beside_lose_no_byte(struct test *t)
{
	run_beside(t, rounds(30, 100), fork_once);
}

/* All of it goes while threads fault in it: each ends by SIGSEGV, none reads what it has not. */
static void *read_until_killed(void *arg __attribute__((unused)))
{
	for (unsigned int i = 0;; i++)
		if (((volatile char *)memory)[i % (RUN * PAGE)] != 0)
			_exit(7);
}

static void unmap_under_readers(void *t)
{
	pthread_t thread;

	map_all(t);
	for (int i = 0; i < NR_WORKERS; i++)
		if (pthread_create(&thread, NULL, read_until_killed, NULL))
			_exit(9);
	sleep_ms(2);
	munmap(memory, RUN * PAGE);
	sleep_ms(20000);
	_exit(8);
}

static void unmapping_under_faults_ends_in_sigsegv(struct test *t)
{
	for (unsigned int i = 0; i < rounds(5, 20); i++)
		EXPECT_KILLED(t, run_in_child(t, unmap_under_readers, t), SIGSEGV);
}

static const struct test_case beside_cases[] = {
	TEST_CASE(changes_beside_lose_no_byte),
	TEST_CASE(forks_beside_lose_no_byte),
	TEST_CASE(unmapping_under_faults_ends_in_sigsegv),
};
TEST_SUITE(beside, beside_cases);
SELFTEST_NO_HELPER
