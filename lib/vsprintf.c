/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Formatted text.  A conversion specification is parsed into a struct spec, its argument becomes
 * a number or a string, and one function each puts these out with padding.  Output goes through
 * put(), which counts always and stores what fits: so the return value does not depend on @size.
 *
 * An unknown conversion would leave the arguments after it unknown too: it and the rest of the
 * format are copied as they are.  A string pointer into the first page prints "(null)", an errno
 * in a pointer "(efault)".  Widths and precisions above FIELD_MAX count as FIELD_MAX.
 *
 * Any context: no lock, no memory, no state but the hook for symbols.
 */
#include <oshit/bitops.h>
#include <oshit/ctype.h>
#include <oshit/err.h>
#include <oshit/kallsyms.h>
#include <oshit/math.h>
#include <oshit/printf.h>
#include <oshit/sizes.h>
#include <oshit/string.h>

#define FIELD_MAX     KIB(64)
#define DIGITS_MAX    22 /* of 64 bits in base 8 */
#define POINTER_WIDTH 16

enum spec_flag {
	LEFT = BIT(0), /* minus */
	PLUS = BIT(1), /* + */
	SPACE = BIT(2), /* blank */
	ALTERNATE = BIT(3), /* # */
	ZERO = BIT(4), /* 0 */
	UPPER = BIT(5), /* X instead of x */
};

/* Bytes that `l` and friends say; int without any. */
enum spec_length { LENGTH_CHAR = 1, LENGTH_SHORT = 2, LENGTH_INT = 4, LENGTH_LONG = 8 };

struct spec {
	unsigned int flags;
	int width; /* 0: none */
	int precision; /* -1: none */
	enum spec_length length;
	char conversion;
};

struct out {
	char *buf;
	size_t size;
	size_t len; /* of the whole text so far, stored or not */
};

bool (*printf_symbol_lookup)(unsigned long addr, struct kallsym *sym);

static void put(struct out *out, char c)
{
	if (out->len < out->size)
		out->buf[out->len] = c;
	out->len++;
}

static void put_repeated(struct out *out, char c, int count)
{
	while (count-- > 0)
		put(out, c);
}

static void put_bytes(struct out *out, const char *s, size_t len)
{
	while (len--)
		put(out, *s++);
}

/* A text in a field: blanks before it, or after it with LEFT. */
static void put_field(struct out *out, const struct spec *spec, const char *s, size_t len)
{
	int blanks = spec->width - (int)min(len, FIELD_MAX);

	if (!(spec->flags & LEFT))
		put_repeated(out, ' ', blanks);
	put_bytes(out, s, len);
	if (spec->flags & LEFT)
		put_repeated(out, ' ', blanks);
}

static void put_string(struct out *out, const struct spec *spec, const char *s)
{
	size_t max = spec->precision < 0 ? (size_t)-1 : (size_t)spec->precision;

	if ((unsigned long)s < KIB(4))
		s = "(null)";
	else if (IS_ERR(s))
		s = "(efault)";
	put_field(out, spec, s, strnlen(s, max));
}

/* Digits of @value, last first; none for 0. Returns how many. */
static int format_digits(char *digits, u64 value, unsigned int base, bool upper)
{
	const char *set = upper ? "0123456789ABCDEF" : "0123456789abcdef";
	int len = 0;

	for (; value; value /= base)
		digits[len++] = set[value % base];
	return len;
}

static const char *sign_prefix(const struct spec *spec, bool negative)
{
	if (negative)
		return "-";
	if (spec->flags & PLUS)
		return "+";
	return spec->flags & SPACE ? " " : "";
}

static const char *base_prefix(const struct spec *spec, u64 value)
{
	if (!(spec->flags & ALTERNATE) || !value)
		return "";
	if (spec->conversion == 'x')
		return "0x";
	return spec->conversion == 'X' ? "0X" : "";
}

