/* SPDX-License-Identifier: GPL-2.0-only */
/* sendfile(), copy_file_range(), splice(), tee(), vmsplice(), and how much a pipe holds. */
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/uio.h>

#include "selftest.h"

#define SIZE (5 * PAGE + 123)

static void remove_files(void)
{
	static const char *const names[] = { "source", "out", "f" };

	remove_scratch(names, ARRAY_SIZE(names));
}

static void fill(char *buf, size_t len, unsigned int seed)
{
	while (len--)
		*buf++ = (char)next_random(&seed);
}

/* A file of SIZE bytes, at its beginning. */
static int new_source(struct test *t, char *bytes)
{
	int fd = open_scratch(t, "source", O_RDWR);

	fill(bytes, SIZE, 99);
	REQUIRE(t, pwrite(fd, bytes, SIZE, 0) == (long)SIZE);
	return fd;
}

static void make_pipe(struct test *t, int ends[2], int flags)
{
	REQUIRE(t, !kcall(SYS_pipe2, ends, flags));
}

static void sendfile_copies(struct test *t)
{
	static char bytes[SIZE], got[SIZE + 10];
	int in = new_source(t, bytes), out = open_scratch(t, "out", O_RDWR);
	loff_t offset = 100;

	EXPECT_RET(t, kcall(SYS_sendfile, out, in, 0, SIZE + 1000), SIZE);
	EXPECT_EQ(t, lseek(in, 0, SEEK_CUR), SIZE);
	EXPECT_EQ(t, lseek(out, 0, SEEK_CUR), SIZE);
	EXPECT_EQ(t, pread(out, got, sizeof(got), 0), SIZE);
	EXPECT_TRUE(t, !memcmp(got, bytes, SIZE));
	EXPECT_RET(t, kcall(SYS_sendfile, out, in, 0, 10), 0);
	/* With an offset the position stays. */
	EXPECT_RET(t, kcall(SYS_sendfile, out, in, &offset, PAGE), PAGE);
	EXPECT_EQ(t, offset, 100 + PAGE);
	EXPECT_EQ(t, lseek(in, 0, SEEK_CUR), SIZE);
	EXPECT_EQ(t, pread(out, got, PAGE, SIZE), PAGE);
	EXPECT_TRUE(t, !memcmp(got, bytes + 100, PAGE));
	/* A hole gives zeros. */
	REQUIRE(t, !ftruncate(in, SIZE + 2 * PAGE));
	offset = SIZE;
	EXPECT_RET(t, kcall(SYS_sendfile, out, in, &offset, 3 * PAGE), 2 * PAGE);
	EXPECT_EQ(t, pread(out, got, 1, SIZE + 2 * PAGE), 1);
	EXPECT_EQ(t, got[0], 0);
	remove_files();
}

static void sendfile_checks(struct test *t)
{
	static char bytes[SIZE];
	int in = new_source(t, bytes), out = open_scratch(t, "out", O_RDWR), ends[2];
	int appending = open_scratch(t, "out", O_WRONLY | O_APPEND), root = open("/", O_RDONLY);
	int reader = open_scratch(t, "out", O_RDONLY), writer = open_scratch(t, "source", O_WRONLY);
	loff_t negative = -1, offset = 0;

	make_pipe(t, ends, 0);
	const struct call_row rows[] = {
		CALL(-EBADF, sendfile, 999, in, 0, 1),
		CALL(-EBADF, sendfile, out, 999, 0, 1),
		CALL(-EBADF, sendfile, reader, in, 0, 1),
		CALL(-EBADF, sendfile, out, writer, 0, 1),
		CALL(-EFAULT, sendfile, out, in, 8, 1),
		CALL(-EINVAL, sendfile, out, in, PTR(&negative), 1),
		CALL(-EINVAL, sendfile, reader, in, PTR(&negative), 1),
		CALL(-EFAULT, sendfile, 999, in, 8, 1),
		CALL(-EINVAL, sendfile, appending, in, 0, 1),
		CALL(-EINVAL, sendfile, out, root, 0, 1),
		CALL(-ESPIPE, sendfile, out, ends[0], PTR(&offset), 1),
		CALL(-EINVAL, sendfile, out, ends[0], 0, 1),
		CALL(0, sendfile, out, in, 0, 0),
	};
	EXPECT_CALLS(t, rows);
	/* To a pipe: as much as it holds. */
	EXPECT_RET(t, kcall(SYS_sendfile, ends[1], in, 0, 3 * PAGE), 3 * PAGE);
	EXPECT_RET(t, kcall(SYS_read, ends[0], bytes, SIZE), 3 * PAGE);
	remove_files();
}

