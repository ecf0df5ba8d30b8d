/* SPDX-License-Identifier: GPL-2.0-only */
/* What the tests of sockets share: pairs, names, polling. */
#ifndef SELFTEST_SOCKETS_H
#define SELFTEST_SOCKETS_H

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "selftest.h"

#define PATH_START offsetof(struct sockaddr_un, sun_path)

static inline void new_pair(struct test *t, int type, int fds[2])
{
	REQUIRE(t, kcall(SYS_socketpair, AF_UNIX, type, 0, fds) == 0);
}

static inline int new_socket(struct test *t, int type)
{
	int fd = (int)kcall(SYS_socket, AF_UNIX, type, 0);

	REQUIRE(t, fd >= 0);
	return fd;
}

/* An abstract name that no other case and no other run has. Its length. */
static inline socklen_t abstract_name(struct sockaddr_un *name, const char *what)
{
	*name = (struct sockaddr_un){ .sun_family = AF_UNIX };
	return (socklen_t)(PATH_START + 1 +
			   (size_t)snprintf(name->sun_path + 1, sizeof(name->sun_path) - 1,
					    "selftest-%d-%s", getpid(), what));
}

static inline socklen_t path_name(struct sockaddr_un *name, const char *path)
{
	*name = (struct sockaddr_un){ .sun_family = AF_UNIX };
	snprintf(name->sun_path, sizeof(name->sun_path), "%s", path);
	return (socklen_t)(PATH_START + strlen(name->sun_path) + 1);
}

/* A socket that has that name. */
static inline int bound_socket(struct test *t, int type, const char *what, struct sockaddr_un *name,
			       socklen_t *len)
{
	int fd = new_socket(t, type);

	*len = abstract_name(name, what);
	REQUIRE(t, kcall(SYS_bind, fd, name, *len) == 0);
	return fd;
}

static inline short ready(int fd)
{
	struct pollfd polled = { .fd = fd, .events = POLLIN | POLLOUT | POLLRDHUP };

	return kcall(SYS_poll, &polled, 1, 0) < 0 ? -1 : polled.revents;
}

#endif
