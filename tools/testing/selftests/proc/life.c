/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Processes and threads that begin, execute something else, and end, while /proc shows them; and
 * who may see what.
 */
#include <dirent.h>
#include <pthread.h>
#include <sys/prctl.h>
#include <sys/stat.h>

#include "proc.h"

static void wait_for_ever(void *arg __maybe_unused)
{
	for (;;)
		pause();
}

static void end_at_once(void *arg __maybe_unused)
{
}

static void end(struct test *t, pid_t child)
{
	kill(child, SIGKILL);
	wait_for(t, child);
}

/* Until the state of @pid is @letter. */
static void wait_for_state(struct test *t, pid_t pid, char letter)
{
	for (int i = 0; i < 5000; i++) {
		if (strrchr(proc_text(t, path_of("/proc/%d/stat", pid)), ')')[2] == letter)
			return;
		sleep_ms(1);
	}
	REQUIRE(t, false);
}

static void states_are_shown(struct test *t)
{
	pid_t child;

	SKIP_WITHOUT_PROC(t);
	child = start_child(t, wait_for_ever, NULL);
	wait_for_state(t, child, 'S');
	EXPECT_EQ(t, strspn(proc_text(t, path_of("/proc/%d/wchan", child)), " \n"), 0UL);
	kill(child, SIGSTOP);
	wait_for_state(t, child, 'T');
	EXPECT_STREQ(t, line_of(t, proc_text(t, path_of("/proc/%d/status", child)), "State:"),
		     "T (stopped)");
	kill(child, SIGCONT);
	wait_for_state(t, child, 'S');
	end(t, child);
}

static void zombies_are_shown_without_memory(struct test *t)
{
	char text[4096];
	const char *status;
	pid_t child;

	SKIP_WITHOUT_PROC(t);
	prctl(PR_SET_NAME, "undead");
	child = start_child(t, end_at_once, NULL);
	wait_for_state(t, child, 'Z');
	status = proc_text(t, path_of("/proc/%d/status", child));
	EXPECT_STREQ(t, line_of(t, status, "Name:"), "undead");
	EXPECT_STREQ(t, line_of(t, status, "State:"), "Z (zombie)");
	EXPECT_EQ(t, number_of(t, status, "PPid:", 10), getpid());
	EXPECT_EQ(t, number_of(t, status, "Threads:", 10), 1);
	EXPECT_FALSE(t, strstr(status, "VmSize:"));
	EXPECT_STREQ(t, proc_text(t, path_of("/proc/%d/statm", child)), "0 0 0 0 0 0 0\n");
	EXPECT_RET(t, read_text(path_of("/proc/%d/cmdline", child), text, sizeof(text)), 0);
	EXPECT_RET(t, read_text(path_of("/proc/%d/maps", child), text, sizeof(text)), 0);
	EXPECT_RET(t, kcall(SYS_readlink, path_of("/proc/%d/exe", child), text, 100), -ENOENT);
	EXPECT_RET(t, kcall(SYS_readlink, path_of("/proc/%d/cwd", child), text, 100), -ENOENT);
	wait_for(t, child);
	EXPECT_RET(t, kcall(SYS_stat, path_of("/proc/%d", child), text), -ENOENT);
}

static void what_was_open_ends_with_the_process(struct test *t)
{
	int stat_fd, dir, fd_dir, maps;
	char text[1024];
	pid_t child;

	SKIP_WITHOUT_PROC(t);
	child = start_child(t, wait_for_ever, NULL);
	stat_fd = open(path_of("/proc/%d/stat", child), O_RDONLY);
	maps = open(path_of("/proc/%d/maps", child), O_RDONLY);
	dir = open(path_of("/proc/%d", child), O_RDONLY | O_DIRECTORY);
	fd_dir = open(path_of("/proc/%d/fd", child), O_RDONLY | O_DIRECTORY);
	REQUIRE(t, stat_fd >= 0 && maps >= 0 && dir >= 0 && fd_dir >= 0);
	EXPECT_GT(t, kcall(SYS_read, stat_fd, text, sizeof(text)), 0);
	end(t, child);
	EXPECT_RET(t, kcall(SYS_pread64, stat_fd, text, sizeof(text), 0), -ESRCH);
	EXPECT_RET(t, kcall(SYS_read, maps, text, sizeof(text)), -ESRCH);
	EXPECT_RET(t, kcall(SYS_openat, dir, "stat", O_RDONLY), -ESRCH);
	EXPECT_RET(t, kcall(SYS_getdents64, dir, text, sizeof(text)), -ENOENT);
	EXPECT_RET(t, kcall(SYS_getdents64, fd_dir, text, sizeof(text)), -ENOENT);
	EXPECT_RET(t, kcall(SYS_openat, fd_dir, "0", O_RDONLY), -ENOENT);
	EXPECT_RET(t, kcall(SYS_open, path_of("/proc/%d/stat", child), O_RDONLY), -ENOENT);
}

