/* SPDX-License-Identifier: GPL-2.0-only */
/* Messages that stay whole: SOCK_DGRAM and SOCK_SEQPACKET. */
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/uio.h>

#include "sockets.h"
#include "threads.h"

static const int kinds[] = { SOCK_DGRAM, SOCK_SEQPACKET };

static void messages_stay_whole(struct test *t)
{
	for (size_t k = 0; k < ARRAY_SIZE(kinds); k++) {
		char buf[16] = { 0 };
		int fds[2], queued = 0;

		new_pair(t, kinds[k] | SOCK_NONBLOCK, fds);
		EXPECT_RET(t, kcall(SYS_write, fds[0], "hello", 5), 5);
		EXPECT_RET(t, kcall(SYS_write, fds[0], "you", 3), 3);
		EXPECT_RET(t, kcall(SYS_ioctl, fds[1], FIONREAD, &queued), 0);
		EXPECT_EQ(t, queued, kinds[k] == SOCK_DGRAM ? 5 : 8);
		EXPECT_RET(t, kcall(SYS_recvfrom, fds[1], buf, 16, MSG_PEEK, NULL, NULL), 5);
		EXPECT_RET(t, kcall(SYS_recvfrom, fds[1], buf, 2, 0, NULL, NULL), 2);
		EXPECT_RET(t, kcall(SYS_read, fds[1], buf, 16), 3);
		EXPECT_EQ(t, memcmp(buf, "you", 3), 0);
		EXPECT_RET(t, kcall(SYS_read, fds[1], buf, 16), -EAGAIN);
		close(fds[0]);
		close(fds[1]);
	}
}

static void truncation_is_told(struct test *t)
{
	char buf[4];
	struct iovec iov = { buf, 2 };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1 };
	int fds[2];

	new_pair(t, SOCK_DGRAM, fds);
	for (int i = 0; i < 3; i++)
		kcall(SYS_write, fds[0], "hello", 5);
	EXPECT_RET(t, kcall(SYS_recvmsg, fds[1], &msg, 0), 2);
	EXPECT_EQ(t, msg.msg_flags, MSG_TRUNC);
	EXPECT_RET(t, kcall(SYS_recvmsg, fds[1], &msg, MSG_TRUNC), 5);
	EXPECT_EQ(t, msg.msg_flags & MSG_TRUNC, MSG_TRUNC);
	EXPECT_RET(t, kcall(SYS_recvfrom, fds[1], NULL, 0, MSG_TRUNC, NULL, NULL), 5);
}

static void empty_messages_are_messages(struct test *t)
{
	char c;
	int fds[2];

	new_pair(t, SOCK_DGRAM | SOCK_NONBLOCK, fds);
	EXPECT_RET(t, kcall(SYS_sendto, fds[0], NULL, 0, 0, NULL, 0), 0);
	EXPECT_EQ(t, ready(fds[1]) & POLLIN, POLLIN);
	EXPECT_RET(t, kcall(SYS_read, fds[1], &c, 1), 0);
	EXPECT_RET(t, kcall(SYS_read, fds[1], &c, 1), -EAGAIN);
}

static void size_has_a_limit(struct test *t)
{
	static char buf[512 * 1024];
	int fds[2], size;
	socklen_t len = sizeof(size);

	for (size_t k = 0; k < ARRAY_SIZE(kinds); k++) {
		new_pair(t, kinds[k] | SOCK_NONBLOCK, fds);
		EXPECT_RET(t, kcall(SYS_getsockopt, fds[0], SOL_SOCKET, SO_SNDBUF, &size, &len), 0);
		EXPECT_RET(t, kcall(SYS_write, fds[0], buf, size), -EMSGSIZE);
		EXPECT_RET(t, kcall(SYS_write, fds[0], buf, size - 31), -EMSGSIZE);
		EXPECT_RET(t, kcall(SYS_write, fds[0], buf, size - 32), size - 32);
		EXPECT_RET(t, kcall(SYS_read, fds[1], buf, sizeof(buf)), size - 32);
		close(fds[0]);
		close(fds[1]);
	}
}

