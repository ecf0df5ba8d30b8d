/* SPDX-License-Identifier: GPL-2.0-only */
/* Making sockets, naming them, connecting them, and their options. */
#include <limits.h>
#include <sys/stat.h>

#include "sockets.h"
#include "threads.h"

static struct sockaddr_un shared_name;
static socklen_t shared_len;

static void socket_checks_its_arguments(struct test *t)
{
	static int fds[2];
	const struct call_row rows[] = {
		CALL(-EAFNOSUPPORT, socket, -1, SOCK_STREAM, 0),
		CALL(-EAFNOSUPPORT, socket, 1000, SOCK_STREAM, 0),
		CALL(-EINVAL, socket, AF_UNIX, 0x1000, 0),
		CALL(-EINVAL, socket, AF_UNIX, 11, 0),
		CALL(-ESOCKTNOSUPPORT, socket, AF_UNIX, 0, 0),
		CALL(-ESOCKTNOSUPPORT, socket, AF_UNIX, SOCK_RDM, 0),
		CALL(-EPROTONOSUPPORT, socket, AF_UNIX, SOCK_STREAM, 6),
		CALL(-EPROTONOSUPPORT, socketpair, AF_UNIX, SOCK_STREAM, 6, PTR(fds)),
		CALL(-EINVAL, socketpair, AF_UNIX, SOCK_STREAM | 0x100, 0, PTR(fds)),
		CALL(-EBADF, bind, -1, 0, 0),
		CALL(-EBADF, connect, 999, 0, 0),
		CALL(-EBADF, shutdown, 999, 0),
		CALL(-EBADF, accept, 999, 0, 0),
		CALL(-EBADF, sendto, 999, 0, 0, 0, 0, 0),
		CALL(-EBADF, recvfrom, 999, 0, 0, 0, 0, 0),
		CALL(-ENOTSOCK, listen, 0, 5),
		CALL(-ENOTSOCK, getsockname, 0, 0, 0),
		CALL(-ENOTSOCK, sendmsg, 0, 0, 0),
		CALL(-ENOTSOCK, recvmsg, 0, 0, 0),
		CALL(-ENOTSOCK, getsockopt, 0, 0, 0, 0, 0),
	};

	close(0);
	REQUIRE(t, open("/dev/null", O_RDWR) == 0);
	EXPECT_CALLS(t, rows);
	EXPECT_TRUE(t, kcall(SYS_socket, AF_UNIX, SOCK_RAW, AF_UNIX) > 0);
}

static void names_are_checked(struct test *t)
{
	int fd = new_socket(t, SOCK_STREAM);
	struct sockaddr_un name;
	socklen_t len = abstract_name(&name, "a");
	char room[200] = { AF_UNIX };

	EXPECT_RET(t, kcall(SYS_bind, fd, &name, -1), -EINVAL);
	EXPECT_RET(t, kcall(SYS_bind, fd, &name, 1), -EINVAL);
	EXPECT_RET(t, kcall(SYS_bind, fd, room, sizeof(name) + 1), -EINVAL);
	EXPECT_RET(t, kcall(SYS_bind, fd, room, 129), -EINVAL);
	EXPECT_RET(t, kcall(SYS_bind, fd, NULL, len), -EFAULT);
	name.sun_family = AF_INET;
	EXPECT_RET(t, kcall(SYS_bind, fd, &name, len), -EINVAL);
	EXPECT_RET(t, kcall(SYS_connect, fd, &name, len), -EINVAL);
	name.sun_family = AF_UNIX;
	EXPECT_RET(t, kcall(SYS_connect, fd, &name, len), -ECONNREFUSED);
	EXPECT_RET(t, kcall(SYS_listen, fd, 1), -EINVAL);
	EXPECT_RET(t, kcall(SYS_accept, fd, NULL, NULL), -EINVAL);
	EXPECT_RET(t, kcall(SYS_bind, fd, &name, len), 0);
	EXPECT_RET(t, kcall(SYS_bind, fd, &name, len), -EINVAL);
	EXPECT_RET(t, kcall(SYS_bind, new_socket(t, SOCK_STREAM), &name, len), -EADDRINUSE);
	EXPECT_RET(t, kcall(SYS_bind, new_socket(t, SOCK_DGRAM), &name, len), 0);
	EXPECT_RET(t, kcall(SYS_connect, new_socket(t, SOCK_STREAM), &name, len), -ECONNREFUSED);
}

