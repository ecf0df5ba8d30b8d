/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef OSHIT_SIZES_H
#define OSHIT_SIZES_H

#define KIB(n) ((n)*1024UL)
#define MIB(n) ((n)*1024UL * 1024)
#define GIB(n) ((n)*1024UL * 1024 * 1024)
#define TIB(n) ((n)*1024UL * 1024 * 1024 * 1024)

#endif
