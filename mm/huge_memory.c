/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Transparent huge pages: 2 MiB of anonymous memory mapped by one entry of level 1, because a fault
 * for 512 pages costs little more than one for a page, and a processor remembers one translation
 * in the place of 512.  Programs see nothing of it.
 *
 * Where.  A fault in a private anonymous area that has all of an aligned 2 MiB, where nothing is
 * yet.  A write gets a huge page; a read the huge page of zeros, which all share.  If no block of
 * order 9 is free the fault goes on with a small page, without waiting or reclaiming for it, and
 * khugepaged (mm/khugepaged.c) may put things right later.
 *
 * What a huge page is.  The first of its 512 struct pages has PG_huge and two counts: whole_refs,
 * of all who hold all of it, and whole_maps, the entries of level 1 among these.  It lives in two
 * states:
 *
 *	closed	one block of order 9, as it was allocated: head and tails; nobody but whole_refs
 *		has a reference to any of it
 *	open	512 single pages, each with a count of its own, in which all of whole_refs together
 *		are one reference; small entries map them as they map any page
 *
 *	closed --- an entry is split --> open --- the last of whole_refs goes --> single pages
 *	  |                                                          (those that are mapped)
 *	  +--- the last of whole_refs goes --> free, as one block
 *
 * So a page that small entries map is always an ordinary one: fork, copy on write and unmapping
 * know nothing of huge pages, and a page is shared exactly if its count is not 1.  When nothing
 * maps it whole any more the huge page is no more, and each of its pages is freed on its own.
 * Linux counts all references in the head instead; then to take a huge page apart it must stop all
 * others from using its pages meanwhile, and has a queue of those that wait for it.
 *
 * Entries.  Splitting one (munmap, mprotect, madvise of a part, an area that begins in the middle)
 * puts a table with 512 small entries in its place.  It cannot fail: the table is allocated when
 * the huge page is mapped, and waits in the address space.  As no processor may have a large and a
 * small translation of the same address, the entry is hidden, and they are made to forget it,
 * before the table goes in.
 *
 * Copy on write.  Fork shares huge pages.  A write to one that is shared splits the entry of the
 * writer and copies one small page: a copy of 2 MiB would cost a millisecond and, for a child that
 * writes little, 511 pages.  Who has a huge page for himself again just gets his right to write
 * back.  Zeros that are written to are replaced whole.
 *
 * The page of zeros is allocated at the first read that wants it, and freed when memory is short
 * and nobody maps it: 2 MiB are too much to keep for programs that may never come.
 *
 * Locks: the area or mmap_lock as for any fault; the lock of the table of level 1 (pmd lock) for an
 * entry; inside of it the group lock of a huge page (one of few, by address) for its state and its
 * counts, and mm->deposit_lock.
 */
#define pr_fmt(fmt) "thp: " fmt

#include <arch/mm.h>
#include <arch/tlb.h>
#include <oshit/boot_param.h>
#include <oshit/bug.h>
#include <oshit/gfp.h>
#include <oshit/init.h>
#include <oshit/lru.h>
#include <oshit/math.h>
#include <oshit/mutex.h>
#include <oshit/rmap.h>
#include <oshit/shrinker.h>
#include <oshit/string.h>
#include <oshit/vmstat.h>

#include "huge_memory.h"
#include "user_page.h"

#define GFP_HUGE (GFP_NOWAIT | __GFP_NOWARN | __GFP_ZERO) /* of faults: take it or leave it */
#define NR_LOCKS 16

DEFINE_PER_CPU(unsigned long[NR_THP_EVENTS], thp_events);
const char *const thp_mode_names[NR_THP_MODES] = { "always", "madvise", "never" };
enum thp_mode thp_mode = IS_ENABLED(CONFIG_THP_ALWAYS) ? THP_ALWAYS : THP_MADVISE;

static spinlock_t group_locks[NR_LOCKS];

static int __init set_thp_mode(const char *value)
{
	for (enum thp_mode mode = THP_ALWAYS; value && mode < NR_THP_MODES; mode++)
		if (!strcmp(value, thp_mode_names[mode])) {
			thp_mode = mode;
			return 0;
		}
	return -EINVAL;
}
BOOT_PARAM("transparent_hugepage", set_thp_mode);

/* --- tables that wait for a split --- */

struct page *huge_table_alloc(gfp_t gfp)
{
	unsigned long table = get_zeroed_page(gfp);

	return table ? virt_to_page((void *)table) : NULL;
}

