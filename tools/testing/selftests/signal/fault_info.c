/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a handler is told about a fault: si_code and si_addr.
 */
#include <setjmp.h>
#include <ucontext.h>

#include "selftest.h"

static sigjmp_buf back;
static volatile siginfo_t seen;

static volatile unsigned long seen_error;

static void handler(int number __maybe_unused, siginfo_t *info, void *context)
{
	seen_error = (unsigned long)((ucontext_t *)context)->uc_mcontext.gregs[REG_ERR];
	seen.si_signo = info->si_signo;
	seen.si_code = info->si_code;
	seen.si_addr = info->si_addr;
	siglongjmp(back, 1);
}

static void catch_faults(void)
{
	static const int signals[] = { SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP };
	struct sigaction action = { .sa_sigaction = handler, .sa_flags = SA_SIGINFO };

	for (size_t i = 0; i < ARRAY_SIZE(signals); i++)
		sigaction(signals[i], &action, NULL);
}

#define EXPECT_FAULT(t, statement, signal, code, addr)              \
	do {                                                        \
		catch_faults();                                     \
		seen.si_signo = 0;                                  \
		if (!sigsetjmp(back, 1)) {                          \
			statement;                                  \
		}                                                   \
		EXPECT_EQ(t, seen.si_signo, signal);                \
		EXPECT_EQ(t, seen.si_code, code);                   \
		EXPECT_EQ(t, (void *)seen.si_addr, (void *)(addr)); \
	} while (0)

static void store(void *addr)
{
	__asm__ volatile("movb $1, (%0)" ::"r"(addr) : "memory");
}

static void unmapped_memory_is_maperr(struct test *t)
{
	char *addr = map_anon(t, PAGE, PROT_READ);

	REQUIRE(t, munmap(addr, PAGE) == 0);
	EXPECT_FAULT(t, store(addr + 123), SIGSEGV, SEGV_MAPERR, addr + 123);
	EXPECT_FAULT(t, store((void *)24), SIGSEGV, SEGV_MAPERR, 24);
}

static void forbidden_memory_is_accerr(struct test *t)
{
	char *addr = map_anon(t, PAGE, PROT_READ);

	EXPECT_FAULT(t, store(addr + 7), SIGSEGV, SEGV_ACCERR, addr + 7);
	REQUIRE(t, mprotect(addr, PAGE, PROT_NONE) == 0);
	EXPECT_FAULT(t, store(addr + 8), SIGSEGV, SEGV_ACCERR, addr + 8);
}

static void kernel_memory_is_maperr_or_accerr(struct test *t)
{
	void *addr = (void *)0xffffffff80200010UL;

	catch_faults();
	if (!sigsetjmp(back, 1))
		store(addr);
	EXPECT_EQ(t, seen.si_signo, SIGSEGV);
	EXPECT_TRUE(t, seen.si_code == SEGV_MAPERR || seen.si_code == SEGV_ACCERR);
	EXPECT_EQ(t, (void *)seen.si_addr, addr); /* no more than the program knows already */
}

#define ERROR_PROTECTION 1UL

/* The error code would tell where the kernel lies: all its addresses look mapped. */
static void error_does_not_tell_what_the_kernel_has_mapped(struct test *t)
{
	static const unsigned long addrs[] = { 0xffff800000000000, 0xffff888000001000,
					       0xffffc90000000000, 0xffffffff80000000,
					       0xffffffff81000000, 0xffffffffff000000 };

	catch_faults();
	for (size_t i = 0; i < ARRAY_SIZE(addrs); i++) {
		seen_error = 0;
		if (!sigsetjmp(back, 1))
			store((void *)addrs[i]);
		EXPECT_EQ(t, seen.si_code, SEGV_MAPERR);
		EXPECT_TRUE(t, seen_error & ERROR_PROTECTION);
	}
	if (!sigsetjmp(back, 1))
		store((void *)8);
	EXPECT_FALSE(t, seen_error & ERROR_PROTECTION);
}

static void non_canonical_memory_has_no_address(struct test *t)
{
	EXPECT_FAULT(t, store((void *)0x0a00000000000000UL), SIGSEGV, SI_KERNEL, NULL);
}

static void division_is_intdiv_at_its_instruction(struct test *t)
{
	void *at;

	__asm__ volatile("lea 1f(%%rip), %0" : "=r"(at));
	EXPECT_FAULT(t,
		     __asm__ volatile("xor %%ecx, %%ecx\n\txor %%edx, %%edx\n1:\tdiv %%ecx" ::"a"(1)
				      : "ecx", "edx"),
		     SIGFPE, FPE_INTDIV, at);
}

static void illegal_instruction_is_illopn(struct test *t)
{
	void *at;

	__asm__ volatile("lea 2f(%%rip), %0" : "=r"(at));
	EXPECT_FAULT(t, __asm__ volatile("2:\tud2"), SIGILL, ILL_ILLOPN, at);
}

static void breakpoint_is_from_the_kernel(struct test *t)
{
	EXPECT_FAULT(t, __asm__ volatile("int3"), SIGTRAP, SI_KERNEL, NULL);
}

static const struct test_case fault_info_cases[] = {
	TEST_CASE(unmapped_memory_is_maperr),
	TEST_CASE(forbidden_memory_is_accerr),
	TEST_CASE(kernel_memory_is_maperr_or_accerr),
	TEST_CASE(error_does_not_tell_what_the_kernel_has_mapped),
	TEST_CASE(non_canonical_memory_has_no_address),
	TEST_CASE(division_is_intdiv_at_its_instruction),
	TEST_CASE(illegal_instruction_is_illopn),
	TEST_CASE(breakpoint_is_from_the_kernel),
};
TEST_SUITE(fault_info, fault_info_cases);
SELFTEST_NO_HELPER
