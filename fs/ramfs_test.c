/* SPDX-License-Identifier: GPL-2.0-only */
/* ramfs and the dentry cache above it, against a model, and by many tasks at once. */
#include <linux/errno.h>
#include <linux/fs.h>
#include <oshit/err.h>
#include <oshit/kthread.h>
#include <oshit/math.h>
#include <oshit/printf.h>
#include <oshit/shrinker.h>
#include <oshit/slab.h>
#include <oshit/string.h>
#include <oshit/task.h>
#include <oshit/test_random.h>

#include "fs_test.h"

/* --- bytes --- */

static void file_keeps_what_was_written(struct test *t)
{
	static const char text[] = "some bytes";
	const loff_t far = 5 * PAGE_SIZE - 4;
	struct file *file;
	char buf[32];

	if (!test_fs_begin(t))
		return;
	file = filp_open("/test/f", O_CREAT | O_RDWR, 0644);
	ASSERT_FALSE(t, IS_ERR(file));
	EXPECT_EQ(t, kernel_write(file, text, sizeof(text), far), sizeof(text));
	EXPECT_EQ(t, i_size_read(file_inode(file)), far + sizeof(text));
	EXPECT_EQ(t, kernel_read(file, buf, sizeof(buf), far), sizeof(text));
	EXPECT_STREQ(t, buf, text);
	/* Two pages were written; reading of the hole makes none. */
	EXPECT_EQ(t, kernel_read(file, buf, sizeof(buf), PAGE_SIZE), sizeof(buf));
	EXPECT_TRUE(t, !buf[0] && !memcmp(buf, buf + 1, sizeof(buf) - 1));
	EXPECT_EQ(t, file_inode(file)->data.pages.nr_pages, 2);
	EXPECT_EQ(t, kernel_read(file, buf, sizeof(buf), far + 100), 0);
	fput(file);
	test_fs_end(t);
}

static void truncated_bytes_come_back_as_zeros(struct test *t)
{
	struct file *file;
	char buf[8];

	if (!test_fs_begin(t))
		return;
	file = filp_open("/test/f", O_CREAT | O_RDWR, 0644);
	ASSERT_FALSE(t, IS_ERR(file));
	EXPECT_EQ(t, kernel_write(file, "abcdefgh", 8, 0), 8);
	EXPECT_OK(t, do_truncate(file_inode(file), 3));
	EXPECT_EQ(t, kernel_read(file, buf, 8, 0), 3);
	EXPECT_OK(t, do_truncate(file_inode(file), 8));
	EXPECT_EQ(t, kernel_read(file, buf, 8, 0), 8);
	EXPECT_TRUE(t, !memcmp(buf, "abc\0\0\0\0\0", 8));
	EXPECT_OK(t, do_truncate(file_inode(file), 0));
	EXPECT_EQ(t, file_inode(file)->data.pages.nr_pages, 0);
	EXPECT_EQ(t, do_truncate(file_inode(file), -1), -EINVAL);
	fput(file);
	test_fs_end(t);
}

static unsigned int nr_stored;
static char last_stored;

static int fill_with_zeros(struct address_space *mapping __maybe_unused, struct page *page)
{
	memset(page_to_virt(page), 0, PAGE_SIZE);
	return 0;
}

static int note_stored(struct address_space *mapping __maybe_unused, struct page *page)
{
	nr_stored++;
	last_stored = *(char *)page_to_virt(page);
	return 0;
}

/* A file as of a disk: what write() changes is dirty until fsync(), a page at a time. */
static void fsync_stores_what_was_written(struct test *t)
{
	static const struct address_space_operations aops = {
		.read_page = fill_with_zeros,
		.write_page = note_stored,
	};
	struct file *file;

	if (!test_fs_begin(t))
		return;
	file = filp_open("/test/f", O_CREAT | O_RDWR, 0644);
	ASSERT_FALSE(t, IS_ERR(file));
	file_inode(file)->data.ops = &aops;
	nr_stored = 0;
	EXPECT_EQ(t, kernel_write(file, "ab", 2, PAGE_SIZE - 1), 2);
	EXPECT_EQ(t, kernel_write(file, "c", 1, 7 * PAGE_SIZE), 1);
	EXPECT_OK(t, generic_file_fsync(file, 0));
	EXPECT_EQ(t, nr_stored, 3u);
	EXPECT_OK(t, generic_file_fsync(file, 0));
	EXPECT_EQ(t, nr_stored, 3u);
	EXPECT_EQ(t, kernel_write(file, "d", 1, PAGE_SIZE), 1);
	EXPECT_OK(t, do_truncate(file_inode(file), PAGE_SIZE + 10));
	EXPECT_OK(t, generic_file_fsync(file, 0));
	EXPECT_EQ(t, nr_stored, 4u);
	EXPECT_EQ(t, last_stored, 'd');
	fput(file);
	test_fs_end(t);
}

