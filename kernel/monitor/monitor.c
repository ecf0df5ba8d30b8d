/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The monitor: a prompt inside the kernel, for when nothing else runs or nothing else can be
 * trusted.  One CPU is in it, with interrupts off, and talks to the consoles by polling; it has
 * stopped all others, and one that comes to it meanwhile waits for its turn.  It takes no lock,
 * allocates nothing and reads memory only in ways that survive a fault.
 *
 * Life cycle: monitor_enter() says why on the consoles, then reads lines and runs commands until
 * one of them asks to leave (monitor_leave()) and the kernel goes on.  Commands register from
 * their own files, see <oshit/monitor.h>.
 *
 * A trap while the prompt or a command runs is the monitor's own failure: the trap entry asks
 * monitor_recover() first, which prints it and sends the CPU back to the prompt.  What the command
 * had half done stays so.
 *
 * A panic inside a command enters the monitor a second time, on top of the first, which never
 * continues; a panic inside that one only stops the machine.
 */
#include <linux/errno.h>

#include <arch/monitor.h>
#include <arch/processor.h>
#include <oshit/atomic.h>
#include <oshit/boot_param.h>
#include <oshit/clock.h>
#include <oshit/console.h>
#include <oshit/init.h>
#include <oshit/irq.h>
#include <oshit/irqflags.h>
#include <oshit/kallsyms.h>
#include <oshit/math.h>
#include <oshit/monitor.h>
#include <oshit/nofault.h>
#include <oshit/panic.h>
#include <oshit/printf.h>
#include <oshit/smp.h>
#include <oshit/string.h>

#include "breakpoint.h"
#include "commands.h"
#include "parse.h"
#include "readline.h"

#define KEY_INTERRUPT  3 /* Ctrl-C */
#define TYPE_AHEAD     64 /* bytes; a power of two */
#define ESCAPE_WAIT_NS (100 * NSEC_PER_MSEC) /* from ESC to the rest of a key's sequence */
#define CODE_BEFORE    8 /* bytes shown before the next instruction */
#define CODE_AFTER     16
#define MAX_DEPTH      2 /* the monitor, and a panic inside it */

static struct { /* the CPU in the monitor only */
	struct pt_regs *regs; /* at entry, or NULL */
	unsigned int viewed_cpu; /* whose registers commands show */
	unsigned int depth; /* monitor_enter() calls under way */
	bool leaving; /* the command asked to */
	bool can_recover; /* ->prompt is valid and no trap is being reported */
	struct arch_jump prompt; /* where a trap returns to */
} monitor;

static struct { /* the CPU in the monitor only; what it does when it is left */
	void (*fn)(long arg);
	long arg;
} at_leave[8];
static unsigned int nr_at_leave;
static bool could_interrupt; /* interrupts were on where the kernel has stopped */

static atomic_t monitor_owner = ATOMIC_INIT(0); /* number + 1 of the CPU in the monitor, 0: none */

static struct { /* the CPU in the monitor only; bytes that came while a command ran */
	char bytes[TYPE_AHEAD];
	unsigned int head, tail; /* count up for ever; head - tail bytes wait */
	bool interrupted; /* Ctrl-C was among them */
} input;

/* Takes in what was typed. Ctrl-C throws away what came before it, as on a terminal. */
static void poll_input(void)
{
	int c;

	while (input.head - input.tail < TYPE_AHEAD && (c = console_poll()) >= 0) {
		if (c == KEY_INTERRUPT) {
			input.interrupted = true;
			input.tail = input.head;
		} else {
			input.bytes[input.head++ % TYPE_AHEAD] = (char)c;
		}
	}
}

/* Next byte for the line editor, or -1 if none came for a while. */
static int read_byte(void)
{
	u64 start_ns = clock_ns();

	for (;;) {
		poll_input();
		if (input.interrupted) {
			input.interrupted = false;
			return KEY_INTERRUPT;
		}
		if (input.head != input.tail)
			return (unsigned char)input.bytes[input.tail++ % TYPE_AHEAD];
		if (clock_ns() - start_ns > ESCAPE_WAIT_NS)
			return -1;
		cpu_relax();
	}
}

