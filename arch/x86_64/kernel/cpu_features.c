/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the processor can do, by the names of Linux's /proc/cpuinfo.  A row is one register of one
 * leaf of CPUID and its 32 names from bit 0 up, a dash where there is none; <arch/cpufeature.h>
 * counts words in the order of the rows.  The boot CPU's words are read once, first of all; every
 * other CPU must have what the boot CPU has, or it is not used.
 * Sources: AMD64 manual volume 3, appendix E; Intel SDM volume 2, CPUID.
 */
#define pr_fmt(fmt) "cpu: " fmt

#include <arch/cpufeature.h>
#include <arch/msr.h>
#include <linux/errno.h>
#include <oshit/bitops.h>
#include <oshit/cpuhp.h>
#include <oshit/init.h>
#include <oshit/percpu.h>
#include <oshit/printk.h>
#include <oshit/string.h>

struct feature_row {
	u32 leaf, subleaf;
	unsigned int reg; /* 0: eax, 1: ebx, 2: ecx, 3: edx */
	const char *names;
};

/* clang-format off */
static const struct feature_row rows[NR_FEATURE_WORDS] = {
	{ 1, 0, 3, "fpu vme de pse tsc msr pae mce cx8 apic - sep mtrr pge mca cmov "
		"pat pse36 pn clflush - dts acpi mmx fxsr sse sse2 ss ht tm ia64 pbe" },
	{ 1, 0, 2, "pni pclmulqdq dtes64 monitor ds_cpl vmx smx est tm2 ssse3 cid sdbg "
			"fma cx16 xtpr pdcm "
		"- pcid dca sse4_1 sse4_2 x2apic movbe popcnt "
		"tsc_deadline_timer aes xsave osxsave avx f16c rdrand hypervisor" },
	{ 7, 0, 1, "fsgsbase tsc_adjust sgx bmi1 hle avx2 - smep bmi2 erms invpcid rtm "
			"cqm - mpx rdt_a "
		"avx512f avx512dq rdseed adx smap avx512ifma - clflushopt "
		"clwb intel_pt avx512pf avx512er avx512cd sha_ni avx512bw avx512vl" },
	{ 7, 0, 2, "- avx512vbmi umip pku ospke waitpkg avx512_vbmi2 shstk gfni vaes vpclmulqdq "
		"avx512_vnni avx512_bitalg tme avx512_vpopcntdq - "
		"la57 - - - - - rdpid - bus_lock_detect cldemote - movdiri movdir64b enqcmd "
			"sgx_lc -" },
	{ 7, 0, 3, "- - avx512_4vnniw avx512_4fmaps fsrm - - - avx512_vp2intersect - "
			"md_clear - - - serialize - "
		"- - pconfig arch_lbr ibt - amx_bf16 avx512_fp16 "
		"amx_tile amx_int8 spec_ctrl intel_stibp flush_l1d arch_capabilities - ssbd" },
	{ 0x80000001, 0, 3, "- - - - - - - - - - - syscall - - - - "
		"- - - - nx - mmxext - - fxsr_opt pdpe1gb rdtscp - lm 3dnowext 3dnow" },
	{ 0x80000001, 0, 2, "lahf_lm cmp_legacy svm extapic cr8_legacy abm sse4a misalignsse "
		"3dnowprefetch osvw ibs xop skinit wdt - lwp "
		"fma4 tce - nodeid_msr - tbm topoext perfctr_core perfctr_nb - bpext - "
			"perfctr_llc mwaitx - -" },
	{ 0x80000007, 0, 3, "- - - - - - - - constant_tsc - - - - - - - - - - - - - - - - "
			"- - - - - - -" },
	{ 0xd, 1, 0, "xsaveopt xsavec xgetbv1 xsaves xfd - - - - - - - - - - - "
		"- - - - - - - - - - - - - - - -" },
};
/* clang-format on */

u32 cpu_feature_words[NR_FEATURE_WORDS] __ro_after_init;

/* Bits that say what the kernel has turned on, not what the processor can do. */
static const u32 state_bits[NR_FEATURE_WORDS] = {
	[FEATURE_WORD(X86_FEATURE_OSXSAVE)] = BIT(FEATURE_BIT(X86_FEATURE_OSXSAVE)),
	[FEATURE_WORD(X86_FEATURE_OSPKE)] = BIT(FEATURE_BIT(X86_FEATURE_OSPKE)),
};

static u32 read_word(unsigned int word)
{
	const struct feature_row *row = &rows[word];
	struct cpuid_result leaf;

	if (cpuid(row->leaf & 0x80000000, 0).eax < row->leaf)
		return 0;
	leaf = cpuid(row->leaf, row->subleaf);
	return (const u32[]){ leaf.eax, leaf.ebx, leaf.ecx, leaf.edx }[row->reg];
}

size_t cpu_feature_name(unsigned int feature, const char **name)
{
	const char *s = rows[FEATURE_WORD(feature)].names;
	size_t len = strcspn(s, " ");

	for (unsigned int bit = FEATURE_BIT(feature); bit; bit--) {
		s += len + 1;
		len = strcspn(s, " ");
	}
	*name = s;
	return *s == '-' ? 0 : len;
}

__init void cpu_features_init(void)
{
	for (unsigned int word = 0; word < NR_FEATURE_WORDS; word++)
		cpu_feature_words[word] = read_word(word);
}

/* On the CPU itself, on its way up. */
static int check_features(unsigned int cpu)
{
	int err = 0;

	for (unsigned int word = 0; word < NR_FEATURE_WORDS; word++) {
		u32 missing = cpu_feature_words[word] & ~read_word(word) & ~state_bits[word];

		for (; missing; missing &= missing - 1) {
			const char *name;
			size_t len = cpu_feature_name(word * 32 + __ffs(missing), &name);

			pr_warn("CPU %u lacks %.*s, which the boot CPU has", cpu, (int)len, name);
			err = -EINVAL;
		}
	}
	return err;
}

static const struct cpuhp_ops feature_cpuhp_ops = {
	.name = "features",
	.startup = check_features,
};

__init void cpu_features_cpuhp_init(void)
{
	cpuhp_register(CPUHP_FEATURES, &feature_cpuhp_ops);
}
