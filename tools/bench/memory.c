/* SPDX-License-Identifier: GPL-2.0-only */
/* Address spaces: faults of each kind, a page each; mappings made, removed and changed. */
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "bench.h"

#define RW	    (PROT_READ | PROT_WRITE)
#define BATCH	    1024UL /* pages at a time: 4 MiB */
#define NO_HUGE	    MADV_NOHUGEPAGE
#define HUGE_OK	    MADV_HUGEPAGE
#define HUGE_PAGE   (2UL << 20)
#define RESTED_SIZE (64UL << 20)

static char *map(size_t size, int flags)
{
	char *addr = mmap(NULL, size, RW, MAP_PRIVATE | MAP_ANONYMOUS | flags, -1, 0);

	if (addr == MAP_FAILED)
		unsupported("mmap");
	return addr;
}

static void touch(char *addr, unsigned long nr)
{
	for (unsigned long i = 0; i < nr; i++)
		*(volatile char *)(addr + i * PAGE) = 1;
}

/* First writes to @count pages, with @advice about huge ones; only the writes are counted. */
static void first_touch(unsigned long count, int advice)
{
	while (count) {
		unsigned long nr = count < BATCH ? count : BATCH;
		char *memory, *start;

		pause_clock();
		memory = map(BATCH * PAGE + HUGE_PAGE, 0);
		start = (char *)(((unsigned long)memory + HUGE_PAGE - 1) & -HUGE_PAGE);
		madvise(start, BATCH * PAGE, advice);
		resume_clock();
		touch(start, nr);
		pause_clock();
		munmap(memory, BATCH * PAGE + HUGE_PAGE);
		resume_clock();
		count -= nr;
	}
}

static void touch_small(unsigned long count)
{
	first_touch(count, NO_HUGE);
}

static void touch_huge(unsigned long count)
{
	first_touch(count * (HUGE_PAGE / PAGE), HUGE_OK);
}

/* First writes to 64 MiB at once, after a rest in which the kernel may do work ahead of need. */
static void touch_rested(unsigned long count, int advice)
{
	for (unsigned long i = 0; i < count; i++) {
		char *memory, *start;

		pause_clock();
		memory = map(RESTED_SIZE + HUGE_PAGE, 0);
		start = (char *)(((unsigned long)memory + HUGE_PAGE - 1) & -HUGE_PAGE);
		madvise(start, RESTED_SIZE, advice);
		usleep(100000);
		resume_clock();
		touch(start, RESTED_SIZE / PAGE);
		pause_clock();
		munmap(memory, RESTED_SIZE + HUGE_PAGE);
		resume_clock();
	}
}

static void touch_64m_small(unsigned long count)
{
	touch_rested(count, NO_HUGE);
}

static void touch_64m_huge(unsigned long count)
{
	touch_rested(count, HUGE_OK);
}

static void populate(unsigned long count)
{
	while (count) {
		unsigned long nr = count < BATCH ? count : BATCH;
		char *memory = map(nr * PAGE, MAP_POPULATE);

		pause_clock();
		munmap(memory, nr * PAGE);
		resume_clock();
		count -= nr;
	}
}

static void zero_page_read(unsigned long count)
{
	while (count) {
		unsigned long nr = count < BATCH ? count : BATCH;
		char *memory;

		pause_clock();
		memory = map(BATCH * PAGE, 0);
		madvise(memory, BATCH * PAGE, NO_HUGE);
		resume_clock();
		for (unsigned long i = 0; i < nr; i++)
			(void)*(volatile char *)(memory + i * PAGE);
		pause_clock();
		munmap(memory, BATCH * PAGE);
		resume_clock();
		count -= nr;
	}
}

/* Writes to pages that a read has mapped: each takes the place of the shared page of zeroes. */
static void zero_page_write(unsigned long count)
{
	while (count) {
		unsigned long nr = count < BATCH ? count : BATCH;
		char *memory;

		pause_clock();
		memory = map(BATCH * PAGE, 0);
		madvise(memory, BATCH * PAGE, NO_HUGE);
		for (unsigned long i = 0; i < nr; i++)
			(void)*(volatile char *)(memory + i * PAGE);
		resume_clock();
		touch(memory, nr);
		pause_clock();
		munmap(memory, BATCH * PAGE);
		resume_clock();
		count -= nr;
	}
}

/* The end of 4 MiB that were touched; an operation is a page. */
static void unmap_touched(unsigned long count)
{
	while (count) {
		unsigned long nr = count < BATCH ? count : BATCH;
		char *memory;

		pause_clock();
		memory = map(BATCH * PAGE, 0);
		madvise(memory, BATCH * PAGE, NO_HUGE);
		touch(memory, nr);
		resume_clock();
		munmap(memory, BATCH * PAGE);
		count -= nr;
	}
}

/* A child that keeps the pages shared while the parent writes to them. */
static void cow(unsigned long count)
{
	while (count) {
		unsigned long nr = count < BATCH ? count : BATCH;
		char *memory;
		pid_t child;

		pause_clock();
		memory = map(BATCH * PAGE, 0);
		madvise(memory, BATCH * PAGE, NO_HUGE);
		touch(memory, BATCH);
		child = start_child();
		if (!child) {
			for (;;)
				pause();
		}
		resume_clock();
		touch(memory, nr);
		pause_clock();
		end_child(child);
		munmap(memory, BATCH * PAGE);
		resume_clock();
		count -= nr;
	}
}

