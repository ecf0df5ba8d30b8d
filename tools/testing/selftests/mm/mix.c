/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * All that changes memory at once: threads map, unmap, protect, move, lock, drop, fork, cut a file
 * and write to each other from outside, in the same few pages, and touch them meanwhile.
 *
 * Nobody knows then what is where.  But all words that are ever written are one word, so a page
 * holds that, or zeros, or is not there: anything else is a page of somebody else's.  And the
 * checks of the kernel, where it has some, find nothing to say.
 */
#include <pthread.h>
#include <setjmp.h>
#include <sys/uio.h>

#include "selftest.h"

#define RW		  (PROT_READ | PROT_WRITE)
#define NR_PAGES	  48
#define NR_THREADS	  3
#define WORD		  0x6d69782d6d69782dUL
#define FALLOC_PUNCH_HOLE 3 /* with FALLOC_FL_KEEP_SIZE */
#ifndef MREMAP_DONTUNMAP /* newer than the C library */
#define MREMAP_DONTUNMAP 4
#endif

static char *arena;
static int file;
static volatile int nr_bad;
static __thread sigjmp_buf after_fault;

static void on_fault(int sig __maybe_unused)
{
	siglongjmp(after_fault, 1);
}

/* Some pages of the arena. */
struct range {
	char *addr;
	unsigned long len;
	unsigned int first;
};

static struct range some_pages(unsigned int *random)
{
	unsigned int first = next_random(random) % NR_PAGES;
	unsigned int nr = 1 + next_random(random) % 8;

	if (first + nr > NR_PAGES)
		nr = NR_PAGES - first;
	return (struct range){ arena + first * PAGE, nr * PAGE, first };
}

static void touch(unsigned int *random)
{
	volatile unsigned long *word;
	unsigned long found;

	if (sigsetjmp(after_fault, 1))
		return;
	word = (volatile unsigned long *)(arena + next_random(random) % NR_PAGES * PAGE +
					  next_random(random) % 4 * 1024);
	if (next_random(random) % 2) {
		*word = WORD;
	} else {
		found = *word;
		if (found && found != WORD)
			__atomic_add_fetch(&nr_bad, 1, __ATOMIC_SEQ_CST);
	}
}

static void map_some(unsigned int *random)
{
	/* Little memory of the second kind: each piece is a file to the kernel, and its check of
	 * page tables looks at no program that has many. */
	static const int flags[] = { MAP_PRIVATE | MAP_ANONYMOUS, MAP_SHARED | MAP_ANONYMOUS,
				     MAP_PRIVATE, MAP_SHARED };
	struct range range = some_pages(random);
	unsigned int which = next_random(random) % 16;
	int kind = flags[which == 1 ? 1 : which % 4 == 1 ? 0 : which % 4];

	kcall(SYS_mmap, range.addr, range.len, RW, kind | MAP_FIXED,
	      kind & MAP_ANONYMOUS ? -1 : file, kind & MAP_ANONYMOUS ? 0 : range.first * PAGE);
}

static void protect_some(unsigned int *random)
{
	static const int prots[] = { RW, RW, PROT_READ, PROT_NONE };
	struct range range = some_pages(random);

	kcall(SYS_mprotect, range.addr, range.len, prots[next_random(random) % ARRAY_SIZE(prots)]);
}

static void move_some(unsigned int *random)
{
	struct range from = some_pages(random), to = some_pages(random);
	unsigned long flags = MREMAP_MAYMOVE | MREMAP_FIXED;

	if (next_random(random) % 4 == 0) {
		flags |= MREMAP_DONTUNMAP;
		to.len = from.len;
		if (to.addr + to.len > arena + NR_PAGES * PAGE)
			return;
	}
	kcall(SYS_mremap, from.addr, from.len, to.len, flags, to.addr);
}

