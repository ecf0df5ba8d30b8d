/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Whether VERW is needed (<arch/mds.h>): if the processor says that it can clear (CPUID 7 EDX bit
 * 10) and does not say that it need not (IA32_ARCH_CAPABILITIES bit 5).  "mds=full" forces it,
 * "mds=off" and "mitigations=off" forbid it, as in Linux.
 */
#define pr_fmt(fmt) "mds: " fmt

#include <arch/mds.h>
#include <arch/msr.h>
#include <arch/segment.h>
#include <linux/errno.h>
#include <oshit/boot_param.h>
#include <oshit/init.h>
#include <oshit/printk.h>
#include <oshit/string.h>

#define CPUID_7_EDX_MD_CLEAR	 (1u << 10)
#define CPUID_7_EDX_ARCH_CAPS	 (1u << 29)
#define MSR_ARCH_CAPABILITIES	 0x10a
#define ARCH_CAPABILITIES_MDS_NO (1u << 5)

static enum { MDS_AUTO, MDS_FULL, MDS_OFF } wish __initdata;

u8 mds_clears_buffers __ro_after_init;
const u16 mds_selector = KERNEL_DS; /* any that is valid and writable */

static __init int mds_param(const char *value)
{
	if (!value)
		return -EINVAL;
	if (!strcmp(value, "full"))
		wish = MDS_FULL;
	else if (!strcmp(value, "off"))
		wish = MDS_OFF;
	else
		return -EINVAL;
	return 0;
}
BOOT_PARAM("mds", mds_param);

static __init int mitigations_param(const char *value)
{
	if (value && !strcmp(value, "off") && wish == MDS_AUTO)
		wish = MDS_OFF;
	return 0;
}
BOOT_PARAM("mitigations", mitigations_param);

static __init bool cpu_leaks(void)
{
	struct cpuid_result features;

	if (cpuid(0, 0).eax < 7)
		return false;
	features = cpuid(7, 0);
	if (!(features.edx & CPUID_7_EDX_MD_CLEAR))
		return false;
	return !(features.edx & CPUID_7_EDX_ARCH_CAPS) ||
	       !(rdmsr(MSR_ARCH_CAPABILITIES) & ARCH_CAPABILITIES_MDS_NO);
}

__init void mds_init(void)
{
	mds_clears_buffers = wish == MDS_FULL || (wish == MDS_AUTO && cpu_leaks());
	if (mds_clears_buffers)
		pr_info("VERW before each return to user mode");
}
