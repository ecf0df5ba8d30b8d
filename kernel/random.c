/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Random numbers.
 *
 * A key of 256 bits is all the state.  Each request makes blocks of ChaCha20 with it; the first 32
 * bytes of them are the next key, the rest is what is given away, so that who learns the state
 * later learns nothing of what was given before ("fast key erasure", D. J. Bernstein, 2017).  What
 * comes in is added to the key before a block that makes the next one.
 *
 * The seed: the processor's random instructions where there are any, the time, and what the boot
 * loader told.  Without the former, early numbers are only as unpredictable as the time.
 *
 * Locks: pool.lock, interrupts off, for one block.
 */
#include <arch/processor.h>
#include <oshit/boot_info.h>
#include <oshit/chacha.h>
#include <oshit/init.h>
#include <oshit/math.h>
#include <oshit/random.h>
#include <oshit/spinlock.h>
#include <oshit/string.h>

#define KEY_SIZE	  (CHACHA_KEY_WORDS * sizeof(u32))
#define BLOCK_GIVES	  (CHACHA_BLOCK_SIZE - KEY_SIZE) /* bytes for the asker */
#define NR_HARDWARE_WORDS 8

static const u32 no_nonce[3];

static struct { /* p: ->lock, interrupts off */
	raw_spinlock_t lock;
	u32 key[CHACHA_KEY_WORDS]; /* p */
} pool = { .lock = RAW_SPINLOCK_INIT };

/* A block, half of which replaces the key. The other half is the caller's. */
static void next_block(u8 out[BLOCK_GIVES])
{
	u32 block[CHACHA_BLOCK_WORDS];
	unsigned long flags;

	raw_spin_lock_irqsave(&pool.lock, flags);
	chacha20_block(block, pool.key, 0, no_nonce);
	memcpy(pool.key, block, KEY_SIZE);
	raw_spin_unlock_irqrestore(&pool.lock, flags);
	memcpy(out, block + CHACHA_KEY_WORDS, BLOCK_GIVES);
}

void random_bytes(void *to, size_t len)
{
	u8 block[BLOCK_GIVES];

	while (len) {
		size_t part = min(len, sizeof(block));

		next_block(block);
		memcpy(to, block, part);
		to = (u8 *)to + part;
		len -= part;
	}
}

u64 random_u64(void)
{
	u64 value;

	random_bytes(&value, sizeof(value));
	return value;
}

static void stir_key(const u8 *bytes, size_t len)
{
	u8 key[KEY_SIZE] = { 0 };
	u32 block[CHACHA_BLOCK_WORDS];
	unsigned long flags;

	memcpy(key, bytes, len);
	raw_spin_lock_irqsave(&pool.lock, flags);
	for (size_t i = 0; i < KEY_SIZE; i++)
		((u8 *)pool.key)[i] ^= key[i];
	chacha20_block(block, pool.key, 0, no_nonce);
	memcpy(pool.key, block, KEY_SIZE);
	raw_spin_unlock_irqrestore(&pool.lock, flags);
}

void random_stir(const void *bytes, size_t len)
{
	while (len) {
		size_t part = min(len, KEY_SIZE);

		stir_key(bytes, part);
		bytes = (const u8 *)bytes + part;
		len -= part;
	}
}

__init void random_init(void)
{
	for (unsigned int i = 0; i < NR_HARDWARE_WORDS; i++) {
		u64 words[2] = { cpu_cycles(), 0 };

		cpu_random(&words[1]);
		random_stir(words, sizeof(words));
	}
	random_stir(&boot_info, sizeof(boot_info));
}
