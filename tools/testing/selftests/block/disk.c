/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Block devices, on a machine of its own with disks that may be overwritten: 8:0 is at least 16 MiB
 * and good, 8:16 is larger than memory or has a bad sector, if it is there; its size tells which.
 */
#include <linux/fs.h>
#include <linux/hdreg.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "selftest.h"

#define SECTOR		512UL
#define MIB		(1024 * 1024UL)
#define BAD_BYTES	(33 * MIB) /* a disk of this size has a sector that cannot be read... */
#define BAD_SECTOR	40000UL /* ... here */
#define BAD_WRITE_BYTES (35 * MIB) /* and one of this size has one there that cannot be written */
#define NR_WORKERS	4
#define WORKER_BYTES	(3 * MIB)
#define PLACE		(14 * MIB) /* of sectors that several want, in one page */

static char path[128];

static const char *node(struct test *t, unsigned int minor)
{
	static const char *folder; /* one a case */

	folder = folder ?: scratch_folder(t);
	snprintf(path, sizeof(path), "%s/disk%u", folder, minor);
	mknod(path, S_IFBLK | 0600, makedev(8, minor));
	return path;
}

/* -1: there is none. */
static int try_open(struct test *t, unsigned int minor, int flags)
{
	return in_guest() ? open(node(t, minor), flags) : -1;
}

static int open_disk(struct test *t, int flags)
{
	int fd = try_open(t, 0, flags);

	REQUIRE(t, fd >= 0);
	return fd;
}

#define SKIP_WITHOUT_DISK(t)                                             \
	do {                                                             \
		int __fd = try_open(t, 0, O_RDONLY);                     \
		SKIP_IF(t, __fd < 0, "no disk that may be overwritten"); \
		close(__fd);                                             \
	} while (0)

static void fill(unsigned char *bytes, size_t len, unsigned int seed)
{
	for (size_t i = 0; i < len; i++)
		bytes[i] = (unsigned char)(seed * 31 + i * 7 + (i >> 9) * 13);
}

static uint64_t disk_bytes(struct test *t, int fd)
{
	uint64_t bytes = 0;

	REQUIRE(t, !ioctl(fd, BLKGETSIZE64, &bytes));
	return bytes;
}

/* --- */

static void sizes_are_told(struct test *t)
{
	unsigned long nr_sectors = 0;
	struct hd_geometry geometry;
	struct stat stat;
	int fd, size = 0;

	SKIP_WITHOUT_DISK(t);
	fd = open_disk(t, O_RDWR);
	EXPECT_EQ(t, ioctl(fd, BLKGETSIZE, &nr_sectors), 0);
	EXPECT_EQ(t, nr_sectors * SECTOR, disk_bytes(t, fd));
	EXPECT_EQ(t, lseek(fd, 0, SEEK_END), (off_t)disk_bytes(t, fd));
	EXPECT_EQ(t, ioctl(fd, BLKSSZGET, &size), 0);
	EXPECT_EQ(t, size, SECTOR);
	EXPECT_EQ(t, ioctl(fd, BLKPBSZGET, &size), 0);
	EXPECT_GE(t, size, (int)SECTOR);
	EXPECT_EQ(t, ioctl(fd, BLKROGET, &size), 0);
	EXPECT_EQ(t, size, 0);
	EXPECT_EQ(t, ioctl(fd, HDIO_GETGEO, &geometry), 0);
	EXPECT_EQ(t, geometry.start, 0);
	REQUIRE(t, !fstat(fd, &stat));
	EXPECT_TRUE(t, S_ISBLK(stat.st_mode));
	EXPECT_EQ(t, stat.st_rdev, makedev(8, 0));
	EXPECT_RET(t, kcall(SYS_ioctl, fd, BLKGETSIZE64, 8), -EFAULT);
	EXPECT_RET(t, kcall(SYS_ioctl, fd, 0x12ff, 0), -ENOTTY);
}

