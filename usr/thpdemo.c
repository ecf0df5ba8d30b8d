/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a huge page saves.  Twice the same 64 MiB of memory, first with pages of 4 KiB, then of
 * 2 MiB where the kernel has any: one byte of each 4 KiB is written, then all is read at random.
 * The first pass costs a fault for each page, the second a translation for each page that the
 * processor does not remember.  At last a page of the huge ones changes its rights, which splits
 * one, and another goes away, which frees it alone; what is left is read back.
 */
#include <stdio.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#define SIZE	 (64UL << 20)
#define HUGE	 (2UL << 20)
#define PAGE	 4096UL
#define NR_READS 200000

static double now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

static long faults(void)
{
	struct rusage usage = { 0 };

	getrusage(RUSAGE_SELF, &usage);
	return usage.ru_minflt;
}

/* The bytes written are those of the page numbers. */
static double touch(char *memory)
{
	double start = now_ms();

	for (unsigned long i = 0; i < SIZE / PAGE; i++)
		memory[i * PAGE] = (char)i;
	return now_ms() - start;
}

static double read_at_random(volatile char *memory)
{
	unsigned int x = 1;
	double start = now_ms();

	for (int i = 0; i < NR_READS; i++) {
		x = x * 1664525 + 1013904223;
		(void)memory[x % SIZE];
	}
	return now_ms() - start;
}

static int is_intact(const char *memory)
{
	for (unsigned long i = 2; i < SIZE / PAGE; i++)
		if (memory[i * PAGE] != (char)i)
			return 0;
	return 1;
}

static char *map(int advice)
{
	char *memory =
		mmap(NULL, SIZE + HUGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (memory == MAP_FAILED)
		return NULL;
	memory = (char *)(((unsigned long)memory + HUGE - 1) & -HUGE);
	madvise(memory, SIZE, advice);
	return memory;
}

static char *measure(const char *name, int advice)
{
	char *memory = map(advice);
	double touching;
	long before;

	if (!memory)
		return NULL;
	usleep(200000); /* the kernel may do some of the work ahead of need */
	before = faults();
	touching = touch(memory);
	printf("thpdemo: %s pages: %5ld faults, first touch %6.2f ms, ", name, faults() - before,
	       touching);
	printf("%d random reads %6.2f ms\n", NR_READS, read_at_random(memory));
	return memory;
}

int main(void)
{
	char *small = measure("small", MADV_NOHUGEPAGE), *huge;

	if (small)
		munmap(small, SIZE);
	huge = measure("huge ", MADV_HUGEPAGE);
	if (!small || !huge) {
		perror("thpdemo");
		return 0;
	}
	mprotect(huge, PAGE, PROT_READ);
	munmap(huge + PAGE, PAGE);
	printf("thpdemo: a page protected, one unmapped, the others %s\n",
	       is_intact(huge) ? "intact" : "DAMAGED");
	return !is_intact(huge);
}
