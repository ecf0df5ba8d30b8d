/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What per-CPU access rests on: where each CPU's copy of .data..percpu is, as its distance from the
 * template that the linker laid out, and in each copy its own distance and its CPU's number.
 * All are written while a CPU is brought up and constant from then on.
 */
#include <oshit/init.h>
#include <oshit/percpu.h>

unsigned long percpu_offset[NR_CPUS] __ro_after_init;
DEFINE_PER_CPU(unsigned int, cpu_number);
unsigned long this_cpu_off __section(".data..percpu");