static void written_bytes_are_read_back(struct test *t)
{
	static const struct {
		size_t at, len;
	} writes[] = { { 0, 10 }, { 4090, 12 }, { 8192, 4096 }, { 100000, 70000 }, { 511, 2 } };
	static unsigned char out[70000], in[70000];
	int fd, other;

	SKIP_WITHOUT_DISK(t);
	fd = open_disk(t, O_RDWR);
	other = open_disk(t, O_RDONLY);
	for (unsigned int i = 0; i < ARRAY_SIZE(writes); i++) {
		fill(out, writes[i].len, i + 5);
		EXPECT_EQ(t, pwrite(fd, out, writes[i].len, (off_t)writes[i].at),
			  (ssize_t)writes[i].len);
		memset(in, 0, sizeof(in));
		EXPECT_EQ(t, pread(other, in, writes[i].len, (off_t)writes[i].at),
			  (ssize_t)writes[i].len);
		EXPECT_TRUE(t, !memcmp(in, out, writes[i].len));
	}
}

static void what_goes_to_disks_is_accounted(struct test *t)
{
	struct rusage before, after;
	static unsigned char bytes[64 * 1024] __attribute__((aligned(4096)));
	int fd;

	SKIP_WITHOUT_DISK(t);
	fd = open_disk(t, O_RDWR | O_DIRECT);
	getrusage(RUSAGE_SELF, &before);
	EXPECT_RET(t, kcall(SYS_pwrite64, fd, bytes, sizeof(bytes), MIB), sizeof(bytes));
	getrusage(RUSAGE_SELF, &after);
	EXPECT_EQ(t, (after.ru_oublock - before.ru_oublock) * 512, (long)sizeof(bytes));
	EXPECT_EQ(t, after.ru_inblock, before.ru_inblock);
	EXPECT_RET(t, kcall(SYS_pread64, fd, bytes, sizeof(bytes), MIB), sizeof(bytes));
	getrusage(RUSAGE_SELF, &before);
	EXPECT_EQ(t, (before.ru_inblock - after.ru_inblock) * 512, (long)sizeof(bytes));
	close(fd);
	/* Through the cache it is what becomes dirty. */
	fd = open_disk(t, O_RDWR);
	EXPECT_RET(t, kcall(SYS_pread64, fd, bytes, sizeof(bytes), MIB), sizeof(bytes));
	getrusage(RUSAGE_SELF, &before);
	EXPECT_RET(t, kcall(SYS_pwrite64, fd, bytes, sizeof(bytes), MIB), sizeof(bytes));
	getrusage(RUSAGE_SELF, &after);
	EXPECT_EQ(t, (after.ru_oublock - before.ru_oublock) * 512, (long)sizeof(bytes));
	close(fd);
}

static void data_outlives_closing(struct test *t)
{
	static unsigned char out[3 * PAGE], in[3 * PAGE];
	int fd;

	SKIP_WITHOUT_DISK(t);
	for (unsigned int round = 0; round < 3; round++) {
		fill(out, sizeof(out), round + 100);
		fd = open_disk(t, O_RDWR);
		EXPECT_EQ(t, pwrite(fd, out, sizeof(out), 12345), (ssize_t)sizeof(out));
		if (round == 1)
			EXPECT_EQ(t, fsync(fd), 0);
		if (round == 2)
			sync();
		close(fd);
		fd = open_disk(t, O_RDONLY);
		EXPECT_EQ(t, pread(fd, in, sizeof(in), 12345), (ssize_t)sizeof(in));
		EXPECT_TRUE(t, !memcmp(in, out, sizeof(out)));
		close(fd);
	}
}

static void cached_and_direct_agree(struct test *t)
{
	unsigned char *out = (unsigned char *)map_anon(t, 16 * PAGE, PROT_READ | PROT_WRITE);
	unsigned char *in = (unsigned char *)map_anon(t, 16 * PAGE, PROT_READ | PROT_WRITE);
	int cached, direct;

	SKIP_WITHOUT_DISK(t);
	cached = open_disk(t, O_RDWR);
	direct = open_disk(t, O_RDWR | O_DIRECT);
	for (unsigned int round = 0; round < 8; round++) {
		off_t at = (off_t)(MIB + round * SECTOR);
		size_t len = 16 * PAGE - round * SECTOR;

		fill(out, len, round + 1);
		EXPECT_EQ(t, pwrite(cached, out, len, at), (ssize_t)len);
		EXPECT_EQ(t, pread(direct, in, len, at), (ssize_t)len);
		EXPECT_TRUE(t, !memcmp(in, out, len));
		fill(out, len, round + 50);
		EXPECT_EQ(t, pwrite(direct, out, len, at), (ssize_t)len);
		EXPECT_EQ(t, pread(cached, in, len, at), (ssize_t)len);
		EXPECT_TRUE(t, !memcmp(in, out, len));
	}
}

