/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Code and data used only while booting.  Both lie in sections of their own, whose pages are
 * of no use after booting; the link fails if other code refers to them.
 */
#ifndef OSHIT_INIT_H
#define OSHIT_INIT_H

#define __init		__section(".init.text") __cold
#define __initdata	__section(".init.data")
#define __initconst	__section(".init.rodata")

/* Data that is written while booting and read-only from arch_seal_data() on. */
#define __ro_after_init __section(".data.ro_after_init")

#endif
