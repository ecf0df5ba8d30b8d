/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The memory functions that instrumented code, and the compiler, call: the ranges are checked as a
 * whole, then lib/memory.c does the work.  Any context.
 */
#include <oshit/kasan.h>
#include <oshit/string.h>

#undef memcpy
#undef memmove
#undef memset
#undef memcmp
#undef memchr_inv

#define CALLER ((unsigned long)__builtin_return_address(0))

void *memcpy(void *dst, const void *src, size_t len);
void *memmove(void *dst, const void *src, size_t len);
void *memset(void *dst, int c, size_t len);
int memcmp(const void *a, const void *b, size_t len);
void *memchr_inv(const void *mem, int c, size_t len);

void *memcpy(void *dst, const void *src, size_t len)
{
	kasan_check_range((unsigned long)src, len, false, CALLER);
	kasan_check_range((unsigned long)dst, len, true, CALLER);
	return __memcpy(dst, src, len);
}

void *memmove(void *dst, const void *src, size_t len)
{
	kasan_check_range((unsigned long)src, len, false, CALLER);
	kasan_check_range((unsigned long)dst, len, true, CALLER);
	return __memmove(dst, src, len);
}

void *memset(void *dst, int c, size_t len)
{
	kasan_check_range((unsigned long)dst, len, true, CALLER);
	return __memset(dst, c, len);
}

/* Both as a whole, although the first difference may come early: so C has it. */
int memcmp(const void *a, const void *b, size_t len)
{
	kasan_check_range((unsigned long)a, len, false, CALLER);
	kasan_check_range((unsigned long)b, len, false, CALLER);
	return __memcmp(a, b, len);
}

void *memchr_inv(const void *mem, int c, size_t len)
{
	kasan_check_range((unsigned long)mem, len, false, CALLER);
	return __memchr_inv(mem, c, len);
}
