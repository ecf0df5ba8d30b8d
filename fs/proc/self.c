/* SPDX-License-Identifier: GPL-2.0-only */
/* /proc/self and /proc/thread-self: links that say who reads them. */
#include <linux/errno.h>
#include <oshit/err.h>
#include <oshit/printf.h>
#include <oshit/slab.h>
#include <oshit/string.h>

#include "internal.h"

#define MAX_SELF sizeof("32768/task/32768")

static void free_text(void *text)
{
	kfree(text);
}

/* Kernel threads are not found here. */
static const char *make_text(struct link_body *body, bool of_thread)
{
	char *text;

	if (!current->user)
		return ERR_PTR(-ENOENT);
	text = kmalloc(MAX_SELF, GFP_KERNEL);
	if (!text)
		return ERR_PTR(-ENOMEM);
	*body = (struct link_body){ free_text, text };
	if (of_thread)
		snprintf(text, MAX_SELF, "%d/task/%d", current->user->tgid, current->pid);
	else
		snprintf(text, MAX_SELF, "%d", current->user->tgid);
	return text;
}

static const char *self_get_link(struct inode *inode __maybe_unused, struct link_body *body)
{
	return make_text(body, false);
}

static const char *thread_self_get_link(struct inode *inode __maybe_unused, struct link_body *body)
{
	return make_text(body, true);
}

static const struct inode_operations self_ops = { .get_link = self_get_link };
static const struct inode_operations thread_self_ops = { .get_link = thread_self_get_link };

bool proc_self_lookup(struct inode *dir, struct dentry *dentry)
{
	bool is_self = qstr_is(&dentry->name, "self");
	struct inode *inode;

	if (!is_self && !qstr_is(&dentry->name, "thread-self"))
		return false;
	inode = proc_new_inode(dir->sb, S_IFLNK | 0777,
			       is_self ? PROC_SELF_INO : PROC_THREAD_SELF_INO);
	if (inode)
		inode->ops = is_self ? &self_ops : &thread_self_ops;
	d_instantiate(dentry, inode);
	return true;
}
