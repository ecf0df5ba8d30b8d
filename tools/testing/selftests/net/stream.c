/* SPDX-License-Identifier: GPL-2.0-only */
/* Bytes in order between two sockets: how much, when it waits, how it ends. */
#include <pthread.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <linux/sockios.h>

#include "sockets.h"
#include "threads.h"

static void bytes_go_both_ways(struct test *t)
{
	char buf[16] = { 0 };
	int fds[2];

	new_pair(t, SOCK_STREAM, fds);
	EXPECT_RET(t, kcall(SYS_write, fds[0], "hello", 5), 5);
	EXPECT_RET(t, kcall(SYS_write, fds[0], " you", 4), 4);
	EXPECT_RET(t, kcall(SYS_sendto, fds[1], "back", 4, 0, NULL, 0), 4);
	EXPECT_RET(t, kcall(SYS_read, fds[1], buf, 7), 7);
	EXPECT_STREQ(t, buf, "hello y");
	memset(buf, 0, sizeof(buf));
	EXPECT_RET(t, kcall(SYS_recvfrom, fds[1], buf, 16, 0, NULL, NULL), 2);
	EXPECT_STREQ(t, buf, "ou");
	EXPECT_RET(t, kcall(SYS_read, fds[0], buf, 16), 4);
	EXPECT_EQ(t, memcmp(buf, "back", 4), 0);
}

static void no_bytes_are_nothing(struct test *t)
{
	char c;
	int fds[2];

	new_pair(t, SOCK_STREAM | SOCK_NONBLOCK, fds);
	EXPECT_RET(t, kcall(SYS_write, fds[0], "", 0), 0);
	EXPECT_RET(t, kcall(SYS_read, fds[1], &c, 1), -EAGAIN);
	EXPECT_RET(t, kcall(SYS_read, fds[1], &c, 0), 0);
	EXPECT_RET(t, kcall(SYS_recvfrom, fds[1], &c, 0, 0, NULL, NULL), -EAGAIN);
	EXPECT_RET(t, kcall(SYS_write, fds[0], "x", 1), 1);
	EXPECT_RET(t, kcall(SYS_recvfrom, fds[1], &c, 0, 0, NULL, NULL), 0);
	EXPECT_RET(t, kcall(SYS_read, fds[1], &c, 1), 1);
}

static void looking_takes_nothing(struct test *t)
{
	char buf[8] = { 0 };
	int fds[2];

	new_pair(t, SOCK_STREAM, fds);
	EXPECT_RET(t, kcall(SYS_recvfrom, fds[1], buf, 8, MSG_PEEK | MSG_DONTWAIT, 0, 0), -EAGAIN);
	kcall(SYS_write, fds[0], "ab", 2);
	kcall(SYS_write, fds[0], "cd", 2);
	EXPECT_RET(t, kcall(SYS_recvfrom, fds[1], buf, 3, MSG_PEEK, NULL, NULL), 3);
	EXPECT_STREQ(t, buf, "abc");
	EXPECT_RET(t, kcall(SYS_recvfrom, fds[1], buf, 8, MSG_PEEK, NULL, NULL), 4);
	EXPECT_RET(t, kcall(SYS_recvfrom, fds[1], buf, 8, 0, NULL, NULL), 4);
	EXPECT_STREQ(t, buf, "abcd");
}

static void pieces_are_gathered_and_scattered(struct test *t)
{
	struct iovec out[] = { { "ab", 2 }, { "", 0 }, { "cdefg", 5 } };
	char first[3], second[8];
	struct iovec in[] = { { first, 3 }, { second, 8 } };
	int fds[2];

	new_pair(t, SOCK_STREAM, fds);
	EXPECT_RET(t, kcall(SYS_writev, fds[0], out, 3), 7);
	EXPECT_RET(t, kcall(SYS_readv, fds[1], in, 2), 7);
	EXPECT_EQ(t, memcmp(first, "abc", 3), 0);
	EXPECT_EQ(t, memcmp(second, "defg", 4), 0);
}

