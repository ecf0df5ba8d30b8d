/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The way in which a test run tells its result to the machine that emulates it: QEMU's
 * isa-debug-exit ends the emulator with status (code << 1) | 1.  The device cannot be probed, so
 * it is used only if the command line says where it is: `debug_exit=0xf4`.
 */
#ifndef OSHIT_DEBUG_EXIT_H
#define OSHIT_DEBUG_EXIT_H

#include <oshit/types.h>

enum debug_exit_code {
	DEBUG_EXIT_PASS = 0x10, /* the emulator's status is 33 */
	DEBUG_EXIT_FAIL = 0x11, /* 35 */
	DEBUG_EXIT_PANIC = 0x12, /* 37 */
};

#ifdef CONFIG_DEBUG_EXIT
/* Ends the machine. Returns if there is no such device. Any context, panic included. */
void debug_exit(enum debug_exit_code code);
#else
static inline void debug_exit(enum debug_exit_code code __maybe_unused)
{
}
#endif

#endif
