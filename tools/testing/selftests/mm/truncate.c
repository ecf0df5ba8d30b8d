/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Files that change their size, or get holes, while they are mapped: what was cut off is gone from
 * all mappings, private copies included, and an access behind the end is SIGBUS.
 */
#include <setjmp.h>
#include <sys/stat.h>

#include "selftest.h"

#define RW		  (PROT_READ | PROT_WRITE)

#define FALLOC_KEEP_SIZE  1
#define FALLOC_PUNCH_HOLE 2

static char path[PATH_MAX]; /* of the file that new_file() made last */

/* A file of @size bytes of 'a', open for reading and writing. */
static int new_file(struct test *t, size_t size)
{
	char page[PAGE];
	int fd;

	snprintf(path, sizeof(path), "%s/f", scratch_folder(t));
	fd = open(path, O_RDWR | O_CREAT | O_TRUNC, 0644);
	REQUIRE(t, fd >= 0);
	memset(page, 'a', sizeof(page));
	for (size_t done = 0; done < size; done += PAGE) {
		size_t part = size - done < PAGE ? size - done : PAGE;

		REQUIRE(t, write(fd, page, part) == (ssize_t)part);
	}
	return fd;
}

static char *map_file(struct test *t, int fd, size_t size, int flags)
{
	char *addr = mmap(NULL, size, RW, flags, fd, 0);

	REQUIRE(t, addr != MAP_FAILED);
	return addr;
}

static sigjmp_buf after_bus;
static siginfo_t bus_info;

static void on_bus(int sig, siginfo_t *info, void *context)
{
	(void)sig;
	(void)context;
	bus_info = *info;
	siglongjmp(after_bus, 1);
}

/* An access of this process itself: whether it was SIGBUS. */
static bool is_bus(volatile char *addr, bool write)
{
	struct sigaction action = { .sa_sigaction = on_bus, .sa_flags = SA_SIGINFO };

	sigaction(SIGBUS, &action, NULL);
	if (sigsetjmp(after_bus, 1))
		return true;
	if (write)
		*addr = 1;
	else
		(void)*addr;
	return false;
}

static void access_behind_the_end_is_sigbus(struct test *t)
{
	int fd = new_file(t, PAGE + 100);
	char *addr = map_file(t, fd, 4 * PAGE, MAP_SHARED);
	char *copy = map_file(t, fd, 4 * PAGE, MAP_PRIVATE);

	EXPECT_EQ(t, addr[PAGE + 99], 'a');
	EXPECT_EQ(t, addr[PAGE + 100], 0);
	EXPECT_EQ(t, addr[2 * PAGE - 1], 0);
	EXPECT_TRUE(t, is_bus(addr + 2 * PAGE, false));
	EXPECT_TRUE(t, is_bus(addr + 3 * PAGE + 5, true));
	EXPECT_EQ(t, bus_info.si_code, BUS_ADRERR);
	EXPECT_EQ(t, bus_info.si_addr, (void *)(addr + 3 * PAGE + 5));
	EXPECT_TRUE(t, is_bus(copy + 2 * PAGE, false));
	EXPECT_TRUE(t, is_bus(copy + 2 * PAGE, true));
}

static void cut_pages_leave_the_mapping(struct test *t)
{
	int fd = new_file(t, 4 * PAGE);
	char *addr = map_file(t, fd, 4 * PAGE, MAP_SHARED);

	for (int i = 0; i < 4; i++)
		addr[i * PAGE] = 'b';
	REQUIRE(t, ftruncate(fd, PAGE) == 0);
	EXPECT_EQ(t, addr[0], 'b');
	for (int i = 1; i < 4; i++)
		EXPECT_TRUE(t, is_bus(addr + i * PAGE, i & 1));
	REQUIRE(t, ftruncate(fd, 4 * PAGE) == 0);
	for (int i = 1; i < 4; i++)
		EXPECT_EQ(t, addr[i * PAGE], 0);
	addr[2 * PAGE] = 'c';
	EXPECT_EQ(t, pread(fd, addr + 3 * PAGE, 1, 2 * PAGE), 1);
	EXPECT_EQ(t, addr[3 * PAGE], 'c');
}

