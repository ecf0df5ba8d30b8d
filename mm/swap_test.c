/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Swap to a disk of the test's own, in memory, which fails when it is told to.  Programs are
 * address spaces that nobody runs.
 */
#include <oshit/kthread.h>
#include <oshit/lru.h>
#include <oshit/math.h>
#include <oshit/pagecache.h>
#include <oshit/sched.h>
#include <oshit/vmstat.h>

#include "deferred_flush.h"
#include "swap.h"
#include "test_swap.h"
#include "test_user.h"

#define NR_PAGES    64UL
#define NR_PROGRAMS 4
#define NR_STEPS    4000

/* A program with a byte of its own in each of NR_PAGES pages. */
static struct mm_struct *new_program(struct test *t)
{
	struct mm_struct *mm = user_new_mapped(t, NR_PAGES * PAGE_SIZE, 0);

	for (unsigned long i = 0; mm && i < NR_PAGES; i++)
		EXPECT_TRUE(t, user_write(mm, user_page_addr(i), (u8)(i + 1)));
	return mm;
}

static void expect_contents(struct test *t, struct mm_struct *mm)
{
	for (unsigned long i = 0; i < NR_PAGES; i++)
		EXPECT_EQ(t, user_read(mm, user_page_addr(i)), (int)(i + 1));
}

static void page_out(struct test *t, struct mm_struct *mm, unsigned long first, unsigned long nr)
{
	EXPECT_OK(t, user_advise(mm, user_page_addr(first), nr * PAGE_SIZE, MADV_PAGEOUT));
}

/* Pages that stand in the cache as well are read from there: away with them. */
/* A program with a disk to swap to. NULL: the test is skipped. */
static struct mm_struct *begin(struct test *t, struct test_disk **disk,
			       struct mm_struct *(*new)(struct test *))
{
	struct mm_struct *mm;

	*disk = new_disk(t);
	mm = *disk ? new (t) : NULL;
	if (*disk && !mm)
		end_disk(t, *disk);
	return mm;
}

/* The last program ends, and with it all that is on the disk. */
static void finish(struct test *t, struct test_disk *disk, struct mm_struct *mm)
{
	mmput(mm);
	wait_for_disk();
	EXPECT_EQ(t, nr_used(disk), 0ul);
	end_disk(t, disk);
}

static void forget_cached(struct test *t, struct mm_struct *mm, unsigned long nr)
{
	wait_for_disk();
	for (unsigned long i = 0; i < nr; i++) {
		pte_t pte = user_table_entry(mm, user_page_addr(i));
		struct page *page = pte_is_swap(pte) ? swap_cache_get(swap_entry_of(pte)) : NULL;

		if (!page)
			continue;
		EXPECT_OK(t, isolate_lru_page(page));
		lock_page(page);
		put_page(page);
		EXPECT_TRUE(t, swap_cache_free_page(page));
		unlock_page(page);
		lru_isolated_freed(1);
		put_page(page);
	}
}

static void page_goes_and_comes_back(struct test *t)
{
	struct test_disk *disk;
	struct mm_struct *mm = begin(t, &disk, new_program);
	unsigned long ins = vm_stat_read(PSWPIN), outs = vm_stat_read(PSWPOUT);

	if (!mm)
		return;
	page_out(t, mm, 0, NR_PAGES);
	EXPECT_EQ(t, (unsigned long)atomic64_read(&mm->counters[MM_SWAP_ENTRIES]), NR_PAGES);
	EXPECT_EQ(t, (unsigned long)atomic64_read(&mm->counters[MM_ANON_PAGES]), 0ul);
	EXPECT_EQ(t, nr_used(disk), NR_PAGES);
	user_expect_sound(t, mm);
	forget_cached(t, mm, NR_PAGES);
	EXPECT_EQ(t, vm_stat_read(PSWPOUT) - outs, NR_PAGES);
	expect_contents(t, mm);
	EXPECT_GE(t, vm_stat_read(PSWPIN) - ins, NR_PAGES);
	EXPECT_EQ(t, (unsigned long)atomic64_read(&mm->counters[MM_SWAP_ENTRIES]), 0ul);
	user_expect_sound(t, mm);
	finish(t, disk, mm);
}