static void large_messages_arrive_as_sent(struct test *t)
{
	static unsigned char out[100000], in[100000];
	int fds[2];

	for (size_t i = 0; i < sizeof(out); i++)
		out[i] = (unsigned char)(i * 7 + (i >> 9));
	new_pair(t, SOCK_DGRAM, fds);
	for (size_t len = sizeof(out); len; len /= 3) {
		memset(in, 0, sizeof(in));
		EXPECT_RET(t, kcall(SYS_write, fds[0], out, len), (long)len);
		EXPECT_RET(t, kcall(SYS_read, fds[1], in, sizeof(in)), (long)len);
		EXPECT_EQ(t, memcmp(in, out, len), 0);
	}
}

static void senders_are_named(struct test *t)
{
	struct sockaddr_un to, from, got;
	socklen_t to_len, from_len, len = sizeof(got);
	int server = bound_socket(t, SOCK_DGRAM, "server", &to, &to_len);
	int client = bound_socket(t, SOCK_DGRAM, "client", &from, &from_len);
	int nameless = new_socket(t, SOCK_DGRAM);
	char buf[4];

	EXPECT_RET(t, kcall(SYS_sendto, client, "abc", 3, 0, &to, to_len), 3);
	EXPECT_RET(t, kcall(SYS_recvfrom, server, buf, 4, 0, &got, &len), 3);
	EXPECT_EQ(t, len, from_len);
	EXPECT_EQ(t, memcmp(&got, &from, len), 0);
	EXPECT_RET(t, kcall(SYS_sendto, server, "re", 2, 0, &got, len), 2);
	EXPECT_RET(t, kcall(SYS_read, client, buf, 4), 2);
	EXPECT_RET(t, kcall(SYS_sendto, nameless, "abc", 3, 0, &to, to_len), 3);
	len = sizeof(got);
	EXPECT_RET(t, kcall(SYS_recvfrom, server, buf, 4, 0, &got, &len), 3);
	EXPECT_EQ(t, len, 0);
}

static void receivers_must_be_there(struct test *t)
{
	struct sockaddr_un to;
	socklen_t to_len;
	int server = bound_socket(t, SOCK_DGRAM, "server", &to, &to_len);
	int client = new_socket(t, SOCK_DGRAM);

	EXPECT_RET(t, kcall(SYS_write, client, "x", 1), -ENOTCONN);
	EXPECT_RET(t, kcall(SYS_connect, client, &to, to_len), 0);
	EXPECT_RET(t, kcall(SYS_write, client, "x", 1), 1);
	EXPECT_RET(t, kcall(SYS_close, server), 0);
	EXPECT_RET(t, kcall(SYS_write, client, "x", 1), -ECONNREFUSED);
	EXPECT_RET(t, kcall(SYS_write, client, "x", 1), -ENOTCONN);
	EXPECT_RET(t, kcall(SYS_sendto, client, "x", 1, 0, &to, to_len), -ECONNREFUSED);
	EXPECT_RET(t, kcall(SYS_connect, client, &to, to_len), -ECONNREFUSED);
}

static void connections_exclude_others(struct test *t)
{
	struct sockaddr_un a_name, b_name;
	socklen_t a_len, b_len;
	int a = bound_socket(t, SOCK_DGRAM, "a", &a_name, &a_len);
	int b = bound_socket(t, SOCK_DGRAM, "b", &b_name, &b_len);
	int c = new_socket(t, SOCK_DGRAM);
	const struct sockaddr none = { .sa_family = AF_UNSPEC };

	EXPECT_RET(t, kcall(SYS_connect, a, &b_name, b_len), 0);
	EXPECT_RET(t, kcall(SYS_sendto, c, "x", 1, 0, &a_name, a_len), -EPERM);
	EXPECT_RET(t, kcall(SYS_connect, c, &a_name, a_len), -EPERM);
	EXPECT_RET(t, kcall(SYS_sendto, b, "x", 1, 0, &a_name, a_len), 1);
	EXPECT_RET(t, kcall(SYS_connect, a, &none, sizeof(none)), 0);
	EXPECT_RET(t, kcall(SYS_sendto, c, "x", 1, 0, &a_name, a_len), 1);
	EXPECT_RET(t, kcall(SYS_write, a, "x", 1), -ENOTCONN);
}

