/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Keeps the kernel's functions apart from the C library's of the same name.  Included before each
 * kernel file and each test that is built for the host, so that both sides agree; files that use
 * the C library itself (the runner, the oracle tests) do not see it, or undo it by <oracle.h>.
 */
#ifndef HOST_RENAME_H
#define HOST_RENAME_H

#define memchr	    oshit_memchr
#define memcmp	    oshit_memcmp
#define memcpy	    oshit_memcpy
#define memmove	    oshit_memmove
#define memset	    oshit_memset
#define snprintf    oshit_snprintf
#define strcasecmp  oshit_strcasecmp
#define strchr	    oshit_strchr
#define strchrnul   oshit_strchrnul
#define strcmp	    oshit_strcmp
#define strcspn	    oshit_strcspn
#define strlen	    oshit_strlen
#define strncasecmp oshit_strncasecmp
#define strncmp	    oshit_strncmp
#define strnlen	    oshit_strnlen
#define strpbrk	    oshit_strpbrk
#define strrchr	    oshit_strrchr
#define strsep	    oshit_strsep
#define strspn	    oshit_strspn
#define strstr	    oshit_strstr
#define vsnprintf   oshit_vsnprintf

#endif