void huge_table_free(struct page *table)
{
	free_zeroed_page(table);
}

static void deposit(struct mm_struct *mm, struct page *table)
{
	spin_lock(&mm->deposit_lock);
	table->next_table = mm->deposited;
	mm->deposited = table;
	mm->nr_deposited++;
	spin_unlock(&mm->deposit_lock);
}

static struct page *withdraw(struct mm_struct *mm)
{
	struct page *table;

	spin_lock(&mm->deposit_lock);
	table = mm->deposited;
	mm->deposited = table->next_table;
	mm->nr_deposited--;
	spin_unlock(&mm->deposit_lock);
	table->next_table = NULL;
	table->table_lock = (struct qspinlock){};
	return table;
}

/* --- the 512 pages --- */

static spinlock_t *group_lock_of(const struct page *head)
{
	return &group_locks[page_to_pfn(head) / HUGE_PAGES % NR_LOCKS];
}

static void make_group(struct page *head)
{
	atomic_set(&head->whole_refs, 1);
	atomic_set(&head->whole_maps, 0);
	__page_set_flag(head, PG_huge);
}

struct page *huge_page_alloc(gfp_t gfp)
{
	struct page *head = alloc_pages(gfp, HUGE_ORDER);

	if (head)
		make_group(head);
	return head;
}

void huge_page_name(struct page *head, const struct vm_area *area, unsigned long start)
{
	page_set_anon(head, area, vma_pgoff_at(area, start));
}

void huge_page_join(struct page *head)
{
	for (unsigned long i = 0; i < HUGE_PAGES; i++)
		page_remove_map(head + i);
	join_pages(head, HUGE_ORDER);
	make_group(head);
}

/* Single pages, which know where they belong; the group is locked. */
static void open_group(struct page *head)
{
	if (page_has_flag(head, PG_huge_open))
		return;
	split_page(head, HUGE_ORDER);
	for (unsigned long i = 1; i < HUGE_PAGES; i++) {
		head[i].mapping = head->mapping;
		head[i].index = head->index + i;
	}
	set_bit(PG_huge_open, &head->flags);
}

/* Nobody has all of it any more; the group is locked. */
static void forget_group(struct page *head)
{
	lru_forget_huge(head);
	clear_bit(PG_huge, &head->flags);
	clear_bit(PG_huge_open, &head->flags);
	head->private = 0;
}

void huge_page_get(struct page *head)
{
	spin_lock(group_lock_of(head));
	atomic_inc(&head->whole_refs);
	spin_unlock(group_lock_of(head));
}

/* Of a huge page that is mapped as such for the first time, or no more. */
static void count_whole_map(long nr)
{
	vm_stat_add(NR_ANON_MAPPED, nr * (long)HUGE_PAGES);
	vm_stat_add(NR_ANON_THPS, nr);
}

/* The group is locked. */
static void inc_whole_maps(struct page *head)
{
	if (atomic_inc_return(&head->whole_maps) == 1)
		count_whole_map(1);
}

static void dec_whole_maps(struct page *head)
{
	if (!atomic_dec_return(&head->whole_maps))
		count_whole_map(-1);
}

static void add_whole_map(struct page *head)
{
	spin_lock(group_lock_of(head));
	inc_whole_maps(head);
	spin_unlock(group_lock_of(head));
}

static void get_whole_map(struct page *head)
{
	spin_lock(group_lock_of(head));
	atomic_inc(&head->whole_refs);
	inc_whole_maps(head);
	spin_unlock(group_lock_of(head));
}

static void huge_zero_put(void);

void huge_page_put(struct page *head)
{
	bool is_last, is_open;

	if (head == READ_ONCE(huge_zero_page)) {
		huge_zero_put();
		return;
	}
	spin_lock(group_lock_of(head));
	is_open = page_has_flag(head, PG_huge_open);
	is_last = atomic_dec_return(&head->whole_refs) == 0;
	if (is_last)
		forget_group(head);
	spin_unlock(group_lock_of(head));
	if (is_last && is_open)
		count_thp(THP_SPLIT_PAGE);
	for (unsigned long i = 0; is_last && i < (is_open ? HUGE_PAGES : 1); i++) {
		/* Pages that small entries map are looked for one by one from now on. */
		if (is_open && page_ref_count(head + i) > 1)
			lru_add(head + i);
		put_page(head + i);
	}
}

