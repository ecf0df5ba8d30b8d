/* SPDX-License-Identifier: GPL-2.0-only */
/* What goes along with messages: descriptors and credentials; and sockets that nobody can reach. */
#include <sys/stat.h>
#include <sys/uio.h>

#include "sockets.h"
#include "threads.h"

#define MAX_FDS 300

union control {
	struct cmsghdr header;
	char bytes[CMSG_SPACE(MAX_FDS * sizeof(int)) + CMSG_SPACE(sizeof(struct ucred))];
};

/* One byte with @nr descriptors. */
static long send_fds(int fd, const int *fds, size_t nr, int flags)
{
	static __thread union control control;
	struct iovec iov = { "x", 1 };
	struct msghdr msg = { .msg_iov = &iov,
			      .msg_iovlen = 1,
			      .msg_control = &control,
			      .msg_controllen = CMSG_SPACE(nr * sizeof(int)) };
	struct cmsghdr *header = CMSG_FIRSTHDR(&msg);

	header->cmsg_level = SOL_SOCKET;
	header->cmsg_type = SCM_RIGHTS;
	header->cmsg_len = CMSG_LEN(nr * sizeof(int));
	memcpy(CMSG_DATA(header), fds, nr * sizeof(int));
	return kcall(SYS_sendmsg, fd, &msg, flags);
}

struct received {
	long ret;
	int flags;
	size_t nr_fds;
	int fds[MAX_FDS];
	struct ucred cred;
	bool has_cred;
	char bytes[16];
};

static void note_header(struct received *got, const struct cmsghdr *header)
{
	if (header->cmsg_type == SCM_RIGHTS) {
		got->nr_fds = (header->cmsg_len - CMSG_LEN(0)) / sizeof(int);
		memcpy(got->fds, CMSG_DATA(header), got->nr_fds * sizeof(int));
	} else if (header->cmsg_type == SCM_CREDENTIALS) {
		memcpy(&got->cred, CMSG_DATA(header), sizeof(got->cred));
		got->has_cred = true;
	}
}

/* With @room bytes for control messages. */
static struct received receive(int fd, size_t len, size_t room, int flags)
{
	static __thread union control control;
	struct received got = { 0 };
	struct iovec iov = { got.bytes, len };
	struct msghdr msg = { .msg_iov = &iov,
			      .msg_iovlen = 1,
			      .msg_control = room ? &control : NULL,
			      .msg_controllen = room };

	got.ret = kcall(SYS_recvmsg, fd, &msg, flags);
	got.flags = msg.msg_flags;
	if (got.ret < 0)
		return got;
	for (struct cmsghdr *h = CMSG_FIRSTHDR(&msg); h; h = CMSG_NXTHDR(&msg, h))
		note_header(&got, h);
	return got;
}

static void descriptors_arrive(struct test *t)
{
	int fds[2], pipe_fds[2];
	struct received got;
	char c = 0;

	new_pair(t, SOCK_STREAM, fds);
	REQUIRE(t, pipe(pipe_fds) == 0);
	EXPECT_RET(t, send_fds(fds[0], pipe_fds, 2, 0), 1);
	close(pipe_fds[0]);
	close(pipe_fds[1]);
	got = receive(fds[1], 1, sizeof(union control), MSG_CMSG_CLOEXEC);
	EXPECT_RET(t, got.ret, 1);
	EXPECT_EQ(t, got.flags & ~MSG_CMSG_CLOEXEC, 0);
	REQUIRE(t, got.nr_fds == 2);
	EXPECT_RET(t, kcall(SYS_fcntl, got.fds[0], F_GETFD), FD_CLOEXEC);
	EXPECT_RET(t, kcall(SYS_write, got.fds[1], "y", 1), 1);
	EXPECT_RET(t, kcall(SYS_read, got.fds[0], &c, 1), 1);
	EXPECT_EQ(t, c, 'y');
}

static void descriptors_that_nobody_takes_are_closed(struct test *t)
{
	int fds[2], pipe_fds[2];
	char c;

	for (int i = 0; i < 3; i++) {
		new_pair(t, SOCK_STREAM, fds);
		REQUIRE(t, pipe(pipe_fds) == 0);
		EXPECT_RET(t, send_fds(fds[0], &pipe_fds[1], 1, 0), 1);
		close(pipe_fds[1]);
		if (i == 0)
			close(fds[1]); /* unread */
		else if (i == 1)
			EXPECT_RET(t, kcall(SYS_read, fds[1], &c, 1), 1);
		else
			EXPECT_EQ(t, receive(fds[1], 1, 0, 0).flags & MSG_CTRUNC, MSG_CTRUNC);
		EXPECT_RET(t, kcall(SYS_read, pipe_fds[0], &c, 1), 0);
		close(pipe_fds[0]);
	}
}

