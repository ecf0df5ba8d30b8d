/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The dentry cache.
 *
 * A dentry is found by a hash of its directory and its name; each bucket has a lock.  It holds a
 * reference to its directory, so everything above what is used stays, and the tree is freed from
 * the leaves.  What nobody uses is kept on a list until memory is wanted.
 *
 * Number of users and flags are one word (dentry->state), so that most references are given back
 * by one compare-and-exchange:
 *
 *	in use		users > 0
 *	at rest		users 0, D_HASHED, D_LRU: a look-up uses it again, or the shrinker takes it
 *	dead		users 0, D_DEAD: who made the step frees it
 *
 * A look-up adds a user under the bucket's lock; D_HASHED changes under it, too.  The shrinker
 * makes itself a user before it unhashes; so a dentry goes from 0 users to 1 only while it is
 * hashed and the bucket locked, or by the shrinker under the LRU's lock, and D_DEAD is set by the
 * last user of one that is not hashed.  The memory of a dentry on the LRU, or in the list of its
 * parent, stays valid under the lock of that list, because who frees has to take it out first.
 *
 * Parent and name change only in d_move(), under the rename lock and the locks of both buckets, the
 * one in which the dentry was and the one where it will be.  So who holds the bucket's lock, or
 * the rename lock, or the rwsem of the directory, sees them stable.
 *
 * A dentry becomes negative only when its one user deletes the name.  Without
 * CONFIG_NEGATIVE_DENTRIES none is kept.
 *
 * Locks: rwsem of directories > rename_lock > bucket (two in order of address); rename_lock >
 * mount_lock; dentry->lock and lru.lock stand alone.  None is taken in interrupts.
 *
 * Left out: walks without references (there is no RCU), look-ups in parallel in one directory.
 */
#include <linux/errno.h>
#include <linux/limits.h>
#include <oshit/bug.h>
#include <oshit/dcache.h>
#include <oshit/err.h>
#include <oshit/fs.h>
#include <oshit/init.h>
#include <oshit/inotify.h>
#include <oshit/math.h>
#include <oshit/mount.h>
#include <oshit/panic.h>
#include <oshit/printf.h>
#include <oshit/shrinker.h>
#include <oshit/slab.h>
#include <oshit/string.h>
#include <oshit/vmalloc.h>

#include "internal.h"

#define MIN_BUCKETS	  256UL
#define MAX_BUCKETS	  65536UL
#define PAGES_PER_BUCKET  16 /* of all memory: 0.025 percent of it for the table */

#define DENTRIES_PER_PAGE (PAGE_SIZE / sizeof(struct dentry))
#define MAX_SHRINK	  (1UL << 32) /* pages at once: more than there are */

struct d_bucket {
	spinlock_t lock;
	struct hlist_head dentries;
};

#define HASH_FACTOR 0x9e3779b97f4a7c15UL

static struct d_bucket *buckets; /* constant after boot */
static unsigned long bucket_mask;
static struct kmem_cache *dentry_cache;

static DEFINE_SPINLOCK(rename_lock);

static struct {
	spinlock_t lock;
	struct list_head list; /* used least recently first */
	unsigned long nr;
} lru = { .lock = SPINLOCK_INIT, .list = LIST_HEAD_INIT(lru.list) };

static atomic64_t nr_dentries;

/* One more byte of a name; the end of it takes the length in, too. */
static __always_inline u64 hash_byte(u64 hash, char c)
{
	return (hash ^ (u8)c) * HASH_FACTOR;
}

static __always_inline unsigned int hash_end(u64 hash, unsigned int len)
{
	return (unsigned int)((hash ^ len) * HASH_FACTOR >> 32);
}

unsigned int name_hash(const char *name, unsigned int len)
{
	u64 hash = 0;

	for (unsigned int i = 0; i < len; i++)
		hash = hash_byte(hash, name[i]);
	return hash_end(hash, len);
}

struct qstr qstr_until_slash(const char *name)
{
	const char *end = name;
	u64 hash = 0;

	for (; *end && *end != '/'; end++)
		hash = hash_byte(hash, *end);
	return (struct qstr){ name, (unsigned int)(end - name),
			      hash_end(hash, (unsigned int)(end - name)) };
}

/* --- buckets --- */

