/* SPDX-License-Identifier: GPL-2.0-only */
/* What the kernel calls itself, in the log and in uname(2). */
#ifndef OSHIT_BANNER_H
#define OSHIT_BANNER_H

extern const char kernel_release[]; /* "6.1.0-oshit": programs compare it with Linux's numbers */
extern const char kernel_compiler[]; /* compiler and linker */
extern const char kernel_banner[]; /* one line for the log */

#endif
