/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Files, in Linux's words: a super block is a mounted file system, an inode a file, a dentry a
 * name of it (<oshit/dcache.h>), a struct file what open() makes of it.  Documentation/fs.rst
 * tells how they hang together.
 */
#ifndef OSHIT_FS_H
#define OSHIT_FS_H

#include <linux/fcntl.h>
#include <linux/stat.h>
#include <linux/time_types.h>
#include <oshit/dcache.h>
#include <oshit/err.h>
#include <oshit/list.h>
#include <oshit/mount.h>
#include <oshit/mutex.h>
#include <oshit/pagecache.h>
#include <oshit/refcount.h>
#include <oshit/rwsem.h>
#include <oshit/spinlock.h>
#include <oshit/types.h>

typedef s64 loff_t;

struct file;
struct iattr;
struct iov_iter;
struct kstat;
struct poll_table;
struct seq_file;
struct statfs;
struct vm_area;

#define MAX_FILESIZE	    0x7fffffffffffffffL
#define S_PERMISSIONS	    07777u /* of mode */

/* A device number: major << 20 | minor, as in the kernel; programs see another form. */
#define MKDEV(major, minor) ((u32)(major) << 20 | (minor))
#define MAJOR(dev)	    ((dev) >> 20)
#define MINOR(dev)	    ((dev)&0xfffff)

static inline u64 dev_to_user(u32 dev)
{
	u64 major = MAJOR(dev), minor = MINOR(dev);

	return (minor & 0xff) | major << 8 | (minor & ~0xffUL) << 12;
}

static inline u32 dev_from_user(u32 dev)
{
	return MKDEV((dev >> 8) & 0xfff, (dev & 0xff) | ((dev >> 12) & 0xfff00));
}

/* --- file systems --- */

struct super_operations {
	/* Memory for an inode, part of something larger; NULL: none. May sleep. */
	struct inode *(*alloc_inode)(struct super_block *sb);
	void (*free_inode)(struct inode *inode);
	/* Nobody uses the inode any more, and it has no name: lets its data go. May sleep. */
	void (*evict_inode)(struct inode *inode);
	/* f_type, f_bsize, f_namelen are set. 0 or -errno. May be NULL. */
	int (*statfs)(struct super_block *sb, struct statfs *buf);
	/* Other options, without a new mount; @data may be NULL. 0 or -errno. NULL: none are. */
	int (*remount)(struct super_block *sb, const char *data);
	/* Its options for /proc/mounts, each with a comma before it. May be NULL. */
	void (*show_options)(struct seq_file *m, struct super_block *sb);
	/* The last of the file system: all dentries are gone. May sleep. */
	void (*put_super)(struct super_block *sb);
};

struct file_system_type {
	const char *name;
	unsigned int flags; /* FS_ */
	/* Sets up a new super block: ops, root... @data is mount(2)'s, 0 at its end. 0 or
	 * -errno. */
	int (*fill_super)(struct super_block *sb, const char *data);
	struct super_block *single; /* not NULL: all mounts show this one */
	struct list_head list; /* of fs/super.c */
};
#define FS_REQUIRES_DEV 0x1u /* @device names a block device */

/* For good: there is no way back. Any task. */
void register_filesystem(struct file_system_type *type);
/* NULL: not known. */
struct file_system_type *find_filesystem(const char *name);
/* Number @nr of those that are registered, in that order; NULL: there are not so many. */
struct file_system_type *filesystem_nth(unsigned int nr);

/* Calls @set for each "name" (value: NULL) and "name=value" of @data, which may be NULL; empty ones
 * are passed over. 0; -ENOMEM; the first error of @set. May sleep. */
int parse_mount_options(const char *data,
			int (*set)(void *options, const char *name, const char *value),
			void *options);

#define SB_RDONLY     0x1u
#define SB_NOSYNC     0x2u /* all is in memory: pages that are not there are zeros */
#define SB_WRITE_HOLD 0x4u /* writers wait: it may become read-only */

struct super_block { /* s: ->lock   a: atomic   i: constant */
	refcount_t refs; /* a  mounts */
	spinlock_t lock;
	struct list_head inodes; /* s */
	struct mutex rename_mutex; /* renames from one directory to another */
	const struct super_operations *ops; /* i */
	struct file_system_type *type; /* i */
	struct dentry *root; /* i */
	u32 dev; /* i  its number in stat() */
	unsigned int flags; /* a  SB_; what changes does so under mount_lock */
	atomic_t writers; /* a  of all mounts together */
	unsigned int block_size; /* i  bytes */
	unsigned long magic; /* i  <linux/magic.h> */
	loff_t max_bytes; /* i  of a file */
	atomic64_t next_ino; /* a  for those that have no numbers of their own */
	void *private; /* i  of the file system */
};

