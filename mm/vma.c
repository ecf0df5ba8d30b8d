/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The areas of an address space.
 *
 * An area is a run of pages that were mapped alike: same rights, same file, and offsets that go on
 * where the addresses do.  All areas of an address space form a set, in two orders that agree: a
 * red-black tree by address to find one, and a list by address to go on from it.  Two rules hold
 * between calls:
 *
 *	no two areas overlap
 *	no two neighbours could be one area (vma_can_merge()), so their number is minimal
 *
 * A change of part of a mapping therefore has three steps: vma_isolate() splits at the edges of the
 * range, which is all that can fail; the caller changes whole areas; vma_merge_in() joins what has
 * become equal.  Between the first step and the last the second rule is suspended.
 *
 * Free space is found through the tree, too.  An area knows the gap below it (less what a stack
 * needs to grow); the largest gap of each subtree stands in its root, so that a search enters only
 * subtrees that can help.
 *
 *	[ gap | area ]  [ gap | area ]        free space above the last area has no owner
 *
 * Each area of a file mapping holds a reference through ops->open() and ops->close(): a split
 * opens, a merge closes.  An area with anonymous pages is in the reverse mapping (mm/rmap.c), which
 * learns of each change of its bounds.
 *
 * Locks: the caller's, and inside of it those of the areas (mm/vma_lock.c): who looks for an area
 * without the caller's lock sees it as it was or not at all.  Inside of these, and only once they
 * are held, for who waits for the lock of a page holds his area, i_mmap_lock of an area's mapping.
 * Left out: page tables, accounts, files.
 */
#include <linux/errno.h>

#include <oshit/bug.h>
#include <oshit/init.h>
#include <oshit/math.h>
#include <oshit/pagecache.h>
#include <oshit/rcu.h>
#include <oshit/rmap.h>
#include <oshit/slab.h>
#include <oshit/vma_lock.h>

#include "huge_memory.h"
#include "mm_internal.h"

static struct kmem_cache *vma_cache __ro_after_init;

void __init vma_init(void)
{
	vma_cache = kmem_cache_create("vm_area", sizeof(struct vm_area), 0, SLAB_PANIC, NULL);
}

struct vm_area *vma_alloc(void)
{
	return kmem_cache_zalloc(vma_cache, GFP_KERNEL);
}

void vma_free_now(struct vm_area *area)
{
	kmem_cache_free(vma_cache, area);
}

static void free_after_readers(struct rcu_head *head)
{
	vma_free_now(container_of(head, struct vm_area, rcu));
}

void vma_free(struct vm_area *area)
{
	if (IS_ENABLED(CONFIG_PER_VMA_LOCK))
		call_rcu(&area->rcu, free_after_readers);
	else
		vma_free_now(area);
}

void vm_areas_init(struct vm_areas *areas, unsigned int max_nr)
{
	areas->tree.node = NULL;
	INIT_LIST_HEAD(&areas->list);
	areas->nr = 0;
	areas->max_nr = max_nr;
	vm_areas_lock_init(areas);
}

static struct vm_area *area_of(struct rb_node *node)
{
	return rb_entry(node, struct vm_area, node);
}

/* --- finding --- */

struct vm_area *vma_find(const struct vm_areas *areas, unsigned long addr)
{
	struct rb_node *node = areas->tree.node;
	struct vm_area *best = NULL;

	while (node) {
		struct vm_area *area = area_of(node);

		if (area->end > addr) {
			best = area;
			if (area->start <= addr)
				break;
			node = node->left;
		} else {
			node = node->right;
		}
	}
	return best;
}

struct vm_area *vma_lookup(const struct vm_areas *areas, unsigned long addr)
{
	struct vm_area *area = vma_find(areas, addr);

	return area && area->start <= addr ? area : NULL;
}

struct vm_area *vma_find_in(const struct vm_areas *areas, unsigned long start, unsigned long end)
{
	struct vm_area *area = vma_find(areas, start);

	return area && area->start < end ? area : NULL;
}

struct vm_area *vma_next(const struct vm_areas *areas, const struct vm_area *area)
{
	return list_is_last(&area->list, &areas->list)
		       ? NULL
		       : list_entry(area->list.next, struct vm_area, list);
}

