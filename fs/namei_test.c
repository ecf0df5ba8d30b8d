/* SPDX-License-Identifier: GPL-2.0-only */
/* Walks: where they end, and with which of Linux's errors. */
#include <linux/errno.h>
#include <linux/fs.h>
#include <linux/limits.h>
#include <oshit/err.h>
#include <oshit/math.h>
#include <oshit/printf.h>
#include <oshit/slab.h>
#include <oshit/string.h>

#include "fs_test.h"

static int symlink_at(const char *body, const char *name)
{
	return do_symlinkat(body, AT_FDCWD, name);
}

/* /test/{f,d/{g,e/}} and links. */
static bool make_tree(struct test *t)
{
	int err;

	if (!test_fs_begin(t))
		return false;
	err = test_create("/test/f") ?: test_mkdir("/test/d") ?: test_create("/test/d/g");
	err = err ?: test_mkdir("/test/d/e") ?: symlink_at("f", "/test/lf");
	err = err ?: symlink_at("/test/d", "/test/ld") ?: symlink_at("nothing", "/test/ln");
	err = err ?: symlink_at("e/", "/test/d/le") ?: symlink_at("ld/le", "/test/lle");
	EXPECT_OK(t, err);
	return true;
}

static void names_lead_to_the_same_place(struct test *t)
{
	static const char *const same[] = {
		"/test/d/g",	  "//test///d//g", "/test/d/./g",
		"/test/d/e/../g", "/test/ld/g",	   "/test/ld/le/../g",
		"/test/lle/../g", "/../test/d/g",  "/test/../test/d/g",
	};
	long ino;
	size_t i;

	if (!make_tree(t))
		return;
	ino = test_ino(same[0]);
	EXPECT_GT(t, ino, 0);
	for (i = 0; i < ARRAY_SIZE(same); i++)
		if (test_ino(same[i]) != ino)
			test_fail(t, __FILE__, __LINE__, "%s: %ld", same[i], test_ino(same[i]));
	test_fs_end(t);
}

static void slash_at_the_end_means_directory(struct test *t)
{
	if (!make_tree(t))
		return;
	EXPECT_EQ(t, test_ino("/test/f/"), -ENOTDIR);
	EXPECT_EQ(t, test_ino("/test/lf/"), -ENOTDIR);
	EXPECT_EQ(t, test_ino("/test/ld/"), test_ino("/test/d"));
	EXPECT_NE(t, test_ino("/test/ld"), test_ino("/test/d"));
	EXPECT_EQ(t, test_ino("/test/lle/"), test_ino("/test/d/e"));
	EXPECT_EQ(t, test_open("/test/new/", O_CREAT | O_RDWR), -EISDIR);
	EXPECT_EQ(t, test_unlink("/test/f/"), -ENOTDIR);
	EXPECT_OK(t, test_mkdir("/test/new/"));
	test_fs_end(t);
}

static void walk_fails_as_in_linux(struct test *t)
{
	if (!make_tree(t))
		return;
	EXPECT_EQ(t, test_ino(""), -ENOENT);
	EXPECT_EQ(t, test_ino("/test/nothing"), -ENOENT);
	EXPECT_EQ(t, test_ino("/test/nothing/x"), -ENOENT);
	EXPECT_EQ(t, test_ino("/test/f/x"), -ENOTDIR);
	EXPECT_EQ(t, test_ino("/test/f/.."), -ENOTDIR);
	EXPECT_EQ(t, test_ino("/test/ln/x"), -ENOENT);
	EXPECT_EQ(t, test_open("/test/ln", O_RDONLY), -ENOENT);
	EXPECT_EQ(t, path_lookup(4711, "x", 0, &(struct path){ NULL, NULL }), -EBADF);
	test_fs_end(t);
}

static void long_names_are_refused(struct test *t)
{
	char *name = kmalloc(NAME_MAX + 16, GFP_KERNEL);

	if (!name || !make_tree(t))
		return;
	memcpy(name, "/test/", 6);
	memset(name + 6, 'x', NAME_MAX + 1);
	name[6 + NAME_MAX + 1] = '\0';
	EXPECT_EQ(t, test_create(name), -ENAMETOOLONG);
	name[6 + NAME_MAX] = '\0';
	EXPECT_OK(t, test_create(name));
	EXPECT_GT(t, test_ino(name), 0);
	EXPECT_OK(t, test_unlink(name));
	test_fs_end(t);
	kfree(name);
}