static void it_is_a_file_without_position(struct test *t)
{
	struct stat st;
	char c;
	int fds[2];

	new_pair(t, SOCK_STREAM | SOCK_CLOEXEC, fds);
	EXPECT_RET(t, kcall(SYS_fstat, fds[0], &st), 0);
	EXPECT_EQ(t, st.st_mode, S_IFSOCK | 0777);
	EXPECT_EQ(t, st.st_size, 0);
	EXPECT_EQ(t, st.st_uid, geteuid());
	EXPECT_RET(t, kcall(SYS_lseek, fds[0], 0, SEEK_CUR), -ESPIPE);
	EXPECT_RET(t, kcall(SYS_pread64, fds[0], &c, 1, 0), -ESPIPE);
	EXPECT_RET(t, kcall(SYS_pwrite64, fds[0], &c, 1, 0), -ESPIPE);
	EXPECT_RET(t, kcall(SYS_ftruncate, fds[0], 0), -EINVAL);
	EXPECT_RET(t, kcall(SYS_fsync, fds[0]), -EINVAL);
	EXPECT_RET(t, kcall(SYS_mmap, 0, PAGE, PROT_READ, MAP_SHARED, fds[0], 0), -ENODEV);
	EXPECT_RET(t, kcall(SYS_fcntl, fds[0], F_GETFD), FD_CLOEXEC);
	EXPECT_RET(t, kcall(SYS_fcntl, fds[0], F_GETFL) & O_ACCMODE, O_RDWR);
	EXPECT_RET(t, kcall(SYS_ioctl, fds[0], TCGETS, &st), -ENOTTY);
}

static void the_end_is_seen(struct test *t)
{
	char c;
	int fds[2];

	signal(SIGPIPE, SIG_IGN);
	new_pair(t, SOCK_STREAM, fds);
	kcall(SYS_write, fds[0], "x", 1);
	kcall(SYS_close, fds[0]);
	EXPECT_EQ(t, ready(fds[1]), POLLIN | POLLOUT | POLLRDHUP | POLLHUP);
	EXPECT_RET(t, kcall(SYS_read, fds[1], &c, 1), 1);
	EXPECT_RET(t, kcall(SYS_read, fds[1], &c, 1), 0);
	EXPECT_RET(t, kcall(SYS_read, fds[1], &c, 1), 0);
	EXPECT_RET(t, kcall(SYS_write, fds[1], &c, 1), -EPIPE);
}

static void bytes_that_nobody_read_are_an_error(struct test *t)
{
	int fds[2], error = -1;
	socklen_t len = sizeof(error);
	char c;

	signal(SIGPIPE, SIG_IGN);
	new_pair(t, SOCK_STREAM, fds);
	kcall(SYS_write, fds[1], "x", 1);
	kcall(SYS_close, fds[0]);
	EXPECT_EQ(t, ready(fds[1]), POLLIN | POLLOUT | POLLRDHUP | POLLHUP | POLLERR);
	EXPECT_RET(t, kcall(SYS_write, fds[1], &c, 1), -EPIPE);
	EXPECT_RET(t, kcall(SYS_read, fds[1], &c, 1), -ECONNRESET);
	EXPECT_RET(t, kcall(SYS_read, fds[1], &c, 1), 0);
	EXPECT_RET(t, kcall(SYS_getsockopt, fds[1], SOL_SOCKET, SO_ERROR, &error, &len), 0);
	EXPECT_EQ(t, error, 0);
}

static void write_without_reader(void *arg)
{
	kcall(SYS_sendto, *(int *)arg, "x", 1, 0, NULL, 0);
}

