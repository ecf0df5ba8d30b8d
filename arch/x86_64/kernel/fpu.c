/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Floating-point and vector registers of tasks (Intel SDM volume 1, chapter 13; volume 3, 13.4).
 *
 * CR0.TS makes their use trap (#NM).  A task that has never used them runs with TS set and costs
 * nothing.  Its first use gives them to it, and from then on the switch to it loads them and the
 * switch away saves them.  Saving is done at once, because the task may go on elsewhere; loading is
 * left out if the registers still hold the task's state, as when only kernel threads ran meanwhile.
 *
 *	fpu_owner of a CPU	whose state its registers hold; a hint
 *	->fpu_cpu of a task	whose registers were loaded for it last
 *
 * Both must agree: a task that was elsewhere meanwhile has another ->fpu_cpu, and one that is gone
 * is never switched to.  TS is clear exactly while the running task's state is in the registers, or
 * in a section of kernel_fpu_begin().
 *
 * A user task without registers of its own must not be able to see, by speculation past TS, those
 * of another (CVE-2018-3665): before it runs they are set to their initial state.
 *
 * Protection keys are left out of the state: nobody uses them, and loading them is dear.
 */
#include <arch/cpufeature.h>
#include <arch/extable.h>
#include <arch/fpu.h>
#include <arch/msr.h>
#include <asm/processor-flags.h>
#include <linux/errno.h>
#include <oshit/bug.h>
#include <oshit/cpuhp.h>
#include <oshit/init.h>
#include <oshit/irqflags.h>
#include <oshit/preempt.h>
#include <oshit/sched.h>
#include <oshit/string.h>

#define XCR0_X87	  (1u << 0)
#define XCR0_SSE	  (1u << 1)
#define XCR0_AVX	  (1u << 2)
#define XCR0_AVX512	  (7u << 5)
#define FXSAVE_SIZE	  512
#define FCW_DEFAULT	  0x37f /* all exceptions masked, 64 bits of mantissa */
#define MXCSR_DEFAULT	  0x1f80 /* all exceptions masked */
#define FP_EXCEPTIONS	  0x3f
#define MXCSR_MASKS_SHIFT 7
#define MXCSR_MASK	  0xffbf /* where FXSAVE writes none: all but DAZ */

struct fpu_state { /* FXSAVE's area; XSAVE's goes on behind it */
	u16 fcw, fsw;
	u8 reserved[20];
	u32 mxcsr;
	u32 mxcsr_mask; /* what of it there is; written by saving */
	u8 rest[FXSAVE_SIZE - 32];
};

struct xsave_header { /* behind struct fpu_state */
	u64 present; /* parts that are not initial */
	u64 reserved[7];
};
static_assert(sizeof(struct fpu_state) == FXSAVE_SIZE, "hardware layout");

static bool has_xsave __ro_after_init;
static u32 features __ro_after_init; /* of XCR0 */
static unsigned int state_size __ro_after_init = FXSAVE_SIZE;
static u32 mxcsr_mask __ro_after_init; /* bits of MXCSR that there are */
static struct fpu_state initial_state[8] __aligned(FPU_STATE_ALIGN); /* zero but for its head */

static DEFINE_PER_CPU(struct task_struct *, fpu_owner);
static DEFINE_PER_CPU(bool, fpu_is_on); /* CR0.TS is clear */
static DEFINE_PER_CPU(bool, fpu_in_kernel);

static void turn_on(void)
{
	if (!this_cpu_read(fpu_is_on))
		__asm__ __volatile__("clts" ::: "memory");
	this_cpu_write(fpu_is_on, true);
}

static void turn_off(void)
{
	if (this_cpu_read(fpu_is_on))
		write_cr0(read_cr0() | X86_CR0_TS);
	this_cpu_write(fpu_is_on, false);
}

static void save(struct fpu_state *state)
{
	if (has_xsave)
		__asm__ __volatile__("xsave64 %0"
				     : "+m"(*state)
				     : "a"(features), "d"(0)
				     : "memory");
	else
		__asm__ __volatile__("fxsave64 %0" : "=m"(*state) : : "memory");
}

/* False: the state is one that cannot be. */
static bool try_load(const struct fpu_state *state)
{
	bool ok = true;

	if (has_xsave)
		__asm__ __volatile__("1: xrstor64 %1\n"
				     "2:\n"
				     ".pushsection .text.fixup, \"ax\"\n"
				     "3: movb $0, %b0\n"
				     "jmp 2b\n"
				     ".popsection\n" EXTABLE(1b, 3b)
				     : "+q"(ok)
				     : "m"(*state), "a"(features), "d"(0)
				     : "memory");
	else
		__asm__ __volatile__("1: fxrstor64 %1\n"
				     "2:\n"
				     ".pushsection .text.fixup, \"ax\"\n"
				     "3: movb $0, %b0\n"
				     "jmp 2b\n"
				     ".popsection\n" EXTABLE(1b, 3b)
				     : "+q"(ok)
				     : "m"(*state)
				     : "memory");
	return ok;
}

/* What was written by save() or passed by fpu_state_replaced() can be loaded; if not, that is our
 * mistake, and not worth the machine. */
static void load(const struct fpu_state *state)
{
	if (WARN_ON_ONCE(!try_load(state)))
		try_load(initial_state);
}

static void load_for(struct task_struct *task)
{
	unsigned int cpu = smp_processor_id();

	turn_on();
	if (this_cpu_read(fpu_owner) == task && task->thread.fpu_cpu == cpu)
		return;
	load(task->thread.fpu);
	this_cpu_write(fpu_owner, task);
	task->thread.fpu_cpu = cpu;
}

/* Nothing of the last owner is left in the registers. */
static void forget_owner(void)
{
	if (!this_cpu_read(fpu_owner))
		return;
	turn_on();
	load(initial_state);
	this_cpu_write(fpu_owner, NULL);
}

void fpu_switch(struct task_struct *prev, struct task_struct *next)
{
	if (this_cpu_read(fpu_is_on))
		save(prev->thread.fpu);
	if (next->thread.fpu_is_used) {
		load_for(next);
		return;
	}
	if (next->mm)
		forget_owner();
	turn_off();
}

bool fpu_trap(void)
{
	struct task_struct *task = current;

	if (!task->thread.fpu)
		return false;
	task->thread.fpu_is_used = true;
	load_for(task);
	return true;
}

const struct fpu_state *fpu_state_get(void)
{
	unsigned long flags;

	local_irq_save(flags);
	if (this_cpu_read(fpu_is_on) && !this_cpu_read(fpu_in_kernel))
		save(current->thread.fpu);
	local_irq_restore(flags);
	return current->thread.fpu;
}

struct fpu_state *fpu_state_replace(void)
{
	struct task_struct *task = current;
	unsigned long flags;

	local_irq_save(flags);
	task->thread.fpu_is_used = false;
	task->thread.fpu_cpu = ~0U;
	turn_off();
	local_irq_restore(flags);
	return task->thread.fpu;
}

/* Nothing may get through that would make the load fault. */
int fpu_state_replaced(u32 known)
{
	struct fpu_state *state = current->thread.fpu;
	struct xsave_header *header = (struct xsave_header *)(state + 1);

	if (state->mxcsr & ~mxcsr_mask)
		return -EINVAL;
	state->mxcsr_mask = mxcsr_mask;
	if (has_xsave)
		*header = (struct xsave_header){ .present = header->present & known & features };
	barrier(); /* a switch in between must find it whole */
	current->thread.fpu_is_used = true;
	return 0;
}

/* The caller's state as it is now; NULL: it has none. */
static const struct fpu_state *saved_state(void)
{
	unsigned long flags;

	local_irq_save(flags);
	if (this_cpu_read(fpu_is_on) && !this_cpu_read(fpu_in_kernel))
		save(current->thread.fpu);
	local_irq_restore(flags);
	return current->thread.fpu;
}

unsigned int fpu_raised_x87(void)
{
	const struct fpu_state *state = saved_state();

	return state ? state->fsw & ~state->fcw & FP_EXCEPTIONS : 0;
}

unsigned int fpu_raised_simd(void)
{
	const struct fpu_state *state = saved_state();

	return state ? state->mxcsr & ~(state->mxcsr >> MXCSR_MASKS_SHIFT) & FP_EXCEPTIONS : 0;
}

u32 fpu_features(void)
{
	return features;
}

/* The caller's registers have no contents of its own any more: @make_initial makes those. */
static void reset_to(void (*make_initial)(struct fpu_state *state))
{
	struct task_struct *task = current;
	unsigned long flags;

	if (!task->thread.fpu)
		return;
	local_irq_save(flags);
	make_initial(task->thread.fpu);
	task->thread.fpu_is_used = false;
	task->thread.fpu_cpu = ~0U;
	forget_owner();
	turn_off();
	local_irq_restore(flags);
}

void fpu_reset(void)
{
	reset_to(fpu_state_init);
}

/* What a load looks at is enough: with no part present XRSTOR takes only MXCSR from memory. */
static void init_head(struct fpu_state *state)
{
	*(struct xsave_header *)(state + 1) = (struct xsave_header){ 0 };
	state->mxcsr = MXCSR_DEFAULT;
	state->mxcsr_mask = mxcsr_mask;
}

void fpu_reset_for_handler(void)
{
	reset_to(has_xsave ? init_head : fpu_state_init);
}

void kernel_fpu_begin(void)
{
	preempt_disable();
	WARN_ON_ONCE(this_cpu_read(fpu_in_kernel) || in_interrupt());
	this_cpu_write(fpu_in_kernel, true);
	if (this_cpu_read(fpu_is_on))
		save(current->thread.fpu);
	this_cpu_write(fpu_owner, NULL);
	turn_on();
}

/* The task's own registers come back by the trap. */
void kernel_fpu_end(void)
{
	turn_off();
	this_cpu_write(fpu_in_kernel, false);
	preempt_enable();
}

bool fpu_has_avx(void)
{
	return features & XCR0_AVX;
}

unsigned int fpu_state_size(void)
{
	return state_size;
}

void fpu_state_init(struct fpu_state *state)
{
	memset(state, 0, state_size);
	state->fcw = FCW_DEFAULT;
	state->mxcsr = MXCSR_DEFAULT;
	state->mxcsr_mask = mxcsr_mask;
}

static void xsetbv(u32 index, u64 value)
{
	__asm__ __volatile__("xsetbv"
			     :
			     : "c"(index), "a"((u32)value), "d"((u32)(value >> 32))
			     : "memory");
}

/* Each CPU, before it runs tasks. */
static int fpu_init_cpu(unsigned int cpu __maybe_unused)
{
	unsigned long cr4 = read_cr4() | X86_CR4_OSFXSR | X86_CR4_OSXMMEXCPT;

	write_cr4(has_xsave ? cr4 | X86_CR4_OSXSAVE : cr4);
	write_cr0((read_cr0() & ~X86_CR0_EM) | X86_CR0_MP | X86_CR0_NE | X86_CR0_TS);
	if (has_xsave)
		xsetbv(0, features);
	this_cpu_write(fpu_is_on, false);
	this_cpu_write(fpu_owner, NULL);
	return 0;
}

static const struct cpuhp_ops fpu_step = {
	.name = "fpu",
	.startup = fpu_init_cpu,
};

/* Only FXSAVE tells which bits MXCSR has. */
static __init void read_mxcsr_mask(void)
{
	struct fpu_state *state = initial_state;

	turn_on();
	__asm__ __volatile__("fxsave64 %0" : "=m"(*state) : : "memory");
	turn_off();
	mxcsr_mask = state->mxcsr_mask ?: MXCSR_MASK;
}

__init void fpu_init(void)
{
	u32 offered;

	has_xsave = cpu_has(X86_FEATURE_XSAVE);
	if (has_xsave) {
		offered = cpuid(0xd, 0).eax;
		features = XCR0_X87 | XCR0_SSE;
		if (cpu_has(X86_FEATURE_AVX))
			features |= offered & XCR0_AVX;
		if (features & XCR0_AVX && (offered & XCR0_AVX512) == XCR0_AVX512)
			features |= XCR0_AVX512;
	}
	fpu_init_cpu(0);
	read_mxcsr_mask();
	if (has_xsave)
		state_size = cpuid(0xd, 0).ebx;
	if (WARN_ON(state_size > sizeof(initial_state)))
		state_size = sizeof(initial_state);
	fpu_state_init(initial_state);
	cpuhp_register(CPUHP_FPU, &fpu_step);
}
