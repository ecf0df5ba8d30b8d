/* SPDX-License-Identifier: GPL-2.0-only */
/* Tables of descriptors. */
#include <linux/errno.h>
#include <linux/fcntl.h>
#include <oshit/err.h>
#include <oshit/files.h>
#include <oshit/sched.h>
#include <oshit/syscalls.h>
#include <oshit/test_random.h>

#include "fs_test.h"

/* The tests run in a kernel thread: it borrows a table. False: the test has failed. */
static bool borrow_table(struct test *t)
{
	current->files = files_new();
	if (!current->files)
		test_fail(t, __FILE__, __LINE__, "no memory");
	return current->files;
}

static void give_table_back(void)
{
	struct files_struct *files = current->files;

	current->files = NULL;
	files_put(files);
}

static int open_root(unsigned int flags)
{
	struct file *file = filp_open("/", O_RDONLY, 0);

	return IS_ERR(file) ? (int)PTR_ERR(file) : fd_add(file, flags);
}

static void lowest_free_descriptor_is_next(struct test *t)
{
	int i;

	if (!borrow_table(t))
		return;
	for (i = 0; i < 300; i++) /* the table grows twice */
		EXPECT_EQ(t, open_root(0), i);
	EXPECT_OK(t, sys_close(70));
	EXPECT_OK(t, sys_close(7));
	EXPECT_OK(t, sys_close(200));
	EXPECT_EQ(t, sys_close(7), -EBADF);
	EXPECT_EQ(t, open_root(0), 7);
	EXPECT_EQ(t, sys_dup(3), 70);
	EXPECT_EQ(t, open_root(0), 200);
	EXPECT_EQ(t, open_root(0), 300);
	EXPECT_EQ(t, sys_close(100000), -EBADF);
	give_table_back();
}

static void dup_shares_the_file(struct test *t)
{
	struct fd a, b;

	if (!borrow_table(t))
		return;
	EXPECT_EQ(t, open_root(0), 0);
	EXPECT_EQ(t, sys_dup2(0, 100), 100);
	EXPECT_EQ(t, sys_dup2(0, 0), 0);
	EXPECT_EQ(t, sys_dup3(0, 0, 0), -EINVAL);
	EXPECT_EQ(t, sys_dup2(5, 6), -EBADF);
	EXPECT_EQ(t, sys_dup2(0, NR_OPEN_MAX), -EBADF);
	a = fdget(0);
	b = fdget(100);
	EXPECT_TRUE(t, a.file && a.file == b.file);
	EXPECT_EQ(t, refcount_read(&a.file->refs), 2);
	fdput(a);
	fdput(b);
	/* What was there is closed. */
	EXPECT_EQ(t, open_root(0), 1);
	EXPECT_EQ(t, sys_dup2(0, 1), 1);
	give_table_back();
}

static void exec_closes_what_is_marked(struct test *t)
{
	if (!borrow_table(t))
		return;
	EXPECT_EQ(t, open_root(0), 0);
	EXPECT_EQ(t, open_root(O_CLOEXEC), 1);
	EXPECT_EQ(t, sys_fcntl(0, F_GETFD, 0), 0);
	EXPECT_EQ(t, sys_fcntl(1, F_GETFD, 0), FD_CLOEXEC);
	EXPECT_EQ(t, sys_dup(1), 2); /* a copy is not marked */
	EXPECT_EQ(t, sys_dup3(0, 3, O_CLOEXEC), 3);
	EXPECT_EQ(t, sys_fcntl(0, F_DUPFD_CLOEXEC, 10), 10);
	EXPECT_OK(t, sys_fcntl(2, F_SETFD, FD_CLOEXEC));
	EXPECT_OK(t, sys_fcntl(10, F_SETFD, 0));
	files_close_on_exec(current->files);
	EXPECT_EQ(t, sys_fcntl(1, F_GETFD, 0), -EBADF);
	EXPECT_EQ(t, sys_fcntl(2, F_GETFD, 0), -EBADF);
	EXPECT_EQ(t, sys_fcntl(3, F_GETFD, 0), -EBADF);
	EXPECT_EQ(t, sys_fcntl(10, F_GETFD, 0), 0);
	EXPECT_EQ(t, open_root(0), 1);
	give_table_back();
}