static void synchronous_writes_are_on_the_disk(struct test *t)
{
	unsigned char *out = (unsigned char *)map_anon(t, PAGE, PROT_READ | PROT_WRITE);
	unsigned char *in = (unsigned char *)map_anon(t, PAGE, PROT_READ | PROT_WRITE);
	int fd, direct;

	SKIP_WITHOUT_DISK(t);
	fd = open_disk(t, O_RDWR | O_SYNC);
	direct = open_disk(t, O_RDONLY | O_DIRECT);
	fill(out, PAGE, 77);
	EXPECT_EQ(t, pwrite(fd, out, 1000, 2 * MIB + 100), 1000);
	EXPECT_EQ(t, pread(direct, in, PAGE, 2 * MIB), (ssize_t)PAGE);
	EXPECT_TRUE(t, !memcmp(in + 100, out, 1000));
	EXPECT_EQ(t, fdatasync(fd), 0);
	EXPECT_RET(t, kcall(SYS_ioctl, fd, BLKFLSBUF, 0), 0);
	EXPECT_EQ(t, pread(fd, in, PAGE, 2 * MIB), (ssize_t)PAGE);
	EXPECT_TRUE(t, !memcmp(in + 100, out, 1000));
}

static void direct_needs_whole_sectors(struct test *t)
{
	unsigned char *bytes = (unsigned char *)map_anon(t, 2 * PAGE, PROT_READ | PROT_WRITE);
	int fd;

	SKIP_WITHOUT_DISK(t);
	fd = open_disk(t, O_RDWR | O_DIRECT);
	EXPECT_RET(t, kcall(SYS_pread64, fd, bytes, SECTOR, 100), -EINVAL);
	EXPECT_RET(t, kcall(SYS_pread64, fd, bytes, 100, 0), -EINVAL);
	EXPECT_RET(t, kcall(SYS_pread64, fd, bytes + 4, SECTOR, 0), -EINVAL);
	EXPECT_RET(t, kcall(SYS_pwrite64, fd, bytes, SECTOR, 100), -EINVAL);
	EXPECT_RET(t, kcall(SYS_pwrite64, fd, bytes, 100, 0), -EINVAL);
	EXPECT_RET(t, kcall(SYS_pwrite64, fd, bytes + 4, SECTOR, 0), -EINVAL);
	EXPECT_RET(t, kcall(SYS_pread64, fd, bytes + SECTOR, SECTOR, SECTOR), SECTOR);
	EXPECT_RET(t, kcall(SYS_pread64, fd, 4096, SECTOR, 0), -EFAULT);
	EXPECT_RET(t, kcall(SYS_pwrite64, fd, 4096, SECTOR, 0), -EFAULT);
}

static void end_of_the_disk_is_the_end(struct test *t)
{
	unsigned char *bytes = (unsigned char *)map_anon(t, 2 * PAGE, PROT_READ | PROT_WRITE);
	int fd, direct;
	off_t end;

	SKIP_WITHOUT_DISK(t);
	fd = open_disk(t, O_RDWR);
	direct = open_disk(t, O_RDWR | O_DIRECT);
	end = (off_t)disk_bytes(t, fd);
	for (unsigned int i = 0; i < 2; i++) {
		int one = i ? direct : fd;

		EXPECT_RET(t, kcall(SYS_pread64, one, bytes, SECTOR, end), 0);
		EXPECT_RET(t, kcall(SYS_pread64, one, bytes, SECTOR, end + 4096), 0);
		EXPECT_RET(t, kcall(SYS_pread64, one, bytes, PAGE, end - 512), 512);
		EXPECT_RET(t, kcall(SYS_pwrite64, one, bytes, PAGE, end - 512), 512);
		EXPECT_RET(t, kcall(SYS_pwrite64, one, bytes, SECTOR, end), -ENOSPC);
	}
	EXPECT_RET(t, kcall(SYS_lseek, fd, end + 1, SEEK_SET), -EINVAL);
	EXPECT_RET(t, kcall(SYS_lseek, fd, end, SEEK_SET), end);
	EXPECT_RET(t, kcall(SYS_lseek, fd, -1, SEEK_SET), -EINVAL);
	EXPECT_RET(t, kcall(SYS_ftruncate, fd, 0), -EINVAL);
}

