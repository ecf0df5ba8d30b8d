/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * User and group ids and capabilities: what root may set, what others may, what a change of the
 * user id does to capabilities.
 */
#include <linux/capability.h>
#include <sys/prctl.h>

#include "selftest.h"

#define SOMEONE 1234
#define OTHER	4321
#define NO_PID	0x3fffffff

static void become_someone(struct test *t)
{
	REQUIRE(t, setresgid(SOMEONE, SOMEONE, SOMEONE) == 0);
	REQUIRE(t, setresuid(SOMEONE, SOMEONE, SOMEONE) == 0);
}

static void expect_uids(struct test *t, uid_t real, uid_t effective, uid_t saved)
{
	uid_t r = 99, e = 99, s = 99;

	EXPECT_RET(t, kcall(SYS_getresuid, &r, &e, &s), 0);
	EXPECT_EQ(t, r, real);
	EXPECT_EQ(t, e, effective);
	EXPECT_EQ(t, s, saved);
	EXPECT_RET(t, kcall(SYS_getuid), real);
	EXPECT_RET(t, kcall(SYS_geteuid), effective);
}

static void ids_are_told(struct test *t)
{
	uid_t r, e, s;

	EXPECT_RET(t, kcall(SYS_getresuid, &r, &e, &s), 0);
	EXPECT_RET(t, kcall(SYS_getuid), r);
	EXPECT_RET(t, kcall(SYS_geteuid), e);
	EXPECT_RET(t, kcall(SYS_getresgid, &r, &e, &s), 0);
	EXPECT_RET(t, kcall(SYS_getgid), r);
	EXPECT_RET(t, kcall(SYS_getegid), e);
}

static void setuid_of_root_sets_all_three(struct test *t)
{
	SKIP_UNLESS_ROOT(t);
	EXPECT_RET(t, kcall(SYS_setuid, SOMEONE), 0);
	expect_uids(t, SOMEONE, SOMEONE, SOMEONE);
	EXPECT_RET(t, kcall(SYS_setuid, 0), -EPERM); /* for good */
	EXPECT_RET(t, kcall(SYS_setuid, OTHER), -EPERM);
	EXPECT_RET(t, kcall(SYS_setuid, SOMEONE), 0);
	EXPECT_RET(t, kcall(SYS_setuid, -1), -EINVAL);
}

static void setresuid_leaves_what_is_minus_one(struct test *t)
{
	SKIP_UNLESS_ROOT(t);
	EXPECT_RET(t, kcall(SYS_setresuid, -1, SOMEONE, -1), 0);
	expect_uids(t, 0, SOMEONE, 0);
	EXPECT_RET(t, kcall(SYS_setresuid, -1, OTHER, -1), -EPERM);
	EXPECT_RET(t, kcall(SYS_setresuid, SOMEONE, 0, SOMEONE), 0); /* any of the three */
	expect_uids(t, SOMEONE, 0, SOMEONE);
}

static void setreuid_sets_the_saved_id(struct test *t)
{
	SKIP_UNLESS_ROOT(t);
	EXPECT_RET(t, kcall(SYS_setreuid, SOMEONE, OTHER), 0);
	expect_uids(t, SOMEONE, OTHER, OTHER);
	EXPECT_RET(t, kcall(SYS_setreuid, -1, SOMEONE), 0);
	EXPECT_RET(t, kcall(SYS_setreuid, -1, 0), -EPERM);
}

static void group_ids_follow_the_same_rules(struct test *t)
{
	gid_t r, e, s;

	SKIP_UNLESS_ROOT(t);
	EXPECT_RET(t, kcall(SYS_setresgid, SOMEONE, OTHER, 5), 0);
	EXPECT_RET(t, kcall(SYS_getresgid, &r, &e, &s), 0);
	EXPECT_TRUE(t, r == SOMEONE && e == OTHER && s == 5);
	REQUIRE(t, setresuid(SOMEONE, SOMEONE, SOMEONE) == 0);
	EXPECT_RET(t, kcall(SYS_setgid, 0), -EPERM);
	EXPECT_RET(t, kcall(SYS_setgid, 5), 0);
	EXPECT_RET(t, kcall(SYS_setregid, -1, SOMEONE), 0);
	EXPECT_RET(t, kcall(SYS_setresgid, -1, 0, -1), -EPERM);
	EXPECT_RET(t, kcall(SYS_setgid, -1), -EINVAL);
}

