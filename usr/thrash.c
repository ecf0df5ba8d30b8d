/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * More than fits, used again and again.  Workers change words of memory, or read a file, far larger
 * than memory, while a sleeper beside them wakes up every 5 ms and notes how late he is.  Each word
 * of memory is known from its place and how often it was written, and looked at each time.
 *
 * All look at all of their memory, then change it for some seconds, then look at it again.  Threads
 * wait for each other between these passes, so that all of them press at the same time.
 *
 *	thrash [-m MIB] [-f FILE [-i]] [-s SECONDS] [-w WORKERS] [-t] [-l MIB] [-r]
 *
 *	-m	so much private memory; default: twice the machine's, if it has that much swap
 *	-f	or the pages of a file, mapped, which is read
 *	-i	after it was written, all of it, by its mapping
 *	-w	so many workers: processes that share the memory as it was before their fork
 *	-t	threads instead
 *	-l	so much memory is locked before, and must not be touched by it
 *	-r	in random order, not from front to back
 *
 * Without arguments those in the environment's THRASH, with commas between them, are taken.
 * What is not true is told, and the exit status is 1.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/sysinfo.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define PAGE	     4096UL
#define MIB	     (1UL << 20)
#define SLEEP_NS     5000000L
#define VERY_LATE_NS 50000000L
#define MAX_WORKERS  16

static struct {
	unsigned long nr_pages, nr_locked;
	unsigned int seconds, workers;
	const char *file;
	int use_threads, is_random, is_written;
} options = { .seconds = 5, .workers = 1 };

static uint64_t *memory, *locked;
static pthread_barrier_t pass; /* of threads */

static uint64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

/* --- what stands where --- */

/* Of memory: how often the page was written is the first word, and all others follow from it. */
static uint64_t word(unsigned long page, unsigned int i, uint64_t round)
{
	return (page * 512 + i) * 0x9e3779b97f4a7c15UL + round;
}

static void write_page(unsigned long page, uint64_t round)
{
	uint64_t *words = memory + page * 512;

	words[0] = round;
	for (unsigned int i = 1; i < 512; i++)
		words[i] = word(page, i, round);
}

static int page_is_right(unsigned long page, uint64_t round)
{
	const volatile uint64_t *words = memory + page * 512;

	if (words[0] != round)
		return 0;
	for (unsigned int i = 1; i < 512; i++)
		if (words[i] != word(page, i, round))
			return 0;
	return 1;
}

/* --- a worker --- */

struct worker {
	unsigned long first, nr; /* pages that are his */
	unsigned long done; /* out */
	int is_wrong; /* out */
};

static unsigned long next_page(const struct worker *w, unsigned long turn, uint64_t *seed)
{
	if (!options.is_random)
		return w->first + turn % w->nr;
	*seed = *seed * 6364136223846793005UL + 1442695040888963407UL;
	return w->first + (*seed >> 33) % w->nr;
}

/* The next pass begins when all threads are here; processes are on their own. */
static void end_pass(void)
{
	if (options.use_threads)
		pthread_barrier_wait(&pass);
}

static uint64_t end_of_play(void)
{
	return now_ns() + options.seconds * 1000000000UL;
}

/* All of his pages are as they were written last; @rounds has a byte for each. */
static void check_all(struct worker *w, const unsigned char *rounds)
{
	for (unsigned long page = 0; page < w->nr; page++)
		if (!page_is_right(w->first + page, rounds[page]))
			w->is_wrong++;
}

static void change_memory(struct worker *w)
{
	unsigned char *rounds = calloc(w->nr, 1);
	uint64_t end, seed = now_ns() ^ (uint64_t)getpid() << 32;

	if (!rounds)
		exit(2);
	check_all(w, rounds);
	end_pass();
	for (end = end_of_play(); now_ns() < end; w->done++) {
		unsigned long page = next_page(w, w->done, &seed), at = page - w->first;

		w->is_wrong += !page_is_right(page, rounds[at]);
		write_page(page, ++rounds[at]);
	}
	end_pass();
	check_all(w, rounds);
	free(rounds);
}

/* The sum of a page must not change. */
static uint64_t sum_of(unsigned long page)
{
	const volatile uint64_t *words = memory + page * 512;
	uint64_t sum = 0;

	for (unsigned int i = 0; i < 512; i++)
		sum = sum * 31 + words[i];
	return sum;
}