static void mapping_shows_and_changes_the_disk(struct test *t)
{
	unsigned char *in = (unsigned char *)map_anon(t, PAGE, PROT_READ | PROT_WRITE);
	unsigned char *shared, *private;
	int fd, direct;

	SKIP_WITHOUT_DISK(t);
	fd = open_disk(t, O_RDWR);
	direct = open_disk(t, O_RDONLY | O_DIRECT);
	shared = mmap(NULL, 4 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 4 * MIB);
	private = mmap(NULL, 4 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 4 * MIB);
	REQUIRE(t, shared != MAP_FAILED && private != MAP_FAILED);
	fill(shared, 4 * PAGE, 9);
	private[PAGE] ^= 0xff;
	EXPECT_EQ(t, msync(shared, 4 * PAGE, MS_SYNC), 0);
	for (unsigned int i = 0; i < 4; i++) {
		EXPECT_EQ(t, pread(direct, in, PAGE, (off_t)(4 * MIB + i * PAGE)), (ssize_t)PAGE);
		EXPECT_TRUE(t, !memcmp(in, shared + i * PAGE, PAGE));
	}
	/* Again, after it was clean. */
	shared[2 * PAGE + 5] ^= 0xff;
	EXPECT_EQ(t, fsync(fd), 0);
	EXPECT_EQ(t, pread(direct, in, PAGE, 4 * MIB + 2 * PAGE), (ssize_t)PAGE);
	EXPECT_EQ(t, in[5], shared[2 * PAGE + 5]);
	close(fd);
	shared[0] = 0x5a;
	munmap(shared, 4 * PAGE);
	munmap(private, 4 * PAGE);
	EXPECT_EQ(t, pread(direct, in, PAGE, 4 * MIB), (ssize_t)PAGE);
	EXPECT_EQ(t, in[0], 0x5a);
}

/* --- many at once */

struct worker {
	struct test *t;
	unsigned int number;
};

/* A third each by the cache, directly, and by reading; whole sectors, so that all may be direct. */
static void work(void *arg)
{
	struct worker *worker = arg;
	struct test *t = worker->t;
	unsigned char *model = (unsigned char *)map_anon(t, WORKER_BYTES, PROT_READ | PROT_WRITE);
	unsigned char *in = (unsigned char *)map_anon(t, 64 * SECTOR, PROT_READ | PROT_WRITE);
	off_t base = (off_t)(worker->number * WORKER_BYTES);
	int fds[2] = { open_disk(t, O_RDWR), open_disk(t, O_RDWR | O_DIRECT) };
	unsigned int state = worker->number + 1;

	fill(model, WORKER_BYTES, worker->number);
	REQUIRE(t, pwrite(fds[0], model, WORKER_BYTES, base) == (ssize_t)WORKER_BYTES);
	for (unsigned int round = 0; round < 300; round++) {
		size_t len = (1 + next_random(&state) % 64) * SECTOR;
		size_t at = next_random(&state) % (WORKER_BYTES / SECTOR - 64) * SECTOR;
		int fd = fds[next_random(&state) % 2];

		if (next_random(&state) % 2) {
			fill(model + at, len, round);
			REQUIRE(t, pwrite(fd, model + at, len, base + (off_t)at) == (ssize_t)len);
		} else {
			REQUIRE(t, pread(fd, in, len, base + (off_t)at) == (ssize_t)len);
			REQUIRE(t, !memcmp(in, model + at, len));
		}
		if (round % 100 == 50)
			REQUIRE(t, !fsync(fd));
	}
	for (size_t at = 0; at < WORKER_BYTES; at += 64 * SECTOR) {
		REQUIRE(t,
			pread(fds[1], in, 64 * SECTOR, base + (off_t)at) == 64 * (ssize_t)SECTOR);
		REQUIRE(t, !memcmp(in, model + at, 64 * SECTOR));
	}
	_exit(STATUS_PASSED);
}

