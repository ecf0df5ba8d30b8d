/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Copy on write.  After fork both processes see the same pages, read-only.  The first write to one
 * faults, and the kernel gives the writer a copy: the child writes to half of the pages and counts
 * its faults; the parent then finds its own values unchanged.  A kernel that copies at fork shows
 * no faults here and a slower fork.
 */
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#define NR_PAGES  256
#define PAGE_SIZE 4096

static long nr_faults(void)
{
	struct rusage usage;

	return getrusage(RUSAGE_SELF, &usage) ? -1 : usage.ru_minflt;
}

static int count_wrong(const char *pages, char value)
{
	int wrong = 0;

	for (int i = 0; i < NR_PAGES; i++)
		wrong += pages[i * PAGE_SIZE] != value;
	return wrong;
}

static int child_writes(char *pages)
{
	int wrong = count_wrong(pages, 'p');
	long before = nr_faults(), faults;

	for (int i = 0; i < NR_PAGES / 2; i++)
		pages[i * PAGE_SIZE] = 'c';
	faults = nr_faults() - before;
	dprintf(1, "cowdemo: child wrote to %d of %d pages: %ld faults\n", NR_PAGES / 2, NR_PAGES,
		faults);
	return wrong ? 1 : 0;
}

int main(void)
{
	int status = -1, wrong;
	pid_t child;
	char *pages = mmap(NULL, NR_PAGES * PAGE_SIZE, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (pages == MAP_FAILED) {
		perror("cowdemo: mmap");
		return 1;
	}
	memset(pages, 'p', NR_PAGES * PAGE_SIZE);
	child = fork();
	if (!child)
		_exit(child_writes(pages));
	wait(&status);
	wrong = count_wrong(pages, 'p');
	dprintf(1, "cowdemo: %d pages of the parent have changed\n", wrong);
	return child > 0 && !status && !wrong ? 0 : 1;
}
