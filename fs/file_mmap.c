/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Mappings of files, from the side of the file: who may map it how, and what keeps it open.  Each
 * area holds a reference to its struct file, so a file that is closed, or removed, stays for its
 * mappings.  The memory side never looks into it.
 */
#include <linux/errno.h>
#include <linux/mman.h>
#include <oshit/file_mmap.h>
#include <oshit/fs.h>
#include <oshit/mm.h>
#include <oshit/pagecache.h>

static void file_area_open(struct vm_area *area)
{
	get_file(area->file);
}

static void file_area_close(struct vm_area *area)
{
	fput(area->file);
}

/* A page becomes dirty, or is written for the first time since it was mapped. */
static int file_page_mkwrite(struct vm_fault *fault)
{
	if (fault->flags & FAULT_FLAG_WRITE)
		inode_touch(file_inode(fault->area->file), TOUCH_MTIME | TOUCH_CTIME);
	set_page_dirty(fault->page);
	return 0;
}

static const struct vm_operations file_vm_ops = {
	.open = file_area_open,
	.close = file_area_close,
	.fault = filemap_fault,
	.page_mkwrite = file_page_mkwrite,
	.fault_around = filemap_fault_around,
};

int generic_file_mmap(struct file *file, struct vm_area *area)
{
	area->ops = &file_vm_ops;
	area->mapping = &file_inode(file)->data;
	touch_atime(&file->path);
	return 0;
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

static int attach_file(struct vm_area *area)
{
	struct file *file = get_file(area->file);
	int err = file->ops->mmap(file, area);

	if (err)
		fput(file);
	return err;
}

const struct mmap_file_ops file_mmap_ops = { .check = check_file, .attach = attach_file };
