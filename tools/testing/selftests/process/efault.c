/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Every pointer argument of every call, at every kind of bad address: EFAULT, whatever is there.
 * A row names the call with good arguments; each pointer of it is replaced in turn.
 */
#include <linux/capability.h>
#include <linux/sched.h>
#include <sys/prctl.h>
#include <sys/time.h>
#include <sys/times.h>
#include <sys/utsname.h>

#include "selftest.h"

/* Large enough for every struct below, all zero: a harmless argument of each call. */
static char good[1024];

#define MAX_ARGS     6
#define NULL_OK	     0x100 /* NULL means that the caller does not want it */
#define PART_OK	     0x200 /* the first half of the object is enough for another result */

/* Of the kernel: musl's structs have room for more. */
#define SYSINFO_SIZE 112
#define RUSAGE_SIZE  144

struct row {
	const char *name;
	long nr;
	long args[MAX_ARGS];
	struct {
		int index; /* of the argument; NULL_OK may be added; -1: no more */
		size_t size; /* bytes that the kernel looks at */
	} pointers[4];
};

#define G ((long)good)
#define NONE          \
	{             \
		-1, 0 \
	}

/* clang-format off */
static const struct row rows[] = {
	{ "uname",		SYS_uname,		{ G },
	  { { 0, sizeof(struct utsname) }, NONE } },
	{ "sysinfo",		SYS_sysinfo,		{ G },
	  { { 0, SYSINFO_SIZE }, NONE } },
	{ "getrusage",		SYS_getrusage,		{ RUSAGE_SELF, G },
	  { { 1, RUSAGE_SIZE }, NONE } },
	{ "times",		SYS_times,		{ G },
	  { { 0 | NULL_OK, sizeof(struct tms) }, NONE } },
	{ "getrlimit",		SYS_getrlimit,		{ RLIMIT_CORE, G },
	  { { 1, sizeof(struct rlimit) }, NONE } },
	{ "setrlimit",		SYS_setrlimit,		{ RLIMIT_CORE, G },
	  { { 1, sizeof(struct rlimit) }, NONE } },
	{ "prlimit64",		SYS_prlimit64,		{ 0, RLIMIT_CORE, G, G + 512 },
	  { { 2 | NULL_OK, sizeof(struct rlimit) }, { 3 | NULL_OK, sizeof(struct rlimit) },
	    NONE } },
	{ "getrandom",		SYS_getrandom,		{ G, 64, 0 },
	  { { 0 | PART_OK, 64 }, NONE } },
	{ "getresuid",		SYS_getresuid,		{ G, G + 8, G + 16 },
	  { { 0, 4 }, { 1, 4 }, { 2, 4 }, NONE } },
	{ "getresgid",		SYS_getresgid,		{ G, G + 8, G + 16 },
	  { { 0, 4 }, { 1, 4 }, { 2, 4 }, NONE } },
	{ "capget",		SYS_capget,		{ G, G + 512 },
	  { { 0 | PART_OK, sizeof(struct __user_cap_header_struct) }, NONE } },
	{ "gettimeofday",	SYS_gettimeofday,	{ G, 0 },
	  { { 0 | NULL_OK, sizeof(struct timeval) }, NONE } },
	{ "time",		SYS_time,		{ G },
	  { { 0 | NULL_OK, sizeof(time_t) }, NONE } },
	{ "clock_gettime",	SYS_clock_gettime,	{ CLOCK_MONOTONIC, G },
	  { { 1, sizeof(struct timespec) }, NONE } },
	{ "clock_gettime cpu",	SYS_clock_gettime,	{ CLOCK_PROCESS_CPUTIME_ID, G },
	  { { 1, sizeof(struct timespec) }, NONE } },
	{ "clock_getres",	SYS_clock_getres,	{ CLOCK_MONOTONIC, G },
	  { { 1 | NULL_OK, sizeof(struct timespec) }, NONE } },
	{ "nanosleep",		SYS_nanosleep,		{ G, 0 },
	  { { 0, sizeof(struct timespec) }, NONE } },
	{ "clock_nanosleep",	SYS_clock_nanosleep,	{ CLOCK_MONOTONIC, 0, G, 0 },
	  { { 2, sizeof(struct timespec) }, NONE } },
	{ "sched_getattr",	SYS_sched_getattr,	{ 0, G, 48, 0 },
	  { { 1 | NULL_OK, 48 }, NONE } },
	{ "sched_rr_get_interval", SYS_sched_rr_get_interval, { 0, G },
	  { { 1, sizeof(struct timespec) }, NONE } },
	{ "sched_getparam",	SYS_sched_getparam,	{ 0, G },
	  { { 1 | NULL_OK, sizeof(int) }, NONE } },
	{ "sched_setparam",	SYS_sched_setparam,	{ 0, G },
	  { { 1 | NULL_OK, sizeof(int) }, NONE } },
	{ "getcpu",		SYS_getcpu,		{ G, G + 8, 0 },
	  { { 0 | NULL_OK, 4 }, { 1 | NULL_OK, 4 }, NONE } },
	{ "prctl GET_NAME",	SYS_prctl,		{ PR_GET_NAME, G },
	  { { 1, 16 }, NONE } },
	{ "prctl GET_PDEATHSIG", SYS_prctl,		{ PR_GET_PDEATHSIG, G },
	  { { 1, 4 }, NONE } },
	{ "arch_prctl GET_FS",	SYS_arch_prctl,		{ 0x1003, G },
	  { { 1, 8 }, NONE } },
	{ "rt_sigprocmask",	SYS_rt_sigprocmask,	{ SIG_BLOCK, G, G + 512, 8 },
	  { { 1 | NULL_OK, 8 }, { 2 | NULL_OK, 8 }, NONE } },
	{ "read",		SYS_read,		{ -1, G, 16 },
	  { NONE } },
	{ "clone3",		SYS_clone3,		{ G, sizeof(struct clone_args) },
	  { { 0, sizeof(struct clone_args) }, NONE } },
};
/* clang-format on */

