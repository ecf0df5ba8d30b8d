/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What two CPUs do in the time of one, as process 1 of a machine with two.
 *
 * The CPUs of a host often share a core, or change their speed with what the others do; so one
 * that works while the other is idle is faster than two that work, with any kernel.  Here the
 * other one is never idle.  One of us works on the first CPU, the neighbour on the second computes,
 * which needs no kernel, for a slice of time; then both work for another.  The ratio of what was
 * done in the two slices is what the kernel makes of its second CPU: 2, if nobody waits for
 * anybody.  Slices lie side by side in time, since the host has other things to do as well; of all
 * pairs the median counts.
 *
 * Prints a line for each kind of work: its name, the median, the quartiles, with tabs between.
 */
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/reboot.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "alone.h"

#define PAGE	 4096UL
#define NR_PAGES 64UL
#define SLICE_NS 20000000L
#define NR_PAIRS 101

enum mode { COMPUTE, WORK, END };

struct side { /* a cache line each */
	volatile unsigned long nr_done __attribute__((aligned(128)));
	volatile bool is_there;
};

struct pair {
	volatile enum mode mode; /* of the neighbour */
	struct side sides[2];
	void (*work)(int side); /* a piece of it */
};

static void bind_to(int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	if (sched_setaffinity(0, sizeof(set), &set))
		fail("sched_setaffinity");
}

/* --- work --- */

static void compute(void)
{
	for (volatile int i = 0; i < 1000; i++)
		;
}

/* No kernel at all: what the machine gives. */
static void computes(int side __attribute__((unused)))
{
	compute();
}

/* Nor here; but an emulator may keep one counter for all CPUs. */
static void cycles(int side __attribute__((unused)))
{
	for (int i = 0; i < 100; i++)
		__builtin_ia32_rdtsc();
}

static void calls(int side __attribute__((unused)))
{
	for (int i = 0; i < 100; i++)
		syscall(SYS_getppid);
}

static char *map_pages(void)
{
	char *memory = mmap(NULL, NR_PAGES * PAGE, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (memory == MAP_FAILED)
		fail("mmap");
	return memory;
}

static void touch(char *memory)
{
	for (unsigned long i = 0; i < NR_PAGES; i++)
		*(volatile char *)(memory + i * PAGE) = 1;
}

static void faults(int side __attribute__((unused)))
{
	char *memory = map_pages();

	touch(memory);
	munmap(memory, NR_PAGES * PAGE);
}

/* The same without a change of the address space. */
static void touches(int side)
{
	static char *memory[2];

	if (!memory[side])
		memory[side] = map_pages();
	touch(memory[side]);
	madvise(memory[side], NR_PAGES * PAGE, MADV_DONTNEED);
}

static void forks(int side __attribute__((unused)))
{
	pid_t child = fork();

	if (!child)
		_exit(0);
	waitpid(child, NULL, 0);
}

static void files(int side)
{
	static const char text[PAGE];
	char name[] = "/fileN";
	int fd;

	name[5] = (char)('0' + side);
	fd = open(name, O_RDWR | O_CREAT, 0600);
	if (fd < 0 || write(fd, text, PAGE) != PAGE || close(fd) || unlink(name))
		fail(name);
}

/* --- two --- */

static void *neighbour(void *arg)
{
	struct pair *pair = arg;

	bind_to(1);
	pair->sides[1].is_there = true;
	while (pair->mode != END) {
		if (pair->mode == COMPUTE) {
			compute();
			continue;
		}
		pair->work(1);
		pair->sides[1].nr_done++;
	}
	return NULL;
}

/* Pieces done by both in a slice, a second of it. */
static double slice(struct pair *pair, enum mode mode)
{
	unsigned long before = pair->sides[1].nr_done, nr = 0;
	long long start = now_ns(), end;

	pair->mode = mode;
	do {
		pair->work(0);
		nr++;
		end = now_ns();
	} while (end - start < SLICE_NS);
	nr += pair->sides[1].nr_done - before;
	return (double)nr / (double)(end - start);
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static void measure(struct pair *pair, const char *name)
{
	double ratios[NR_PAIRS];

	while (!pair->sides[1].is_there)
		sched_yield();
	for (int i = 0; i < NR_PAIRS; i++) {
		double one = slice(pair, COMPUTE);

		ratios[i] = slice(pair, WORK) / one;
	}
	qsort(ratios, NR_PAIRS, sizeof(ratios[0]), compare);
	printf("%s\t%.2f\t%.2f\t%.2f\n", name, ratios[NR_PAIRS / 2], ratios[NR_PAIRS / 4],
	       ratios[NR_PAIRS * 3 / 4]);
	fflush(stdout);
}

static struct pair *new_pair(void (*work)(int side))
{
	struct pair *pair = mmap(NULL, sizeof(*pair), PROT_READ | PROT_WRITE,
				 MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (pair == MAP_FAILED)
		fail("mmap");
	pair->work = work;
	return pair;
}

static void by_processes(const char *name, void (*work)(int side))
{
	struct pair *pair = new_pair(work);
	pid_t child = fork();

	if (!child) {
		neighbour(pair);
		_exit(0);
	}
	measure(pair, name);
	pair->mode = END;
	waitpid(child, NULL, 0);
	munmap(pair, sizeof(*pair));
}

static void by_threads(const char *name, void (*work)(int side))
{
	struct pair *pair = new_pair(work);
	pthread_t thread;

	if (pthread_create(&thread, NULL, neighbour, pair))
		fail("pthread_create");
	measure(pair, name);
	pair->mode = END;
	pthread_join(thread, NULL);
	munmap(pair, sizeof(*pair));
}

int main(void)
{
	bind_to(0);
	by_processes("computes", computes);
	by_processes("cycles", cycles);
	by_processes("calls", calls);
	by_processes("faults", faults);
	by_processes("touches", touches);
	by_processes("forks", forks);
	by_processes("files", files);
	by_threads("faults_threads", faults);
	by_threads("touches_threads", touches);
	puts("done");
	fflush(stdout);
	reboot(RB_POWER_OFF);
	return 0;
}