static void clean_page_goes_without_being_written(struct test *t)
{
	struct test_disk *disk;
	struct mm_struct *mm = begin(t, &disk, new_program);
	unsigned long outs;

	if (!mm)
		return;
	page_out(t, mm, 0, NR_PAGES);
	wait_for_disk();
	expect_contents(t, mm); /* from the cache */
	outs = vm_stat_read(PSWPOUT);
	page_out(t, mm, 0, NR_PAGES);
	wait_for_disk();
	EXPECT_EQ(t, vm_stat_read(PSWPOUT), outs);
	expect_contents(t, mm);
	/* One that is written to has its slot no more. */
	EXPECT_TRUE(t, user_write(mm, USER_BASE, 99));
	EXPECT_FALSE(t, page_in_swap_cache(user_page(mm, USER_BASE)));
	EXPECT_EQ(t, nr_used(disk), NR_PAGES - 1);
	page_out(t, mm, 0, 1);
	wait_for_disk();
	EXPECT_EQ(t, vm_stat_read(PSWPOUT), outs + 1);
	EXPECT_EQ(t, user_read(mm, USER_BASE), 99);
	user_expect_sound(t, mm);
	finish(t, disk, mm);
}

/* Pages that are written to by the kernel, while, and after, they are stored. */
static void write_from_outside_is_not_lost(struct test *t)
{
	struct test_disk *disk;
	struct mm_struct *mm = begin(t, &disk, new_program);
	struct page *page, *cached;

	if (!mm)
		return;
	down_read(&mm->mmap_lock);
	page = mm_remote_page(mm, USER_BASE, FAULT_FLAG_WRITE);
	up_read(&mm->mmap_lock);
	page_out(t, mm, 0, 1);
	wait_for_disk();
	*(u8 *)page_to_virt(page) = 99;
	mm_remote_written(page);
	put_page(page);
	/* As reclaim would. */
	cached = swap_cache_get(swap_entry_of(user_table_entry(mm, USER_BASE)));
	EXPECT_TRUE(t, cached == page);
	if (cached) {
		lock_page(cached);
		EXPECT_FALSE(t, swap_cache_free_page(cached));
		unlock_page(cached);
		put_page(cached);
	}
	EXPECT_EQ(t, user_read(mm, USER_BASE), 99);
	EXPECT_EQ(t, user_read(mm, user_page_addr(1)), 2);
	finish(t, disk, mm);
}

static void shared_page_is_read_once_and_copied_when_written(struct test *t)
{
	struct test_disk *disk;
	struct mm_struct *mm = begin(t, &disk, new_program), *child;

	if (!mm)
		return;
	page_out(t, mm, 0, NR_PAGES);
	forget_cached(t, mm, NR_PAGES);
	child = user_fork(t, mm);
	if (!child)
		return;
	EXPECT_EQ(t, nr_used(disk), NR_PAGES);
	expect_contents(t, child);
	EXPECT_EQ(t, user_read(mm, USER_BASE), 1);
	EXPECT_TRUE(t, user_page(mm, USER_BASE) == user_page(child, USER_BASE));
	user_expect_mappings(t, mm, USER_BASE);
	EXPECT_TRUE(t, user_write(child, USER_BASE, 77));
	EXPECT_TRUE(t, user_write(child, user_page_addr(1), 78)); /* the parent's is in swap */
	EXPECT_EQ(t, user_read(mm, USER_BASE), 1);
	user_expect_sound(t, child);
	user_expect_sound(t, mm);
	expect_contents(t, mm);
	EXPECT_EQ(t, user_read(child, USER_BASE), 77);
	EXPECT_EQ(t, user_read(child, user_page_addr(1)), 78);
	mmput(mm);
	EXPECT_EQ(t, user_read(child, user_page_addr(2)), 3);
	user_expect_mappings(t, child, user_page_addr(2));
	mmput(child);
	EXPECT_EQ(t, nr_used(disk), 0ul);
	end_disk(t, disk);
}

