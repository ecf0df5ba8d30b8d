/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the vDSO reads, in the pages before its ELF header:
 *
 *	-2	struct clock_page	the same for all
 *	-1	struct vdso_process	each address space has its own
 */
#ifndef OSHIT_VDSO_DATA_H
#define OSHIT_VDSO_DATA_H

#define VDSO_DATA_PAGES	   2
#define VDSO_PROCESS_PAGE  1

#ifndef LINKER_SCRIPT
struct vdso_process {
	int tgid; /* of all tasks in this address space; 0: ask the kernel */
};
#endif

#endif
