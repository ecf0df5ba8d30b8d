/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a process says about itself, argument by argument: ids, capabilities, limits, names, random
 * numbers, and what it is told about itself and the machine.
 */
#include <linux/capability.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/utsname.h>

#include "selftest.h"

#define NO_PID	0x3fffffff
#define BAD_PTR 8L
#define CAP_V1	0x19980330
#define CAP_V2	0x20071026
#define CAP_V3	0x20080522
#define SOMEONE 1234L
#define OTHER	4321L

/* --- ids */

static void ids_as_root(struct test *t)
{
	const struct call_row rows[] = {
		CALL(-EINVAL, setuid, -1),
		CALL(-EINVAL, setgid, -1),
		CALL(0, setreuid, -1, -1),
		CALL(0, setregid, -1, -1),
		CALL(0, setresuid, -1, -1, -1),
		CALL(0, setresgid, -1, -1, -1),
		CALL(0, setregid, SOMEONE, -1), /* the saved one becomes the effective one */
		CALL(0, setresgid, -1, OTHER, -1),
		CALL(SOMEONE, getgid),
		CALL(OTHER, getegid),
		CALL(OTHER, setfsgid, -1), /* followed the effective one */
		CALL(OTHER, setfsgid, SOMEONE),
		CALL(SOMEONE, setfsgid, -1),
		CALL(0, setgid, OTHER), /* all three */
		CALL(0, setresuid, SOMEONE, OTHER, 5),
		CALL(-EPERM, setuid, 0),
		CALL(-EPERM, setuid, OTHER), /* neither the real nor the saved one */
		CALL(0, setuid, 5),
		CALL(5, geteuid),
		CALL(-EPERM, setreuid, OTHER, -1),
		CALL(0, setreuid, 5, -1), /* real is the effective one; so is the saved one */
		CALL(-EPERM, setreuid, SOMEONE, -1),
		CALL(-EPERM, setresuid, 5, 5, SOMEONE),
		CALL(-EPERM, setresgid, -1, SOMEONE, -1),
		CALL(-EPERM, setregid, -1, 0),
		CALL(-EPERM, setgroups, 0, 0),
		CALL(-EPERM, setgroups, -1, BAD_PTR),
		CALL(5, setfsuid, 0), /* never an error: the old one */
		CALL(5, setfsuid, -1),
	};

	SKIP_UNLESS_ROOT(t);
	EXPECT_CALLS(t, rows);
}

static void groups(struct test *t)
{
	static gid_t list[4] = { 7, 6, 5, 4 };
	const struct call_row rows[] = {
		CALL(-EINVAL, setgroups, 65537, BAD_PTR),
		CALL(-EINVAL, setgroups, -1, PTR(list)),
		CALL(-EFAULT, setgroups, 2, BAD_PTR),
		CALL(0, setgroups, 4, PTR(list)),
		CALL(4, getgroups, 0, BAD_PTR),
		CALL(-EINVAL, getgroups, 3, PTR(list)),
		CALL(-EINVAL, getgroups, -1, PTR(list)),
		CALL(-EINVAL, getgroups, INT_MIN, BAD_PTR),
		CALL(-EFAULT, getgroups, 4, BAD_PTR),
		CALL(4, getgroups, 1000, PTR(list)),
		CALL(0, setgroups, 0, BAD_PTR),
		CALL(0, getgroups, 1000, BAD_PTR),
	};

	SKIP_UNLESS_ROOT(t);
	EXPECT_CALLS(t, rows);
}

/* --- capabilities */

