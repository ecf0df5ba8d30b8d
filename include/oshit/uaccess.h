/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Access to the memory of the program that runs.  Whatever address it gives, nothing worse than
 * -EFAULT comes of it: an address that is no user's is refused before the access, and a fault in
 * the access is mended as the program's own would be, or ends it.
 *
 * What was read once is not read again: another thread may change it between.
 *
 * Context: task with an address space; may sleep, so no spinlock is held.  With interrupts off
 * nothing sleeps and no fault is mended: what is not there is -EFAULT.
 */
#ifndef OSHIT_UACCESS_H
#define OSHIT_UACCESS_H

#include <arch/page.h>
#include <arch/uaccess.h>
#include <oshit/types.h>

/* Whether all of [@addr, @addr + @size) could be a user's. */
static inline bool access_ok(const void __user *addr, size_t size)
{
	return size <= USER_END && (__force unsigned long)addr <= USER_END - size;
}

/* Return: bytes that were not copied; 0 is success. What was not copied to @dst is zeroed. */
size_t copy_from_user(void *dst, const void __user *src, size_t size);
/* Return: bytes that were not copied; 0 is success. */
size_t copy_to_user(void __user *dst, const void *src, size_t size);
/* Zeroes. Return: bytes that were not cleared. */
size_t clear_user(void __user *dst, size_t size);

/**
 * strncpy_from_user() - copy a string
 * @dst: room for @size bytes
 *
 * Return: its length; @size if it does not end within (@dst has no 0 then); -EFAULT.
 */
long strncpy_from_user(char *dst, const char __user *src, size_t size);

/* Length with the 0; above @size if it does not end within; 0 on a fault. */
long strnlen_user(const char __user *s, size_t size);

/**
 * copy_struct_from_user() - a structure that may be of another version of the interface
 * A longer one than ours must have zeros where we know nothing; what is missing becomes 0.
 * Return: 0; -E2BIG; -EFAULT.
 */
int copy_struct_from_user(void *dst, size_t size, const void __user *src, size_t user_size);

/* *@value = *@addr, an integer or a pointer. Return: 0, or -EFAULT with a value of 0. */
#define get_user(value, addr)                                                    \
	({                                                                       \
		__typeof__(*(addr)) __user *__gu_addr = (addr);                  \
		unsigned long __gu_value = 0;                                    \
		int __gu_err = get_user_bytes(&__gu_value, __gu_addr,            \
					      sizeof(*__gu_addr));               \
		(value) = (__force __typeof__(*(addr)))__gu_value;               \
		__gu_err;                                                        \
	})

/* *@addr = @value. Return: 0 or -EFAULT. */
#define put_user(value, addr)                                                    \
	({                                                                       \
		__typeof__(*(addr)) __user *__pu_addr = (addr);                  \
		__typeof__(*(addr)) __pu_value = (value);                        \
		put_user_bytes((__force unsigned long)__pu_value, __pu_addr,             \
			       sizeof(*__pu_addr));                              \
	})

/**
 * cmpxchg_user() - *@addr = @new if it is *@old, in one step
 * @old: what is expected; becomes what was there
 * Context: as the others; with interrupts off no fault is mended. Return: 0 or -EFAULT.
 */
static inline int cmpxchg_user(u32 *old, u32 __user *addr, u32 new)
{
	return access_ok(addr, sizeof(*addr)) ? arch_cmpxchg_user(old, (__force u32 *)addr, new)
					      : -EFAULT;
}

/* The bodies of the two; @size is 1, 2, 4 or 8. */
static __always_inline int get_user_bytes(unsigned long *value, const void __user *addr,
					  size_t size)
{
	const void *from = (__force const void *)addr;
	u32 value32 = 0;
	u16 value16 = 0;
	u8 value8 = 0;
	int err;

	if (!access_ok(addr, size))
		return -EFAULT;
	switch (size) {
	case 1:
		err = arch_get_user8(&value8, from);
		*value = value8;
		return err;
	case 2:
		err = arch_get_user16(&value16, from);
		*value = value16;
		return err;
	case 4:
		err = arch_get_user32(&value32, from);
		*value = value32;
		return err;
	default:
		return arch_get_user64(value, from);
	}
}

static __always_inline int put_user_bytes(unsigned long value, void __user *addr, size_t size)
{
	void *to = (__force void *)addr;

	if (!access_ok(addr, size))
		return -EFAULT;
	switch (size) {
	case 1:
		return arch_put_user8(value & 0xff, to);
	case 2:
		return arch_put_user16(value & 0xffff, to);
	case 4:
		return arch_put_user32(value & 0xffffffff, to);
	default:
		return arch_put_user64(value, to);
	}
}

#endif
