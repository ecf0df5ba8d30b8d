/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Floating-point and vector registers belong to the task: threads fill them with patterns of their
 * own, are switched, preempted and moved, and must find them again.
 */
#include <arch/fpu.h>
#include <linux/errno.h>
#include <oshit/clock.h>
#include <oshit/kthread.h>
#include <oshit/string.h>
#include <oshit/task.h>
#include <oshit/test.h>
#include <oshit/test_random.h>

#define NR_THREADS 5
#define NR_ROUNDS  400

struct registers {
	u8 vector[16][32]; /* the upper halves only with AVX */
	u32 mxcsr;
	u16 fcw;
} __aligned(32);

#define EACH_REGISTER(op)                                                                       \
	op(0) op(1) op(2) op(3) op(4) op(5) op(6) op(7) op(8) op(9) op(10) op(11) op(12) op(13) \
		op(14) op(15)
#define LOAD_SSE(n)  "movdqu " #n "*32(%0), %%xmm" #n "\n\t"
#define STORE_SSE(n) "movdqu %%xmm" #n ", " #n "*32(%0)\n\t"
#define LOAD_AVX(n)  "vmovdqu " #n "*32(%0), %%ymm" #n "\n\t"
#define STORE_AVX(n) "vmovdqu %%ymm" #n ", " #n "*32(%0)\n\t"

static void load_registers(const struct registers *r)
{
	if (fpu_has_avx())
		__asm__ __volatile__(EACH_REGISTER(LOAD_AVX) : : "r"(r->vector) : "memory");
	else
		__asm__ __volatile__(EACH_REGISTER(LOAD_SSE) : : "r"(r->vector) : "memory");
	__asm__ __volatile__("ldmxcsr %0; fldcw %1" : : "m"(r->mxcsr), "m"(r->fcw));
}

static void store_registers(struct registers *r)
{
	if (fpu_has_avx())
		__asm__ __volatile__(EACH_REGISTER(STORE_AVX) : : "r"(r->vector) : "memory");
	else
		__asm__ __volatile__(EACH_REGISTER(STORE_SSE) : : "r"(r->vector) : "memory");
	__asm__ __volatile__("stmxcsr %0; fnstcw %1" : "=m"(r->mxcsr), "=m"(r->fcw));
}

/* Rounding modes and patterns that differ from thread to thread and round to round. */
static void make_pattern(struct registers *r, u64 seed)
{
	memset(r, 0, sizeof(*r));
	for (unsigned int i = 0; i < 16; i++)
		memset(r->vector[i], (int)(seed * 17 + i), fpu_has_avx() ? 32 : 16);
	r->mxcsr = 0x1f80 | (u32)(seed & 3) << 13;
	r->fcw = 0x37f & ~((u16)(seed & 1) << 8);
}

static struct {
	struct task_struct *task;
	unsigned int nr_bad, nr_rounds;
} threads[NR_THREADS];

static void change_place(struct test_random *random)
{
	unsigned int cpu = (unsigned int)test_random_below(random, nr_cpu_ids);
	struct cpumask mask = cpumask_of(cpu);

	switch (test_random_below(random, 4)) {
	case 0:
		if (cpu_online(cpu))
			set_cpus_allowed(current, &mask);
		break;
	case 1:
		usleep(30);
		break;
	default:
		yield();
	}
}

static int keep_registers(void *data)
{
	unsigned int me = (unsigned int)(unsigned long)data;
	struct registers mine, seen;
	struct test_random random = { .state = me + 99 };

	if (fpu_use())
		return -ENOMEM;
	for (unsigned int round = 0; round < NR_ROUNDS; round++) {
		make_pattern(&mine, me * 31 + round);
		load_registers(&mine);
		change_place(&random);
		memset(&seen, 0, sizeof(seen));
		store_registers(&seen);
		threads[me].nr_bad += memcmp(&mine, &seen, sizeof(mine)) != 0;
		WRITE_ONCE(threads[me].nr_rounds, round + 1);
	}
	return 0;
}

