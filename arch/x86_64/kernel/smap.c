/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * SMAP's instructions are put into the text where the build left room for them, while booting, on
 * one CPU, before the text becomes read-only and while nothing but exceptions comes.  Each CPU sets
 * CR4.SMAP by itself.
 */
#include <arch/msr.h>
#include <arch/smap.h>
#include <asm/processor-flags.h>
#include <oshit/boot_param.h>
#include <oshit/init.h>
#include <oshit/types.h>

#define CPUID_7_EBX_SMAP (1u << 20)

struct smap_site {
	s32 where_rel; /* relative to this field */
	u32 last_byte; /* of the instruction */
};

/* 0f 1f 00 becomes 0f 01 ca or cb at once, for an exception may come. */
struct smap_insn {
	u8 escape;
	u16 operation;
} __packed;

extern const struct smap_site __start_smap_sites[], __stop_smap_sites[];

static bool nosmap __initdata;

static __init int nosmap_param(const char *value __maybe_unused)
{
	nosmap = true;
	return 0;
}
BOOT_PARAM("nosmap", nosmap_param);

static __init bool cpu_has_smap(void)
{
	return cpuid(0, 0).eax >= 7 && cpuid(7, 0).ebx & CPUID_7_EBX_SMAP;
}

__init void smap_patch(void)
{
	const struct smap_site *site;

	if (nosmap || !cpu_has_smap())
		return;
	for (site = __start_smap_sites; site < __stop_smap_sites; site++) {
		volatile struct smap_insn *insn =
			(void *)((long)&site->where_rel + site->where_rel);

		insn->operation = (u16)(0x01 | site->last_byte << 8);
	}
	write_cr4(read_cr4() | X86_CR4_SMAP);
}
