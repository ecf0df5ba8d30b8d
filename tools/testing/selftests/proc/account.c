/* SPDX-License-Identifier: GPL-2.0-only */
/* What tasks have moved and wait in, and tables of disks, terminals and consoles. */
#include <pthread.h>

#include "proc.h"

#define NR_WRITES 3
#define NR_BYTES  1000

/* A number of /proc/self/io. */
static unsigned long io_of(struct test *t, const char *key)
{
	return strtoul(line_of(t, proc_text(t, "/proc/self/io"), key), NULL, 10);
}

static void calls_and_bytes_are_counted(struct test *t)
{
	unsigned long wchar, syscw, rchar, syscr;
	static char buf[NR_BYTES];
	int fds[2];

	SKIP_WITHOUT(t, "/proc/self/io");
	REQUIRE(t, pipe(fds) == 0);
	wchar = io_of(t, "wchar:");
	syscw = io_of(t, "syscw:");
	rchar = io_of(t, "rchar:");
	syscr = io_of(t, "syscr:");
	for (int i = 0; i < NR_WRITES; i++) {
		EXPECT_RET(t, kcall(SYS_write, fds[1], buf, NR_BYTES), NR_BYTES);
		EXPECT_RET(t, kcall(SYS_read, fds[0], buf, NR_BYTES), NR_BYTES);
	}
	EXPECT_RET(t, kcall(SYS_write, fds[0], buf, 1), -EBADF); /* is no write */
	EXPECT_EQ(t, io_of(t, "wchar:") - wchar, (unsigned long)(NR_WRITES * NR_BYTES));
	EXPECT_EQ(t, io_of(t, "syscw:") - syscw, (unsigned long)NR_WRITES);
	/* And what has read the file itself. */
	EXPECT_TRUE(t, io_of(t, "rchar:") - rchar > NR_WRITES * NR_BYTES &&
			       io_of(t, "rchar:") - rchar < NR_WRITES * NR_BYTES + 4096);
	EXPECT_TRUE(t, io_of(t, "syscr:") - syscr > NR_WRITES);
	EXPECT_EQ(t, io_of(t, "cancelled_write_bytes:"), 0);
}

static void *write_some(void *fd)
{
	static char buf[NR_BYTES];

	kcall(SYS_write, *(int *)fd, buf, NR_BYTES);
	return NULL;
}

/* Of those that have ended, too. */
static void threads_are_added_up(struct test *t)
{
	unsigned long wchar;
	pthread_t thread;
	int fd = open("/dev/null", O_WRONLY);

	SKIP_WITHOUT(t, "/proc/self/io");
	wchar = io_of(t, "wchar:");
	REQUIRE(t, pthread_create(&thread, NULL, write_some, &fd) == 0);
	REQUIRE(t, pthread_join(thread, NULL) == 0);
	EXPECT_EQ(t, io_of(t, "wchar:") - wchar, (unsigned long)NR_BYTES);
}

static void accounts_of_others_are_secret(struct test *t)
{
	SKIP_UNLESS_ROOT(t);
	SKIP_WITHOUT(t, "/proc/self/io");
	become_nobody(t);
	EXPECT_RET(t, kcall(SYS_open, "/proc/1/io", O_RDONLY), -EACCES);
	EXPECT_RET(t, kcall(SYS_open, "/proc/1/syscall", O_RDONLY), -EACCES);
}

static void read_for_ever(void *fd)
{
	char c;

	kcall6(SYS_read, *(int *)fd, (long)&c, 1, 0x1111, 0x2222, 0x3333);
}

