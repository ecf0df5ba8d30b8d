/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Processes that talk through pipes and sockets: how long a byte takes, how much goes through, what
 * a switch costs among several processes that each use some memory.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench.h"

#define MAX_RING  16
#define WORK_SIZE (64UL << 10)
#define CHUNK	  (64UL << 10)

static void make_pipe(int ends[2])
{
	if (pipe(ends))
		unsupported("pipe");
}

/* Sends back what it gets, until there is no more. */
static _Noreturn void echo(int from, int to)
{
	char byte;

	while (read(from, &byte, 1) == 1 && write(to, &byte, 1) == 1)
		;
	_exit(0);
}

static void exchange(int to, int from, unsigned long count)
{
	char byte = 0;

	for (unsigned long i = 0; i < count; i++) {
		if (write(to, &byte, 1) != 1 || read(from, &byte, 1) != 1)
			unsupported("read or write");
	}
}

static void pipe_round_trip(unsigned long count)
{
	int there[2], back[2];
	pid_t child;

	pause_clock();
	make_pipe(there);
	make_pipe(back);
	child = start_child();
	if (!child)
		echo(there[0], back[1]);
	exchange(there[1], back[0], 1);
	resume_clock();
	exchange(there[1], back[0], count);
	pause_clock();
	end_child(child);
	for (int i = 0; i < 2; i++) {
		close(there[i]);
		close(back[i]);
	}
	resume_clock();
}

static void socket_round_trip(unsigned long count)
{
	int ends[2];
	pid_t child;

	pause_clock();
	if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends))
		unsupported("socketpair");
	child = start_child();
	if (!child)
		echo(ends[1], ends[1]);
	exchange(ends[0], ends[0], 1);
	resume_clock();
	exchange(ends[0], ends[0], count);
	pause_clock();
	end_child(child);
	close(ends[0]);
	close(ends[1]);
	resume_clock();
}

/* A byte through a pipe to oneself: no switch. */
static void pipe_self(unsigned long count)
{
	int ends[2];

	make_pipe(ends);
	exchange(ends[1], ends[0], count);
	close(ends[0]);
	close(ends[1]);
}

static void write_all(int fd, const char *data, size_t size)
{
	while (size) {
		ssize_t done = write(fd, data, size);

		if (done <= 0)
			unsupported("write");
		data += done;
		size -= (size_t)done;
	}
}

/* A child reads as fast as it can; an operation is 64 KiB. */
static void pipe_64k(unsigned long count)
{
	static char data[CHUNK];
	int ends[2], status;
	pid_t child;

	pause_clock();
	make_pipe(ends);
	memset(data, 1, sizeof(data));
	child = start_child();
	if (!child) {
		close(ends[1]);
		while (read(ends[0], data, CHUNK) > 0)
			;
		_exit(0);
	}
	close(ends[0]);
	resume_clock();
	for (unsigned long i = 0; i < count; i++)
		write_all(ends[1], data, CHUNK);
	close(ends[1]);
	waitpid(child, &status, 0);
}

/* --- a ring of processes that pass a byte on; each reads through its memory at its turn */

static volatile char work[WORK_SIZE];

static void use_memory(size_t size)
{
	for (size_t i = 0; i < size; i += 64)
		work[i]++;
}

static _Noreturn void member(int from, int to, size_t size)
{
	char byte;

	while (read(from, &byte, 1) == 1) {
		use_memory(size);
		if (write(to, &byte, 1) != 1)
			break;
	}
	_exit(0);
}

/* @nr processes, this one among them; an operation is one switch. */
static void switch_in_ring(unsigned long count, int nr, size_t size)
{
	int pipes[MAX_RING][2];
	pid_t children[MAX_RING];

	pause_clock();
	for (int i = 0; i < nr; i++)
		make_pipe(pipes[i]);
	for (int i = 1; i < nr; i++) {
		children[i] = start_child();
		if (!children[i])
			member(pipes[i][0], pipes[(i + 1) % nr][1], size);
	}
	for (unsigned long i = 0; i < count / (unsigned long)nr + 2; i++) {
		if (i == 1) /* the first round is for warming up */
			resume_clock();
		use_memory(size);
		exchange(pipes[1][1], pipes[0][0], 1);
	}
	pause_clock();
	for (int i = 0; i < nr; i++) {
		if (i)
			end_child(children[i]);
		close(pipes[i][0]);
		close(pipes[i][1]);
	}
	resume_clock();
}

#define RING(nr, kib)                                           \
	static void switch_##nr##_##kib##k(unsigned long count) \
	{                                                       \
		switch_in_ring(count, nr, kib * 1024UL);        \
	}

/* clang-format off */
RING(2, 0)
RING(2, 16)
RING(2, 64)
RING(8, 0)
RING(8, 16)
RING(8, 64)
RING(16, 0)
RING(16, 16)
RING(16, 64)
/* clang-format on */

/* --- hackbench: groups in which every sender writes to every receiver */

#define GROUP	     5
#define MESSAGE_SIZE 100

static _Noreturn void send_messages(int fds[GROUP][2], unsigned long count)
{
	char message[MESSAGE_SIZE] = { 0 };

	for (unsigned long i = 0; i < count; i++) {
		for (int to = 0; to < GROUP; to++)
			write_all(fds[to][1], message, sizeof(message));
	}
	_exit(0);
}

