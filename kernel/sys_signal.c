/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * System calls about signals: what is to become of them, which are held off, waiting for them, and
 * sending one with a value.  How signals come and go is told in kernel/signal.c.
 *
 * Waiting.  sigsuspend() changes the mask, sleeps until a signal comes, and leaves the old mask to
 * be put back on the way to user mode, when handlers have run.  sigtimedwait() takes a signal out
 * by itself: those that it waits for stay blocked, but count as wanted meanwhile (->awaited).
 *
 * Locks: siglock, interrupts off; the lock of the sighand inside, for an action.
 */
#include <linux/errno.h>
#include <oshit/clock.h>
#include <oshit/cred.h>
#include <oshit/entry.h>
#include <oshit/syscalls.h>
#include <oshit/task.h>
#include <oshit/timespec.h>
#include <oshit/uaccess.h>
#include <oshit/user_task.h>

static sigset_t without_unblockable(sigset_t set)
{
	return set & ~(sigmask(SIGKILL) | sigmask(SIGSTOP));
}

/* --- the mask --- */

void set_blocked(sigset_t set)
{
	struct user_task *user = current->user;

	raw_spin_lock_irq(&user->signal->siglock);
	set = without_unblockable(set);
	retarget_signals(user, set & ~user->blocked);
	user->blocked = set;
	recalc_sigpending();
	raw_spin_unlock_irq(&user->signal->siglock);
}

void restore_saved_blocked(void)
{
	struct user_task *user = current->user;

	if (!user->restore_blocked)
		return;
	user->restore_blocked = false;
	set_blocked(user->saved_blocked);
}

/* *@set from a program; only sets of this size are known. */
static int get_sigset(sigset_t *set, const sigset_t __user *from, size_t size)
{
	if (size != sizeof(*set))
		return -EINVAL;
	return get_user(*set, from);
}

/* The caller blocks the set at @from until restore_user_blocked(). */
static int replace_blocked(const sigset_t __user *from, size_t size)
{
	struct user_task *user = current->user;
	sigset_t set;
	int err = get_sigset(&set, from, size);

	if (err)
		return err;
	user->saved_blocked = user->blocked;
	user->has_own_mask = true;
	set_blocked(set);
	return 0;
}

int set_user_blocked(const sigset_t __user *from, size_t size)
{
	return from ? replace_blocked(from, size) : 0;
}

void restore_user_blocked(bool interrupted)
{
	struct user_task *user = current->user;

	if (!user->has_own_mask)
		return;
	user->has_own_mask = false;
	if (interrupted)
		user->restore_blocked = true;
	else
		set_blocked(user->saved_blocked);
}

long sys_rt_sigprocmask(int how, const sigset_t __user *set, sigset_t __user *old_set, size_t size)
{
	sigset_t old = current->user->blocked, change;

	if (size != sizeof(change))
		return -EINVAL;
	if (set) {
		if (get_user(change, set))
			return -EFAULT;
		if (how == SIG_BLOCK)
			set_blocked(old | change);
		else if (how == SIG_UNBLOCK)
			set_blocked(old & ~change);
		else if (how == SIG_SETMASK)
			set_blocked(change);
		else
			return -EINVAL;
	}
	return old_set ? put_user(old, old_set) : 0;
}

long sys_rt_sigpending(sigset_t __user *to, size_t size)
{
	struct user_task *user = current->user;
	sigset_t set;

	if (size > sizeof(set))
		return -EINVAL;
	raw_spin_lock_irq(&user->signal->siglock);
	set = (user->pending.set | user->signal->pending.set) & user->blocked;
	raw_spin_unlock_irq(&user->signal->siglock);
	return copy_to_user(to, &set, size) ? -EFAULT : 0;
}

/* --- actions --- */

