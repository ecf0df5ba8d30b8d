/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * swapon() and swapoff(): their errors, anywhere; and on a machine of its own with a disk 8:0 that
 * may be overwritten, headers good and bad, and memory that goes there.  8:16 has a sector that
 * cannot be read or written, if it is there; its size tells which.
 */
#include <linux/fs.h>
#include <setjmp.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysinfo.h>
#include <sys/sysmacros.h>

#include "selftest.h"

#define PREFER	   0x8000
#define NR_PAGES   3072UL /* of the swap that is made: 12 MiB */
#define OFFSET	   256 /* in words, of the header behind the boot loader */
#define BAD_OFFSET 384
#define MAX_BAD	   637

static bool is_admin(void)
{
	return kcall(SYS_swapoff, "/no/such/file") != -EPERM;
}

static void unknown_flags_are_refused_before_all(struct test *t)
{
	become_nobody(t);
	EXPECT_RET(t, kcall(SYS_swapon, 8, 0x80000), -EINVAL);
	EXPECT_RET(t, kcall(SYS_swapon, 8, -1), -EINVAL);
}

static void only_the_privileged_may(struct test *t)
{
	become_nobody(t);
	EXPECT_RET(t, kcall(SYS_swapon, "/no/such/file", 0), -EPERM);
	EXPECT_RET(t, kcall(SYS_swapon, 8, PREFER | 5), -EPERM);
	EXPECT_RET(t, kcall(SYS_swapoff, "/no/such/file"), -EPERM);
	EXPECT_RET(t, kcall(SYS_swapoff, 8), -EPERM);
}

static void name_must_be_one(struct test *t)
{
	static char name[PATH_MAX + 1];

	SKIP_IF(t, !is_admin(), "not allowed to");
	memset(name, 'x', PATH_MAX);
	EXPECT_RET(t, kcall(SYS_swapon, "/no/such/file", 0), -ENOENT);
	EXPECT_RET(t, kcall(SYS_swapon, "", 0), -ENOENT);
	EXPECT_RET(t, kcall(SYS_swapon, 8, 0), -EFAULT);
	EXPECT_RET(t, kcall(SYS_swapon, name, 0), -ENAMETOOLONG);
	EXPECT_RET(t, kcall(SYS_swapoff, "/no/such/file"), -ENOENT);
	EXPECT_RET(t, kcall(SYS_swapoff, ""), -ENOENT);
	EXPECT_RET(t, kcall(SYS_swapoff, 8), -EFAULT);
	EXPECT_RET(t, kcall(SYS_swapoff, name), -ENAMETOOLONG);
}

static void other_files_are_refused(struct test *t)
{
	const char *folder = scratch_folder(t);
	char path[128];

	SKIP_IF(t, !is_admin(), "not allowed to");
	snprintf(path, sizeof(path), "%s/file", folder);
	close(open(path, O_CREAT | O_RDWR, 0600));
	EXPECT_RET(t, kcall(SYS_swapon, path, 0), -EINVAL);
	EXPECT_RET(t, kcall(SYS_swapoff, path), -EINVAL);
	EXPECT_RET(t, kcall(SYS_swapon, folder, 0), -EISDIR);
	EXPECT_RET(t, kcall(SYS_swapoff, folder), -EISDIR);
	EXPECT_RET(t, kcall(SYS_swapon, "/dev/null", 0), -EINVAL);
	EXPECT_RET(t, kcall(SYS_swapoff, "/dev/null"), -EINVAL);
	snprintf(path, sizeof(path), "%s/file/below", folder);
	EXPECT_RET(t, kcall(SYS_swapon, path, 0), -ENOTDIR);
}

/* --- on a disk --- */

static uint32_t header[PAGE / 4];

/* One for the case. */
static const char *folder(struct test *t)
{
	static const char *path;

	if (!path)
		path = scratch_folder(t);
	return path;
}

static const char *disk(struct test *t)
{
	static char path[128];

	snprintf(path, sizeof(path), "%s/disk", folder(t));
	mknod(path, S_IFBLK | 0600, makedev(8, 0));
	return path;
}

