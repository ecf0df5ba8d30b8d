/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * ramfs: a file system in memory.  The bytes of a file are its pages in the page cache, which stay
 * until the file goes; directories and links are here, too.
 *
 * A directory is a set of entries, each with a reference to its inode, in two trees: by name for
 * look-ups, by offset for readdir().  An entry keeps its offset as long as it lives, and new ones
 * get larger offsets than all before; so whoever reads a directory in pieces sees each entry that
 * is there all the time exactly once, whatever comes and goes meanwhile.
 *
 * An inode lives while entries or users refer to it.  When the file system goes, all directories
 * are emptied first and the inodes let go afterwards, so that nothing recurses however deep they
 * are.
 *
 * Locks: the VFS's: inode->rwsem of the directory for its entries.
 *
 * tmpfs is the same with limits (fs/tmpfs.c), and pages that count as shared memory and may be in
 * swap, as those of memfd_create() (mm/shmem_swap.c).  Those of a ramfs always stay in memory.
 */
#include <linux/errno.h>
#include <linux/fs.h>
#include <linux/limits.h>
#include <linux/magic.h>
#include <oshit/fs.h>
#include <oshit/init.h>
#include <oshit/math.h>
#include <oshit/ramfs.h>
#include <oshit/rbtree.h>
#include <oshit/shmem.h>
#include <oshit/slab.h>
#include <oshit/string.h>

#include "ramfs.h"

#define FIRST_OFFSET 2 /* behind "." and ".." */
#define ENTRY_SIZE   20 /* what an entry adds to the size of its directory in stat(); as tmpfs */

struct ramfs_dir {
	struct rb_root by_name, by_offset; /* of struct ramfs_entry */
	loff_t next_offset;
};

struct ramfs_inode {
	struct inode inode;
	union {
		struct ramfs_dir dir;
		char *link; /* constant */
		struct shmem_swap swap; /* of a file */
	};
};

struct ramfs_entry { /* all under the directory's rwsem */
	struct rb_node by_name, by_offset;
	loff_t offset;
	struct inode *inode; /* holds a reference */
	unsigned int hash, len;
	char name[]; /* no 0 behind it */
};

static struct kmem_cache *inode_cache;

static struct ramfs_inode *ramfs_inode_of(struct inode *inode)
{
	return container_of(inode, struct ramfs_inode, inode);
}

static struct ramfs_dir *dir_of(struct inode *inode)
{
	return &ramfs_inode_of(inode)->dir;
}

/* --- entries --- */

/* As memcmp() of (hash, length, name). */
static int compare(const struct qstr *name, const struct ramfs_entry *entry)
{
	if (name->hash != entry->hash)
		return name->hash < entry->hash ? -1 : 1;
	if (name->len != entry->len)
		return name->len < entry->len ? -1 : 1;
	return memcmp(name->name, entry->name, name->len);
}

static struct ramfs_entry *find_entry(struct ramfs_dir *dir, const struct qstr *name)
{
	struct rb_node *node = dir->by_name.node;

	while (node) {
		struct ramfs_entry *entry = rb_entry(node, struct ramfs_entry, by_name);
		int order = compare(name, entry);

		if (!order)
			return entry;
		node = order < 0 ? node->left : node->right;
	}
	return NULL;
}

/* The first entry at @offset or behind it. */
static struct ramfs_entry *find_offset(struct ramfs_dir *dir, loff_t offset)
{
	struct rb_node *node = dir->by_offset.node;
	struct ramfs_entry *found = NULL;

	while (node) {
		struct ramfs_entry *entry = rb_entry(node, struct ramfs_entry, by_offset);

		if (entry->offset < offset) {
			node = node->right;
		} else {
			found = entry;
			node = node->left;
		}
	}
	return found;
}

static void link_by_name(struct ramfs_dir *dir, struct ramfs_entry *new)
{
	struct rb_node **link = &dir->by_name.node, *parent = NULL;
	struct qstr name = { new->name, new->len, new->hash };

	while (*link) {
		parent = *link;
		link = compare(&name, rb_entry(parent, struct ramfs_entry, by_name)) < 0
			       ? &parent->left
			       : &parent->right;
	}
	rb_link_node(&new->by_name, parent, link);
	rb_insert_color(&new->by_name, &dir->by_name);
}