/* The reference of an entry of level 1 becomes one of each of 512 entries of level 0. */
static void whole_to_parts(struct page *head)
{
	bool is_last;

	spin_lock(group_lock_of(head));
	open_group(head);
	is_last = atomic_dec_return(&head->whole_refs) == 0;
	dec_whole_maps(head);
	for (unsigned long i = 0; i < HUGE_PAGES; i++) {
		page_add_map(head + i);
		if (!is_last) /* else the group's reference becomes the entry's */
			get_page(head + i);
	}
	if (is_last)
		forget_group(head);
	for (unsigned long i = 0; is_last && i < HUGE_PAGES; i++)
		lru_add(head + i);
	spin_unlock(group_lock_of(head));
	if (is_last)
		count_thp(THP_SPLIT_PAGE);
}

/* Nobody else has it or a part of it.  The pmd lock is held, so no fork gives it to somebody. */
static bool is_exclusive(struct page *head)
{
	bool alone;

	spin_lock(group_lock_of(head));
	alone = atomic_read(&head->whole_refs) == 1;
	if (page_has_flag(head, PG_huge_open))
		for (unsigned long i = 0; alone && i < HUGE_PAGES; i++)
			alone = page_ref_count(head + i) == 1;
	spin_unlock(group_lock_of(head));
	return alone;
}

/* --- zeros --- */

struct page *huge_zero_page;
static DEFINE_MUTEX(huge_zero_mutex); /* for the page's coming and going */
static refcount_t huge_zero_users; /* entries that map it, and one while there is a page */

/* One user more; NULL: no memory. */
static struct page *huge_zero_get(void)
{
	struct page *page;

	if (refcount_inc_not_zero(&huge_zero_users))
		return huge_zero_page;
	mutex_lock(&huge_zero_mutex);
	page = huge_zero_page ?: alloc_pages(GFP_HUGE, HUGE_ORDER);
	if (!page) {
		count_thp(THP_ZERO_PAGE_ALLOC_FAILED);
	} else if (!huge_zero_page) {
		WRITE_ONCE(huge_zero_page, page);
		refcount_set(&huge_zero_users, 2);
		count_thp(THP_ZERO_PAGE_ALLOC);
	} else {
		refcount_inc(&huge_zero_users);
	}
	mutex_unlock(&huge_zero_mutex);
	return page;
}

static void huge_zero_put(void)
{
	WARN_ON_ONCE(refcount_dec_and_test(&huge_zero_users));
}

static unsigned long shrink_huge_zero(struct shrinker *shrinker __maybe_unused,
				      gfp_t gfp __maybe_unused, unsigned long nr __maybe_unused)
{
	struct page *page = NULL;
	int unused = 1;

	if (!mutex_trylock(&huge_zero_mutex))
		return 0;
	if (huge_zero_page && atomic_try_cmpxchg_relaxed(&huge_zero_users.refs, &unused, 0)) {
		page = huge_zero_page;
		/* Before somebody gets the block: it would be taken for zeros. */
		WRITE_ONCE(huge_zero_page, NULL);
		__free_pages(page, HUGE_ORDER);
	}
	mutex_unlock(&huge_zero_mutex);
	return page ? HUGE_PAGES : 0;
}

static struct shrinker huge_zero_shrinker = {
	.name = "huge_zero_page",
	.shrink = shrink_huge_zero,
};

void __init thp_init(void)
{
	for (size_t i = 0; i < NR_LOCKS; i++)
		spin_lock_init(&group_locks[i]);
	register_shrinker(&huge_zero_shrinker);
}

/* --- entries --- */

/* Not present, but there: who faults on it comes again. */
static pte_t pmd_hide(pte_t entry)
{
	return (pte_is_hidden(entry) ? entry : pte_hide(entry)) | PTE_LARGE;
}

/* The entry of level 0 for a page of zeros; none at all will do, too. */
static pte_t part_of_zeros(pte_t entry)
{
	pte_t flags = entry & ~(PTE_ADDR_MASK | PTE_LARGE);

	if (!IS_ENABLED(CONFIG_ZERO_PAGE))
		return 0;
	flags |= page_to_phys(zero_page);
	return entry & PTE_PRESENT ? flags : pte_hide(flags);
}

static void fill_table(pte_t *entries, pte_t entry, const struct page *head)
{
	for (unsigned long i = 0; i < HUGE_PAGES; i++)
		entries[i] = head ? pmd_part(entry, i) : part_of_zeros(entry);
}