struct vm_area *vma_prev(const struct vm_areas *areas, const struct vm_area *area)
{
	return list_is_first(&area->list, &areas->list)
		       ? NULL
		       : list_entry(area->list.prev, struct vm_area, list);
}

/* The last area that begins below @addr; NULL: none. */
static struct vm_area *find_below(const struct vm_areas *areas, unsigned long addr)
{
	struct vm_area *area = vma_find(areas, addr ? addr - 1 : 0);

	if (area)
		return area->start < addr ? area : vma_prev(areas, area);
	return list_empty(&areas->list) ? NULL
					: list_last_entry(&areas->list, struct vm_area, list);
}

/* --- tree, list and gaps --- */

static unsigned long max_gap_of(const struct rb_node *node)
{
	return node ? rb_entry(node, struct vm_area, node)->max_gap : 0;
}

static bool update_max_gap(struct rb_node *node)
{
	struct vm_area *area = area_of(node);
	unsigned long largest = max(max_gap_of(node->left), max_gap_of(node->right));
	unsigned long old = area->max_gap;

	area->max_gap = max(largest, area->gap);
	return area->max_gap != old;
}

/* Free bytes below @area that others may have. */
static unsigned long gap_below(const struct vm_areas *areas, const struct vm_area *area)
{
	const struct vm_area *prev = vma_prev(areas, area);
	unsigned long end = prev ? prev->end : 0, start = vma_guarded_start(area);

	return start > end ? start - end : 0;
}

/* After the area, or the one before it, has moved an edge. */
static void update_gap(struct vm_areas *areas, struct vm_area *area)
{
	area->gap = gap_below(areas, area);
	rb_update_path(&area->node, update_max_gap);
}

static bool is_before(const struct rb_node *a, const struct rb_node *b)
{
	return rb_entry(a, struct vm_area, node)->start < rb_entry(b, struct vm_area, node)->start;
}

/*
 * Areas that show pages of a file are known to it, too (mm/mapping.c), under a lock of its own: it
 * is taken around a whole change, so that nobody who looks from there sees half of one.
 */
static void lock_mapping(const struct vm_area *area)
{
	if (area->mapping)
		down_write(&area->mapping->i_mmap_lock);
}

static void unlock_mapping(const struct vm_area *area)
{
	if (area->mapping)
		up_write(&area->mapping->i_mmap_lock);
}

/* Nothing overlaps; the caller has seen to it. */
static void link_area(struct vm_areas *areas, struct vm_area *area)
{
	struct vm_area *prev = find_below(areas, area->start);
	struct vm_area *next;

	vma_mark_attached(areas, area);
	list_add(&area->list, prev ? &prev->list : &areas->list);
	area->gap = gap_below(areas, area);
	area->max_gap = area->gap;
	rb_add_augmented(&area->node, &areas->tree, is_before, update_max_gap);
	next = vma_next(areas, area);
	if (next)
		update_gap(areas, next);
	areas->nr++;
}

int vma_insert(struct vm_areas *areas, struct vm_area *area)
{
	if (WARN_ON_ONCE(area->start >= area->end) || vma_find_in(areas, area->start, area->end))
		return -EEXIST;
	if (areas->nr >= areas->max_nr)
		return -ENOMEM;
	link_area(areas, area);
	lock_mapping(area);
	if (area->mapping)
		mapping_add_area(area);
	unlock_mapping(area);
	return 0;
}

int vma_insert_copy(struct vm_areas *areas, struct vm_area *area, struct vm_area *original)
{
	if (WARN_ON_ONCE(vma_find_in(areas, area->start, area->end)))
		return -EEXIST;
	link_area(areas, area);
	lock_mapping(area);
	if (area->mapping)
		mapping_add_copy(area, original);
	unlock_mapping(area);
	return 0;
}

static void unlink_area(struct vm_areas *areas, struct vm_area *area)
{
	struct vm_area *next = vma_next(areas, area);

	vma_start_write(areas, area);
	rb_erase_augmented(&area->node, &areas->tree, update_max_gap);
	list_del(&area->list);
	vma_mark_detached(area);
	areas->nr--;
	if (next)
		update_gap(areas, next);
}

