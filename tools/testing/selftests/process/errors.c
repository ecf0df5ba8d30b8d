/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Calls about the process itself, argument by argument: what each gives, and which of two errors
 * comes first.  A table is one situation: as root, as nobody, or whoever runs it.
 */
#include <linux/capability.h>
#include <linux/sched.h>
#include <linux/securebits.h>
#include <pthread.h>
#include <sys/prctl.h>

#include "selftest.h"

#define NO_PID	0x3fffffff
#define BAD_PTR 8L
#define CAP_V1	0x19980330
#define CAP_V3	0x20080522

static int int_place;

/* --- signals */

static void kill_looks_for_the_process_first(struct test *t)
{
	const pid_t self = getpid();
	static siginfo_t info = { .si_code = SI_QUEUE };
	const struct call_row rows[] = {
		CALL(0, kill, self, 0),
		CALL(-EINVAL, kill, self, 65),
		CALL(-EINVAL, kill, self, -1),
		CALL(-EINVAL, kill, 0, 65),
		CALL(-ESRCH, kill, NO_PID, 0),
		CALL(-ESRCH, kill, NO_PID, 65),
		CALL(-ESRCH, kill, -NO_PID, 0),
		CALL(-ESRCH, kill, -NO_PID, 65),
		CALL(-ESRCH, kill, INT_MIN, 0),
		CALL(-ESRCH, kill, INT_MIN, 65),
		CALL(0, tkill, self, 0),
		CALL(-EINVAL, tkill, 0, 0),
		CALL(-EINVAL, tkill, -1, 65),
		CALL(-EINVAL, tkill, self, 65),
		CALL(-ESRCH, tkill, NO_PID, 0),
		CALL(-ESRCH, tkill, NO_PID, 65),
		CALL(0, tgkill, self, self, 0),
		CALL(-EINVAL, tgkill, self, self, -1),
		CALL(-EINVAL, tgkill, 0, self, 0),
		CALL(-EINVAL, tgkill, -1, self, 0),
		CALL(-EINVAL, tgkill, self, 0, 0),
		CALL(-ESRCH, tgkill, self, NO_PID, 65),
		CALL(-ESRCH, tgkill, NO_PID, self, 0),
		CALL(-ESRCH, tgkill, NO_PID, self, 65),
		CALL(-EFAULT, rt_sigqueueinfo, NO_PID, 65, BAD_PTR),
		CALL(-ESRCH, rt_sigqueueinfo, NO_PID, 65, PTR(&info)),
		CALL(-ESRCH, rt_sigqueueinfo, -1, 0, PTR(&info)),
		CALL(-EINVAL, rt_sigqueueinfo, self, 65, PTR(&info)),
		CALL(0, rt_sigqueueinfo, self, 0, PTR(&info)),
		CALL(-EINVAL, rt_tgsigqueueinfo, 0, self, 0, PTR(&info)),
		CALL(-EINVAL, rt_tgsigqueueinfo, self, self, 65, PTR(&info)),
		CALL(-ESRCH, rt_tgsigqueueinfo, self, NO_PID, 65, PTR(&info)),
		CALL(-ESRCH, rt_tgsigqueueinfo, NO_PID, self, 65, PTR(&info)),
	};

	REQUIRE(t, setpgid(0, 0) == 0);
	EXPECT_CALLS(t, rows);
}

static void nobody_may_not_signal_root(struct test *t)
{
	static siginfo_t info = { .si_code = SI_QUEUE };
	const pid_t parent = getppid();
	const struct call_row rows[] = {
		CALL(-EPERM, kill, parent, 0),
		CALL(-EINVAL, kill, parent, 65),
		CALL(-EPERM, tkill, parent, 0),
		CALL(-EPERM, tgkill, parent, parent, SIGTERM),
		CALL(-EPERM, rt_sigqueueinfo, parent, 0, PTR(&info)),
		CALL(-EPERM, kill, parent, SIGCONT), /* another session */
		CALL(0, kill, -1, 0), /* whom it may not is not counted */
	};

	SKIP_UNLESS_ROOT(t);
	REQUIRE(t, setsid() > 0);
	become_nobody(t);
	EXPECT_CALLS(t, rows);
}

