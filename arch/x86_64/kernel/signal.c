/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Calling a signal handler, and the return from it.
 *
 * The handler is called on the way to user mode: what the program was doing goes to its stack, and
 * the registers are made to begin the handler.  From the interrupted stack pointer, or from the end
 * of the alternative stack, downwards:
 *
 *	128 bytes	the red zone: leaf functions use it without moving the stack pointer
 *	FPU state	if the program has used any (fpu_frame.c); the handler begins with none
 *	signal frame	struct rt_frame, so that the stack pointer is 8 below a multiple of 16, as
 *			after a call
 *
 * The handler returns to sa_restorer, which calls rt_sigreturn() with the stack pointer behind the
 * return address.  What that reads back was in the program's hands: only registers and flags that a
 * program may set by itself are taken from it, the selectors are always those of a 64-bit program,
 * and an address to go on at outside of user memory is SIGSEGV.
 *
 * A call that was interrupted is made again, or ends with EINTR, before the frame is written: what
 * the frame has is what goes on after the handler.
 */
#include <arch/fpu.h>
#include <arch/layout.h>
#include <arch/segment.h>
#include <asm/processor-flags.h>
#include <asm/ptrace.h>
#include <asm/signal.h>
#include <asm/sigcontext.h>
#include <asm/ucontext.h>
#include <asm/unistd.h>
#include <linux/errno.h>
#include <oshit/entry.h>
#include <oshit/string.h>
#include <oshit/syscalls.h>
#include <oshit/uaccess.h>
#include <oshit/user_task.h>

#define RED_ZONE     128
#define SYSCALL_SIZE 2 /* bytes of SYSCALL, and of INT 0x80 */

/* What a program may change in the flags without asking. */
#define USER_FLAGS                                                                       \
	(X86_EFLAGS_AC | X86_EFLAGS_OF | X86_EFLAGS_DF | X86_EFLAGS_TF | X86_EFLAGS_SF | \
	 X86_EFLAGS_ZF | X86_EFLAGS_AF | X86_EFLAGS_PF | X86_EFLAGS_CF | X86_EFLAGS_RF)

struct rt_frame { /* Linux's */
	unsigned long return_addr;
	struct ucontext uc;
	siginfo_t info;
};

/* --- calls that were interrupted --- */

/* The number of a call is 32 bits; what a program has above does not count. */
static bool in_interrupted_call(const struct pt_regs *regs)
{
	long result = (long)regs->rax;

	return (int)regs->orig_rax >= 0 && ((result <= -ERESTARTSYS && result >= -ERESTARTNOHAND) ||
					    result == -ERESTART_RESTARTBLOCK);
}

static void make_call_again(struct pt_regs *regs, unsigned long nr)
{
	regs->rax = nr;
	regs->rip -= SYSCALL_SIZE;
}

void arch_restart_call(struct pt_regs *regs)
{
	if (!in_interrupted_call(regs))
		return;
	if ((long)regs->rax == -ERESTART_RESTARTBLOCK)
		make_call_again(regs, __NR_restart_syscall);
	else
		make_call_again(regs, regs->orig_rax);
	regs->orig_rax = -1UL;
}

static void end_call_for_handler(struct pt_regs *regs, const struct sigaction *action)
{
	long result = (long)regs->rax;

	if (!in_interrupted_call(regs))
		return;
	if (result == -ERESTARTNOINTR || (result == -ERESTARTSYS && action->sa_flags & SA_RESTART))
		make_call_again(regs, regs->orig_rax);
	else
		regs->rax = (unsigned long)-EINTR;
}

/* --- the frame --- */

static void save_registers(struct sigcontext *to, const struct pt_regs *regs)
{
	const struct arch_thread *thread = &current->thread;

	*to = (struct sigcontext){
		.r8 = regs->r8,
		.r9 = regs->r9,
		.r10 = regs->r10,
		.r11 = regs->r11,
		.r12 = regs->r12,
		.r13 = regs->r13,
		.r14 = regs->r14,
		.r15 = regs->r15,
		.rdi = regs->rdi,
		.rsi = regs->rsi,
		.rbp = regs->rbp,
		.rbx = regs->rbx,
		.rdx = regs->rdx,
		.rax = regs->rax,
		.rcx = regs->rcx,
		.rsp = regs->rsp,
		.rip = regs->rip,
		.eflags = regs->eflags,
		.cs = regs->cs,
		.ss = regs->ss,
		.err = thread->trap_error,
		.trapno = thread->trap_nr,
		.cr2 = thread->trap_addr,
	};
}

static void restore_registers(struct pt_regs *regs, const struct sigcontext *from)
{
	*regs = (struct pt_regs){
		.r8 = from->r8,
		.r9 = from->r9,
		.r10 = from->r10,
		.r11 = from->r11,
		.r12 = from->r12,
		.r13 = from->r13,
		.r14 = from->r14,
		.r15 = from->r15,
		.rdi = from->rdi,
		.rsi = from->rsi,
		.rbp = from->rbp,
		.rbx = from->rbx,
		.rdx = from->rdx,
		.rax = from->rax,
		.rcx = from->rcx,
		.rsp = from->rsp,
		.rip = from->rip,
		.eflags = (from->eflags & USER_FLAGS) | X86_EFLAGS_IF | X86_EFLAGS_FIXED,
		.cs = USER_CS,
		.ss = USER_DS,
		.orig_rax = -1UL, /* no call to be made again */
	};
}

