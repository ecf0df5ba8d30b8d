/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * mremap: shrinking, growing, moving; what a moved mapping keeps, what its old place loses, and in
 * which order errors are looked for.
 */
#include <pthread.h>

#include "selftest.h"

#define RW   (PROT_READ | PROT_WRITE)
#define ANON (MAP_PRIVATE | MAP_ANONYMOUS)
#define MIB  (1UL << 20)
#ifndef MREMAP_DONTUNMAP /* newer than the C library */
#define MREMAP_DONTUNMAP 4
#endif
#define TO_PLACE (MREMAP_MAYMOVE | MREMAP_FIXED)

static long remap(const void *addr, size_t old_len, size_t new_len, int flags, const void *to)
{
	return kcall(SYS_mremap, addr, old_len, new_len, flags, to);
}

/* @size bytes where nothing is, aligned to 2 MiB, with room of 2 MiB on both sides. */
static char *free_place(struct test *t, size_t size)
{
	char *addr = map_anon(t, size + 6 * MIB, PROT_NONE);

	REQUIRE(t, munmap(addr, size + 6 * MIB) == 0);
	return (char *)(((uintptr_t)addr + 4 * MIB - 1) & -2 * MIB);
}

static char *map_at(struct test *t, char *addr, size_t size, int flags)
{
	REQUIRE(t, mmap(addr, size, RW, flags | MAP_FIXED, -1, 0) == addr);
	return addr;
}

/* Each page gets its number, from @first on. */
static void number_pages(char *addr, unsigned int nr, int first)
{
	for (unsigned int i = 0; i < nr; i++)
		*(int *)(addr + i * PAGE) = first + (int)i;
}

static unsigned int count_wrong(const char *addr, unsigned int nr, int first)
{
	unsigned int wrong = 0;

	for (unsigned int i = 0; i < nr; i++)
		wrong += *(const int *)(addr + i * PAGE) != first + (int)i;
	return wrong;
}

static void shrinking_unmaps_the_rest(struct test *t)
{
	char *addr = map_at(t, free_place(t, MIB), 4 * PAGE, ANON);

	number_pages(addr, 4, 1);
	EXPECT_RET(t, remap(addr, 4 * PAGE, 2 * PAGE - 5, 0, NULL), addr);
	EXPECT_EQ(t, count_wrong(addr, 2, 1), 0u);
	EXPECT_EQ(t, probe_read(addr + 2 * PAGE), SIGSEGV);
	EXPECT_RET(t, remap(addr, 2 * PAGE, 2 * PAGE, 0, NULL), addr);
	/* What is unmapped may have holes and lie beyond the area. */
	EXPECT_RET(t, remap(addr, 64 * PAGE, PAGE, 0, NULL), addr);
	EXPECT_EQ(t, probe_read(addr), 0);
	EXPECT_EQ(t, probe_read(addr + PAGE), SIGSEGV);
}

static void growing_takes_the_room_behind(struct test *t)
{
	char *addr = map_at(t, free_place(t, MIB), 2 * PAGE, ANON);

	number_pages(addr, 2, 1);
	EXPECT_RET(t, remap(addr, 2 * PAGE, 5 * PAGE, 0, NULL), addr);
	EXPECT_EQ(t, count_wrong(addr, 2, 1), 0u);
	EXPECT_EQ(t, addr[4 * PAGE], 0);
	addr[5 * PAGE - 1] = 1;
	/* What has grown is one area with the rest: only within one may be grown. */
	EXPECT_RET(t, remap(addr, 5 * PAGE, 6 * PAGE, 0, NULL), addr);
	/* From the middle of an area on. */
	EXPECT_RET(t, remap(addr + 4 * PAGE, 2 * PAGE, 3 * PAGE, 0, NULL), addr + 4 * PAGE);
	EXPECT_EQ(t, probe_write(addr + 6 * PAGE), 0);
}

