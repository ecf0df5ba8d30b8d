/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * CRC-32 (ISO 3309, ITU-T V.42): the remainder of the message, seen as a polynomial over GF(2),
 * lowest bit first, with the first 32 bits and the result inverted.  Four bits a step: sixteen
 * entries of a table, which is short to read and fast enough for a partition table.
 */
#include <oshit/crc32.h>

/* The remainder of each value of four bits. */
static const u32 remainders[16] = {
	0x00000000, 0x1db71064, 0x3b6e20c8, 0x26d930ac, 0x76dc4190, 0x6b6b51f4,
	0x4db26158, 0x5005713c, 0xedb88320, 0xf00f9344, 0xd6d6a3e8, 0xcb61b38c,
	0x9b64c2b0, 0x86d3d2d4, 0xa00ae278, 0xbdbdf21c,
};

u32 crc32(u32 crc, const void *data, size_t len)
{
	const u8 *bytes = data;

	crc = ~crc;
	while (len--) {
		crc ^= *bytes++;
		crc = crc >> 4 ^ remainders[crc & 0xf];
		crc = crc >> 4 ^ remainders[crc & 0xf];
	}
	return ~crc;
}
