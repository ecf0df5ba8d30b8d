/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Selftests: static Linux programs that ask the kernel for what Linux promises.  Each passes on
 * Linux, the build machine's and Debian's in QEMU, before it is run on this kernel.
 *
 * A program is one file with one suite of <oshit/test.h>, the same header that tests in the kernel
 * use.  Every case runs in a process of its own, forked for it: what it does to its credentials,
 * limits or memory ends with it, and a crash fails one case.  So a case may end itself anywhere:
 * REQUIRE() notes a failure and exits.
 *
 * kcall() makes a system call without the C library between: the result is the kernel's, an error
 * is -errno, and no pointer is looked at before the kernel does.
 *
 * Needed of the kernel before anything can be reported: fork, exit, wait4, write, and one shared
 * anonymous page.  /proc is used in proc/ alone.  What could harm a machine that others use
 * (rebooting, setting the clock, using up pids or memory) runs only if in_guest().
 *
 *	-l		lists the cases
 *	NAME...		runs only these
 */
#ifndef SELFTEST_H
#define SELFTEST_H

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <oshit/test.h>

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))
#define PAGE	      4096UL
#define NS_PER_S      1000000000LL

/* --- calling the kernel */

static inline long kcall6(long nr, long a, long b, long c, long d, long e, long f)
{
	register long r10 __asm__("r10") = d;
	register long r8 __asm__("r8") = e;
	register long r9 __asm__("r9") = f;
	long result;

	__asm__ volatile("syscall"
			 : "=a"(result)
			 : "a"(nr), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
			 : "rcx", "r11", "memory");
	return result;
}

#define __KCALL(nr, a, b, c, d, e, f, ...) \
	kcall6(nr, (long)(a), (long)(b), (long)(c), (long)(d), (long)(e), (long)(f))
/* kcall(SYS_x, up to 6 arguments): what the kernel returns, -errno for an error */
#define kcall(nr, ...) __KCALL(nr, ##__VA_ARGS__, 0, 0, 0, 0, 0, 0)

