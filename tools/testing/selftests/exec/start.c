/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a program finds when it starts: arguments, environment, auxiliary vector, the layout of its
 * stack, and a clean state.  Built against musl and glibc, fixed and position-independent, because
 * each starts in another way.
 */
#include <elf.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/utsname.h>

#include "selftest.h"

static int run_helper(struct test *t, char *const argv[], char *const envp[])
{
	pid_t pid = fork();

	REQUIRE(t, pid >= 0);
	if (!pid) {
		kcall(SYS_execve, self_path(), argv, envp);
		_exit(99);
	}
	return wait_for(t, pid);
}

#define HELPER(...)                                    \
	(char *const[])                                \
	{                                              \
		"start", "--helper", __VA_ARGS__, NULL \
	}
#define ENV(...)                  \
	(char *const[])           \
	{                         \
		__VA_ARGS__, NULL \
	}

/* --- the helpers: each runs in a new program and returns 0 if all is well */

static int check_arguments(int argc, char **argv)
{
	return !(argc == 4 && !strcmp(argv[1], "one") && !strcmp(argv[2], "") &&
		 !strcmp(argv[3], "th ree") && !argv[4]);
}

static int check_environment(int argc __maybe_unused, char **argv __maybe_unused)
{
	return !(environ[0] && !strcmp(environ[0], "A=1") && !strcmp(environ[1], "B=") &&
		 !strcmp(environ[2], "nonsense") && !environ[3]);
}

static int check_no_environment(int argc __maybe_unused, char **argv __maybe_unused)
{
	return environ[0] != NULL;
}

/* Strings lie one behind the other, arguments before the environment, then the program's name. */
static int check_strings(int argc, char **argv)
{
	const char *end = argv[0];

	for (int i = 0; i < argc; i++) {
		if (argv[i] != end)
			return 1;
		end = argv[i] + strlen(argv[i]) + 1;
	}
	for (char **env = environ; *env; env++) {
		if (*env != end)
			return 2;
		end = *env + strlen(*env) + 1;
	}
	return end == (const char *)getauxval(AT_EXECFN) ? 0 : 3;
}

static int check_pointers(int argc, char **argv)
{
	/* argc, argv, NULL, envp, NULL, auxv; argv is two words further for the helper */
	char **start = argv - 2;

	if ((long)start[-1] != argc + 2 || (uintptr_t)(start - 1) % 16)
		return 1;
	return environ == argv + argc + 1 ? 0 : 2;
}

static const Elf64_auxv_t *auxv(void)
{
	char **env = environ;

	while (*env)
		env++;
	return (const Elf64_auxv_t *)(env + 1);
}

static int check_auxv(int argc __maybe_unused, char **argv __maybe_unused)
{
	static const unsigned long wanted[] = { AT_PHDR,    AT_PHENT,  AT_PHNUM,  AT_PAGESZ,
						AT_BASE,    AT_FLAGS,  AT_ENTRY,  AT_UID,
						AT_EUID,    AT_GID,    AT_EGID,	  AT_CLKTCK,
						AT_SECURE,  AT_RANDOM, AT_EXECFN, AT_HWCAP,
						AT_PLATFORM };
	int found[64] = { 0 };

	for (const Elf64_auxv_t *a = auxv(); a->a_type; a++) {
		if (a->a_type < 64 && found[a->a_type]++)
			return 1; /* twice */
	}
	for (size_t i = 0; i < ARRAY_SIZE(wanted); i++) {
		if (!found[wanted[i]])
			return 10 + (int)i;
	}
	return 0;
}

static int check_auxv_values(int argc __maybe_unused, char **argv __maybe_unused)
{
	if (getauxval(AT_PAGESZ) != 4096 || getauxval(AT_CLKTCK) != 100)
		return 1;
	if (getauxval(AT_PHENT) != sizeof(Elf64_Phdr) || getauxval(AT_PHNUM) < 2)
		return 2;
	if (getauxval(AT_UID) != getuid() || getauxval(AT_EUID) != geteuid() ||
	    getauxval(AT_GID) != getgid() || getauxval(AT_EGID) != getegid())
		return 3;
	if (getauxval(AT_SECURE) || getauxval(AT_FLAGS) || getauxval(AT_BASE))
		return 4;
	if (strcmp((const char *)getauxval(AT_PLATFORM), "x86_64"))
		return 5;
	return strcmp((const char *)getauxval(AT_EXECFN), self_path()) ? 6 : 0;
}

