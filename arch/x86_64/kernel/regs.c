/* SPDX-License-Identifier: GPL-2.0-only */
/* Registers as text, for panics and the monitor's trap reports. */
#include <arch/msr.h>
#include <asm/ptrace.h>
#include <oshit/nofault.h>
#include <oshit/printf.h>
#include <oshit/regs.h>

#define CODE_BEFORE 16 /* bytes shown before the instruction pointer */
#define CODE_BYTES  32

/* The byte at RIP stands in angle brackets, as disassemblers of such dumps expect. */
static void show_code(enum log_level level, unsigned long rip)
{
	char line[CODE_BYTES * 5 + 1];
	size_t len = 0;
	unsigned int i;
	u8 byte;

	for (i = 0; i < CODE_BYTES; i++) {
		const char *fmt = i == CODE_BEFORE ? " <%02x>" : " %02x";

		if (kernel_read_nofault(&byte, (void *)(rip - CODE_BEFORE + i), 1))
			len += scnprintf(line + len, sizeof(line) - len, " ??");
		else
			len += scnprintf(line + len, sizeof(line) - len, fmt, byte);
	}
	printk(level, "Code:%s", line);
}

void regs_show(enum log_level level, const struct pt_regs *r)
{
	printk(level, "RIP: %04lx:%pS  EFLAGS: %08lx", r->cs, (void *)r->rip, r->eflags);
	printk(level, "RAX: %016lx RBX: %016lx RCX: %016lx", r->rax, r->rbx, r->rcx);
	printk(level, "RDX: %016lx RSI: %016lx RDI: %016lx", r->rdx, r->rsi, r->rdi);
	printk(level, "RBP: %016lx R8:  %016lx R9:  %016lx", r->rbp, r->r8, r->r9);
	printk(level, "R10: %016lx R11: %016lx R12: %016lx", r->r10, r->r11, r->r12);
	printk(level, "R13: %016lx R14: %016lx R15: %016lx", r->r13, r->r14, r->r15);
	printk(level, "RSP: %04lx:%016lx  CR2: %016lx", r->ss, r->rsp, read_cr2());
	printk(level, "CR0: %016lx CR3: %016lx CR4: %016lx", read_cr0(), read_cr3(), read_cr4());
	show_code(level, r->rip);
}

noinline void regs_capture(struct pt_regs *regs)
{
	/* The caller's frame; its other registers mean nothing any more. */
	unsigned long *frame = __builtin_frame_address(0);

	*regs = (struct pt_regs){
		.rip = (unsigned long)__builtin_return_address(0),
		.rbp = frame[0],
		.rsp = (unsigned long)(frame + 2),
	};
	__asm__ __volatile__("movq %%cs, %0; movq %%ss, %1; pushfq; popq %2"
			     : "=r"(regs->cs), "=r"(regs->ss), "=r"(regs->eflags));
}
