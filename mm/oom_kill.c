/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The OOM killer.
 *
 * An allocation that must not fail has found nothing, and nothing can be reclaimed.  Then a process
 * has to go, so that all others can go on.  The thread "oom_killer" chooses and kills; whoever asks
 * sleeps meanwhile and tries again.  A thread of its own, because the asker may hold any lock that
 * sleeps, and because what is to be done needs no memory: nothing is allocated here.
 *
 *	asker		->nr_asked++, wakes the thread, sleeps until ->nr_answered says that
 *			his turn is over, or he himself is to die
 *	oom_killer	is there memory by now?  Then nobody dies.
 *			chooses, sends SIGKILL to all who share the memory, tells the log
 *			takes the memory away (reaps): it does not wait for the victim, who may
 *			sleep for a lock that the asker holds
 *			answers all who had asked before it chose
 *
 * Who is chosen: the process with the most points, which are the pages that it uses: resident ones,
 * swapped ones, and page tables; and oom_score_adj, in thousandths of all memory.  Never process 1,
 * kernel threads, who has an oom_score_adj of -1000 or shares the memory of such a one, and who is
 * smaller than FLOOR_PAGES, unless his oom_score_adj makes more of him: killing those gives nothing
 * back.  Shared memory counts for all who have it mapped, and no more once it is in swap: no entry
 * names its slot, and who has it mapped could not be told from who had.  Linux counts the same: so
 * who looks small may hold much, and oom_score_adj is for those.  A bomb of forks is many that are
 * each below the floor.  So a group of BOMB_PROCESSES or more is taken as one, if all of it
 * together uses more than the worst process, and it goes as a whole.  If nobody is left to be
 * chosen the allocation fails, and its caller deals with it: nothing here stops the machine.
 *
 * Reaping drops the private pages of the victim as MADV_DONTNEED would, locked ones, too, with
 * mmap_lock for reading.  From then on mm->is_reaped makes faults on what is not there fail, or
 * the kernel would read zeros for a program that has not yet noticed that it is dead.  Shared
 * memory comes back when the victim ends, and counts as pending until then.  If a thread holds the
 * lock for writing we wait for it, or for the end of the victim, but not for ever: after
 * REAP_LIMIT_NS another is chosen.  Nobody is while memory of victims has yet to come back
 * (oom.nr_pending), as long as some does now and then.
 *
 * Who is to die gets half of the reserve (task->is_oom_victim), once it finds no memory: so that it
 * comes to its end.  An asker who is dying anyway is such a victim, and nobody else has to go.
 *
 * A fault whose allocation failed, for nobody could be chosen, is tried again when others have
 * given something back by themselves: who fills a file is refused, say.  If none do for
 * REAP_LIMIT_NS who faults goes himself, however small, unless he may not be killed.  So nobody
 * dies but by a choice that the log tells.
 *
 * The mark: an urgent request that cannot sleep, and gets nothing although it may use a part of the
 * reserve, wakes the thread, too, and fails.
 *
 * Locks: oom.lock for tickets; tasklist_lock to choose and to kill.
 *
 * Source of the rules: Linux's Documentation/filesystems/proc.rst, 3.1, for oom_score_adj.
 */
#define pr_fmt(fmt) "oom: " fmt

#include <linux/errno.h>
#include <oshit/cred.h>
#include <oshit/err.h>
#include <oshit/gfp.h>
#include <oshit/kthread.h>
#include <oshit/math.h>
#include <oshit/mm.h>
#include <oshit/oom.h>
#include <oshit/overcommit.h>
#include <oshit/pgroup.h>
#include <oshit/printk.h>
#include <oshit/sizes.h>
#include <oshit/string.h>
#include <oshit/swap.h>
#include <oshit/task.h>
#include <oshit/user_task.h>
#include <oshit/wait.h>

#include "mm_internal.h"
#include "user_table.h"

#define FLOOR_PAGES	  (MIB(1) / PAGE_SIZE)
#define BOMB_PROCESSES	  32
#define NR_RETRIES	  8
#define REAP_LIMIT_NS	  NSEC_PER_SEC
#define PROGRESS_LIMIT_NS (5 * NSEC_PER_SEC) /* the next victim's memory is back by then */
#define REAP_STEP_NS	  (10 * NSEC_PER_MSEC) /* a look at a lock that nobody tells about */
#define KIB_OF(pages)	  ((unsigned long)(pages) * (PAGE_SIZE / KIB(1)))

