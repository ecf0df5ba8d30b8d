/* SPDX-License-Identifier: GPL-2.0-only */
/* Nodes in devtmpfs. */
#include <linux/errno.h>
#include <linux/major.h>
#include <oshit/devtmpfs.h>
#include <oshit/err.h>
#include <oshit/math.h>
#include <oshit/string.h>

#include "fs_test.h"

/* Mounts devtmpfs at /test. */
static bool begin(struct test *t)
{
	struct mount *mnt;
	struct path path;
	int err = do_mkdirat(AT_FDCWD, "/test", 0755);

	err = err ?: path_lookup(AT_FDCWD, "/test", LOOKUP_DIRECTORY, &path);
	if (!err) {
		mnt = kern_mount("devtmpfs", NULL, NULL);
		err = IS_ERR(mnt) ? (int)PTR_ERR(mnt) : do_add_mount(mnt, &path);
		path_put(&path);
	}
	EXPECT_OK(t, err);
	return !err;
}

static void expect_node(struct test *t, const char *name, unsigned int mode, u32 dev)
{
	struct path path;
	int err = path_lookup(AT_FDCWD, name, 0, &path);

	EXPECT_OK(t, err);
	if (err)
		return;
	EXPECT_EQ(t, d_inode(path.dentry)->mode, mode);
	EXPECT_EQ(t, d_inode(path.dentry)->uid, 0);
	EXPECT_EQ(t, d_inode(path.dentry)->rdev, dev);
	path_put(&path);
}

static void devices_have_nodes(struct test *t)
{
	char buf[4] = "xyz";
	struct file *file;

	if (!begin(t))
		return;
	expect_node(t, "/test/null", S_IFCHR | 0666, MKDEV(MEM_MAJOR, 3));
	expect_node(t, "/test/zero", S_IFCHR | 0666, MKDEV(MEM_MAJOR, 5));
	expect_node(t, "/test/full", S_IFCHR | 0666, MKDEV(MEM_MAJOR, 7));
	expect_node(t, "/test/console", S_IFCHR | 0600, MKDEV(TTYAUX_MAJOR, 1));
	file = filp_open("/test/zero", O_RDONLY, 0);
	ASSERT_FALSE(t, IS_ERR(file));
	EXPECT_EQ(t, test_read(file, buf, 3), 3);
	EXPECT_TRUE(t, !memcmp(buf, "\0\0\0", 3));
	fput(file);
	test_fs_end(t);
}

static void every_mount_shows_the_same(struct test *t)
{
	if (!begin(t))
		return;
	EXPECT_OK(t, test_create("/test/made"));
	test_fs_end(t);
	if (!begin(t))
		return;
	EXPECT_OK(t, test_unlink("/test/made"));
	EXPECT_EQ(t, test_open("/test/made", O_RDONLY), -ENOENT);
	test_fs_end(t);
}

static void folders_of_a_node_are_made(struct test *t)
{
	const u32 dev = MKDEV(MEM_MAJOR, 3);

	if (!begin(t))
		return;
	EXPECT_OK(t, devtmpfs_create_node("one/two/node", S_IFCHR | 0620, dev));
	EXPECT_EQ(t, devtmpfs_create_node("one/two/node", S_IFCHR | 0620, dev), -EEXIST);
	EXPECT_EQ(t, devtmpfs_create_node("null/node", S_IFCHR | 0620, dev), -ENOTDIR);
	expect_node(t, "/test/one/two", S_IFDIR | 0755, 0);
	expect_node(t, "/test/one/two/node", S_IFCHR | 0620, dev);
	EXPECT_OK(t, test_unlink("/test/one/two/node"));
	EXPECT_OK(t, do_rmdirat(AT_FDCWD, "/test/one/two"));
	EXPECT_OK(t, do_rmdirat(AT_FDCWD, "/test/one"));
	test_fs_end(t);
}

static const struct test_case devtmpfs_cases[] = {
	TEST_CASE(devices_have_nodes),
	TEST_CASE(every_mount_shows_the_same),
	TEST_CASE(folders_of_a_node_are_made),
};
TEST_SUITE(devtmpfs, devtmpfs_cases);
