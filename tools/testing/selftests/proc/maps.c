/* SPDX-License-Identifier: GPL-2.0-only */
/* /proc/PID/maps, against the mappings that the program makes. */
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "proc.h"

struct area {
	unsigned long start, end, offset, ino;
	char rights[5], name[256];
	unsigned int major, minor;
};

/* The area in which @addr lies; false: none. */
static bool find_area(struct test *t, const void *addr, struct area *area)
{
	unsigned long wanted = (unsigned long)addr, last = 0;
	bool found = false;

	for (char *line = strtok(proc_text(t, "/proc/self/maps"), "\n"); line;
	     line = strtok(NULL, "\n")) {
		struct area a = { .name = "" };
		int at = 0;

		REQUIRE(t, sscanf(line, "%lx-%lx %4s %lx %x:%x %lu %n", &a.start, &a.end, a.rights,
				  &a.offset, &a.major, &a.minor, &a.ino, &at) == 7);
		EXPECT_GE(t, a.start, last); /* in order */
		EXPECT_GT(t, a.end, a.start);
		last = a.end;
		if (line[at])
			EXPECT_EQ(t, at, 73); /* the column of names */
		snprintf(a.name, sizeof(a.name), "%s", line + at);
		if (a.start <= wanted && wanted < a.end) {
			*area = a;
			found = true;
		}
	}
	return found;
}

static void anonymous_memory_is_shown(struct test *t)
{
	struct area area;
	char *memory;

	SKIP_WITHOUT_PROC(t);
	memory = map_anon(t, 16 * PAGE, PROT_NONE);
	REQUIRE(t, mprotect(memory + 4 * PAGE, 4 * PAGE, PROT_READ | PROT_WRITE) == 0);
	REQUIRE(t, mprotect(memory + 8 * PAGE, 4 * PAGE, PROT_READ | PROT_EXEC) == 0);
	REQUIRE(t, find_area(t, memory + 5 * PAGE, &area));
	EXPECT_EQ(t, area.start, (unsigned long)memory + 4 * PAGE);
	EXPECT_EQ(t, area.end, (unsigned long)memory + 8 * PAGE);
	EXPECT_STREQ(t, area.rights, "rw-p");
	EXPECT_EQ(t, area.offset | area.ino | area.major | area.minor, 0UL);
	EXPECT_STREQ(t, area.name, "");
	REQUIRE(t, find_area(t, memory + 8 * PAGE, &area));
	EXPECT_STREQ(t, area.rights, "r-xp");
	REQUIRE(t, find_area(t, memory, &area));
	EXPECT_STREQ(t, area.rights, "---p");
	munmap(memory + 4 * PAGE, 4 * PAGE);
	EXPECT_FALSE(t, find_area(t, memory + 5 * PAGE, &area));
}

static void files_are_named(struct test *t)
{
	const char *folder = scratch_folder(t), *path = path_of("%s/a file", folder);
	int fd = open(path, O_RDWR | O_CREAT, 0600);
	struct area area;
	struct stat stat;
	char *memory;

	SKIP_WITHOUT_PROC(t);
	REQUIRE(t, fd >= 0 && ftruncate(fd, 8 * PAGE) == 0 && fstat(fd, &stat) == 0);
	memory = mmap(NULL, 2 * PAGE, PROT_READ, MAP_SHARED, fd, 3 * PAGE);
	REQUIRE(t, memory != MAP_FAILED);
	REQUIRE(t, find_area(t, memory, &area));
	EXPECT_STREQ(t, area.rights, "r--s");
	EXPECT_EQ(t, area.offset, 3 * PAGE);
	EXPECT_EQ(t, area.ino, stat.st_ino);
	EXPECT_STREQ(t, area.name, path);
	unlink(path);
	REQUIRE(t, find_area(t, memory, &area));
	EXPECT_STREQ(t, area.name, path_of("%s (deleted)", path));
	close(fd);
	munmap(memory, 2 * PAGE);
	/* A line is a line, whatever a file is called. */
	fd = open(path_of("%s/a\nb", folder), O_RDWR | O_CREAT, 0600);
	REQUIRE(t, fd >= 0 && ftruncate(fd, PAGE) == 0);
	memory = mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, fd, 0);
	REQUIRE(t, find_area(t, memory, &area));
	EXPECT_STREQ(t, area.name, path_of("%s/a\\012b", folder));
	EXPECT_STREQ(t, area.rights, "r--p");
}

