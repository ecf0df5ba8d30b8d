/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Numbers of the system calls that Linux has not.  They start at 1024, far above Linux's, and are
 * shared with user space: <oshit.h> in usr/include is the library's side.
 */
#ifndef OSHIT_OWN_CALLS_H
#define OSHIT_OWN_CALLS_H

#define __NR_oshit_first  1024
#define __NR_core_disable 1024
#define __NR_core_enable  1025
#define __NR_enter_monitor 1026

#endif
