/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * KASAN, the address sanitizer: the part that compiled code calls.
 *
 * A shadow byte tells of 8 bytes of memory whether they are open, open up to a point, or closed and
 * why (enum kasan_shadow).  Allocators open what they hand out and close the rest: red zones beside
 * objects, free objects and pages.  The compiler calls a check before each load and store, closes
 * red zones between the variables of a frame while the frame lives, and lists the global
 * variables, which get red zones behind them, for a constructor that registers them here.
 *
 *	mm/kasan.c		checks, opening and closing, stacks, globals: this file
 *	mm/kasan_string.c	memcpy() and the like, checked as a whole
 *	mm/kasan_slab.c		objects and their quarantine
 *	mm/kasan_report.c	what is printed
 *	mm/kasan_init.c		the start
 *	arch/x86_64/mm/kasan_shadow.c	where the shadow is
 *
 * The start: head.S's C code maps one page as all of the shadow, so that frames can be closed from
 * the first instruction on; nobody looks.  kasan_init() gives RAM and image a shadow of their own,
 * the page allocator fills it as it takes memory over, and kasan_enable() turns the checks on.
 *
 * What is not seen: accesses by inline assembly, by devices and to memory without shadow (device
 * registers, the page array), and an access that leaps over a red zone into other open memory.
 * Locks: none; a shadow byte belongs to the owner of the memory it speaks of.
 */
#include <arch/kasan.h>
#include <oshit/init.h>
#include <oshit/kasan.h>
#include <oshit/math.h>
#include <oshit/string.h>

#define GRANULE	       (1UL << KASAN_SHADOW_SHIFT)
#define GRANULE_MASK   (GRANULE - 1)
#define WORD_GRANULES  8 /* shadow bytes in a word */
#define MAX_REGISTERED 1024 /* files with global variables whose names reports can tell */

void (*kasan_report_hook)(const struct kasan_access *access);

static bool enabled __ro_after_init;

__init void kasan_enable(void)
{
	enabled = true;
}

void kasan_unpoison(const void *start, size_t size)
{
	u8 *shadow = kasan_shadow_of((unsigned long)start);

	memset(shadow, KASAN_OPEN, size / GRANULE);
	if (size & GRANULE_MASK)
		shadow[size / GRANULE] = size & GRANULE_MASK;
}

void kasan_poison(const void *start, size_t size, enum kasan_shadow why)
{
	memset(kasan_shadow_of((unsigned long)start), why, size / GRANULE);
}

/* Whether the byte at @addr is closed. */
static __always_inline bool byte_is_closed(unsigned long addr)
{
	s8 shadow = arch_kasan_load(kasan_shadow_of(addr));

	return unlikely(shadow) && (s8)(addr & GRANULE_MASK) >= shadow;
}

unsigned long kasan_find_closed(const void *start, size_t size)
{
	unsigned long addr = (unsigned long)start, last = addr + size - 1, end;

	for (; addr <= last; addr = end + 1) {
		if (IS_ALIGNED(addr, GRANULE * WORD_GRANULES) &&
		    last - addr >= GRANULE * WORD_GRANULES - 1 &&
		    !arch_kasan_load_word(kasan_shadow_of(addr))) {
			end = addr + GRANULE * WORD_GRANULES - 1;
			continue;
		}
		end = min(last, addr | GRANULE_MASK);
		if (byte_is_closed(end)) {
			s8 shadow = arch_kasan_load(kasan_shadow_of(addr));

			return shadow < 0 ? addr : max(addr, (addr & ~GRANULE_MASK) + shadow);
		}
	}
	return 0;
}

static noinline __cold void kasan_report(unsigned long addr, size_t size, bool is_write,
					 unsigned long ip)
{
	struct kasan_access access = {
		.addr = addr,
		.bad = addr + size > addr ? kasan_find_closed((void *)addr, size) : addr,
		.size = size,
		.is_write = is_write,
		.ip = ip,
	};

	if (access.bad && kasan_report_hook)
		kasan_report_hook(&access);
}

/* User addresses are left to the hardware, which forbids them better. */
static __always_inline bool is_checked(unsigned long addr)
{
	return likely(enabled) && (long)addr < 0;
}

/* @size is 1, 2, 4, 8 or 16; the access touches three granules at most. */
static __always_inline void check(unsigned long addr, size_t size, bool is_write, unsigned long ip)
{
	unsigned long last = addr + size - 1;

	if (!is_checked(addr))
		return;
	if (unlikely(byte_is_closed(last)) ||
	    ((addr ^ last) >= GRANULE && unlikely(arch_kasan_load(kasan_shadow_of(addr)))) ||
	    (size > GRANULE && unlikely(arch_kasan_load(kasan_shadow_of(addr + GRANULE)))))
		kasan_report(addr, size, is_write, ip);
}

void kasan_check_range(unsigned long addr, size_t size, bool is_write, unsigned long ip)
{
	if (!size || !is_checked(addr))
		return;
	if (addr + size <= addr || kasan_find_closed((void *)addr, size))
		kasan_report(addr, size, is_write, ip);
}