static void special_areas_have_names(struct test *t)
{
	struct area area;
	long heap = kcall(SYS_brk, 0);
	int local;

	SKIP_WITHOUT_PROC(t);
	REQUIRE(t, kcall(SYS_brk, heap + 4 * PAGE) == heap + 4 * (long)PAGE);
	REQUIRE(t, find_area(t, (void *)(heap + 3 * (long)PAGE), &area));
	EXPECT_STREQ(t, area.name, "[heap]");
	EXPECT_EQ(t, area.end, (unsigned long)heap + 4 * PAGE);
	REQUIRE(t, find_area(t, &local, &area));
	EXPECT_STREQ(t, area.name, "[stack]");
	EXPECT_STREQ(t, area.rights, "rw-p");
	REQUIRE(t, find_area(t, (void *)find_area, &area));
	EXPECT_STREQ(t, area.name, link_text("/proc/self/exe"));
	heap = (long)mmap(NULL, PAGE, PROT_READ, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	REQUIRE(t, find_area(t, (void *)heap, &area));
	EXPECT_STREQ(t, area.name, "/dev/zero (deleted)");
	EXPECT_STREQ(t, area.rights, "r--s");
	if (getauxval(AT_SYSINFO_EHDR)) {
		REQUIRE(t, find_area(t, (void *)getauxval(AT_SYSINFO_EHDR), &area));
		EXPECT_STREQ(t, area.name, "[vdso]");
		EXPECT_STREQ(t, area.rights, "r-xp");
	}
}

/* Reads in pieces while areas come and go: what stays is shown, once, and in order. */
static void changes_do_not_disturb(struct test *t)
{
	unsigned long start, end, last = 0;
	char *keep = map_anon(t, 2 * PAGE, PROT_READ), *text = malloc(MAX_TEXT), *line;
	int fd = open("/proc/self/maps", O_RDONLY), nr_seen = 0;
	long len = 0, got;

	SKIP_WITHOUT_PROC(t);
	REQUIRE(t, fd >= 0 && text && munmap(keep, PAGE) == 0);
	for (int i = 0; i < 200; i++) /* alternating, so that they do not merge */
		map_anon(t, PAGE, i % 2 ? PROT_READ : PROT_READ | PROT_WRITE);
	while ((got = read(fd, text + len, 100)) > 0) {
		len += got;
		munmap(map_anon(t, PAGE, PROT_NONE), PAGE);
		map_anon(t, PAGE, len % 3 ? PROT_NONE : PROT_READ);
	}
	EXPECT_EQ(t, got, 0L);
	text[len] = '\0';
	for (line = strtok(text, "\n"); line; line = strtok(NULL, "\n")) {
		if (sscanf(line, "%lx-%lx ", &start, &end) != 2)
			continue; /* half of one that was cut by the change */
		EXPECT_GE(t, start, last);
		last = end;
		nr_seen += start <= (unsigned long)keep + PAGE && (unsigned long)keep + PAGE < end;
	}
	EXPECT_EQ(t, nr_seen, 1);
}

static const struct test_case cases[] = {
	TEST_CASE(anonymous_memory_is_shown),
	TEST_CASE(files_are_named),
	TEST_CASE(special_areas_have_names),
	TEST_CASE(changes_do_not_disturb),
};
TEST_SUITE(maps, cases);
SELFTEST_NO_HELPER
