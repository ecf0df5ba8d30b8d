/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The monitor's `pagecache`: which files have pages in memory, how many, and who maps them.  The
 * kernel may have stopped in the middle of a change, so every structure is copied before it is
 * looked at, and a list that has been walked for too long is given up.
 */
#include <linux/errno.h>
#include <oshit/fs.h>
#include <oshit/monitor.h>
#include <oshit/nofault.h>
#include <oshit/pagecache.h>

#define MAX_SHOWN  100000 /* a list that leads in circles ends here */
#define NAME_SHOWN 40

static void show_string(const char *text)
{
	char copy[NAME_SHOWN];
	size_t len = 0;

	while (len < sizeof(copy) - 1 && !kernel_read_nofault(&copy[len], text + len, 1) &&
	       copy[len])
		len++;
	copy[len] = 0;
	monitor_printf("%s", copy);
}

static void show_owner(const struct address_space *mapping)
{
	struct file_system_type type;
	struct super_block sb;
	struct inode inode;

	if (!mapping->host) {
		monitor_printf("shared memory");
	} else if (kernel_read_nofault(&inode, mapping->host, sizeof(inode)) || !inode.sb) {
		monitor_printf("?");
	} else if (inode.flags & S_SEALABLE) {
		show_string(inode.private);
	} else {
		if (!kernel_read_nofault(&sb, inode.sb, sizeof(sb)) &&
		    !kernel_read_nofault(&type, sb.type, sizeof(type)))
			show_string(type.name);
		monitor_printf(" inode %lu", inode.ino);
	}
}

static void show_mapping(const struct address_space *mapping)
{
	monitor_printf("%8lu %8lu %8u %8d %12lu  ", mapping->pages.nr_pages,
		       mapping->pages.nr_tagged[PAGE_TAG_DIRTY], mapping->nr_areas,
		       atomic_read(&mapping->writable), mapping->size);
	show_owner(mapping);
	monitor_printf("\n");
}

static int monitor_pagecache(int argc, char **argv __maybe_unused)
{
	unsigned long nr = 0, nr_pages = 0, nr_dirty = 0, nr_areas = 0;
	const struct list_head *node = cached_mappings.next;
	struct address_space mapping;

	if (argc != 1)
		return -EINVAL;
	monitor_printf("%8s %8s %8s %8s %12s  %s\n", "PAGES", "DIRTY", "AREAS", "WRITABLE", "SIZE",
		       "FILE");
	for (; node != &cached_mappings && nr < MAX_SHOWN && !monitor_interrupted();
	     node = mapping.cached.next) {
		if (kernel_read_nofault(&mapping, list_entry(node, struct address_space, cached),
					sizeof(mapping))) {
			monitor_printf("the list leads nowhere: 0x%lx\n", (unsigned long)node);
			break;
		}
		show_mapping(&mapping);
		nr++;
		nr_pages += mapping.pages.nr_pages;
		nr_dirty += mapping.pages.nr_tagged[PAGE_TAG_DIRTY];
		nr_areas += mapping.nr_areas;
	}
	monitor_printf("%lu files with %lu pages, %lu KiB, of which %lu dirty; %lu areas\n", nr,
		       nr_pages, nr_pages * (PAGE_SIZE / 1024), nr_dirty, nr_areas);
	return 0;
}
MONITOR_COMMAND(pagecache, "", "pages of files in memory, and who maps them", monitor_pagecache);
