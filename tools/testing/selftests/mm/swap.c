/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * swap: memory that goes out, by MADV_PAGEOUT or because there is more than fits, comes back as it
 * was, to all who have it; so do files that are memory.  Each word tells its place.  Where no swap
 * is on, memory stays where it is, and all of it must hold nevertheless.
 */
#include <sys/mount.h>
#include <sys/sendfile.h>
#include <sys/statfs.h>
#include <sys/uio.h>

#include "pressure.h"
#include "threads.h"

#define RW	     (PROT_READ | PROT_WRITE)
#define NR_PAGES     512UL
#define SIZE	     (NR_PAGES * PAGE)
#define NR_CHILDREN  3
#define NR_ROUNDS    200
#define NR_OF_THREAD (NR_PAGES / NR_THREADS)

/* Never 0. */
static uint64_t word_of(size_t i, uint64_t whose)
{
	return (((i + 1) * 0x9e3779b97f4a7c15UL) ^ whose << 56) | 1;
}

static void fill(uint64_t *words, size_t len, uint64_t whose)
{
	for (size_t i = 0; i < len / sizeof(*words); i++)
		words[i] = word_of(i, whose);
}

static bool is_intact(const uint64_t *words, size_t len, uint64_t whose)
{
	for (size_t i = 0; i < len / sizeof(*words); i++)
		if (words[i] != word_of(i, whose))
			return false;
	return true;
}

static uint64_t *map_filled(struct test *t, size_t len, int flags)
{
	uint64_t *words = mmap(NULL, len, RW, flags | MAP_ANONYMOUS, -1, 0);

	REQUIRE(t, words != MAP_FAILED);
	fill(words, len, 0);
	return words;
}

static void page_out(struct test *t, void *addr, size_t len)
{
	EXPECT_RET(t, kcall(SYS_madvise, addr, len, MADV_PAGEOUT), 0);
}

static void private_memory_comes_back(struct test *t)
{
	uint64_t *words = map_filled(t, SIZE, MAP_PRIVATE);

	for (int round = 0; round < 3; round++) {
		page_out(t, words, SIZE);
		EXPECT_TRUE(t, is_intact(words, SIZE, 0));
	}
	page_out(t, words, SIZE);
	EXPECT_RET(t, kcall(SYS_madvise, words, SIZE, MADV_WILLNEED), 0);
	words[0] = 1;
	EXPECT_EQ(t, words[0], 1UL);
	words[0] = word_of(0, 0);
	EXPECT_TRUE(t, is_intact(words, SIZE, 0));
}

static void memory_that_is_out_moves_and_changes_its_rights(struct test *t)
{
	uint64_t *words = map_filled(t, SIZE, MAP_PRIVATE);
	uint64_t *moved;

	page_out(t, words, SIZE);
	EXPECT_RET(t, kcall(SYS_mprotect, words, SIZE, PROT_NONE), 0);
	moved = mremap(words, SIZE, 2 * SIZE, MREMAP_MAYMOVE);
	REQUIRE(t, moved != MAP_FAILED);
	EXPECT_RET(t, kcall(SYS_mprotect, moved, SIZE, PROT_READ), 0);
	EXPECT_TRUE(t, is_intact(moved, SIZE, 0));
	page_out(t, moved, SIZE);
	EXPECT_RET(t, kcall(SYS_mprotect, moved, SIZE, RW), 0);
	EXPECT_RET(t, kcall(SYS_madvise, moved, PAGE, MADV_DONTNEED), 0);
	EXPECT_EQ(t, moved[0], 0UL);
	fill(moved, PAGE, 0);
	EXPECT_TRUE(t, is_intact(moved, SIZE, 0));
}

/* Each has what the parent had, and its own from the first write on. */
static int child_of_private(uint64_t *words, uint64_t whose)
{
	size_t part = SIZE / NR_CHILDREN & -PAGE;

	if (!is_intact(words, SIZE, 0))
		return 1;
	fill(words, part, whose);
	madvise(words, SIZE, MADV_PAGEOUT);
	if (!is_intact(words, part, whose))
		return 2;
	for (size_t i = part / sizeof(*words); i < SIZE / sizeof(*words); i++)
		if (words[i] != word_of(i, 0))
			return 3;
	return 0;
}