static void processes_find_their_own_data(struct test *t)
{
	struct worker workers[NR_WORKERS];
	pid_t children[NR_WORKERS];

	SKIP_WITHOUT_DISK(t);
	for (unsigned int i = 0; i < NR_WORKERS; i++) {
		workers[i] = (struct worker){ .t = t, .number = i };
		children[i] = start_child(t, work, &workers[i]);
	}
	for (unsigned int i = 0; i < NR_WORKERS; i++)
		EXPECT_EXIT(t, wait_for(t, children[i]), STATUS_PASSED);
}

/* One program writes a sector directly, again and again, until it is killed... */
static void write_directly(void *arg)
{
	static unsigned char sector[SECTOR] __attribute__((aligned(SECTOR)));
	int fd = open_disk(arg, O_RDWR | O_DIRECT);

	for (unsigned char value = 0;; value++) {
		memset(sector, value, SECTOR);
		if (pwrite(fd, sector, SECTOR, SECTOR) != SECTOR)
			exit(1);
	}
}

/* ... and the sector before it, in the same page of the cache, stays as its owner wrote it. */
static void neighbours_in_a_page_lose_nothing(struct test *t)
{
	unsigned char sector[SECTOR], got[SECTOR];
	pid_t child;
	int fd;

	SKIP_WITHOUT_DISK(t);
	fd = open_disk(t, O_RDWR);
	child = start_child(t, write_directly, t);
	for (unsigned int i = 0; i < 2000; i++) {
		fill(sector, SECTOR, i);
		REQUIRE(t, pwrite(fd, sector, SECTOR, 0) == SECTOR);
		REQUIRE(t, pread(fd, got, SECTOR, 0) == SECTOR);
		REQUIRE(t, !memcmp(sector, got, SECTOR));
	}
	kill(child, SIGKILL);
	wait_for(t, child);
	close(fd);
}

/* --- partitions */

static void change_and_store(void *arg)
{
	unsigned char bytes[SECTOR];
	int fd = open_disk(arg, O_RDWR);

	for (unsigned int round = 0;; round++) {
		memset(bytes, (int)round, sizeof(bytes));
		if (pwrite(fd, bytes, SECTOR, PLACE + SECTOR) != (long)SECTOR || fsync(fd))
			_exit(STATUS_FAILED);
	}
}

/* A page is stored all the time, with a sector that is written past the cache meanwhile. */
static void stored_pages_undo_no_direct_write_races(struct test *t)
{
	unsigned char *bytes, *got;
	unsigned int nr_lost = 0;
	pid_t child;
	int fd;

	SKIP_WITHOUT_DISK(t);
	fd = open_disk(t, O_RDWR | O_DIRECT);
	bytes = (unsigned char *)map_anon(t, 2 * PAGE, PROT_READ | PROT_WRITE);
	got = bytes + PAGE;
	child = start_child(t, change_and_store, t);
	for (unsigned int round = 0; round < 1000; round++) {
		memset(bytes, (int)round, SECTOR);
		REQUIRE(t, pwrite(fd, bytes, SECTOR, PLACE) == (long)SECTOR);
		REQUIRE(t, pread(fd, got, SECTOR, PLACE) == (long)SECTOR);
		nr_lost += memcmp(got, bytes, SECTOR) != 0;
	}
	EXPECT_EQ(t, nr_lost, 0U);
	kill(child, SIGKILL);
	wait_for(t, child);
	close(fd);
}

static void put_entry(unsigned char *sector, unsigned int i, uint32_t first, uint32_t nr)
{
	unsigned char *at = sector + 446 + i * 16;

	memset(at, 0, 16);
	if (!nr)
		return;
	at[4] = 0x83;
	memcpy(at + 8, &first, 4);
	memcpy(at + 12, &nr, 4);
}

static void write_table(struct test *t, int fd, uint32_t nr_first, uint32_t nr_third)
{
	unsigned char sector[SECTOR] = { 0 };

	put_entry(sector, 0, 2048, nr_first);
	put_entry(sector, 2, 5000, nr_third);
	sector[510] = 0x55;
	sector[511] = 0xaa;
	EXPECT_EQ(t, pwrite(fd, sector, SECTOR, 0), (ssize_t)SECTOR);
}