static struct { /* l: ->lock   t: the thread */
	raw_spinlock_t lock; /* interrupts off */
	u64 nr_asked, nr_answered; /* l  tickets */
	bool has_helped; /* l  the last answer: trying again is worth it */
	gfp_t gfp; /* l  of who asked last */
	unsigned int order; /* l */
	char comm[TASK_COMM_LEN]; /* l  his name, or of whom an interrupt met */
	int pid, adj; /* l */
	struct wait_queue_head askers;
	atomic_t nr_pending; /* victims' memory that is neither reaped nor freed yet */
	atomic_t nr_settled; /* and how often that was done */
	unsigned int nr_retries; /* t  in a row, since there was room in swap */
	int nr_seen; /* t  of them, by who was answered last */
	struct wait_queue_head left; /* a victim has left its memory, or that is settled */
	struct task_struct *thread; /* set once */
	struct oom_counts counts; /* nr_requests: l   nr_kills: tasklist_lock   others: t */
} oom = {
	.lock = RAW_SPINLOCK_INIT,
	.askers = WAIT_QUEUE_HEAD_INIT(oom.askers),
	.left = WAIT_QUEUE_HEAD_INIT(oom.left),
};

/* --- points --- */

/* The memory of a process, whose leader may have ended before other threads; NULL. Under
 * tasklist_lock. */
static struct mm_struct *memory_of(const struct signal_struct *signal)
{
	const struct user_task *thread;

	list_for_each_entry(thread, &signal->threads, thread_node)
		if (thread->mm)
			return thread->mm;
	return NULL;
}

static unsigned long count(const struct mm_struct *mm, enum mm_counter counter)
{
	/* Below 0 for a moment while fork and truncation race. */
	return (unsigned long)max(atomic64_read(&mm->counters[counter]), (s64)0);
}

static void get_usage(struct oom_usage *usage, const struct mm_struct *mm)
{
	*usage = (struct oom_usage){
		.anon = count(mm, MM_ANON_PAGES),
		.file = count(mm, MM_FILE_PAGES),
		.shmem = count(mm, MM_SHMEM_PAGES),
		.swapped = count(mm, MM_SWAP_ENTRIES),
		.tables = 1 + (unsigned long)atomic64_read(&mm->nr_tables),
		.total = mm->total_pages,
	};
}

static unsigned long sum(const struct oom_usage *usage)
{
	return usage->anon + usage->file + usage->shmem + usage->swapped + usage->tables;
}

static bool may_be_killed(const struct signal_struct *signal)
{
	return !signal->is_unkillable && READ_ONCE(signal->oom_score_adj) != OOM_SCORE_ADJ_MIN;
}

static long points_of(unsigned long nr_pages, int adj, unsigned long nr_total)
{
	return (long)nr_pages + adj * (long)nr_total / OOM_SCORE_ADJ_MAX;
}

/* --- choosing: all under tasklist_lock --- */

struct choice {
	struct signal_struct *worst; /* NULL: nobody */
	long points; /* of the worst */
	struct pgroup *bomb; /* NULL: none */
	long bomb_points;
	unsigned int nr_in_bomb, nr_looked_at;
	unsigned long nr_total; /* pages of the machine */
	struct mm_struct *init_mm; /* nobody who shares it may be killed */
};

/* Of the thread: for the log, most points first. */
struct oom_candidate oom_largest[OOM_NR_SHOWN];
unsigned int oom_nr_largest;

static void describe(struct oom_candidate *candidate, const struct signal_struct *signal,
		     const struct oom_usage *usage, long points)
{
	const struct task_struct *leader = signal->leader;

	*candidate = (struct oom_candidate){
		.pid = leader->pid,
		.adj = READ_ONCE(signal->oom_score_adj),
		.uid = task_uid(signal->leader),
		.usage = *usage,
		.points = points,
	};
	memcpy(candidate->comm, leader->comm, sizeof(candidate->comm));
}

