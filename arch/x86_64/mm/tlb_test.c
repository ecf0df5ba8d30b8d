/* SPDX-License-Identifier: GPL-2.0-only */
/* Who is told of changes in an address space: CPUs that use it, not those that only have it. */
#include <arch/tlb.h>
#include <oshit/entry.h>
#include <oshit/irqflags.h>
#include <oshit/mm.h>
#include <oshit/preempt.h>
#include <oshit/sched.h>
#include <oshit/smp.h>
#include <oshit/test.h>

static bool is_loaded_here(const struct mm_struct *mm)
{
	return cpumask_test_cpu(smp_processor_id(), &mm->context.cpus);
}

/* As after a switch from a task of @mm to this kernel thread. Preemption off. */
static void load_lazily(struct mm_struct *mm)
{
	unsigned long flags;

	local_irq_save(flags);
	switch_mm(&mm->context);
	local_irq_restore(flags);
}

static void lazy_cpu_leaves_at_the_first_flush(struct test *t)
{
	struct tlb_pages pages = { 1, { PAGE_SIZE } };
	struct mm_struct *mm = mm_alloc();

	ASSERT_NE(t, (void *)mm, NULL);
	preempt_disable();
	load_lazily(mm);
	EXPECT_TRUE(t, is_loaded_here(mm));
	flush_tlb_mm_range(&mm->context, 0, PAGE_SIZE - 1);
	EXPECT_FALSE(t, is_loaded_here(mm));
	load_lazily(mm);
	flush_tlb_mm_pages(&mm->context, &pages);
	EXPECT_FALSE(t, is_loaded_here(mm));
	preempt_enable();
	mmput(mm);
}

static void cpu_that_uses_an_address_space_keeps_it(struct test *t)
{
	struct tlb_pages pages = { 1, { PAGE_SIZE } };
	struct mm_struct *mm = mm_alloc();

	ASSERT_NE(t, (void *)mm, NULL);
	preempt_disable();
	task_set_mm(&mm->context);
	flush_tlb_mm_range(&mm->context, 0, PAGE_SIZE - 1);
	EXPECT_TRUE(t, is_loaded_here(mm));
	flush_tlb_mm_pages(&mm->context, &pages);
	EXPECT_TRUE(t, is_loaded_here(mm));
	task_set_mm(NULL);
	preempt_enable();
	mmput(mm);
}

static void page_is_forgotten_at_once_where_nobody_else_can_have_it(struct test *t)
{
	struct mm_struct *mm = mm_alloc();
	unsigned int other;

	ASSERT_NE(t, (void *)mm, NULL);
	preempt_disable();
	task_set_mm(&mm->context);
	EXPECT_TRUE(t, flush_tlb_mm_page_if_alone(&mm->context, PAGE_SIZE));
	other = smp_processor_id() ? 0 : 1;
	if (other < NR_CPUS) {
		cpumask_set_cpu(other, &mm->context.cpus);
		EXPECT_FALSE(t, flush_tlb_mm_page_if_alone(&mm->context, PAGE_SIZE));
		cpumask_clear_cpu(other, &mm->context.cpus);
	}
	task_set_mm(NULL);
	EXPECT_TRUE(t, flush_tlb_mm_page_if_alone(&mm->context, PAGE_SIZE));
	preempt_enable();
	mmput(mm);
}

static const struct test_case tlb_cases[] = {
	TEST_CASE(lazy_cpu_leaves_at_the_first_flush),
	TEST_CASE(cpu_that_uses_an_address_space_keeps_it),
	TEST_CASE(page_is_forgotten_at_once_where_nobody_else_can_have_it),
};
TEST_SUITE(tlb, tlb_cases);
