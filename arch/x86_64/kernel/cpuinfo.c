/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What there is to say about a CPU, in Linux's words: /proc/cpuinfo, the system's own interrupts,
 * and the weaknesses under /sys/devices/system/cpu/vulnerabilities.
 *
 * CPUID is asked on the CPU itself.  Features are those that all CPUs have, since no other is used.
 * Sources: AMD64 manual volume 3, appendix E; Intel SDM volume 2, CPUID.
 */
#include <arch/cpufeature.h>
#include <arch/cpuinfo.h>
#include <arch/irq.h>
#include <arch/mds.h>
#include <arch/msr.h>
#include <arch/smpboot.h>
#include <arch/trap.h>
#include <oshit/clock.h>
#include <oshit/math.h>
#include <oshit/seq_file.h>
#include <oshit/smp.h>
#include <oshit/string.h>

#define MANY_CYCLES (1UL << 30) /* to measure a rate by */

struct cpu_facts {
	char vendor[13], name[49];
	u32 max_leaf, signature, apic_id;
	u32 cache_kib, line_bytes, phys_bits, virt_bits;
};

/* --- CPUID --- */

static void get_name(struct cpu_facts *facts)
{
	u32 *words = (u32 *)facts->name;

	if (cpuid(0x80000000, 0).eax < 0x80000004) {
		strscpy(facts->name, "unknown", sizeof(facts->name));
		return;
	}
	for (u32 leaf = 0; leaf < 3; leaf++) {
		struct cpuid_result part = cpuid(0x80000002 + leaf, 0);

		memcpy(words + 4 * leaf, &part, sizeof(part));
	}
}

/* On the CPU itself. */
static void get_facts(void *arg)
{
	struct cpu_facts *facts = arg;
	struct cpuid_result leaf = cpuid(0, 0);
	u32 max_extended = cpuid(0x80000000, 0).eax;

	facts->max_leaf = leaf.eax;
	memcpy(facts->vendor, &leaf.ebx, 4);
	memcpy(facts->vendor + 4, &leaf.edx, 4);
	memcpy(facts->vendor + 8, &leaf.ecx, 4);
	leaf = cpuid(1, 0);
	facts->signature = leaf.eax;
	facts->line_bytes = (leaf.ebx >> 8 & 0xff) * 8;
	facts->apic_id = cpuid_apic_id();
	get_name(facts);
	if (max_extended >= 0x80000006)
		facts->cache_kib = cpuid(0x80000006, 0).ecx >> 16;
	facts->phys_bits = 36;
	facts->virt_bits = 48;
	if (max_extended >= 0x80000008) {
		leaf = cpuid(0x80000008, 0);
		facts->phys_bits = leaf.eax & 0xff;
		facts->virt_bits = leaf.eax >> 8 & 0xff;
	}
}

static u32 family_of(u32 signature)
{
	u32 family = signature >> 8 & 0xf;

	return family == 0xf ? family + (signature >> 20 & 0xff) : family;
}

static u32 model_of(u32 signature)
{
	u32 model = signature >> 4 & 0xf;

	return family_of(signature) >= 6 ? model + (signature >> 12 & 0xf0) : model;
}

/* --- /proc/cpuinfo --- */

static void show_features(struct seq_file *m)
{
	const char *name;
	size_t len;

	seq_puts(m, "flags\t\t:");
	for (unsigned int feature = 0; feature < NR_FEATURE_WORDS * 32; feature++) {
		len = cpu_has(feature) ? cpu_feature_name(feature, &name) : 0;
		if (len) {
			seq_putc(m, ' ');
			seq_write(m, name, len);
		}
	}
	seq_putc(m, '\n');
}

/* What it is vulnerable to, or would be if nothing was done about it. */
static void show_bugs(struct seq_file *m)
{
	const char *name, *state;

	seq_puts(m, "bugs\t\t:");
	for (unsigned int i = 0; (name = arch_vulnerability(i, &state)); i++)
		if (state[0] != 'N')
			seq_printf(m, " %s%s", strcmp(name, "meltdown") ? "" : "cpu_", name);
	seq_putc(m, '\n');
}

/* The rate of the time stamp counter, which is what there is to know. */
static unsigned long cycles_khz(void)
{
	return MANY_CYCLES * NSEC_PER_MSEC / clock_cycles_ns(MANY_CYCLES);
}

