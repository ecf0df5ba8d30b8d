/* SPDX-License-Identifier: GPL-2.0-only */
/* The log of a host test: a line on the standard output, so that it shows if a test fails. */
#include "oracle.h"

#include <stdarg.h>
#include <stdio.h>

#include <oshit/printk.h>

void printk(enum log_level level, const char *fmt, ...)
{
	char line[1024];
	va_list args;
	int len;

	va_start(args, fmt);
	len = vscnprintf(line, sizeof(line), fmt, args);
	va_end(args);
	if (len && line[len - 1] == '\n')
		line[len - 1] = '\0';
	printf("<%d> %s\n", level, line);
}
