/* SPDX-License-Identifier: GPL-2.0-only */
/* /proc/PID/stat, status and statm, against what calls say of the same process. */
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/utsname.h>

#include "proc.h"

#define NR_FIELDS   52
#define TICKS	    ((double)sysconf(_SC_CLK_TCK))
#define SLACK_PAGES 64 /* Linux counts resident pages in batches for each thread */

/* Field @nr of a stat, counted from 1; 2 is the name in parentheses. */
static const char *stat_field(struct test *t, const char *stat, int nr)
{
	const char *at = strrchr(stat, ')');

	REQUIRE(t, at && nr > 2);
	for (int i = 2; i < nr; i++) {
		at = strchr(at + 1, ' ');
		REQUIRE(t, at);
	}
	return at + 1;
}

static long stat_number(struct test *t, const char *stat, int nr)
{
	return (long)strtoull(stat_field(t, stat, nr), NULL, 10);
}

static void stat_says_who_it_is(struct test *t)
{
	struct rlimit limit;
	const char *stat, *last;

	SKIP_WITHOUT_PROC(t);
	prctl(PR_SET_NAME, "a (b) c");
	stat = proc_text(t, "/proc/self/stat");
	EXPECT_EQ(t, atoi(stat), getpid());
	EXPECT_TRUE(t, strstr(stat, " (a (b) c) R "));
	EXPECT_EQ(t, stat_number(t, stat, 4), getppid());
	EXPECT_EQ(t, stat_number(t, stat, 5), getpgrp());
	EXPECT_EQ(t, stat_number(t, stat, 6), getsid(0));
	EXPECT_EQ(t, stat_number(t, stat, 18), 20 + getpriority(PRIO_PROCESS, 0));
	EXPECT_EQ(t, stat_number(t, stat, 19), getpriority(PRIO_PROCESS, 0));
	EXPECT_EQ(t, stat_number(t, stat, 20), 1);
	getrlimit(RLIMIT_RSS, &limit);
	EXPECT_EQ(t, (rlim_t)stat_number(t, stat, 25), limit.rlim_cur);
	EXPECT_EQ(t, stat_number(t, stat, 38), SIGCHLD);
	EXPECT_EQ(t, stat_number(t, stat, 41), SCHED_OTHER);
	last = stat_field(t, stat, NR_FIELDS);
	EXPECT_EQ(t, strcspn(last, " "), strlen(last)); /* nothing follows */
	EXPECT_EQ(t, last[strlen(last) - 1], '\n');
}

static void stat_counts_time(struct test *t)
{
	struct rusage before, after;
	const char *stat;
	double utime, stime;
	struct timespec now;

	SKIP_WITHOUT_PROC(t);
	do { /* both kinds */
		for (volatile int i = 0; i < 100000; i++)
			;
		getppid();
		getrusage(RUSAGE_SELF, &before);
	} while (before.ru_utime.tv_sec * 1000000 + before.ru_utime.tv_usec < 50000);
	stat = proc_text(t, "/proc/self/stat");
	getrusage(RUSAGE_SELF, &after);
	utime = (double)stat_number(t, stat, 14) / TICKS;
	stime = (double)stat_number(t, stat, 15) / TICKS;
	EXPECT_GE(t, utime,
		  (double)before.ru_utime.tv_sec + (double)before.ru_utime.tv_usec / 1e6 - 0.02);
	EXPECT_LE(t, utime,
		  (double)after.ru_utime.tv_sec + (double)after.ru_utime.tv_usec / 1e6 + 0.02);
	EXPECT_GE(t, stime,
		  (double)before.ru_stime.tv_sec + (double)before.ru_stime.tv_usec / 1e6 - 0.02);
	EXPECT_LE(t, stime,
		  (double)after.ru_stime.tv_sec + (double)after.ru_stime.tv_usec / 1e6 + 0.02);
	EXPECT_GE(t, stat_number(t, stat, 10), before.ru_minflt);
	EXPECT_LE(t, stat_number(t, stat, 10), after.ru_minflt);
	clock_gettime(CLOCK_BOOTTIME, &now);
	EXPECT_LE(t, (double)stat_number(t, stat, 22) / TICKS, (double)now.tv_sec + 1);
}