static void forks_share_what_is_out_until_they_write(struct test *t)
{
	uint64_t *words = map_filled(t, SIZE, MAP_PRIVATE);
	pid_t children[NR_CHILDREN];
	int status;

	page_out(t, words, SIZE);
	for (int i = 0; i < NR_CHILDREN; i++) {
		children[i] = fork();
		REQUIRE(t, children[i] >= 0);
		if (!children[i])
			_exit(child_of_private(words, (uint64_t)i + 1));
	}
	page_out(t, words, SIZE);
	EXPECT_TRUE(t, is_intact(words, SIZE, 0));
	for (int i = 0; i < NR_CHILDREN; i++) {
		EXPECT_EQ(t, waitpid(children[i], &status, 0), children[i]);
		EXPECT_EXIT(t, status, 0);
	}
	EXPECT_TRUE(t, is_intact(words, SIZE, 0));
}

static void sharers_see_one_memory(struct test *t)
{
	uint64_t *words = map_filled(t, SIZE, MAP_SHARED);
	int status;

	page_out(t, words, SIZE);
	if (!fork()) {
		bool is_good = is_intact(words, SIZE, 0);

		fill(words, SIZE, 9);
		madvise(words, SIZE, MADV_PAGEOUT);
		_exit(!is_good);
	}
	wait(&status);
	EXPECT_EXIT(t, status, 0);
	EXPECT_TRUE(t, is_intact(words, SIZE, 9));
	page_out(t, words, SIZE);
	EXPECT_RET(t, kcall(SYS_madvise, words, PAGE, MADV_REMOVE), 0);
	EXPECT_EQ(t, words[0], 0UL);
	fill(words, PAGE, 9);
	EXPECT_TRUE(t, is_intact(words, SIZE, 9));
}

static void writes_from_outside_are_not_lost(struct test *t)
{
	uint64_t *words = map_filled(t, SIZE, MAP_PRIVATE);
	uint64_t word = 5;
	struct iovec local = { &word, sizeof(word) };

	for (size_t i = 0; i < NR_PAGES; i++) {
		struct iovec remote = { words + i * PAGE / sizeof(*words), sizeof(word) };

		if (i % 64 == 0)
			page_out(t, words, SIZE);
		EXPECT_RET(t, kcall(SYS_process_vm_writev, getpid(), &local, 1, &remote, 1, 0),
			   sizeof(word));
	}
	page_out(t, words, SIZE);
	for (size_t page = 0; page < NR_PAGES; page++) {
		uint64_t *first = words + page * PAGE / sizeof(*words);

		EXPECT_EQ(t, *first, 5UL);
		*first = word_of((size_t)(first - words), 0);
	}
	EXPECT_TRUE(t, is_intact(words, SIZE, 0));
}

static uint64_t *shared_by_threads;
static int file_of_threads;

/* Its own pages, while others say that all may go. */
static void *write_and_page_out(void *number)
{
	uint64_t *words =
		shared_by_threads + (unsigned long)number * NR_OF_THREAD * PAGE / sizeof(*words);
	uint64_t values[NR_OF_THREAD] = { 0 };

	for (uint64_t round = 1; round <= NR_ROUNDS; round++) {
		for (size_t page = round % 3; page < NR_OF_THREAD; page += 3) {
			uint64_t *word = words + page * PAGE / sizeof(*words);

			note_bad(*word != values[page]);
			*word = values[page] = round;
		}
		if (round % 8 == (unsigned long)number)
			madvise(shared_by_threads, SIZE, MADV_PAGEOUT);
	}
	return NULL;
}

static void threads_write_what_others_send_out(struct test *t)
{
	shared_by_threads = (uint64_t *)map_anon(t, SIZE, RW);
	run_threads(t, write_and_page_out);
}

/* --- files that have no other place --- */

/* A file of SIZE bytes whose pages were all written to, and are out. */
static uint64_t *map_file_that_is_out(struct test *t, int fd)
{
	uint64_t *words;

	REQUIRE(t, fd >= 0 && !ftruncate(fd, SIZE));
	words = mmap(NULL, SIZE, RW, MAP_SHARED, fd, 0);
	REQUIRE(t, words != MAP_FAILED);
	fill(words, SIZE, 0);
	page_out(t, words, SIZE);
	return words;
}

static long blocks_of(struct test *t, int fd)
{
	struct stat st;

	REQUIRE(t, !fstat(fd, &st));
	return st.st_blocks;
}

