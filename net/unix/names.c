/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Names of sockets.  A path makes a file of the kind socket, which leads to the socket as long as
 * that lives, by its inode; what begins with 0 is a name in a space of its own, bytes as they are,
 * for each type.  Both are found in a hash table.
 *
 * A socket gets a name once and keeps it; those that it accepts share it.  Who reads it takes no
 * lock: it is there as a whole (unix_name_of()).
 *
 * Locks: unix_table_lock for the tables; innermost.  A socket that is being closed has left the
 * tables before its last reference goes, so what is found there can be held.
 */
#include <linux/errno.h>
#include <oshit/err.h>
#include <oshit/files.h>
#include <oshit/inotify.h>
#include <oshit/math.h>
#include <oshit/namei.h>
#include <oshit/printf.h>
#include <oshit/random.h>
#include <oshit/slab.h>
#include <oshit/socket.h>
#include <oshit/string.h>

#include "unix.h"

#define NR_BUCKETS    64
#define NR_AUTO_NAMES (1U << 20) /* of five digits */

static DEFINE_SPINLOCK(unix_table_lock);
static struct hlist_head by_name[NR_BUCKETS]; /* abstract ones */
static struct hlist_head by_inode[NR_BUCKETS];
static LIST_HEAD(all_socks);

static bool is_abstract(const struct sockaddr_un *name)
{
	return !name->sun_path[0];
}

static struct hlist_head *bucket_of_name(const struct sockaddr_un *name, unsigned int len)
{
	return &by_name[name_hash(name->sun_path, len - SUN_PATH_START) % NR_BUCKETS];
}

static struct hlist_head *bucket_of_inode(const struct inode *inode)
{
	return &by_inode[(unsigned long)inode / sizeof(*inode) % NR_BUCKETS];
}

void unix_add(struct unix_sock *sk)
{
	spin_lock(&unix_table_lock);
	list_add_tail(&sk->all_node, &all_socks);
	spin_unlock(&unix_table_lock);
}

void unix_remove(struct unix_sock *sk)
{
	spin_lock(&unix_table_lock);
	list_del(&sk->all_node);
	hlist_del_init(&sk->name_node);
	spin_unlock(&unix_table_lock);
}

int unix_check_name(struct sockaddr_un *name, int *len)
{
	if (*len <= (int)SUN_PATH_START || *len > (int)sizeof(*name) || name->sun_family != AF_UNIX)
		return -EINVAL;
	if (is_abstract(name))
		return 0;
	/* A path ends with 0, or with the address. */
	*len = (int)(SUN_PATH_START + strnlen(name->sun_path, (size_t)*len - SUN_PATH_START) + 1);
	return 0;
}

/* --- finding --- */

/* unix_table_lock is held. */
static struct unix_sock *find_abstract(const struct sockaddr_un *name, unsigned int len,
				       unsigned int type)
{
	struct unix_sock *sk;

	hlist_for_each_entry(sk, bucket_of_name(name, len), name_node) {
		const struct unix_name *its = sk->name;

		if (sk->type == type && its->len == len && !memcmp(&its->addr, name, len))
			return sk;
	}
	return NULL;
}

static struct unix_sock *find_by_inode(const struct inode *inode)
{
	struct unix_sock *sk;

	hlist_for_each_entry(sk, bucket_of_inode(inode), name_node) {
		if (d_inode(sk->path.dentry) == inode)
			return sk;
	}
	return NULL;
}

static struct unix_sock *find_at(const struct path *path, unsigned int type)
{
	struct inode *inode = d_inode(path->dentry);
	struct unix_sock *sk = NULL;
	int err = inode_permission(inode, MAY_WRITE);

	if (err)
		return ERR_PTR(err);
	if (S_ISSOCK(inode->mode)) {
		spin_lock(&unix_table_lock);
		sk = find_by_inode(inode);
		if (sk)
			unix_get(sk);
		spin_unlock(&unix_table_lock);
	}
	if (!sk)
		return ERR_PTR(-ECONNREFUSED);
	if (sk->type == type) {
		touch_atime(path);
		return sk;
	}
	unix_put(sk);
	return ERR_PTR(-EPROTOTYPE);
}

