/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Areas of a user address space: what is mapped where, before any page is there.  The set of them
 * is a value of its own, struct vm_areas; the address space around it, its page tables and its
 * accounts are <oshit/mm.h>.  Addresses and sizes are in bytes and multiples of PAGE_SIZE.
 * Context of all functions: task; the caller holds the lock of the set (mmap_lock), for writing
 * where the set changes.
 */
#ifndef OSHIT_VMA_H
#define OSHIT_VMA_H

#include <arch/page.h>
#include <oshit/atomic.h>
#include <oshit/interval_tree.h>
#include <oshit/list.h>
#include <oshit/rbtree.h>
#include <oshit/rcu_types.h>
#include <oshit/types.h>
#include <oshit/wait.h>

struct address_space;
struct anon_vma;
struct anon_vma_chain;
struct file;
struct vm_area;
struct page;
struct vm_fault;

/* What an area allows; the first four agree with PROT_READ, PROT_WRITE, PROT_EXEC, MAP_SHARED. */
#define VM_READ	       0x00000001UL
#define VM_WRITE       0x00000002UL
#define VM_EXEC	       0x00000004UL
#define VM_SHARED      0x00000008UL
#define VM_MAYREAD     0x00000010UL /* mprotect() may grant it */
#define VM_MAYWRITE    0x00000020UL
#define VM_MAYEXEC     0x00000040UL
#define VM_GROWSDOWN   0x00000100UL /* a stack: a fault below makes it grow */
#define VM_PFNMAP      0x00000400UL /* pages that have no struct page, or are not counted */
#define VM_LOCKED      0x00002000UL /* mlock(): pages stay */
#define VM_SEQ_READ    0x00008000UL /* MADV_SEQUENTIAL */
#define VM_RAND_READ   0x00010000UL /* MADV_RANDOM: neighbours are of no use */
#define VM_DONTCOPY    0x00020000UL /* not inherited by fork() */
#define VM_DONTEXPAND  0x00040000UL /* mremap() may move it, not make it longer */
#define VM_LOCKONFAULT 0x00080000UL /* with VM_LOCKED: pages come when they are touched */
#define VM_ACCOUNT     0x00100000UL /* its pages are promised: mm/overcommit.c */
#define VM_NORESERVE   0x00200000UL
#define VM_WIPEONFORK  0x02000000UL
#define VM_DONTDUMP    0x04000000UL
#define VM_HUGEPAGE    0x20000000UL /* MADV_HUGEPAGE */
#define VM_NOHUGEPAGE  0x40000000UL

#define VM_ACCESS      (VM_READ | VM_WRITE | VM_EXEC)
#define VM_LOCK_BITS   (VM_LOCKED | VM_LOCKONFAULT)

struct vm_operations {
	/* One more, one less area of this mapping: fork, split, merge. May sleep. */
	void (*open)(struct vm_area *area);
	void (*close)(struct vm_area *area);
	/* Or NULL. Whether the area may be cut at @addr: 0 or -EINVAL. */
	int (*may_split)(struct vm_area *area, unsigned long addr);
	/* Or NULL. mremap() has moved what was elsewhere to @area: 0 or -errno, and it is moved
	 * back. */
	int (*mremap)(struct vm_area *area);
	/* Finds the page for a fault. Context and result: <oshit/mm.h>. */
	int (*fault)(struct vm_fault *fault);
	/* Or NULL. A page of a shared mapping, fault->page, is about to be written to: makes it
	 * dirty, updates times. It is locked. 0, or VM_FAULT_ bits: it may not be. May sleep. */
	int (*page_mkwrite)(struct vm_fault *fault);
	/* Or NULL. The pages of [@pgoff, @pgoff + @nr) that are there already, each locked and with
	 * a reference for the caller, NULL for the others. mmap_lock held. */
	void (*fault_around)(struct vm_area *area, unsigned long pgoff, struct page **pages,
			     unsigned int nr);
	/* Or NULL. MADV_REMOVE: [@start, @end) of the area's file becomes zeros. Called with
	 * mmap_lock held for reading; drops it, having taken what it needs of @area, and returns
	 * without it, for who writes to the file takes its locks first. 0 or -errno. */
	int (*punch_hole)(struct vm_area *area, unsigned long start, unsigned long end);
	const char *(*name)(struct vm_area *area); /* for /proc/PID/maps; NULL: none */
};

#ifdef CONFIG_PER_VMA_LOCK
struct vma_lock { /* mm/vma_lock.c */
	unsigned long write_seq; /* m  which writer has locked it last */
	atomic_t nr_readers; /* a */
};
#else
struct vma_lock {
};
#endif

/*
 * m: lock of the set   i: set at creation, then constant
 * l: the same as m, and the lock of the area, of either of which readers need only one
 */
struct vm_area {
	unsigned long start, end; /* l  first byte, first byte behind */
	unsigned long flags; /* l  VM_ */
	unsigned long pgoff; /* l  of @start, in pages: in the file, or of the first address */
	struct rb_node node; /* m  walked without a lock, too */
	union {
		struct list_head list; /* m  by address */
		struct rcu_head rcu; /* of one that waits to be freed */
	};
	struct vma_lock lock;
	unsigned long gap; /* m  free bytes between the area before, or 0, and the guarded start */
	unsigned long max_gap; /* m  largest gap in the subtree below node */
	struct mm_struct *mm; /* i */
	struct file *file; /* i  NULL: anonymous; never looked into here */
	const struct vm_operations *ops; /* i  NULL: anonymous */
	struct address_space *mapping; /* i  whose pages it shows; NULL: no page cache's */
	struct interval mapped; /* mapping->i_mmap_lock  in mapping->i_mmap */
	bool in_mapping; /* m, and i_mmap_lock  whether it is there */
	struct anon_vma *anon_vma; /* <oshit/rmap.h>: of new anonymous pages; NULL: none yet */
	struct anon_vma_chain *anon_chain; /* all that its pages may name, oldest first */
	bool has_anon; /* a  set for good by faults: some page may be private to this area */
};

