/* SPDX-License-Identifier: GPL-2.0-only */
/* Files of the whole machine, against what calls say of it. */
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/sysinfo.h>
#include <sys/utsname.h>

#include "proc.h"

#define PROC_MAGIC 0x9fa0

static void it_is_a_file_system(struct test *t)
{
	struct statfs statfs_buf;
	struct stat stat_buf;

	SKIP_WITHOUT_PROC(t);
	REQUIRE(t, statfs("/proc", &statfs_buf) == 0);
	EXPECT_EQ(t, statfs_buf.f_type, PROC_MAGIC);
	REQUIRE(t, stat("/proc", &stat_buf) == 0);
	EXPECT_EQ(t, stat_buf.st_ino, 1UL);
	EXPECT_EQ(t, stat_buf.st_mode, S_IFDIR | 0555U);
	EXPECT_RET(t, kcall(SYS_mkdir, "/proc/new", 0755), is_root() ? -ENOENT : -EACCES);
	EXPECT_RET(t, kcall(SYS_open, "/proc/new", O_RDWR | O_CREAT, 0600),
		   is_root() ? -ENOENT : -EACCES);
	EXPECT_LT(t, kcall(SYS_unlink, "/proc/version"), 0);
	EXPECT_RET(t, kcall(SYS_chmod, "/proc/self/stat", 0777), -EPERM);
	EXPECT_RET(t, kcall(SYS_stat, "/proc/nothing", &stat_buf), -ENOENT);
	EXPECT_RET(t, kcall(SYS_stat, "/proc/0", &stat_buf), -ENOENT);
	EXPECT_RET(t, kcall(SYS_stat, "/proc/01", &stat_buf), -ENOENT);
	EXPECT_RET(t, kcall(SYS_stat, "/proc/4294967297", &stat_buf), -ENOENT);
}

static void version_is_that_of_uname(struct test *t)
{
	struct utsname name;

	SKIP_WITHOUT_PROC(t);
	uname(&name);
	EXPECT_TRUE(t, strstr(proc_text(t, "/proc/version"),
			      path_of("%s version %s (", name.sysname, name.release)));
	EXPECT_STREQ(t, proc_text(t, "/proc/sys/kernel/ostype"), path_of("%s\n", name.sysname));
	EXPECT_STREQ(t, proc_text(t, "/proc/sys/kernel/osrelease"), path_of("%s\n", name.release));
	/* Root may not either. */
	EXPECT_RET(t, kcall(SYS_open, "/proc/sys/kernel/osrelease", O_WRONLY), -EACCES);
	EXPECT_RET(t, kcall(SYS_open, "/proc/sys/kernel/cap_last_cap", O_WRONLY), -EACCES);
	EXPECT_STREQ(t, proc_text(t, "/proc/sys/kernel/version"), path_of("%s\n", name.version));
	EXPECT_STREQ(t, proc_text(t, "/proc/sys/kernel/hostname"), path_of("%s\n", name.nodename));
}

static void uptime_goes_on(struct test *t)
{
	double before, after, idle;
	struct timespec now;

	SKIP_WITHOUT_PROC(t);
	sscanf(proc_text(t, "/proc/uptime"), "%lf %lf", &before, &idle);
	clock_gettime(CLOCK_BOOTTIME, &now);
	EXPECT_LE(t, before, (double)to_ns(&now) / 1e9 + 0.011);
	sleep_ms(30);
	sscanf(proc_text(t, "/proc/uptime"), "%lf %lf", &after, &idle);
	EXPECT_GE(t, after, (double)to_ns(&now) / 1e9 + 0.02);
	EXPECT_GE(t, after, before + 0.02);
}

static void load_is_told_by_sysinfo_too(struct test *t)
{
	double load;
	int nr_running, nr_tasks, last;
	struct sysinfo info;

	SKIP_WITHOUT_PROC(t);
	REQUIRE(t, sscanf(proc_text(t, "/proc/loadavg"), "%lf %*f %*f %d/%d %d\n", &load,
			  &nr_running, &nr_tasks, &last) == 4);
	sysinfo(&info);
	EXPECT_LE(t, load, (double)info.loads[0] / 65536 + 1.1);
	EXPECT_GE(t, load, (double)info.loads[0] / 65536 - 1.1);
	EXPECT_GE(t, nr_running, 1);
	EXPECT_GE(t, nr_tasks, nr_running);
	EXPECT_GE(t, last, 1);
}

