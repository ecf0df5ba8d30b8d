/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The vDSO: that C libraries find it, and that its answers are those of the calls: for each reading
 * the call's before and after are the bounds, on all CPUs, in threads, after fork and exec.
 */
#include <pthread.h>
#include <sys/time.h>

#include "selftest.h"
#include "vdso.h"

typedef int gettime_fn(clockid_t clock, struct timespec *to);
typedef int getres_fn(clockid_t clock, struct timespec *to);
typedef int gettimeofday_fn(struct timeval *to, struct timezone *zone);
typedef time_t time_fn(time_t *to);
typedef long getcpu_fn(unsigned int *cpu, unsigned int *node, void *unused);

static const char *const names[] = {
	"__vdso_clock_gettime", "__vdso_clock_getres", "__vdso_gettimeofday",
	"__vdso_time",		"__vdso_getcpu",
};

static const clockid_t clocks[] = {
	CLOCK_REALTIME, CLOCK_MONOTONIC,       CLOCK_MONOTONIC_RAW,    CLOCK_BOOTTIME,
	CLOCK_TAI,	CLOCK_REALTIME_COARSE, CLOCK_MONOTONIC_COARSE,
};

#define SKIP_WITHOUT_VDSO(t) SKIP_IF(t, !getauxval(AT_SYSINFO_EHDR), "no vDSO")

static void header_is_of_a_shared_object(struct test *t)
{
	const Elf64_Ehdr *header = (const void *)getauxval(AT_SYSINFO_EHDR);

	SKIP_WITHOUT_VDSO(t);
	EXPECT_EQ(t, (unsigned long)header % PAGE, 0);
	EXPECT_TRUE(t, memcmp(header->e_ident, ELFMAG, SELFMAG) == 0);
	EXPECT_EQ(t, header->e_ident[EI_CLASS], ELFCLASS64);
	EXPECT_EQ(t, header->e_type, ET_DYN);
	EXPECT_EQ(t, header->e_machine, EM_X86_64);
}

/* Version indices are names by the list of definitions. */
static const char *version_of(const struct vdso *vdso, unsigned int index)
{
	unsigned int wanted = vdso->versions[index] & 0x7fff;
	const Elf64_Verdef *def = vdso->version_defs;

	while (def->vd_ndx != wanted && def->vd_next)
		def = (const void *)((const char *)def + def->vd_next);
	if (def->vd_ndx != wanted)
		return "";
	return vdso->strings + ((const Elf64_Verdaux *)((const char *)def + def->vd_aux))->vda_name;
}

static void functions_are_found_by_name_and_version(struct test *t)
{
	struct vdso vdso;

	SKIP_WITHOUT_VDSO(t);
	REQUIRE(t, vdso_open(&vdso));
	REQUIRE(t, vdso.versions && vdso.version_defs);
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		unsigned int index = vdso_find(&vdso, names[i]);

		EXPECT_NE(t, index, 0);
		EXPECT_TRUE(t, strcmp(version_of(&vdso, index), "LINUX_2.6") == 0);
		EXPECT_LT(t, vdso.symbols[index].st_value, vdso.size);
		if (vdso.hash && vdso.gnu_hash)
			EXPECT_EQ(t, vdso_find_by_gnu_hash(&vdso, names[i]), index);
	}
	EXPECT_EQ(t, vdso_find(&vdso, "__vdso_nothing"), 0);
}

static void image_and_data_cannot_be_written(struct test *t)
{
	char *base = (char *)getauxval(AT_SYSINFO_EHDR);

	SKIP_WITHOUT_VDSO(t);
	EXPECT_EQ(t, probe_write(base), SIGSEGV);
	EXPECT_RET(t, kcall(SYS_clock_gettime, CLOCK_MONOTONIC, base), -EFAULT);
	if (!is_oshit())
		return;
	EXPECT_EQ(t, probe_write(base - PAGE), SIGSEGV);
	EXPECT_EQ(t, probe_write(base - 2 * PAGE), SIGSEGV);
	EXPECT_RET(t, mprotect(base - PAGE, PAGE, PROT_READ | PROT_WRITE), -1);
	EXPECT_RET(t, mprotect(base, PAGE, PROT_READ | PROT_WRITE), -1);
}

/* --- readings between calls */

static long long call_ns(clockid_t clock)
{
	struct timespec time;

	kcall(SYS_clock_gettime, clock, &time);
	return to_ns(&time);
}

/* Readings of @clock that are out of the calls' bounds; coarse ones lag behind the exact. */
static unsigned int nr_wrong_readings(gettime_fn *gettime, clockid_t clock, unsigned int nr)
{
	unsigned int nr_wrong = 0;

	for (unsigned int i = 0; i < nr; i++) {
		long long before = call_ns(clock), after;
		struct timespec time = { -1, -1 };

		if (gettime(clock, &time) || time.tv_nsec < 0 || time.tv_nsec >= NS_PER_S)
			nr_wrong++;
		after = call_ns(clock);
		/* The date may be set meanwhile by others. */
		if (after >= before)
			nr_wrong += to_ns(&time) < before || to_ns(&time) > after;
	}
	return nr_wrong;
}

