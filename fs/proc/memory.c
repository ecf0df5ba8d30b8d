/* SPDX-License-Identifier: GPL-2.0-only */
/* Memory: /proc/meminfo and its like. */
#include <oshit/init.h>
#include <oshit/mmzone.h>
#include <oshit/overcommit.h>

#include "internal.h"

#define KIB(pages) ((pages) * (PAGE_SIZE / 1024))

static void show_kib(struct seq_file *m, const char *name, unsigned long kib)
{
	seq_printf(m, "%-15s %8lu kB\n", name, kib);
}

static int meminfo_show(struct seq_file *m, void *unused __maybe_unused)
{
	struct page_counts counts;

	page_counts_get(&counts);
	show_kib(m, "MemTotal:", KIB(counts.nr_managed));
	show_kib(m, "MemFree:", KIB(counts.nr_free));
	return 0;
}

static const struct proc_file meminfo_file = { .show = meminfo_show };

__init void proc_memory_init(void)
{
	proc_create("meminfo", 0444, NULL, &meminfo_file, NULL);
}
