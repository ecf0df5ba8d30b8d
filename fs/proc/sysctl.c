/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Settings: /proc/sys/{kernel,vm,fs}, each a file of one line.  A setting is a number with bounds,
 * a name of the host, or a text that is made.  What cannot be changed here has no right to write.
 */
#include <linux/capability.h>
#include <linux/errno.h>
#include <oshit/banner.h>
#include <oshit/bdev.h>
#include <oshit/cred.h>
#include <oshit/dcache.h>
#include <oshit/dirty.h>
#include <oshit/files.h>
#include <oshit/init.h>
#include <oshit/kstrtox.h>
#include <oshit/log.h>
#include <oshit/mm.h>
#include <oshit/mmzone.h>
#include <oshit/overcommit.h>
#include <oshit/random.h>
#include <oshit/shrinker.h>
#include <oshit/string.h>
#include <oshit/utsname.h>
#include <oshit/vmscan.h>

#include "internal.h"

/* --- numbers that are what they are --- */

static int constant_show(struct seq_file *m, void *unused __maybe_unused)
{
	seq_printf(m, "%lu\n", *(const unsigned long *)kernfs_data(m));
	return 0;
}

static const struct kernfs_file constant_file = { .show = constant_show };

/* --- names --- */

static int name_show(struct seq_file *m, void *unused __maybe_unused)
{
	size_t offset = (size_t)kernfs_data(m);
	struct new_utsname names;

	utsname_get(&names);
	seq_printf(m, "%s\n", (const char *)&names + offset);
	return 0;
}

/* Up to the end of the line; what is too long is cut. */
static int name_write(const void *data, char *text, size_t len)
{
	size_t offset = (size_t)data;

	len = strcspn(text, "\n");
	if (len > __NEW_UTS_LEN)
		len = __NEW_UTS_LEN;
	return utsname_set(offset == offsetof(struct new_utsname, nodename) ? UTS_HOSTNAME
									    : UTS_DOMAINNAME,
			   text, len);
}

static const struct kernfs_file name_file = { .show = name_show, .write = name_write };

/* --- random numbers --- */

#define UUID_BYTES 16

static void show_uuid(struct seq_file *m, const u8 bytes[UUID_BYTES])
{
	for (int i = 0; i < UUID_BYTES; i++)
		seq_printf(m, i == 4 || i == 6 || i == 8 || i == 10 ? "-%02x" : "%02x", bytes[i]);
	seq_putc(m, '\n');
}

/* Version 4 of RFC 4122. */
static void make_uuid(u8 bytes[UUID_BYTES])
{
	random_bytes(bytes, UUID_BYTES);
	bytes[6] = (bytes[6] & 0x0f) | 0x40;
	bytes[8] = (bytes[8] & 0x3f) | 0x80;
}

static u8 boot_id[UUID_BYTES]; /* constant after boot */

static int boot_id_show(struct seq_file *m, void *unused __maybe_unused)
{
	show_uuid(m, boot_id);
	return 0;
}

static int uuid_show(struct seq_file *m, void *unused __maybe_unused)
{
	u8 bytes[UUID_BYTES];

	make_uuid(bytes);
	show_uuid(m, bytes);
	return 0;
}

static const struct kernfs_file boot_id_file = { .show = boot_id_show };
static const struct kernfs_file uuid_file = { .show = uuid_show };

/* --- texts --- */

static int printk_show(struct seq_file *m, void *unused __maybe_unused)
{
	seq_printf(m, "%d\t4\t1\t7\n", READ_ONCE(console_loglevel));
	return 0;
}

/* The first of four numbers is the one that there is. */
static int printk_write(const void *data __maybe_unused, char *text, size_t len __maybe_unused)
{
	unsigned long level;

	text[strcspn(text, " \t\n")] = '\0';
	if (kstrtoul(text, 10, &level) || level > LOG_DEBUG + 1)
		return -EINVAL;
	WRITE_ONCE(console_loglevel, (enum log_level)level);
	return 0;
}

static const struct kernfs_file printk_file = { .show = printk_show, .write = printk_write };

static int file_nr_show(struct seq_file *m, void *unused __maybe_unused)
{
	struct file_counts counts;

	file_counts_get(&counts);
	seq_printf(m, "%lu\t0\t%lu\n", counts.nr_files, counts.max);
	return 0;
}

static int file_max_show(struct seq_file *m, void *unused __maybe_unused)
{
	struct file_counts counts;

	file_counts_get(&counts);
	seq_printf(m, "%lu\n", counts.max);
	return 0;
}

