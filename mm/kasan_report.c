/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * KASAN's reports: what was wrong, who did it, whose the memory is or was, and the shadow around.
 * The kernel goes on; each place in the code reports once, a test's expected reports aside.
 *
 * One report at a time: a bad access within a report, and those of other CPUs meanwhile, are only
 * counted.  To wait for the other CPU could deadlock on the console's locks.
 *
 * Any context.  Not instrumented: it reads what is closed.
 */
#define pr_fmt(fmt) "kasan: " fmt

#include <arch/kasan.h>
#include <arch/page.h>
#include <oshit/atomic.h>
#include <oshit/init.h>
#include <oshit/kasan.h>
#include <oshit/math.h>
#include <oshit/mm_report.h>
#include <oshit/nofault.h>
#include <oshit/panic.h>
#include <oshit/percpu.h>
#include <oshit/printf.h>
#include <oshit/printk.h>
#include <oshit/string.h>

#include "slab.h"
#include "slab_debug.h"

#define NR_PLACES    256 /* that are remembered; what collides with one is taken for it */
#define ROW_GRANULES 16 /* shadow bytes in a line: 128 bytes of memory */
#define ROWS_AROUND  2 /* above and below that of the bad byte */
#define FRAME_MAGIC  0x41b58ab3UL /* the compilers' first word of a frame with red zones */
#define MAX_FRAME    4096UL

static atomic_t reporting;
static atomic_t nr_dropped; /* meanwhile */
static unsigned long places[NR_PLACES]; /* return addresses; written without a lock, whole words */

static enum mm_misuse kind_of(u8 shadow)
{
	switch (shadow) {
	case KASAN_STACK_LEFT:
	case KASAN_STACK_MID:
	case KASAN_STACK_RIGHT:
	case KASAN_ALLOCA:
		return MM_KASAN_STACK_BOUNDS;
	case KASAN_STACK_SCOPE:
		return MM_KASAN_STACK_SCOPE;
	case KASAN_GLOBAL_RED:
		return MM_KASAN_GLOBAL_BOUNDS;
	case KASAN_VMALLOC:
		return MM_KASAN_VMALLOC_BOUNDS;
	case KASAN_SLAB_FREE:
		return MM_KASAN_SLAB_FREE;
	case KASAN_SLAB_RED:
		return MM_KASAN_SLAB_BOUNDS;
	case KASAN_PAGE_FREE:
		return MM_KASAN_PAGE_FREE;
	case KASAN_PAGE_RED:
		return MM_KASAN_PAGE_BOUNDS;
	default:
		return MM_KASAN_WILD;
	}
}

/* A granule that is open in part says nothing of why; the next one does. */
static enum mm_misuse access_kind(const struct kasan_access *access)
{
	const u8 *shadow = kasan_shadow_of(access->bad);
	u8 value = arch_kasan_load(shadow);

	if (access->addr + access->size < access->addr)
		return MM_KASAN_WILD;
	return kind_of(value > 0 && value < 8 ? (u8)arch_kasan_load(shadow + 1) : value);
}

/* True for the first report of a place. */
static bool note_place(unsigned long ip)
{
	unsigned long *place = &places[(ip * 0x9e3779b97f4a7c15UL) >> 56];

	return __atomic_exchange_n(place, ip, __ATOMIC_RELAXED) != ip;
}
static_assert(NR_PLACES == 1 << (64 - 56), "the hash gives as many");

/* Where @addr is, seen from [@start, @start + @size). */
static void show_place(unsigned long addr, unsigned long start, size_t size)
{
	if (addr < start)
		pr_err("the access is %lu bytes before it\n", start - addr);
	else if (addr >= start + size)
		pr_err("the access is %lu bytes behind it\n", addr - start - size);
	else
		pr_err("the access is %lu bytes inside of it\n", addr - start);
}

static void show_object(struct page *slab, unsigned long addr)
{
	struct kmem_cache *cache = slab->cache;
	unsigned long first = (unsigned long)slab_object(cache, slab, 0);
	unsigned int index = addr < first ? 0 : slab_index(cache, (void *)addr);
	void *object = slab_object(cache, slab, min(index, cache->per_slab - 1));
	struct slab_meta *meta = (struct slab_meta *)((u8 *)object + cache->meta);

	/* In the red zone before an object, it is that one's neighbour which was overrun or not. */
	pr_err("object at %p of %s, %u bytes, %u of them asked for\n", object, cache->name,
	       cache->size, meta->requested);
	show_place(addr, (unsigned long)object, meta->requested);
	mm_report_stack("allocated by", meta->alloc_stack);
	mm_report_stack("last freed by", meta->free_stack);
}

