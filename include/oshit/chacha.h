/* SPDX-License-Identifier: GPL-2.0-only */
/* The ChaCha20 block function, RFC 8439, 2.3. */
#ifndef OSHIT_CHACHA_H
#define OSHIT_CHACHA_H

#include <oshit/types.h>

#define CHACHA_KEY_WORDS   8
#define CHACHA_BLOCK_WORDS 16
#define CHACHA_BLOCK_SIZE  64 /* bytes */

/* The block number @counter of @key and @nonce. Words are little-endian. */
void chacha20_block(u32 out[CHACHA_BLOCK_WORDS], const u32 key[CHACHA_KEY_WORDS], u32 counter,
		    const u32 nonce[3]);

#endif