static void copy_has_the_same_files(struct test *t)
{
	struct files_struct *copy;
	int i;

	if (!borrow_table(t))
		return;
	for (i = 0; i < 100; i++)
		EXPECT_EQ(t, open_root(i % 2 ? O_CLOEXEC : 0), i);
	EXPECT_EQ(t, alloc_fd(0, 0), 100); /* reserved: not copied */
	copy = files_copy(current->files);
	ASSERT_TRUE(t, copy);
	for (i = 0; i < 100; i++)
		EXPECT_TRUE(t, copy->table->files[i] == current->files->table->files[i]);
	put_unused_fd(100);
	give_table_back();
	current->files = copy;
	EXPECT_EQ(t, sys_fcntl(1, F_GETFD, 0), FD_CLOEXEC);
	EXPECT_EQ(t, open_root(0), 100);
	/* A shared table is copied, an own one is not. */
	files_get(copy);
	EXPECT_OK(t, unshare_files());
	EXPECT_FALSE(t, current->files == copy);
	files_put(copy);
	copy = current->files;
	EXPECT_OK(t, unshare_files());
	EXPECT_TRUE(t, current->files == copy);
	give_table_back();
}

static void range_is_closed(struct test *t)
{
	int i;

	if (!borrow_table(t))
		return;
	for (i = 0; i < 90; i++)
		EXPECT_EQ(t, open_root(0), i);
	EXPECT_EQ(t, sys_close_range(5, 4, 0), -EINVAL);
	EXPECT_OK(t, sys_close_range(10, 19, 0));
	EXPECT_OK(t, sys_close_range(70, ~0U, 0));
	for (i = 0; i < 90; i++)
		EXPECT_EQ(t, sys_fcntl(i, F_GETFD, 0),
			  (i >= 10 && i <= 19) || i >= 70 ? -EBADF : 0);
	EXPECT_EQ(t, open_root(0), 10);
	give_table_back();
}

static void place_is_no_file(struct test *t)
{
	struct file *file = filp_open("/", O_PATH, 0);

	if (!borrow_table(t))
		return;
	ASSERT_FALSE(t, IS_ERR(file));
	EXPECT_EQ(t, fd_add(file, 0), 0);
	EXPECT_FALSE(t, fget(0));
	EXPECT_EQ(t, sys_lseek(0, 0, 0), -EBADF);
	EXPECT_EQ(t, sys_fcntl(0, F_GETFL, 0), O_PATH);
	EXPECT_EQ(t, sys_dup(0), 1);
	give_table_back();
}

#define NR_MODEL_FDS   600
#define NR_MODEL_STEPS (3000 * TEST_SCALE)

/* Against an array: which are taken. */
static void descriptors_agree_with_a_model(struct test *t)
{
	static bool taken[NR_MODEL_FDS];
	struct test_random random = test_random_seeded(t, 0xfd5eed);
	int i, fd, lowest;

	if (!borrow_table(t))
		return;
	for (i = 0; i < NR_MODEL_FDS; i++)
		taken[i] = false;
	for (i = 0; i < NR_MODEL_STEPS && !t->nr_failures; i++) {
		fd = test_random_below(&random, NR_MODEL_FDS - 1);
		for (lowest = 0; taken[lowest]; lowest++)
			;
		if (test_random_below(&random, 5) < 3 && lowest < NR_MODEL_FDS - 1) {
			EXPECT_EQ(t, alloc_fd(0, 0), lowest);
			taken[lowest] = true;
		} else if (taken[fd]) {
			put_unused_fd(fd);
			taken[fd] = false;
		}
	}
	give_table_back();
}

static const struct test_case file_cases[] = {
	TEST_CASE(lowest_free_descriptor_is_next),
	TEST_CASE(dup_shares_the_file),
	TEST_CASE(exec_closes_what_is_marked),
	TEST_CASE(copy_has_the_same_files),
	TEST_CASE(range_is_closed),
	TEST_CASE(place_is_no_file),
	TEST_CASE(descriptors_agree_with_a_model),
};
TEST_SUITE(file, file_cases);
