/* SPDX-License-Identifier: GPL-2.0-only */
/* Settings: /proc/sys. */
#include <oshit/init.h>

#include "internal.h"

__init void proc_sysctl_init(void)
{
}
