/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * cpio archives put together here, whole and broken.  The last test damages a good archive in each
 * byte and cuts it at each length: the reader must come to an end and stay inside, which the host's
 * address sanitizer watches.
 */
#include <linux/errno.h>
#include <linux/stat.h>

#include <oshit/cpio.h>
#include <oshit/math.h>
#include <oshit/printf.h>
#include <oshit/string.h>
#include <oshit/test.h>

#define ARCHIVE_MAX 1024

static struct archive {
	char bytes[ARCHIVE_MAX];
	size_t len;
} archive; /* tests run one by one */

static void begin(void)
{
	memset(&archive, 0, sizeof(archive));
}

static void pad(void)
{
	while (archive.len % 4)
		archive.bytes[archive.len++] = 0;
}

static void put_text(const char *text, size_t len)
{
	memcpy(archive.bytes + archive.len, text, len);
	archive.len += len;
}

struct lengths { /* as the header says, true or not */
	unsigned int name_size, data_size;
};

static void put_header(const char *magic, struct lengths lengths, unsigned int mode,
		       unsigned int sum)
{
	archive.len += (size_t)snprintf(archive.bytes + archive.len, ARCHIVE_MAX - archive.len,
					"%s%08X%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x",
					magic, 7U, mode, 1000U, 100U, 1U, 0x5f000000U,
					lengths.data_size, 8U, 1U, 4U, 65U, lengths.name_size, sum);
}

static void put_entry(const char *name, const char *data, unsigned int mode)
{
	struct lengths lengths = { strlen(name) + 1, strlen(data) };

	put_header("070701", lengths, mode, 0);
	put_text(name, lengths.name_size);
	pad();
	put_text(data, lengths.data_size);
	pad();
}

static void put_trailer(void)
{
	put_entry("TRAILER!!!", "", 0);
}

/* Reads to the end: how many entries, or -1 after an error, which is left in @error. */
static long count_entries(size_t len, const char **error)
{
	struct cpio_reader reader;
	struct cpio_entry entry;
	long nr = 0;
	int ret;

	cpio_open(&reader, archive.bytes, len);
	while ((ret = cpio_next(&reader, &entry)) == 1)
		nr++;
	*error = reader.error ? reader.error : "none";
	return ret == 0 ? nr : -1;
}

static void expect_error(struct test *t, const char *expected)
{
	const char *error;

	EXPECT_EQ(t, count_entries(archive.len, &error), -1);
	EXPECT_STREQ(t, error, expected);
}

static void entry_has_all_fields(struct test *t)
{
	struct cpio_reader reader;
	struct cpio_entry entry;

	begin();
	put_entry("dev/console", "", S_IFCHR | 0600);
	put_entry("etc/motd", "hello", S_IFREG | 0644);
	put_trailer();
	cpio_open(&reader, archive.bytes, archive.len);

	ASSERT_EQ(t, cpio_next(&reader, &entry), 1);
	EXPECT_STREQ(t, entry.name, "dev/console");
	EXPECT_EQ(t, entry.mode, S_IFCHR | 0600);
	EXPECT_EQ(t, entry.rdev_major, 4);
	EXPECT_EQ(t, entry.rdev_minor, 65);
	EXPECT_EQ(t, entry.dev_major, 8);
	EXPECT_EQ(t, entry.ino, 7);
	EXPECT_EQ(t, entry.uid, 1000);
	EXPECT_EQ(t, entry.gid, 100);
	EXPECT_EQ(t, entry.mtime, 0x5f000000);

	ASSERT_EQ(t, cpio_next(&reader, &entry), 1);
	EXPECT_EQ(t, entry.name_len, 8);
	ASSERT_EQ(t, entry.size, 5);
	EXPECT_TRUE(t, !memcmp(entry.data, "hello", 5));
	EXPECT_EQ(t, cpio_next(&reader, &entry), 0);
	EXPECT_EQ(t, cpio_next(&reader, &entry), 0);
}

static void nothing_and_zeros_are_empty(struct test *t)
{
	const char *error;

	begin();
	EXPECT_EQ(t, count_entries(0, &error), 0);
	EXPECT_EQ(t, count_entries(512, &error), 0);
}

static void archives_follow_each_other(struct test *t)
{
	const char *error;

	begin();
	put_entry("a", "1", S_IFREG);
	put_trailer();
	archive.len += 64;
	put_entry("b", "2", S_IFREG);
	put_entry("c", "", S_IFREG);
	put_trailer();
	archive.len += 7;
	EXPECT_EQ(t, count_entries(archive.len, &error), 3);
}

