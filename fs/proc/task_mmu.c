/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * /proc/PID/maps, smaps and smaps_rollup: the areas of a program's memory.
 *
 * The position is an address, so that a reader goes on where he stopped, whatever was mapped or
 * unmapped meanwhile: records are areas, and the next one is the first that ends above the end of
 * the last.  mmap_lock is held for reading while records are written, and the address space itself
 * only as long.
 */
#include <linux/capability.h>
#include <linux/errno.h>
#include <oshit/area_usage.h>
#include <oshit/cred.h>
#include <oshit/err.h>
#include <oshit/math.h>
#include <oshit/mm.h>
#include <oshit/slab.h>
#include <oshit/string.h>
#include <oshit/uio.h>

#include "internal.h"

#define NAME_COLUMN 72 /* where names begin is one behind it; as Linux: 25 + 6 * 8 - 1 */

struct maps_file {
	struct proc_mem mem;
	struct mm_struct *mm; /* from start() to stop(), mmap_lock held; else NULL or ERR_PTR */
};

static void *maps_start(struct seq_file *m, loff_t *pos)
{
	struct maps_file *maps = m->private;

	maps->mm = proc_mem_get(&maps->mem);
	if (IS_ERR_OR_NULL(maps->mm))
		return maps->mm;
	down_read(&maps->mm->mmap_lock);
	return vma_find(&maps->mm->areas, (unsigned long)*pos);
}

static void *maps_next(struct seq_file *m, void *record, loff_t *pos)
{
	struct maps_file *maps = m->private;
	struct vm_area *area = record;

	*pos = (loff_t)area->end;
	return vma_next(&maps->mm->areas, area);
}

static void maps_stop(struct seq_file *m, void *record __maybe_unused)
{
	struct maps_file *maps = m->private;

	if (IS_ERR_OR_NULL(maps->mm))
		return;
	up_read(&maps->mm->mmap_lock);
	mmput(maps->mm);
}

static const char *area_name(const struct mm_struct *mm, struct vm_area *area)
{
	if (area->ops && area->ops->name)
		return area->ops->name(area);
	if (area->start <= mm->brk && area->end >= mm->start_brk)
		return "[heap]";
	if (area->start <= mm->start_stack && area->end >= mm->start_stack)
		return "[stack]";
	return NULL;
}

static void show_area(struct seq_file *m, const struct mm_struct *mm, struct vm_area *area)
{
	const struct inode *inode = area->file ? file_inode(area->file) : NULL;
	u32 dev = inode ? inode->sb->dev : 0;
	const char *name;

	seq_set_width(m, NAME_COLUMN);
	seq_printf(m, "%08lx-%08lx %c%c%c%c %08lx %02x:%02x %lu ", area->start, area->end,
		   area->flags & VM_READ ? 'r' : '-', area->flags & VM_WRITE ? 'w' : '-',
		   area->flags & VM_EXEC ? 'x' : '-', area->flags & VM_SHARED ? 's' : 'p',
		   inode ? area->pgoff << PAGE_SHIFT : 0, MAJOR(dev), MINOR(dev),
		   inode ? (unsigned long)inode->ino : 0);
	if (area->file) {
		seq_pad(m, ' ');
		seq_path(m, &area->file->path, "\n");
	} else {
		name = area_name(mm, area);
		if (name) {
			seq_pad(m, ' ');
			seq_puts(m, name);
		}
	}
	seq_putc(m, '\n');
}

static int maps_show(struct seq_file *m, void *record)
{
	struct maps_file *maps = m->private;

	show_area(m, maps->mm, record);
	return 0;
}

static const struct seq_operations maps_seq_ops = { maps_start, maps_next, maps_stop, maps_show };

static int open_areas(struct inode *inode, struct file *file, const struct seq_operations *ops)
{
	struct maps_file *maps = kzalloc(sizeof(*maps), GFP_KERNEL);
	int err;

	if (!maps)
		return -ENOMEM;
	err = proc_mem_open(&maps->mem, inode) ?: seq_open(file, ops, maps);
	if (err)
		kfree(maps);
	return err;
}

static int areas_release(struct inode *inode, struct file *file)
{
	kfree(((struct seq_file *)file->private)->private);
	return seq_release(inode, file);
}

static int maps_open(struct inode *inode, struct file *file)
{
	return open_areas(inode, file, &maps_seq_ops);
}

const struct file_operations proc_maps_fops = {
	.llseek = seq_lseek,
	.read = seq_read,
	.open = maps_open,
	.release = areas_release,
};

#ifdef CONFIG_PROC_PAGE_MONITOR