/* Offsets only grow: it is the last one. */
static void link_by_offset(struct ramfs_dir *dir, struct ramfs_entry *new)
{
	struct rb_node *last = rb_last(&dir->by_offset);

	new->offset = dir->next_offset++;
	rb_link_node(&new->by_offset, last, last ? &last->right : &dir->by_offset.node);
	rb_insert_color(&new->by_offset, &dir->by_offset);
}

static void change_dir_size(struct inode *dir, int nr_entries)
{
	i_size_write(dir, i_size_read(dir) + nr_entries * ENTRY_SIZE);
	inode_touch(dir, TOUCH_MTIME | TOUCH_CTIME);
}

/* Takes over the reference to @inode on success. 0 or -ENOMEM. */
static int add_entry(struct inode *dir, const struct qstr *name, struct inode *inode)
{
	struct ramfs_entry *entry = kmalloc(sizeof(*entry) + name->len, GFP_KERNEL);

	if (!entry)
		return -ENOMEM;
	entry->inode = inode;
	entry->hash = name->hash;
	entry->len = name->len;
	memcpy(entry->name, name->name, name->len);
	link_by_name(dir_of(dir), entry);
	link_by_offset(dir_of(dir), entry);
	change_dir_size(dir, 1);
	return 0;
}

/* Forgets an entry, and gives its reference to the inode to the caller. */
static struct inode *remove_entry(struct inode *dir, struct ramfs_entry *entry)
{
	struct inode *inode = entry->inode;

	rb_erase(&entry->by_name, &dir_of(dir)->by_name);
	rb_erase(&entry->by_offset, &dir_of(dir)->by_offset);
	kfree(entry);
	change_dir_size(dir, -1);
	return inode;
}

/* --- operations on names --- */

static int ramfs_lookup(struct inode *dir, struct dentry *dentry)
{
	struct ramfs_entry *entry = find_entry(dir_of(dir), &dentry->name);

	if (entry)
		d_instantiate(dentry, ihold(entry->inode));
	return 0;
}

/* @inode, new and with one reference, gets its name; the reference goes if it fails. */
static int add_new(struct inode *dir, struct dentry *dentry, struct inode *inode)
{
	int err;

	if (!inode)
		return -ENOSPC;
	err = add_entry(dir, &dentry->name, inode);
	if (err) {
		inode->nlink = 0;
		iput(inode);
		return err;
	}
	d_instantiate(dentry, ihold(inode));
	return 0;
}

static int ramfs_mknod(struct inode *dir, struct dentry *dentry, unsigned int mode, u32 dev)
{
	return add_new(dir, dentry, ramfs_new_inode(dir->sb, dir, mode, dev));
}

static int ramfs_create(struct inode *dir, struct dentry *dentry, unsigned int mode)
{
	return ramfs_mknod(dir, dentry, mode | S_IFREG, 0);
}

static int ramfs_tmpfile(struct inode *dir, struct dentry *dentry, unsigned int mode)
{
	struct inode *inode = ramfs_new_inode(dir->sb, dir, mode | S_IFREG, 0);

	if (!inode)
		return -ENOSPC;
	inode->nlink = 0;
	d_instantiate(dentry, inode);
	return 0;
}

static int ramfs_mkdir(struct inode *dir, struct dentry *dentry, unsigned int mode)
{
	int err = ramfs_mknod(dir, dentry, mode | S_IFDIR, 0);

	if (!err)
		inode_add_links(dir, 1);
	return err;
}

static int ramfs_symlink(struct inode *dir, struct dentry *dentry, const char *body)
{
	struct inode *inode = ramfs_new_inode(dir->sb, dir, S_IFLNK | 0777, 0);
	char *copy = inode ? kstrdup(body, GFP_KERNEL) : NULL;

	if (inode && !copy) {
		inode->nlink = 0;
		iput(inode);
		return -ENOMEM;
	}
	if (inode) {
		ramfs_inode_of(inode)->link = copy;
		i_size_write(inode, strlen(copy));
	}
	return add_new(dir, dentry, inode);
}

