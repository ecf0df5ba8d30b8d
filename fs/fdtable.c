/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The arrays behind a table of descriptors.  Pure: who uses a table locks it.  fs/file.c puts
 * files into them.
 */
#include <linux/fcntl.h>
#include <oshit/bitmap.h>
#include <oshit/files.h>
#include <oshit/slab.h>
#include <oshit/string.h>
#include <oshit/vmalloc.h>

#include "internal.h"

#define MIN_GROWN_SIZE 256U /* the second size: a page and a bit */

unsigned int fdtable_size_for(unsigned int fd)
{
	if (fd < MIN_GROWN_SIZE)
		return MIN_GROWN_SIZE;
	return 1U << fls64(fd);
}

static size_t bits_bytes(unsigned int size)
{
	return size / BITS_PER_LONG * sizeof(unsigned long);
}

struct fdtable *fdtable_alloc(unsigned int size)
{
	size_t files_bytes = size * sizeof(struct file *);
	struct fdtable *table = vzalloc(sizeof(*table) + files_bytes + 2 * bits_bytes(size));

	if (!table)
		return NULL;
	table->size = size;
	table->files = (struct file **)(table + 1);
	table->open = (unsigned long *)(table->files + size);
	table->close_on_exec = table->open + size / BITS_PER_LONG;
	return table;
}

void fdtable_free(struct fdtable *table)
{
	vfree(table);
}

void fdtable_copy(struct fdtable *to, const struct fdtable *from)
{
	memcpy(to->files, from->files, from->size * sizeof(struct file *));
	memcpy(to->open, from->open, bits_bytes(from->size));
	memcpy(to->close_on_exec, from->close_on_exec, bits_bytes(from->size));
}

unsigned int fdtable_find_free(const struct fdtable *table, unsigned int start)
{
	if (start >= table->size)
		return table->size;
	return find_next_zero_bit(table->open, table->size, start);
}

void fdtable_take(struct fdtable *table, unsigned int fd, unsigned int flags)
{
	__set_bit(fd, table->open);
	if (flags & O_CLOEXEC)
		__set_bit(fd, table->close_on_exec);
	else
		__clear_bit(fd, table->close_on_exec);
}

void fdtable_release(struct fdtable *table, unsigned int fd)
{
	table->files[fd] = NULL;
	__clear_bit(fd, table->open);
	__clear_bit(fd, table->close_on_exec);
}

unsigned int fdtable_used(const struct fdtable *table)
{
	size_t last = find_last_bit(table->open, table->size);

	return last == table->size ? 0 : last + 1;
}