static void sigpipe_comes_unless_asked_not_to(struct test *t)
{
	int fds[2];

	new_pair(t, SOCK_STREAM, fds);
	kcall(SYS_close, fds[0]);
	EXPECT_RET(t, kcall(SYS_sendto, fds[1], "x", 1, MSG_NOSIGNAL, NULL, 0), -EPIPE);
	EXPECT_KILLED(t, run_in_child(t, write_without_reader, &fds[1]), SIGPIPE);
}

static void shutdown_closes_one_way(struct test *t)
{
	char c;
	int fds[2];

	signal(SIGPIPE, SIG_IGN);
	new_pair(t, SOCK_STREAM | SOCK_NONBLOCK, fds);
	EXPECT_RET(t, kcall(SYS_shutdown, fds[0], 3), -EINVAL);
	EXPECT_RET(t, kcall(SYS_shutdown, fds[0], -1), -EINVAL);
	kcall(SYS_write, fds[0], "x", 1);
	EXPECT_RET(t, kcall(SYS_shutdown, fds[0], SHUT_WR), 0);
	EXPECT_RET(t, kcall(SYS_write, fds[0], &c, 1), -EPIPE);
	EXPECT_EQ(t, ready(fds[0]), POLLOUT);
	EXPECT_EQ(t, ready(fds[1]), POLLIN | POLLOUT | POLLRDHUP);
	EXPECT_RET(t, kcall(SYS_read, fds[1], &c, 1), 1);
	EXPECT_RET(t, kcall(SYS_read, fds[1], &c, 1), 0);
	EXPECT_RET(t, kcall(SYS_write, fds[1], &c, 1), 1);
	EXPECT_RET(t, kcall(SYS_read, fds[0], &c, 1), 1);
	EXPECT_RET(t, kcall(SYS_read, fds[0], &c, 1), -EAGAIN);
	EXPECT_RET(t, kcall(SYS_shutdown, fds[0], SHUT_RD), 0);
	EXPECT_EQ(t, ready(fds[0]), POLLIN | POLLOUT | POLLRDHUP | POLLHUP);
	EXPECT_RET(t, kcall(SYS_write, fds[1], &c, 1), -EPIPE);
}

static void a_full_buffer_makes_wait(struct test *t)
{
	static char buf[65536];
	long sent = 0, got = 0, ret;
	int fds[2], queued = 0;

	new_pair(t, SOCK_STREAM | SOCK_NONBLOCK, fds);
	EXPECT_EQ(t, ready(fds[0]), POLLOUT);
	while ((ret = kcall(SYS_write, fds[0], buf, sizeof(buf))) > 0)
		sent += ret;
	EXPECT_RET(t, ret, -EAGAIN);
	EXPECT_TRUE(t, sent >= 65536 && sent < 1 << 20);
	EXPECT_EQ(t, ready(fds[0]), 0);
	EXPECT_RET(t, kcall(SYS_ioctl, fds[1], FIONREAD, &queued), 0);
	EXPECT_EQ(t, queued, sent);
	EXPECT_RET(t, kcall(SYS_ioctl, fds[0], SIOCOUTQ, &queued), 0);
	EXPECT_TRUE(t, queued >= sent);
	while ((ret = kcall(SYS_read, fds[1], buf, sizeof(buf))) > 0)
		got += ret;
	EXPECT_RET(t, ret, -EAGAIN);
	EXPECT_EQ(t, got, sent);
	EXPECT_EQ(t, ready(fds[0]), POLLOUT);
	EXPECT_RET(t, kcall(SYS_ioctl, fds[0], SIOCOUTQ, &queued), 0);
	EXPECT_EQ(t, queued, 0);
}

static void read_three(void *arg)
{
	char buf[3];

	if (kcall(SYS_recvfrom, *(int *)arg, buf, 3, MSG_WAITALL, NULL, NULL) != 3)
		_exit(1);
}