static void growing_needs_room_or_may_move(struct test *t)
{
	char *addr = map_at(t, free_place(t, MIB), 4 * PAGE, ANON), *moved;

	number_pages(addr, 2, 7);
	REQUIRE(t, mprotect(addr + 2 * PAGE, 2 * PAGE, PROT_READ) == 0);
	EXPECT_RET(t, remap(addr, 2 * PAGE, 3 * PAGE, 0, NULL), -ENOMEM);
	EXPECT_RET(t, remap(addr, PAGE, 2 * PAGE, 0, NULL), -ENOMEM); /* not at the end */
	moved = (char *)remap(addr, 2 * PAGE, 3 * PAGE, MREMAP_MAYMOVE, NULL);
	REQUIRE(t, (long)moved > 0 && moved != addr);
	EXPECT_EQ(t, count_wrong(moved, 2, 7), 0u);
	EXPECT_EQ(t, moved[2 * PAGE], 0);
	EXPECT_EQ(t, probe_write(moved + 2 * PAGE), 0);
	EXPECT_EQ(t, probe_read(addr), SIGSEGV);
	EXPECT_EQ(t, probe_read(addr + 2 * PAGE), 0);
}

static void fixed_replaces_what_is_there(struct test *t)
{
	char *addr = map_anon(t, 8 * PAGE, RW), *to = addr + 4 * PAGE;

	number_pages(addr, 8, 1);
	EXPECT_RET(t, remap(addr + PAGE, 2 * PAGE, 3 * PAGE, TO_PLACE, to), to);
	EXPECT_EQ(t, count_wrong(addr, 1, 1), 0u);
	EXPECT_EQ(t, *(int *)to, 2);
	EXPECT_EQ(t, *(int *)(to + PAGE), 3);
	EXPECT_EQ(t, *(int *)(to + 2 * PAGE), 0);
	EXPECT_EQ(t, probe_read(addr + PAGE), SIGSEGV);
	EXPECT_EQ(t, probe_read(addr + 2 * PAGE), SIGSEGV);
	/* Shrinking on the way. */
	EXPECT_RET(t, remap(to, 3 * PAGE, PAGE, TO_PLACE, addr + PAGE), addr + PAGE);
	EXPECT_EQ(t, *(int *)(addr + PAGE), 2);
	for (unsigned int i = 0; i < 3; i++)
		EXPECT_EQ(t, probe_read(to + i * PAGE), SIGSEGV);
}

/* A mapping that comes back is one with what it was cut from: only then may all of it grow. */
static void what_comes_back_is_one_again(struct test *t)
{
	char *addr = map_at(t, free_place(t, MIB), 3 * PAGE, ANON), *away = free_place(t, PAGE);

	number_pages(addr, 3, 1);
	EXPECT_RET(t, remap(addr + PAGE, PAGE, PAGE, TO_PLACE, away), away);
	EXPECT_RET(t, remap(addr, 3 * PAGE, 4 * PAGE, MREMAP_MAYMOVE, NULL), -EFAULT);
	EXPECT_RET(t, remap(away, PAGE, PAGE, TO_PLACE, addr + PAGE), addr + PAGE);
	EXPECT_RET(t, remap(addr, 3 * PAGE, 4 * PAGE, 0, NULL), addr);
	EXPECT_EQ(t, count_wrong(addr, 3, 1), 0u);
}

/* Where no page was ever, the new place counts: it is one with its neighbours there. */
static void untouched_memory_joins_its_new_neighbours(struct test *t)
{
	char *addr = map_at(t, free_place(t, MIB), 2 * PAGE, ANON);
	char *other = map_at(t, free_place(t, MIB), 2 * PAGE, ANON);

	SKIP_IF(t, maps_at_once(), "all is touched");
	EXPECT_RET(t, remap(other, 2 * PAGE, 2 * PAGE, TO_PLACE, addr + 2 * PAGE), addr + 2 * PAGE);
	EXPECT_RET(t, remap(addr, 4 * PAGE, 5 * PAGE, 0, NULL), addr);
}

