/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Reverse mapping of anonymous pages.
 *
 * To take a page away, or to move it, one must find all page table entries that map it.  A page has
 * no room for a list of them.  But they can only be in few places: an anonymous page comes into
 * being in one area, and only fork hands it on, to the same page offset of an area that is a copy.
 * So it is enough that a page knows the set of areas that may map it, and its page offset:
 *
 *	page->mapping -> anon_vma -> interval tree of areas by page offset
 *	page->index, area->start, area->pgoff -> address in that area
 *
 * Addresses may change, page offsets do not: an area that was moved keeps its pgoff.  Whether an
 * area does map the page, or has copied or dropped it, its table says.
 *
 * Links.  The rule on which everything stands:
 *
 *	every area that maps a page is in the page's anon_vma
 *
 * An area is in several anon_vmas, because it has pages that are older than itself: its chain, with
 * one struct anon_vma_chain for each, oldest first.  Its new pages name one of them,
 * area->anon_vma, chosen at its first anonymous fault, so that areas without such pages cost
 * nothing.
 *
 *	parent	P: chain {A}, new pages in A
 *	fork	C: chain {A}, for the pages that it has from P; no new ones yet
 *	write	C: chain {A, B}, new pages in B
 *	fork	G: chain {A, B}
 *
 * Pages of B are looked for in C and G alone, pages of A in all three.  A child that writes
 * nothing, because it calls execve(), never has an anon_vma of its own.
 *
 * Growth.  A line of children each of which outlives its parent would get chains without end.  So
 * an area that needs an anon_vma takes one of its chain that no living area uses for new pages and
 * that has at most one child.  Then each anon_vma is in use or has two children when another is
 * made, so they are at most twice as many as the areas that use one then.
 *
 * Split: both parts have the chain.  Merge: an area may take over another whose chain is a
 * beginning of its own, for then it is in all the anon_vmas already; an area without a page joins
 * any.  To keep neighbours alike that may merge later, when their rights are the same again, the
 * first fault of an area takes the anon_vma of such a neighbour, if that leaves their chains equal.
 *
 * Life.  An anon_vma lives while it has areas, and a little longer for who walks it.  Who comes
 * from a page knows only that it is mapped; that may end at any moment, and the areas and the
 * anon_vma with it.  So the last put of an anon_vma and the look at the page go through the same
 * lock (one of few, by address): a page that is still mapped then has an anon_vma that is not freed
 * yet.
 *
 * Locks: all anon_vmas of a tree of forks share the rwsem of its root.  Held for writing it covers
 * chains, bounds of areas and the trees; a walk holds it for reading, may sleep, and finds neither
 * half an area nor a page table that is freed: an area is taken out before its tables go.
 * mm->anon_vma_mutex lets one fault at a time change chains under mmap_lock for reading.
 */
#include <oshit/bug.h>
#include <oshit/init.h>
#include <oshit/math.h>
#include <oshit/mm.h>
#include <oshit/page.h>
#include <oshit/rmap.h>
#include <oshit/slab.h>
#include <oshit/spinlock.h>

#include "user_page.h"
#include "user_table.h"

#define NR_PUT_LOCKS 16

static struct kmem_cache *anon_vma_cache __ro_after_init, *chain_cache __ro_after_init;
/* Last puts against looks from pages; of an anon_vma the one that its address chooses. */
static spinlock_t put_locks[NR_PUT_LOCKS];

/* An anon_vma that is free has a lock that nobody holds and no areas. */
static void construct_anon_vma(void *object)
{
	struct anon_vma *anon_vma = object;

	*anon_vma = (struct anon_vma){ .nr_active = 0 };
	init_rwsem(&anon_vma->rwsem);
}

void __init rmap_init(void)
{
	for (size_t i = 0; i < NR_PUT_LOCKS; i++)
		spin_lock_init(&put_locks[i]);
	anon_vma_cache = kmem_cache_create("anon_vma", sizeof(struct anon_vma), 0, SLAB_PANIC,
					   construct_anon_vma);
	chain_cache = kmem_cache_create("anon_vma_chain", sizeof(struct anon_vma_chain), 0,
					SLAB_PANIC, NULL);
}

/* --- anon_vmas --- */

static spinlock_t *put_lock_of(const struct anon_vma *anon_vma)
{
	return &put_locks[(unsigned long)anon_vma / sizeof(*anon_vma) % NR_PUT_LOCKS];
}

