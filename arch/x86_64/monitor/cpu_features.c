/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the processor can do, by the names of Linux's /proc/cpuinfo.  A row is one register of one
 * leaf of CPUID and its 32 names from bit 0 up, a dash where there is none.
 * Sources: AMD64 manual volume 3, appendix E; Intel SDM volume 2, CPUID.
 */
#include <arch/msr.h>
#include <oshit/math.h>
#include <oshit/monitor.h>
#include <oshit/string.h>

#include "monitor_x86.h"

#define SCREEN_COLUMNS 80
#define INDENT	       7

struct feature_row {
	u32 leaf;
	unsigned int reg; /* 0: eax, 1: ebx, 2: ecx, 3: edx */
	const char *names;
};

/* clang-format off */
static const struct feature_row rows[] = {
	{ 1, 3, "fpu vme de pse tsc msr pae mce cx8 apic - sep mtrr pge mca cmov "
		"pat pse36 pn clflush - dts acpi mmx fxsr sse sse2 ss ht tm ia64 pbe" },
	{ 1, 2, "pni pclmulqdq dtes64 monitor ds_cpl vmx smx est tm2 ssse3 cid sdbg "
			"fma cx16 xtpr pdcm "
		"- pcid dca sse4_1 sse4_2 x2apic movbe popcnt "
		"tsc_deadline_timer aes xsave osxsave avx f16c rdrand hypervisor" },
	{ 7, 1, "fsgsbase tsc_adjust sgx bmi1 hle avx2 - smep bmi2 erms invpcid rtm "
			"cqm - mpx rdt_a "
		"avx512f avx512dq rdseed adx smap avx512ifma - clflushopt "
		"clwb intel_pt avx512pf avx512er avx512cd sha_ni avx512bw avx512vl" },
	{ 7, 2, "- avx512vbmi umip pku ospke waitpkg avx512_vbmi2 shstk gfni vaes vpclmulqdq "
		"avx512_vnni avx512_bitalg tme avx512_vpopcntdq - "
		"la57 - - - - - rdpid - bus_lock_detect cldemote - movdiri movdir64b enqcmd "
			"sgx_lc -" },
	{ 7, 3, "- - avx512_4vnniw avx512_4fmaps fsrm - - - avx512_vp2intersect - "
			"md_clear - - - serialize - "
		"- - pconfig arch_lbr ibt - amx_bf16 avx512_fp16 "
		"amx_tile amx_int8 spec_ctrl intel_stibp flush_l1d arch_capabilities - ssbd" },
	{ 0x80000001, 3, "- - - - - - - - - - - syscall - - - - "
		"- - - - nx - mmxext - - fxsr_opt pdpe1gb rdtscp - lm 3dnowext 3dnow" },
	{ 0x80000001, 2, "lahf_lm cmp_legacy svm extapic cr8_legacy abm sse4a misalignsse "
		"3dnowprefetch osvw ibs xop skinit wdt - lwp "
		"fma4 tce - nodeid_msr - tbm topoext perfctr_core perfctr_nb - bpext - "
			"perfctr_llc mwaitx - -" },
	{ 0x80000007, 3, "- - - - - - - - constant_tsc - - - - - - - - - - - - - - - - "
			"- - - - - - -" },
};
/* clang-format on */

static u32 read_row(const struct feature_row *row)
{
	struct cpuid_result leaf = cpuid(row->leaf, 0);
	const u32 regs[4] = { leaf.eax, leaf.ebx, leaf.ecx, leaf.edx };

	return regs[row->reg];
}

static bool has_leaf(u32 leaf)
{
	return cpuid(leaf & 0x80000000, 0).eax >= leaf;
}

/* Prints a name where the line has room, or on the next. Returns the new column. */
static size_t print_name(const char *name, size_t len, size_t column)
{
	if (column + 1 + len >= SCREEN_COLUMNS) {
		monitor_printf("\n%*s", INDENT - 1, "");
		column = INDENT - 1;
	}
	monitor_printf(" %.*s", (int)len, name);
	return column + 1 + len;
}

static size_t print_row(const struct feature_row *row, size_t column)
{
	u32 bits = read_row(row);
	const char *name = row->names;
	size_t len;

	for (; *name; bits >>= 1) {
		len = strcspn(name, " ");
		if ((bits & 1) && *name != '-')
			column = print_name(name, len, column);
		name += len + (name[len] == ' ');
	}
	return column;
}

void monitor_print_cpu_features(void)
{
	size_t column = INDENT - 1;

	monitor_printf("%-*s", INDENT - 1, "flags");
	for (unsigned int i = 0; i < ARRAY_SIZE(rows); i++)
		if (has_leaf(rows[i].leaf))
			column = print_row(&rows[i], column);
	monitor_printf("\n");
}