static void readers_wait_for_all(struct test *t)
{
	int fds[2];
	pid_t pid;

	new_pair(t, SOCK_STREAM, fds);
	pid = start_child(t, read_three, &fds[1]);
	for (int i = 0; i < 3; i++) {
		sleep_ms(10);
		EXPECT_RET(t, kcall(SYS_write, fds[0], "x", 1), 1);
	}
	EXPECT_EXIT(t, wait_for(t, pid), 0);
}

static void low_water_marks_hold(struct test *t)
{
	int fds[2], low = 3;
	pid_t pid;

	new_pair(t, SOCK_STREAM, fds);
	EXPECT_RET(t, kcall(SYS_setsockopt, fds[1], SOL_SOCKET, SO_RCVLOWAT, &low, sizeof(low)), 0);
	pid = start_child(t, read_three, &fds[1]);
	for (int i = 0; i < 3; i++) {
		sleep_ms(10);
		EXPECT_RET(t, kcall(SYS_write, fds[0], "x", 1), 1);
	}
	EXPECT_EXIT(t, wait_for(t, pid), 0);
}

static void times_run_out(struct test *t)
{
	struct timeval tv = { .tv_usec = 30000 }, back = { 0 };
	static char buf[65536];
	socklen_t len = sizeof(back);
	long long start;
	int fds[2];

	new_pair(t, SOCK_STREAM, fds);
	EXPECT_RET(t, kcall(SYS_setsockopt, fds[0], SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof(tv)), 0);
	EXPECT_RET(t, kcall(SYS_setsockopt, fds[0], SOL_SOCKET, SO_SNDTIMEO, &tv, sizeof(tv)), 0);
	EXPECT_RET(t, kcall(SYS_getsockopt, fds[0], SOL_SOCKET, SO_RCVTIMEO, &back, &len), 0);
	EXPECT_EQ(t, len, sizeof(back));
	EXPECT_TRUE(t, !back.tv_sec && back.tv_usec >= 30000 && back.tv_usec <= 34000);
	start = now_ns(CLOCK_MONOTONIC);
	EXPECT_RET(t, kcall(SYS_read, fds[0], buf, 1), -EAGAIN);
	EXPECT_TRUE(t, now_ns(CLOCK_MONOTONIC) - start >= 25000000);
	start = now_ns(CLOCK_MONOTONIC);
	while (kcall(SYS_write, fds[0], buf, sizeof(buf)) == sizeof(buf))
		;
	EXPECT_RET(t, kcall(SYS_write, fds[0], buf, sizeof(buf)), -EAGAIN);
	EXPECT_TRUE(t, now_ns(CLOCK_MONOTONIC) - start >= 25000000);
}

static void ignore(int sig __maybe_unused)
{
}

static void read_forever(void *arg)
{
	int *fds = arg;
	struct sigaction action = { .sa_handler = ignore };
	sigset_t usr1;
	char c;

	sigemptyset(&usr1);
	sigaddset(&usr1, SIGUSR1);
	sigaction(SIGUSR1, &action, NULL);
	action.sa_flags = SA_RESTART;
	sigaction(SIGUSR2, &action, NULL);
	kcall(SYS_write, fds[0], "r", 1);
	if (kcall(SYS_read, fds[0], &c, 1) != -EINTR)
		_exit(1);
	sigprocmask(SIG_BLOCK, &usr1, NULL);
	kcall(SYS_write, fds[0], "r", 1);
	if (kcall(SYS_read, fds[0], &c, 1) != 1)
		_exit(2);
}

static void signals_interrupt(struct test *t)
{
	int fds[2];
	long got = 0;
	pid_t pid;
	char c;

	new_pair(t, SOCK_STREAM, fds);
	pid = start_child(t, read_forever, fds);
	EXPECT_RET(t, kcall(SYS_read, fds[1], &c, 1), 1);
	for (int i = 0; i < 1000 && got != 1; i++) { /* the first may come before it reads */
		sleep_ms(20);
		kill(pid, SIGUSR1);
		got = kcall(SYS_recvfrom, fds[1], &c, 1, MSG_DONTWAIT);
	}
	EXPECT_RET(t, got, 1);
	sleep_ms(20);
	kill(pid, SIGUSR2);
	sleep_ms(20);
	EXPECT_RET(t, kcall(SYS_write, fds[1], "x", 1), 1);
	EXPECT_EXIT(t, wait_for(t, pid), 0);
}