/* *@pmd maps a huge page at @addr; locked. */
static void split_entry(struct mm_struct *mm, pte_t *pmd, unsigned long addr)
{
	struct page *table = withdraw(mm), *head;
	pte_t old = xchg(pmd, pmd_hide(*pmd));

	if (old & PTE_PRESENT)
		flush_tlb_mm_range(&mm->context, addr, addr);
	head = pmd_counted_page(old);
	if (head)
		whole_to_parts(head);
	else
		huge_zero_put();
	fill_table(page_to_virt(table), old, head);
	/* Who sees the link sees the entries. Pairs with the walks of processors. */
	smp_store_release(pmd, page_to_phys(table) | USER_TABLE_BITS);
	atomic64_inc(&mm->nr_tables);
	vm_stat_add(NR_PAGETABLE, 1);
	if (head)
		atomic64_dec(&mm->counters[MM_HUGE_ENTRIES]);
	count_thp(THP_SPLIT_PMD);
}

void huge_split_entry(struct mm_struct *mm, pte_t *pmd, unsigned long addr)
{
	user_pmd_lock(mm, pmd);
	if (pmd_is_huge(*pmd))
		split_entry(mm, pmd, addr & -HUGE_SIZE);
	user_pmd_unlock(mm, pmd);
}

void huge_split_around(struct mm_struct *mm, unsigned long addr)
{
	pte_t *pmd = user_pmd_find(mm, addr);

	if (pmd && pmd_is_huge(READ_ONCE(*pmd)))
		huge_split_entry(mm, pmd, addr);
}

void huge_split_at(struct mm_struct *mm, unsigned long addr)
{
	if (!IS_ALIGNED(addr, HUGE_SIZE))
		huge_split_around(mm, addr);
}

void huge_page_map(struct vm_area *area, pte_t *pmd, struct page *head, struct page *table,
		   pte_t flags)
{
	struct mm_struct *mm = area->mm;

	deposit(mm, table);
	add_whole_map(head);
	if (IS_ENABLED(CONFIG_RECLAIM) && area->flags & VM_LOCKED)
		set_bit(PG_unevictable, &head->flags);
	lru_add(head);
	WRITE_ONCE(*pmd, page_to_phys(head) | flags | PTE_LARGE);
	atomic64_add(HUGE_PAGES, &mm->counters[MM_ANON_PAGES]);
	atomic64_inc(&mm->counters[MM_HUGE_ENTRIES]);
	WRITE_ONCE(area->has_anon, true);
}

/* --- faults --- */

bool huge_page_fits(const struct vm_area *area, unsigned long start)
{
	enum thp_mode mode = READ_ONCE(thp_mode);

	if (mode == THP_NEVER || (mode == THP_MADVISE && !(area->flags & VM_HUGEPAGE)))
		return false;
	if (area->ops || area->file ||
	    area->flags & (VM_SHARED | VM_PFNMAP | VM_GROWSDOWN | VM_NOHUGEPAGE))
		return false;
	return start >= area->start && start + HUGE_SIZE <= area->end;
}

static int map_zeros(struct vm_fault *fault, pte_t *pmd)
{
	struct mm_struct *mm = fault->area->mm;
	struct page *zeros = huge_zero_get();
	struct page *table = zeros ? huge_table_alloc(GFP_KERNEL) : NULL;

	if (!table) {
		if (zeros)
			huge_zero_put();
		return VM_FAULT_FALLBACK;
	}
	user_pmd_lock(mm, pmd);
	if (!*pmd) {
		deposit(mm, table);
		WRITE_ONCE(*pmd, page_to_phys(zeros) | PTE_LARGE |
					 (user_pte_flags(fault->area) & ~PTE_WRITE));
		table = NULL;
	}
	user_pmd_unlock(mm, pmd);
	if (table) {
		huge_table_free(table);
		huge_zero_put();
	}
	return 0;
}

/* A huge page of zeros for the fault, and a table to wait; NULL: there is none to be had. */
static struct page *new_page(struct vm_fault *fault)
{
	struct page *head = huge_page_alloc(GFP_HUGE);

	if (head) {
		huge_page_name(head, fault->area, fault->addr & -HUGE_SIZE);
		count_thp(THP_FAULT_ALLOC);
	} else {
		count_thp(THP_FAULT_FALLBACK);
		khugepaged_enter(fault->area->mm);
	}
	return head;
}

