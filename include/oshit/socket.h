/* SPDX-License-Identifier: GPL-2.0-only */
/* Sockets for those outside of net/: what /proc tells of them. */
#ifndef OSHIT_SOCKET_H
#define OSHIT_SOCKET_H

#include <linux/un.h>
#include <oshit/types.h>

struct socket_info {
	unsigned int refs;
	unsigned int type; /* SOCK_ */
	bool listens, is_connected;
	bool is_accepted; /* or was never to be */
	u64 ino; /* of its file; 0: it has none yet */
	unsigned int name_len; /* 0: it has none */
	char name[UNIX_PATH_MAX + 1]; /* a path with its 0, or 0 and other bytes */
};

/* Boot. */
#ifdef CONFIG_UNIX
void socket_init(void);
/* Number @nr of those that there are; false: there are not so many. Any task. */
bool socket_describe(unsigned int nr, struct socket_info *info);
#else
static inline void socket_init(void)
{
}

static inline bool socket_describe(unsigned int nr __maybe_unused,
				   struct socket_info *info __maybe_unused)
{
	return false;
}
#endif

#endif