static int ramfs_link(struct inode *inode, struct inode *dir, struct dentry *dentry)
{
	/* The first name came with the inode. */
	int err = inode->nlink ? tmpfs_charge_inode(dir->sb) : 0;

	if (err)
		return err;
	err = add_entry(dir, &dentry->name, ihold(inode));
	if (err) {
		if (inode->nlink)
			tmpfs_uncharge_inode(dir->sb);
		iput(inode);
		return err;
	}
	inode_add_links(inode, 1);
	inode_touch(inode, TOUCH_CTIME);
	d_instantiate(dentry, ihold(inode));
	return 0;
}

/* A name of a file goes; it was counted if the file has others. */
static void drop_link(struct inode *inode)
{
	inode_add_links(inode, -1);
	if (inode->nlink && !S_ISDIR(inode->mode))
		tmpfs_uncharge_inode(inode->sb);
}

static int ramfs_unlink(struct inode *dir, struct dentry *dentry)
{
	struct inode *inode = remove_entry(dir, find_entry(dir_of(dir), &dentry->name));

	drop_link(inode);
	inode_touch(inode, TOUCH_CTIME);
	iput(inode);
	return 0;
}

static bool dir_is_empty(struct inode *dir)
{
	return rb_empty(&dir_of(dir)->by_name);
}

static int ramfs_rmdir(struct inode *dir, struct dentry *dentry)
{
	struct inode *victim = d_inode(dentry);

	if (!dir_is_empty(victim))
		return -ENOTEMPTY;
	inode_add_links(victim, -1); /* its "." */
	inode_add_links(dir, -1); /* its ".." */
	return ramfs_unlink(dir, dentry);
}

static void move_link_of_parent(struct inode *child, struct inode *from, struct inode *to)
{
	if (!S_ISDIR(child->mode) || from == to)
		return;
	inode_add_links(from, -1);
	inode_add_links(to, 1);
}

static void exchange(struct inode *old_dir, struct ramfs_entry *old, struct inode *new_dir,
		     struct ramfs_entry *new)
{
	move_link_of_parent(old->inode, old_dir, new_dir);
	move_link_of_parent(new->inode, new_dir, old_dir);
	swap(old->inode, new->inode);
	inode_touch(old->inode, TOUCH_CTIME);
	inode_touch(new->inode, TOUCH_CTIME);
	change_dir_size(old_dir, 0);
	change_dir_size(new_dir, 0);
}

/* What is at the new name goes; its entry stays, for what comes. */
static int make_way(struct inode *dir, struct ramfs_entry *entry)
{
	struct inode *victim = entry->inode;

	if (S_ISDIR(victim->mode)) {
		if (!dir_is_empty(victim))
			return -ENOTEMPTY;
		inode_add_links(victim, -1);
		inode_add_links(dir, -1);
	}
	drop_link(victim);
	inode_touch(victim, TOUCH_CTIME);
	entry->inode = NULL;
	change_dir_size(dir, 0);
	iput(victim);
	return 0;
}

static int ramfs_rename(struct inode *old_dir, struct dentry *old, struct inode *new_dir,
			struct dentry *new, unsigned int flags)
{
	struct ramfs_entry *from = find_entry(dir_of(old_dir), &old->name);
	struct ramfs_entry *to = find_entry(dir_of(new_dir), &new->name);
	struct inode *inode = from->inode;
	int err;

	if (flags & RENAME_EXCHANGE) {
		exchange(old_dir, from, new_dir, to);
		return 0;
	}
	err = to ? make_way(new_dir, to) : add_entry(new_dir, &new->name, inode);
	if (err)
		return err;
	if (to)
		to->inode = inode;
	move_link_of_parent(inode, old_dir, new_dir);
	remove_entry(old_dir, from);
	inode_touch(inode, TOUCH_CTIME);
	return 0;
}

static const char *ramfs_get_link(struct inode *inode, struct link_body *body __maybe_unused)
{
	return ramfs_inode_of(inode)->link;
}