static struct d_bucket *bucket_of(const struct dentry *parent, unsigned int hash)
{
	u64 mix = ((unsigned long)parent / sizeof(*parent) + hash) * HASH_FACTOR;

	return &buckets[(mix >> 32) & bucket_mask];
}

/* Locks the bucket that @dentry belongs to, hashed or not. */
static struct d_bucket *lock_bucket(struct dentry *dentry)
{
	struct d_bucket *bucket;

	for (;;) {
		bucket = bucket_of(READ_ONCE(dentry->parent), READ_ONCE(dentry->name.hash));
		spin_lock(&bucket->lock);
		if (bucket == bucket_of(dentry->parent, dentry->name.hash)) {
			__release(&bucket->lock); /* for sparse, which cannot follow */
			return bucket;
		}
		spin_unlock(&bucket->lock);
	}
}

static void unlock_bucket(struct d_bucket *bucket)
{
	__acquire(&bucket->lock);
	spin_unlock(&bucket->lock);
}

static void hash_dentry(struct d_bucket *bucket, struct dentry *dentry)
{
	hlist_add_head(&dentry->hash_node, &bucket->dentries);
	atomic64_or(D_HASHED, &dentry->state);
}

static void unhash_dentry(struct dentry *dentry)
{
	if (!d_is_hashed(dentry))
		return;
	hlist_del_init(&dentry->hash_node);
	atomic64_andnot(D_HASHED, &dentry->state);
}

void d_rehash(struct dentry *dentry)
{
	struct d_bucket *bucket = lock_bucket(dentry);

	if (!d_is_hashed(dentry))
		hash_dentry(bucket, dentry);
	unlock_bucket(bucket);
}

void d_drop(struct dentry *dentry)
{
	struct d_bucket *bucket = lock_bucket(dentry);

	unhash_dentry(dentry);
	unlock_bucket(bucket);
}

static bool is_name(const struct dentry *dentry, const struct dentry *parent,
		    const struct qstr *name)
{
	return dentry->name.hash == name->hash && dentry->parent == parent &&
	       dentry->name.len == name->len && !memcmp(dentry->name.name, name->name, name->len);
}

struct dentry *d_lookup(struct dentry *parent, const struct qstr *name)
{
	struct d_bucket *bucket = bucket_of(parent, name->hash);
	struct dentry *dentry;

	spin_lock(&bucket->lock);
	hlist_for_each_entry(dentry, &bucket->dentries, hash_node) {
		if (is_name(dentry, parent, name)) {
			dget(dentry);
			break;
		}
	}
	spin_unlock(&bucket->lock);
	return dentry;
}

struct qstr d_copy_name(struct dentry *dentry, char *text)
{
	struct d_bucket *bucket = lock_bucket(dentry);
	struct qstr name = dentry->name;

	memcpy(text, name.name, name.len);
	unlock_bucket(bucket);
	name.name = text;
	return name;
}

struct dentry *dget_parent(struct dentry *dentry)
{
	struct d_bucket *bucket = lock_bucket(dentry);
	struct dentry *parent = dget(dentry->parent);

	unlock_bucket(bucket);
	return parent;
}

/* --- birth --- */

static bool set_name(struct dentry *dentry, const struct qstr *name)
{
	char *to = dentry->inline_name;

	if (name->len >= DNAME_INLINE_LEN)
		to = kmalloc(name->len + 1, GFP_KERNEL);
	if (!to)
		return false;
	memcpy(to, name->name, name->len);
	to[name->len] = '\0';
	dentry->name = (struct qstr){ to, name->len, name->hash };
	return true;
}

static void free_name(struct dentry *dentry)
{
	if (dentry->name.name != dentry->inline_name)
		kfree(dentry->name.name);
}

static struct dentry *new_dentry(struct super_block *sb, const struct qstr *name)
{
	struct dentry *dentry = kmem_cache_zalloc(dentry_cache, GFP_KERNEL);

	if (!dentry)
		return NULL;
	if (!set_name(dentry, name)) {
		kmem_cache_free(dentry_cache, dentry);
		return NULL;
	}
	atomic64_set(&dentry->state, 1);
	INIT_HLIST_NODE(&dentry->hash_node);
	spin_lock_init(&dentry->lock);
	INIT_LIST_HEAD(&dentry->children);
	INIT_LIST_HEAD(&dentry->sibling);
	INIT_LIST_HEAD(&dentry->lru);
	dentry->sb = sb;
	dentry->parent = dentry;
	atomic64_add(1, &nr_dentries);
	return dentry;
}

