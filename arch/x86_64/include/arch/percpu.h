/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Per-CPU access through GS.  GS holds the distance from the template in .data..percpu to this
 * CPU's copy, so `%gs:variable(%rip)` is this CPU's variable in one instruction, which no
 * interrupt and no migration can tear.
 */
#ifndef ARCH_PERCPU_H
#define ARCH_PERCPU_H

#include <oshit/types.h>

#define ARCH_PERCPU_SECTION ".data..percpu"

extern unsigned long this_cpu_off;

#define arch_this_cpu_read(var)                                                        \
	({                                                                             \
		__typeof__(var) __pc_value;                                            \
		__asm__ __volatile__("mov %%gs:%1, %0" : "=r"(__pc_value) : "m"(var)); \
		__pc_value;                                                            \
	})

#define arch_this_cpu_write(var, value)                                                \
	do {                                                                           \
		__typeof__(var) __pc_value = (value);                                  \
		__asm__ __volatile__("mov %1, %%gs:%0" : "=m"(var) : "r"(__pc_value)); \
	} while (0)

/* @constraint admits the constants that an instruction of this size can hold. */
#define __pc_insn(insn, constraint, var, value) \
	__asm__ __volatile__(insn " %1, %%gs:%0" : "+m"(var) : constraint(value) : "cc")

#define __pc_op(insn, var, value)                                   \
	do {                                                        \
		__typeof__(var) __pc_value = (value);               \
		switch (sizeof(var)) {                              \
		case 1:                                             \
			__pc_insn(insn "b", "qi", var, __pc_value); \
			break;                                      \
		case 2:                                             \
			__pc_insn(insn "w", "ri", var, __pc_value); \
			break;                                      \
		case 4:                                             \
			__pc_insn(insn "l", "ri", var, __pc_value); \
			break;                                      \
		default:                                            \
			__pc_insn(insn "q", "re", var, __pc_value); \
		}                                                   \
	} while (0)

#define arch_this_cpu_add(var, value) __pc_op("add", var, value)
#define arch_this_cpu_or(var, value)  __pc_op("or", var, value)
#define arch_this_cpu_and(var, value) __pc_op("and", var, value)

/* Whether @var, a bool, is set. */
#define arch_this_cpu_test(var)                                                           \
	({                                                                                \
		bool __pc_set;                                                            \
		__asm__ __volatile__("cmpb $0, %%gs:%1" : "=@ccne"(__pc_set) : "m"(var)); \
		__pc_set;                                                                 \
	})

/* Whether any of @bits is set in @var, an unsigned int. */
#define arch_this_cpu_test_bits(var, bits)                    \
	({                                                    \
		bool __pc_set;                                \
		__asm__ __volatile__("testl %2, %%gs:%1"      \
				     : "=@ccnz"(__pc_set)     \
				     : "m"(var), "ri"(bits)); \
		__pc_set;                                     \
	})

/* Subtracts @value from @var, an unsigned int: whether 0 is left. */
#define arch_this_cpu_sub_and_test(var, value)                          \
	({                                                              \
		bool __pc_is_zero;                                      \
		__asm__ __volatile__("subl %2, %%gs:%1"                 \
				     : "=@ccz"(__pc_is_zero), "+m"(var) \
				     : "ri"(value));                    \
		__pc_is_zero;                                           \
	})

/* Adds and returns the sum. */
#define arch_this_cpu_add_return(var, value)                                                   \
	({                                                                                     \
		__typeof__(var) __pc_add = (value), __pc_old = __pc_add;                       \
		__asm__ __volatile__("xadd %0, %%gs:%1" : "+r"(__pc_old), "+m"(var) : : "cc"); \
		__pc_old + __pc_add;                                                           \
	})

#define arch_this_cpu_offset() arch_this_cpu_read(this_cpu_off)

#endif