static void note_large(const struct signal_struct *signal, const struct oom_usage *usage,
		       long points)
{
	unsigned int place = oom_nr_largest;

	while (place && oom_largest[place - 1].points < points)
		place--;
	if (place == OOM_NR_SHOWN)
		return;
	oom_nr_largest = min(oom_nr_largest + 1, (unsigned int)OOM_NR_SHOWN);
	memmove(&oom_largest[place + 1], &oom_largest[place],
		(oom_nr_largest - place - 1) * sizeof(oom_largest[0]));
	describe(&oom_largest[place], signal, usage, points);
}

/* Of a process that may not be killed nothing is taken, by way of others that share its memory: a
 * child of vfork(), say. */
static bool may_all_be_killed(const struct mm_struct *mm)
{
	const struct user_task *member;
	struct pgroup *group;

	for_each_pgroup(group)
		list_for_each_entry(member, &group->members, group_node)
			if (!may_be_killed(member->signal) && memory_of(member->signal) == mm)
				return false;
	return true;
}

/* Points that @signal adds to its group, 0: none. */
static long look_at_process(struct choice *choice, struct signal_struct *signal)
{
	const struct mm_struct *mm = memory_of(signal);
	struct oom_usage usage;
	long points;

	if (!mm || mm == choice->init_mm || mm->is_oom_pending || READ_ONCE(mm->is_reaped) ||
	    !may_be_killed(signal))
		return 0;
	choice->nr_looked_at++;
	get_usage(&usage, mm);
	points = points_of(sum(&usage), READ_ONCE(signal->oom_score_adj), choice->nr_total);
	note_large(signal, &usage, points);
	if (points > choice->points && max(points, (long)sum(&usage)) >= (long)FLOOR_PAGES &&
	    may_all_be_killed(mm)) {
		choice->worst = signal;
		choice->points = points;
	}
	return max(points, 0L);
}

static void look_at_group(struct choice *choice, struct pgroup *group)
{
	const struct user_task *member;
	unsigned int nr = 0;
	long points = 0;

	list_for_each_entry(member, &group->members, group_node) {
		points += look_at_process(choice, member->signal);
		nr++;
	}
	if (nr >= BOMB_PROCESSES && points > choice->bomb_points) {
		choice->bomb = group;
		choice->bomb_points = points;
		choice->nr_in_bomb = nr;
	}
}

static void choose(struct choice *choice)
{
	struct pgroup *group;

	*choice = (struct choice){
		.nr_total = memory_total_pages(),
		.init_mm = init_signal ? memory_of(init_signal) : NULL,
	};
	oom_nr_largest = 0;
	for_each_pgroup(group)
		look_at_group(choice, group);
	if (choice->bomb_points <= choice->points)
		choice->bomb = NULL;
}

/* --- killing: under tasklist_lock --- */

static void kill_process(struct signal_struct *signal, struct mm_struct *mm)
{
	struct user_task *thread;
	siginfo_t info;

	if (!xchg(&mm->is_oom_pending, true))
		atomic_inc(&oom.nr_pending);
	siginfo_init(&info, SI_KERNEL);
	list_for_each_entry(thread, &signal->threads, thread_node)
		WRITE_ONCE(thread->task->is_oom_victim, true);
	send_signal(signal->leader, SIGKILL, &info);
	WRITE_ONCE(oom.counts.nr_kills, oom.counts.nr_kills + 1);
}

/* All processes that use @mm: as long as one does, nothing of it comes back. */
static void kill_users_of(struct mm_struct *mm)
{
	const struct user_task *member;
	struct pgroup *group;

	for_each_pgroup(group) {
		list_for_each_entry(member, &group->members, group_node)
			if (memory_of(member->signal) == mm && may_be_killed(member->signal))
				kill_process(member->signal, mm);
	}
}

static void kill_group(const struct pgroup *group)
{
	const struct user_task *member;

	list_for_each_entry(member, &group->members, group_node) {
		struct mm_struct *mm = memory_of(member->signal);

		if (mm && may_be_killed(member->signal))
			kill_process(member->signal, mm);
	}
}

/* --- reaping --- */