static void bad_calls_table(struct test *t)
{
	const unsigned long addr = (unsigned long)map_anon(t, 4 * PAGE, RW), top = user_space_end();
	const unsigned long to = (unsigned long)free_place(t, MIB), low = PAGE;
	const struct call_row rows[] = {
		CALL(-EINVAL, mremap, addr, PAGE, PAGE, 8, 0),
		CALL(-EINVAL, mremap, addr, PAGE, PAGE, MREMAP_FIXED, to),
		CALL(-EINVAL, mremap, addr, PAGE, PAGE, MREMAP_DONTUNMAP, 0),
		CALL(-EINVAL, mremap, addr, PAGE, 2 * PAGE, MREMAP_DONTUNMAP | MREMAP_MAYMOVE, 0),
		CALL(-EINVAL, mremap, addr + 1, PAGE, PAGE, 0, 0),
		CALL(-EINVAL, mremap, addr, PAGE, 0, MREMAP_MAYMOVE, 0),
		CALL(-EINVAL, mremap, addr, PAGE, -1L, MREMAP_MAYMOVE, 0),
		CALL(-EFAULT, mremap, to, PAGE, PAGE, 0, 0),
		CALL(-EFAULT, mremap, top, PAGE, PAGE, 0, 0),
		CALL(-EINVAL, mremap, addr, PAGE, PAGE, TO_PLACE, to + 1),
		CALL(-EINVAL, mremap, addr, PAGE, PAGE, TO_PLACE, top),
		CALL(-EINVAL, mremap, addr, PAGE, top, TO_PLACE, to),
		CALL(-EINVAL, mremap, addr, PAGE, PAGE, TO_PLACE, addr),
		CALL(-EINVAL, mremap, addr, 2 * PAGE, PAGE, TO_PLACE, addr + PAGE),
		CALL(-EINVAL, mremap, addr + PAGE, PAGE, 2 * PAGE, TO_PLACE, addr),
		CALL(-EINVAL, mremap, addr, 0, PAGE, MREMAP_MAYMOVE, 0),
		CALL(-EINVAL, mremap, addr, 0, PAGE, TO_PLACE, to),
		CALL(-EFAULT, mremap, addr, 64 * PAGE, 65 * PAGE, MREMAP_MAYMOVE, 0),
		CALL(-ENOMEM, mremap, addr, 4 * PAGE, top, MREMAP_MAYMOVE, 0),
		CALL(0, mprotect, addr, PAGE, PROT_READ),
		CALL(-EFAULT, mremap, addr, 4 * PAGE, 5 * PAGE, MREMAP_MAYMOVE, 0),
		CALL(addr, mremap, addr, 4 * PAGE, 4 * PAGE, 0, 0),
		/* Old length 0: nothing longer is asked for than nothing. */
		CALL(-EINVAL, mremap, addr, -1L, 0, 0, 0),
	};

	EXPECT_CALLS(t, rows);
	if (!is_root())
		EXPECT_RET(t, remap((void *)addr, PAGE, PAGE, TO_PLACE, (void *)low), -EPERM);
}

static void length_0_of_shared_memory_maps_it_again(struct test *t)
{
	char *addr = mmap(NULL, 2 * PAGE, RW, MAP_SHARED | MAP_ANONYMOUS, -1, 0), *again;

	REQUIRE(t, addr != MAP_FAILED);
	number_pages(addr, 2, 3);
	EXPECT_RET(t, remap(addr, 0, 2 * PAGE, 0, NULL), -ENOMEM);
	again = (char *)remap(addr, 0, 2 * PAGE, MREMAP_MAYMOVE, NULL);
	REQUIRE(t, (long)again > 0 && again != addr);
	EXPECT_EQ(t, count_wrong(again, 2, 3), 0u);
	again[100] = 9;
	EXPECT_EQ(t, addr[100], 9);
	/* From the second page on; what is behind the object's end is none of it. */
	again = (char *)remap(addr + PAGE, 0, 2 * PAGE, MREMAP_MAYMOVE, NULL);
	REQUIRE(t, (long)again > 0);
	EXPECT_EQ(t, *(int *)again, 4);
	EXPECT_EQ(t, probe_read(again + PAGE), SIGBUS);
	EXPECT_RET(t, kcall(SYS_munmap, addr, 2 * PAGE), 0);
	EXPECT_EQ(t, *(int *)again, 4);
}

