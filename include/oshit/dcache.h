/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Names.  A dentry is one name in one directory and the inode behind it, or the knowledge that
 * there is none (a negative dentry).  The set of them is a cache: what nobody uses may go whenever
 * memory is wanted, file systems keep their directories elsewhere.  The theory is at the head of
 * fs/dcache.c.
 */
#ifndef OSHIT_DCACHE_H
#define OSHIT_DCACHE_H

#include <oshit/atomic.h>
#include <oshit/list.h>
#include <oshit/spinlock.h>
#include <oshit/string.h>
#include <oshit/types.h>

struct inode;
struct path;
struct super_block;

struct qstr { /* a name, without 0 behind it */
	const char *name;
	unsigned int len; /* bytes, up to NAME_MAX */
	unsigned int hash; /* name_hash() */
};

#define DNAME_INLINE_LEN 40 /* bytes with the 0: nearly all names */

/* Bits of dentry->state above the number of users. */
#define D_USERS		 0x00000000ffffffffUL
#define D_HASHED	 0x0000000100000000UL /* can be found; changes under the bucket's lock */
#define D_LRU		 0x0000000200000000UL /* on the list of those that may go; under its lock */
#define D_REFERENCED	 0x0000000400000000UL /* was used since the shrinker came by */
#define D_DEAD		 0x0000000800000000UL /* being freed: nobody gets a reference any more */
#define D_MOUNTED	 0x0000001000000000UL /* something is mounted here, in some place */
#define D_VOLATILE	 0x0000002000000000UL /* is not kept when nobody uses it; set by lookup() */

/* b: bucket's lock  p: lock of ->parent  l: LRU's lock  a: atomic  i: constant  d: rwsem of the
 * directory's inode, for writing */
struct dentry {
	atomic64_t state; /* a  users, and D_ bits */
	struct hlist_node hash_node; /* b */
	struct dentry *parent; /* b  itself: a root. Holds a reference */
	struct qstr name; /* b */
	struct inode *inode; /* d, b  NULL: negative. Has a reference; stays if others use it */
	struct super_block *sb; /* i */
	spinlock_t lock;
	struct list_head children; /* ->lock */
	struct list_head sibling; /* p */
	struct list_head lru; /* l */
	char inline_name[DNAME_INLINE_LEN];
};

/* Boot: the table, of a size that suits the machine. */
void dcache_init(void);

unsigned int name_hash(const char *name, unsigned int len);

static inline struct qstr qstr_of(const char *name, unsigned int len)
{
	return (struct qstr){ name, len, name_hash(name, len) };
}

/* The first component of a path; of a length that may be over NAME_MAX. */
struct qstr qstr_until_slash(const char *name);

static inline bool qstr_is(const struct qstr *name, const char *text)
{
	return name->len == strlen(text) && !memcmp(name->name, text, name->len);
}

/* The number that a name is: decimal, up to @max, no sign, no 0 in front. -1: it is none. */
long qstr_to_number(const struct qstr *name, long max);

static inline unsigned int d_users(const struct dentry *dentry)
{
	return (unsigned int)(atomic64_read(&dentry->state) & D_USERS);
}

static inline bool d_is_hashed(const struct dentry *dentry)
{
	return atomic64_read(&dentry->state) & D_HASHED;
}

static inline bool d_is_mountpoint(const struct dentry *dentry)
{
	return atomic64_read(&dentry->state) & D_MOUNTED;
}

/* The inode as it is now; NULL: negative. Who got it from a dentry he has a reference to may use it
 * as long: it can only appear. */
static inline struct inode *d_inode(const struct dentry *dentry)
{
	/* Pairs with the release in d_instantiate(). */
	return __atomic_load_n(&dentry->inode, __ATOMIC_ACQUIRE);
}

static inline bool d_is_negative(const struct dentry *dentry)
{
	return !d_inode(dentry);
}