/* Where things go on the stack. */
struct frame_place {
	struct rt_frame __user *frame;
	void __user *fpu; /* NULL: nothing to save */
};

/* False: the alternative stack is too small. */
static bool find_place(struct frame_place *place, const struct pt_regs *regs,
		       const struct sigaction *action)
{
	const stack_t *altstack = &current->user->altstack;
	bool was_on_altstack = on_altstack(current->user, regs->rsp);
	unsigned long sp = regs->rsp - RED_ZONE;
	size_t fpu_size = fpu_frame_size();
	bool enters = action->sa_flags & SA_ONSTACK && !was_on_altstack &&
		      !(altstack->ss_flags & SS_DISABLE);

	if (enters)
		sp = (unsigned long)altstack->ss_sp + altstack->ss_size;
	if (fpu_size)
		sp = (sp - fpu_size) & -(unsigned long)FPU_STATE_ALIGN;
	place->fpu = fpu_size ? (void __user *)sp : NULL;
	sp = ((sp - sizeof(struct rt_frame)) & ~15UL) - 8;
	place->frame = (struct rt_frame __user *)sp;
	return !(enters || was_on_altstack) ||
	       sp - (unsigned long)altstack->ss_sp < altstack->ss_size;
}

static int write_frame(const struct frame_place *place, const struct pt_regs *regs,
		       const struct sigaction *action, const siginfo_t *info)
{
	struct rt_frame copy;
	int err = place->fpu ? fpu_frame_write(place->fpu) : 0;

	if (err)
		return err;

	if (!(action->sa_flags & SA_RESTORER))
		return -EFAULT;
	memset(&copy, 0, sizeof(copy)); /* its padding, too */
	copy.return_addr = (unsigned long)action->sa_restorer;
	copy.uc.uc_flags = UC_SIGCONTEXT_SS | UC_STRICT_RESTORE_SS;
	if (action->sa_flags & SA_SIGINFO)
		copy.info = *info;
	get_altstack(&copy.uc.uc_stack, regs->rsp);
	save_registers(&copy.uc.uc_mcontext, regs);
	copy.uc.uc_sigmask = current->user->restore_blocked ? current->user->saved_blocked
							    : current->user->blocked;
	copy.uc.uc_mcontext.oldmask = copy.uc.uc_sigmask;
	copy.uc.uc_mcontext.fpstate = (__force void *)place->fpu;
	if (fpu_features())
		copy.uc.uc_flags |= UC_FP_XSTATE;
	return copy_to_user(place->frame, &copy, sizeof(copy)) ? -EFAULT : 0;
}

/* The next instruction in user mode is the handler's first. */
static void begin_handler(struct pt_regs *regs, struct rt_frame __user *frame,
			  const struct sigaction *action, int sig)
{
	regs->rip = (unsigned long)action->sa_handler;
	regs->rsp = (__force unsigned long)frame;
	regs->rdi = (unsigned long)sig;
	regs->rsi = (__force unsigned long)&frame->info;
	regs->rdx = (__force unsigned long)&frame->uc;
	regs->rax = 0; /* no vector arguments, for a handler without a prototype */
	regs->cs = USER_CS;
	regs->ss = USER_DS;
	regs->eflags &= ~(unsigned long)(X86_EFLAGS_DF | X86_EFLAGS_RF | X86_EFLAGS_TF);
	regs->orig_rax = -1UL;
}

static void block_for_handler(const struct sigaction *action, int sig)
{
	sigset_t blocked = current->user->blocked | action->sa_mask;

	/* The frame has what is to be put back. */
	current->user->restore_blocked = false;
	if (!(action->sa_flags & SA_NODEFER))
		blocked |= sigmask(sig);
	set_blocked(blocked);
}

void arch_deliver_signal(struct pt_regs *regs, const struct sigaction *action,
			 const siginfo_t *info)
{
	int sig = info->si_signo;
	struct frame_place place;

	end_call_for_handler(regs, action);
	if (!find_place(&place, regs, action) || (unsigned long)action->sa_handler >= USER_END ||
	    write_frame(&place, regs, action, info)) {
		force_sigsegv(sig);
		return;
	}
	if (current->user->altstack.ss_flags & (int)SS_AUTODISARM)
		current->user->altstack = (stack_t){ .ss_flags = SS_DISABLE };
	block_for_handler(action, sig);
	begin_handler(regs, place.frame, action, sig);
	fpu_reset_for_handler();
}

/* --- the return --- */

long sys_rt_sigreturn(void)
{
	struct pt_regs *regs = task_pt_regs(current);
	struct rt_frame __user *frame = (struct rt_frame __user *)(regs->rsp - sizeof(long));
	struct ucontext uc;

	current->user->restart.fn = NULL;
	if (copy_from_user(&uc, &frame->uc, sizeof(uc)) || uc.uc_mcontext.rip >= USER_END ||
	    fpu_frame_read((void __user *)uc.uc_mcontext.fpstate)) {
		force_sig(SIGSEGV);
		return 0;
	}
	set_blocked(uc.uc_sigmask);
	restore_registers(regs, &uc.uc_mcontext);
	/* A stack that cannot be set is left as it is, as in Linux. */
	set_altstack(&uc.uc_stack, regs->rsp);
	return (long)regs->rax;
}
