/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Job control: terminals and the processes that they control.
 *
 * A session has one controlling terminal, or none, and a terminal controls one session, or none.
 * The leader of a session gets one by opening it (without O_NOCTTY) or by TIOCSCTTY, all processes
 * of the session have it then, until the leader ends, somebody hangs up, or a process gives it up
 * for itself (TIOCNOTTY).
 *
 *	session->tty <-> tty->session		each has the other; the session a reference
 *	tty->pgrp				the group in the foreground, by number
 *
 * The number is looked up in the session when it is needed, so a group that has ended is no group,
 * also if its number is in use again elsewhere.
 *
 * Who is not in the foreground gets SIGTTIN for reading, and SIGTTOU for changing the terminal (and
 * for writing with TOSTOP), which stop his group.  If he ignores or blocks that signal, or nobody
 * is left who could set his group going, he gets EIO, or goes on, as POSIX says.
 *
 * Locks: tasklist_lock for all of that.
 */
#include <linux/capability.h>
#include <linux/errno.h>
#include <linux/signal.h>
#include <oshit/cred.h>
#include <oshit/entry.h>
#include <oshit/fs.h>
#include <oshit/pgroup.h>
#include <oshit/syscalls.h>
#include <oshit/task.h>
#include <oshit/uaccess.h>
#include <oshit/user_task.h>

#include "tty.h"

static struct session *my_session(void)
{
	return current->user->signal->pgroup->session;
}

/* Under tasklist_lock. */
static struct tty_struct *my_tty(void)
{
	return current->user->signal->left_tty ? NULL : my_session()->tty;
}

static bool leads_session(void)
{
	return my_session()->leader == current->user->signal->leader;
}

/* The group of @session with that id, or NULL. Under tasklist_lock. */
static struct pgroup *group_of(const struct session *session, int id)
{
	struct pgroup *group = id && session ? pgroup_find(id) : NULL;

	return group && group->session == session ? group : NULL;
}

/* The group in the foreground, or NULL. Under tasklist_lock. */
static struct pgroup *foreground(const struct tty_struct *tty)
{
	return group_of(tty->session, tty->pgrp);
}

/* @tty controls nobody any more. Under tasklist_lock; tty_put() of the result behind it. */
static struct tty_struct *clear_session(struct tty_struct *tty)
{
	struct session *session = tty->session;

	tty->session = NULL;
	tty->pgrp = 0;
	if (!session)
		return NULL;
	session->tty = NULL;
	return tty;
}

static void set_session(struct tty_struct *tty)
{
	struct session *session = my_session();

	tty->session = session;
	tty->pgrp = current->user->signal->pgroup->id;
	session->tty = tty_get(tty);
	session->hung_up_pgrp = 0;
	current->user->signal->left_tty = false;
}

/* --- signals --- */

static bool is_ignored(int sig)
{
	struct user_task *user = current->user;

	return user->blocked & sigmask(sig) ||
	       READ_ONCE(user->sighand->action[sig - 1].sa_handler) == SIG_IGN;
}

static int job_check(struct tty_struct *tty, int sig)
{
	struct pgroup *group;
	int err = 0;

	spin_lock(&tasklist_lock);
	group = current->user ? current->user->signal->pgroup : NULL;
	if (!group || my_tty() != tty || !tty->pgrp || tty->pgrp == group->id) {
		err = 0;
	} else if (is_ignored(sig)) {
		err = sig == SIGTTIN ? -EIO : 0;
	} else if (pgroup_is_orphaned(group)) {
		err = -EIO;
	} else {
		pgroup_send(group, sig);
		err = -ERESTARTSYS;
	}
	spin_unlock(&tasklist_lock);
	return err;
}

static void job_signal(struct tty_struct *tty, int sig)
{
	struct pgroup *group;

	spin_lock(&tasklist_lock);
	group = foreground(tty);
	if (group)
		pgroup_send(group, sig);
	spin_unlock(&tasklist_lock);
}

