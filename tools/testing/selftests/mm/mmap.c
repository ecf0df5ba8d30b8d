/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * mmap of anonymous memory: every flag, where mappings may be, and what is refused with which
 * errno.
 */
#include "selftest.h"

#define RW	    (PROT_READ | PROT_WRITE)
#define ANON	    (MAP_PRIVATE | MAP_ANONYMOUS)
#define USER_TOP    user_space_end()
#define IS_ERROR(p) ((unsigned long)(p) > -4096UL)

static long map_at(void *addr, size_t size, int prot, int flags)
{
	return kcall(SYS_mmap, addr, size, prot, flags, -1, 0);
}

static void new_memory_is_zero_and_writable(struct test *t)
{
	long addr = map_at(NULL, 5 * PAGE, RW, ANON);

	REQUIRE(t, !IS_ERROR(addr));
	EXPECT_EQ(t, addr % PAGE, 0);
	for (size_t i = 0; i < 5 * PAGE / sizeof(long); i++)
		EXPECT_EQ(t, ((long *)addr)[i], 0);
	memset((void *)addr, 0xff, 5 * PAGE);
}

static void length_is_rounded_up_to_pages(struct test *t)
{
	char *addr = map_anon(t, 3 * PAGE, PROT_NONE);

	EXPECT_RET(t, map_at(addr, PAGE + 1, RW, ANON | MAP_FIXED), addr);
	EXPECT_EQ(t, probe_write(addr + 2 * PAGE - 1), 0);
	EXPECT_EQ(t, probe_write(addr + 2 * PAGE), SIGSEGV);
}

static void bad_lengths_are_refused(struct test *t)
{
	EXPECT_RET(t, map_at(NULL, 0, RW, ANON), -EINVAL);
	EXPECT_RET(t, map_at(NULL, -1UL, RW, ANON), -ENOMEM);
	EXPECT_RET(t, map_at(NULL, -PAGE, RW, ANON), -ENOMEM);
	EXPECT_RET(t, map_at(NULL, 1UL << 63, RW, ANON), -ENOMEM);
	EXPECT_RET(t, map_at(NULL, USER_TOP, RW, ANON), -ENOMEM);
	EXPECT_RET(t, map_at(NULL, 2 * USER_TOP, PROT_NONE, ANON | MAP_NORESERVE), -ENOMEM);
}

static void fixed_outside_of_user_space_is_refused(struct test *t)
{
	const unsigned long addrs[] = { USER_TOP, USER_TOP + PAGE, 0xffff888000000000UL,
					0xffffffff80000000UL, -PAGE };

	for (size_t i = 0; i < ARRAY_SIZE(addrs); i++)
		EXPECT_RET(t, map_at((void *)addrs[i], PAGE, RW, ANON | MAP_FIXED), -ENOMEM);
	EXPECT_RET(t, map_at((void *)(USER_TOP - PAGE), 2 * PAGE, RW, ANON | MAP_FIXED), -ENOMEM);
	EXPECT_RET(t, map_at((void *)(PAGE * 32), -PAGE, RW, ANON | MAP_FIXED), -ENOMEM);
}

static void last_page_of_user_space_can_be_mapped(struct test *t)
{
	/* The stack may be there. */
	long addr = map_at((void *)(USER_TOP - PAGE), PAGE, RW, ANON | MAP_FIXED_NOREPLACE);

	if (addr != -EEXIST)
		EXPECT_RET(t, addr, USER_TOP - PAGE);
}

static void unaligned_fixed_is_refused(struct test *t)
{
	char *addr = map_anon(t, 2 * PAGE, RW);

	EXPECT_RET(t, map_at(addr + 1, PAGE, RW, ANON | MAP_FIXED), -EINVAL);
	EXPECT_RET(t, map_at(addr + 2048, PAGE, RW, ANON | MAP_FIXED), -EINVAL);
	EXPECT_RET(t, map_at(addr + 1, PAGE, RW, ANON | MAP_FIXED_NOREPLACE), -EINVAL);
}

static void fixed_replaces_what_is_there(struct test *t)
{
	char *addr = map_anon(t, 3 * PAGE, RW);

	memset(addr, 1, 3 * PAGE);
	EXPECT_RET(t, map_at(addr + PAGE, PAGE, RW, ANON | MAP_FIXED), addr + PAGE);
	EXPECT_EQ(t, addr[PAGE - 1], 1);
	EXPECT_EQ(t, addr[PAGE], 0);
	EXPECT_EQ(t, addr[2 * PAGE - 1], 0);
	EXPECT_EQ(t, addr[2 * PAGE], 1);
}