/* @parent: of whose tree of forks it will be; NULL: the root of a new one. NULL: no memory. */
static struct anon_vma *anon_vma_alloc(struct anon_vma *parent)
{
	struct anon_vma *anon_vma = kmem_cache_alloc(anon_vma_cache, GFP_KERNEL);

	if (!anon_vma)
		return NULL;
	anon_vma->parent = parent;
	anon_vma->root = parent ? parent->root : anon_vma;
	anon_vma->nr_active = 0;
	anon_vma->nr_children = 0;
	refcount_set(&anon_vma->refs, 1);
	if (parent)
		refcount_inc(&anon_vma->root->refs);
	return anon_vma;
}

static void anon_vma_put(struct anon_vma *anon_vma)
{
	struct anon_vma *root = anon_vma->root;

	if (!refcount_dec_and_test(&anon_vma->refs))
		return;
	/* Who has seen the page mapped, under the lock, has failed to get a reference by then. */
	spin_lock(put_lock_of(anon_vma));
	spin_unlock(put_lock_of(anon_vma));
	WARN_ON_ONCE(!interval_tree_empty(&anon_vma->areas));
	WARN_ON_ONCE(anon_vma->nr_active);
	kmem_cache_free(anon_vma_cache, anon_vma);
	if (root != anon_vma)
		anon_vma_put(root);
}

static struct anon_vma *root_of(const struct vm_area *area)
{
	return area->anon_chain ? area->anon_chain->anon_vma->root : NULL;
}

/* --- chains --- */

static struct anon_vma_chain **end_of_chain(struct vm_area *area)
{
	struct anon_vma_chain **end = &area->anon_chain;

	while (*end)
		end = &(*end)->next;
	return end;
}

/* Puts @area into @anon_vma, last in its chain; the root is locked.  @model: of an area that is in
 * it already, perhaps with the same page offsets; or NULL. */
static void link_area(struct vm_area *area, struct anon_vma *anon_vma, struct anon_vma_chain *link,
		      struct interval *model)
{
	unsigned long start = area->pgoff, last = area->pgoff + vma_pages(area) - 1;

	if (model && model->start == start && model->last == last) {
		interval_tree_insert_equal(model, &link->interval);
	} else {
		link->interval.start = start;
		link->interval.last = last;
		interval_tree_insert(&anon_vma->areas, &link->interval);
	}
	link->anon_vma = anon_vma;
	link->area = area;
	link->next = NULL;
	*end_of_chain(area) = link;
}

static void free_links(struct anon_vma_chain *link)
{
	while (link) {
		struct anon_vma_chain *next = link->next;

		kmem_cache_free(chain_cache, link);
		link = next;
	}
}

/* As many links as @area has; NULL if there is no memory. */
static struct anon_vma_chain *alloc_links(const struct vm_area *area)
{
	struct anon_vma_chain *links = NULL;

	for (const struct anon_vma_chain *link = area->anon_chain; link; link = link->next) {
		struct anon_vma_chain *one = kmem_cache_alloc(chain_cache, GFP_KERNEL);

		if (!one) {
			free_links(links);
			return NULL;
		}
		one->next = links;
		links = one;
	}
	return links;
}

/* New pages of @area name @anon_vma from now on; the root is locked. */
static void activate(struct vm_area *area, struct anon_vma *anon_vma)
{
	anon_vma->nr_active++;
	/* A fault that sees it may set it in pages: all links are there. */
	smp_store_release(&area->anon_vma, anon_vma);
}

/* Puts @to into all anon_vmas of @from, for new pages into @active; NULL: none yet. */
static int copy_chain(struct vm_area *to, const struct vm_area *from, struct anon_vma *active)
{
	struct anon_vma *root = root_of(from);
	struct anon_vma_chain *links;

	if (!root)
		return 0;
	links = alloc_links(from);
	if (!links)
		return -ENOMEM;
	down_write(&root->rwsem);
	for (struct anon_vma_chain *link = from->anon_chain; link; link = link->next) {
		struct anon_vma_chain *one = links;

		links = links->next;
		link_area(to, link->anon_vma, one, &link->interval);
	}
	if (active)
		activate(to, active);
	up_write(&root->rwsem);
	return 0;
}

int anon_vma_fork(struct vm_area *to, struct vm_area *from)
{
	return copy_chain(to, from, NULL);
}

int anon_vma_clone(struct vm_area *to, struct vm_area *from)
{
	return copy_chain(to, from, from->anon_vma);
}