static void dontunmap_leaves_an_empty_mapping(struct test *t)
{
	char *addr = map_anon(t, 3 * PAGE, RW), *to = free_place(t, MIB), *hinted;

	number_pages(addr, 3, 1);
	EXPECT_RET(t, remap(addr, 2 * PAGE, 2 * PAGE, TO_PLACE | MREMAP_DONTUNMAP, to), to);
	EXPECT_EQ(t, count_wrong(to, 2, 1), 0u);
	EXPECT_EQ(t, addr[0], 0);
	EXPECT_EQ(t, *(int *)(addr + PAGE), 0);
	EXPECT_EQ(t, *(int *)(addr + 2 * PAGE), 3);
	number_pages(addr, 2, 50);
	EXPECT_EQ(t, count_wrong(to, 2, 1), 0u);
	/* Without MREMAP_FIXED the address is a hint. */
	hinted = (char *)remap(addr, PAGE, PAGE, MREMAP_MAYMOVE | MREMAP_DONTUNMAP, to + MIB / 2);
	EXPECT_EQ(t, hinted, to + MIB / 2);
	EXPECT_EQ(t, count_wrong(hinted, 1, 50), 0u);
}

static void dontunmap_of_shared_memory_keeps_it(struct test *t)
{
	char *addr = mmap(NULL, 2 * PAGE, RW, MAP_SHARED | MAP_ANONYMOUS, -1, 0), *moved;

	REQUIRE(t, addr != MAP_FAILED);
	number_pages(addr, 2, 5);
	moved = (char *)remap(addr, 2 * PAGE, 2 * PAGE, MREMAP_MAYMOVE | MREMAP_DONTUNMAP, NULL);
	REQUIRE(t, (long)moved > 0 && moved != addr);
	EXPECT_EQ(t, count_wrong(moved, 2, 5), 0u);
	EXPECT_EQ(t, count_wrong(addr, 2, 5), 0u);
}

static void rights_move_along(struct test *t)
{
	static const int prots[] = { PROT_NONE, PROT_READ, RW };

	for (size_t i = 0; i < ARRAY_SIZE(prots); i++) {
		char *addr = map_anon(t, PAGE, RW), *to = free_place(t, PAGE);

		*addr = 77;
		REQUIRE(t, mprotect(addr, PAGE, prots[i]) == 0);
		EXPECT_RET(t, remap(addr, PAGE, PAGE, TO_PLACE, to), to);
		EXPECT_EQ(t, probe_read(to), prots[i] ? 0 : SIGSEGV);
		EXPECT_EQ(t, probe_write(to), prots[i] == RW ? 0 : SIGSEGV);
		REQUIRE(t, mprotect(to, PAGE, RW) == 0);
		EXPECT_EQ(t, *to, 77);
	}
}

