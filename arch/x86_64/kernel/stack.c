/* SPDX-License-Identifier: GPL-2.0-only */
/* The boot CPU's stacks, and changes of the stack. */
#include <arch/boot_stacks.h>
#include <arch/stack.h>
#include <oshit/math.h>

struct boot_stacks boot_stacks __aligned(PAGE_SIZE) __section(".bss..page_aligned");

static bool is_on(const char *stack, size_t size, unsigned long addr)
{
	unsigned long start = (unsigned long)stack;

	return addr >= start - PAGE_SIZE && addr < start + size;
}

bool arch_find_boot_stack(unsigned long addr, struct stack_bounds *bounds)
{
	static const char *const names[NR_IST] = {
		[IST_NMI - 1] = "NMI stack of the boot CPU",
		[IST_DOUBLE_FAULT - 1] = "double fault stack of the boot CPU",
		[IST_MACHINE_CHECK - 1] = "machine check stack of the boot CPU",
		[IST_DEBUG - 1] = "debug stack of the boot CPU",
	};
	const char *stack = boot_stacks.stack;
	size_t size = KERNEL_STACK_SIZE;
	bool found = is_on(stack, size, addr);

	bounds->name = "boot stack";
	for (unsigned int i = 0; i < NR_IST && !found; i++) {
		stack = boot_stacks.ist[i].stack;
		size = IST_STACK_SIZE;
		bounds->name = names[i];
		found = is_on(stack, size, addr);
	}
	bounds->caller = NULL;
	bounds->start = (unsigned long)stack;
	bounds->end = bounds->start + size;
	return found;
}

noinline void arch_call_on_stack(void (*fn)(void *arg), void *arg, void *stack_end)
{
	__asm__ __volatile__("movq %%rsp, %%rbx\n\t"
			     "movq %[stack], %%rsp\n\t"
			     "call *%[fn]\n\t"
			     "movq %%rbx, %%rsp"
			     : "+D"(arg)
			     : [fn] "r"(fn), [stack] "r"(stack_end)
			     : "rax", "rbx", "rcx", "rdx", "rsi", "r8", "r9", "r10", "r11",
			       "memory", "cc");
}
