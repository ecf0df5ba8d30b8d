/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a futex is for.  A lock is a word: 0 free, 1 held, 2 held and somebody may wait.  Taking a
 * free one and giving it back with nobody waiting are one atomic instruction each; only who has to
 * wait, and who has to wake somebody, calls the kernel.  The demo counts those calls:
 *
 *	alone		a million times, no call at all
 *	together	two processes count in shared memory; each call is counted
 *	by turns	they hand the word to each other, so every turn needs both calls
 *	the heir	the owner ends without giving back; the kernel marks the word and wakes the
 *			other (robust futex)
 *
 *	futexdemo wait	leaves a process that waits for ever: for the monitor's command `futex`
 */
#include <linux/futex.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define NR_ALONE    1000000
#define NR_TOGETHER 20000
#define NR_TURNS    2000

struct robust_lock {
	struct robust_list list;
	unsigned int word;
};

static struct shared {
	unsigned int lock, turn;
	unsigned long count, nr_waits, nr_wakes;
	struct robust_lock robust;
} * shared;

static void futex_wait(unsigned int *word, unsigned int value)
{
	__atomic_fetch_add(&shared->nr_waits, 1, __ATOMIC_RELAXED);
	syscall(SYS_futex, word, FUTEX_WAIT, value, NULL);
}

static void futex_wake(unsigned int *word)
{
	__atomic_fetch_add(&shared->nr_wakes, 1, __ATOMIC_RELAXED);
	syscall(SYS_futex, word, FUTEX_WAKE, 1);
}

static void take(unsigned int *lock)
{
	unsigned int free = 0;

	if (__atomic_compare_exchange_n(lock, &free, 1, 0, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED))
		return;
	while (__atomic_exchange_n(lock, 2, __ATOMIC_ACQUIRE))
		futex_wait(lock, 2);
}

static void give(unsigned int *lock)
{
	if (__atomic_exchange_n(lock, 0, __ATOMIC_RELEASE) == 2)
		futex_wake(lock);
}

static void count_alone(void)
{
	for (int i = 0; i < NR_ALONE; i++) {
		take(&shared->lock);
		shared->count++;
		give(&shared->lock);
	}
}

static void count_together(unsigned int self)
{
	(void)self;
	for (int i = 0; i < NR_TOGETHER; i++) {
		take(&shared->lock);
		shared->count++;
		if (i % 1000 == 0)
			usleep(100); /* with the lock: now the other has to wait */
		give(&shared->lock);
	}
}

static void play(unsigned int self)
{
	for (int i = 0; i < NR_TURNS; i++) {
		while (__atomic_load_n(&shared->turn, __ATOMIC_ACQUIRE) != self)
			futex_wait(&shared->turn, !self);
		__atomic_store_n(&shared->turn, !self, __ATOMIC_RELEASE);
		futex_wake(&shared->turn);
	}
}

static void die_with_lock(unsigned int self)
{
	static struct robust_list_head head;

	if (!self)
		return;
	head.list.next = &shared->robust.list;
	head.futex_offset = offsetof(struct robust_lock, word);
	shared->robust.list.next = &head.list;
	shared->robust.word = (unsigned int)getpid() | FUTEX_WAITERS;
	syscall(SYS_set_robust_list, &head, sizeof(head));
	usleep(20000);
	_exit(0);
}

/* In two processes at once; the parent is 0. */
static void in_two(void (*what)(unsigned int self))
{
	pid_t child;

	shared->nr_waits = shared->nr_wakes = 0;
	child = fork();
	what(child == 0);
	if (!child)
		_exit(0);
	waitpid(child, NULL, 0);
}

static int kernel_has_futexes(void)
{
	if (!syscall(SYS_futex, &shared->lock, FUTEX_WAKE, 1))
		return 1;
	perror("futexdemo: futex");
	return 0;
}

static int wait_for_ever(void)
{
	if (fork())
		return 0;
	for (;;)
		futex_wait(&shared->lock, 0);
}

/* Whether the word says that its owner has died, once it has been waited for. */
static int inherit(void)
{
	unsigned int seen;
	pid_t owner = fork();

	if (!owner)
		die_with_lock(1);
	while (!((seen = __atomic_load_n(&shared->robust.word, __ATOMIC_ACQUIRE)) &
		 FUTEX_OWNER_DIED))
		futex_wait(&shared->robust.word, seen);
	waitpid(owner, NULL, 0);
	dprintf(1, "futexdemo: the owner has died: %#x\n", seen);
	return seen & FUTEX_TID_MASK ? 1 : 0;
}

int main(int argc, char **argv)
{
	int wrong;

	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1,
		      0);
	if (shared == MAP_FAILED)
		return 1;
	if (!kernel_has_futexes())
		return 0;
	if (argc > 1 && !strcmp(argv[1], "wait"))
		return wait_for_ever();
	count_alone();
	dprintf(1, "futexdemo: alone: %lu times, %lu calls\n", shared->count,
		shared->nr_waits + shared->nr_wakes);
	wrong = shared->nr_waits + shared->nr_wakes != 0;
	shared->count = 0;
	in_two(count_together);
	dprintf(1, "futexdemo: together: %lu times, %lu waits, %lu wakes\n", shared->count,
		shared->nr_waits, shared->nr_wakes);
	wrong |= shared->count != 2 * NR_TOGETHER;
	in_two(play);
	dprintf(1, "futexdemo: by turns: %d times, %lu waits, %lu wakes\n", 2 * NR_TURNS,
		shared->nr_waits, shared->nr_wakes);
	return wrong | inherit();
}