static void ranges_are_copied(struct test *t)
{
	static char bytes[SIZE], got[SIZE];
	int in = new_source(t, bytes), out = open_scratch(t, "out", O_RDWR), ends[2];
	int appending = open_scratch(t, "out", O_WRONLY | O_APPEND), root = open("/", O_RDONLY);
	int reader = open_scratch(t, "out", O_RDONLY);
	loff_t from = 10, to = PAGE + 5, negative = -1, below = -5;

	make_pipe(t, ends, 0);
	EXPECT_RET(t, kcall(SYS_copy_file_range, in, &from, out, &to, 2 * PAGE, 0), 2 * PAGE);
	EXPECT_EQ(t, from, 10 + 2 * PAGE);
	EXPECT_EQ(t, to, 3 * PAGE + 5);
	EXPECT_EQ(t, pread(out, got, 2 * PAGE, PAGE + 5), 2 * PAGE);
	EXPECT_TRUE(t, !memcmp(got, bytes + 10, 2 * PAGE));
	EXPECT_EQ(t, lseek(in, 0, SEEK_CUR), 0);
	EXPECT_RET(t, kcall(SYS_copy_file_range, in, 0, out, 0, SIZE * 2, 0), SIZE);
	EXPECT_EQ(t, lseek(in, 0, SEEK_CUR), SIZE);
	EXPECT_EQ(t, lseek(out, 0, SEEK_CUR), SIZE);
	EXPECT_RET(t, kcall(SYS_copy_file_range, in, 0, out, 0, 5, 0), 0);
	/* In one file, apart and overlapping. */
	from = 0;
	to = 3 * PAGE;
	EXPECT_RET(t, kcall(SYS_copy_file_range, out, &from, out, &to, PAGE, 0), PAGE);
	from = 0;
	to = PAGE - 1;
	const struct call_row rows[] = {
		CALL(-EINVAL, copy_file_range, out, PTR(&from), out, PTR(&to), PAGE, 0),
		CALL(-EINVAL, copy_file_range, in, PTR(&from), out, PTR(&to), PAGE, 1),
		CALL(-EBADF, copy_file_range, 999, 0, out, 0, 1, 0),
		CALL(-EBADF, copy_file_range, in, 0, 999, 0, 1, 0),
		CALL(-EBADF, copy_file_range, in, 0, reader, 0, 1, 0),
		CALL(-EBADF, copy_file_range, in, 0, appending, 0, 1, 0),
		CALL(-EISDIR, copy_file_range, root, 0, out, 0, 1, 0),
		CALL(-EISDIR, copy_file_range, root, 0, reader, 0, 1, 0),
		CALL(-EINVAL, copy_file_range, ends[0], 0, reader, 0, 1, 0),
		CALL(-EINVAL, copy_file_range, ends[0], 0, out, 0, 1, 0),
		CALL(-EINVAL, copy_file_range, in, 0, ends[1], 0, 1, 0),
		CALL(-EFAULT, copy_file_range, in, 8, out, 0, 1, 0),
		CALL(-EOVERFLOW, copy_file_range, in, PTR(&negative), out, 0, 1, 0),
		CALL(-EINVAL, copy_file_range, in, PTR(&below), out, 0, 1, 0),
	};
	EXPECT_CALLS(t, rows);
	remove_files();
}

