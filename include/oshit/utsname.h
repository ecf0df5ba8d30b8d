/* SPDX-License-Identifier: GPL-2.0-only */
/* What uname(2) says: kernel/sys.c. Context: task, may sleep. */
#ifndef OSHIT_UTSNAME_H
#define OSHIT_UTSNAME_H

#include <linux/utsname.h>
#include <oshit/types.h>

void utsname_get(struct new_utsname *names);

enum uts_name { UTS_HOSTNAME, UTS_DOMAINNAME };
/* What sethostname() and setdomainname() do, without their checks. -EINVAL: too long. */
int utsname_set(enum uts_name which, const char *name, size_t len);

#endif