/* What the victim alone has goes now; pages of files are others', too. mmap_lock is held. */
static unsigned long drop_private_pages(struct mm_struct *mm)
{
	unsigned long before = mm_resident_pages(mm);
	struct user_gather gather;
	struct vm_area *area;

	/* Before the first entry is emptied; pairs with mm_was_reaped(). */
	WRITE_ONCE(mm->is_reaped, true);
	smp_wmb();
	for (area = vma_find(&mm->areas, 0); area; area = vma_next(&mm->areas, area)) {
		if (area->flags & (VM_PFNMAP | VM_SHARED))
			continue;
		mm_unlock_pages(area, area->start, area->end);
		user_gather_begin(&gather, mm);
		user_unmap_pages(&gather, area->start, area->end);
		user_gather_end(&gather);
	}
	return before - min(before, mm_resident_pages(mm));
}

/* Then the rest comes back when it ends. mmap_lock is held. */
static bool shares_memory(struct mm_struct *mm)
{
	struct vm_area *area;

	for_each_vma(area, &mm->areas)
		if (area->flags & VM_SHARED && !(area->flags & VM_PFNMAP))
			return true;
	return false;
}

static bool has_left(const struct mm_struct *mm)
{
	return refcount_read(&mm->users) == 1;
}

/* Nothing more of @mm is waited for. */
static void settle(struct mm_struct *mm)
{
	if (!xchg(&mm->is_oom_pending, false))
		return;
	atomic_dec(&oom.nr_pending);
	atomic_inc(&oom.nr_settled);
	wake_up_all(&oom.left);
}

/* @mm: with a reference, which goes. */
static void reap(struct mm_struct *mm, const struct oom_candidate *who)
{
	u64 deadline_ns = clock_ns() + REAP_LIMIT_NS;
	unsigned long nr_pages = 0;
	bool is_locked, shares;

	while (!(is_locked = down_read_trylock(&mm->mmap_lock)) && clock_ns() < deadline_ns)
		if (wait_event_timeout_ns(oom.left, has_left(mm), REAP_STEP_NS))
			break;
	if (is_locked) {
		nr_pages = drop_private_pages(mm);
		shares = shares_memory(mm);
		up_read(&mm->mmap_lock);
		if (!shares)
			settle(mm);
		pr_info("%d (%s): %lu KiB taken back\n", who->pid, who->comm, KIB_OF(nr_pages));
	} else if (!has_left(mm)) {
		WRITE_ONCE(mm->is_reaped, true); /* as good as: somebody else has to go */
		settle(mm);
		pr_warn("%d (%s) keeps its memory locked\n", who->pid, who->comm);
	}
	WRITE_ONCE(oom.counts.nr_reaped_pages, oom.counts.nr_reaped_pages + nr_pages);
	mmput_async(mm); /* the rest may wait for others, who wait for us */
}

/* --- the log --- */

static void log_request(const struct page_counts *counts)
{
	char comm[TASK_COMM_LEN];
	unsigned int order;
	int pid, adj;
	gfp_t gfp;

	raw_spin_lock_irq(&oom.lock);
	memcpy(comm, oom.comm, sizeof(comm));
	order = oom.order;
	gfp = oom.gfp;
	pid = oom.pid;
	adj = oom.adj;
	raw_spin_unlock_irq(&oom.lock);
	pr_warn("%s (%d) invoked oom-killer: gfp_mask=0x%x, order=%u, oom_score_adj=%d\n", comm,
		pid, gfp, order, adj);
	pr_warn("%lu of %lu KiB are free, %lu KiB are promised to programs\n",
		KIB_OF(counts->nr_free), KIB_OF(counts->nr_managed), KIB_OF(vm_committed_pages()));
}

static void log_largest(const struct choice *choice)
{
	pr_warn("the largest of %u processes, in KiB:\n", choice->nr_looked_at);
	pr_warn("   pid   uid    total     anon     file    shmem  swapped   tables   adj  name\n");
	for (unsigned int i = 0; i < oom_nr_largest; i++) {
		const struct oom_candidate *c = &oom_largest[i];

		pr_warn("%6d %5u %8lu %8lu %8lu %8lu %8lu %8lu %5d  %s\n", c->pid, c->uid,
			KIB_OF(c->usage.total), KIB_OF(c->usage.anon), KIB_OF(c->usage.file),
			KIB_OF(c->usage.shmem), KIB_OF(c->usage.swapped), KIB_OF(c->usage.tables),
			c->adj, c->comm);
	}
}

