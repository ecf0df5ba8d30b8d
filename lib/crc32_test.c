/* SPDX-License-Identifier: GPL-2.0-only */
#include <oshit/crc32.h>
#include <oshit/test.h>

/* The check value of the catalogue of parametrised CRC algorithms. */
static void check_value_is_the_standards(struct test *t)
{
	EXPECT_EQ(t, crc32(CRC32_INIT, "123456789", 9), 0xcbf43926);
	EXPECT_EQ(t, crc32(CRC32_INIT, "", 0), 0);
}

static void pieces_give_the_same_as_the_whole(struct test *t)
{
	u8 bytes[64];

	for (unsigned int i = 0; i < sizeof(bytes); i++)
		bytes[i] = (u8)(i * 37);
	for (unsigned int i = 0; i <= sizeof(bytes); i++) {
		u32 crc = crc32(CRC32_INIT, bytes, i);

		EXPECT_EQ(t, crc32(crc, bytes + i, sizeof(bytes) - i),
			  crc32(CRC32_INIT, bytes, sizeof(bytes)));
	}
}

static const struct test_case crc32_cases[] = {
	TEST_CASE(check_value_is_the_standards),
	TEST_CASE(pieces_give_the_same_as_the_whole),
};
TEST_SUITE(crc32, crc32_cases);
