/* SPDX-License-Identifier: GPL-2.0-only */
/* From scan codes to the bytes of a VT100; see keyboard.c. */
#ifndef KEYBOARD_H
#define KEYBOARD_H

#include <oshit/types.h>

#define KEY_BYTES 8 /* room for what one key sends, with the terminating 0 */

struct keyboard { /* the console owner only */
	bool shift, control, alt; /* held down */
	bool caps_lock, num_lock;
	bool extended; /* the last code was 0xe0 */
	u8 skip; /* codes of the Pause key to come */
};

/* Takes one code of scan code set 1; writes what the key sends, often nothing, as a string. */
void keyboard_decode(struct keyboard *kb, u8 code, char bytes[KEY_BYTES]);

#endif