/* --- smaps --- */

static void show_size(struct seq_file *m, const char *name, u64 bytes)
{
	seq_printf(m, "%-15s %8lu kB\n", name, (unsigned long)(bytes / 1024));
}

enum usage_of { USAGE_OF_AREA, USAGE_OF_ALL };

static void show_usage(struct seq_file *m, const struct area_usage *usage, enum usage_of what)
{
	show_size(m, "Rss:", usage->resident);
	show_size(m, "Pss:", usage->pss >> PSS_SHIFT);
	show_size(m, "Pss_Dirty:", usage->pss_dirty >> PSS_SHIFT);
	if (what == USAGE_OF_ALL) {
		show_size(m, "Pss_Anon:", usage->pss_anon >> PSS_SHIFT);
		show_size(m, "Pss_File:", usage->pss_file >> PSS_SHIFT);
		show_size(m, "Pss_Shmem:", usage->pss_shmem >> PSS_SHIFT);
	}
	show_size(m, "Shared_Clean:", usage->shared_clean);
	show_size(m, "Shared_Dirty:", usage->shared_dirty);
	show_size(m, "Private_Clean:", usage->private_clean);
	show_size(m, "Private_Dirty:", usage->private_dirty);
	show_size(m, "Referenced:", usage->referenced);
	show_size(m, "Anonymous:", usage->anonymous);
	show_size(m, "LazyFree:", 0);
	show_size(m, "AnonHugePages:", usage->anon_huge);
	show_size(m, "ShmemPmdMapped:", 0);
	show_size(m, "FilePmdMapped:", 0);
	show_size(m, "Shared_Hugetlb:", 0);
	show_size(m, "Private_Hugetlb:", 0);
	show_size(m, "Swap:", usage->swapped);
	show_size(m, "SwapPss:", usage->pss_swap >> PSS_SHIFT);
	show_size(m, "Locked:", usage->pss_locked >> PSS_SHIFT);
}

static void show_flags(struct seq_file *m, unsigned long flags)
{
	static const struct {
		unsigned long flag;
		const char *name;
	} names[] = {
		{ VM_READ, "rd" },	  { VM_WRITE, "wr" },	 { VM_EXEC, "ex" },
		{ VM_SHARED, "sh" },	  { VM_MAYREAD, "mr" },	 { VM_MAYWRITE, "mw" },
		{ VM_MAYEXEC, "me" },	  { VM_SHARED, "ms" },	 { VM_GROWSDOWN, "gd" },
		{ VM_PFNMAP, "pf" },	  { VM_LOCKED, "lo" },	 { VM_SEQ_READ, "sr" },
		{ VM_RAND_READ, "rr" },	  { VM_DONTCOPY, "dc" }, { VM_DONTEXPAND, "de" },
		{ VM_LOCKONFAULT, "lf" }, { VM_ACCOUNT, "ac" },	 { VM_NORESERVE, "nr" },
		{ VM_WIPEONFORK, "wf" },  { VM_DONTDUMP, "dd" }, { VM_HUGEPAGE, "hg" },
		{ VM_NOHUGEPAGE, "nh" },
	};

	seq_puts(m, "VmFlags: ");
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (flags & names[i].flag)
			seq_printf(m, "%s ", names[i].name);
	seq_putc(m, '\n');
}

static int smaps_show(struct seq_file *m, void *record)
{
	struct maps_file *maps = m->private;
	struct area_usage usage = { 0 };
	struct vm_area *area = record;

	area_usage_add(area, &usage);
	show_area(m, maps->mm, area);
	show_size(m, "Size:", area->end - area->start);
	show_size(m, "KernelPageSize:", PAGE_SIZE);
	show_size(m, "MMUPageSize:", PAGE_SIZE);
	show_usage(m, &usage, USAGE_OF_AREA);
	seq_printf(m, "THPeligible:    %d\n", area_may_be_huge(area));
	show_flags(m, area->flags);
	return 0;
}

static const struct seq_operations smaps_seq_ops = { maps_start, maps_next, maps_stop, smaps_show };

static int smaps_open(struct inode *inode, struct file *file)
{
	return open_areas(inode, file, &smaps_seq_ops);
}

const struct file_operations proc_smaps_fops = {
	.llseek = seq_lseek,
	.read = seq_read,
	.open = smaps_open,
	.release = areas_release,
};

/* --- the sum of all --- */

static void *rollup_start(struct seq_file *m, loff_t *pos)
{
	void *first = *pos ? NULL : maps_start(m, pos);

	if (*pos)
		((struct maps_file *)m->private)->mm = NULL;
	return first;
}

