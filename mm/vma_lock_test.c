/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Areas that are looked for without mmap_lock, while others map, unmap, split, merge and protect:
 * as long as one is held it has the address that it was looked for, and does not change.  And
 * tables that are walked with nothing held, while they come and go.
 */
#include <linux/mman.h>
#include <oshit/err.h>
#include <oshit/kthread.h>
#include <oshit/math.h>
#include <oshit/mm.h>
#include <oshit/rcu.h>
#include <oshit/sizes.h>
#include <oshit/smp.h>
#include <oshit/test.h>
#include <oshit/test_random.h>

#include "user_page.h"
#include "user_table.h"

#define BASE	    0x40000000UL
#define NR_PAGES    64UL
#define END	    (BASE + NR_PAGES * PAGE_SIZE)
#define FIXED	    (MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED)
#define NR_STEPS    3000u
#define MAX_READERS 6

struct reader {
	struct task_struct *task;
	struct test_random random;
	struct mm_struct *mm;
	void (*look)(struct reader *reader);
	unsigned long nr_held, nr_refused, nr_wrong;
};

static struct reader readers[MAX_READERS];

static unsigned long map_at(struct mm_struct *mm, unsigned long addr, unsigned long len,
			    unsigned long prot)
{
	struct mmap_request request = { .addr = addr, .len = len, .prot = prot, .flags = FIXED };
	unsigned long result;

	down_write(&mm->mmap_lock);
	result = do_mmap(mm, &request);
	mmap_write_unlock(mm);
	return result;
}

/* What holds for each area as long as it is held. */
static bool is_right(const struct vm_area *area, unsigned long addr)
{
	return area->start <= addr && addr < area->end &&
	       area->pgoff == area->start >> PAGE_SHIFT && area->flags & VM_ACCESS;
}

static void look_at_area(struct reader *reader)
{
	unsigned long addr = BASE + test_random_below(&reader->random, NR_PAGES) * PAGE_SIZE;
	struct vm_area *area = vma_lock_at(&reader->mm->areas, addr), before;

	if (!area) {
		reader->nr_refused++;
		return;
	}
	before = *area;
	for (unsigned int i = test_random_below(&reader->random, 200); i; i--)
		cpu_relax();
	if (!is_right(area, addr) || area->start != before.start || area->end != before.end ||
	    area->flags != before.flags)
		reader->nr_wrong++;
	vma_end_read(&reader->mm->areas, area);
	reader->nr_held++;
}

static int read_on(void *data)
{
	struct reader *reader = data;

	while (!kthread_should_stop()) {
		reader->look(reader);
		cond_resched();
	}
	return 0;
}

static unsigned int start_readers(struct test *t, struct mm_struct *mm,
				  void (*look)(struct reader *reader))
{
	unsigned int nr, wanted = min(num_online_cpus() + 1, (unsigned int)MAX_READERS);

	for (nr = 0; nr < wanted; nr++) {
		readers[nr] = (struct reader){ .random.state = nr + 1, .mm = mm, .look = look };
		readers[nr].task = kthread_create(read_on, &readers[nr], "vma_lock/%u", nr);
		if (IS_ERR(readers[nr].task))
			break;
		mmget(mm);
		wake_up_process(readers[nr].task);
	}
	EXPECT_EQ(t, nr, wanted);
	return nr;
}

static void stop_readers(struct test *t, unsigned int nr)
{
	unsigned long nr_held = 0, nr_refused = 0;

	while (nr--) {
		kthread_stop(readers[nr].task); /* which may not have begun */
		mmput(readers[nr].mm);
		EXPECT_EQ(t, readers[nr].nr_wrong, 0ul);
		nr_held += readers[nr].nr_held;
		nr_refused += readers[nr].nr_refused;
	}
	test_note(t, "%lu areas held, %lu not to be had", nr_held, nr_refused);
}

static void change(struct mm_struct *mm, struct test_random *random)
{
	unsigned long first = test_random_below(random, NR_PAGES);
	unsigned long addr = BASE + first * PAGE_SIZE;
	unsigned long len = (1 + test_random_below(random, NR_PAGES - first)) * PAGE_SIZE;

	switch (test_random_below(random, 4)) {
	case 0:
		map_at(mm, addr, len, PROT_READ);
		break;
	case 1:
		map_at(mm, addr, len, PROT_READ | PROT_WRITE);
		break;
	case 2:
		down_write(&mm->mmap_lock);
		do_munmap(mm, addr, len);
		mmap_write_unlock(mm);
		break;
	default:
		down_write(&mm->mmap_lock);
		do_mprotect(mm, addr, len, PROT_READ);
		mmap_write_unlock(mm);
	}
}

