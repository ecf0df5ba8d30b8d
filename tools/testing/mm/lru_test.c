/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The lists of pages by last use against a model: a few pages that are added, used, locked,
 * isolated, put back and freed at random.  The model has each list as an array, and the batch of
 * the one CPU; after each step lengths and flags agree, and what a scan takes is what the model has
 * at the end.
 */
#include <host.h>
#include <oshit/gfp.h>
#include <oshit/list.h>
#include <oshit/lru.h>
#include <oshit/math.h>
#include <oshit/pagecache.h>
#include <oshit/rmap.h>
#include <oshit/string.h>
#include <oshit/test.h>
#include <oshit/test_random.h>

#define NR_PAGES 96u
#define NR_STEPS 300000u

enum where { FREE, PENDING, LISTED, ISOLATED };

struct model_page {
	struct page *page; /* NULL: free */
	enum where where;
	bool is_file, is_active, is_referenced, is_locked, is_reclaim;
};

static struct {
	struct model_page pages[NR_PAGES];
	unsigned int lists[NR_LRU_LISTS][NR_PAGES]; /* the first was used last */
	unsigned int nr[NR_LRU_LISTS];
	unsigned int batch[LRU_BATCH]; /* pages; NR_PAGES: a hole */
	unsigned int nr_batch;
} model;

static const struct address_space_operations stored_aops = {
	.write_page = (int (*)(struct address_space *, struct page *))1, /* never called */
};
static struct address_space stored = { .ops = &stored_aops };

static enum lru_list list_of(const struct model_page *p)
{
	if (p->is_locked)
		return LRU_UNEVICTABLE;
	return (p->is_file ? LRU_INACTIVE_FILE : LRU_INACTIVE_ANON) + p->is_active;
}

/* --- the model's lists --- */

static void model_insert(unsigned int id, bool at_end)
{
	enum lru_list list = list_of(&model.pages[id]);
	unsigned int place = at_end ? model.nr[list] : 0;

	memmove(&model.lists[list][place + 1], &model.lists[list][place],
		(model.nr[list] - place) * sizeof(unsigned int));
	model.lists[list][place] = id;
	model.nr[list]++;
	model.pages[id].where = LISTED;
}

static void model_remove(unsigned int id)
{
	for (enum lru_list list = 0; list < NR_LRU_LISTS; list++) {
		for (unsigned int i = 0; i < model.nr[list]; i++) {
			if (model.lists[list][i] != id)
				continue;
			model.nr[list]--;
			memmove(&model.lists[list][i], &model.lists[list][i + 1],
				(model.nr[list] - i) * sizeof(unsigned int));
			return;
		}
	}
	for (unsigned int i = 0; i < model.nr_batch; i++)
		if (model.batch[i] == id)
			model.batch[i] = NR_PAGES;
}

static void model_drain(void)
{
	for (unsigned int i = 0; i < model.nr_batch; i++) {
		if (model.batch[i] != NR_PAGES)
			model_insert(model.batch[i], false);
		model.batch[i] = NR_PAGES;
	}
}

/* As a page that was changed: to the head of its list, or as it is in the batch. */
static void model_moved(unsigned int id, bool at_end)
{
	if (model.pages[id].where != LISTED)
		return;
	model_remove(id);
	model_insert(id, at_end);
}

/* --- steps --- */

static void add(struct test *t, struct test_random *random, unsigned int id)
{
	struct model_page *p = &model.pages[id];

	*p = (struct model_page){ .page = alloc_page(GFP_KERNEL), .where = PENDING };
	ASSERT_NE(t, (void *)p->page, NULL);
	p->is_file = test_random_below(random, 2);
	p->page->mapping = p->is_file ? &stored : (struct address_space *)PAGE_MAPPING_ANON;
	if (p->is_file || test_random_below(random, 2))
		lru_add(p->page);
	else
		lru_add_new(p->page);
	model.batch[model.nr_batch++] = id;
	if (model.nr_batch < LRU_BATCH)
		return;
	model_drain();
	model.nr_batch = 0;
}

static void use(unsigned int id)
{
	struct model_page *p = &model.pages[id];

	mark_page_accessed(p->page);
	if (!p->is_referenced) {
		p->is_referenced = true;
	} else if (!p->is_active && !p->is_locked && p->where != ISOLATED) {
		p->is_active = true;
		p->is_referenced = false;
		model_moved(id, false);
	}
}

static void set_locked(unsigned int id, bool is_locked)
{
	struct model_page *p = &model.pages[id];

	if (is_locked)
		lru_mlock(p->page);
	else
		lru_munlock(p->page);
	if (p->where == ISOLATED || p->is_locked == is_locked)
		return;
	p->is_locked = is_locked;
	p->is_active &= !is_locked;
	model_moved(id, false);
}