static void entries_move_and_vanish(struct test *t)
{
	struct test_disk *disk;
	struct mm_struct *mm = begin(t, &disk, new_program);
	unsigned long to = USER_BASE + GIB(1);

	if (!mm)
		return;
	page_out(t, mm, 0, NR_PAGES);
	EXPECT_OK(t, user_unmap(mm, USER_BASE, 2 * PAGE_SIZE));
	EXPECT_OK(t, user_advise(mm, user_page_addr(2), 2 * PAGE_SIZE, MADV_DONTNEED));
	EXPECT_OK(t, user_advise(mm, user_page_addr(4), 2 * PAGE_SIZE, MADV_FREE));
	wait_for_disk();
	EXPECT_EQ(t, nr_used(disk), NR_PAGES - 6);
	EXPECT_EQ(t, user_read(mm, user_page_addr(4)), 0);
	EXPECT_EQ(t, user_move(mm, user_page_addr(8), 8 * PAGE_SIZE, to), to);
	EXPECT_EQ(t, user_read(mm, to), 9);
	EXPECT_OK(t, user_protect(mm, user_page_addr(20), 4 * PAGE_SIZE, PROT_NONE));
	EXPECT_EQ(t, user_read(mm, user_page_addr(20)), USER_SEGV);
	EXPECT_OK(t, user_protect(mm, user_page_addr(20), 4 * PAGE_SIZE, USER_RW));
	EXPECT_EQ(t, user_read(mm, user_page_addr(20)), 21);
	user_expect_sound(t, mm);
	finish(t, disk, mm);
}

/* --- shared memory --- */

static struct mm_struct *new_sharer(struct test *t)
{
	struct mm_struct *mm = user_new(t);

	if (mm)
		EXPECT_EQ(t,
			  user_map(mm, USER_BASE, NR_PAGES * PAGE_SIZE,
				   MAP_SHARED | MAP_ANONYMOUS | MAP_FIXED),
			  USER_BASE);
	for (unsigned long i = 0; mm && i < NR_PAGES; i++)
		EXPECT_TRUE(t, user_write(mm, user_page_addr(i), (u8)(i + 1)));
	return mm;
}

static void shared_memory_goes_and_comes_back_to_all(struct test *t)
{
	struct test_disk *disk;
	struct mm_struct *mm = begin(t, &disk, new_sharer), *child;
	unsigned long ins = vm_stat_read(PSWPIN);

	if (!mm)
		return;
	page_out(t, mm, 0, NR_PAGES);
	EXPECT_EQ(t, nr_used(disk), NR_PAGES);
	EXPECT_EQ(t, (unsigned long)atomic64_read(&mm->counters[MM_SHMEM_PAGES]), 0ul);
	child = user_fork(t, mm);
	if (!child)
		return;
	EXPECT_EQ(t, user_read(child, USER_BASE), 1); /* from the cache */
	wait_for_disk();
	EXPECT_EQ(t, nr_used(disk), NR_PAGES - 1);
	EXPECT_EQ(t, forget_disk_cache(disk), 0ul);
	expect_contents(t, child);
	EXPECT_GE(t, vm_stat_read(PSWPIN) - ins, NR_PAGES - 1);
	EXPECT_EQ(t, nr_used(disk), 0ul);
	EXPECT_TRUE(t, user_write(child, user_page_addr(1), 77));
	EXPECT_EQ(t, user_read(mm, user_page_addr(1)), 77);
	EXPECT_TRUE(t, user_write(child, user_page_addr(1), 2));
	expect_contents(t, mm);
	user_expect_sound(t, mm);
	user_expect_sound(t, child);
	mmput(child);
	page_out(t, mm, 0, NR_PAGES);
	mmput(mm); /* while it is being stored */
	wait_for_disk();
	EXPECT_EQ(t, nr_used(disk), 0ul);
	end_disk(t, disk);
}

static void hole_in_shared_memory_is_no_more_in_swap(struct test *t)
{
	struct test_disk *disk;
	struct mm_struct *mm = begin(t, &disk, new_sharer);

	if (!mm)
		return;
	page_out(t, mm, 0, NR_PAGES);
	EXPECT_EQ(t, forget_disk_cache(disk), 0ul);
	EXPECT_OK(t, mm_advise_remove(mm, user_page_addr(8), 8 * PAGE_SIZE));
	EXPECT_EQ(t, nr_used(disk), NR_PAGES - 8);
	for (unsigned long i = 0; i < NR_PAGES; i++)
		EXPECT_EQ(t, user_read(mm, user_page_addr(i)), i >= 8 && i < 16 ? 0 : (int)(i + 1));
	finish(t, disk, mm);
}