/* What looks as if kill() had sent it a thread may send to its own number alone. */
static void *queue_as_kill_would(void *arg)
{
	static siginfo_t info = { .si_code = SI_USER };
	const pid_t self = gettid(), process = getpid();
	const struct call_row rows[] = {
		CALL(-EPERM, rt_sigqueueinfo, process, 0, PTR(&info)),
		CALL(-EPERM, rt_tgsigqueueinfo, process, process, 0, PTR(&info)),
		CALL(-EPERM, rt_tgsigqueueinfo, NO_PID, NO_PID, 0, PTR(&info)),
		CALL(0, rt_tgsigqueueinfo, process, self, 0, PTR(&info)),
		CALL(-ESRCH, rt_tgsigqueueinfo, NO_PID, self, 0, PTR(&info)),
		CALL(0, rt_sigqueueinfo, self, 0, PTR(&info)),
	};
	struct test *t = arg;

	EXPECT_CALLS(t, rows);
	return NULL;
}

static void threads_may_not_pose_as_kill(struct test *t)
{
	pthread_t thread;

	REQUIRE(t, pthread_create(&thread, NULL, queue_as_kill_would, t) == 0);
	pthread_join(thread, NULL);
}

/* --- groups and sessions */

static void groups_and_sessions(struct test *t)
{
	const pid_t self = getpid();
	const struct call_row rows[] = {
		CALL(-ESRCH, getpgid, NO_PID),
		CALL(-ESRCH, getpgid, -1),
		CALL(-ESRCH, getsid, NO_PID),
		CALL(-ESRCH, getsid, -1),
		CALL(-EINVAL, setpgid, 0, -1),
		CALL(-EINVAL, setpgid, NO_PID, -1),
		CALL(-ESRCH, setpgid, NO_PID, 0),
		CALL(-EINVAL, setpgid, -1, 0), /* to be a group of that number */
		CALL(-ESRCH, setpgid, -1, 5),
		CALL(-ESRCH, setpgid, INT_MIN, 5),
		CALL(-ESRCH, setpgid, getppid(), 0),
		CALL(-EPERM, setpgid, 0, NO_PID),
		CALL(0, setpgid, self, self),
		CALL(-EPERM, setsid, 0), /* leads a group */
		CALL(self, getpgid, 0),
	};

	EXPECT_CALLS(t, rows);
}

static void a_session_leader_stays(struct test *t)
{
	const pid_t self = getpid();
	const struct call_row rows[] = {
		CALL(self, setsid, 0),	     CALL(-EPERM, setsid, 0),
		CALL(self, getsid, 0),	     CALL(self, getpgid, 0),
		CALL(-EPERM, setpgid, 0, 0), CALL(-EPERM, setpgid, self, self),
	};

	EXPECT_CALLS(t, rows);
}

/* --- clone */

static struct clone_args args_of(unsigned long flags, unsigned long exit_signal)
{
	return (struct clone_args){ .flags = flags, .exit_signal = exit_signal };
}

