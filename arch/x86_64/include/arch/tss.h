/* SPDX-License-Identifier: GPL-2.0-only */
/* The task state segment, AMD64 manual volume 2, 12.2.5. One a CPU. */
#ifndef ARCH_TSS_H
#define ARCH_TSS_H

#define TSS_RSP0 4 /* offsets in struct tss, for assembly */
#define TSS_RSP2 20

#ifndef __ASSEMBLY__
#include <oshit/percpu.h>
#include <oshit/types.h>

struct tss {
	u32 reserved0;
	u64 rsp[3]; /* 0: stack for entries from user mode; 2: scratch of syscall_entry */
	u64 reserved1;
	u64 ist[7]; /* IST_x selects ist[x - 1] */
	u64 reserved2;
	u16 reserved3;
	u16 io_bitmap; /* offset of the bitmap; past the limit: no ports for users */
} __packed;
static_assert(sizeof(struct tss) == 104, "hardware layout");
static_assert(offsetof(struct tss, rsp[0]) == TSS_RSP0, "as assembly knows it");
static_assert(offsetof(struct tss, rsp[2]) == TSS_RSP2, "as assembly knows it");

DECLARE_PER_CPU(struct tss, cpu_tss);
#endif

#endif
