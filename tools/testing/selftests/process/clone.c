/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * clone and clone3: each flag alone, the combinations that make no sense, and what is written
 * where.
 */
#include <linux/sched.h>
#include <linux/futex.h>

#include <sys/stat.h>

#include "selftest.h"

#define STACK_SIZE (64 * 1024)

static char *new_stack(struct test *t)
{
	return map_anon(t, STACK_SIZE, PROT_READ | PROT_WRITE) + STACK_SIZE;
}

static volatile int value;

static int set_value(void *arg)
{
	value = (int)(intptr_t)arg;
	return 3;
}

static void vm_shares_memory(struct test *t)
{
	pid_t pid = clone(set_value, new_stack(t), CLONE_VM | SIGCHLD, (void *)5);

	EXPECT_EXIT(t, wait_for(t, pid), 3);
	EXPECT_EQ(t, value, 5);
}

static void without_vm_memory_is_copied(struct test *t)
{
	pid_t pid = clone(set_value, new_stack(t), SIGCHLD, (void *)6);

	EXPECT_EXIT(t, wait_for(t, pid), 3);
	EXPECT_EQ(t, value, 0);
}

static void vfork_flag_makes_the_parent_wait(struct test *t)
{
	for (int i = 1; i < 20; i++) {
		pid_t pid = clone(set_value, new_stack(t), CLONE_VM | CLONE_VFORK | SIGCHLD,
				  (void *)(intptr_t)i);

		EXPECT_EQ(t, value, i); /* without waiting */
		EXPECT_EXIT(t, wait_for(t, pid), 3);
	}
}

static int close_fd(void *fd)
{
	return close((int)(intptr_t)fd);
}

static void files_flag_shares_descriptors(struct test *t)
{
	intptr_t fd = dup(1);

	EXPECT_EXIT(t, wait_for(t, clone(close_fd, new_stack(t), SIGCHLD, (void *)fd)), 0);
	EXPECT_EQ(t, fcntl((int)fd, F_GETFD), 0);
	EXPECT_EXIT(t,
		    wait_for(t, clone(close_fd, new_stack(t), CLONE_FILES | SIGCHLD, (void *)fd)),
		    0);
	EXPECT_EQ(t, fcntl((int)fd, F_GETFD), -1);
}

static int set_umask(void *mask)
{
	umask((mode_t)(intptr_t)mask);
	return 0;
}

static void fs_flag_shares_the_umask(struct test *t)
{
	umask(022);
	wait_for(t, clone(set_umask, new_stack(t), SIGCHLD, (void *)077));
	EXPECT_EQ(t, umask(022), 022);
	wait_for(t, clone(set_umask, new_stack(t), CLONE_FS | SIGCHLD, (void *)077));
	EXPECT_EQ(t, umask(022), 077);
}

static void parent_settid_writes_the_pid(struct test *t)
{
	int tid = -1;
	long pid = kcall(SYS_clone, CLONE_PARENT_SETTID | SIGCHLD, 0, &tid, 0, 0);

	if (!pid)
		_exit(tid != -1); /* it is the parent's memory that is written */
	EXPECT_EQ(t, tid, pid);
	EXPECT_EXIT(t, wait_for(t, (pid_t)pid), 0);
}

static void child_settid_writes_in_the_child(struct test *t)
{
	volatile int tid = -1;
	long pid = kcall(SYS_clone, CLONE_CHILD_SETTID | SIGCHLD, 0, 0, &tid, 0);

	if (!pid)
		_exit(tid != getpid());
	EXPECT_EXIT(t, wait_for(t, (pid_t)pid), 0);
	EXPECT_EQ(t, tid, -1);
}

static int nop(void *arg __maybe_unused)
{
	return 0;
}

static void child_cleartid_clears_and_wakes(struct test *t)
{
	static volatile int tid = 1234;
	pid_t pid = clone(nop, new_stack(t), CLONE_VM | CLONE_CHILD_CLEARTID | SIGCHLD, NULL, NULL,
			  NULL, &tid);
	struct timespec limit = { 5, 0 };

	REQUIRE(t, pid > 0);
	while (tid) {
		long got = kcall(SYS_futex, &tid, FUTEX_WAIT, 1234, &limit);

		REQUIRE(t, got == 0 || got == -EAGAIN);
	}
	EXPECT_EXIT(t, wait_for(t, pid), 0);
}