/* The call with argument @index at @addr. */
static long call_with(const struct row *row, int index, const void *addr)
{
	long args[MAX_ARGS];

	memcpy(args, row->args, sizeof(args));
	args[index] = (long)addr;
	return kcall6(row->nr, args[0], args[1], args[2], args[3], args[4], args[5]);
}

static void check_pointer(struct test *t, const struct row *row, int index, size_t size)
{
	const struct bad_pointer *bad = bad_pointers(t, size);

	for (int i = 0; i < NR_BAD_POINTERS; i++) {
		char text[128];

		if (!bad[i].addr && index & NULL_OK)
			continue;
		if (i == NR_BAD_POINTERS - 1 && index & PART_OK)
			continue;
		snprintf(text, sizeof(text), "%s, argument %d, %s", row->name, index & 0xff,
			 bad[i].name);
		memset(good, 0, sizeof(good));
		EXPECT_RET_ROW(t, text, call_with(row, index & 0xff, bad[i].addr), -EFAULT);
	}
}

static void pointers_of_simple_calls(struct test *t)
{
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		for (int k = 0; rows[i].pointers[k].index >= 0; k++)
			check_pointer(t, &rows[i], rows[i].pointers[k].index,
				      rows[i].pointers[k].size);
	}
}

/* Calls that take a child with them need one for each try. */
static void pointers_of_wait_usage(struct test *t)
{
	const struct bad_pointer *bad = bad_pointers(t, RUSAGE_SIZE);

	for (int i = 1; i < NR_BAD_POINTERS; i++) {
		if (!fork())
			_exit(0);
		EXPECT_RET_ROW(t, bad[i].name, kcall(SYS_wait4, -1, NULL, 0, bad[i].addr), -EFAULT);
		EXPECT_RET(t, kcall(SYS_wait4, -1, NULL, WNOHANG, NULL), -ECHILD);
	}
}

