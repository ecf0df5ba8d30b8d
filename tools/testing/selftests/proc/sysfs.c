/* SPDX-License-Identifier: GPL-2.0-only */
/* /sys: CPUs and huge pages. */
#include <dirent.h>
#include <sys/stat.h>
#include <sys/statfs.h>

#include "proc.h"

#define SYSFS_MAGIC 0x62656572
#define CPU_DIR	    "/sys/devices/system/cpu"

static bool has_sysfs(void)
{
	struct statfs buf;

	return !statfs("/sys", &buf) && buf.f_type == SYSFS_MAGIC;
}
#define SKIP_WITHOUT_SYSFS(t) SKIP_IF(t, !has_sysfs(), "no /sys here")

/* How many CPUs a list such as 0-3,7 names. */
static long count_list(const char *list)
{
	long nr = 0;

	while (*list && *list != '\n') {
		char *end;
		long first = strtol(list, &end, 10), last = first;

		if (*end == '-')
			last = strtol(end + 1, &end, 10);
		nr += last - first + 1;
		list = *end == ',' ? end + 1 : end;
	}
	return nr;
}

static void cpus_are_listed(struct test *t)
{
	SKIP_WITHOUT_SYSFS(t);
	EXPECT_EQ(t, count_list(proc_text(t, CPU_DIR "/online")), sysconf(_SC_NPROCESSORS_ONLN));
	EXPECT_GE(t, count_list(proc_text(t, CPU_DIR "/possible")), sysconf(_SC_NPROCESSORS_ONLN));
	EXPECT_LE(t, count_list(proc_text(t, CPU_DIR "/present")),
		  count_list(proc_text(t, CPU_DIR "/possible")));
	EXPECT_GE(t, atol(proc_text(t, CPU_DIR "/kernel_max")) + 1,
		  count_list(proc_text(t, CPU_DIR "/possible")));
	EXPECT_RET(t, access(CPU_DIR "/cpu0/topology", R_OK), 0);
	EXPECT_RET(t, kcall(SYS_open, CPU_DIR "/online", O_WRONLY), -EACCES);
}

static void folders_list_what_can_be_found(struct test *t)
{
	DIR *dir = opendir(CPU_DIR);
	struct dirent *entry;
	long nr = 0;

	SKIP_WITHOUT_SYSFS(t);
	REQUIRE(t, dir);
	while ((entry = readdir(dir))) {
		struct stat stat;

		EXPECT_EQ(t, fstatat(dirfd(dir), entry->d_name, &stat, AT_SYMLINK_NOFOLLOW), 0);
		if (strcmp(entry->d_name, ".."))
			EXPECT_EQ(t, stat.st_ino, entry->d_ino);
		if (S_ISREG(stat.st_mode))
			EXPECT_EQ(t, stat.st_size, (off_t)PAGE);
		nr += !strncmp(entry->d_name, "cpu", 3) && entry->d_name[3] >= '0' &&
		      entry->d_name[3] <= '9';
	}
	closedir(dir);
	EXPECT_EQ(t, nr, count_list(proc_text(t, CPU_DIR "/present")));
}

static void weaknesses_are_told(struct test *t)
{
	static const char *const names[] = { "meltdown", "l1tf", "mds", "spectre_v1",
					     "spectre_v2" };

	SKIP_WITHOUT_SYSFS(t);
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		const char *text = proc_text(t, path_of(CPU_DIR "/vulnerabilities/%s", names[i]));

		EXPECT_TRUE(t, !strncmp(text, "Not affected", 12) ||
				       !strncmp(text, "Vulnerable", 10) ||
				       !strncmp(text, "Mitigation", 10) ||
				       !strncmp(text, "Unknown", 7));
	}
}

static long write_text(const char *path, const char *text)
{
	long fd = kcall(SYS_open, path, O_WRONLY), ret;

	if (fd < 0)
		return fd;
	ret = kcall(SYS_write, fd, text, strlen(text));
	close((int)fd);
	return ret;
}

static void cpus_can_be_switched(struct test *t)
{
	long nr = sysconf(_SC_NPROCESSORS_ONLN);

	SKIP_WITHOUT_SYSFS(t);
	SKIP_UNLESS_GUEST(t);
	SKIP_UNLESS_ROOT(t);
	SKIP_IF(t, nr < 2 || access(CPU_DIR "/cpu1/online", W_OK), "nothing to switch");
	EXPECT_RET(t, write_text(CPU_DIR "/cpu1/online", "0\n"), 2);
	EXPECT_STREQ(t, proc_text(t, CPU_DIR "/cpu1/online"), "0\n");
	EXPECT_EQ(t, count_list(proc_text(t, CPU_DIR "/online")), nr - 1);
	EXPECT_GE(t, count_list(proc_text(t, CPU_DIR "/offline")), 1);
	EXPECT_FALSE(t, strstr(proc_text(t, "/proc/cpuinfo"), "processor\t: 1\n"));
	EXPECT_RET(t, write_text(CPU_DIR "/cpu1/online", "0"), 1); /* so it is */
	EXPECT_RET(t, write_text(CPU_DIR "/cpu1/online", "x"), -EINVAL);
	EXPECT_RET(t, write_text(CPU_DIR "/cpu1/online", "1"), 1);
	EXPECT_EQ(t, count_list(proc_text(t, CPU_DIR "/online")), nr);
}

#define THP_DIR "/sys/kernel/mm/transparent_hugepage"

static void huge_pages_have_settings(struct test *t)
{
	char old[64], name[16] = "";

	SKIP_WITHOUT_SYSFS(t);
	SKIP_IF(t, access(THP_DIR "/enabled", R_OK), "no huge pages here");
	EXPECT_EQ(t, atol(proc_text(t, THP_DIR "/hpage_pmd_size")), 2L << 20);
	snprintf(old, sizeof(old), "%.63s", proc_text(t, THP_DIR "/enabled"));
	REQUIRE(t, strchr(old, '['));
	sscanf(strchr(old, '[') + 1, "%15[a-z]", name);
	EXPECT_EQ(t, strlen(old), strlen("always madvise never\n") + 2);
	SKIP_UNLESS_GUEST(t);
	SKIP_UNLESS_ROOT(t);
	EXPECT_RET(t, write_text(THP_DIR "/enabled", "never\n"), 6);
	EXPECT_STREQ(t, proc_text(t, THP_DIR "/enabled"), "always madvise [never]\n");
	EXPECT_RET(t, write_text(THP_DIR "/enabled", "sometimes"), -EINVAL);
	EXPECT_RET(t, write_text(THP_DIR "/enabled", name), (long)strlen(name));
	EXPECT_STREQ(t, proc_text(t, THP_DIR "/enabled"), old);
	EXPECT_RET(t, write_text(THP_DIR "/khugepaged/max_ptes_none", "512"), -EINVAL);
}

static const struct test_case cases[] = {
	TEST_CASE(cpus_are_listed),	     TEST_CASE(folders_list_what_can_be_found),
	TEST_CASE(weaknesses_are_told),	     TEST_CASE(cpus_can_be_switched),
	TEST_CASE(huge_pages_have_settings),
};
TEST_SUITE(sysfs, cases);
SELFTEST_NO_HELPER