struct vm_areas { /* all under the lock of the owner */
	struct rb_root tree;
	struct list_head list; /* the same areas by address */
	unsigned int nr;
	unsigned int max_nr; /* splitting and adding stop here */
#ifdef CONFIG_PER_VMA_LOCK
	unsigned long write_seq; /* the number of who holds the lock for writing, or will */
	struct wait_queue_head readers_gone; /* he, for those of an area */
#endif
};

void vm_areas_init(struct vm_areas *areas, unsigned int max_nr);

/* An area in no set, all 0. May sleep. NULL: no memory. */
struct vm_area *vma_alloc(void);
/* Of an area in no set; its file and its ops have been let go. Others may be looking at it. */
void vma_free(struct vm_area *area);
/* The same for one that nobody looks at. */
void vma_free_now(struct vm_area *area);

#define STACK_GUARD_GAP (256 * PAGE_SIZE) /* kept free below an area that grows down */

/* Where the room that an area wants for itself begins: at @start, or so far below. */
static inline unsigned long vma_guarded_start(const struct vm_area *area)
{
	if (!(area->flags & VM_GROWSDOWN))
		return area->start;
	return area->start > STACK_GUARD_GAP ? area->start - STACK_GUARD_GAP : 0;
}

static inline unsigned long vma_pages(const struct vm_area *area)
{
	return (area->end - area->start) >> PAGE_SHIFT;
}

/* Private memory without a file: untouched pages are zeros. */
static inline bool vma_is_anonymous(const struct vm_area *area)
{
	return !area->ops && !(area->flags & VM_SHARED);
}

/* The page offset that belongs to @addr, which lies in @area. */
static inline unsigned long vma_pgoff_at(const struct vm_area *area, unsigned long addr)
{
	return area->pgoff + ((addr - area->start) >> PAGE_SHIFT);
}

/* The first area that ends above @addr, in it or behind it; NULL: none. */
struct vm_area *vma_find(const struct vm_areas *areas, unsigned long addr);
/* The area that @addr lies in; NULL: none. */
struct vm_area *vma_lookup(const struct vm_areas *areas, unsigned long addr);
/* The first area that has a part of [@start, @end); NULL: none. */
struct vm_area *vma_find_in(const struct vm_areas *areas, unsigned long start, unsigned long end);
/* Neighbours; NULL at the ends. */
struct vm_area *vma_next(const struct vm_areas *areas, const struct vm_area *area);
struct vm_area *vma_prev(const struct vm_areas *areas, const struct vm_area *area);

#define for_each_vma(area, areas) list_for_each_entry(area, &(areas)->list, list)

/* The areas with a part of [start, end); the body may not change the set. */
#define for_each_vma_in(area, areas, first, last)                                        \
	for ((area) = vma_find_in(areas, first, last); (area) && (area)->start < (last); \
	     (area) = vma_next(areas, area))

/**
 * vma_insert() - add an area
 * @area: start, end, flags, pgoff, file, ops and private are set
 *
 * Return: 0; -EEXIST if there is something already; -ENOMEM if the set is full.
 */
int vma_insert(struct vm_areas *areas, struct vm_area *area);

/* The same for fork: @area shows the same as @original, of the parent, at the same place, and is
 * known to its mapping behind that. Not limited by max_nr, as the parent's set is. */
int vma_insert_copy(struct vm_areas *areas, struct vm_area *area, struct vm_area *original);

/* Takes an area out, which then belongs to the caller. */
void vma_remove(struct vm_areas *areas, struct vm_area *area);

/* An area that will be removed is no longer known to its mapping: nobody comes from there to its
 * page tables any more. */
void vma_hide_from_mapping(struct vm_area *area);

/* Moves the edges of an area within the free space around it; pgoff follows @start. */
void vma_resize(struct vm_areas *areas, struct vm_area *area, unsigned long start,
		unsigned long end);

/**
 * vma_isolate() - make areas begin and end at the edges of a range
 *
 * Afterwards no area lies on both sides of @start or of @end. What was split is merged again if it
 * fails; on success the caller changes the areas and calls vma_merge_in().
 *
 * Return: 0; -ENOMEM for want of memory, or because the set is full; -EINVAL: an area may not be
 * cut.
 */
int vma_isolate(struct vm_areas *areas, unsigned long start, unsigned long end);

/* Merges equal neighbours from the one before @start to the one behind @end. */
void vma_merge_in(struct vm_areas *areas, unsigned long start, unsigned long end);

/**
 * vma_extend() - add to an existing area instead of making a new one
 * @wanted: what an area of its own would be; its file and ops are not taken over
 *
 * Joins both neighbours if @wanted closes the gap between two equal ones.
 *
 * Return: the area that now has the range, or NULL: no neighbour is of the same kind.
 */
struct vm_area *vma_extend(struct vm_areas *areas, const struct vm_area *wanted);

struct vma_gap { /* all in bytes */
	unsigned long size;
	unsigned long align; /* power of two, at least PAGE_SIZE */
	unsigned long low, high; /* the gap lies in [low, high) */
};

/* The highest place for @gap: its first byte, or 0 if there is none. O(log n) if align is small. */
unsigned long vma_find_gap(const struct vm_areas *areas, const struct vma_gap *gap);

/* Boot: the cache of areas. */
void vma_init(void);

/* Checks each rule in the head of mm/vma.c. For tests and the monitor. Return: violations. */
unsigned int vma_verify(const struct vm_areas *areas);

#endif