struct reuse { /* of a pid, by a child of vfork(), the cheapest of tasks */
	struct test *t;
	pid_t first;
	int stat_fd, dir;
	bool came_again;
};

/* Of the machine. Return: what it was. */
static int set_pid_max(struct test *t, int value)
{
	char text[32];
	int before, fd = open("/proc/sys/kernel/pid_max", O_RDWR);

	REQUIRE(t, fd >= 0 && read_text("/proc/sys/kernel/pid_max", text, sizeof(text)) > 0);
	before = atoi(text);
	snprintf(text, sizeof(text), "%d\n", value);
	EXPECT_RET(t, kcall(SYS_write, fd, text, strlen(text)), strlen(text));
	close(fd);
	return before;
}

static void look_if_it_came_again(struct reuse *reuse)
{
	struct test *t = reuse->t;
	char text[1024];

	if (kcall(SYS_gettid) != reuse->first)
		return;
	reuse->came_again = true;
	EXPECT_RET(t, kcall(SYS_pread64, reuse->stat_fd, text, sizeof(text), 0), -ESRCH);
	EXPECT_RET(t, kcall(SYS_openat, reuse->dir, "stat", O_RDONLY), -ESRCH);
	EXPECT_GT(t, read_text(path_of("/proc/%d/stat", reuse->first), text, sizeof(text)), 0);
}

/* Another task with the same pid is another task. */
static void a_pid_that_is_used_again_is_another(struct test *t)
{
	struct reuse reuse = { .t = t };
	int pid_max, limit;

	SKIP_WITHOUT_PROC(t);
	SKIP_UNLESS_GUEST(t);
	reuse.first = start_child(t, wait_for_ever, NULL);
	reuse.stat_fd = open(path_of("/proc/%d/stat", reuse.first), O_RDONLY);
	reuse.dir = open(path_of("/proc/%d", reuse.first), O_RDONLY | O_DIRECTORY);
	REQUIRE(t, reuse.stat_fd >= 0 && reuse.dir >= 0);
	end(t, reuse.first);
	limit = reuse.first + 500;
	pid_max = set_pid_max(t, limit);
	for (int i = 0; i < 40000 && !reuse.came_again; i++) {
		pid_t pid = vfork();

		if (!pid) {
			look_if_it_came_again(&reuse);
			_exit(0);
		}
		REQUIRE(t, waitpid(pid, NULL, 0) == pid);
	}
	EXPECT_TRUE(t, reuse.came_again);
	EXPECT_EQ(t, set_pid_max(t, pid_max), limit);
}

static void pids_are_below_the_limit(struct test *t)
{
	int pid_max, fd;

	SKIP_WITHOUT_PROC(t);
	SKIP_UNLESS_GUEST(t);
	pid_max = set_pid_max(t, 1000);
	fd = open("/proc/sys/kernel/pid_max", O_WRONLY);
	EXPECT_RET(t, kcall(SYS_write, fd, "300", 3), -EINVAL);
	EXPECT_RET(t, kcall(SYS_write, fd, "-1", 2), -EINVAL);
	EXPECT_RET(t, kcall(SYS_write, fd, "10000000", 8), -EINVAL);
	close(fd);
	for (int i = 0; i < 1500; i++) {
		pid_t pid = vfork();

		if (!pid)
			_exit(0);
		REQUIRE(t, waitpid(pid, NULL, 0) == pid);
		EXPECT_LT(t, pid, 1000);
	}
	EXPECT_EQ(t, set_pid_max(t, pid_max), 1000);
}

int selftest_helper(int argc __maybe_unused, char **argv __maybe_unused)
{
	wait_for_ever(NULL);
	return 0;
}

