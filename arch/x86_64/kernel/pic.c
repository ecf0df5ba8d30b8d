/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The two 8259 interrupt controllers of the PC are not used, only kept quiet.  They are given
 * vectors of their own all the same: masked as they are, an interrupt that goes away while it is
 * delivered still arrives as number 7 (Intel 8259A datasheet), and must not look like an exception.
 */
#include <arch/apic.h>
#include <arch/io.h>
#include <arch/vectors.h>
#include <oshit/init.h>

#define PIC_MASTER_COMMAND 0x20
#define PIC_MASTER_DATA	   0x21
#define PIC_SLAVE_COMMAND  0xa0
#define PIC_SLAVE_DATA	   0xa1
#define ICW1_INIT	   0x11 /* edge, cascade, ICW4 follows */
#define ICW3_MASTER	   0x04 /* the slave is on input 2 */
#define ICW3_SLAVE	   0x02
#define ICW4_8086	   0x01
#define MASK_ALL	   0xff

__init void legacy_pic_mask(void)
{
	outb(MASK_ALL, PIC_MASTER_DATA);
	outb(MASK_ALL, PIC_SLAVE_DATA);
	outb(ICW1_INIT, PIC_MASTER_COMMAND);
	outb(VECTOR_PIC, PIC_MASTER_DATA);
	outb(ICW3_MASTER, PIC_MASTER_DATA);
	outb(ICW4_8086, PIC_MASTER_DATA);
	outb(ICW1_INIT, PIC_SLAVE_COMMAND);
	outb(VECTOR_PIC + 8, PIC_SLAVE_DATA);
	outb(ICW3_SLAVE, PIC_SLAVE_DATA);
	outb(ICW4_8086, PIC_SLAVE_DATA);
	outb(MASK_ALL, PIC_MASTER_DATA);
	outb(MASK_ALL, PIC_SLAVE_DATA);
}