static void names_are_told(struct test *t)
{
	int fd = new_socket(t, SOCK_STREAM), fds[2];
	struct sockaddr_un name, got;
	socklen_t len = sizeof(got);

	EXPECT_RET(t, kcall(SYS_getsockname, fd, &got, &len), 0);
	EXPECT_EQ(t, len, PATH_START);
	EXPECT_EQ(t, got.sun_family, AF_UNIX);
	EXPECT_RET(t, kcall(SYS_getpeername, fd, &got, &len), -ENOTCONN);
	len = (socklen_t)-1;
	EXPECT_RET(t, kcall(SYS_getsockname, fd, &got, &len), -EINVAL);
	new_pair(t, SOCK_STREAM, fds);
	len = sizeof(got);
	EXPECT_RET(t, kcall(SYS_getpeername, fds[0], &got, &len), 0);
	EXPECT_EQ(t, len, PATH_START);
	/* As much as there is room for, and the whole length. */
	len = abstract_name(&name, "told");
	EXPECT_RET(t, kcall(SYS_bind, fd, &name, len), 0);
	memset(&got, 'x', sizeof(got));
	len = PATH_START + 3;
	EXPECT_RET(t, kcall(SYS_getsockname, fd, &got, &len), 0);
	EXPECT_EQ(t, memcmp(&got, &name, PATH_START + 3), 0);
	EXPECT_EQ(t, got.sun_path[3], 'x');
	EXPECT_EQ(t, len, abstract_name(&name, "told"));
}

static void names_are_chosen(struct test *t)
{
	int fd = new_socket(t, SOCK_DGRAM);
	struct sockaddr_un name = { .sun_family = AF_UNIX }, got;
	socklen_t len = sizeof(got);

	EXPECT_RET(t, kcall(SYS_bind, fd, &name, sizeof(name.sun_family)), 0);
	EXPECT_RET(t, kcall(SYS_getsockname, fd, &got, &len), 0);
	EXPECT_EQ(t, len, PATH_START + 6);
	EXPECT_EQ(t, got.sun_path[0], 0);
	EXPECT_EQ(t, strspn(got.sun_path + 1, "0123456789abcdef"), 5);
}

static void paths_are_files(struct test *t)
{
	struct sockaddr_un name, got;
	socklen_t len, got_len = sizeof(got);
	int fd = new_socket(t, SOCK_STREAM), other = new_socket(t, SOCK_STREAM);
	struct stat st;
	char path[100];

	snprintf(path, sizeof(path), "%s/s", scratch_folder(t));
	len = path_name(&name, path);
	umask(027);
	EXPECT_RET(t, kcall(SYS_connect, fd, &name, len), -ENOENT);
	EXPECT_RET(t, kcall(SYS_bind, fd, &name, len - 1), 0); /* without the 0 */
	EXPECT_RET(t, kcall(SYS_getsockname, fd, &got, &got_len), 0);
	EXPECT_EQ(t, got_len, len);
	EXPECT_STREQ(t, got.sun_path, path);
	EXPECT_EQ(t, stat(path, &st), 0);
	EXPECT_EQ(t, st.st_mode, S_IFSOCK | 0750);
	EXPECT_RET(t, kcall(SYS_open, path, O_RDWR), -ENXIO);
	EXPECT_RET(t, kcall(SYS_bind, other, &name, len), -EADDRINUSE);
	EXPECT_RET(t, kcall(SYS_connect, other, &name, len), -ECONNREFUSED);
	EXPECT_RET(t, kcall(SYS_listen, fd, 1), 0);
	EXPECT_RET(t, kcall(SYS_connect, new_socket(t, SOCK_DGRAM), &name, len), -EPROTOTYPE);
	EXPECT_RET(t, kcall(SYS_connect, other, &name, len), 0);
	EXPECT_RET(t, kcall(SYS_unlink, path), 0);
	EXPECT_RET(t, kcall(SYS_connect, new_socket(t, SOCK_STREAM), &name, len), -ENOENT);
	EXPECT_TRUE(t, kcall(SYS_accept, fd, NULL, NULL) >= 0);
	/* What nobody listens at. */
	EXPECT_EQ(t, mknod(path, S_IFSOCK | 0600, 0), 0);
	EXPECT_RET(t, kcall(SYS_connect, new_socket(t, SOCK_STREAM), &name, len), -ECONNREFUSED);
	unlink(path);
	close(open(path, O_CREAT | O_WRONLY, 0600));
	EXPECT_RET(t, kcall(SYS_connect, new_socket(t, SOCK_STREAM), &name, len), -ECONNREFUSED);
	unlink(path);
}

