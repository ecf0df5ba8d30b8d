/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Areas of memory, as they split and merge.  A kernel keeps runs of pages that are mapped alike as
 * one area; a change of some of its pages cuts it, and what has become equal is joined again.  Each
 * line shows the pages of a window after a call, an area in brackets: w may be written, r read, x
 * has no right, and a dot is no page.
 *
 * What is where stands in /proc/self/maps.  Without /proc the kernel is asked: advice for a page
 * that is not mapped is ENOMEM, a call that would read a path from where it may not is EFAULT, and
 * so is mremap() across the edge of an area, but to grow beyond all memory is just ENOMEM.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#define PAGE	 4096UL
#define NR_PAGES 16
#define TOO_MUCH (1UL << 47)
#define RW	 (PROT_READ | PROT_WRITE)

static char *window;

/* What is known of each page: its letter, and whether an area begins with it. */
struct picture {
	char letter[NR_PAGES];
	char begins[NR_PAGES];
};

static void draw_area(struct picture *picture, unsigned long start, unsigned long end,
		      const char *rights)
{
	unsigned long first = (unsigned long)window;

	for (int i = 0; i < NR_PAGES; i++) {
		unsigned long addr = first + i * PAGE;

		if (addr < start || addr >= end)
			continue;
		picture->letter[i] = rights[1] == 'w' ? 'w' : rights[0] == 'r' ? 'r' : 'x';
		picture->begins[i] = addr == start || !i;
	}
}

/* Without the C library's buffers, which could come into the window. */
static int read_maps(struct picture *picture)
{
	static char text[65536];
	int fd = open("/proc/self/maps", O_RDONLY);
	unsigned long start, end;
	size_t len = 0;
	ssize_t got;
	char rights[8];

	if (fd < 0)
		return -1;
	while ((got = read(fd, text + len, sizeof(text) - 1 - len)) > 0)
		len += got;
	close(fd);
	text[len] = 0;
	for (char *line = text; *line; line = strchr(line, '\n') + 1)
		if (sscanf(line, "%lx-%lx %7s", &start, &end, rights) == 3)
			draw_area(picture, start, end, rights);
	return 0;
}

static void ask_kernel(struct picture *picture)
{
	for (int i = 0; i < NR_PAGES; i++) {
		char *page = window + i * PAGE;
		struct timespec *time = (struct timespec *)(page + PAGE / 2);

		if (madvise(page, PAGE, MADV_WILLNEED) && errno == ENOMEM)
			continue;
		if (!clock_getres(CLOCK_REALTIME, time))
			picture->letter[i] = 'w';
		else
			picture->letter[i] = access(page, F_OK) && errno == EFAULT ? 'x' : 'r';
		picture->begins[i] = !i || picture->letter[i - 1] == '.' ||
				     (mremap(page - PAGE, 2 * PAGE, TOO_MUCH, 0) == MAP_FAILED &&
				      errno == EFAULT);
	}
}

static int show(const char *call)
{
	struct picture picture = { { 0 }, { 0 } };
	int nr_areas = 0;

	memset(picture.letter, '.', sizeof(picture.letter));
	if (read_maps(&picture))
		ask_kernel(&picture);
	dprintf(1, "vmashow: %-34s ", call);
	for (int i = 0; i < NR_PAGES; i++) {
		int ends =
			i + 1 == NR_PAGES || picture.letter[i + 1] == '.' || picture.begins[i + 1];

		nr_areas += picture.begins[i];
		dprintf(1, "%s%c%s", picture.begins[i] ? "[" : "", picture.letter[i],
			ends && picture.letter[i] != '.' ? "]" : "");
	}
	dprintf(1, " %d\n", nr_areas);
	return nr_areas;
}

static int map(int first, int nr, int prot)
{
	return mmap(window + first * PAGE, nr * PAGE, prot, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED,
		    -1, 0) == MAP_FAILED;
}

static int move(int first, int nr, int to)
{
	return mremap(window + first * PAGE, nr * PAGE, nr * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED,
		      window + to * PAGE) == MAP_FAILED;
}

int main(void)
{
	int failed = 0, nr_areas;

	window = mmap(NULL, (NR_PAGES + 2) * PAGE, PROT_NONE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (window == MAP_FAILED)
		return 1;
	window += PAGE; /* what lies around is of another kind: it merges with nothing */
	failed |= munmap(window, NR_PAGES * PAGE);
	failed |= map(0, 8, RW);
	show("mmap 8 pages");
	failed |= mprotect(window + 2 * PAGE, 2 * PAGE, PROT_READ);
	show("mprotect 2 of them: read");
	failed |= map(8, 4, RW);
	show("mmap 4 behind");
	memset(window + 4 * PAGE, 1, 4 * PAGE);
	failed |= move(5, 2, 13);
	show("mremap 2 away");
	failed |= mprotect(window + 13 * PAGE, PAGE, PROT_NONE);
	show("mprotect 1 of these: none");
	failed |=
		mprotect(window + 13 * PAGE, PAGE, RW) | mprotect(window + 2 * PAGE, 2 * PAGE, RW);
	show("mprotect both: write");
	failed |= move(13, 2, 5);
	nr_areas = show("mremap back");
	failed |= munmap(window + PAGE, 3 * PAGE);
	show("munmap 3");
	failed |= munmap(window, NR_PAGES * PAGE);
	return failed || nr_areas != 1 || show("munmap all");
}
