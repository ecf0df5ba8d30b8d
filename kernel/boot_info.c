/* SPDX-License-Identifier: GPL-2.0-only */
/* Where the boot loader's words are kept: all tiers read them, the entry code fills them in. */
#include <oshit/boot_info.h>
#include <oshit/init.h>

struct boot_info boot_info __ro_after_init;
