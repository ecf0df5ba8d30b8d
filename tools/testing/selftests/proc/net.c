/* SPDX-License-Identifier: GPL-2.0-only */
/* /proc/net/unix: the sockets that there are. */
#include <sys/stat.h>

#include "proc.h"
#include "sockets.h"

/* The line of the socket @fd. */
static char *line_of_socket(struct test *t, int fd)
{
	char inode[32], *text = proc_text(t, "/proc/net/unix"), *line;
	struct stat st;

	REQUIRE(t, fstat(fd, &st) == 0);
	snprintf(inode, sizeof(inode), " %5lu", (unsigned long)st.st_ino);
	EXPECT_EQ(t, strncmp(text, "Num       RefCount Protocol Flags    Type St Inode Path\n", 56),
		  0);
	for (line = strtok(text, "\n"); line; line = strtok(NULL, "\n")) {
		char *found = strstr(line, inode);

		if (found && (!found[strlen(inode)] || found[strlen(inode)] == ' '))
			return line;
	}
	REQUIRE(t, line);
	return NULL;
}

static void expect_line(struct test *t, int fd, const char *flags_type_state, const char *name)
{
	char *line = line_of_socket(t, fd), want[64];
	const char *path = strrchr(line, ' ');

	snprintf(want, sizeof(want), " 00000000 %s ", flags_type_state);
	EXPECT_TRUE(t, strstr(line, want));
	if (name)
		EXPECT_STREQ(t, path + 1, name);
}

static void sockets_are_listed(struct test *t)
{
	int fds[2], server, client = new_socket(t, SOCK_STREAM);
	struct sockaddr_un name;
	socklen_t len;
	char shown[120];

	new_pair(t, SOCK_SEQPACKET, fds);
	server = bound_socket(t, SOCK_STREAM, "listed", &name, &len);
	snprintf(shown, sizeof(shown), "@%s", name.sun_path + 1);
	expect_line(t, fds[0], "00000000 0005 03", NULL);
	expect_line(t, client, "00000000 0001 01", NULL);
	expect_line(t, server, "00000000 0001 01", shown);
	EXPECT_RET(t, kcall(SYS_listen, server, 3), 0);
	expect_line(t, server, "00010000 0001 01", shown);
	EXPECT_RET(t, kcall(SYS_connect, client, &name, len), 0);
	expect_line(t, client, "00000000 0001 03", NULL);
	expect_line(t, (int)kcall(SYS_accept, server, NULL, NULL), "00000000 0001 03", shown);
}

static void links_name_sockets(struct test *t)
{
	int fd = new_socket(t, SOCK_DGRAM);
	char want[64], got[64] = { 0 };
	struct stat st;

	REQUIRE(t, fstat(fd, &st) == 0);
	snprintf(want, sizeof(want), "socket:[%lu]", (unsigned long)st.st_ino);
	EXPECT_TRUE(t, readlink(path_of("/proc/self/fd/%d", fd), got, sizeof(got) - 1) > 0);
	EXPECT_STREQ(t, got, want);
	EXPECT_RET(t, kcall(SYS_open, path_of("/proc/self/fd/%d", fd), O_RDWR), -ENXIO);
}

static const struct test_case cases[] = {
	TEST_CASE(sockets_are_listed),
	TEST_CASE(links_name_sockets),
};
TEST_SUITE(net, cases);
SELFTEST_NO_HELPER