void arch_cpuinfo_show(struct seq_file *m, unsigned int cpu)
{
	struct cpu_facts facts = { .max_leaf = 0 };
	unsigned long khz = cycles_khz();

	if (smp_call_function_single(cpu, get_facts, &facts, SMP_WAIT))
		return; /* it has gone off */
	seq_printf(m, "processor\t: %u\nvendor_id\t: %s\ncpu family\t: %u\nmodel\t\t: %u\n", cpu,
		   facts.vendor, family_of(facts.signature), model_of(facts.signature));
	seq_printf(m, "model name\t: %s\nstepping\t: %u\n", facts.name, facts.signature & 0xf);
	seq_printf(m, "cpu MHz\t\t: %lu.%03lu\n", khz / 1000, khz % 1000);
	if (facts.cache_kib)
		seq_printf(m, "cache size\t: %u KB\n", facts.cache_kib);
	seq_printf(m, "physical id\t: 0\nsiblings\t: %u\ncore id\t\t: %u\ncpu cores\t: %u\n",
		   num_online_cpus(), cpu, num_online_cpus());
	seq_printf(m, "apicid\t\t: %u\ninitial apicid\t: %u\n", facts.apic_id, facts.apic_id);
	seq_printf(m, "fpu\t\t: yes\nfpu_exception\t: yes\ncpuid level\t: %u\nwp\t\t: yes\n",
		   facts.max_leaf);
	show_features(m);
	show_bugs(m);
	seq_printf(m, "bogomips\t: %lu.%02lu\n", khz * 2 / 1000, khz * 2 / 10 % 100);
	seq_printf(m, "clflush size\t: %u\ncache_alignment\t: %u\n", facts.line_bytes,
		   facts.line_bytes);
	seq_printf(m, "address sizes\t: %u bits physical, %u bits virtual\npower management:\n\n",
		   facts.phys_bits, facts.virt_bits);
}

/* --- /proc/interrupts --- */

void arch_interrupts_show(struct seq_file *m)
{
	static const struct {
		unsigned int vector;
		const char *name, *text;
	} rows[] = {
		{ TRAP_NMI, "NMI", "Non-maskable interrupts" },
		{ VECTOR_TIMER, "LOC", "Local timer interrupts" },
		{ VECTOR_SPURIOUS, "SPU", "Spurious interrupts" },
		{ VECTOR_RESCHEDULE, "RES", "Rescheduling interrupts" },
		{ VECTOR_CALL, "CAL", "Function call interrupts" },
		{ VECTOR_ERROR, "ERR", "Errors of local interrupt controllers" },
	};
	unsigned int cpu;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		seq_printf(m, "%s: ", rows[i].name);
		for_each_online_cpu(cpu)
			seq_printf(m, "%10u ", vector_count(rows[i].vector, cpu));
		seq_printf(m, "  %s\n", rows[i].text);
	}
}

/* --- weaknesses --- */

#define MSR_ARCH_CAPABILITIES 0x10a
#define CAPABILITY_RDCL_NO    (1u << 0)
#define CAPABILITY_MDS_NO     (1u << 5)
#define CPUID_7_EDX_ARCH_CAPS (1u << 29)

static bool is_intel(void)
{
	return cpuid(0, 0).ebx == 0x756e6547; /* "Genu" */
}

static bool is_free_of(u32 capability)
{
	return !is_intel() || (cpuid(0, 0).eax >= 7 && cpuid(7, 0).edx & CPUID_7_EDX_ARCH_CAPS &&
			       rdmsr(MSR_ARCH_CAPABILITIES) & capability);
}

static const char not_affected[] = "Not affected", vulnerable[] = "Vulnerable";

static const char *meltdown(void)
{
	return is_free_of(CAPABILITY_RDCL_NO) ? not_affected : vulnerable;
}

static const char *l1tf(void)
{
	if (is_free_of(CAPABILITY_RDCL_NO))
		return not_affected;
	return IS_ENABLED(CONFIG_MITIGATION_L1TF) ? "Mitigation: PTE Inversion" : vulnerable;
}

static const char *mds(void)
{
	if (is_free_of(CAPABILITY_MDS_NO))
		return not_affected;
	return IS_ENABLED(CONFIG_MITIGATION_MDS) && mds_clears_buffers
		       ? "Mitigation: Clear CPU buffers"
		       : vulnerable;
}

/* Of others than Intel not known; of Intel not looked at more closely. */
static const char *of_intel(void)
{
	return is_intel() ? vulnerable : not_affected;
}

/* All that speculate, and nothing is done about it here. */
static const char *of_all(void)
{
	return vulnerable;
}

const char *arch_vulnerability(unsigned int nr, const char **state)
{
	static const struct {
		const char *name;
		const char *(*state)(void);
	} rows[] = {
		{ "itlb_multihit", of_intel },
		{ "l1tf", l1tf },
		{ "mds", mds },
		{ "meltdown", meltdown },
		{ "mmio_stale_data", of_intel },
		{ "retbleed", of_all },
		{ "spec_store_bypass", of_all },
		{ "spectre_v1", of_all },
		{ "spectre_v2", of_all },
		{ "srbds", of_intel },
		{ "tsx_async_abort", of_intel },
	};

	if (nr >= ARRAY_SIZE(rows))
		return NULL;
	*state = rows[nr].state();
	return rows[nr].name;
}