static void spin(void *arg __maybe_unused)
{
	for (;;)
		;
}

/* Who only computes is charged, too, though nothing makes it enter the kernel. */
static void others_time_goes_on(struct test *t)
{
	long long until = now_ns(CLOCK_MONOTONIC) + 20 * NS_PER_S;
	long ticks = 0;
	pid_t child;

	SKIP_WITHOUT_PROC(t);
	child = start_child(t, spin, NULL);
	while (ticks < 20 && now_ns(CLOCK_MONOTONIC) < until) {
		const char *stat = proc_text(t, path_of("/proc/%d/stat", child));

		EXPECT_GE(t, stat_number(t, stat, 14), ticks); /* it never falls */
		ticks = stat_number(t, stat, 14);
		sleep_ms(5);
	}
	EXPECT_GE(t, ticks, 20);
	kill(child, SIGKILL);
	wait_for(t, child);
}

static void nothing(void *arg __maybe_unused)
{
}

static void start_times_do_not_fall(struct test *t)
{
	long mine, its;
	pid_t child;

	SKIP_WITHOUT_PROC(t);
	mine = stat_number(t, proc_text(t, "/proc/self/stat"), 22);
	child = start_child(t, nothing, NULL);
	its = stat_number(t, proc_text(t, path_of("/proc/%d/stat", child)), 22);
	EXPECT_GE(t, its, mine);
	wait_for(t, child);
}

static void status_says_the_same(struct test *t)
{
	uid_t uids[3];
	gid_t gids[3];
	const char *status;
	char want[100];

	SKIP_WITHOUT_PROC(t);
	umask(027);
	prctl(PR_SET_NAME, "a\\b\nc");
	status = proc_text(t, "/proc/self/status");
	EXPECT_STREQ(t, line_of(t, status, "Name:"), "a\\\\b\\nc");
	EXPECT_STREQ(t, line_of(t, status, "Umask:"), "0027");
	EXPECT_STREQ(t, line_of(t, status, "State:"), "R (running)");
	EXPECT_EQ(t, number_of(t, status, "Tgid:", 10), getpid());
	EXPECT_EQ(t, number_of(t, status, "Pid:", 10), getpid());
	EXPECT_EQ(t, number_of(t, status, "PPid:", 10), getppid());
	EXPECT_EQ(t, number_of(t, status, "TracerPid:", 10), 0);
	getresuid(&uids[0], &uids[1], &uids[2]);
	snprintf(want, sizeof(want), "%u\t%u\t%u\t%u", uids[0], uids[1], uids[2], uids[1]);
	EXPECT_STREQ(t, line_of(t, status, "Uid:"), want);
	getresgid(&gids[0], &gids[1], &gids[2]);
	snprintf(want, sizeof(want), "%u\t%u\t%u\t%u", gids[0], gids[1], gids[2], gids[1]);
	EXPECT_STREQ(t, line_of(t, status, "Gid:"), want);
	EXPECT_EQ(t, number_of(t, status, "NSpgid:", 10), getpgrp());
	EXPECT_EQ(t, number_of(t, status, "NSsid:", 10), getsid(0));
	EXPECT_EQ(t, number_of(t, status, "Threads:", 10), 1);
	EXPECT_EQ(t, number_of(t, status, "NoNewPrivs:", 10), 0);
	EXPECT_EQ(t, number_of(t, status, "CapBnd:", 16) & 1, prctl(PR_CAPBSET_READ, 0));
	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	status = proc_text(t, "/proc/self/status");
	EXPECT_EQ(t, number_of(t, status, "NoNewPrivs:", 10), 1);
}

static void caught(int sig __maybe_unused)
{
}

