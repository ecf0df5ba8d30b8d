/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * core_disable and core_enable: CPUs that go out of service and come back while programs run.
 * Linux has not got these calls: there all is skipped.
 */
#include "selftest.h"

#include <oshit.h>
#include <pthread.h>
#include <stdatomic.h>

#define NR_THREADS	     8
#define MAX_CPUS	     64

#define SKIP_UNLESS_OSHIT(t) SKIP_IF(t, !is_oshit(), "a call of OShit's own")
#define SKIP_WITHOUT_HOTPLUG(t) \
	SKIP_IF(t, core_disable(MAX_CPUS * 1000) < 0 && errno == ENOSYS, "no hotplug")

static int nr_cpus(struct test *t)
{
	cpu_set_t set;

	REQUIRE(t, sched_getaffinity(0, sizeof(set), &set) == 0);
	return CPU_COUNT(&set);
}

static void no_such_cpu_is_refused(struct test *t)
{
	SKIP_UNLESS_OSHIT(t);
	SKIP_WITHOUT_HOTPLUG(t);
	EXPECT_RET(t, kcall(__NR_core_disable, MAX_CPUS * 1000), -EINVAL);
	EXPECT_RET(t, kcall(__NR_core_enable, MAX_CPUS * 1000), -EINVAL);
	EXPECT_RET(t, kcall(__NR_core_disable, -1), -EINVAL);
	EXPECT_RET(t, kcall(__NR_core_enable, -1), -EINVAL);
}

static void boot_cpu_stays(struct test *t)
{
	SKIP_UNLESS_OSHIT(t);
	SKIP_WITHOUT_HOTPLUG(t);
	EXPECT_RET(t, kcall(__NR_core_disable, 0), -EBUSY);
	EXPECT_RET(t, kcall(__NR_core_enable, 0), -EINVAL);
}

static void only_the_privileged_may(struct test *t)
{
	SKIP_UNLESS_OSHIT(t);
	SKIP_UNLESS_ROOT(t);
	SKIP_WITHOUT_HOTPLUG(t);
	REQUIRE(t, setuid(1000) == 0);
	EXPECT_RET(t, kcall(__NR_core_disable, 1), -EPERM);
	EXPECT_RET(t, kcall(__NR_core_enable, 1), -EPERM);
	EXPECT_RET(t, kcall(__NR_core_disable, MAX_CPUS * 1000), -EPERM);
}

static void cpu_goes_and_comes_once(struct test *t)
{
	int last = nr_cpus(t) - 1;

	SKIP_UNLESS_OSHIT(t);
	SKIP_WITHOUT_HOTPLUG(t);
	SKIP_IF(t, last < 1, "needs two CPUs");
	EXPECT_RET(t, kcall(__NR_core_enable, last), -EINVAL);
	EXPECT_EQ(t, core_disable((unsigned int)last), 0);
	EXPECT_RET(t, kcall(__NR_core_disable, last), -EINVAL);
	EXPECT_EQ(t, core_enable((unsigned int)last), 0);
	EXPECT_RET(t, kcall(__NR_core_enable, last), -EINVAL);
}

/* A task that may run nowhere else runs elsewhere meanwhile, and comes back. */
static void bound_task_goes_on_elsewhere(struct test *t)
{
	unsigned int last = (unsigned int)nr_cpus(t) - 1, cpu = 0;
	cpu_set_t set;

	SKIP_UNLESS_OSHIT(t);
	SKIP_WITHOUT_HOTPLUG(t);
	SKIP_IF(t, last < 1, "needs two CPUs");
	CPU_ZERO(&set);
	CPU_SET(last, &set);
	REQUIRE(t, sched_setaffinity(0, sizeof(set), &set) == 0);
	EXPECT_EQ(t, core_disable(last), 0);
	kcall(SYS_getcpu, &cpu, NULL, NULL);
	EXPECT_NE(t, cpu, last);
	EXPECT_EQ(t, core_enable(last), 0);
	for (int k = 0; k < 20000 && cpu != last; k++) {
		sleep_ms(1);
		kcall(SYS_getcpu, &cpu, NULL, NULL);
	}
	EXPECT_EQ(t, cpu, last);
}

/* --- under load --- */

static atomic_bool stops;
static atomic_ulong counts[NR_THREADS];

/* Half of them compute, half sleep, and all have memory, timers and system calls on the way. */
static void *work(void *arg)
{
	unsigned int nr = (unsigned int)(uintptr_t)arg;
	unsigned char *page;

	while (!stops) {
		page = mmap(NULL, 4 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1,
			    0);
		if (page == MAP_FAILED)
			break;
		for (unsigned int i = 0; i < 4; i++)
			page[i * PAGE] = (unsigned char)nr;
		munmap(page, 4 * PAGE);
		if (nr % 2)
			sleep_ms(1);
		else
			sched_yield();
		counts[nr]++;
	}
	return NULL;
}

static bool all_go_on(void)
{
	unsigned long before[NR_THREADS];
	unsigned int nr;

	for (nr = 0; nr < NR_THREADS; nr++)
		before[nr] = counts[nr];
	for (int k = 0; k < 20000; k++) {
		for (nr = 0; nr < NR_THREADS && counts[nr] != before[nr]; nr++)
			;
		if (nr == NR_THREADS)
			return true;
		sleep_ms(1);
	}
	return false;
}

static void load_lives_through_all_changes(struct test *t)
{
	unsigned int cpus = (unsigned int)nr_cpus(t), nr_rounds = rounds(1, 30);
	pthread_t threads[NR_THREADS];

	SKIP_UNLESS_OSHIT(t);
	SKIP_WITHOUT_HOTPLUG(t);
	SKIP_IF(t, cpus < 2, "needs two CPUs");
	for (uintptr_t i = 0; i < NR_THREADS; i++)
		REQUIRE(t, pthread_create(&threads[i], NULL, work, (void *)i) == 0);
	for (unsigned int round = 0; round < nr_rounds; round++) {
		unsigned int cpu = 1 + round % (cpus - 1);

		EXPECT_EQ(t, core_disable(cpu), 0);
		if (round % 5 == 0)
			EXPECT_TRUE(t, all_go_on());
		EXPECT_EQ(t, core_enable(cpu), 0);
	}
	/* Down to the boot CPU, and up again. */
	for (unsigned int cpu = 1; cpu < cpus; cpu++)
		EXPECT_EQ(t, core_disable(cpu), 0);
	EXPECT_TRUE(t, all_go_on());
	for (unsigned int cpu = 1; cpu < cpus; cpu++)
		EXPECT_EQ(t, core_enable(cpu), 0);
	EXPECT_TRUE(t, all_go_on());
	stops = true;
	for (unsigned int i = 0; i < NR_THREADS; i++)
		pthread_join(threads[i], NULL);
}

static const struct test_case core_cases[] = {
	TEST_CASE(no_such_cpu_is_refused),	 TEST_CASE(boot_cpu_stays),
	TEST_CASE(only_the_privileged_may),	 TEST_CASE(cpu_goes_and_comes_once),
	TEST_CASE(bound_task_goes_on_elsewhere), TEST_CASE(load_lives_through_all_changes),
};
TEST_SUITE(core, core_cases);

SELFTEST_NO_HELPER
