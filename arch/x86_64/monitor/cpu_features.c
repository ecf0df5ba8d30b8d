/* SPDX-License-Identifier: GPL-2.0-only */
/* What the processor can do, as text. */
#include <arch/cpufeature.h>
#include <oshit/monitor.h>

#include "monitor_x86.h"

#define SCREEN_COLUMNS 80
#define INDENT	       7

/* Prints a name where the line has room, or on the next. Returns the new column. */
static size_t print_name(const char *name, size_t len, size_t column)
{
	if (column + 1 + len >= SCREEN_COLUMNS) {
		monitor_printf("\n%*s", INDENT - 1, "");
		column = INDENT - 1;
	}
	monitor_printf(" %.*s", (int)len, name);
	return column + 1 + len;
}

void monitor_print_cpu_features(void)
{
	size_t column = INDENT - 1, len;
	const char *name;

	monitor_printf("%-*s", INDENT - 1, "flags");
	for (unsigned int feature = 0; feature < NR_FEATURE_WORDS * 32; feature++) {
		len = cpu_has(feature) ? cpu_feature_name(feature, &name) : 0;
		if (len)
			column = print_name(name, len, column);
	}
	monitor_printf("\n");
}
