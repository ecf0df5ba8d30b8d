/* SPDX-License-Identifier: GPL-2.0-only */
/* Symbols of assembly files: type and size make them visible to kallsyms and to backtraces. */
#ifndef ARCH_LINKAGE_H
#define ARCH_LINKAGE_H

#ifdef __ASSEMBLY__
/* clang-format off */
#define FUNC(name)		.globl name; .hidden name; .type name, @function; .p2align 4; name:
#define LOCAL_FUNC(name)	.type name, @function; .p2align 4; name:
#define END_FUNC(name)		.size name, . - name
#define OBJECT(name)		.globl name; .hidden name; .type name, @object; name:
#define END_OBJECT(name)	.size name, . - name
/* clang-format on */
#endif

#endif
