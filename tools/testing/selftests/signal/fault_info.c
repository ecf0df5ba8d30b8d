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

static void step_is_trace_behind_it(struct test *t)
{
	void *at;

	__asm__ volatile("lea 4f(%%rip), %0" : "=r"(at));
	EXPECT_FAULT(t,
		     __asm__ volatile("pushfq\n\torl $0x100, (%%rsp)\n\tpopfq\n\tnop\n4:\tnop" ::
					      : "cc", "memory"),
		     SIGTRAP, TRAP_TRACE, at);
}

/* INT1, which is known by the debug exception's telling nothing, also after a step. */
static void int1_is_brkpt(struct test *t)
{
	for (volatile int i = 0; i < 2; i++) {
		catch_faults();
		if (!sigsetjmp(back, 1))
			__asm__ volatile(".byte 0xf1");
		SKIP_IF(t, seen.si_signo == SIGILL, "this processor has no INT1");
		EXPECT_EQ(t, seen.si_signo, SIGTRAP);
		EXPECT_EQ(t, seen.si_code, TRAP_BRKPT);
		step_is_trace_behind_it(t);
	}
}

/* The next instruction of the x87 unit traps. */
static void x87_exceptions_tell_which(struct test *t)
{
	static const double zero, one = 1, huge = 1e308, tiny = 1e-308;
	double result;

#define DIVIDE(a, b, control)                                                                \
	do {                                                                                 \
		unsigned short word = (control);                                             \
		__asm__ volatile("fninit\n\tfldcw %1\n\tfldl %2\n\tfdivl %3\n\tfstpl %0\n\t" \
				 "fwait"                                                     \
				 : "=m"(result)                                              \
				 : "m"(word), "m"(a), "m"(b));                               \
	} while (0)
#define EXPECT_X87(t, a, b, control, code)           \
	do {                                         \
		catch_faults();                      \
		seen.si_signo = 0;                   \
		if (!sigsetjmp(back, 1))             \
			DIVIDE(a, b, control);       \
		EXPECT_EQ(t, seen.si_signo, SIGFPE); \
		EXPECT_EQ(t, seen.si_code, code);    \
	} while (0)
	EXPECT_X87(t, zero, zero, 0x37e, FPE_FLTINV);
	EXPECT_X87(t, one, zero, 0x37b, FPE_FLTDIV);
	EXPECT_X87(t, huge, tiny, 0x377, FPE_FLTOVF);
	EXPECT_X87(t, tiny, huge, 0x36f, FPE_FLTUND);
	EXPECT_X87(t, one, huge, 0x35f, FPE_FLTRES);
	EXPECT_X87(t, one, zero, 0x340, FPE_FLTDIV);
	__asm__ volatile("fninit");
}

static void simd_exceptions_tell_which(struct test *t)
{
	static const double zero, one = 1, huge = 1e308, tiny = 1e-308, three = 3;
	const struct {
		double a, b;
		unsigned int control;
		int code;
	} rows[] = {
		{ zero, zero, 0x1f00, FPE_FLTINV }, { one, zero, 0x1d80, FPE_FLTDIV },
		{ huge, tiny, 0x1b80, FPE_FLTOVF }, { tiny, huge, 0x1780, FPE_FLTUND },
		{ one, three, 0x0f80, FPE_FLTRES },
	};

	for (volatile size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		catch_faults();
		seen.si_signo = 0;
		if (!sigsetjmp(back, 1))
			__asm__ volatile("ldmxcsr %1\n\tmovsd %0, %%xmm0\n\tdivsd %2, %%xmm0"
					 :
					 : "m"(rows[i].a), "m"(rows[i].control), "m"(rows[i].b)
					 : "xmm0");
		SKIP_IF(t, !seen.si_signo && in_guest(), "this emulator raises none");
		EXPECT_EQ(t, seen.si_signo, SIGFPE);
		EXPECT_EQ(t, seen.si_code, rows[i].code);
	}
}

static void load_misaligned(void)
{
	static int words[2];

	__asm__ volatile("pushfq\n\torl $0x40000, (%%rsp)\n\tpopfq\n\t"
			 "movl 1(%0), %%eax\n\t"
			 "pushfq\n\tandl $~0x40000, (%%rsp)\n\tpopfq"
			 :
			 : "r"(words)
			 : "eax", "cc", "memory");
}

static void alignment_has_no_address(struct test *t)
{
	catch_faults();
	seen.si_signo = 0;
	if (!sigsetjmp(back, 1))
		load_misaligned();
	__asm__ volatile("pushfq\n\tandl $~0x40000, (%%rsp)\n\tpopfq" ::: "cc", "memory");
	SKIP_IF(t, !seen.si_signo, "this processor checks no alignment");
	EXPECT_EQ(t, seen.si_signo, SIGBUS);
	EXPECT_EQ(t, seen.si_code, BUS_ADRALN);
	EXPECT_TRUE(t, !seen.si_addr);
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
	TEST_CASE(step_is_trace_behind_it),
	TEST_CASE(int1_is_brkpt),
	TEST_CASE(x87_exceptions_tell_which),
	TEST_CASE(simd_exceptions_tell_which),
	TEST_CASE(alignment_has_no_address),
};
TEST_SUITE(fault_info, fault_info_cases);
SELFTEST_NO_HELPER