static void memory_is_told_by_sysinfo_too(struct test *t)
{
	const char *text;
	struct sysinfo info;
	unsigned long unit;

	SKIP_WITHOUT_PROC(t);
	text = proc_text(t, "/proc/meminfo");
	sysinfo(&info);
	unit = info.mem_unit;
	EXPECT_EQ(t, (unsigned long)number_of(t, text, "MemTotal:", 10),
		  info.totalram * unit / 1024);
	EXPECT_EQ(t, (unsigned long)number_of(t, text, "SwapTotal:", 10),
		  info.totalswap * unit / 1024);
	EXPECT_LE(t, number_of(t, text, "MemFree:", 10), number_of(t, text, "MemTotal:", 10));
	EXPECT_LE(t, number_of(t, text, "MemAvailable:", 10), number_of(t, text, "MemTotal:", 10));
	EXPECT_LE(t, number_of(t, text, "Mapped:", 10), number_of(t, text, "Cached:", 10));
	EXPECT_LE(t, number_of(t, text, "SReclaimable:", 10), number_of(t, text, "Slab:", 10));
	EXPECT_GT(t, number_of(t, text, "PageTables:", 10), 0);
	EXPECT_GT(t, number_of(t, text, "KernelStack:", 10), 0);
	EXPECT_GT(t, number_of(t, text, "VmallocTotal:", 10), 0);
}

static long anon_kib(struct test *t)
{
	return number_of(t, proc_text(t, "/proc/meminfo"), "AnonPages:", 10);
}

static void fill(void *memory)
{
	memset(memory, 2, 64 << 20);
}

/* Only on a machine of our own do others not change it. */
static void anonymous_pages_are_counted_once(struct test *t)
{
	const size_t size = 64 << 20;
	char *memory;
	long before;

	SKIP_WITHOUT_PROC(t);
	SKIP_UNLESS_GUEST(t);
	before = anon_kib(t);
	memory = map_anon(t, size, PROT_READ | PROT_WRITE);
	EXPECT_LT(t, anon_kib(t), before + 1024);
	memset(memory, 1, size);
	EXPECT_GE(t, anon_kib(t), before + 65536 - 1024);
	EXPECT_LT(t, anon_kib(t), before + 65536 + 1024);
	EXPECT_EXIT(t, run_in_child(t, fill, memory), 0);
	EXPECT_LT(t, anon_kib(t), before + 65536 + 1024);
	munmap(memory, size);
	EXPECT_LT(t, anon_kib(t), before + 1024);
}

static void nothing(void *arg __maybe_unused)
{
}

static void stat_sums_up(struct test *t)
{
	unsigned long before[4], after[4], forks;
	const char *text;

	SKIP_WITHOUT_PROC(t);
	text = proc_text(t, "/proc/stat");
	REQUIRE(t, sscanf(text, "cpu  %lu %lu %lu %lu", &before[0], &before[1], &before[2],
			  &before[3]) == 4);
	forks = (unsigned long)number_of(t, text, "processes", 10);
	EXPECT_GE(t, number_of(t, text, "procs_running", 10), 1);
	EXPECT_LE(t, number_of(t, text, "btime", 10), (long)time(NULL));
	line_of(t, text, "cpu0");
	line_of(t, text, "intr");
	line_of(t, text, "softirq");
	EXPECT_EXIT(t, run_in_child(t, nothing, NULL), 0);
	sleep_ms(100);
	text = proc_text(t, "/proc/stat");
	sscanf(text, "cpu  %lu %lu %lu %lu", &after[0], &after[1], &after[2], &after[3]);
	EXPECT_GT(t, (unsigned long)number_of(t, text, "processes", 10), forks);
	EXPECT_GE(t, after[0] + after[1] + after[2] + after[3] + 4,
		  before[0] + before[1] + before[2] + before[3] + 8);
	for (int i = 0; i < 3; i++)
		EXPECT_GE(t, after[i], before[i]);
}