static void clone3_checks_its_arguments(struct test *t)
{
	static char stack[256];
	struct clone_args parent_signal = args_of(CLONE_PARENT, SIGCHLD);
	struct clone_args thread_signal = args_of(CLONE_THREAD | CLONE_SIGHAND | CLONE_VM, SIGCHLD);
	struct clone_args bad_signal = args_of(0, 65), signal_flag = args_of(SIGCHLD, 0);
	struct clone_args detached = args_of(CLONE_DETACHED, 0), unknown = args_of(1UL << 40, 0);
	struct clone_args both = args_of(CLONE_SIGHAND | CLONE_VM | CLONE_CLEAR_SIGHAND, 0);
	struct clone_args sighand = args_of(CLONE_SIGHAND, 0);
	struct clone_args thread = args_of(CLONE_THREAD | CLONE_VM, 0);
	struct clone_args fs = args_of(CLONE_FS | CLONE_NEWNS, SIGCHLD);
	struct clone_args no_stack = args_of(0, SIGCHLD), no_size = no_stack, no_tids = no_stack;
	struct clone_args many_tids = no_stack, kernel_stack = no_stack;
	static struct {
		struct clone_args args;
		long more;
	} large = { .more = 1 };
	const long size = sizeof(struct clone_args);
	const struct call_row rows[] = {
		CALL(-EINVAL, clone3, PTR(&parent_signal), size),
		CALL(-EINVAL, clone3, PTR(&thread_signal), size),
		CALL(-EINVAL, clone3, PTR(&bad_signal), size),
		CALL(-EINVAL, clone3, PTR(&signal_flag), size),
		CALL(-EINVAL, clone3, PTR(&detached), size),
		CALL(-EINVAL, clone3, PTR(&unknown), size),
		CALL(-EINVAL, clone3, PTR(&both), size),
		CALL(-EINVAL, clone3, PTR(&sighand), size),
		CALL(-EINVAL, clone3, PTR(&thread), size),
		CALL(-EINVAL, clone3, PTR(&fs), size),
		CALL(-EINVAL, clone3, PTR(&no_stack), size),
		CALL(-EINVAL, clone3, PTR(&no_size), size),
		CALL(-EINVAL, clone3, PTR(&no_tids), size),
		CALL(-EINVAL, clone3, PTR(&many_tids), size),
		CALL(-EINVAL, clone3, PTR(&kernel_stack), size),
		CALL(-EINVAL, clone3, PTR(&thread), 0),
		CALL(-EINVAL, clone3, BAD_PTR, CLONE_ARGS_SIZE_VER0 - 1),
		CALL(-EFAULT, clone3, BAD_PTR, CLONE_ARGS_SIZE_VER0),
		CALL(-E2BIG, clone3, BAD_PTR, PAGE + 1),
		CALL(-E2BIG, clone3, PTR(&large), sizeof(large)),
	};

	no_stack.stack_size = sizeof(stack);
	no_size.stack = (unsigned long)stack;
	no_tids.set_tid = (unsigned long)stack;
	many_tids.set_tid = (unsigned long)stack;
	many_tids.set_tid_size = 33;
	kernel_stack.stack = 0xffff800000000000UL;
	kernel_stack.stack_size = PAGE;
	EXPECT_CALLS(t, rows);
}

/* clone() takes any number as the signal; one that is none is not sent. */
static void clone_with_a_signal_that_is_none(struct test *t)
{
	int status = -1;
	long pid = kcall(SYS_clone, 0xff, 0, 0, 0, 0);

	if (!pid)
		_exit(3);
	REQUIRE(t, pid > 0);
	EXPECT_RET(t, kcall(SYS_wait4, pid, &status, 0, NULL), -ECHILD);
	EXPECT_RET(t, kcall(SYS_wait4, pid, &status, __WCLONE, NULL), pid);
	EXPECT_EXIT(t, status, 3);
}

/* --- waiting */

