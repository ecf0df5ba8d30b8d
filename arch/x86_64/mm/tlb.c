/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * TLB flushes.  INVLPG forgets one page and all upper levels (Intel SDM volume 3, 4.10.4.1; AMD64
 * manual volume 2, 5.5.3), writing CR3 everything that is not global.
 */
#include <arch/msr.h>
#include <arch/page.h>
#include <arch/tlb.h>

#define FLUSH_ALL_ABOVE 33 /* pages; INVLPG costs more than refilling the whole TLB above that */

void flush_tlb_local_page(unsigned long addr)
{
	__asm__ __volatile__("invlpg (%0)" : : "r"(addr) : "memory");
}

void flush_tlb_kernel_range(unsigned long start, unsigned long last)
{
	unsigned long nr = (last - start) / PAGE_SIZE + 1;

	if (nr >= FLUSH_ALL_ABOVE) {
		write_cr3(read_cr3());
		return;
	}
	for (; nr; nr--, start += PAGE_SIZE)
		flush_tlb_local_page(start);
}
