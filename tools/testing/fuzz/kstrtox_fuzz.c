/* SPDX-License-Identifier: GPL-2.0-only */
/* What is accepted prints back to the same number; what is refused leaves the result alone. */
#include <oshit/kstrtox.h>
#include <oshit/printf.h>
#include <oshit/string.h>

#include "fuzz.h"

#define TEXT_MAX 128
#define MARK	 0x5a5a5a5a5a5a5a5aUL

static void check_ulong(const char *text, unsigned int base)
{
	unsigned long value = MARK, again;
	char printed[32];
	long l = 0;

	if (kstrtoul(text, base, &value)) {
		FUZZ_ASSERT(value == MARK);
		return;
	}
	snprintf(printed, sizeof(printed), "%lu", value);
	FUZZ_ASSERT(!kstrtoul(printed, 10, &again) && again == value);
	if (!kstrtol(text, base, &l))
		FUZZ_ASSERT(l >= 0 && (unsigned long)l == value);
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	char text[TEXT_MAX];
	const char *end;
	bool yes;
	u64 bytes;

	if (size >= TEXT_MAX)
		return 0;
	memcpy(text, data, size);
	text[size] = '\0';
	check_ulong(text, 0);
	check_ulong(text, 10);
	check_ulong(text, 16);
	if (!memparse(text, &end, &bytes))
		FUZZ_ASSERT(end > text && end <= text + strlen(text));
	if (!kstrtobool(text, &yes))
		FUZZ_ASSERT(strlen(text) <= 6);
	return 0;
}