static void the_call_is_shown_in_which_a_task_sleeps(struct test *t)
{
	char want[64], *text = NULL;
	int fds[2];
	pid_t pid;

	SKIP_WITHOUT(t, "/proc/self/syscall");
	REQUIRE(t, pipe(fds) == 0);
	snprintf(want, sizeof(want), "%d 0x", SYS_read);
	EXPECT_EQ(t, strncmp(proc_text(t, "/proc/self/syscall"), want, strlen(want)), 0);
	pid = start_child(t, read_for_ever, &fds[0]);
	snprintf(want, sizeof(want), "%d 0x%x 0x", SYS_read, (unsigned int)fds[0]);
	for (int i = 0; i < 500; i++) {
		text = proc_text(t, path_of("/proc/%d/syscall", pid));
		if (!strncmp(text, want, strlen(want)))
			break;
		sleep_ms(10);
	}
	EXPECT_EQ(t, strncmp(text, want, strlen(want)), 0);
	EXPECT_TRUE(t, strstr(text, " 0x1 0x1111 0x2222 0x3333 0x"));
	kill(pid, SIGKILL);
	EXPECT_KILLED(t, wait_for(t, pid), SIGKILL);
}

static void exit_at_once(void *unused __maybe_unused)
{
}

/* Who has ended is in no call, and does not run. */
static void the_dead_are_in_no_call(struct test *t)
{
	const char *text = NULL;
	siginfo_t info;
	pid_t pid;

	SKIP_WITHOUT(t, "/proc/self/syscall");
	pid = start_child(t, exit_at_once, NULL);
	EXPECT_RET(t, kcall(SYS_waitid, P_PID, pid, &info, WEXITED | WNOWAIT, NULL), 0);
	for (int i = 0; i < 500; i++) {
		text = proc_text(t, path_of("/proc/%d/syscall", pid));
		if (!strcmp(text, "-1 0x0 0x0\n"))
			break;
		sleep_ms(10);
	}
	EXPECT_STREQ(t, text, "-1 0x0 0x0\n");
	EXPECT_EXIT(t, wait_for(t, pid), 0);
}

static unsigned int nr_words(const char *line)
{
	unsigned int nr = 0;
	bool in_word = false;

	for (; *line && *line != '\n'; line++) {
		if (*line != ' ' && !in_word)
			nr++;
		in_word = *line != ' ';
	}
	return nr;
}

static void tables_have_columns(struct test *t)
{
	unsigned int major, minor;
	char name[64], *text;

	SKIP_WITHOUT(t, "/proc/consoles");
	text = proc_text(t, "/proc/consoles");
	if (*text) {
		EXPECT_TRUE(t, strlen(text) > 30);
		EXPECT_EQ(t, text[21], '-');
		EXPECT_EQ(t, text[25], '(');
		EXPECT_TRUE(t, text[32] == ')' || text[33] == ')');
	}
	SKIP_WITHOUT(t, "/proc/tty/drivers");
	EXPECT_EQ(t, nr_words(proc_text(t, "/proc/tty/drivers")), 5);
	EXPECT_TRUE(t, strstr(proc_text(t, "/proc/tty/drivers"),
			      "/dev/tty             /dev/tty        5       0 system:/dev/tty\n"));
	SKIP_WITHOUT(t, "/proc/diskstats");
	text = proc_text(t, "/proc/diskstats");
	SKIP_IF(t, !*text, "no disk");
	REQUIRE(t, sscanf(text, "%u %u %63s", &major, &minor, name) == 3);
	EXPECT_EQ(t, text[4], ' ');
	EXPECT_EQ(t, text[12], ' ');
	EXPECT_EQ(t, nr_words(text), 20);
	EXPECT_TRUE(t, strstr(proc_text(t, "/proc/devices"), path_of("\n%3u ", major)));
}

static const struct test_case cases[] = {
	TEST_CASE(calls_and_bytes_are_counted),
	TEST_CASE(threads_are_added_up),
	TEST_CASE(accounts_of_others_are_secret),
	TEST_CASE(the_call_is_shown_in_which_a_task_sleeps),
	TEST_CASE(the_dead_are_in_no_call),
	TEST_CASE(tables_have_columns),
};
TEST_SUITE(account, cases);
SELFTEST_NO_HELPER