static void removed_file_lives_while_it_is_open(struct test *t)
{
	struct file *file;
	char buf[4];

	if (!test_fs_begin(t))
		return;
	file = filp_open("/test/f", O_CREAT | O_RDWR, 0644);
	ASSERT_FALSE(t, IS_ERR(file));
	EXPECT_OK(t, test_unlink("/test/f"));
	EXPECT_EQ(t, test_ino("/test/f"), -ENOENT);
	EXPECT_EQ(t, kernel_write(file, "abc", 4, 0), 4);
	EXPECT_EQ(t, kernel_read(file, buf, 4, 0), 4);
	EXPECT_EQ(t, file_inode(file)->nlink, 0);
	fput(file);
	test_fs_end(t);
}

static void executed_file_is_not_written(struct test *t)
{
	struct file *file;

	if (!test_fs_begin(t))
		return;
	EXPECT_OK(t, test_open("/test/f", O_CREAT | O_RDWR));
	EXPECT_EQ(t, PTR_ERR(open_exec("/test/f")), -EACCES);
	file = filp_open("/test/x", O_CREAT | O_WRONLY, 0755);
	ASSERT_FALSE(t, IS_ERR(file));
	EXPECT_EQ(t, PTR_ERR(open_exec("/test/x")), -ETXTBSY);
	fput(file);
	file = open_exec("/test/x");
	ASSERT_FALSE(t, IS_ERR(file));
	EXPECT_EQ(t, test_open("/test/x", O_WRONLY), -ETXTBSY);
	fput(file);
	EXPECT_OK(t, test_open("/test/x", O_WRONLY));
	EXPECT_EQ(t, PTR_ERR(open_exec("/test")), -EACCES);
	test_fs_end(t);
}

/* --- directories --- */

#define NR_NAMES 200

struct listing {
	struct dir_context ctx;
	unsigned int seen[NR_NAMES]; /* how often */
	unsigned int left; /* entries to take in this round */
	unsigned int nr_others;
};

static bool note_entry(struct dir_context *ctx, const char *name, unsigned int len,
		       u64 ino __maybe_unused, unsigned int type __maybe_unused)
{
	struct listing *listing = container_of(ctx, struct listing, ctx);
	unsigned int nr = 0;

	if (!listing->left)
		return false;
	listing->left--;
	if (*name != 'n')
		listing->nr_others++;
	while (*name == 'n' && --len)
		nr = nr * 10 + (name[len] - '0');
	if (*name == 'n' && nr < NR_NAMES)
		listing->seen[nr]++;
	return true;
}

/* Digits from the last to the first, as note_entry() reads them. */
static const char *name_of(char *buf, size_t size, unsigned int nr)
{
	size_t len = snprintf(buf, size, "/test/n");

	do {
		buf[len++] = '0' + nr % 10;
		nr /= 10;
	} while (nr && len < size - 1);
	buf[len] = '\0';
	return buf;
}

static int list_some(struct file *dir, struct listing *listing, unsigned int nr)
{
	int err;

	listing->left = nr;
	down_read(&file_inode(dir)->rwsem);
	err = dir->ops->iterate(dir, &listing->ctx);
	up_read(&file_inode(dir)->rwsem);
	return err;
}

/* What is there all the time is seen once, though others come and go between the calls. */
static void directory_read_in_pieces_is_whole(struct test *t)
{
	struct listing *listing = kzalloc(sizeof(*listing), GFP_KERNEL);
	struct file *dir;
	char name[32];
	unsigned int i;

	if (!listing || !test_fs_begin(t))
		return;
	listing->ctx.actor = note_entry;
	for (i = 0; i < NR_NAMES; i++)
		EXPECT_OK(t, test_create(name_of(name, sizeof(name), i)));
	dir = filp_open("/test", O_RDONLY | O_DIRECTORY, 0);
	ASSERT_FALSE(t, IS_ERR(dir));
	for (i = 0; i < NR_NAMES; i += 2) {
		EXPECT_OK(t, list_some(dir, listing, 3));
		EXPECT_OK(t, test_unlink(name_of(name, sizeof(name), i)));
		snprintf(name, sizeof(name), "/test/x%u", i);
		EXPECT_OK(t, test_create(name));
	}
	for (i = 0; i < NR_NAMES; i += 2)
		EXPECT_OK(t, list_some(dir, listing, 100));
	for (i = 1; i < NR_NAMES; i += 2)
		EXPECT_EQ(t, listing->seen[i], 1);
	for (i = 0; i < NR_NAMES; i += 2)
		EXPECT_LE(t, listing->seen[i], 1);
	EXPECT_EQ(t, listing->nr_others, 2 + NR_NAMES / 2);
	fput(dir);
	test_fs_end(t);
	kfree(listing);
}