static int fault_anonymous(struct vm_fault *fault, pte_t *pmd)
{
	struct mm_struct *mm = fault->area->mm;
	pte_t flags = user_pte_flags(fault->area);
	struct page *head, *table;

	if (IS_ENABLED(CONFIG_HUGE_ZERO_PAGE) && !(fault->flags & FAULT_FLAG_WRITE))
		return map_zeros(fault, pmd);
	if (IS_ENABLED(CONFIG_ZERO_PAGE) && !(fault->flags & FAULT_FLAG_WRITE))
		return VM_FAULT_FALLBACK;
	if (anon_vma_prepare(fault->area))
		return VM_FAULT_OOM;
	head = new_page(fault);
	if (!head)
		return VM_FAULT_FALLBACK;
	table = huge_table_alloc(GFP_KERNEL);
	if (!table) {
		huge_page_put(head);
		return VM_FAULT_FALLBACK;
	}
	user_pmd_lock(mm, pmd);
	if (!*pmd) {
		huge_page_map(fault->area, pmd, head, table,
			      flags | (flags & PTE_WRITE ? PTE_DIRTY : 0));
		head = NULL;
	}
	user_pmd_unlock(mm, pmd);
	if (head) {
		huge_page_put(head);
		huge_table_free(table);
	}
	return 0;
}

/* What @entry became while other CPUs forgot the old one, if nobody was faster. */
static void open_entry(struct mm_struct *mm, pte_t *pmd, pte_t closed, pte_t entry)
{
	user_pmd_lock(mm, pmd);
	if (*pmd == closed)
		WRITE_ONCE(*pmd, entry);
	user_pmd_unlock(mm, pmd);
}

/*
 * Zeros are written to.  As for small pages the new one cannot be written to until all CPUs have
 * forgotten the zeros, and has another reference as long.
 */
static int replace_zeros(struct vm_fault *fault, pte_t *pmd, pte_t old)
{
	struct vm_area *area = fault->area;
	struct mm_struct *mm = area->mm;
	pte_t flags = user_pte_flags(area) | PTE_DIRTY, closed;
	struct page *head;
	bool unchanged;

	if (anon_vma_prepare(area))
		return VM_FAULT_OOM;
	head = new_page(fault);
	if (!head) {
		huge_split_entry(mm, pmd, fault->addr);
		return VM_FAULT_FALLBACK;
	}
	closed = page_to_phys(head) | PTE_LARGE | (flags & ~PTE_WRITE);
	user_pmd_lock(mm, pmd);
	unchanged = *pmd == old;
	if (unchanged) {
		huge_page_get(head);
		/* The table that waited for the zeros waits for it. */
		huge_page_map(area, pmd, head, withdraw(mm), flags & ~PTE_WRITE);
	}
	user_pmd_unlock(mm, pmd);
	if (unchanged) {
		flush_tlb_mm_range(&mm->context, fault->addr, fault->addr);
		open_entry(mm, pmd, closed, closed | PTE_WRITE);
		huge_zero_put();
	}
	huge_page_put(head);
	return 0;
}

static int fault_read_only(struct vm_fault *fault, pte_t *pmd, pte_t old)
{
	struct mm_struct *mm = fault->area->mm;
	struct page *head = pmd_counted_page(old);
	bool unchanged, alone;

	if (!head)
		return replace_zeros(fault, pmd, old);
	user_pmd_lock(mm, pmd);
	unchanged = *pmd == old;
	alone = unchanged && is_exclusive(head);
	if (alone)
		WRITE_ONCE(*pmd, old | PTE_WRITE | PTE_DIRTY | PTE_ACCESSED);
	else if (unchanged)
		split_entry(mm, pmd, fault->addr & -HUGE_SIZE);
	user_pmd_unlock(mm, pmd);
	if (alone)
		flush_tlb_local_page(fault->addr);
	return alone || !unchanged ? 0 : VM_FAULT_FALLBACK;
}

int huge_fault(struct vm_fault *fault, pte_t *pmd)
{
	pte_t entry = READ_ONCE(*pmd);

	if (!entry)
		return fault_anonymous(fault, pmd);
	if (!pmd_is_huge(entry))
		return VM_FAULT_FALLBACK;
	if (!(entry & PTE_PRESENT))
		return 0;
	if (fault->flags & FAULT_FLAG_WRITE && !(entry & PTE_WRITE))
		return fault_read_only(fault, pmd, entry);
	flush_tlb_local_page(fault->addr);
	return 0;
}

/* --- walks --- */

