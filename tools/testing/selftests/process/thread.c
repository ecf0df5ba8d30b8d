/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Threads as C libraries make them: one pid and many tids, memory, descriptors and credentials in
 * common, TLS of their own, and an end that takes all with it or only one.
 */
#include <pthread.h>

#include "selftest.h"

static __thread int own = 1;
static volatile int shared;
static volatile pid_t tid_seen, pid_seen;

static pthread_t start(struct test *t, void *(*fn)(void *), void *arg)
{
	pthread_t thread;

	REQUIRE(t, pthread_create(&thread, NULL, fn, arg) == 0);
	return thread;
}

static void *join(struct test *t, pthread_t thread)
{
	void *result = NULL;

	REQUIRE(t, pthread_join(thread, &result) == 0);
	return result;
}

static void *look_at_ids(void *arg __maybe_unused)
{
	tid_seen = (pid_t)kcall(SYS_gettid);
	pid_seen = (pid_t)kcall(SYS_getpid);
	return NULL;
}

static void threads_have_one_pid_and_own_tids(struct test *t)
{
	EXPECT_EQ(t, kcall(SYS_gettid), getpid());
	join(t, start(t, look_at_ids, NULL));
	EXPECT_EQ(t, pid_seen, getpid());
	EXPECT_NE(t, tid_seen, getpid());
}

static void *change(void *arg)
{
	own = 2;
	shared = (int)(intptr_t)arg;
	return (void *)(intptr_t)own;
}

static void memory_is_common_and_tls_is_not(struct test *t)
{
	EXPECT_EQ(t, join(t, start(t, change, (void *)5)), (void *)2);
	EXPECT_EQ(t, shared, 5);
	EXPECT_EQ(t, own, 1);
}

static void *close_it(void *fd)
{
	close((int)(intptr_t)fd);
	return NULL;
}

static void descriptors_are_common(struct test *t)
{
	intptr_t fd = dup(1);

	join(t, start(t, close_it, (void *)fd));
	EXPECT_EQ(t, fcntl((int)fd, F_GETFD), -1);
}

static void *exit_now(void *code)
{
	kcall(SYS_exit_group, code);
	return NULL;
}

static void *sleep_long(void *arg __maybe_unused)
{
	sleep_ms(20000);
	return NULL;
}

static void *spin(void *arg __maybe_unused)
{
	for (;;)
		barrier();
	return NULL;
}

static void exit_group_ends_all(void *t)
{
	start(t, sleep_long, NULL);
	start(t, spin, NULL);
	start(t, exit_now, (void *)13);
	sleep_ms(20000);
}

static void exit_group_of_one_ends_all(struct test *t)
{
	EXPECT_EXIT(t, run_in_child(t, exit_group_ends_all, t), 13);
}

static void *fault(void *arg __maybe_unused)
{
	uintptr_t addr = 16;

	__asm__ volatile("" : "+r"(addr)); /* the compiler need not know it */
	*(volatile int *)addr = 1;
	return NULL;
}

static void fault_with_others(void *t)
{
	start(t, sleep_long, NULL);
	start(t, spin, NULL);
	start(t, fault, NULL);
	sleep_ms(20000);
}

static void fault_of_one_ends_all(struct test *t)
{
	EXPECT_KILLED(t, run_in_child(t, fault_with_others, t), SIGSEGV);
}

static void kill_ends_all(struct test *t)
{
	pid_t pid = fork();

	if (!pid) {
		start(t, spin, NULL);
		start(t, sleep_long, NULL);
		sleep_ms(20000);
	}
	sleep_ms(20);
	kill(pid, SIGTERM);
	EXPECT_KILLED(t, wait_for(t, pid), SIGTERM);
}

static void *exit_later(void *arg __maybe_unused)
{
	sleep_ms(30);
	kcall(SYS_exit_group, 17);
	return NULL;
}

static void leader_leaves(void *t)
{
	start(t, exit_later, NULL);
	kcall(SYS_exit, 1); /* the thread alone */
}

static void process_lives_on_without_its_first_thread(struct test *t)
{
	EXPECT_EXIT(t, run_in_child(t, leader_leaves, t), 17);
}

static void *exec_now(void *arg __maybe_unused)
{
	execl(self_path(), self_path(), "--helper", "pid", NULL);
	_exit(1);
}

static void exec_in_thread(void *t)
{
	char text[16];

	snprintf(text, sizeof(text), "%d", getpid());
	setenv("WANTED_PID", text, 1);
	start(t, spin, NULL);
	start(t, sleep_long, NULL);
	start(t, exec_now, NULL);
	sleep_ms(20000);
}

static void exec_of_one_ends_the_others_and_keeps_the_pid(struct test *t)
{
	EXPECT_EXIT(t, run_in_child(t, exec_in_thread, t), 19);
}