static void capget_table(struct test *t)
{
	static struct __user_cap_data_struct data[2];
	static struct __user_cap_header_struct v1 = { CAP_V1, 0 }, v3 = { CAP_V3, 0 };
	static struct __user_cap_header_struct bad = { 0, 0 }, again = { 0x20090000, 0 };
	static struct __user_cap_header_struct nobody = { CAP_V3, NO_PID },
					       negative = { CAP_V3, -1 };
	static struct __user_cap_header_struct parent = { CAP_V2, 0 };
	const struct call_row rows[] = {
		CALL(-EFAULT, capget, BAD_PTR, PTR(data)),
		CALL(-EFAULT, capget, 0, 0),
		CALL(-EFAULT, capget, PTR(&v3), BAD_PTR),
		CALL(0, capget, PTR(&v3), 0),
		CALL(0, capget, PTR(&v3), PTR(data)),
		CALL(0, capget, PTR(&v1), PTR(data)),
		CALL(0, capget, PTR(&parent), PTR(data)),
		CALL(0, capget, PTR(&bad), 0), /* asks for the version */
		CALL(-EINVAL, capget, PTR(&again), PTR(data)),
		CALL(-EINVAL, capget, PTR(&negative), PTR(data)),
		CALL(-ESRCH, capget, PTR(&nobody), PTR(data)),
		CALL(0, capget, PTR(&nobody), 0), /* asks for the version, whoever is meant */
		CALL(0, capget, PTR(&negative), 0),
	};

	parent.pid = getppid();
	EXPECT_CALLS(t, rows);
	EXPECT_EQ(t, bad.version, CAP_V3);
	EXPECT_EQ(t, again.version, CAP_V3);
}

static void capset_table(struct test *t)
{
	static struct __user_cap_header_struct v3 = { CAP_V3, 0 }, bad = { 0, 0 };
	static struct __user_cap_header_struct other = { CAP_V3, 1 }, negative = { CAP_V3, -1 };
	static struct __user_cap_data_struct none[2], kill[2], more[2], all[2], chown[2];
	const struct call_row rows[] = {
		CALL(-EFAULT, capset, BAD_PTR, PTR(none)),
		CALL(-EFAULT, capset, PTR(&v3), BAD_PTR),
		CALL(-EINVAL, capset, PTR(&bad), PTR(none)),
		CALL(-EPERM, capset, PTR(&other), PTR(none)),
		CALL(-EPERM, capset, PTR(&negative), PTR(none)),
		CALL(0, capset, PTR(&v3), PTR(kill)),
		CALL(-EPERM, capset, PTR(&v3), PTR(more)), /* effective, not permitted */
		CALL(-EPERM, capset, PTR(&v3), PTR(chown)), /* no longer permitted */
		CALL(-EPERM, capset, PTR(&v3), PTR(all)),
		CALL(-EPERM, setuid, SOMEONE),
		CALL(-EPERM, setgroups, 0, 0),
		CALL(0, capset, PTR(&v3), PTR(none)),
		CALL(-EPERM, capset, PTR(&v3), PTR(kill)),
	};

	SKIP_UNLESS_ROOT(t);
	kill[0].permitted = kill[0].effective = more[0].permitted = 1U << CAP_KILL;
	more[0].effective = 1U << CAP_KILL | 1U << CAP_CHOWN;
	chown[0].permitted = chown[0].inheritable = 1U << CAP_CHOWN;
	memset(all, 0xff, sizeof(all));
	EXPECT_CALLS(t, rows);
}

/* --- limits */

static void limits(struct test *t)
{
	static struct rlimit now, upside = { 2, 1 }, files = { 100, 100 }, more = { 100, 101 };
	static struct rlimit many = { 100, 1UL << 30 };
	const struct call_row rows[] = {
		CALL(-EINVAL, getrlimit, 16, BAD_PTR),
		CALL(-EINVAL, getrlimit, -1, PTR(&now)),
		CALL(-EFAULT, getrlimit, RLIMIT_NOFILE, BAD_PTR),
		CALL(-EFAULT, setrlimit, 16, BAD_PTR),
		CALL(-EINVAL, setrlimit, 16, PTR(&files)),
		CALL(-EINVAL, setrlimit, RLIMIT_NOFILE, PTR(&upside)),
		CALL(-EPERM, setrlimit, RLIMIT_NOFILE, PTR(&many)), /* even for root */
		CALL(-ESRCH, prlimit64, NO_PID, 16, 0, 0),
		CALL(-ESRCH, prlimit64, -1, RLIMIT_NOFILE, 0, 0),
		CALL(-EFAULT, prlimit64, NO_PID, 16, BAD_PTR, 0),
		CALL(-EINVAL, prlimit64, 0, 16, 0, 0),
		CALL(-EINVAL, prlimit64, 0, RLIMIT_NOFILE, PTR(&upside), 0),
		CALL(-EFAULT, prlimit64, 0, RLIMIT_NOFILE, 0, BAD_PTR),
		CALL(0, prlimit64, 0, RLIMIT_NOFILE, 0, 0),
		CALL(0, prlimit64, getpid(), RLIMIT_NOFILE, PTR(&files), PTR(&now)),
		CALL(-EFAULT, prlimit64, 0, RLIMIT_NOFILE, PTR(&files), BAD_PTR),
	};

	EXPECT_CALLS(t, rows);
	SKIP_UNLESS_ROOT(t);
	become_nobody(t);
	EXPECT_RET(t, kcall(SYS_setrlimit, RLIMIT_NOFILE, &more), -EPERM);
	EXPECT_RET(t, kcall(SYS_prlimit64, getppid(), RLIMIT_NOFILE, NULL, &now), -EPERM);
	EXPECT_RET(t, kcall(SYS_prlimit64, getppid(), 16, NULL, &now), -EPERM);
	EXPECT_RET(t, kcall(SYS_prlimit64, getppid(), RLIMIT_NOFILE, &upside, NULL), -EPERM);
}