/*
 * Takes @area out of its anon_vmas; the root is locked.  Returned are the links to those that have
 * no area left: nobody comes into one any more, so who has seen that it is empty lets it go.
 */
static struct anon_vma_chain *unlink_locked(struct vm_area *area)
{
	struct anon_vma_chain *link = area->anon_chain, *next, *emptied = NULL;

	if (area->anon_vma)
		area->anon_vma->nr_active--;
	for (; link; link = next) {
		struct anon_vma *anon_vma = link->anon_vma;

		next = link->next;
		interval_tree_remove(&anon_vma->areas, &link->interval);
		if (!interval_tree_empty(&anon_vma->areas)) {
			kmem_cache_free(chain_cache, link);
			continue;
		}
		if (anon_vma->parent)
			anon_vma->parent->nr_children--;
		link->next = emptied;
		emptied = link;
	}
	area->anon_chain = NULL;
	area->anon_vma = NULL;
	return emptied;
}

void anon_vma_unlink(struct vm_area *area)
{
	struct anon_vma *root = root_of(area), *held = NULL;
	struct anon_vma_chain *link, *next;

	if (!root)
		return;
	down_write(&root->rwsem);
	link = unlink_locked(area);
	/* Who waits for the lock may free it, so it is held on to until it is released. */
	if (!link) {
		held = root;
		refcount_inc(&held->refs);
	}
	up_write(&root->rwsem);
	if (held)
		anon_vma_put(held);
	for (; link; link = next) {
		next = link->next;
		anon_vma_put(link->anon_vma);
		kmem_cache_free(chain_cache, link);
	}
}

/* --- the first anonymous fault of an area --- */

/* Whether the two could be one but for rights, which may be the same one day. */
static bool may_merge_later(const struct vm_area *area, const struct vm_area *next)
{
	return area->end == next->start && !((area->flags ^ next->flags) & ~VM_ACCESS) &&
	       area->file == next->file && area->mapping == next->mapping &&
	       area->pgoff + vma_pages(area) == next->pgoff;
}

/* Whether @area's chain and @anon_vma behind it would be the chain of @other. */
static bool would_equal(const struct vm_area *area, const struct anon_vma *anon_vma,
			const struct vm_area *other)
{
	const struct anon_vma_chain *mine = area->anon_chain, *link = other->anon_chain;

	for (; mine && link && mine->anon_vma == link->anon_vma; mine = mine->next)
		link = link->next;
	return !mine && link && link->anon_vma == anon_vma && !link->next;
}

/* One that makes the chain equal to a neighbour's; or NULL. */
static struct anon_vma *neighbours_anon_vma(struct vm_area *area)
{
	struct vm_area *prev = vma_prev(&area->mm->areas, area);
	struct vm_area *next = vma_next(&area->mm->areas, area);

	if (prev && prev->anon_vma && may_merge_later(prev, area) &&
	    would_equal(area, prev->anon_vma, prev))
		return prev->anon_vma;
	if (next && next->anon_vma && may_merge_later(area, next) &&
	    would_equal(area, next->anon_vma, next))
		return next->anon_vma;
	return NULL;
}

/* One of the chain that nobody else puts new pages into, and few can have inherited; or NULL. */
static struct anon_vma *idle_anon_vma(const struct vm_area *area)
{
	for (const struct anon_vma_chain *link = area->anon_chain; link; link = link->next)
		if (!link->anon_vma->nr_active && link->anon_vma->nr_children < 2)
			return link->anon_vma;
	return NULL;
}

static bool use_idle(struct vm_area *area)
{
	struct anon_vma *root = root_of(area), *idle;

	/* Looked for without the lock first: mostly there is none. */
	if (!idle_anon_vma(area))
		return false;
	down_write(&root->rwsem);
	idle = idle_anon_vma(area);
	if (idle)
		activate(area, idle);
	up_write(&root->rwsem);
	return idle;
}

static struct anon_vma *youngest_of(const struct vm_area *area)
{
	const struct anon_vma_chain *link = area->anon_chain;

	while (link && link->next)
		link = link->next;
	return link ? link->anon_vma : NULL;
}

