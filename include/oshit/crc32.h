/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef OSHIT_CRC32_H
#define OSHIT_CRC32_H

#include <oshit/types.h>

#define CRC32_INIT 0u

/**
 * crc32() - the cyclic redundancy check of Ethernet, zip and GPT, polynomial 0x04c11db7 reflected
 * @crc: CRC32_INIT, or the result for the bytes before
 * Any context.
 */
u32 crc32(u32 crc, const void *data, size_t len);

#endif