static void room_for_some_gives_some(struct test *t)
{
	int fds[2], sent[3] = { 0, 1, 2 };
	struct received got;

	new_pair(t, SOCK_STREAM, fds);
	EXPECT_RET(t, send_fds(fds[0], sent, 3, 0), 1);
	got = receive(fds[1], 1, CMSG_LEN(2 * sizeof(int)), 0);
	EXPECT_EQ(t, got.nr_fds, 2);
	EXPECT_EQ(t, got.flags & MSG_CTRUNC, MSG_CTRUNC);
}

static void a_read_ends_behind_descriptors(struct test *t)
{
	int fds[2], zero = 0;
	struct received got;

	new_pair(t, SOCK_STREAM, fds);
	kcall(SYS_write, fds[0], "ab", 2);
	send_fds(fds[0], &zero, 1, 0);
	kcall(SYS_write, fds[0], "cd", 2);
	got = receive(fds[1], 16, sizeof(union control), 0);
	EXPECT_RET(t, got.ret, 3);
	EXPECT_EQ(t, got.nr_fds, 1);
	got = receive(fds[1], 16, sizeof(union control), 0);
	EXPECT_RET(t, got.ret, 2);
	EXPECT_EQ(t, got.nr_fds, 0);
}

static void looking_gives_descriptors_too(struct test *t)
{
	static const int kinds[] = { SOCK_STREAM, SOCK_DGRAM };
	int fds[2], pipe_fds[2];
	struct received got;
	char c;

	for (size_t k = 0; k < ARRAY_SIZE(kinds); k++) {
		new_pair(t, kinds[k], fds);
		REQUIRE(t, pipe(pipe_fds) == 0);
		send_fds(fds[0], &pipe_fds[1], 1, 0);
		close(pipe_fds[1]);
		got = receive(fds[1], 1, sizeof(union control), MSG_PEEK);
		EXPECT_EQ(t, got.nr_fds, 1);
		EXPECT_RET(t, kcall(SYS_write, got.fds[0], "z", 1), 1);
		close(got.fds[0]);
		got = receive(fds[1], 1, sizeof(union control), 0);
		EXPECT_EQ(t, got.nr_fds, 1);
		close(got.fds[0]);
		EXPECT_RET(t, kcall(SYS_read, pipe_fds[0], &c, 1), 1);
		EXPECT_RET(t, kcall(SYS_read, pipe_fds[0], &c, 1), 0);
		close(pipe_fds[0]);
	}
}

static void what_is_sent_is_checked(struct test *t)
{
	int fds[2], bad = 999, many[MAX_FDS];
	union control control = {
		.header = { .cmsg_len = 4, .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS }
	};
	struct iovec iov = { "x", 1 };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1, .msg_control = &control };

	new_pair(t, SOCK_STREAM, fds);
	EXPECT_RET(t, send_fds(fds[0], &bad, 1, 0), -EBADF);
	bad = -1;
	EXPECT_RET(t, send_fds(fds[0], &bad, 1, 0), -EBADF);
	for (int i = 0; i < MAX_FDS; i++)
		many[i] = fds[0];
	EXPECT_RET(t, send_fds(fds[0], many, 254, 0), -EINVAL);
	EXPECT_RET(t, send_fds(fds[0], many, 253, 0), 1);
	msg.msg_controllen = sizeof(struct cmsghdr);
	EXPECT_RET(t, kcall(SYS_sendmsg, fds[0], &msg, 0), -EINVAL); /* too short */
	control.header.cmsg_len = 100;
	EXPECT_RET(t, kcall(SYS_sendmsg, fds[0], &msg, 0), -EINVAL); /* too long */
	control.header.cmsg_len = sizeof(struct cmsghdr);
	EXPECT_RET(t, kcall(SYS_sendmsg, fds[0], &msg, 0), 1); /* none */
	control.header.cmsg_type = 77;
	EXPECT_RET(t, kcall(SYS_sendmsg, fds[0], &msg, 0), -EINVAL);
	control.header.cmsg_level = 6;
	EXPECT_RET(t, kcall(SYS_sendmsg, fds[0], &msg, 0), 1); /* not for sockets of this kind */
	msg.msg_control = (void *)8;
	EXPECT_RET(t, kcall(SYS_sendmsg, fds[0], &msg, 0), -EFAULT);
	msg.msg_control = NULL;
	EXPECT_RET(t, kcall(SYS_sendmsg, fds[0], &msg, 0), -EFAULT);
	msg.msg_controllen = 0;
	msg.msg_iovlen = 1025;
	EXPECT_RET(t, kcall(SYS_sendmsg, fds[0], &msg, 0), -EMSGSIZE);
}

