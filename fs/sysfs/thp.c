/* SPDX-License-Identifier: GPL-2.0-only */
/* /sys/kernel/mm/transparent_hugepage: when huge pages are used, and how hard they are sought. */
#include <linux/errno.h>
#include <oshit/init.h>
#include <oshit/seq_file.h>
#include <oshit/string.h>
#include <oshit/thp.h>

#include "internal.h"

/* always [madvise] never */
static int enabled_show(struct seq_file *m, void *unused __maybe_unused)
{
	enum thp_mode now = READ_ONCE(thp_mode);

	for (enum thp_mode mode = 0; mode < NR_THP_MODES; mode++)
		seq_printf(m, mode == now ? "%s[%s]" : "%s%s", mode ? " " : "",
			   thp_mode_names[mode]);
	seq_putc(m, '\n');
	return 0;
}

static int enabled_write(const void *data __maybe_unused, char *text, size_t len __maybe_unused)
{
	text = strim(text);
	for (enum thp_mode mode = 0; mode < NR_THP_MODES; mode++) {
		if (strcmp(text, thp_mode_names[mode]))
			continue;
		WRITE_ONCE(thp_mode, mode);
		return 0;
	}
	return -EINVAL;
}

/* A fault takes a huge page that is there and never makes one. */
static int defrag_show(struct seq_file *m, void *unused __maybe_unused)
{
	seq_puts(m, "always defer defer+madvise madvise [never]\n");
	return 0;
}

static int use_zero_page_show(struct seq_file *m, void *unused __maybe_unused)
{
	seq_puts(m, "1\n");
	return 0;
}

static int size_show(struct seq_file *m, void *unused __maybe_unused)
{
	seq_printf(m, "%lu\n", HUGE_SIZE);
	return 0;
}

static const struct kernfs_file enabled_file = {
	.show = enabled_show,
	.write = enabled_write,
	.size = SYSFS_SIZE,
};
static const struct kernfs_file defrag_file = { .show = defrag_show, .size = SYSFS_SIZE };
static const struct kernfs_file zero_page_file = { .show = use_zero_page_show, .size = SYSFS_SIZE };
static const struct kernfs_file size_file = { .show = size_show, .size = SYSFS_SIZE };

__init void sysfs_thp_init(struct kernfs_node *mm)
{
	static const struct kernfs_number pages_to_scan = { .value = &khugepaged_pages_to_scan,
							    .max = 1UL << 31 };
	static const struct kernfs_number scan_ms = { .value = &khugepaged_scan_sleep_millisecs,
						      .max = 1UL << 31 };
	static const struct kernfs_number alloc_ms = { .value = &khugepaged_alloc_sleep_millisecs,
						       .max = 1UL << 31 };
	static const struct kernfs_number none = { .value = &khugepaged_max_ptes_none,
						   .max = HUGE_PAGES - 1 };
	static const struct kernfs_number shared = { .value = &khugepaged_max_ptes_shared,
						     .max = HUGE_PAGES - 1 };
	struct kernfs_node *dir = kernfs_mkdir("transparent_hugepage", mm);
	struct kernfs_node *daemon = kernfs_mkdir("khugepaged", dir);

	kernfs_create("enabled", 0644, dir, &enabled_file, NULL);
	kernfs_create("defrag", 0444, dir, &defrag_file, NULL);
	kernfs_create("use_zero_page", 0444, dir, &zero_page_file, NULL);
	kernfs_create("hpage_pmd_size", 0444, dir, &size_file, NULL);
	kernfs_create("pages_to_scan", 0644, daemon, &kernfs_number_file, &pages_to_scan);
	kernfs_create("scan_sleep_millisecs", 0644, daemon, &kernfs_number_file, &scan_ms);
	kernfs_create("alloc_sleep_millisecs", 0644, daemon, &kernfs_number_file, &alloc_ms);
	kernfs_create("max_ptes_none", 0644, daemon, &kernfs_number_file, &none);
	kernfs_create("max_ptes_shared", 0644, daemon, &kernfs_number_file, &shared);
}
