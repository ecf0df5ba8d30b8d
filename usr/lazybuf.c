/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Memory that is promised and memory that is there.  Maps gigabytes, more than most machines have,
 * and touches one page in each few megabytes.  Only touched pages cost memory: the faults are
 * counted, one for each, and the largest resident size grows by no more.  A kernel without demand
 * paging maps at once and must refuse.
 */
#include <stdio.h>
#include <sys/mman.h>
#include <sys/resource.h>

#define PROMISED (8UL << 30)
#define STRIDE	 (8UL << 20)
#define TOUCHED	 (PROMISED / STRIDE)

static struct rusage usage(void)
{
	struct rusage now = { 0 };

	getrusage(RUSAGE_SELF, &now);
	return now;
}

int main(void)
{
	struct rusage before, after;
	unsigned long sum = 0;
	char *buf = mmap(NULL, PROMISED, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (buf == MAP_FAILED) {
		perror("lazybuf: the kernel does not promise what it may not have");
		return 0;
	}
	madvise(buf, PROMISED, MADV_NOHUGEPAGE); /* a huge page would be there whole */
	before = usage();
	for (unsigned long i = 0; i < TOUCHED; i++)
		buf[i * STRIDE] = 1;
	after = usage();
	for (unsigned long i = 0; i < TOUCHED; i++)
		sum += buf[i * STRIDE] + buf[i * STRIDE + 4096 - 1];
	dprintf(1, "lazybuf: %lu MiB promised, %lu pages touched\n", PROMISED >> 20, TOUCHED);
	dprintf(1, "lazybuf: %ld faults, resident size grew by at most %ld KiB\n",
		after.ru_minflt - before.ru_minflt, after.ru_maxrss - before.ru_maxrss);
	munmap(buf, PROMISED);
	return sum == TOUCHED ? 0 : 1;
}