static _Noreturn void receive_messages(int fd)
{
	char message[MESSAGE_SIZE];

	while (read(fd, message, sizeof(message)) > 0)
		;
	_exit(0);
}

/* 5 senders, 5 receivers; an operation is a message from each to each, 25 messages. */
static void hackbench(unsigned long count)
{
	int fds[GROUP][2];
	int nr = 2 * GROUP;

	for (int i = 0; i < GROUP; i++)
		make_pipe(fds[i]);
	for (int i = 0; i < 2 * GROUP; i++) {
		if (start_child())
			continue;
		if (i < GROUP)
			send_messages(fds, count);
		for (int k = 0; k < GROUP; k++)
			close(fds[k][1]);
		receive_messages(fds[i - GROUP][0]);
	}
	for (int i = 0; i < GROUP; i++) {
		close(fds[i][0]);
		close(fds[i][1]);
	}
	while (nr && wait(NULL) > 0)
		nr--;
}

static void bump(int fd)
{
	uint64_t one = 1;

	if (write(fd, &one, sizeof(one)) != sizeof(one))
		unsupported("write");
}

static void take(int fd)
{
	uint64_t got;

	if (read(fd, &got, sizeof(got)) != sizeof(got))
		unsupported("read");
}

static _Noreturn void echo_count(int from, int to)
{
	for (;;) {
		take(from);
		bump(to);
	}
}

static int make_eventfd(void)
{
	int fd = eventfd(0, 0);

	if (fd < 0)
		unsupported("eventfd");
	return fd;
}

static void eventfd_round_trip(unsigned long count)
{
	int there, back;
	pid_t child;

	pause_clock();
	there = make_eventfd();
	back = make_eventfd();
	child = start_child();
	if (!child)
		echo_count(there, back);
	bump(there);
	take(back);
	resume_clock();
	for (unsigned long i = 0; i < count; i++) {
		bump(there);
		take(back);
	}
	pause_clock();
	kill(child, SIGKILL);
	end_child(child);
	close(there);
	close(back);
	resume_clock();
}

#define NR_WATCHED 100

/* One of many is ready, another each time. */
static void epoll_100(unsigned long count)
{
	struct epoll_event event = { .events = EPOLLIN };
	int fds[NR_WATCHED], epfd = epoll_create1(0);

	if (epfd < 0)
		unsupported("epoll_create1");
	pause_clock();
	for (int i = 0; i < NR_WATCHED; i++) {
		fds[i] = make_eventfd();
		event.data.fd = fds[i];
		if (epoll_ctl(epfd, EPOLL_CTL_ADD, fds[i], &event))
			unsupported("epoll_ctl");
	}
	resume_clock();
	for (unsigned long i = 0; i < count; i++) {
		bump(fds[i % NR_WATCHED]);
		if (epoll_wait(epfd, &event, 1, -1) != 1)
			unsupported("epoll_wait");
		take(event.data.fd);
	}
	pause_clock();
	for (int i = 0; i < NR_WATCHED; i++)
		close(fds[i]);
	close(epfd);
	resume_clock();
}

static void poll_pipes(unsigned long count, int nr)
{
	struct pollfd polled[100];
	int ends[2];

	make_pipe(ends);
	for (int i = 0; i < nr; i++)
		polled[i] = (struct pollfd){ .fd = ends[0], .events = POLLIN };
	for (unsigned long i = 0; i < count; i++) {
		if (poll(polled, (nfds_t)nr, 0) < 0)
			unsupported("poll");
	}
	close(ends[0]);
	close(ends[1]);
}

static void poll_10(unsigned long count)
{
	poll_pipes(count, 10);
}

static void poll_100(unsigned long count)
{
	poll_pipes(count, 100);
}

const struct metric ipc_metrics[] = {
	{ "pipe_self", pipe_self, "a byte through a pipe to oneself" },
	{ "pipe_round_trip", pipe_round_trip, "a byte to another process and back" },
	{ "socket_round_trip", socket_round_trip, "the same by a pair of sockets" },
	{ "pipe_64k", pipe_64k, "64 KiB through a pipe to another process" },
	{ "switch_2_0k", switch_2_0k, "a switch in a ring of 2 processes, by pipes" },
	{ "switch_2_16k", switch_2_16k, "the same, each of which uses 16 KiB" },
	{ "switch_2_64k", switch_2_64k, "the same with 64 KiB" },
	{ "switch_8_0k", switch_8_0k, "a ring of 8" },
	{ "switch_8_16k", switch_8_16k, "a ring of 8 with 16 KiB" },
	{ "switch_8_64k", switch_8_64k, "a ring of 8 with 64 KiB" },
	{ "switch_16_0k", switch_16_0k, "a ring of 16" },
	{ "switch_16_16k", switch_16_16k, "a ring of 16 with 16 KiB" },
	{ "switch_16_64k", switch_16_64k, "a ring of 16 with 64 KiB" },
	{ "hackbench", hackbench, "a message from each of 5 processes to each of 5 others" },
	{ "poll_10", poll_10, "poll of 10 descriptors" },
	{ "poll_100", poll_100, "poll of 100 descriptors" },
	{ "eventfd_round_trip", eventfd_round_trip, "a count to another process and back" },
	{ "epoll_100", epoll_100, "write to one of 100 eventfds, epoll_wait, read" },
	{ 0 },
};