/* Others are forgotten, so that a program which asks for one sees whether there is such a flag. */
#define KNOWN_FLAGS                                                                                \
	(SA_NOCLDSTOP | SA_NOCLDWAIT | SA_SIGINFO | SA_EXPOSE_TAGBITS | SA_RESTORER | SA_ONSTACK | \
	 SA_RESTART | SA_NODEFER | SA_RESETHAND)

/* @old is what it was. */
static void set_action(int sig, const struct sigaction *action, struct sigaction *old)
{
	struct user_task *user = current->user;
	struct sigaction *place = &user->sighand->action[sig - 1];

	raw_spin_lock_irq(&user->signal->siglock);
	raw_spin_lock(&user->sighand->lock);
	*old = *place;
	*place = *action;
	place->sa_mask = without_unblockable(action->sa_mask);
	place->sa_flags &= KNOWN_FLAGS;
	raw_spin_unlock(&user->sighand->lock);
	/* What is ignored from now on is not kept for later. */
	if (signal_does_nothing(current, sig)) {
		forget_signals(current, sigmask(sig));
		recalc_sigpending();
	}
	raw_spin_unlock_irq(&user->signal->siglock);
}

static void get_action(int sig, struct sigaction *action)
{
	struct sighand_struct *sighand = current->user->sighand;

	raw_spin_lock_irq(&sighand->lock);
	*action = sighand->action[sig - 1];
	raw_spin_unlock_irq(&sighand->lock);
}

long sys_rt_sigaction(int sig, const struct sigaction __user *action,
		      struct sigaction __user *old_action, size_t size)
{
	struct sigaction copy, old;

	if (size != sizeof(sigset_t))
		return -EINVAL;
	if (action && copy_from_user(&copy, action, sizeof(copy)))
		return -EFAULT;
	if (sig < 1 || sig > NR_SIGNALS || (action && (sig == SIGKILL || sig == SIGSTOP)))
		return -EINVAL;
	if (action)
		set_action(sig, &copy, &old);
	else
		get_action(sig, &old);
	return old_action && copy_to_user(old_action, &old, sizeof(old)) ? -EFAULT : 0;
}

/* --- another stack --- */

bool on_altstack(const struct user_task *user, unsigned long sp)
{
	unsigned long start = (unsigned long)user->altstack.ss_sp;

	if (user->altstack.ss_flags & (int)(SS_DISABLE | SS_AUTODISARM))
		return false;
	return sp > start && sp - start <= user->altstack.ss_size;
}

/* As Linux has it: the flags of a stack that is set are 0, SS_ONSTACK means the same. */
int set_altstack(const stack_t *stack, unsigned long sp)
{
	int flags = stack->ss_flags & ~(int)SS_AUTODISARM;
	struct user_task *user = current->user;

	if (on_altstack(user, sp))
		return -EPERM;
	if (flags != SS_DISABLE && flags != SS_ONSTACK && flags)
		return -EINVAL;
	if (flags == SS_DISABLE) {
		user->altstack = (stack_t){ .ss_flags = stack->ss_flags };
		return 0;
	}
	if (stack->ss_size < MINSIGSTKSZ)
		return -ENOMEM;
	user->altstack = *stack;
	user->altstack.ss_flags &= ~SS_ONSTACK;
	return 0;
}

void get_altstack(stack_t *stack, unsigned long sp)
{
	*stack = current->user->altstack;
	if (on_altstack(current->user, sp))
		stack->ss_flags |= SS_ONSTACK;
}

long sys_sigaltstack(const stack_t __user *stack, stack_t __user *old_stack)
{
	unsigned long sp = user_stack_pointer(task_pt_regs(current));
	stack_t copy, old;
	int err;

	if (stack && copy_from_user(&copy, stack, sizeof(copy)))
		return -EFAULT;
	get_altstack(&old, sp);
	err = stack ? set_altstack(&copy, sp) : 0;
	if (err)
		return err;
	return old_stack && copy_to_user(old_stack, &old, sizeof(old)) ? -EFAULT : 0;
}

/* --- waiting --- */

