/* SPDX-License-Identifier: GPL-2.0-only */
/* What the tests of fs/ share: a file system of their own, mounted at /test. */
#ifndef FS_TEST_H
#define FS_TEST_H

#include <oshit/fs.h>
#include <oshit/namei.h>
#include <oshit/test.h>

/* Mounts an empty ramfs at /test. False: the test has failed. */
bool test_fs_begin(struct test *t);
/* Takes it away; fails the test if it is in use. */
void test_fs_end(struct test *t);

/* Short forms of the calls, relative to /. 0 or -errno. */
int test_create(const char *name);
int test_mkdir(const char *name);
int test_unlink(const char *name);
int test_rename(const char *old, const char *new, unsigned int flags);
/* What open() says, and closes at once. */
int test_open(const char *name, unsigned int flags);
/* The inode number; -errno. */
long test_ino(const char *name);
/* Reads and writes where the file has no positions. Bytes or -errno. */
long test_read(struct file *file, void *buf, size_t len);
long test_write(struct file *file, const void *buf, size_t len);

#endif