static void links_have_a_limit(struct test *t)
{
	char name[32], body[32];
	int i, err = 0;

	if (!make_tree(t))
		return;
	EXPECT_OK(t, symlink_at("loop", "/test/loop"));
	EXPECT_EQ(t, test_open("/test/loop", O_RDONLY), -ELOOP);
	/* Link n says link n - 1; number 0 says f. */
	strscpy(body, "f", sizeof(body));
	for (i = 0; i <= MAXSYMLINKS && !err; i++) {
		snprintf(name, sizeof(name), "/test/%d", i);
		err = symlink_at(body, name);
		snprintf(body, sizeof(body), "%d", i);
	}
	EXPECT_OK(t, err);
	snprintf(name, sizeof(name), "/test/%d", MAXSYMLINKS - 1);
	EXPECT_OK(t, test_open(name, O_RDONLY));
	snprintf(name, sizeof(name), "/test/%d", MAXSYMLINKS);
	EXPECT_EQ(t, test_open(name, O_RDONLY), -ELOOP);
	test_fs_end(t);
}

/* Each link is followed by more, so that all are on the stack at once. */
static void links_within_links_come_back(struct test *t)
{
	char name[32], body[32];
	int i, err;

	if (!make_tree(t))
		return;
	err = symlink_at("d/e", "/test/n0");
	for (i = 1; i < 20 && !err; i++) {
		snprintf(name, sizeof(name), "/test/n%d", i);
		snprintf(body, sizeof(body), "n%d/../e", i - 1);
		err = symlink_at(body, name);
	}
	EXPECT_OK(t, err);
	EXPECT_EQ(t, test_ino("/test/n19/../g"), test_ino("/test/d/g"));
	test_fs_end(t);
}

static void open_flags_decide(struct test *t)
{
	if (!make_tree(t))
		return;
	EXPECT_EQ(t, test_open("/test/f", O_CREAT | O_EXCL | O_RDWR), -EEXIST);
	EXPECT_EQ(t, test_open("/test/ln", O_CREAT | O_EXCL | O_RDWR), -EEXIST);
	EXPECT_EQ(t, test_open("/test/lf", O_RDONLY | O_NOFOLLOW), -ELOOP);
	EXPECT_OK(t, test_open("/test/lf", O_PATH | O_NOFOLLOW));
	EXPECT_EQ(t, test_open("/test/f", O_RDONLY | O_DIRECTORY), -ENOTDIR);
	EXPECT_EQ(t, test_open("/test/d", O_WRONLY), -EISDIR);
	EXPECT_EQ(t, test_open("/test/d", O_RDONLY | O_CREAT), -EISDIR);
	EXPECT_OK(t, test_open("/test/d", O_RDONLY | O_DIRECTORY));
	/* Through a link that leads nowhere the file is made where it leads. */
	EXPECT_OK(t, test_open("/test/ln", O_CREAT | O_RDWR));
	EXPECT_GT(t, test_ino("/test/nothing"), 0);
	test_fs_end(t);
}

static void removal_fails_as_in_linux(struct test *t)
{
	if (!make_tree(t))
		return;
	EXPECT_EQ(t, test_unlink("/test/d"), -EISDIR);
	EXPECT_EQ(t, do_rmdirat(AT_FDCWD, "/test/f"), -ENOTDIR);
	EXPECT_EQ(t, do_rmdirat(AT_FDCWD, "/test/d"), -ENOTEMPTY);
	EXPECT_EQ(t, do_rmdirat(AT_FDCWD, "/test/d/."), -EINVAL);
	EXPECT_EQ(t, do_rmdirat(AT_FDCWD, "/test/d/.."), -ENOTEMPTY);
	EXPECT_EQ(t, do_rmdirat(AT_FDCWD, "/"), -EBUSY);
	EXPECT_EQ(t, do_rmdirat(AT_FDCWD, "/test"), -EBUSY);
	EXPECT_EQ(t, test_unlink("/test/nothing"), -ENOENT);
	EXPECT_OK(t, do_rmdirat(AT_FDCWD, "/test/d/e"));
	EXPECT_OK(t, test_unlink("/test/d/g"));
	test_fs_end(t);
}

static void rename_fails_as_in_linux(struct test *t)
{
	if (!make_tree(t))
		return;
	EXPECT_EQ(t, test_rename("/test/nothing", "/test/x", 0), -ENOENT);
	EXPECT_EQ(t, test_rename("/test/d", "/test/d/e/x", 0), -EINVAL);
	EXPECT_EQ(t, test_rename("/test/d/e", "/test/d", 0), -ENOTEMPTY);
	EXPECT_EQ(t, test_rename("/test/f", "/test/d", 0), -EISDIR);
	EXPECT_EQ(t, test_rename("/test/d", "/test/f", 0), -ENOTDIR);
	EXPECT_EQ(t, test_rename("/test/f", "/test/d/g", RENAME_NOREPLACE), -EEXIST);
	EXPECT_EQ(t, test_rename("/test/f", "/x", 0), -EXDEV);
	EXPECT_EQ(t, test_rename("/test/f", "/test/x", RENAME_EXCHANGE), -ENOENT);
	EXPECT_EQ(t, test_rename("/test/d/.", "/test/x", 0), -EBUSY);
	EXPECT_EQ(t, test_rename("/test/f", "/test/x/", 0), -ENOTDIR);
	test_fs_end(t);
}