/* --- who has which --- */

static void job_opened(struct tty_struct *tty, const struct file *file)
{
	spin_lock(&tasklist_lock);
	if (current->user && leads_session() && !my_tty() && !tty->session &&
	    file->mode & FMODE_READ)
		set_session(tty);
	spin_unlock(&tasklist_lock);
}

static struct tty_struct *job_current_tty(void)
{
	struct tty_struct *tty;

	if (!current->user)
		return NULL;
	spin_lock(&tasklist_lock);
	tty = my_tty();
	if (tty)
		tty_get(tty);
	spin_unlock(&tasklist_lock);
	return tty;
}

/* The leader is told that the line is gone; the foreground too, if that is because he has gone.
 * Else it is told when he goes (tty_process_exits()). */
static void job_hangup(struct tty_struct *tty, enum tty_hangup why)
{
	struct tty_struct *lost;
	struct pgroup *group;

	spin_lock(&tasklist_lock);
	group = foreground(tty);
	if (tty->session && tty->session->leader) {
		send_signal(tty->session->leader, SIGHUP, NULL);
		send_signal(tty->session->leader, SIGCONT, NULL);
	}
	if (group && why == TTY_HANGUP_SESSION_ENDS)
		pgroup_send(group, SIGHUP);
	else if (group)
		tty->session->hung_up_pgrp = group->id;
	lost = clear_session(tty);
	spin_unlock(&tasklist_lock);
	tty_put(lost);
}

/* A session loses its terminal by the will of its leader: the foreground is told. */
static void leave_session(bool exits)
{
	struct tty_struct *tty, *lost = NULL;
	struct pgroup *group;

	spin_lock(&tasklist_lock);
	tty = my_tty();
	group = tty ? foreground(tty) : NULL;
	if (group) {
		pgroup_send(group, SIGHUP);
		if (!exits)
			pgroup_send(group, SIGCONT);
	}
	if (tty)
		lost = clear_session(tty);
	spin_unlock(&tasklist_lock);
	tty_put(lost);
}

/* The job that was in the foreground when the terminal hung up does not outlive the leader unasked.
 * Under tasklist_lock. */
static void end_hung_up_job(struct session *session)
{
	struct pgroup *group = group_of(session, session->hung_up_pgrp);

	session->hung_up_pgrp = 0;
	if (!group)
		return;
	pgroup_send(group, SIGHUP);
	pgroup_send(group, SIGCONT);
}

void tty_process_exits(void)
{
	struct tty_struct *tty;
	bool leads;

	if (!READ_ONCE(current->user->signal->leads_session))
		return;
	spin_lock(&tasklist_lock);
	leads = leads_session();
	tty = leads ? my_tty() : NULL;
	if (tty)
		tty_get(tty);
	else if (leads)
		end_hung_up_job(my_session());
	spin_unlock(&tasklist_lock);
	if (!tty)
		return;
	/* The other end of a pseudo-terminal decides for itself when to go. */
	if (tty->link)
		leave_session(true);
	else
		tty_hangup(tty, TTY_HANGUP_SESSION_ENDS);
	tty_put(tty);
}

/* --- calls --- */

/* The session that had @tty loses it. Return: for tty_put(). Under tasklist_lock. */
static int may_steal(const struct tty_struct *tty, unsigned long arg)
{
	return !tty->session || (arg == 1 && capable(CAP_SYS_ADMIN)) ? 0 : -EPERM;
}

static long set_controlling(struct tty_struct *tty, const struct file *file, unsigned long arg)
{
	struct tty_struct *lost = NULL;
	int err = 0;

	spin_lock(&tasklist_lock);
	if (leads_session() && tty->session == my_session() && my_tty() == tty)
		goto out;
	if (!leads_session() || my_tty())
		err = -EPERM;
	else
		err = may_steal(tty, arg);
	if (!err && !(file->mode & FMODE_READ) && !capable(CAP_SYS_ADMIN))
		err = -EPERM;
	if (!err) {
		lost = clear_session(tty);
		set_session(tty);
	}
out:
	spin_unlock(&tasklist_lock);
	tty_put(lost);
	return err;
}

