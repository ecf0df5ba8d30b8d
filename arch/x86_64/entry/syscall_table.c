/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * System calls, behind syscall.S: the table, and what SYSCALL needs to be set up.
 *
 * A handler takes its arguments as its declaration says.  It is called with six machine words,
 * which the calling convention puts where any shorter list of integers and pointers is looked for;
 * of an int the upper half is not looked at.
 */
#include <arch/mds.h>
#include <arch/msr.h>
#include <arch/segment.h>
#include <arch/smap.h>
#include <arch/syscall.h>
#include <arch/trap.h>
#include <arch/vectors.h>
#include <asm/processor-flags.h>
#include <asm/ptrace.h>
#include <asm/unistd.h>
#include <linux/errno.h>
#include <oshit/cpuhp.h>
#include <oshit/entry.h>
#include <oshit/init.h>
#include <oshit/irqflags.h>
#include <oshit/math.h>
#include <oshit/own_calls.h>
#include <oshit/strace.h>
#include <oshit/syscalls.h>

#define CPUID_7_EBX_FSGSBASE (1u << 0)
#define CPUID_7_EBX_SMEP     (1u << 7)
#define CPUID_7_ECX_UMIP     (1u << 2)
/* Cleared by SYSCALL: no interrupt, no trap, no stray AC or direction in the kernel. */
#define SYSCALL_CLEARS                                                                   \
	(X86_EFLAGS_IF | X86_EFLAGS_TF | X86_EFLAGS_DF | X86_EFLAGS_AC | X86_EFLAGS_NT | \
	 X86_EFLAGS_RF | X86_EFLAGS_IOPL)

typedef long (*syscall_fn)(unsigned long, unsigned long, unsigned long, unsigned long,
			   unsigned long, unsigned long);

#define CALL(name) [__NR_##name] = (syscall_fn)(void *)sys_##name,
static const syscall_fn syscall_table[] = {
#include "syscall_list.inc"
};
#undef CALL

#define CALL(name) [__NR_##name - __NR_oshit_first] = (syscall_fn)(void *)sys_##name,
static const syscall_fn own_table[] = { CALL(core_disable) CALL(core_enable) CALL(enter_monitor) };
#undef CALL

/* Names, for the log of calls and the monitor. */
#define CALL(name) [__NR_##name] = #name,
static const char *const syscall_names[] = {
#include "syscall_list.inc"
};
#undef CALL

u64 nr_unknown_syscalls;
unsigned long last_unknown_syscall;

/* @nr if it is below @size, else 0, also where the processor has guessed a comparison of the two
 * wrong: no program may choose what is read then (Spectre, variant 1). */
static __always_inline unsigned long index_below(unsigned long nr, unsigned long size)
{
	unsigned long mask;

	__asm__ __volatile__("cmp %2, %1; sbb %0, %0" : "=r"(mask) : "r"(nr), "er"(size) : "cc");
	return nr & mask;
}

static __always_inline long call_with(syscall_fn fn, const struct pt_regs *regs)
{
	return fn(regs->rdi, regs->rsi, regs->rdx, regs->r10, regs->r8, regs->r9);
}

/* Numbers that are in no list of Linux's. */
static noinline long call_other(const struct pt_regs *regs)
{
	unsigned long nr = (unsigned int)regs->orig_rax, own = nr - __NR_oshit_first;

	if (nr >= __NR_oshit_first && own < ARRAY_SIZE(own_table))
		return call_with(own_table[index_below(own, ARRAY_SIZE(own_table))], regs);
	__atomic_fetch_add(&nr_unknown_syscalls, 1, __ATOMIC_RELAXED);
	WRITE_ONCE(last_unknown_syscall, nr);
	return -ENOSYS;
}

static __always_inline long call(const struct pt_regs *regs)
{
	unsigned long nr = (unsigned int)regs->orig_rax;
	syscall_fn fn = NULL;

	if (likely(nr < ARRAY_SIZE(syscall_table)))
		fn = syscall_table[index_below(nr, ARRAY_SIZE(syscall_table))];
	return likely(fn) ? call_with(fn, regs) : call_other(regs);
}

static noinline long call_traced(const struct pt_regs *regs)
{
	struct strace_call traced = {
		.nr = (unsigned int)regs->orig_rax,
		.args = { regs->rdi, regs->rsi, regs->rdx, regs->r10, regs->r8, regs->r9 },
	};
	long result;

	if (traced.nr < ARRAY_SIZE(syscall_names))
		traced.name = syscall_names[traced.nr];
	strace_enter(&traced);
	result = call(regs);
	strace_exit(&traced, result);
	return result;
}

/* SYSRET restores RIP from RCX and the flags from R11, and nothing else. */
static bool sysret_will_do(const struct pt_regs *regs)
{
	return regs->rcx == regs->rip && regs->r11 == regs->eflags && regs->cs == USER_CS &&
	       regs->ss == USER_DS && regs->rip < USER_END &&
	       !(regs->eflags & (X86_EFLAGS_RF | X86_EFLAGS_TF));
}

/* From syscall.S, interrupts off. Return: whether SYSRET may be used; interrupts off. */
bool syscall_dispatch(struct pt_regs *regs)
{
	enter_from_user();
	local_irq_enable();
	if (strace_is_on())
		regs->rax = call_traced(regs);
	else
		regs->rax = call(regs);
	exit_to_user(regs);
	return sysret_will_do(regs);
}

unsigned int count_syscalls(void)
{
	unsigned int nr_known = 0;

	for (size_t nr = 0; nr < ARRAY_SIZE(syscall_table); nr++)
		nr_known += syscall_table[nr] != NULL;
	return nr_known;
}

static int syscall_init_cpu(unsigned int cpu __maybe_unused)
{
	/* SYSRET takes CS from 16 above the second value and SS from 8 above. */
	wrmsr(MSR_STAR, (u64)USER32_CS << 48 | (u64)KERNEL_CS << 32);
	wrmsr(MSR_LSTAR, (u64)syscall_entry);
	wrmsr(MSR_CSTAR, (u64)syscall32_entry);
	wrmsr(MSR_SYSENTER_CS, 0); /* SYSENTER is #GP */
	wrmsr(MSR_SYSCALL_MASK, SYSCALL_CLEARS);
	wrmsr(MSR_EFER, rdmsr(MSR_EFER) | EFER_SCE);
	return 0;
}

static const struct cpuhp_ops syscall_cpuhp_ops = {
	.name = "syscall",
	.startup = syscall_init_cpu,
};

#ifdef CONFIG_INT80
__init void int80_init(void)
{
	idt_set_gate(VECTOR_INT80, int80_entry, GATE_FOR_USERS);
}
#endif

__init void arch_user_init(void)
{
	struct cpuid_result features = { 0 };
	unsigned long cr4 = read_cr4();

	if (cpuid(0, 0).eax >= 7)
		features = cpuid(7, 0);
	if (features.ebx & CPUID_7_EBX_SMEP)
		cr4 |= X86_CR4_SMEP;
	if (features.ecx & CPUID_7_ECX_UMIP)
		cr4 |= X86_CR4_UMIP;
	if (features.ebx & CPUID_7_EBX_FSGSBASE)
		cr4 |= X86_CR4_FSGSBASE;
	write_cr4(cr4);
	smap_patch();
	if (IS_ENABLED(CONFIG_MITIGATION_MDS))
		mds_init();
	syscall_init_cpu(0);
	cpuhp_register(CPUHP_SYSCALL, &syscall_cpuhp_ops);
}