static void missing_trailer_is_noticed(struct test *t)
{
	begin();
	put_entry("a", "data", S_IFREG);
	expect_error(t, "archive ends without a trailer");
}

static void other_formats_are_named(struct test *t)
{
	begin();
	put_text("070707 and so on", 16);
	expect_error(t, "archive is of the old format, not newc");
	begin();
	put_text("\x1f\x8b\x08\0\0\0\0\0", 8);
	expect_error(t, "archive is compressed");
	begin();
	put_text("junk, not an archive", 20);
	expect_error(t, "bad magic number");
}

static void junk_behind_the_trailer_is_noticed(struct test *t)
{
	begin();
	put_trailer();
	put_text("07070", 5);
	expect_error(t, "header is cut off");
}

static void bad_digit_is_noticed(struct test *t)
{
	begin();
	put_entry("a", "", S_IFREG);
	archive.bytes[20] = 'g';
	expect_error(t, "header has a bad digit");
}

static void impossible_lengths_are_noticed(struct test *t)
{
	static const struct {
		struct lengths lengths;
		const char *error;
	} cases[] = {
		{ { 0, 0 }, "name has an impossible length" },
		{ { 4097, 0 }, "name has an impossible length" },
		{ { 0xffffffff, 0 }, "name has an impossible length" },
		{ { 64, 0 }, "name is cut off" },
		{ { 2, 1000 }, "data is cut off" },
		{ { 2, 0xffffffff }, "data is cut off" },
		{ { 3, 0 }, "name does not end where it should" },
		{ { 1, 0 }, "name does not end where it should" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		begin();
		put_header("070701", cases[i].lengths, S_IFREG, 0);
		put_text("a\0\0", 3);
		pad();
		expect_error(t, cases[i].error);
	}
}

static void checksum_is_checked(struct test *t)
{
	const char *error;

	begin();
	put_header("070702", (struct lengths){ 2, 3 }, S_IFREG, 'x' + 'y' + 'z');
	put_text("a", 2);
	pad();
	put_text("xyz", 4);
	put_trailer();
	EXPECT_EQ(t, count_entries(archive.len, &error), 1);
	archive.bytes[112] ^= 1;
	expect_error(t, "data has a wrong checksum");
}

static void error_stays(struct test *t)
{
	struct cpio_reader reader;
	struct cpio_entry entry;

	begin();
	put_text("junkjunk", 8);
	cpio_open(&reader, archive.bytes, archive.len);
	EXPECT_EQ(t, cpio_next(&reader, &entry), -EINVAL);
	EXPECT_EQ(t, cpio_next(&reader, &entry), -EINVAL);
	EXPECT_EQ(t, reader.pos, 0);
}

static void every_cut_is_noticed(struct test *t)
{
	const char *error;

	begin();
	put_entry("some/file", "its text", S_IFREG);
	put_entry("dir", "", S_IFDIR);
	put_trailer();
	ASSERT_EQ(t, count_entries(archive.len, &error), 2);
	/* The last byte is padding; the name before it must be whole. */
	for (size_t len = 1; len < archive.len - 4; len++)
		ASSERT_EQ(t, count_entries(len, &error), -1);
}

static void any_damage_is_survived(struct test *t)
{
	static const char values[] = { 0, '0', '1', 'f', 'F', 'x', ' ', (char)0xff };
	const char *error;

	begin();
	put_entry("some/file", "its text", S_IFREG);
	put_trailer();
	for (size_t i = 0; i < archive.len; i++) {
		char good = archive.bytes[i];

		for (size_t v = 0; v < sizeof(values); v++) {
			archive.bytes[i] = values[v];
			ASSERT_LE(t, count_entries(archive.len, &error), 2);
		}
		archive.bytes[i] = good;
	}
}

static const struct test_case cpio_cases[] = {
	TEST_CASE(entry_has_all_fields),       TEST_CASE(nothing_and_zeros_are_empty),
	TEST_CASE(archives_follow_each_other), TEST_CASE(missing_trailer_is_noticed),
	TEST_CASE(other_formats_are_named),    TEST_CASE(junk_behind_the_trailer_is_noticed),
	TEST_CASE(bad_digit_is_noticed),       TEST_CASE(impossible_lengths_are_noticed),
	TEST_CASE(checksum_is_checked),	       TEST_CASE(error_stays),
	TEST_CASE(every_cut_is_noticed),       TEST_CASE(any_damage_is_survived),
};
TEST_SUITE(cpio, cpio_cases);
