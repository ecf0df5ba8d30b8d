/* SPDX-License-Identifier: GPL-2.0-only */
/* Between fs/locks.c, which keeps locks, and fs/lock_calls.c, the calls that ask for them. */
#ifndef FS_LOCKS_H
#define FS_LOCKS_H

#include <oshit/fs.h>

enum lock_kind {
	LOCK_RECORD, /* of a process: its table of descriptors owns it */
	LOCK_OFD, /* a record lock that an open file owns */
	LOCK_FLOCK, /* of flock(): whole files, owned by an open file; apart from the others */
};

struct lock_request {
	enum lock_kind kind;
	const void *owner;
	int pid; /* for who asks; -1: no process has it */
	int type; /* F_RDLCK, F_WRLCK, F_UNLCK */
	loff_t start, end; /* both included */
};

/* Sets or takes away. -EAGAIN: somebody else has one; -ENOLCK: no memory. May sleep. */
int lock_file(struct inode *inode, const struct lock_request *request);
/* The same, and waits until it can be set. -EDEADLK: that would be for ever; -ERESTARTSYS. */
int lock_file_wait(struct inode *inode, const struct lock_request *request);
/* The first lock in the way takes the place of *@request; if there is none its type is F_UNLCK. */
void lock_test(struct inode *inode, struct lock_request *request);

#endif