static void waiting_for_nobody(struct test *t)
{
	static siginfo_t info;
	const struct call_row rows[] = {
		CALL(-ECHILD, wait4, -1, 0, 0, 0),
		CALL(-ECHILD, wait4, -1, 0, WNOHANG, 0),
		CALL(-ECHILD, wait4, 0, 0, __WALL, 0),
		CALL(-ECHILD, wait4, NO_PID, 0, __WNOTHREAD, 0),
		CALL(-ECHILD, wait4, -NO_PID, 0, __WCLONE, 0),
		CALL(-ESRCH, wait4, INT_MIN, 0, 0, 0),
		CALL(-EINVAL, wait4, INT_MIN, 0, 0x10, 0),
		CALL(-EINVAL, wait4, -1, 0, WNOWAIT, 0),
		CALL(-EINVAL, wait4, -1, 0, WEXITED, 0),
		CALL(-EINVAL, waitid, P_ALL, 0, PTR(&info), 0, 0),
		CALL(-EINVAL, waitid, P_ALL, 0, PTR(&info), WNOHANG | WNOWAIT, 0),
		CALL(-EINVAL, waitid, P_ALL, 0, PTR(&info), WEXITED | 0x10, 0),
		CALL(-EINVAL, waitid, 9, 0, PTR(&info), WEXITED, 0),
		CALL(-EINVAL, waitid, -1, 0, PTR(&info), WEXITED, 0),
		CALL(-EINVAL, waitid, P_PID, 0, PTR(&info), WEXITED, 0),
		CALL(-EINVAL, waitid, P_PID, -1, PTR(&info), WEXITED, 0),
		CALL(-EINVAL, waitid, P_PGID, -1, PTR(&info), WEXITED, 0),
		CALL(-EINVAL, waitid, 3 /* P_PIDFD */, -1, PTR(&info), WEXITED, 0),
		CALL(-EBADF, waitid, 3, 12345, PTR(&info), WEXITED, 0),
		CALL(-ECHILD, waitid, P_PGID, 0, PTR(&info), WEXITED, 0),
		CALL(-ECHILD, waitid, P_ALL, -1, 0, WEXITED | WSTOPPED | WCONTINUED, 0),
		CALL(-EFAULT, waitid, P_ALL, -1, BAD_PTR, WEXITED, 0), /* it is written to always */
		CALL(-EFAULT, waitid, P_ALL, -1, BAD_PTR, 0, 0),
		CALL(-ECHILD, waitid, P_ALL, 0, PTR(&info), WEXITED, BAD_PTR),
	};

	memset(&info, 0xff, sizeof(info));
	EXPECT_CALLS(t, rows);
	EXPECT_EQ(t, info.si_signo, 0);
	EXPECT_EQ(t, info.si_errno, 0);
	EXPECT_EQ(t, info.si_code, 0);
	EXPECT_EQ(t, info.si_pid, 0);
	EXPECT_EQ(t, info.si_uid, 0);
	EXPECT_EQ(t, info.si_status, 0);
}

/* --- prctl and arch_prctl */

static void prctl_table(struct test *t)
{
	static int *place;
	const struct call_row rows[] = {
		CALL(-EINVAL, prctl, -1),
		CALL(-EINVAL, prctl, 0x7fffffff),
		CALL(-EINVAL, prctl, PR_SET_PDEATHSIG, 65),
		CALL(-EINVAL, prctl, PR_SET_PDEATHSIG, -1),
		CALL(0, prctl, PR_SET_PDEATHSIG, 0),
		CALL(-EFAULT, prctl, PR_GET_PDEATHSIG, BAD_PTR),
		CALL(-EINVAL, prctl, PR_SET_DUMPABLE, 2),
		CALL(-EINVAL, prctl, PR_SET_DUMPABLE, -1),
		CALL(PR_TIMING_STATISTICAL, prctl, PR_GET_TIMING),
		CALL(0, prctl, PR_SET_TIMING, PR_TIMING_STATISTICAL),
		CALL(-EINVAL, prctl, PR_SET_TIMING, PR_TIMING_TIMESTAMP),
		CALL(0, prctl, PR_GET_TID_ADDRESS, PTR(&place)),
		CALL(-EFAULT, prctl, PR_GET_TID_ADDRESS, BAD_PTR),
		CALL(-EFAULT, prctl, PR_GET_CHILD_SUBREAPER, BAD_PTR),
		CALL(0, prctl, PR_SET_CHILD_SUBREAPER, 77),
		CALL(0, prctl, PR_GET_CHILD_SUBREAPER, PTR(&int_place)),
		CALL(-EINVAL, prctl, PR_GET_NO_NEW_PRIVS, 1),
		CALL(-EINVAL, prctl, PR_GET_NO_NEW_PRIVS, 0, 0, 0, 1),
		CALL(-EINVAL, prctl, PR_SET_NO_NEW_PRIVS, 2),
		CALL(-EINVAL, prctl, PR_SET_NO_NEW_PRIVS, 1, 0, 1),
		CALL(-EINVAL, prctl, PR_SET_KEEPCAPS, 2),
		CALL(1, prctl, PR_CAPBSET_READ, CAP_CHOWN),
		CALL(-EINVAL, prctl, PR_CAPBSET_READ, 64),
		CALL(-EINVAL, prctl, PR_CAPBSET_READ, -1),
		CALL(-EINVAL, prctl, PR_CAP_AMBIENT, 99, CAP_CHOWN, 0, 0),
		CALL(-EINVAL, prctl, PR_CAP_AMBIENT, PR_CAP_AMBIENT_IS_SET, 64, 0, 0),
		CALL(-EINVAL, prctl, PR_CAP_AMBIENT, PR_CAP_AMBIENT_IS_SET, CAP_CHOWN, 1, 0),
		CALL(-EINVAL, prctl, PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 1, 0, 0),
		CALL(0, prctl, PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0),
		CALL(0, prctl, PR_CAP_AMBIENT, PR_CAP_AMBIENT_IS_SET, CAP_CHOWN, 0, 0),
		CALL(-EPERM, prctl, PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_CHOWN, 0, 0),
		CALL(0, prctl, PR_CAP_AMBIENT, PR_CAP_AMBIENT_LOWER, CAP_CHOWN, 0, 0),
	};

	EXPECT_CALLS(t, rows);
	EXPECT_EQ(t, int_place, 1);
}