static struct unix_sock *find_path(const struct sockaddr_un *name, unsigned int type)
{
	char text[UNIX_PATH_MAX + 1] = { 0 };
	struct unix_sock *sk;
	struct path path;
	int err;

	memcpy(text, name->sun_path, UNIX_PATH_MAX);
	err = path_lookup(AT_FDCWD, text, LOOKUP_FOLLOW, &path);
	if (err)
		return ERR_PTR(err);
	sk = find_at(&path, type);
	path_put(&path);
	return sk;
}

struct unix_sock *unix_find(const struct sockaddr_un *given, int len, unsigned int type)
{
	struct sockaddr_un name = *given;
	struct unix_sock *sk;
	int err = unix_check_name(&name, &len);

	if (err)
		return ERR_PTR(err);
	if (!is_abstract(&name))
		return find_path(&name, type);
	spin_lock(&unix_table_lock);
	sk = find_abstract(&name, (unsigned int)len, type);
	if (sk)
		unix_get(sk);
	spin_unlock(&unix_table_lock);
	return sk ?: ERR_PTR(-ECONNREFUSED);
}

/* --- giving --- */

static struct unix_name *new_name(const struct sockaddr_un *addr, unsigned int len)
{
	struct unix_name *name = kzalloc(sizeof(*name), GFP_KERNEL);

	if (!name)
		return NULL;
	refcount_set(&name->refs, 1);
	name->len = len;
	memcpy(&name->addr, addr, min(len, (unsigned int)sizeof(name->addr)));
	return name;
}

void unix_put_name(struct unix_name *name)
{
	if (name && refcount_dec_and_test(&name->refs))
		kfree(name);
}

/* Takes over @name on success. 0; -EADDRINUSE; -EINVAL: another call has given it one. */
static int enter_abstract(struct unix_sock *sk, struct unix_name *name)
{
	int err = 0;

	spin_lock(&unix_table_lock);
	if (sk->name)
		err = -EINVAL;
	else if (find_abstract(&name->addr, name->len, sk->type))
		err = -EADDRINUSE;
	else
		hlist_add_head(&sk->name_node, bucket_of_name(&name->addr, name->len));
	if (!err)
		smp_store_release(&sk->name, name); /* pairs with unix_name_of() */
	spin_unlock(&unix_table_lock);
	return err;
}

static int bind_abstract(struct unix_sock *sk, const struct sockaddr_un *addr, unsigned int len)
{
	struct unix_name *name = new_name(addr, len);
	int err = name ? enter_abstract(sk, name) : -ENOMEM;

	if (err)
		unix_put_name(name);
	return err;
}

static int bind_any(struct unix_sock *sk)
{
	unsigned int nr = (unsigned int)random_u64(), end = nr + NR_AUTO_NAMES;
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	int err = -EADDRINUSE;

	while (err == -EADDRINUSE && nr++ != end) {
		snprintf(addr.sun_path + 1, 6, "%05x", nr % NR_AUTO_NAMES);
		err = bind_abstract(sk, &addr, SUN_PATH_START + 1 + 5);
	}
	return err == -EADDRINUSE ? -ENOSPC : err;
}

int unix_autobind(struct unix_sock *sk)
{
	int err = 0;

	if (unix_name_of(sk))
		return 0;
	mutex_lock(&sk->bind_mutex);
	if (!unix_name_of(sk))
		err = bind_any(sk);
	mutex_unlock(&sk->bind_mutex);
	return err;
}

/* The file is there, at @path, whose references it takes over. */
static void enter_path(struct unix_sock *sk, struct unix_name *name, const struct path *path)
{
	spin_lock(&unix_table_lock);
	sk->path = *path;
	hlist_add_head(&sk->name_node, bucket_of_inode(d_inode(path->dentry)));
	smp_store_release(&sk->name, name);
	spin_unlock(&unix_table_lock);
}

