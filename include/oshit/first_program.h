/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef OSHIT_FIRST_PROGRAM_H
#define OSHIT_FIRST_PROGRAM_H

/* If the root file system has a program for process 1, the caller, a kernel thread, becomes it and
 * does not return; else returns. */
void first_program_start(void);

#endif
