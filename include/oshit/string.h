/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Strings and memory, with the C library's meanings unless said otherwise.  strcpy(), strcat()
 * and strncpy() are left out: strscpy() knows the size of its target and always ends it with 0.
 * Any context.
 */
#ifndef OSHIT_STRING_H
#define OSHIT_STRING_H

#include <oshit/types.h>

/* Code that KASAN does not instrument may touch what is poisoned, so nothing it calls checks. */
#if defined(CONFIG_KASAN) && !defined(KASAN_INSTRUMENTED)
#define memcpy	   __memcpy
#define memmove	   __memmove
#define memset	   __memset
#define memcmp	   __memcmp
#define memchr_inv __memchr_inv
#endif

void *memcpy(void *dst, const void *src, size_t len);
void *memmove(void *dst, const void *src, size_t len);
void *memset(void *dst, int c, size_t len);
int memcmp(const void *a, const void *b, size_t len);
void *memchr(const void *mem, int c, size_t len);

/* First byte that is not @c, or NULL if all are. */
void *memchr_inv(const void *mem, int c, size_t len);

/* Clears secrets: the compiler keeps it even if nobody reads @mem again. */
void memzero_explicit(void *mem, size_t len);

size_t strlen(const char *s);
size_t strnlen(const char *s, size_t max);
int strcmp(const char *a, const char *b);
int strncmp(const char *a, const char *b, size_t max);
int strcasecmp(const char *a, const char *b);
int strncasecmp(const char *a, const char *b, size_t max);
char *strchr(const char *s, int c);
char *strrchr(const char *s, int c);
char *strstr(const char *s, const char *what);
size_t strspn(const char *s, const char *accept);
size_t strcspn(const char *s, const char *reject);
char *strpbrk(const char *s, const char *accept);
char *strsep(char **s, const char *delimiters);

/* As strchr(), but the end of the string instead of NULL. */
char *strchrnul(const char *s, int c);

/**
 * strscpy() - copy a string into a buffer of known size
 * @dst: the buffer; ends with 0 afterwards, unless @size is 0
 * @src: the string; no byte beyond @size is read
 * @size: bytes in @dst
 *
 * Return: length of the copy, or -E2BIG if it was cut.
 */
long strscpy(char *dst, const char *src, size_t size);

/* Whether @s begins with @prefix. */
bool strstarts(const char *s, const char *prefix);

/* First character that is no white space. */
char *skip_spaces(const char *s);

/* Cuts white space off the end of @s, in place, and returns its first other character. */
char *strim(char *s);

#endif
