/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Runs the test suites of a host program under cmocka: a suite is a group, a case a test.  The
 * last line is for run.sh.  A test that fails goes on to its end, as in the kernel, and is then
 * failed as a whole.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include <oshit/kunit.h>
#include <oshit/test.h>

static struct {
	unsigned int passed, failed, skipped, total;
} result;

struct run {
	const struct test_suite *suite;
	const struct test_case *test_case;
};

void test_fail(struct test *t, const char *file, int line, const char *fmt, ...)
{
	va_list args;

	t->nr_failures++;
	printf("%s:%d: %s.%s: ", file, line, t->suite, t->name);
	va_start(args, fmt);
	vprintf(fmt, args);
	va_end(args);
	putchar('\n');
}

void test_note(struct test *t, const char *fmt, ...)
{
	va_list args;

	printf("# %s.%s: ", t->suite, t->name);
	va_start(args, fmt);
	vprintf(fmt, args);
	va_end(args);
	putchar('\n');
}

void test_skip(struct test *t, const char *reason)
{
	t->skip_reason = reason;
}

static void run_case(void **state)
{
	const struct run *run = *state;
	struct test t = { .suite = run->suite->name, .name = run->test_case->name };

	run->test_case->run(&t);
	if (t.nr_failures) {
		result.failed++;
		fail_msg("%u failures", t.nr_failures);
	}
	if (t.skip_reason) {
		result.skipped++;
		printf("# %s.%s: skipped: %s\n", t.suite, t.name, t.skip_reason);
		skip();
	}
	result.passed++;
}

static void run_suite(const struct test_suite *suite)
{
	struct CMUnitTest *tests = calloc(suite->nr_cases, sizeof(*tests));
	struct run *runs = calloc(suite->nr_cases, sizeof(*runs));

	for (size_t i = 0; i < suite->nr_cases; i++) {
		runs[i].suite = suite;
		runs[i].test_case = &suite->cases[i];
		tests[i].name = suite->cases[i].name;
		tests[i].test_func = run_case;
		tests[i].initial_state = &runs[i];
	}
	result.total += suite->nr_cases;
	_cmocka_run_group_tests(suite->name, tests, suite->nr_cases, NULL, NULL);
	free(runs);
	free(tests);
}

int main(void)
{
	const struct test_suite *const *suite;

	setvbuf(stdout, NULL, _IOLBF, 0);
	for (suite = __start_test_suites; suite < __stop_test_suites; suite++)
		run_suite(*suite);
	printf("result: %u passed, %u failed, %u skipped of %u\n", result.passed, result.failed,
	       result.skipped, result.total);
	return result.failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
