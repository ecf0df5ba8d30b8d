/* SPDX-License-Identifier: GPL-2.0-only */
/* Switches between processes, futexes, sleeping, and how work of several kinds grows with CPUs. */
#include <errno.h>
#include <linux/futex.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "bench.h"

#define RW (PROT_READ | PROT_WRITE)

static int *shared_page(void)
{
	int *page = mmap(NULL, PAGE, RW, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (page == MAP_FAILED)
		unsupported("mmap of shared memory");
	return page;
}

static void yield_alone(unsigned long count)
{
	for (unsigned long i = 0; i < count; i++)
		sched_yield();
}

static void pass_turn(volatile int *turn, int to)
{
	*turn = to;
	while (*turn == to)
		sched_yield();
}

/*
 * Two processes on one CPU take turns; each yields until the other has had its turn, so every
 * operation contains a switch, whatever the scheduler makes of a yield.
 */
static void yield_switch(unsigned long count)
{
	volatile int *turn;
	pid_t child;

	pause_clock();
	turn = shared_page();
	child = start_child();
	if (!child) {
		while (*turn != 1)
			sched_yield();
		for (;;)
			pass_turn(turn, 0);
	}
	resume_clock();
	for (unsigned long i = 0; i < count / 2 + 1; i++)
		pass_turn(turn, 1);
	pause_clock();
	end_child(child);
	munmap((void *)turn, PAGE);
	resume_clock();
}

static long futex(volatile int *word, int op, int value)
{
	return syscall(SYS_futex, word, op, value, NULL, NULL, 0);
}

static void futex_wake_nobody(unsigned long count)
{
	int word = 0;

	for (unsigned long i = 0; i < count; i++) {
		if (futex(&word, FUTEX_WAKE, 1) < 0)
			unsupported("futex");
	}
}

static void await(volatile int *word, int value)
{
	while (*word != value)
		futex(word, FUTEX_WAIT, !value);
}

static void hand_over(volatile int *word, int value)
{
	*word = value;
	futex(word, FUTEX_WAKE, 1);
}

/* Two processes on one CPU pass a word back and forth; an operation is a round trip. */
static void futex_round_trip(unsigned long count)
{
	volatile int *word;
	pid_t child;

	pause_clock();
	word = shared_page();
	if (futex(word, FUTEX_WAKE, 1) < 0)
		unsupported("futex");
	child = start_child();
	if (!child) {
		for (;;) {
			await(word, 1);
			hand_over(word, 0);
		}
	}
	resume_clock();
	for (unsigned long i = 0; i < count; i++) {
		hand_over(word, 1);
		await(word, 0);
	}
	pause_clock();
	end_child(child);
	munmap((void *)word, PAGE);
	resume_clock();
}

static void sleep_late(unsigned long count)
{
	const struct timespec nap = { .tv_nsec = 200000 };

	for (unsigned long i = 0; i < count; i++)
		clock_nanosleep(CLOCK_MONOTONIC, 0, &nap, NULL);
	discount_ns((long long)count * nap.tv_nsec);
}

/* --- two CPUs: each of two bound processes does all of the work; compare with the plain metric */

static void on_two_cpus(unsigned long count, void (*work)(unsigned long))
{
	volatile int *go;
	pid_t child;

	pause_clock();
	go = shared_page();
	errno = 0;
	child = start_child();
	if (!child) {
		if (!bind_to_cpu(1))
			_exit(1);
		go[1] = 1;
		while (!go[0])
			;
		work(count);
		_exit(0);
	}
	while (!go[1]) {
		if (waitpid(child, NULL, WNOHANG) == child)
			unsupported("second CPU");
	}
	resume_clock();
	go[0] = 1;
	work(count);
	waitpid(child, NULL, 0);
	munmap((void *)go, PAGE);
}

static void some_calls(unsigned long count)
{
	for (unsigned long i = 0; i < count; i++)
		syscall(SYS_getppid);
}

static void some_forks(unsigned long count)
{
	for (unsigned long i = 0; i < count; i++) {
		pid_t child = fork();

		if (!child)
			_exit(0);
		waitpid(child, NULL, 0);
	}
}

/* Mapping and unmapping are counted here: it is their locks that matter. */
static void some_faults(unsigned long count)
{
	while (count) {
		unsigned long nr = count < 256 ? count : 256;
		char *memory = mmap(NULL, nr * PAGE, RW, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

		if (memory == MAP_FAILED)
			_exit(1);
		madvise(memory, nr * PAGE, MADV_NOHUGEPAGE);
		for (unsigned long i = 0; i < nr; i++)
			*(volatile char *)(memory + i * PAGE) = 1;
		munmap(memory, nr * PAGE);
		count -= nr;
	}
}

/* First touches alone: the memory is there before, and stays until the clock stands. */
static char *map_pages(unsigned long count)
{
	char *memory = mmap(NULL, count * PAGE, RW, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (memory == MAP_FAILED)
		unsupported("mmap");
	madvise(memory, count * PAGE, MADV_NOHUGEPAGE);
	return memory;
}

static void touch_pages(char *memory, unsigned long count)
{
	for (unsigned long i = 0; i < count; i++)
		*(volatile char *)(memory + i * PAGE) = 1;
}

static void some_touches(unsigned long count)
{
	char *memory;

	pause_clock();
	memory = map_pages(count);
	resume_clock();
	touch_pages(memory, count);
	pause_clock();
	munmap(memory, count * PAGE);
	resume_clock();
}

struct toucher { /* the other one of two, on the second CPU */
	volatile int *state; /* it says 1 when it is there, 3 at its end; 2 says go; 4: no CPU */
	unsigned long count;
	char *memory;
};

static void *touch_on_go(void *arg)
{
	struct toucher *other = arg;

	if (!bind_to_cpu(1)) {
		*other->state = 4;
		return NULL;
	}
	*other->state = 1;
	while (*other->state != 2)
		;
	touch_pages(other->memory, other->count);
	*other->state = 3;
	return NULL;
}

/* The clock stands before and after. */
static void touch_with(struct toucher *other, unsigned long count)
{
	char *memory = map_pages(count);

	while (*other->state != 1) {
		errno = 0;
		if (*other->state == 4)
			unsupported("second CPU");
	}
	resume_clock();
	*other->state = 2;
	touch_pages(memory, count);
	while (*other->state != 3)
		;
	pause_clock();
	munmap(memory, count * PAGE);
}

static void touch_2(unsigned long count)
{
	struct toucher other = { .count = count };
	pid_t child;

	pause_clock();
	other.state = shared_page();
	child = start_child();
	if (!child) {
		other.memory = map_pages(count);
		touch_on_go(&other);
		_exit(0);
	}
	touch_with(&other, count);
	waitpid(child, NULL, 0);
	munmap((void *)other.state, PAGE);
	resume_clock();
}

static void touch_threads(unsigned long count)
{
	volatile int state = 0;
	struct toucher other = { .state = &state, .count = count };
	pthread_t thread;

	pause_clock();
	other.memory = map_pages(count);
	if (pthread_create(&thread, NULL, touch_on_go, &other))
		unsupported("threads");
	touch_with(&other, count);
	pthread_join(thread, NULL);
	munmap(other.memory, count * PAGE);
	resume_clock();
}

static void *faults_on_second(void *arg)
{
	const struct toucher *other = arg;

	if (!bind_to_cpu(1)) {
		*other->state = 4;
		return NULL;
	}
	*other->state = 1;
	while (*other->state != 2)
		;
	some_faults(other->count);
	*other->state = 3;
	return NULL;
}

static void faults_threads(unsigned long count)
{
	volatile int state = 0;
	struct toucher other = { .state = &state, .count = count };
	pthread_t thread;

	pause_clock();
	if (pthread_create(&thread, NULL, faults_on_second, &other))
		unsupported("threads");
	while (state != 1) {
		errno = 0;
		if (state == 4)
			unsupported("second CPU");
	}
	resume_clock();
	state = 2;
	some_faults(count);
	pthread_join(thread, NULL);
}

static void faults_2(unsigned long count)
{
	on_two_cpus(count, some_faults);
}

static void forks_2(unsigned long count)
{
	on_two_cpus(count, some_forks);
}

static void files_2(unsigned long count)
{
	on_two_cpus(count, create_write_delete);
}

static void calls_2(unsigned long count)
{
	on_two_cpus(count, some_calls);
}

const struct metric sched_metrics[] = {
	{ "yield_alone", yield_alone, "sched_yield with nobody else" },
	{ "yield_switch", yield_switch, "two processes take turns by sched_yield, a turn" },
	{ "futex_wake_nobody", futex_wake_nobody, "futex wake without a waiter" },
	{ "futex_round_trip", futex_round_trip, "a word to another process and back, on one CPU" },
	{ "sleep_late", sleep_late, "how much later than asked a sleep of 200 us ends" },
	{ "scale_calls_1", some_calls, "a null call, on one CPU" },
	{ "scale_calls_2", calls_2, "the same by two processes on two CPUs, a pair of calls" },
	{ "scale_faults_1", some_faults, "a page mapped, touched and unmapped, on one CPU" },
	{ "scale_faults_2", faults_2, "the same on two CPUs, a pair of pages" },
	{ "scale_faults_t", faults_threads, "the same by two threads of a process" },
	{ "scale_touch_1", some_touches, "first writes to pages that are mapped, on one CPU" },
	{ "scale_touch_2", touch_2, "the same by two processes on two CPUs, a pair of pages" },
	{ "scale_touch_t", touch_threads, "the same by two threads of a process, a pair of pages" },
	{ "scale_forks_1", some_forks, "fork, exit, wait, on one CPU" },
	{ "scale_forks_2", forks_2, "the same on two CPUs, a pair of forks" },
	{ "scale_files_1", create_write_delete, "a file made, written, removed, on one CPU" },
	{ "scale_files_2", files_2, "the same on two CPUs, a pair of files" },
	{ 0 },
};