/* The 0 that ends the longest path is behind the address, and counts. */
static void the_longest_path_ends(struct test *t)
{
	struct sockaddr_un name = { .sun_family = AF_UNIX };
	int fd = new_socket(t, SOCK_STREAM), other = new_socket(t, SOCK_STREAM);
	char got[sizeof(name) + 8];
	socklen_t len = sizeof(got);

	REQUIRE(t, chdir(scratch_folder(t)) == 0);
	memset(name.sun_path, 'p', sizeof(name.sun_path));
	EXPECT_RET(t, kcall(SYS_bind, fd, &name, sizeof(name)), 0);
	memset(got, 'x', sizeof(got));
	EXPECT_RET(t, kcall(SYS_getsockname, fd, got, &len), 0);
	EXPECT_EQ(t, len, sizeof(name) + 1);
	EXPECT_EQ(t, memcmp(got, &name, sizeof(name)), 0);
	EXPECT_EQ(t, got[sizeof(name)], 0);
	EXPECT_EQ(t, got[sizeof(name) + 1], 'x');
	/* What is there already is told first. */
	EXPECT_RET(t, kcall(SYS_bind, fd, &name, sizeof(name)), -EADDRINUSE);
	EXPECT_RET(t, kcall(SYS_bind, fd, &name, sizeof(name) - 1), -EINVAL);
	EXPECT_RET(t, kcall(SYS_listen, fd, 1), 0);
	EXPECT_RET(t, kcall(SYS_connect, other, &name, sizeof(name)), 0);
	name.sun_path[sizeof(name.sun_path) - 1] = '\0';
	EXPECT_RET(t, kcall(SYS_access, name.sun_path, F_OK), -ENOENT);
	memcpy(got, &name, sizeof(name));
	got[sizeof(name) - 1] = 'p';
	got[sizeof(name)] = '\0';
	unlink(got + PATH_START);
}

static int fd_of_all;

static void *bind_it(void *nr)
{
	struct sockaddr_un name;
	char path[16];
	socklen_t len;
	long ret;

	snprintf(path, sizeof(path), "bound%ld", (long)nr);
	len = path_name(&name, path);
	ret = kcall(SYS_bind, fd_of_all, &name, len);
	note_bad(ret != 0 && ret != -EINVAL);
	return NULL;
}

/* One gives the name; the files of the others are not there, or no longer. */
static void one_of_many_binds(struct test *t)
{
	REQUIRE(t, chdir(scratch_folder(t)) == 0);
	for (int round = 0; round < 100; round++) {
		struct sockaddr_un name;
		socklen_t len = sizeof(name);
		int nr_files = 0;

		fd_of_all = new_socket(t, SOCK_STREAM);
		run_threads(t, bind_it);
		EXPECT_RET(t, kcall(SYS_getsockname, fd_of_all, &name, &len), 0);
		EXPECT_RET(t, unlink(name.sun_path), 0);
		for (int i = 0; i < NR_THREADS; i++) {
			char path[16];

			snprintf(path, sizeof(path), "bound%d", i);
			nr_files += access(path, F_OK) == 0;
		}
		EXPECT_EQ(t, nr_files, 0);
		close(fd_of_all);
	}
}

