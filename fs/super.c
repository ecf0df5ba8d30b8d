/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Kinds of file systems, and super blocks.  A super block lives as long as a mount shows it; its
 * end is the end of all its dentries, then of what the file system keeps.
 */
#include <linux/errno.h>
#include <oshit/bug.h>
#include <oshit/fs.h>
#include <oshit/inotify.h>
#include <oshit/slab.h>
#include <oshit/string.h>

#include "internal.h"

#define FIRST_ANONYMOUS_DEV MKDEV(0, 1) /* numbers of file systems that are on no device */

static DEFINE_SPINLOCK(types_lock);
static LIST_HEAD(types); /* struct file_system_type */
static atomic_t nr_anonymous_devs;

void register_filesystem(struct file_system_type *type)
{
	spin_lock(&types_lock);
	list_add_tail(&type->list, &types);
	spin_unlock(&types_lock);
}

struct file_system_type *filesystem_nth(unsigned int nr)
{
	struct file_system_type *type, *found = NULL;

	spin_lock(&types_lock);
	list_for_each_entry(type, &types, list) {
		if (!nr--) {
			found = type;
			break;
		}
	}
	spin_unlock(&types_lock);
	return found;
}

struct file_system_type *find_filesystem(const char *name)
{
	struct file_system_type *type, *found = NULL;

	spin_lock(&types_lock);
	list_for_each_entry(type, &types, list) {
		if (!strcmp(type->name, name)) {
			found = type;
			break;
		}
	}
	spin_unlock(&types_lock);
	return found;
}

int parse_mount_options(const char *data,
			int (*set)(void *options, const char *name, const char *value),
			void *options)
{
	char *copy, *text;
	int err = 0;

	if (!data)
		return 0;
	copy = kstrdup(data, GFP_KERNEL);
	if (!copy)
		return -ENOMEM;
	for (text = copy; text && !err;) {
		char *name = text, *value;

		text = strchr(text, ',');
		if (text)
			*text++ = '\0';
		if (!*name)
			continue;
		value = strchr(name, '=');
		if (value)
			*value++ = '\0';
		err = set(options, name, value);
	}
	kfree(copy);
	return err;
}

struct super_block *mount_super(struct file_system_type *type, const char *data)
{
	struct super_block *sb;
	int err;

	if (type->single) {
		refcount_inc(&type->single->refs);
		return type->single;
	}
	sb = kzalloc(sizeof(*sb), GFP_KERNEL);
	if (!sb)
		return ERR_PTR(-ENOMEM);
	refcount_set(&sb->refs, 1);
	spin_lock_init(&sb->lock);
	INIT_LIST_HEAD(&sb->inodes);
	mutex_init(&sb->rename_mutex);
	sb->type = type;
	sb->dev = FIRST_ANONYMOUS_DEV + atomic_inc_return(&nr_anonymous_devs) - 1;
	sb->block_size = PAGE_SIZE;
	sb->max_bytes = MAX_FILESIZE;
	err = type->fill_super(sb, data);
	if (!err)
		return sb;
	super_put(sb);
	return ERR_PTR(err);
}

void super_put(struct super_block *sb)
{
	if (!refcount_dec_and_test(&sb->refs))
		return;
	notify_unmount(sb);
	if (sb->root)
		d_kill_tree(sb->root);
	if (sb->ops && sb->ops->put_super)
		sb->ops->put_super(sb);
	WARN_ON_ONCE(!list_empty(&sb->inodes));
	kfree(sb);
}