static void execute(void *go)
{
	char *argv[] = { "program", "--helper", "x y", "", NULL };
	char *envp[] = { "A=1", "LONG=two words", NULL };
	char byte;

	if (read(*(int *)go, &byte, 1) == 1)
		execve(self_path(), argv, envp);
}

static void another_program_is_not_shown_to_old_readers(struct test *t)
{
	static const char args[] = "program\0--helper\0x y\0", env[] = "A=1\0LONG=two words";
	int go[2], environ_fd, maps;
	char text[4096];
	pid_t child;

	SKIP_WITHOUT_PROC(t);
	REQUIRE(t, pipe(go) == 0);
	child = start_child(t, execute, &go[0]);
	environ_fd = open(path_of("/proc/%d/environ", child), O_RDONLY);
	maps = open(path_of("/proc/%d/maps", child), O_RDONLY);
	REQUIRE(t, environ_fd >= 0 && maps >= 0);
	EXPECT_GT(t, kcall(SYS_pread64, maps, text, sizeof(text), 0), 0);
	REQUIRE(t, write(go[1], "x", 1) == 1);
	for (int i = 0; i < 5000; i++) {
		if (read_text(path_of("/proc/%d/cmdline", child), text, sizeof(text)) > 0 &&
		    !strcmp(text, "program"))
			break;
		sleep_ms(1);
	}
	EXPECT_RET(t, read_text(path_of("/proc/%d/cmdline", child), text, sizeof(text)),
		   sizeof(args));
	EXPECT_EQ(t, memcmp(text, args, sizeof(args)), 0);
	EXPECT_RET(t, read_text(path_of("/proc/%d/environ", child), text, sizeof(text)),
		   sizeof(env));
	EXPECT_EQ(t, memcmp(text, env, sizeof(env)), 0);
	EXPECT_RET(t, kcall(SYS_pread64, environ_fd, text, sizeof(text), 0), 0);
	EXPECT_RET(t, kcall(SYS_pread64, maps, text, sizeof(text), 0), 0);
	end(t, child);
}

static void *execute_in_thread(void *go)
{
	execute(go);
	return NULL;
}

static void start_thread_and_wait(void *go)
{
	pthread_t thread;

	if (!pthread_create(&thread, NULL, execute_in_thread, go))
		wait_for_ever(NULL);
}

/* A thread executes, and takes over the pid of its process: to others it is that process still. */
static void the_process_outlives_its_first_thread(struct test *t)
{
	char text[4096];
	int go[2], dir, tid = 0;
	pid_t child;

	SKIP_WITHOUT_PROC(t);
	REQUIRE(t, pipe(go) == 0);
	child = start_child(t, start_thread_and_wait, &go[0]);
	dir = open(path_of("/proc/%d", child), O_RDONLY | O_DIRECTORY);
	REQUIRE(t, dir >= 0);
	for (int i = 0; i < 5000 && !tid; i++) {
		struct dirent *entry;
		DIR *task = opendir(path_of("/proc/%d/task", child));

		while (task && (entry = readdir(task)))
			if (entry->d_name[0] != '.' && atoi(entry->d_name) != child)
				tid = atoi(entry->d_name);
		closedir(task);
		sleep_ms(1);
	}
	REQUIRE(t, tid > 0 && write(go[1], "x", 1) == 1);
	for (int i = 0; i < 5000; i++) {
		if (read_text(path_of("/proc/%d/cmdline", child), text, sizeof(text)) > 0 &&
		    !strcmp(text, "program"))
			break;
		sleep_ms(1);
	}
	EXPECT_STREQ(t, text, "program");
	EXPECT_GE(t, kcall(SYS_openat, dir, "stat", O_RDONLY), 0);
	EXPECT_RET(t, kcall(SYS_stat, path_of("/proc/%d", tid), text), -ENOENT);
	EXPECT_EQ(t, number_of(t, proc_text(t, path_of("/proc/%d/status", child)), "Pid:", 10),
		  child);
	EXPECT_EQ(t, number_of(t, proc_text(t, path_of("/proc/%d/status", child)), "Threads:", 10),
		  1);
	end(t, child);
	EXPECT_RET(t, kcall(SYS_openat, dir, "stat", O_RDONLY), -ESRCH);
}

