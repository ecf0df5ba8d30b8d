/* SPDX-License-Identifier: GPL-2.0-only */
/* The numbers behind count_fault(): each CPU adds to its own, who reads them adds all up. */
#include <oshit/fault_count.h>

DEFINE_PER_CPU(unsigned long[NR_FAULT_KINDS], fault_counts);
