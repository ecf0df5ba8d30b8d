/* SPDX-License-Identifier: GPL-2.0-only */
/* /proc/locks, partitions and PID/auxv, in Linux's formats. */
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "proc.h"

static int new_file(struct test *t, char *where, size_t size)
{
	char name[PATH_MAX];
	struct stat st;
	int fd;

	snprintf(name, sizeof(name), "%s/locked", scratch_folder(t));
	fd = open(name, O_RDWR | O_CREAT, 0600);
	REQUIRE(t, fd >= 0 && !fstat(fd, &st));
	/* The number of the inode is enough: a file system of parts tells that of one of them. */
	snprintf(where, size, ":%lu ", (unsigned long)st.st_ino);
	return fd;
}

static long lock(int fd, int cmd, int type, long start, long len)
{
	struct flock request = { .l_type = (short)type, .l_start = start, .l_len = len };

	return kcall(SYS_fcntl, fd, cmd, &request);
}

/* Whether a line has @before, "@where" and @after, with @before behind the number. */
static bool has_line(struct test *t, const char *before, const char *where, const char *after)
{
	char *save, *line;
	char *text = proc_text(t, "/proc/locks");

	for (line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
		const char *begin = strchr(line, ' '), *at = strstr(line, where);

		if (begin && at && !strncmp(begin + 1, before, strlen(before)) &&
		    !strcmp(at + strlen(where), after))
			return true;
	}
	return false;
}

static void each_kind_is_shown(struct test *t)
{
	char where[40], before[60];
	int fd;

	SKIP_WITHOUT(t, "/proc/locks");
	fd = new_file(t, where, sizeof(where));
	EXPECT_RET(t, lock(fd, F_SETLK, F_WRLCK, 10, 10), 0);
	EXPECT_RET(t, lock(fd, F_SETLK, F_RDLCK, 100, 0), 0);
	EXPECT_RET(t, lock(fd, F_OFD_SETLK, F_RDLCK, 1000, 1), 0);
	snprintf(before, sizeof(before), "POSIX  ADVISORY  WRITE %d ", getpid());
	EXPECT_TRUE(t, has_line(t, before, where, "10 19"));
	snprintf(before, sizeof(before), "POSIX  ADVISORY  READ %d ", getpid());
	EXPECT_TRUE(t, has_line(t, before, where, "100 EOF"));
	EXPECT_TRUE(t, has_line(t, "OFDLCK ADVISORY  READ -1 ", where, "1000 1000"));
	EXPECT_RET(t, kcall(SYS_flock, fd, LOCK_EX), 0);
	snprintf(before, sizeof(before), "FLOCK  ADVISORY  WRITE %d ", getpid());
	EXPECT_TRUE(t, has_line(t, before, where, "0 EOF"));
	EXPECT_RET(t, lock(fd, F_SETLK, F_UNLCK, 0, 0), 0);
	EXPECT_RET(t, kcall(SYS_flock, fd, LOCK_UN), 0);
	EXPECT_FALSE(t, has_line(t, "POSIX ", where, "10 19"));
	EXPECT_FALSE(t, has_line(t, "FLOCK ", where, "0 EOF"));
}

static void wait_for_lock(void *arg)
{
	if (lock(*(int *)arg, F_SETLKW, F_RDLCK, 15, 1))
		_exit(1);
}

static void who_waits_is_shown(struct test *t)
{
	char where[40], before[60];
	int fd;
	pid_t pid;

	SKIP_WITHOUT(t, "/proc/locks");
	fd = new_file(t, where, sizeof(where));
	EXPECT_RET(t, lock(fd, F_SETLK, F_WRLCK, 10, 10), 0);
	pid = start_child(t, wait_for_lock, &fd);
	snprintf(before, sizeof(before), "-> POSIX  ADVISORY  READ %d ", pid);
	for (int i = 0; i < 500 && !has_line(t, before, where, "15 15"); i++)
		sleep_ms(10);
	EXPECT_TRUE(t, has_line(t, before, where, "15 15"));
	EXPECT_RET(t, lock(fd, F_SETLK, F_UNLCK, 0, 0), 0);
	EXPECT_EXIT(t, wait_for(t, pid), 0);
	EXPECT_FALSE(t, has_line(t, before, where, "15 15"));
}

static void partitions_have_columns(struct test *t)
{
	unsigned int major, minor;
	unsigned long blocks;
	const char *text;
	char name[64];

	SKIP_WITHOUT(t, "/proc/partitions");
	text = proc_text(t, "/proc/partitions");
	SKIP_IF(t, !*text, "no disk");
	REQUIRE(t, !strncmp(text, "major minor  #blocks  name\n\n", 28));
	REQUIRE(t, sscanf(text + 28, "%u %u %lu %63s", &major, &minor, &blocks, name) == 4);
	EXPECT_EQ(t, text[4 + 28], ' ');
	EXPECT_EQ(t, text[13 + 28], ' ');
	EXPECT_GT(t, blocks, 0);
}

static void auxv_is_what_was_told(struct test *t)
{
	static unsigned long pairs[64][2];
	long len, nr = 0;
	int fd;

	SKIP_WITHOUT(t, "/proc/self/auxv");
	fd = open("/proc/self/auxv", O_RDONLY);
	REQUIRE(t, fd >= 0);
	len = kcall(SYS_read, fd, pairs, sizeof(pairs));
	REQUIRE(t, len > 0 && len % 16 == 0);
	while (nr < len / 16 && pairs[nr][0] != AT_NULL) {
		EXPECT_EQ(t, pairs[nr][1], getauxval(pairs[nr][0]));
		nr++;
	}
	EXPECT_GT(t, nr, 10);
	EXPECT_EQ(t, pairs[nr][0], (unsigned long)AT_NULL);
	EXPECT_EQ(t, len, (nr + 1) * 16);
	EXPECT_RET(t, kcall(SYS_read, fd, pairs, 16), 0);
	EXPECT_RET(t, kcall(SYS_pread64, fd, pairs, 16, 16), 16);
	EXPECT_RET(t, kcall(SYS_pread64, fd, 8, 16, 16), -EFAULT);
}

static void read_own_auxv(void *arg __maybe_unused)
{
	char buf[32];
	int fd = open("/proc/self/auxv", O_RDONLY);

	if (fd < 0 || read(fd, buf, sizeof(buf)) != sizeof(buf))
		_exit(1);
}

static void children_inherit_it(struct test *t)
{
	SKIP_WITHOUT(t, "/proc/self/auxv");
	EXPECT_EXIT(t, run_in_child(t, read_own_auxv, NULL), 0);
}

static void auxv_of_others_is_secret(struct test *t)
{
	SKIP_WITHOUT(t, "/proc/self/auxv");
	SKIP_UNLESS_ROOT(t);
	become_nobody(t);
	EXPECT_RET(t, kcall(SYS_open, "/proc/1/auxv", O_RDONLY), -EACCES);
}

SELFTEST_NO_HELPER

static const struct test_case cases[] = {
	TEST_CASE(each_kind_is_shown),	    TEST_CASE(who_waits_is_shown),
	TEST_CASE(partitions_have_columns), TEST_CASE(auxv_is_what_was_told),
	TEST_CASE(children_inherit_it),	    TEST_CASE(auxv_of_others_is_secret),
};
TEST_SUITE(locks, cases);