static void shared_memory_survives_devices_that_go_or_fail(struct test *t)
{
	struct test_disk *disk;
	struct mm_struct *mm = begin(t, &disk, new_sharer);

	if (!mm)
		return;
	page_out(t, mm, 0, NR_PAGES);
	EXPECT_EQ(t, forget_disk_cache(disk), 0ul);
	WRITE_ONCE(disk->fails_to_read, true);
	EXPECT_EQ(t, user_read(mm, USER_BASE), USER_SEGV);
	EXPECT_EQ(t, swap_device_remove(disk->index), -EIO);
	WRITE_ONCE(disk->fails_to_read, false);
	EXPECT_EQ(t, user_read(mm, USER_BASE), 1);
	end_disk(t, disk);
	expect_contents(t, mm);
	user_expect_sound(t, mm);
	mmput(mm);
}

static void all_comes_back_from_a_device_that_goes(struct test *t)
{
	struct test_disk *disk;
	struct mm_struct *mm = begin(t, &disk, new_program), *child;

	if (!mm)
		return;
	page_out(t, mm, 0, NR_PAGES);
	forget_cached(t, mm, NR_PAGES);
	child = user_fork(t, mm);
	user_protect(mm, user_page_addr(20), 4 * PAGE_SIZE, PROT_NONE);
	EXPECT_OK(t, swap_device_remove(disk->index));
	EXPECT_EQ(t, (unsigned long)atomic64_read(&mm->counters[MM_SWAP_ENTRIES]), 0ul);
	user_expect_sound(t, mm);
	user_protect(mm, user_page_addr(20), 4 * PAGE_SIZE, USER_RW);
	expect_contents(t, mm);
	mmput(mm);
	if (child) {
		expect_contents(t, child);
		user_expect_sound(t, child);
		mmput(child);
	}
	disk_stop(&disk->disk);
	free_disk(disk);
}

static void failing_disk_loses_nothing_that_it_never_had(struct test *t)
{
	struct test_disk *disk;
	struct mm_struct *mm = begin(t, &disk, new_program);

	if (!mm)
		return;
	WRITE_ONCE(disk->fails_to_write, true);
	page_out(t, mm, 0, NR_PAGES);
	wait_for_disk();
	expect_contents(t, mm);
	WRITE_ONCE(disk->fails_to_write, false);
	page_out(t, mm, 0, NR_PAGES);
	forget_cached(t, mm, NR_PAGES);
	WRITE_ONCE(disk->fails_to_read, true);
	EXPECT_EQ(t, user_read(mm, USER_BASE), USER_SEGV);
	EXPECT_EQ(t, swap_device_remove(disk->index), -EIO);
	user_expect_sound(t, mm);
	WRITE_ONCE(disk->fails_to_read, false);
	expect_contents(t, mm);
	mmput(mm);
	end_disk(t, disk);
}

#define NR_TOO_MANY (DISK_PAGES + 100)

static struct mm_struct *new_too_large(struct test *t)
{
	return user_new_mapped(t, NR_TOO_MANY * PAGE_SIZE, 0);
}

static void full_device_keeps_the_rest_in_memory(struct test *t)
{
	unsigned long nr = NR_TOO_MANY;
	struct test_disk *disk;
	struct mm_struct *mm = begin(t, &disk, new_too_large);
	unsigned long outs = vm_stat_read(PSWPOUT);
	bool is_only_one = nr_swap_slots() == DISK_PAGES - 1;

	if (!mm)
		return;
	user_advise(mm, USER_BASE, nr * PAGE_SIZE, MADV_NOHUGEPAGE);
	for (unsigned long i = 0; i < nr; i++)
		EXPECT_TRUE(t, user_write(mm, user_page_addr(i), (u8)i));
	/* More than can be under way at once. */
	page_out(t, mm, 0, nr);
	EXPECT_EQ(t, nr_used(disk), DISK_PAGES - 1);
	wait_for_disk();
	EXPECT_EQ(t, vm_stat_read(PSWPOUT) - outs, DISK_PAGES - 1);
	for (unsigned long i = 0; i < nr; i++)
		EXPECT_EQ(t, user_read(mm, user_page_addr(i)), (int)(u8)i);
	/* Pages that were only read have given their slots back, as long as these were scarce. */
	if (is_only_one)
		EXPECT_LE(t, nr_used(disk), DISK_PAGES / 2);
	user_expect_sound(t, mm);
	finish(t, disk, mm);
}

/* --- random programs --- */

