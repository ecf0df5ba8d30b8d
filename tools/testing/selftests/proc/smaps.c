/* SPDX-License-Identifier: GPL-2.0-only */
/* /proc/PID/smaps, smaps_rollup and pagemap, against what the program does to its memory. */
#include <sys/prctl.h>
#include <sys/stat.h>

#include "proc.h"

#define NR    100L /* pages */
#define SLACK 4L /* KiB */

/* The part of smaps for the area that begins at @start. */
static const char *part_of(struct test *t, const void *start)
{
	static char part[4096];
	const char *smaps = proc_text(t, "/proc/self/smaps"), *end;
	char head[40];

	snprintf(head, sizeof(head), "%08lx-", (unsigned long)start);
	smaps = strstr(smaps, head);
	REQUIRE(t, smaps);
	end = strstr(smaps, "VmFlags:");
	REQUIRE(t, end);
	end = strchr(end, '\n');
	snprintf(part, sizeof(part), "%.*s", (int)(end + 1 - smaps), smaps);
	return part;
}

/* An area alone: nothing beside it is alike. */
static char *lonely(struct test *t, int flags, int fd)
{
	char *memory = map_anon(t, (NR + 2) * PAGE, PROT_NONE);
	int prot = PROT_READ | PROT_WRITE;

	memory = mmap(memory + PAGE, NR * PAGE, prot, flags | MAP_FIXED, fd, 0);
	REQUIRE(t, memory != MAP_FAILED);
	return memory;
}