static void connect_as_nobody(void *arg)
{
	struct test *t = arg;

	become_nobody(t);
	EXPECT_RET(t, kcall(SYS_connect, new_socket(t, SOCK_STREAM), &shared_name, shared_len),
		   -EACCES);
}

static void paths_have_rights(struct test *t)
{
	const char *folder = scratch_folder(t);
	int fd = new_socket(t, SOCK_STREAM);
	char path[100];

	SKIP_UNLESS_ROOT(t);
	snprintf(path, sizeof(path), "%s/s", folder);
	chmod(folder, 0755);
	shared_len = path_name(&shared_name, path);
	umask(022);
	EXPECT_RET(t, kcall(SYS_bind, fd, &shared_name, shared_len), 0);
	EXPECT_RET(t, kcall(SYS_listen, fd, 5), 0);
	EXPECT_EXIT(t, run_in_child(t, connect_as_nobody, t), 0);
	unlink(path);
}

static void connections_are_made(struct test *t)
{
	struct sockaddr_un name, got;
	socklen_t len, got_len = sizeof(got);
	int server = bound_socket(t, SOCK_STREAM, "s", &name, &len);
	int client = new_socket(t, SOCK_STREAM | SOCK_NONBLOCK), fd;
	char buf[4];

	EXPECT_RET(t, kcall(SYS_read, client, buf, 1), -EINVAL);
	EXPECT_RET(t, kcall(SYS_write, client, buf, 1), -ENOTCONN);
	EXPECT_EQ(t, ready(client), POLLOUT | POLLHUP);
	EXPECT_RET(t, kcall(SYS_listen, server, 5), 0);
	EXPECT_EQ(t, ready(server), 0);
	EXPECT_RET(t, kcall(SYS_connect, client, &name, len), 0);
	EXPECT_EQ(t, ready(server), POLLIN);
	EXPECT_RET(t, kcall(SYS_connect, client, &name, len), -EISCONN);
	EXPECT_RET(t, kcall(SYS_connect, server, &name, len), -EINVAL);
	EXPECT_RET(t, kcall(SYS_listen, client, 1), -EINVAL);
	/* Bytes may come before anybody accepts. */
	EXPECT_RET(t, kcall(SYS_write, client, "abc", 3), 3);
	fd = (int)kcall(SYS_accept4, server, &got, &got_len, SOCK_CLOEXEC | SOCK_NONBLOCK);
	REQUIRE(t, fd >= 0);
	EXPECT_EQ(t, got_len, PATH_START);
	EXPECT_RET(t, kcall(SYS_fcntl, fd, F_GETFD), FD_CLOEXEC);
	EXPECT_RET(t, kcall(SYS_fcntl, fd, F_GETFL) & O_NONBLOCK, O_NONBLOCK);
	EXPECT_RET(t, kcall(SYS_read, fd, buf, 4), 3);
	EXPECT_RET(t, kcall(SYS_write, fd, "re", 2), 2);
	EXPECT_RET(t, kcall(SYS_read, client, buf, 4), 2);
	got_len = sizeof(got);
	EXPECT_RET(t, kcall(SYS_getsockname, fd, &got, &got_len), 0);
	EXPECT_EQ(t, got_len, len);
	got_len = sizeof(got);
	EXPECT_RET(t, kcall(SYS_getpeername, client, &got, &got_len), 0);
	EXPECT_EQ(t, memcmp(&got, &name, len), 0);
	EXPECT_RET(t, kcall(SYS_sendto, client, "x", 1, 0, &name, len), -EISCONN);
	EXPECT_RET(t, kcall(SYS_accept4, server, NULL, NULL, 1), -EINVAL);
	EXPECT_RET(t, kcall(SYS_accept, client, NULL, NULL), -EINVAL);
	EXPECT_RET(t, kcall(SYS_accept, new_socket(t, SOCK_DGRAM), NULL, NULL), -EOPNOTSUPP);
	EXPECT_RET(t, kcall(SYS_listen, new_socket(t, SOCK_DGRAM), 1), -EOPNOTSUPP);
}

