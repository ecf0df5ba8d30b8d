/* SPDX-License-Identifier: GPL-2.0-only */
/* The devices of memory: null, zero, full, random, urandom, kmsg. */
#include <linux/random.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "selftest.h"

#define LINE 4096

/* In /dev, or, where that is nearly empty and the machine is ours, in a devtmpfs. */
static int open_device(struct test *t, const char *name, int flags)
{
	static const char *folder = "/dev";
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	if (access(path, F_OK) && in_guest()) {
		folder = scratch_folder(t);
		REQUIRE(t, !mount("devtmpfs", folder, "devtmpfs", 0, NULL));
		snprintf(path, sizeof(path), "%s/%s", folder, name);
	}
	return (int)kcall(SYS_open, path, flags, 0);
}

static bool is_filled_with(const char *buf, size_t len, char byte)
{
	while (len--)
		if (*buf++ != byte)
			return false;
	return true;
}

static void null_swallows(struct test *t)
{
	int fd = open_device(t, "null", O_RDWR);
	char buf[8];

	REQUIRE(t, fd >= 0);
	const struct call_row rows[] = {
		CALL(0, read, fd, PTR(buf), 8),		 CALL(8, write, fd, PTR(buf), 8),
		CALL(1 << 20, write, fd, 8, 1 << 20),	 CALL(-EFAULT, write, fd, -4096, 8),
		CALL(0, lseek, fd, 5, SEEK_SET),	 CALL(0, lseek, fd, 0, SEEK_CUR),
		CALL(0, pread64, fd, PTR(buf), 8, 1000), CALL(-ENOTTY, ioctl, fd, 0x1234, 0),
		CALL(-EINVAL, ftruncate, fd, 0),
	};
	EXPECT_CALLS(t, rows);
}

static void zero_never_ends(struct test *t)
{
	int fd = open_device(t, "zero", O_RDWR);
	size_t len = 3 * PAGE + 5;
	char *buf = map_anon(t, 4 * PAGE, PROT_READ | PROT_WRITE);

	REQUIRE(t, fd >= 0);
	memset(buf, 1, 4 * PAGE);
	EXPECT_RET(t, kcall(SYS_read, fd, buf, len), len);
	EXPECT_TRUE(t, is_filled_with(buf, len, 0));
	EXPECT_EQ(t, buf[len], 1);
	EXPECT_RET(t, kcall(SYS_write, fd, buf, 9), 9);
	EXPECT_RET(t, kcall(SYS_read, fd, 8, 1), -EFAULT);
}

static void full_is_full(struct test *t)
{
	int fd = open_device(t, "full", O_RDWR);
	char buf[16] = "xxxxxxx";

	REQUIRE(t, fd >= 0);
	EXPECT_RET(t, kcall(SYS_write, fd, buf, 1), -ENOSPC);
	EXPECT_RET(t, kcall(SYS_read, fd, buf, 16), 16);
	EXPECT_TRUE(t, is_filled_with(buf, 16, 0));
}

static void check_random(struct test *t, const char *name, int events)
{
	int fd = open_device(t, name, O_RDWR), bits = 0;
	struct pollfd poll = { .fd = fd, .events = POLLIN | POLLOUT };
	unsigned char a[600], b[600];
	unsigned int ones = 0, i;

	REQUIRE(t, fd >= 0);
	EXPECT_RET(t, kcall(SYS_read, fd, a, sizeof(a)), sizeof(a));
	EXPECT_RET(t, kcall(SYS_write, fd, a, sizeof(a)), sizeof(a));
	EXPECT_RET(t, kcall(SYS_read, fd, b, sizeof(b)), sizeof(b));
	EXPECT_TRUE(t, memcmp(a, b, sizeof(a)) != 0);
	/* 4800 bits: 9 standard deviations to each side. */
	for (i = 0; i < sizeof(a); i++)
		ones += (unsigned int)__builtin_popcount(a[i]);
	EXPECT_TRUE(t, ones > 2088 && ones < 2712);
	EXPECT_RET(t, kcall(SYS_read, fd, a, 0), 0);
	EXPECT_RET(t, kcall(SYS_read, fd, 8, 1), -EFAULT);
	EXPECT_RET(t, kcall(SYS_write, fd, 8, 1), -EFAULT);
	EXPECT_RET(t, kcall(SYS_poll, &poll, 1, 0), 1);
	EXPECT_EQ(t, poll.revents, events);
	EXPECT_RET(t, kcall(SYS_ioctl, fd, RNDGETENTCNT, &bits), 0);
	EXPECT_TRUE(t, bits > 0 && bits <= 4096);
	EXPECT_RET(t, kcall(SYS_ioctl, fd, RNDGETENTCNT, 8), -EFAULT);
	EXPECT_RET(t, kcall(SYS_ioctl, fd, 0x1234, 8), -EINVAL);
	if (is_root())
		become_nobody(t);
	EXPECT_RET(t, kcall(SYS_ioctl, fd, RNDADDTOENTCNT, &bits), -EPERM);
	EXPECT_RET(t, kcall(SYS_ioctl, fd, RNDCLEARPOOL, 0), -EPERM);
}

static void random_numbers_differ(struct test *t)
{
	check_random(t, "random", POLLIN);
	check_random(t, "urandom", POLLIN | POLLOUT);
}

static void entropy_can_be_added(struct test *t)
{
	struct {
		int bits, size;
		char bytes[16];
	} pool = { 64, 16, "0123456789abcde" };
	int fd, negative = -1;

	SKIP_UNLESS_GUEST(t);
	fd = open_device(t, "urandom", O_RDWR);
	REQUIRE(t, fd >= 0);
	EXPECT_RET(t, kcall(SYS_ioctl, fd, RNDADDENTROPY, &pool), 0);
	pool.bits = -1;
	EXPECT_RET(t, kcall(SYS_ioctl, fd, RNDADDENTROPY, &pool), -EINVAL);
	EXPECT_RET(t, kcall(SYS_ioctl, fd, RNDADDENTROPY, 8), -EFAULT);
	EXPECT_RET(t, kcall(SYS_ioctl, fd, RNDADDTOENTCNT, &negative), -EINVAL);
}