static int dentry_state_show(struct seq_file *m, void *unused __maybe_unused)
{
	struct dcache_counts counts;

	dcache_counts_get(&counts);
	seq_printf(m, "%lu\t%lu\t45\t0\t0\t0\n", counts.nr_dentries, counts.nr_unused);
	return 0;
}

static const struct kernfs_file file_nr_file = { .show = file_nr_show };
static const struct kernfs_file file_max_file = { .show = file_max_show };
static const struct kernfs_file dentry_state_file = { .show = dentry_state_show };

static int min_free_show(struct seq_file *m, void *unused __maybe_unused)
{
	const struct zone *zone;
	unsigned long nr = 0;

	for_each_zone(zone) nr += READ_ONCE(zone->watermarks[WMARK_MIN]);
	seq_printf(m, "%lu\n", nr * (PAGE_SIZE / 1024));
	return 0;
}

static int min_free_write(const void *data __maybe_unused, char *text, size_t len __maybe_unused)
{
	unsigned long kib;

	if (kstrtoul(strim(text), 10, &kib) || page_alloc_set_min_free(kib))
		return -EINVAL;
	return 0;
}

static const struct kernfs_file min_free_file = { .show = min_free_show, .write = min_free_write };

/* 1 forgets pages of files that could be read again; 2 what shrinkers have. */
static int drop_caches_write(const void *data __maybe_unused, char *text, size_t len __maybe_unused)
{
	unsigned long what;

	if (kstrtoul(strim(text), 10, &what) || what < 1 || what > 4)
		return -EINVAL;
	if (what & 1)
		bdev_drop_caches();
	while (what & 2 && shrink_caches(GFP_KERNEL, 1024))
		cond_resched();
	return 0;
}

static int drop_caches_show(struct seq_file *m, void *unused __maybe_unused)
{
	seq_puts(m, "0\n");
	return 0;
}

static const struct kernfs_file drop_caches_file = {
	.show = drop_caches_show,
	.write = drop_caches_write,
};

/* --- the tree --- */

static const struct kernfs_number pids = { .value = &pid_max, .max = PID_MAX, .min = PID_MAX_MIN };
static const unsigned long threads_max = PID_MAX, groups_max = NR_GROUPS_MAX,
			   last_cap = CAP_LAST_CAP, overflow_id = 65534, randomize_va_space = 2,
			   tainted, map_count_max = MAX_MAP_COUNT, mmap_min_addr = MMAP_MIN_ADDR,
			   open_max = NR_OPEN_MAX, entropy_bits = 256;

static __init void add_constant(const char *name, struct kernfs_node *dir,
				const unsigned long *value)
{
	kernfs_create(name, 0444, dir, &constant_file, value);
}

static __init void add_name(const char *name, unsigned int mode, struct kernfs_node *dir,
			    size_t offset)
{
	kernfs_create(name, mode, dir, &name_file, (const void *)offset);
}

static __init void add_kernel(struct kernfs_node *dir)
{
	struct kernfs_node *random = kernfs_mkdir("random", dir);

	add_name("hostname", 0644, dir, offsetof(struct new_utsname, nodename));
	add_name("domainname", 0644, dir, offsetof(struct new_utsname, domainname));
	add_name("ostype", 0444, dir, offsetof(struct new_utsname, sysname));
	add_name("osrelease", 0444, dir, offsetof(struct new_utsname, release));
	add_name("version", 0444, dir, offsetof(struct new_utsname, version));
	add_name("arch", 0444, dir, offsetof(struct new_utsname, machine));
	kernfs_create("pid_max", 0644, dir, &kernfs_number_file, &pids);
	add_constant("threads-max", dir, &threads_max);
	add_constant("ngroups_max", dir, &groups_max);
	add_constant("cap_last_cap", dir, &last_cap);
	add_constant("overflowuid", dir, &overflow_id);
	add_constant("overflowgid", dir, &overflow_id);
	add_constant("randomize_va_space", dir, &randomize_va_space);
	add_constant("tainted", dir, &tainted);
	kernfs_create("printk", 0644, dir, &printk_file, NULL);
	make_uuid(boot_id);
	kernfs_create("boot_id", 0444, random, &boot_id_file, NULL);
	kernfs_create("uuid", 0444, random, &uuid_file, NULL);
	add_constant("entropy_avail", random, &entropy_bits);
	add_constant("poolsize", random, &entropy_bits);
}