static void rename_moves_what_is_there(struct test *t)
{
	long f, g, e;

	if (!make_tree(t))
		return;
	f = test_ino("/test/f");
	g = test_ino("/test/d/g");
	e = test_ino("/test/d/e");
	EXPECT_OK(t, test_rename("/test/f", "/test/d/g", RENAME_EXCHANGE));
	EXPECT_EQ(t, test_ino("/test/f"), g);
	EXPECT_EQ(t, test_ino("/test/d/g"), f);
	EXPECT_OK(t, test_rename("/test/f", "/test/d/g", 0));
	EXPECT_EQ(t, test_ino("/test/f"), -ENOENT);
	EXPECT_EQ(t, test_ino("/test/d/g"), g);
	EXPECT_OK(t, test_rename("/test/d/e", "/test/e", 0));
	EXPECT_EQ(t, test_ino("/test/e"), e);
	EXPECT_EQ(t, test_ino("/test/e/.."), test_ino("/test"));
	/* A directory takes the place of an empty one. */
	EXPECT_OK(t, test_mkdir("/test/e2"));
	EXPECT_OK(t, test_rename("/test/e", "/test/e2", 0));
	EXPECT_EQ(t, test_ino("/test/e2"), e);
	test_fs_end(t);
}

static void places_have_names(struct test *t)
{
	struct path root, path;
	char buf[64];

	if (!make_tree(t))
		return;
	ASSERT_OK(t, path_lookup(AT_FDCWD, "/", 0, &root));
	ASSERT_OK(t, path_lookup(AT_FDCWD, "/test/ld/le", LOOKUP_FOLLOW, &path));
	EXPECT_STREQ(t, d_path(&path, &root, buf, sizeof(buf)), "/test/d/e");
	EXPECT_STREQ(t, d_path(&root, &root, buf, sizeof(buf)), "/");
	EXPECT_EQ(t, PTR_ERR(d_path(&path, &root, buf, 9)), -ENAMETOOLONG);
	EXPECT_OK(t, test_rename("/test/d", "/test/other", 0));
	EXPECT_STREQ(t, d_path(&path, &root, buf, sizeof(buf)), "/test/other/e");
	EXPECT_OK(t, do_rmdirat(AT_FDCWD, "/test/other/e"));
	EXPECT_STREQ(t, d_path(&path, &root, buf, sizeof(buf)), "/test/other/e (deleted)");
	path_put(&path);
	path_put(&root);
	test_fs_end(t);
}

static void nothing_is_made_in_a_removed_directory(struct test *t)
{
	struct path path;
	struct qstr name = qstr_of("x", 1);
	struct dentry *dentry;

	if (!make_tree(t))
		return;
	ASSERT_OK(t, path_lookup(AT_FDCWD, "/test/d/e", 0, &path));
	EXPECT_OK(t, do_rmdirat(AT_FDCWD, "/test/d/e"));
	inode_lock(d_inode(path.dentry));
	dentry = lookup_child_locked(path.dentry, &name);
	inode_unlock(d_inode(path.dentry));
	EXPECT_EQ(t, PTR_ERR(dentry), -ENOENT);
	path_put(&path);
	test_fs_end(t);
}

static void used_mount_is_busy(struct test *t)
{
	struct mount *mnt;
	struct path path;

	if (!make_tree(t))
		return;
	ASSERT_OK(t, path_lookup(AT_FDCWD, "/test/d", 0, &path));
	mnt = mntget(path.mnt);
	EXPECT_EQ(t, do_umount(mnt, 0), -EBUSY);
	mntput(mnt);
	EXPECT_GT(t, test_ino("/test/d/g"), 0);
	path_put(&path);
	test_fs_end(t);
}

static const struct test_case namei_cases[] = {
	TEST_CASE(names_lead_to_the_same_place),
	TEST_CASE(slash_at_the_end_means_directory),
	TEST_CASE(walk_fails_as_in_linux),
	TEST_CASE(long_names_are_refused),
	TEST_CASE(links_have_a_limit),
	TEST_CASE(links_within_links_come_back),
	TEST_CASE(open_flags_decide),
	TEST_CASE(removal_fails_as_in_linux),
	TEST_CASE(rename_fails_as_in_linux),
	TEST_CASE(rename_moves_what_is_there),
	TEST_CASE(places_have_names),
	TEST_CASE(nothing_is_made_in_a_removed_directory),
	TEST_CASE(used_mount_is_busy),
};
TEST_SUITE(namei, namei_cases);
