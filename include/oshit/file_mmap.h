/* SPDX-License-Identifier: GPL-2.0-only */
/* The file system's side of mappings: see struct mmap_file_ops in <oshit/mm.h>. */
#ifndef OSHIT_FILE_MMAP_H
#define OSHIT_FILE_MMAP_H

extern const struct mmap_file_ops file_mmap_ops;

#endif
