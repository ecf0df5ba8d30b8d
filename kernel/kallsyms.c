/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The kernel's own symbols: from address to name and back.
 *
 * The tables are made by scripts/kallsyms.c, whose head describes them: addresses sorted, as
 * offsets from _text; names with the type letter in front, compressed, where each byte stands for
 * a token, a text of one or more characters.  To find name number n: the marker of its group of
 * 256, then over the length bytes of the names before it.
 *
 * A symbol ends where the next larger address begins, so the padding between two functions counts
 * for the first.  From symbols with one address the first is returned; the build has put the best
 * name there.
 *
 * Constant data and no locks, so any context may call: the panic and the monitor do.
 * Left out: a look-up by name is linear, a millisecond for thousands of symbols.
 */
#include <oshit/kallsyms.h>
#include <oshit/math.h>
#include <oshit/string.h>

#define MARKER_STEP 256 /* as in scripts/kallsyms.c */

extern const char _text[], _end[];

extern const u32 kallsyms_count;
extern const u32 kallsyms_offsets[];
extern const u32 kallsyms_markers[];
extern const u8 kallsyms_names[];
extern const u16 kallsyms_token_index[];
extern const char kallsyms_tokens[];

static unsigned long symbol_addr(unsigned int index)
{
	return (unsigned long)_text + kallsyms_offsets[index];
}

/* The compressed name of a symbol: its length byte, then so many bytes. */
static const u8 *compressed_name(unsigned int index)
{
	const u8 *name = kallsyms_names + kallsyms_markers[index / MARKER_STEP];

	for (unsigned int i = index % MARKER_STEP; i; i--)
		name += *name + 1;
	return name;
}

/* Expands one name into @text, type letter first; text that does not fit is cut. */
static void expand_name(const u8 *name, char *text, size_t size)
{
	const char *end = text + size - 1;

	for (unsigned int len = *name++; len; len--) {
		const char *token = kallsyms_tokens + kallsyms_token_index[*name++];

		while (*token && text < end)
			*text++ = *token++;
	}
	*text = 0;
}

/* The number of symbols at or below @offset. */
static unsigned int count_up_to(u32 offset)
{
	unsigned int low = 0, high = kallsyms_count;

	while (low < high) {
		unsigned int mid = low + (high - low) / 2;

		if (kallsyms_offsets[mid] <= offset)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

static void fill_symbol(unsigned int index, struct kallsym *sym)
{
	unsigned int next = count_up_to(kallsyms_offsets[index]);
	unsigned long end = next < kallsyms_count ? symbol_addr(next) : (unsigned long)_end;
	char text[KSYM_NAME_LEN + 1];

	expand_name(compressed_name(index), text, sizeof(text));
	sym->type = text[0];
	strscpy(sym->name, text + 1, sizeof(sym->name));
	sym->start = symbol_addr(index);
	sym->size = end - sym->start;
}

bool kallsyms_lookup(unsigned long addr, struct kallsym *sym)
{
	unsigned int index;

	if (addr < (unsigned long)_text || addr >= (unsigned long)_end)
		return false;
	index = count_up_to(addr - (unsigned long)_text);
	if (!index)
		return false;
	index--;
	while (index && kallsyms_offsets[index - 1] == kallsyms_offsets[index])
		index--;
	fill_symbol(index, sym);
	return true;
}

unsigned long kallsyms_lookup_name(const char *name)
{
	const u8 *compressed = kallsyms_names;
	char text[KSYM_NAME_LEN + 1];

	for (unsigned int i = 0; i < kallsyms_count; i++) {
		expand_name(compressed, text, sizeof(text));
		if (!strcmp(text + 1, name))
			return symbol_addr(i);
		compressed += *compressed + 1;
	}
	return 0;
}

bool kallsyms_get(unsigned int index, struct kallsym *sym)
{
	if (index >= kallsyms_count)
		return false;
	fill_symbol(index, sym);
	return true;
}
