/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Memory that goes to a disk and comes back, in a machine that has little.  Skipped where the
 * kernel has no swap or the machine no disk for it; a disk of the host is never touched: only a
 * child of process 1 does this, and only to a disk that begins with the words of compare.py.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/swap.h>
#include <sys/sysinfo.h>
#include <unistd.h>

#include "bench.h"

#define DISK_PAGES 65536U /* 256 MiB, as compare.py makes it */
#define MAGIC	   "SWAPSPACE2"
#define DISK_WORDS "swap of the benchmark"

/* What mkswap writes into the first page: Linux's union swap_header. */
struct swap_header {
	char boot[1024];
	uint32_t version, last_page, nr_badpages;
	char rest[PAGE - 1024 - 3 * sizeof(uint32_t) - 10];
	char magic[10];
} __attribute__((packed));

static const char *const disks[] = { "/dev/sda", "/dev/nvme0n1" };

static bool make_swap(const char *disk)
{
	static struct swap_header header;
	int fd = open(disk, O_RDWR | O_CLOEXEC);
	bool done = fd >= 0 && pread(fd, &header, sizeof(header), 0) == (ssize_t)sizeof(header) &&
		    !memcmp(header.boot, DISK_WORDS, sizeof(DISK_WORDS) - 1);

	if (done && memcmp(header.magic, MAGIC, sizeof(header.magic))) {
		header.version = 1;
		header.last_page = DISK_PAGES - 1;
		memcpy(header.magic, MAGIC, sizeof(header.magic));
		done = pwrite(fd, &header, sizeof(header), 0) == (ssize_t)sizeof(header) &&
		       !fsync(fd);
	}
	if (fd >= 0)
		close(fd);
	return done;
}

static void find_swap(void)
{
	if (access("/proc/swaps", F_OK))
		unsupported("/proc/swaps");
	for (size_t i = 0; i < sizeof(disks) / sizeof(disks[0]); i++) {
		if (make_swap(disks[i])) {
			if (swapon(disks[i], 0) && errno != EBUSY) /* by the metric before */
				unsupported("swapon");
			return;
		}
	}
	errno = 0;
	unsupported("disk for swap");
}

/*
 * Half as much again as the machine has, each page written to: whatever is touched in turn from
 * then on comes from the disk.  Stays until the process ends.
 */
static char *too_much(unsigned long *nr_pages)
{
	struct sysinfo info = { 0 };
	char *memory;

	if (getppid() != 1)
		unsupported("a machine of its own");
	sysinfo(&info);
	find_swap();
	*nr_pages = info.totalram * info.mem_unit / PAGE * 3 / 2;
	memory = mmap(NULL, *nr_pages * PAGE, PROT_READ | PROT_WRITE,
		      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (memory == MAP_FAILED)
		unsupported("mmap");
	madvise(memory, *nr_pages * PAGE, MADV_NOHUGEPAGE);
	for (unsigned long i = 0; i < *nr_pages; i++)
		*(volatile unsigned long *)(memory + i * PAGE) = i;
	return memory;
}

enum access { READ, WRITE };

static void touch_in_turn(unsigned long count, enum access access)
{
	static char *memory;
	static unsigned long nr_pages, at;

	pause_clock();
	if (!memory)
		memory = too_much(&nr_pages);
	resume_clock();
	for (unsigned long i = 0; i < count; i++, at = at + 1 == nr_pages ? 0 : at + 1) {
		volatile unsigned long *word = (void *)(memory + at * PAGE);

		if (*word != at) {
			errno = EIO;
			unsupported("what came back");
		}
		if (access == WRITE)
			*word = at;
	}
}

static void swap_in(unsigned long count)
{
	touch_in_turn(count, READ);
}

static void swap_in_out(unsigned long count)
{
	touch_in_turn(count, WRITE);
}

const struct metric swap_metrics[] = {
	{ "swap_in", swap_in, "a page read of more memory than there is" },
	{ "swap_in_out", swap_in_out, "a page read and written of more memory than there is" },
	{ 0 },
};
