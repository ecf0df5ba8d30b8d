/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What programs do wrong, or need: exceptions in user mode, and page faults at user addresses from
 * anywhere.  Each exception becomes the signal that Linux makes of it.
 *
 * A page fault holds its area alone, if it is there, permits the access, and can be had at once;
 * else it looks for it under mmap_lock; below a stack, it grows.  What the area does not permit, or
 * what does not exist, is SIGSEGV for a program, and false for kernel code, which then goes on at
 * its fix-up.
 */
#include <arch/fpu.h>
#include <arch/msr.h>
#include <arch/syscall.h>
#include <arch/trap.h>
#include <asm/processor-flags.h>
#include <asm/ptrace.h>
#include <oshit/entry.h>
#include <oshit/fault_count.h>
#include <oshit/irqflags.h>
#include <oshit/math.h>
#include <oshit/oom.h>
#include <oshit/preempt.h>
#include <oshit/user_task.h>
#include <oshit/vmstat.h>

#define SI_PLAIN     0 /* SI_KERNEL, no address */

/* As in MXCSR, and in the x87 unit's status and control words. */
#define FP_INVALID   0x01
#define FP_DENORMAL  0x02
#define FP_DIVISION  0x04
#define FP_OVERFLOW  0x08
#define FP_UNDERFLOW 0x10
#define FP_PRECISION 0x20

struct user_signal {
	u8 sig;
	u8 code; /* SI_PLAIN, or one with the address of the instruction */
};

static const struct user_signal signals[NR_EXCEPTIONS] = {
	[TRAP_DIVIDE_ERROR] = { SIGFPE, FPE_INTDIV },
	[TRAP_BREAKPOINT] = { SIGTRAP, SI_PLAIN },
	[4] = { SIGSEGV, SI_PLAIN }, /* overflow */
	[5] = { SIGSEGV, SI_PLAIN }, /* bound range exceeded */
	[TRAP_INVALID_OPCODE] = { SIGILL, ILL_ILLOPN },
	[9] = { SIGFPE, SI_PLAIN }, /* coprocessor segment overrun */
	[10] = { SIGSEGV, SI_PLAIN }, /* invalid TSS */
	[11] = { SIGBUS, SI_PLAIN }, /* segment not present */
	[12] = { SIGBUS, SI_PLAIN }, /* stack fault */
	[TRAP_GENERAL_PROTECTION] = { SIGSEGV, SI_PLAIN },
};

static void plain_exception(struct pt_regs *regs, unsigned int vector)
{
	const struct user_signal *signal = &signals[vector];

	if (!signal->sig)
		force_sig(SIGSEGV);
	else if (signal->code == SI_PLAIN)
		force_sig(signal->sig);
	else
		force_sig_fault(signal->sig, signal->code, regs->rip);
}

/* INT1 leaves no trace in DR6. */
static void debug_exception(struct pt_regs *regs, unsigned long dr6)
{
	force_sig_fault(SIGTRAP, dr6 & DR6_STEP ? TRAP_TRACE : TRAP_BRKPT, regs->rip);
}

/* None: somebody has cleared it meanwhile, and the instruction may try again. */
static void floating_point_exception(struct pt_regs *regs, unsigned int raised)
{
	int code;

	if (!raised)
		return;
	if (raised & FP_INVALID)
		code = FPE_FLTINV;
	else if (raised & FP_DIVISION)
		code = FPE_FLTDIV;
	else if (raised & FP_OVERFLOW)
		code = FPE_FLTOVF;
	else if (raised & (FP_UNDERFLOW | FP_DENORMAL))
		code = FPE_FLTUND;
	else
		code = FPE_FLTRES;
	force_sig_fault(SIGFPE, code, regs->rip);
}

/* The instruction traps once more, and finds the state that it gets here. */
static void first_use_of_fpu(void)
{
	if (fpu_use())
		force_sig(SIGKILL);
}

static unsigned int access_of(unsigned long error)
{
	unsigned int flags = error & FAULT_USER ? FAULT_FLAG_USER : 0;

	if (error & FAULT_WRITE)
		flags |= FAULT_FLAG_WRITE;
	if (error & FAULT_EXECUTE)
		flags |= FAULT_FLAG_EXEC;
	return flags;
}

/* The stack that begins above @addr grows down to it; mmap_lock is held for reading before and
 * after.
 * Return: the area that now has @addr, or NULL. */
static struct vm_area *grow_stack(struct mm_struct *mm, unsigned long addr)
{
	struct vm_area *area;

	up_read(&mm->mmap_lock);
	down_write(&mm->mmap_lock);
	area = vma_find(&mm->areas, addr);
	if (area && area->start > addr)
		area = expand_stack(area, addr) ? NULL : vma_lookup(&mm->areas, addr);
	if (area)
		count_fault(FAULT_STACK);
	mmap_write_downgrade(mm);
	return area;
}

/* With the area alone; VM_FAULT_RETRY: that will not do. */
static int mend_by_area(struct mm_struct *mm, unsigned long addr, unsigned int flags)
{
	struct vm_area *area = vma_lock_at(&mm->areas, addr);
	int result = VM_FAULT_RETRY;

	if (!area)
		return result;
	if (likely(vma_permits(area, flags)))
		result = handle_mm_fault(area, addr, flags | FAULT_FLAG_VMA_LOCK);
	if (!(result & VM_FAULT_UNLOCKED))
		vma_end_read(&mm->areas, area);
	if (!(result & VM_FAULT_RETRY))
		count_fault(FAULT_BY_AREA);
	return result;
}