/* Prefix, zeros up to the precision (or the width), digits. */
static void put_number(struct out *out, const struct spec *spec, u64 value, unsigned int base,
		       const char *prefix)
{
	char digits[DIGITS_MAX];
	int nr_digits = format_digits(digits, value, base, spec->flags & UPPER);
	int prefix_len = (int)strlen(prefix);
	int zeros = (spec->precision < 0 ? 1 : spec->precision) - nr_digits;
	int blanks;

	if (base == 8 && (spec->flags & ALTERNATE))
		zeros = max(zeros, 1); /* "#o" raises the precision so that a 0 comes first */
	if ((spec->flags & (ZERO | LEFT)) == ZERO && spec->precision < 0)
		zeros = max(zeros, spec->width - prefix_len - nr_digits);
	zeros = max(zeros, 0);
	blanks = spec->width - prefix_len - zeros - nr_digits;

	if (!(spec->flags & LEFT))
		put_repeated(out, ' ', blanks);
	put_bytes(out, prefix, prefix_len);
	put_repeated(out, '0', zeros);
	while (nr_digits)
		put(out, digits[--nr_digits]);
	if (spec->flags & LEFT)
		put_repeated(out, ' ', blanks);
}

static void put_address(struct out *out, const struct spec *spec, unsigned long addr)
{
	struct spec plain = { .width = spec->width, .flags = spec->flags & LEFT };

	plain.precision = POINTER_WIDTH;
	put_number(out, &plain, addr, 16, "");
}

static void put_symbol(struct out *out, const struct spec *spec, unsigned long addr, char style)
{
	struct spec hex = { .flags = ALTERNATE, .precision = -1, .conversion = 'x' };
	struct kallsym sym;

	/* A call may be the last instruction of its function: look at the call itself. */
	if (!printf_symbol_lookup || !printf_symbol_lookup(addr - (style == 'B'), &sym)) {
		put_address(out, spec, addr);
		return;
	}
	if (style == 's') {
		put_field(out, spec, sym.name, strnlen(sym.name, KSYM_NAME_LEN));
		return;
	}
	put_bytes(out, sym.name, strnlen(sym.name, KSYM_NAME_LEN));
	put(out, '+');
	put_number(out, &hex, addr - sym.start, 16, "0x");
	put(out, '/');
	put_number(out, &hex, sym.size, 16, "0x");
}

static void put_errno(struct out *out, const struct spec *spec, const void *ptr)
{
	const char *name = IS_ERR(ptr) ? errno_name((int)-PTR_ERR(ptr)) : NULL;
	struct spec number = { .flags = spec->flags, .width = spec->width, .precision = -1 };

	if (name) {
		put(out, '-');
		put_field(out, spec, name, strlen(name));
	} else if (IS_ERR(ptr)) {
		put_number(out, &number, -PTR_ERR(ptr), 10, "-");
	} else {
		put_address(out, spec, (unsigned long)ptr);
	}
}

/* Returns how many letters after the p belong to it. */
static int put_pointer(struct out *out, const struct spec *spec, const void *ptr, char style)
{
	switch (style) {
	case 'B':
	case 'S':
	case 's':
		put_symbol(out, spec, (unsigned long)ptr, style);
		return 1;
	case 'e':
		put_errno(out, spec, ptr);
		return 1;
	case 'x':
		put_address(out, spec, (unsigned long)ptr);
		return 1;
	default:
		put_address(out, spec, (unsigned long)ptr);
		return 0;
	}
}

static unsigned int flag_of(char c)
{
	switch (c) {
	case '-':
		return LEFT;
	case '+':
		return PLUS;
	case ' ':
		return SPACE;
	case '#':
		return ALTERNATE;
	case '0':
		return ZERO;
	default:
		return 0;
	}
}

static const char *parse_number(const char *fmt, int *value)
{
	unsigned long n = 0;

	for (; isdigit(*fmt); fmt++)
		n = min(n * 10 + (*fmt - '0'), FIELD_MAX);
	*value = (int)n;
	return fmt;
}

/* `hh` and `ll` come as their letter twice; `L` and `q` are not C for integers. */
static const char *parse_length(const char *fmt, enum spec_length *length)
{
	switch (*fmt) {
	case 'h':
		*length = fmt[1] == 'h' ? LENGTH_CHAR : LENGTH_SHORT;
		return fmt + (fmt[1] == 'h' ? 2 : 1);
	case 'l':
		*length = LENGTH_LONG;
		return fmt + (fmt[1] == 'l' ? 2 : 1);
	case 'j':
	case 'z':
	case 't':
		*length = LENGTH_LONG;
		return fmt + 1;
	default:
		*length = LENGTH_INT;
		return fmt;
	}
}

static int clamp_field(int value)
{
	return clamp(value, -(int)FIELD_MAX, (int)FIELD_MAX);
}