/* Bytes [@start, @end) of the file, word by word, by read(). */
static bool reads_intact(int fd, size_t start, size_t end)
{
	static uint64_t buf[3 * PAGE / sizeof(uint64_t) + 5];

	while (start < end) {
		size_t len = end - start < sizeof(buf) ? end - start : sizeof(buf);

		if (pread(fd, buf, len, (off_t)start) != (ssize_t)len)
			return false;
		for (size_t i = 0; i < len / sizeof(*buf); i++)
			if (buf[i] != word_of(start / sizeof(*buf) + i, 0))
				return false;
		start += len;
	}
	return true;
}

static void file_in_memory_comes_back_to_readers_and_writers(struct test *t)
{
	int fd = memfd_create("swap", 0);
	uint64_t *words = map_file_that_is_out(t, fd), word = 77;

	EXPECT_EQ(t, blocks_of(t, fd), (long)(SIZE / 512));
	EXPECT_TRUE(t, reads_intact(fd, 0, SIZE));
	EXPECT_EQ(t, blocks_of(t, fd), (long)(SIZE / 512));
	page_out(t, words, SIZE);
	EXPECT_RET(t, kcall(SYS_pwrite64, fd, &word, sizeof(word), 10 * PAGE + 8), sizeof(word));
	EXPECT_EQ(t, words[(10 * PAGE + 8) / sizeof(word)], 77UL);
	words[(10 * PAGE + 8) / sizeof(word)] = word_of((10 * PAGE + 8) / sizeof(word), 0);
	EXPECT_TRUE(t, is_intact(words, SIZE, 0));
	page_out(t, words, SIZE);
	EXPECT_RET(t, kcall(SYS_madvise, words, SIZE, MADV_WILLNEED), 0);
	EXPECT_TRUE(t, is_intact(words, SIZE, 0));
	munmap(words, SIZE);
	EXPECT_TRUE(t, reads_intact(fd, 0, SIZE));
	close(fd);
}

static void what_is_out_is_no_hole(struct test *t)
{
	int fd = memfd_create("swap", 0);
	uint64_t *words = map_file_that_is_out(t, fd);

	EXPECT_RET(t, kcall(SYS_lseek, fd, 0, SEEK_HOLE), SIZE);
	EXPECT_RET(t, kcall(SYS_lseek, fd, 5 * PAGE + 1, SEEK_DATA), 5 * PAGE + 1);
	EXPECT_RET(t, kcall(SYS_fallocate, fd, 3, 4 * PAGE, 4 * PAGE), 0);
	EXPECT_EQ(t, blocks_of(t, fd), (long)((SIZE - 4 * PAGE) / 512));
	EXPECT_RET(t, kcall(SYS_lseek, fd, 0, SEEK_HOLE), 4 * PAGE);
	EXPECT_RET(t, kcall(SYS_lseek, fd, 4 * PAGE, SEEK_DATA), 8 * PAGE);
	EXPECT_EQ(t, words[4 * PAGE / sizeof(*words)], 0UL);
	fill(words, SIZE, 0);
	page_out(t, words, SIZE);
	/* Where there is room it is not made anew. */
	EXPECT_RET(t, kcall(SYS_fallocate, fd, 0, 0, SIZE), 0);
	EXPECT_EQ(t, blocks_of(t, fd), (long)(SIZE / 512));
	EXPECT_TRUE(t, reads_intact(fd, 0, SIZE));
	close(fd);
}

static void cut_reaches_what_is_out(struct test *t)
{
	int fd = memfd_create("swap", 0);
	uint64_t *words = map_file_that_is_out(t, fd);
	const size_t size = 9 * PAGE + 64;

	EXPECT_RET(t, kcall(SYS_ftruncate, fd, size), 0);
	EXPECT_EQ(t, blocks_of(t, fd), (long)(10 * PAGE / 512));
	EXPECT_RET(t, kcall(SYS_ftruncate, fd, SIZE), 0);
	EXPECT_TRUE(t, is_intact(words, size, 0));
	for (size_t i = size / sizeof(*words); i < 12 * PAGE / sizeof(*words); i++)
		EXPECT_EQ(t, words[i], 0UL);
	fill(words, SIZE, 0);
	page_out(t, words, SIZE);
	/* A part of a page, and whole ones. */
	EXPECT_RET(t, kcall(SYS_fallocate, fd, 3, 2 * PAGE - 64, PAGE + 128), 0);
	EXPECT_TRUE(t, is_intact(words, 2 * PAGE - 64, 0));
	for (size_t i = (2 * PAGE - 64) / sizeof(*words); i < (3 * PAGE + 64) / sizeof(*words); i++)
		EXPECT_EQ(t, words[i], 0UL);
	EXPECT_TRUE(t, reads_intact(fd, 3 * PAGE + 64, SIZE));
	close(fd);
}

