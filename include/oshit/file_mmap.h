/* SPDX-License-Identifier: GPL-2.0-only */
/* The file system's side of mappings: see struct mmap_file_ops in <oshit/mm.h>. */
#ifndef OSHIT_FILE_MMAP_H
#define OSHIT_FILE_MMAP_H

#include <oshit/types.h>

struct vm_area;

extern const struct mmap_file_ops file_mmap_ops;

/* Whether the caller may know which pages of the area's file are in memory. */
bool file_may_mincore(const struct vm_area *area);

#endif