static void pointers_of_waitid(struct test *t)
{
	const struct bad_pointer *bad = bad_pointers(t, 16); /* of siginfo, where it begins */

	for (int i = 1; i < NR_BAD_POINTERS; i++) {
		if (!fork())
			_exit(0);
		EXPECT_RET_ROW(t, bad[i].name,
			       kcall(SYS_waitid, P_ALL, 0, bad[i].addr, WEXITED, NULL), -EFAULT);
		EXPECT_RET(t, kcall(SYS_wait4, -1, NULL, WNOHANG, NULL), -ECHILD);
	}
}

static void pointers_of_wait_status(struct test *t)
{
	const struct bad_pointer *bad = bad_pointers(t, sizeof(int));

	for (int i = 1; i < NR_BAD_POINTERS; i++) {
		if (!fork())
			_exit(0);
		EXPECT_RET_ROW(t, bad[i].name, kcall(SYS_wait4, -1, bad[i].addr, 0, NULL), -EFAULT);
	}
}

static void pointers_of_affinity(struct test *t)
{
	const struct bad_pointer *bad = bad_pointers(t, 8);

	for (int i = 0; i < NR_BAD_POINTERS; i++) {
		EXPECT_RET_ROW(t, bad[i].name, kcall(SYS_sched_setaffinity, 0, 8, bad[i].addr),
			       -EFAULT);
		EXPECT_RET_ROW(t, bad[i].name, kcall(SYS_sched_getaffinity, 0, 128, bad[i].addr),
			       -EFAULT);
	}
}

static void pointers_of_files(struct test *t)
{
	const struct bad_pointer *bad = bad_pointers(t, 64);
	char path[PATH_MAX + 16];
	int fd;

	snprintf(path, sizeof(path), "%s/file", scratch_folder(t));
	fd = open(path, O_RDWR | O_CREAT, 0600);
	REQUIRE(t, fd >= 0 && write(fd, good, 512) == 512);
	unlink(path);
	for (int i = 0; i < NR_BAD_POINTERS - 1; i++) { /* the last is good for its first half */
		lseek(fd, 0, SEEK_SET);
		EXPECT_RET_ROW(t, bad[i].name, kcall(SYS_read, fd, bad[i].addr, 64), -EFAULT);
		EXPECT_RET_ROW(t, bad[i].name, kcall(SYS_write, fd, bad[i].addr, 64), -EFAULT);
		EXPECT_RET_ROW(t, bad[i].name, kcall(SYS_open, bad[i].addr, O_RDONLY), -EFAULT);
		EXPECT_RET_ROW(t, bad[i].name, kcall(SYS_fstat, fd, bad[i].addr), -EFAULT);
	}
	/* Half of the bytes are there: those are read. */
	lseek(fd, 0, SEEK_SET);
	EXPECT_RET(t, kcall(SYS_read, fd, bad[NR_BAD_POINTERS - 1].addr, 64), 32);
	EXPECT_RET(t, kcall(SYS_read, fd, good, 0), 0);
}

static void read_only_memory_is_no_place_to_write(struct test *t)
{
	char *page = map_anon(t, PAGE, PROT_READ);

	EXPECT_RET(t, kcall(SYS_uname, page), -EFAULT);
	EXPECT_RET(t, kcall(SYS_clock_gettime, CLOCK_MONOTONIC, page), -EFAULT);
	EXPECT_RET(t, kcall(SYS_getrandom, page, 8, 0), -EFAULT);
	EXPECT_RET(t, kcall(SYS_clock_gettime, CLOCK_MONOTONIC, (uintptr_t)pointers_of_files),
		   -EFAULT);
	EXPECT_EQ(t, page[0], 0);
}

