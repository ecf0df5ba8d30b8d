/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Runner of the in-kernel tests.
 *
 * A suite is a table of cases (<oshit/test.h>); the linker gathers pointers to all suites in the
 * section test_suites.  `kunit` on the command line runs all of them, `kunit=GLOB,GLOB` those
 * whose name, or "suite.case", matches one.  The report is KTAP version 1 with one nested level per
 * suite:
 *
 *	KTAP version 1
 *	1..1
 *	    KTAP version 1
 *	    # Subtest: list
 *	    1..2
 *	    ok 1 added_entry_is_last
 *	    ok 2 empty_after_del # SKIP no memory
 *	ok 1 list
 *
 * A plan is printed before the first case runs, so a reader notices a run that was cut short.
 * A case gives back all that it takes: pages and objects are counted before and after, with all
 * caches empty, and a difference is a failure.
 *
 * Lines go to the consoles past the log, whole lines at a time: log lines may stand between them,
 * never inside, and `loglevel=` hides no result.  The verdict is then told to the machine: by the
 * debug-exit device if there is one, else the machine is switched off and the reader has the text.
 *
 * Context: one task runs the cases, one after the other, each from its begin on the boot CPU; a
 * case may sleep, and move.  There is no time limit and no recovery from a crash: who started the
 * machine watches it.  The state here belongs to that one task and has no lock.
 */
#include <oshit/boot_param.h>
#include <oshit/clock.h>
#include <oshit/debug_exit.h>
#include <oshit/gfp.h>
#include <oshit/glob.h>
#include <oshit/kernel_stack.h>
#include <oshit/kunit.h>
#include <oshit/log.h>
#include <oshit/math.h>
#include <oshit/mm_usage.h>
#include <oshit/printf.h>
#include <oshit/rcu.h>
#include <oshit/reboot.h>
#include <oshit/sched.h>
#include <oshit/shrinker.h>
#include <oshit/slab.h>
#include <oshit/string.h>
#include <oshit/task.h>
#include <oshit/workqueue.h>

#define SUITE_INDENT "    " /* of a nested report, KTAP version 1 */

static const char *kunit_globs; /* NULL: not asked for */
static unsigned int nr_tasks_at_start;

static int kunit_param(const char *value)
{
	kunit_globs = value && *value ? value : "*";
	return 0;
}
BOOT_PARAM("kunit", kunit_param);

/* One whole line at a time; longer ones are cut, but still end. */
static void report_line(const char *indent, const char *fmt, va_list args)
{
	char line[256];
	size_t len = scnprintf(line, sizeof(line) - 1, "%s", indent);

	len += vscnprintf(line + len, sizeof(line) - 1 - len, fmt, args);
	line[len++] = '\n';
	console_write_whole(line, len);
}

__printf(2, 3) static void report(const char *indent, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	report_line(indent, fmt, args);
	va_end(args);
}

void test_fail(struct test *t, const char *file, int line, const char *fmt, ...)
{
	va_list args;

	t->nr_failures++;
	report(SUITE_INDENT, "# %s: failed at %s:%d", t->name, file, line);
	va_start(args, fmt);
	report_line(SUITE_INDENT "#   ", fmt, args);
	va_end(args);
}

void test_note(struct test *t, const char *fmt, ...)
{
	va_list args;

	report(SUITE_INDENT, "# %s:", t->name);
	va_start(args, fmt);
	report_line(SUITE_INDENT "#   ", fmt, args);
	va_end(args);
}

void test_skip(struct test *t, const char *reason)
{
	t->skip_reason = reason;
}

/* Of a list with commas. */
static bool any_glob_matches(const char *name)
{
	const char *at = kunit_globs;
	char glob[64];

	while (*at) {
		size_t len = strcspn(at, ",");

		strscpy(glob, at, min(len + 1, sizeof(glob)));
		if (glob_match(glob, name))
			return true;
		at += len + (at[len] == ',');
	}
	return false;
}

static bool case_is_wanted(const struct test_suite *suite, const struct test_case *c)
{
	char name[128];

	snprintf(name, sizeof(name), "%s.%s", suite->name, c->name);
	return any_glob_matches(suite->name) || any_glob_matches(name);
}

static unsigned int nr_wanted_cases(const struct test_suite *suite)
{
	unsigned int nr = 0;

	for (size_t i = 0; i < suite->nr_cases; i++)
		nr += case_is_wanted(suite, &suite->cases[i]);
	return nr;
}

static unsigned int nr_wanted_suites(void)
{
	unsigned int nr = 0;

	for (const struct test_suite *const *s = __start_test_suites; s < __stop_test_suites; s++)
		nr += nr_wanted_cases(*s) != 0;
	return nr;
}

static void move_to(unsigned int cpu)
{
	struct cpumask mask = cpumask_of(cpu);

	set_cpus_allowed(current, &mask);
}