static void cpus_are_listed(struct test *t)
{
	const char *text, *at;
	long nr = 0;

	SKIP_WITHOUT_PROC(t);
	text = at = proc_text(t, "/proc/cpuinfo");
	for (; (at = strstr(at, "processor\t: ")); at++)
		nr++;
	EXPECT_EQ(t, nr, sysconf(_SC_NPROCESSORS_ONLN));
	line_of(t, text, "model name\t: ");
	EXPECT_TRUE(t, strstr(line_of(t, text, "flags\t\t:"), "sse2"));
	text = proc_text(t, "/proc/interrupts");
	EXPECT_EQ(t, strspn(text, " "), 11UL);
	line_of(t, text, "LOC:");
}

static void tables_have_their_headings(struct test *t)
{
	const char *text;

	SKIP_WITHOUT_PROC(t);
	text = proc_text(t, "/proc/filesystems");
	EXPECT_TRUE(t, strstr(text, "nodev\tproc\n"));
	EXPECT_TRUE(t, strstr(text, "nodev\ttmpfs\n"));
	text = proc_text(t, "/proc/devices");
	EXPECT_TRUE(t, !strncmp(text, "Character devices:\n", 19));
	EXPECT_TRUE(t, strstr(text, "\nBlock devices:\n"));
	EXPECT_STREQ(t, line_of(t, proc_text(t, "/proc/swaps"), "Filename"),
		     "Type\t\tSize\t\tUsed\t\tPriority");
	EXPECT_TRUE(t, strstr(proc_text(t, "/proc/buddyinfo"), "Node 0, zone "));
	text = proc_text(t, "/proc/zoneinfo");
	EXPECT_TRUE(t, !strncmp(text, "Node 0, zone ", 13));
	EXPECT_GT(t, number_of(t, text, "        managed ", 10), 0);
	EXPECT_TRUE(t, strstr(text, "\n        protection: ("));
	EXPECT_TRUE(t, strstr(text, "\n    cpu: 0\n              count: "));
	EXPECT_GT(t, number_of(t, proc_text(t, "/proc/vmstat"), "nr_free_pages ", 10), 0);
	EXPECT_GT(t, number_of(t, proc_text(t, "/proc/vmstat"), "pgfault ", 10), 0);
}

static void mounts_are_shown(struct test *t)
{
	struct stat proc;
	const char *text;
	char want[80];

	SKIP_WITHOUT_PROC(t);
	EXPECT_TRUE(t, strstr(proc_text(t, "/proc/mounts"), "proc /proc proc rw"));
	EXPECT_STREQ(t, link_text("/proc/mounts"), "self/mounts");
	REQUIRE(t, stat("/proc", &proc) == 0);
	snprintf(want, sizeof(want), " %u:%u / /proc rw", (unsigned int)(proc.st_dev >> 8 & 0xfff),
		 (unsigned int)(proc.st_dev & 0xff));
	text = proc_text(t, "/proc/self/mountinfo");
	EXPECT_TRUE(t, strstr(text, want));
	EXPECT_TRUE(t, strstr(text, " - proc "));
}

/* Whether some line has one that is not 0: Linux begins with data of CPUs, which is at 0. */
static bool has_address(int fd)
{
	static const char zeros[] = "0000000000000000";
	FILE *file = fdopen(dup(fd), "r");
	char line[512];
	bool has = false;

	while (file && !has && fgets(line, sizeof(line), file))
		has = strncmp(line, zeros, sizeof(zeros) - 1) != 0;
	if (file)
		fclose(file);
	return has;
}

/* Who opened the file is asked for rights, not who reads it. */
static void addresses_are_for_who_opened_kallsyms(struct test *t)
{
	int before = open("/proc/kallsyms", O_RDONLY), after;

	SKIP_UNLESS_GUEST(t);
	SKIP_IF(t, before < 0, "no /proc/kallsyms");
	become_nobody(t);
	after = open("/proc/kallsyms", O_RDONLY);
	REQUIRE(t, after >= 0);
	EXPECT_TRUE(t, has_address(before) && !has_address(after));
}