bool monitor_interrupted(void)
{
	poll_input();
	return input.interrupted;
}

void monitor_printf(const char *fmt, ...)
{
	static char buf[512];
	va_list args;
	int len;

	va_start(args, fmt);
	len = vscnprintf(buf, sizeof(buf), fmt, args);
	va_end(args);
	console_write(buf, len);
	poll_input();
}

int monitor_parse_address(const char *text, unsigned long *addr)
{
	return parse_address(text, kallsyms_lookup_name, addr);
}

struct pt_regs *monitor_regs(void)
{
	if (monitor.viewed_cpu == smp_processor_id())
		return monitor.regs;
	return smp_stopped_regs(monitor.viewed_cpu);
}

unsigned int monitor_viewed_cpu(void)
{
	return monitor.viewed_cpu;
}

void monitor_view_cpu(unsigned int cpu)
{
	monitor.viewed_cpu = cpu;
}

void monitor_leave(void)
{
	monitor.leaving = true;
}

bool monitor_at_leave(void (*fn)(long arg), long arg)
{
	if (!could_interrupt || nr_at_leave == ARRAY_SIZE(at_leave))
		return false;
	at_leave[nr_at_leave].fn = fn;
	at_leave[nr_at_leave++].arg = arg;
	return true;
}

/* No lock that an interrupt handler may take is held where the kernel has stopped. */
static void do_at_leave(void)
{
	for (unsigned int i = 0; i < nr_at_leave; i++)
		at_leave[i].fn(at_leave[i].arg);
	nr_at_leave = 0;
}

/* What Tab offers: commands for the first word and for help, symbols for all others. */
static const char *completion_candidate(const char *line, size_t start, unsigned int index)
{
	static struct kallsym sym;
	const struct monitor_command *cmd;

	if (strspn(line, " ") == start || strstarts(line, "help ")) {
		cmd = monitor_command_nth(index);
		return cmd ? cmd->name : NULL;
	}
	return kallsyms_get(index, &sym) ? sym.name : NULL;
}

static const struct readline_ops monitor_readline = {
	.read = read_byte,
	.write = console_write,
	.candidate = completion_candidate,
};

static struct readline reader = { .ops = &monitor_readline, .prompt = "OShit> " };

static void run_line(char *line)
{
	char *argv[MAX_WORDS + 1];
	int argc = split_words(line, argv);

	if (argc < 0)
		monitor_printf("%s\n", argc == -E2BIG ? "too many words" : "a quote is not closed");
	else if (argc > 0)
		monitor_command_run(argc, argv);
}

/* Reads lines and runs them until a command leaves. */
static void run_prompt(void)
{
	char *line;

	/* A trap below comes back to this point, as often as it likes. */
	arch_jump_save(&monitor.prompt);
	monitor.can_recover = true;
	while (!monitor.leaving) {
		input.interrupted = false;
		line = readline(&reader);
		if (line)
			run_line(line);
	}
	monitor.can_recover = false;
}

static bool is_owner(void)
{
	return atomic_read(&monitor_owner) == (int)smp_processor_id() + 1;
}

bool monitor_is_active(void)
{
	return is_owner() && monitor.depth > 0;
}

bool monitor_recover(struct pt_regs *regs, const char *what)
{
	if (!monitor.can_recover)
		return false;
	monitor.can_recover = false;
	monitor_printf("\n%s at %pS: back to the prompt\n", what,
		       (void *)instruction_pointer(regs));
	arch_jump_from_trap(regs, &monitor.prompt);
	return true;
}

static const char *reason_text(enum monitor_reason reason)
{
	switch (reason) {
	case MONITOR_ASKED:
		return "asked for by the command line";
	case MONITOR_BOOT:
		return "nothing is left to run";
	case MONITOR_BREAKPOINT:
		return "breakpoint";
	case MONITOR_STEP:
		return "stepped";
	case MONITOR_PANIC:
		return "panic";
	case MONITOR_SYSRQ:
		return "SysRq key";
	case MONITOR_CALL:
		return "a program has asked for it";
	case MONITOR_IDLE:
		return "idle";
	}
	return "unknown";
}

