/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Numbers from text.  The kstrto*() functions want the whole string to be one number (a newline
 * at the end is allowed, for /proc and /sys) and do not touch *@res unless they return 0.
 *
 * @base 0 means: hexadecimal after 0x, octal after 0, else decimal.
 * Return: 0; -EINVAL if @s is no number; -ERANGE if it does not fit.  Any context.
 */
#ifndef OSHIT_KSTRTOX_H
#define OSHIT_KSTRTOX_H

#include <oshit/types.h>

int __must_check kstrtoul(const char *s, unsigned int base, unsigned long *res);
int __must_check kstrtol(const char *s, unsigned int base, long *res);
int __must_check kstrtouint(const char *s, unsigned int base, unsigned int *res);
int __must_check kstrtoint(const char *s, unsigned int base, int *res);

/* y, yes, on, t, true, 1 and n, no, off, f, false, 0; upper case too. 0 or -EINVAL. */
int __must_check kstrtobool(const char *s, bool *res);

/**
 * strntoul() - the number at the start of a text
 * @s: the text; no sign, no white space
 * @max: look at no more bytes than these
 * @base: as above
 * @res: the number; untouched on an error
 *
 * Return: how many characters it has; -EINVAL if there is no digit; -ERANGE.
 */
long __must_check strntoul(const char *s, size_t max, unsigned int base, unsigned long *res);

/**
 * memparse() - a size such as 64M
 * @s: a number in C notation, then one of K M G T P E (or small), or nothing
 * @end: set to what follows; may be NULL: then the string must end there
 * @bytes: the size; untouched on an error
 *
 * Return: 0; -EINVAL if there is no number or something follows; -ERANGE.
 */
int __must_check memparse(const char *s, const char **end, u64 *bytes);

#endif
