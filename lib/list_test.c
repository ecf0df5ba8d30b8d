/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Lists against arrays: each operation is also done on an array of values, and the list must then
 * hold the array, in both directions.
 */
#include <oshit/list.h>
#include <oshit/math.h>
#include <oshit/test.h>
#include <oshit/test_random.h>

#define NR_ITEMS 32

struct item {
	int value;
	struct list_head link;
	struct hlist_node hash;
};

static void fill(struct list_head *head, struct item *items, int nr)
{
	INIT_LIST_HEAD(head);
	for (int i = 0; i < nr; i++) {
		items[i].value = i;
		list_add_tail(&items[i].link, head);
	}
}

/* The values in the list, read as a decimal number: 1,2,3 is 123. */
static long digits(const struct list_head *head)
{
	const struct item *item;
	long number = 0;

	list_for_each_entry(item, head, link)
		number = number * 10 + item->value;
	return number;
}

static void add_is_a_stack(struct test *t)
{
	struct item a = { .value = 1 }, b = { .value = 2 };
	LIST_HEAD(head);

	EXPECT_TRUE(t, list_empty(&head));
	list_add(&a.link, &head);
	EXPECT_TRUE(t, list_is_singular(&head));
	list_add(&b.link, &head);
	EXPECT_EQ(t, digits(&head), 21);
	EXPECT_FALSE(t, list_is_singular(&head));
}

static void add_tail_is_a_queue(struct test *t)
{
	struct item items[4];
	struct list_head head;

	fill(&head, items, 4);
	EXPECT_EQ(t, digits(&head), 123);
	EXPECT_EQ(t, list_count(&head), 4);
	EXPECT_EQ(t, list_first_entry(&head, struct item, link)->value, 0);
	EXPECT_EQ(t, list_last_entry(&head, struct item, link)->value, 3);
	EXPECT_TRUE(t, list_is_first(&items[0].link, &head));
	EXPECT_TRUE(t, list_is_last(&items[3].link, &head));
}

static void deleted_entry_is_poisoned(struct test *t)
{
	struct item items[3];
	struct list_head head;

	fill(&head, items, 3);
	list_del(&items[1].link);
	EXPECT_EQ(t, digits(&head), 2);
	EXPECT_TRUE(t, items[1].link.next == LIST_POISON1);
	list_del_init(&items[2].link);
	EXPECT_TRUE(t, list_empty(&items[2].link));
	EXPECT_TRUE(t, list_is_singular(&head));
}

static void first_of_empty_list_is_null(struct test *t)
{
	struct item items[1];
	struct list_head head;

	fill(&head, items, 0);
	EXPECT_TRUE(t, !list_first_entry_or_null(&head, struct item, link));
	fill(&head, items, 1);
	EXPECT_TRUE(t, list_first_entry_or_null(&head, struct item, link) == &items[0]);
}

static void move_and_replace_keep_the_rest(struct test *t)
{
	struct item items[4], other = { .value = 9 };
	struct list_head head;

	fill(&head, items, 4);
	list_move(&items[2].link, &head);
	EXPECT_EQ(t, digits(&head), 2013);
	list_move_tail(&items[0].link, &head);
	EXPECT_EQ(t, digits(&head), 2130);
	list_replace(&items[1].link, &other.link);
	EXPECT_EQ(t, digits(&head), 2930);
}

static void splice_moves_all(struct test *t)
{
	struct item a[3], b[3];
	struct list_head head, other;

	fill(&head, a, 3);
	fill(&other, b, 3);
	list_splice_init(&other, &head);
	EXPECT_EQ(t, digits(&head), 12012);
	EXPECT_TRUE(t, list_empty(&other));
	list_splice_init(&other, &head);
	EXPECT_EQ(t, list_count(&head), 6);

	fill(&head, a, 2);
	fill(&other, b, 3);
	list_splice_tail_init(&other, &head);
	EXPECT_EQ(t, digits(&head), 1012);
}

static void cut_moves_the_front(struct test *t)
{
	struct item items[4];
	LIST_HEAD(front);
	struct list_head head;

	fill(&head, items, 4);
	list_cut_position(&front, &head, &items[1].link);
	EXPECT_EQ(t, digits(&front), 1);
	EXPECT_EQ(t, list_count(&front), 2);
	EXPECT_EQ(t, digits(&head), 23);
}

static void safe_loop_allows_deletion(struct test *t)
{
	struct item items[NR_ITEMS], *item, *next;
	struct list_head head;
	int nr = 0;

	fill(&head, items, NR_ITEMS);
	list_for_each_entry_safe(item, next, &head, link) {
		list_del(&item->link);
		nr++;
	}
	EXPECT_EQ(t, nr, NR_ITEMS);
	EXPECT_TRUE(t, list_empty(&head));
}

/* Inserts and removes at random places of an array; the list does the same. */
static void list_follows_its_model(struct test *t)
{
	struct test_random random = test_random_seeded(t, 0x115700);
	struct item items[NR_ITEMS], *item;
	struct item *model[NR_ITEMS];
	struct list_head head;
	size_t nr = 0, used = 0;

	fill(&head, items, 0);
	for (int step = 0; step < 20000; step++) {
		size_t at = test_random_below(&random, nr + 1);
		size_t i;

		if (at == nr && used < NR_ITEMS) {
			model[nr++] = &items[used++];
			list_add_tail(&model[at]->link, &head);
		} else if (at < nr && nr > 1) {
			list_move_tail(&model[at]->link, &head);
			for (item = model[at], i = at; i + 1 < nr; i++)
				model[i] = model[i + 1];
			model[nr - 1] = item;
		}
		i = 0;
		list_for_each_entry(item, &head, link)
			ASSERT_TRUE(t, i < nr && item == model[i++]);
		ASSERT_EQ(t, i, nr);
		list_for_each_entry_reverse(item, &head, link)
			ASSERT_TRUE(t, i > 0 && item == model[--i]);
	}
}

static void hlist_adds_and_deletes(struct test *t)
{
	struct item a = { .value = 1 }, b = { .value = 2 }, c = { .value = 3 }, *item;
	struct hlist_node *next;
	HLIST_HEAD(head);
	int number = 0;

	INIT_HLIST_NODE(&a.hash);
	EXPECT_TRUE(t, hlist_empty(&head) && hlist_unhashed(&a.hash));
	hlist_del_init(&a.hash);
	hlist_add_head(&a.hash, &head);
	hlist_add_head(&b.hash, &head);
	hlist_add_behind(&c.hash, &b.hash);
	hlist_for_each_entry(item, &head, hash)
		number = number * 10 + item->value;
	EXPECT_EQ(t, number, 231);

	hlist_del_init(&c.hash);
	EXPECT_TRUE(t, hlist_unhashed(&c.hash));
	hlist_for_each_entry_safe(item, next, &head, hash) hlist_del(&item->hash);
	EXPECT_TRUE(t, hlist_empty(&head));
	EXPECT_TRUE(t, a.hash.pprev == LIST_POISON2);
}

static const struct test_case list_cases[] = {
	TEST_CASE(add_is_a_stack),
	TEST_CASE(add_tail_is_a_queue),
	TEST_CASE(deleted_entry_is_poisoned),
	TEST_CASE(first_of_empty_list_is_null),
	TEST_CASE(move_and_replace_keep_the_rest),
	TEST_CASE(splice_moves_all),
	TEST_CASE(cut_moves_the_front),
	TEST_CASE(safe_loop_allows_deletion),
	TEST_CASE(list_follows_its_model),
	TEST_CASE(hlist_adds_and_deletes),
};
TEST_SUITE(list, list_cases);
