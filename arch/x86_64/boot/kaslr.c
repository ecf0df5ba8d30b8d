/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Kernel address space layout randomisation: how far the image, the direct map, vmalloc and the
 * page array slide from where they are without it.
 *
 * The image moves in steps of 2 MiB over the top 2 GiB, the others in steps of 1 GiB over the
 * room that the address space leaves them.  The numbers come from RDSEED and RDRAND where the
 * processor has them, from the time-stamp counter and from what the loader left in memory; each
 * source is stirred in, so that a bad one takes nothing away from a good one.
 *
 * Runs at physical addresses before relocation, like early.c; the rules there hold here.
 */
#include "boot.h"

#include <arch/msr.h>
#include <arch/page.h>
#include <arch/processor.h>
#include <oshit/init.h>
#include <oshit/math.h>
#include <oshit/sizes.h>

#define CPUID_1_ECX_RDRAND (1u << 30)
#define CPUID_7_EBX_RDSEED (1u << 18)
#define RANDOM_TRIES	   10 /* the Intel SDM, volume 1, 7.3.17, for RDRAND */
#define LOADER_WORDS	   64 /* of the loader's information that are stirred in */

/* The finaliser of SplitMix64: each bit of @x reaches all bits of the result. */
static __init u64 mix(u64 x)
{
	x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
	x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
	return x ^ (x >> 31);
}

#define DEFINE_HARDWARE_RANDOM(insn)                                  \
	static __init u64 insn(void)                                  \
	{                                                             \
		unsigned int tries;                                   \
		bool ok = false;                                      \
		u64 value = 0;                                        \
                                                                      \
		for (tries = 0; tries < RANDOM_TRIES && !ok; tries++) \
			__asm__ __volatile__(#insn " %0; setc %1"     \
					     : "=r"(value), "=qm"(ok) \
					     :                        \
					     : "cc");                 \
		return value;                                         \
	}
DEFINE_HARDWARE_RANDOM(rdrand)
DEFINE_HARDWARE_RANDOM(rdseed)

static __init u64 gather_entropy(void)
{
	const u64 *loader = (const u64 *)(unsigned long)boot_params_phys;
	u64 pool = mix(boot_cycles);
	unsigned int i;

	for (i = 0; i < LOADER_WORDS; i++)
		pool = mix(pool ^ loader[i]);
	if (cpuid(1, 0).ecx & CPUID_1_ECX_RDRAND)
		pool = mix(pool ^ rdrand());
	if (cpuid(0, 0).eax >= 7 && cpuid(7, 0).ebx & CPUID_7_EBX_RDSEED)
		pool = mix(pool ^ rdseed());
	return mix(pool ^ cpu_cycles());
}

static __init bool is_word_end(char c)
{
	return c == '\0' || c == ' ' || c == '\t';
}

/* Whether "nokaslr" is a word of @text, which may be NULL. */
static __init bool is_forbidden_by(const char *text)
{
	const char *const word = "nokaslr";
	unsigned int i;

	while (text && *text) {
		for (i = 0; word[i] && text[i] == word[i]; i++)
			;
		if (!word[i] && is_word_end(text[i]))
			return true;
		while (!is_word_end(*text))
			text++;
		while (*text && is_word_end(*text))
			text++;
	}
	return false;
}

static __init const char *loader_cmdline(void)
{
	const void *info = (const void *)(unsigned long)boot_params_phys;

	if (boot_magic == PVH_MAGIC)
		return pvh_cmdline(info);
	return boot_magic == MULTIBOOT2_MAGIC ? multiboot2_cmdline(info) : NULL;
}

/* A multiple of @step, from 0 to @room. */
static __init unsigned long pick(u64 *pool, unsigned long room, unsigned long step)
{
	*pool = mix(*pool + 0x9e3779b97f4a7c15);
	return *pool % (room / step + 1) * step;
}

__init void kaslr_choose(struct kaslr_slides *slides)
{
	unsigned long image_size = ALIGN_UP((unsigned long)(_end - _text), IMAGE_ALIGN);
	u64 pool;

	if (is_forbidden_by(CONFIG_CMDLINE) || is_forbidden_by(loader_cmdline()))
		return;
	pool = gather_entropy();
	slides->image = pick(&pool, IMAGE_WINDOW_SIZE - IMAGE_PHYS_BASE - image_size, IMAGE_ALIGN);
	slides->direct_map = pick(&pool, DIRECT_MAP_ROOM - DIRECT_MAP_SIZE, GIB(1));
	slides->vmalloc = pick(&pool, VMALLOC_ROOM - VMALLOC_SIZE, GIB(1));
	slides->page_array = pick(&pool, PAGE_ARRAY_ROOM - PAGE_ARRAY_SIZE, GIB(1));
}