static void areas_that_are_held_do_not_change(struct test *t)
{
	struct test_random random = { .state = 5 };
	struct mm_struct *mm = mm_alloc();
	unsigned int nr;

	ASSERT_NE(t, (void *)mm, NULL);
	mm->mmap_base = GIB(64);
	nr = start_readers(t, mm, look_at_area);
	for (unsigned int step = 0; step < NR_STEPS; step++) {
		change(mm, &random);
		cond_resched();
	}
	EXPECT_EQ(t, vma_verify(&mm->areas), 0u);
	stop_readers(t, nr);
	mmput(mm);
}

static void area_is_found_unless_it_is_being_changed(struct test *t)
{
	struct mm_struct *mm = mm_alloc();
	struct vm_area *area;

	ASSERT_NE(t, (void *)mm, NULL);
	mm->mmap_base = GIB(64);
	EXPECT_EQ(t, (void *)vma_lock_at(&mm->areas, BASE), NULL);
	map_at(mm, BASE, 2 * PAGE_SIZE, PROT_READ);
	map_at(mm, BASE + 4 * PAGE_SIZE, PAGE_SIZE, PROT_READ);
	area = vma_lock_at(&mm->areas, BASE + PAGE_SIZE + 5);
	ASSERT_NE(t, (void *)area, NULL);
	EXPECT_EQ(t, area->start, BASE);
	vma_end_read(&mm->areas, area);
	EXPECT_EQ(t, (void *)vma_lock_at(&mm->areas, BASE + 2 * PAGE_SIZE), NULL);
	down_write(&mm->mmap_lock);
	vma_start_write(&mm->areas, area);
	EXPECT_EQ(t, (void *)vma_lock_at(&mm->areas, BASE), NULL);
	area = vma_lock_at(&mm->areas, BASE + 4 * PAGE_SIZE); /* another one */
	EXPECT_NE(t, (void *)area, NULL);
	if (area)
		vma_end_read(&mm->areas, area);
	mmap_write_unlock(mm);
	area = vma_lock_at(&mm->areas, BASE);
	EXPECT_NE(t, (void *)area, NULL);
	if (area)
		vma_end_read(&mm->areas, area);
	mmput(mm);
}

static void area_of_a_child_is_found_at_once(struct test *t)
{
	struct mm_struct *mm = mm_alloc(), *child;
	struct vm_area *area;

	ASSERT_NE(t, (void *)mm, NULL);
	mm->mmap_base = GIB(64);
	map_at(mm, BASE, PAGE_SIZE, PROT_READ);
	child = mm_copy(mm);
	ASSERT_FALSE(t, IS_ERR(child));
	area = vma_lock_at(&child->areas, BASE);
	EXPECT_NE(t, (void *)area, NULL);
	if (area)
		vma_end_read(&child->areas, area);
	mmput(child);
	mmput(mm);
}

/* --- tables: walks that hold nothing --- */

/* A page that is found is mapped: nobody takes it away as long as its table is locked. */
static void look_at_table(struct reader *reader)
{
	unsigned long addr = BASE + test_random_below(&reader->random, NR_PAGES) * PAGE_SIZE;
	pte_t *pte = user_pte_find_lock(reader->mm, addr);
	const struct page *page;

	if (!pte) {
		reader->nr_refused++;
		return;
	}
	page = pte_counted_page(*pte);
	if (page && (page_map_count(page) < 1 || page_ref_count(page) < 1))
		reader->nr_wrong++;
	user_pte_unlock(reader->mm, pte);
	reader->nr_held++;
}

static void walks_that_hold_nothing_find_no_freed_table(struct test *t)
{
	struct test_random random = { .state = 9 };
	struct mm_struct *mm = mm_alloc();
	struct vm_area *area;
	unsigned int nr;

	ASSERT_NE(t, (void *)mm, NULL);
	mm->mmap_base = GIB(64);
	nr = start_readers(t, mm, look_at_table);
	for (unsigned int step = 0; step < NR_STEPS / 10; step++) {
		map_at(mm, BASE, END - BASE, PROT_READ | PROT_WRITE);
		down_read(&mm->mmap_lock);
		area = vma_lookup(&mm->areas, BASE);
		for (unsigned int i = 0; i < 8; i++)
			handle_mm_fault(area,
					BASE + test_random_below(&random, NR_PAGES) * PAGE_SIZE,
					FAULT_FLAG_USER | FAULT_FLAG_WRITE);
		up_read(&mm->mmap_lock);
		down_write(&mm->mmap_lock);
		do_munmap(mm, BASE, END - BASE);
		mmap_write_unlock(mm);
		cond_resched();
	}
	stop_readers(t, nr);
	mmput(mm);
}

static const struct test_case vma_lock_cases[] = {
	TEST_CASE(area_is_found_unless_it_is_being_changed),
	TEST_CASE(area_of_a_child_is_found_at_once),
	TEST_CASE(areas_that_are_held_do_not_change),
	TEST_CASE(walks_that_hold_nothing_find_no_freed_table),
};
TEST_SUITE(vma_lock, vma_lock_cases);