/* --- credentials --- */

static void pass_credentials(struct test *t, int fd)
{
	int on = 1;

	EXPECT_RET(t, kcall(SYS_setsockopt, fd, SOL_SOCKET, SO_PASSCRED, &on, sizeof(on)), 0);
}

static long send_cred(int fd, struct ucred cred)
{
	union control control;
	struct iovec iov = { "x", 1 };
	struct msghdr msg = { .msg_iov = &iov,
			      .msg_iovlen = 1,
			      .msg_control = &control,
			      .msg_controllen = CMSG_SPACE(sizeof(cred)) };

	control.header = (struct cmsghdr){ .cmsg_len = CMSG_LEN(sizeof(cred)),
					   .cmsg_level = SOL_SOCKET,
					   .cmsg_type = SCM_CREDENTIALS };
	memcpy(CMSG_DATA(&control.header), &cred, sizeof(cred));
	return kcall(SYS_sendmsg, fd, &msg, 0);
}

static void peers_are_known(struct test *t)
{
	struct ucred cred;
	socklen_t len = sizeof(cred);
	int fds[2];

	new_pair(t, SOCK_STREAM, fds);
	EXPECT_RET(t, kcall(SYS_getsockopt, fds[0], SOL_SOCKET, SO_PEERCRED, &cred, &len), 0);
	EXPECT_EQ(t, cred.pid, getpid());
	EXPECT_EQ(t, cred.uid, geteuid());
	EXPECT_EQ(t, cred.gid, getegid());
	EXPECT_RET(t,
		   kcall(SYS_getsockopt, new_socket(t, SOCK_STREAM), SOL_SOCKET, SO_PEERCRED, &cred,
			 &len),
		   0);
	EXPECT_EQ(t, cred.pid, 0);
	EXPECT_EQ(t, cred.uid, (uid_t)-1);
}

static void senders_are_known(struct test *t)
{
	struct received got;
	int fds[2];

	new_pair(t, SOCK_STREAM, fds);
	kcall(SYS_write, fds[0], "x", 1);
	pass_credentials(t, fds[1]);
	kcall(SYS_write, fds[0], "y", 1);
	got = receive(fds[1], 16, sizeof(union control), 0);
	EXPECT_RET(t, got.ret, 1); /* before, nobody was asked */
	EXPECT_TRUE(t, got.has_cred);
	EXPECT_EQ(t, got.cred.pid, 0);
	got = receive(fds[1], 16, sizeof(union control), 0);
	EXPECT_RET(t, got.ret, 1);
	EXPECT_EQ(t, got.cred.pid, getpid());
	EXPECT_EQ(t, got.cred.uid, getuid());
	EXPECT_EQ(t, got.cred.gid, getgid());
	kcall(SYS_write, fds[0], "z", 1);
	EXPECT_EQ(t, receive(fds[1], 16, 8, 0).flags & MSG_CTRUNC, MSG_CTRUNC);
}

static void credentials_are_checked(struct test *t)
{
	struct ucred own = { getpid(), getuid(), getgid() }, other = own;
	struct received got;
	int fds[2];

	new_pair(t, SOCK_DGRAM, fds);
	pass_credentials(t, fds[1]);
	EXPECT_RET(t, send_cred(fds[0], own), 1);
	got = receive(fds[1], 16, sizeof(union control), 0);
	EXPECT_EQ(t, memcmp(&got.cred, &own, sizeof(own)), 0);
	SKIP_UNLESS_ROOT(t);
	other.uid = 12345;
	other.gid = 54321;
	EXPECT_RET(t, send_cred(fds[0], other), 1);
	got = receive(fds[1], 16, sizeof(union control), 0);
	EXPECT_EQ(t, memcmp(&got.cred, &other, sizeof(other)), 0);
	become_nobody(t);
	EXPECT_RET(t, send_cred(fds[0], other), -EPERM);
	own = (struct ucred){ getpid(), NOBODY, NOBODY };
	EXPECT_RET(t, send_cred(fds[0], own), 1);
	own.pid = 1;
	EXPECT_RET(t, send_cred(fds[0], own), -EPERM);
}