static void random_step(struct test *t, struct test_random *random, struct user_program *programs)
{
	struct user_program *program = &programs[test_random_below(random, NR_PROGRAMS)];
	unsigned long first = test_random_below(random, USER_PROGRAM_PAGES);
	unsigned long end = first + 1 + test_random_below(random, 64);

	end = min(end, USER_PROGRAM_PAGES);
	if (!program->mm)
		return;
	switch (test_random_below(random, 16)) {
	case 0:
		user_program_fork(t, program, &programs[test_random_below(random, NR_PROGRAMS)]);
		break;
	case 1:
		user_program_drop(program, first, end);
		break;
	case 2:
	case 3:
		page_out(t, program->mm, first, end - first);
		break;
	case 4:
		user_advise(program->mm, user_page_addr(first), (end - first) * PAGE_SIZE,
			    MADV_WILLNEED);
		break;
	default:
		user_program_access(t, random, program, first);
	}
}

static void random_programs_agree_with_a_model(struct test *t)
{
	struct user_program *programs = vzalloc(NR_PROGRAMS * sizeof(*programs));
	struct test_random random = test_random_seeded(t, 17);
	struct test_disk *disk = programs ? new_disk(t) : NULL;

	if (!disk) {
		vfree(programs);
		return;
	}
	programs[0].mm = user_new_mapped(t, USER_PROGRAM_PAGES * PAGE_SIZE, 0);
	user_program_set(&programs[0], 0, USER_PROGRAM_PAGES, 0, USER_RW);
	for (unsigned int i = 0; i < NR_STEPS && programs[0].mm; i++) {
		random_step(t, &random, programs);
		if (i % 500 == 0)
			for (unsigned int j = 0; j < NR_PROGRAMS; j++)
				if (programs[j].mm)
					user_expect_sound(t, programs[j].mm);
		cond_resched();
	}
	for (unsigned int i = 0; i < NR_PROGRAMS; i++)
		user_program_end(&programs[i]);
	wait_for_disk();
	EXPECT_EQ(t, nr_used(disk), 0ul);
	EXPECT_EQ(t, lru_verify(), 0u);
	end_disk(t, disk);
	vfree(programs);
}

/* --- several CPUs --- */

#define NR_THREADS 4

struct swap_thread {
	struct test *t;
	struct mm_struct *mm;
	unsigned long first; /* page of its own part */
	unsigned int nr_wrong;
};

static int touch_and_page_out(void *data)
{
	struct swap_thread *thread = data;
	u8 values[NR_PAGES] = { 0 };

	for (u32 round = 1; !kthread_should_stop(); round++) {
		unsigned long i = round * 7 % NR_PAGES;
		unsigned long addr = user_page_addr(thread->first + i);

		if (user_read(thread->mm, addr) != values[i])
			thread->nr_wrong++;
		values[i] = (u8)round;
		if (!user_write(thread->mm, addr, values[i]))
			thread->nr_wrong++;
		if (round % 16 == 0) {
			down_read(&thread->mm->mmap_lock);
			do_madvise(thread->mm, USER_BASE, NR_THREADS * NR_PAGES * PAGE_SIZE,
				   MADV_PAGEOUT);
			up_read(&thread->mm->mmap_lock);
		}
		if (round % 64 == 0) {
			struct mm_struct *child = mm_copy(thread->mm);

			if (IS_ERR(child))
				continue;
			if (user_read(child, addr) != values[i])
				thread->nr_wrong++;
			mmput(child);
		}
	}
	return 0;
}

static void advise_locked(struct mm_struct *mm, unsigned long page, unsigned long nr, int advice)
{
	down_read(&mm->mmap_lock);
	do_madvise(mm, user_page_addr(page), nr * PAGE_SIZE, advice);
	up_read(&mm->mmap_lock);
}

/* A page of another's part comes, and its mapping goes: the other one pages it out. */
static void look_at_other(struct swap_thread *thread, unsigned long round)
{
	unsigned long other = (thread->first + NR_PAGES) % (NR_THREADS * NR_PAGES);
	unsigned long i = other + round * 5 % NR_PAGES;
	struct page *page;

	down_read(&thread->mm->mmap_lock);
	page = mm_remote_page(thread->mm, user_page_addr(i), 0);
	up_read(&thread->mm->mmap_lock);
	if (!page)
		thread->nr_wrong++;
	else
		put_page(page);
	advise_locked(thread->mm, other, NR_PAGES, MADV_DONTNEED);
}