/* Whole tables move, and parts of them: aligned alike or not, with holes. */
static void megabytes_move(struct test *t)
{
	const size_t size = 6 * MIB;
	const long shifts[] = { 0, PAGE, -PAGE, MIB, -MIB - 5 * PAGE };
	char *addr = map_at(t, free_place(t, size + 2 * MIB), size, ANON);
	unsigned int nr = size / PAGE;

	madvise(addr, size, MADV_NOHUGEPAGE);
	number_pages(addr, nr, 1000);
	REQUIRE(t, madvise(addr + 3 * MIB, 2 * MIB, MADV_DONTNEED) == 0);
	for (size_t i = 0; i < ARRAY_SIZE(shifts); i++) {
		char *to = free_place(t, size + 2 * MIB) + shifts[i];

		EXPECT_RET(t, remap(addr, size, size, TO_PLACE, to), to);
		EXPECT_EQ(t, probe_read(addr), SIGSEGV);
		EXPECT_EQ(t, probe_read(addr + size - 1), SIGSEGV);
		addr = to;
		EXPECT_EQ(t, count_wrong(addr, 768, 1000), 0u);
		EXPECT_EQ(t, addr[4 * MIB], 0);
		EXPECT_EQ(t, count_wrong(addr + 5 * MIB, 256, 1000 + 1280), 0u);
	}
	number_pages(addr, nr, 1);
	EXPECT_EQ(t, count_wrong(addr, nr, 1), 0u);
}

static void sparse_gigabytes_move(struct test *t)
{
	const size_t size = 4UL << 30, step = 512 * MIB;
	char *addr, *moved;

	SKIP_IF(t, maps_at_once(), "gigabytes that are never touched");
	addr = mmap(NULL, size, RW, ANON | MAP_NORESERVE, -1, 0);
	REQUIRE(t, addr != MAP_FAILED);
	for (size_t at = 0; at < size; at += step)
		addr[at] = (char)(at / step + 1);
	moved = (char *)remap(addr, size, size + PAGE, MREMAP_MAYMOVE, NULL);
	REQUIRE(t, (long)moved > 0);
	for (size_t at = 0; at < size; at += step)
		EXPECT_EQ(t, moved[at], (char)(at / step + 1));
	EXPECT_EQ(t, moved[size], 0);
	EXPECT_EQ(t, moved[size - 1], 0);
}

static void copies_on_write_move_apart(struct test *t)
{
	char *addr = map_anon(t, 4 * PAGE, RW), *to = free_place(t, MIB);
	int status;

	number_pages(addr, 3, 1);
	EXPECT_EQ(t, addr[3 * PAGE], 0); /* the page of zeros */
	if (!fork()) {
		EXPECT_RET(t, remap(addr, 4 * PAGE, 4 * PAGE, TO_PLACE, to), to);
		EXPECT_EQ(t, count_wrong(to, 3, 1), 0u);
		number_pages(to, 4, 20);
		EXPECT_EQ(t, count_wrong(to, 4, 20), 0u);
		_exit(t->nr_failures != 0);
	}
	wait(&status);
	EXPECT_EXIT(t, status, 0);
	EXPECT_EQ(t, count_wrong(addr, 3, 1), 0u);
	EXPECT_EQ(t, *(int *)(addr + 3 * PAGE), 0);
	EXPECT_RET(t, remap(addr, 4 * PAGE, 4 * PAGE, TO_PLACE, to), to);
	number_pages(to, 4, 30);
	EXPECT_EQ(t, count_wrong(to, 4, 30), 0u);
}

static void files_move_and_keep_their_offset(struct test *t)
{
	char path[PATH_MAX], *addr, *to = free_place(t, MIB);
	int fd;

	snprintf(path, sizeof(path), "%s/file", scratch_folder(t));
	fd = open(path, O_RDWR | O_CREAT, 0600);
	unlink(path);
	REQUIRE(t, fd >= 0);
	for (int i = 0; i < 8; i++)
		REQUIRE(t, pwrite(fd, &(int){ i + 100 }, sizeof(int), i * (long)PAGE) == 4);
	REQUIRE(t, ftruncate(fd, 8 * PAGE) == 0);
	addr = mmap(NULL, 4 * PAGE, RW, MAP_PRIVATE, fd, 2 * PAGE);
	REQUIRE(t, addr != MAP_FAILED);
	close(fd);
	*(int *)(addr + PAGE) = 7; /* a copy */
	EXPECT_RET(t, remap(addr + PAGE, 3 * PAGE, 5 * PAGE, TO_PLACE, to), to);
	EXPECT_EQ(t, *(int *)to, 7);
	for (int i = 1; i < 5; i++)
		EXPECT_EQ(t, *(int *)(to + i * PAGE), 103 + i);
	EXPECT_EQ(t, *(int *)addr, 102);
	EXPECT_EQ(t, probe_read(addr + PAGE), SIGSEGV);
}

