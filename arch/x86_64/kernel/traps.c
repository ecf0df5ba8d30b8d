/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What becomes of an exception in kernel mode.
 *
 * NMIs go to who may have sent them (vector.c).  All else, in this order: the monitor is asked (it
 * steps, breaks, and survives faults of its own commands); an address in the exception table goes
 * on at its fix-up; an assertion (UD2 with an entry in __bug_table) is reported; a breakpoint
 * without a monitor prints the registers and goes on; everything else is a bug of the kernel and
 * ends in a panic that says what was tried.
 */
#include <arch/extable.h>
#include <arch/fpu.h>
#include <arch/msr.h>
#include <arch/syscall.h>
#include <arch/trap.h>
#include <arch/vectors.h>
#include <asm/processor-flags.h>
#include <asm/ptrace.h>
#include <oshit/bug.h>
#include <oshit/entry.h>
#include <oshit/irqflags.h>
#include <oshit/kernel_stack.h>
#include <oshit/init.h>
#include <oshit/math.h>
#include <oshit/page_guard.h>
#include <oshit/panic.h>
#include <oshit/percpu.h>
#include <oshit/printk.h>
#include <oshit/regs.h>
#include <oshit/trap.h>

extern char trap_stubs[NR_VECTORS][16]; /* entry.S */

bool (*trap_monitor_hook)(struct pt_regs *regs, unsigned int vector);

/* clang-format off */
static const char *const trap_names[] = {
	[0]  = "divide error",		[1]  = "debug",
	[2]  = "NMI",			[3]  = "breakpoint",
	[4]  = "overflow",		[5]  = "bound range exceeded",
	[6]  = "invalid opcode",	[7]  = "device not available",
	[8]  = "double fault",		[9]  = "coprocessor segment overrun",
	[10] = "invalid TSS",		[11] = "segment not present",
	[12] = "stack fault",		[13] = "general protection fault",
	[14] = "page fault",		[16] = "x87 floating-point error",
	[17] = "alignment check",	[18] = "machine check",
	[19] = "SIMD floating-point error", [20] = "virtualization exception",
	[21] = "control protection fault", [28] = "hypervisor injection",
	[29] = "VMM communication",	[30] = "security exception",
};
/* clang-format on */

const char *trap_name(unsigned int vector)
{
	if (vector < ARRAY_SIZE(trap_names) && trap_names[vector])
		return trap_names[vector];
	return vector < NR_EXCEPTIONS ? "reserved exception" : "interrupt";
}

static const char *fault_access(unsigned long error)
{
	if (error & FAULT_EXECUTE)
		return "execute";
	return error & FAULT_WRITE ? "write" : "read";
}

static const char *fault_reason(unsigned long error)
{
	if (error & FAULT_RESERVED)
		return "a page table is corrupt";
	return error & FAULT_PROTECTION ? "the page forbids it" : "no page there";
}

static __noreturn void die_page_fault(struct pt_regs *regs)
{
	unsigned long addr = read_cr2();

	panic_regs(regs, "page fault: cannot %s at %#lx (CR2): %s%s", fault_access(regs->orig_rax),
		   addr, fault_reason(regs->orig_rax), addr < 4096 ? "; a null pointer?" : "");
}

static void invalid_opcode(struct pt_regs *regs)
{
	struct bug_entry *bug = bug_find(regs->rip);

	if (bug && bug_report(bug, regs)) {
		regs->rip += 2; /* behind UD2 */
		return;
	}
	panic_regs(regs, bug ? "BUG" : "invalid opcode");
}

static void breakpoint(struct pt_regs *regs)
{
	pr_warn("breakpoint at %pS, and no monitor to enter", (void *)(regs->rip - 1));
	regs_show(LOG_WARNING, regs);
}

static __noreturn void die(struct pt_regs *regs, unsigned int vector)
{
	panic_regs(regs, "%s, error code %#lx", trap_name(vector), regs->orig_rax);
}

/*
 * A stack that ends at an unmapped page: the page fault finds no room for its frame either, and the
 * double fault comes on a stack of its own.  CR2 is where the first one was.
 */
static __noreturn void die_double_fault(struct pt_regs *regs)
{
	unsigned long addr = read_cr2();
	struct stack_bounds stack;

	if (!kernel_stack_find(addr, &stack) || addr >= stack.start ||
	    regs->rsp - (stack.start - PAGE_SIZE) > stack.end - stack.start + PAGE_SIZE)
		die(regs, TRAP_DOUBLE_FAULT);
	if (stack.caller)
		panic_regs(regs, "kernel stack overflow: RSP %#lx, %s %#lx-%#lx made by %pS",
			   regs->rsp, stack.name, stack.start, stack.end, stack.caller);
	panic_regs(regs, "kernel stack overflow: RSP %#lx, %s %#lx-%#lx", regs->rsp, stack.name,
		   stack.start, stack.end);
}

DEFINE_PER_CPU(u8, nmi_is_running);

static void kernel_exception(struct pt_regs *regs, unsigned int vector)
{
	if (vector == TRAP_NMI) {
		nmi_dispatch(regs);
		return;
	}
	if (vector == TRAP_NO_FPU && fpu_trap())
		return;
	if (vector == TRAP_DEBUG)
		read_and_clear_dr6();
	if (trap_monitor_hook && trap_monitor_hook(regs, vector))
		return;
	if (vector == TRAP_PAGE_FAULT && user_fault_from_kernel(regs, read_cr2()))
		return;
	if (vector != TRAP_DOUBLE_FAULT && extable_fixup(regs))
		return;
	switch (vector) {
	case TRAP_INVALID_OPCODE:
		invalid_opcode(regs);
		return;
	case TRAP_BREAKPOINT:
		breakpoint(regs);
		return;
	case TRAP_DOUBLE_FAULT:
		die_double_fault(regs);
	case TRAP_PAGE_FAULT:
		if (!(regs->orig_rax & FAULT_PROTECTION) && page_guard_fault(read_cr2(), regs))
			return;
		die_page_fault(regs);
	default:
		die(regs, vector);
	}
}

/* Those that are not about the program, whatever mode they strike in. */
static bool is_machines_own(unsigned int vector)
{
	return vector == TRAP_NMI || vector == TRAP_DOUBLE_FAULT || vector == TRAP_MACHINE_CHECK;
}

static void interrupt_from_user(struct pt_regs *regs, unsigned int vector)
{
	enter_from_user();
	vector_dispatch(regs, vector);
	local_irq_enable();
	regs->orig_rax = -1UL; /* no call to be made again */
	exit_to_user(regs);
}

void trap_entry(struct pt_regs *regs, unsigned int vector)
{
	if (regs_are_user(regs->cs) && vector >= NR_EXCEPTIONS)
		interrupt_from_user(regs, vector);
	else if (regs_are_user(regs->cs) && vector == TRAP_NO_FPU && fpu_trap())
		return;
	else if (regs_are_user(regs->cs) && !is_machines_own(vector))
		user_exception(regs, vector);
	else if (vector < NR_EXCEPTIONS)
		kernel_exception(regs, vector);
	else
		vector_dispatch(regs, vector);
}

__init void trap_init(void)
{
	for (unsigned int vector = 0; vector < NR_VECTORS; vector++)
		idt_set_gate(vector, trap_stubs[vector],
			     vector == TRAP_BREAKPOINT ? GATE_FOR_USERS : GATE_FOR_KERNEL);
	int80_init();
}
