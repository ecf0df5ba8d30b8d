/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Exception table and the copies that use it.  The entries hold distances, so the table needs no
 * relocation; it is short and searched only after a fault, so the search is linear.
 */
#include <arch/extable.h>
#include <asm/ptrace.h>
#include <linux/errno.h>
#include <oshit/nofault.h>

struct extable_entry {
	s32 insn_rel; /* relative to this field */
	s32 fixup_rel; /* relative to this field */
};

extern const struct extable_entry __start_ex_table[], __stop_ex_table[];

bool extable_fixup(struct pt_regs *regs)
{
	const struct extable_entry *e;

	for (e = __start_ex_table; e < __stop_ex_table; e++) {
		if ((unsigned long)&e->insn_rel + e->insn_rel == regs->rip) {
			regs->rip = (unsigned long)&e->fixup_rel + e->fixup_rel;
			return true;
		}
	}
	return false;
}

int kernel_copy_nofault(void *dst, const void *src, size_t len)
{
	__asm__ __volatile__("1: rep movsb\n"
			     "2:\n" EXTABLE(1b, 2b)
			     : "+D"(dst), "+S"(src), "+c"(len)
			     :
			     : "memory");
	return len ? -EFAULT : 0; /* a fault leaves some */
}