struct dentry *d_alloc(struct dentry *parent, const struct qstr *name)
{
	struct dentry *dentry = new_dentry(parent->sb, name);

	if (!dentry)
		return NULL;
	dentry->parent = dget(parent);
	spin_lock(&parent->lock);
	list_add(&dentry->sibling, &parent->children);
	spin_unlock(&parent->lock);
	return dentry;
}

long qstr_to_number(const struct qstr *name, long max)
{
	long number = 0;

	if (!name->len || (name->name[0] == '0' && name->len > 1))
		return -1;
	for (unsigned int i = 0; i < name->len; i++) {
		unsigned int digit = (unsigned int)(name->name[i] - '0');

		if (digit > 9 || number > (max - (long)digit) / 10)
			return -1;
		number = number * 10 + digit;
	}
	return number;
}

void d_name_by_number(struct dentry *dentry)
{
	int len = snprintf(dentry->inline_name, sizeof(dentry->inline_name), "#%lu",
			   (unsigned long)d_inode(dentry)->ino);

	dentry->name = qstr_of(dentry->inline_name, (unsigned int)len);
}

struct dentry *d_alloc_anonymous(struct inode *inode, const char *name)
{
	struct qstr qstr = qstr_of(name, strlen(name));
	struct dentry *dentry = new_dentry(inode->sb, &qstr);

	if (dentry)
		dentry->inode = inode;
	return dentry;
}

struct dentry *d_make_root(struct inode *inode)
{
	struct dentry *dentry = d_alloc_anonymous(inode, "/");

	if (!dentry)
		iput(inode);
	return dentry;
}

void d_instantiate(struct dentry *dentry, struct inode *inode)
{
	/* Pairs with the acquire in d_inode(). */
	smp_store_release(&dentry->inode, inode);
}

/* --- death --- */

static void lru_remove(struct dentry *dentry)
{
	spin_lock(&lru.lock);
	if (atomic64_read(&dentry->state) & D_LRU) {
		list_del_init(&dentry->lru);
		atomic64_andnot(D_LRU, &dentry->state);
		lru.nr--;
	}
	spin_unlock(&lru.lock);
}

static void lru_add(struct dentry *dentry)
{
	spin_lock(&lru.lock);
	if (!(atomic64_read(&dentry->state) & D_LRU)) {
		list_add_tail(&dentry->lru, &lru.list);
		atomic64_or(D_LRU, &dentry->state);
		lru.nr++;
	}
	spin_unlock(&lru.lock);
}

/* Frees a dead dentry. Return: its parent, whose reference is the caller's now; NULL: a root. */
static struct dentry *free_dentry(struct dentry *dentry)
{
	struct dentry *parent = dentry->parent;

	if (atomic64_read(&dentry->state) & D_LRU)
		lru_remove(dentry);
	if (parent != dentry) {
		spin_lock(&parent->lock);
		list_del(&dentry->sibling);
		spin_unlock(&parent->lock);
	}
	if (dentry->inode) {
		notify_inode_goes(dentry->inode);
		iput(dentry->inode);
	}
	free_name(dentry);
	kmem_cache_free(dentry_cache, dentry);
	atomic64_sub(1, &nr_dentries);
	return parent == dentry ? NULL : parent;
}

enum d_put { D_PUT_DONE, D_PUT_LAST, D_PUT_NEEDS_LRU };

/* Gives a reference back, if that needs no more than a step of the word. */
static bool is_worth_keeping(const struct dentry *dentry)
{
	if (atomic64_read(&dentry->state) & D_VOLATILE)
		return false;
	return IS_ENABLED(CONFIG_NEGATIVE_DENTRIES) || !d_is_negative(dentry);
}

static enum d_put put_fast(struct dentry *dentry)
{
	const long at_rest = D_HASHED | D_LRU;
	long old = atomic64_read(&dentry->state), new;

