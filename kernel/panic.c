/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Panic.  The message goes out first and by itself, then what may fail: registers, backtrace, the
 * end of the log.  A fault on the way comes back here as a second panic, which prints its own one
 * line and goes straight to the end; a third only stops the CPU.  Another CPU that panics while one
 * is at it stops at once, so that two reports never mix.  All others are stopped once the message
 * is out, and what they did is shown.
 *
 * Locks: none.  The consoles are taken from whoever holds them.
 */
#include <arch/page.h>
#include <arch/processor.h>
#include <asm/ptrace.h>
#include <linux/errno.h>
#include <oshit/atomic.h>
#include <oshit/boot_param.h>
#include <oshit/clock.h>
#include <oshit/console.h>
#include <oshit/debug_exit.h>
#include <oshit/init.h>
#include <oshit/irqflags.h>
#include <oshit/kstrtox.h>
#include <oshit/log.h>
#include <oshit/panic.h>
#include <oshit/percpu.h>
#include <oshit/printf.h>
#include <oshit/printk.h>
#include <oshit/reboot.h>
#include <oshit/regs.h>
#include <oshit/sched.h>
#include <oshit/smp.h>
#include <oshit/stacktrace.h>
#include <oshit/string.h>

#define LOG_LINES 8 /* shown of what stood in the log before the panic */

void (*panic_monitor_hook)(struct pt_regs *regs);

static atomic_t panic_cpu = ATOMIC_INIT(0); /* number + 1 of the CPU that panics, 0: none */
static unsigned int panic_depth; /* that CPU only: panics within the panic */
static long panic_timeout_s; /* `panic=` */
static bool panic_monitor; /* `panic=monitor` */

static __init int panic_param(const char *value)
{
	if (!value)
		return -EINVAL;
	if (!strcmp(value, "monitor")) {
		panic_monitor = true;
		return 0;
	}
	return kstrtol(value, 0, &panic_timeout_s);
}
BOOT_PARAM("panic", panic_param);

bool panic_in_progress(void)
{
	return atomic_read(&panic_cpu) != 0;
}

/* What stood in the log before @end_ns: `quiet` may have kept the cause from the consoles. */
static void show_log_tail(struct log_reader *reader, u64 end_ns)
{
	static struct log_record record;
	static char line[LOG_TEXT_MAX + 32];

	pr_emerg("Last lines of the log:");
	while (log_read(reader, &record) && record.time_ns < end_ns)
		console_write(line, log_format(&record, line, sizeof(line)));
}

static __noreturn void panic_end(struct pt_regs *regs)
{
	debug_exit(DEBUG_EXIT_PANIC);
	if (panic_monitor && panic_monitor_hook)
		panic_monitor_hook(regs);
	if (panic_timeout_s > 0) {
		pr_emerg("panic: restart in %ld s", panic_timeout_s);
		delay_us((unsigned long)panic_timeout_s * 1000000);
	}
	if (panic_timeout_s)
		machine_restart();
	machine_halt();
}

/* A panic inside the first one's report: one line more, and the end. */
__printf(3, 0) static __noreturn
	void panic_again(struct pt_regs *regs, const char *first, const char *fmt, va_list args)
{
	char text[128];

	vscnprintf(text, sizeof(text), fmt, args);
	pr_emerg("panic: again, within the panic: %s", text);
	/* No symbol: looking it up may be what failed. */
	pr_emerg("panic: at %#lx; the first was: %s", regs->rip, first);
	panic_end(regs);
}

/* One CPU wins and returns its depth of panics; the others stop. */
static unsigned int panic_enter(void)
{
	int me = (int)smp_processor_id() + 1;
	int winner = atomic_cmpxchg(&panic_cpu, 0, me);

	if (winner && winner != me)
		cpu_stop();
	return panic_depth++;
}

__printf(2, 0) static __noreturn void vpanic(struct pt_regs *regs, const char *fmt, va_list args)
{
	static char text[256];
	static struct log_reader tail;
	unsigned int depth;
	u64 start_ns = clock_ns();

	local_irq_disable();
	depth = panic_enter();
	if (depth > 1)
		cpu_stop();
	if (depth == 1)
		panic_again(regs, text, fmt, args);
	vscnprintf(text, sizeof(text), fmt, args);
	console_panic_takeover();
	pr_emerg("panic: %s", text);
	smp_send_stop();
	log_reader_seek_tail(&tail, LOG_LINES + 1);
	pr_emerg("CPU: %u  task: %s, pid %d", smp_processor_id(), current->comm, current->pid);
	pr_emerg("KASLR: image + %#lx, direct map at %#lx, vmalloc at %#lx, page array at %#lx",
		 image_slide(), direct_map_base, vmalloc_base, page_array_base);
	regs_show(LOG_EMERG, regs);
	stack_trace_show(LOG_EMERG, regs);
	smp_show_others(LOG_EMERG);
	show_log_tail(&tail, start_ns);
	panic_end(regs);
}

void panic_regs(struct pt_regs *regs, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vpanic(regs, fmt, args);
}

void panic(const char *fmt, ...)
{
	struct pt_regs regs;
	va_list args;

	regs_capture(&regs);
	va_start(args, fmt);
	vpanic(&regs, fmt, args);
}