/* Several that send to one may not fill all of memory with it; one that it talks to may. */
static void queues_of_servers_are_short(struct test *t)
{
	struct sockaddr_un to;
	socklen_t to_len;
	int server = bound_socket(t, SOCK_DGRAM, "server", &to, &to_len);
	int client = new_socket(t, SOCK_DGRAM | SOCK_NONBLOCK);
	int nr = 0, nr_before;
	char c;

	EXPECT_RET(t, kcall(SYS_connect, client, &to, to_len), 0);
	while (nr < 10000 && kcall(SYS_write, client, "x", 1) == 1)
		nr++;
	EXPECT_TRUE(t, nr >= 10 && nr < 1000);
	EXPECT_RET(t, kcall(SYS_write, client, "x", 1), -EAGAIN);
	EXPECT_EQ(t, ready(client), 0);
	nr_before = nr;
	while (kcall(SYS_recvfrom, server, &c, 1, MSG_DONTWAIT, NULL, NULL) == 1)
		nr--;
	EXPECT_EQ(t, nr, 0);
	EXPECT_EQ(t, ready(client), POLLOUT);
	while (nr < 10000 && kcall(SYS_write, client, "x", 1) == 1)
		nr++;
	EXPECT_EQ(t, nr, nr_before);
}

static void poll_for_room(void *arg)
{
	struct pollfd polled = { .fd = *(int *)arg, .events = POLLOUT };

	if (kcall(SYS_poll, &polled, 1, 20000) != 1 || polled.revents != POLLOUT ||
	    kcall(SYS_write, polled.fd, "y", 1) != 1)
		_exit(1);
}

static void write_one(void *arg)
{
	if (kcall(SYS_sendto, *(int *)arg, "z", 1, 0, NULL, 0) != 1)
		_exit(1);
}

static void room_wakes_those_who_wait(struct test *t)
{
	struct sockaddr_un to;
	socklen_t to_len;
	int server = bound_socket(t, SOCK_DGRAM, "server", &to, &to_len);
	int client = new_socket(t, SOCK_DGRAM), nr = 0, got = 0;
	pid_t poller, writer;
	char c;

	EXPECT_RET(t, kcall(SYS_connect, client, &to, to_len), 0);
	while (kcall(SYS_sendto, client, "x", 1, MSG_DONTWAIT, NULL, 0) == 1)
		nr++;
	poller = start_child(t, poll_for_room, &client);
	writer = start_child(t, write_one, &client);
	sleep_ms(30);
	while (got < nr + 2 && kcall(SYS_read, server, &c, 1) == 1)
		got++;
	EXPECT_EQ(t, got, nr + 2);
	EXPECT_EXIT(t, wait_for(t, poller), 0);
	EXPECT_EXIT(t, wait_for(t, writer), 0);
}

/* Who polls for room at a socket that is closed meanwhile must not wait for ever. */
static void poll_until_refused(void *arg)
{
	struct pollfd polled = { .fd = *(int *)arg, .events = POLLOUT };

	if (kcall(SYS_poll, &polled, 1, 20000) != 1)
		_exit(1);
}

static void closing_wakes_those_who_wait(struct test *t)
{
	struct sockaddr_un to;
	socklen_t to_len;
	int server = bound_socket(t, SOCK_DGRAM, "server", &to, &to_len);
	int client = new_socket(t, SOCK_DGRAM);
	pid_t poller;

	EXPECT_RET(t, kcall(SYS_connect, client, &to, to_len), 0);
	while (kcall(SYS_sendto, client, "x", 1, MSG_DONTWAIT, NULL, 0) == 1)
		;
	poller = fork();
	if (!poller) {
		close(server);
		poll_until_refused(&client);
		_exit(0);
	}
	sleep_ms(30);
	close(server);
	EXPECT_EXIT(t, wait_for(t, poller), 0);
	EXPECT_RET(t, kcall(SYS_write, client, "x", 1), -ECONNREFUSED);
}

/* Who watches for the edge writes until he is refused, and does not ask again. */
static void room_is_an_event(struct test *t)
{
	struct epoll_event event = { .events = EPOLLOUT | EPOLLET };
	struct sockaddr_un to;
	socklen_t to_len;
	int server = bound_socket(t, SOCK_DGRAM, "server", &to, &to_len);
	int client = new_socket(t, SOCK_DGRAM | SOCK_NONBLOCK), epoll = epoll_create1(0);
	char c;

	EXPECT_RET(t, kcall(SYS_connect, client, &to, to_len), 0);
	REQUIRE(t, epoll_ctl(epoll, EPOLL_CTL_ADD, client, &event) == 0);
	EXPECT_EQ(t, epoll_wait(epoll, &event, 1, 0), 1);
	while (kcall(SYS_write, client, "x", 1) == 1)
		;
	EXPECT_EQ(t, epoll_wait(epoll, &event, 1, 0), 0);
	EXPECT_RET(t, kcall(SYS_read, server, &c, 1), 1);
	EXPECT_EQ(t, epoll_wait(epoll, &event, 1, 0), 1);
	EXPECT_EQ(t, event.events, EPOLLOUT);
	EXPECT_EQ(t, epoll_wait(epoll, &event, 1, 0), 0);
}

