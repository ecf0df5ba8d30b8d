/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * From scan codes to bytes.  A key sends its code of set 1 when it goes down, and the same with bit
 * 7 when it comes up; keys that the first PC did not have send 0xe0 before it.  Pause alone sends
 * 0xe1 and five more, which mean nothing here.  The layout is that of the US; keys that move send
 * what a VT100 sends, Alt puts ESC before a key.
 */
#include <oshit/ctype.h>
#include <oshit/math.h>
#include <oshit/string.h>

#include "keyboard.h"

#define CODE_EXTENDED	 0xe0
#define CODE_PAUSE	 0xe1
#define PAUSE_REST	 5
#define CODE_RELEASED	 0x80
#define CODE_CONTROL	 0x1d
#define CODE_LEFT_SHIFT	 0x2a
#define CODE_SLASH	 0x35
#define CODE_RIGHT_SHIFT 0x36
#define CODE_ALT	 0x38
#define CODE_CAPS_LOCK	 0x3a
#define CODE_NUM_LOCK	 0x45
#define CODE_KEYPAD	 0x47 /* 7 of the keypad; the rest follows */
#define CODE_KEYPAD_END	 0x53
#define CODE_102ND	 0x56 /* beside the left shift on European keyboards */

/* By scan code; 0: sends nothing by itself. */
/* clang-format off */
static const char plain_keys[] =
	"\0\0331234567890-=\177\t"	/* 00 - 0f */
	"qwertyuiop[]\r\0as"		/* 10 - 1f */
	"dfghjkl;'`\0\\zxcv"		/* 20 - 2f */
	"bnm,./\0*\0 ";			/* 30 - 39 */
static const char shifted_keys[] =
	"\0\033!@#$%^&*()_+\177\t"
	"QWERTYUIOP{}\r\0AS"
	"DFGHJKL:\"~\0|ZXCV"
	"BNM<>?\0*\0 ";
/* clang-format on */

static const char keypad_digits[] = "789-456+1230.";

/* The same keys with 0xe0, or without Num Lock; what stands after ESC [. */
static const char *const keypad_moves[] = { "H",  "A", "5~", NULL, "D",	 NULL, "C",
					    NULL, "F", "B",  "6~", "2~", "3~" };

/* Keeps track of the keys that change others; false if @code is none of them. */
static bool is_modifier(struct keyboard *kb, u8 code, bool pressed)
{
	switch (code) {
	case CODE_LEFT_SHIFT:
	case CODE_RIGHT_SHIFT:
		/* With 0xe0 it is no key: keyboards wrap the moving keys in it under Num Lock. */
		if (!kb->extended)
			kb->shift = pressed;
		return true;
	case CODE_CONTROL:
		kb->control = pressed;
		return true;
	case CODE_ALT:
		kb->alt = pressed;
		return true;
	case CODE_CAPS_LOCK:
		kb->caps_lock ^= pressed;
		return true;
	case CODE_NUM_LOCK:
		kb->num_lock ^= pressed;
		return true;
	}
	return false;
}

static char character(const struct keyboard *kb, u8 code)
{
	char c;

	if (code == CODE_102ND)
		return kb->shift ? '>' : '<';
	if (code >= sizeof(plain_keys) - 1)
		return 0;
	c = plain_keys[code];
	if (kb->shift != (kb->caps_lock && isalpha(c)))
		c = shifted_keys[code];
	return c;
}

static void send_character(const struct keyboard *kb, char c, char *bytes)
{
	if (kb->control && c >= '@' && c < 0x7f)
		c &= 0x1f;
	if (kb->alt && c)
		*bytes++ = '\033';
	*bytes = c;
}

static void send_keypad(const struct keyboard *kb, u8 code, char *bytes)
{
	unsigned int key = code - CODE_KEYPAD;
	bool is_digit = !kb->extended && kb->num_lock != kb->shift;

	if (is_digit || !keypad_moves[key]) {
		bytes[0] = keypad_digits[key];
	} else {
		bytes[0] = '\033';
		bytes[1] = '[';
		strscpy(bytes + 2, keypad_moves[key], KEY_BYTES - 2);
	}
}

static void key_pressed(const struct keyboard *kb, u8 code, char *bytes)
{
	if (code >= CODE_KEYPAD && code <= CODE_KEYPAD_END)
		send_keypad(kb, code, bytes);
	else if (kb->extended && code == CODE_SLASH)
		bytes[0] = '/';
	else
		send_character(kb, character(kb, code), bytes);
}

void keyboard_decode(struct keyboard *kb, u8 code, char bytes[KEY_BYTES])
{
	bool pressed = !(code & CODE_RELEASED);

	memset(bytes, 0, KEY_BYTES);
	if (kb->skip) {
		kb->skip--;
	} else if (code == CODE_EXTENDED) {
		kb->extended = true;
		return;
	} else if (code == CODE_PAUSE) {
		kb->skip = PAUSE_REST;
	} else {
		code &= ~CODE_RELEASED;
		if (!is_modifier(kb, code, pressed) && pressed)
			key_pressed(kb, code, bytes);
	}
	kb->extended = false;
}