static void private_memory_is_private(struct test *t)
{
	const char *part;
	char *memory;

	SKIP_IF(t, access("/proc/self/smaps", R_OK), "no smaps here");
	memory = lonely(t, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	part = part_of(t, memory);
	EXPECT_EQ(t, number_of(t, part, "Size:", 10), NR * 4);
	EXPECT_EQ(t, number_of(t, part, "KernelPageSize:", 10), 4);
	SKIP_IF(t, maps_at_once(), "pages come without a fault");
	EXPECT_EQ(t, number_of(t, part, "Rss:", 10), 0);
	memset(memory, 1, 40 * PAGE);
	part = part_of(t, memory);
	EXPECT_EQ(t, number_of(t, part, "Rss:", 10), 160);
	EXPECT_EQ(t, number_of(t, part, "Pss:", 10), 160);
	EXPECT_EQ(t, number_of(t, part, "Private_Dirty:", 10), 160);
	EXPECT_EQ(t, number_of(t, part, "Shared_Dirty:", 10), 0);
	EXPECT_EQ(t, number_of(t, part, "Referenced:", 10), 160);
	EXPECT_EQ(t, number_of(t, part, "Anonymous:", 10), 160);
	EXPECT_TRUE(t, !strncmp(line_of(t, part, "VmFlags:"), "rd wr mr mw me ", 15));
	madvise(memory, 10 * PAGE, MADV_DONTNEED);
	EXPECT_EQ(t, number_of(t, part_of(t, memory), "Rss:", 10), 120);
}

/* Only looks: what is the child's, too, is shared in halves. */
static void look_as_child(void *memory)
{
	struct test t = { .name = "the child" };
	const char *part = part_of(&t, memory);

	EXPECT_EQ(&t, number_of(&t, part, "Rss:", 10), NR * 4);
	EXPECT_EQ(&t, number_of(&t, part, "Pss:", 10), NR * 2);
	EXPECT_EQ(&t, number_of(&t, part, "Shared_Dirty:", 10), NR * 4);
	memset(memory, 2, 30 * PAGE);
	part = part_of(&t, memory);
	EXPECT_EQ(&t, number_of(&t, part, "Pss:", 10), (NR - 30) * 2 + 30 * 4);
	EXPECT_EQ(&t, number_of(&t, part, "Private_Dirty:", 10), 30 * 4);
	EXPECT_EQ(&t, number_of(&t, part, "Shared_Dirty:", 10), (NR - 30) * 4);
	_exit(t.nr_failures != 0);
}

static void shared_memory_is_divided(struct test *t)
{
	char *memory;

	SKIP_IF(t, access("/proc/self/smaps", R_OK), "no smaps here");
	memory = lonely(t, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	memset(memory, 1, NR * PAGE);
	EXPECT_EXIT(t, run_in_child(t, look_as_child, memory), 0);
	EXPECT_EQ(t, number_of(t, part_of(t, memory), "Pss:", 10), NR * 4);
}

static void files_are_no_anonymous_memory(struct test *t)
{
	int fd = open(path_of("%s/file", scratch_folder(t)), O_RDWR | O_CREAT, 0600);
	const char *part;
	char *memory;

	SKIP_IF(t, access("/proc/self/smaps", R_OK), "no smaps here");
	REQUIRE(t, fd >= 0 && ftruncate(fd, NR * (long)PAGE) == 0);
	memory = lonely(t, MAP_PRIVATE, fd);
	for (long i = 0; i < NR; i++)
		(void)*(volatile char *)(memory + i * (long)PAGE);
	memset(memory, 1, 20 * PAGE);
	part = part_of(t, memory);
	EXPECT_EQ(t, number_of(t, part, "Rss:", 10), NR * 4);
	EXPECT_EQ(t, number_of(t, part, "Anonymous:", 10), 80);
	EXPECT_GE(t, number_of(t, part, "Private_Dirty:", 10), 80);
	memory = lonely(t, MAP_SHARED, fd);
	part = part_of(t, memory);
	EXPECT_EQ(t, strncmp(line_of(t, part, "VmFlags:"), "rd wr sh mr mw me ms ", 21), 0);
}

static const char *const keys[] = { "Rss:", "Private_Dirty:", "Anonymous:", "Referenced:" };

/* What all areas have of each key. */
static void sum_up(struct test *t, long sums[ARRAY_SIZE(keys)])
{
	const char *text = proc_text(t, "/proc/self/smaps");

	for (size_t i = 0; i < ARRAY_SIZE(keys); i++) {
		sums[i] = 0;
		for (const char *at = text; (at = strstr(at, path_of("\n%s", keys[i]))); at++)
			sums[i] += atol(at + 1 + strlen(keys[i]));
	}
}

static void the_rollup_is_the_sum(struct test *t)
{
	long sums[ARRAY_SIZE(keys)];
	const char *text;

	SKIP_IF(t, access("/proc/self/smaps_rollup", R_OK), "no smaps here");
	sum_up(t, sums);
	sum_up(t, sums); /* all that it uses is there now */
	text = proc_text(t, "/proc/self/smaps_rollup");
	EXPECT_TRUE(t, strstr(text, "[rollup]\n"));
	for (size_t i = 0; i < ARRAY_SIZE(keys); i++) {
		EXPECT_GE(t, number_of(t, text, keys[i], 10), sums[i] - SLACK);
		EXPECT_LE(t, number_of(t, text, keys[i], 10), sums[i] + SLACK);
	}
	EXPECT_LE(t, number_of(t, text, "Pss:", 10), number_of(t, text, "Rss:", 10));
	EXPECT_GT(t, number_of(t, text, "Pss_Anon:", 10), 0);
}

static void locked_memory_is_told(struct test *t)
{
	const char *part;
	char *memory;

	SKIP_IF(t, access("/proc/self/smaps", R_OK), "no smaps here");
	memory = lonely(t, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	SKIP_IF(t, mlock(memory, NR * PAGE), "may not lock memory");
	part = part_of(t, memory);
	EXPECT_EQ(t, number_of(t, part, "Locked:", 10), NR * 4);
	EXPECT_TRUE(t, strstr(line_of(t, part, "VmFlags:"), " lo "));
}

/* --- pagemap */

#define PRESENT	  (1UL << 63)
#define SWAPPED	  (1UL << 62)
#define OF_FILE	  (1UL << 61)
#define EXCLUSIVE (1UL << 56)
#define FRAME	  ((1UL << 55) - 1)

static unsigned long word_of(struct test *t, int fd, const void *addr)
{
	unsigned long word = 0;

	EXPECT_RET(t, kcall(SYS_pread64, fd, &word, 8, (unsigned long)addr / PAGE * 8), 8);
	return word;
}

static int open_pagemap(struct test *t)
{
	int fd = open("/proc/self/pagemap", O_RDONLY);

	REQUIRE(t, fd >= 0);
	return fd;
}

static void pages_are_mapped_one_by_one(struct test *t)
{
	char *memory, *shared;
	unsigned long word;
	int fd;

	SKIP_WITHOUT(t, "/proc/self/pagemap");
	SKIP_IF(t, maps_at_once(), "pages come at once");
	fd = open_pagemap(t);
	memory = map_anon(t, 3 * PAGE, PROT_READ | PROT_WRITE);
	madvise(memory, 3 * PAGE, MADV_NOHUGEPAGE);
	memory[PAGE] = 1;
	EXPECT_EQ(t, word_of(t, fd, memory) & (PRESENT | SWAPPED), 0);
	word = word_of(t, fd, memory + PAGE);
	EXPECT_EQ(t, word & (PRESENT | SWAPPED | OF_FILE | EXCLUSIVE), PRESENT | EXCLUSIVE);
	if (is_root())
		EXPECT_TRUE(t, word & FRAME);
	shared = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	REQUIRE(t, shared != MAP_FAILED);
	*shared = 1;
	EXPECT_EQ(t, word_of(t, fd, shared) & (PRESENT | OF_FILE), PRESENT | OF_FILE);
	munmap(shared, PAGE);
	EXPECT_EQ(t, word_of(t, fd, shared) & PRESENT, 0);
}

static void pagemap_has_words(struct test *t)
{
	unsigned long words[1024];
	char *memory;
	int fd;

	SKIP_WITHOUT(t, "/proc/self/pagemap");
	fd = open_pagemap(t);
	memory = map_anon(t, 1024 * PAGE, PROT_READ | PROT_WRITE);
	memset(memory, 1, 1024 * PAGE); /* with huge pages, if there are such */
	EXPECT_RET(t,
		   kcall(SYS_pread64, fd, words, sizeof(words), (unsigned long)memory / PAGE * 8),
		   sizeof(words));
	for (int i = 0; i < 1024; i++)
		REQUIRE(t, (words[i] & (PRESENT | OF_FILE)) == PRESENT);
	EXPECT_RET(t, kcall(SYS_pread64, fd, words, 7, 0), -EINVAL);
	EXPECT_RET(t, kcall(SYS_pread64, fd, words, 8, 4), -EINVAL);
	EXPECT_RET(t, kcall(SYS_pread64, fd, words, 0, 0), 0);
	EXPECT_RET(t, kcall(SYS_pread64, fd, words, 8, user_space_end() / PAGE * 8), 0);
	EXPECT_RET(t, kcall(SYS_pread64, fd, (void *)8, 8, 0), -EFAULT);
}

static void frames_are_for_the_privileged(struct test *t)
{
	static char page[PAGE];
	unsigned long word;

	SKIP_UNLESS_ROOT(t);
	SKIP_WITHOUT(t, "/proc/self/pagemap");
	page[0] = 1;
	become_nobody(t);
	prctl(PR_SET_DUMPABLE, 1);
	word = word_of(t, open_pagemap(t), page);
	EXPECT_EQ(t, word & PRESENT, PRESENT);
	EXPECT_EQ(t, word & FRAME, 0);
	EXPECT_RET(t, kcall(SYS_open, "/proc/1/pagemap", O_RDONLY), -EACCES);
}

static const struct test_case cases[] = {
	TEST_CASE(private_memory_is_private),
	TEST_CASE(shared_memory_is_divided),
	TEST_CASE(files_are_no_anonymous_memory),
	TEST_CASE(the_rollup_is_the_sum),
	TEST_CASE(locked_memory_is_told),
	TEST_CASE(pages_are_mapped_one_by_one),
	TEST_CASE(pagemap_has_words),
	TEST_CASE(frames_are_for_the_privileged),
};
TEST_SUITE(smaps, cases);
SELFTEST_NO_HELPER