void vma_hide_from_mapping(struct vm_area *area)
{
	if (!area->mapping || !area->in_mapping)
		return;
	lock_mapping(area);
	mapping_remove_area(area);
	unlock_mapping(area);
}

void vma_remove(struct vm_areas *areas, struct vm_area *area)
{
	vma_start_write(areas, area);
	vma_hide_from_mapping(area);
	unlink_area(areas, area);
}

static void set_bounds(struct vm_areas *areas, struct vm_area *area, unsigned long start,
		       unsigned long end)
{
	struct vm_area *next = vma_next(areas, area);

	vma_start_write(areas, area);
	area->pgoff += (long)(start - area->start) >> PAGE_SHIFT;
	area->start = start;
	area->end = end;
	if (area->mapping)
		mapping_move_area(area);
	update_gap(areas, area);
	if (next)
		update_gap(areas, next);
}

void vma_resize(struct vm_areas *areas, struct vm_area *area, unsigned long start,
		unsigned long end)
{
	vma_start_write(areas, area);
	lock_mapping(area);
	anon_vma_change_begin(area, NULL);
	set_bounds(areas, area, start, end);
	anon_vma_change_end(area, NULL);
	unlock_mapping(area);
}

/* --- splitting and merging --- */

static void open_area(struct vm_area *area)
{
	if (area->ops && area->ops->open)
		area->ops->open(area);
}

/* Whether @next, which begins where @area ends, could be a part of it. */
static bool vma_can_merge(const struct vm_area *area, const struct vm_area *next)
{
	return area->end == next->start && area->flags == next->flags && area->file == next->file &&
	       area->ops == next->ops && area->mapping == next->mapping &&
	       area->pgoff + vma_pages(area) == next->pgoff && anon_vma_can_merge(area, next);
}

/* Cuts at @addr, inside of @area, which keeps the lower part. */
static int split_area(struct vm_areas *areas, struct vm_area *area, unsigned long addr)
{
	int err = area->ops && area->ops->may_split ? area->ops->may_split(area, addr) : 0;
	struct vm_area *upper;

	if (err)
		return err;
	if (areas->nr >= areas->max_nr)
		return -ENOMEM;
	upper = vma_alloc();
	if (!upper)
		return -ENOMEM;
	vma_start_write(areas, area);
	*upper = *area;
	vma_lock_init(upper);
	upper->start = addr;
	upper->pgoff = vma_pgoff_at(area, addr);
	upper->anon_vma = NULL;
	upper->anon_chain = NULL;
	/* Until @area is cut a walk from a page finds it in both. */
	if (anon_vma_clone(upper, area)) {
		vma_free(upper);
		return -ENOMEM;
	}
	if (area->mm)
		huge_split_at(area->mm, addr);
	lock_mapping(area);
	anon_vma_change_begin(area, NULL);
	set_bounds(areas, area, area->start, addr);
	anon_vma_change_end(area, NULL);
	link_area(areas, upper);
	if (upper->mapping)
		mapping_add_area(upper);
	unlock_mapping(area);
	open_area(upper);
	return 0;
}

/* Joins @next to @area; they are neighbours and alike. */
static void merge_next(struct vm_areas *areas, struct vm_area *area, struct vm_area *next)
{
	unsigned long end = next->end;

	/* Both, before faults have the last word about what they hold. */
	vma_start_write(areas, area);
	vma_start_write(areas, next);
	area->has_anon |= next->has_anon;
	lock_mapping(area);
	anon_vma_change_begin(area, next);
	if (next->mapping)
		mapping_remove_area(next);
	unlink_area(areas, next);
	set_bounds(areas, area, area->start, end);
	anon_vma_change_end(area, next);
	unlock_mapping(area);
	mm_free_area(next);
}

/* No area lies on both sides of @addr any more. */
static int split_at(struct vm_areas *areas, unsigned long addr)
{
	struct vm_area *area = vma_lookup(areas, addr);

	return area && area->start < addr ? split_area(areas, area, addr) : 0;
}