static void the_backlog_is_bounded(struct test *t)
{
	struct sockaddr_un name;
	socklen_t len;
	int server = bound_socket(t, SOCK_STREAM | SOCK_NONBLOCK, "s", &name, &len);
	int nr = 0;

	EXPECT_RET(t, kcall(SYS_listen, server, 2), 0);
	while (nr < 50 &&
	       kcall(SYS_connect, new_socket(t, SOCK_STREAM | SOCK_NONBLOCK), &name, len) == 0)
		nr++;
	EXPECT_EQ(t, nr, 3);
	EXPECT_RET(t, kcall(SYS_connect, new_socket(t, SOCK_STREAM | SOCK_NONBLOCK), &name, len),
		   -EAGAIN);
	EXPECT_TRUE(t, kcall(SYS_accept, server, NULL, NULL) >= 0);
	EXPECT_RET(t, kcall(SYS_connect, new_socket(t, SOCK_STREAM | SOCK_NONBLOCK), &name, len),
		   0);
	for (int i = 0; i < 3; i++)
		EXPECT_TRUE(t, kcall(SYS_accept, server, NULL, NULL) >= 0);
	EXPECT_RET(t, kcall(SYS_accept, server, NULL, NULL), -EAGAIN);
}

static void connect_late(void *arg)
{
	int fd = (int)kcall(SYS_socket, AF_UNIX, SOCK_STREAM, 0);

	if (kcall(SYS_connect, fd, &shared_name, shared_len) != *(long *)arg)
		_exit(1);
}

static void connecting_waits_for_room(struct test *t)
{
	int server = bound_socket(t, SOCK_STREAM, "s", &shared_name, &shared_len);
	long want = 0;
	pid_t pid;

	EXPECT_RET(t, kcall(SYS_listen, server, 0), 0);
	EXPECT_RET(t, kcall(SYS_connect, new_socket(t, SOCK_STREAM), &shared_name, shared_len), 0);
	pid = start_child(t, connect_late, &want);
	sleep_ms(20);
	EXPECT_TRUE(t, kcall(SYS_accept, server, NULL, NULL) >= 0);
	EXPECT_TRUE(t, kcall(SYS_accept, server, NULL, NULL) >= 0);
	EXPECT_EXIT(t, wait_for(t, pid), 0);
}

static void closing_a_listener_resets(struct test *t)
{
	int server = bound_socket(t, SOCK_STREAM, "s", &shared_name, &shared_len);
	int client = new_socket(t, SOCK_STREAM);
	char c;

	EXPECT_RET(t, kcall(SYS_listen, server, 5), 0);
	EXPECT_RET(t, kcall(SYS_connect, client, &shared_name, shared_len), 0);
	close(server);
	EXPECT_RET(t, kcall(SYS_read, client, &c, 1), -ECONNRESET);
	EXPECT_RET(t, kcall(SYS_read, client, &c, 1), 0);
	EXPECT_RET(t, kcall(SYS_connect, new_socket(t, SOCK_STREAM), &shared_name, shared_len),
		   -ECONNREFUSED);
}

static void accepting_ends_with_shutdown(struct test *t)
{
	int server = bound_socket(t, SOCK_STREAM, "s", &shared_name, &shared_len);

	EXPECT_RET(t, kcall(SYS_listen, server, 5), 0);
	EXPECT_RET(t, kcall(SYS_shutdown, server, SHUT_RD), 0);
	EXPECT_RET(t, kcall(SYS_accept, server, NULL, NULL), -EINVAL);
	EXPECT_RET(t, kcall(SYS_fcntl, server, F_SETFL, O_NONBLOCK), 0);
	EXPECT_RET(t, kcall(SYS_accept, server, NULL, NULL), -EAGAIN);
	EXPECT_RET(t, kcall(SYS_connect, new_socket(t, SOCK_STREAM), &shared_name, shared_len),
		   -ECONNREFUSED);
}

