/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * More memory than there is, with a disk behind it.  Every word of it is written, from front to
 * back, so that in the end the front lies on the disk; then each word is looked at, from back to
 * front: what is still in memory first.  A child looks at what is on the disk at the same time as
 * its parent, and neither sees what the other writes.
 *
 *	swapdemo [MIB]
 *
 *	MIB	default: what is available and half of the free swap, but 64 MiB of it at most
 *
 * The counters are those of /proc/meminfo and /proc/vmstat.  A word that is wrong is told, and the
 * exit status is 1.  Without swap there is nothing to show.
 */
#define _GNU_SOURCE
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define MIB	  (1UL << 20)
#define PAGE	  4096UL
#define WORDS	  (PAGE / sizeof(uint64_t))
#define MOST_SWAP (64 * 1024UL) /* KiB */
#define NR_SHARED (2 * MIB / PAGE) /* pages that the child looks at */

static uint64_t *memory;
static unsigned long nr_pages;

/* The number behind a name at the beginning of a line. */
static unsigned long counter(const char *file, const char *name)
{
	FILE *stream = fopen(file, "r");
	char line[128];
	unsigned long value = 0;

	while (stream && fgets(line, sizeof(line), stream))
		if (!strncmp(line, name, strlen(name)))
			value = strtoul(line + strlen(name), NULL, 10);
	if (stream)
		fclose(stream);
	return value;
}

static unsigned long meminfo(const char *name)
{
	return counter("/proc/meminfo", name);
}

static double seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void tell(const char *what, double since)
{
	printf("swapdemo: %s in %.1f s; swap %lu of %lu KiB free, %lu pages out, %lu in\n", what,
	       seconds() - since, meminfo("SwapFree:"), meminfo("SwapTotal:"),
	       counter("/proc/vmstat", "pswpout "), counter("/proc/vmstat", "pswpin "));
	fflush(stdout);
}

static uint64_t word(unsigned long page, unsigned long i, uint64_t who)
{
	return (page * WORDS + i) * 0x9e3779b97f4a7c15UL + who;
}

static void write_page(unsigned long page, uint64_t who)
{
	for (unsigned long i = 0; i < WORDS; i++)
		memory[page * WORDS + i] = word(page, i, who);
}

static int page_is_wrong(unsigned long page, uint64_t who)
{
	for (unsigned long i = 0; i < WORDS; i++)
		if (memory[page * WORDS + i] != word(page, i, who))
			return 1;
	return 0;
}

/* How many of the first pages are not as the caller has written them, or as before the fork. */
static int look_and_write(uint64_t who)
{
	int nr_wrong = 0;

	for (unsigned long page = 0; page < NR_SHARED; page++) {
		nr_wrong += page_is_wrong(page, 0);
		write_page(page, who);
	}
	for (unsigned long page = 0; page < NR_SHARED; page++)
		nr_wrong += page_is_wrong(page, who);
	return nr_wrong;
}

static int share_with_child(void)
{
	pid_t child = fork();
	int status = 0, nr_wrong;

	if (child < 0) {
		perror("swapdemo: fork");
		return 1;
	}
	nr_wrong = look_and_write(child ? 1 : 2);
	if (!child)
		_exit(nr_wrong ? 1 : 0);
	waitpid(child, &status, 0);
	return nr_wrong + (status != 0);
}

static int play(void)
{
	double start = seconds();
	int nr_wrong = 0;

	for (unsigned long page = 0; page < nr_pages; page++)
		write_page(page, 0);
	tell("written", start);
	start = seconds();
	nr_wrong += share_with_child();
	tell("shared with a child", start);
	start = seconds();
	for (unsigned long page = nr_pages; page-- > NR_SHARED;)
		nr_wrong += page_is_wrong(page, 0);
	for (unsigned long page = NR_SHARED; page--;)
		nr_wrong += page_is_wrong(page, 1);
	tell("looked at", start);
	return nr_wrong;
}

int main(int argc, char **argv)
{
	unsigned long swap = meminfo("SwapFree:") / 2, available = meminfo("MemAvailable:");
	int nr_wrong;

	if (!swap) {
		printf("swapdemo: no swap; mkswap and swapon a disk, or make qemu-smp\n");
		return 0;
	}
	nr_pages = (available + (swap < MOST_SWAP ? swap : MOST_SWAP)) * 1024 / PAGE;
	if (argc > 1)
		nr_pages = strtoul(argv[1], NULL, 0) * MIB / PAGE;
	if (nr_pages < NR_SHARED)
		nr_pages = NR_SHARED;
	memory = mmap(NULL, nr_pages * PAGE, PROT_READ | PROT_WRITE,
		      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (memory == MAP_FAILED) {
		perror("swapdemo: mmap");
		return 1;
	}
	printf("swapdemo: %lu MiB, where %lu are available\n", nr_pages * PAGE / MIB,
	       available / 1024);
	fflush(stdout);
	nr_wrong = play();
	printf("swapdemo: %d mistakes\n", nr_wrong);
	return nr_wrong != 0;
}