int vma_isolate(struct vm_areas *areas, unsigned long start, unsigned long end)
{
	int err = split_at(areas, start);

	if (err)
		return err;
	err = split_at(areas, end);
	if (err)
		vma_merge_in(areas, start, end);
	return err;
}

void vma_merge_in(struct vm_areas *areas, unsigned long start, unsigned long end)
{
	struct vm_area *area = find_below(areas, start);
	struct vm_area *next;

	if (!area && !list_empty(&areas->list))
		area = list_first_entry(&areas->list, struct vm_area, list);
	while (area && area->start <= end) {
		next = vma_next(areas, area);
		if (next && next->start <= end && vma_can_merge(area, next))
			merge_next(areas, area, next);
		else
			area = next;
	}
}

struct vm_area *vma_extend(struct vm_areas *areas, const struct vm_area *wanted)
{
	struct vm_area *below = find_below(areas, wanted->start);
	struct vm_area *above = below ? vma_next(areas, below) : vma_find(areas, wanted->start);

	if (above && !vma_can_merge(wanted, above))
		above = NULL;
	if (!below || !vma_can_merge(below, wanted)) {
		if (above)
			vma_resize(areas, above, wanted->start, above->end);
		return above;
	}
	vma_resize(areas, below, below->start, wanted->end);
	/* Both may be alike to what has no page yet, and not to each other. */
	if (above && vma_can_merge(below, above))
		merge_next(areas, below, above);
	return below;
}

/* --- free space --- */

/* The highest place for @gap in the free range [@start, @end); 0: it does not fit. */
static unsigned long place_in(const struct vma_gap *gap, unsigned long start, unsigned long end)
{
	unsigned long low = max(start, gap->low), high = min(end, gap->high), place;

	if (high <= low || high - low < gap->size)
		return 0;
	place = ALIGN_DOWN(high - gap->size, gap->align);
	return place >= low ? place : 0;
}

/* Right to left through the subtrees with a large gap, so as deep as the tree is high. */
static unsigned long find_gap_below(const struct rb_node *node, const struct vma_gap *gap)
{
	const struct vm_area *area;
	unsigned long place = 0;

	if (max_gap_of(node) < gap->size)
		return 0;
	area = rb_entry(node, struct vm_area, node);
	if (area->end < gap->high)
		place = find_gap_below(node->right, gap);
	if (!place)
		place = place_in(gap, vma_guarded_start(area) - area->gap, vma_guarded_start(area));
	if (!place && area->start > gap->low)
		place = find_gap_below(node->left, gap);
	return place;
}

unsigned long vma_find_gap(const struct vm_areas *areas, const struct vma_gap *gap)
{
	unsigned long top = 0, place;

	if (!list_empty(&areas->list))
		top = list_last_entry(&areas->list, struct vm_area, list)->end;
	place = place_in(gap, top, gap->high);
	return place ?: find_gap_below(areas->tree.node, gap);
}

/* --- checking --- */

static unsigned int verify_area(const struct vm_areas *areas, const struct vm_area *area)
{
	const struct vm_area *prev = vma_prev(areas, area);
	unsigned long largest = max(max_gap_of(area->node.left), max_gap_of(area->node.right));
	unsigned int nr_wrong = 0;

	nr_wrong += area->start >= area->end;
	nr_wrong += !IS_ALIGNED(area->start | area->end, PAGE_SIZE);
	nr_wrong += prev && prev->end > area->start;
	nr_wrong += prev && vma_can_merge(prev, area);
	nr_wrong += area->gap != gap_below(areas, area);
	nr_wrong += area->max_gap != max(largest, area->gap);
	return nr_wrong;
}

unsigned int vma_verify(const struct vm_areas *areas)
{
	const struct vm_area *area;
	struct rb_node *node = rb_first(&areas->tree);
	unsigned int nr = 0, nr_wrong = 0;

	for_each_vma(area, areas) {
		nr_wrong += node != &area->node;
		nr_wrong += verify_area(areas, area);
		node = node ? rb_next(node) : NULL;
		nr++;
	}
	return nr_wrong + (node != NULL) + (nr != areas->nr);
}
