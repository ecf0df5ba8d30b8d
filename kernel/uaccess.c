/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Copies from and to user memory.  The arch moves the bytes and counts them; here addresses are
 * checked, and what a failed copy leaves behind is settled.
 */
#include <arch/page.h>
#include <linux/errno.h>
#include <oshit/math.h>
#include <oshit/string.h>
#include <oshit/uaccess.h>

#define STRING_CHUNK 64 /* bytes of a string at once, up to the next multiple of it */

size_t copy_from_user(void *dst, const void __user *src, size_t size)
{
	size_t nr_left = size;

	if (access_ok(src, size))
		nr_left = arch_copy_user(dst, (__force const void *)src, size);
	if (unlikely(nr_left))
		memset((u8 *)dst + (size - nr_left), 0, nr_left);
	return nr_left;
}

size_t copy_to_user(void __user *dst, const void *src, size_t size)
{
	return access_ok(dst, size) ? arch_copy_user((__force void *)dst, src, size) : size;
}

size_t clear_user(void __user *dst, size_t size)
{
	return access_ok(dst, size) ? arch_clear_user((__force void *)dst, size) : size;
}

/* Bytes from @addr that one copy may take: never past the end of user memory, and in pieces that
 * lie in one page, so that a string may end right before one that is not there. */
static size_t chunk_at(const char __user *addr, size_t size)
{
	unsigned long at = (__force unsigned long)addr;

	if (at >= USER_END)
		return 0;
	size = min(size, STRING_CHUNK - at % STRING_CHUNK);
	return min(size, USER_END - at);
}

long strncpy_from_user(char *dst, const char __user *src, size_t size)
{
	size_t done = 0;

	while (done < size) {
		size_t len = chunk_at(src + done, size - done);
		const char *end;

		if (!len || arch_copy_user(dst + done, (__force const void *)(src + done), len))
			return -EFAULT;
		end = memchr(dst + done, 0, len);
		if (end)
			return end - dst;
		done += len;
	}
	return size;
}

long strnlen_user(const char __user *s, size_t size)
{
	char chunk[STRING_CHUNK];
	size_t done = 0;

	while (done < size) {
		size_t len = chunk_at(s + done, size - done);
		const char *end;

		if (!len || arch_copy_user(chunk, (__force const void *)(s + done), len))
			return 0;
		end = memchr(chunk, 0, len);
		if (end)
			return done + (end - chunk) + 1;
		done += len;
	}
	return size + 1;
}

int copy_struct_from_user(void *dst, size_t size, const void __user *src, size_t user_size)
{
	size_t common = min(size, user_size);
	u8 byte;

	if (user_size > PAGE_SIZE)
		return -E2BIG;
	if (copy_from_user(dst, src, common))
		return -EFAULT;
	memset((u8 *)dst + common, 0, size - common);
	for (; common < user_size; common++) {
		if (get_user(byte, (const u8 __user *)src + common))
			return -EFAULT;
		if (byte)
			return -E2BIG;
	}
	return 0;
}