static void readings_lie_between_calls(struct test *t)
{
	gettime_fn *gettime = vdso_function("__vdso_clock_gettime");

	SKIP_WITHOUT_VDSO(t);
	REQUIRE(t, gettime);
	for (size_t i = 0; i < ARRAY_SIZE(clocks); i++)
		EXPECT_EQ(t, nr_wrong_readings(gettime, clocks[i], rounds(100000, 20000)), 0);
}

static void what_no_page_tells_is_asked_for(struct test *t)
{
	gettime_fn *gettime = vdso_function("__vdso_clock_gettime");
	getres_fn *getres = vdso_function("__vdso_clock_getres");
	struct timespec time = { -1, -1 }, by_call;

	SKIP_WITHOUT_VDSO(t);
	REQUIRE(t, gettime && getres);
	EXPECT_EQ(t, gettime(CLOCK_PROCESS_CPUTIME_ID, &time), 0);
	EXPECT_GE(t, time.tv_sec, 0);
	EXPECT_EQ(t, gettime(CLOCK_THREAD_CPUTIME_ID, &time), 0);
	EXPECT_EQ(t, gettime(77, &time), -EINVAL);
	EXPECT_EQ(t, gettime(-1, &time), -EINVAL);
	EXPECT_EQ(t, getres(77, &time), -EINVAL);
	for (size_t i = 0; i < ARRAY_SIZE(clocks); i++) {
		EXPECT_EQ(t, getres(clocks[i], &time), 0);
		EXPECT_EQ(t, getres(clocks[i], NULL), 0);
		kcall(SYS_clock_getres, clocks[i], &by_call);
		EXPECT_EQ(t, to_ns(&time), to_ns(&by_call));
	}
}

static void date_is_the_same_in_all_forms(struct test *t)
{
	gettimeofday_fn *day = vdso_function("__vdso_gettimeofday");
	time_fn *seconds = vdso_function("__vdso_time");
	struct timezone zone = { 1, 1 };
	struct timeval time;
	time_t stored = 0, now;
	long long before, after;

	SKIP_WITHOUT_VDSO(t);
	REQUIRE(t, day && seconds);
	before = call_ns(CLOCK_REALTIME);
	EXPECT_EQ(t, day(&time, &zone), 0);
	EXPECT_EQ(t, day(&time, NULL), 0);
	EXPECT_EQ(t, day(NULL, &zone), 0);
	EXPECT_EQ(t, day(NULL, NULL), 0);
	now = seconds(&stored);
	after = call_ns(CLOCK_REALTIME);
	EXPECT_EQ(t, zone.tz_minuteswest, 0);
	EXPECT_EQ(t, now, stored);
	EXPECT_GE(t, time.tv_sec * 1000000LL + time.tv_usec, before / 1000);
	EXPECT_LE(t, time.tv_sec * 1000000LL + time.tv_usec, after / 1000);
	/* Linux takes seconds from the coarse clock: up to a tick less. */
	EXPECT_GE(t, now, (before - 20000000) / NS_PER_S);
	EXPECT_LE(t, seconds(NULL), call_ns(CLOCK_REALTIME) / NS_PER_S);
}

/* --- order */

/* Readings that are less than the one before. */
static unsigned int nr_back(gettime_fn *gettime, unsigned int nr)
{
	struct timespec time;
	long long last = 0;
	unsigned int wrong = 0;

	for (unsigned int i = 0; i < nr; i++) {
		gettime(CLOCK_MONOTONIC, &time);
		wrong += to_ns(&time) < last;
		last = to_ns(&time);
	}
	return wrong;
}

static void clock_never_goes_back(struct test *t)
{
	gettime_fn *gettime = vdso_function("__vdso_clock_gettime");

	SKIP_WITHOUT_VDSO(t);
	REQUIRE(t, gettime);
	EXPECT_EQ(t, nr_back(gettime, 2000000), 0);
}

static long long latest_ns;
static unsigned int nr_behind;

/* What one thread has read and passed on, no other reads less than; vDSO and call in turn. */
static void *read_and_pass_on(void *arg)
{
	gettime_fn *gettime = vdso_function("__vdso_clock_gettime");
	unsigned int cpu = (unsigned int)(uintptr_t)arg;
	cpu_set_t only;

	CPU_ZERO(&only);
	CPU_SET(cpu, &only);
	sched_setaffinity(0, sizeof(only), &only);
	for (unsigned int i = 0; i < rounds(100000, 200000); i++) {
		long long latest = __atomic_load_n(&latest_ns, __ATOMIC_ACQUIRE), now;
		struct timespec time;

		gettime(CLOCK_MONOTONIC, &time);
		now = i % 16 ? to_ns(&time) : call_ns(CLOCK_MONOTONIC);
		if (now < latest)
			__atomic_fetch_add(&nr_behind, 1, __ATOMIC_RELAXED);
		while (latest < now &&
		       !__atomic_compare_exchange_n(&latest_ns, &latest, now, false,
						    __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE))
			;
	}
	return NULL;
}

