/* SPDX-License-Identifier: GPL-2.0-only */
/* What the registers of the real-time clock mean, in each format that they can have. */
#include <oshit/math.h>
#include <oshit/test.h>

#include "cmos.h"

static const struct {
	struct cmos_reading reading; /* second minute hour day month year century format */
	struct date date;
} good[] = {
	{ { 0x59, 0x30, 0x23, 0x31, 0x12, 0x24, 0x20, CMOS_24_HOURS },
	  { 2024, 12, 31, 23, 30, 59 } },
	{ { 59, 30, 23, 31, 12, 24, 20, CMOS_24_HOURS | CMOS_BINARY },
	  { 2024, 12, 31, 23, 30, 59 } },
	/* 12 hours: midnight is 12 AM, noon is 12 PM */
	{ { 0, 0, 0x12, 1, 1, 0x24, 0x20, 0 }, { 2024, 1, 1, 0, 0, 0 } },
	{ { 0, 0, 0x12 | CMOS_PM, 1, 1, 0x24, 0x20, 0 }, { 2024, 1, 1, 12, 0, 0 } },
	{ { 0, 0, 11 | CMOS_PM, 1, 1, 24, 20, CMOS_BINARY }, { 2024, 1, 1, 23, 0, 0 } },
	{ { 0, 0, 0x01, 1, 1, 0x24, 0x20, 0 }, { 2024, 1, 1, 1, 0, 0 } },
	/* centuries: by register, none, nonsense in it */
	{ { 0, 0, 0, 1, 1, 0x05, 0x21, CMOS_24_HOURS }, { 2105, 1, 1, 0, 0, 0 } },
	{ { 0, 0, 0, 1, 1, 0x69, 0, CMOS_24_HOURS }, { 2069, 1, 1, 0, 0, 0 } },
	{ { 0, 0, 0, 1, 1, 0x70, 0, CMOS_24_HOURS }, { 1970, 1, 1, 0, 0, 0 } },
	{ { 0, 0, 0, 1, 1, 0x24, 0xff, CMOS_24_HOURS }, { 2024, 1, 1, 0, 0, 0 } },
	{ { 0, 0, 0, 0x29, 0x02, 0x24, 0, CMOS_24_HOURS }, { 2024, 2, 29, 0, 0, 0 } },
};

static const struct cmos_reading bad[] = {
	{ 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff }, /* no device */
	{ 0x5a, 0, 0, 1, 1, 0x24, 0, CMOS_24_HOURS }, /* no digit */
	{ 0x60, 0, 0, 1, 1, 0x24, 0, CMOS_24_HOURS },
	{ 0, 0, 0x13, 1, 1, 0x24, 0, 0 },
	{ 0, 0, 0x00, 1, 1, 0x24, 0, 0 },
	{ 0, 0, 0, 0x29, 0x02, 0x23, 0, CMOS_24_HOURS }, /* no leap year */
	{ 0, 0, 0, 0, 0, 0, 0, CMOS_24_HOURS }, /* a battery that is empty */
	{ 0, 0, 0, 1, 1, 100, 20, CMOS_24_HOURS | CMOS_BINARY },
};

static void every_format_is_understood(struct test *t)
{
	for (size_t i = 0; i < ARRAY_SIZE(good); i++) {
		struct date date = { 0 };

		EXPECT_OK(t, cmos_decode(&good[i].reading, &date));
		EXPECT_EQ(t, date_to_seconds(&date), date_to_seconds(&good[i].date));
	}
}

static void nonsense_is_no_date(struct test *t)
{
	struct date date;

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		EXPECT_NE(t, cmos_decode(&bad[i], &date), 0);
}

static const struct test_case cmos_cases[] = {
	TEST_CASE(every_format_is_understood),
	TEST_CASE(nonsense_is_no_date),
};
TEST_SUITE(cmos, cmos_cases);
