/* SPDX-License-Identifier: GPL-2.0-only */
/* Port and memory-mapped input and output.  For arch code and the drivers of x86 chips. */
#ifndef ARCH_IO_H
#define ARCH_IO_H

#include <oshit/types.h>

#define DEFINE_PORT_IO(suffix, type)                          \
	static inline void out##suffix(type value, u16 port)  \
	{                                                     \
		__asm__ __volatile__("out" #suffix " %0, %1"  \
				     :                        \
				     : "a"(value), "Nd"(port) \
				     : "memory");             \
	}                                                     \
	static inline type in##suffix(u16 port)               \
	{                                                     \
		type value;                                   \
		__asm__ __volatile__("in" #suffix " %1, %0"   \
				     : "=a"(value)            \
				     : "Nd"(port)             \
				     : "memory");             \
		return value;                                 \
	}
DEFINE_PORT_IO(b, u8)
DEFINE_PORT_IO(w, u16)
DEFINE_PORT_IO(l, u32)
#undef DEFINE_PORT_IO

/* Device memory: one access of exactly this width, never merged, in program order. */
#define DEFINE_MMIO(suffix, type)                                                      \
	static inline type mmio_read##suffix(const volatile void __iomem *addr)        \
	{                                                                              \
		type value = *(const volatile __force type *)addr;                     \
		barrier();                                                             \
		return value;                                                          \
	}                                                                              \
	static inline void mmio_write##suffix(type value, volatile void __iomem *addr) \
	{                                                                              \
		barrier();                                                             \
		*(volatile __force type *)addr = value;                                \
	}
DEFINE_MMIO(8, u8)
DEFINE_MMIO(16, u16)
DEFINE_MMIO(32, u32)
DEFINE_MMIO(64, u64)
#undef DEFINE_MMIO

#endif