/* --- options --- */

static int get_option(struct test *t, int fd, int name)
{
	socklen_t len = sizeof(int);
	int value = -1;

	EXPECT_RET(t, kcall(SYS_getsockopt, fd, SOL_SOCKET, name, &value, &len), 0);
	EXPECT_EQ(t, len, sizeof(int));
	return value;
}

static long set_option(int fd, int name, int value)
{
	return kcall(SYS_setsockopt, fd, SOL_SOCKET, name, &value, sizeof(value));
}

static void options_are_kept(struct test *t)
{
	static const int flags[] = { SO_PASSCRED,  SO_REUSEADDR, SO_KEEPALIVE,
				     SO_BROADCAST, SO_OOBINLINE, SO_DONTROUTE };
	int fd = new_socket(t, SOCK_SEQPACKET);
	struct linger linger = { 1, 7 }, got;
	socklen_t len = sizeof(got);

	EXPECT_EQ(t, get_option(t, fd, SO_TYPE), SOCK_SEQPACKET);
	EXPECT_EQ(t, get_option(t, fd, SO_DOMAIN), AF_UNIX);
	EXPECT_EQ(t, get_option(t, fd, SO_PROTOCOL), 0);
	EXPECT_EQ(t, get_option(t, fd, SO_ACCEPTCONN), 0);
	EXPECT_EQ(t, get_option(t, fd, SO_ERROR), 0);
	for (size_t i = 0; i < ARRAY_SIZE(flags); i++) {
		EXPECT_EQ(t, get_option(t, fd, flags[i]), 0);
		EXPECT_RET(t, set_option(fd, flags[i], 5), 0);
		EXPECT_EQ(t, get_option(t, fd, flags[i]), 1);
		EXPECT_RET(t, set_option(fd, flags[i], 0), 0);
		EXPECT_EQ(t, get_option(t, fd, flags[i]), 0);
	}
	EXPECT_RET(t, set_option(fd, SO_SNDBUF, 10000), 0);
	EXPECT_EQ(t, get_option(t, fd, SO_SNDBUF), 20000);
	EXPECT_RET(t, set_option(fd, SO_RCVBUF, 10000), 0);
	EXPECT_EQ(t, get_option(t, fd, SO_RCVBUF), 20000);
	EXPECT_RET(t, set_option(fd, SO_SNDBUF, 1), 0);
	EXPECT_TRUE(t, get_option(t, fd, SO_SNDBUF) >= 2048);
	/* Below 0 is as much as there may be. */
	for (int i = 0; i < 2; i++) {
		int option = i ? SO_SNDBUF : SO_RCVBUF, most;

		EXPECT_RET(t, set_option(fd, option, INT_MAX), 0);
		most = get_option(t, fd, option);
		EXPECT_RET(t, set_option(fd, option, 1), 0);
		EXPECT_RET(t, set_option(fd, option, -1), 0);
		EXPECT_EQ(t, get_option(t, fd, option), most);
	}
	EXPECT_RET(t, kcall(SYS_setsockopt, fd, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger)), 0);
	EXPECT_RET(t, kcall(SYS_getsockopt, fd, SOL_SOCKET, SO_LINGER, &got, &len), 0);
	EXPECT_EQ(t, memcmp(&linger, &got, sizeof(got)), 0);
}