static void status_shows_signals(struct test *t)
{
	const char *status;
	sigset_t set;

	SKIP_WITHOUT_PROC(t);
	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	sigaddset(&set, SIGUSR2);
	sigaddset(&set, 40);
	sigprocmask(SIG_SETMASK, &set, NULL);
	signal(SIGHUP, SIG_IGN);
	signal(SIGINT, caught);
	kcall(SYS_tgkill, getpid(), getpid(), SIGUSR1);
	kill(getpid(), SIGUSR2);
	kill(getpid(), 40);
	status = proc_text(t, "/proc/self/status");
	EXPECT_STREQ(t, line_of(t, status, "SigPnd:"), "0000000000000200");
	EXPECT_STREQ(t, line_of(t, status, "ShdPnd:"), "0000008000000800");
	EXPECT_STREQ(t, line_of(t, status, "SigBlk:"), "0000008000000a00");
	EXPECT_EQ(t, number_of(t, status, "SigIgn:", 16) & 3, 1);
	EXPECT_EQ(t, number_of(t, status, "SigCgt:", 16) & 3, 2);
}

static void status_shows_cpus(struct test *t)
{
	const char *status;
	cpu_set_t set;
	char want[16];
	int cpu;

	SKIP_WITHOUT_PROC(t);
	sched_getaffinity(0, sizeof(set), &set);
	for (cpu = 0; !CPU_ISSET(cpu, &set);)
		cpu++;
	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	REQUIRE(t, sched_setaffinity(0, sizeof(set), &set) == 0);
	status = proc_text(t, "/proc/self/status");
	snprintf(want, sizeof(want), "%d", cpu);
	EXPECT_STREQ(t, line_of(t, status, "Cpus_allowed_list:"), want);
	EXPECT_EQ(t, stat_number(t, proc_text(t, "/proc/self/stat"), 39), cpu);
}

static void memory_is_counted(struct test *t)
{
	const long nr = 4096;
	long size, resident, data, vm_size;
	struct rlimit limit;
	const char *text;
	char *memory;

	SKIP_WITHOUT_PROC(t);
	sscanf(proc_text(t, "/proc/self/statm"), "%ld %ld %*d %*d 0 %ld 0", &size, &resident,
	       &data);
	vm_size = number_of(t, proc_text(t, "/proc/self/status"), "VmSize:", 10);
	EXPECT_EQ(t, vm_size, size * 4);
	memory = map_anon(t, (size_t)nr * PAGE, PROT_READ | PROT_WRITE);
	text = proc_text(t, "/proc/self/statm");
	EXPECT_EQ(t, atol(text), size + nr);
	memset(memory, 1, (size_t)nr * PAGE);
	text = proc_text(t, "/proc/self/stat");
	EXPECT_EQ(t, stat_number(t, text, 23), (size + nr) * (long)PAGE);
	EXPECT_GE(t, stat_number(t, text, 24), resident + nr - SLACK_PAGES);
	text = proc_text(t, "/proc/self/status");
	EXPECT_GE(t, number_of(t, text, "RssAnon:", 10), (nr - SLACK_PAGES) * 4);
	EXPECT_EQ(t, number_of(t, text, "VmPeak:", 10), (size + nr) * 4);
	EXPECT_GE(t, number_of(t, text, "VmHWM:", 10), (nr - SLACK_PAGES) * 4);
	getrlimit(RLIMIT_MEMLOCK, &limit);
	if (limit.rlim_cur >= 4 * PAGE && mlock(memory, 3 * PAGE) == 0)
		EXPECT_EQ(t, number_of(t, proc_text(t, "/proc/self/status"), "VmLck:", 10), 12);
	munmap(memory, (size_t)nr * PAGE);
	text = proc_text(t, "/proc/self/status");
	EXPECT_EQ(t, number_of(t, text, "VmSize:", 10), vm_size);
	EXPECT_EQ(t, number_of(t, text, "VmPeak:", 10), (size + nr) * 4);
	EXPECT_LE(t, number_of(t, text, "VmRSS:", 10), (resident + 2 * SLACK_PAGES) * 4);
}

