/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Single accesses to user memory.  A fault that cannot be mended ends at the fix-up, with -EFAULT;
 * addresses were checked against USER_END by the caller: <oshit/uaccess.h>.
 */
#ifndef ARCH_UACCESS_H
#define ARCH_UACCESS_H

#include <arch/extable.h>
#include <arch/smap.h>
#include <linux/errno.h>
#include <oshit/types.h>

/* @err becomes 0 or -EFAULT; after a fault @value is 0. @suffix and @reg are those of the size. */
#define __arch_get_user(err, value, addr, suffix, reg)                              \
	__asm__ __volatile__(SMAP_SITE(SMAP_STAC)                                   \
			     "1: mov" suffix " %2, %" reg "1\n"                     \
			     "2:\n" SMAP_SITE(SMAP_CLAC)                            \
			     ".pushsection .text.fixup, \"ax\"\n"                   \
			     "3: movl %3, %0\n"                                     \
			     "xorl %k1, %k1\n"                                      \
			     "jmp 2b\n"                                             \
			     ".popsection\n" EXTABLE(1b, 3b)                        \
			     : "=r"(err), "=r"(value)                               \
			     : "m"(*(addr)), "i"(-EFAULT), "0"(0)                   \
			     : "memory")

#define __arch_put_user(err, value, addr, suffix, reg)                              \
	__asm__ __volatile__(SMAP_SITE(SMAP_STAC)                                   \
			     "1: mov" suffix " %" reg "1, %2\n"                     \
			     "2:\n" SMAP_SITE(SMAP_CLAC)                            \
			     ".pushsection .text.fixup, \"ax\"\n"                   \
			     "3: movl %3, %0\n"                                     \
			     "jmp 2b\n"                                             \
			     ".popsection\n" EXTABLE(1b, 3b)                        \
			     : "=r"(err)                                            \
			     : "r"(value), "m"(*(addr)), "i"(-EFAULT), "0"(0)       \
			     : "memory")

#define DEFINE_USER_ACCESS(bits, suffix, reg)                                     \
	static inline int arch_get_user##bits(u##bits *value, const u##bits *addr) \
	{                                                                         \
		int err;                                                          \
                                                                                  \
		__arch_get_user(err, *value, addr, suffix, reg);                  \
		return err;                                                       \
	}                                                                         \
	static inline int arch_put_user##bits(u##bits value, u##bits *addr)       \
	{                                                                         \
		int err;                                                          \
                                                                                  \
		__arch_put_user(err, value, addr, suffix, reg);                   \
		return err;                                                       \
	}

static inline int arch_get_user8(u8 *value, const u8 *addr)
{
	unsigned int wide;
	int err;

	__arch_get_user(err, wide, addr, "zbl", "k");
	*value = wide;
	return err;
}

static inline int arch_put_user8(u8 value, u8 *addr)
{
	int err;

	__asm__ __volatile__(SMAP_SITE(SMAP_STAC)
			     "1: movb %b1, %2\n"
			     "2:\n" SMAP_SITE(SMAP_CLAC)
			     ".pushsection .text.fixup, \"ax\"\n"
			     "3: movl %3, %0\n"
			     "jmp 2b\n"
			     ".popsection\n" EXTABLE(1b, 3b)
			     : "=r"(err)
			     : "q"(value), "m"(*addr), "i"(-EFAULT), "0"(0)
			     : "memory");
	return err;
}

DEFINE_USER_ACCESS(16, "w", "w")
DEFINE_USER_ACCESS(32, "l", "k")
DEFINE_USER_ACCESS(64, "q", "q")
#undef DEFINE_USER_ACCESS

/* *@addr = @new if it is *@old, which becomes what was there. 0 or -EFAULT. */
static inline int arch_cmpxchg_user(u32 *old, u32 *addr, u32 new)
{
	int err;

	__asm__ __volatile__(SMAP_SITE(SMAP_STAC)
			     "1: lock cmpxchgl %3, %2\n"
			     "2:\n" SMAP_SITE(SMAP_CLAC)
			     ".pushsection .text.fixup, \"ax\"\n"
			     "3: movl %4, %0\n"
			     "jmp 2b\n"
			     ".popsection\n" EXTABLE(1b, 3b)
			     : "=r"(err), "+a"(*old), "+m"(*addr)
			     : "r"(new), "i"(-EFAULT), "0"(0)
			     : "memory");
	return err;
}

/* Copies @len bytes between user and kernel memory, either way. Returns the bytes not copied. */
size_t arch_copy_user(void *dst, const void *src, size_t len);

/* Zeroes @len bytes of user memory. Returns the bytes not cleared. */
size_t arch_clear_user(void *dst, size_t len);

#endif