static void map_unmap(unsigned long count)
{
	for (unsigned long i = 0; i < count; i++)
		munmap(map(PAGE, 0), PAGE);
}

static void map_touch_unmap(unsigned long count)
{
	for (unsigned long i = 0; i < count; i++) {
		char *memory = map(PAGE, 0);

		*(volatile char *)memory = 1;
		munmap(memory, PAGE);
	}
}

static void map_unmap_large(unsigned long count)
{
	for (unsigned long i = 0; i < count; i++)
		munmap(map(1UL << 30, MAP_NORESERVE), 1UL << 30);
}

/* Two changes an operation: to read-only and back, of @nr pages at @offset of a mapping of 16. */
static void protect(unsigned long count, unsigned long offset, unsigned long nr)
{
	char *memory;

	pause_clock();
	memory = map(16 * PAGE, 0);
	touch(memory, 16);
	resume_clock();
	for (unsigned long i = 0; i < count; i++) {
		if (mprotect(memory + offset * PAGE, nr * PAGE, PROT_READ) ||
		    mprotect(memory + offset * PAGE, nr * PAGE, RW))
			unsupported("mprotect");
	}
	munmap(memory, 16 * PAGE);
}

static void protect_split(unsigned long count)
{
	protect(count, 8, 1);
}

static void protect_whole(unsigned long count)
{
	protect(count, 0, 16);
}

static void brk_up_down(unsigned long count)
{
	unsigned long end = (unsigned long)syscall(SYS_brk, 0);

	for (unsigned long i = 0; i < count; i++) {
		syscall(SYS_brk, end + 16 * PAGE);
		syscall(SYS_brk, end);
	}
}

/* From one of two places to the other, @size bytes that were written to; the second is @shift bytes
 * off a multiple of 2 MiB. */
static void move(unsigned long count, size_t size, size_t shift)
{
	size_t room = 2 * size + 3 * HUGE_PAGE;
	char *memory, *here, *there;

	pause_clock();
	memory = map(room, MAP_NORESERVE);
	here = (char *)(((unsigned long)memory + HUGE_PAGE - 1) & -HUGE_PAGE);
	there = here + ((size + HUGE_PAGE - 1) & -HUGE_PAGE) + shift;
	madvise(memory, room, NO_HUGE);
	touch(here, size / PAGE);
	resume_clock();
	for (unsigned long i = 0; i < count; i++) {
		char *from = i % 2 ? there : here, *to = i % 2 ? here : there;

		if (mremap(from, size, size, MREMAP_MAYMOVE | MREMAP_FIXED, to) != to)
			unsupported("mremap");
	}
	munmap(memory, room);
}

static void move_page(unsigned long count)
{
	move(count, PAGE, 0);
}

static void move_aligned(unsigned long count)
{
	move(count, HUGE_PAGE, 0);
}

static void move_shifted(unsigned long count)
{
	move(count, HUGE_PAGE, 5 * PAGE);
}

/* In place, by 16 pages, and back. */
static void grow_shrink(unsigned long count)
{
	char *memory;

	pause_clock();
	memory = map(32 * PAGE, 0);
	munmap(memory + 16 * PAGE, 16 * PAGE);
	resume_clock();
	for (unsigned long i = 0; i < count; i++)
		if (mremap(memory, 16 * PAGE, 32 * PAGE, 0) == MAP_FAILED ||
		    mremap(memory, 32 * PAGE, 16 * PAGE, 0) == MAP_FAILED)
			unsupported("mremap");
	munmap(memory, 16 * PAGE);
}

const struct metric memory_metrics[] = {
	{ "touch_small", touch_small, "first write to a page of 4 KiB" },
	{ "touch_64m_small", touch_64m_small, "first writes to 64 MiB after a rest, small pages" },
	{ "touch_64m_huge", touch_64m_huge, "the same where huge pages may be used" },
	{ "touch_huge", touch_huge, "first writes to all of 2 MiB where a huge page may be used" },
	{ "populate", populate, "a page of mmap with MAP_POPULATE" },
	{ "zero_page_read", zero_page_read, "first read of a page" },
	{ "zero_page_write", zero_page_write, "first write to a page that was read before" },
	{ "cow", cow, "write to a page that is shared after fork" },
	{ "map_unmap", map_unmap, "mmap and munmap of a page" },
	{ "map_touch_unmap", map_touch_unmap, "the same with a write between" },
	{ "unmap_touched", unmap_touched, "munmap of 4 MiB that were written to, a page of it" },
	{ "map_unmap_1g", map_unmap_large, "mmap and munmap of 1 GiB, untouched" },
	{ "mprotect_split", protect_split, "mprotect in the middle of a mapping and back" },
	{ "mprotect_whole", protect_whole, "mprotect of a whole mapping of 16 pages and back" },
	{ "mremap_page", move_page, "mremap of a page to another place" },
	{ "mremap_2m", move_aligned, "mremap of 2 MiB that were written to, aligned" },
	{ "mremap_2m_shifted", move_shifted, "the same, not aligned alike" },
	{ "mremap_grow_shrink", grow_shrink, "mremap in place by 16 pages, and back" },
	{ "brk_up_down", brk_up_down, "brk up by 16 pages and down" },
	{ 0 },
};