static void securebits_once_locked_stay(struct test *t)
{
	const struct call_row rows[] = {
		CALL(-EPERM, prctl, PR_SET_SECUREBITS, 1 << 12),
		CALL(0, prctl, PR_SET_SECUREBITS, SECBIT_KEEP_CAPS_LOCKED | SECBIT_NOROOT),
		CALL(SECBIT_KEEP_CAPS_LOCKED | SECBIT_NOROOT, prctl, PR_GET_SECUREBITS),
		CALL(-EPERM, prctl, PR_SET_KEEPCAPS, 1),
		CALL(-EINVAL, prctl, PR_SET_KEEPCAPS, 2),
		CALL(-EPERM, prctl, PR_SET_SECUREBITS, 0),
		CALL(-EPERM, prctl, PR_SET_SECUREBITS, SECBIT_KEEP_CAPS_LOCKED | SECBIT_KEEP_CAPS),
		CALL(0, prctl, PR_SET_SECUREBITS, SECBIT_KEEP_CAPS_LOCKED),
		CALL(0, prctl, PR_CAPBSET_DROP, CAP_CHOWN),
		CALL(0, prctl, PR_CAPBSET_READ, CAP_CHOWN),
		CALL(-EINVAL, prctl, PR_CAPBSET_DROP, 64),
	};

	SKIP_UNLESS_ROOT(t);
	EXPECT_CALLS(t, rows);
	become_nobody(t);
	EXPECT_RET(t, kcall(SYS_prctl, PR_SET_SECUREBITS, SECBIT_KEEP_CAPS_LOCKED), -EPERM);
	EXPECT_RET(t, kcall(SYS_prctl, PR_CAPBSET_DROP, CAP_KILL), -EPERM);
	EXPECT_RET(t, kcall(SYS_prctl, PR_CAPBSET_DROP, 64), -EPERM);
}

/* 0 asks for the slack that the parent had at the fork. */
static void timer_slack_goes_back_to_the_parents(struct test *t)
{
	const struct call_row rows[] = {
		CALL(12345, prctl, PR_GET_TIMERSLACK), CALL(0, prctl, PR_SET_TIMERSLACK, 99),
		CALL(99, prctl, PR_GET_TIMERSLACK),    CALL(0, prctl, PR_SET_TIMERSLACK, 0),
		CALL(12345, prctl, PR_GET_TIMERSLACK),
	};

	pid_t child;

	EXPECT_RET(t, kcall(SYS_prctl, PR_SET_TIMERSLACK, 12345), 0);
	child = fork();
	if (!child) {
		EXPECT_CALLS(t, rows);
		_exit(t->nr_failures != 0);
	}
	EXPECT_EXIT(t, wait_for(t, child), 0);
	EXPECT_RET(t, kcall(SYS_prctl, PR_SET_TIMERSLACK, 0), 0);
	EXPECT_RET(t, kcall(SYS_prctl, PR_GET_TIMERSLACK), 50000);
}