static void limits_are_shown(struct test *t)
{
	struct rlimit limit = { 1234, 5678 };
	const char *text;

	SKIP_WITHOUT_PROC(t);
	REQUIRE(t, setrlimit(RLIMIT_CPU, &limit) == 0);
	text = proc_text(t, "/proc/self/limits");
	EXPECT_STREQ(t, line_of(t, text, "Limit"),
		     "Soft Limit           Hard Limit           Units     ");
	EXPECT_STREQ(t, line_of(t, text, "Max cpu time"),
		     "1234                 5678                 seconds   ");
	getrlimit(RLIMIT_NOFILE, &limit);
	EXPECT_EQ(t, (rlim_t)number_of(t, text, "Max open files", 10), limit.rlim_cur);
}

static void oom_score_can_be_raised(struct test *t)
{
	int fd;

	SKIP_WITHOUT_PROC(t);
	fd = open("/proc/self/oom_score_adj", O_RDWR);
	REQUIRE(t, fd >= 0);
	EXPECT_RET(t, kcall(SYS_write, fd, "500\n", 4), 4);
	EXPECT_STREQ(t, proc_text(t, "/proc/self/oom_score_adj"), "500\n");
	EXPECT_GE(t, atoi(proc_text(t, "/proc/self/oom_score")), 900);
	EXPECT_RET(t, kcall(SYS_write, fd, "1001", 4), -EINVAL);
	EXPECT_RET(t, kcall(SYS_write, fd, "-1001", 5), -EINVAL);
	EXPECT_RET(t, kcall(SYS_write, fd, "x", 1), -EINVAL);
	EXPECT_STREQ(t, proc_text(t, "/proc/self/oom_score_adj"), "500\n");
}

static int pause_here(void *arg __maybe_unused)
{
	for (;;)
		pause();
	return 0;
}

static long adjust(int pid, const char *value)
{
	char name[64];
	int fd;
	long ret;

	snprintf(name, sizeof(name), "/proc/%d/oom_score_adj", pid);
	fd = open(name, O_WRONLY);
	ret = fd < 0 ? -errno : kcall(SYS_write, fd, value, strlen(value));
	close(fd);
	return ret;
}

/* Processes that share memory live and die together, and so are adjusted; a copy of it is another
 * memory. */
static void oom_score_is_of_all_who_share_memory(struct test *t)
{
	char *stack = map_anon(t, 16 * PAGE, PROT_READ | PROT_WRITE);
	char name[64];
	pid_t copy, sharer;

	SKIP_WITHOUT_PROC(t);
	copy = fork();
	REQUIRE(t, copy >= 0);
	if (!copy)
		pause_here(NULL);
	sharer = clone(pause_here, stack + 16 * PAGE, CLONE_VM | SIGCHLD, NULL);
	REQUIRE(t, sharer > 0);
	EXPECT_RET(t, adjust(sharer, "400"), 3);
	EXPECT_STREQ(t, proc_text(t, "/proc/self/oom_score_adj"), "400\n");
	EXPECT_RET(t, adjust(getpid(), "500"), 3);
	snprintf(name, sizeof(name), "/proc/%d/oom_score_adj", sharer);
	EXPECT_STREQ(t, proc_text(t, name), "500\n");
	snprintf(name, sizeof(name), "/proc/%d/oom_score_adj", copy);
	EXPECT_STREQ(t, proc_text(t, name), "0\n");
	kill(sharer, SIGKILL);
	kill(copy, SIGKILL);
	wait_for(t, sharer);
	wait_for(t, copy);
}

static const struct test_case cases[] = {
	TEST_CASE(stat_says_who_it_is),
	TEST_CASE(stat_counts_time),
	TEST_CASE(others_time_goes_on),
	TEST_CASE(start_times_do_not_fall),
	TEST_CASE(status_says_the_same),
	TEST_CASE(status_shows_signals),
	TEST_CASE(status_shows_cpus),
	TEST_CASE(memory_is_counted),
	TEST_CASE(limits_are_shown),
	TEST_CASE(oom_score_can_be_raised),
	TEST_CASE(oom_score_is_of_all_who_share_memory),
};
TEST_SUITE(task, cases);
SELFTEST_NO_HELPER
