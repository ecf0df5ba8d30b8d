/* SPDX-License-Identifier: GPL-2.0-only */
/* /proc/config.gz: how the kernel was configured. */
#include <oshit/init.h>

#include "internal.h"

extern const char config_gz_start[], config_gz_end[]; /* config_data.S */

static int config_show(struct seq_file *m, void *unused __maybe_unused)
{
	seq_write(m, config_gz_start, (size_t)(config_gz_end - config_gz_start));
	return 0;
}

static const struct kernfs_file config_file = { .show = config_show };

__init void proc_config_init(void)
{
	kernfs_create("config.gz", 0444, &proc_root, &config_file, NULL);
}