/* Nobody else would make room. */
static void one_may_write_to_oneself(struct test *t)
{
	struct sockaddr_un name;
	socklen_t len;
	int fd = bound_socket(t, SOCK_DGRAM | SOCK_NONBLOCK, "self", &name, &len);
	int other = new_socket(t, SOCK_DGRAM | SOCK_NONBLOCK), nr = 0;
	char c;

	while (nr < 100 && kcall(SYS_sendto, fd, "x", 1, 0, &name, len) == 1)
		nr++;
	EXPECT_EQ(t, nr, 100);
	EXPECT_RET(t, kcall(SYS_sendto, other, "x", 1, 0, &name, len), -EAGAIN);
	while (kcall(SYS_read, fd, &c, 1) == 1)
		nr--;
	EXPECT_EQ(t, nr, 0);
}

static void errors_come_before_messages(struct test *t)
{
	char buf[4];
	int fds[2];

	new_pair(t, SOCK_SEQPACKET, fds);
	kcall(SYS_write, fds[0], "x", 1);
	kcall(SYS_write, fds[1], "lost", 4);
	kcall(SYS_close, fds[0]);
	EXPECT_RET(t, kcall(SYS_read, fds[1], buf, 4), -ECONNRESET);
	EXPECT_RET(t, kcall(SYS_read, fds[1], buf, 4), 1);
	EXPECT_RET(t, kcall(SYS_read, fds[1], buf, 4), 0);
}

static void many_messages_at_once(struct test *t)
{
	char text[3][4] = { "one", "two", "abc" }, in[3][4];
	struct iovec out_iov[3], in_iov[3];
	struct mmsghdr out[3] = { 0 }, got[3] = { 0 };
	struct timespec time = { .tv_sec = 10 };
	int fds[2];

	new_pair(t, SOCK_DGRAM, fds);
	for (int i = 0; i < 3; i++) {
		out_iov[i] = (struct iovec){ text[i], 3 };
		in_iov[i] = (struct iovec){ in[i], 4 };
		out[i].msg_hdr = (struct msghdr){ .msg_iov = &out_iov[i], .msg_iovlen = 1 };
		got[i].msg_hdr = (struct msghdr){ .msg_iov = &in_iov[i], .msg_iovlen = 1 };
	}
	EXPECT_RET(t, kcall(SYS_sendmmsg, fds[0], out, 2, 0), 2);
	EXPECT_EQ(t, out[1].msg_len, 3);
	EXPECT_RET(t, kcall(SYS_recvmmsg, fds[1], got, 3, MSG_WAITFORONE, NULL), 2);
	EXPECT_EQ(t, got[0].msg_len, 3);
	EXPECT_EQ(t, memcmp(in[1], "two", 3), 0);
	EXPECT_RET(t, kcall(SYS_sendmmsg, fds[0], out, 3, 0), 3);
	EXPECT_RET(t, kcall(SYS_recvmmsg, fds[1], got, 3, 0, &time), 3);
	EXPECT_EQ(t, memcmp(in[2], "abc", 3), 0);
	EXPECT_RET(t, kcall(SYS_recvmmsg, fds[1], got, 3, MSG_DONTWAIT, NULL), -EAGAIN);
	time.tv_nsec = NS_PER_S;
	EXPECT_RET(t, kcall(SYS_recvmmsg, fds[1], got, 3, 0, &time), -EINVAL);
}

static void packets_end_with_the_connection(struct test *t)
{
	char c;
	int fds[2];

	new_pair(t, SOCK_SEQPACKET | SOCK_NONBLOCK, fds);
	close(fds[0]);
	EXPECT_RET(t, kcall(SYS_read, fds[1], &c, 1), 0);
	EXPECT_RET(t, kcall(SYS_sendto, fds[1], &c, 1, MSG_NOSIGNAL, NULL, 0), -EPIPE);
	EXPECT_EQ(t, ready(fds[1]) & (POLLIN | POLLHUP | POLLRDHUP), POLLIN | POLLHUP | POLLRDHUP);
}

