/* SPDX-License-Identifier: GPL-2.0-only */
/* Reading of files of /proc and /sys, for the tests of these. */
#ifndef SELFTEST_PROC_H
#define SELFTEST_PROC_H

#include <stdarg.h>

#include "selftest.h"

#define MAX_TEXT 65536

/* The whole file, and a 0, in @text of @size bytes. Its length, or -errno. */
static inline long read_text(const char *path, char *text, size_t size)
{
	long fd = kcall(SYS_open, path, O_RDONLY), len = 0, got = 1;

	if (fd < 0)
		return fd;
	while (got > 0 && (size_t)len < size - 1) {
		got = kcall(SYS_read, fd, text + len, size - 1 - (size_t)len);
		if (got > 0)
			len += got;
	}
	close((int)fd);
	text[len] = '\0';
	return got < 0 ? got : len;
}

/* The same; the end of the case if it cannot be read. Valid until the next call. */
static inline char *proc_text(struct test *t, const char *path)
{
	static char text[MAX_TEXT];
	long len = read_text(path, text, sizeof(text));

	if (len < 0)
		test_note(t, "%s: %s", path, strerror((int)-len));
	REQUIRE(t, len >= 0);
	return text;
}

/* A path, in one of some buffers that are used in turn. */
static inline __printf(1, 2) const char *path_of(const char *fmt, ...)
{
	static char paths[4][PATH_MAX];
	static unsigned int turn;
	char *path = paths[turn++ % 4];
	va_list args;

	va_start(args, fmt);
	vsnprintf(path, PATH_MAX, fmt, args);
	va_end(args);
	return path;
}

/* What stands behind "@key" and white space at the start of a line of @text, up to the end of the
 * line; the end of the case if there is none. Valid until the next call. */
static inline char *line_of(struct test *t, const char *text, const char *key)
{
	static char value[1024];
	size_t len = strlen(key);

	for (const char *line = text; line; line = strchr(line, '\n')) {
		line += *line == '\n';
		if (strncmp(line, key, len))
			continue;
		line += len;
		line += strspn(line, " \t");
		snprintf(value, sizeof(value), "%.*s", (int)strcspn(line, "\n"), line);
		return value;
	}
	test_note(t, "no line begins with \"%s\"", key);
	REQUIRE(t, false);
	return NULL;
}

/* The same as a number. */
static inline long number_of(struct test *t, const char *text, const char *key, int base)
{
	return (long)strtoul(line_of(t, text, key), NULL, base);
}

/* A symbolic link, in one of some buffers; "" if it cannot be read. */
static inline const char *link_text(const char *path)
{
	static char texts[2][PATH_MAX];
	static unsigned int turn;
	char *text = texts[turn++ % 2];
	ssize_t len = readlink(path, text, PATH_MAX - 1);

	text[len < 0 ? 0 : len] = '\0';
	return text;
}

static inline bool has_proc(void)
{
	return access("/proc/self/stat", R_OK) == 0;
}
#define SKIP_WITHOUT(t, path) SKIP_IF(t, access(path, R_OK), "not there")
#define SKIP_WITHOUT_PROC(t)  SKIP_IF(t, !has_proc(), "no /proc here")

#endif