static void partitions_follow_the_table(struct test *t)
{
	unsigned char byte = 0;
	int fd, part;

	SKIP_WITHOUT_DISK(t);
	fd = open_disk(t, O_RDWR);
	write_table(t, fd, 2000, 1001);
	REQUIRE(t, kcall(SYS_ioctl, fd, BLKRRPART, 0) == 0);
	part = open(node(t, 3), O_RDWR);
	REQUIRE(t, part >= 0);
	EXPECT_EQ(t, disk_bytes(t, part), 1001 * SECTOR);
	EXPECT_EQ(t, pwrite(part, "x", 1, 1000 * SECTOR + 511), 1);
	EXPECT_RET(t, kcall(SYS_pwrite64, part, "x", 1, 1001 * SECTOR), -ENOSPC);
	EXPECT_EQ(t, fsync(part), 0);
	EXPECT_EQ(t, pread(fd, &byte, 1, (5000 + 1001) * SECTOR - 1), 1);
	EXPECT_EQ(t, byte, 'x');
	/* Nothing moves under who has it open. */
	write_table(t, fd, 2000, 500);
	EXPECT_RET(t, kcall(SYS_ioctl, fd, BLKRRPART, 0), -EBUSY);
	EXPECT_EQ(t, disk_bytes(t, part), 1001 * SECTOR);
	EXPECT_RET(t, kcall(SYS_ioctl, part, BLKRRPART, 0), -EINVAL);
	close(part);
	EXPECT_RET(t, kcall(SYS_ioctl, fd, BLKRRPART, 0), 0);
	part = open(node(t, 3), O_RDONLY);
	REQUIRE(t, part >= 0);
	EXPECT_EQ(t, disk_bytes(t, part), 500 * SECTOR);
	close(part);
	write_table(t, fd, 0, 0);
	EXPECT_RET(t, kcall(SYS_ioctl, fd, BLKRRPART, 0), 0);
	EXPECT_RET(t, kcall(SYS_open, node(t, 3), O_RDONLY), -ENXIO);
	EXPECT_RET(t, kcall(SYS_open, node(t, 1), O_RDONLY), -ENXIO);
}

static void one_may_have_it_exclusively(struct test *t)
{
	int fd, part;

	SKIP_WITHOUT_DISK(t);
	fd = open_disk(t, O_RDWR);
	write_table(t, fd, 2000, 1001);
	REQUIRE(t, kcall(SYS_ioctl, fd, BLKRRPART, 0) == 0);
	part = open(node(t, 1), O_RDONLY | O_EXCL);
	REQUIRE(t, part >= 0);
	EXPECT_RET(t, kcall(SYS_open, node(t, 1), O_RDONLY | O_EXCL), -EBUSY);
	EXPECT_RET(t, kcall(SYS_open, node(t, 0), O_RDONLY | O_EXCL), -EBUSY);
	EXPECT_EQ(t, close(open(node(t, 1), O_RDONLY)), 0);
	EXPECT_EQ(t, close(open(node(t, 3), O_RDONLY | O_EXCL)), 0);
	close(part);
	close(fd);
	fd = open_disk(t, O_RDWR | O_EXCL);
	EXPECT_RET(t, kcall(SYS_open, node(t, 1), O_RDONLY | O_EXCL), -EBUSY);
	EXPECT_EQ(t, close(open(node(t, 1), O_RDONLY)), 0);
	write_table(t, fd, 0, 0);
	EXPECT_RET(t, kcall(SYS_ioctl, fd, BLKRRPART, 0), 0);
}

static void privileges_are_needed(struct test *t)
{
	int fd;

	SKIP_WITHOUT_DISK(t);
	fd = open_disk(t, O_RDONLY);
	become_nobody(t);
	EXPECT_RET(t, kcall(SYS_ioctl, fd, BLKFLSBUF, 0), -EACCES);
	EXPECT_RET(t, kcall(SYS_ioctl, fd, BLKRRPART, 0), -EACCES);
}

/* --- the second disk */

