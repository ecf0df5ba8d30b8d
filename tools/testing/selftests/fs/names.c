/* SPDX-License-Identifier: GPL-2.0-only */
/* Names by the thousand: what the kernel remembers of them gives way when memory is wanted. */
#include <sys/stat.h>
#include <sys/sysinfo.h>

#include "selftest.h"

#define MIB (1024UL * 1024)

/* Looks for names that do not exist; each is remembered for a while. */
static void look_in_vain(struct test *t, unsigned int nr)
{
	char name[64];
	unsigned int i;

	for (i = 0; i < nr && !t->nr_failures; i++) {
		snprintf(name, sizeof(name), "/tmp/a name that does not exist %u", i);
		EXPECT_RET(t, kcall(SYS_access, name, F_OK), -ENOENT);
	}
}

static void memory_comes_before_names(struct test *t)
{
	size_t size = 16 * MIB, at;
	struct sysinfo info;
	char *map;

	REQUIRE(t, !sysinfo(&info));
	/* Where there is more memory than names can take they only cost time. */
	look_in_vain(t, rounds(1000, info.totalram * info.mem_unit < 64 * MIB ? 300000 : 20000));
	map = map_anon(t, size, PROT_READ | PROT_WRITE);
	for (at = 0; at < size; at += PAGE)
		map[at] = 1;
	munmap(map, size);
}

/* A name that was not there is found once it is, whatever was remembered. */
static void new_names_are_found(struct test *t)
{
	const char *folder = scratch_folder(t);
	char name[PATH_MAX + 32], other[PATH_MAX + 32];
	unsigned int i;

	for (i = 0; i < rounds(200, 1000); i++) {
		snprintf(name, sizeof(name), "%s/%u", folder, i);
		snprintf(other, sizeof(other), "%s/other-%u", folder, i);
		EXPECT_RET(t, kcall(SYS_access, name, F_OK), -ENOENT);
		EXPECT_RET(t, kcall(SYS_access, other, F_OK), -ENOENT);
		EXPECT_RET(t, kcall(SYS_mkdir, name, 0700), 0);
		EXPECT_RET(t, kcall(SYS_access, name, F_OK), 0);
		EXPECT_RET(t, kcall(SYS_rename, name, other), 0);
		EXPECT_RET(t, kcall(SYS_access, name, F_OK), -ENOENT);
		EXPECT_RET(t, kcall(SYS_access, other, F_OK), 0);
		EXPECT_RET(t, kcall(SYS_rmdir, other), 0);
		EXPECT_RET(t, kcall(SYS_access, other, F_OK), -ENOENT);
	}
}

/* Others look for names that come and go. */
static void look_all_the_time(void *arg)
{
	const char *folder = arg;
	char name[PATH_MAX + 32];
	struct stat st;
	unsigned int i;

	for (i = 0; i < rounds(2000, 10000); i++) {
		snprintf(name, sizeof(name), "%s/%u", folder, i % 16);
		if (stat(name, &st) && errno != ENOENT)
			_exit(1);
	}
}

static void names_come_and_go(struct test *t)
{
	char *folder = (char *)scratch_folder(t), name[PATH_MAX + 32];
	unsigned int i;
	int status;
	pid_t pids[2];

	for (i = 0; i < 2; i++)
		pids[i] = start_child(t, look_all_the_time, folder);
	for (i = 0; i < rounds(1000, 5000); i++) {
		snprintf(name, sizeof(name), "%s/%u", folder, i % 16);
		EXPECT_RET(t, kcall(SYS_mkdir, name, 0700), 0);
		EXPECT_RET(t, kcall(SYS_rmdir, name), 0);
	}
	for (i = 0; i < 2; i++) {
		status = wait_for(t, pids[i]);
		EXPECT_EXIT(t, status, 0);
	}
}

static const struct test_case names_cases[] = {
	TEST_CASE(memory_comes_before_names),
	TEST_CASE(new_names_are_found),
	TEST_CASE(names_come_and_go),
};
TEST_SUITE(names, names_cases);
SELFTEST_NO_HELPER
