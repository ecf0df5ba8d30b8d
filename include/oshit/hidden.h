/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Every symbol, declared as well as defined, is the image's own: the compiler addresses it relative
 * to the instruction pointer and never through a global offset table, so that early_start() works
 * before relocations are applied.  Included by the build before every file (-include).
 */
#ifndef OSHIT_HIDDEN_H
#define OSHIT_HIDDEN_H

#pragma GCC visibility push(hidden)

#endif