static void *name_thread(void *name)
{
	prctl(PR_SET_NAME, name);
	for (;;)
		pause();
	return NULL;
}

static void threads_are_listed(struct test *t)
{
	char name[] = "one of two", text[256];
	pthread_t thread;
	struct dirent *entry;
	int nr = 0, tid = 0, fd;
	DIR *dir;

	SKIP_WITHOUT_PROC(t);
	REQUIRE(t, pthread_create(&thread, NULL, name_thread, name) == 0);
	dir = opendir("/proc/self/task");
	REQUIRE(t, dir);
	while ((entry = readdir(dir))) {
		nr += entry->d_name[0] != '.';
		if (entry->d_name[0] != '.' && atoi(entry->d_name) != getpid())
			tid = atoi(entry->d_name);
	}
	EXPECT_EQ(t, nr, 2);
	REQUIRE(t, tid > 0);
	for (nr = 0; nr < 5000; nr++) {
		if (!strcmp(proc_text(t, path_of("/proc/self/task/%d/comm", tid)), "one of two\n"))
			break;
		sleep_ms(1);
	}
	EXPECT_STREQ(t, proc_text(t, path_of("/proc/%d/comm", tid)), "one of two\n");
	EXPECT_EQ(t, number_of(t, proc_text(t, path_of("/proc/%d/status", tid)), "Tgid:", 10),
		  getpid());
	EXPECT_EQ(t, number_of(t, proc_text(t, "/proc/self/status"), "Threads:", 10), 2);
	fd = open(path_of("/proc/self/task/%d/comm", tid), O_RDWR);
	EXPECT_RET(t, kcall(SYS_write, fd, "a new name that is too long", 27), 27);
	EXPECT_STREQ(t, proc_text(t, path_of("/proc/self/task/%d/comm", tid)), "a new name that\n");
	EXPECT_RET(t, kcall(SYS_stat, path_of("/proc/self/task/%d", getppid()), text), -ENOENT);
	snprintf(text, sizeof(text), "%d/task/%d", getpid(), getpid());
	EXPECT_STREQ(t, link_text("/proc/thread-self"), text);
	EXPECT_EQ(t, atoi(link_text("/proc/self")), getpid());
}

static void others_may_not_look(struct test *t)
{
	char text[256];
	pid_t child;

	SKIP_WITHOUT_PROC(t);
	SKIP_UNLESS_ROOT(t);
	child = start_child(t, wait_for_ever, NULL);
	wait_for_state(t, child, 'S');
	become_nobody(t);
	EXPECT_GT(t, read_text(path_of("/proc/%d/stat", child), text, sizeof(text)), 0);
	EXPECT_GT(t, read_text(path_of("/proc/%d/cmdline", child), text, sizeof(text)), 0);
	EXPECT_RET(t, kcall(SYS_open, path_of("/proc/%d/environ", child), O_RDONLY), -EACCES);
	EXPECT_RET(t, kcall(SYS_open, path_of("/proc/%d/maps", child), O_RDONLY), -EACCES);
	EXPECT_RET(t, kcall(SYS_open, path_of("/proc/%d/fd", child), O_RDONLY), -EACCES);
	EXPECT_RET(t, kcall(SYS_open, path_of("/proc/%d/fd/0", child), O_RDONLY), -EACCES);
	EXPECT_RET(t, kcall(SYS_readlink, path_of("/proc/%d/exe", child), text, 100), -EACCES);
	EXPECT_RET(t, kcall(SYS_readlink, path_of("/proc/%d/cwd", child), text, 100), -EACCES);
	EXPECT_RET(t, kcall(SYS_open, path_of("/proc/%d/root/etc", child), O_RDONLY), -EACCES);
	EXPECT_RET(t, kcall(SYS_open, path_of("/proc/%d/oom_score_adj", child), O_WRONLY), -EACCES);
	EXPECT_RET(t, kcall(SYS_open, "/proc/sys/kernel/hostname", O_WRONLY), -EACCES);
	EXPECT_RET(t, kcall(SYS_open, "/proc/slabinfo", O_RDONLY), -EACCES);
}