static void cut_pages_leave_other_processes(struct test *t)
{
	int fd = new_file(t, 2 * PAGE), go[2], status;
	char *addr = map_file(t, fd, 2 * PAGE, MAP_SHARED), byte = 0;
	pid_t pid;

	addr[PAGE] = 'x';
	REQUIRE(t, pipe(go) == 0);
	pid = fork();
	if (!pid) {
		char *second = mmap(NULL, 2 * PAGE, RW, MAP_SHARED, fd, 0);

		byte = addr[PAGE] == 'x' && second[PAGE] == 'x';
		if (write(go[1], &byte, 1) != 1 || !byte)
			_exit(1);
		kill(getpid(), SIGSTOP);
		_exit(is_bus(addr + PAGE, false) && is_bus(second + PAGE, true) ? 0 : 2);
	}
	REQUIRE(t, read(go[0], &byte, 1) == 1);
	waitpid(pid, &status, WUNTRACED);
	REQUIRE(t, WIFSTOPPED(status));
	EXPECT_EQ(t, ftruncate(fd, PAGE), 0);
	kill(pid, SIGCONT);
	waitpid(pid, &status, 0);
	EXPECT_EXIT(t, status, 0);
}

static void private_copies_behind_the_end_go_too(struct test *t)
{
	int fd = new_file(t, 3 * PAGE);
	char *addr = map_file(t, fd, 3 * PAGE, MAP_PRIVATE);

	memset(addr, 'p', 3 * PAGE);
	REQUIRE(t, ftruncate(fd, PAGE + 10) == 0);
	EXPECT_EQ(t, addr[0], 'p');
	EXPECT_EQ(t, addr[PAGE + 100], 'p'); /* a copy of a page that is still there */
	EXPECT_TRUE(t, is_bus(addr + 2 * PAGE, false));
	REQUIRE(t, ftruncate(fd, 3 * PAGE) == 0);
	EXPECT_EQ(t, addr[2 * PAGE], 0);
	EXPECT_EQ(t, addr[PAGE + 100], 'p');
}

static void rest_of_the_last_page_is_zeros(struct test *t)
{
	int fd = new_file(t, 2 * PAGE);
	char *addr = map_file(t, fd, 2 * PAGE, MAP_SHARED), byte = 1;

	memset(addr, 'q', 2 * PAGE);
	REQUIRE(t, ftruncate(fd, PAGE + 100) == 0);
	EXPECT_EQ(t, addr[PAGE + 99], 'q');
	EXPECT_EQ(t, addr[PAGE + 100], 0);
	EXPECT_EQ(t, addr[2 * PAGE - 1], 0);
	REQUIRE(t, ftruncate(fd, 2 * PAGE) == 0);
	EXPECT_EQ(t, pread(fd, &byte, 1, PAGE + 200), 1);
	EXPECT_EQ(t, byte, 0);
}

static void open_with_o_trunc_cuts_all(struct test *t)
{
	int fd = new_file(t, 2 * PAGE);
	char *addr = map_file(t, fd, 2 * PAGE, MAP_SHARED);

	addr[0] = addr[PAGE] = 'z';
	close(open(path, O_WRONLY | O_TRUNC));
	EXPECT_TRUE(t, is_bus(addr, false));
	EXPECT_TRUE(t, is_bus(addr + PAGE, true));
}

static void only_a_part_of_a_file_is_mapped(struct test *t)
{
	int fd = new_file(t, 8 * PAGE);
	char *addr = mmap(NULL, 3 * PAGE, RW, MAP_SHARED, fd, 4 * PAGE);

	REQUIRE(t, addr != MAP_FAILED);
	memset(addr, 'm', 3 * PAGE);
	/* Areas that were split, and one that was moved at its edge. */
	REQUIRE(t, mprotect(addr + PAGE, PAGE, PROT_READ) == 0);
	REQUIRE(t, ftruncate(fd, 6 * PAGE) == 0);
	EXPECT_EQ(t, addr[0], 'm');
	EXPECT_EQ(t, addr[PAGE], 'm');
	EXPECT_TRUE(t, is_bus(addr + 2 * PAGE, false));
	REQUIRE(t, mprotect(addr, 3 * PAGE, RW) == 0);
	REQUIRE(t, munmap(addr, PAGE) == 0);
	REQUIRE(t, ftruncate(fd, 5 * PAGE) == 0);
	EXPECT_TRUE(t, is_bus(addr + PAGE, true));
	REQUIRE(t, ftruncate(fd, 8 * PAGE) == 0);
	EXPECT_EQ(t, addr[PAGE], 0);
	EXPECT_EQ(t, addr[2 * PAGE], 0);
}

