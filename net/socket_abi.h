/* SPDX-License-Identifier: GPL-2.0-only */
/* Numbers and structures of sockets that programs see and that no header of the ABI has. */
#ifndef NET_SOCKET_ABI_H
#define NET_SOCKET_ABI_H

#include <asm/socket.h>
#include <linux/fcntl.h>
#include <linux/socket.h>
#include <linux/uio.h>
#include <linux/un.h>
#include <oshit/types.h>

#define AF_UNSPEC	0
#define AF_UNIX		1
#define AF_MAX		46 /* above all that Linux 6.1 knows */

#define SOCK_STREAM	1
#define SOCK_DGRAM	2
#define SOCK_RAW	3
#define SOCK_SEQPACKET	5
#define SOCK_MAX	11
#define SOCK_TYPE_MASK	0xf /* of socket()'s type; the rest are flags */
#define SOCK_NONBLOCK	O_NONBLOCK
#define SOCK_CLOEXEC	O_CLOEXEC

#define SHUT_RD		0
#define SHUT_WR		1
#define SHUT_RDWR	2

#define MSG_OOB		0x1u
#define MSG_PEEK	0x2u
#define MSG_CTRUNC	0x8u
#define MSG_TRUNC	0x20u
#define MSG_DONTWAIT	0x40u
#define MSG_EOR		0x80u
#define MSG_WAITALL	0x100u
#define MSG_NOSIGNAL	0x4000u
#define MSG_WAITFORONE	0x10000u
#define MSG_CMSG_CLOEXEC 0x40000000u
#define MSG_CMSG_COMPAT	0x80000000u /* of 32-bit programs */

#define SCM_RIGHTS	1
#define SCM_CREDENTIALS 2
#define SCM_MAX_FD	253

#define SOMAXCONN	4096

struct ucred {
	s32 pid;
	u32 uid, gid;
};

struct user_msghdr {
	void __user *msg_name;
	int msg_namelen;
	struct iovec __user *msg_iov;
	size_t msg_iovlen;
	void __user *msg_control;
	size_t msg_controllen;
	unsigned int msg_flags;
};

struct mmsghdr {
	struct user_msghdr msg_hdr;
	unsigned int msg_len;
};

struct cmsghdr {
	size_t cmsg_len; /* with this header */
	int cmsg_level, cmsg_type;
};

#define CMSG_ALIGN(len) (((len) + sizeof(long) - 1) & ~(sizeof(long) - 1))

#endif
