/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * ChaCha20, the block function alone: 16 words, of which four are constants, eight the key, one the
 * number of the block and three the nonce, mixed in twenty rounds and added to what they were.
 * Source: RFC 8439, 2.1 to 2.3.  Any context, no state.
 */
#include <oshit/bitops.h>
#include <oshit/chacha.h>
#include <oshit/string.h>

#define NR_DOUBLE_ROUNDS 10

static void quarter_round(u32 *x, unsigned int a, unsigned int b, unsigned int c, unsigned int d)
{
	x[a] += x[b];
	x[d] = rol32(x[d] ^ x[a], 16);
	x[c] += x[d];
	x[b] = rol32(x[b] ^ x[c], 12);
	x[a] += x[b];
	x[d] = rol32(x[d] ^ x[a], 8);
	x[c] += x[d];
	x[b] = rol32(x[b] ^ x[c], 7);
}

static void double_round(u32 *x)
{
	quarter_round(x, 0, 4, 8, 12);
	quarter_round(x, 1, 5, 9, 13);
	quarter_round(x, 2, 6, 10, 14);
	quarter_round(x, 3, 7, 11, 15);
	quarter_round(x, 0, 5, 10, 15);
	quarter_round(x, 1, 6, 11, 12);
	quarter_round(x, 2, 7, 8, 13);
	quarter_round(x, 3, 4, 9, 14);
}

void chacha20_block(u32 out[CHACHA_BLOCK_WORDS], const u32 key[CHACHA_KEY_WORDS], u32 counter,
		    const u32 nonce[3])
{
	/* "expand 32-byte k" */
	u32 state[CHACHA_BLOCK_WORDS] = { 0x61707865, 0x3320646e, 0x79622d32, 0x6b206574 };

	memcpy(state + 4, key, CHACHA_KEY_WORDS * sizeof(u32));
	state[12] = counter;
	memcpy(state + 13, nonce, 3 * sizeof(u32));
	memcpy(out, state, sizeof(state));
	for (unsigned int i = 0; i < NR_DOUBLE_ROUNDS; i++)
		double_round(out);
	for (unsigned int i = 0; i < CHACHA_BLOCK_WORDS; i++)
		out[i] += state[i];
}