	do {
		if ((old & D_USERS) > 1)
			new = old - 1;
		else if (!(old & D_HASHED))
			new = (old - 1) | D_DEAD;
		else if ((old & at_rest) == at_rest)
			new = (old - 1) | D_REFERENCED;
		else
			return D_PUT_NEEDS_LRU;
	} while (!atomic64_try_cmpxchg(&dentry->state, &old, new));
	return new &D_DEAD ? D_PUT_LAST : D_PUT_DONE;
}

void dput(struct dentry *dentry)
{
	while (dentry) {
		switch (put_fast(dentry)) {
		case D_PUT_DONE:
			return;
		case D_PUT_NEEDS_LRU:
			if (is_worth_keeping(dentry))
				lru_add(dentry);
			else
				d_drop(dentry);
			break;
		case D_PUT_LAST:
			dentry = free_dentry(dentry);
			break;
		}
	}
}

/* One more user of what may be dying. Under a lock that keeps its memory. */
static bool get_unless_dead(struct dentry *dentry)
{
	long old = atomic64_read(&dentry->state);

	do {
		if (old & D_DEAD)
			return false;
	} while (!atomic64_try_cmpxchg(&dentry->state, &old, old + 1));
	return true;
}

/* Of the caller, whose reference goes: unhashes it if he is the only user. */
static void put_and_forget(struct dentry *dentry)
{
	struct d_bucket *bucket = lock_bucket(dentry);

	if (d_users(dentry) == 1)
		unhash_dentry(dentry);
	unlock_bucket(bucket);
	dput(dentry);
}

void d_delete(struct dentry *dentry)
{
	struct d_bucket *bucket = lock_bucket(dentry);
	struct inode *inode = NULL;

	if (IS_ENABLED(CONFIG_NEGATIVE_DENTRIES) && d_users(dentry) == 1) {
		inode = dentry->inode;
		dentry->inode = NULL;
	} else {
		unhash_dentry(dentry);
	}
	unlock_bucket(bucket);
	if (inode) {
		notify_inode_goes(inode);
		iput(inode);
	}
}

/* A child that nobody uses, with a reference; NULL: there is none. */
static struct dentry *get_unused_child(struct dentry *parent)
{
	struct dentry *child;

	spin_lock(&parent->lock);
	list_for_each_entry(child, &parent->children, sibling) {
		if (!d_users(child) && get_unless_dead(child)) {
			spin_unlock(&parent->lock);
			return child;
		}
	}
	spin_unlock(&parent->lock);
	return NULL;
}

/* A child that is used, with a reference; NULL: there is none. */
static struct dentry *get_used_child(struct dentry *parent)
{
	struct dentry *child;

	spin_lock(&parent->lock);
	list_for_each_entry(child, &parent->children, sibling) {
		if (get_unless_dead(child)) {
			spin_unlock(&parent->lock);
			return child;
		}
	}
	spin_unlock(&parent->lock);
	return NULL;
}

void d_prune_children(struct dentry *parent)
{
	struct dentry *child;

	while ((child = get_unused_child(parent)))
		put_and_forget(child);
}

void d_kill_tree(struct dentry *root)
{
	struct dentry *at = dget(root), *next;

	for (;;) {
		d_prune_children(at);
		next = get_used_child(at);
		if (next) {
			dput(at);
			at = next;
			continue;
		}
		if (at == root || WARN_ON_ONCE(d_users(at) != 1))
			break;
		next = dget_parent(at);
		put_and_forget(at);
		at = next;
	}
	dput(root);
	WARN_ON_ONCE(d_users(root) != 1);
	dput(root);
}

/* --- moving --- */

static void lock_two_buckets(struct d_bucket *a, struct d_bucket *b)
{
	if (a > b)
		swap(a, b);
	spin_lock(&a->lock);
	__release(&a->lock); /* for sparse, as above */
	if (a != b) {
		spin_lock_nested(&b->lock, 1);
		__release(&b->lock);
	}
}

static void unlock_two_buckets(struct d_bucket *a, struct d_bucket *b)
{
	__acquire(&a->lock);
	spin_unlock(&a->lock);
	if (a != b) {
		__acquire(&b->lock);
		spin_unlock(&b->lock);
	}
}

