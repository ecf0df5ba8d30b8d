/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Mappings of files, from the side of the file: who may map it how, and what keeps it open.  Each
 * area holds a reference to its struct file, so a file that is closed, or removed, stays for its
 * mappings.  The memory side never looks into it.
 */
#include <linux/errno.h>
#include <linux/falloc.h>
#include <linux/mman.h>
#include <oshit/file_mmap.h>
#include <oshit/fs.h>
#include <oshit/memfd.h>
#include <oshit/mm.h>
#include <oshit/pagecache.h>

static bool may_write(const struct vm_area *area)
{
	return (area->flags & (VM_SHARED | VM_MAYWRITE)) == (VM_SHARED | VM_MAYWRITE);
}

static void file_area_open(struct vm_area *area)
{
	get_file(area->file);
	/* There is one already, so nobody has denied it. */
	if (may_write(area))
		mapping_map_writable(area->mapping);
}

static void file_area_close(struct vm_area *area)
{
	if (may_write(area))
		mapping_unmap_writable(area->mapping);
	fput(area->file);
}

static const char *file_area_name(struct vm_area *area)
{
	const struct inode *inode = file_inode(area->file);

	return inode->flags & S_SEALABLE ? inode->private : NULL;
}

/* A page becomes dirty, or is written for the first time since it was mapped. */
static int file_page_mkwrite(struct vm_fault *fault)
{
	if (fault->flags & FAULT_FLAG_WRITE)
		inode_touch(file_inode(fault->area->file), TOUCH_MTIME | TOUCH_CTIME);
	set_page_dirty(fault->page);
	return 0;
}

/* Rights and seals are those of a descriptor that the mapping was made of. */
static int file_punch_hole(struct vm_area *area, unsigned long start, unsigned long end)
{
	loff_t offset = (loff_t)(vma_pgoff_at(area, start) << PAGE_SHIFT);
	struct file *file = get_file(area->file);
	int err = -EOPNOTSUPP;

	up_read(&area->mm->mmap_lock);
	if (file->ops->fallocate)
		err = file->ops->fallocate(file, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, offset,
					   (loff_t)(end - start));
	fput(file);
	return err;
}

static const struct vm_operations file_vm_ops = {
	.open = file_area_open,
	.close = file_area_close,
	.fault = filemap_fault,
	.page_mkwrite = file_page_mkwrite,
	.fault_around = filemap_fault_around,
	.punch_hole = file_punch_hole,
	.name = file_area_name,
};

/* A file sealed against writing may be shared by who does not write, now and later. */
static int check_seals(const struct inode *inode, struct vm_area *area)
{
	if (!(inode_seals(inode) & SEALS_AGAINST_WRITING) || !(area->flags & VM_SHARED))
		return 0;
	if (area->flags & VM_WRITE)
		return -EPERM;
	area->flags &= ~VM_MAYWRITE;
	return 0;
}

int file_mmap_mapping(struct file *file, struct vm_area *area, struct address_space *mapping)
{
	int err = may_write(area) ? mapping_map_writable(mapping) : 0;

	if (err)
		return err;
	area->ops = &file_vm_ops;
	area->mapping = mapping;
	file_accessed(file);
	return 0;
}

int generic_file_mmap(struct file *file, struct vm_area *area)
{
	int err = check_seals(file_inode(file), area);

	return err ?: file_mmap_mapping(file, area, &file_inode(file)->data);
}

static int check_file(struct file *file, unsigned long *flags)
{
	if (!(file->mode & FMODE_READ))
		return -EACCES;
	if (!(file->mode & FMODE_WRITE)) {
		if ((*flags & (VM_SHARED | VM_WRITE)) == (VM_SHARED | VM_WRITE))
			return -EACCES;
		if (*flags & VM_SHARED)
			*flags &= ~VM_MAYWRITE;
	}
	if (READ_ONCE(file->path.mnt->flags) & MNT_NOEXEC) {
		if (*flags & VM_EXEC)
			return -EPERM;
		*flags &= ~VM_MAYEXEC;
	}
	return file->ops->mmap ? 0 : -ENODEV;
}

bool file_may_mincore(const struct vm_area *area)
{
	const struct inode *inode = area->file ? file_inode(area->file) : NULL;

	return !inode || inode_owner_or_capable(inode) || !inode_permission(inode, MAY_WRITE);
}

static int attach_file(struct vm_area *area)
{
	struct file *file = get_file(area->file);
	int err = file->ops->mmap(file, area);

	if (err)
		fput(file);
	return err;
}

const struct mmap_file_ops file_mmap_ops = { .check = check_file, .attach = attach_file };
