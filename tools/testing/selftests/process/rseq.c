/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Restartable sequences: registration, the number of the CPU, and that what was interrupted in the
 * middle begins anew.  Built against musl, which leaves the registration to us.
 */
#include <linux/rseq.h>
#include <pthread.h>

#include "selftest.h"

#define SIGNATURE 0x53053053U
#define SIG_TEXT  "0x53053053"

static __thread struct rseq area __aligned(32);

static long register_area(void)
{
	return kcall(SYS_rseq, &area, sizeof(area), 0, SIGNATURE);
}

#define NEED_RSEQ(t) SKIP_IF(t, kcall(SYS_rseq, NULL, 0, 0, 0) == -ENOSYS, "the kernel has no rseq")

/*
 * *@counter += 1 as a sequence, if this is CPU @cpu. 0; 1: begun anew, nothing done.  Between the
 * load and the store another thread of the CPU would spoil the sum.
 */
static int add_one(volatile long *counter, unsigned int cpu)
{
	__asm__ goto(".pushsection .data.rseq_cs, \"aw\"\n\t"
		     ".balign 32\n"
		     "3:\t.long 0, 0\n\t"
		     ".quad 1f, 2f - 1f, 4f\n\t"
		     ".popsection\n\t"
		     "leaq 3b(%%rip), %%rax\n\t"
		     "movq %%rax, %1\n"
		     "1:\tcmpl %2, %3\n\t"
		     "jne 4f\n\t"
		     "movq %0, %%rax\n\t"
		     "incq %%rax\n\t"
		     "movq %%rax, %0\n"
		     "2:\n\t"
		     ".pushsection .text.rseq_abort, \"ax\"\n\t"
		     ".long " SIG_TEXT "\n"
		     "4:\tjmp %l[aborted]\n\t"
		     ".popsection"
		     :
		     : "m"(*counter), "m"(area.rseq_cs), "m"(area.cpu_id), "r"(cpu)
		     : "memory", "cc", "rax"
		     : aborted);
	return 0;
aborted:
	return 1;
}

/* Spins in a sequence until it is sent out of it: how often it had turned by then. */
static long spin_in_sequence(volatile int *started)
{
	volatile long turns = 0;

	__asm__ goto(".pushsection .data.rseq_cs, \"aw\"\n\t"
		     ".balign 32\n"
		     "3:\t.long 0, 0\n\t"
		     ".quad 1f, 2f - 1f, 4f\n\t"
		     ".popsection\n\t"
		     "leaq 3b(%%rip), %%rax\n\t"
		     "movq %%rax, %1\n"
		     "1:\tmovl $1, %2\n"
		     "5:\tincq %0\n\t"
		     "jmp 5b\n"
		     "2:\n\t"
		     ".pushsection .text.rseq_abort, \"ax\"\n\t"
		     ".long " SIG_TEXT "\n"
		     "4:\tjmp %l[aborted]\n\t"
		     ".popsection"
		     :
		     : "m"(turns), "m"(area.rseq_cs), "m"(*started)
		     : "memory", "cc", "rax"
		     : aborted);
aborted:
	return turns;
}

