/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef MONITOR_X86_H
#define MONITOR_X86_H

/* Prints what CPUID says the processor can do, by name. */
void monitor_print_cpu_features(void);

#endif