#define SKIP_WITHOUT_DISK(t)                                                            \
	do {                                                                            \
		int __fd = in_guest() ? open(disk(t), O_RDWR) : -1;                     \
		SKIP_IF(t, __fd < 0 || !is_admin(), "no disk that may be overwritten"); \
		close(__fd);                                                            \
		SKIP_IF(t, kcall(SYS_swapon, "/no/such/file", 0) == -ENOSYS,            \
			"no swapon() in this kernel");                                  \
	} while (0)

static void make_header(void)
{
	memset(header, 0, sizeof(header));
	header[OFFSET] = 1;
	header[OFFSET + 1] = NR_PAGES - 1;
	memcpy((char *)header + PAGE - 10, "SWAPSPACE2", 10);
}

static void write_header(struct test *t)
{
	int fd = open(disk(t), O_RDWR);

	REQUIRE(t, fd >= 0);
	EXPECT_EQ(t, pwrite(fd, header, sizeof(header), 0), (ssize_t)sizeof(header));
	close(fd);
}

static unsigned long total_swap(void)
{
	struct sysinfo info;

	return sysinfo(&info) ? 0 : info.totalswap * info.mem_unit / PAGE;
}

static void bad_headers_are_refused(struct test *t)
{
	static const struct {
		unsigned int word;
		uint32_t value;
	} rows[] = {
		{ OFFSET, 0 },
		{ OFFSET, 2 },
		{ OFFSET, 0x02000000 },
		{ OFFSET + 1, 0 },
		{ OFFSET + 1, 0x10000000 }, /* longer than the disk */
		{ OFFSET + 1, 0xffffffff },
		{ OFFSET + 2, MAX_BAD + 1 },
		{ OFFSET + 2, 0xffffffff },
		{ OFFSET + 2, 1 }, /* the header as a bad page */
		{ PAGE / 4 - 1, 0 },
		{ PAGE / 4 - 3, 0 },
	};

	SKIP_WITHOUT_DISK(t);
	for (unsigned int i = 0; i < ARRAY_SIZE(rows); i++) {
		make_header();
		header[rows[i].word] = rows[i].value;
		write_header(t);
		EXPECT_RET(t, kcall(SYS_swapon, disk(t), 0), -EINVAL);
	}
	make_header();
	header[OFFSET + 2] = 1;
	header[BAD_OFFSET] = NR_PAGES; /* behind the end */
	write_header(t);
	EXPECT_RET(t, kcall(SYS_swapon, disk(t), 0), -EINVAL);
}

static void disk_in_use_is_nobody_elses(struct test *t)
{
	unsigned long before = total_swap();
	int fd;

	SKIP_WITHOUT_DISK(t);
	make_header();
	write_header(t);
	fd = open(disk(t), O_RDWR | O_EXCL);
	EXPECT_GE(t, fd, 0);
	EXPECT_RET(t, kcall(SYS_swapon, disk(t), 0), -EBUSY);
	close(fd);
	REQUIRE(t, !kcall(SYS_swapon, disk(t), PREFER | 7));
	EXPECT_EQ(t, total_swap(), before + NR_PAGES - 1);
	EXPECT_RET(t, kcall(SYS_swapon, disk(t), 0), -EBUSY);
	EXPECT_EQ(t, open(disk(t), O_RDWR | O_EXCL), -1);
	EXPECT_EQ(t, errno, EBUSY);
	fd = open(disk(t), O_RDONLY);
	EXPECT_GE(t, fd, 0);
	close(fd);
	EXPECT_RET(t, kcall(SYS_swapoff, disk(t)), 0);
	EXPECT_EQ(t, total_swap(), before);
	EXPECT_RET(t, kcall(SYS_swapoff, disk(t)), -EINVAL);
	fd = open(disk(t), O_RDWR | O_EXCL);
	EXPECT_GE(t, fd, 0);
}

static void bad_pages_are_not_counted(struct test *t)
{
	unsigned long before = total_swap();

	SKIP_WITHOUT_DISK(t);
	make_header();
	header[OFFSET + 2] = 3;
	header[BAD_OFFSET] = 1;
	header[BAD_OFFSET + 1] = NR_PAGES - 1;
	header[BAD_OFFSET + 2] = 500;
	write_header(t);
	REQUIRE(t, !kcall(SYS_swapon, disk(t), 0));
	EXPECT_EQ(t, total_swap(), before + NR_PAGES - 1 - 3);
	EXPECT_RET(t, kcall(SYS_swapoff, disk(t)), 0);
}