/* --- names, and what is told */

static void names_and_news(struct test *t)
{
	static char name[100];
	const struct call_row rows[] = {
		CALL(-EFAULT, uname, BAD_PTR),
		CALL(-EFAULT, uname, 0),
		CALL(-EINVAL, sethostname, BAD_PTR, -1),
		CALL(-EINVAL, sethostname, PTR(name), 65),
		CALL(-EFAULT, sethostname, BAD_PTR, 1),
		CALL(-EINVAL, setdomainname, PTR(name), 65),
		CALL(-EINVAL, setdomainname, BAD_PTR, INT_MIN),
		CALL(-EFAULT, setdomainname, BAD_PTR, 64),
		CALL(-EFAULT, sysinfo, BAD_PTR),
		CALL(-EFAULT, sysinfo, 0),
		CALL(-EINVAL, getrusage, 2, BAD_PTR),
		CALL(-EINVAL, getrusage, -2, BAD_PTR),
		CALL(-EFAULT, getrusage, RUSAGE_SELF, 0),
		CALL(-EFAULT, getrusage, RUSAGE_CHILDREN, BAD_PTR),
		CALL(-EFAULT, getrusage, RUSAGE_THREAD, BAD_PTR),
		CALL(0, getcpu, 0, 0, 0),
		CALL(-EFAULT, getcpu, BAD_PTR, 0, 0),
		CALL(-EFAULT, getcpu, 0, BAD_PTR, 0),
		CALL(getpid(), set_tid_address, BAD_PTR),
	};

	SKIP_UNLESS_ROOT(t);
	EXPECT_CALLS(t, rows);
	become_nobody(t);
	EXPECT_RET(t, kcall(SYS_sethostname, BAD_PTR, -1), -EPERM);
	EXPECT_RET(t, kcall(SYS_setdomainname, name, 1), -EPERM);
}

static void personality_is_kept(struct test *t)
{
	const struct call_row rows[] = {
		CALL(0, personality, 0xffffffff), /* tells only */
		CALL(0, personality, ADDR_NO_RANDOMIZE),
		CALL(ADDR_NO_RANDOMIZE, personality, 0xffffffff),
		CALL(ADDR_NO_RANDOMIZE, personality, 0x1234567800000008L), /* 32 bits of it */
		CALL(8, personality, 0x7fffffff),
		CALL(0x7fffffff, personality, 0),
	};

	EXPECT_CALLS(t, rows);
}

/* A new mapping's address, of two programs: the same without randomization. */
static void no_randomize_puts_programs_at_the_same_place(struct test *t)
{
	int where[3], status;

	EXPECT_RET(t, kcall(SYS_personality, ADDR_NO_RANDOMIZE), 0);
	for (size_t i = 0; i < ARRAY_SIZE(where); i++) {
		pid_t pid = fork();

		if (!pid) {
			execl(self_path(), self_path(), "--helper", "where", NULL);
			_exit(255);
		}
		status = wait_for(t, pid);
		where[i] = WEXITSTATUS(status);
	}
	EXPECT_EQ(t, where[0], where[1]);
	EXPECT_EQ(t, where[0], where[2]);
}