/* AT_PHDR shows the headers of this very program, at the address where they are loaded. */
static int check_headers(int argc __maybe_unused, char **argv __maybe_unused)
{
	const Elf64_Phdr *headers = (const Elf64_Phdr *)getauxval(AT_PHDR);
	unsigned long entry = getauxval(AT_ENTRY), slide = 0;

	for (unsigned long i = 0; i < getauxval(AT_PHNUM); i++) {
		if (headers[i].p_type == PT_PHDR)
			slide = (unsigned long)headers - headers[i].p_vaddr;
	}
	for (unsigned long i = 0; i < getauxval(AT_PHNUM); i++) {
		const Elf64_Phdr *h = &headers[i];
		unsigned long start = h->p_vaddr + slide;

		/* Position-independent, without PT_PHDR: the headers are in its first page. */
		if (h->p_type == PT_LOAD && !slide && !h->p_vaddr)
			start = (unsigned long)headers & -PAGE;
		if (h->p_type == PT_LOAD && h->p_flags & PF_X && entry >= start &&
		    entry < start + h->p_memsz + (slide ? 0 : 1UL << 47))
			return 0;
	}
	return 1;
}

static int check_random(int argc __maybe_unused, char **argv)
{
	const unsigned char *random = (const unsigned char *)getauxval(AT_RANDOM);
	int zeros = 0;

	for (int i = 0; i < 16; i++)
		zeros += !random[i];
	/* The byte that the test compares between two runs is random[8]. */
	if (zeros > 6)
		return 1;
	return argv[1] && !strcmp(argv[1], "byte") ? random[8] : 0;
}

static int check_name(int argc __maybe_unused, char **argv __maybe_unused)
{
	const char *slash = strrchr(self_path(), '/');
	char name[17] = { 0 }, wanted[16] = { 0 };

	kcall(SYS_prctl, PR_GET_NAME, name);
	strncpy(wanted, slash ? slash + 1 : self_path(), 15);
	return strcmp(name, wanted) != 0;
}

static int check_stack(int argc, char **argv __maybe_unused)
{
	char **start = environ - argc - 4;
	unsigned long top = getauxval(AT_EXECFN) + strlen(self_path()) + 1;

	/* Eight zero bytes end it, at the end of a page. */
	return (top + 8 + PAGE - 1) / PAGE * PAGE - (unsigned long)start > 64 * PAGE;
}

static int check_fpu(int argc __maybe_unused, char **argv __maybe_unused)
{
	unsigned int mxcsr = 0;
	unsigned short fcw = 0;

	__asm__ volatile("stmxcsr %0\n\tfnstcw %1" : "=m"(mxcsr), "=m"(fcw));
	return mxcsr != 0x1f80 ? 1 : fcw != 0x37f ? 2 : 0;
}

static int check_descriptors(int argc __maybe_unused, char **argv)
{
	int open_fd = atoi(argv[1]), closed_fd = atoi(argv[2]);

	return !(fcntl(open_fd, F_GETFD) == 0 && fcntl(closed_fd, F_GETFD) == -1);
}

static int check_sum_of_arguments(int argc, char **argv)
{
	size_t sum = 0;

	for (int i = 1; i < argc; i++)
		sum += strlen(argv[i]);
	return sum == (size_t)atol(getenv("SUM")) ? 0 : 1;
}

static const struct {
	const char *name;
	int (*fn)(int argc, char **argv);
} helpers[] = {
	{ "arguments", check_arguments },
	{ "environment", check_environment },
	{ "no-environment", check_no_environment },
	{ "strings", check_strings },
	{ "pointers", check_pointers },
	{ "auxv", check_auxv },
	{ "auxv-values", check_auxv_values },
	{ "headers", check_headers },
	{ "random", check_random },
	{ "name", check_name },
	{ "stack", check_stack },
	{ "fpu", check_fpu },
	{ "descriptors", check_descriptors },
	{ "sum", check_sum_of_arguments },
};

int selftest_helper(int argc, char **argv)
{
	for (size_t i = 0; i < ARRAY_SIZE(helpers); i++) {
		if (argc && !strcmp(argv[0], helpers[i].name))
			return helpers[i].fn(argc, argv);
	}
	return 98;
}

/* --- the cases */

static void arguments_arrive(struct test *t)
{
	EXPECT_EXIT(t, run_helper(t, HELPER("arguments", "one", "", "th ree"), environ), 0);
}

static void environment_arrives(struct test *t)
{
	EXPECT_EXIT(t, run_helper(t, HELPER("environment"), ENV("A=1", "B=", "nonsense")), 0);
	EXPECT_EXIT(t, run_helper(t, HELPER("no-environment"), (char *const[]){ NULL }), 0);
	EXPECT_EXIT(t, run_helper(t, HELPER("no-environment"), NULL), 0); /* allowed by Linux */
}