/* A super block with one reference for a mount; ERR_PTR(-errno). May sleep. */
struct super_block *mount_super(struct file_system_type *type, const char *data);
void super_put(struct super_block *sb);

/* --- inodes --- */

#define S_DEAD	   0x1u /* a directory that was removed: nothing is made in it */
#define S_SEALABLE 0x2u /* of memfd_create(): ->private is its name, ->seals count */
#define S_LINKABLE 0x4u /* never had a name, and may get one */

/* l: ->lock   w: ->rwsem, for writing   a: atomic   i: constant */
struct inode {
	refcount_t refs; /* a  dentries, directory entries of a file system in memory... */
	unsigned int mode; /* w  S_IFMT is constant; read by anybody */
	u32 uid, gid; /* w  read by anybody */
	unsigned int nlink; /* l */
	unsigned int flags; /* w  S_ */
	unsigned int seals; /* w  F_SEAL_, <oshit/memfd.h> */
	u32 rdev; /* i  of a device */
	u64 ino; /* i */
	struct __kernel_timespec atime, mtime, ctime, btime; /* l */
	spinlock_t lock;
	struct rw_semaphore rwsem; /* contents: names of a directory, size and bytes of a file */
	const struct inode_operations *ops; /* i */
	const struct file_operations *fops; /* i */
	struct super_block *sb; /* i */
	struct list_head sb_node; /* sb->lock */
	struct address_space data; /* pages, and the size in bytes */
	void *private; /* of the file system, or of a pipe */
	struct hlist_head watches; /* of fs/inotify.c, under its watch_sem */
	struct file_locks *locks; /* a  of fs/locks.c; NULL: there never was one */
	atomic_t writers; /* a  files open for writing; below 0: files that are executed */
};

/* A regular file is written, or executed, not both. 0 or -ETXTBSY. */
int get_write_access(struct inode *inode);
int deny_write_access(struct inode *inode);

static inline void put_write_access(struct inode *inode)
{
	atomic_dec(&inode->writers);
}

static inline void allow_write_access(struct inode *inode)
{
	atomic_inc(&inode->writers);
}

/* Subclasses of inode->rwsem where several are taken: parents first, then what is in them. */
#define I_NORMAL  0
#define I_PARENT  1
#define I_PARENT2 2 /* the one below, or the other one */
#define I_CHILD	  3

/* What get_link() may hand out to be freed. */
struct link_body {
	void (*free)(void *arg); /* NULL: nothing */
	void *arg;
};

/*
 * Context of all: task, may sleep.  dir->rwsem is held for writing in all that change names, and in
 * lookup(); that of the victim, too.  0 or -errno.
 */
struct inode_operations {
	/* d_instantiate() if there is such a name. */
	int (*lookup)(struct inode *dir, struct dentry *dentry);
	int (*create)(struct inode *dir, struct dentry *dentry, unsigned int mode);
	int (*mkdir)(struct inode *dir, struct dentry *dentry, unsigned int mode);
	int (*mknod)(struct inode *dir, struct dentry *dentry, unsigned int mode, u32 dev);
	/* A regular file without a name: d_instantiate() of an inode without links. NULL:
	 * -EOPNOTSUPP. */
	int (*tmpfile)(struct inode *dir, struct dentry *dentry, unsigned int mode);
	int (*symlink)(struct inode *dir, struct dentry *dentry, const char *body);
	int (*link)(struct inode *inode, struct inode *dir, struct dentry *dentry);
	int (*unlink)(struct inode *dir, struct dentry *dentry);
	int (*rmdir)(struct inode *dir, struct dentry *dentry); /* -ENOTEMPTY */
	/* @flags: RENAME_EXCHANGE or 0; a victim of the right kind may be there. */
	int (*rename)(struct inode *old_dir, struct dentry *old, struct inode *new_dir,
		      struct dentry *new, unsigned int flags);
	/* What a symbolic link says, until body->free(); ERR_PTR. */
	const char *(*get_link)(struct inode *inode, struct link_body *body);
	/* Or NULL. Where the link leads, whatever it says: *@path gets references. 0 or -errno. */
	int (*get_place)(struct inode *inode, struct path *path);
	/* Or NULL. Of a directory: whether @dentry, cached, possibly negative, still is what its
	 * name means; else it is looked up anew. dir->rwsem may be held. */
	bool (*revalidate)(struct inode *dir, struct dentry *dentry);
	/* NULL: as the mode says. 0 or -EACCES for MAY_ @mask. */
	int (*permission)(const struct inode *inode, unsigned int mask);
	/* NULL: setattr_copy(). Under inode->rwsem. */
	int (*setattr)(struct inode *inode, const struct iattr *attr);
	/* NULL: fill_stat(). */
	void (*getattr)(struct inode *inode, struct kstat *stat);
};

