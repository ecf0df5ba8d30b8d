/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * __vdso_getpid(), which Linux has not: the same as the call wherever tasks share memory or do not:
 * after fork, in threads, between vfork() and execve(), in processes that share an address space.
 */
#include <pthread.h>

#include "selftest.h"
#include "vdso.h"

static int (*vdso_getpid)(void);

#define NEED_VDSO_GETPID(t)                                                \
	do {                                                               \
		vdso_getpid = vdso_function("__vdso_getpid");              \
		SKIP_IF(t, !vdso_getpid, "the vDSO has no __vdso_getpid"); \
	} while (0)

/* Differences from the call in some readings. */
static int nr_wrong(int nr)
{
	int wrong = 0;

	while (nr--)
		wrong += vdso_getpid() != (int)kcall(SYS_getpid);
	return wrong;
}

int selftest_helper(int argc, char **argv)
{
	int want = argc > 1 ? atoi(argv[1]) : 0;

	vdso_getpid = vdso_function("__vdso_getpid");
	return !vdso_getpid || nr_wrong(100) || vdso_getpid() != want;
}

/* In place of the caller, which may be a child of vfork(): the helper finds its own pid. */
static void exec_helper(const char *pid_text)
{
	char *argv[] = { (char *)self_path(), "--helper", "pid", (char *)pid_text, NULL };

	execve(self_path(), argv, environ);
	_exit(9);
}

static char pid_text[16];

static void write_pid(int pid)
{
	char *at = pid_text + sizeof(pid_text) - 1;

	for (*at = 0; pid; pid /= 10)
		*--at = (char)('0' + pid % 10);
	memmove(pid_text, at, strlen(at) + 1);
}

static void it_is_the_call_s(struct test *t)
{
	NEED_VDSO_GETPID(t);
	EXPECT_EQ(t, nr_wrong(rounds(1000, 100000)), 0);
}

static void children_have_their_own(struct test *t)
{
	int parent = (int)kcall(SYS_getpid);

	NEED_VDSO_GETPID(t);
	EXPECT_EQ(t, vdso_getpid(), parent);
	for (int i = 0; i < 50; i++) {
		pid_t child = fork();

		if (!child)
			_exit(nr_wrong(50) || vdso_getpid() == parent);
		EXPECT_EQ(t, nr_wrong(50), 0);
		EXPECT_EXIT(t, wait_for(t, child), 0);
	}
}

static void new_programs_have_it(struct test *t)
{
	NEED_VDSO_GETPID(t);
	for (int i = 0; i < 5; i++) {
		pid_t child = fork();

		if (!child) {
			write_pid((int)kcall(SYS_getpid));
			exec_helper(pid_text);
		}
		EXPECT_EXIT(t, wait_for(t, child), 0);
	}
}

static int sum_wrong;

static void *compare_in_thread(void *arg __maybe_unused)
{
	__atomic_fetch_add(&sum_wrong, nr_wrong(20000), __ATOMIC_RELAXED);
	return NULL;
}

static void threads_have_that_of_their_process(struct test *t)
{
	pthread_t threads[4];

	NEED_VDSO_GETPID(t);
	for (int i = 0; i < 4; i++)
		REQUIRE(t, pthread_create(&threads[i], NULL, compare_in_thread, NULL) == 0);
	for (int i = 0; i < 50; i++) {
		pid_t child = fork();

		if (!child)
			_exit(nr_wrong(10));
		EXPECT_EXIT(t, wait_for(t, child), 0);
	}
	for (int i = 0; i < 4; i++)
		pthread_join(threads[i], NULL);
	EXPECT_EQ(t, sum_wrong, 0);
}

static volatile int child_wrong;
static volatile bool stop;

static void *compare_until_stopped(void *arg __maybe_unused)
{
	while (!stop)
		__atomic_fetch_add(&sum_wrong, nr_wrong(10), __ATOMIC_RELAXED);
	return NULL;
}