static void read_file(struct worker *w)
{
	uint64_t end = end_of_play(), seed = now_ns() ^ (uint64_t)getpid() << 32;
	uint32_t *sums = calloc(w->nr, sizeof(*sums));

	if (!sums)
		exit(2);
	for (; now_ns() < end; w->done++) {
		unsigned long page = next_page(w, w->done, &seed), at = page - w->first;
		uint32_t sum;

		if (options.is_written) {
			w->is_wrong += !page_is_right(page, 0);
			continue;
		}
		sum = (uint32_t)sum_of(page) | 1;
		w->is_wrong += sums[at] && sums[at] != sum;
		sums[at] = sum;
	}
	free(sums);
}

static void *work(void *worker)
{
	if (options.file)
		read_file(worker);
	else
		change_memory(worker);
	return NULL;
}

/* --- beside them --- */

/* What he tells in the end. */
struct lateness {
	uint64_t nr_sleeps, nr_very_late, worst_ns;
	long nr_waits; /* for a page of his own that was on the disk */
};

static volatile sig_atomic_t is_over;

static void end_sleeper(int sig)
{
	(void)sig;
	is_over = 1;
}

static void sleeper(int result)
{
	struct timespec pause = { .tv_nsec = SLEEP_NS };
	struct lateness lateness = { 0 };
	struct rusage usage;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	while (!is_over) {
		uint64_t before = now_ns(), late;

		if (nanosleep(&pause, NULL))
			break;
		late = now_ns() - before - SLEEP_NS;
		lateness.nr_sleeps++;
		lateness.nr_very_late += late > VERY_LATE_NS;
		if (late > lateness.worst_ns)
			lateness.worst_ns = late;
	}
	getrusage(RUSAGE_SELF, &usage);
	lateness.nr_waits = usage.ru_majflt;
	_exit(write(result, &lateness, sizeof(lateness)) != sizeof(lateness));
}

/* The process, and *@result: where to read from when it has ended. */
static pid_t start_sleeper(int *result)
{
	int pipes[2];
	pid_t child;

	if (pipe(pipes))
		exit(2);
	signal(SIGTERM, end_sleeper); /* before he may be told to end */
	child = fork();
	if (child < 0)
		exit(2);
	if (!child)
		sleeper(pipes[1]);
	signal(SIGTERM, SIG_DFL);
	close(pipes[1]);
	*result = pipes[0];
	return child;
}

/* Return: 1 if he could not tell. */
static int ask_sleeper(pid_t child, int result)
{
	struct lateness lateness;
	int status;

	kill(child, SIGTERM);
	waitpid(child, &status, 0);
	if (status || read(result, &lateness, sizeof(lateness)) != sizeof(lateness))
		return 1;
	printf("thrash: the sleeper was late by up to %llu us, over %ld ms in %llu of %llu turns\n",
	       (unsigned long long)lateness.worst_ns / 1000, VERY_LATE_NS / 1000000,
	       (unsigned long long)lateness.nr_very_late, (unsigned long long)lateness.nr_sleeps);
	printf("thrash: the sleeper waited %ld times for a page of his\n", lateness.nr_waits);
	return 0;
}

/* No part of it was away: its pages are there without a fault of the disk. */
static int locked_is_right(void)
{
	struct rusage before, after;

	getrusage(RUSAGE_SELF, &before);
	for (unsigned long i = 0; i < options.nr_locked; i++)
		if (locked[i * 512] != i)
			return 0;
	getrusage(RUSAGE_SELF, &after);
	return before.ru_majflt == after.ru_majflt;
}

/* --- the play --- */

static void run_processes(struct worker *workers)
{
	for (unsigned int i = 0; i < options.workers; i++) {
		if (fork())
			continue;
		work(&workers[i]);
		printf("thrash: worker %u: %lu pages\n", i, workers[i].done);
		fflush(stdout);
		_exit(workers[i].is_wrong ? 1 : 0);
	}
}

static void run_threads(struct worker *workers)
{
	pthread_t threads[MAX_WORKERS];

	pthread_barrier_init(&pass, NULL, options.workers);
	for (unsigned int i = 0; i < options.workers; i++)
		if (pthread_create(&threads[i], NULL, work, &workers[i]))
			exit(2);
	for (unsigned int i = 0; i < options.workers; i++) {
		pthread_join(threads[i], NULL);
		printf("thrash: thread %u: %lu pages\n", i, workers[i].done);
	}
}