static void set_sibling_list(struct dentry *dentry, struct dentry *from, struct dentry *to)
{
	if (from == to)
		return;
	spin_lock(&from->lock);
	list_del(&dentry->sibling);
	spin_unlock(&from->lock);
	spin_lock(&to->lock);
	list_add(&dentry->sibling, &to->children);
	spin_unlock(&to->lock);
}

static void swap_names(struct dentry *a, struct dentry *b)
{
	char inline_name[DNAME_INLINE_LEN];
	bool a_is_inline = a->name.name == a->inline_name;
	bool b_is_inline = b->name.name == b->inline_name;

	memcpy(inline_name, a->inline_name, sizeof(inline_name));
	memcpy(a->inline_name, b->inline_name, sizeof(inline_name));
	memcpy(b->inline_name, inline_name, sizeof(inline_name));
	swap(a->name, b->name);
	if (b_is_inline)
		a->name.name = a->inline_name;
	if (a_is_inline)
		b->name.name = b->inline_name;
}

enum d_rehash { D_REHASH_FIRST, D_REHASH_BOTH };

/* Directories and names of both. Each takes over the other's reference to its parent. */
static void trade(struct dentry *a, struct dentry *b, enum d_rehash what)
{
	struct dentry *parent_a = a->parent, *parent_b = b->parent;
	struct d_bucket *bucket_a = bucket_of(parent_a, a->name.hash);
	struct d_bucket *bucket_b = bucket_of(parent_b, b->name.hash);

	spin_lock(&rename_lock);
	lock_two_buckets(bucket_a, bucket_b);
	unhash_dentry(a);
	unhash_dentry(b);
	swap_names(a, b);
	swap(a->parent, b->parent);
	hash_dentry(bucket_b, a);
	if (what == D_REHASH_BOTH)
		hash_dentry(bucket_a, b);
	unlock_two_buckets(bucket_a, bucket_b);
	spin_unlock(&rename_lock);
	set_sibling_list(a, parent_a, parent_b);
	set_sibling_list(b, parent_b, parent_a);
}

/* @dentry is called as @target; @copy: that name, if it is long. Return: the name to be freed. */
static const char *copy_name(struct dentry *dentry, const struct dentry *target, char *copy)
{
	const char *old = dentry->name.name != dentry->inline_name ? dentry->name.name : NULL;

	if (!copy)
		memcpy(dentry->inline_name, target->inline_name, sizeof(dentry->inline_name));
	dentry->name = target->name;
	dentry->name.name = copy ?: dentry->inline_name;
	return old;
}

/* @target goes, and whoever has it open knows it by the name that it had. */
static void take_place(struct dentry *dentry, struct dentry *target, char *copy)
{
	struct dentry *from = dentry->parent, *to = dget(target->parent);
	struct d_bucket *old_bucket = bucket_of(from, dentry->name.hash);
	struct d_bucket *bucket = bucket_of(to, target->name.hash);
	const char *name;

	spin_lock(&rename_lock);
	lock_two_buckets(old_bucket, bucket);
	unhash_dentry(dentry);
	unhash_dentry(target);
	name = copy_name(dentry, target, copy);
	dentry->parent = to;
	hash_dentry(bucket, dentry);
	unlock_two_buckets(old_bucket, bucket);
	spin_unlock(&rename_lock);
	set_sibling_list(dentry, from, to);
	kfree(name);
	dput(from);
}

/* Without memory for a long name the two trade theirs, which are only shown. */
void d_move(struct dentry *dentry, struct dentry *target)
{
	bool is_long = target->name.name != target->inline_name;
	char *copy = is_long ? kstrdup(target->name.name, GFP_NOFS) : NULL;

	if (is_long && !copy)
		trade(dentry, target, D_REHASH_FIRST);
	else
		take_place(dentry, target, copy);
}

void d_exchange(struct dentry *a, struct dentry *b)
{
	trade(a, b, D_REHASH_BOTH);
}

bool d_is_below(struct dentry *dentry, struct dentry *ancestor)
{
	bool below = true;

	spin_lock(&rename_lock);
	while (dentry != ancestor) {
		if (dentry == dentry->parent) {
			below = false;
			break;
		}
		dentry = dentry->parent;
	}
	spin_unlock(&rename_lock);
	return below;
}

/* --- names of places --- */

struct path_writer {
	char *start, *pos; /* what is written ends at the buffer's end and begins at @pos */
};