static inline loff_t i_size_read(const struct inode *inode)
{
	return READ_ONCE(inode->data.size);
}

static inline void i_size_write(struct inode *inode, loff_t size)
{
	WRITE_ONCE(inode->data.size, size);
}

static inline bool inode_is(const struct inode *inode, unsigned int format)
{
	return (inode->mode & S_IFMT) == format;
}

static inline void inode_lock(struct inode *inode)
{
	down_write(&inode->rwsem);
}

static inline void inode_lock_nested(struct inode *inode, unsigned int subclass)
{
	down_write_nested(&inode->rwsem, subclass);
}

static inline void inode_unlock(struct inode *inode)
{
	up_write(&inode->rwsem);
}

/* One more reference, for who has one, or is sure that there is one. */
static inline struct inode *ihold(struct inode *inode)
{
	refcount_inc(&inode->refs);
	return inode;
}

/* A new inode with one reference, a number, and all times now. The rest is 0. NULL: no memory. */
struct inode *new_inode(struct super_block *sb);
/* Owner and mode of something that is made in @dir, by the caller's ids and the set-group-ID
 * bit. */
void inode_init_owner(struct inode *inode, const struct inode *dir, unsigned int mode);
/* fops (and rdev) for an inode that is no file, directory or link. */
void init_special_inode(struct inode *inode, unsigned int mode, u32 dev);
/* The last one evicts. Context: task; may sleep. */
void iput(struct inode *inode);

static inline void inode_add_links(struct inode *inode, int nr)
{
	spin_lock(&inode->lock);
	inode->nlink += nr;
	spin_unlock(&inode->lock);
}

struct __kernel_timespec current_time(void);
void inode_touch(struct inode *inode, unsigned int which); /* times become now */
#define TOUCH_ATIME 0x1u
#define TOUCH_MTIME 0x2u
#define TOUCH_CTIME 0x4u
/* By the rules of relatime; not on a mount that forbids it. */
void touch_atime(const struct path *path);
/* The same for who has read from @file, unless it was opened with O_NOATIME. */
void file_accessed(const struct file *file);

#define MAY_EXEC  1u
#define MAY_WRITE 2u
#define MAY_READ  4u

/* Whether the caller may do all of MAY_ @mask. 0; -EACCES; -EROFS. */
int inode_permission(const struct inode *inode, unsigned int mask);
/* What the mode, and the caller's capabilities, say to that. 0; -EACCES. */
int generic_permission(const struct inode *inode, unsigned int mask);
/* Whether the caller owns @inode or may do as if. */
bool inode_owner_or_capable(const struct inode *inode);

struct kstat {
	u32 dev, rdev;
	u64 ino;
	unsigned int mode, nlink;
	u32 uid, gid;
	loff_t size;
	u64 blocks; /* of 512 bytes */
	unsigned int block_size;
	struct __kernel_timespec atime, mtime, ctime, btime;
	unsigned int mount_id;
	bool is_mount_root;
};
void fill_stat(struct inode *inode, struct kstat *stat);
/* The same by the file system, if it knows better. */
void inode_getattr(struct inode *inode, struct kstat *stat);

struct iattr {
	unsigned int valid; /* ATTR_ */
	unsigned int mode; /* S_PERMISSIONS */
	u32 uid, gid;
	loff_t size;
	struct __kernel_timespec atime, mtime;
};
#define ATTR_MODE	 0x001u
#define ATTR_UID	 0x002u
#define ATTR_GID	 0x004u
#define ATTR_SIZE	 0x008u
#define ATTR_ATIME	 0x010u
#define ATTR_MTIME	 0x020u
#define ATTR_ATIME_SET	 0x040u /* not just to now */
#define ATTR_MTIME_SET	 0x080u
#define ATTR_TIMES_OWNER 0x200u /* only the owner may change times so */
#define ATTR_KILL_PRIV	 0x100u /* contents or owner change: set-ID bits go */