static void address_space_has_a_limit(struct test *t)
{
	char *addr = map_anon(t, 16 * PAGE, RW);
	struct rlimit limit;

	/* So much room that the program itself goes on. */
	REQUIRE(t, getrlimit(RLIMIT_AS, &limit) == 0);
	limit.rlim_cur = 1UL << 30;
	REQUIRE(t, setrlimit(RLIMIT_AS, &limit) == 0);
	EXPECT_RET(t, remap(addr, 16 * PAGE, 2UL << 30, MREMAP_MAYMOVE, NULL), -ENOMEM);
	EXPECT_EQ(t, probe_write(addr + 15 * PAGE), 0);
}

static void locked_memory_stays_locked(struct test *t)
{
	const struct rlimit limit = { 8 * PAGE, 8 * PAGE };
	char *addr = map_at(t, free_place(t, MIB), 4 * PAGE, ANON), *to = free_place(t, MIB);
	struct rusage before, after;

	SKIP_UNLESS_ROOT(t);
	REQUIRE(t, setrlimit(RLIMIT_MEMLOCK, &limit) == 0);
	become_nobody(t);
	EXPECT_RET(t, kcall(SYS_mlock, addr, 4 * PAGE), 0);
	EXPECT_RET(t, remap(addr, 4 * PAGE, 9 * PAGE, 0, NULL), -EAGAIN);
	EXPECT_RET(t, remap(addr, 4 * PAGE, 9 * PAGE, MREMAP_MAYMOVE, NULL), -EAGAIN);
	EXPECT_RET(t, remap(addr, 4 * PAGE, 8 * PAGE, TO_PLACE, to), to);
	/* All of it is there, and counts. */
	getrusage(RUSAGE_SELF, &before);
	for (int i = 0; i < 8; i++)
		to[i * PAGE] = 1;
	getrusage(RUSAGE_SELF, &after);
	EXPECT_LE(t, after.ru_minflt - before.ru_minflt, 1);
	EXPECT_RET(t, kcall(SYS_madvise, to, PAGE, MADV_DONTNEED), -EINVAL);
	EXPECT_RET(t, kcall(SYS_mlock, map_anon(t, PAGE, RW), PAGE), -ENOMEM);
	/* What MREMAP_DONTUNMAP leaves behind is not locked any more. */
	EXPECT_RET(t, remap(to, PAGE, PAGE, TO_PLACE | MREMAP_DONTUNMAP, addr), addr);
	EXPECT_RET(t, kcall(SYS_madvise, to, PAGE, MADV_DONTNEED), 0);
	EXPECT_RET(t, kcall(SYS_madvise, addr, PAGE, MADV_DONTNEED), -EINVAL);
}

static volatile char *seen;
static volatile int has_moved;

/* Its CPU knows the old place until it is told to forget it. */
static void *read_on(void *arg __maybe_unused)
{
	while (!has_moved)
		(void)*seen;
	(void)*seen;
	_exit(1);
}

static void read_while_it_moves(void *arg)
{
	char *addr = map_anon(arg, PAGE, RW), *to = free_place(arg, PAGE);
	pthread_t thread;

	seen = addr;
	*addr = 1;
	if (pthread_create(&thread, NULL, read_on, NULL))
		_exit(2);
	sleep_ms(20);
	if (remap(addr, PAGE, PAGE, TO_PLACE, to) != (long)to)
		_exit(3);
	has_moved = 1;
	pthread_join(thread, NULL);
}