static void what_is_out_is_sent_and_spliced(struct test *t)
{
	int from = memfd_create("from", 0), to = memfd_create("to", 0), ends[2];
	uint64_t *words = map_file_that_is_out(t, from);
	off_t pos = 0;

	while (pos < (off_t)SIZE)
		REQUIRE(t, sendfile(to, from, &pos, SIZE) > 0);
	EXPECT_TRUE(t, reads_intact(to, 0, SIZE));
	page_out(t, words, SIZE);
	REQUIRE(t, !pipe(ends) && !ftruncate(to, 0) && !lseek(to, 0, SEEK_SET));
	for (pos = 0; pos < (off_t)SIZE;) {
		ssize_t len = splice(from, &pos, ends[1], NULL, 4 * PAGE, 0);

		REQUIRE(t, len > 0);
		/* A page that a pipe has may be asked to go. */
		page_out(t, words, SIZE);
		REQUIRE(t, splice(ends[0], NULL, to, NULL, (size_t)len, 0) == len);
	}
	EXPECT_TRUE(t, reads_intact(to, 0, SIZE));
	EXPECT_TRUE(t, is_intact(words, SIZE, 0));
}

static void forks_see_one_file_and_their_own_copies(struct test *t)
{
	int fd = memfd_create("swap", 0), status;
	uint64_t *words = map_file_that_is_out(t, fd);
	uint64_t *copy = mmap(NULL, SIZE, RW, MAP_PRIVATE, fd, 0);

	REQUIRE(t, copy != MAP_FAILED);
	fill(copy, PAGE, 3);
	page_out(t, words, SIZE);
	page_out(t, copy, SIZE);
	if (!fork()) {
		bool is_good = is_intact(words, SIZE, 0) && is_intact(copy, PAGE, 3);

		fill(words, SIZE, 9);
		fill(copy, PAGE, 4);
		madvise(words, SIZE, MADV_PAGEOUT);
		_exit(!is_good || !is_intact(copy, PAGE, 4));
	}
	wait(&status);
	EXPECT_EXIT(t, status, 0);
	EXPECT_TRUE(t, is_intact(words, SIZE, 9));
	EXPECT_TRUE(t, is_intact(copy, PAGE, 3));
	EXPECT_EQ(t, copy[PAGE / sizeof(*copy)], word_of(PAGE / sizeof(*copy), 9));
}

/* Without a name, and when the file system goes, too. */
static void limit_of_a_tmpfs_counts_what_is_out(struct test *t)
{
	const char *folder;
	struct statfs counts;
	uint64_t *words;
	char page[PAGE] = { 1 };
	unsigned long before;
	int fd;

	SKIP_UNLESS_GUEST(t);
	SKIP_UNLESS_ROOT(t);
	folder = scratch_folder(t);
	before = free_swap();
	REQUIRE(t, !mount("tmpfs", folder, "tmpfs", 0, "nr_blocks=513") && !chdir(folder));
	fd = open("f", O_RDWR | O_CREAT, 0600);
	words = map_file_that_is_out(t, fd);
	REQUIRE(t, !statfs(".", &counts));
	EXPECT_EQ(t, counts.f_bfree, 1);
	EXPECT_RET(t, kcall(SYS_pwrite64, fd, page, PAGE, SIZE), PAGE);
	EXPECT_RET(t, kcall(SYS_pwrite64, fd, page, PAGE, SIZE + PAGE), -ENOSPC);
	/* What comes back takes no more. */
	EXPECT_TRUE(t, reads_intact(fd, 0, SIZE / 2));
	fill(words, PAGE, 0);
	page_out(t, words, SIZE);
	EXPECT_RET(t, unlink("f"), 0);
	EXPECT_TRUE(t, is_intact(words, SIZE, 0));
	page_out(t, words, SIZE);
	munmap(words, SIZE);
	close(fd);
	REQUIRE(t, !statfs(".", &counts));
	EXPECT_EQ(t, counts.f_bfree, 513);
	fd = open("g", O_RDWR | O_CREAT, 0600);
	words = map_file_that_is_out(t, fd);
	munmap(words, SIZE);
	close(fd);
	REQUIRE(t, !chdir("/"));
	EXPECT_RET(t, kcall(SYS_umount2, folder, 0), 0);
	rmdir(folder);
	/* What is just being stored has its slot as long. */
	for (int i = 0; i < 3000 && free_swap() < before; i++)
		usleep(10000);
	if (is_oshit())
		EXPECT_GE(t, free_swap(), before);
}

