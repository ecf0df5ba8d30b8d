/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Numbers from text.  strntoul() does the work: it finds the base, then takes digits as long as
 * they are of the base, and checks each step for overflow.  The others add what may stand around
 * the digits (sign, newline, size suffix) and narrower ranges.  Nothing is written on an error.
 *
 * Any context; no state.
 */
#include <linux/errno.h>

#include <oshit/ctype.h>
#include <oshit/kstrtox.h>
#include <oshit/string.h>

/* "0x" counts as a prefix only before a digit: in "0xg" the number is the 0. */
static size_t prefix_len(const char *s, size_t max, unsigned int *base)
{
	bool has_hex = max > 2 && s[0] == '0' && tolower(s[1]) == 'x' && isxdigit(s[2]);

	if (has_hex && (*base == 0 || *base == 16)) {
		*base = 16;
		return 2;
	}
	if (*base == 0)
		*base = max && s[0] == '0' ? 8 : 10;
	return 0;
}

long strntoul(const char *s, size_t max, unsigned int base, unsigned long *res)
{
	size_t start = prefix_len(s, max, &base);
	unsigned long value = 0;
	size_t i;

	for (i = start; i < max && digit_value(s[i]) < base; i++) {
		if (__builtin_mul_overflow(value, base, &value) ||
		    __builtin_add_overflow(value, digit_value(s[i]), &value))
			return -ERANGE;
	}
	if (i == start)
		return -EINVAL;
	*res = value;
	return (long)i;
}

/* Digits and at most a newline up to the end of the string. */
static int parse_all(const char *s, unsigned int base, unsigned long *res)
{
	unsigned long value;
	long len = strntoul(s, strlen(s), base, &value);

	if (len < 0)
		return (int)len;
	if (s[len] == '\n')
		len++;
	if (s[len])
		return -EINVAL;
	*res = value;
	return 0;
}

int kstrtoul(const char *s, unsigned int base, unsigned long *res)
{
	return parse_all(*s == '+' ? s + 1 : s, base, res);
}

int kstrtol(const char *s, unsigned int base, long *res)
{
	bool negative = *s == '-';
	unsigned long magnitude;
	int err = negative ? parse_all(s + 1, base, &magnitude) : kstrtoul(s, base, &magnitude);

	if (err)
		return err;
	if (magnitude > (unsigned long)__LONG_MAX__ + negative)
		return -ERANGE;
	*res = (long)(negative ? -magnitude : magnitude);
	return 0;
}

int kstrtouint(const char *s, unsigned int base, unsigned int *res)
{
	unsigned long value;
	int err = kstrtoul(s, base, &value);

	if (err)
		return err;
	if (value != (unsigned int)value)
		return -ERANGE;
	*res = (unsigned int)value;
	return 0;
}

int kstrtoint(const char *s, unsigned int base, int *res)
{
	long value;
	int err = kstrtol(s, base, &value);

	if (err)
		return err;
	if (value != (int)value)
		return -ERANGE;
	*res = (int)value;
	return 0;
}

static bool is_word_of(const char *s, const char *const *words)
{
	for (; *words; words++) {
		if (!strcasecmp(s, *words))
			return true;
	}
	return false;
}

int kstrtobool(const char *s, bool *res)
{
	static const char *const yes[] = { "y", "yes", "on", "t", "true", "1", NULL };
	static const char *const no[] = { "n", "no", "off", "f", "false", "0", NULL };
	char word[8];
	long len = strscpy(word, s, sizeof(word));

	if (len > 0 && word[len - 1] == '\n')
		word[len - 1] = '\0';
	if (len < 0 || (!is_word_of(word, yes) && !is_word_of(word, no)))
		return -EINVAL;
	*res = is_word_of(word, yes);
	return 0;
}

int memparse(const char *s, const char **end, u64 *bytes)
{
	static const char suffixes[] = "kmgtpe";
	unsigned long value;
	long len = strntoul(s, strlen(s), 0, &value);
	const char *suffix;

	if (len < 0)
		return (int)len;
	suffix = s[len] ? strchr(suffixes, tolower(s[len])) : NULL;
	if (suffix) {
		if (__builtin_mul_overflow(value, 1024UL << (10 * (suffix - suffixes)), &value))
			return -ERANGE;
		len++;
	}
	if (!end && s[len])
		return -EINVAL;
	if (end)
		*end = s + len;
	*bytes = value;
	return 0;
}
