/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * TLB flushes.  INVLPG forgets one page and all upper levels (Intel SDM volume 3, 4.10.4.1; AMD64
 * manual volume 2, 5.5.3), writing CR3 everything that is not global.  No user page is global.
 */
#include <arch/msr.h>
#include <arch/page.h>
#include <arch/tlb.h>
#include <asm/processor-flags.h>
#include <oshit/atomic.h>
#include <oshit/mm_context.h>
#include <oshit/smp.h>

void flush_tlb_local_page(unsigned long addr)
{
	__asm__ __volatile__("invlpg (%0)" : : "r"(addr) : "memory");
}

/* Changing CR4.PGE forgets what is global, too (Intel SDM volume 3, 4.10.4.1). */
void flush_tlb_local(void)
{
	unsigned long cr4 = read_cr4();

	if (cr4 & X86_CR4_PGE) {
		write_cr4(cr4 & ~X86_CR4_PGE);
		write_cr4(cr4);
	} else {
		write_cr3(read_cr3());
	}
}

struct flush_range {
	unsigned long start, last; /* first and last byte */
};

static bool range_is_large(const struct flush_range *range)
{
	return (range->last - range->start) / PAGE_SIZE >= TLB_MAX_PAGES;
}

static void flush_each_page(const struct flush_range *range)
{
	unsigned long nr = (range->last - range->start) / PAGE_SIZE + 1;

	for (unsigned long addr = range->start; nr; nr--, addr += PAGE_SIZE)
		flush_tlb_local_page(addr);
}

static void flush_kernel_range_here(void *arg)
{
	if (range_is_large(arg))
		flush_tlb_local();
	else
		flush_each_page(arg);
}

static void flush_user_here(void)
{
	write_cr3(read_cr3());
}

static void flush_user_range_here(void *arg)
{
	if (mm_context_leave_lazy())
		return;
	if (range_is_large(arg))
		flush_user_here();
	else
		flush_each_page(arg);
}

static void flush_user_pages_here(void *arg)
{
	const struct tlb_pages *pages = arg;

	if (mm_context_leave_lazy())
		return;
	if (pages->nr > TLB_MAX_PAGES) {
		flush_user_here();
		return;
	}
	for (unsigned int i = 0; i < pages->nr; i++)
		flush_tlb_local_page(pages->addr[i]);
}

/* Calls @flush on each CPU that has @context loaded. */
static void flush_where_loaded(struct mm_context *context, void (*flush)(void *), void *arg)
{
	unsigned int cpu = get_cpu();
	struct cpumask others;

	/* Pairs with switch_mm(), which enters the mask before it loads the tables: a CPU that is
	 * not seen here has yet to read the entries that the caller has changed. */
	smp_mb();
	cpumask_copy(&others, &context->cpus);
	if (cpumask_test_cpu(cpu, &others)) {
		cpumask_clear_cpu(cpu, &others);
		flush(arg);
	}
	if (!cpumask_empty(&others))
		smp_call_function_many(&others, flush, arg);
	put_cpu();
}

void flush_tlb_mm_range(struct mm_context *context, unsigned long start, unsigned long last)
{
	struct flush_range range = { start, last };

	flush_where_loaded(context, flush_user_range_here, &range);
}

bool flush_tlb_mm_page_if_alone(struct mm_context *context, unsigned long addr)
{
	struct flush_range range = { addr, addr };
	unsigned int cpu = smp_processor_id();
	struct cpumask others;

	/* As in flush_where_loaded(). */
	smp_mb();
	cpumask_copy(&others, &context->cpus);
	cpumask_clear_cpu(cpu, &others);
	if (!cpumask_empty(&others))
		return false;
	if (cpumask_test_cpu(cpu, &context->cpus))
		flush_user_range_here(&range);
	return true;
}

void flush_tlb_mm_pages(struct mm_context *context, struct tlb_pages *pages)
{
	if (pages->nr)
		flush_where_loaded(context, flush_user_pages_here, pages);
}

/* The exchange is a full barrier, which pairs as in flush_where_loaded(). */
void tlb_batch_add(struct tlb_batch *batch, struct mm_context *context, unsigned long addr)
{
	cpumask_or(&batch->cpus, &batch->cpus, &context->cpus);
	tlb_pages_add(&batch->pages, addr);
}

/* A CPU that has another address space by now forgets a page of that, which does no harm. */
void tlb_batch_flush(struct tlb_batch *batch)
{
	unsigned int cpu;

	if (!batch->pages.nr)
		return;
	cpu = get_cpu();
	if (cpumask_test_cpu(cpu, &batch->cpus)) {
		cpumask_clear_cpu(cpu, &batch->cpus);
		flush_user_pages_here(&batch->pages);
	}
	if (!cpumask_empty(&batch->cpus))
		smp_call_function_many(&batch->cpus, flush_user_pages_here, &batch->pages);
	put_cpu();
	batch->pages.nr = 0;
	cpumask_clear(&batch->cpus);
}

void flush_tlb_kernel_range(unsigned long start, unsigned long last)
{
	struct flush_range range = { start, last };

	on_each_cpu(flush_kernel_range_here, &range);
}