static void *fork_in_thread(void *arg __maybe_unused)
{
	int status;
	pid_t pid = fork();

	if (!pid)
		_exit(kcall(SYS_gettid) == kcall(SYS_getpid) ? 23 : 1);
	return (void *)(intptr_t)(waitpid(pid, &status, 0) == pid ? WEXITSTATUS(status) : -1);
}

static void fork_of_a_thread_has_one_thread(struct test *t)
{
	pthread_t other = start(t, sleep_long, NULL);

	EXPECT_EQ(t, join(t, start(t, fork_in_thread, NULL)), (void *)23);
	pthread_detach(other);
}

static void *wait_for_child(void *arg __maybe_unused)
{
	int status;

	return (void *)(intptr_t)(wait(&status) > 0 ? WEXITSTATUS(status) : -1);
}

static void any_thread_can_wait_for_the_children_of_another(struct test *t)
{
	if (!fork())
		_exit(29);
	EXPECT_EQ(t, join(t, start(t, wait_for_child, NULL)), (void *)29);
}

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;

static void *count_up(void *rounds_wanted)
{
	for (intptr_t i = 0; i < (intptr_t)rounds_wanted; i++) {
		pthread_mutex_lock(&mutex);
		shared++;
		pthread_mutex_unlock(&mutex);
	}
	return NULL;
}

static void mutex_excludes(struct test *t)
{
	pthread_t threads[4];
	intptr_t nr = (intptr_t)rounds(20000, 50000);

	shared = 0;
	for (int i = 0; i < 4; i++)
		threads[i] = start(t, count_up, (void *)nr);
	for (int i = 0; i < 4; i++)
		join(t, threads[i]);
	EXPECT_EQ(t, shared, 4 * nr);
}

static void hundreds_of_threads_come_and_go(struct test *t)
{
	for (unsigned int i = 0; i < rounds(300, 3000); i++)
		join(t, start(t, change, (void *)(intptr_t)i));
	EXPECT_EQ(t, shared, (int)rounds(300, 3000) - 1);
}

static void many_threads_at_once(struct test *t)
{
	enum { NR = 200 };
	static pthread_t threads[NR];

	shared = 0;
	for (int i = 0; i < NR; i++)
		threads[i] = start(t, count_up, (void *)1);
	for (int i = 0; i < NR; i++)
		join(t, threads[i]);
	EXPECT_EQ(t, shared, NR);
}

static void tid_address_is_cleared_at_the_end(struct test *t)
{
	EXPECT_EQ(t, kcall(SYS_set_tid_address, &shared), kcall(SYS_gettid));
	EXPECT_EQ(t, kcall(SYS_set_tid_address, NULL), kcall(SYS_gettid));
}

static void robust_list_has_a_fixed_size(struct test *t)
{
	struct {
		void *next;
		long offset;
		void *pending;
	} head = { &head, 0, NULL }, *got = NULL;
	size_t size = 0;

	EXPECT_RET(t, kcall(SYS_set_robust_list, &head, sizeof(head) - 1), -EINVAL);
	EXPECT_RET(t, kcall(SYS_set_robust_list, &head, sizeof(head)), 0);
	EXPECT_RET(t, kcall(SYS_get_robust_list, 0, &got, &size), 0);
	EXPECT_EQ(t, (void *)got, (void *)&head);
	EXPECT_EQ(t, size, sizeof(head));
	EXPECT_RET(t, kcall(SYS_get_robust_list, 0x3fffffff, &got, &size), -ESRCH);
}

/* "pid": the program that a thread has executed */
int selftest_helper(int argc __maybe_unused, char **argv __maybe_unused)
{
	return atoi(getenv("WANTED_PID")) == getpid() && kcall(SYS_gettid) == getpid() ? 19 : 1;
}

static const struct test_case thread_cases[] = {
	TEST_CASE(threads_have_one_pid_and_own_tids),
	TEST_CASE(memory_is_common_and_tls_is_not),
	TEST_CASE(descriptors_are_common),
	TEST_CASE(exit_group_of_one_ends_all),
	TEST_CASE(fault_of_one_ends_all),
	TEST_CASE(kill_ends_all),
	TEST_CASE(process_lives_on_without_its_first_thread),
	TEST_CASE(exec_of_one_ends_the_others_and_keeps_the_pid),
	TEST_CASE(fork_of_a_thread_has_one_thread),
	TEST_CASE(any_thread_can_wait_for_the_children_of_another),
	TEST_CASE(mutex_excludes),
	TEST_CASE(hundreds_of_threads_come_and_go),
	TEST_CASE(many_threads_at_once),
	TEST_CASE(tid_address_is_cleared_at_the_end),
	TEST_CASE(robust_list_has_a_fixed_size),
};
TEST_SUITE(thread, thread_cases);
