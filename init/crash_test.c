/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Crashes on purpose: `crash=KIND` on the command line does what the kernel must survive or report.
 * Each kind is one function, so that its name stands in the backtrace, where the tests look for it.
 */
#define pr_fmt(fmt) "crash: " fmt

#include <arch/processor.h>
#include <arch/stack.h>
#include <arch/thread.h>
#include <linux/errno.h>
#include <oshit/banner.h>
#include <oshit/boot_info.h>
#include <oshit/boot_param.h>
#include <oshit/bug.h>
#include <oshit/completion.h>
#include <oshit/crash_test.h>
#include <oshit/gfp.h>
#include <oshit/init.h>
#include <oshit/kallsyms.h>
#include <oshit/kernel_stack.h>
#include <oshit/kthread.h>
#include <oshit/math.h>
#include <oshit/panic.h>
#include <oshit/printf.h>
#include <oshit/printk.h>
#include <oshit/slab.h>
#include <oshit/smp.h>
#include <oshit/spinlock.h>
#include <oshit/string.h>
#include <oshit/watchdog.h>

static int *volatile null_pointer;
static volatile int zero, one = 1;

static noinline void crash_panic(void)
{
	panic("asked for by the command line");
}

static noinline void crash_there(void *unused)
{
	panic("asked for by another CPU");
}

static unsigned int other_cpu(void)
{
	unsigned int cpu = cpumask_next(0, &cpu_online_mask);

	return cpu_online(cpu) ? cpu : 0;
}

static noinline void crash_panic_other(void)
{
	smp_call_function_single(other_cpu(), crash_there, NULL, SMP_WAIT);
}

static volatile bool is_deaf;

static noinline void crash_be_deaf(void *unused)
{
	for (is_deaf = true;;)
		cpu_relax();
}

/* One CPU hears no interrupts when another panics. */
static noinline void crash_panic_deaf(void)
{
	smp_call_function_single(other_cpu(), crash_be_deaf, NULL, SMP_NO_WAIT);
	while (!is_deaf)
		cpu_relax();
	panic("while another CPU is deaf");
}

static noinline void crash_panic_all(void)
{
	on_each_cpu(crash_there, NULL);
}

/* No crash: for what must still work while everybody waits. */
static noinline void crash_wait(void)
{
	pr_info("waits for interrupts");
	for (;;)
		cpu_wait_for_interrupt();
}

static noinline void crash_null_read(void)
{
	pr_info("read %d", *null_pointer);
}

static noinline void crash_null_write(void)
{
	*null_pointer = 1;
}

static noinline void crash_wild_jump(void)
{
	((void (*)(void))(unsigned long)null_pointer)();
}

static noinline void crash_write_text(void)
{
	*(volatile u8 *)crash_null_write = 0xcc;
}

static noinline void crash_write_rodata(void)
{
	*(volatile char *)(unsigned long)kernel_banner = '!';
}

static noinline void crash_write_sealed(void)
{
	*(volatile bool *)&boot_info.has_vga_text = true;
}

static noinline void crash_run_data(void)
{
	static u8 code[] = { 0xc3 }; /* RET */

	((void (*)(void))code)();
}

static noinline void crash_divide(void)
{
	pr_info("quotient %d", one / zero);
}

static noinline void crash_bug(void)
{
	BUG_ON(!zero);
}

/* The first warns each time, the second once: three reports in all. */
static noinline void crash_warn(void)
{
	int i;

	for (i = 0; i < 2; i++) {
		WARN_ON(!zero);
		WARN_ON_ONCE(!zero);
	}
	pr_info("went on after the warnings");
}

static noinline void crash_breakpoint(void)
{
	cpu_breakpoint();
	pr_info("went on after the breakpoint");
}

/* Anything may happen without UBSAN. */
static noinline void crash_unreachable(void)
{
	if (one)
		__builtin_unreachable();
}

static DEFINE_RAW_SPINLOCK(lock_a);
static DEFINE_RAW_SPINLOCK(lock_b);

static noinline void lock_b_under_a(void)
{
	raw_spin_lock(&lock_a);
	raw_spin_lock(&lock_b);
	raw_spin_unlock(&lock_b);
	raw_spin_unlock(&lock_a);
}

static noinline void lock_a_under_b(void)
{
	raw_spin_lock(&lock_b);
	raw_spin_lock(&lock_a);
	raw_spin_unlock(&lock_a);
	raw_spin_unlock(&lock_b);
}

/* With one CPU it works; lockdep knows that it would not with two. */
static noinline void crash_lock_order(void)
{
	lock_b_under_a();
	lock_a_under_b();
	pr_info("went on after the report");
}

/* --- what the watchdogs find; each goes on once it has been reported --- */

static noinline void crash_soft_lockup(void)
{
	preempt_disable();
	while (IS_ENABLED(CONFIG_SOFTLOCKUP_DETECTOR) && !READ_ONCE(watchdog_nr_soft))
		cpu_relax();
	preempt_enable();
	pr_info("went on after the soft lockup");
}

static noinline int crash_irqs_off(void *done)
{
	local_irq_disable();
	while (IS_ENABLED(CONFIG_HARDLOCKUP_DETECTOR) && !READ_ONCE(watchdog_nr_hard))
		cpu_relax();
	local_irq_enable();
	pr_info("went on after the hard lockup");
	complete(done);
	return 0;
}