/* @call, a result of the kernel, is @want: a value, or -ERRNO. */
#define EXPECT_RET(t, call, want) \
	expect_ret(t, __FILE__, __LINE__, #call, (long)(call), (long)(want))
#define EXPECT_RET_ROW(t, row, call, want) \
	expect_ret(t, __FILE__, __LINE__, row, (long)(call), (long)(want))
bool expect_ret(struct test *t, const char *file, int line, const char *what, long got, long want);

/* A table of calls: CALL(what it gives, its name, arguments). Pointers are written PTR(x). */
struct call_row {
	const char *text;
	long want, nr, args[6];
};

#define PTR(pointer) ((long)(pointer))
/* clang-format off */
#define CALL(want_ret, name, ...) \
	{ #name "(" #__VA_ARGS__ ")", want_ret, SYS_##name, { __VA_ARGS__ } }
/* clang-format on */
#define EXPECT_CALLS(t, rows) expect_calls(t, __FILE__, __LINE__, rows, ARRAY_SIZE(rows))
void expect_calls(struct test *t, const char *file, int line, const struct call_row *rows,
		  size_t nr_rows);

/* Without it the rest of the case makes no sense: notes a failure and ends the case. */
#define REQUIRE(t, cond)                                                        \
	do {                                                                    \
		if (!(cond)) {                                                  \
			test_fail(t, __FILE__, __LINE__, "required: %s", #cond); \
			_exit(STATUS_FAILED);                                   \
		}                                                               \
	} while (0)

/* Leaves the function: the case does not apply here. @reason is a literal. */
#define SKIP_IF(t, cond, reason)              \
	do {                                  \
		if (cond) {                   \
			test_skip(t, reason); \
			return;               \
		}                             \
	} while (0)

enum { STATUS_PASSED = 0, STATUS_FAILED = 1, STATUS_SKIPPED = 77 };

/* --- where are we */

bool in_guest(void); /* a machine that is ours alone */
bool is_root(void);
bool maps_at_once(void); /* this kernel, built without DEMAND_PAGING: no page comes on a fault */
bool is_oshit(void); /* this kernel, which promises exact accounts where Linux keeps caches */
#define SKIP_UNLESS_GUEST(t) SKIP_IF(t, !in_guest(), "only on a machine of its own")
#define SKIP_UNLESS_ROOT(t)  SKIP_IF(t, !is_root(), "needs root")

/* Gives up root for good, with all ids and capabilities. */
#define NOBODY 65534
void become_nobody(struct test *t);

/* A number of rounds: @host where others need the machine, @guest where it is ours. */
static inline unsigned int rounds(unsigned int host, unsigned int guest)
{
	return in_guest() ? guest : host;
}

/* A new folder that exists as long as the case runs. */
const char *scratch_folder(struct test *t);

/* A file in it, which is made if need be, and the folder, too: a descriptor. */
int open_scratch(struct test *t, const char *name, int flags);
/* Those of @names that are there. What else a case leaves shows. */
void remove_scratch(const char *const names[], size_t nr);

/* Path of this program. */
const char *self_path(void);

/* --- children */

/* Runs @fn in a child and returns its wait status; the child's exit status is 0 if fn returns. */
int run_in_child(struct test *t, void (*fn)(void *), void *arg);

/* Starts @fn in a child; it exits with 0 if fn returns. */
pid_t start_child(struct test *t, void (*fn)(void *), void *arg);

/* Waits for @pid and returns its wait status. */
int wait_for(struct test *t, pid_t pid);

#define EXPECT_EXIT(t, status, code)                      \
	do {                                              \
		int __status = (status);                  \
		EXPECT_TRUE(t, WIFEXITED(__status));      \
		EXPECT_EQ(t, WEXITSTATUS(__status), code); \
	} while (0)
#define EXPECT_KILLED(t, status, signal)                  \
	do {                                              \
		int __status = (status);                  \
		EXPECT_TRUE(t, WIFSIGNALED(__status));    \
		EXPECT_EQ(t, WTERMSIG(__status), signal); \
	} while (0)

/* --- memory */

/* @size bytes of private anonymous memory, or the end of the case. */
char *map_anon(struct test *t, size_t size, int prot);

/* An access by a child: 0, or the signal that it raised. */
int probe_read(const volatile void *addr);
int probe_write(volatile void *addr);
int probe_exec(const void *addr); /* @addr holds a RET */

/* The first address that no program can have: 5 levels of page tables give more than 4. */
unsigned long user_space_end(void);

/* --- bad pointers */

struct bad_pointer {
	const char *name;
	void *addr;
};

#define NR_BAD_POINTERS 7
/*
 * Addresses where an object of @size bytes cannot be: at 0, unmapped, without access, in the
 * kernel, non-canonical, at the end of the address space, and across the end of a mapped page.
 */
const struct bad_pointer *bad_pointers(struct test *t, size_t size);

/* --- time */

static inline long long to_ns(const struct timespec *ts)
{
	return ts->tv_sec * NS_PER_S + ts->tv_nsec;
}

static inline struct timespec from_ns(long long ns)
{
	return (struct timespec){ .tv_sec = ns / NS_PER_S, .tv_nsec = ns % NS_PER_S };
}

long long now_ns(clockid_t clock);
void sleep_ms(unsigned int ms);

/* SIGALRM in @ms and every @ms from then on, until alarm_off(): one that comes before the call that
 * it is to interrupt, because others have the processor, is followed by another. */
void alarm_on(unsigned int ms);
void alarm_off(void);

/* Until @cond, which takes milliseconds: after 20 s it has failed. */
#define EXPECT_SOON(t, cond)                                     \
	do {                                                     \
		for (int __i = 0; __i < 20000 && !(cond); __i++) \
			sleep_ms(1);                             \
		EXPECT_TRUE(t, cond);                            \
	} while (0)

/* --- pseudo-random numbers: the same in each run (xorshift) */

static inline unsigned int next_random(unsigned int *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 17;
	*state ^= *state << 5;
	return *state;
}

/* --- programs that execute themselves */

/*
 * Instead of test cases: called if the first argument is "--helper"; @argv[0] is the word behind
 * it. Its result is the exit status.  A program without one uses SELFTEST_NO_HELPER.
 */
int selftest_helper(int argc, char **argv);
#define SELFTEST_NO_HELPER                                                      \
	int selftest_helper(int argc __maybe_unused, char **argv __maybe_unused) \
	{                                                                       \
		return 2;                                                       \
	}

#endif
