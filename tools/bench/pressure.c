/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What memory under pressure costs, on a machine of its own with a disk to swap to.  As process 1
 * it loads the modules of /modules (the kernel's drivers, if it has them so), makes /dev/sda a swap
 * device and prints a line for each figure, its name and value with a tab between.
 *
 *	touch_twice_s	seconds to write to each page of twice the available memory, twice
 *	out_mib_s	what went to the disk during the first of these passes
 *	in_mib_s	and came back from it during a third that only reads
 *	late_*_us	how late a sleeper of 5 ms is beside one who writes to 1.5 times the
 *			available memory in random order
 *	fault_*_ns	the first touch of a page while 90 % of the available memory is used
 *
 * Available is what /proc/meminfo calls so before the first of them: kernels differ in what they
 * need for themselves.  Each runs in a child, which begins with nothing.  Small pages only.
 */
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <sys/swap.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "alone.h"

#define PAGE	    4096UL
#define MIB	    (1UL << 20)
#define DISK	    "/dev/sda"
#define MAX_MODULES 32
#define SLEEP_NS    5000000L
#define MAX_SLEEPS  4096
#define MAX_FAULTS  65536
#define SECONDS	    10

static unsigned long available; /* bytes */

/* The number behind a name at the beginning of a line. */
static unsigned long counter(const char *path, const char *name)
{
	FILE *file = fopen(path, "r");
	unsigned long value = 0;
	char line[128];

	if (!file)
		fail(path);
	while (fgets(line, sizeof(line), file))
		if (!strncmp(line, name, strlen(name)))
			value = strtoul(line + strlen(name), NULL, 10);
	fclose(file);
	return value;
}

static void *map(unsigned long size)
{
	char *memory = mmap(NULL, size, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (memory == MAP_FAILED)
		fail("mmap");
	madvise(memory, size, MADV_NOHUGEPAGE);
	return memory;
}

static void tell(const char *name, double value)
{
	printf("%s\t%.1f\n", name, value);
	fflush(stdout);
}

static int compare(const void *a, const void *b)
{
	long long x = *(const long long *)a, y = *(const long long *)b;

	return (x > y) - (x < y);
}

static void tell_spread(const char *name, const char *unit, long long *values, unsigned int nr,
			double scale)
{
	char text[64];
	double sum = 0;

	qsort(values, nr, sizeof(values[0]), compare);
	for (unsigned int i = 0; i < nr; i++)
		sum += (double)values[i];
	snprintf(text, sizeof(text), "%s_mean_%s", name, unit);
	tell(text, sum / nr / scale);
	snprintf(text, sizeof(text), "%s_p99_%s", name, unit);
	tell(text, (double)values[nr * 99UL / 100] / scale);
	snprintf(text, sizeof(text), "%s_worst_%s", name, unit);
	tell(text, (double)values[nr - 1] / scale);
}

/* --- passes over too much --- */

static void touch_twice(void)
{
	unsigned long nr = 2 * available / PAGE, before, wrong = 0;
	long long start = now_ns(), middle, end;
	volatile unsigned long *words = map(nr * PAGE);

	before = counter("/proc/vmstat", "pswpout ");
	for (unsigned long i = 0; i < nr; i++)
		words[i * 512] = i;
	middle = now_ns();
	tell("out_mib_s", (double)(counter("/proc/vmstat", "pswpout ") - before) * PAGE / MIB /
				  ((double)(middle - start) / 1e9));
	middle = now_ns() - middle; /* not counted */
	for (unsigned long i = 0; i < nr; i++)
		words[i * 512 + 1] = i;
	end = now_ns();
	tell("touch_twice_s", (double)(end - start - middle) / 1e9);
	before = counter("/proc/vmstat", "pswpin ");
	start = now_ns();
	for (unsigned long i = 0; i < nr; i++)
		wrong += words[i * 512] != i || words[i * 512 + 1] != i;
	end = now_ns();
	tell("in_mib_s", (double)(counter("/proc/vmstat", "pswpin ") - before) * PAGE / MIB /
				 ((double)(end - start) / 1e9));
	tell("wrong_pages", (double)wrong);
}

/* --- a sleeper --- */

static void thrash(void)
{
	unsigned long nr = available / PAGE * 3 / 2;
	volatile unsigned long *words = map(nr * PAGE);
	uint64_t seed = 1;

	for (unsigned long i = 0; i < nr; i++)
		words[i * 512] = i;
	for (;;) {
		seed = seed * 6364136223846793005UL + 1442695040888963407UL;
		words[(seed >> 33) % nr * 512]++;
	}
}

static void sleep_beside(void)
{
	static long long late[MAX_SLEEPS];
	struct timespec pause = { .tv_nsec = SLEEP_NS };
	long long end = now_ns() + SECONDS * 1000000000LL;
	unsigned int nr = 0;
	pid_t child = fork();

	if (child < 0)
		fail("fork");
	if (!child)
		thrash();
	while (now_ns() < end && nr < MAX_SLEEPS) {
		long long before = now_ns();

		nanosleep(&pause, NULL);
		late[nr++] = now_ns() - before - SLEEP_NS;
	}
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
	tell_spread("late", "us", late, nr, 1000);
}

/* --- faults --- */

static void fault_in_little(void)
{
	static long long took[MAX_FAULTS];
	unsigned long nr_used = available / 10 * 9 / PAGE, nr_more = available / 20 / PAGE;
	volatile char *memory = map(nr_used * PAGE);
	unsigned int nr = 0;

	for (unsigned long i = 0; i < nr_used; i++)
		memory[i * PAGE] = 1;
	while (nr < MAX_FAULTS) {
		volatile char *more = map(nr_more * PAGE);

		for (unsigned long i = 0; i < nr_more && nr < MAX_FAULTS; i++) {
			long long before = now_ns();

			more[i * PAGE] = 1;
			took[nr++] = now_ns() - before;
		}
		munmap((void *)more, nr_more * PAGE);
	}
	tell_spread("fault", "ns", took, nr, 1);
}

/* --- the machine --- */

static void load_modules(void)
{
	for (int i = 0; i < MAX_MODULES; i++) {
		char path[32];
		int fd;

		snprintf(path, sizeof(path), "/modules/%02d.ko", i);
		fd = open(path, O_RDONLY);
		if (fd < 0)
			return;
		if (syscall(SYS_finit_module, fd, "", 0))
			perror(path);
		close(fd);
	}
}

static void swap_on(void)
{
	static uint32_t header[PAGE / sizeof(uint32_t)];
	struct timespec nap = { .tv_nsec = 20000000 };
	int fd = -1;
	off_t size;

	for (int i = 0; i < 500 && (fd = open(DISK, O_RDWR)) < 0; i++)
		nanosleep(&nap, NULL);
	size = lseek(fd, 0, SEEK_END);
	if (size < (off_t)MIB)
		fail(DISK);
	header[256] = 1; /* version */
	header[257] = (uint32_t)((unsigned long)size / PAGE) - 1;
	memcpy((char *)header + PAGE - 10, "SWAPSPACE2", 10);
	if (pwrite(fd, header, sizeof(header), 0) != (ssize_t)sizeof(header) || fsync(fd))
		fail(DISK);
	close(fd);
	if (swapon(DISK, 0))
		fail("swapon");
}

static void run(void (*part)(void))
{
	int status = 0;
	pid_t child = fork();

	if (!child) {
		part();
		_exit(0);
	}
	if (child < 0 || waitpid(child, &status, 0) != child || status)
		printf("ended with wait status %#x\n", status);
}

int main(void)
{
	if (getpid() != 1) {
		fprintf(stderr, "pressure: on a machine of its own, as process 1\n");
		return 2;
	}
	mount("dev", "/dev", "devtmpfs", 0, NULL);
	mount("proc", "/proc", "proc", 0, NULL);
	load_modules();
	swap_on();
	available = counter("/proc/meminfo", "MemAvailable:") * 1024;
	tell("available_mib", (double)available / MIB);
	run(touch_twice);
	run(sleep_beside);
	run(fault_in_little);
	printf("done\n");
	fflush(stdout);
	reboot(RB_POWER_OFF);
	return 1;
}