/* Puts @area into one more anon_vma: a neighbour's, or a new one below the youngest of its own. */
static int use_another(struct vm_area *area)
{
	struct anon_vma_chain *link = kmem_cache_alloc(chain_cache, GFP_KERNEL);
	struct anon_vma *anon_vma = neighbours_anon_vma(area), *parent = NULL;

	if (!link)
		return -ENOMEM;
	if (!anon_vma) {
		parent = youngest_of(area);
		anon_vma = anon_vma_alloc(parent);
	}
	if (!anon_vma) {
		kmem_cache_free(chain_cache, link);
		return -ENOMEM;
	}
	down_write(&anon_vma->root->rwsem);
	if (parent)
		parent->nr_children++;
	link_area(area, anon_vma, link, NULL);
	activate(area, anon_vma);
	up_write(&anon_vma->root->rwsem);
	return 0;
}

int __anon_vma_prepare(struct vm_area *area)
{
	struct mutex *mutex = &area->mm->anon_vma_mutex;
	int err = 0;

	lockdep_assert_held(&area->mm->mmap_lock);
	mutex_lock(mutex);
	if (!area->anon_vma && !use_idle(area))
		err = use_another(area);
	mutex_unlock(mutex);
	return err;
}

/* --- changes of areas --- */

bool anon_vma_can_merge(const struct vm_area *a, const struct vm_area *b)
{
	const struct anon_vma_chain *x = a->anon_chain, *y = b->anon_chain;

	for (; x && y; x = x->next, y = y->next)
		if (x->anon_vma != y->anon_vma)
			return false;
	return true;
}

void anon_vma_change_begin(struct vm_area *area, struct vm_area *next)
{
	struct anon_vma *root = root_of(area);

	if (!root && next)
		root = root_of(next);
	if (root)
		down_write(&root->rwsem);
}

static unsigned int chain_length(const struct vm_area *area)
{
	unsigned int nr = 0;

	for (const struct anon_vma_chain *link = area->anon_chain; link; link = link->next)
		nr++;
	return nr;
}

/* @area gets the longer of the two chains, @next the other, which goes out of the trees. */
static void merge_chains(struct vm_area *area, struct vm_area *next)
{
	struct anon_vma_chain *mine = area->anon_chain;

	if (chain_length(next) > chain_length(area)) {
		area->anon_chain = next->anon_chain;
		next->anon_chain = mine;
		for (struct anon_vma_chain *link = area->anon_chain; link; link = link->next)
			link->area = area;
	}
	for (struct anon_vma_chain *link = next->anon_chain; link; link = link->next)
		interval_tree_remove(&link->anon_vma->areas, &link->interval);
	if (!area->anon_vma)
		area->anon_vma = next->anon_vma;
	else if (next->anon_vma)
		next->anon_vma->nr_active--;
	next->anon_vma = NULL;
}

void anon_vma_change_end(struct vm_area *area, struct vm_area *next)
{
	struct anon_vma *root;

	if (next && (area->anon_chain || next->anon_chain))
		merge_chains(area, next);
	root = root_of(area);
	if (!root)
		return;
	for (struct anon_vma_chain *link = area->anon_chain; link; link = link->next)
		interval_tree_change(&link->anon_vma->areas, &link->interval, area->pgoff,
				     area->pgoff + vma_pages(area) - 1);
	up_write(&root->rwsem);
	if (next) {
		free_links(next->anon_chain);
		next->anon_chain = NULL;
	}
}

void page_set_anon_root(struct page *page, const struct vm_area *area, unsigned long pgoff)
{
	unsigned long root = (unsigned long)root_of(area);

	WRITE_ONCE(page->mapping, (struct address_space *)(root | PAGE_MAPPING_ANON));
	page->index = pgoff;
}

/* --- walks --- */

/* With a reference; NULL: the page is not mapped any more, or not anonymous. */
static struct anon_vma *get_anon_vma(struct page *page)
{
	const struct page *head = page_head(page); /* of a huge page that is one block */
	struct anon_vma *anon_vma = page_anon_vma(head);
	bool alive;

	if (!page_is_anon(head) || !anon_vma)
		return NULL;
	spin_lock(put_lock_of(anon_vma));
	alive = page_is_mapped(page) && refcount_inc_not_zero(&anon_vma->refs);
	spin_unlock(put_lock_of(anon_vma));
	return alive ? anon_vma : NULL;
}

struct anon_vma *page_lock_anon_vma(struct page *page)
{
	struct anon_vma *anon_vma = get_anon_vma(page);

	if (anon_vma)
		down_write(&anon_vma->root->rwsem);
	return anon_vma;
}

void page_unlock_anon_vma(struct anon_vma *anon_vma)
{
	up_write(&anon_vma->root->rwsem);
	anon_vma_put(anon_vma);
}

