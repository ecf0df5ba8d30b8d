/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What goes along with the bytes of a message: descriptors, and who sends it.
 *
 * Descriptors become references to files when the program sends, and descriptors of the receiver
 * when he reads.  Credentials are the kernel's word: a program may name itself, or, with the
 * capabilities for that, somebody else.
 */
#include <linux/capability.h>
#include <linux/errno.h>
#include <oshit/cred.h>
#include <oshit/err.h>
#include <oshit/files.h>
#include <oshit/slab.h>
#include <oshit/string.h>
#include <oshit/task.h>
#include <oshit/user_task.h>

#include "unix.h"

/* --- credentials --- */

static int own_pid(void)
{
	return current->user ? current->user->tgid : current->pid;
}

struct ucred unix_own_cred(void)
{
	const struct cred *cred = current_cred();

	return (struct ucred){ .pid = own_pid(), .uid = cred->euid, .gid = cred->egid };
}

/* For a message, it is the real ids. */
static struct ucred message_cred(void)
{
	const struct cred *cred = current_cred();

	return (struct ucred){ .pid = own_pid(), .uid = cred->uid, .gid = cred->gid };
}

static bool is_own_uid(const struct cred *cred, u32 uid)
{
	return uid == cred->uid || uid == cred->euid || uid == cred->suid;
}

static bool is_own_gid(const struct cred *cred, u32 gid)
{
	return gid == cred->gid || gid == cred->egid || gid == cred->sgid;
}

static int check_cred(const struct ucred *ucred)
{
	const struct cred *cred = current_cred();
	struct task_struct *task;

	if (ucred->uid == (u32)-1 || ucred->gid == (u32)-1)
		return -EINVAL;
	if (ucred->pid != own_pid() && !capable(CAP_SYS_ADMIN))
		return -EPERM;
	if (!is_own_uid(cred, ucred->uid) && !capable(CAP_SETUID))
		return -EPERM;
	if (!is_own_gid(cred, ucred->gid) && !capable(CAP_SETGID))
		return -EPERM;
	task = task_find(ucred->pid);
	if (!task)
		return -ESRCH;
	put_task_struct(task);
	return 0;
}

static int parse_cred(struct sock_msg *msg, const struct cmsghdr *header)
{
	int err;

	if (header->cmsg_len != CMSG_ALIGN(sizeof(*header)) + sizeof(msg->cred))
		return -EINVAL;
	memcpy(&msg->cred, header + 1, sizeof(msg->cred));
	err = check_cred(&msg->cred);
	msg->has_cred = !err;
	return err;
}

void unix_msg_attach(struct unix_msg *msg, struct sock_msg *from, const struct unix_sock *to)
{
	const struct unix_sock *sk = msg->sender;

	msg->files = from->files;
	from->files = NULL;
	if (from->has_cred)
		msg->cred = from->cred;
	/* Nobody may ever ask: an accepted socket's options are not known before it is. */
	else if (sock_flag(sk, SOCK_FLAG_PASSCRED) || sock_flag(to, SOCK_FLAG_PASSCRED) ||
		 READ_ONCE(to->is_embryo))
		msg->cred = message_cred();
	else
		msg->cred = (struct ucred){ 0, OVERFLOW_ID, OVERFLOW_ID };
}

/* --- descriptors --- */

void scm_free_files(struct scm_files *files)
{
	if (!files)
		return;
	for (unsigned int i = 0; i < files->nr; i++)
		fput(files->files[i]);
	put_user_struct(files->user);
	kfree(files);
}

static struct scm_files *alloc_files(unsigned int room)
{
	struct scm_files *files =
		kmalloc(sizeof(*files) + room * sizeof(files->files[0]), GFP_KERNEL);

	if (!files)
		return NULL;
	files->user = get_user_struct(current_cred()->user);
	files->nr = 0;
	return files;
}

struct scm_files *scm_dup_files(const struct scm_files *files)
{
	struct scm_files *copy = alloc_files(files->nr);

	if (!copy)
		return NULL;
	/* The collector must not see a file whose references are all counted, and one more. */
	spin_lock(&unix_gc_lock);
	for (unsigned int i = 0; i < files->nr; i++)
		copy->files[i] = get_file(files->files[i]);
	copy->nr = files->nr;
	spin_unlock(&unix_gc_lock);
	return copy;
}

static struct file *get_any_file(int nr)
{
	struct fd fd = fdget_raw((unsigned int)nr);
	struct file *file = fd.file ? get_file(fd.file) : NULL;

	if (file)
		fdput(fd);
	return file;
}

static int add_files(struct scm_files *files, const int *fds, size_t nr)
{
	for (size_t i = 0; i < nr; i++) {
		struct file *file = fds[i] < 0 ? NULL : get_any_file(fds[i]);

		if (!file)
			return -EBADF;
		files->files[files->nr++] = file;
	}
	return 0;
}

static int parse_files(struct sock_msg *msg, const struct cmsghdr *header)
{
	size_t nr = (header->cmsg_len - sizeof(*header)) / sizeof(int);
	const int *fds = (const int *)(const void *)(header + 1);

	if (!nr)
		return 0;
	if (nr > SCM_MAX_FD)
		return -EINVAL;
	if (!msg->files)
		msg->files = alloc_files(SCM_MAX_FD);
	if (!msg->files)
		return -ENOMEM;
	if (msg->files->nr + nr > SCM_MAX_FD)
		return -EINVAL;
	return add_files(msg->files, fds, nr);
}

static int parse_one(struct sock_msg *msg, const struct cmsghdr *header)
{
	if (header->cmsg_level != SOL_SOCKET)
		return 0;
	switch (header->cmsg_type) {
	case SCM_RIGHTS:
		return parse_files(msg, header);
	case SCM_CREDENTIALS:
		return parse_cred(msg, header);
	default:
		return -EINVAL;
	}
}

int scm_parse(struct sock_msg *msg, const char *control, size_t len)
{
	size_t at = 0;
	int err = 0;

	while (!err && at + sizeof(struct cmsghdr) <= len) {
		const struct cmsghdr *header = (const struct cmsghdr *)(const void *)(control + at);

		if (header->cmsg_len < sizeof(*header) || header->cmsg_len > len - at)
			err = -EINVAL;
		else
			err = parse_one(msg, header);
		at += CMSG_ALIGN(header->cmsg_len);
	}
	if (err) {
		scm_free_files(msg->files);
		msg->files = NULL;
	}
	return err;
}