static void strings_may_end_at_the_end_of_a_page(struct test *t)
{
	char *page = map_anon(t, 2 * PAGE, PROT_READ | PROT_WRITE);

	REQUIRE(t, munmap(page + PAGE, PAGE) == 0);
	memcpy(page + PAGE - 5, "/xyz", 5);
	EXPECT_RET(t, kcall(SYS_open, page + PAGE - 5, O_RDONLY), -ENOENT);
	page[PAGE - 1] = 'z'; /* no end */
	EXPECT_RET(t, kcall(SYS_open, page + PAGE - 5, O_RDONLY), -EFAULT);
}

static void huge_lengths_do_not_wrap(struct test *t)
{
	char path[PATH_MAX + 16];
	int fd;

	snprintf(path, sizeof(path), "%s/file", scratch_folder(t));
	fd = open(path, O_RDWR | O_CREAT, 0600);
	REQUIRE(t, fd >= 0);
	unlink(path);
	EXPECT_RET(t, kcall(SYS_read, fd, good, -1UL),
		   -EFAULT); /* as a range it is no user memory */
	EXPECT_RET(t, kcall(SYS_write, fd, good, 1UL << 63), -EFAULT);
	EXPECT_RET(t, kcall(SYS_read, fd, user_space_end(), PAGE), -EFAULT);
	EXPECT_RET(t, kcall(SYS_getrandom, 0xffffffff80000000UL, 1UL << 62, 0), -EFAULT);
}

/* A file of words, each its own offset, and /dev/zero are read to where a page ends before the end
 * of the buffer: what fits is there, to the byte, and counted. */
static void copies_stop_at_the_first_byte_that_is_not_there(struct test *t)
{
	static unsigned short words[PAGE / 2], zeros[PAGE / 2];
	char path[PATH_MAX + 16];
	char *end = map_anon(t, 2 * PAGE, PROT_READ | PROT_WRITE) + PAGE;
	int fd, zero = open("/dev/zero", O_RDONLY);

	munmap(end, PAGE);
	for (size_t i = 0; i < PAGE / 2; i++)
		words[i] = (unsigned short)(i + 1);
	snprintf(path, sizeof(path), "%s/file", scratch_folder(t));
	fd = open(path, O_RDWR | O_CREAT | O_TRUNC, 0600);
	REQUIRE(t, fd >= 0 && zero >= 0);
	unlink(path);
	EXPECT_RET(t, write(fd, words, PAGE), PAGE);
	EXPECT_RET(t, kcall(SYS_pread64, fd, end, 100, 0), -EFAULT);
	for (size_t fits = 1; fits < 400; fits++) {
		memset(end - 400, 0xff, 400);
		EXPECT_RET(t, kcall(SYS_pread64, fd, end - fits, fits + fits % 300 + 1, 0), fits);
		EXPECT_EQ(t, memcmp(end - fits, words, fits), 0);
		EXPECT_EQ(t, (unsigned char)end[-1 - (long)fits], 0xff);
		EXPECT_RET(t, kcall(SYS_read, zero, end - fits, fits + fits % 300 + 1), fits);
		EXPECT_EQ(t, memcmp(end - fits, zeros, fits), 0);
	}
}

static const struct test_case efault_cases[] = {
	TEST_CASE(pointers_of_simple_calls),
	TEST_CASE(pointers_of_wait_usage),
	TEST_CASE(pointers_of_waitid),
	TEST_CASE(pointers_of_wait_status),
	TEST_CASE(pointers_of_affinity),
	TEST_CASE(pointers_of_files),
	TEST_CASE(read_only_memory_is_no_place_to_write),
	TEST_CASE(strings_may_end_at_the_end_of_a_page),
	TEST_CASE(huge_lengths_do_not_wrap),
	TEST_CASE(copies_stop_at_the_first_byte_that_is_not_there),
};
TEST_SUITE(efault, efault_cases);
SELFTEST_NO_HELPER