static void read_implies_exec_makes_memory_executable(struct test *t)
{
	char *addr;

	EXPECT_RET(t, kcall(SYS_personality, READ_IMPLIES_EXEC), 0);
	addr = map_anon(t, 2 * PAGE, PROT_READ | PROT_WRITE);
	*addr = (char)0xc3;
	EXPECT_EQ(t, probe_exec(addr), 0);
	EXPECT_RET(t, kcall(SYS_personality, 0), READ_IMPLIES_EXEC);
	EXPECT_RET(t, kcall(SYS_mprotect, addr, PAGE, PROT_READ), 0);
	EXPECT_EQ(t, probe_exec(addr), SIGSEGV);
	EXPECT_RET(t, kcall(SYS_personality, READ_IMPLIES_EXEC), 0);
	EXPECT_RET(t, kcall(SYS_mprotect, addr, PAGE, PROT_READ | PROT_WRITE), 0);
	EXPECT_EQ(t, probe_exec(addr), 0);
	addr = (char *)kcall(SYS_brk, 0);
	addr += -(unsigned long)addr % PAGE;
	EXPECT_RET(t, kcall(SYS_brk, addr + PAGE), addr + PAGE);
	*addr = (char)0xc3;
	EXPECT_EQ(t, probe_exec(addr), 0);
}

static void random_numbers(struct test *t)
{
	char *addr = map_anon(t, 2 * PAGE, PROT_READ | PROT_WRITE);
	const struct call_row rows[] = {
		CALL(-EINVAL, getrandom, PTR(addr), 1, 8),
		CALL(-EINVAL, getrandom, PTR(addr), 0, -1),
		CALL(-EINVAL, getrandom, PTR(addr), 1, GRND_RANDOM | 4), /* GRND_INSECURE */
		CALL(-EINVAL, getrandom, BAD_PTR, 1, 0x10),
		CALL(-EFAULT, getrandom, BAD_PTR, 1, 0),
		CALL(-EFAULT, getrandom, -1, 1, 0),
		CALL(-EFAULT, getrandom, PTR(addr + PAGE), 1, 0),
		CALL(0, getrandom, PTR(addr), 0, 0),
		CALL(0, getrandom, 0, 0, GRND_NONBLOCK),
		CALL(16, getrandom, PTR(addr), 16, GRND_RANDOM),
		CALL(16, getrandom, PTR(addr), 16, GRND_NONBLOCK | 4),
		CALL(PAGE, getrandom, PTR(addr), PAGE + 1, 0), /* as much as there is room for */
		CALL(16, getrandom, PTR(addr + PAGE - 16), PAGE, 0),
		CALL(PAGE, getrandom, PTR(addr), -1L, 0),
	};

	REQUIRE(t, munmap(addr + PAGE, PAGE) == 0);
	EXPECT_CALLS(t, rows);
}

/* A program for 64 bits says itself what is executable. */
static void read_implies_exec_ends_with_exec(struct test *t)
{
	pid_t pid;

	EXPECT_RET(t, kcall(SYS_personality, READ_IMPLIES_EXEC | ADDR_NO_RANDOMIZE), 0);
	pid = fork();
	if (!pid) {
		execl(self_path(), self_path(), "--helper", "implies", NULL);
		_exit(255);
	}
	EXPECT_EXIT(t, wait_for(t, pid), 2);
}

/* "implies": is READ_IMPLIES_EXEC set (1), ADDR_NO_RANDOMIZE (2)?  "where": bits 12 to 19 of a new
 * mapping's address. */
int selftest_helper(int argc __maybe_unused, char **argv)
{
	unsigned int persona = kcall(SYS_personality, 0xffffffff);

	if (!strcmp(argv[0], "implies"))
		return !!(persona & READ_IMPLIES_EXEC) + 2 * !!(persona & ADDR_NO_RANDOMIZE);
	return kcall(SYS_mmap, 0, PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) >> 12 & 0xff;
}

static const struct test_case settings_cases[] = {
	TEST_CASE(ids_as_root),
	TEST_CASE(groups),
	TEST_CASE(capget_table),
	TEST_CASE(capset_table),
	TEST_CASE(limits),
	TEST_CASE(names_and_news),
	TEST_CASE(personality_is_kept),
	TEST_CASE(no_randomize_puts_programs_at_the_same_place),
	TEST_CASE(read_implies_exec_makes_memory_executable),
	TEST_CASE(read_implies_exec_ends_with_exec),
	TEST_CASE(random_numbers),
};
TEST_SUITE(settings, settings_cases);