static int share_and_page_out(void *data)
{
	struct swap_thread *thread = data;
	u8 values[NR_PAGES] = { 0 };

	for (u32 round = 1; !kthread_should_stop(); round++) {
		unsigned long i = round * 7 % NR_PAGES;
		unsigned long addr = user_page_addr(thread->first + i);

		if (user_read(thread->mm, addr) != values[i])
			thread->nr_wrong++;
		values[i] = round % 32 ? (u8)round : 0;
		if (round % 32 == 0 && mm_advise_remove(thread->mm, addr, PAGE_SIZE))
			thread->nr_wrong++;
		else if (round % 32 && !user_write(thread->mm, addr, values[i]))
			thread->nr_wrong++;
		if (round % 8 == 0)
			advise_locked(thread->mm, thread->first, NR_PAGES, MADV_PAGEOUT);
		if (round % 4 == 0)
			look_at_other(thread, round);
	}
	return 0;
}

static void run_side_by_side(struct test *t, struct test_disk *disk, struct mm_struct *mm,
			     int (*program)(void *data))
{
	struct swap_thread threads[NR_THREADS];
	struct task_struct *tasks[NR_THREADS];

	unsigned int nr = 0;

	for (; nr < NR_THREADS; nr++) {
		threads[nr] = (struct swap_thread){ .t = t,
						    .mm = nr ? user_fork(t, mm) : mm,
						    .first = nr * NR_PAGES };
		if (!threads[nr].mm)
			break;
		tasks[nr] = kthread_run(program, &threads[nr], "swap/%u", nr);
	}
	msleep(500);
	for (unsigned int i = 0; i < nr; i++) {
		EXPECT_FALSE(t, IS_ERR(tasks[i]));
		if (!IS_ERR(tasks[i]))
			kthread_stop(tasks[i]);
		EXPECT_EQ(t, threads[i].nr_wrong, 0u);
	}
	for (unsigned int i = 0; i < nr; i++)
		user_expect_sound(t, threads[i].mm);
	for (unsigned int i = 1; i < nr; i++)
		mmput(threads[i].mm);
	finish(t, disk, mm);
}

static struct mm_struct *new_private_parts(struct test *t)
{
	return user_new_mapped(t, NR_THREADS * NR_PAGES * PAGE_SIZE, 0);
}

/* Each pages out the address space that it runs, and forks it; what it has from the fork is the
 * others', too, and may be on its way out, or back, at the same time. */
static void programs_of_one_fork_page_out_side_by_side(struct test *t)
{
	struct test_disk *disk;
	struct mm_struct *mm = begin(t, &disk, new_private_parts);

	if (mm)
		run_side_by_side(t, disk, mm, touch_and_page_out);
}

static struct mm_struct *new_shared_parts(struct test *t)
{
	struct mm_struct *mm = user_new(t);

	if (mm)
		EXPECT_EQ(t,
			  user_map(mm, USER_BASE, NR_THREADS * NR_PAGES * PAGE_SIZE,
				   MAP_SHARED | MAP_ANONYMOUS | MAP_FIXED),
			  USER_BASE);
	return mm;
}

/* Each has a part of memory that all share; it writes there, makes holes, and pages it out, while
 * another wants it. */
static void sharers_page_out_side_by_side(struct test *t)
{
	struct test_disk *disk;
	struct mm_struct *mm = begin(t, &disk, new_shared_parts);

	if (mm)
		run_side_by_side(t, disk, mm, share_and_page_out);
}

/* --- who waits for the disk --- */

struct waiter {
	struct mm_struct *mm;
	unsigned int flags; /* of its fault */
	int result;
	bool is_done;
};

static int fault_and_wait(void *data)
{
	struct waiter *waiter = data;

	waiter->result = user_fault_once(waiter->mm, USER_BASE, waiter->flags);
	WRITE_ONCE(waiter->is_done, true);
	while (!kthread_should_stop())
		usleep(1000);
	return 0;
}