static int ramfs_iterate(struct file *file, struct dir_context *ctx)
{
	struct ramfs_dir *dir = dir_of(file_inode(file));
	struct ramfs_entry *entry;

	if (!dir_emit_dots(file, ctx))
		return 0;
	for (entry = find_offset(dir, ctx->pos); entry;
	     entry = rb_entry_or_null(rb_next(&entry->by_offset), struct ramfs_entry, by_offset)) {
		ctx->pos = entry->offset;
		if (!ctx->actor(ctx, entry->name, entry->len, entry->inode->ino,
				(entry->inode->mode & S_IFMT) >> 12))
			return 0;
		ctx->pos = entry->offset + 1;
	}
	return 0;
}

/* --- inodes --- */

static int ramfs_read_page(struct address_space *mapping __maybe_unused, struct page *page)
{
	memset(page_to_virt(page), 0, PAGE_SIZE);
	return 0;
}

static const struct address_space_operations ramfs_aops = { .read_page = ramfs_read_page };

static const struct inode_operations ramfs_dir_ops = {
	.lookup = ramfs_lookup,
	.create = ramfs_create,
	.mkdir = ramfs_mkdir,
	.mknod = ramfs_mknod,
	.tmpfile = ramfs_tmpfile,
	.symlink = ramfs_symlink,
	.link = ramfs_link,
	.unlink = ramfs_unlink,
	.rmdir = ramfs_rmdir,
	.rename = ramfs_rename,
};

static const struct inode_operations ramfs_file_ops = { .setattr = simple_setattr };
static const struct inode_operations ramfs_link_ops = { .get_link = ramfs_get_link };

static const struct file_operations ramfs_dir_fops = {
	.llseek = noop_llseek,
	.iterate = ramfs_iterate,
	.fsync = noop_fsync,
};

static const struct file_operations ramfs_file_fops = {
	.llseek = generic_file_llseek,
	.read = generic_file_read,
	.write = generic_file_write,
	.mmap = generic_file_mmap,
	.fsync = noop_fsync,
	.fallocate = simple_fallocate,
};

static bool is_tmpfs(const struct super_block *sb)
{
	return sb->magic == TMPFS_MAGIC;
}

static void init_dir(struct inode *inode)
{
	*dir_of(inode) = (struct ramfs_dir){ .next_offset = FIRST_OFFSET };
	inode->ops = &ramfs_dir_ops;
	inode->fops = &ramfs_dir_fops;
	inode->nlink = 2;
}

static void init_file_pages(struct inode *inode)
{
	if (is_tmpfs(inode->sb)) {
		inode->data.ops = &tmpfs_aops;
		shmem_swap_init(&inode->data, &ramfs_inode_of(inode)->swap);
	} else {
		inode->data.ops = &ramfs_aops;
	}
}

struct inode *ramfs_new_inode(struct super_block *sb, const struct inode *dir, unsigned int mode,
			      u32 dev)
{
	struct inode *inode;

	if (tmpfs_charge_inode(sb))
		return NULL;
	inode = new_inode(sb);
	if (!inode) {
		tmpfs_uncharge_inode(sb);
		return NULL;
	}
	inode_init_owner(inode, dir, mode);
	switch (mode & S_IFMT) {
	case S_IFDIR:
		init_dir(inode);
		break;
	case S_IFLNK:
		ramfs_inode_of(inode)->link = NULL;
		inode->ops = &ramfs_link_ops;
		break;
	case S_IFREG:
		inode->ops = &ramfs_file_ops;
		inode->fops = &ramfs_file_fops;
		init_file_pages(inode);
		break;
	default:
		init_special_inode(inode, mode, dev);
		break;
	}
	return inode;
}

static struct inode *ramfs_alloc_inode(struct super_block *sb __maybe_unused)
{
	struct ramfs_inode *inode = kmem_cache_alloc(inode_cache, GFP_KERNEL);

	return inode ? &inode->inode : NULL;
}

static void ramfs_free_inode(struct inode *inode)
{
	kmem_cache_free(inode_cache, ramfs_inode_of(inode));
}