void rmap_walk_locked(struct anon_vma *anon_vma, struct page *page, unsigned long nr,
		      struct rmap_walk *walk)
{
	unsigned long first = page_anon_index(page);
	struct interval *interval;

	for_each_interval(interval, &anon_vma->areas, first, first + nr - 1)
	{
		struct anon_vma_chain *link =
			container_of(interval, struct anon_vma_chain, interval);
		struct vm_area *area = link->area;

		if (!walk->visit(walk, area, area->start + (first - area->pgoff) * PAGE_SIZE))
			return;
	}
}

void rmap_walk(struct page *page, unsigned long nr, struct rmap_walk *walk)
{
	struct anon_vma *anon_vma = get_anon_vma(page);

	if (!anon_vma)
		return;
	down_read(&anon_vma->root->rwsem);
	rmap_walk_locked(anon_vma, page, nr, walk);
	up_read(&anon_vma->root->rwsem);
	anon_vma_put(anon_vma);
}

bool rmap_walk_try(struct page *page, unsigned long nr, struct rmap_walk *walk)
{
	struct anon_vma *anon_vma = get_anon_vma(page);
	bool is_locked;

	if (!anon_vma)
		return true;
	is_locked = down_read_trylock(&anon_vma->root->rwsem);
	if (is_locked) {
		rmap_walk_locked(anon_vma, page, nr, walk);
		up_read(&anon_vma->root->rwsem);
	}
	anon_vma_put(anon_vma);
	return is_locked;
}

struct count_walk {
	struct rmap_walk walk;
	const struct page *page;
	unsigned int nr;
};

/* Whether an entry of level 1 maps the page at @addr. */
static bool maps_huge(struct vm_area *area, unsigned long addr, const struct page *page)
{
	const pte_t *pmd = user_pmd_find(area->mm, addr);
	bool maps;

	if (!pmd || !pmd_is_huge(READ_ONCE(*pmd)))
		return false;
	user_pmd_lock(area->mm, pmd);
	maps = pmd_is_huge(*pmd) &&
	       phys_to_page(pte_phys(pmd_part(*pmd, pt_index(addr, 0)))) == page;
	user_pmd_unlock(area->mm, pmd);
	return maps;
}

static bool count_entry(struct rmap_walk *walk, struct vm_area *area, unsigned long addr)
{
	struct count_walk *count = container_of(walk, struct count_walk, walk);
	pte_t *pte;

	if (addr < area->start || addr >= area->end)
		return true;
	if (maps_huge(area, addr, count->page))
		count->nr++;
	pte = user_pte_find_lock(area->mm, addr);
	if (!pte)
		return true;
	if (pte_counted_page(*pte) == count->page)
		count->nr++;
	user_pte_unlock(area->mm, pte);
	return true;
}

unsigned int rmap_count_entries(struct page *page)
{
	struct count_walk count = { .walk.visit = count_entry, .page = page };

	rmap_walk(page, 1, &count.walk);
	return count.nr;
}

/* --- checking --- */

static bool is_in_tree(const struct anon_vma_chain *link)
{
	const struct interval *found;

	for_each_interval(found, &link->anon_vma->areas, link->interval.start,
			  link->interval.start) if (found == &link->interval) return true;
	return false;
}

unsigned int anon_vma_verify_locked(const struct vm_area *area)
{
	struct anon_vma *root = root_of(area);
	bool has_active = !area->anon_vma;
	unsigned int nr_wrong = 0;

	for (const struct anon_vma_chain *link = area->anon_chain; link; link = link->next) {
		const struct anon_vma *anon_vma = link->anon_vma;

		has_active |= anon_vma == area->anon_vma;
		nr_wrong += link->area != area || anon_vma->root != root;
		nr_wrong += link->interval.start != area->pgoff;
		nr_wrong += link->interval.last != area->pgoff + vma_pages(area) - 1;
		nr_wrong += !is_in_tree(link);
		nr_wrong += anon_vma == area->anon_vma && !anon_vma->nr_active;
	}
	return nr_wrong + !has_active;
}

unsigned int anon_vma_verify(struct vm_area *area)
{
	struct anon_vma *root = root_of(area);
	unsigned int nr_wrong;

	if (root)
		down_read(&root->rwsem);
	nr_wrong = anon_vma_verify_locked(area);
	if (root)
		up_read(&root->rwsem);
	return nr_wrong;
}
