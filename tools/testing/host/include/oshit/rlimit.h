/* SPDX-License-Identifier: GPL-2.0-only */
/* No limits on the host. */
#ifndef OSHIT_RLIMIT_H
#define OSHIT_RLIMIT_H

#include <linux/resource.h>

static inline unsigned long current_limit(unsigned int resource __maybe_unused)
{
	return ~0UL;
}

#endif