static void random_ids_are_uuids(struct test *t)
{
	static const char digits[] = "0123456789abcdef";
	char first[64], *text;

	SKIP_WITHOUT_PROC(t);
	snprintf(first, sizeof(first), "%.63s", proc_text(t, "/proc/sys/kernel/random/boot_id"));
	EXPECT_STREQ(t, proc_text(t, "/proc/sys/kernel/random/boot_id"), first);
	snprintf(first, sizeof(first), "%.63s", proc_text(t, "/proc/sys/kernel/random/uuid"));
	text = proc_text(t, "/proc/sys/kernel/random/uuid");
	EXPECT_TRUE(t, strcmp(text, first));
	EXPECT_EQ(t, strlen(text), 37UL);
	EXPECT_EQ(t, strspn(text, digits), 8UL);
	EXPECT_EQ(t, text[14], '4');
	EXPECT_TRUE(t, strchr("89ab", text[19]));
}

/* In whatever pieces it is read, a text that does not change is the same. */
static void pieces_make_the_whole(struct test *t)
{
	static const char path[] = "/proc/self/limits";
	char whole[4096], pieces[4096];
	int fd, len, at = 0;

	SKIP_WITHOUT_PROC(t);
	len = (int)read_text(path, whole, sizeof(whole));
	fd = open(path, O_RDONLY);
	REQUIRE(t, len > 100 && fd >= 0);
	for (int size = 1; at < len; size = size % 7 + 1) {
		long got = kcall(SYS_read, fd, pieces + at, size);

		REQUIRE(t, got > 0 && got <= size);
		at += (int)got;
	}
	EXPECT_RET(t, kcall(SYS_read, fd, pieces, 1), 0);
	EXPECT_EQ(t, memcmp(whole, pieces, (size_t)len), 0);
	for (at = len - 1; at > 0; at -= 97) {
		EXPECT_RET(t, kcall(SYS_pread64, fd, pieces, 1, at), 1);
		EXPECT_EQ(t, pieces[0], whole[at]);
	}
	EXPECT_RET(t, kcall(SYS_lseek, fd, 20, SEEK_SET), 20);
	EXPECT_RET(t, kcall(SYS_read, fd, pieces, 4), 4);
	EXPECT_EQ(t, memcmp(pieces, whole + 20, 4), 0);
	EXPECT_RET(t, kcall(SYS_pread64, fd, pieces, 1, len), 0);
	EXPECT_RET(t, kcall(SYS_pread64, fd, pieces, 1, len + 100000), 0);
	EXPECT_RET(t, kcall(SYS_lseek, fd, -1, SEEK_SET), -EINVAL);
}

static void bad_pointers_are_faults(struct test *t)
{
	const struct bad_pointer *bad = bad_pointers(t, 16);

	SKIP_WITHOUT_PROC(t);
	for (int i = 0; i < NR_BAD_POINTERS; i++) {
		int fd = open("/proc/self/limits", O_RDONLY);
		long got = kcall(SYS_read, fd, bad[i].addr, 16);

		/* What fits before the end of the page may come. */
		EXPECT_TRUE(t, got == -EFAULT || (got > 0 && got < 16));
		close(fd);
	}
}

static const struct test_case cases[] = {
	TEST_CASE(it_is_a_file_system),
	TEST_CASE(version_is_that_of_uname),
	TEST_CASE(uptime_goes_on),
	TEST_CASE(load_is_told_by_sysinfo_too),
	TEST_CASE(memory_is_told_by_sysinfo_too),
	TEST_CASE(anonymous_pages_are_counted_once),
	TEST_CASE(stat_sums_up),
	TEST_CASE(cpus_are_listed),
	TEST_CASE(tables_have_their_headings),
	TEST_CASE(mounts_are_shown),
	TEST_CASE(addresses_are_for_who_opened_kallsyms),
	TEST_CASE(random_ids_are_uuids),
	TEST_CASE(pieces_make_the_whole),
	TEST_CASE(bad_pointers_are_faults),
};
TEST_SUITE(system, cases);
SELFTEST_NO_HELPER
