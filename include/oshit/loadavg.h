/* SPDX-License-Identifier: GPL-2.0-only */
/* How busy the machine has been, and what its tasks do: kernel/loadavg.c. */
#ifndef OSHIT_LOADAVG_H
#define OSHIT_LOADAVG_H

#include <oshit/types.h>

#define LOAD_SHIFT 11 /* loads are in parts of 2^-11; as Linux */

struct task_counts {
	unsigned int nr_tasks; /* that live or wait to be asked for */
	unsigned int nr_running;
	unsigned int nr_blocked; /* sleep and cannot be interrupted */
};

/* Counts them now, one after the other. Task. */
void task_counts_get(struct task_counts *counts);

/* Averages over 1, 5 and 15 minutes of the tasks that run or are blocked. Any context. */
void loadavg_get(unsigned long loads[3]);

/* Boot, when threads run. */
void loadavg_init(void);

#endif