static void let_go_first(unsigned int id)
{
	struct model_page *p = &model.pages[id];

	lru_deactivate(p->page);
	if (p->where == ISOLATED)
		return;
	p->is_active = false;
	p->is_referenced = false;
	model_moved(id, true);
}

static void store(unsigned int id)
{
	struct model_page *p = &model.pages[id];

	if (!p->is_reclaim) {
		set_bit(PG_reclaim, &p->page->flags);
		p->is_reclaim = true;
		return;
	}
	lru_writeback_end(p->page);
	p->is_reclaim = false;
	if (p->where == ISOLATED || p->is_locked)
		return;
	p->is_active = false;
	model_moved(id, true);
}

static void isolate_one(struct test *t, unsigned int id)
{
	struct model_page *p = &model.pages[id];

	if (p->where == ISOLATED) {
		putback_lru_page(p->page);
		model_insert(id, false);
		return;
	}
	EXPECT_OK(t, isolate_lru_page(p->page));
	model_remove(id);
	p->where = ISOLATED;
}

static void drop(unsigned int id)
{
	struct model_page *p = &model.pages[id];

	if (p->where == ISOLATED)
		return;
	put_page(p->page);
	model_remove(id);
	*p = (struct model_page){ 0 };
}

static void scan(struct test *t, struct test_random *random)
{
	struct lru_isolation isolation = {
		.list = test_random_below(random, NR_LRU_LISTS),
		.highest = ZONE_NORMAL,
	};
	unsigned int nr = (unsigned int)test_random_below(random, LRU_BATCH) + 1, nr_taken;
	unsigned int nr_there;

	lru_drain_all();
	model_drain();
	nr_there = model.nr[isolation.list];
	nr_taken = lru_isolate(&isolation, nr);
	EXPECT_EQ(t, nr_taken, min(nr, nr_there));
	for (unsigned int i = 0; i < nr_taken; i++) {
		unsigned int id = model.lists[isolation.list][nr_there - 1 - i];

		EXPECT_EQ(t, (void *)isolation.pages[i], (void *)model.pages[id].page);
	}
	for (unsigned int i = 0; i < nr_taken; i++) {
		unsigned int id = model.lists[isolation.list][nr_there - 1];

		model_remove(id);
		model_insert(id, false);
	}
	lru_putback_pages(isolation.pages, nr_taken);
	put_pages(isolation.pages, nr_taken);
}

static void step(struct test *t, struct test_random *random)
{
	unsigned int id = (unsigned int)test_random_below(random, NR_PAGES);

	if (!model.pages[id].page)
		return add(t, random, id);
	switch (test_random_below(random, 9)) {
	case 0:
		return drop(id);
	case 1:
	case 2:
		return use(id);
	case 3:
		return set_locked(id, true);
	case 4:
		return set_locked(id, false);
	case 5:
		return let_go_first(id);
	case 6:
		return store(id);
	case 7:
		return isolate_one(t, id);
	default:
		return scan(t, random);
	}
}

static bool has(const struct model_page *p, enum page_flag flag)
{
	return page_has_flag(p->page, flag);
}

static void compare(struct test *t)
{
	for (enum lru_list list = 0; list < NR_LRU_LISTS; list++)
		EXPECT_EQ(t, lru_nr_pages(list), (unsigned long)model.nr[list]);
	for (unsigned int id = 0; id < NR_PAGES; id++) {
		const struct model_page *p = &model.pages[id];

		if (!p->page)
			continue;
		EXPECT_EQ(t, has(p, PG_lru), p->where != ISOLATED);
		EXPECT_EQ(t, has(p, PG_active), p->is_active);
		EXPECT_EQ(t, has(p, PG_referenced), p->is_referenced);
		EXPECT_EQ(t, has(p, PG_unevictable), p->is_locked);
		EXPECT_EQ(t, has(p, PG_reclaim), p->is_reclaim);
		EXPECT_EQ(t, page_ref_count(p->page), p->where == ISOLATED ? 2 : 1);
	}
	EXPECT_EQ(t, lru_verify(), 0u);
}

static void random_steps_leave_lists_as_in_the_model(struct test *t)
{
	struct test_random random = test_random_seeded(t, 0x6c72756c69737473UL);

	for (unsigned int i = 0; i < LRU_BATCH; i++)
		model.batch[i] = NR_PAGES;
	for (unsigned int i = 0; i < NR_STEPS && !t->nr_failures; i++) {
		step(t, &random);
		compare(t);
	}
	for (unsigned int id = 0; id < NR_PAGES; id++) {
		if (model.pages[id].where == ISOLATED)
			isolate_one(t, id);
		if (model.pages[id].page)
			drop(id);
	}
	compare(t);
	EXPECT_EQ(t, lru_nr_isolated(), 0ul);
}

static const struct test_case lru_cases[] = {
	TEST_CASE(random_steps_leave_lists_as_in_the_model),
};
TEST_SUITE(lru, lru_cases);