static void fixed_noreplace_replaces_nothing(struct test *t)
{
	char *addr = map_anon(t, 3 * PAGE, RW);

	addr[PAGE] = 7;
	EXPECT_RET(t, map_at(addr + PAGE, PAGE, RW, ANON | MAP_FIXED_NOREPLACE), -EEXIST);
	EXPECT_RET(t, map_at(addr - PAGE, 2 * PAGE, RW, ANON | MAP_FIXED_NOREPLACE), -EEXIST);
	EXPECT_EQ(t, addr[PAGE], 7);
	REQUIRE(t, munmap(addr + PAGE, PAGE) == 0);
	EXPECT_RET(t, map_at(addr + PAGE, PAGE, RW, ANON | MAP_FIXED_NOREPLACE), addr + PAGE);
}

static void free_hint_is_taken(struct test *t)
{
	char *addr = map_anon(t, 4 * PAGE, RW);

	REQUIRE(t, munmap(addr + PAGE, 2 * PAGE) == 0);
	EXPECT_RET(t, map_at(addr + PAGE, 2 * PAGE, RW, ANON), addr + PAGE);
}

static void hint_is_rounded_to_a_page(struct test *t)
{
	char *addr = map_anon(t, 4 * PAGE, RW);

	REQUIRE(t, munmap(addr, 4 * PAGE) == 0);
	EXPECT_RET(t, map_at(addr + PAGE + 1, PAGE, RW, ANON) % (long)PAGE, 0);
}

static void occupied_hint_gives_another_place(struct test *t)
{
	char *addr = map_anon(t, 4 * PAGE, RW);
	long other = map_at(addr, PAGE, RW, ANON);

	EXPECT_FALSE(t, IS_ERROR(other));
	EXPECT_TRUE(t, other + (long)PAGE <= (long)addr || other >= (long)addr + 4 * (long)PAGE);
}

static void hint_outside_of_user_space_gives_another_place(struct test *t)
{
	const unsigned long hints[] = { USER_TOP, USER_TOP + PAGE, 0xffffffff80000000UL, -PAGE };

	for (size_t i = 0; i < ARRAY_SIZE(hints); i++) {
		unsigned long addr = map_at((void *)hints[i], PAGE, RW, ANON);

		EXPECT_TRUE(t, !IS_ERROR(addr) && addr < USER_TOP);
	}
}

static void first_page_needs_privilege(struct test *t)
{
	SKIP_UNLESS_ROOT(t);
	REQUIRE(t, setuid(65534) == 0);
	EXPECT_RET(t, map_at(NULL, PAGE, RW, ANON | MAP_FIXED), -EPERM);
}

static void locked_memory_needs_a_limit_or_privilege(struct test *t)
{
	struct rlimit limit = { 2 * PAGE, 2 * PAGE };
	long addr;

	SKIP_UNLESS_ROOT(t);
	REQUIRE(t, setrlimit(RLIMIT_MEMLOCK, &limit) == 0);
	addr = map_at(NULL, 3 * PAGE, RW, ANON | MAP_LOCKED);
	REQUIRE(t, !IS_ERROR(addr) && munmap((void *)addr, 3 * PAGE) == 0);
	REQUIRE(t, setuid(65534) == 0);
	EXPECT_RET(t, map_at(NULL, 3 * PAGE, RW, ANON | MAP_LOCKED), -EAGAIN);
	EXPECT_TRUE(t, !IS_ERROR(map_at(NULL, 2 * PAGE, RW, ANON | MAP_LOCKED)));
	limit.rlim_cur = 0;
	REQUIRE(t, setrlimit(RLIMIT_MEMLOCK, &limit) == 0);
	EXPECT_RET(t, map_at(NULL, PAGE, RW, ANON | MAP_LOCKED), -EPERM);
	EXPECT_RET(t, map_at(NULL, PAGE, RW, MAP_ANONYMOUS | MAP_LOCKED), -EPERM);
}

static void map_type_must_be_one(struct test *t)
{
	EXPECT_RET(t, map_at(NULL, PAGE, RW, MAP_ANONYMOUS), -EINVAL);
	EXPECT_RET(t, map_at(NULL, PAGE, RW, MAP_ANONYMOUS | MAP_PRIVATE | 0x4), -EINVAL);
}

static void without_anonymous_a_file_is_needed(struct test *t)
{
	EXPECT_RET(t, kcall(SYS_mmap, 0, PAGE, RW, MAP_PRIVATE, -1, 0), -EBADF);
	EXPECT_RET(t, kcall(SYS_mmap, 0, PAGE, RW, MAP_SHARED, 1000, 0), -EBADF);
	EXPECT_RET(t, kcall(SYS_mmap, 0, PAGE, RW, ANON, -1, 1), -EINVAL); /* unaligned offset */
}