static void strings_lie_in_a_row(struct test *t)
{
	/* argv[0] of the helper is its third string */
	EXPECT_EXIT(t, run_helper(t, HELPER("strings", "b", "c"), ENV("X=1", "Y=2")), 0);
}

static void pointers_lie_above_an_aligned_argc(struct test *t)
{
	EXPECT_EXIT(t, run_helper(t, HELPER("pointers"), ENV("X=1")), 0);
	EXPECT_EXIT(t, run_helper(t, HELPER("pointers", "a"), ENV("X=1")), 0);
	EXPECT_EXIT(t, run_helper(t, HELPER("pointers", "a", "bb"), ENV("X=1", "Y=12345")), 0);
}

static void auxiliary_vector_is_complete(struct test *t)
{
	EXPECT_EXIT(t, run_helper(t, HELPER("auxv"), ENV("X=1")), 0);
	EXPECT_EXIT(t, run_helper(t, HELPER("auxv-values"), ENV("X=1")), 0);
}

static void program_headers_are_where_the_vector_says(struct test *t)
{
	EXPECT_EXIT(t, run_helper(t, HELPER("headers"), environ), 0);
}

static void random_bytes_are_new_for_each_program(struct test *t)
{
	int bytes[6], same = 0;

	EXPECT_EXIT(t, run_helper(t, HELPER("random"), environ), 0);
	for (size_t i = 0; i < ARRAY_SIZE(bytes); i++) {
		bytes[i] = WEXITSTATUS(run_helper(t, HELPER("random", "byte"), environ));
		same += i && bytes[i] == bytes[0];
	}
	EXPECT_LT(t, same, 5);
}

static void task_is_named_after_the_file(struct test *t)
{
	EXPECT_EXIT(t, run_helper(t, HELPER("name"), environ), 0);
}

static void stack_is_near_its_top(struct test *t)
{
	EXPECT_EXIT(t, run_helper(t, HELPER("stack"), environ), 0);
}

static void floating_point_unit_is_reset(struct test *t)
{
	unsigned int mxcsr = 0x9f80; /* flush to zero */

	__asm__ volatile("ldmxcsr %0" ::"m"(mxcsr));
	EXPECT_EXIT(t, run_helper(t, HELPER("fpu"), environ), 0);
}

static void close_on_exec_closes(struct test *t)
{
	int open_fd = dup(1), closed_fd = dup(1);
	char a[16], b[16];

	snprintf(a, sizeof(a), "%d", open_fd);
	snprintf(b, sizeof(b), "%d", closed_fd);
	REQUIRE(t, fcntl(closed_fd, F_SETFD, FD_CLOEXEC) == 0);
	EXPECT_EXIT(t, run_helper(t, HELPER("descriptors", a, b), environ), 0);
	EXPECT_EQ(t, fcntl(closed_fd, F_GETFD), FD_CLOEXEC); /* in the child alone */
}

static void many_and_long_arguments_arrive(struct test *t)
{
	enum { NR = 1000, LEN = 1500, LONG = 100000 };
	static char *argv[NR + 4];
	char *text = map_anon(t, LEN + 1, PROT_READ | PROT_WRITE), sum[32];
	char *longest = map_anon(t, LONG + 1, PROT_READ | PROT_WRITE);

	memset(text, 'a', LEN);
	memset(longest, 'b', LONG);
	argv[0] = argv[1] = (char *)"--helper";
	argv[2] = (char *)"sum";
	for (int i = 0; i < NR; i++)
		argv[3 + i] = i ? text : longest;
	snprintf(sum, sizeof(sum), "SUM=%d", (NR - 1) * LEN + LONG);
	EXPECT_EXIT(t, run_helper(t, argv, ENV(sum)), 0);
}

static void pid_and_parent_stay(struct test *t)
{
	EXPECT_EXIT(t, run_helper(t, HELPER("arguments", "one", "", "th ree"), environ), 0);
	EXPECT_EQ(t, wait(NULL), -1); /* it was the child itself that ran it */
}

static const struct test_case start_cases[] = {
	TEST_CASE(arguments_arrive),
	TEST_CASE(environment_arrives),
	TEST_CASE(strings_lie_in_a_row),
	TEST_CASE(pointers_lie_above_an_aligned_argc),
	TEST_CASE(auxiliary_vector_is_complete),
	TEST_CASE(program_headers_are_where_the_vector_says),
	TEST_CASE(random_bytes_are_new_for_each_program),
	TEST_CASE(task_is_named_after_the_file),
	TEST_CASE(stack_is_near_its_top),
	TEST_CASE(floating_point_unit_is_reset),
	TEST_CASE(close_on_exec_closes),
	TEST_CASE(many_and_long_arguments_arrive),
	TEST_CASE(pid_and_parent_stay),
};
TEST_SUITE(start, start_cases);