/* The message has come, and is told of. */
static void no_place_for_control_is_no_error(struct test *t)
{
	struct iovec iov = { NULL, 0 };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1 };
	int fds[2], pipe_fds[2];
	char c;

	new_pair(t, SOCK_STREAM, fds);
	REQUIRE(t, pipe(pipe_fds) == 0);
	iov = (struct iovec){ &c, 1 };
	for (int i = 0; i < 2; i++) {
		msg.msg_control = (void *)8;
		msg.msg_controllen = sizeof(union control);
		EXPECT_RET(t, send_fds(fds[0], &pipe_fds[1], 1, 0), 1);
		EXPECT_RET(t, kcall(SYS_recvmsg, fds[1], &msg, 0), 1);
		EXPECT_EQ(t, msg.msg_flags, MSG_CTRUNC);
		EXPECT_EQ(t, msg.msg_controllen, 0);
		pass_credentials(t, fds[1]);
	}
	kcall(SYS_write, fds[0], "x", 1);
	msg.msg_controllen = sizeof(union control);
	EXPECT_RET(t, kcall(SYS_recvmsg, fds[1], &msg, 0), 1);
	EXPECT_EQ(t, msg.msg_flags, 0);
	close(pipe_fds[1]);
	EXPECT_RET(t, kcall(SYS_read, pipe_fds[0], &c, 1), 0); /* and nothing is left of them */
}

/* --- what nobody can reach --- */

/* A pipe's end, in a message in a socket's queue: whether it has been closed. */
static bool is_closed(int pipe_fd)
{
	char c;

	return kcall(SYS_read, pipe_fd, &c, 1) == 0;
}

/* Each of a pair in the other's queue, with the writing end of a pipe, and no descriptor left. */
static int make_circle(struct test *t)
{
	int fds[2], pipe_fds[2];

	new_pair(t, SOCK_STREAM, fds);
	REQUIRE(t, pipe2(pipe_fds, O_NONBLOCK) == 0);
	REQUIRE(t, send_fds(fds[0], &fds[0], 1, 0) == 1); /* waits at fds[1] */
	REQUIRE(t, send_fds(fds[1], &fds[1], 1, 0) == 1); /* waits at fds[0] */
	REQUIRE(t, send_fds(fds[1], &pipe_fds[1], 1, 0) == 1);
	close(fds[0]);
	close(fds[1]);
	close(pipe_fds[1]);
	return pipe_fds[0];
}

/* Linux collects behind the close, not in it. */
static void close_any_socket(struct test *t)
{
	close(new_socket(t, SOCK_STREAM));
}

static bool gets_closed(struct test *t, int pipe_fd)
{
	for (int i = 0; i < 200 && !is_closed(pipe_fd); i++) {
		close_any_socket(t);
		sleep_ms(10);
	}
	return is_closed(pipe_fd);
}

static void circles_are_collected(struct test *t)
{
	int pipe_fds[20];

	for (size_t i = 0; i < ARRAY_SIZE(pipe_fds); i++)
		pipe_fds[i] = make_circle(t);
	for (size_t i = 0; i < ARRAY_SIZE(pipe_fds); i++)
		EXPECT_TRUE(t, gets_closed(t, pipe_fds[i]));
}

static void circles_that_can_be_reached_stay(struct test *t)
{
	int fds[2], circle[2], pipe_fds[2];
	struct received got;

	new_pair(t, SOCK_STREAM, fds);
	new_pair(t, SOCK_STREAM, circle);
	REQUIRE(t, pipe2(pipe_fds, O_NONBLOCK) == 0);
	REQUIRE(t, send_fds(circle[0], &circle[0], 1, 0) == 1);
	REQUIRE(t, send_fds(circle[1], &circle[1], 1, 0) == 1);
	REQUIRE(t, send_fds(circle[1], &pipe_fds[1], 1, 0) == 1);
	REQUIRE(t, send_fds(fds[0], &circle[0], 1, 0) == 1); /* and that is the way in */
	close(circle[0]);
	close(circle[1]);
	close(pipe_fds[1]);
	for (int i = 0; i < 5; i++)
		close_any_socket(t);
	EXPECT_FALSE(t, is_closed(pipe_fds[0]));
	got = receive(fds[1], 1, sizeof(union control), 0);
	REQUIRE(t, got.nr_fds == 1);
	got = receive(got.fds[0], 1, sizeof(union control), 0);
	EXPECT_EQ(t, got.nr_fds, 1);
	EXPECT_FALSE(t, is_closed(pipe_fds[0]));
}