static void registers_survive_switches_and_moves(struct test *t)
{
	for (unsigned long i = 0; i < NR_THREADS; i++) {
		threads[i].nr_bad = 0;
		threads[i].nr_rounds = 0;
		threads[i].task = kthread_create(keep_registers, (void *)i, "fpu/%lu", i);
		ASSERT_FALSE(t, IS_ERR(threads[i].task));
		get_task_struct(threads[i].task);
		wake_up_process(threads[i].task);
	}
	for (unsigned int i = 0; i < NR_THREADS; i++) {
		u64 limit_ns = clock_ns() + 20 * NSEC_PER_SEC;

		while (READ_ONCE(threads[i].nr_rounds) < NR_ROUNDS && clock_ns() < limit_ns)
			msleep(1);
		EXPECT_EQ(t, threads[i].nr_rounds, NR_ROUNDS);
		EXPECT_EQ(t, threads[i].nr_bad, 0U);
		kthread_stop(threads[i].task);
		put_task_struct(threads[i].task);
	}
}

static int check_initial(void *data)
{
	struct registers seen = { .mxcsr = 0 };
	bool *ok = data;

	if (fpu_use())
		return -ENOMEM;
	store_registers(&seen);
	*ok = seen.mxcsr == 0x1f80 && seen.fcw == 0x37f;
	for (unsigned int i = 0; i < sizeof(seen.vector); i++)
		*ok &= ((const u8 *)seen.vector)[i] == 0;
	return 1;
}

/* A new user of the registers finds nothing of the last one. */
static void first_use_finds_initial_state(struct test *t)
{
	struct registers junk;

	make_pattern(&junk, 3);
	kernel_fpu_begin();
	load_registers(&junk);
	kernel_fpu_end();
	for (int i = 0; i < 4; i++) {
		bool ok = false;
		struct task_struct *task = kthread_create(check_initial, &ok, "fpu");

		ASSERT_FALSE(t, IS_ERR(task));
		get_task_struct(task);
		wake_up_process(task);
		while (READ_ONCE(task->state) != TASK_DEAD)
			usleep(50);
		EXPECT_EQ(t, kthread_stop(task), 1);
		EXPECT_TRUE(t, ok);
		put_task_struct(task);
	}
}

static int use_in_kernel_section(void *data)
{
	struct registers mine, junk, seen;
	bool *ok = data;

	if (fpu_use())
		return -ENOMEM;
	*ok = true;
	for (u64 i = 0; i < 100; i++) {
		make_pattern(&mine, i);
		make_pattern(&junk, i + 1);
		memset(&seen, 0, sizeof(seen));
		load_registers(&mine);
		kernel_fpu_begin();
		load_registers(&junk);
		kernel_fpu_end();
		if (i % 3 == 0)
			yield();
		store_registers(&seen);
		*ok &= memcmp(&mine, &seen, sizeof(mine)) == 0;
	}
	return 1;
}

static void kernel_sections_leave_the_tasks_registers(struct test *t)
{
	bool ok = false;
	struct task_struct *task = kthread_create(use_in_kernel_section, &ok, "fpu");

	ASSERT_FALSE(t, IS_ERR(task));
	get_task_struct(task);
	wake_up_process(task);
	while (READ_ONCE(task->state) != TASK_DEAD)
		usleep(50);
	EXPECT_EQ(t, kthread_stop(task), 1);
	EXPECT_TRUE(t, ok);
	put_task_struct(task);
}

static const struct test_case fpu_cases[] = {
	TEST_CASE(registers_survive_switches_and_moves),
	TEST_CASE(first_use_finds_initial_state),
	TEST_CASE(kernel_sections_leave_the_tasks_registers),
};
TEST_SUITE(fpu, fpu_cases);
