/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef OSHIT_SERIAL8250_H
#define OSHIT_SERIAL8250_H

#ifdef CONFIG_SERIAL_8250
/* Finds the ports and registers them as consoles. Boot. */
void serial8250_init(void);

/* From now on their input comes by interrupt. Boot, after irq_init(). */
void serial8250_irq_init(void);
#else
static inline void serial8250_irq_init(void)
{
}
static inline void serial8250_init(void)
{
}
#endif

#endif
