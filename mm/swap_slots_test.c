/* SPDX-License-Identifier: GPL-2.0-only */
/* Slots of a swap device: their order, and random changes against an array of counts. */
#include <oshit/string.h>
#include <oshit/test.h>
#include <oshit/test_random.h>

#include "swap_slots.h"

#define NR_SLOTS 1000 /* no multiple of 64 */
#define NR_STEPS (20000UL * TEST_SCALE)

static void take_range(struct test *t, struct swap_slots *slots, unsigned long first,
		       unsigned long last)
{
	for (unsigned long slot = first; slot <= last; slot++)
		EXPECT_EQ(t, swap_slots_take(slots), slot);
}

static void slots_come_one_behind_the_other(struct test *t)
{
	struct swap_slots slots;

	ASSERT_OK(t, swap_slots_init(&slots, NR_SLOTS));
	take_range(t, &slots, 1, NR_SLOTS - 1);
	EXPECT_EQ(t, slots.nr_used, NR_SLOTS - 1ul);
	EXPECT_EQ(t, swap_slots_take(&slots), 0ul);
	swap_slots_destroy(&slots);
}

static void new_run_begins_in_free_cluster(struct test *t)
{
	struct swap_slots slots;

	ASSERT_OK(t, swap_slots_init(&slots, 64UL * 4));
	take_range(t, &slots, 1, 255);
	/* A hole in the second cluster, and all of the third, which is farther away. */
	EXPECT_EQ(t, swap_slots_put(&slots, 70), 0u);
	for (unsigned long slot = 128; slot < 192; slot++)
		EXPECT_EQ(t, swap_slots_put(&slots, slot), 0u);
	take_range(t, &slots, 128, 191);
	EXPECT_EQ(t, swap_slots_take(&slots), 70ul);
	EXPECT_EQ(t, swap_slots_take(&slots), 0ul);
	swap_slots_destroy(&slots);
}

static void bad_slots_are_never_given(struct test *t)
{
	struct swap_slots slots;

	ASSERT_OK(t, swap_slots_init(&slots, 8));
	swap_slots_mark_bad(&slots, 1);
	swap_slots_mark_bad(&slots, 4);
	swap_slots_mark_bad(&slots, 7);
	EXPECT_TRUE(t, swap_slots_count(&slots, 4) > SWAP_SLOT_MAX);
	EXPECT_TRUE(t, swap_slots_count(&slots, 0) > SWAP_SLOT_MAX);
	EXPECT_EQ(t, slots.nr_used, 0ul);
	take_range(t, &slots, 2, 3);
	take_range(t, &slots, 5, 6);
	EXPECT_EQ(t, swap_slots_take(&slots), 0ul);
	EXPECT_EQ(t, slots.nr_used, 4ul);
	swap_slots_destroy(&slots);
}

static void count_stops_at_its_maximum(struct test *t)
{
	struct swap_slots slots;
	unsigned long slot;

	ASSERT_OK(t, swap_slots_init(&slots, 2));
	slot = swap_slots_take(&slots);
	for (unsigned int i = 1; i < SWAP_SLOT_MAX; i++)
		ASSERT_TRUE(t, swap_slots_get(&slots, slot));
	EXPECT_FALSE(t, swap_slots_get(&slots, slot));
	EXPECT_EQ(t, swap_slots_count(&slots, slot), SWAP_SLOT_MAX);
	for (unsigned int i = SWAP_SLOT_MAX; i--;)
		ASSERT_EQ(t, swap_slots_put(&slots, slot), i);
	EXPECT_EQ(t, swap_slots_take(&slots), slot);
	swap_slots_destroy(&slots);
}

static void device_of_one_page_has_no_slot(struct test *t)
{
	struct swap_slots slots;

	ASSERT_OK(t, swap_slots_init(&slots, 1));
	EXPECT_EQ(t, swap_slots_take(&slots), 0ul);
	swap_slots_destroy(&slots);
}

/* --- against a model --- */

struct model {
	struct swap_slots slots;
	unsigned int counts[NR_SLOTS];
	bool bad[NR_SLOTS];
	unsigned long nr_used, nr_bad;
};

static void compare(struct test *t, const struct model *m)
{
	unsigned long nr_wrong = 0;

	for (unsigned long slot = 0; slot < NR_SLOTS; slot++) {
		unsigned int count = swap_slots_count(&m->slots, slot);

		nr_wrong += m->bad[slot] ? count <= SWAP_SLOT_MAX : count != m->counts[slot];
	}
	EXPECT_EQ(t, nr_wrong, 0ul);
	EXPECT_EQ(t, m->slots.nr_used, m->nr_used);
}

static void take_one(struct test *t, struct model *m)
{
	unsigned long slot = swap_slots_take(&m->slots);

	if (!slot) {
		EXPECT_EQ(t, m->nr_used, NR_SLOTS - m->nr_bad);
		return;
	}
	ASSERT_TRUE(t, slot < NR_SLOTS);
	EXPECT_FALSE(t, m->bad[slot]);
	EXPECT_EQ(t, m->counts[slot], 0u);
	m->counts[slot] = 1;
	m->nr_used++;
}

static void change_one(struct test *t, struct model *m, unsigned long slot, bool more)
{
	if (m->bad[slot] || !m->counts[slot])
		return;
	if (more) {
		EXPECT_TRUE(t, swap_slots_get(&m->slots, slot));
		m->counts[slot]++;
		return;
	}
	EXPECT_EQ(t, swap_slots_put(&m->slots, slot), --m->counts[slot]);
	m->nr_used -= !m->counts[slot];
}

static void mark_some_bad(struct model *m, struct test_random *random)
{
	m->bad[0] = true;
	m->nr_bad = 1;
	for (unsigned int i = 0; i < 20; i++) {
		unsigned long slot = test_random_below(random, NR_SLOTS);

		if (m->bad[slot])
			continue;
		swap_slots_mark_bad(&m->slots, slot);
		m->bad[slot] = true;
		m->nr_bad++;
	}
}

/* Times in which most is taken and times in which most is given back follow each other, so that
 * the device is full and empty now and then. */
static void random_changes_agree_with_array(struct test *t)
{
	static struct model m;
	struct test_random random = test_random_seeded(t, 0x5109f00d2468ace1UL);

	memset(&m, 0, sizeof(m));
	ASSERT_OK(t, swap_slots_init(&m.slots, NR_SLOTS));
	mark_some_bad(&m, &random);
	for (unsigned long step = 0; step < NR_STEPS; step++) {
		bool fills = step / (NR_SLOTS * 4) % 2 == 0;
		u64 dice = test_random_below(&random, 8);

		if (dice < (fills ? 5 : 1))
			take_one(t, &m);
		else
			change_one(t, &m, test_random_below(&random, NR_SLOTS), dice == 7);
		if (step % 256 == 0)
			compare(t, &m);
	}
	compare(t, &m);
	swap_slots_destroy(&m.slots);
}

static const struct test_case swap_slots_cases[] = {
	TEST_CASE(slots_come_one_behind_the_other), TEST_CASE(new_run_begins_in_free_cluster),
	TEST_CASE(bad_slots_are_never_given),	    TEST_CASE(count_stops_at_its_maximum),
	TEST_CASE(device_of_one_page_has_no_slot),  TEST_CASE(random_changes_agree_with_array),
};
TEST_SUITE(swap_slots, swap_slots_cases);