static void *write_files_and_page_out(void *number)
{
	unsigned long mine = (unsigned long)number * NR_OF_THREAD;
	uint64_t values[NR_OF_THREAD] = { 0 }, word;

	for (uint64_t round = 1; round <= NR_ROUNDS; round++) {
		for (size_t page = round % 3; page < NR_OF_THREAD; page += 3) {
			off_t at = (off_t)((mine + page) * PAGE);

			note_bad(pread(file_of_threads, &word, sizeof(word), at) != sizeof(word));
			note_bad(word != values[page]);
			values[page] = round;
			if (round & 1)
				shared_by_threads[at / (off_t)sizeof(word)] = round;
			else
				note_bad(pwrite(file_of_threads, &round, sizeof(round), at) !=
					 sizeof(round));
		}
		if (round % 8 == (unsigned long)number)
			madvise(shared_by_threads, SIZE, MADV_PAGEOUT);
	}
	return NULL;
}

static void threads_read_and_write_a_file_that_others_send_out(struct test *t)
{
	file_of_threads = memfd_create("swap", 0);
	REQUIRE(t, file_of_threads >= 0 && !ftruncate(file_of_threads, SIZE));
	shared_by_threads = mmap(NULL, SIZE, RW, MAP_SHARED, file_of_threads, 0);
	REQUIRE(t, shared_by_threads != MAP_FAILED);
	run_threads(t, write_files_and_page_out);
}

/* --- what is done with memory that is just going out, counts at once for all processors --- */

#define NR_FEW 8UL /* pages that all use all the time */

static volatile int is_over, is_protected;
static volatile uint64_t generation;

static volatile uint64_t *word_in(size_t page)
{
	return shared_by_threads + page * PAGE / sizeof(*shared_by_threads);
}

static void *keep_paging_out(void)
{
	while (!is_over)
		madvise(shared_by_threads, NR_FEW * PAGE, MADV_PAGEOUT);
	return NULL;
}

static void wait_for_rights(int sig)
{
	(void)sig;
	while (is_protected)
		sched_yield();
}

static void *keep_writing(void)
{
	while (!is_over)
		for (size_t page = 0; page < NR_FEW; page++)
			++*word_in(page);
	return NULL;
}

static bool changes_while_protected(void)
{
	uint64_t before[NR_FEW];

	for (size_t page = 0; page < NR_FEW; page++)
		before[page] = *word_in(page);
	for (int look = 0; look < 100; look++)
		for (size_t page = 0; page < NR_FEW; page++)
			if (*word_in(page) != before[page])
				return true;
	return false;
}

static void *protect_and_look(void)
{
	for (int round = 0; round < NR_ROUNDS; round++) {
		is_protected = 1;
		note_bad(mprotect(shared_by_threads, NR_FEW * PAGE, PROT_READ));
		note_bad(changes_while_protected());
		note_bad(mprotect(shared_by_threads, NR_FEW * PAGE, RW));
		is_protected = 0;
		sched_yield();
	}
	is_over = 1;
	return NULL;
}

static void *write_what_may_be_protected(void *number)
{
	switch ((long)number) {
	case 0:
		return protect_and_look();
	case 1:
		return keep_paging_out();
	default:
		return keep_writing();
	}
}

static void nobody_writes_to_what_is_protected_on_its_way_out(struct test *t)
{
	struct sigaction action = { .sa_handler = wait_for_rights };

	REQUIRE(t, !sigaction(SIGSEGV, &action, NULL));
	is_over = is_protected = 0;
	shared_by_threads = (uint64_t *)map_anon(t, NR_FEW * PAGE, RW);
	run_threads(t, write_what_may_be_protected);
	REQUIRE(t, signal(SIGSEGV, SIG_DFL) == wait_for_rights);
}

/* The generation is odd while the pages are replaced; each holds it otherwise. */
static void *map_anew(void)
{
	for (int round = 0; round < NR_ROUNDS; round++) {
		generation++;
		note_bad(mmap(shared_by_threads, NR_FEW * PAGE, RW,
			      MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) != shared_by_threads);
		for (size_t page = 0; page < NR_FEW; page++)
			*word_in(page) = generation + 1;
		generation++;
		sched_yield();
	}
	is_over = 1;
	return NULL;
}