/* A task faults, and the disk does not answer. Return: whether others may change areas then. */
static bool fault_leaves_areas_alone(struct test *t, struct test_disk *disk, struct waiter *waiter)
{
	struct task_struct *task;
	bool is_free;

	WRITE_ONCE(disk->holds, true);
	task = kthread_run(fault_and_wait, waiter, "swap/wait");
	EXPECT_FALSE(t, IS_ERR(task));
	while (!IS_ERR(task) && !READ_ONCE(disk->nr_out))
		usleep(1000);
	/* From there on it only waits. */
	while (!IS_ERR(task) && !(READ_ONCE(task->state) & TASK_OFF_QUEUE))
		usleep(1000);
	EXPECT_FALSE(t, READ_ONCE(waiter->is_done));
	is_free = down_write_trylock(&waiter->mm->mmap_lock);
	if (is_free)
		mmap_write_unlock(waiter->mm);
	WRITE_ONCE(disk->holds, false);
	disk_attention(&disk->disk);
	while (!IS_ERR(task) && !READ_ONCE(waiter->is_done))
		usleep(1000);
	if (!IS_ERR(task))
		kthread_stop(task);
	return is_free;
}

static void expect_free_while_waiting(struct test *t, struct mm_struct *(*new)(struct test *))
{
	struct test_disk *disk;
	struct mm_struct *mm = begin(t, &disk, new);
	struct waiter waiter = { .mm = mm };

	if (!mm)
		return;
	page_out(t, mm, 0, NR_PAGES);
	EXPECT_EQ(t, forget_disk_cache(disk), 0ul);
	waiter.flags = FAULT_FLAG_MAY_UNLOCK;
	EXPECT_TRUE(t, fault_leaves_areas_alone(t, disk, &waiter));
	EXPECT_EQ(t, waiter.result, VM_FAULT_UNLOCKED | VM_FAULT_MAJOR);
	EXPECT_EQ(t, user_read(mm, USER_BASE), 1);
	page_out(t, mm, 0, NR_PAGES);
	EXPECT_EQ(t, forget_disk_cache(disk), 0ul);
	waiter.flags = 0;
	waiter.is_done = false;
	EXPECT_FALSE(t, fault_leaves_areas_alone(t, disk, &waiter));
	EXPECT_FALSE(t, waiter.result & (VM_FAULT_UNLOCKED | VM_FAULT_ERROR));
	expect_contents(t, mm);
	user_expect_sound(t, mm);
	finish(t, disk, mm);
}

static void areas_are_free_while_a_fault_waits(struct test *t)
{
	expect_free_while_waiting(t, new_program);
	expect_free_while_waiting(t, new_sharer);
}

/* --- flushes that are put off --- */

/* What goes by an entry that maps nothing; of the page at @addr. */
static void unmap_it(struct test *t, struct mm_struct *mm, unsigned long addr)
{
	EXPECT_OK(t, user_unmap(mm, addr, PAGE_SIZE));
}

static void protect_it(struct test *t, struct mm_struct *mm, unsigned long addr)
{
	EXPECT_OK(t, user_protect(mm, addr, PAGE_SIZE, PROT_READ));
}

static void drop_it(struct test *t, struct mm_struct *mm, unsigned long addr)
{
	EXPECT_OK(t, user_advise(mm, addr, PAGE_SIZE, MADV_DONTNEED));
}

static void give_it_up(struct test *t, struct mm_struct *mm, unsigned long addr)
{
	EXPECT_OK(t, user_advise(mm, addr, PAGE_SIZE, MADV_FREE));
}

static void move_it(struct test *t, struct mm_struct *mm, unsigned long addr)
{
	EXPECT_EQ(t, user_move(mm, addr, PAGE_SIZE, addr + GIB(1)), addr + GIB(1));
}

static void hand_it_on(struct test *t, struct mm_struct *mm, unsigned long addr __maybe_unused)
{
	struct mm_struct *child = user_fork(t, mm);

	if (child)
		mmput(child);
}

static bool has_deferred(struct mm_struct *mm)
{
	return atomic_read(&mm->nr_deferred) != READ_ONCE(mm->nr_flushed);
}