static int ended_well(void)
{
	int status;

	if (wait(&status) < 0)
		return 0;
	if (WIFSIGNALED(status))
		printf("thrash: a worker was ended by signal %d\n", WTERMSIG(status));
	else if (status)
		printf("thrash: a worker has seen mistakes\n");
	return !status;
}

/* All processes have all of the memory, and change it for themselves; threads have a part each. */
static int play(void)
{
	struct worker workers[MAX_WORKERS] = { 0 };
	int wrong = 0, result;
	pid_t child = start_sleeper(&result);

	for (unsigned int i = 0; i < options.workers; i++) {
		workers[i].nr = options.nr_pages;
		if (options.use_threads) {
			workers[i].nr = options.nr_pages / options.workers;
			workers[i].first = i * workers[i].nr;
		}
	}
	if (options.use_threads)
		run_threads(workers);
	else
		run_processes(workers);
	for (unsigned int i = 0; i < options.workers; i++) {
		if (options.use_threads)
			wrong += workers[i].is_wrong;
		else
			wrong += !ended_well();
	}
	return wrong + ask_sleeper(child, result);
}

static void get_memory(void)
{
	int flags = options.file ? MAP_SHARED : MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE;
	int prot = options.file && !options.is_written ? PROT_READ : PROT_READ | PROT_WRITE;
	struct sysinfo info;
	struct stat stat;
	int fd = -1;

	if (options.file) {
		fd = open(options.file, options.is_written ? O_RDWR : O_RDONLY);
		if (fd < 0 || fstat(fd, &stat)) {
			perror(options.file);
			exit(2);
		}
		if (!options.nr_pages)
			options.nr_pages = (unsigned long)lseek(fd, 0, SEEK_END) / PAGE;
	} else if (!options.nr_pages && !sysinfo(&info)) {
		unsigned long all = info.totalram + info.freeswap * 9 / 10;

		options.nr_pages =
			(all < 2 * info.totalram ? info.freeram / 2 : 2 * info.totalram) / PAGE;
	}
	memory = mmap(NULL, options.nr_pages * PAGE, prot, flags, fd, 0);
	if (memory == MAP_FAILED) {
		perror("thrash: mmap");
		exit(2);
	}
	if (options.file && !options.is_written)
		return;
	for (unsigned long page = 0; page < options.nr_pages; page++)
		write_page(page, 0);
}

static void lock_memory(void)
{
	size_t size = options.nr_locked * PAGE;

	if (!size)
		return;
	locked = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (locked == MAP_FAILED || mlock(locked, size)) {
		perror("thrash: mlock");
		exit(2);
	}
	for (unsigned long i = 0; i < options.nr_locked; i++)
		locked[i * 512] = i;
}

static void get_options(int argc, char **argv)
{
	int option;

	while ((option = getopt(argc, argv, "m:f:is:w:l:tr")) != -1) {
		unsigned long number = optarg ? strtoul(optarg, NULL, 0) : 0;

		if (option == 'm')
			options.nr_pages = number * MIB / PAGE;
		else if (option == 'f')
			options.file = optarg;
		else if (option == 'i')
			options.is_written = 1;
		else if (option == 's')
			options.seconds = (unsigned int)number;
		else if (option == 'w' && number && number <= MAX_WORKERS)
			options.workers = (unsigned int)number;
		else if (option == 'l')
			options.nr_locked = number * MIB / PAGE;
		else if (option == 't')
			options.use_threads = 1;
		else if (option == 'r')
			options.is_random = 1;
		else
			exit(2);
	}
}

static int words_of(char *text, char **words, int max)
{
	int nr = 1;

	for (char *word = strtok(text, ","); word && nr < max; word = strtok(NULL, ","))
		words[nr++] = word;
	return nr;
}

int main(int argc, char **argv)
{
	char *words[32] = { argv[0] }, *text = getenv("THRASH");
	int wrong;

	if (argc == 1 && text)
		get_options(words_of(text, words, 31), words);
	else
		get_options(argc, argv);
	lock_memory();
	get_memory();
	wrong = play();
	if (!locked_is_right()) {
		printf("thrash: locked memory has changed\n");
		wrong++;
	}
	printf("thrash: %lu MiB, %u workers: %d mistakes\n", options.nr_pages * PAGE / MIB,
	       options.workers, wrong);
	return wrong ? 1 : 0;
}
