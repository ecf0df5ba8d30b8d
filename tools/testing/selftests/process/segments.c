/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Code segments: a far jump may name any selector, also that of 32-bit code, where SYSCALL and
 * SYSENTER enter the kernel elsewhere.  Linux has such a segment if it runs 32-bit programs; this
 * kernel has none.
 */
#include "selftest.h"

#define USER32_CS 0x23
#define USER_CS	  0x33

static void far_jump(unsigned long selector, unsigned int addr)
{
	struct __attribute__((packed)) {
		unsigned int addr;
		unsigned short selector;
	} target = { addr, (unsigned short)selector };

	__asm__ volatile("ljmpl *%0" : : "m"(target) : "memory");
}

/* @code at an address of 32 bits. */
static unsigned int place(struct test *t, const unsigned char *code, size_t size)
{
	char *addr = mmap(NULL, PAGE, PROT_READ | PROT_WRITE | PROT_EXEC,
			  MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);

	REQUIRE(t, addr != MAP_FAILED);
	memcpy(addr, code, size);
	return (unsigned int)(unsigned long)addr;
}

static void jump_to_64_bits(void *addr)
{
	far_jump(USER_CS, *(unsigned int *)addr);
}

static void jump_to_32_bits(void *addr)
{
	far_jump(USER32_CS, *(unsigned int *)addr);
}

/* exit(42), the call by SYSCALL. */
static const unsigned char exit_64[] = { 0xb8, 60, 0, 0, 0, 0xbf, 42, 0, 0, 0, 0x0f, 0x05 };
/* SYSCALL or SYSENTER with the number of no call, then UD2. */
static const unsigned char syscall_32[] = { 0xb8, 0xff, 0xff, 0, 0, 0x0f, 0x05, 0x0f, 0x0b };
static const unsigned char sysenter_64[] = { 0x0f, 0x34, 0x0f, 0x0b };

static void code_of_64_bits_is_reached_by_its_selector(struct test *t)
{
	unsigned int addr = place(t, exit_64, sizeof(exit_64));

	EXPECT_EXIT(t, run_in_child(t, jump_to_64_bits, &addr), 42);
}

static void there_is_no_code_of_32_bits(struct test *t)
{
	unsigned int addr = place(t, syscall_32, sizeof(syscall_32));

	SKIP_IF(t, !is_oshit(), "Linux may run 32-bit programs");
	EXPECT_KILLED(t, run_in_child(t, jump_to_32_bits, &addr), SIGSEGV);
}

static void sysenter_does_not_enter(struct test *t)
{
	unsigned int addr = place(t, sysenter_64, sizeof(sysenter_64));
	int status;

	SKIP_IF(t, !is_oshit(), "Linux may run 32-bit programs");
	/* Some processors do not know it at all in 64-bit mode. */
	status = run_in_child(t, jump_to_64_bits, &addr);
	EXPECT_TRUE(t, WIFSIGNALED(status));
	EXPECT_TRUE(t, WTERMSIG(status) == SIGSEGV || WTERMSIG(status) == SIGILL);
}

/* Selectors of the kernel, of data, of nothing, beyond the table, and of a local table. */
static void other_selectors_are_refused(struct test *t)
{
	static const unsigned long selectors[] = { 0,	 3,    0x10,   0x13, 0x18,
						   0x2b, 0x40, 0xfff3, 0x07, 0x0f };
	unsigned int addr = place(t, exit_64, sizeof(exit_64));

	for (size_t i = 0; i < ARRAY_SIZE(selectors); i++) {
		pid_t pid = fork();

		if (!pid) {
			far_jump(selectors[i], addr);
			_exit(0);
		}
		EXPECT_KILLED(t, wait_for(t, pid), SIGSEGV);
	}
}

static const struct test_case segments_cases[] = {
	TEST_CASE(code_of_64_bits_is_reached_by_its_selector),
	TEST_CASE(there_is_no_code_of_32_bits),
	TEST_CASE(sysenter_does_not_enter),
	TEST_CASE(other_selectors_are_refused),
};
TEST_SUITE(segments, segments_cases);
SELFTEST_NO_HELPER