static void header_of_other_byte_order_is_read(struct test *t)
{
	unsigned long before = total_swap();

	SKIP_WITHOUT_DISK(t);
	make_header();
	for (unsigned int i = OFFSET; i < OFFSET + 3; i++)
		header[i] = __builtin_bswap32(header[i]);
	write_header(t);
	REQUIRE(t, !kcall(SYS_swapon, disk(t), 0));
	EXPECT_EQ(t, total_swap(), before + NR_PAGES - 1);
	EXPECT_RET(t, kcall(SYS_swapoff, disk(t)), 0);
}

/* --- memory that goes there */

#define MIB		(1024 * 1024UL)
#define BAD_READ_BYTES	(37 * MIB)
#define BAD_WRITE_BYTES (39 * MIB)
#define NR_OUT		2048UL /* pages: more than lie in front of the bad sector */

static sigjmp_buf on_bus;
static unsigned int nr_lost; /* pages that raised SIGBUS */

static void bus_error(int signal)
{
	siglongjmp(on_bus, signal);
}

static uint64_t word(unsigned long page, unsigned long i)
{
	return (page * 512 + i) * 0x9e3779b97f4a7c15UL;
}

static unsigned int page_is_wrong(const volatile uint64_t *words, unsigned long page)
{
	unsigned int nr_wrong = 0;

	if (sigsetjmp(on_bus, 1)) {
		nr_lost++;
		return 0;
	}
	for (unsigned long i = 0; i < 512; i++)
		nr_wrong += words[page * 512 + i] != word(page, i);
	return nr_wrong;
}

/* More memory than is free, so that what has been stored leaves memory as well. */
static void press(void *arg)
{
	struct sysinfo info;
	size_t size;
	char *memory;

	if (sysinfo(&info))
		_exit(STATUS_FAILED);
	size = info.freeram + 16 * MIB;
	memory = map_anon(arg, size, PROT_READ | PROT_WRITE);
	for (size_t i = 0; i < size; i += PAGE)
		memory[i] = 1;
}

/* Pages that have been written and begin to go to swap. */
static uint64_t *send_out(struct test *t)
{
	uint64_t *words = (uint64_t *)(void *)map_anon(t, NR_OUT * PAGE, PROT_READ | PROT_WRITE);

	for (unsigned long page = 0; page < NR_OUT; page++)
		for (unsigned long i = 0; i < 512; i++)
			words[page * 512 + i] = word(page, i);
	for (unsigned int round = 0; round < 20; round++) {
		EXPECT_EQ(t, madvise(words, NR_OUT * PAGE, MADV_PAGEOUT), 0);
		sleep_ms(5);
	}
	return words;
}

/* Returns how many words are wrong, but for those of pages that are lost. */
static unsigned int bring_in(uint64_t *words)
{
	unsigned int nr_wrong = 0;

	signal(SIGBUS, bus_error);
	for (unsigned long page = 0; page < NR_OUT; page++)
		nr_wrong += page_is_wrong(words, page);
	munmap(words, NR_OUT * PAGE);
	return nr_wrong;
}

/* With nothing left of it in memory in between. */
static unsigned int out_and_in(struct test *t)
{
	uint64_t *words = send_out(t);

	EXPECT_EXIT(t, run_in_child(t, press, t), 0);
	return bring_in(words);
}

/* 8:16 with swap on it, if it has @bytes; NULL. */
static const char *swap_on_bad_disk(struct test *t, uint64_t bytes)
{
	static char path[128];
	uint64_t size = 0;
	int fd;

	snprintf(path, sizeof(path), "%s/bad", folder(t));
	mknod(path, S_IFBLK | 0600, makedev(8, 16));
	fd = in_guest() ? open(path, O_RDWR) : -1;
	if (fd < 0)
		return NULL;
	REQUIRE(t, !ioctl(fd, BLKGETSIZE64, &size));
	if (size == bytes) {
		make_header();
		header[OFFSET + 1] = (uint32_t)(bytes / PAGE - 1);
		EXPECT_EQ(t, pwrite(fd, header, sizeof(header), 0), (ssize_t)sizeof(header));
	}
	close(fd);
	if (size != bytes)
		return NULL;
	REQUIRE(t, !kcall(SYS_swapon, path, 0));
	return path;
}