static void call_into_a_page_behind_the_end_fails(struct test *t)
{
	int fd = new_file(t, PAGE);
	char *addr = map_file(t, fd, 3 * PAGE, MAP_SHARED);

	EXPECT_RET(t, kcall(SYS_pread64, fd, addr + 2 * PAGE, 10, 0), -EFAULT);
	EXPECT_RET(t, kcall(SYS_pwrite64, fd, addr + 2 * PAGE, 10, 0), -EFAULT);
	EXPECT_RET(t, kcall(SYS_pread64, fd, addr, 10, 0), 10);
	/* From the page that is written to, to itself. */
	EXPECT_RET(t, kcall(SYS_pwrite64, fd, addr + 5, 10, 0), 10);
}

static void hole_is_zeros_in_shared_mappings_alone(struct test *t)
{
	int fd = memfd_create("hole", 0);
	char *addr, *copy;
	struct stat before, after;

	REQUIRE(t, fd >= 0 && ftruncate(fd, 6 * PAGE) == 0);
	addr = map_file(t, fd, 6 * PAGE, MAP_SHARED);
	copy = map_file(t, fd, 6 * PAGE, MAP_PRIVATE);
	memset(addr, 'h', 6 * PAGE);
	copy[2 * PAGE] = 'k';
	EXPECT_EQ(t, copy[3 * PAGE], 'h');
	REQUIRE(t, fstat(fd, &before) == 0);
	EXPECT_RET(
		t,
		kcall(SYS_fallocate, fd, FALLOC_PUNCH_HOLE | FALLOC_KEEP_SIZE, PAGE + 10, 3 * PAGE),
		0);
	REQUIRE(t, fstat(fd, &after) == 0);
	EXPECT_EQ(t, after.st_size, (off_t)(6 * PAGE));
	EXPECT_EQ(t, before.st_blocks - after.st_blocks, (blkcnt_t)(2 * PAGE / 512));
	EXPECT_EQ(t, addr[PAGE + 9], 'h');
	EXPECT_EQ(t, addr[PAGE + 10], 0);
	EXPECT_EQ(t, addr[2 * PAGE], 0);
	EXPECT_EQ(t, addr[4 * PAGE + 9], 0);
	EXPECT_EQ(t, addr[4 * PAGE + 10], 'h');
	EXPECT_EQ(t, copy[2 * PAGE], 'k');
	EXPECT_EQ(t, copy[3 * PAGE], 0);
	addr[3 * PAGE] = 'n';
	EXPECT_EQ(t, copy[3 * PAGE], 'n');
	/* Within one page. */
	EXPECT_RET(t, kcall(SYS_fallocate, fd, FALLOC_PUNCH_HOLE | FALLOC_KEEP_SIZE, 10, 20), 0);
	EXPECT_EQ(t, addr[9], 'h');
	EXPECT_EQ(t, addr[10], 0);
	EXPECT_EQ(t, addr[29], 0);
	EXPECT_EQ(t, addr[30], 'h');
}

static void write_through_a_mapping_is_a_change_of_the_file(struct test *t)
{
	struct timespec old[2] = { { .tv_sec = 1000 }, { .tv_sec = 1000 } };
	int fd = new_file(t, PAGE);
	char *addr = map_file(t, fd, PAGE, MAP_SHARED);
	struct stat st;

	REQUIRE(t, futimens(fd, old) == 0);
	addr[0] = 'w';
	EXPECT_EQ(t, msync(addr, PAGE, MS_SYNC), 0);
	REQUIRE(t, fstat(fd, &st) == 0);
	EXPECT_GT(t, st.st_mtime, 1000);
	EXPECT_GT(t, st.st_ctime, 1000);
}

static const struct test_case truncate_cases[] = {
	TEST_CASE(access_behind_the_end_is_sigbus),
	TEST_CASE(cut_pages_leave_the_mapping),
	TEST_CASE(cut_pages_leave_other_processes),
	TEST_CASE(private_copies_behind_the_end_go_too),
	TEST_CASE(rest_of_the_last_page_is_zeros),
	TEST_CASE(open_with_o_trunc_cuts_all),
	TEST_CASE(only_a_part_of_a_file_is_mapped),
	TEST_CASE(call_into_a_page_behind_the_end_fails),
	TEST_CASE(hole_is_zeros_in_shared_mappings_alone),
	TEST_CASE(write_through_a_mapping_is_a_change_of_the_file),
};
TEST_SUITE(truncate, truncate_cases);
SELFTEST_NO_HELPER