/* The names and arguments are the compilers'. */
#define DEFINE_CHECKS(size)                                                           \
	void __asan_load##size##_noabort(unsigned long addr);                         \
	void __asan_load##size##_noabort(unsigned long addr)                          \
	{                                                                             \
		check(addr, size, false, (unsigned long)__builtin_return_address(0)); \
	}                                                                             \
	void __asan_store##size##_noabort(unsigned long addr);                        \
	void __asan_store##size##_noabort(unsigned long addr)                         \
	{                                                                             \
		check(addr, size, true, (unsigned long)__builtin_return_address(0));  \
	}

DEFINE_CHECKS(1)
DEFINE_CHECKS(2)
DEFINE_CHECKS(4)
DEFINE_CHECKS(8)
DEFINE_CHECKS(16)

void __asan_loadN_noabort(unsigned long addr, size_t size);
void __asan_storeN_noabort(unsigned long addr, size_t size);
void __asan_handle_no_return(void);
void __asan_poison_stack_memory(const void *start, size_t size);
void __asan_unpoison_stack_memory(const void *start, size_t size);

void __asan_loadN_noabort(unsigned long addr, size_t size)
{
	kasan_check_range(addr, size, false, (unsigned long)__builtin_return_address(0));
}

void __asan_storeN_noabort(unsigned long addr, size_t size)
{
	kasan_check_range(addr, size, true, (unsigned long)__builtin_return_address(0));
}

/* Clang's, for frames too large to close and open them inline. */
#define DEFINE_SET_SHADOW(byte)                                         \
	void __asan_set_shadow_##byte(const void *shadow, size_t size); \
	void __asan_set_shadow_##byte(const void *shadow, size_t size)  \
	{                                                               \
		memset((void *)shadow, 0x##byte, size);                 \
	}

DEFINE_SET_SHADOW(00)
DEFINE_SET_SHADOW(f1)
DEFINE_SET_SHADOW(f2)
DEFINE_SET_SHADOW(f3)
DEFINE_SET_SHADOW(f5)
DEFINE_SET_SHADOW(f8)

/* A variable leaves its scope, or enters it. */
void __asan_poison_stack_memory(const void *start, size_t size)
{
	kasan_poison(start, ALIGN_UP(size, GRANULE), KASAN_STACK_SCOPE);
}

void __asan_unpoison_stack_memory(const void *start, size_t size)
{
	kasan_unpoison(start, size);
}

static bool is_stack_shadow(u8 shadow)
{
	return (shadow > 0 && shadow < GRANULE) ||
	       (shadow >= KASAN_STACK_LEFT && shadow <= KASAN_STACK_SCOPE);
}

void kasan_forget_stack(const void *start, size_t size)
{
	u8 *shadow = kasan_shadow_of((unsigned long)start);
	u8 *end = kasan_shadow_of((unsigned long)start + size - 1) + 1;

	for (; shadow < end; shadow++)
		if (is_stack_shadow(arch_kasan_load(shadow)))
			*shadow = KASAN_OPEN;
}

/*
 * Before a call that does not return: the callers' frames are never opened by their ends.  How far
 * the stack goes up is not known here; what lies above it loses at most red zones of frames.
 */
void __asan_handle_no_return(void)
{
	const void *frame = __builtin_frame_address(0);

	kasan_forget_stack(frame, KERNEL_STACK_SIZE);
}

/* The compilers' record of a global variable; version 8 of the interface. */
struct asan_global {
	unsigned long start;
	size_t size;
	size_t size_with_red_zone;
	const char *name;
	const char *file;
	unsigned long is_dynamic;
	const void *place;
	const void *odr_indicator;
};

void __asan_register_globals(const struct asan_global *globals, size_t nr);
void __asan_unregister_globals(const struct asan_global *globals, size_t nr);

static struct {
	const struct asan_global *globals;
	size_t nr;
} registered[MAX_REGISTERED]; /* boot CPU, then constant */
static size_t nr_registered;

void __asan_register_globals(const struct asan_global *globals, size_t nr)
{
	for (size_t i = 0; i < nr; i++) {
		const struct asan_global *g = &globals[i];
		size_t open = ALIGN_UP(g->size, GRANULE);

		kasan_unpoison((void *)g->start, g->size);
		kasan_poison((void *)(g->start + open), g->size_with_red_zone - open,
			     KASAN_GLOBAL_RED);
	}
	if (nr_registered == MAX_REGISTERED)
		return;
	registered[nr_registered].globals = globals;
	registered[nr_registered++].nr = nr;
}

/* From destructors, which never run. */
void __asan_unregister_globals(const struct asan_global *globals __maybe_unused,
			       size_t nr __maybe_unused)
{
}

bool kasan_find_global(unsigned long addr, struct kasan_global *global)
{
	for (size_t file = 0; file < nr_registered; file++) {
		for (size_t i = 0; i < registered[file].nr; i++) {
			const struct asan_global *g = &registered[file].globals[i];

			if (addr < g->start || addr - g->start >= g->size_with_red_zone)
				continue;
			*global = (struct kasan_global){
				.name = g->name,
				.file = g->file,
				.start = g->start,
				.size = g->size,
			};
			return true;
		}
	}
	return false;
}