static void splice_moves(struct test *t)
{
	static char bytes[SIZE], got[SIZE];
	int in = new_source(t, bytes), out = open_scratch(t, "out", O_RDWR), a[2], b[2];
	loff_t offset = 7;

	make_pipe(t, a, O_NONBLOCK);
	make_pipe(t, b, O_NONBLOCK);
	EXPECT_RET(t, kcall(SYS_splice, in, &offset, a[1], 0, 2 * PAGE, 0), 2 * PAGE);
	EXPECT_EQ(t, offset, 7 + 2 * PAGE);
	/* Behind pages of the file nothing is written into them. */
	EXPECT_EQ(t, write(a[1], "tail", 4), 4);
	EXPECT_EQ(t, pread(in, got, SIZE, 0), SIZE);
	EXPECT_TRUE(t, !memcmp(got, bytes, SIZE));
	/* To another pipe, first a part of a page. */
	EXPECT_RET(t, kcall(SYS_splice, a[0], 0, b[1], 0, 100, 0), 100);
	EXPECT_EQ(t, write(b[1], "more", 4), 4);
	EXPECT_EQ(t, read(b[0], got, 50), 50);
	EXPECT_TRUE(t, !memcmp(got, bytes + 7, 50));
	EXPECT_EQ(t, read(b[0], got, SIZE), 54);
	EXPECT_TRUE(t, !memcmp(got, bytes + 57, 50) && !memcmp(got + 50, "more", 4));
	/* The rest to a file. */
	EXPECT_RET(t, kcall(SYS_splice, a[0], 0, out, 0, SIZE, 0), 2 * PAGE - 96);
	EXPECT_EQ(t, lseek(out, 0, SEEK_CUR), 2 * PAGE - 96);
	EXPECT_EQ(t, pread(out, got, SIZE, 0), 2 * PAGE - 96);
	EXPECT_TRUE(t, !memcmp(got, bytes + 107, 2 * PAGE - 100));
	EXPECT_TRUE(t, !memcmp(got + 2 * PAGE - 100, "tail", 4));
	EXPECT_RET(t, kcall(SYS_splice, a[0], 0, out, 0, SIZE, 0), -EAGAIN);
	EXPECT_RET(t, kcall(SYS_splice, a[0], 0, b[1], 0, SIZE, 0), -EAGAIN);
	close(a[1]);
	EXPECT_RET(t, kcall(SYS_splice, a[0], 0, out, 0, SIZE, 0), 0);
	EXPECT_RET(t, kcall(SYS_splice, a[0], 0, b[1], 0, SIZE, 0), 0);
	remove_files();
}

static void splice_checks(struct test *t)
{
	static char bytes[SIZE];
	int in = new_source(t, bytes), out = open_scratch(t, "out", O_RDWR), a[2], b[2];
	int appending = open_scratch(t, "out", O_WRONLY | O_APPEND), gone[2];
	struct iovec piece = { bytes, 1 };
	loff_t offset = 0;

	make_pipe(t, a, O_NONBLOCK);
	make_pipe(t, b, O_NONBLOCK);
	make_pipe(t, gone, O_NONBLOCK);
	close(gone[0]);
	signal(SIGPIPE, SIG_IGN);
	REQUIRE(t, write(a[1], "x", 1) == 1);
	const struct call_row rows[] = {
		CALL(-EBADF, splice, 999, 0, a[1], 0, 1, 0),
		CALL(-EBADF, splice, a[0], 0, 999, 0, 1, 0),
		CALL(-EBADF, splice, a[1], 0, b[1], 0, 1, 0),
		CALL(-EINVAL, splice, in, 0, out, 0, 1, 0),
		CALL(-EINVAL, splice, a[0], 0, a[1], 0, 1, 0),
		CALL(-EINVAL, splice, a[0], 0, out, 0, 1, 16),
		CALL(0, splice, a[0], 0, out, 0, 0, 0),
		CALL(-ESPIPE, splice, a[0], PTR(&offset), out, 0, 1, 0),
		CALL(-ESPIPE, splice, in, 0, a[1], PTR(&offset), 1, 0),
		CALL(-ESPIPE, splice, a[0], PTR(&offset), b[1], 0, 1, 0),
		CALL(-EFAULT, splice, in, 8, a[1], 0, 1, 0),
		CALL(-EINVAL, splice, a[0], 0, appending, 0, 1, 0),
		CALL(-EPIPE, splice, in, 0, gone[1], 0, 1, 0),
		CALL(-EPIPE, splice, a[0], 0, gone[1], 0, 1, 0),
		CALL(-EINVAL, tee, a[0], a[1], 1, 0),
		CALL(-EINVAL, tee, in, a[1], 1, 0),
		CALL(-EINVAL, tee, a[0], out, 1, 0),
		CALL(-EINVAL, tee, a[0], b[1], 1, 16),
		CALL(-EBADF, tee, 999, b[1], 1, 0),
		CALL(-EBADF, vmsplice, in, PTR(&piece), 1, 0),
		CALL(0, vmsplice, in, PTR(&piece), 0, 0),
		CALL(-EBADF, vmsplice, 999, PTR(&offset), 0, 0),
		CALL(-EINVAL, vmsplice, a[1], PTR(&offset), 0, 16),
	};
	EXPECT_CALLS(t, rows);
	remove_files();
}