static noinline void crash_hard_lockup(void)
{
	static struct completion done;
	struct task_struct *task;

	init_completion(&done);
	task = kthread_create(crash_irqs_off, &done, "deaf");
	if (IS_ERR(task))
		return;
	kthread_bind(task, other_cpu());
	wake_up_process(task);
	wait_for_completion(&done);
}

static noinline int crash_sleep_for_ever(void *event)
{
	wait_for_completion(event);
	return 0;
}

static noinline void crash_hung_task(void)
{
	static struct completion event;

	init_completion(&event);
	if (IS_ERR(kthread_run(crash_sleep_for_ever, &event, "hangs")))
		return;
	while (IS_ENABLED(CONFIG_DETECT_HUNG_TASK) && !READ_ONCE(hung_task_nr_reports))
		msleep(10);
	complete(&event);
	pr_info("went on after the hung task");
}

static noinline int read_at(const volatile char *bytes, int index)
{
	return bytes[index];
}

/* Three reports with KASAN, for each place reports once; none without. */
static noinline void crash_use_after_free(void)
{
	volatile char *memory = kmalloc(100, GFP_KERNEL);
	volatile char bytes[13] = { 0 };
	int sum = 0;

	if (!memory)
		return;
	kfree((void *)memory);
	for (int i = 0; i < 1 + one; i++) { /* not unrolled: one place each */
		memory[50 + i] = 1;
		sum += memory[i];
		sum += read_at(bytes, 13);
	}
	pr_info("went on after the bad accesses, sum %d", sum);
}

/* No stack left to push a page fault's frame on. */
static noinline void crash_double_fault(void)
{
	cpu_lose_stack();
}

/* Beside and after: reports, and the kernel goes on. */
static noinline void crash_page_overflow(void)
{
	volatile char *page = (char *)get_zeroed_page(GFP_KERNEL);

	page[PAGE_SIZE + 8] = 1;
	pr_info("read %d", page[-1]);
	free_page((unsigned long)page);
	pr_info("read %d, and went on", page[0]);
}

static noinline int recurse(volatile int *depth)
{
	volatile int here[16] = { *depth + 1 };

	return here[0] ? recurse(here) + here[1] : 0;
}

static noinline void crash_stack_overflow_on(void *stack)
{
	volatile int depth = 0;

	pr_info("stack %px, result %d", stack, recurse(&depth));
}

/* On a stack such as tasks have; the boot stack has a guard page, too. */
static noinline void crash_stack_overflow(void)
{
	char *stack = kernel_stack_alloc();

	arch_call_on_stack(crash_stack_overflow_on, stack, stack + KERNEL_STACK_SIZE);
}

static noinline void crash_boot_stack_overflow(void)
{
	char *stack = arch_boot_stack(); /* of the idle task, which is past caring */

	arch_call_on_stack(crash_stack_overflow_on, stack, stack + KERNEL_STACK_SIZE);
}

static bool faulting_lookup(unsigned long addr, struct kallsym *sym __maybe_unused)
{
	return *(volatile bool *)(addr & 0xff);
}

/* The panic's own report faults, as soon as it prints a symbol. */
static noinline void crash_in_panic(void)
{
	printf_symbol_lookup = faulting_lookup;
	panic("the first message");
}

/* clang-format off */
static const struct {
	const char *name;
	void (*run)(void);
} crashes[] = {
	{ "panic",	  crash_panic },
	{ "wait",	  crash_wait },
	{ "panic-other",  crash_panic_other },
	{ "panic-deaf",	  crash_panic_deaf },
	{ "panic-all",	  crash_panic_all },
	{ "null-read",	  crash_null_read },
	{ "null-write",	  crash_null_write },
	{ "wild-jump",	  crash_wild_jump },
	{ "write-text",	  crash_write_text },
	{ "write-rodata", crash_write_rodata },
	{ "write-sealed", crash_write_sealed },
	{ "run-data",	  crash_run_data },
	{ "divide",	  crash_divide },
	{ "bug",	  crash_bug },
	{ "warn",	  crash_warn },
	{ "breakpoint",	  crash_breakpoint },
	{ "unreachable",  crash_unreachable },
	{ "lock-order",	  crash_lock_order },
	{ "soft-lockup",  crash_soft_lockup },
	{ "hard-lockup",  crash_hard_lockup },
	{ "hung-task",	  crash_hung_task },
	{ "use-after-free", crash_use_after_free },
	{ "double-fault", crash_double_fault },
	{ "page-overflow", crash_page_overflow },
	{ "stack-overflow", crash_stack_overflow },
	{ "boot-stack-overflow", crash_boot_stack_overflow },
	{ "in-panic",	  crash_in_panic },
};
/* clang-format on */

static const char *asked;

static __init int crash_param(const char *value)
{
	asked = value;
	return value ? 0 : -EINVAL;
}
BOOT_PARAM("crash", crash_param);

void crash_test_if_asked(void)
{
	size_t i;

	if (!asked)
		return;
	for (i = 0; i < ARRAY_SIZE(crashes); i++) {
		if (!strcmp(asked, crashes[i].name)) {
			crashes[i].run();
			return;
		}
	}
	pr_warn("no kind \"%s\"", asked);
}
