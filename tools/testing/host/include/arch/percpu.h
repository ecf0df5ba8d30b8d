/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Per-CPU access of host tests: each thread is on a simulated CPU, whose copy of the template lies
 * `host_cpu_offset` away.  See tools/testing/host/cpus.c.
 */
#ifndef ARCH_PERCPU_H
#define ARCH_PERCPU_H

#include <oshit/types.h>

#define ARCH_PERCPU_SECTION "data_percpu" /* a C name, so that the linker marks its bounds */

extern _Thread_local unsigned long host_cpu_offset;

#define __pc_addr(var)			       ((unsigned long)&(var) + host_cpu_offset)
#define __pc_object(var)		       (*(__typeof__(var) *)__pc_addr(var))

#define arch_this_cpu_read(var)		       READ_ONCE(__pc_object(var))
#define arch_this_cpu_test(var)		       READ_ONCE(__pc_object(var))
#define arch_this_cpu_write(var, value)	       WRITE_ONCE(__pc_object(var), value)
#define arch_this_cpu_add(var, value)	       (__pc_object(var) += (value))
#define arch_this_cpu_or(var, value)	       (__pc_object(var) |= (value))
#define arch_this_cpu_and(var, value)	       (__pc_object(var) &= (value))
#define arch_this_cpu_add_return(var, value)   (__pc_object(var) += (value))
#define arch_this_cpu_test_bits(var, bits)     ((__pc_object(var) & (bits)) != 0)
#define arch_this_cpu_sub_and_test(var, value) ((__pc_object(var) -= (value)) == 0)
#define arch_this_cpu_offset()		       host_cpu_offset

#endif
