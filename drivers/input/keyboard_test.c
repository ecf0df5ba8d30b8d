/* SPDX-License-Identifier: GPL-2.0-only */
/* What keys send.  A test presses keys by their scan codes. */
#include <oshit/string.h>
#include <oshit/test.h>

#include "keyboard.h"

#define UP(code)  ((code) | 0x80)
#define KEYS(...) type((const u8[]){ __VA_ARGS__ }, sizeof((const u8[]){ __VA_ARGS__ }))

/* What a keyboard without a key down sends for the codes. */
static const char *type(const u8 *codes, size_t nr_codes)
{
	static char sent[64];
	struct keyboard kb = {};
	char bytes[KEY_BYTES];
	size_t len = 0;

	for (size_t i = 0; i < nr_codes; i++) {
		keyboard_decode(&kb, codes[i], bytes);
		memcpy(sent + len, bytes, strlen(bytes) + 1);
		len += strlen(bytes);
	}
	return sent;
}

static void key_sends_when_pressed(struct test *t)
{
	EXPECT_STREQ(t, KEYS(0x23, UP(0x23), 0x17, UP(0x17)), "hi");
	EXPECT_STREQ(t, KEYS(0x02, 0x0b, 0x0c, 0x39, 0x1c, 0x0e, 0x0f), "10- \r\177\t");
}

static void shift_lasts_while_held(struct test *t)
{
	EXPECT_STREQ(t, KEYS(0x2a, 0x1e, UP(0x2a), 0x1e), "Aa");
	EXPECT_STREQ(t, KEYS(0x36, 0x02, 0x35, 0x56, UP(0x36), 0x35, 0x56), "!?>/<");
}

static void caps_lock_turns_letters_alone(struct test *t)
{
	EXPECT_STREQ(t, KEYS(0x3a, UP(0x3a), 0x1e, 0x02, 0x2a, 0x1e, UP(0x2a), 0x3a, 0x1e), "A1aa");
}

static void control_and_alt_change_keys(struct test *t)
{
	EXPECT_STREQ(t, KEYS(0x1d, 0x2e, UP(0x1d), 0x2e), "\003c");
	EXPECT_STREQ(t, KEYS(0xe0, 0x1d, 0x1e, 0xe0, UP(0x1d)), "\001");
	EXPECT_STREQ(t, KEYS(0x38, 0x30, UP(0x38), 0x30), "\033bb");
}

static void moving_keys_send_sequences(struct test *t)
{
	EXPECT_STREQ(t, KEYS(0xe0, 0x48, 0xe0, UP(0x48)), "\033[A");
	EXPECT_STREQ(t, KEYS(0xe0, 0x50, 0xe0, 0x4d, 0xe0, 0x4b), "\033[B\033[C\033[D");
	EXPECT_STREQ(t, KEYS(0xe0, 0x47, 0xe0, 0x4f, 0xe0, 0x53), "\033[H\033[F\033[3~");
}

/* Under Num Lock keyboards put a shift with 0xe0 around the moving keys. */
static void false_shift_is_no_shift(struct test *t)
{
	EXPECT_STREQ(t, KEYS(0x45, 0xe0, 0x2a, 0xe0, 0x48, 0xe0, UP(0x48), 0xe0, UP(0x2a)),
		     "\033[A");
	EXPECT_STREQ(t, KEYS(0xe0, 0x2a, 0x1e), "a");
}

static void keypad_follows_num_lock(struct test *t)
{
	EXPECT_STREQ(t, KEYS(0x47, 0x4a, 0x45, 0x47, 0x53, 0x2a, 0x47), "\033[H-7.\033[H");
	EXPECT_STREQ(t, KEYS(0xe0, 0x35, 0xe0, 0x1c, 0x37), "/\r*");
}

static void pause_and_unknown_codes_send_nothing(struct test *t)
{
	EXPECT_STREQ(t, KEYS(0xe1, 0x1d, 0x45, 0xe1, 0x9d, 0xc5, 0x1e), "a");
	EXPECT_STREQ(t, KEYS(0x00, 0x3b, 0x58, 0x7f, 0xff, 0xfa, 0x1e), "a");
}

static void any_codes_fit_the_buffer(struct test *t)
{
	struct keyboard kb = {};
	char bytes[KEY_BYTES];
	unsigned int seed = 1;

	for (unsigned int i = 0; i < 100000; i++) {
		seed = seed * 1103515245 + 12345;
		keyboard_decode(&kb, (u8)(seed >> 16), bytes);
		ASSERT_TRUE(t, memchr(bytes, 0, sizeof(bytes)) != NULL);
	}
}

static const struct test_case keyboard_cases[] = {
	TEST_CASE(key_sends_when_pressed),	  TEST_CASE(shift_lasts_while_held),
	TEST_CASE(caps_lock_turns_letters_alone), TEST_CASE(control_and_alt_change_keys),
	TEST_CASE(moving_keys_send_sequences),	  TEST_CASE(false_shift_is_no_shift),
	TEST_CASE(keypad_follows_num_lock),	  TEST_CASE(pause_and_unknown_codes_send_nothing),
	TEST_CASE(any_codes_fit_the_buffer),
};
TEST_SUITE(keyboard, keyboard_cases);