static void *look_for_old_pages(void)
{
	while (!is_over) {
		uint64_t before = generation, words[NR_FEW];

		if (before & 1)
			continue;
		for (size_t page = 0; page < NR_FEW; page++)
			words[page] = *word_in(page);
		for (size_t page = 0; generation == before && page < NR_FEW; page++)
			note_bad(words[page] != before);
	}
	return NULL;
}

static void *use_what_is_replaced(void *number)
{
	switch ((long)number) {
	case 0:
		return map_anew();
	case 1:
		return keep_paging_out();
	default:
		return look_for_old_pages();
	}
}

static void nobody_sees_what_was_replaced_on_its_way_out(struct test *t)
{
	is_over = 0;
	generation = 0;
	shared_by_threads = (uint64_t *)map_anon(t, NR_FEW * PAGE, RW);
	run_threads(t, use_what_is_replaced);
}

/* --- more than fits --- */

static void more_private_memory_than_fits(struct test *t)
{
	size_t len = more_than_free();
	unsigned long before = free_swap();
	uint64_t *words;
	int status;

	SKIP_UNLESS_GUEST(t);
	SKIP_IF(t, !len, "no swap, or too little");
	words = map_filled(t, len, MAP_PRIVATE);
	EXPECT_LT(t, free_swap(), before);
	if (!fork())
		_exit(!is_intact(words, len, 0));
	EXPECT_TRUE(t, is_intact(words, len, 0));
	wait(&status);
	EXPECT_EXIT(t, status, 0);
}

static void more_shared_memory_than_fits(struct test *t)
{
	size_t len = more_than_free();
	uint64_t *words;
	int status;

	SKIP_UNLESS_GUEST(t);
	SKIP_IF(t, !len, "no swap, or too little");
	words = map_filled(t, len, MAP_SHARED);
	if (!fork()) {
		bool is_good = is_intact(words, len, 0);

		fill(words, len / 2 & -PAGE, 4);
		_exit(!is_good);
	}
	wait(&status);
	EXPECT_EXIT(t, status, 0);
	EXPECT_TRUE(t, is_intact(words, len / 2 & -PAGE, 4));
	munmap(words, len);
	EXPECT_GT(t, free_swap(), total_swap() / 2);
}

static void more_files_than_fit(struct test *t)
{
	size_t len = more_than_free();
	unsigned long before = free_swap();
	static uint64_t words[16 * PAGE / sizeof(uint64_t)];
	int fd = memfd_create("swap", 0);

	SKIP_UNLESS_GUEST(t);
	SKIP_IF(t, !len, "no swap, or too little");
	for (size_t at = 0; at < len; at += sizeof(words)) {
		for (size_t i = 0; i < ARRAY_SIZE(words); i++)
			words[i] = word_of(at / sizeof(*words) + i, 0);
		REQUIRE(t, write(fd, words, sizeof(words)) == sizeof(words));
	}
	EXPECT_LT(t, free_swap(), before);
	EXPECT_GE(t, blocks_of(t, fd), (long)(len / 512));
	EXPECT_TRUE(t, reads_intact(fd, 0, len));
	EXPECT_TRUE(t, reads_intact(fd, 0, len));
	close(fd);
	EXPECT_GT(t, free_swap(), total_swap() / 2);
}

static const struct test_case swap_cases[] = {
	TEST_CASE(private_memory_comes_back),
	TEST_CASE(memory_that_is_out_moves_and_changes_its_rights),
	TEST_CASE(forks_share_what_is_out_until_they_write),
	TEST_CASE(sharers_see_one_memory),
	TEST_CASE(writes_from_outside_are_not_lost),
	TEST_CASE(threads_write_what_others_send_out),
	TEST_CASE(file_in_memory_comes_back_to_readers_and_writers),
	TEST_CASE(what_is_out_is_no_hole),
	TEST_CASE(cut_reaches_what_is_out),
	TEST_CASE(what_is_out_is_sent_and_spliced),
	TEST_CASE(forks_see_one_file_and_their_own_copies),
	TEST_CASE(limit_of_a_tmpfs_counts_what_is_out),
	TEST_CASE(threads_read_and_write_a_file_that_others_send_out),
	TEST_CASE(nobody_writes_to_what_is_protected_on_its_way_out),
	TEST_CASE(nobody_sees_what_was_replaced_on_its_way_out),
	TEST_CASE(more_private_memory_than_fits),
	TEST_CASE(more_shared_memory_than_fits),
	TEST_CASE(more_files_than_fit),
};
TEST_SUITE(swap, swap_cases);
SELFTEST_NO_HELPER
