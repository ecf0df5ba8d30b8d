/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The kernel's printf against the C library's, on random specifications: flags, width, precision,
 * length and conversion, with values from the edges of their types, into buffers of all sizes.
 * Left out is what C calls undefined and the two do not owe each other (%#d, %+u, %0s, ...).
 */
#include "oracle.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

#include <oshit/test_random.h>

#define NR_FORMATS  400000
#define TEXT_SIZE   160
#define FORMAT_SIZE 64

struct trial {
	char fmt[FORMAT_SIZE];
	size_t size; /* of the buffer */
	bool star_width, star_precision;
	int width, precision;
	char conversion;
	bool is_long;
	union {
		int i;
		long l;
		const char *s;
	} value;
};

typedef int (*snprintf_fn)(char *buf, size_t size, const char *fmt, ...);

static const char *pick(struct test_random *random, const char *const *from, size_t nr)
{
	return from[test_random_below(random, nr)];
}

static void append(char *fmt, const char *text)
{
	size_t len = strlen(fmt);

	memcpy(fmt + len, text, strlen(text) + 1);
}

static void append_flags(struct test_random *random, char *fmt, const char *allowed)
{
	char flag[2] = "";

	for (; *allowed; allowed++) {
		flag[0] = *allowed;
		if (test_random_below(random, 3) == 0)
			append(fmt, flag);
	}
}

static void append_field(struct test_random *random, struct trial *trial)
{
	char text[16];

	trial->width = (int)test_random_below(random, 60) - 30;
	trial->precision = (int)test_random_below(random, 40) - 5;
	switch (test_random_below(random, 3)) {
	case 0:
		trial->star_width = true;
		append(trial->fmt, "*");
		break;
	case 1:
		snprintf(text, sizeof(text), "%d", trial->width < 0 ? -trial->width : trial->width);
		append(trial->fmt, trial->width ? text : "");
	}
	if (trial->conversion == 'c')
		return;
	switch (test_random_below(random, 4)) {
	case 0:
		trial->star_precision = true;
		append(trial->fmt, ".*");
		break;
	case 1:
		snprintf(text, sizeof(text), ".%d",
			 trial->precision < 0 ? -trial->precision : trial->precision);
		append(trial->fmt, text);
		break;
	case 2:
		append(trial->fmt, test_random_below(random, 4) ? "" : ".");
	}
}

static void append_length(struct test_random *random, struct trial *trial)
{
	static const char *const lengths[] = { "", "", "hh", "h", "l", "ll", "j", "z", "t" };
	const char *length = pick(random, lengths, sizeof(lengths) / sizeof(lengths[0]));

	trial->is_long = strchr("ljzt", *length) && *length;
	append(trial->fmt, length);
}

static long random_number(struct test_random *random)
{
	static const long edges[] = { 0,     1,	   -1,	INT_MAX, INT_MIN, LONG_MAX, LONG_MIN,
				      127,   -128, 255, 256,	 32767,	  -32768,   65535,
				      65536, 7,	   8,	9,	 10,	  15,	    16 };
	long number = (long)test_random_next(random);

	if (test_random_below(random, 2))
		return edges[test_random_below(random, sizeof(edges) / sizeof(edges[0]))];
	return number >> test_random_below(random, 64);
}

static void random_value(struct test_random *random, struct trial *trial)
{
	static const char *const strings[] = { "", "a", "hello", "a string of some length, or so" };

	if (trial->conversion == 's')
		trial->value.s = pick(random, strings, sizeof(strings) / sizeof(strings[0]));
	else if (trial->conversion == 'c')
		trial->value.i = (int)test_random_below(random, 255) + 1;
	else if (trial->is_long)
		trial->value.l = random_number(random);
	else
		trial->value.i = (int)random_number(random);
}

static const char *allowed_flags(char conversion)
{
	switch (conversion) {
	case 'd':
	case 'i':
		return "-+ 0";
	case 'u':
		return "-0";
	case 's':
	case 'c':
		return "-";
	default:
		return "-#0";
	}
}

static struct trial random_trial(struct test_random *random)
{
	static const char conversions[] = "diuxXocs";
	struct trial trial = { .size = test_random_below(random, TEXT_SIZE) };
	char end[3] = "?|";

	if (test_random_below(random, 2))
		trial.size = TEXT_SIZE;
	trial.conversion = conversions[test_random_below(random, sizeof(conversions) - 1)];
	append(trial.fmt, test_random_below(random, 2) ? "<%%" : "");
	append(trial.fmt, "%");
	append_flags(random, trial.fmt, allowed_flags(trial.conversion));
	append_field(random, &trial);
	if (trial.conversion != 's' && trial.conversion != 'c')
		append_length(random, &trial);
	end[0] = trial.conversion;
	append(trial.fmt, end);
	random_value(random, &trial);
	return trial;
}

#define CALL(fn, buf, trial, value)                                                                \
	((trial)->star_width && (trial)->star_precision                                            \
		 ? fn(buf, (trial)->size, (trial)->fmt, (trial)->width, (trial)->precision, value) \
	 : (trial)->star_width ? fn(buf, (trial)->size, (trial)->fmt, (trial)->width, value)       \
	 : (trial)->star_precision                                                                 \
		 ? fn(buf, (trial)->size, (trial)->fmt, (trial)->precision, value)                 \
		 : fn(buf, (trial)->size, (trial)->fmt, value))

static int print(snprintf_fn fn, char *buf, const struct trial *trial)
{
	memset(buf, '~', TEXT_SIZE);
	if (trial->conversion == 's')
		return CALL(fn, buf, trial, trial->value.s);
	if (trial->is_long)
		return CALL(fn, buf, trial, trial->value.l);
	return CALL(fn, buf, trial, trial->value.i);
}

static void printf_agrees_with_c_library(struct test *t)
{
	struct test_random random = test_random_seeded(t, 0x5eed0001);
	char ours[TEXT_SIZE], theirs[TEXT_SIZE];

	for (int i = 0; i < NR_FORMATS; i++) {
		struct trial trial = random_trial(&random);
		int our_len = print(oshit_snprintf, ours, &trial);
		int their_len = print(snprintf, theirs, &trial);

		if (our_len == their_len && !memcmp(ours, theirs, TEXT_SIZE))
			continue;
		test_fail(t, __FILE__, __LINE__,
			  "\"%s\" in %zu bytes: \"%.*s\" (%d), not \"%.*s\" (%d)", trial.fmt,
			  trial.size, (int)sizeof(ours), ours, our_len, (int)sizeof(theirs), theirs,
			  their_len);
		if (t->nr_failures > 10)
			return;
	}
}

static void null_buffer_of_no_size_measures(struct test *t)
{
	EXPECT_EQ(t, oshit_snprintf(NULL, 0, "%d-%s", 12345, "abc"), 9);
	EXPECT_EQ(t, scnprintf(NULL, 0, "%d-%s", 12345, "abc"), 0);
}

static const struct test_case printf_oracle_cases[] = {
	TEST_CASE(printf_agrees_with_c_library),
	TEST_CASE(null_buffer_of_no_size_measures),
};
TEST_SUITE(printf_oracle, printf_oracle_cases);
