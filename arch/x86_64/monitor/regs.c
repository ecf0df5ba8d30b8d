/* SPDX-License-Identifier: GPL-2.0-only */
/* The processor's registers: those at entry (regs), those that say how it works (cpu). */
#include <linux/errno.h>

#include <arch/monitor.h>
#include <arch/msr.h>
#include <oshit/math.h>
#include <oshit/monitor.h>
#include <oshit/string.h>

#include "monitor_x86.h"

struct flag_name {
	unsigned int bit;
	const char *name;
};

/* The names are those of the manuals; a bit without a name prints as a number. */
/* clang-format off */
static const struct flag_name eflags_names[] = {
	{ 0, "CF" }, { 2, "PF" }, { 4, "AF" }, { 6, "ZF" }, { 7, "SF" }, { 8, "TF" }, { 9, "IF" },
	{ 10, "DF" }, { 11, "OF" }, { 14, "NT" }, { 16, "RF" }, { 17, "VM" }, { 18, "AC" },
	{ 19, "VIF" }, { 20, "VIP" }, { 21, "ID" }, {}
};

static const struct flag_name cr0_names[] = {
	{ 0, "PE" }, { 1, "MP" }, { 2, "EM" }, { 3, "TS" }, { 4, "ET" }, { 5, "NE" }, { 16, "WP" },
	{ 18, "AM" }, { 29, "NW" }, { 30, "CD" }, { 31, "PG" }, {}
};

static const struct flag_name cr4_names[] = {
	{ 0, "VME" }, { 1, "PVI" }, { 2, "TSD" }, { 3, "DE" }, { 4, "PSE" }, { 5, "PAE" },
	{ 6, "MCE" }, { 7, "PGE" }, { 8, "PCE" }, { 9, "OSFXSR" }, { 10, "OSXMMEXCPT" },
	{ 11, "UMIP" }, { 12, "LA57" }, { 13, "VMXE" }, { 16, "FSGSBASE" }, { 17, "PCIDE" },
	{ 18, "OSXSAVE" }, { 20, "SMEP" }, { 21, "SMAP" }, { 22, "PKE" }, { 23, "CET" }, {}
};

static const struct flag_name efer_names[] = {
	{ 0, "SCE" }, { 8, "LME" }, { 10, "LMA" }, { 11, "NXE" }, { 12, "SVME" }, { 14, "FFXSR" },
	{}
};
/* clang-format on */

static const char *find_name(const struct flag_name *names, unsigned int bit)
{
	for (; names->name; names++)
		if (names->bit == bit)
			return names->name;
	return NULL;
}

static void print_flags(const char *reg, unsigned long value, const struct flag_name *names)
{
	const char *name;

	monitor_printf("%-6s %016lx", reg, value);
	for (unsigned int bit = 0; bit < 64; bit++) {
		if (!(value >> bit & 1))
			continue;
		name = find_name(names, bit);
		if (name)
			monitor_printf(" %s", name);
		else if (names != eflags_names)
			monitor_printf(" bit%u", bit);
	}
	monitor_printf("\n");
}

static int show_regs(int argc, char **argv)
{
	const struct pt_regs *r = monitor_regs();

	if (argc != 1)
		return -EINVAL;
	if (!r) {
		monitor_printf("there are none: nothing was stopped\n");
		return 0;
	}
	monitor_printf("rip    %016lx %pS\n", r->rip, (void *)r->rip);
	monitor_printf("rax    %016lx  rbx %016lx  rcx %016lx\n", r->rax, r->rbx, r->rcx);
	monitor_printf("rdx    %016lx  rsi %016lx  rdi %016lx\n", r->rdx, r->rsi, r->rdi);
	monitor_printf("rbp    %016lx  rsp %016lx  r8  %016lx\n", r->rbp, r->rsp, r->r8);
	monitor_printf("r9     %016lx  r10 %016lx  r11 %016lx\n", r->r9, r->r10, r->r11);
	monitor_printf("r12    %016lx  r13 %016lx  r14 %016lx\n", r->r12, r->r13, r->r14);
	monitor_printf("r15    %016lx  cs  %04lx  ss %04lx  error %lx\n", r->r15, r->cs, r->ss,
		       r->orig_rax);
	print_flags("eflags", r->eflags, eflags_names);
	return 0;
}
MONITOR_COMMAND(regs, "", "the registers when the kernel stopped", show_regs);

/* A leaf of CPUID gives its text in three or four registers. */
static void append_text(char *text, u32 a, u32 b, u32 c)
{
	const u32 words[3] = { a, b, c };

	memcpy(text, words, sizeof(words));
}

static void print_vendor_and_model(void)
{
	struct cpuid_result leaf = cpuid(0, 0);
	char vendor[13] = {};
	char model[49] = {};
	u32 family;

	append_text(vendor, leaf.ebx, leaf.edx, leaf.ecx);
	leaf = cpuid(1, 0);
	family = (leaf.eax >> 8 & 0xf) + ((leaf.eax >> 8 & 0xf) == 0xf ? leaf.eax >> 20 & 0xff : 0);
	monitor_printf("vendor %s family %u model %u stepping %u\n", vendor, family,
		       (leaf.eax >> 4 & 0xf) | (leaf.eax >> 12 & 0xf0), leaf.eax & 0xf);
	if (cpuid(0x80000000, 0).eax < 0x80000004)
		return;
	for (u32 i = 0; i < 3; i++) {
		leaf = cpuid(0x80000002 + i, 0);
		memcpy(model + 16 * i, &leaf, 16);
	}
	monitor_printf("model  %s\n", skip_spaces(model));
}

static void print_control_registers(void)
{
	print_flags("cr0", read_cr0(), cr0_names);
	monitor_printf("cr2    %016lx\n", read_cr2());
	monitor_printf("cr3    %016lx\n", read_cr3());
	print_flags("cr4", read_cr4(), cr4_names);
	print_flags("efer", rdmsr(MSR_EFER), efer_names);
	monitor_printf("gs     %016lx  kernel gs %016lx  fs %016lx\n", rdmsr(MSR_GS_BASE),
		       rdmsr(MSR_KERNEL_GS_BASE), rdmsr(MSR_FS_BASE));
}

static int cpuinfo(int argc, char **argv)
{
	if (argc != 1)
		return -EINVAL;
	print_vendor_and_model();
	monitor_print_cpu_features();
	print_control_registers();
	return 0;
}
MONITOR_COMMAND(cpuinfo, "", "processor: model, features, control registers", cpuinfo);
