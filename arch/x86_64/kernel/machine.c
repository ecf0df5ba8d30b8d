/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Restart without firmware tables: the reset control register of PCI chipsets (port 0xcf9, Intel
 * ICH datasheets, "RST_CNT"), then a triple fault, which every processor turns into a reset.
 */
#include <arch/io.h>
#include <arch/machine.h>
#include <arch/processor.h>
#include <oshit/clock.h>

#define RESET_CONTROL 0xcf9
#define RESET_HARD    0x02 /* whole system, not only the CPU */
#define RESET_START   0x04
#define RESET_WAIT_US 50000

void arch_restart(void)
{
	struct {
		u16 limit;
		u64 base;
	} __packed no_idt = { 0, 0 };

	outb(RESET_HARD, RESET_CONTROL);
	delay_us(50);
	outb(RESET_HARD | RESET_START, RESET_CONTROL);
	delay_us(RESET_WAIT_US);

	__asm__ __volatile__("lidt %0; int3" : : "m"(no_idt));
	cpu_stop();
}