static void setfsuid_tells_the_old_one(struct test *t)
{
	SKIP_UNLESS_ROOT(t);
	EXPECT_RET(t, kcall(SYS_setfsuid, SOMEONE), 0);
	EXPECT_RET(t, kcall(SYS_setfsuid, -1), SOMEONE);
	EXPECT_RET(t, kcall(SYS_setfsgid, SOMEONE), 0);
	EXPECT_RET(t, kcall(SYS_setfsgid, -1), SOMEONE);
}

static void groups_are_kept(struct test *t)
{
	gid_t groups[3] = { 30, 10, 20 }, got[4] = { 0 };

	SKIP_UNLESS_ROOT(t);
	EXPECT_RET(t, kcall(SYS_setgroups, 3, groups), 0);
	EXPECT_RET(t, kcall(SYS_getgroups, 0, NULL), 3);
	EXPECT_RET(t, kcall(SYS_getgroups, 4, got), 3);
	EXPECT_EQ(t, got[0] + got[1] + got[2], 60);
	EXPECT_RET(t, kcall(SYS_getgroups, 2, got), -EINVAL);
	EXPECT_RET(t, kcall(SYS_getgroups, -1, got), -EINVAL);
	EXPECT_RET(t, kcall(SYS_setgroups, 65537, groups), -EINVAL);
	EXPECT_RET(t, kcall(SYS_setgroups, -1, groups), -EINVAL);
	EXPECT_RET(t, kcall(SYS_setgroups, 1, NULL), -EFAULT);
	EXPECT_RET(t, kcall(SYS_getgroups, 3, 8), -EFAULT);
	EXPECT_RET(t, kcall(SYS_setgroups, 0, NULL), 0);
	EXPECT_RET(t, kcall(SYS_getgroups, 0, NULL), 0);
	become_someone(t);
	EXPECT_RET(t, kcall(SYS_setgroups, 1, groups), -EPERM);
}

static void ids_are_inherited(struct test *t)
{
	int status;

	SKIP_UNLESS_ROOT(t);
	REQUIRE(t, setresuid(1, 2, 3) == 0);
	if (!fork()) {
		expect_uids(t, 1, 2, 3);
		_exit(t->nr_failures != 0);
	}
	wait(&status);
	EXPECT_EXIT(t, status, 0);
}

/* --- capabilities */

struct caps {
	unsigned long effective, permitted, inheritable;
};

static long get_caps(struct caps *caps)
{
	struct __user_cap_header_struct header = { _LINUX_CAPABILITY_VERSION_3, 0 };
	struct __user_cap_data_struct data[2] = { 0 };
	long got = kcall(SYS_capget, &header, data);

	caps->effective = data[0].effective | (unsigned long)data[1].effective << 32;
	caps->permitted = data[0].permitted | (unsigned long)data[1].permitted << 32;
	caps->inheritable = data[0].inheritable | (unsigned long)data[1].inheritable << 32;
	return got;
}

static long set_caps(unsigned long effective, unsigned long permitted)
{
	struct __user_cap_header_struct header = { _LINUX_CAPABILITY_VERSION_3, 0 };
	struct __user_cap_data_struct data[2] = {
		{ (unsigned int)effective, (unsigned int)permitted, 0 },
		{ (unsigned int)(effective >> 32), (unsigned int)(permitted >> 32), 0 },
	};

	return kcall(SYS_capset, &header, data);
}

static void capget_answers_with_its_version(struct test *t)
{
	struct __user_cap_header_struct header = { 0, 0 };
	struct __user_cap_data_struct data[2];

	EXPECT_RET(t, kcall(SYS_capget, &header, NULL), 0); /* the way to ask */
	EXPECT_EQ(t, header.version, _LINUX_CAPABILITY_VERSION_3);
	header.version = 0x12345678;
	EXPECT_RET(t, kcall(SYS_capget, &header, data), -EINVAL);
	EXPECT_EQ(t, header.version, _LINUX_CAPABILITY_VERSION_3);
	header.pid = NO_PID;
	EXPECT_RET(t, kcall(SYS_capget, &header, data), -ESRCH);
	header.pid = -1;
	EXPECT_RET(t, kcall(SYS_capget, &header, data), -EINVAL);
	EXPECT_RET(t, kcall(SYS_capget, NULL, data), -EFAULT);
}

