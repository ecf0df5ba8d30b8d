/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Takes memory, holds it, gives it back.
 *
 *	memhog [-s SECONDS] [-l] [-f] [MIB]
 *
 *	-s	holds it so long (0)
 *	-l	locks it
 *	-f	gives it back by MADV_FREE, so that the kernel takes it when it needs some
 *
 * The kernel promises memory at once, has it only when it is touched, and is told after each step
 * how much of it is free.  A promise that it cannot keep it refuses (vm.overcommit_memory).
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/sysinfo.h>
#include <unistd.h>

#define MIB (1UL << 20)

static long free_mib(void)
{
	struct sysinfo info;

	return sysinfo(&info) ? -1 : (long)(info.freeram * info.mem_unit / MIB);
}

static void tell(const char *what, unsigned long mib)
{
	dprintf(1, "memhog: %lu MiB %-10s %6ld MiB are free\n", mib, what, free_mib());
}

static int hog(unsigned long mib, unsigned int seconds, int is_locked, int advice)
{
	char *memory =
		mmap(NULL, mib * MIB, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (memory == MAP_FAILED) {
		perror("memhog: mmap");
		return 1;
	}
	tell("promised", mib);
	memset(memory, 1, mib * MIB);
	tell("touched", mib);
	if (is_locked && mlock(memory, mib * MIB)) {
		perror("memhog: mlock");
		return 1;
	}
	sleep(seconds);
	if (is_locked)
		munlock(memory, mib * MIB);
	if (madvise(memory, mib * MIB, advice))
		perror("memhog: madvise");
	tell(advice == MADV_FREE ? "let go" : "given back", mib);
	/* What was let go may still be there; what was given back is not. */
	if (advice == MADV_DONTNEED && memory[mib * MIB - 1])
		return 1;
	memory[0] = 2;
	return memory[0] != 2 || munmap(memory, mib * MIB);
}

int main(int argc, char **argv)
{
	int option, is_locked = 0, advice = MADV_DONTNEED;
	unsigned int seconds = 0;
	unsigned long mib = 16;

	while ((option = getopt(argc, argv, "s:lf")) != -1) {
		if (option == 's')
			seconds = (unsigned int)atoi(optarg);
		else if (option == 'l')
			is_locked = 1;
		else if (option == 'f')
			advice = MADV_FREE;
		else
			return 2;
	}
	if (optind < argc)
		mib = strtoul(argv[optind], NULL, 0);
	return hog(mib, seconds, is_locked, advice);
}
