/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The frame of every selftest: runs the cases of the program, each in a child, and reports in TAP.
 * TAP_INDENT=4 in the environment indents the report, so that it is part of another.
 *
 * A line of the report is one write(2): lines of other processes do not cut it.  All is written
 * with few demands on the kernel (selftest.h), since it is the kernel that is tested.
 */
#include <stdarg.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/utsname.h>

#include "selftest.h"

#include <oshit/kunit.h>

static int indent;
static const char *program_path;
static const char **shared_reason; /* of the case that was skipped, shared with its process */

static __printf(1, 2) void say(const char *fmt, ...)
{
	char line[1024];
	int len = snprintf(line, sizeof(line), "%*s", indent, "");
	va_list args;

	va_start(args, fmt);
	len += vsnprintf(line + len, sizeof(line) - (size_t)len - 1, fmt, args);
	va_end(args);
	if (len > (int)sizeof(line) - 2)
		len = sizeof(line) - 2;
	line[len++] = '\n';
	(void)!write(STDOUT_FILENO, line, (size_t)len);
}

void test_fail(struct test *t, const char *file, int line, const char *fmt, ...)
{
	char text[512];
	va_list args;

	t->nr_failures++;
	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	say("# %s:%d: %s: %s", file, line, t->name, text);
}

void test_note(struct test *t, const char *fmt, ...)
{
	char text[512];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	say("# %s: %s", t->name, text);
}

void test_skip(struct test *t, const char *reason)
{
	t->skip_reason = reason;
}

/* "22 (0x16)", or "-14 (Bad address)" */
static const char *result_text(char *text, size_t size, long result)
{
	if (result < 0 && result > -4096)
		snprintf(text, size, "%ld (%s)", result, strerror((int)-result));
	else
		snprintf(text, size, "%ld (%#lx)", result, (unsigned long)result);
	return text;
}

bool expect_ret(struct test *t, const char *file, int line, const char *what, long got, long want)
{
	char a[80], b[80];

	if (got == want)
		return true;
	test_fail(t, file, line, "%s: %s, not %s", what, result_text(a, sizeof(a), got),
		  result_text(b, sizeof(b), want));
	return false;
}

void expect_calls(struct test *t, const char *file, int line, const struct call_row *rows,
		  size_t nr_rows)
{
	for (size_t i = 0; i < nr_rows; i++) {
		const long *args = rows[i].args;

		expect_ret(t, file, line, rows[i].text,
			   kcall6(rows[i].nr, args[0], args[1], args[2], args[3], args[4], args[5]),
			   rows[i].want);
	}
}

/* --- where are we */

bool is_oshit(void)
{
	struct utsname name;

	return !uname(&name) && !strcmp(name.sysname, "OShit");
}

bool maps_at_once(void)
{
	const size_t size = 32 * PAGE;
	struct rusage before, after;
	char *memory;

	if (!is_oshit())
		return false;
	memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (memory == MAP_FAILED)
		return false;
	/* Nor may a huge page come that reaches into a neighbour's memory. */
	madvise(memory, size, MADV_NOHUGEPAGE);
	getrusage(RUSAGE_SELF, &before);
	memset(memory, 1, size);
	getrusage(RUSAGE_SELF, &after);
	munmap(memory, size);
	return after.ru_minflt == before.ru_minflt;
}

bool in_guest(void)
{
	return getenv("SELFTEST_GUEST") || is_oshit();
}

bool is_root(void)
{
	return geteuid() == 0;
}

void become_nobody(struct test *t)
{
	REQUIRE(t, kcall(SYS_setgroups, 0, NULL) == 0);
	REQUIRE(t, kcall(SYS_setresgid, NOBODY, NOBODY, NOBODY) == 0);
	REQUIRE(t, kcall(SYS_setresuid, NOBODY, NOBODY, NOBODY) == 0);
}

static char scratch[PATH_MAX];

const char *scratch_folder(struct test *t)
{
	const char *parent = getenv("TMPDIR");

	snprintf(scratch, sizeof(scratch), "%s/selftest-%d", parent ? parent : "/tmp", getpid());
	REQUIRE(t, mkdir(scratch, 0700) == 0);
	return scratch;
}