static void parent_flag_makes_a_sibling(struct test *t)
{
	pid_t self = getpid();
	int status;
	pid_t child = fork();

	if (!child) {
		long pid = kcall(SYS_clone, CLONE_PARENT | SIGCHLD, 0, 0, 0, 0);

		if (!pid)
			_exit(getppid() == self ? 21 : 1);
		_exit(kcall(SYS_wait4, pid, NULL, 0, NULL) == -ECHILD ? 22 : 2);
	}
	for (int i = 0; i < 2; i++) {
		pid_t pid = wait(&status);

		EXPECT_EXIT(t, status, pid == child ? 22 : 21);
	}
	EXPECT_EQ(t, wait(NULL), -1);
}

static void exit_signal_is_kept_for_wait(struct test *t)
{
	siginfo_t info;
	long pid;

	signal(SIGUSR2, SIG_IGN); /* the parent would die of it */
	pid = kcall(SYS_clone, SIGUSR2, 0, 0, 0, 0);
	if (!pid)
		_exit(1);
	EXPECT_RET(t, kcall(SYS_waitid, P_PID, pid, &info, WEXITED, NULL), -ECHILD);
	EXPECT_RET(t, kcall(SYS_waitid, P_PID, pid, &info, WEXITED | __WALL, NULL), 0);
}

static void tls_is_set(struct test *t)
{
	static unsigned long block[8] = { 0 };
	unsigned long got = 0;
	long pid = kcall(SYS_clone, CLONE_SETTLS | SIGCHLD, 0, 0, 0, block);

	block[0] = (unsigned long)block;
	if (!pid) { /* no library call from here on: its TLS is gone */
		kcall(SYS_arch_prctl, 0x1003 /* ARCH_GET_FS */, &got);
		kcall(SYS_exit_group, got != (unsigned long)block);
	}
	EXPECT_EXIT(t, wait_for(t, (pid_t)pid), 0);
}

static void combinations_without_sense_are_refused(struct test *t)
{
	static const unsigned long flags[] = {
		CLONE_THREAD, /* without CLONE_SIGHAND */
		CLONE_SIGHAND, /* without CLONE_VM */
		CLONE_THREAD | CLONE_SIGHAND,
		CLONE_THREAD | CLONE_VM,
		CLONE_NEWNS | CLONE_FS,
		CLONE_NEWUSER | CLONE_FS,
	};

	for (size_t i = 0; i < ARRAY_SIZE(flags); i++)
		EXPECT_RET(t, kcall(SYS_clone, flags[i] | SIGCHLD, 0, 0, 0, 0), -EINVAL);
}

static void kernel_address_as_tls_is_refused(struct test *t)
{
	EXPECT_RET(t, kcall(SYS_clone, CLONE_SETTLS | SIGCHLD, 0, 0, 0, 0xffffffff80000000UL),
		   -EPERM);
	EXPECT_RET(t, kcall(SYS_clone, CLONE_SETTLS | SIGCHLD, 0, 0, 0, 1UL << 62), -EPERM);
}

/* --- clone3 */

static long clone3(struct clone_args *args, size_t size)
{
	return kcall(SYS_clone3, args, size);
}

static void clone3_forks(struct test *t)
{
	struct clone_args args = { .exit_signal = SIGCHLD };
	long pid = clone3(&args, sizeof(args));

	if (!pid)
		_exit(31);
	REQUIRE(t, pid > 0);
	EXPECT_EXIT(t, wait_for(t, (pid_t)pid), 31);
}

static void clone3_takes_smaller_and_larger_structs(struct test *t)
{
	struct {
		struct clone_args args;
		unsigned long more[4];
	} large = { .args = { .exit_signal = SIGCHLD } };
	long pid = clone3(&large.args, CLONE_ARGS_SIZE_VER0);

	if (!pid)
		_exit(0);
	EXPECT_EXIT(t, wait_for(t, (pid_t)pid), 0);
	pid = clone3(&large.args, sizeof(large));
	if (!pid)
		_exit(0);
	EXPECT_EXIT(t, wait_for(t, (pid_t)pid), 0);
	large.more[3] = 1; /* a field that this kernel does not know is set */
	EXPECT_RET(t, clone3(&large.args, sizeof(large)), -E2BIG);
	EXPECT_RET(t, clone3(&large.args, CLONE_ARGS_SIZE_VER0 - 1), -EINVAL);
	EXPECT_RET(t, clone3(&large.args, PAGE + 1), -E2BIG);
	EXPECT_RET(t, clone3(NULL, sizeof(large.args)), -EFAULT);
}

