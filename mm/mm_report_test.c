/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What reports of misuse say.  Each kind is committed with the consoles silent, and the report is
 * read back from the log: its first line, the object, who allocated and who freed it, who called.
 * What an option would find, and what harms nobody, is committed without it, too: no report.
 */
#include <oshit/gfp.h>
#include <oshit/kasan.h>
#include <oshit/log.h>
#include <oshit/math.h>
#include <oshit/mm_report.h>
#include <oshit/printf.h>
#include <oshit/slab.h>
#include <oshit/string.h>
#include <oshit/test.h>

#define HAS_NAMES (IS_ENABLED(CONFIG_KALLSYMS) && IS_ENABLED(CONFIG_FRAME_POINTER))

static struct kmem_cache *victims;

/* These names must be in the backtraces, so none of them ends in a jump. */
static noinline struct page *take_page_here(unsigned int order)
{
	struct page *page = alloc_pages(GFP_KERNEL, order);

	barrier();
	return page;
}

static noinline void give_page_here(struct page *page, unsigned int order)
{
	__free_pages(page, order);
	barrier();
}

static noinline u8 *take_object_here(void)
{
	u8 *object = kmem_cache_alloc(victims, GFP_KERNEL);

	barrier();
	return object;
}

static noinline void give_object_here(void *object)
{
	kmem_cache_free(victims, object);
	barrier();
}

/* Behind KASAN's back, which would see the write itself and end the matter. */
static noinline __no_sanitize_address void spoil(volatile u8 *at)
{
	*at = 1;
}

static bool log_has(struct log_reader from, const char *text)
{
	static struct log_record record;

	while (log_read(&from, &record))
		if (strstr(record.text, text))
			return true;
	return false;
}

#define EXPECT_LOGGED(t, from, text)                                                      \
	do {                                                                              \
		if (!log_has(from, text))                                                 \
			test_fail(t, __FILE__, __LINE__, "\"%s\" is not reported", text); \
	} while (0)

/* Runs @commit with the consoles silent. Return: where its lines begin in the log. */
static noinline struct log_reader report_of(const void *(*commit)(void), const void **object)
{
	enum log_level level = console_loglevel;
	struct log_reader reader;

	console_flush();
	log_reader_seek_tail(&reader, 0);
	console_loglevel = LOG_EMERG;
	*object = commit();
	console_flush();
	console_loglevel = level;
	return reader;
}

struct report { /* what must be in it */
	const char *kind, *what;
	const char *taker, *giver; /* NULL: nothing to name */
	bool has_owner;
};

static void check_report(struct test *t, const void *(*commit)(void), const struct report *wanted)
{
	struct log_reader reader;
	const void *object;
	char first[80];

	reader = report_of(commit, &object);
	ASSERT_TRUE(t, object != NULL);
	snprintf(first, sizeof(first), "BUG: %s: %p", wanted->kind, object);
	EXPECT_LOGGED(t, reader, first);
	EXPECT_LOGGED(t, reader, wanted->what);
	EXPECT_LOGGED(t, reader, "now called by:");
	if (HAS_NAMES)
		EXPECT_LOGGED(t, reader, "report_of");
	if (!wanted->has_owner)
		return;
	EXPECT_LOGGED(t, reader, "allocated by:");
	if (HAS_NAMES)
		EXPECT_LOGGED(t, reader, wanted->taker);
	if (!wanted->giver)
		return;
	EXPECT_LOGGED(t, reader, "last freed by:");
	if (HAS_NAMES)
		EXPECT_LOGGED(t, reader, wanted->giver);
}

/* --- pages --- */

static void check_page_report(struct test *t, const void *(*commit)(void), const char *kind,
			      const char *what, const char *giver)
{
	const struct report wanted = { kind, what, "take_page_here", giver,
				       IS_ENABLED(CONFIG_PAGE_OWNER) };

	check_report(t, commit, &wanted);
	drain_local_pages();
}

static const void *free_page_twice(void)
{
	struct page *page = take_page_here(0);

	give_page_here(page, 0);
	__free_page(page);
	return page;
}

static const void *free_page_as_block(void)
{
	struct page *page = take_page_here(1);

	__free_pages(page, 3);
	__free_pages(page, 1);
	return page;
}

static const void *write_to_free_page(void)
{
	struct page *page = take_page_here(0);

	give_page_here(page, 0);
	spoil(page_to_virt(page));
	__free_page(alloc_page(GFP_KERNEL)); /* the warmest: the same */
	return page;
}

static void double_free_of_a_page_names_all(struct test *t)
{
	if (!IS_ENABLED(CONFIG_DEBUG_PAGE_DOUBLE_FREE))
		return test_skip(t, "DEBUG_PAGE_DOUBLE_FREE is off");
	check_page_report(t, free_page_twice, "double free", "free already", "give_page_here");
}

static void wrong_order_names_the_owner(struct test *t)
{
	if (!IS_ENABLED(CONFIG_DEBUG_PAGE_INVALID_FREE))
		return test_skip(t, "DEBUG_PAGE_INVALID_FREE is off");
	check_page_report(t, free_page_as_block, "invalid free", "of another order", NULL);
}