static void sleep_until_signal(void)
{
	while (!signal_pending(current)) {
		set_current_state(TASK_INTERRUPTIBLE);
		schedule();
	}
	__set_current_state(TASK_RUNNING);
}

long sys_pause(void)
{
	sleep_until_signal();
	return -ERESTARTNOHAND;
}

long sys_rt_sigsuspend(const sigset_t __user *set, size_t size)
{
	int err = replace_blocked(set, size);

	if (err)
		return err;
	sleep_until_signal();
	restore_user_blocked(true);
	return -ERESTARTNOHAND;
}

/* One of @wanted that is pending, which is taken; 0: none, then one that comes wakes the caller. */
static int take_awaited(sigset_t wanted, siginfo_t *info)
{
	struct user_task *user = current->user;
	int sig;

	raw_spin_lock_irq(&user->signal->siglock);
	sig = dequeue_signal(user, wanted, info);
	user->awaited = sig ? 0 : wanted;
	recalc_sigpending();
	raw_spin_unlock_irq(&user->signal->siglock);
	return sig;
}

static int wait_for_signal(sigset_t wanted, u64 deadline_ns, siginfo_t *info)
{
	struct user_task *user = current->user;
	int sig = take_awaited(wanted, info);
	bool is_late;

	if (sig)
		return sig;
	set_current_state(TASK_INTERRUPTIBLE);
	is_late = sleep_until(deadline_ns);
	raw_spin_lock_irq(&user->signal->siglock);
	sig = dequeue_signal(user, wanted, info);
	retarget_signals(user, user->awaited & user->blocked);
	user->awaited = 0;
	recalc_sigpending();
	raw_spin_unlock_irq(&user->signal->siglock);
	if (sig)
		return sig;
	return is_late ? -EAGAIN : -EINTR;
}

long sys_rt_sigtimedwait(const sigset_t __user *set, siginfo_t __user *user_info,
			 const struct __kernel_timespec __user *timeout, size_t size)
{
	u64 timeout_ns = TIME_MAX_NS;
	siginfo_t info;
	sigset_t wanted;
	int sig, err = get_sigset(&wanted, set, size);

	if (!err && timeout)
		err = get_timespec_ns(&timeout_ns, timeout);
	if (err)
		return err;
	sig = wait_for_signal(without_unblockable(wanted), time_add_ns(clock_ns(), timeout_ns),
			      &info);
	if (sig > 0 && user_info && copy_to_user(user_info, &info, sizeof(info)))
		return -EFAULT;
	return sig;
}

/* --- sending --- */

/* A thread that sends what looks as if the kernel, kill() or tkill() had sent it may do so to its
 * own number @pid alone. */
static bool may_look_so(const siginfo_t *info, int pid)
{
	return (info->si_code < 0 && info->si_code != SI_TKILL) || pid == current->pid;
}

static int get_siginfo(siginfo_t *info, const siginfo_t __user *from, int sig)
{
	if (copy_from_user(info, from, sizeof(*info)))
		return -EFAULT;
	info->si_signo = sig;
	return 0;
}

long sys_rt_sigqueueinfo(int pid, int sig, const siginfo_t __user *user_info)
{
	siginfo_t info;
	int err = get_siginfo(&info, user_info, sig);

	if (err)
		return err;
	if (!may_look_so(&info, pid))
		return -EPERM;
	return pid > 0 ? signal_by_id(0, pid, sig, &info, send_signal) : -ESRCH;
}

long sys_rt_tgsigqueueinfo(int tgid, int tid, int sig, const siginfo_t __user *user_info)
{
	siginfo_t info;
	int err = get_siginfo(&info, user_info, sig);

	if (err)
		return err;
	if (tgid <= 0 || tid <= 0)
		return -EINVAL;
	if (!may_look_so(&info, tid))
		return -EPERM;
	return signal_by_id(tgid, tid, sig, &info, send_signal_thread);
}
