/* SPDX-License-Identifier: GPL-2.0-only */
/* Signals: a handler set, run by a signal to oneself, and by a fault that it mends. */
#include <signal.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "bench.h"

#define RW (PROT_READ | PROT_WRITE)

static volatile unsigned long caught;

static void count_it(int sig)
{
	(void)sig;
	caught++;
}

static void install(int sig, void (*handler)(int))
{
	struct sigaction action = { .sa_handler = handler };

	if (sigaction(sig, &action, NULL))
		unsupported("sigaction");
}

static void signal_install(unsigned long count)
{
	for (unsigned long i = 0; i < count; i++)
		install(SIGUSR1, count_it);
}

static void signal_catch(unsigned long count)
{
	pid_t self = getpid();

	install(SIGUSR1, count_it);
	caught = 0;
	for (unsigned long i = 0; i < count; i++)
		syscall(SYS_kill, self, SIGUSR1);
	if (caught != count)
		unsupported("signals");
}

static void mend(int sig, siginfo_t *info, void *context)
{
	(void)sig;
	(void)context;
	mprotect((void *)((uintptr_t)info->si_addr & -PAGE), PAGE, RW);
	caught++;
}

/* The handler makes the page writable, and the loop forbids it again. */
static void segv_mended(unsigned long count)
{
	struct sigaction action = { .sa_sigaction = mend, .sa_flags = SA_SIGINFO };
	char *page = mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (page == MAP_FAILED || sigaction(SIGSEGV, &action, NULL))
		unsupported("sigaction");
	caught = 0;
	for (unsigned long i = 0; i < count; i++) {
		*(volatile char *)page = 1;
		mprotect(page, PAGE, PROT_READ);
	}
	if (caught != count)
		unsupported("signals");
	munmap(page, PAGE);
}

const struct metric signal_metrics[] = {
	{ "signal_install", signal_install, "sigaction" },
	{ "signal_catch", signal_catch, "a signal to oneself, handled" },
	{ "segv_mended", segv_mended, "a fault whose handler calls mprotect, and the way back" },
	{ 0 },
};