/* The specification after a %; returns the first character after it. */
static const char *parse_spec(const char *fmt, struct spec *spec, va_list *args)
{
	spec->flags = 0;
	spec->precision = -1;
	while (flag_of(*fmt))
		spec->flags |= flag_of(*fmt++);
	if (*fmt == '*') {
		spec->width = clamp_field(va_arg(*args, int));
		fmt++;
	} else {
		fmt = parse_number(fmt, &spec->width);
	}
	if (spec->width < 0) {
		spec->width = -spec->width;
		spec->flags |= LEFT;
	}
	if (*fmt == '.' && fmt[1] == '*') {
		spec->precision = clamp_field(va_arg(*args, int));
		fmt += 2;
	} else if (*fmt == '.') {
		fmt = parse_number(fmt + 1, &spec->precision);
	}
	fmt = parse_length(fmt, &spec->length);
	spec->conversion = *fmt;
	return *fmt ? fmt + 1 : fmt;
}

static u64 unsigned_arg(enum spec_length length, va_list *args)
{
	if (length == LENGTH_LONG)
		return va_arg(*args, unsigned long);
	if (length == LENGTH_CHAR)
		return (u8)va_arg(*args, unsigned int);
	if (length == LENGTH_SHORT)
		return (u16)va_arg(*args, unsigned int);
	return va_arg(*args, unsigned int);
}

static s64 signed_arg(enum spec_length length, va_list *args)
{
	if (length == LENGTH_LONG)
		return va_arg(*args, long);
	if (length == LENGTH_CHAR)
		return (s8)va_arg(*args, int);
	if (length == LENGTH_SHORT)
		return (s16)va_arg(*args, int);
	return va_arg(*args, int);
}

static void put_signed(struct out *out, const struct spec *spec, s64 value)
{
	u64 magnitude = value < 0 ? -(u64)value : (u64)value;

	put_number(out, spec, magnitude, 10, sign_prefix(spec, value < 0));
}

static void put_unsigned(struct out *out, struct spec *spec, u64 value)
{
	unsigned int base = 16;

	if (spec->conversion == 'u')
		base = 10;
	else if (spec->conversion == 'o')
		base = 8;
	else if (spec->conversion == 'X')
		spec->flags |= UPPER;
	put_number(out, spec, value, base, base_prefix(spec, value));
}

static void put_char(struct out *out, const struct spec *spec, char c)
{
	put_field(out, spec, &c, 1);
}

/* One specification; @fmt is behind its %. Returns what comes after, or NULL if it is unknown. */
static const char *convert(struct out *out, const char *fmt, va_list *args)
{
	struct spec spec;

	fmt = parse_spec(fmt, &spec, args);
	switch (spec.conversion) {
	case 'd':
	case 'i':
		put_signed(out, &spec, signed_arg(spec.length, args));
		return fmt;
	case 'u':
	case 'o':
	case 'x':
	case 'X':
		put_unsigned(out, &spec, unsigned_arg(spec.length, args));
		return fmt;
	case 'c':
		put_char(out, &spec, (char)va_arg(*args, int));
		return fmt;
	case 's':
		put_string(out, &spec, va_arg(*args, const char *));
		return fmt;
	case 'p':
		return fmt + put_pointer(out, &spec, va_arg(*args, void *), *fmt);
	case '%':
		put(out, '%');
		return fmt;
	default:
		return NULL;
	}
}

int vsnprintf(char *buf, size_t size, const char *fmt, va_list args)
{
	struct out out = { .buf = buf, .size = size };
	va_list rest;

	va_copy(rest, args);
	while (*fmt) {
		const char *next;

		if (*fmt != '%') {
			put(&out, *fmt++);
			continue;
		}
		next = convert(&out, fmt + 1, &rest);
		if (!next) {
			put_bytes(&out, fmt, strlen(fmt));
			break;
		}
		fmt = next;
	}
	va_end(rest);
	if (size)
		buf[min(out.len, size - 1)] = '\0';
	return (int)out.len;
}

int snprintf(char *buf, size_t size, const char *fmt, ...)
{
	va_list args;
	int len;

	va_start(args, fmt);
	len = vsnprintf(buf, size, fmt, args);
	va_end(args);
	return len;
}

int vscnprintf(char *buf, size_t size, const char *fmt, va_list args)
{
	int len = vsnprintf(buf, size, fmt, args);

	if (!size)
		return 0;
	return (size_t)len < size ? len : (int)size - 1;
}

int scnprintf(char *buf, size_t size, const char *fmt, ...)
{
	va_list args;
	int len;

	va_start(args, fmt);
	len = vscnprintf(buf, size, fmt, args);
	va_end(args);
	return len;
}
