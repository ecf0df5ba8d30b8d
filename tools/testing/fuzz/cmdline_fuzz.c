/* SPDX-License-Identifier: GPL-2.0-only */
/* Name and value are strings inside the line, in this order, and each parameter shortens it. */
#include <oshit/cmdline.h>
#include <oshit/string.h>

#include "fuzz.h"

#define LINE_MAX 4096

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	static char line[LINE_MAX];
	struct cmdline_param param;
	char *pos = line, *last = line, *end;

	if (size >= LINE_MAX)
		return 0;
	memcpy(line, data, size);
	line[size] = '\0';
	end = line + strlen(line);
	while (cmdline_next(&pos, &param)) {
		FUZZ_ASSERT(pos > last && pos <= end);
		FUZZ_ASSERT(param.name >= last && param.name + strlen(param.name) <= pos);
		if (param.value)
			FUZZ_ASSERT(param.value > param.name &&
				    param.value + strlen(param.value) <= pos);
		FUZZ_ASSERT(cmdline_name_equal(param.name, param.name));
		last = pos;
	}
	return 0;
}