static void shared_memory_is_shared_with_children(struct test *t)
{
	volatile int *addr = (int *)map_at(NULL, 2 * PAGE, RW, MAP_SHARED | MAP_ANONYMOUS);

	REQUIRE(t, !IS_ERROR(addr));
	EXPECT_EQ(t, addr[0], 0);
	if (!fork()) {
		addr[0] = 1;
		addr[PAGE / sizeof(int)] = 2; /* touched first by the child */
		_exit(0);
	}
	wait(NULL);
	EXPECT_EQ(t, addr[0], 1);
	EXPECT_EQ(t, addr[PAGE / sizeof(int)], 2);
}

static void shared_memory_survives_two_generations(struct test *t)
{
	volatile int *count = (int *)map_at(NULL, PAGE, RW, MAP_SHARED | MAP_ANONYMOUS);

	REQUIRE(t, !IS_ERROR(count));
	if (!fork()) {
		if (!fork()) {
			__atomic_add_fetch(count, 1, __ATOMIC_SEQ_CST);
			_exit(0);
		}
		wait(NULL);
		__atomic_add_fetch(count, 1, __ATOMIC_SEQ_CST);
		_exit(0);
	}
	wait(NULL);
	EXPECT_EQ(t, *count, 2);
}

static void private_memory_is_not_shared(struct test *t)
{
	volatile int *addr = (int *)map_anon(t, PAGE, RW);

	*addr = 1;
	if (!fork()) {
		*addr = 2;
		_exit(0);
	}
	wait(NULL);
	EXPECT_EQ(t, *addr, 1);
}

static long minor_faults(void)
{
	struct rusage usage;

	return getrusage(RUSAGE_SELF, &usage) ? -1 : usage.ru_minflt;
}

static void populated_memory_does_not_fault(struct test *t)
{
	char *addr = (char *)map_at(NULL, 64 * PAGE, RW, ANON | MAP_POPULATE);
	long before;

	REQUIRE(t, !IS_ERROR(addr));
	before = minor_faults();
	for (int i = 0; i < 64; i++)
		addr[i * PAGE] = 1;
	EXPECT_LE(t, minor_faults() - before, 2); /* of the stack, say */
}

static void plain_memory_faults_once_a_page(struct test *t)
{
	char *addr = map_anon(t, 64 * PAGE, RW);
	long before;

	madvise(addr, 64 * PAGE, MADV_NOHUGEPAGE);
	before = minor_faults();
	for (int round = 0; round < 2; round++) {
		for (int i = 0; i < 64; i++)
			addr[i * PAGE] = 1;
	}
	EXPECT_LE(t, minor_faults() - before, 66);
}

static void more_than_there_is_can_be_promised(struct test *t)
{
	const size_t size = 64UL << 30;
	char *addr;

	SKIP_IF(t, maps_at_once(), "no demand paging");
	addr = (char *)map_at(NULL, size, RW, ANON | MAP_NORESERVE);
	REQUIRE(t, !IS_ERROR(addr));
	madvise(addr, size, MADV_NOHUGEPAGE);
	addr[0] = addr[size / 2] = addr[size - 1] = 1;
	EXPECT_EQ(t, addr[size / 2 + 1], 0);
	EXPECT_RET(t, kcall(SYS_munmap, addr, size), 0);
}

static void more_than_can_ever_be_is_refused(struct test *t)
{
	const size_t size = 1UL << 45;
	const int shared = MAP_SHARED | MAP_ANONYMOUS;

	SKIP_IF(t, !IS_ERROR(map_at(NULL, size, RW, ANON)), "this machine promises everything");
	EXPECT_RET(t, map_at(NULL, size, RW, ANON), -ENOMEM);
	EXPECT_RET(t, map_at(NULL, size, RW, shared), -ENOMEM);
	EXPECT_RET(t, map_at(NULL, size, PROT_READ, shared), -ENOMEM);
	EXPECT_TRUE(t, !IS_ERROR(map_at(NULL, size, PROT_READ, ANON)));
	EXPECT_TRUE(t, !IS_ERROR(map_at(NULL, size, RW, shared | MAP_NORESERVE)));
}

static void stack_flags_are_accepted(struct test *t)
{
	long addr = map_at(NULL, 16 * PAGE, RW, ANON | MAP_STACK | MAP_NORESERVE);

	EXPECT_FALSE(t, IS_ERROR(addr));
	EXPECT_EQ(t, probe_write((void *)addr), 0);
}

static void growsdown_mapping_grows_down(struct test *t)
{
	char *room = map_anon(t, 1024 * PAGE, PROT_NONE), *addr;

	/* Free room below, so that nothing is nearer than the guard gap. */
	REQUIRE(t, munmap(room, 1024 * PAGE) == 0);
	addr = (char *)map_at(room + 1000 * PAGE, 4 * PAGE, RW, ANON | MAP_GROWSDOWN | MAP_FIXED);
	REQUIRE(t, addr == room + 1000 * PAGE);
	EXPECT_EQ(t, probe_write(addr), 0);
	EXPECT_EQ(t, probe_write(addr - 1), 0);
	EXPECT_EQ(t, probe_write(addr - 8 * PAGE), 0);
	EXPECT_EQ(t, probe_read(addr + 4 * PAGE), SIGSEGV);
}