/* The bytes around the next instruction, which stands in angle brackets. */
static void print_code(unsigned long ip)
{
	u8 byte;

	monitor_printf("code:");
	for (unsigned long addr = ip - CODE_BEFORE; addr != ip + CODE_AFTER; addr++) {
		if (kernel_read_nofault(&byte, (void *)addr, 1))
			monitor_printf(" ??");
		else
			monitor_printf(addr == ip ? " <%02x>" : " %02x", byte);
	}
	monitor_printf("\n");
}

static void print_banner(enum monitor_reason reason, const struct pt_regs *regs)
{
	unsigned long ip;

	monitor_printf("\nOShit monitor: %s", reason_text(reason));
	if (num_online_cpus() > 1)
		monitor_printf(", CPU %u", smp_processor_id());
	if (regs) {
		ip = instruction_pointer(regs);
		monitor_printf(" at 0x%lx %pS\n", ip, (void *)ip);
		print_code(ip);
	} else {
		monitor_printf("\n");
	}
	monitor_printf("Type help for the commands.\n");
}

/* The outermost or, in a panic, the second call. */
static void enter(enum monitor_reason reason, struct pt_regs *regs, unsigned int nr_deaf)
{
	struct pt_regs *outer_regs = monitor.regs;

	monitor.depth++;
	monitor.can_recover = false;
	monitor.leaving = false;
	monitor.regs = regs;
	monitor.viewed_cpu = smp_processor_id();
	breakpoints_remove();
	print_banner(reason, regs);
	if (nr_deaf)
		monitor_printf("%u CPUs could not be stopped.\n", nr_deaf);
	run_prompt();
	breakpoints_insert(regs);
	monitor.regs = outer_regs;
	monitor.depth--;
}

/* While another CPU is in the monitor this one is stopped like the rest. */
static void wait_for_turn(struct pt_regs *regs)
{
	while (atomic_cmpxchg(&monitor_owner, 0, (int)smp_processor_id() + 1)) {
		smp_stop_poll(regs);
		cpu_relax();
	}
}

void monitor_enter(enum monitor_reason reason, struct pt_regs *regs)
{
	unsigned long flags;

	local_irq_save(flags);
	if (reason == MONITOR_PANIC) {
		/* All others are stopped for good, the owner too if it is another. */
		atomic_set(&monitor_owner, (int)smp_processor_id() + 1);
		if (monitor.depth < MAX_DEPTH)
			enter(reason, regs, 0);
	} else if (!monitor_is_active()) {
		wait_for_turn(regs);
		could_interrupt = !in_nmi() && !(regs ? regs_irqs_disabled(regs)
						      : arch_irqs_disabled_flags(flags));
		enter(reason, regs, smp_stop_others());
		smp_resume_others();
		do_at_leave();
		atomic_set_release(&monitor_owner, 0);
	}
	local_irq_restore(flags);
}

static void monitor_panic(struct pt_regs *regs)
{
	monitor_enter(MONITOR_PANIC, regs);
}

static void monitor_sysrq(void)
{
	monitor_enter(MONITOR_SYSRQ, this_cpu_read(irq_regs));
}

static void monitor_call(void)
{
	monitor_enter(MONITOR_CALL, NULL);
}

static bool monitor_asked;

static int __init monitor_param(const char *value __maybe_unused)
{
	monitor_asked = true;
	return 0;
}
BOOT_PARAM("monitor", monitor_param);

void monitor_enter_if_asked(void)
{
	if (monitor_asked)
		monitor_enter(MONITOR_ASKED, NULL);
}

void __init monitor_init(void)
{
	arch_monitor_init();
	panic_monitor_hook = monitor_panic;
	console_attention_hook = monitor_sysrq;
	monitor_call_hook = monitor_call;
}

static int continue_kernel(int argc, char **argv)
{
	if (argc != 1)
		return -EINVAL;
	monitor_leave();
	return 0;
}
MONITOR_COMMAND(continue, "", "leave the monitor: the kernel goes on", continue_kernel);
