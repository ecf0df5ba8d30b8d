/* SPDX-License-Identifier: GPL-2.0-only */
/* A walk under way: between fs/namei.c and fs/open_walk.c, which ends it in another way. */
#ifndef FS_WALK_H
#define FS_WALK_H

#include <oshit/fs.h>
#include <oshit/namei.h>

#define WALK_INLINE_LINKS 2 /* nested links that need no memory */

enum walk_follow { WALK_STAY, WALK_FOLLOW };

struct walk_link {
	struct path path; /* of the link; holds references */
	struct link_body body;
	const char *rest; /* what follows it in the name where it stood; without leading slashes */
};

struct walk { /* private to the task that walks */
	struct path path; /* where it stands; no dentry: given away */
	struct path root; /* what ".." cannot leave, where "/" is */
	struct qstr last; /* points into the name */
	enum last_type last_type;
	unsigned int flags; /* LOOKUP_ */
	unsigned int nr_links; /* followed so far */
	unsigned int depth; /* of the stack */
	struct walk_link *stack;
	struct walk_link inline_stack[WALK_INLINE_LINKS];
};

/* Nothing is held on error. */
int walk_start(struct walk *walk, int dfd, const char *name, unsigned int flags);
/* Walks @name but for the last component, which walk->last is then. 0 or -errno. */
int walk_to_last(struct walk *walk, const char *name);
/* Takes the last component. Return: NULL; the name to go on with, if it was a link; ERR_PTR. */
const char *walk_last(struct walk *walk);
/* A detour by the link at @path, whose references it takes over; @rest follows it. */
const char *walk_link(struct walk *walk, struct path *path, const char *rest);
void walk_end(struct walk *walk);

#endif