static void other_threads_lose_the_old_place(struct test *t)
{
	int status = run_in_child(t, read_while_it_moves, t);

	/* Either thread may see it: the one that moves first, if it is faster. */
	EXPECT_KILLED(t, status, SIGSEGV);
}

/* The vDSO moves whole or not at all. */
static void the_vdso_moves_whole(struct test *t)
{
	const char *vdso = (const char *)getauxval(AT_SYSINFO_EHDR);
	char *to = free_place(t, MIB);
	size_t nr = 1;
	long got;

	SKIP_IF(t, !vdso, "there is none");
	/* Nothing here may call it afterwards. */
	do
		got = remap(vdso, nr * PAGE, nr * PAGE, TO_PLACE, to);
	while (got == -EINVAL && ++nr < 16);
	SKIP_IF(t, got == -EPERM, "it is sealed");
	EXPECT_RET(t, got, to);
	EXPECT_EQ(t, memcmp(to, "\177ELF", 4), 0);
	EXPECT_EQ(t, probe_read(vdso), SIGSEGV);
	EXPECT_RET(t, remap(to, nr * PAGE, (nr + 1) * PAGE, MREMAP_MAYMOVE, NULL), -EFAULT);
	if (nr > 1)
		EXPECT_RET(t, kcall(SYS_munmap, to, PAGE), -EINVAL);
	EXPECT_RET(t, remap(to, nr * PAGE, nr * PAGE, TO_PLACE, vdso), vdso);
	EXPECT_EQ(t, memcmp(vdso, "\177ELF", 4), 0);
	EXPECT_GE(t, now_ns(CLOCK_MONOTONIC), 1); /* by way of it */
}

static void the_heap_may_leave(struct test *t)
{
	long start = (kcall(SYS_brk, 0) + PAGE - 1) & -PAGE;
	char *to = free_place(t, PAGE);

	EXPECT_RET(t, kcall(SYS_brk, start + 2 * PAGE), start + 2 * PAGE);
	*(char *)start = 4;
	EXPECT_RET(t, remap((void *)start, PAGE, PAGE, TO_PLACE, to), to);
	EXPECT_EQ(t, *to, 4);
	EXPECT_RET(t, kcall(SYS_brk, start + 3 * PAGE), start + 3 * PAGE);
	EXPECT_EQ(t, probe_write((char *)start), SIGSEGV);
	EXPECT_RET(t, kcall(SYS_brk, start), start);
	EXPECT_EQ(t, *to, 4);
}

static const struct test_case mremap_cases[] = {
	TEST_CASE(shrinking_unmaps_the_rest),
	TEST_CASE(growing_takes_the_room_behind),
	TEST_CASE(growing_needs_room_or_may_move),
	TEST_CASE(fixed_replaces_what_is_there),
	TEST_CASE(what_comes_back_is_one_again),
	TEST_CASE(untouched_memory_joins_its_new_neighbours),
	TEST_CASE(bad_calls_table),
	TEST_CASE(length_0_of_shared_memory_maps_it_again),
	TEST_CASE(dontunmap_leaves_an_empty_mapping),
	TEST_CASE(dontunmap_of_shared_memory_keeps_it),
	TEST_CASE(rights_move_along),
	TEST_CASE(megabytes_move),
	TEST_CASE(sparse_gigabytes_move),
	TEST_CASE(copies_on_write_move_apart),
	TEST_CASE(files_move_and_keep_their_offset),
	TEST_CASE(address_space_has_a_limit),
	TEST_CASE(locked_memory_stays_locked),
	TEST_CASE(other_threads_lose_the_old_place),
	TEST_CASE(the_vdso_moves_whole),
	TEST_CASE(the_heap_may_leave),
};
TEST_SUITE(mremap, mremap_cases);
SELFTEST_NO_HELPER