static void links_are_counted(struct test *t)
{
	struct path path;
	struct inode *inode;

	if (!test_fs_begin(t))
		return;
	ASSERT_OK(t, path_lookup(AT_FDCWD, "/test", 0, &path));
	inode = d_inode(path.dentry);
	EXPECT_EQ(t, inode->nlink, 2);
	EXPECT_OK(t, test_mkdir("/test/a") ?: test_mkdir("/test/b") ?: test_mkdir("/test/a/c"));
	EXPECT_EQ(t, inode->nlink, 4);
	EXPECT_OK(t, test_rename("/test/a/c", "/test/c", 0));
	EXPECT_EQ(t, inode->nlink, 5);
	EXPECT_OK(t, test_rename("/test/c", "/test/b", 0));
	EXPECT_EQ(t, inode->nlink, 4);
	EXPECT_OK(t, do_rmdirat(AT_FDCWD, "/test/b"));
	EXPECT_EQ(t, inode->nlink, 3);
	path_put(&path);
	test_fs_end(t);
}

/* --- a model --- */

#define NR_MODEL_NAMES 64
#define NR_MODEL_STEPS (4000 * TEST_SCALE)

/* Directory 0 is /test, 1 to 3 are /test/dN; in each are the same names. */
static void model_name(char *buf, size_t size, unsigned int nr)
{
	if (nr % 4)
		snprintf(buf, size, "/test/d%u/%u", nr % 4, nr / 4);
	else
		snprintf(buf, size, "/test/%u", nr / 4);
}

struct model {
	struct test_random random;
	long ino[NR_MODEL_NAMES]; /* 0: there is none */
};

static void model_rename(struct test *t, struct model *model, unsigned int from, unsigned int to)
{
	char old[32], new[32];
	int err;

	model_name(old, sizeof(old), from);
	model_name(new, sizeof(new), to);
	err = test_rename(old, new, 0);
	EXPECT_EQ(t, err, model->ino[from] ? 0 : -ENOENT);
	if (!err && from != to) {
		model->ino[to] = model->ino[from];
		model->ino[from] = 0;
	}
}

static void model_step(struct test *t, struct model *model)
{
	unsigned int nr = test_random_below(&model->random, NR_MODEL_NAMES);
	char name[32];

	model_name(name, sizeof(name), nr);
	switch (test_random_below(&model->random, 5)) {
	case 0:
		EXPECT_EQ(t, test_create(name), model->ino[nr] ? -EEXIST : 0);
		if (!model->ino[nr])
			model->ino[nr] = test_ino(name);
		break;
	case 1:
		EXPECT_EQ(t, test_unlink(name), model->ino[nr] ? 0 : -ENOENT);
		model->ino[nr] = 0;
		break;
	case 2:
		model_rename(t, model, nr, test_random_below(&model->random, NR_MODEL_NAMES));
		break;
	default:
		EXPECT_EQ(t, test_ino(name), model->ino[nr] ?: -ENOENT);
		break;
	}
}

static void names_agree_with_a_model(struct test *t)
{
	struct model *model = kzalloc(sizeof(*model), GFP_KERNEL);
	unsigned int i;

	if (!model || !test_fs_begin(t))
		return;
	model->random = test_random_seeded(t, 0x5eedf5);
	EXPECT_OK(t, test_mkdir("/test/d1") ?: test_mkdir("/test/d2") ?: test_mkdir("/test/d3"));
	for (i = 0; i < NR_MODEL_STEPS && !t->nr_failures; i++) {
		model_step(t, model);
		if (!test_random_below(&model->random, 100))
			shrink_caches(GFP_KERNEL, 1);
	}
	test_fs_end(t);
	kfree(model);
}