static void tee_copies(struct test *t)
{
	char got[64];
	int a[2], b[2];

	make_pipe(t, a, O_NONBLOCK);
	make_pipe(t, b, O_NONBLOCK);
	EXPECT_RET(t, kcall(SYS_tee, a[0], b[1], 10, 0), -EAGAIN);
	REQUIRE(t, write(a[1], "hello world", 11) == 11);
	EXPECT_RET(t, kcall(SYS_tee, a[0], b[1], 5, 0), 5);
	EXPECT_RET(t, kcall(SYS_tee, a[0], b[1], 100, 0), 11);
	/* What is written behind a shared page is seen in one pipe only. */
	REQUIRE(t, write(a[1], "A", 1) == 1 && write(b[1], "B", 1) == 1);
	EXPECT_EQ(t, read(a[0], got, sizeof(got)), 12);
	EXPECT_TRUE(t, !memcmp(got, "hello worldA", 12));
	EXPECT_EQ(t, read(b[0], got, sizeof(got)), 17);
	EXPECT_TRUE(t, !memcmp(got, "hellohello worldB", 17));
	close(a[1]);
	EXPECT_RET(t, kcall(SYS_tee, a[0], b[1], 10, 0), 0);
}

static void memory_goes_into_a_pipe(struct test *t)
{
	char text[] = "some text", got[32];
	struct iovec out[2] = { { text, 4 }, { text + 4, 5 } }, in = { got, sizeof(got) };
	int ends[2];

	make_pipe(t, ends, O_NONBLOCK);
	EXPECT_RET(t, kcall(SYS_vmsplice, ends[1], out, 2, 0), 9);
	EXPECT_RET(t, kcall(SYS_vmsplice, ends[0], &in, 1, 0), 9);
	EXPECT_TRUE(t, !memcmp(got, text, 9));
	EXPECT_RET(t, kcall(SYS_vmsplice, ends[0], &in, 1, SPLICE_F_NONBLOCK), -EAGAIN);
	EXPECT_RET(t, kcall(SYS_vmsplice, ends[1], 8, 1, 0), -EFAULT);
}

struct mover {
	int in, out;
	size_t len;
};

static void move_all(void *arg)
{
	struct mover *mover = arg;
	size_t total = 0;
	long done;

	while (total < mover->len) {
		done = kcall(SYS_splice, mover->in, 0, mover->out, 0, mover->len - total, 0);
		if (done <= 0)
			_exit(1);
		total += (size_t)done;
	}
}

static void write_all(void *arg)
{
	struct mover *mover = arg;
	char buf[1000];
	size_t total = 0, i;

	while (total < mover->len) {
		for (i = 0; i < sizeof(buf); i++)
			buf[i] = (char)((total + i) % 251);
		if (write(mover->out, buf, sizeof(buf)) != (long)sizeof(buf))
			_exit(1);
		total += sizeof(buf);
	}
}