static void who_goes_by_an_empty_entry_flushes_first(struct test *t)
{
	static void (*const acts[])(struct test *, struct mm_struct *, unsigned long) = {
		unmap_it, protect_it, drop_it, give_it_up, move_it, hand_it_on,
	};
	struct test_disk *disk;
	struct mm_struct *mm = begin(t, &disk, new_program);

	if (!mm)
		return;
	for (unsigned long i = 0; i < ARRAY_SIZE(acts); i++) {
		struct page *page = user_page(mm, user_page_addr(i));
		struct deferred_flush flush = { 0 };

		EXPECT_OK(t, isolate_lru_page(page));
		lock_page(page);
		EXPECT_TRUE(t, add_to_swap(page, GFP_KERNEL));
		EXPECT_TRUE(t, try_to_unmap(page, &flush));
		EXPECT_EQ(t, nr_deferred(&flush), 1u);
		EXPECT_TRUE(t, has_deferred(mm));
		acts[i](t, mm, user_page_addr(i));
		EXPECT_FALSE(t, has_deferred(mm));
		deferred_flush_end(&flush);
		EXPECT_EQ(t, nr_deferred(&flush), 0u);
		unlock_page(page);
		swap_drop_orphan(page);
		putback_lru_page(page);
	}
	user_expect_sound(t, mm);
	finish(t, disk, mm);
}

/* --- two devices --- */

#define NR_RUN_PAGES (4 * NR_PAGES)

static struct mm_struct *new_long(struct test *t)
{
	struct mm_struct *mm = user_new_mapped(t, NR_RUN_PAGES * PAGE_SIZE, 0);

	if (mm)
		user_advise(mm, USER_BASE, NR_RUN_PAGES * PAGE_SIZE, MADV_NOHUGEPAGE);
	for (unsigned long i = 0; mm && i < NR_RUN_PAGES; i++)
		EXPECT_TRUE(t, user_write(mm, user_page_addr(i), (u8)i));
	return mm;
}

/* How often the next page is on another device. */
static unsigned int nr_changes(struct test *t, struct mm_struct *mm)
{
	unsigned int nr = 0;
	pte_t last = 0;

	for (unsigned long i = 0; i < NR_RUN_PAGES; i++) {
		pte_t pte = user_table_entry(mm, user_page_addr(i));

		EXPECT_TRUE(t, pte_is_swap(pte));
		nr += i && pte_swap_device(pte) != pte_swap_device(last);
		last = pte;
	}
	return nr;
}

static void equal_devices_take_runs_in_turn(struct test *t)
{
	struct test_disk *disk, *other;
	struct mm_struct *mm = begin(t, &disk, new_long);

	if (!mm)
		return;
	other = new_disk(t);
	if (other) {
		unsigned int nr;

		page_out(t, mm, 0, NR_RUN_PAGES);
		nr = nr_changes(t, mm);
		EXPECT_GE(t, nr, 3u);
		EXPECT_LE(t, nr, 5u);
		EXPECT_GE(t, nr_used(disk), NR_PAGES);
		EXPECT_GE(t, nr_used(other), NR_PAGES);
		wait_for_disk();
		EXPECT_OK(t, swap_device_remove(other->index));
		disk_stop(&other->disk);
		free_disk(other);
	}
	for (unsigned long i = 0; i < NR_RUN_PAGES; i++)
		EXPECT_EQ(t, user_read(mm, user_page_addr(i)), (int)(u8)i);
	finish(t, disk, mm);
}

static const struct test_case swap_cases[] = {
	TEST_CASE(page_goes_and_comes_back),
	TEST_CASE(clean_page_goes_without_being_written),
	TEST_CASE(write_from_outside_is_not_lost),
	TEST_CASE(shared_page_is_read_once_and_copied_when_written),
	TEST_CASE(entries_move_and_vanish),
	TEST_CASE(shared_memory_goes_and_comes_back_to_all),
	TEST_CASE(hole_in_shared_memory_is_no_more_in_swap),
	TEST_CASE(shared_memory_survives_devices_that_go_or_fail),
	TEST_CASE(all_comes_back_from_a_device_that_goes),
	TEST_CASE(failing_disk_loses_nothing_that_it_never_had),
	TEST_CASE(full_device_keeps_the_rest_in_memory),
	TEST_CASE(areas_are_free_while_a_fault_waits),
	TEST_CASE(who_goes_by_an_empty_entry_flushes_first),
	TEST_CASE(equal_devices_take_runs_in_turn),
	TEST_CASE(random_programs_agree_with_a_model),
	TEST_CASE(programs_of_one_fork_page_out_side_by_side),
	TEST_CASE(sharers_page_out_side_by_side),
};
TEST_SUITE(swap, swap_cases);
