/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Both libraries in one file: the kernel's functions as oshit_*(), the C library's under their own
 * names.  To be included before any header of the C library.
 */
#ifndef HOST_ORACLE_H
#define HOST_ORACLE_H

#include "rename.h"

#include <oshit/printf.h>
#include <oshit/string.h>

#undef memchr
#undef memcmp
#undef memcpy
#undef memmove
#undef memset
#undef snprintf
#undef strcasecmp
#undef strchr
#undef strchrnul
#undef strcmp
#undef strcspn
#undef strlen
#undef strncasecmp
#undef strncmp
#undef strnlen
#undef strpbrk
#undef strrchr
#undef strsep
#undef strspn
#undef strstr
#undef vsnprintf

#endif