#ifdef CONFIG_OVERCOMMIT
static __init void add_overcommit(struct kernfs_node *dir)
{
	static const struct kernfs_number memory = { .value = &overcommit_memory,
						     .max = OVERCOMMIT_NEVER };
	static const struct kernfs_number ratio = { .value = &overcommit_ratio, .max = 0x7fffffff };
	static const struct kernfs_number kbytes = { .value = &overcommit_kbytes,
						     .max = 1UL << 50 };

	kernfs_create("overcommit_memory", 0644, dir, &kernfs_number_file, &memory);
	kernfs_create("overcommit_ratio", 0644, dir, &kernfs_number_file, &ratio);
	kernfs_create("overcommit_kbytes", 0644, dir, &kernfs_number_file, &kbytes);
}
#else
static __init void add_overcommit(struct kernfs_node *dir __maybe_unused)
{
}
#endif

#ifdef CONFIG_RECLAIM
static const struct kernfs_number swappiness = { .value = &vm_swappiness, .max = 200 };

static __init void add_swappiness(struct kernfs_node *dir)
{
	kernfs_create("swappiness", 0644, dir, &kernfs_number_file, &swappiness);
}
#else
static __init void add_swappiness(struct kernfs_node *dir __maybe_unused)
{
}
#endif

/* A number of bytes that is written makes the ratio beside it 0, and the other way round. */
struct dirty_setting {
	unsigned long *value, *other;
	unsigned long max;
};

static int dirty_show(struct seq_file *m, void *unused __maybe_unused)
{
	seq_printf(m, "%lu\n", READ_ONCE(*((const struct dirty_setting *)kernfs_data(m))->value));
	return 0;
}

static int dirty_write(const void *data, char *text, size_t len __maybe_unused)
{
	const struct dirty_setting *setting = data;
	unsigned long value;

	if (kstrtoul(strim(text), 10, &value) || value > setting->max)
		return -EINVAL;
	WRITE_ONCE(*setting->value, value);
	WRITE_ONCE(*setting->other, 0);
	return 0;
}

static const struct kernfs_file dirty_file = { .show = dirty_show, .write = dirty_write };

static __init void add_reclaim(struct kernfs_node *dir)
{
	static const struct dirty_setting ratio = { &dirty_ratio, &dirty_bytes, 100 },
					  bytes = { &dirty_bytes, &dirty_ratio, ~0UL },
					  background_ratio = { &dirty_background_ratio,
							       &dirty_background_bytes, 100 },
					  background_bytes = { &dirty_background_bytes,
							       &dirty_background_ratio, ~0UL };
	static const struct kernfs_number pressure = { .value = &vfs_cache_pressure,
						       .max = 0x7fffffff },
					  writeback = { .value = &dirty_writeback_centisecs,
							.max = 0x7fffffff };

	add_swappiness(dir);
	kernfs_create("vfs_cache_pressure", 0644, dir, &kernfs_number_file, &pressure);
	kernfs_create("dirty_ratio", 0644, dir, &dirty_file, &ratio);
	kernfs_create("dirty_bytes", 0644, dir, &dirty_file, &bytes);
	kernfs_create("dirty_background_ratio", 0644, dir, &dirty_file, &background_ratio);
	kernfs_create("dirty_background_bytes", 0644, dir, &dirty_file, &background_bytes);
	kernfs_create("dirty_writeback_centisecs", 0644, dir, &kernfs_number_file, &writeback);
}

static __init void add_vm(struct kernfs_node *dir)
{
	add_overcommit(dir);
	add_reclaim(dir);
	add_constant("max_map_count", dir, &map_count_max);
	add_constant("mmap_min_addr", dir, &mmap_min_addr);
	kernfs_create("min_free_kbytes", 0644, dir, &min_free_file, NULL);
	kernfs_create("drop_caches", 0200, dir, &drop_caches_file, NULL);
}

static __init void add_fs(struct kernfs_node *dir)
{
	kernfs_create("file-nr", 0444, dir, &file_nr_file, NULL);
	kernfs_create("file-max", 0444, dir, &file_max_file, NULL);
	add_constant("nr_open", dir, &open_max);
	kernfs_create("dentry-state", 0444, dir, &dentry_state_file, NULL);
}

__init void proc_sysctl_init(void)
{
	struct kernfs_node *sys = kernfs_mkdir("sys", &proc_root);

	sys->modes_bind = true;
	add_kernel(kernfs_mkdir("kernel", sys));
	add_vm(kernfs_mkdir("vm", sys));
	add_fs(kernfs_mkdir("fs", sys));
}