/* Makes the file; its place gets references. 0 or -errno. */
static int make_file(const struct unix_sock *sk, const char *text, struct path *path)
{
	unsigned int mode = READ_ONCE(file_inode(sk->file)->mode) & ~current_umask();
	struct parent_path parent;
	struct dentry *dentry = start_create(AT_FDCWD, text, 0, &parent);
	struct inode *dir;
	int err;

	if (IS_ERR(dentry))
		return PTR_ERR(dentry);
	dir = d_inode(parent.path.dentry);
	if (unix_name_of(sk)) /* after what the path has to say */
		err = -EINVAL;
	else
		err = vfs_mknod(dir, dentry, S_IFSOCK | (mode & S_PERMISSIONS), 0);
	if (!err) {
		notify_name(dir, &dentry->name, d_inode(dentry), IN_CREATE);
		path->mnt = mntget(parent.path.mnt);
		path->dentry = dget(dentry);
	}
	end_create(&parent, dentry);
	return err;
}

static int bind_path(struct unix_sock *sk, const struct sockaddr_un *addr, unsigned int len)
{
	char text[UNIX_PATH_MAX + 1] = { 0 };
	struct unix_name *name;
	struct path path;
	int err;

	memcpy(text, addr->sun_path, UNIX_PATH_MAX);
	name = new_name(addr, len);
	if (!name)
		return -ENOMEM;
	err = make_file(sk, text, &path);
	if (err) {
		unix_put_name(name);
		return err == -EEXIST ? -EADDRINUSE : err;
	}
	enter_path(sk, name, &path);
	return 0;
}

int unix_bind(struct unix_sock *sk, const struct sockaddr_un *given, int len)
{
	struct sockaddr_un name = *given;
	int err;

	if (len == (int)SUN_PATH_START && name.sun_family == AF_UNIX)
		return unix_autobind(sk);
	err = unix_check_name(&name, &len);
	if (err)
		return err;
	mutex_lock(&sk->bind_mutex);
	err = is_abstract(&name) ? bind_abstract(sk, &name, (unsigned int)len)
				 : bind_path(sk, &name, (unsigned int)len);
	mutex_unlock(&sk->bind_mutex);
	return err;
}

int unix_getname(struct unix_sock *sk, bool of_peer, struct sockaddr_un *to)
{
	struct unix_sock *whose = of_peer ? unix_peer_get(sk) : unix_get(sk);
	const struct unix_name *name;
	int len = SUN_PATH_START;

	if (!whose)
		return -ENOTCONN;
	*to = (struct sockaddr_un){ .sun_family = AF_UNIX };
	name = unix_name_of(whose);
	if (name) {
		*to = name->addr;
		len = (int)name->len;
	}
	unix_put(whose);
	return len;
}

/* --- for /proc --- */

static void describe(const struct unix_sock *sk, struct socket_info *info)
{
	const struct unix_name *name = unix_name_of(sk);

	*info = (struct socket_info){
		.refs = (unsigned int)refcount_read(&sk->refs),
		.type = sk->type,
		.listens = sk->state == SOCK_LISTENS,
		.is_connected = sk->state == SOCK_CONNECTED,
		.is_accepted = !sk->is_embryo,
		.ino = sk->ino,
	};
	if (name) {
		info->name_len = name->len - SUN_PATH_START;
		memcpy(info->name, name->addr.sun_path,
		       min(info->name_len, (unsigned int)UNIX_PATH_MAX));
	}
}

bool socket_describe(unsigned int nr, struct socket_info *info)
{
	struct unix_sock *sk;
	bool found = false;

	spin_lock(&unix_table_lock);
	list_for_each_entry(sk, &all_socks, all_node) {
		found = !nr--;
		if (!found)
			continue;
		describe(sk, info);
		break;
	}
	spin_unlock(&unix_table_lock);
	return found;
}