static void write_to_a_free_page_names_all(struct test *t)
{
	if (IS_ENABLED(CONFIG_DEBUG_PAGE_POISON))
		return check_page_report(t, write_to_free_page, "use after free", "pfn 0x",
					 "give_page_here");
	mm_report_expect(MM_USE_AFTER_FREE);
	write_to_free_page();
	EXPECT_EQ(t, mm_report_count(), 0U);
	mm_report_expect(MM_NONE);
}

/* --- objects --- */

static void check_slab_report(struct test *t, const void *(*commit)(void), const char *kind,
			      const char *what, const char *giver)
{
	const struct report wanted = { kind, what, "take_object_here", giver,
				       IS_ENABLED(CONFIG_SLAB_OWNER) };

	victims = kmem_cache_create("victim", 100, 0, 0, NULL);
	ASSERT_TRUE(t, victims != NULL);
	check_report(t, commit, &wanted);
	kmem_cache_destroy(victims);
}

static const void *free_object_twice(void)
{
	u8 *object = take_object_here();

	give_object_here(object);
	kmem_cache_free(victims, object);
	return object;
}

static const void *free_object_to_wrong_cache(void)
{
	u8 *object = take_object_here();

	kmem_cache_free(kmalloc_caches[0], object);
	give_object_here(object);
	return object;
}

static const void *write_before_object(void)
{
	u8 *object = take_object_here();

	spoil(object - 1);
	give_object_here(object);
	return object;
}

static const void *write_behind_object(void)
{
	u8 *object = take_object_here();

	spoil(object + 100);
	give_object_here(object);
	return object;
}

/* All objects of a slab and more, for the damaged one must be allocated again. */
static const void *write_to_free_object(void)
{
	u8 *object = take_object_here(), *others[48];

	give_object_here(object);
	spoil(object + 50);
	kasan_release_cache(victims);
	for (size_t i = 0; i < ARRAY_SIZE(others); i++)
		others[i] = kmem_cache_alloc(victims, GFP_KERNEL);
	for (size_t i = 0; i < ARRAY_SIZE(others); i++)
		kmem_cache_free(victims, others[i]);
	return object;
}

static void double_free_of_an_object_names_all(struct test *t)
{
	if (!IS_ENABLED(CONFIG_DEBUG_SLAB_DOUBLE_FREE))
		return test_skip(t, "DEBUG_SLAB_DOUBLE_FREE is off");
	check_slab_report(t, free_object_twice, "double free", "object of victim, 100 bytes",
			  "give_object_here");
}

static void wrong_cache_names_the_owner(struct test *t)
{
	if (!IS_ENABLED(CONFIG_DEBUG_SLAB_INVALID_FREE))
		return test_skip(t, "DEBUG_SLAB_INVALID_FREE is off");
	check_slab_report(t, free_object_to_wrong_cache, "free to the wrong cache",
			  "freed to kmalloc-32", NULL);
}

static void write_beside_an_object_names_the_owner(struct test *t)
{
	if (!IS_ENABLED(CONFIG_DEBUG_SLAB_REDZONE))
		return test_skip(t, "DEBUG_SLAB_REDZONE is off");
	check_slab_report(t, write_before_object, "out of bounds", "byte -1 is 0x01", NULL);
	check_slab_report(t, write_behind_object, "out of bounds", "byte 100 is 0x01", NULL);
}

static void write_to_a_free_object_names_all(struct test *t)
{
	if (IS_ENABLED(CONFIG_DEBUG_SLAB_POISON))
		return check_slab_report(t, write_to_free_object, "use after free",
					 "byte 50 is 0x01", "give_object_here");
	victims = kmem_cache_create("victim", 100, 0, 0, NULL);
	ASSERT_TRUE(t, victims != NULL);
	mm_report_expect(MM_USE_AFTER_FREE);
	write_to_free_object();
	EXPECT_EQ(t, mm_report_count(), 0U);
	mm_report_expect(MM_NONE);
	kmem_cache_destroy(victims);
}

/* Inside its class, outside of what was asked for. */
static void write_into_the_room_is_a_report_or_nothing(struct test *t)
{
	u8 *memory = kmalloc(41, GFP_KERNEL);

	ASSERT_TRUE(t, memory != NULL);
	mm_report_expect(MM_OUT_OF_BOUNDS);
	spoil(memory + 41);
	kfree(memory);
	EXPECT_EQ(t, mm_report_count(), IS_ENABLED(CONFIG_DEBUG_SLAB_REDZONE));
	mm_report_expect(MM_NONE);
}

static const struct test_case mm_report_cases[] = {
	TEST_CASE(double_free_of_a_page_names_all),
	TEST_CASE(wrong_order_names_the_owner),
	TEST_CASE(write_to_a_free_page_names_all),
	TEST_CASE(double_free_of_an_object_names_all),
	TEST_CASE(wrong_cache_names_the_owner),
	TEST_CASE(write_beside_an_object_names_the_owner),
	TEST_CASE(write_to_a_free_object_names_all),
	TEST_CASE(write_into_the_room_is_a_report_or_nothing),
};
TEST_SUITE(mm_report, mm_report_cases);