static void options_are_checked(struct test *t)
{
	int fd = new_socket(t, SOCK_STREAM), value = 0;
	struct timeval tv = { 0, 1000000 };
	socklen_t len = 2;

	EXPECT_RET(t, set_option(fd, SO_TYPE, 1), -ENOPROTOOPT);
	EXPECT_RET(t, set_option(fd, 12345, 1), -ENOPROTOOPT);
	EXPECT_RET(t, kcall(SYS_setsockopt, fd, SOL_SOCKET, SO_PASSCRED, &value, 3), -EINVAL);
	EXPECT_RET(t, kcall(SYS_setsockopt, fd, SOL_SOCKET, SO_PASSCRED, NULL, 4), -EFAULT);
	EXPECT_RET(t, kcall(SYS_setsockopt, fd, 6, 1, &value, 4), -EOPNOTSUPP);
	EXPECT_RET(t, kcall(SYS_getsockopt, fd, 6, 1, &value, &len), -EOPNOTSUPP);
	EXPECT_RET(t, kcall(SYS_setsockopt, fd, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof(tv)), -EDOM);
	EXPECT_RET(t, kcall(SYS_setsockopt, fd, SOL_SOCKET, SO_RCVTIMEO, &tv, 4), -EINVAL);
	value = 0x11223344;
	EXPECT_RET(t, kcall(SYS_getsockopt, fd, SOL_SOCKET, SO_TYPE, &value, &len), 0);
	EXPECT_EQ(t, len, 2);
	EXPECT_EQ(t, value, 0x11220000 | SOCK_STREAM);
	EXPECT_RET(t, kcall(SYS_getsockopt, fd, SOL_SOCKET, 12345, &value, &len), -ENOPROTOOPT);
	len = (socklen_t)-1;
	EXPECT_RET(t, kcall(SYS_getsockopt, fd, SOL_SOCKET, SO_TYPE, &value, &len), -EINVAL);
	EXPECT_RET(t, kcall(SYS_getsockopt, fd, SOL_SOCKET, SO_TYPE, &value, NULL), -EFAULT);
}

/* --- many at once --- */

static int server_fd;
static long nr_each;

static void *connect_and_talk(void *arg)
{
	for (long i = 0; i < nr_each; i++) {
		int fd = (int)kcall(SYS_socket, AF_UNIX, SOCK_STREAM, 0);
		long word = (long)arg, back = 0;

		note_bad(kcall(SYS_connect, fd, &shared_name, shared_len) != 0);
		note_bad(kcall(SYS_write, fd, &word, 8) != 8);
		note_bad(kcall(SYS_read, fd, &back, 8) != 8);
		note_bad(back != word + 1);
		close(fd);
	}
	return NULL;
}

static void *answer(void *arg __maybe_unused)
{
	for (;;) {
		int fd = (int)kcall(SYS_accept, server_fd, NULL, NULL);
		long word = 0;

		if (fd < 0)
			return NULL; /* shut down */
		note_bad(kcall(SYS_read, fd, &word, 8) != 8);
		word++;
		note_bad(kcall(SYS_write, fd, &word, 8) != 8);
		close(fd);
	}
}

static void many_connect_at_once(struct test *t)
{
	pthread_t servers[2];

	server_fd = bound_socket(t, SOCK_STREAM, "s", &shared_name, &shared_len);
	nr_each = rounds(100, 500);
	EXPECT_RET(t, kcall(SYS_listen, server_fd, 1), 0);
	for (int i = 0; i < 2; i++)
		REQUIRE(t, pthread_create(&servers[i], NULL, answer, NULL) == 0);
	run_threads(t, connect_and_talk);
	kcall(SYS_shutdown, server_fd, SHUT_RDWR);
	for (int i = 0; i < 2; i++)
		REQUIRE(t, pthread_join(servers[i], NULL) == 0);
	EXPECT_EQ(t, nr_bad, 0);
}

static const struct test_case cases[] = {
	TEST_CASE(socket_checks_its_arguments),
	TEST_CASE(names_are_checked),
	TEST_CASE(names_are_told),
	TEST_CASE(names_are_chosen),
	TEST_CASE(paths_are_files),
	TEST_CASE(the_longest_path_ends),
	TEST_CASE(one_of_many_binds),
	TEST_CASE(paths_have_rights),
	TEST_CASE(connections_are_made),
	TEST_CASE(the_backlog_is_bounded),
	TEST_CASE(connecting_waits_for_room),
	TEST_CASE(closing_a_listener_resets),
	TEST_CASE(accepting_ends_with_shutdown),
	TEST_CASE(options_are_kept),
	TEST_CASE(options_are_checked),
	TEST_CASE(many_connect_at_once),
};
TEST_SUITE(connect, cases);
SELFTEST_NO_HELPER