int open_scratch(struct test *t, const char *name, int flags)
{
	char path[PATH_MAX + NAME_MAX + 2];
	int fd;

	if (!scratch[0])
		scratch_folder(t);
	snprintf(path, sizeof(path), "%s/%s", scratch, name);
	fd = open(path, flags | O_CREAT, 0600);
	REQUIRE(t, fd >= 0);
	return fd;
}

void remove_scratch(const char *const names[], size_t nr)
{
	char path[PATH_MAX + NAME_MAX + 2];

	for (size_t i = 0; i < nr; i++) {
		snprintf(path, sizeof(path), "%s/%s", scratch, names[i]);
		unlink(path);
	}
}

const char *self_path(void)
{
	return program_path;
}

/* --- children */

pid_t start_child(struct test *t, void (*fn)(void *), void *arg)
{
	pid_t pid = fork();

	REQUIRE(t, pid >= 0);
	if (!pid) {
		fn(arg);
		_exit(t->nr_failures ? STATUS_FAILED : STATUS_PASSED);
	}
	return pid;
}

int wait_for(struct test *t, pid_t pid)
{
	int status = -1;

	REQUIRE(t, waitpid(pid, &status, 0) == pid);
	return status;
}

int run_in_child(struct test *t, void (*fn)(void *), void *arg)
{
	return wait_for(t, start_child(t, fn, arg));
}

/* --- memory */