static void protections_are_what_was_asked_for(struct test *t)
{
	static const struct {
		int prot, read, write, exec;
	} rows[] = {
		{ PROT_NONE, SIGSEGV, SIGSEGV, SIGSEGV },
		{ PROT_READ, 0, SIGSEGV, SIGSEGV },
		{ PROT_READ | PROT_WRITE, 0, 0, SIGSEGV },
		{ PROT_READ | PROT_EXEC, 0, SIGSEGV, 0 },
		{ PROT_READ | PROT_WRITE | PROT_EXEC, 0, 0, 0 },
		{ PROT_WRITE, 0, 0, SIGSEGV }, /* x86 cannot forbid reading */
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		char *addr = map_anon(t, PAGE, RW);

		*addr = (char)0xc3;
		REQUIRE(t, mprotect(addr, PAGE, rows[i].prot) == 0);
		EXPECT_EQ(t, probe_read(addr), rows[i].read);
		EXPECT_EQ(t, probe_exec(addr), rows[i].exec);
		EXPECT_EQ(t, probe_write(addr), rows[i].write);
	}
}

static void limit_of_address_space_holds(struct test *t)
{
	struct rlimit limit = { 64UL << 20, 64UL << 20 };

	REQUIRE(t, setrlimit(RLIMIT_AS, &limit) == 0);
	EXPECT_RET(t, map_at(NULL, 65UL << 20, RW, ANON), -ENOMEM);
	EXPECT_RET(t, map_at(NULL, 65UL << 20, PROT_NONE, ANON | MAP_NORESERVE), -ENOMEM);
	EXPECT_FALSE(t, IS_ERROR(map_at(NULL, 1UL << 20, RW, ANON)));
}

static void places_differ_between_programs(struct test *t)
{
	SKIP_IF(t, getauxval(AT_RANDOM) == 0, "no AT_RANDOM");
	unsigned long addrs[4];
	int same = 0;

	for (size_t i = 0; i < ARRAY_SIZE(addrs); i++) {
		int status;

		if (!fork()) {
			execl(self_path(), self_path(), "--helper", "where", NULL);
			_exit(255);
		}
		wait(&status);
		addrs[i] = WEXITSTATUS(status);
		same += i && addrs[i] == addrs[0];
	}
	EXPECT_LT(t, same, 3); /* 8 bits each: by chance once in 16 million */
}

/* "where": bits 12 to 19 of a new mapping's address. */
int selftest_helper(int argc __maybe_unused, char **argv __maybe_unused)
{
	return map_at(NULL, PAGE, PROT_READ, ANON) >> 12 & 0xff;
}

static const struct test_case mmap_cases[] = {
	TEST_CASE(new_memory_is_zero_and_writable),
	TEST_CASE(length_is_rounded_up_to_pages),
	TEST_CASE(bad_lengths_are_refused),
	TEST_CASE(fixed_outside_of_user_space_is_refused),
	TEST_CASE(last_page_of_user_space_can_be_mapped),
	TEST_CASE(unaligned_fixed_is_refused),
	TEST_CASE(fixed_replaces_what_is_there),
	TEST_CASE(fixed_noreplace_replaces_nothing),
	TEST_CASE(free_hint_is_taken),
	TEST_CASE(hint_is_rounded_to_a_page),
	TEST_CASE(occupied_hint_gives_another_place),
	TEST_CASE(hint_outside_of_user_space_gives_another_place),
	TEST_CASE(first_page_needs_privilege),
	TEST_CASE(locked_memory_needs_a_limit_or_privilege),
	TEST_CASE(map_type_must_be_one),
	TEST_CASE(without_anonymous_a_file_is_needed),
	TEST_CASE(shared_memory_is_shared_with_children),
	TEST_CASE(shared_memory_survives_two_generations),
	TEST_CASE(private_memory_is_not_shared),
	TEST_CASE(populated_memory_does_not_fault),
	TEST_CASE(plain_memory_faults_once_a_page),
	TEST_CASE(more_than_there_is_can_be_promised),
	TEST_CASE(more_than_can_ever_be_is_refused),
	TEST_CASE(stack_flags_are_accepted),
	TEST_CASE(growsdown_mapping_grows_down),
	TEST_CASE(protections_are_what_was_asked_for),
	TEST_CASE(limit_of_address_space_holds),
	TEST_CASE(places_differ_between_programs),
};
TEST_SUITE(mmap, mmap_cases);
