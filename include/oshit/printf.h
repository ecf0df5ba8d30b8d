/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Formatted text.  Flags, width, precision and the lengths hh h l ll j z t are those of C, for
 * the conversions d i u x X o c s p and %.  No floating point, no wide characters, no %n.
 * For pointers there is more:
 *
 *	%p  %px	 16 hexadecimal digits
 *	%pS	 symbol+0xoffset/0xsize, as in a backtrace; hexadecimal digits if nothing is known
 *	%pB	 the same for a return address: the symbol is that of the call before it
 *	%ps	 the symbol alone
 *	%pe	 an errno in a pointer (see <oshit/err.h>) by name: -ENOENT
 */
#ifndef OSHIT_PRINTF_H
#define OSHIT_PRINTF_H

#include <stdarg.h>

#include <oshit/types.h>

struct kallsym;

/* Return the length that the whole text needs, without the 0; @buf gets what fits and, unless
 * @size is 0, ends with 0.  Any context. */
int vsnprintf(char *buf, size_t size, const char *fmt, va_list args) __printf(3, 0);
int snprintf(char *buf, size_t size, const char *fmt, ...) __printf(3, 4);

/* Return the length of what is in @buf, so that a text can be put together piece by piece. */
int vscnprintf(char *buf, size_t size, const char *fmt, va_list args) __printf(3, 0);
int scnprintf(char *buf, size_t size, const char *fmt, ...) __printf(3, 4);

/* How %pS finds symbols: set once while booting to kallsyms_lookup(), NULL before. */
extern bool (*printf_symbol_lookup)(unsigned long addr, struct kallsym *sym);

/* Name of an errno, "ENOENT" for 2, or NULL if there is none. */
const char *errno_name(int err);

#endif