static long give_up(const struct tty_struct *tty)
{
	bool leads, is_mine;

	spin_lock(&tasklist_lock);
	is_mine = my_tty() == tty;
	leads = leads_session();
	if (is_mine && !leads)
		current->user->signal->left_tty = true;
	spin_unlock(&tasklist_lock);
	if (is_mine && leads)
		leave_session(false);
	return is_mine ? 0 : -ENOTTY;
}

/* @tty is asked for by a file of @of_file: only a master need not be the caller's terminal. */
static bool may_ask(const struct tty_struct *tty, const struct tty_struct *of_file)
{
	return tty != of_file || my_tty() == tty;
}

static long get_foreground(struct tty_struct *tty, struct tty_struct *of_file, int __user *to)
{
	struct pgroup *group;
	int id;

	spin_lock(&tasklist_lock);
	group = foreground(tty);
	id = !may_ask(tty, of_file) ? -1 : group ? group->id : 0;
	/* One that has no members any more is still what was said, until another is. */
	if (!id && tty->session)
		id = tty->pgrp;
	spin_unlock(&tasklist_lock);
	return id < 0 ? -ENOTTY : put_user(id, to);
}

static long get_session(struct tty_struct *tty, struct tty_struct *of_file, int __user *to)
{
	int id = -1;

	spin_lock(&tasklist_lock);
	if (may_ask(tty, of_file) && tty->session)
		id = tty->session->id;
	spin_unlock(&tasklist_lock);
	return id < 0 ? -ENOTTY : put_user(id, to);
}

/* Under tasklist_lock. */
static int change_foreground(struct tty_struct *tty, int id)
{
	struct pgroup *group;

	if (my_tty() != tty || tty->session != my_session())
		return -ENOTTY;
	group = pgroup_find(id);
	if (!group)
		return -ESRCH;
	if (group->session != my_session())
		return -EPERM;
	tty->pgrp = id;
	return 0;
}

static long set_foreground(struct tty_struct *tty, const int __user *from)
{
	int id, err = job_check(tty, SIGTTOU);

	if (err)
		return err == -EIO ? -ENOTTY : err;
	if (get_user(id, from))
		return -EFAULT;
	if (id < 0)
		return -EINVAL;
	spin_lock(&tasklist_lock);
	err = change_foreground(tty, id);
	spin_unlock(&tasklist_lock);
	return err;
}

static long job_ioctl(struct tty_struct *tty, struct tty_struct *of_file, const struct file *file,
		      unsigned int cmd, unsigned long arg)
{
	switch (cmd) {
	case TIOCSCTTY:
		return set_controlling(tty, file, arg);
	case TIOCNOTTY:
		return give_up(of_file);
	case TIOCGPGRP:
		return get_foreground(tty, of_file, (int __user *)arg);
	case TIOCSPGRP:
		return set_foreground(tty, (const int __user *)arg);
	case TIOCGSID:
		return get_session(tty, of_file, (int __user *)arg);
	default:
		return -ENOIOCTLCMD;
	}
}

long sys_vhangup(void)
{
	struct tty_struct *tty;

	if (!capable(CAP_SYS_TTY_CONFIG))
		return -EPERM;
	tty = job_current_tty();
	if (tty)
		tty_hangup(tty, TTY_HANGUP_LINE);
	tty_put(tty);
	return 0;
}

static const struct tty_job_ops job_ops = {
	.check = job_check,
	.signal = job_signal,
	.opened = job_opened,
	.current_tty = job_current_tty,
	.hangup = job_hangup,
	.ioctl = job_ioctl,
};

void tty_jobs_init(void)
{
	tty_jobs = &job_ops;
}