#define MAX_THREADS 16

static void no_cpu_is_behind_another(struct test *t)
{
	pthread_t threads[MAX_THREADS];
	cpu_set_t allowed;
	int nr = 0;

	SKIP_WITHOUT_VDSO(t);
	REQUIRE(t, sched_getaffinity(0, sizeof(allowed), &allowed) == 0);
	for (uintptr_t cpu = 0; cpu < CPU_SETSIZE && nr < MAX_THREADS; cpu++)
		if (CPU_ISSET(cpu, &allowed))
			REQUIRE(t, pthread_create(&threads[nr++], NULL, read_and_pass_on,
						  (void *)cpu) == 0);
	while (nr--)
		pthread_join(threads[nr], NULL);
	EXPECT_EQ(t, nr_behind, 0);
	EXPECT_GT(t, latest_ns, 0);
}

/* --- which CPU */

static void getcpu_tells_the_cpu_that_it_is_bound_to(struct test *t)
{
	getcpu_fn *getcpu_by_vdso = vdso_function("__vdso_getcpu");
	cpu_set_t allowed, only;

	SKIP_WITHOUT_VDSO(t);
	REQUIRE(t, getcpu_by_vdso);
	REQUIRE(t, sched_getaffinity(0, sizeof(allowed), &allowed) == 0);
	for (unsigned int cpu = 0; cpu < CPU_SETSIZE; cpu++) {
		unsigned int got = ~0U, node = ~0U, got_by_call, node_by_call;

		if (!CPU_ISSET(cpu, &allowed))
			continue;
		CPU_ZERO(&only);
		CPU_SET(cpu, &only);
		REQUIRE(t, sched_setaffinity(0, sizeof(only), &only) == 0);
		EXPECT_EQ(t, getcpu_by_vdso(&got, &node, NULL), 0);
		kcall(SYS_getcpu, &got_by_call, &node_by_call, NULL);
		EXPECT_EQ(t, got, cpu);
		EXPECT_EQ(t, got, got_by_call);
		EXPECT_EQ(t, node, node_by_call);
		EXPECT_EQ(t, getcpu_by_vdso(NULL, NULL, NULL), 0);
	}
}

/* --- other processes */

static int check_here(void)
{
	gettime_fn *gettime = vdso_function("__vdso_clock_gettime");

	if (!gettime)
		return 3;
	return nr_wrong_readings(gettime, CLOCK_MONOTONIC, 5000) ||
	       nr_wrong_readings(gettime, CLOCK_REALTIME, 5000);
}

int selftest_helper(int argc __maybe_unused, char **argv __maybe_unused)
{
	return check_here();
}

static void it_works_after_fork_and_exec(struct test *t)
{
	char *argv[] = { (char *)self_path(), "--helper", "clock", NULL };
	pid_t child, grandchild;

	SKIP_WITHOUT_VDSO(t);
	child = fork();
	if (!child) {
		grandchild = fork();
		if (!grandchild)
			_exit(check_here());
		_exit(check_here() | wait_for(t, grandchild));
	}
	EXPECT_EXIT(t, wait_for(t, child), 0);
	child = fork();
	if (!child) {
		execve(self_path(), argv, environ);
		_exit(9);
	}
	EXPECT_EXIT(t, wait_for(t, child), 0);
}

/* The C library's own clock is right whatever it uses, also where the vDSO is gone. */
static void it_can_be_unmapped(struct test *t)
{
	struct vdso vdso;

	SKIP_WITHOUT_VDSO(t);
	REQUIRE(t, vdso_open(&vdso));
	EXPECT_EQ(t, munmap((void *)vdso.base, (vdso.size + PAGE - 1) & -PAGE), 0);
	EXPECT_EQ(t, probe_read(vdso.base), SIGSEGV);
	EXPECT_GT(t, call_ns(CLOCK_MONOTONIC), 0);
}

static const struct test_case vdso_cases[] = {
	TEST_CASE(header_is_of_a_shared_object),
	TEST_CASE(functions_are_found_by_name_and_version),
	TEST_CASE(image_and_data_cannot_be_written),
	TEST_CASE(readings_lie_between_calls),
	TEST_CASE(what_no_page_tells_is_asked_for),
	TEST_CASE(date_is_the_same_in_all_forms),
	TEST_CASE(clock_never_goes_back),
	TEST_CASE(no_cpu_is_behind_another),
	TEST_CASE(getcpu_tells_the_cpu_that_it_is_bound_to),
	TEST_CASE(it_works_after_fork_and_exec),
	TEST_CASE(it_can_be_unmapped),
};
TEST_SUITE(vdso, vdso_cases);