static void clone3_checks_its_fields(struct test *t)
{
	char *stack = new_stack(t) - STACK_SIZE;
	struct clone_args rows[] = {
		{ .exit_signal = 65 },
		{ .exit_signal = 1UL << 32 },
		{ .exit_signal = SIGCHLD, .flags = 1UL << 50 },
		{ .exit_signal = SIGCHLD, .flags = 0xff }, /* a signal in the flags */
		{ .exit_signal = SIGCHLD, .flags = CLONE_DETACHED },
		{ .exit_signal = SIGCHLD, .flags = CLONE_SIGHAND },
		{ .exit_signal = SIGCHLD,
		  .flags = CLONE_VM | CLONE_SIGHAND | CLONE_THREAD,
		  .stack = (uintptr_t)stack,
		  .stack_size = STACK_SIZE },
		{ .exit_signal = SIGCHLD, .stack = (uintptr_t)stack }, /* no size */
		{ .exit_signal = SIGCHLD, .stack_size = STACK_SIZE }, /* no stack */
		{ .exit_signal = SIGCHLD, .stack = 0xffffffff80000000UL, .stack_size = PAGE },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		char row[16];

		snprintf(row, sizeof(row), "row %zu", i);
		EXPECT_RET_ROW(t, row, clone3(&rows[i], sizeof(rows[i])), -EINVAL);
	}
}

static void clone3_writes_tids(struct test *t)
{
	int parent_tid = -1, child_tid = -1;
	struct clone_args args = { .exit_signal = SIGCHLD,
				   .flags = CLONE_PARENT_SETTID | CLONE_CHILD_SETTID,
				   .parent_tid = (uintptr_t)&parent_tid,
				   .child_tid = (uintptr_t)&child_tid };
	long pid = clone3(&args, sizeof(args));

	if (!pid)
		_exit(child_tid != getpid());
	EXPECT_EQ(t, parent_tid, pid);
	EXPECT_EQ(t, child_tid, -1);
	EXPECT_EXIT(t, wait_for(t, (pid_t)pid), 0);
}

static void clear_sighand_resets_handlers(struct test *t)
{
	struct clone_args args = { .exit_signal = SIGCHLD, .flags = CLONE_CLEAR_SIGHAND };
	long pid;

	signal(SIGUSR1, SIG_IGN); /* ignored signals stay ignored */
	pid = clone3(&args, sizeof(args));
	if (!pid) {
		raise(SIGUSR1);
		_exit(33);
	}
	EXPECT_EXIT(t, wait_for(t, (pid_t)pid), 33);
}

static const struct test_case clone_cases[] = {
	TEST_CASE(vm_shares_memory),
	TEST_CASE(without_vm_memory_is_copied),
	TEST_CASE(vfork_flag_makes_the_parent_wait),
	TEST_CASE(files_flag_shares_descriptors),
	TEST_CASE(fs_flag_shares_the_umask),
	TEST_CASE(parent_settid_writes_the_pid),
	TEST_CASE(child_settid_writes_in_the_child),
	TEST_CASE(child_cleartid_clears_and_wakes),
	TEST_CASE(parent_flag_makes_a_sibling),
	TEST_CASE(exit_signal_is_kept_for_wait),
	TEST_CASE(tls_is_set),
	TEST_CASE(combinations_without_sense_are_refused),
	TEST_CASE(kernel_address_as_tls_is_refused),
	TEST_CASE(clone3_forks),
	TEST_CASE(clone3_takes_smaller_and_larger_structs),
	TEST_CASE(clone3_checks_its_fields),
	TEST_CASE(clone3_writes_tids),
	TEST_CASE(clear_sighand_resets_handlers),
};
TEST_SUITE(clone, clone_cases);
SELFTEST_NO_HELPER