/* One more reference, for who has one. Any context. */
static inline struct dentry *dget(struct dentry *dentry)
{
	atomic64_add(1, &dentry->state);
	return dentry;
}

/* NULL is ignored. Context: task; may sleep: the last one of an unlinked file frees that. */
void dput(struct dentry *dentry);

/* The directory of @dentry, with a reference. Any task. */
struct dentry *dget_parent(struct dentry *dentry);

/* Its name, whose bytes are copied to @text, of NAME_MAX bytes. Any task. */
struct qstr d_copy_name(struct dentry *dentry, char *text);

/* The cached child, negative or not, with a reference; NULL: it is not cached. Any task. */
struct dentry *d_lookup(struct dentry *parent, const struct qstr *name);

/* A new dentry, negative, with a reference, not to be found yet; NULL: no memory. May sleep. */
struct dentry *d_alloc(struct dentry *parent, const struct qstr *name);

/* The root of a file system; takes over the reference to @inode, also if it returns NULL. */
struct dentry *d_make_root(struct inode *inode);

/* A dentry without a place, of a file without a name (a pipe): no parent, found by no walk. Takes
 * over the reference to @inode unless it returns NULL. */
struct dentry *d_alloc_anonymous(struct inode *inode, const char *name);

/* A dentry that nobody else knows yet is called by the number of its inode: "#123". */
void d_name_by_number(struct dentry *dentry);

/* A negative dentry gets its inode, whose reference it takes over. NULL: it stays negative. Under
 * the directory's rwsem. */
void d_instantiate(struct dentry *dentry, struct inode *inode);

/* Can be found from now on. Under the directory's rwsem. */
void d_rehash(struct dentry *dentry);
/* And no longer. Any task. */
void d_drop(struct dentry *dentry);

/* The name is gone: the dentry becomes negative, or, if others use it, cannot be found any more.
 * Under the directory's rwsem. */
void d_delete(struct dentry *dentry);

/**
 * d_move() - a name has become another: @dentry takes the place of @target, which cannot be found
 * then
 * Context: rwsems of both directories held for writing, and the rename mutex if they differ.
 */
void d_move(struct dentry *dentry, struct dentry *target);
/* The two trade places. Same context. */
void d_exchange(struct dentry *a, struct dentry *b);

/* Whether @dentry is @ancestor or below it. Under the rename mutex. */
bool d_is_below(struct dentry *dentry, struct dentry *ancestor);

/* Frees what of the children of @parent nobody uses, and theirs. Context: task. */
void d_prune_children(struct dentry *parent);

/* Of a file system that goes: frees the whole tree, root included. Nobody uses it. */
void d_kill_tree(struct dentry *root);

/**
 * d_path() - the name of a place
 * @root: where names begin
 * @buf: of @size bytes; the name is written to its end
 *
 * What never had a place is called pipe:[number] or as it was named when it was made. A place that
 * was removed gets " (deleted)" behind its name. "(unreachable)" stands before the
 * name of one that cannot be reached from @root.
 *
 * Context: any task. Return: a pointer into @buf, or ERR_PTR(-ENAMETOOLONG).
 */
char *d_path(const struct path *path, const struct path *root, char *buf, size_t size);

enum d_where { D_BELOW_ROOT, D_UNREACHABLE, D_DELETED };
/* The same, without additions; says where it is. */
char *d_path_where(const struct path *path, const struct path *root, char *buf, size_t size,
		   enum d_where *where);

/* The same from the root of its own file system. */
char *dentry_path(const struct dentry *dentry, char *buf, size_t size);

struct dcache_counts {
	unsigned long nr_dentries; /* all */
	unsigned long nr_unused; /* about: on the list of those that may go */
};
void dcache_counts_get(struct dcache_counts *counts);

/* Percent: how much of the names that nobody uses reclaim wants, beside pages. */
extern unsigned long vfs_cache_pressure;

#endif