int huge_unmap(struct user_gather *gather, pte_t *pmd, unsigned long addr)
{
	struct mm_struct *mm = gather->mm;
	struct page *head, *table;
	pte_t old;

	if (!user_gather_has_room(gather))
		user_gather_end(gather);
	user_pmd_lock(mm, pmd);
	if (!pmd_is_huge(*pmd)) {
		user_pmd_unlock(mm, pmd);
		return PGWALK_DESCEND;
	}
	old = xchg(pmd, 0);
	table = withdraw(mm);
	user_pmd_unlock(mm, pmd);
	huge_table_free(table);
	head = pmd_counted_page(old);
	user_gather_range(gather, addr, addr + HUGE_SIZE - 1);
	user_gather_huge(gather, phys_to_page(pte_phys(old)));
	if (!head)
		return 0;
	spin_lock(group_lock_of(head));
	dec_whole_maps(head);
	spin_unlock(group_lock_of(head));
	atomic64_sub(HUGE_PAGES, &mm->counters[MM_ANON_PAGES]);
	atomic64_dec(&mm->counters[MM_HUGE_ENTRIES]);
	return 0;
}

/* Both entries are locked, the child's is empty. */
static void share_entry(struct mm_struct *child, pte_t *from, pte_t *to, unsigned long addr,
			struct tlb_pages *protected)
{
	pte_t entry = *from;
	struct page *head = pmd_counted_page(entry);

	if (entry & PTE_PRESENT && entry & PTE_WRITE) {
		entry &= ~PTE_WRITE;
		WRITE_ONCE(*from, entry);
		tlb_pages_add(protected, addr);
	}
	if (head) {
		get_whole_map(head);
		atomic64_add(HUGE_PAGES, &child->counters[MM_ANON_PAGES]);
		atomic64_inc(&child->counters[MM_HUGE_ENTRIES]);
	} else {
		refcount_inc(&huge_zero_users);
	}
	*to = entry;
}

int huge_copy(struct mm_struct *child, const struct vm_area *area, pte_t *pmd, unsigned long addr,
	      struct tlb_pages *protected)
{
	struct mm_struct *parent = area->mm;
	pte_t *to = user_pmd_populate(child, addr);
	struct page *table = to ? huge_table_alloc(GFP_KERNEL) : NULL;
	bool is_huge;

	if (!table)
		return -ENOMEM;
	if (!IS_ENABLED(CONFIG_COW)) /* small pages are copied by who asks */
		huge_split_entry(parent, pmd, addr);
	user_pmd_lock(parent, pmd);
	user_pmd_lock_nested(child, to);
	is_huge = pmd_is_huge(*pmd);
	if (is_huge) {
		deposit(child, table);
		share_entry(child, pmd, to, addr, protected);
	}
	user_pmd_unlock_nested(child, to);
	user_pmd_unlock(parent, pmd);
	if (!is_huge)
		huge_table_free(table);
	return is_huge ? 0 : PGWALK_DESCEND;
}

int huge_protect(const struct vm_area *area, pte_t *pmd,
		 pte_t (*change)(const void *arg, pte_t entry), const void *arg, bool *lost)
{
	struct mm_struct *mm = area->mm;
	bool is_huge;
	pte_t old;

	user_pmd_lock(mm, pmd);
	old = *pmd;
	is_huge = pmd_is_huge(old);
	if (is_huge && change(arg, old) != old) {
		old = xchg(pmd, pmd_hide(old));
		WRITE_ONCE(*pmd, change(arg, old));
		*lost |= old & PTE_PRESENT;
	}
	user_pmd_unlock(mm, pmd);
	return is_huge ? 0 : PGWALK_DESCEND;
}

/* --- by the reverse mapping --- */

struct split_walk {
	struct rmap_walk walk;
	const struct page *head;
};

static bool split_in_area(struct rmap_walk *walk, struct vm_area *area, unsigned long addr)
{
	struct split_walk *split = container_of(walk, struct split_walk, walk);
	pte_t *pmd;

	if (!IS_ALIGNED(addr, HUGE_SIZE) || addr < area->start || addr + HUGE_SIZE > area->end)
		return true;
	pmd = user_pmd_find(area->mm, addr);
	if (!pmd)
		return true;
	user_pmd_lock(area->mm, pmd);
	if (pmd_is_huge(*pmd) && pmd_counted_page(*pmd) == split->head)
		split_entry(area->mm, pmd, addr);
	user_pmd_unlock(area->mm, pmd);
	return true;
}

bool huge_page_try_split(struct page *head)
{
	struct split_walk split = { .walk.visit = split_in_area, .head = head };

	/* Nobody can get one more of it without an entry that maps it whole. */
	return rmap_walk_try(head, HUGE_PAGES, &split.walk) && atomic_read(&head->whole_refs) == 1;
}