static void log_victim(const struct oom_candidate *victim)
{
	pr_err("Out of memory: Killed process %d (%s) total-vm:%lukB, anon-rss:%lukB, "
	       "file-rss:%lukB, shmem-rss:%lukB, UID:%u pgtables:%lukB oom_score_adj:%d\n",
	       victim->pid, victim->comm, KIB_OF(victim->usage.total), KIB_OF(victim->usage.anon),
	       KIB_OF(victim->usage.file), KIB_OF(victim->usage.shmem), victim->uid,
	       KIB_OF(victim->usage.tables), victim->adj);
}

/* --- the thread --- */

/* False: nobody can go. *@memory: is to be reaped, with a reference; NULL: that of a bomb, whose
 * processes are many and small, and end as fast by themselves. */
static bool kill_somebody(struct mm_struct **memory, struct oom_candidate *victim)
{
	struct page_counts counts;
	struct choice choice;
	struct oom_usage usage;
	int bomb = 0;

	*memory = NULL;
	page_counts_get(&counts);
	spin_lock(&tasklist_lock);
	choose(&choice);
	if (choice.bomb) {
		bomb = choice.bomb->id;
		kill_group(choice.bomb);
	} else if (choice.worst) {
		*memory = memory_of(choice.worst);
		mmget(*memory);
		get_usage(&usage, *memory);
		describe(victim, choice.worst, &usage, choice.points);
		kill_users_of(*memory);
	}
	spin_unlock(&tasklist_lock);
	if (!bomb && !*memory)
		return false; /* the allocation fails, and says so itself */
	log_request(&counts);
	log_largest(&choice);
	if (bomb)
		pr_err("Out of memory: Killed process group %d, %u processes with %lu KiB\n", bomb,
		       choice.nr_in_bomb, KIB_OF(choice.bomb_points));
	else
		log_victim(victim);
	return true;
}

/* Somebody may be dying already: as long as that gets on it is waited for. True: it has helped. */
static bool wait_for_victims(gfp_t gfp, unsigned int order)
{
	bool gets_on = true;

	while (gets_on && !page_alloc_has_free(gfp, order) && atomic_read(&oom.nr_pending)) {
		int nr_settled = atomic_read(&oom.nr_settled);

		gets_on = wait_event_timeout_ns(oom.left,
						page_alloc_has_free(gfp, order) ||
							atomic_read(&oom.nr_settled) != nr_settled,
						PROGRESS_LIMIT_NS);
	}
	return page_alloc_has_free(gfp, order);
}

/* Whether the last request can be served now; true: asking again is worth it. */
static bool relieve(gfp_t gfp, unsigned int order)
{
	struct oom_candidate victim;
	struct mm_struct *memory;

	if (wait_for_victims(gfp, order))
		return true;
	/* What came back may be slots of swap alone: reclaim can go on with those. */
	if (oom.nr_seen != atomic_read(&oom.nr_settled)) {
		oom.nr_seen = atomic_read(&oom.nr_settled);
		return true;
	}
	/* Swap has room: who asked may have looked before it had. */
	if (nr_free_swap_slots() > FLOOR_PAGES && oom.nr_retries++ < NR_RETRIES)
		return true;
	oom.nr_retries = 0;
	/* It is in pieces, and nobody's end would change that. */
	if (order && page_alloc_has_free(gfp, 0))
		return false;
	if (!kill_somebody(&memory, &victim))
		return false;
	if (memory)
		reap(memory, &victim);
	oom.nr_seen = atomic_read(&oom.nr_settled);
	return true;
}

static int oom_killer(void *data __maybe_unused)
{
	while (!kthread_should_stop()) {
		unsigned int order;
		bool has_helped;
		u64 nr_asked;
		gfp_t gfp;

		raw_spin_lock_irq(&oom.lock);
		nr_asked = oom.nr_asked;
		gfp = oom.gfp;
		order = oom.order;
		set_current_state(TASK_IDLE);
		if (nr_asked == oom.nr_answered) {
			raw_spin_unlock_irq(&oom.lock);
			schedule();
			continue;
		}
		__set_current_state(TASK_RUNNING);
		raw_spin_unlock_irq(&oom.lock);
		has_helped = relieve(gfp, order);
		raw_spin_lock_irq(&oom.lock);
		oom.nr_answered = nr_asked;
		oom.has_helped = has_helped;
		raw_spin_unlock_irq(&oom.lock);
		wake_up_all(&oom.askers);
	}
	return 0;
}

/* --- asking --- */