static void arch_prctl_table(struct test *t)
{
	const struct call_row rows[] = {
		CALL(-EINVAL, arch_prctl, 0, 0),
		CALL(-EINVAL, arch_prctl, 0x1005, 0),
		CALL(-EINVAL, arch_prctl, -1, 0),
		CALL(-EPERM, arch_prctl, 0x1001, -1L), /* ARCH_SET_GS */
		CALL(-EPERM, arch_prctl, 0x1001, 1UL << 63),
		CALL(-EPERM, arch_prctl, 0x1002, user_space_end()), /* ARCH_SET_FS */
		CALL(-EFAULT, arch_prctl, 0x1003, BAD_PTR), /* ARCH_GET_FS */
		CALL(-EFAULT, arch_prctl, 0x1004, BAD_PTR), /* ARCH_GET_GS */
		CALL(0, arch_prctl, 0x1001, 0x1234567000),
	};

	EXPECT_CALLS(t, rows);
}

SELFTEST_NO_HELPER

static void pending_signals_have_a_size(struct test *t)
{
	static sigset_t set;
	const struct call_row rows[] = {
		CALL(-EINVAL, rt_sigpending, PTR(&set), 9),
		CALL(-EINVAL, rt_sigpending, BAD_PTR, -1),
		CALL(-EFAULT, rt_sigpending, BAD_PTR, 8),
		CALL(0, rt_sigpending, PTR(&set), 8),
		CALL(0, rt_sigpending, PTR(&set), 4),
		CALL(0, rt_sigpending, BAD_PTR, 0),
		CALL(-EINTR, restart_syscall), /* there is nothing to be restarted */
	};

	EXPECT_CALLS(t, rows);
}

#define MAGIC_1	 0xfee1deadL
#define MAGIC_2	 672274793
#define NO_MAGIC 1

/* What is asked for would do no harm if it were granted: Ctrl-Alt-Del as it is by default. */
static void nobody_ends_no_machine(struct test *t)
{
	const struct call_row rows[] = {
		CALL(-EPERM, reboot, MAGIC_1, MAGIC_2, 0x89abcdef, 0),
		CALL(-EPERM, reboot, NO_MAGIC, MAGIC_2, 0, 0),
		CALL(-EPERM, vhangup),
	};

	SKIP_UNLESS_ROOT(t);
	become_nobody(t);
	EXPECT_CALLS(t, rows);
}

static void the_machine_ends_by_magic(struct test *t)
{
	const struct call_row rows[] = {
		CALL(-EINVAL, reboot, NO_MAGIC, MAGIC_2, 0, 0),
		CALL(-EINVAL, reboot, MAGIC_1, NO_MAGIC, 0, 0),
		CALL(-EINVAL, reboot, MAGIC_1, MAGIC_2, 1, 0),
	};

	SKIP_UNLESS_GUEST(t);
	EXPECT_CALLS(t, rows);
}

static const struct test_case errors_cases[] = {
	TEST_CASE(kill_looks_for_the_process_first),
	TEST_CASE(nobody_may_not_signal_root),
	TEST_CASE(threads_may_not_pose_as_kill),
	TEST_CASE(groups_and_sessions),
	TEST_CASE(a_session_leader_stays),
	TEST_CASE(clone3_checks_its_arguments),
	TEST_CASE(clone_with_a_signal_that_is_none),
	TEST_CASE(waiting_for_nobody),
	TEST_CASE(prctl_table),
	TEST_CASE(securebits_once_locked_stay),
	TEST_CASE(timer_slack_goes_back_to_the_parents),
	TEST_CASE(arch_prctl_table),
	TEST_CASE(pending_signals_have_a_size),
	TEST_CASE(nobody_ends_no_machine),
	TEST_CASE(the_machine_ends_by_magic),
};
TEST_SUITE(errors, errors_cases);
