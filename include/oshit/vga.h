/* SPDX-License-Identifier: GPL-2.0-only */
/* The VGA text console. */
#ifndef OSHIT_VGA_H
#define OSHIT_VGA_H

#ifdef CONFIG_VGA_CONSOLE
/* Registers the console "tty0" if the loader left a text screen. Boot only; after i8042_init(). */
void vga_console_init(void);

/* From now on its keyboard works by interrupt. Boot, after irq_init(). */
void vga_console_irq_init(void);
#else
static inline void vga_console_irq_init(void)
{
}
static inline void vga_console_init(void)
{
}
#endif

#endif