static void registration_is_checked(struct test *t)
{
	NEED_RSEQ(t);
	EXPECT_RET(t, kcall(SYS_rseq, (char *)&area + 8, sizeof(area), 0, SIGNATURE), -EINVAL);
	EXPECT_RET(t, kcall(SYS_rseq, &area, 16, 0, SIGNATURE), -EINVAL);
	EXPECT_RET(t, kcall(SYS_rseq, &area, sizeof(area), 2, SIGNATURE), -EINVAL);
	EXPECT_RET(t, kcall(SYS_rseq, 0x8000000000000000UL, sizeof(area), 0, SIGNATURE), -EFAULT);
	EXPECT_RET(t, kcall(SYS_rseq, &area, sizeof(area), RSEQ_FLAG_UNREGISTER, SIGNATURE),
		   -EINVAL);
	area.cpu_id = (unsigned int)RSEQ_CPU_ID_UNINITIALIZED;
	REQUIRE(t, register_area() == 0);
	EXPECT_LT(t, area.cpu_id, 4096);
	EXPECT_EQ(t, area.cpu_id, area.cpu_id_start);
	EXPECT_RET(t, register_area(), -EBUSY);
	EXPECT_RET(t, kcall(SYS_rseq, &area, sizeof(area), 0, 1), -EPERM);
	EXPECT_RET(t, kcall(SYS_rseq, &area + 1, sizeof(area), 0, SIGNATURE), -EINVAL);
	EXPECT_RET(t, kcall(SYS_rseq, &area, sizeof(area), RSEQ_FLAG_UNREGISTER, 1), -EPERM);
	EXPECT_RET(t, kcall(SYS_rseq, &area, sizeof(area), RSEQ_FLAG_UNREGISTER, SIGNATURE), 0);
	EXPECT_EQ(t, area.cpu_id, (unsigned int)RSEQ_CPU_ID_UNINITIALIZED);
	EXPECT_EQ(t, area.cpu_id_start, 0);
	EXPECT_RET(t, register_area(), 0);
}

static void number_of_the_cpu_is_kept(struct test *t)
{
	cpu_set_t allowed, only;

	NEED_RSEQ(t);
	REQUIRE(t, register_area() == 0);
	REQUIRE(t, sched_getaffinity(0, sizeof(allowed), &allowed) == 0);
	for (unsigned int round = 0; round < 20; round++)
		for (unsigned int cpu = 0; cpu < CPU_SETSIZE; cpu++) {
			if (!CPU_ISSET(cpu, &allowed))
				continue;
			CPU_ZERO(&only);
			CPU_SET(cpu, &only);
			REQUIRE(t, sched_setaffinity(0, sizeof(only), &only) == 0);
			EXPECT_EQ(t, ((volatile struct rseq *)&area)->cpu_id, cpu);
			EXPECT_EQ(t, ((volatile struct rseq *)&area)->cpu_id_start, cpu);
		}
}

/* --- counters of CPUs */

#define NR_THREADS 4

static struct {
	volatile long value;
} __aligned(64) counters[CPU_SETSIZE];
static volatile long nr_aborted;

static void *count_by_cpu(void *arg __maybe_unused)
{
	long aborted = 0;

	if (register_area())
		return (void *)1;
	for (unsigned int i = 0; i < rounds(200000, 100000); i++) {
		unsigned int cpu;

		do {
			cpu = ((volatile struct rseq *)&area)->cpu_id_start;
			aborted++;
		} while (add_one(&counters[cpu].value, cpu));
		aborted--;
		if (i % 1000 == 0)
			sched_yield();
	}
	__atomic_fetch_add(&nr_aborted, aborted, __ATOMIC_RELAXED);
	return NULL;
}

static void counters_of_cpus_lose_nothing(struct test *t)
{
	pthread_t threads[NR_THREADS];
	long sum = 0;

	NEED_RSEQ(t);
	for (int i = 0; i < NR_THREADS; i++)
		REQUIRE(t, pthread_create(&threads[i], NULL, count_by_cpu, NULL) == 0);
	for (int i = 0; i < NR_THREADS; i++) {
		void *failed;

		pthread_join(threads[i], &failed);
		EXPECT_FALSE(t, failed);
	}
	for (int i = 0; i < CPU_SETSIZE; i++)
		sum += counters[i].value;
	EXPECT_EQ(t, sum, NR_THREADS * (long)rounds(200000, 100000));
	test_note(t, "%ld sequences were begun anew", nr_aborted);
}

/* --- who is sent out */

static volatile int started;
static volatile unsigned long cs_in_handler = 1;

static void note_sequence(int sig __maybe_unused)
{
	cs_in_handler = (unsigned long)area.rseq_cs;
}

static void *send_signal(void *thread)
{
	while (!started)
		;
	pthread_kill((pthread_t)thread, SIGUSR1);
	return NULL;
}