static void *rollup_next(struct seq_file *m __maybe_unused, void *record __maybe_unused,
			 loff_t *pos)
{
	++*pos;
	return NULL;
}

static int rollup_show(struct seq_file *m, void *record)
{
	struct maps_file *maps = m->private;
	struct vm_area *first = record, *area;
	struct area_usage usage = { 0 };
	unsigned long end = first->end;

	for_each_vma(area, &maps->mm->areas) {
		area_usage_add(area, &usage);
		end = area->end;
	}
	seq_set_width(m, NAME_COLUMN);
	seq_printf(m, "%08lx-%08lx ---p 00000000 00:00 0 ", first->start, end);
	seq_pad(m, ' ');
	seq_puts(m, "[rollup]\n");
	show_usage(m, &usage, USAGE_OF_ALL);
	return 0;
}

static const struct seq_operations rollup_seq_ops = { rollup_start, rollup_next, maps_stop,
						      rollup_show };

static int rollup_open(struct inode *inode, struct file *file)
{
	return open_areas(inode, file, &rollup_seq_ops);
}

const struct file_operations proc_smaps_rollup_fops = {
	.llseek = seq_lseek,
	.read = seq_read,
	.open = rollup_open,
	.release = areas_release,
};

/* --- pagemap: a word for each page that there can be --- */

#define WORDS_AT_ONCE (PAGE_SIZE / sizeof(u64))

struct pagemap_file {
	struct proc_mem mem;
	bool may_see; /* where pages are: an attacker's help */
};

static int pagemap_open(struct inode *inode, struct file *file)
{
	struct pagemap_file *pagemap = kzalloc(sizeof(*pagemap), GFP_KERNEL);
	int err;

	if (!pagemap)
		return -ENOMEM;
	pagemap->may_see = capable(CAP_SYS_ADMIN);
	err = proc_mem_open(&pagemap->mem, inode);
	if (err)
		kfree(pagemap);
	else
		file->private = pagemap;
	return err;
}

static int pagemap_release(struct inode *inode __maybe_unused, struct file *file)
{
	kfree(file->private);
	return 0;
}

/* Of the pages from @start on, up to @nr. */
static void get_words(struct mm_struct *mm, unsigned long start, size_t nr, u64 *words)
{
	unsigned long end = start + nr * PAGE_SIZE;
	struct vm_area *area;

	memset(words, 0, nr * sizeof(*words));
	down_read(&mm->mmap_lock);
	for (area = vma_find(&mm->areas, start); area && area->start < end;
	     area = vma_next(&mm->areas, area)) {
		unsigned long from = max(area->start, start), to = min(area->end, end);

		area_pagemap(area, from, to, words + (from - start) / PAGE_SIZE);
	}
	up_read(&mm->mmap_lock);
}

static long read_words(struct mm_struct *mm, struct iov_iter *to, loff_t *pos, bool may_see)
{
	unsigned long last = USER_END / PAGE_SIZE, at;
	u64 *words = kmalloc(PAGE_SIZE, GFP_KERNEL);
	long total = 0;

	if (!words)
		return -ENOMEM;
	while (to->count && (at = (unsigned long)*pos / sizeof(u64)) < last) {
		size_t nr = min(to->count / sizeof(u64), WORDS_AT_ONCE), done;

		nr = min(nr, last - at);
		get_words(mm, at * PAGE_SIZE, nr, words);
		for (size_t i = 0; i < nr && !may_see; i++)
			words[i] &= ~PAGEMAP_PLACE;
		done = copy_to_iter(words, nr * sizeof(u64), to);
		total += (long)done;
		*pos += (loff_t)done;
		if (done < nr * sizeof(u64)) {
			total = total ?: -EFAULT;
			break;
		}
		if (signal_pending(current))
			break;
		cond_resched();
	}
	kfree(words);
	return total;
}

static long pagemap_read(struct file *file, struct iov_iter *to, loff_t *pos)
{
	struct pagemap_file *pagemap = file->private;
	struct mm_struct *mm;
	long ret;

	if (*pos < 0 || *pos % (loff_t)sizeof(u64) || to->count % sizeof(u64))
		return -EINVAL;
	mm = proc_mem_get(&pagemap->mem);
	if (IS_ERR_OR_NULL(mm))
		return 0;
	ret = read_words(mm, to, pos, pagemap->may_see);
	mmput(mm);
	return ret;
}

const struct file_operations proc_pagemap_fops = {
	.llseek = noop_llseek,
	.read = pagemap_read,
	.open = pagemap_open,
	.release = pagemap_release,
};

#endif