static void disk_larger_than_memory_is_written_and_read(struct test *t)
{
	static unsigned char chunk[64 * 1024], in[64 * 1024];
	int fd = try_open(t, 16, O_RDWR);
	uint64_t bytes;

	SKIP_IF(t, fd < 0, "no second disk");
	bytes = disk_bytes(t, fd);
	SKIP_IF(t, bytes == BAD_BYTES || bytes == BAD_WRITE_BYTES, "it has a bad sector");
	for (uint64_t at = 0; at < bytes; at += sizeof(chunk)) {
		fill(chunk, sizeof(chunk), (unsigned int)(at >> 16));
		REQUIRE(t, pwrite(fd, chunk, sizeof(chunk), (off_t)at) == (ssize_t)sizeof(chunk));
	}
	EXPECT_EQ(t, fsync(fd), 0);
	for (uint64_t at = 0; at < bytes; at += sizeof(chunk)) {
		fill(chunk, sizeof(chunk), (unsigned int)(at >> 16));
		REQUIRE(t, pread(fd, in, sizeof(in), (off_t)at) == (ssize_t)sizeof(in));
		REQUIRE(t, !memcmp(chunk, in, sizeof(in)));
	}
}

static void bad_sector_is_an_error_for_who_asks(struct test *t)
{
	unsigned char *in = (unsigned char *)map_anon(t, 64 * PAGE, PROT_READ | PROT_WRITE);
	off_t bad = (off_t)(BAD_SECTOR * SECTOR), page = bad & ~(off_t)(PAGE - 1);
	int fd = try_open(t, 16, O_RDWR), direct;

	SKIP_IF(t, fd < 0, "no second disk");
	SKIP_IF(t, disk_bytes(t, fd) != BAD_BYTES, "it has no bad sector");
	direct = open(node(t, 16), O_RDONLY | O_DIRECT);
	REQUIRE(t, direct >= 0);
	EXPECT_RET(t, kcall(SYS_pread64, fd, in, 10, bad), -EIO);
	EXPECT_RET(t, kcall(SYS_pread64, fd, in, 10, bad), -EIO);
	EXPECT_RET(t, kcall(SYS_pread64, fd, in, PAGE, page + PAGE), PAGE);
	/* What comes before is read, as from a file that ends there. */
	EXPECT_RET(t, kcall(SYS_pread64, fd, in, 64 * PAGE, page - 3 * PAGE), 3 * PAGE);
	EXPECT_RET(t, kcall(SYS_pread64, direct, in, SECTOR, bad), -EIO);
	EXPECT_RET(t, kcall(SYS_pread64, direct, in, SECTOR, bad + SECTOR), SECTOR);
	/* A page that is written whole need not be read before. */
	EXPECT_RET(t, kcall(SYS_pwrite64, fd, in, 10, bad), -EIO);
	EXPECT_RET(t, kcall(SYS_pwrite64, fd, in, PAGE, page), PAGE);
	EXPECT_RET(t, kcall(SYS_pread64, fd, in, 10, bad), 10);
}

static void bad_sector_is_sigbus_for_a_mapping(struct test *t)
{
	off_t page = (off_t)(BAD_SECTOR * SECTOR) & ~(off_t)(PAGE - 1);
	int fd = try_open(t, 16, O_RDWR);
	unsigned char *mapped;

	SKIP_IF(t, fd < 0, "no second disk");
	SKIP_IF(t, disk_bytes(t, fd) != BAD_BYTES, "it has no bad sector");
	mapped = mmap(NULL, 2 * PAGE, PROT_READ, MAP_SHARED, fd, page);
	REQUIRE(t, mapped != MAP_FAILED);
	EXPECT_EQ(t, probe_read(mapped), SIGBUS);
	EXPECT_EQ(t, probe_read(mapped + PAGE), 0);
}

static void sector_that_cannot_be_written_is_told_by_fsync(struct test *t)
{
	unsigned char *bytes = (unsigned char *)map_anon(t, 8 * PAGE, PROT_READ | PROT_WRITE);
	off_t page = (off_t)(BAD_SECTOR * SECTOR) & ~(off_t)(PAGE - 1);
	int fd = try_open(t, 16, O_RDWR), direct;

	SKIP_IF(t, fd < 0, "no second disk");
	SKIP_IF(t, disk_bytes(t, fd) != BAD_WRITE_BYTES, "it can be written everywhere");
	direct = open(node(t, 16), O_RDWR | O_DIRECT);
	REQUIRE(t, direct >= 0);
	EXPECT_RET(t, kcall(SYS_pwrite64, direct, bytes, SECTOR, BAD_SECTOR * SECTOR), -EIO);
	EXPECT_RET(t, kcall(SYS_pwrite64, direct, bytes, SECTOR, BAD_SECTOR * SECTOR + SECTOR),
		   SECTOR);
	fill(bytes, 8 * PAGE, 3);
	EXPECT_RET(t, kcall(SYS_pwrite64, fd, bytes, 8 * PAGE, page - 4 * PAGE), 8 * PAGE);
	EXPECT_RET(t, kcall(SYS_fsync, fd), -EIO);
	/* Elsewhere the disk works. */
	EXPECT_RET(t, kcall(SYS_pwrite64, fd, bytes, PAGE, page + 20 * PAGE), PAGE);
	EXPECT_RET(t, kcall(SYS_pread64, direct, bytes, PAGE, page + 20 * PAGE), PAGE);
}