/* Waits until there are no more tasks than when the tests began, but not for ever. */
static void wait_for_ends(void)
{
	u64 limit_ns = clock_ns() + 10 * NSEC_PER_SEC;

	while ((workqueue_trim() > 1 || nr_tasks() > nr_tasks_at_start) && clock_ns() < limit_ns)
		msleep(1);
}

/*
 * Gets rid of what a case may leave behind for a while: threads on their way to their end, and the
 * stacks, objects and pages that each CPU keeps.  Ends on the boot CPU.
 */
static void settle(void)
{
	unsigned int cpu;

	wait_for_ends();
	rcu_barrier(); /* what it frees goes to the CPU of its thread */
	for_each_online_cpu(cpu) {
		if (cpu) {
			move_to(cpu);
			kernel_stack_drain();
			shrink_caches(GFP_KERNEL, ~0UL);
			drain_local_pages();
		}
	}
	move_to(0);
	/* A cache may spare what was used since the last time. */
	while (shrink_caches(GFP_KERNEL, ~0UL))
		;
}

/* Objects of each cache before a case, so that a leak has a name. */
static struct cache_use {
	const char *name;
	unsigned long nr_objects;
} cache_uses[64];

static void note_use(const struct kmem_cache_info *info, void *arg)
{
	unsigned int *nr = arg;

	if (*nr < ARRAY_SIZE(cache_uses))
		cache_uses[(*nr)++] = (struct cache_use){ info->name, info->nr_objects };
}

static void report_use(const struct kmem_cache_info *info, void *arg)
{
	struct test *t = arg;
	unsigned long before = 0;

	for (size_t i = 0; i < ARRAY_SIZE(cache_uses); i++)
		if (cache_uses[i].name && !strcmp(cache_uses[i].name, info->name))
			before = cache_uses[i].nr_objects;
	if (before != info->nr_objects && !info->is_internal)
		test_note(t, "%s: %lu objects, %lu before", info->name, info->nr_objects, before);
}

static bool run_case(const struct test_suite *suite, const struct test_case *c, unsigned int nr)
{
	struct test t = { .suite = suite->name, .name = c->name };
	struct mm_usage before, after;
	unsigned int nr_caches = 0;

	memset(cache_uses, 0, sizeof(cache_uses));
	kmem_cache_for_each(note_use, &nr_caches);
	mm_usage_get(&before);
	c->run(&t);
	settle();
	mm_usage_get(&after);
	if (after.nr_pages != before.nr_pages || after.nr_objects != before.nr_objects) {
		test_fail(&t, __FILE__, __LINE__, "it leaves %ld pages and %ld objects behind",
			  (long)(after.nr_pages - before.nr_pages),
			  (long)(after.nr_objects - before.nr_objects));
		kmem_cache_for_each(report_use, &t);
	}
	if (t.nr_failures)
		report(SUITE_INDENT, "not ok %u %s", nr, c->name);
	else if (t.skip_reason)
		report(SUITE_INDENT, "ok %u %s # SKIP %s", nr, c->name, t.skip_reason);
	else
		report(SUITE_INDENT, "ok %u %s", nr, c->name);
	return !t.nr_failures;
}

static bool run_suite(const struct test_suite *suite, unsigned int nr_cases)
{
	unsigned int nr = 0;
	bool ok = true;

	report(SUITE_INDENT, "KTAP version 1");
	report(SUITE_INDENT, "# Subtest: %s", suite->name);
	report(SUITE_INDENT, "1..%u", nr_cases);
	for (size_t i = 0; i < suite->nr_cases; i++) {
		if (case_is_wanted(suite, &suite->cases[i]))
			ok &= run_case(suite, &suite->cases[i], ++nr);
	}
	return ok;
}

/* A glob that matches nothing has tested nothing, so it fails. */
static bool run_wanted_suites(void)
{
	unsigned int nr_suites = nr_wanted_suites();
	unsigned int nr = 0;
	bool all_ok = nr_suites > 0;

	report("", "KTAP version 1");
	report("", "1..%u", nr_suites);
	settle(); /* as each case does at its end */
	for (const struct test_suite *const *s = __start_test_suites; s < __stop_test_suites; s++) {
		unsigned int nr_cases = nr_wanted_cases(*s);
		bool ok;

		if (!nr_cases)
			continue;
		ok = run_suite(*s, nr_cases);
		report("", "%s %u %s", ok ? "ok" : "not ok", ++nr, (*s)->name);
		all_ok &= ok;
	}
	return all_ok;
}

void kunit_run_if_asked(void)
{
	bool ok;

	if (!kunit_globs)
		return;
	nr_tasks_at_start = ~0U;
	wait_for_ends();
	msleep(10);
	nr_tasks_at_start = nr_tasks();
	ok = run_wanted_suites();
	debug_exit(ok ? DEBUG_EXIT_PASS : DEBUG_EXIT_FAIL);
	machine_power_off();
}
