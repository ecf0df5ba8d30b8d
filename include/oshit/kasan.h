/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * KASAN finds accesses to memory that is not the kernel's to touch, at the instruction that makes
 * them.  Compiled out, all of this is empty.  The theory stands in mm/kasan.c.
 *
 * Who hands out memory says so here: it opens what a user may touch and closes it when it comes
 * back.  Addresses are multiples of 8; where a size is not, the rest of its last 8 bytes is closed.
 * Context of all functions: any, unless said otherwise; the memory is the caller's.
 */
#ifndef OSHIT_KASAN_H
#define OSHIT_KASAN_H

#include <oshit/types.h>

struct kmem_cache;
struct page;

/* Why 8 bytes are closed: values of a shadow byte.  1 to 7: only so many of them are open. */
enum kasan_shadow {
	KASAN_OPEN = 0,
	KASAN_STACK_LEFT = 0xf1, /* these six are the compiler's */
	KASAN_STACK_MID = 0xf2,
	KASAN_STACK_RIGHT = 0xf3,
	KASAN_STACK_SCOPE = 0xf8,
	KASAN_GLOBAL_RED = 0xf9,
	KASAN_ALLOCA = 0xca,
	KASAN_VMALLOC = 0xfa, /* outside of all areas, or behind one's end */
	KASAN_SLAB_FREE = 0xfb,
	KASAN_SLAB_RED = 0xfc, /* beside an object */
	KASAN_PAGE_RED = 0xfe, /* behind a kmalloc() of whole pages */
	KASAN_PAGE_FREE = 0xff,
};

/* An access that must not be, as the checks found it. */
struct kasan_access {
	unsigned long addr; /* first byte of the access */
	unsigned long bad; /* first of its bytes that is closed */
	size_t size; /* bytes */
	bool is_write;
	unsigned long ip; /* who accesses */
};

#ifdef CONFIG_KASAN
/* Set once by mm/kasan_report.c: told of each bad access, before it happens. */
extern void (*kasan_report_hook)(const struct kasan_access *access);

/* Turns the checks on, when all shadow tells the truth. Boot. */
void kasan_enable(void);

/* Opens, closes with @why (multiples of 8), or asks for the first closed byte (0: none). */
void kasan_unpoison(const void *start, size_t size);
void kasan_poison(const void *start, size_t size, enum kasan_shadow why);
unsigned long kasan_find_closed(const void *start, size_t size);

/*
 * Opens what left frames closed in the @size bytes of stack from @start on: for who leaves them
 * without returning (a jump out of a trap), and who gives a used stack to another task.
 */
void kasan_forget_stack(const void *start, size_t size);

/* The description of the global variable at or before @addr: its name, file and bounds. */
struct kasan_global {
	const char *name, *file;
	unsigned long start;
	size_t size; /* without its red zone */
};
bool kasan_find_global(unsigned long addr, struct kasan_global *global);

/* Checks on behalf of code that is not instrumented; @ip is who is blamed. */
void kasan_check_range(unsigned long addr, size_t size, bool is_write, unsigned long ip);

/* mm/kasan_init.c, and for it mm/kasan_report.c. Boot. */
void kasan_init(void);
void kasan_report_init(void);

/* mm/kasan_slab.c: the slab allocator's. */
void kasan_slab_new(struct kmem_cache *cache, struct page *slab);
void kasan_slab_alloc(struct kmem_cache *cache, void *object, size_t size);
/* The object waits in the quarantine and is then given to slab_release(). */
void kasan_slab_free(struct kmem_cache *cache, void *object);
/* Releases the objects of @cache, or of all, that wait. Return: how many. */
unsigned long kasan_release_cache(struct kmem_cache *cache);
unsigned long kasan_release_all(void);
/* The same, and waits for those that another CPU is releasing. Context: task. */
void kasan_release_cache_sync(struct kmem_cache *cache);
#else
static inline void kasan_unpoison(const void *start __maybe_unused, size_t size __maybe_unused)
{
}
static inline void kasan_poison(const void *start __maybe_unused, size_t size __maybe_unused,
				enum kasan_shadow why __maybe_unused)
{
}
static inline void kasan_forget_stack(const void *start __maybe_unused, size_t size __maybe_unused)
{
}
static inline void kasan_init(void)
{
}
static inline void kasan_enable(void)
{
}
static inline void kasan_slab_new(struct kmem_cache *cache __maybe_unused,
				  struct page *slab __maybe_unused)
{
}
static inline void kasan_slab_alloc(struct kmem_cache *cache __maybe_unused,
				    void *object __maybe_unused, size_t size __maybe_unused)
{
}
static inline void kasan_slab_free(struct kmem_cache *cache __maybe_unused,
				   void *object __maybe_unused)
{
}
static inline unsigned long kasan_release_cache(struct kmem_cache *cache __maybe_unused)
{
	return 0;
}
static inline unsigned long kasan_release_all(void)
{
	return 0;
}
static inline void kasan_release_cache_sync(struct kmem_cache *cache __maybe_unused)
{
}
#endif

#endif