static void bad_pointers_are_faults(struct test *t)
{
	const struct bad_pointer *bad = bad_pointers(t, 8);
	char buf[8];
	int fds[2];

	new_pair(t, SOCK_STREAM | SOCK_NONBLOCK, fds);
	for (int i = 0; i < NR_BAD_POINTERS; i++) {
		EXPECT_RET_ROW(t, bad[i].name,
			       kcall(SYS_socketpair, AF_UNIX, SOCK_STREAM, 0, bad[i].addr),
			       -EFAULT);
		EXPECT_RET_ROW(t, bad[i].name, kcall(SYS_write, fds[0], bad[i].addr, 8), -EFAULT);
		EXPECT_RET_ROW(t, bad[i].name,
			       kcall(SYS_sendto, fds[0], bad[i].addr, 8, 0, NULL, 0), -EFAULT);
		EXPECT_RET_ROW(t, bad[i].name, kcall(SYS_sendmsg, fds[0], bad[i].addr, 0), -EFAULT);
		EXPECT_RET_ROW(t, bad[i].name, kcall(SYS_recvmsg, fds[0], bad[i].addr, 0), -EFAULT);
	}
	EXPECT_RET(t, kcall(SYS_write, fds[0], "12345678", 8), 8);
	EXPECT_RET(t, kcall(SYS_read, fds[1], bad[1].addr, 8), -EFAULT);
	EXPECT_RET(t, kcall(SYS_read, fds[1], buf, 8), 8);
	EXPECT_EQ(t, memcmp(buf, "12345678", 8), 0);
}

/* What cannot be written as a whole has not been read. */
static void faults_take_nothing(struct test *t)
{
	char *across = bad_pointers(t, 8)[6].addr, buf[8];
	int fds[2];

	new_pair(t, SOCK_STREAM | SOCK_NONBLOCK, fds);
	kcall(SYS_write, fds[0], "12345678", 8);
	EXPECT_RET(t, kcall(SYS_recvfrom, fds[1], across, 8, MSG_PEEK, NULL, NULL), -EFAULT);
	EXPECT_RET(t, kcall(SYS_read, fds[1], across, 8), -EFAULT);
	kcall(SYS_write, fds[0], "9abcdefg", 8);
	EXPECT_RET(t, kcall(SYS_read, fds[1], across, 4), 4);
	EXPECT_RET(t, kcall(SYS_read, fds[1], buf, 8), 8);
	EXPECT_EQ(t, memcmp(across, "1234", 4), 0);
	EXPECT_EQ(t, memcmp(buf, "56789abc", 8), 0);
	EXPECT_RET(t, kcall(SYS_read, fds[1], buf, 8), 4);
}

/* The next message would be taken for the rest of what was sent in part. */
static void many_messages_end_with_a_part(struct test *t)
{
	const size_t good = 100000 / PAGE * PAGE;
	char *bytes = map_anon(t, good + PAGE, PROT_READ | PROT_WRITE);
	struct iovec part = { bytes, good + PAGE }, whole = { "x", 1 };
	struct mmsghdr msgs[] = { { .msg_hdr = { .msg_iov = &whole, .msg_iovlen = 1 } },
				  { .msg_hdr = { .msg_iov = &part, .msg_iovlen = 1 } },
				  { .msg_hdr = { .msg_iov = &whole, .msg_iovlen = 1 } } };
	int fds[2], queued = 0;

	REQUIRE(t, mprotect(bytes + good, PAGE, PROT_NONE) == 0);
	new_pair(t, SOCK_STREAM | SOCK_NONBLOCK, fds);
	EXPECT_RET(t, kcall(SYS_sendmmsg, fds[0], msgs, 3, 0), 2);
	EXPECT_EQ(t, msgs[0].msg_len, 1);
	EXPECT_TRUE(t, msgs[1].msg_len > 0 && msgs[1].msg_len <= good);
	EXPECT_RET(t, kcall(SYS_ioctl, fds[1], FIONREAD, &queued), 0);
	EXPECT_EQ(t, queued, 1 + msgs[1].msg_len);
}