/* The child runs in the memory of a parent whose threads go on meanwhile. */
static void vfork_children_do_not_see_the_parent_s(struct test *t)
{
	pthread_t thread;

	NEED_VDSO_GETPID(t);
	REQUIRE(t, pthread_create(&thread, NULL, compare_until_stopped, NULL) == 0);
	for (int i = 0; i < 50; i++) {
		pid_t child = vfork();

		if (!child) {
			child_wrong += nr_wrong(20);
			if (i % 5)
				_exit(0);
			write_pid((int)kcall(SYS_getpid));
			exec_helper(pid_text);
		}
		EXPECT_EQ(t, nr_wrong(20), 0);
		EXPECT_EXIT(t, wait_for(t, child), 0);
	}
	stop = true;
	pthread_join(thread, NULL);
	EXPECT_EQ(t, sum_wrong, 0);
	EXPECT_EQ(t, child_wrong, 0);
}

static char stack[65536] __aligned(16);

static int compare_in_clone(void *arg)
{
	int wrong = nr_wrong(5000);

	/* Children of two levels, and a fork out of the shared memory. */
	if (arg) {
		pid_t child = (pid_t)kcall(SYS_fork);

		if (!child)
			kcall(SYS_exit_group, nr_wrong(100) ? 1 : 0);
		kcall(SYS_wait4, child, &wrong, 0, NULL);
	}
	return wrong + nr_wrong(100) ? 1 : 0;
}

static void processes_that_share_memory_have_their_own(struct test *t)
{
	NEED_VDSO_GETPID(t);
	for (long i = 0; i < 20; i++) {
		pid_t child = clone(compare_in_clone, stack + sizeof(stack), CLONE_VM | SIGCHLD,
				    (void *)(i % 2));

		REQUIRE(t, child > 0);
		EXPECT_EQ(t, nr_wrong(3000), 0);
		EXPECT_EXIT(t, wait_for(t, child), 0);
		EXPECT_EQ(t, nr_wrong(10), 0);
	}
}

static volatile int *owner_has_ended;

static int outlive_owner(void *arg __maybe_unused)
{
	int wrong = nr_wrong(1000);

	while (!*owner_has_ended)
		wrong += nr_wrong(10);
	return wrong + nr_wrong(1000) ? 1 : 0;
}

/* The process that the memory was made for ends; another one goes on in it. */
static void the_owner_may_end_first(struct test *t)
{
	volatile int *other;
	pid_t owner;

	NEED_VDSO_GETPID(t);
	owner_has_ended =
		mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	REQUIRE(t, owner_has_ended != MAP_FAILED);
	other = owner_has_ended + 1;
	owner = fork();
	if (!owner) {
		*other = clone(outlive_owner, stack + sizeof(stack),
			       CLONE_VM | CLONE_PARENT | SIGCHLD, NULL);
		_exit(nr_wrong(1000));
	}
	EXPECT_EXIT(t, wait_for(t, owner), 0);
	REQUIRE(t, *other > 0);
	*owner_has_ended = 1;
	EXPECT_EXIT(t, wait_for(t, *other), 0);
}

/* execve() from a thread that is not the first takes the pid of the process. */
static void *exec_in_thread(void *arg)
{
	exec_helper(arg);
	return NULL;
}

static void exec_in_another_thread_keeps_the_pid(struct test *t)
{
	pid_t child;

	NEED_VDSO_GETPID(t);
	child = fork();
	if (!child) {
		pthread_t thread;

		write_pid((int)kcall(SYS_getpid));
		pthread_create(&thread, NULL, exec_in_thread, pid_text);
		pthread_join(thread, NULL);
		_exit(8);
	}
	EXPECT_EXIT(t, wait_for(t, child), 0);
}

static const struct test_case vdso_pid_cases[] = {
	TEST_CASE(it_is_the_call_s),
	TEST_CASE(children_have_their_own),
	TEST_CASE(new_programs_have_it),
	TEST_CASE(threads_have_that_of_their_process),
	TEST_CASE(vfork_children_do_not_see_the_parent_s),
	TEST_CASE(processes_that_share_memory_have_their_own),
	TEST_CASE(the_owner_may_end_first),
	TEST_CASE(exec_in_another_thread_keeps_the_pid),
};
TEST_SUITE(vdso_pid, vdso_pid_cases);
