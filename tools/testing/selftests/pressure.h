/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Memory that is short, for selftests on a machine of their own: disks to swap to, which are
 * overwritten, and children who press: they use more memory than is free, again and again.
 */
#ifndef SELFTEST_PRESSURE_H
#define SELFTEST_PRESSURE_H

#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/sysinfo.h>
#include <sys/sysmacros.h>

#include "selftest.h"

#define MIB	    (1024 * 1024UL)
#define SWAP_PREFER 0x8000 /* with a priority in the bits below */

#ifndef MADV_PAGEOUT /* newer than the C library */
#define MADV_COLD    20
#define MADV_PAGEOUT 21
#endif

static __maybe_unused unsigned long free_swap(void)
{
	struct sysinfo info;

	return sysinfo(&info) ? 0 : info.freeswap * info.mem_unit;
}

static __maybe_unused unsigned long total_swap(void)
{
	struct sysinfo info;

	return sysinfo(&info) ? 0 : info.totalswap * info.mem_unit;
}

/* More than is free, and less than what is free with the swap. 0: that is too little to see. */
static __maybe_unused size_t more_than_free(void)
{
	struct sysinfo info;
	size_t unit;

	if (sysinfo(&info))
		return 0;
	unit = info.mem_unit;
	if (info.freeswap < info.freeram / 2)
		return 0;
	return (info.freeram * unit + info.freeswap * unit / 2) & -PAGE;
}

/* A child: uses @size bytes, page after page, until it is killed or its parent ends. */
static __maybe_unused void press(void *size)
{
	size_t len = (size_t)size;
	unsigned char *memory = mmap(NULL, len, PROT_READ | PROT_WRITE,
				     MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (memory == MAP_FAILED)
		_exit(STATUS_FAILED);
	for (unsigned char round = 0;; round++) {
		for (size_t at = 0; at < len; at += PAGE) {
			if (round && memory[at + PAGE / 2] != (unsigned char)(round - 1))
				_exit(STATUS_FAILED);
			memory[at + PAGE / 2] = round;
		}
	}
}

/* --- disks: to be had on a machine of our own alone --- */

/* Disk 8:@minor as a node @name in @folder, or NULL if it has less than @size bytes. */
static __maybe_unused const char *disk_of_ours(const char *folder, const char *name,
					       unsigned int minor, uint64_t size)
{
	char path[PATH_MAX];
	uint64_t found = 0;
	int fd;

	if (!in_guest() || !is_root())
		return NULL;
	snprintf(path, sizeof(path), "%s/%s", folder, name);
	mknod(path, S_IFBLK | 0600, makedev(8, minor));
	fd = open(path, O_RDWR);
	if (fd < 0 || ioctl(fd, BLKGETSIZE64, &found))
		found = 0;
	close(fd);
	if (found >= size)
		return strdup(path);
	unlink(path);
	return NULL;
}

/* What mkswap writes. */
static __maybe_unused bool make_swap(const char *disk, uint64_t size)
{
	static uint32_t header[PAGE / 4];
	int fd = open(disk, O_RDWR);
	bool done;

	header[1024 / 4] = 1; /* version */
	header[1024 / 4 + 1] = (uint32_t)(size / PAGE - 1); /* the last page */
	memcpy((char *)header + PAGE - 10, "SWAPSPACE2", 10);
	done = fd >= 0 && pwrite(fd, header, sizeof(header), 0) == (ssize_t)sizeof(header);
	close(fd);
	return done;
}

#endif