static int said[2];

static void write_when_full(void *arg)
{
	int fd = *(int *)arg;

	while (kcall(SYS_sendto, fd, "x", 1, MSG_DONTWAIT, NULL, 0) == 1)
		;
	kcall(SYS_fcntl, fd, F_SETFL, 0);
	kcall(SYS_write, said[1], "", 1); /* is about to wait */
	if (kcall(SYS_write, fd, "x", 1) != -EPIPE)
		_exit(1);
	kcall(SYS_write, said[1], "", 1); /* lives */
	kcall(SYS_write, fd, "x", 1);
}

/* Who waits for room and hears that there is no reader has the error alone; the next has the
 * signal. */
static void sigpipe_is_not_for_those_who_wait(struct test *t)
{
	int fds[2];
	pid_t pid;
	char c;

	new_pair(t, SOCK_STREAM, fds);
	REQUIRE(t, pipe(said) == 0);
	pid = start_child(t, write_when_full, &fds[0]);
	close(said[1]);
	EXPECT_RET(t, kcall(SYS_read, said[0], &c, 1), 1);
	sleep_ms(50);
	EXPECT_RET(t, kcall(SYS_shutdown, fds[1], SHUT_RD), 0);
	EXPECT_KILLED(t, wait_for(t, pid), SIGPIPE);
	EXPECT_RET(t, kcall(SYS_read, said[0], &c, 1), 1);
}

/* --- much of it --- */

#define NR_BYTES (1U << 20)

static int shared[2];

static unsigned char byte_at(unsigned int at)
{
	return (unsigned char)(at * 31 + (at >> 11));
}

static void send_pattern(void *arg)
{
	unsigned int at = 0, seed = 7, total = *(unsigned int *)arg;
	static unsigned char buf[70000];

	while (at < total) {
		unsigned int len = 1 + next_random(&seed) % sizeof(buf);

		if (len > total - at)
			len = total - at;
		for (unsigned int i = 0; i < len; i++)
			buf[i] = byte_at(at + i);
		if (kcall(SYS_write, shared[0], buf, len) != (long)len)
			_exit(1);
		at += len;
	}
}

static void large_streams_arrive_in_order(struct test *t)
{
	unsigned int at = 0, seed = 3, total = rounds(NR_BYTES, 4 * NR_BYTES);
	static unsigned char buf[50000];
	pid_t pid;

	new_pair(t, SOCK_STREAM, shared);
	pid = start_child(t, send_pattern, &total);
	close(shared[0]);
	for (;;) {
		long ret = kcall(SYS_read, shared[1], buf, 1 + next_random(&seed) % sizeof(buf));

		REQUIRE(t, ret >= 0);
		if (!ret)
			break;
		for (long i = 0; i < ret; i++)
			REQUIRE(t, buf[i] == byte_at(at + (unsigned int)i));
		at += (unsigned int)ret;
	}
	EXPECT_EQ(t, at, total);
	EXPECT_EXIT(t, wait_for(t, pid), 0);
}

static long nr_each;

static void *send_ones(void *arg __maybe_unused)
{
	for (long i = 0; i < nr_each; i++)
		note_bad(kcall(SYS_write, shared[0], "12345678", 8) != 8);
	return NULL;
}