static void capabilities_can_be_dropped_and_not_regained(struct test *t)
{
	struct caps caps;

	SKIP_UNLESS_ROOT(t);
	EXPECT_RET(t, get_caps(&caps), 0);
	REQUIRE(t, caps.permitted >> CAP_SETUID & 1);
	EXPECT_RET(t, set_caps(0, caps.permitted), 0);
	EXPECT_RET(t, kcall(SYS_setuid, SOMEONE), -EPERM); /* not effective */
	EXPECT_RET(t, set_caps(1UL << CAP_SETUID, 1UL << CAP_SETUID), 0);
	EXPECT_RET(t, set_caps(caps.permitted, caps.permitted), -EPERM);
	EXPECT_RET(t, set_caps(1UL << CAP_SETUID, 0), -EPERM); /* effective beyond permitted */
	EXPECT_RET(t, kcall(SYS_setuid, SOMEONE), 0);
}

static void leaving_root_drops_capabilities(struct test *t)
{
	struct caps caps;

	SKIP_UNLESS_ROOT(t);
	REQUIRE(t, setresuid(-1, SOMEONE, -1) == 0);
	get_caps(&caps);
	EXPECT_EQ(t, caps.effective, 0);
	EXPECT_NE(t, caps.permitted, 0);
	REQUIRE(t, setresuid(-1, 0, -1) == 0);
	get_caps(&caps);
	EXPECT_EQ(t, caps.effective, caps.permitted);
	become_someone(t);
	get_caps(&caps);
	EXPECT_EQ(t, caps.effective | caps.permitted, 0);
}

static void keepcaps_keeps_what_is_permitted(struct test *t)
{
	struct caps caps;

	SKIP_UNLESS_ROOT(t);
	EXPECT_RET(t, kcall(SYS_prctl, PR_GET_KEEPCAPS), 0);
	EXPECT_RET(t, kcall(SYS_prctl, PR_SET_KEEPCAPS, 1), 0);
	EXPECT_RET(t, kcall(SYS_prctl, PR_GET_KEEPCAPS), 1);
	EXPECT_RET(t, kcall(SYS_prctl, PR_SET_KEEPCAPS, 2), -EINVAL);
	REQUIRE(t, setresuid(SOMEONE, SOMEONE, SOMEONE) == 0);
	get_caps(&caps);
	EXPECT_EQ(t, caps.effective, 0);
	EXPECT_NE(t, caps.permitted, 0);
}

static void signals_need_the_same_user(struct test *t)
{
	SKIP_UNLESS_ROOT(t);
	pid_t root_child = fork();

	if (!root_child) {
		sleep_ms(20000);
		_exit(0);
	}
	if (!fork()) {
		become_someone(t);
		_exit(kcall(SYS_kill, root_child, SIGTERM) != -EPERM ||
		      kcall(SYS_kill, root_child, 0) != -EPERM ||
		      kcall(SYS_kill, getpid(), 0) != 0);
	}
	int status;

	EXPECT_NE(t, wait(&status), root_child);
	EXPECT_EXIT(t, status, 0);
	kill(root_child, SIGKILL);
	wait_for(t, root_child);
}

static void no_new_privs_stays_set(struct test *t)
{
	EXPECT_RET(t, kcall(SYS_prctl, PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0), 0);
	EXPECT_RET(t, kcall(SYS_prctl, PR_SET_NO_NEW_PRIVS, 0, 0, 0, 0), -EINVAL);
	EXPECT_RET(t, kcall(SYS_prctl, PR_SET_NO_NEW_PRIVS, 1, 1, 0, 0), -EINVAL);
	EXPECT_RET(t, kcall(SYS_prctl, PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), 0);
	EXPECT_RET(t, kcall(SYS_prctl, PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0), 1);
}

static const struct test_case credentials_cases[] = {
	TEST_CASE(ids_are_told),
	TEST_CASE(setuid_of_root_sets_all_three),
	TEST_CASE(setresuid_leaves_what_is_minus_one),
	TEST_CASE(setreuid_sets_the_saved_id),
	TEST_CASE(group_ids_follow_the_same_rules),
	TEST_CASE(setfsuid_tells_the_old_one),
	TEST_CASE(groups_are_kept),
	TEST_CASE(ids_are_inherited),
	TEST_CASE(capget_answers_with_its_version),
	TEST_CASE(capabilities_can_be_dropped_and_not_regained),
	TEST_CASE(leaving_root_drops_capabilities),
	TEST_CASE(keepcaps_keeps_what_is_permitted),
	TEST_CASE(signals_need_the_same_user),
	TEST_CASE(no_new_privs_stays_set),
};
TEST_SUITE(credentials, credentials_cases);
SELFTEST_NO_HELPER
