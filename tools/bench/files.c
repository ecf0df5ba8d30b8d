/* SPDX-License-Identifier: GPL-2.0-only */
/* Files, in memory: devices that do nothing, names, contents. */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bench.h"

#define FILE_PAGES 64UL

static int open_or_skip(const char *path, int flags)
{
	int fd = open(path, flags | O_CLOEXEC, 0600);

	if (fd < 0)
		unsupported(path);
	return fd;
}

static void zero_read(unsigned long count)
{
	int fd = open_or_skip("/dev/zero", O_RDONLY);
	char byte;

	for (unsigned long i = 0; i < count; i++) {
		if (read(fd, &byte, 1) != 1)
			unsupported("read");
	}
	close(fd);
}

static void null_write(unsigned long count)
{
	int fd = open_or_skip("/dev/null", O_WRONLY);

	for (unsigned long i = 0; i < count; i++) {
		if (write(fd, "x", 1) != 1)
			unsupported("write");
	}
	close(fd);
}

/* A name of this process's own: two may run at once. */
static const char *scratch_name(void)
{
	static char name[64];

	snprintf(name, sizeof(name), "/tmp/bench-%d", (int)getpid());
	return name;
}

static int scratch_file(void)
{
	static char page[PAGE];
	int fd = open_or_skip(scratch_name(), O_RDWR | O_CREAT | O_TRUNC);

	for (unsigned long i = 0; i < FILE_PAGES; i++) {
		if (write(fd, page, PAGE) != (ssize_t)PAGE)
			unsupported("write");
	}
	return fd;
}

/* The same while the clock stands. */
static int prepared_file(void)
{
	int fd;

	pause_clock();
	fd = scratch_file();
	resume_clock();
	return fd;
}

static void scratch_remove(int fd)
{
	close(fd);
	unlink(scratch_name());
}

static void open_close(unsigned long count)
{
	const char *name = scratch_name();
	int scratch = prepared_file();

	for (unsigned long i = 0; i < count; i++)
		close(open_or_skip(name, O_RDONLY));
	scratch_remove(scratch);
}

static void stat_name(unsigned long count)
{
	const char *name = scratch_name();
	int scratch = prepared_file();
	struct stat info;

	for (unsigned long i = 0; i < count; i++) {
		if (stat(name, &info))
			unsupported("stat");
	}
	scratch_remove(scratch);
}

static void stat_open(unsigned long count)
{
	int scratch = prepared_file();
	struct stat info;

	for (unsigned long i = 0; i < count; i++) {
		if (fstat(scratch, &info))
			unsupported("fstat");
	}
	scratch_remove(scratch);
}

void create_write_delete(unsigned long count)
{
	static char page[PAGE];
	const char *name = scratch_name();

	for (unsigned long i = 0; i < count; i++) {
		int fd = open_or_skip(name, O_WRONLY | O_CREAT);

		if (write(fd, page, PAGE) != (ssize_t)PAGE)
			unsupported("write");
		close(fd);
		unlink(name);
	}
}

static void create_delete(unsigned long count)
{
	const char *name = scratch_name();

	for (unsigned long i = 0; i < count; i++) {
		close(open_or_skip(name, O_WRONLY | O_CREAT));
		unlink(name);
	}
}

static void file_read(unsigned long count)
{
	static char page[PAGE];
	int fd = prepared_file();

	for (unsigned long i = 0; i < count; i++) {
		if (pread(fd, page, PAGE, (off_t)(i % FILE_PAGES * PAGE)) != (ssize_t)PAGE)
			unsupported("pread");
	}
	scratch_remove(fd);
}

static void file_write(unsigned long count)
{
	static char page[PAGE];
	int fd = prepared_file();

	for (unsigned long i = 0; i < count; i++) {
		if (pwrite(fd, page, PAGE, (off_t)(i % FILE_PAGES * PAGE)) != (ssize_t)PAGE)
			unsupported("pwrite");
	}
	scratch_remove(fd);
}

/* First reads of pages that the page cache has; an operation is a page. */
static void file_fault(unsigned long count)
{
	int fd;

	pause_clock();
	fd = scratch_file();
	while (count) {
		unsigned long nr = count < FILE_PAGES ? count : FILE_PAGES;
		char *memory = mmap(NULL, FILE_PAGES * PAGE, PROT_READ, MAP_SHARED, fd, 0);

		if (memory == MAP_FAILED)
			unsupported("mmap of a file");
		resume_clock();
		for (unsigned long i = 0; i < nr; i++)
			(void)*(volatile char *)(memory + i * PAGE);
		pause_clock();
		munmap(memory, FILE_PAGES * PAGE);
		count -= nr;
	}
	scratch_remove(fd);
	resume_clock();
}

const struct metric file_metrics[] = {
	{ "zero_read", zero_read, "read of a byte of /dev/zero" },
	{ "null_write", null_write, "write of a byte to /dev/null" },
	{ "open_close", open_close, "open and close of a file" },
	{ "stat", stat_name, "stat by name" },
	{ "fstat", stat_open, "stat of an open file" },
	{ "create_delete", create_delete, "a file made and removed" },
	{ "create_write_delete", create_write_delete, "the same with a page written" },
	{ "file_read", file_read, "pread of a page" },
	{ "file_write", file_write, "pwrite of a page" },
	{ "file_fault", file_fault, "first read of a page of a mapped file" },
	{ 0 },
};