/* With mmap_lock: VM_FAULT_ bits; *@code for SIGSEGV. */
static int mend_by_mm(struct mm_struct *mm, unsigned long addr, unsigned int flags, int *code)
{
	int result = VM_FAULT_SIGSEGV;
	struct vm_area *area;

	count_fault(FAULT_BY_MM);
	*code = SEGV_MAPERR;
	down_read(&mm->mmap_lock);
	area = vma_find(&mm->areas, addr);
	if (area && area->start > addr)
		area = area->flags & VM_GROWSDOWN ? grow_stack(mm, addr) : NULL;
	if (area && vma_permits(area, flags))
		result = handle_mm_fault(area, addr, flags);
	else if (area)
		*code = SEGV_ACCERR;
	if (!(result & VM_FAULT_UNLOCKED))
		up_read(&mm->mmap_lock);
	return result;
}

static int mend_once(struct mm_struct *mm, unsigned long addr, unsigned int flags, int *code)
{
	int result = mend_by_area(mm, addr, flags);

	return result & VM_FAULT_RETRY ? mend_by_mm(mm, addr, flags, code) : result;
}

static int mend_fault(struct mm_struct *mm, unsigned long addr, unsigned int flags, int *code)
{
	int result = mend_once(mm, addr, flags | FAULT_FLAG_MAY_UNLOCK, code);

	if (result & VM_FAULT_UNLOCKED)
		result = (result & VM_FAULT_MAJOR) | mend_once(mm, addr, flags, code);
	if (!(flags & FAULT_FLAG_USER))
		count_fault(FAULT_IN_KERNEL);
	if (result & VM_FAULT_ERROR) {
		count_fault(result & VM_FAULT_OOM ? FAULT_OOM : FAULT_SEGV);
		return result;
	}
	vm_stat_add(PGFAULT, 1);
	if (result & VM_FAULT_MAJOR)
		vm_stat_add(PGMAJFAULT, 1);
	if (result & VM_FAULT_MAJOR)
		current->user->usage.nr_major_faults++;
	else
		current->user->usage.nr_minor_faults++;
	return result;
}

/*
 * The processor was in user mode but says that the access was the kernel's, and SMAP forbids that:
 * no table of ours lies there, and mending the page would not help.  (An emulator that reads the
 * stack of a far return with the rights it is to have after it does that.)
 */
static bool is_refused_by_smap(unsigned long error)
{
	return (error & (FAULT_USER | FAULT_PROTECTION)) == FAULT_PROTECTION &&
	       read_cr4() & X86_CR4_SMAP;
}

static void user_page_fault(unsigned long addr)
{
	unsigned long error = current->thread.trap_error;
	unsigned int flags = access_of(error);
	int code = SEGV_MAPERR, result = VM_FAULT_SIGSEGV;

	current->thread.trap_addr = addr;
	/* Not which addresses of the kernel are mapped: all look as if they were. */
	if (addr >= USER_END)
		current->thread.trap_error |= FAULT_PROTECTION;
	if (addr < USER_END && !is_refused_by_smap(error))
		result = mend_fault(current->user->mm, addr, flags, &code);
	if (result & VM_FAULT_OOM && !pagefault_out_of_memory())
		force_sig(SIGKILL);
	else if (result & VM_FAULT_SIGBUS)
		force_sig_fault(SIGBUS, BUS_ADRERR, addr);
	else if (result & VM_FAULT_SIGSEGV)
		force_sig_fault(SIGSEGV, code, addr);
}

bool user_fault_from_kernel(struct pt_regs *regs, unsigned long addr)
{
	struct mm_struct *mm = current_mm();
	unsigned long error = regs->orig_rax;
	int code, result;

	/* Not by accident: with SMAP only between STAC and CLAC; never to run code there. */
	if (!mm || addr >= USER_END || error & (FAULT_EXECUTE | FAULT_RESERVED) ||
	    !(regs->eflags & X86_EFLAGS_IF) || in_atomic())
		return false;
	if (read_cr4() & X86_CR4_SMAP && !(regs->eflags & X86_EFLAGS_AC))
		return false;
	local_irq_enable();
	do {
		result = mend_fault(mm, addr, access_of(error), &code);
	} while (result & VM_FAULT_OOM && pagefault_out_of_memory());
	local_irq_disable();
	return !(result & VM_FAULT_ERROR);
}

static void program_exception(struct pt_regs *regs, unsigned int vector, unsigned long dr6)
{
	switch (vector) {
	case TRAP_DEBUG:
		debug_exception(regs, dr6);
		return;
	case TRAP_NO_FPU:
		first_use_of_fpu();
		return;
	case TRAP_X87:
		floating_point_exception(regs, fpu_raised_x87());
		return;
	case TRAP_SIMD:
		floating_point_exception(regs, fpu_raised_simd());
		return;
	case TRAP_ALIGNMENT: /* of what, the processor does not say */
		force_sig_fault(SIGBUS, BUS_ADRALN, 0);
		return;
	default:
		plain_exception(regs, vector);
	}
}

void user_exception(struct pt_regs *regs, unsigned int vector)
{
	unsigned long addr = read_cr2();
	unsigned long dr6 = vector == TRAP_DEBUG ? read_and_clear_dr6() : 0;

	enter_from_user();
	local_irq_enable();
	current->thread.trap_nr = vector;
	current->thread.trap_error = regs->orig_rax;
	regs->orig_rax = -1UL; /* no call to be made again */
	if (vector == TRAP_PAGE_FAULT)
		user_page_fault(addr);
	else
		program_exception(regs, vector, dr6);
	exit_to_user(regs);
}
