/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * /proc/PID/maps: the areas of a program's memory.
 *
 * The position is an address, so that a reader goes on where he stopped, whatever was mapped or
 * unmapped meanwhile: records are areas, and the next one is the first that ends above the end of
 * the last.  mmap_lock is held for reading while records are written, and the address space itself
 * only as long.
 */
#include <linux/errno.h>
#include <oshit/err.h>
#include <oshit/mm.h>
#include <oshit/slab.h>

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