/* A connection that nobody has accepted, in the queue of the listener, which is in its queue. */
static void listeners_are_collected(struct test *t)
{
	struct sockaddr_un name;
	socklen_t len;
	int server = bound_socket(t, SOCK_STREAM, "gc", &name, &len);
	int client = new_socket(t, SOCK_STREAM), pipe_fds[2];

	REQUIRE(t, pipe2(pipe_fds, O_NONBLOCK) == 0);
	EXPECT_RET(t, kcall(SYS_listen, server, 5), 0);
	EXPECT_RET(t, kcall(SYS_connect, client, &name, len), 0);
	REQUIRE(t, send_fds(client, &server, 1, 0) == 1);
	REQUIRE(t, send_fds(client, &pipe_fds[1], 1, 0) == 1);
	close(pipe_fds[1]);
	close(server);
	close(client);
	EXPECT_TRUE(t, gets_closed(t, pipe_fds[0]));
}

#define CHAIN_LENGTH 500

/* Each in the queue of the next: closing the last closes all, and not by calls as deep as that. */
static void long_chains_are_closed(struct test *t)
{
	int pipe_fds[2], held[2], next[2];

	SKIP_UNLESS_GUEST(t); /* Linux allows 4 levels */
	REQUIRE(t, pipe2(pipe_fds, O_NONBLOCK) == 0);
	new_pair(t, SOCK_STREAM, held);
	REQUIRE(t, send_fds(held[0], &pipe_fds[1], 1, 0) == 1);
	close(pipe_fds[1]);
	for (int i = 0; i < CHAIN_LENGTH; i++) {
		long ret;

		close(held[0]);
		new_pair(t, SOCK_STREAM, next);
		ret = send_fds(next[0], &held[1], 1, 0);
		if (ret == -ETOOMANYREFS)
			break;
		REQUIRE(t, ret == 1);
		close(held[1]);
		memcpy(held, next, sizeof(held));
	}
	EXPECT_FALSE(t, is_closed(pipe_fds[0]));
	close(held[1]);
	close(held[0]);
	close(next[0]);
	close(next[1]);
	EXPECT_TRUE(t, gets_closed(t, pipe_fds[0]));
}

static void users_have_a_limit(struct test *t)
{
	struct rlimit limit = { 100, 100 };
	int fds[2];
	long ret = 1;

	SKIP_UNLESS_ROOT(t);
	new_pair(t, SOCK_STREAM | SOCK_NONBLOCK, fds);
	become_nobody(t);
	setrlimit(RLIMIT_NOFILE, &limit);
	for (int i = 0; i < 250 && ret == 1; i++)
		ret = send_fds(fds[0], fds, 1, 0);
	EXPECT_RET(t, ret, -ETOOMANYREFS);
}

/* --- many at once --- */

static void *make_garbage(void *arg __maybe_unused)
{
	for (unsigned int i = 0; i < rounds(100, 500); i++) {
		int fds[2], other[2];
		struct received got;

		note_bad(kcall(SYS_socketpair, AF_UNIX, SOCK_STREAM, 0, fds) != 0);
		note_bad(kcall(SYS_socketpair, AF_UNIX, SOCK_DGRAM, 0, other) != 0);
		note_bad(send_fds(fds[0], &fds[0], 1, 0) != 1);
		note_bad(send_fds(fds[1], &other[0], 1, 0) != 1);
		note_bad(send_fds(other[0], &fds[1], 1, 0) != 1);
		got = receive(fds[0], 1, sizeof(union control), i % 2 ? MSG_PEEK : 0);
		note_bad(got.nr_fds != 1);
		close(got.fds[0]);
		close(fds[0]);
		close(fds[1]);
		close(other[0]);
		close(other[1]);
	}
	return NULL;
}

static void garbage_is_made_by_many(struct test *t)
{
	int pipe_fd = make_circle(t);

	run_threads(t, make_garbage);
	EXPECT_TRUE(t, gets_closed(t, pipe_fd));
}

static const struct test_case cases[] = {
	TEST_CASE(descriptors_arrive),
	TEST_CASE(descriptors_that_nobody_takes_are_closed),
	TEST_CASE(room_for_some_gives_some),
	TEST_CASE(a_read_ends_behind_descriptors),
	TEST_CASE(looking_gives_descriptors_too),
	TEST_CASE(what_is_sent_is_checked),
	TEST_CASE(peers_are_known),
	TEST_CASE(senders_are_known),
	TEST_CASE(credentials_are_checked),
	TEST_CASE(no_place_for_control_is_no_error),
	TEST_CASE(circles_are_collected),
	TEST_CASE(circles_that_can_be_reached_stay),
	TEST_CASE(listeners_are_collected),
	TEST_CASE(long_chains_are_closed),
	TEST_CASE(users_have_a_limit),
	TEST_CASE(garbage_is_made_by_many),
};
TEST_SUITE(scm, cases);
SELFTEST_NO_HELPER