static bool put_before(struct path_writer *writer, const char *text, size_t len)
{
	if ((size_t)(writer->pos - writer->start) < len)
		return false;
	writer->pos -= len;
	memcpy(writer->pos, text, len);
	return true;
}

/* Under the rename lock and mount_lock. */
static bool write_path(struct path_writer *writer, struct path at, const struct path *root,
		       enum d_where *where)
{
	while (!path_equal(&at, root)) {
		if (at.dentry == at.mnt->root || at.dentry == at.dentry->parent) {
			if (at.dentry != at.mnt->root || at.mnt->parent == at.mnt) {
				*where = D_UNREACHABLE;
				break;
			}
			at.dentry = at.mnt->mountpoint;
			at.mnt = at.mnt->parent;
			continue;
		}
		if (!put_before(writer, at.dentry->name.name, at.dentry->name.len) ||
		    !put_before(writer, "/", 1))
			return false;
		at.dentry = at.dentry->parent;
	}
	return *writer->pos || put_before(writer, "/", 1);
}

static bool is_deleted(const struct dentry *dentry)
{
	return !d_is_hashed(dentry) && dentry->parent != dentry;
}

char *d_path_where(const struct path *path, const struct path *root, char *buf, size_t size,
		   enum d_where *where)
{
	struct path_writer writer = { buf, buf + size };
	bool fits = put_before(&writer, "", 1);

	*where = D_BELOW_ROOT;
	spin_lock(&rename_lock);
	spin_lock(&mount_lock);
	fits = fits && write_path(&writer, *path, root, where);
	spin_unlock(&mount_lock);
	spin_unlock(&rename_lock);
	if (is_deleted(path->dentry))
		*where = D_DELETED;
	return fits ? writer.pos : ERR_PTR(-ENAMETOOLONG);
}

/* Of a file that never had a place: pipe:[number], or what it was called when it was made. */
static char *nameless_path(const struct dentry *dentry, char *buf, size_t size)
{
	const struct qstr *name = &dentry->name;
	size_t len;

	if (name->len && name->name[name->len - 1] == ':')
		len = (size_t)snprintf(buf, size, "%s[%lu]", name->name,
				       (unsigned long)d_inode(dentry)->ino);
	else
		len = (size_t)snprintf(buf, size, "%s", name->name);
	if (len >= size)
		return ERR_PTR(-ENAMETOOLONG);
	return memmove(buf + size - len - 1, buf, len + 1);
}

char *d_path(const struct path *path, const struct path *root, char *buf, size_t size)
{
	static const char deleted[] = " (deleted)", unreachable[] = "(unreachable)";
	struct path_writer writer;
	enum d_where where;

	if (size < sizeof(deleted))
		return ERR_PTR(-ENAMETOOLONG);
	if (path->dentry->parent == path->dentry && path->dentry != path->mnt->root)
		return nameless_path(path->dentry, buf, size);
	writer.start = buf;
	if (!is_deleted(path->dentry)) {
		writer.pos = d_path_where(path, root, buf, size, &where);
	} else {
		size -= sizeof(deleted) - 1;
		writer.pos = d_path_where(path, root, buf, size, &where);
		memcpy(buf + size - 1, deleted, sizeof(deleted));
	}
	if (!IS_ERR(writer.pos) && where == D_UNREACHABLE &&
	    !put_before(&writer, unreachable, sizeof(unreachable) - 1))
		return ERR_PTR(-ENAMETOOLONG);
	return writer.pos;
}

char *dentry_path(const struct dentry *dentry, char *buf, size_t size)
{
	struct path_writer writer = { buf, buf + size };
	bool fits = put_before(&writer, "", 1);

	spin_lock(&rename_lock);
	for (; fits && dentry->parent != dentry; dentry = dentry->parent)
		fits = put_before(&writer, dentry->name.name, dentry->name.len) &&
		       put_before(&writer, "/", 1);
	spin_unlock(&rename_lock);
	if (fits && !*writer.pos)
		fits = put_before(&writer, "/", 1);
	return fits ? writer.pos : ERR_PTR(-ENAMETOOLONG);
}

/* --- shrinking --- */

enum lru_verdict { LRU_TAKE, LRU_KEEP, LRU_FORGET };

