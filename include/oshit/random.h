/* SPDX-License-Identifier: GPL-2.0-only */
/* Random numbers that nobody can predict. */
#ifndef OSHIT_RANDOM_H
#define OSHIT_RANDOM_H

#include <oshit/types.h>

/* Any context but NMI. */
void random_bytes(void *to, size_t len);
u64 random_u64(void);

/* Adds what an attacker may not know; never harms. Any context but NMI. */
void random_stir(const void *bytes, size_t len);

/* Seeds from the machine. Boot, once per-CPU data works. */
void random_init(void);

#endif
