/* SPDX-License-Identifier: GPL-2.0-only */
/* The test vector of RFC 8439, 2.3.2, and that each bit of the key counts. */
#include <oshit/chacha.h>
#include <oshit/string.h>
#include <oshit/test.h>

static const u32 rfc_key[CHACHA_KEY_WORDS] = {
	0x03020100, 0x07060504, 0x0b0a0908, 0x0f0e0d0c,
	0x13121110, 0x17161514, 0x1b1a1918, 0x1f1e1d1c,
};
static const u32 rfc_nonce[3] = { 0x09000000, 0x4a000000, 0x00000000 };

static void block_is_that_of_the_standard(struct test *t)
{
	static const u32 expected[CHACHA_BLOCK_WORDS] = {
		0xe4e7f110, 0x15593bd1, 0x1fdd0f50, 0xc47120a3, 0xc7f4d1c7, 0x0368c033,
		0x9aaa2204, 0x4e6cd4c3, 0x466482d2, 0x09aa9f07, 0x05d7c214, 0xa2028bd9,
		0xd19c12b5, 0xb94e16de, 0xe883d0cb, 0x4e3c50a2,
	};
	u32 block[CHACHA_BLOCK_WORDS];

	chacha20_block(block, rfc_key, 1, rfc_nonce);
	EXPECT_EQ(t, memcmp(block, expected, sizeof(block)), 0);
}

static void each_bit_of_the_key_changes_the_block(struct test *t)
{
	u32 key[CHACHA_KEY_WORDS], first[CHACHA_BLOCK_WORDS], other[CHACHA_BLOCK_WORDS];

	chacha20_block(first, rfc_key, 1, rfc_nonce);
	for (unsigned int bit = 0; bit < 256; bit++) {
		memcpy(key, rfc_key, sizeof(key));
		key[bit / 32] ^= 1u << bit % 32;
		chacha20_block(other, key, 1, rfc_nonce);
		EXPECT_NE(t, memcmp(first, other, sizeof(first)), 0);
	}
}

static const struct test_case chacha_cases[] = {
	TEST_CASE(block_is_that_of_the_standard),
	TEST_CASE(each_bit_of_the_key_changes_the_block),
};
TEST_SUITE(chacha, chacha_cases);
