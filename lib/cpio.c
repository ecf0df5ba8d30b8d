/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * cpio's newc format.  An entry is a header of 13 numbers in 8 hexadecimal digits each behind the
 * magic 070701 (070702: the last number is the sum of the data's bytes), the name with its 0, and
 * the data; name and data each begin and end at a multiple of 4 bytes from the start.  An entry
 * named TRAILER!!! ends an archive; zeros may follow, and another archive.
 *
 * Lengths are compared with what is left before they are used, so nothing can wrap.  An archive
 * without its trailer was cut, which is an error like any other: entries up to there are good.
 * Names are not judged here: "..", "/" at the start and names twice are for who unpacks.
 *
 * Any context; the only state is in the reader.
 */
#include <linux/errno.h>

#include <oshit/cpio.h>
#include <oshit/ctype.h>
#include <oshit/math.h>
#include <oshit/string.h>

#define MAGIC_LEN  6
#define DIGITS	   8
#define HEADER_LEN (MAGIC_LEN + NR_FIELDS * DIGITS)

enum header_field {
	INO,
	MODE,
	UID,
	GID,
	NLINK,
	MTIME,
	FILE_SIZE,
	DEV_MAJOR,
	DEV_MINOR,
	RDEV_MAJOR,
	RDEV_MINOR,
	NAME_SIZE, /* with the 0 */
	CHECKSUM,
	NR_FIELDS
};

static_assert(HEADER_LEN == 110, "as cpio(5) says");

void cpio_open(struct cpio_reader *reader, const void *buf, size_t size)
{
	reader->buf = buf;
	reader->size = size;
	reader->pos = 0;
	reader->error = NULL;
	reader->in_archive = false;
}

static int fail(struct cpio_reader *reader, const char *why)
{
	reader->error = why;
	return -EINVAL;
}

static bool parse_header(const u8 *digits, u32 *fields)
{
	for (int i = 0; i < NR_FIELDS; i++) {
		fields[i] = 0;
		for (int n = 0; n < DIGITS; n++, digits++) {
			if (!isxdigit(*digits))
				return false;
			fields[i] = fields[i] << 4 | digit_value(*digits);
		}
	}
	return true;
}

static bool is_compressed(const u8 *bytes)
{
	static const u8 magics[][2] = { { 0x1f, 0x8b }, { 0xfd, '7' }, { 0x28, 0xb5 },
					{ 'B', 'Z' },	{ 0x5d, 0 },   { 0x02, 0x21 } };

	for (size_t i = 0; i < ARRAY_SIZE(magics); i++) {
		if (!memcmp(bytes, magics[i], sizeof(magics[i])))
			return true;
	}
	return false;
}

static const char *magic_error(const u8 *bytes)
{
	if (!memcmp(bytes, "070707", MAGIC_LEN))
		return "archive is of the old format, not newc";
	if (is_compressed(bytes))
		return "archive is compressed";
	return "bad magic number";
}

static bool magic_ok(const u8 *bytes)
{
	return !memcmp(bytes, "070701", MAGIC_LEN) || !memcmp(bytes, "070702", MAGIC_LEN);
}

static u32 sum_bytes(const u8 *bytes, size_t len)
{
	u32 sum = 0;

	while (len--)
		sum += *bytes++;
	return sum;
}

/* Passes over zeros between archives; false at the end of the bytes. */
static bool skip_zeros(struct cpio_reader *reader)
{
	const u8 *next = memchr_inv(reader->buf + reader->pos, 0, reader->size - reader->pos);

	reader->pos = next ? ALIGN_DOWN((size_t)(next - reader->buf), 4UL) : reader->size;
	return next;
}

/* The header at the reader's position, into fields. */
static int read_header(struct cpio_reader *reader, u32 *fields)
{
	const u8 *header = reader->buf + reader->pos;
	size_t left = reader->size - reader->pos;

	if (left >= MAGIC_LEN && !magic_ok(header))
		return fail(reader, magic_error(header));
	if (left < HEADER_LEN)
		return fail(reader, "header is cut off");
	if (!parse_header(header + MAGIC_LEN, fields))
		return fail(reader, "header has a bad digit");
	return 0;
}

static int read_name(struct cpio_reader *reader, const u32 *fields, struct cpio_entry *entry)
{
	size_t start = reader->pos + HEADER_LEN;
	size_t size = fields[NAME_SIZE];

	if (!size || size - 1 > CPIO_NAME_MAX)
		return fail(reader, "name has an impossible length");
	if (size > reader->size - start)
		return fail(reader, "name is cut off");
	entry->name = (const char *)reader->buf + start;
	entry->name_len = size - 1;
	if (strnlen(entry->name, size) != size - 1)
		return fail(reader, "name does not end where it should");
	return 0;
}

/* The data, behind the name, and where the next header is. */
static int read_data(struct cpio_reader *reader, const u32 *fields, struct cpio_entry *entry,
		     size_t *next)
{
	size_t start = ALIGN_UP(reader->pos + HEADER_LEN + fields[NAME_SIZE], 4UL);
	size_t size = fields[FILE_SIZE];
	const u8 *magic = reader->buf + reader->pos;

	if (size && (start > reader->size || size > reader->size - start))
		return fail(reader, "data is cut off");
	entry->data = size ? reader->buf + start : reader->buf;
	entry->size = size;
	if (magic[MAGIC_LEN - 1] == '2' && sum_bytes(entry->data, size) != fields[CHECKSUM])
		return fail(reader, "data has a wrong checksum");
	*next = min(ALIGN_UP(start + size, 4UL), reader->size);
	return 0;
}

static void fill_entry(const u32 *fields, struct cpio_entry *entry)
{
	entry->ino = fields[INO];
	entry->mode = fields[MODE];
	entry->uid = fields[UID];
	entry->gid = fields[GID];
	entry->nlink = fields[NLINK];
	entry->mtime = fields[MTIME];
	entry->dev_major = fields[DEV_MAJOR];
	entry->dev_minor = fields[DEV_MINOR];
	entry->rdev_major = fields[RDEV_MAJOR];
	entry->rdev_minor = fields[RDEV_MINOR];
}

/* An entry of any name, trailers too. */
static int read_entry(struct cpio_reader *reader, struct cpio_entry *entry)
{
	u32 fields[NR_FIELDS];
	size_t next = 0;
	int err = read_header(reader, fields);

	err = err ?: read_name(reader, fields, entry);
	err = err ?: read_data(reader, fields, entry, &next);
	if (err)
		return err;
	fill_entry(fields, entry);
	reader->pos = next;
	return 0;
}

int cpio_next(struct cpio_reader *reader, struct cpio_entry *entry)
{
	if (reader->error)
		return -EINVAL;
	for (;;) {
		if (!reader->in_archive && !skip_zeros(reader))
			return 0;
		if (reader->pos == reader->size)
			return fail(reader, "archive ends without a trailer");
		if (read_entry(reader, entry))
			return -EINVAL;
		reader->in_archive = strcmp(entry->name, "TRAILER!!!") != 0;
		if (reader->in_archive)
			return 1;
	}
}