/* --- errors by FAIL_IO: fail_io=3 on the command line */

static unsigned int count_failures(struct test *t, int fd, unsigned char *bytes, unsigned int nr)
{
	unsigned int nr_failed = 0;

	for (unsigned int i = 0; i < nr; i++) {
		long ret = kcall(SYS_pread64, fd, bytes, SECTOR, i * SECTOR);

		if (ret == -EIO)
			nr_failed++;
		else
			EXPECT_RET(t, ret, SECTOR);
	}
	return nr_failed;
}

static void injected_errors_hit_who_asked(struct test *t)
{
	unsigned char *bytes = (unsigned char *)map_anon(t, 16 * PAGE, PROT_READ | PROT_WRITE);
	static unsigned char wanted[16 * PAGE];
	unsigned int nr_failed;
	int fd, cached;

	SKIP_WITHOUT_DISK(t);
	fd = open_disk(t, O_RDWR | O_DIRECT);
	cached = open_disk(t, O_RDWR);
	prctl(PR_SET_NAME, "fail_io");
	nr_failed = count_failures(t, fd, bytes, 30);
	SKIP_IF(t, !nr_failed, "no fail_io=3 on the command line");
	EXPECT_EQ(t, nr_failed, 10);
	/* What could not be stored stays, until it can. */
	fill(bytes, 16 * PAGE, 200);
	EXPECT_EQ(t, pwrite(cached, bytes, 16 * PAGE, 8 * MIB), (ssize_t)(16 * PAGE));
	EXPECT_RET(t, kcall(SYS_fsync, cached), -EIO);
	for (unsigned int i = 0; i < 50 && fsync(cached); i++)
		EXPECT_EQ(t, errno, EIO);
	prctl(PR_SET_NAME, "calm");
	EXPECT_EQ(t, fsync(cached), 0);
	EXPECT_EQ(t, count_failures(t, fd, bytes, 30), 0);
	EXPECT_EQ(t, pread(fd, bytes, 16 * PAGE, 8 * MIB), (ssize_t)(16 * PAGE));
	fill(wanted, 16 * PAGE, 200);
	EXPECT_TRUE(t, !memcmp(wanted, bytes, 16 * PAGE));
}

static const struct test_case disk_cases[] = {
	TEST_CASE(sizes_are_told),
	TEST_CASE(written_bytes_are_read_back),
	TEST_CASE(what_goes_to_disks_is_accounted),
	TEST_CASE(data_outlives_closing),
	TEST_CASE(cached_and_direct_agree),
	TEST_CASE(synchronous_writes_are_on_the_disk),
	TEST_CASE(direct_needs_whole_sectors),
	TEST_CASE(end_of_the_disk_is_the_end),
	TEST_CASE(mapping_shows_and_changes_the_disk),
	TEST_CASE(processes_find_their_own_data),
	TEST_CASE(neighbours_in_a_page_lose_nothing),
	TEST_CASE(stored_pages_undo_no_direct_write_races),
	TEST_CASE(partitions_follow_the_table),
	TEST_CASE(one_may_have_it_exclusively),
	TEST_CASE(privileges_are_needed),
	TEST_CASE(disk_larger_than_memory_is_written_and_read),
	TEST_CASE(bad_sector_is_an_error_for_who_asks),
	TEST_CASE(bad_sector_is_sigbus_for_a_mapping),
	TEST_CASE(sector_that_cannot_be_written_is_told_by_fsync),
	TEST_CASE(injected_errors_hit_who_asked),
};
TEST_SUITE(disk, disk_cases);
SELFTEST_NO_HELPER
