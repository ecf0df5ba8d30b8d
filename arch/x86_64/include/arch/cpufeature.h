/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the processor can do: cpu_has(X86_FEATURE_NX).  The names of all features, used here or not,
 * are in cpu_features.c; a constant is a word, in the order there, times 32 plus the bit.
 */
#ifndef ARCH_CPUFEATURE_H
#define ARCH_CPUFEATURE_H

#include <oshit/types.h>

#define NR_FEATURE_WORDS 9
#define FEATURE_WORD(feature) ((feature) / 32)
#define FEATURE_BIT(feature)  ((feature) % 32)

enum x86_feature {
	X86_FEATURE_FPU = 0 * 32 + 0,
	X86_FEATURE_TSC = 0 * 32 + 4,
	X86_FEATURE_APIC = 0 * 32 + 9,
	X86_FEATURE_PGE = 0 * 32 + 13,
	X86_FEATURE_PAT = 0 * 32 + 16,
	X86_FEATURE_FXSR = 0 * 32 + 24,
	X86_FEATURE_SSE = 0 * 32 + 25,
	X86_FEATURE_SSE2 = 0 * 32 + 26,
	X86_FEATURE_MWAIT = 1 * 32 + 3,
	X86_FEATURE_PCID = 1 * 32 + 17,
	X86_FEATURE_X2APIC = 1 * 32 + 21,
	X86_FEATURE_TSC_DEADLINE = 1 * 32 + 24,
	X86_FEATURE_XSAVE = 1 * 32 + 26,
	X86_FEATURE_OSXSAVE = 1 * 32 + 27,
	X86_FEATURE_AVX = 1 * 32 + 28,
	X86_FEATURE_RDRAND = 1 * 32 + 30,
	X86_FEATURE_HYPERVISOR = 1 * 32 + 31,
	X86_FEATURE_FSGSBASE = 2 * 32 + 0,
	X86_FEATURE_SMEP = 2 * 32 + 7,
	X86_FEATURE_ERMS = 2 * 32 + 9,
	X86_FEATURE_INVPCID = 2 * 32 + 10,
	X86_FEATURE_RDSEED = 2 * 32 + 18,
	X86_FEATURE_SMAP = 2 * 32 + 20,
	X86_FEATURE_UMIP = 3 * 32 + 2,
	X86_FEATURE_PKU = 3 * 32 + 3,
	X86_FEATURE_OSPKE = 3 * 32 + 4,
	X86_FEATURE_LA57 = 3 * 32 + 16,
	X86_FEATURE_RDPID = 3 * 32 + 22,
	X86_FEATURE_FSRM = 4 * 32 + 4,
	X86_FEATURE_SYSCALL = 5 * 32 + 11,
	X86_FEATURE_NX = 5 * 32 + 20,
	X86_FEATURE_PDPE1GB = 5 * 32 + 26, /* pages of 1 GiB */
	X86_FEATURE_RDTSCP = 5 * 32 + 27,
	X86_FEATURE_CONSTANT_TSC = 7 * 32 + 8,
	X86_FEATURE_XSAVEOPT = 8 * 32 + 0,
	X86_FEATURE_XSAVEC = 8 * 32 + 1,
	X86_FEATURE_XSAVES = 8 * 32 + 3,
};

extern u32 cpu_feature_words[NR_FEATURE_WORDS]; /* constant after cpu_features_init() */

/* Whether all CPUs in use can do it. Any context. */
static inline bool cpu_has(unsigned int feature)
{
	return cpu_feature_words[FEATURE_WORD(feature)] >> FEATURE_BIT(feature) & 1;
}

/* Length of the name of a feature, 0 if it has none; *@name is not terminated. Any context. */
size_t cpu_feature_name(unsigned int feature, const char **name);

/* Asks the boot CPU. Boot, first of all. */
void cpu_features_init(void);

/* Other CPUs are compared on their way up. Boot, before smp_init(). */
void cpu_features_cpuhp_init(void);

#endif
