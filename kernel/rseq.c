/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Restartable sequences: a few instructions of a program that take effect all or not at all as far
 * as its other threads on the same CPU can see, because the kernel sends the thread to an abort
 * handler if it was preempted, moved, or interrupted by a signal in the middle.  The program uses
 * data of "its CPU" without atomic operations.
 *
 *	struct rseq, each thread's own, registered once
 *		cpu_id_start, cpu_id	where it runs; the kernel keeps them right
 *		rseq_cs			the sequence that it is in: program writes, kernel clears
 *	struct rseq_cs
 *		start_ip, post_commit_offset	where the sequence lies
 *		abort_ip		where to go on; the four bytes before it are the signature
 *					given at registration, so that not every address will do
 *
 * A switch to a task that has registered (task->has_rseq) sets TIF_RSEQ, so that it comes here on
 * its way to user mode; a signal brings it here, too, before a handler's frame is made.  If the
 * program was in a sequence it goes to the abort handler; then the number of the CPU is written.
 * A switch in the middle of this sets the bit again, and exit_to_user() looks once more.
 *
 * An area that cannot be read or written, or a sequence that makes no sense, is SIGSEGV.
 *
 * Context: the task itself.
 */
#include <asm/ptrace.h>
#include <linux/errno.h>
#include <linux/rseq.h>
#include <oshit/math.h>
#include <oshit/rseq.h>
#include <oshit/signal.h>
#include <oshit/smp.h>
#include <oshit/syscalls.h>
#include <oshit/uaccess.h>
#include <oshit/user_task.h>

/* 0: in *@cs; -ENOENT: the program is in none; else an error. */
static int read_sequence(const struct user_task *user, struct rseq_cs *cs)
{
	u32 signature;
	u64 addr;

	if (get_user(addr, &user->rseq->rseq_cs))
		return -EFAULT;
	if (!addr)
		return -ENOENT;
	if (copy_from_user(cs, (const void __user *)addr, sizeof(*cs)))
		return -EFAULT;
	if (cs->version || cs->start_ip >= USER_END || cs->abort_ip >= USER_END ||
	    cs->post_commit_offset > USER_END - cs->start_ip ||
	    cs->abort_ip - cs->start_ip < cs->post_commit_offset)
		return -EINVAL;
	if (get_user(signature, (u32 __user *)(cs->abort_ip - sizeof(signature))))
		return -EFAULT;
	return signature == user->rseq_signature ? 0 : -EINVAL;
}

static int restart_sequence(const struct user_task *user, struct pt_regs *regs)
{
	struct rseq_cs cs;
	u32 flags;
	int err = read_sequence(user, &cs);

	if (err)
		return err == -ENOENT ? 0 : err;
	if (regs->rip - cs.start_ip >= cs.post_commit_offset)
		return put_user(0UL, &user->rseq->rseq_cs); /* it has left */
	/* Not to restart could once be asked for; Linux refuses it since 6.1. */
	if (get_user(flags, &user->rseq->flags))
		return -EFAULT;
	if (flags || cs.flags)
		return -EINVAL;
	if (put_user(0UL, &user->rseq->rseq_cs))
		return -EFAULT;
	regs->rip = cs.abort_ip;
	return 0;
}

static int write_cpu(const struct user_task *user, u32 cpu_id_start, u32 cpu_id)
{
	return put_user(cpu_id_start, &user->rseq->cpu_id_start)
		       ?: put_user(cpu_id, &user->rseq->cpu_id);
}

void rseq_resume(struct pt_regs *regs)
{
	const struct user_task *user = current->user;
	unsigned int cpu;

	/* Before the CPU is looked at: a switch from here on sets it again. */
	clear_bit(TIF_RSEQ, &current->notify);
	smp_mb();
	cpu = READ_ONCE(current->cpu);
	if (restart_sequence(user, regs) || write_cpu(user, cpu, cpu))
		force_sig(SIGSEGV);
}

void rseq_fork(struct user_task *child)
{
	const struct user_task *parent = current->user;

	child->rseq = parent->rseq;
	child->rseq_signature = parent->rseq_signature;
	child->task->has_rseq = current->has_rseq;
}

static void forget(struct user_task *user)
{
	current->has_rseq = false;
	clear_bit(TIF_RSEQ, &current->notify);
	user->rseq = NULL;
	user->rseq_signature = 0;
}

void rseq_execve(void)
{
	forget(current->user);
}

/* Whether it is what was registered: 0, -EINVAL, or -EPERM for another signature. */
static int check_same(const struct user_task *user, const struct rseq __user *rseq, u32 len,
		      u32 signature)
{
	if (user->rseq != rseq || !rseq || len != sizeof(*rseq))
		return -EINVAL;
	return user->rseq_signature == signature ? 0 : -EPERM;
}

static long unregister(struct user_task *user, struct rseq __user *rseq, u32 len, u32 signature)
{
	int err = check_same(user, rseq, len, signature);

	if (!err)
		err = write_cpu(user, 0, (u32)RSEQ_CPU_ID_UNINITIALIZED);
	if (!err)
		forget(user);
	return err;
}

long sys_rseq(struct rseq __user *rseq, u32 len, int flags, u32 signature)
{
	struct user_task *user = current->user;

	if (flags == RSEQ_FLAG_UNREGISTER)
		return unregister(user, rseq, len, signature);
	if (flags)
		return -EINVAL;
	if (user->rseq)
		return check_same(user, rseq, len, signature) ?: -EBUSY;
	if ((__force unsigned long)rseq % __alignof__(*rseq) || len != sizeof(*rseq))
		return -EINVAL;
	if (!access_ok(rseq, len))
		return -EFAULT;
	user->rseq = rseq;
	user->rseq_signature = signature;
	current->has_rseq = true;
	set_bit(TIF_RSEQ, &current->notify); /* written on the way out */
	return 0;
}