static void show_page(struct page *page, unsigned long addr)
{
	struct page *head = page_head(page);

	pr_err("page %p, pfn 0x%lx order %u refs %d flags 0x%lx\n", page_to_virt(head),
	       page_to_pfn(head), page_order(head), page_ref_count(head), head->flags);
	if (page_has_flag(head, PG_kmalloc))
		show_place(addr, (unsigned long)page_to_virt(head), head->private);
	mm_report_stack("allocated by", head->alloc_stack);
	mm_report_stack("last freed by", head->free_stack);
}

/* "NAME" or "NAME:LINE" of variables in "COUNT OFFSET SIZE LENGTH NAME[:LINE] OFFSET ..." */
static void show_frame(unsigned long addr)
{
	unsigned long base = ALIGN_DOWN(addr, 8UL), words[3];
	unsigned long lowest = base - min(base, MAX_FRAME);

	while (base > lowest &&
	       (kernel_read_nofault(words, (void *)base, sizeof(words)) || words[0] != FRAME_MAGIC))
		base -= 8;
	if (base <= lowest)
		return;
	pr_err("in the frame of %pS, at offset %lu\n", (void *)words[2], addr - base);
	pr_err("its variables (number; offset, size, length of the name, name): %s\n",
	       (const char *)words[1]);
}

static void show_global(unsigned long addr)
{
	struct kasan_global global;

	if (!kasan_find_global(addr, &global))
		return;
	pr_err("global variable %s of %s, %lu bytes at %p\n", global.name, global.file, global.size,
	       (void *)global.start);
	show_place(addr, global.start, global.size);
}

static void show_owner(unsigned long addr, enum mm_misuse kind)
{
	unsigned long pfn = virt_to_phys((void *)addr) >> PAGE_SHIFT;
	struct page *page = pfn_to_page(pfn);

	if (kind == MM_KASAN_STACK_BOUNDS || kind == MM_KASAN_STACK_SCOPE)
		show_frame(addr);
	else if (kind == MM_KASAN_GLOBAL_BOUNDS)
		show_global(addr);
	else if (addr < direct_map_base || !pfn_is_valid(pfn))
		return;
	else if (page_has_flag(page_head(page), PG_slab))
		show_object(page_head(page), addr);
	else
		show_page(page, addr);
}

static void show_row(const u8 *row, const u8 *bad)
{
	char text[ROW_GRANULES * 4 + 2];
	size_t len = 0;

	for (const u8 *shadow = row; shadow < row + ROW_GRANULES; shadow++)
		len += scnprintf(text + len, sizeof(text) - len,
				 shadow == bad ? "[%02x]" : " %02x ", (u8)arch_kasan_load(shadow));
	pr_err("%c %016lx:%s\n", bad >= row && bad < row + ROW_GRANULES ? '>' : ' ',
	       kasan_address_of(row), text);
}

static void show_shadow(unsigned long addr)
{
	const u8 *bad = kasan_shadow_of(addr);
	const u8 *row = (u8 *)ALIGN_DOWN((unsigned long)bad, ROW_GRANULES);

	pr_err("shadow of the memory around, a byte for 8; 00 is open, 01 to 07 in part:\n");
	for (int i = -ROWS_AROUND; i <= ROWS_AROUND; i++)
		show_row(row + i * ROW_GRANULES, bad);
}

static void show(const struct kasan_access *access, enum mm_misuse kind)
{
	pr_err("%s of size %lu at %p by CPU %u in %pS\n", access->is_write ? "write" : "read",
	       access->size, (void *)access->addr, smp_processor_id(), (void *)access->ip);
	if (kind != MM_KASAN_WILD)
		show_owner(access->bad, kind);
	show_shadow(access->bad);
	if (atomic_xchg(&nr_dropped, 0))
		pr_err("more bad accesses came during reports and are not shown\n");
	mm_report_end();
}

static void report_access(const struct kasan_access *access)
{
	enum mm_misuse kind = access_kind(access);

	if (panic_in_progress())
		return;
	if (!mm_report_is_expected(kind) && !note_place(access->ip))
		return;
	if (atomic_xchg(&reporting, 1)) {
		atomic_inc(&nr_dropped);
		return;
	}
	if (mm_report_begin(kind, (void *)access->bad))
		show(access, kind);
	atomic_set(&reporting, 0);
}

__init void kasan_report_init(void)
{
	kasan_report_hook = report_access;
}
