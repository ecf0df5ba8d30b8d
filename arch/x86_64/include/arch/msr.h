/* SPDX-License-Identifier: GPL-2.0-only */
/* Model-specific registers, control registers and CPUID.  Arch code only. */
#ifndef ARCH_MSR_H
#define ARCH_MSR_H

#define MSR_APIC_BASE	   0x0000001b
#define MSR_SYSENTER_CS	   0x00000174
#define MSR_EFER	   0xc0000080
#define MSR_STAR	   0xc0000081
#define MSR_LSTAR	   0xc0000082
#define MSR_CSTAR	   0xc0000083
#define MSR_SYSCALL_MASK   0xc0000084
#define MSR_FS_BASE	   0xc0000100
#define MSR_GS_BASE	   0xc0000101
#define MSR_KERNEL_GS_BASE 0xc0000102
#define MSR_TSC_AUX	   0xc0000103

#define EFER_SCE	   (1 << 0)
#define EFER_LME	   (1 << 8)
#define EFER_LMA	   (1 << 10)
#define EFER_NX		   (1 << 11)

#ifndef __ASSEMBLY__
#include <oshit/types.h>

static inline u64 rdmsr(u32 msr)
{
	u32 low, high;

	__asm__ __volatile__("rdmsr" : "=a"(low), "=d"(high) : "c"(msr));
	return low | (u64)high << 32;
}

static inline void wrmsr(u32 msr, u64 value)
{
	__asm__ __volatile__("wrmsr"
			     :
			     : "c"(msr), "a"((u32)(value & 0xffffffff)), "d"((u32)(value >> 32))
			     : "memory");
}

struct cpuid_result {
	u32 eax, ebx, ecx, edx;
};

static inline struct cpuid_result cpuid(u32 leaf, u32 subleaf)
{
	struct cpuid_result r;

	__asm__ __volatile__("cpuid"
			     : "=a"(r.eax), "=b"(r.ebx), "=c"(r.ecx), "=d"(r.edx)
			     : "a"(leaf), "c"(subleaf));
	return r;
}

#define DEFINE_CR(n)                                                                   \
	static inline unsigned long read_cr##n(void)                                   \
	{                                                                              \
		unsigned long value;                                                   \
		__asm__ __volatile__("mov %%cr" #n ", %0" : "=r"(value) : : "memory"); \
		return value;                                                          \
	}                                                                              \
	static inline void write_cr##n(unsigned long value)                            \
	{                                                                              \
		__asm__ __volatile__("mov %0, %%cr" #n : : "r"(value) : "memory");     \
	}
DEFINE_CR(0)
DEFINE_CR(2)
DEFINE_CR(3)
DEFINE_CR(4)
DEFINE_CR(8)
#undef DEFINE_CR

#define DR6_STEP  (1ul << 14)
#define DR6_CLEAR 0xffff0ff0ul /* the bits that are always set */

/* What a debug exception was about. The processor sets bits and never clears any: this does. */
static inline unsigned long read_and_clear_dr6(void)
{
	unsigned long value;

	__asm__ __volatile__("mov %%dr6, %0" : "=r"(value));
	__asm__ __volatile__("mov %0, %%dr6" : : "r"(DR6_CLEAR));
	return value;
}
#endif

#endif