static void advise_some(unsigned int *random)
{
	static const int advices[] = { MADV_DONTNEED,	MADV_FREE,    MADV_REMOVE,
				       MADV_DONTFORK,	MADV_DOFORK,  MADV_WIPEONFORK,
				       MADV_KEEPONFORK, MADV_WILLNEED };
	struct range range = some_pages(random);

	kcall(SYS_madvise, range.addr, range.len,
	      advices[next_random(random) % ARRAY_SIZE(advices)]);
}

static void lock_some(unsigned int *random)
{
	struct range range = some_pages(random);

	if (next_random(random) % 2)
		kcall(SYS_mlock, range.addr, range.len);
	else
		kcall(SYS_munlock, range.addr, range.len);
}

static void cut_file(unsigned int *random)
{
	if (next_random(random) % 2)
		kcall(SYS_fallocate, file, FALLOC_PUNCH_HOLE, next_random(random) % NR_PAGES * PAGE,
		      2 * PAGE);
	else if (kcall(SYS_ftruncate, file, next_random(random) % NR_PAGES * PAGE + 512) == 0)
		kcall(SYS_ftruncate, file, NR_PAGES * PAGE);
}

static void write_from_outside(unsigned int *random)
{
	unsigned long words[4] = { WORD, WORD, WORD, WORD };
	struct range range = some_pages(random);
	struct iovec local = { words, sizeof(words) };
	struct iovec remote = { range.addr + 2048, sizeof(words) };

	if (next_random(random) % 2)
		kcall(SYS_process_vm_writev, getpid(), &local, 1, &remote, 1, 0);
	else
		kcall(SYS_process_vm_readv, getpid(), &local, 1, &remote, 1, 0);
	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		if (words[i] && words[i] != WORD)
			__atomic_add_fetch(&nr_bad, 1, __ATOMIC_SEQ_CST);
}

static void step(unsigned int *random, bool may_fork);

static void fork_one(unsigned int *random)
{
	int status = 0;
	pid_t pid = (pid_t)kcall(SYS_fork);

	if (!pid) {
		nr_bad = 0;
		for (int i = 0; i < 40; i++)
			step(random, false);
		_exit(nr_bad ? 1 : 0);
	}
	if (pid > 0 && (waitpid(pid, &status, 0) != pid || status))
		__atomic_add_fetch(&nr_bad, 1, __ATOMIC_SEQ_CST);
}

static void step(unsigned int *random, bool may_fork)
{
	static void (*const changes[])(unsigned int *random) = {
		map_some,  map_some,	protect_some, move_some,	  move_some,
		lock_some, advise_some, cut_file,     write_from_outside,
	};
	unsigned int what = next_random(random) % 32;

	if (what < ARRAY_SIZE(changes))
		changes[what](random);
	else if (what == 31 && may_fork)
		fork_one(random);
	else
		touch(random);
}

static void *thread(void *arg)
{
	unsigned int random = 1000 + (unsigned int)(long)arg;

	for (unsigned int i = 0; i < rounds(3000, 8000); i++)
		step(&random, true);
	return NULL;
}

static void nobody_sees_what_nobody_wrote(struct test *t)
{
	pthread_t threads[NR_THREADS];

	signal(SIGBUS, on_fault);
	signal(SIGSEGV, on_fault);
	file = memfd_create("mix", 0);
	REQUIRE(t, file >= 0 && ftruncate(file, NR_PAGES * PAGE) == 0);
	arena = mmap(NULL, NR_PAGES * PAGE, RW, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	REQUIRE(t, arena != MAP_FAILED);
	for (long i = 0; i < NR_THREADS; i++)
		REQUIRE(t, pthread_create(&threads[i], NULL, thread, (void *)i) == 0);
	for (int i = 0; i < NR_THREADS; i++)
		REQUIRE(t, pthread_join(threads[i], NULL) == 0);
	EXPECT_EQ(t, nr_bad, 0);
}

static const struct test_case mix_cases[] = {
	TEST_CASE(nobody_sees_what_nobody_wrote),
};
TEST_SUITE(mix, mix_cases);

SELFTEST_NO_HELPER