static void unused_dentries_go_when_memory_is_wanted(struct test *t)
{
	struct dcache_counts before, between, after;
	char name[32];
	unsigned int i;

	if (!test_fs_begin(t))
		return;
	shrink_caches(GFP_KERNEL, ~0UL);
	dcache_counts_get(&before);
	EXPECT_OK(t, test_mkdir("/test/a") ?: test_mkdir("/test/a/b"));
	for (i = 0; i < NR_NAMES; i++) {
		snprintf(name, sizeof(name), "/test/a/b/%u", i);
		EXPECT_EQ(t, i % 2 ? test_ino(name) : test_create(name), i % 2 ? -ENOENT : 0);
	}
	dcache_counts_get(&between);
	EXPECT_EQ(t, between.nr_dentries - before.nr_dentries,
		  2 + (IS_ENABLED(CONFIG_NEGATIVE_DENTRIES) ? NR_NAMES : NR_NAMES / 2));
	shrink_caches(GFP_KERNEL, ~0UL);
	dcache_counts_get(&after);
	EXPECT_LE(t, after.nr_dentries, before.nr_dentries);
	EXPECT_GT(t, test_ino("/test/a/b/0"), 0);
	EXPECT_EQ(t, test_ino("/test/a/b/1"), -ENOENT);
	test_fs_end(t);
}

/* --- many at once --- */

#define NR_WORKERS	4
#define NR_SHARED	8 /* names for which all compete */
#define NR_WORKER_STEPS 1500

struct worker {
	struct test_random random;
	long created, removed; /* of shared names */
	bool failed;
};

/* 0, or an error that competition explains. */
static bool explained(int err)
{
	return !err || err == -ENOENT || err == -EEXIST;
}

static void worker_step(struct worker *worker)
{
	char old[32], new[32];
	struct test_random *random = &worker->random;
	int err;

	snprintf(old, sizeof(old), "/test/%s/%lu", test_random_below(random, 2) ? "a" : "b/c",
		 test_random_below(random, NR_SHARED));
	snprintf(new, sizeof(new), "/test/%s/%lu", test_random_below(random, 2) ? "a" : "b/c",
		 test_random_below(random, NR_SHARED));
	switch (test_random_below(random, 4)) {
	case 0:
		err = test_create(old);
		worker->created += !err;
		break;
	case 1:
		err = test_unlink(old);
		worker->removed += !err;
		break;
	case 2:
		err = test_rename(old, new, RENAME_NOREPLACE);
		break;
	default:
		err = test_open(old, O_RDONLY);
		break;
	}
	if (!explained(err))
		worker->failed = true;
}

static int work(void *data)
{
	struct worker *worker = data;
	unsigned int i;

	for (i = 0; i < NR_WORKER_STEPS; i++) {
		worker_step(worker);
		if (!test_random_below(&worker->random, 200))
			shrink_caches(GFP_KERNEL, 1);
		cond_resched();
	}
	while (!kthread_should_stop())
		yield();
	return 0;
}

static long count_shared(void)
{
	char name[32];
	long nr = 0;
	int i;

	for (i = 0; i < 2 * NR_SHARED; i++) {
		snprintf(name, sizeof(name), "/test/%s/%d", i % 2 ? "a" : "b/c", i / 2);
		nr += test_ino(name) > 0;
	}
	return nr;
}

/* Made less removed is what is left, whoever did it. */
static void many_tasks_share_directories(struct test *t)
{
	struct worker *workers = kcalloc(NR_WORKERS, sizeof(*workers), GFP_KERNEL);
	struct task_struct *tasks[NR_WORKERS];
	long nr = 0;
	int i;

	if (!workers || !test_fs_begin(t))
		return;
	EXPECT_OK(t, test_mkdir("/test/a") ?: test_mkdir("/test/b") ?: test_mkdir("/test/b/c"));
	for (i = 0; i < NR_WORKERS; i++) {
		workers[i].random.state = 0x1234567 + i;
		tasks[i] = kthread_run(work, &workers[i], "fs_test/%d", i);
		EXPECT_FALSE(t, IS_ERR(tasks[i]));
	}
	for (i = 0; i < NR_WORKERS; i++) {
		if (!IS_ERR(tasks[i]))
			kthread_stop(tasks[i]);
		nr += workers[i].created - workers[i].removed;
		EXPECT_FALSE(t, workers[i].failed);
	}
	EXPECT_EQ(t, count_shared(), nr);
	test_fs_end(t);
	kfree(workers);
}

static const struct test_case ramfs_cases[] = {
	TEST_CASE(file_keeps_what_was_written),
	TEST_CASE(truncated_bytes_come_back_as_zeros),
	TEST_CASE(fsync_stores_what_was_written),
	TEST_CASE(removed_file_lives_while_it_is_open),
	TEST_CASE(executed_file_is_not_written),
	TEST_CASE(directory_read_in_pieces_is_whole),
	TEST_CASE(links_are_counted),
	TEST_CASE(names_agree_with_a_model),
	TEST_CASE(unused_dentries_go_when_memory_is_wanted),
	TEST_CASE(many_tasks_share_directories),
};
TEST_SUITE(ramfs, ramfs_cases);
