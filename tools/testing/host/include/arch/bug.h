/* SPDX-License-Identifier: GPL-2.0-only */
/* An assertion that fails ends a host test. */
#ifndef ARCH_BUG_H
#define ARCH_BUG_H

void host_bug(const char *file, int line) __attribute__((noreturn));

#define arch_bug(bug_flags) ((void)(bug_flags), host_bug(__FILE__, __LINE__))

#endif