static void memory_goes_and_comes_back(struct test *t)
{
	SKIP_WITHOUT_DISK(t);
	make_header();
	write_header(t);
	REQUIRE(t, !kcall(SYS_swapon, disk(t), 0));
	for (unsigned int i = 0; i < 3; i++)
		EXPECT_EQ(t, bring_in(send_out(t)), 0);
	EXPECT_EQ(t, nr_lost, 0);
	EXPECT_RET(t, kcall(SYS_swapoff, disk(t)), 0);
}

static void toggle(void *arg)
{
	for (unsigned int i = 0; i < 20; i++) {
		if (kcall(SYS_swapoff, arg) || kcall(SYS_swapon, arg, 0))
			_exit(STATUS_FAILED);
		sleep_ms(10);
	}
}

static void swapoff_brings_back_what_others_use(struct test *t)
{
	pid_t toggler;

	SKIP_WITHOUT_DISK(t);
	make_header();
	write_header(t);
	REQUIRE(t, !kcall(SYS_swapon, disk(t), 0));
	toggler = start_child(t, toggle, (void *)disk(t));
	for (unsigned int i = 0; i < 3; i++)
		EXPECT_EQ(t, bring_in(send_out(t)), 0);
	EXPECT_EQ(t, nr_lost, 0);
	EXPECT_EXIT(t, wait_for(t, toggler), 0);
	EXPECT_RET(t, kcall(SYS_swapoff, disk(t)), 0);
}

/* --- priorities: on two good disks --- */

#define SECOND_BYTES (20 * MIB)

/* Pages of the swap device @path that are in use, as /proc/swaps tells; -1. */
static long nr_used(const char *path)
{
	FILE *file = fopen("/proc/swaps", "r");
	char line[512], name[256];
	unsigned long size, used;
	long found = -1;

	while (file && fgets(line, sizeof(line), file))
		if (sscanf(line, "%255s %*s %lu %lu", name, &size, &used) == 3 &&
		    !strcmp(name, path))
			found = (long)(used * 1024 / PAGE);
	if (file)
		fclose(file);
	return found;
}

/* 8:16 with swap of SECOND_BYTES on it that is not on; NULL: none that keeps what is written. */
static const char *second_disk(struct test *t)
{
	static char path[128];
	uint64_t size = 0;
	char back[sizeof(header)];
	bool is_kept;
	int fd;

	snprintf(path, sizeof(path), "%s/second", folder(t));
	mknod(path, S_IFBLK | 0600, makedev(8, 16));
	fd = in_guest() ? open(path, O_RDWR) : -1;
	if (fd < 0 || ioctl(fd, BLKGETSIZE64, &size) || size < SECOND_BYTES ||
	    size == BAD_READ_BYTES || size == BAD_WRITE_BYTES) {
		close(fd);
		return NULL;
	}
	make_header();
	header[OFFSET + 1] = SECOND_BYTES / PAGE - 1;
	EXPECT_EQ(t, pwrite(fd, header, sizeof(header), 0), (ssize_t)sizeof(header));
	is_kept = !fsync(fd) && !ioctl(fd, BLKFLSBUF) &&
		  pread(fd, back, sizeof(back), 0) == sizeof(back) &&
		  !memcmp(back, header, sizeof(back));
	close(fd);
	return is_kept ? path : NULL;
}

/* The names of both disks, on with the flags; false: they are not there. */
static bool swap_on_both(struct test *t, const char *paths[2], long first, long second)
{
	paths[0] = disk(t);
	paths[1] = second_disk(t);
	if (!paths[1])
		return false;
	make_header();
	write_header(t);
	REQUIRE(t, !kcall(SYS_swapon, paths[0], first) && !kcall(SYS_swapon, paths[1], second));
	return nr_used(paths[0]) == 0 && nr_used(paths[1]) == 0;
}

static void swap_off_both(struct test *t, const char *paths[2])
{
	EXPECT_RET(t, kcall(SYS_swapoff, paths[0]), 0);
	EXPECT_RET(t, kcall(SYS_swapoff, paths[1]), 0);
}

#define NO_TWO_DISKS "no two disks that may be overwritten, or no /proc/swaps"