/* Under the LRU's lock. LRU_TAKE: a user was added. */
static enum lru_verdict judge(struct dentry *dentry)
{
	long old = atomic64_read(&dentry->state), new;
	enum lru_verdict verdict;

	do {
		if (old & D_DEAD)
			return LRU_KEEP; /* who frees it takes it off */
		if (old & D_REFERENCED) {
			new = old & ~D_REFERENCED;
			verdict = LRU_KEEP;
		} else if (old & D_USERS) {
			new = old & ~D_LRU;
			verdict = LRU_FORGET;
		} else {
			new = (old & ~D_LRU) + 1;
			verdict = LRU_TAKE;
		}
	} while (!atomic64_try_cmpxchg(&dentry->state, &old, new));
	return verdict;
}

/* The next that may go, with a reference; looks at no more than *@nr_to_scan. */
static struct dentry *lru_next(unsigned long *nr_to_scan)
{
	struct dentry *dentry, *found = NULL;

	spin_lock(&lru.lock);
	while (!found && *nr_to_scan && !list_empty(&lru.list)) {
		--*nr_to_scan;
		dentry = list_first_entry(&lru.list, struct dentry, lru);
		switch (judge(dentry)) {
		case LRU_KEEP:
			list_move_tail(&dentry->lru, &lru.list);
			break;
		case LRU_TAKE:
			found = dentry;
			fallthrough;
		case LRU_FORGET:
			list_del_init(&dentry->lru);
			lru.nr--;
			break;
		}
	}
	spin_unlock(&lru.lock);
	return found;
}

/* Frees up to @nr dentries. Twice around the list, for the first time may only take the marks away.
 * Return: how many went; a directory may follow its children only in the next round. */
static unsigned long shrink_round(unsigned long nr)
{
	unsigned long nr_to_scan = 2 * READ_ONCE(lru.nr) + 1, nr_freed = 0;
	struct dentry *dentry;

	while (nr_freed < nr && (dentry = lru_next(&nr_to_scan))) {
		put_and_forget(dentry);
		nr_freed++;
	}
	return nr_freed;
}

static unsigned long dcache_shrink(struct shrinker *shrinker __maybe_unused, gfp_t gfp,
				   unsigned long nr)
{
	unsigned long nr_wanted = min(nr, MAX_SHRINK) * DENTRIES_PER_PAGE;
	unsigned long nr_freed = 0, nr_now;

	if (!(gfp & __GFP_FS))
		return 0;
	do {
		nr_now = shrink_round(nr_wanted - nr_freed);
		nr_freed += nr_now;
	} while (nr_now && nr_freed < nr_wanted);
	return nr_freed / DENTRIES_PER_PAGE;
}

unsigned long vfs_cache_pressure = 100;

/* Percent of the share that is due: names are worth more, or less, than pages. */
static unsigned long dcache_count(struct shrinker *shrinker __maybe_unused)
{
	return READ_ONCE(lru.nr) / DENTRIES_PER_PAGE * READ_ONCE(vfs_cache_pressure) / 100;
}

static struct shrinker dcache_shrinker = {
	.name = "dentries",
	.count = dcache_count,
	.shrink = dcache_shrink,
};

void dcache_counts_get(struct dcache_counts *counts)
{
	counts->nr_dentries = atomic64_read(&nr_dentries);
	counts->nr_unused = READ_ONCE(lru.nr);
}

static __init unsigned long choose_nr_buckets(void)
{
	unsigned long nr = clamp(max_pfn / PAGES_PER_BUCKET, MIN_BUCKETS, MAX_BUCKETS);

	return 1UL << fls64(nr - 1);
}

__init void dcache_init(void)
{
	unsigned long i, nr = choose_nr_buckets();

	dentry_cache = kmem_cache_create("dentry", sizeof(struct dentry), 0, SLAB_PANIC, NULL);
	buckets = vmalloc(nr * sizeof(*buckets));
	if (!buckets)
		panic("no memory for the dentry cache");
	for (i = 0; i < nr; i++) {
		spin_lock_init(&buckets[i].lock);
		INIT_HLIST_HEAD(&buckets[i].dentries);
	}
	bucket_mask = nr - 1;
	register_shrinker(&dcache_shrinker);
}