char *map_anon(struct test *t, size_t size, int prot)
{
	char *addr = mmap(NULL, size, prot, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	REQUIRE(t, addr != MAP_FAILED);
	return addr;
}

static int probe(void (*access)(void *), volatile const void *addr)
{
	int status = 0;
	pid_t pid = fork();

	if (!pid) {
		access((void *)addr);
		_exit(0);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		return -1;
	return WIFSIGNALED(status) ? WTERMSIG(status) : 0;
}

static void do_read(void *addr)
{
	(void)*(volatile char *)addr;
}

static void do_write(void *addr)
{
	*(volatile char *)addr = 0x55;
}

static void do_exec(void *addr)
{
	((void (*)(void))addr)();
}

int probe_read(const volatile void *addr)
{
	return probe(do_read, addr);
}

int probe_write(volatile void *addr)
{
	return probe(do_write, addr);
}

int probe_exec(const void *addr)
{
	return probe(do_exec, addr);
}

unsigned long user_space_end(void)
{
	static unsigned long end;
	void *above = (void *)(1UL << 47);

	if (!end) {
		bool is_larger = mmap(above, PAGE, PROT_NONE,
				      MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == above;

		if (is_larger)
			munmap(above, PAGE);
		end = (1UL << (is_larger ? 56 : 47)) - PAGE;
	}
	return end;
}

const struct bad_pointer *bad_pointers(struct test *t, size_t size)
{
	static struct bad_pointer bad[NR_BAD_POINTERS];
	char *pages = map_anon(t, 3 * PAGE, PROT_READ | PROT_WRITE);

	REQUIRE(t, munmap(pages + PAGE, PAGE) == 0);
	REQUIRE(t, mprotect(pages + 2 * PAGE, PAGE, PROT_NONE) == 0);
	bad[0] = (struct bad_pointer){ "null", NULL };
	bad[1] = (struct bad_pointer){ "unmapped", pages + PAGE };
	bad[2] = (struct bad_pointer){ "no access", pages + 2 * PAGE };
	bad[3] = (struct bad_pointer){ "kernel", (void *)0xffffffff80200000UL };
	bad[4] = (struct bad_pointer){ "non-canonical", (void *)0x0a00000000000000UL };
	bad[5] = (struct bad_pointer){ "last bytes", (void *)-8UL };
	bad[6] = (struct bad_pointer){ "across the end of a page", pages + PAGE - size / 2 };
	return bad;
}

/* --- time */

long long now_ns(clockid_t clock)
{
	struct timespec now = { 0, 0 };

	kcall(SYS_clock_gettime, clock, &now);
	return to_ns(&now);
}

void sleep_ms(unsigned int ms)
{
	struct timespec ts = from_ns(ms * 1000000LL);

	kcall(SYS_nanosleep, &ts, NULL);
}

void alarm_on(unsigned int ms)
{
	struct timeval time = { ms / 1000, ms % 1000 * 1000 };
	struct itimerval timer = { time, time };

	setitimer(ITIMER_REAL, &timer, NULL);
}

void alarm_off(void)
{
	alarm_on(0);
}

/* --- the report */

static __noreturn void run_case(const struct test_suite *suite, const struct test_case *c)
{
	struct test t = { .suite = suite->name, .name = c->name };

	c->run(&t);
	if (scratch[0])
		rmdir(scratch); /* what a case leaves in it shows */
	if (t.nr_failures)
		_exit(STATUS_FAILED);
	*shared_reason = t.skip_reason;
	_exit(t.skip_reason ? STATUS_SKIPPED : STATUS_PASSED);
}

/* Returns true unless the case failed. */
static bool report(int number, const struct test_case *c, int status)
{
	if (WIFEXITED(status) && WEXITSTATUS(status) == STATUS_PASSED) {
		say("ok %d - %s", number, c->name);
		return true;
	}
	if (WIFEXITED(status) && WEXITSTATUS(status) == STATUS_SKIPPED) {
		say("ok %d - %s # SKIP %s", number, c->name, *shared_reason);
		return true;
	}
	if (WIFSIGNALED(status))
		say("# %s: ended by signal %d", c->name, WTERMSIG(status));
	else if (WEXITSTATUS(status) != STATUS_FAILED)
		say("# %s: ended with status %d", c->name, WEXITSTATUS(status));
	say("not ok %d - %s", number, c->name);
	return false;
}

static bool is_wanted(const struct test_case *c, char **names)
{
	for (char **name = names; *name; name++) {
		if (!strcmp(*name, c->name))
			return true;
	}
	return !*names;
}

static bool run_one(const struct test_suite *suite, const struct test_case *c, int number)
{
	int status = -1;
	pid_t pid = fork();

	if (!pid)
		run_case(suite, c);
	if (pid < 0 || waitpid(pid, &status, 0) != pid) {
		say("Bail out! fork or wait failed: %s", strerror(errno));
		exit(STATUS_FAILED);
	}
	return report(number, c, status);
}

static int run_suite(const struct test_suite *suite, char **names)
{
	int nr = 0, number = 0, failed = 0;

	for (size_t i = 0; i < suite->nr_cases; i++)
		nr += is_wanted(&suite->cases[i], names);
	if (!indent)
		say("TAP version 13");
	say("1..%d", nr);
	for (size_t i = 0; i < suite->nr_cases; i++) {
		if (is_wanted(&suite->cases[i], names))
			failed += !run_one(suite, &suite->cases[i], ++number);
	}
	return failed || !nr ? STATUS_FAILED : STATUS_PASSED;
}

/* Who started the tests may have ignored or blocked some: nohup(1), a shell's background job. */
static void reset_signals(void)
{
	sigset_t none;

	for (int sig = 1; sig < NSIG; sig++)
		signal(sig, SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

int main(int argc, char **argv)
{
	const struct test_suite *suite = __start_test_suites[0];
	const char *indent_text = getenv("TAP_INDENT");

	program_path = (const char *)getauxval(AT_EXECFN);
	if (argc > 1 && !strcmp(argv[1], "--helper"))
		return selftest_helper(argc - 2, argv + 2);
	if (argc > 1 && !strcmp(argv[1], "-l")) {
		for (size_t i = 0; i < suite->nr_cases; i++)
			say("%s", suite->cases[i].name);
		return 0;
	}
	reset_signals();
	indent = indent_text ? atoi(indent_text) : 0;
	shared_reason = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (shared_reason == MAP_FAILED) {
		say("Bail out! no shared page: %s", strerror(errno));
		return STATUS_FAILED;
	}
	return run_suite(suite, argv + 1);
}