static void disk_of_higher_priority_is_filled_first(struct test *t)
{
	long nr_second = SECOND_BYTES / PAGE - 1;
	const char *paths[2];
	uint64_t *parts[3];

	SKIP_WITHOUT_DISK(t);
	SKIP_IF(t, !swap_on_both(t, paths, PREFER | 1, PREFER | 2), NO_TWO_DISKS);
	parts[0] = send_out(t);
	EXPECT_EQ(t, nr_used(paths[0]), 0);
	EXPECT_GE(t, nr_used(paths[1]), (long)NR_OUT * 9 / 10);
	parts[1] = send_out(t);
	EXPECT_EQ(t, nr_used(paths[0]), 0);
	parts[2] = send_out(t);
	EXPECT_GE(t, nr_used(paths[1]), nr_second * 9 / 10);
	EXPECT_GE(t, nr_used(paths[0]), (3 * (long)NR_OUT - nr_second) / 2);
	for (unsigned int i = 0; i < ARRAY_SIZE(parts); i++)
		EXPECT_EQ(t, bring_in(parts[i]), 0);
	EXPECT_EQ(t, nr_lost, 0);
	swap_off_both(t, paths);
}

static void disks_of_one_priority_share(struct test *t)
{
	const char *paths[2];
	uint64_t *words;

	SKIP_WITHOUT_DISK(t);
	SKIP_IF(t, !swap_on_both(t, paths, PREFER | 3, PREFER | 3), NO_TWO_DISKS);
	words = send_out(t);
	EXPECT_GE(t, nr_used(paths[0]), (long)NR_OUT / 4);
	EXPECT_GE(t, nr_used(paths[1]), (long)NR_OUT / 4);
	EXPECT_EQ(t, bring_in(words), 0);
	EXPECT_EQ(t, nr_lost, 0);
	swap_off_both(t, paths);
}

static void without_priorities_the_first_is_filled_first(struct test *t)
{
	const char *paths[2];
	uint64_t *words;

	SKIP_WITHOUT_DISK(t);
	SKIP_IF(t, !swap_on_both(t, paths, 0, 0), NO_TWO_DISKS);
	words = send_out(t);
	EXPECT_GE(t, nr_used(paths[0]), (long)NR_OUT * 9 / 10);
	EXPECT_EQ(t, nr_used(paths[1]), 0);
	EXPECT_EQ(t, bring_in(words), 0);
	EXPECT_EQ(t, nr_lost, 0);
	swap_off_both(t, paths);
}

static void page_that_cannot_be_read_is_sigbus(struct test *t)
{
	const char *path = swap_on_bad_disk(t, BAD_READ_BYTES);

	SKIP_IF(t, !path, "no disk with a sector that cannot be read");
	EXPECT_EQ(t, out_and_in(t), 0);
	EXPECT_EQ(t, nr_lost, 1);
}

static void page_that_cannot_be_written_stays(struct test *t)
{
	const char *path = swap_on_bad_disk(t, BAD_WRITE_BYTES);

	SKIP_IF(t, !path, "no disk with a sector that cannot be written");
	EXPECT_EQ(t, out_and_in(t), 0);
	EXPECT_EQ(t, nr_lost, 0);
	EXPECT_RET(t, kcall(SYS_swapoff, path), 0);
}

static const struct test_case swapon_cases[] = {
	TEST_CASE(unknown_flags_are_refused_before_all),
	TEST_CASE(only_the_privileged_may),
	TEST_CASE(name_must_be_one),
	TEST_CASE(other_files_are_refused),
	TEST_CASE(bad_headers_are_refused),
	TEST_CASE(disk_in_use_is_nobody_elses),
	TEST_CASE(bad_pages_are_not_counted),
	TEST_CASE(header_of_other_byte_order_is_read),
	TEST_CASE(memory_goes_and_comes_back),
	TEST_CASE(swapoff_brings_back_what_others_use),
	TEST_CASE(disk_of_higher_priority_is_filled_first),
	TEST_CASE(disks_of_one_priority_share),
	TEST_CASE(without_priorities_the_first_is_filled_first),
	TEST_CASE(page_that_cannot_be_read_is_sigbus),
	TEST_CASE(page_that_cannot_be_written_stays),
};
TEST_SUITE(swapon, swapon_cases);
SELFTEST_NO_HELPER