/* Checks and changes; the write to the mount is wanted already. inode->rwsem held for writing.
 * 0 or -errno. */
int notify_change(struct inode *inode, struct iattr *attr);
/* All but the size. */
void setattr_copy(struct inode *inode, const struct iattr *attr);
/* Size and pages, for files in the page cache: what ->setattr() of a file system in memory is. */
int simple_setattr(struct inode *inode, const struct iattr *attr);
/* Whether the limits of the process and of the file system allow a file to grow to @size.
 * 0 or -EFBIG. */
int inode_newsize_ok(struct inode *inode, loff_t size);
/* truncate() for the kernel: takes the rwsem. */
int do_truncate(struct inode *inode, loff_t size);

/* --- open files --- */

struct dir_context {
	/* One entry. False: no room, the entry will be asked for again. */
	bool (*actor)(struct dir_context *ctx, const char *name, unsigned int len, u64 ino,
		      unsigned int type);
	loff_t pos; /* of the entry that the actor gets; 0 and 1 are "." and ".." */
};

/* Context of all: task, may sleep. */
struct file_operations {
	loff_t (*llseek)(struct file *file, loff_t offset, int whence); /* NULL: -ESPIPE */
	/* Bytes or -errno; moves *@pos. NULL: -EINVAL. */
	long (*read)(struct file *file, struct iov_iter *to, loff_t *pos);
	long (*write)(struct file *file, struct iov_iter *from, loff_t *pos);
	/* Entries from ctx->pos on, which it moves. inode->rwsem is held for reading. 0 or
	 * -errno. */
	int (*iterate)(struct file *file, struct dir_context *ctx);
	/* EPOLL bits that hold now; poll_wait() on the queues that say more. NULL: always ready. */
	unsigned int (*poll)(struct file *file, struct poll_table *table);
	long (*ioctl)(struct file *file, unsigned int cmd, unsigned long arg); /* -ENOTTY */
	/* Sets ops and private of a new area; see fs/file_mmap.c. NULL: -ENODEV. */
	int (*mmap)(struct file *file, struct vm_area *area);
	int (*open)(struct inode *inode, struct file *file); /* may set file->ops */
	int (*release)(struct inode *inode, struct file *file); /* the last reference has gone */
	int (*fsync)(struct file *file, int datasync); /* NULL: -EINVAL */
	/* Or NULL. Lines of its own for /proc/PID/fdinfo. */
	void (*show_fdinfo)(struct seq_file *m, struct file *file);
	/* @mode: FALLOC_FL_, checked. Nothing overflows. NULL: -EOPNOTSUPP. */
	int (*fallocate)(struct file *file, int mode, loff_t offset, loff_t len);
};

/* Bits of file->mode, constant after open. */
#define FMODE_READ   0x1u
#define FMODE_WRITE  0x2u
#define FMODE_EXEC   0x4u
#define FMODE_PATH   0x8u /* O_PATH: only a place */
#define FMODE_STREAM 0x10u /* no position */
#define FMODE_OPENED 0x20u /* ops->open() was called: release() is due */
#define FMODE_WRITER 0x40u /* counts in inode->writers; FMODE_EXEC does, too */

struct file { /* l: ->lock   p: ->pos_lock   a: atomic   i: constant after open */
	refcount_t refs; /* a */
	unsigned int mode; /* i  FMODE_ */
	unsigned int flags; /* l  O_; read by anybody */
	spinlock_t lock;
	struct mutex pos_lock;
	loff_t pos; /* p  if others have the file, too */
	struct path path; /* i  holds references */
	struct inode *inode; /* i  of path.dentry */
	const struct file_operations *ops; /* i */
	void *private; /* of ops */
	struct list_head watches; /* l  items of epolls; ->next is NULL until the first */
};

/* Boot: caches. */
void file_table_init(void);

struct file_counts {
	unsigned long nr_files; /* open now */
	unsigned long max; /* for who is not privileged */
};
void file_counts_get(struct file_counts *counts);

static inline struct file *get_file(struct file *file)
{
	refcount_inc(&file->refs);
	return file;
}

/* The last one closes. Context: task; may sleep. */
void fput(struct file *file);

static inline struct inode *file_inode(const struct file *file)
{
	return file->inode;
}

/* A file of the caller's table, with a reference; NULL: none (or only a place). Any task. */
struct file *fget(unsigned int fd);