/* A writer, a mover from pipe to pipe, and we who read: everything comes, in order. */
static void pipes_in_a_row(struct test *t)
{
	size_t len = 1000UL * rounds(2000, 1000), total = 0;
	struct mover writer, mover;
	static char buf[7777];
	int a[2], b[2], status;
	pid_t pids[2];
	long done, i;

	make_pipe(t, a, 0);
	make_pipe(t, b, 0);
	writer = (struct mover){ -1, a[1], len };
	mover = (struct mover){ a[0], b[1], len };
	pids[0] = start_child(t, write_all, &writer);
	pids[1] = start_child(t, move_all, &mover);
	while (total < len) {
		done = read(b[0], buf, sizeof(buf));
		REQUIRE(t, done > 0);
		for (i = 0; i < done; i++)
			REQUIRE(t, buf[i] == (char)((total + (size_t)i) % 251));
		total += (size_t)done;
	}
	status = wait_for(t, pids[0]);
	EXPECT_EXIT(t, status, 0);
	status = wait_for(t, pids[1]);
	EXPECT_EXIT(t, status, 0);
}

static void pipes_have_sizes(struct test *t)
{
	static char buf[128 * 1024];
	int ends[2], file = open_scratch(t, "f", O_RDWR), place = open("/", O_PATH);

	make_pipe(t, ends, O_NONBLOCK);
	EXPECT_RET(t, kcall(SYS_fcntl, ends[0], F_GETPIPE_SZ, 0), 65536);
	EXPECT_EQ(t, write(ends[1], buf, sizeof(buf)), 65536);
	EXPECT_RET(t, kcall(SYS_fcntl, ends[1], F_SETPIPE_SZ, 70000), 131072);
	EXPECT_RET(t, kcall(SYS_fcntl, ends[0], F_GETPIPE_SZ, 0), 131072);
	EXPECT_EQ(t, write(ends[1], buf, sizeof(buf)), 65536);
	EXPECT_RET(t, kcall(SYS_fcntl, ends[1], F_SETPIPE_SZ, 65536), -EBUSY);
	EXPECT_EQ(t, read(ends[0], buf, sizeof(buf)), 131072);
	EXPECT_RET(t, kcall(SYS_fcntl, ends[1], F_SETPIPE_SZ, 1), PAGE);
	EXPECT_EQ(t, write(ends[1], buf, sizeof(buf)), PAGE);
	EXPECT_RET(t, kcall(SYS_fcntl, ends[1], F_SETPIPE_SZ, 0), PAGE);
	EXPECT_RET(t, kcall(SYS_fcntl, ends[1], F_SETPIPE_SZ, 0x80000001), -EINVAL);
	EXPECT_RET(t, kcall(SYS_fcntl, ends[1], F_SETPIPE_SZ, 1 << 20), 1 << 20);
	EXPECT_RET(t, kcall(SYS_fcntl, file, F_GETPIPE_SZ, 0), -EBADF);
	EXPECT_RET(t, kcall(SYS_fcntl, place, F_SETPIPE_SZ, PAGE), -EBADF);
	if (is_root())
		become_nobody(t);
	EXPECT_RET(t, kcall(SYS_fcntl, ends[1], F_SETPIPE_SZ, 2 << 20), -EPERM);
	remove_files();
}

static const struct test_case splice_cases[] = {
	TEST_CASE(sendfile_copies),	    TEST_CASE(sendfile_checks),
	TEST_CASE(ranges_are_copied),	    TEST_CASE(splice_moves),
	TEST_CASE(splice_checks),	    TEST_CASE(tee_copies),
	TEST_CASE(memory_goes_into_a_pipe), TEST_CASE(pipes_in_a_row),
	TEST_CASE(pipes_have_sizes),
};
TEST_SUITE(splice, splice_cases);
SELFTEST_NO_HELPER