static void shutdown_of_datagrams(struct test *t)
{
	char c;
	int fds[2];

	new_pair(t, SOCK_DGRAM | SOCK_NONBLOCK, fds);
	EXPECT_RET(t, kcall(SYS_shutdown, fds[0], SHUT_RD), 0);
	EXPECT_RET(t, kcall(SYS_write, fds[1], "x", 1), -EPIPE);
	EXPECT_RET(t, kcall(SYS_read, fds[0], &c, 1), -EAGAIN);
	EXPECT_RET(t, kcall(SYS_shutdown, fds[1], SHUT_WR), 0);
	EXPECT_RET(t, kcall(SYS_write, fds[1], "x", 1), -EPIPE);
}

/* --- many at once --- */

static struct sockaddr_un server_name;
static socklen_t server_len;
static long nr_each;

static void *send_numbers(void *arg)
{
	int fd = (int)kcall(SYS_socket, AF_UNIX, SOCK_DGRAM, 0);

	note_bad(kcall(SYS_connect, fd, &server_name, server_len) != 0);
	for (long i = 0; i < nr_each; i++) {
		long word = (long)arg << 32 | i;

		note_bad(kcall(SYS_write, fd, &word, sizeof(word)) != sizeof(word));
	}
	close(fd);
	return NULL;
}

static void *serve(void *fd)
{
	long next[NR_THREADS] = { 0 }, word;

	for (long i = 0; i < NR_THREADS * nr_each; i++) {
		note_bad(kcall(SYS_read, *(int *)fd, &word, sizeof(word)) != sizeof(word));
		note_bad((word & 0xffffffff) != next[word >> 32]++);
	}
	return NULL;
}

static void many_senders_keep_their_order(struct test *t)
{
	int server = bound_socket(t, SOCK_DGRAM, "server", &server_name, &server_len);
	pthread_t thread;

	nr_each = rounds(300, 2000);
	REQUIRE(t, pthread_create(&thread, NULL, serve, &server) == 0);
	run_threads(t, send_numbers);
	REQUIRE(t, pthread_join(thread, NULL) == 0);
	EXPECT_EQ(t, nr_bad, 0);
}

static volatile int is_over;

static void *send_whatever(void *arg __maybe_unused)
{
	while (!is_over) {
		int fd = (int)kcall(SYS_socket, AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0);
		long ret = kcall(SYS_connect, fd, &server_name, server_len);

		for (int i = 0; !ret && i < 20; i++) {
			ready(fd);
			kcall(SYS_write, fd, "x", 1);
		}
		close(fd);
	}
	return NULL;
}

static void *come_and_go(void *arg)
{
	if (arg)
		return send_whatever(arg);
	for (unsigned int i = 0; i < rounds(300, 1500); i++) {
		int fd = (int)kcall(SYS_socket, AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0);
		char c;

		note_bad(kcall(SYS_bind, fd, &server_name, server_len) != 0);
		for (int k = 0; k < 10; k++)
			kcall(SYS_read, fd, &c, 1);
		close(fd);
	}
	is_over = 1;
	return NULL;
}

/* Nothing to see but that the machine survives, and no name is left taken. */
static void servers_come_and_go(struct test *t)
{
	server_len = abstract_name(&server_name, "unsteady");
	run_threads(t, come_and_go);
}

static const struct test_case cases[] = {
	TEST_CASE(messages_stay_whole),		  TEST_CASE(truncation_is_told),
	TEST_CASE(empty_messages_are_messages),	  TEST_CASE(size_has_a_limit),
	TEST_CASE(large_messages_arrive_as_sent), TEST_CASE(senders_are_named),
	TEST_CASE(receivers_must_be_there),	  TEST_CASE(connections_exclude_others),
	TEST_CASE(queues_of_servers_are_short),	  TEST_CASE(room_wakes_those_who_wait),
	TEST_CASE(closing_wakes_those_who_wait),  TEST_CASE(room_is_an_event),
	TEST_CASE(one_may_write_to_oneself),	  TEST_CASE(errors_come_before_messages),
	TEST_CASE(many_messages_at_once),	  TEST_CASE(packets_end_with_the_connection),
	TEST_CASE(shutdown_of_datagrams),	  TEST_CASE(many_senders_keep_their_order),
	TEST_CASE(servers_come_and_go),
};
TEST_SUITE(dgram, cases);
SELFTEST_NO_HELPER