static void nodes_have_linux_numbers(struct test *t)
{
	static const struct {
		const char *name;
		unsigned int minor;
	} nodes[] = {
		{ "null", 3 }, { "zero", 5 }, { "full", 7 }, { "random", 8 }, { "urandom", 9 }
	};
	struct stat st;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(nodes); i++) {
		int fd = open_device(t, nodes[i].name, O_RDONLY);

		REQUIRE(t, fd >= 0 && !fstat(fd, &st));
		EXPECT_TRUE(t, S_ISCHR(st.st_mode));
		EXPECT_EQ(t, st.st_mode & 0777, 0666);
		EXPECT_EQ(t, st.st_rdev, makedev(1, nodes[i].minor));
	}
}

/* --- kmsg */

/* The text of the next record, without its head and the newline; NULL: none is there. */
static char *next_record(struct test *t, int fd, char *line)
{
	unsigned int level;
	unsigned long sequence, us;
	char *text;
	long len;

	do {
		len = kcall(SYS_read, fd, line, LINE - 1);
	} while (len == -EPIPE);
	if (len == -EAGAIN)
		return NULL;
	REQUIRE(t, len > 0 && line[len - 1] == '\n');
	line[len - 1] = '\0';
	EXPECT_EQ(t, sscanf(line, "%u,%lu,%lu,", &level, &sequence, &us), 3);
	text = strchr(line, ';');
	REQUIRE(t, text);
	return text + 1;
}

static bool find_record(struct test *t, int fd, const char *wanted, char *line)
{
	const char *text;

	while ((text = next_record(t, fd, line)))
		if (!strcmp(text, wanted))
			return true;
	return false;
}

static void log_is_read_and_written(struct test *t)
{
	char line[LINE], text[64], given[80];
	int fd;

	SKIP_UNLESS_GUEST(t);
	fd = open_device(t, "kmsg", O_RDWR | O_NONBLOCK);
	REQUIRE(t, fd >= 0);
	snprintf(text, sizeof(text), "selftest %d", getpid());
	snprintf(given, sizeof(given), "<5>%s\n", text);
	EXPECT_RET(t, kcall(SYS_write, fd, given, strlen(given)), strlen(given));
	EXPECT_TRUE(t, find_record(t, fd, text, line));
	EXPECT_EQ(t, atoi(line) % 8, 5);
	EXPECT_TRUE(t, !find_record(t, fd, text, line));
	EXPECT_RET(t, kcall(SYS_lseek, fd, 0, SEEK_SET), 0);
	EXPECT_TRUE(t, find_record(t, fd, text, line));
	EXPECT_RET(t, kcall(SYS_lseek, fd, 0, SEEK_END), 0);
	EXPECT_TRUE(t, !find_record(t, fd, text, line));
	/* What cannot be printed, and a record that does not fit. */
	EXPECT_RET(t, kcall(SYS_write, fd, "a\tb\\c", 5), 5);
	EXPECT_RET(t, kcall(SYS_read, fd, line, 8), -EINVAL);
	EXPECT_RET(t, kcall(SYS_write, fd, "a\tb\\c", 5), 5);
	EXPECT_TRUE(t, find_record(t, fd, "a\\x09b\\x5cc", line));
	EXPECT_EQ(t, atoi(line) % 8, is_oshit() ? 6 : atoi(line) % 8);
	EXPECT_RET(t, kcall(SYS_lseek, fd, 1, SEEK_SET), -ESPIPE);
	EXPECT_RET(t, kcall(SYS_lseek, fd, 0, SEEK_CUR), -EINVAL);
	EXPECT_RET(t, kcall(SYS_write, fd, line, 2000), -EINVAL);
}

static void write_later(void *arg)
{
	int fd = *(int *)arg;

	sleep_ms(50);
	if (write(fd, "later", 5) != 5)
		_exit(1);
}

static void reader_of_the_log_waits(struct test *t)
{
	struct pollfd poll = { .events = POLLIN };
	char line[LINE];
	int fd, status;
	pid_t pid;

	SKIP_UNLESS_GUEST(t);
	fd = open_device(t, "kmsg", O_RDWR);
	REQUIRE(t, fd >= 0);
	EXPECT_RET(t, kcall(SYS_lseek, fd, 0, SEEK_END), 0);
	pid = start_child(t, write_later, &fd);
	while (strcmp(next_record(t, fd, line), "later"))
		;
	status = wait_for(t, pid);
	EXPECT_EXIT(t, status, 0);
	poll.fd = fd;
	pid = start_child(t, write_later, &fd);
	EXPECT_RET(t, kcall(SYS_poll, &poll, 1, -1), 1);
	EXPECT_EQ(t, poll.revents, POLLIN);
	while (strcmp(next_record(t, fd, line), "later"))
		;
	status = wait_for(t, pid);
	EXPECT_EXIT(t, status, 0);
}

static const struct test_case devices_cases[] = {
	TEST_CASE(null_swallows),
	TEST_CASE(zero_never_ends),
	TEST_CASE(full_is_full),
	TEST_CASE(random_numbers_differ),
	TEST_CASE(entropy_can_be_added),
	TEST_CASE(nodes_have_linux_numbers),
	TEST_CASE(log_is_read_and_written),
	TEST_CASE(reader_of_the_log_waits),
};
TEST_SUITE(devices, devices_cases);
SELFTEST_NO_HELPER
