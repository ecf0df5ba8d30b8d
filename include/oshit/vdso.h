/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The vDSO: the library that the kernel maps into each address space, and whose data tells the
 * process id.  The theory stands at the head of mm/vdso.c.
 */
#ifndef OSHIT_VDSO_H
#define OSHIT_VDSO_H

#include <oshit/spinlock.h>
#include <oshit/types.h>

struct mm_struct;
struct page;

#ifdef CONFIG_VDSO
struct mm_vdso { /* v: ->lock   o: written while one task alone knows the address space */
	spinlock_t lock; /* innermost */
	int tgid; /* o  the process that the address space was made for */
	unsigned int nr_others; /* v  tasks of other processes that run in it, too */
	struct page *page; /* v  struct vdso_process; NULL: nobody has looked at it */
	unsigned long address; /* o  of the ELF header; 0: not mapped; mremap() changes it */
};

void vdso_mm_init(struct mm_struct *mm);
/* Nobody uses the address space any more. */
void vdso_mm_free(struct mm_struct *mm);

/* The address space belongs to process @tgid, whose first task will be alone in it. */
void vdso_set_owner(struct mm_struct *mm, int tgid);
/* A task of process @tgid will run in the address space; called before it does. Task. */
void vdso_enter(struct mm_struct *mm, int tgid);
/* It has run there for the last time. Task. */
void vdso_leave(struct mm_struct *mm, int tgid);

/**
 * vdso_map() - map the vDSO into the address space of a new program
 * @random: where; the same for the same number
 * Context: task; takes mmap_lock for writing. Return: 0 or -ENOMEM.
 */
int vdso_map(struct mm_struct *mm, u64 random);
/* Where it was mapped, for AT_SYSINFO_EHDR. */
unsigned long vdso_address(const struct mm_struct *mm);
#else
struct mm_vdso {};

static inline void vdso_mm_init(struct mm_struct *mm) {}
static inline void vdso_mm_free(struct mm_struct *mm) {}
static inline void vdso_set_owner(struct mm_struct *mm, int tgid) {}
static inline void vdso_enter(struct mm_struct *mm, int tgid) {}
static inline void vdso_leave(struct mm_struct *mm, int tgid) {}
static inline int vdso_map(struct mm_struct *mm, u64 random)
{
	return 0;
}
static inline unsigned long vdso_address(const struct mm_struct *mm)
{
	return 0;
}
#endif

#endif
