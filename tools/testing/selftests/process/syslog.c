/* SPDX-License-Identifier: GPL-2.0-only */
/* syslog(2): the log for programs. Where others use the machine nothing is taken or changed. */
#include <linux/capability.h>
#include <string.h>
#include <sys/klog.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include "selftest.h"

enum { CLOSE, OPEN, READ, READ_ALL, READ_CLEAR, CLEAR, OFF, ON, LEVEL, UNREAD, SIZE };

#define SMALL 300

static char text[1 << 20];

/* "<N>[ssss.uuuuuu] text\n", line by line. */
static bool is_log(const char *from, long len)
{
	const char *end = from + len;

	if (!len || end[-1] != '\n')
		return false;
	while (from < end) {
		const char *line_end = memchr(from, '\n', (size_t)(end - from));

		if (line_end - from < 5 || from[0] != '<' || !strchr("01234567", from[1]))
			return false;
		if (!memchr(from, '[', 6) || !memchr(from, ']', (size_t)(line_end - from)))
			return false;
		from = line_end + 1;
	}
	return true;
}

static void last_lines_that_fit_are_shown(struct test *t)
{
	long all, few, size = klogctl(SIZE, NULL, 0);

	SKIP_IF(t, size < 0, "syslog is not allowed here");
	EXPECT_GE(t, size, 4096);
	all = klogctl(READ_ALL, text, (int)sizeof(text) / 2);
	SKIP_IF(t, all < 0 && errno == EPERM, "the log is not for us");
	ASSERT_GT(t, all, SMALL);
	EXPECT_TRUE(t, is_log(text, all));
	few = klogctl(READ_ALL, text + all, SMALL);
	ASSERT_GT(t, few, 0);
	EXPECT_LE(t, few, SMALL);
	EXPECT_TRUE(t, is_log(text + all, few));
	EXPECT_EQ(t, memcmp(text + all - few, text + all, (size_t)few), 0);
}

static void wrong_arguments_are_einval(struct test *t)
{
	const struct call_row rows[] = {
		CALL(-EINVAL, syslog, 11, PTR(text), 10),
		CALL(-EINVAL, syslog, -1, PTR(text), 10),
		CALL(-EINVAL, syslog, READ_ALL, 0, 10),
		CALL(-EINVAL, syslog, READ_ALL, PTR(text), -1),
		CALL(0, syslog, READ_ALL, PTR(text), 0),
		CALL(-EFAULT, syslog, READ_ALL, 8, 4000),
		CALL(0, syslog, OPEN, 0, 0),
		CALL(0, syslog, CLOSE, 0, 0),
		CALL(-EINVAL, syslog, LEVEL, 0, 0),
		CALL(-EINVAL, syslog, LEVEL, 0, 9),
		CALL(-EINVAL, syslog, READ, 0, 10),
		CALL(0, syslog, READ, PTR(text), 0),
	};

	SKIP_IF(t, klogctl(SIZE, NULL, 0) < 0 || klogctl(OPEN, NULL, 0) < 0,
		"syslog is not allowed here");
	EXPECT_CALLS(t, rows);
}

static void most_is_for_the_privileged(struct test *t)
{
	static const int restricted[] = { CLOSE, OPEN, READ,  READ_CLEAR, CLEAR,
					  OFF,	 ON,   LEVEL, UNREAD,	  11 };

	SKIP_IF(t, geteuid() != 0, "needs root");
	ASSERT_OK(t, setuid(65534));
	/* Not even that with kernel.dmesg_restrict. */
	EXPECT_TRUE(t, klogctl(SIZE, NULL, 0) > 0 || errno == EPERM);
	for (unsigned int i = 0; i < sizeof(restricted) / sizeof(restricted[0]); i++)
		EXPECT_RET(t, kcall(SYS_syslog, restricted[i], text, 10), -EPERM);
}

static void what_is_read_is_taken(struct test *t)
{
	long unread, got, sum = 0;

	SKIP_UNLESS_GUEST(t);
	unread = klogctl(UNREAD, NULL, 0);
	ASSERT_GT(t, unread, SMALL);
	got = klogctl(READ, text, 7); /* a part of a line, then the rest of it */
	EXPECT_EQ(t, got, 7);
	for (sum = got; klogctl(UNREAD, NULL, 0) > 0; sum += got) {
		got = klogctl(READ, text + sum, SMALL);
		ASSERT_GT(t, got, 0);
	}
	EXPECT_GE(t, sum, unread);
	EXPECT_TRUE(t, is_log(text, sum));
}

static void read_waits_until_a_signal(struct test *t)
{
	int status;
	pid_t child;

	SKIP_UNLESS_GUEST(t);
	child = fork();
	if (!child) {
		while (klogctl(READ, text, sizeof(text)) > 0)
			;
		_exit(1);
	}
	usleep(50000);
	EXPECT_EQ(t, waitpid(child, &status, WNOHANG), 0);
	kill(child, SIGTERM);
	wait(&status);
	EXPECT_KILLED(t, status, SIGTERM);
}

static void cleared_lines_are_not_shown_again(struct test *t)
{
	SKIP_UNLESS_GUEST(t);
	EXPECT_GT(t, klogctl(READ_CLEAR, text, sizeof(text)), 0);
	EXPECT_LT(t, klogctl(READ_ALL, text, sizeof(text)), SMALL);
	EXPECT_OK(t, klogctl(CLEAR, NULL, 0));
	EXPECT_OK(t, klogctl(OFF, NULL, 0));
	EXPECT_OK(t, klogctl(OFF, NULL, 0));
	EXPECT_OK(t, klogctl(ON, NULL, 0));
	EXPECT_OK(t, klogctl(LEVEL, NULL, 4));
}

static const struct test_case syslog_cases[] = {
	TEST_CASE(last_lines_that_fit_are_shown), TEST_CASE(wrong_arguments_are_einval),
	TEST_CASE(most_is_for_the_privileged),	  TEST_CASE(what_is_read_is_taken),
	TEST_CASE(read_waits_until_a_signal),	  TEST_CASE(cleared_lines_are_not_shown_again),
};
TEST_SUITE(syslog, syslog_cases);
SELFTEST_NO_HELPER