static void *take_ones(void *total)
{
	char buf[24];
	long ret;

	while ((ret = kcall(SYS_read, shared[1], buf, sizeof(buf))) > 0)
		__atomic_add_fetch((long *)total, ret, __ATOMIC_SEQ_CST);
	note_bad(ret);
	return NULL;
}

/* Several that write and several that read: no byte is lost and nobody sleeps for ever. */
static void many_threads_share_a_pair(struct test *t)
{
	pthread_t readers[NR_THREADS];
	long total = 0;

	nr_each = rounds(500, 3000);
	new_pair(t, SOCK_STREAM, shared);
	for (int i = 0; i < NR_THREADS; i++)
		REQUIRE(t, pthread_create(&readers[i], NULL, take_ones, &total) == 0);
	run_threads(t, send_ones);
	kcall(SYS_shutdown, shared[0], SHUT_WR);
	for (int i = 0; i < NR_THREADS; i++)
		REQUIRE(t, pthread_join(readers[i], NULL) == 0);
	EXPECT_EQ(t, nr_bad, 0);
	EXPECT_EQ(t, total, NR_THREADS * nr_each * 8);
}

static void epoll_hears_each_message(struct test *t)
{
	struct epoll_event event = { .events = EPOLLIN | EPOLLET };
	int fds[2], epoll = epoll_create1(0);

	new_pair(t, SOCK_STREAM, fds);
	REQUIRE(t, epoll_ctl(epoll, EPOLL_CTL_ADD, fds[1], &event) == 0);
	EXPECT_EQ(t, epoll_wait(epoll, &event, 1, 0), 0);
	for (int i = 0; i < 3; i++) {
		kcall(SYS_write, fds[0], "x", 1);
		EXPECT_EQ(t, epoll_wait(epoll, &event, 1, 1000), 1);
		EXPECT_EQ(t, epoll_wait(epoll, &event, 1, 0), 0);
	}
}

static void sendfile_writes_to_sockets(struct test *t)
{
	int fds[2], file = open_scratch(t, "file", O_RDWR | O_CREAT);
	char buf[8] = { 0 };

	new_pair(t, SOCK_STREAM, fds);
	EXPECT_RET(t, kcall(SYS_write, file, "content", 7), 7);
	lseek(file, 0, SEEK_SET);
	EXPECT_RET(t, kcall(SYS_sendfile, fds[0], file, NULL, 100), 7);
	EXPECT_RET(t, kcall(SYS_read, fds[1], buf, 8), 7);
	EXPECT_STREQ(t, buf, "content");
}

static const struct test_case cases[] = {
	TEST_CASE(bytes_go_both_ways),
	TEST_CASE(no_bytes_are_nothing),
	TEST_CASE(looking_takes_nothing),
	TEST_CASE(pieces_are_gathered_and_scattered),
	TEST_CASE(it_is_a_file_without_position),
	TEST_CASE(the_end_is_seen),
	TEST_CASE(bytes_that_nobody_read_are_an_error),
	TEST_CASE(sigpipe_comes_unless_asked_not_to),
	TEST_CASE(shutdown_closes_one_way),
	TEST_CASE(a_full_buffer_makes_wait),
	TEST_CASE(readers_wait_for_all),
	TEST_CASE(low_water_marks_hold),
	TEST_CASE(times_run_out),
	TEST_CASE(signals_interrupt),
	TEST_CASE(bad_pointers_are_faults),
	TEST_CASE(faults_take_nothing),
	TEST_CASE(many_messages_end_with_a_part),
	TEST_CASE(sigpipe_is_not_for_those_who_wait),
	TEST_CASE(large_streams_arrive_in_order),
	TEST_CASE(many_threads_share_a_pair),
	TEST_CASE(epoll_hears_each_message),
	TEST_CASE(sendfile_writes_to_sockets),
};
TEST_SUITE(stream, cases);
SELFTEST_NO_HELPER