static void signals_and_switches_end_a_sequence(struct test *t)
{
	struct sigaction action = { .sa_handler = note_sequence };
	pthread_t thread;

	NEED_RSEQ(t);
	sigaction(SIGUSR1, &action, NULL);
	REQUIRE(t, register_area() == 0);
	REQUIRE(t, pthread_create(&thread, NULL, send_signal, (void *)pthread_self()) == 0);
	EXPECT_GE(t, spin_in_sequence(&started), 0);
	pthread_join(thread, NULL);
	EXPECT_EQ(t, cs_in_handler, 0);
	EXPECT_EQ(t, area.rseq_cs, 0);
}

static void children_inherit_and_threads_do_not(struct test *t)
{
	pthread_t thread;
	void *failed;
	pid_t child;

	NEED_RSEQ(t);
	REQUIRE(t, register_area() == 0);
	child = fork();
	if (!child)
		_exit(register_area() == -EBUSY ? 0 : 1);
	EXPECT_EXIT(t, wait_for(t, child), 0);
	REQUIRE(t, pthread_create(&thread, NULL, count_by_cpu, NULL) == 0);
	pthread_join(thread, &failed);
	EXPECT_FALSE(t, failed);
}

int selftest_helper(int argc __maybe_unused, char **argv __maybe_unused)
{
	return register_area() == 0 ? 0 : 1;
}

static void new_programs_begin_without(struct test *t)
{
	char *argv[] = { (char *)self_path(), "--helper", "x", NULL };
	pid_t child;

	NEED_RSEQ(t);
	REQUIRE(t, register_area() == 0);
	child = fork();
	if (!child) {
		execve(self_path(), argv, environ);
		_exit(9);
	}
	EXPECT_EXIT(t, wait_for(t, child), 0);
}

/* --- what makes no sense */

static struct rseq_cs bad_cs;

static void use_bad_sequence(void *arg)
{
	unsigned long here = (unsigned long)use_bad_sequence;
	long how = (long)arg;

	register_area();
	bad_cs = (struct rseq_cs){ 0, 0, here, 65536, here + 65536 * 2 };
	switch (how) {
	case 0:
		bad_cs.version = 1;
		break;
	case 1: /* the handler lies in the sequence */
		bad_cs.abort_ip = here + 16;
		break;
	case 2: /* no signature there */
		bad_cs.abort_ip = (unsigned long)&area + 64;
		break;
	case 3:
		bad_cs.start_ip = -4096UL;
		break;
	case 4:
		bad_cs.abort_ip = 0x8000000000000000UL;
		break;
	}
	area.rseq_cs = how == 5 ? 8 : how == 6 ? 0x8000000000000000UL : (unsigned long)&bad_cs;
	for (int i = 0; i < 1000; i++) {
		sleep_ms(1);
		if (!*(volatile unsigned long long *)&area.rseq_cs)
			_exit(1);
	}
	_exit(2);
}

static void bad_sequences_are_sigsegv(struct test *t)
{
	NEED_RSEQ(t);
	for (long how = 0; how < 7; how++)
		EXPECT_KILLED(t, run_in_child(t, use_bad_sequence, (void *)how), SIGSEGV);
}

static void lose_area(void *arg __maybe_unused)
{
	struct rseq *page =
		mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	kcall(SYS_rseq, page, sizeof(*page), 0, SIGNATURE);
	munmap(page, PAGE);
	for (int i = 0; i < 1000; i++)
		sleep_ms(1);
}

static void lost_area_is_sigsegv(struct test *t)
{
	NEED_RSEQ(t);
	EXPECT_KILLED(t, run_in_child(t, lose_area, NULL), SIGSEGV);
}

static const struct test_case rseq_cases[] = {
	TEST_CASE(registration_is_checked),
	TEST_CASE(number_of_the_cpu_is_kept),
	TEST_CASE(counters_of_cpus_lose_nothing),
	TEST_CASE(signals_and_switches_end_a_sequence),
	TEST_CASE(children_inherit_and_threads_do_not),
	TEST_CASE(new_programs_begin_without),
	TEST_CASE(bad_sequences_are_sigsegv),
	TEST_CASE(lost_area_is_sigsegv),
};
TEST_SUITE(rseq, rseq_cases);
