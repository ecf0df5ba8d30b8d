/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Every kind of fault that a program can run into, one child for each.  The processor tells the
 * kernel by an exception; the kernel turns it into a signal; without a handler the signal ends the
 * child, and its parent learns which one it was.
 */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define KERNEL_ADDRESS	      0xffffffff80000000UL
#define NON_CANONICAL_ADDRESS 0x0900000000000000UL

static volatile int one = 1, zero;
static const int read_only = 1;

static void poke(unsigned long addr)
{
	/* The compiler must not know that the address is bad. */
	__asm__ volatile("" : "+r"(addr));
	*(volatile int *)addr = 1;
}

static void read_null(void)
{
	unsigned long addr = 0;

	__asm__ volatile("" : "+r"(addr));
	one = *(volatile int *)addr;
}

static void write_read_only(void)
{
	poke((unsigned long)&read_only);
}

static void write_kernel(void)
{
	poke(KERNEL_ADDRESS);
}

static void write_non_canonical(void)
{
	poke(NON_CANONICAL_ADDRESS);
}

static void run_data(void)
{
	static unsigned char code[] = { 0xc3 }; /* RET */
	unsigned long addr = (unsigned long)code;

	__asm__ volatile("call *%0" ::"r"(addr) : "memory");
}

static void divide(void)
{
	one = one / zero;
}

static void illegal_instruction(void)
{
	__asm__ volatile("ud2");
}

static void privileged_instruction(void)
{
	__asm__ volatile("hlt");
}

static void breakpoint(void)
{
	__asm__ volatile("int3");
}

static void unknown_interrupt(void)
{
	__asm__ volatile("int $0x21");
}

/* Each call needs more stack, until the limit. */
static int overflow_stack(int depth)
{
	volatile char frame[4096];

	if (!one)
		return 0; /* never: but the compiler wants to see an end */
	frame[depth % sizeof(frame)] = (char)depth;
	return overflow_stack(depth + 1) + frame[0];
}

static void endless_recursion(void)
{
	overflow_stack(0);
}

/* clang-format off */
static const struct fault {
	const char *name;
	void (*run)(void);
	int signal;
} faults[] = {
	{ "read at address 0",			read_null,		SIGSEGV },
	{ "write to read-only data",		write_read_only,	SIGSEGV },
	{ "write to the kernel",		write_kernel,		SIGSEGV },
	{ "write to a non-canonical address",	write_non_canonical,	SIGSEGV },
	{ "execute data",			run_data,		SIGSEGV },
	{ "endless recursion",			endless_recursion,	SIGSEGV },
	{ "division by zero",			divide,			SIGFPE },
	{ "illegal instruction",		illegal_instruction,	SIGILL },
	{ "privileged instruction",		privileged_instruction,	SIGSEGV },
	{ "unknown interrupt",			unknown_interrupt,	SIGSEGV },
	{ "breakpoint",				breakpoint,		SIGTRAP },
};
/* clang-format on */

/* 0 if the child dies of the expected signal. */
static int show(const struct fault *fault)
{
	int status = 0;
	pid_t child = fork();

	if (!child) {
		fault->run();
		_exit(0);
	}
	if (child < 0 || waitpid(child, &status, 0) != child)
		return 1;
	if (!WIFSIGNALED(status)) {
		dprintf(1, "%-34s the child lives on\n", fault->name);
		return 1;
	}
	dprintf(1, "%-34s %s\n", fault->name, strsignal(WTERMSIG(status)));
	return WTERMSIG(status) != fault->signal;
}

int main(void)
{
	int wrong = 0;

	for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++)
		wrong += show(&faults[i]);
	return wrong ? 1 : 0;
}