/* Who has given up rights is not for its new user to look into; it sees itself. */
static void what_is_not_dumpable_is_roots(struct test *t)
{
	struct stat stat_buf;
	int fd;

	SKIP_WITHOUT_PROC(t);
	SKIP_UNLESS_ROOT(t);
	become_nobody(t);
	EXPECT_EQ(t, prctl(PR_GET_DUMPABLE), 0);
	REQUIRE(t, stat(path_of("/proc/%d/environ", getpid()), &stat_buf) == 0);
	EXPECT_EQ(t, stat_buf.st_uid, 0U);
	REQUIRE(t, stat(path_of("/proc/%d", getpid()), &stat_buf) == 0);
	EXPECT_EQ(t, stat_buf.st_uid, (uid_t)NOBODY);
	fd = open("/proc/self/fd", O_RDONLY | O_DIRECTORY);
	EXPECT_GE(t, fd, 0);
	prctl(PR_SET_DUMPABLE, 1);
	REQUIRE(t, stat(path_of("/proc/%d/environ", getpid()), &stat_buf) == 0);
	EXPECT_EQ(t, stat_buf.st_uid, (uid_t)NOBODY);
	EXPECT_GE(t, open("/proc/self/environ", O_RDONLY), 0);
}

/* --- while they come and go */

static const char *const names[] = { "stat",	"status", "statm",  "maps",   "cmdline",
				     "environ", "comm",	  "limits", "mounts", "task/",
				     "fd/",	"wchan",  "stack" };

static void read_all_of(int pid)
{
	char text[4096];

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		read_text(path_of("/proc/%d/%s", pid, names[i]), text, sizeof(text));
	link_text(path_of("/proc/%d/exe", pid));
	link_text(path_of("/proc/%d/cwd", pid));
	for (int fd = 0; fd < 4; fd++)
		link_text(path_of("/proc/%d/fd/%d", pid, fd));
}

static void fork_and_execute(void *until)
{
	char *argv[] = { "program", "-l", NULL };

	while (now_ns(CLOCK_MONOTONIC) < *(long long *)until) {
		pid_t child = fork();

		if (!child) {
			dup2(open("/dev/null", O_RDWR), 1);
			execv(self_path(), argv);
			_exit(1);
		}
		waitpid(child, NULL, 0);
	}
}

static void *end_thread(void *arg)
{
	return arg;
}

static void make_threads(void *until)
{
	pthread_t thread;

	while (now_ns(CLOCK_MONOTONIC) < *(long long *)until)
		if (!pthread_create(&thread, NULL, end_thread, NULL))
			pthread_join(thread, NULL);
}

static void reading_does_not_harm(struct test *t)
{
	long long until = now_ns(CLOCK_MONOTONIC) + (in_guest() ? 3 : 1) * NS_PER_S;
	int nr_rounds = 0, nr_selves = 0;
	pid_t children[4];
	DIR *dir;

	SKIP_WITHOUT_PROC(t);
	for (size_t i = 0; i < ARRAY_SIZE(children); i++)
		children[i] = start_child(t, i % 2 ? fork_and_execute : make_threads, &until);
	for (; now_ns(CLOCK_MONOTONIC) < until; nr_rounds++) {
		struct dirent *entry;
		int last = 0;

		dir = opendir("/proc");
		REQUIRE(t, dir);
		while ((entry = readdir(dir))) {
			int pid = atoi(entry->d_name);

			if (!pid)
				continue;
			EXPECT_GT(t, pid, last); /* in order, each once */
			last = pid;
			nr_selves += pid == getpid();
			read_all_of(pid);
		}
		closedir(dir);
	}
	EXPECT_EQ(t, nr_selves, nr_rounds);
	for (size_t i = 0; i < ARRAY_SIZE(children); i++)
		EXPECT_EXIT(t, wait_for(t, children[i]), 0);
}

static const struct test_case cases[] = {
	TEST_CASE(states_are_shown),
	TEST_CASE(zombies_are_shown_without_memory),
	TEST_CASE(what_was_open_ends_with_the_process),
	TEST_CASE(a_pid_that_is_used_again_is_another),
	TEST_CASE(pids_are_below_the_limit),
	TEST_CASE(another_program_is_not_shown_to_old_readers),
	TEST_CASE(the_process_outlives_its_first_thread),
	TEST_CASE(threads_are_listed),
	TEST_CASE(others_may_not_look),
	TEST_CASE(what_is_not_dumpable_is_roots),
	TEST_CASE(reading_does_not_harm),
};
TEST_SUITE(life, cases);