static void ramfs_evict_inode(struct inode *inode)
{
	if (S_ISLNK(inode->mode))
		kfree(ramfs_inode_of(inode)->link);
	if (inode->flags & S_SEALABLE)
		kfree(inode->private);
	tmpfs_uncharge_inode(inode->sb);
}

/* --- the file system --- */

/* The entries of @dir go to @list, linked through by_name.right; the trees are empty then. */
static void empty_dir(struct inode *dir, struct ramfs_entry **list)
{
	struct ramfs_entry *entry, *next;

	rb_for_each_entry_postorder(entry, next, &dir_of(dir)->by_offset, by_offset)
	{
		entry->by_name.right = (struct rb_node *)*list;
		*list = entry;
	}
	dir_of(dir)->by_name = dir_of(dir)->by_offset = (struct rb_root)RB_ROOT;
}

static void ramfs_put_super(struct super_block *sb)
{
	struct ramfs_entry *list = NULL, *entry;
	struct inode *inode;

	/* Nobody else knows the file system any more. */
	list_for_each_entry(inode, &sb->inodes, sb_node)
		if (S_ISDIR(inode->mode))
			empty_dir(inode, &list);
	while ((entry = list)) {
		list = (struct ramfs_entry *)entry->by_name.right;
		iput(entry->inode);
		kfree(entry);
	}
	if (ramfs_super_of(sb) && ramfs_super_of(sb)->root)
		iput(ramfs_super_of(sb)->root);
	kfree(sb->private);
}

static const struct super_operations ramfs_super_ops = {
	.alloc_inode = ramfs_alloc_inode,
	.free_inode = ramfs_free_inode,
	.evict_inode = ramfs_evict_inode,
	.put_super = ramfs_put_super,
};

static const struct super_operations tmpfs_super_ops = {
	.alloc_inode = ramfs_alloc_inode,
	.free_inode = ramfs_free_inode,
	.evict_inode = ramfs_evict_inode,
	.statfs = tmpfs_statfs,
	.remount = tmpfs_remount,
	.show_options = tmpfs_show_options,
	.put_super = ramfs_put_super,
};

int ramfs_set_up(struct super_block *sb, unsigned long magic, unsigned int mode)
{
	struct ramfs_super *super = kzalloc(sizeof(*super), GFP_KERNEL);
	struct inode *root;

	if (!super)
		return -ENOMEM;
	sb->private = super;
	sb->ops = magic == TMPFS_MAGIC ? &tmpfs_super_ops : &ramfs_super_ops;
	sb->magic = magic;
	sb->flags = SB_NOSYNC;
	root = ramfs_new_inode(sb, NULL, S_IFDIR | mode, 0);
	if (!root)
		return -ENOMEM;
	sb->root = d_make_root(root);
	if (!sb->root)
		return -ENOMEM;
	/* put_super() comes behind the end of the dentry. */
	super->root = ihold(root);
	return 0;
}

static int ramfs_fill_super(struct super_block *sb, const char *data __maybe_unused)
{
	return ramfs_set_up(sb, RAMFS_MAGIC, 0755);
}

#ifndef CONFIG_TMPFS
int tmpfs_fill_super(struct super_block *sb, const char *data __maybe_unused)
{
	return ramfs_set_up(sb, TMPFS_MAGIC, S_ISVTX | 0777);
}

static struct file_system_type tmpfs_type = { .name = "tmpfs", .fill_super = tmpfs_fill_super };

static void tmpfs_init(void)
{
	register_filesystem(&tmpfs_type);
}
#endif

static struct file_system_type rootfs_type = { .name = "rootfs", .fill_super = ramfs_fill_super };
static struct file_system_type ramfs_type = { .name = "ramfs", .fill_super = ramfs_fill_super };
__init void ramfs_init(void)
{
	inode_cache =
		kmem_cache_create("ramfs_inode", sizeof(struct ramfs_inode), 0, SLAB_PANIC, NULL);
	register_filesystem(&rootfs_type);
	register_filesystem(&ramfs_type);
	tmpfs_init();
}