/**
 * dentry_open() - open what a path names, without any walk
 * @flags: O_; the permissions are not checked
 *
 * Return: the file, which has references of its own to @path; ERR_PTR(-errno).
 */
struct file *dentry_open(const struct path *path, unsigned int flags);
/* A file on an inode without a name, with @ops; takes over the reference to @inode on success. */
struct file *anonymous_file(struct inode *inode, const char *name, unsigned int flags,
			    const struct file_operations *ops);
/* The same on another file system than that of pipes, one that has no names. */
struct file *anonymous_file_on(struct mount *mnt, struct inode *inode, const char *name,
			       unsigned int flags, const struct file_operations *ops);
/* For the fill_super() of such a file system: plain inodes, mounted nowhere. 0 or -ENOMEM. */
int fill_nowhere_super(struct super_block *sb, unsigned long magic);
/* An inode of the file system of things without names: pipes and the like. ERR_PTR(-ENOMEM). */
struct inode *anonymous_inode(unsigned int mode);

/* A file that is nothing but its operations and @private: an inode of its own, without a type.
 * ERR_PTR(-ENOMEM, -ENFILE). */
struct file *nameless_file(const char *name, unsigned int flags, const struct file_operations *ops,
			   void *private);

/**
 * filp_open() - open by name, for the kernel
 * @name: of the kernel's
 *
 * Context: task; may sleep. Return: the file; ERR_PTR(-errno of open(2)).
 */
struct file *filp_open(const char *name, unsigned int flags, unsigned int mode);

/* A file to be executed: regular, with permission. ERR_PTR(-errno of execve(2)). */
struct file *open_exec(const char *path);
/* The same relative to @dfd, AT_EMPTY_PATH and AT_SYMLINK_NOFOLLOW in @flags. */
struct file *open_exec_at(int dfd, const char *path, unsigned int flags);

/* Read or write at a position, from and to the kernel's memory. Bytes, fewer at the end, or
 * -errno. */
long kernel_read(struct file *file, void *buf, size_t len, loff_t pos);
long kernel_write(struct file *file, const void *buf, size_t len, loff_t pos);

/* The calling thread has deserved a signal by what it did to a file. Set by the proc tier before
 * programs run; NULL: nobody to signal. */
extern void (*fs_signal_hook)(int sig);

static inline void fs_raise(int sig)
{
	if (fs_signal_hook)
		fs_signal_hook(sig);
}

/* --- names --- */

/* A copy of a path that a program gave, for putname(); ERR_PTR(-EFAULT, -ENOENT if it is empty,
 * -ENAMETOOLONG, -ENOMEM). May sleep. */
char *getname(const char __user *name);
/* The same, and "" is a name. */
char *getname_empty(const char __user *name);
void putname(char *name);

/* The last component of a path. */
const char *path_basename(const char *path);

/* --- what many file systems share: fs/libfs.c, fs/filemap.c --- */

loff_t generic_file_llseek(struct file *file, loff_t offset, int whence);
/* Of what has @size bytes for good. */
loff_t fixed_size_llseek(struct file *file, loff_t offset, int whence, loff_t size);
/* For what has positions but no size: any that is not negative. */
loff_t noop_llseek(struct file *file, loff_t offset, int whence);
/* For what has no positions and allows a seek that moves nothing, as nameless files do in Linux. */
loff_t stay_llseek(struct file *file, loff_t offset, int whence);
/* Through the page cache. */
long generic_file_read(struct file *file, struct iov_iter *to, loff_t *pos);
long generic_file_write(struct file *file, struct iov_iter *from, loff_t *pos);
/* The page that holds what a read at @pos gives, with a reference; NULL: a hole, zeros; ERR_PTR.
 * For files that are read by generic_file_read(). May sleep. */
struct page *generic_file_page(struct inode *inode, loff_t pos);
/* A mapping of the page cache. */
int generic_file_mmap(struct file *file, struct vm_area *area);
/* The same with other pages than those of the file's inode. */
int file_mmap_mapping(struct file *file, struct vm_area *area, struct address_space *mapping);
/* Of files in memory; fs/fallocate.c. */
int simple_fallocate(struct file *file, int mode, loff_t offset, loff_t len);
/* Nothing has to be written anywhere. */
int noop_fsync(struct file *file, int datasync);
/* The same for files whose pages are stored by write_page(). */
int generic_file_fsync(struct file *file, int datasync);
/* "." and ".." if ctx->pos is below 2. False: no room. */
bool dir_emit_dots(struct file *file, struct dir_context *ctx);

#endif