/* Return: the ticket. Under the lock. */
static u64 note_request(gfp_t gfp, unsigned int order)
{
	oom.counts.nr_requests++;
	oom.gfp = gfp;
	oom.order = order;
	memcpy(oom.comm, current->comm, sizeof(oom.comm));
	oom.pid = current->pid;
	oom.adj = current->user ? READ_ONCE(current->user->signal->oom_score_adj) : 0;
	return ++oom.nr_asked;
}

static u64 take_ticket(gfp_t gfp, unsigned int order)
{
	u64 ticket;

	raw_spin_lock_irq(&oom.lock);
	ticket = note_request(gfp, order);
	raw_spin_unlock_irq(&oom.lock);
	return ticket;
}

static bool is_answered(u64 ticket, bool *has_helped)
{
	bool answered;

	raw_spin_lock_irq(&oom.lock);
	answered = oom.nr_answered >= ticket;
	*has_helped = oom.has_helped;
	raw_spin_unlock_irq(&oom.lock);
	return answered;
}

/* The page allocator's hooks. */

static void exhausted(gfp_t gfp, unsigned int order)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&oom.lock, flags);
	if (oom.nr_asked == oom.nr_answered)
		note_request(gfp, order);
	raw_spin_unlock_irqrestore(&oom.lock, flags);
	wake_up_process(oom.thread);
}

static bool out_of_memory(gfp_t gfp, unsigned int order)
{
	bool has_helped = false;
	u64 ticket;

	if (current == oom.thread)
		return false;
	if (fatal_signal_pending(current)) {
		/* It ends, and gives more back than it takes; once. */
		bool had_its_share = xchg(&current->is_oom_victim, true);

		return !had_its_share;
	}
	ticket = take_ticket(gfp, order);
	wake_up_process(oom.thread);
	if (wait_event_killable(oom.askers, is_answered(ticket, &has_helped)))
		return true;
	return has_helped;
}

/* The oom_killer had nobody: the caller, unless he may not be killed, either. */
static void kill_current(void)
{
	struct signal_struct *signal = current->user->signal;
	struct mm_struct *mm = current->user->mm;
	struct oom_candidate victim;
	struct oom_usage usage;
	bool can_go;

	spin_lock(&tasklist_lock);
	can_go = may_be_killed(signal) && may_all_be_killed(mm);
	if (can_go) {
		get_usage(&usage, mm);
		describe(&victim, signal, &usage, 0);
		kill_users_of(mm);
	}
	spin_unlock(&tasklist_lock);
	if (!can_go)
		return;
	pr_warn("%s (%d) needs a page, and nobody else can go\n", current->comm, current->pid);
	log_victim(&victim);
}

/* For what others give back by themselves. False: they do not. */
static bool wait_for_relief(void)
{
	u64 deadline_ns = clock_ns() + REAP_LIMIT_NS;

	while (!page_alloc_has_free(GFP_USER, 0) && !fatal_signal_pending(current)) {
		if (clock_ns() >= deadline_ns)
			return false;
		wait_event_timeout_ns(oom.left, page_alloc_has_free(GFP_USER, 0), REAP_STEP_NS);
	}
	return true;
}

bool pagefault_out_of_memory(void)
{
	if (!wait_for_relief())
		kill_current();
	return !fatal_signal_pending(current);
}

void oom_task_left_mm(void)
{
	if (READ_ONCE(current->is_oom_victim))
		wake_up_all(&oom.left);
}

void oom_counts_get(struct oom_counts *counts)
{
	*counts = (struct oom_counts){
		.nr_requests = READ_ONCE(oom.counts.nr_requests),
		.nr_kills = READ_ONCE(oom.counts.nr_kills),
		.nr_reaped_pages = READ_ONCE(oom.counts.nr_reaped_pages),
	};
}

static const struct page_alloc_hooks oom_hooks = {
	.out_of_memory = out_of_memory,
	.exhausted = exhausted,
};

void oom_init(void)
{
	struct task_struct *task = kthread_create(oom_killer, NULL, "oom_killer");

	if (IS_ERR(task)) {
		pr_warn("no memory for its thread\n");
		return;
	}
	oom.thread = task;
	mm_victim_freed_hook = settle;
	page_alloc_add_hooks(&oom_hooks);
	wake_up_process(task);
}
